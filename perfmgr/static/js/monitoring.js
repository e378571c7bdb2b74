// Live lights of a monitoring sheet: after each pause in typing the server's own rules judge what stands in the form.

import { say } from "./language.js";

const WAIT = 200;

export function bindMonitoring() {
  const form = document.querySelector("form[data-lights]");
  if (!form) return;
  let timer = 0;
  let newest = 0;
  const state = form.querySelector("[data-light-state]");

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, WAIT);
  });

  async function refresh() {
    const mine = ++newest;
    try {
      const answer = await fetch(form.dataset.lights, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "X-CSRFToken": form.elements.csrf_token.value, Accept: "application/json" },
      });
      // An answer to an older state of the form must not overwrite a newer one.
      if (mine !== newest) return;
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
      state.textContent = "";
    } catch {
      state.textContent = say("暂时不能即时判定，不影响保存。", "The lights cannot be judged now; saving still works.");
    }
  }

  const shape = (code) => form.querySelector(`[data-light-shape="${code}"]`).content.cloneNode(true);

  function show(judged) {
    form.querySelector("[data-light-total]").replaceChildren(shape(judged.light));
    const lights = [judged.budget, ...judged.lines];
    form.querySelectorAll("[data-light-box]").forEach((box, index) => {
      const { light, why } = lights[index];
      box.querySelector("[data-light]").replaceChildren(shape(light));
      box.querySelector("[data-light-why]").textContent = why;
      // A red light opens the fields it needs; they are never closed again behind the typist's back.
      if (light === "red") box.querySelector("[data-light-entry]").open = true;
    });
    form.querySelector("[data-light-warnings]").replaceChildren(...judged.warnings.map((text) => {
      const warning = form.querySelector("[data-warning-shape]").content.cloneNode(true);
      warning.querySelector(".alert > div").textContent = text;
      return warning;
    }));
  }
}
