// Small helpers of the pages; every page also works without them.
import { bindPaste } from "./paste.js";
import { bindAttachments } from "./attachments.js";
import { bindLibrary } from "./library.js";
import { bindOpening } from "./opening.js";
import { bindCalendar } from "./calendar.js";
import { bindAutosave } from "./autosave.js";
import { bindImports } from "./imports.js";
import { bindMarks } from "./marks.js";
import { bindMonitoring } from "./monitoring.js";
import { bindNotices } from "./notices.js";
import { bindProofs } from "./proofs.js";
import { bindReview } from "./review.js";
import { bindRows } from "./rows.js";
import { bindRules } from "./rules.js";
import { bindScore } from "./score.js";
import { bindSums } from "./sums.js";

document.documentElement.classList.remove("no-js");

// Move to the summary of problems, so that keyboard and screen reader start there.
document.querySelector("[data-focus]")?.focus();

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).innerText);
    button.querySelector("span").textContent = button.dataset.done;
  });
}

// Close the menu when the focus or a click goes elsewhere, and on Escape.
for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("focusout", (event) => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { menu.open = false; menu.querySelector("summary").focus(); }
  });
}

// Warn before leaving a page with unsaved input.
for (const form of document.querySelectorAll("form[data-guard]:not([data-autosave])")) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}

// A double click sends a form once. After ten seconds without a new page it may be sent again.
const sent = new WeakSet();
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (event) => {
    if (sent.has(form)) event.preventDefault();
    sent.add(form);
    setTimeout(() => sent.delete(form), 10_000);
  });
  // Back in a page that the browser kept, its forms work again.
  window.addEventListener("pageshow", () => sent.delete(form));
}

bindAttachments();
bindRows();
bindAutosave();
bindSums();
bindPaste();
bindScore();
bindProofs();
bindReview();
bindMarks();
bindMonitoring();
bindLibrary();
bindOpening();
bindCalendar();
bindImports();
bindNotices();
bindRules();
