// Files that show what an indicator reached: uploading one beside the line it belongs to, more rows for more files, and taking one out.
// Without this module the files are uploaded on a page of their own and chosen here afterwards.

import { say } from "./language.js";

const blank = (row) => [...row.querySelectorAll("select, input")].every((control) => !control.value);

const rowsOf = (box) => [...box.querySelectorAll("[data-proof]")];

function empty(row) {
  for (const control of row.querySelectorAll("select, input")) {
    control.value = "";
    control.classList.remove("is-invalid");
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  }
  for (const message of row.querySelectorAll(".field-error")) message.remove();
}

// Names, ids and labels by the place of each row, so that no two rows are the same after one was taken out.
function number(box) {
  rowsOf(box).forEach((row, index) => {
    const anew = (text) => text.replace(/-proofs-\d+-/, `-proofs-${index}-`);
    for (const control of row.querySelectorAll("select, input")) {
      control.name = anew(control.name);
      control.id = anew(control.id);
    }
    // "Line 3, file 2": the last number but that of the line.
    for (const control of row.querySelectorAll("[aria-label]")) {
      control.setAttribute("aria-label", control.getAttribute("aria-label").replace(/(\d+)(\D*)$/, `${index + 1}$2`));
    }
  });
}

function addRow(box) {
  const rows = rowsOf(box);
  if (rows.length >= Number(box.dataset.most)) return null;
  const last = rows[rows.length - 1];
  const row = last.cloneNode(true);
  empty(row);
  last.after(row);
  number(box);
  return row;
}

const freeRow = (box) => rowsOf(box).find(blank) ?? addRow(box);

function full(box) {
  return say(`每项最多 ${box.dataset.most} 份佐证文件，请先去掉不需要的一份，或把几份合并成一个文件。`, `A line takes at most ${box.dataset.most} files; take one out first, or join several into one.`);
}

function tell(box, text, wrong) {
  const state = box.querySelector("[data-proof-said]");
  state.classList.toggle("field-error", wrong);
  state.textContent = text;
}

function more(box) {
  const row = freeRow(box);
  tell(box, row ? "" : full(box), !row);
  row?.querySelector("select").focus();
}

function remove(form, box, row) {
  const rows = rowsOf(box);
  const index = rows.indexOf(row);
  empty(row);
  if (rows.length > 1) row.remove();
  number(box);
  tell(box, "", false);
  rowsOf(box)[Math.max(0, index - 1)].querySelector("select").focus();
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

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
        if (!row) {
          problems.push(full(box));
          continue;
        }
        row.querySelector("select").value = String(added.id);
        row.querySelector("input").focus();
        form.dispatchEvent(new Event("input", { bubbles: true }));
      }
    } catch {
      problems.push(say("网络中断，文件没有保存，恢复后请重试。", "The connection was lost; the file was not saved. Try again when the network is back."));
    }
  }
  tell(box, problems.join(" ") || say("已上传，请填写页码。", "Uploaded. Enter the pages."), problems.length > 0);
}

export function bindProofs() {
  const form = document.querySelector("form[data-proof-files]");
  if (!form) return;
  for (const box of form.querySelectorAll("[data-proofs]")) {
    box.querySelector("[data-proof-tools]").hidden = false;
    for (const button of box.querySelectorAll("[data-proof-remove]")) button.hidden = false;
    box.addEventListener("click", (event) => {
      const taken = event.target.closest("[data-proof-remove]");
      if (taken) remove(form, box, taken.closest("[data-proof]"));
    });
    box.querySelector("[data-proof-more]").addEventListener("click", () => more(box));
    box.querySelector("[data-proof-upload]").addEventListener("change", (event) => upload(form, box, event.target));
  }
}
