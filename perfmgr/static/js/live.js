// Forms the server judges as they are filled in: after each pause in typing it is asked what stands in them now.

import { say } from "./language.js";

// Ask `address` `wait` milliseconds after the last key and hand the answer to `show`; `state` says when there is none.
export function bindLive(form, { address, wait, state, failed, show }) {
  let timer = 0;
  let newest = 0;

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  });

  async function ask() {
    const mine = ++newest;
    try {
      const answer = await fetch(address, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "X-CSRFToken": form.elements.csrf_token.value, Accept: "application/json" },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const judged = await answer.json();
      // An answer to an older state of the form must not overwrite a newer one.
      if (mine !== newest) return;
      show(judged);
      state.textContent = "";
    } catch {
      if (mine === newest) state.textContent = say(...failed);
    }
  }
}
