// The live score: after each pause in typing the server's own engine scores what stands in the form.

import { bindLive } from "./live.js";

export function bindScore() {
  const form = document.querySelector("form[data-score]");
  if (!form) return;
  form.addEventListener("input", (event) => {
    const line = event.target.closest("[data-line]");
    if (event.target.type === "checkbox" && line) line.classList.toggle("is-na", event.target.checked);
  });
  bindLive(form, {
    address: form.dataset.score,
    wait: 150,
    state: form.querySelector("[data-score-state]"),
    failed: ["暂时不能即时计分，不影响保存。", "The live score is not available now; saving still works."],
    show,
  });

  // Rows of the panel: the same parts as the template writes, always as text.
  function row(cost) {
    const item = document.createElement("li");
    const parts = [["span", cost.name, "prospect-name"], ["b", `−${cost.lost}`], ["span", cost.full], ["em", cost.step]];
    item.append(...parts.map(([tag, text, css]) => {
      const part = document.createElement(tag);
      part.textContent = text;
      if (css) part.className = css;
      return part;
    }));
    return item;
  }

  function showProspect({ summary, costs }) {
    const panel = form.querySelector("[data-prospect]");
    panel.hidden = !summary.length && !costs.length;
    panel.querySelector("[data-prospect-summary]").replaceChildren(...summary.map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    }));
    panel.querySelector("[data-prospect-costs]").replaceChildren(...costs.map(row));
  }

  function show(score) {
    showProspect(score.prospect);
    const note = form.querySelector("[data-funds-note]");
    note.hidden = !score.funds.length;
    note.textContent = score.funds.join(" ");
    form.querySelector("[data-total]").textContent = score.total ?? score.earned;
    form.querySelector("[data-grade]").textContent = score.grade ?? "";
    const open = form.querySelector("[data-open]");
    open.hidden = score.open_marks === "0.00";
    open.textContent = open.textContent.replace(/[\d.]+/, String(Number(score.open_marks)));
    form.querySelector("[data-execution-score]").textContent = score.execution.score ?? "—";
    form.querySelectorAll("[data-line]").forEach((box, index) => {
      const line = score.lines[index];
      box.querySelector("[data-line-score]").textContent = line.score ?? "—";
      box.querySelector("[data-line-weight]").textContent = String(Number(line.weight));
      box.querySelector("[data-line-formula]").textContent = line.formula;
      box.querySelector("[data-line-hint]").textContent = score.hints[index];
      // A line that needs a reason opens the fields for it; it is never closed again behind the typist's back.
      if (line.codes.includes("short") || line.codes.includes("explain")) box.querySelector("[data-why]").open = true;
      const flags = box.querySelector("[data-line-flags]");
      flags.replaceChildren(...line.flags.map((text, n) => {
        const flag = document.createElement("span");
        flag.className = `flag flag-${line.codes[n]}`;
        flag.textContent = text;
        return flag;
      }));
    });
    for (const message of form.querySelectorAll("[data-live-error]")) message.remove();
    for (const { field, message } of score.errors) {
      const control = document.getElementById(field);
      if (!control) continue;
      const text = document.createElement("p");
      text.className = "field-error";
      text.dataset.liveError = "";
      text.textContent = message;
      control.closest(".field").append(text);
    }
  }
}
