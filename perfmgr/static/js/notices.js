// Marking one notice as read without leaving the list; without scripts the page comes again.
import { say } from "./language.js";

export function bindNotices() {
  const list = document.querySelector("[data-notices]");
  if (!list) return;
  const status = document.querySelector("[data-notice-status]");
  list.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-read]");
    if (!form) return;
    event.preventDefault();
    event.stopPropagation();
    const body = new FormData(form);
    body.append("script", "y");
    let done = false;
    try { done = (await fetch(form.action, { method: "POST", body })).status === 204; } catch { /* the page tries */ }
    if (!done) { form.submit(); return; }
    const item = form.closest(".notice");
    const forms = [...list.querySelectorAll("[data-read]")];
    const next = forms[forms.indexOf(form) + 1] ?? forms[forms.indexOf(form) - 1];
    item.classList.remove("unread");
    item.querySelector("[data-unread]")?.remove();
    form.remove();
    (next ?? item).querySelector("button")?.focus();
    lower();
    status.textContent = say("已标为已读", "Marked as read");
  }, true);
}

// The number at the bell, in the head and in the filter, one lower.
function lower() {
  const bell = document.querySelector('.tool[href="/notices"]');
  const mark = bell?.querySelector(".count");
  if (!mark || mark.textContent.includes("+")) return;
  const left = Number(mark.textContent) - 1;
  if (left) mark.textContent = String(left); else mark.remove();
  bell.setAttribute("aria-label", say(`通知，${left} 条未读`, `Notices, ${left} unread`));
  const fact = document.querySelector(".page-facts span");
  if (fact) fact.textContent = say(`${left} 条未读`, `Unread: ${left}`);
  for (const tab of document.querySelectorAll('[data-notices] .tabs a[href*="show=unread"] b')) {
    if (tab.closest("a").textContent.match(/未读|Unread/)) tab.textContent = String(left);
  }
}
