// Uploading files one after the other, each with its progress and a button to stop it.
// Without this module the form sends all files at once and the page comes back as a whole.

const english = document.documentElement.lang === "en";
const WORDS = english
  ? {
      waiting: "Waiting", sending: "Uploading", checking: "Checking", done: "Uploaded", stopped: "Cancelled", stop: "Cancel", again: "Try again",
      lost: "The connection was lost; the file was not saved. Try again when the network is back.",
      large: "is larger than the limit; compress or split it.",
      none: "Choose the files to upload first.",
      signedOut: "Your session has ended; the file was not saved. Sign in in another tab, then try again here.",
    }
  : {
      waiting: "等待上传", sending: "正在上传", checking: "正在检查", done: "已上传", stopped: "已取消", stop: "取消", again: "重试",
      lost: "网络中断，这个文件没有保存，恢复后请重试。",
      large: "超过大小上限，请压缩或拆分后再上传。",
      none: "请先选择要上传的文件。",
      signedOut: "登录已失效，这个文件没有保存。请在另一个标签页登录后在这里重试。",
    };

class Row {
  constructor(file, form, list) {
    this.file = file;
    this.form = form;
    this.item = document.createElement("li");
    const name = document.createElement("span");
    name.className = "upload-name";
    name.textContent = file.name;
    this.bar = document.createElement("progress");
    this.bar.max = 100;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", `${WORDS.sending} ${file.name}`);
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "btn btn-small";
    this.button.addEventListener("click", () => this.pressed());
    this.said = document.createElement("p");
    this.said.className = "upload-said";
    this.item.append(name, this.bar, this.button, this.said);
    list.append(this.item);
    this.set("waiting", WORDS.waiting);
  }

  set(state, sentence) {
    this.state = state;
    this.said.textContent = sentence;
    this.item.classList.toggle("is-bad", state === "bad" || state === "lost");
    this.item.classList.toggle("is-good", state === "good");
    this.bar.hidden = !["waiting", "sending"].includes(state);
    const word = state === "lost" || state === "stopped" ? WORDS.again : WORDS.stop;
    this.button.hidden = !["waiting", "sending", "lost", "stopped"].includes(state);
    this.button.textContent = word;
    this.button.setAttribute("aria-label", `${word} ${this.file.name}`);
  }

  pressed() {
    if (this.state === "sending") this.request.abort();
    else if (this.state === "waiting") this.set("stopped", WORDS.stopped);
    else {
      this.set("waiting", WORDS.waiting);
      this.form.dispatchEvent(new CustomEvent("upload-again"));
    }
  }

  send() {
    if (this.file.size > Number(this.form.dataset.mostBytes)) {
      this.set("bad", english ? `“${this.file.name}” ${WORDS.large}` : `“${this.file.name}”${WORDS.large}`);
      return Promise.resolve();
    }
    const data = new FormData(this.form);
    data.delete("files");
    data.append("files", this.file);
    this.request = new XMLHttpRequest();
    this.request.open("POST", this.form.action);
    this.request.setRequestHeader("Accept", "application/json");
    this.request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      this.bar.value = Math.round((event.loaded / event.total) * 100);
      this.said.textContent = this.bar.value < 100 ? `${WORDS.sending} ${this.bar.value}%` : WORDS.checking;
    });
    this.set("sending", WORDS.sending);
    return new Promise((resolve) => {
      this.request.addEventListener("load", () => { this.answered(); resolve(); });
      this.request.addEventListener("error", () => { this.set("lost", WORDS.lost); resolve(); });
      this.request.addEventListener("abort", () => { this.set("stopped", WORDS.stopped); resolve(); });
      this.request.send(data);
    });
  }

  answered() {
    if (this.request.status === 201) return this.set("good", WORDS.done);
    if (this.request.status === 401) return this.set("lost", WORDS.signedOut);
    let answer = {};
    try { answer = JSON.parse(this.request.responseText); } catch { /* a proxy's own page */ }
    const sentence = answer.problems?.join(" ") ?? answer.message;
    if (sentence) return this.set("bad", sentence);
    return this.set("lost", WORDS.lost);
  }
}

async function showFiles() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("files-now");
  if (fresh) document.getElementById("files-now").replaceWith(fresh);
}

export function bindAttachments() {
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const input = form.querySelector('input[type="file"]');
  const list = form.querySelector("[data-uploads]");
  const say = form.querySelector("[data-upload-state]");
  let rows = [];
  let busy = false;

  async function run() {
    if (busy) return;
    busy = true;
    let row;
    while ((row = rows.find((one) => one.state === "waiting"))) await row.send();
    busy = false;
    const good = rows.filter((one) => one.state === "good").length;
    say.textContent = `${WORDS.done} ${good} / ${rows.length}`;
    if (good) await showFiles().catch(() => {});
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!input.files.length && !busy) {
      list.hidden = false;
      const item = document.createElement("li");
      item.className = "is-bad";
      const said = document.createElement("p");
      said.className = "upload-said";
      said.textContent = WORDS.none;
      item.append(said);
      list.replaceChildren(item);
      rows = [];
      say.textContent = WORDS.none;
      input.focus();
      return;
    }
    if (!busy) {
      rows = rows.filter((one) => one.state === "lost");
      list.replaceChildren(...rows.map((one) => one.item));
    }
    list.hidden = false;
    rows.push(...[...input.files].map((file) => new Row(file, form, list)));
    input.value = "";
    run();
  });
  form.addEventListener("upload-again", run);

  form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("is-over"); });
  form.addEventListener("dragleave", () => form.classList.remove("is-over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("is-over");
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
  window.addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });
}
