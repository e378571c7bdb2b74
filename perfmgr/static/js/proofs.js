// Files that show what an indicator reached: uploading one beside the line it belongs to, and more rows for more files.
// Without this module the files are uploaded on a page of their own and chosen here afterwards.

import { say } from "./language.js";

const blank = (row) => [...row.querySelectorAll("select, input")].every((control) => !control.value);

function addRow(box) {
  const rows = [...box.querySelectorAll("[data-proof]")];
  const last = rows[rows.length - 1];
  const row = last.cloneNode(true);
  const anew = (text) => text.replace(/-proofs-\d+-/, `-proofs-${rows.length}-`);
  for (const control of row.querySelectorAll("select, input")) {
    control.name = anew(control.name);
    control.id = anew(control.id);
    control.value = "";
    control.classList.remove("is-invalid");
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
    // "Line 3, file 2": the last number but that of the line.
    const label = control.getAttribute("aria-label").replace(/(\d+)(\D*)$/, `${rows.length + 1}$2`);
    control.setAttribute("aria-label", label);
  }
  for (const message of row.querySelectorAll(".field-error")) message.remove();
  last.after(row);
  return row;
}

const freeRow = (box) => [...box.querySelectorAll("[data-proof]")].find(blank) ?? addRow(box);

function offer(form, { id, name, pages }) {
  const text = pages ? say(`${name}（${pages} 页）`, `${name} (${pages} pages)`) : name;
  for (const select of form.querySelectorAll("[data-proof] select")) select.append(new Option(text, String(id)));
}

async function send(form, file) {
  const data = new FormData();
  data.append("csrf_token", form.elements.csrf_token.value);
  data.append("kind", "evidence");
  data.append("files", file);
  const answer = await fetch(form.dataset.proofFiles, { method: "POST", body: data, headers: { Accept: "application/json" } });
  if (answer.status === 401) {
    return { problems: [say("登录已失效，文件没有保存。请在另一个标签页登录后再试，本页填写的内容还在。", "Your session has ended; the file was not saved. Sign in in another tab and try again; what you typed here is still here.")] };
  }
  const said = await answer.json();
  return said.problems ? said : { problems: [said.message] };
}

async function upload(form, box, input) {
  const state = box.querySelector("[data-proof-said]");
  const problems = [];
  const files = [...input.files];
  input.value = "";
  for (const file of files) {
    if (file.size > Number(input.dataset.mostBytes)) {
      problems.push(say(`“${file.name}”超过大小上限，请压缩或拆分后再上传。`, `“${file.name}” is larger than the limit; compress or split it.`));
      continue;
    }
    state.textContent = say(`正在上传“${file.name}”…`, `Uploading “${file.name}”…`);
    try {
      const said = await send(form, file);
      problems.push(...(said.problems ?? []));
      for (const added of said.files ?? []) {
        offer(form, added);
        const row = freeRow(box);
        row.querySelector("select").value = String(added.id);
        row.querySelector("input").focus();
        form.dispatchEvent(new Event("input", { bubbles: true }));
      }
    } catch {
      problems.push(say("网络中断，文件没有保存，恢复后请重试。", "The connection was lost; the file was not saved. Try again when the network is back."));
    }
  }
  state.classList.toggle("field-error", problems.length > 0);
  state.textContent = problems.join(" ") || say("已上传，请填写页码。", "Uploaded. Enter the pages.");
}

export function bindProofs() {
  const form = document.querySelector("form[data-proof-files]");
  if (!form) return;
  for (const box of form.querySelectorAll("[data-proofs]")) {
    box.querySelector("[data-proof-tools]").hidden = false;
    box.querySelector("[data-proof-more]").addEventListener("click", () => freeRow(box).querySelector("select").focus());
    box.querySelector("[data-proof-upload]").addEventListener("change", (event) => upload(form, box, event.target));
  }
}
