// A reminder rule in words while it is being typed; without scripts the sentence comes with the next page.
import { say } from "./language.js";

const WAIT = 350;

export function bindRules() {
  for (const form of document.querySelectorAll("form[data-rule]")) {
    const shown = form.querySelector("[data-rule-words]");
    let timer, asked = 0;
    const ask = async () => {
      const mine = ++asked;
      let answer;
      try {
        const response = await fetch(form.dataset.rule, { method: "POST", body: new FormData(form) });
        if (!response.ok) throw new Error(String(response.status));
        answer = await response.json();
      } catch {
        answer = { wrong: say("现在连不上服务器，句子没有更新；保存时会再检查。", "The server does not answer, so the sentence is not up to date; saving checks again.") };
      }
      if (mine !== asked) return; // an older answer that came late
      shown.textContent = answer.words ?? answer.wrong;
      shown.classList.toggle("is-wrong", !answer.words);
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  }
}
