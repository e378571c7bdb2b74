// What is typed into a section is kept on the server a moment after the last key, and what the rules
// say of it is shown beside the field. Nothing is sent while a Chinese word is being composed.

const PAUSE = 1500; // after the last key
const FIRST_RETRY = 2000;
const LAST_RETRY = 30_000;
const KEEPALIVE = 60_000; // browsers let a page that is closing send so many bytes
const HEADERS = { Accept: "application/json" };

const english = document.documentElement.lang === "en";
const WORDS = english
  ? {
      saving: "Saving …",
      saved: (time) => `Saved automatically at ${time}`,
      failed: "Not saved, trying again",
      signIn: "Not saved: your session has ended. What you typed is still on this page. ",
      signInLink: "Sign in in a new window",
      other: "Not saved: somebody else is signed in in this browser.",
      show: "Show and copy",
    }
  : {
      saving: "正在保存……",
      saved: (time) => `已自动保存 ${time}`,
      failed: "未保存，正在重试",
      signIn: "未保存：登录已失效，您填写的内容仍在本页。",
      signInLink: "在新窗口登录",
      other: "未保存：这个浏览器现在登录的是另一个人。",
      show: "查看并复制",
    };

class Autosave {
  constructor(form) {
    this.form = form;
    this.state = form.querySelector("[data-save-state]");
    this.kept = this.content();
    this.composing = false;
    this.wait = FIRST_RETRY;
    this.timer = 0;
    this.sending = null;
    this.stopped = false;
    this.bind();
  }

  bind() {
    const { form } = this;
    form.addEventListener("compositionstart", () => { this.composing = true; });
    form.addEventListener("compositionend", () => { this.composing = false; this.plan(PAUSE); });
    form.addEventListener("keydown", (event) => {
      // Some input methods say so only by this key code.
      if (event.isComposing || event.keyCode === 229) clearTimeout(this.timer);
    });
    for (const kind of ["input", "change"]) {
      form.addEventListener(kind, (event) => { if (!event.isComposing) this.plan(PAUSE); });
    }
    form.addEventListener("submit", (event) => { if (!event.defaultPrevented) this.end(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.leave(); });
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("online", () => this.plan(0));
    window.addEventListener("pageshow", (event) => { if (event.persisted) this.begin(); });
    window.addEventListener("beforeunload", (event) => { if (this.failing && this.dirty()) event.preventDefault(); });
  }

  content() {
    return new URLSearchParams(new FormData(this.form)).toString();
  }

  dirty() {
    return !this.stopped && this.content() !== this.kept;
  }

  plan(delay) {
    clearTimeout(this.timer);
    if (this.stopped || this.composing) return;
    this.timer = setTimeout(() => this.send(), delay);
  }

  // Sent or about to be sent as a whole: a late answer must not bring a draft back.
  end() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.sending?.abort();
    setTimeout(() => { if (!document.hidden) this.stopped = false; }, 10_000);
  }

  // A page that the browser kept and shows again is a tab of its own.
  begin() {
    this.form.elements.tab.value = crypto.randomUUID ? crypto.randomUUID().slice(0, 18) : String(Math.random()).slice(2);
    this.stopped = false;
    this.kept = this.content();
  }

  leave() {
    if (this.composing || !this.dirty()) return;
    const body = this.content();
    clearTimeout(this.timer);
    fetch(this.form.dataset.autosave, {
      method: "POST", body: new URLSearchParams(body), headers: HEADERS, keepalive: body.length < KEEPALIVE,
    }).then((answer) => { if (answer.ok) this.done(body, answer); else this.plan(0); }, () => this.plan(0));
  }

  async send() {
    if (this.sending) { this.again = true; return; }
    if (this.composing || !this.dirty()) return;
    const body = this.content();
    this.sending = new AbortController();
    if (!this.failing) this.tell(WORDS.saving);
    try {
      const answer = await fetch(this.form.dataset.autosave, {
        method: "POST", body: new URLSearchParams(body), headers: HEADERS, signal: this.sending.signal,
      });
      if (answer.ok) await this.done(body, answer);
      else await this.refused(answer);
    } catch {
      if (!this.stopped) this.retry(WORDS.failed);
    } finally {
      this.sending = null;
      if (this.again) { this.again = false; this.plan(PAUSE); }
    }
  }

  async done(body, answer) {
    const { saved_at: time, findings } = await answer.json();
    this.kept = body;
    this.failing = false;
    this.wait = FIRST_RETRY;
    this.tell(WORDS.saved(time));
    showFindings(this.form, findings);
    if (this.dirty()) this.plan(PAUSE);
  }

  async refused(answer) {
    let said = {};
    try { said = await answer.json(); } catch { /* a page of a proxy between us */ }
    if (answer.status === 401) return this.retry(WORDS.signIn, "/sign-in", WORDS.signInLink);
    if (answer.status === 400 && said.token) {
      // Signed in again in another window: the page goes on with the new token.
      for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = said.token;
      this.failing = true;
      return this.plan(0);
    }
    if (answer.status === 400) return this.retry(WORDS.other);
    if (answer.status >= 500) return this.retry(WORDS.failed);
    // Refused for good as it is: tell why, and try again when something else is typed.
    this.failing = true;
    this.tell(said.message || WORDS.failed, said.address, WORDS.show);
    return undefined;
  }

  retry(text, address, name) {
    this.failing = true;
    this.tell(text, address, name);
    this.plan(this.wait);
    this.wait = Math.min(this.wait * 2, LAST_RETRY);
  }

  tell(text, address, name) {
    this.state.classList.toggle("is-failing", Boolean(this.failing));
    if (this.state.dataset.said === text) return;
    this.state.dataset.said = text;
    this.state.textContent = text;
    if (!address) return;
    const link = document.createElement("a");
    Object.assign(link, { href: address, target: "_blank", rel: "noopener", textContent: name });
    this.state.append(" ", link);
  }
}

function box(form, field) {
  const control = field && document.getElementById(field);
  if (!control || !form.contains(control) || !control.matches("input, select, textarea")) {
    return form.querySelector(`[data-findings="${CSS.escape(field.split("-")[0])}"]`) || form.querySelector('[data-findings=""]');
  }
  let found = control.parentElement.querySelector(`:scope > [data-findings="${CSS.escape(field)}"]`);
  if (!found) {
    found = document.createElement("div");
    found.className = "findings-here";
    found.dataset.findings = field;
    control.after(found);
  }
  return found;
}

// What the rules say beside each field; a finding goes when it is mended. Not announced: it is advice.
function showFindings(form, findings) {
  for (const old of form.querySelectorAll("[data-findings]")) old.replaceChildren();
  for (const finding of findings) {
    const line = document.createElement("p");
    line.className = `finding is-${finding.level}`;
    line.textContent = finding.message;
    if (finding.suggestion) {
      const remedy = document.createElement("span");
      remedy.className = "remedy";
      remedy.textContent = finding.suggestion;
      line.append(" ", remedy);
    }
    box(form, finding.field).append(line);
  }
}

export function bindAutosave() {
  for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
}
