// Live lights of a monitoring sheet: after each pause in typing the server's own rules judge what stands in the form.

import { bindLive } from "./live.js";

export function bindMonitoring() {
  const form = document.querySelector("form[data-lights]");
  if (!form) return;
  bindLive(form, {
    address: form.dataset.lights,
    wait: 200,
    state: form.querySelector("[data-light-state]"),
    failed: ["暂时不能即时判定，不影响保存。", "The lights cannot be judged now; saving still works."],
    show,
  });

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
