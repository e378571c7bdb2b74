// ← and → turn the months of the calendar, unless the keys are needed where the focus is.
export function bindCalendar() {
  if (!document.querySelector("[data-calendar]")) return;
  document.addEventListener("keydown", (event) => {
    const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    if (!rel || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable], [tabindex], details.menu")) return;
    document.querySelector(`a[rel="${rel}"]`)?.click();
  });
}
