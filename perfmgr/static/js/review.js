// The total of a re-check as it is typed; the server computes its own when the result is confirmed.

export function bindReview() {
  const form = document.querySelector("form[data-review]");
  if (!form) return;
  const box = form.querySelector("[data-review-box]");
  const grades = box.dataset.grades.split(" ").map((part) => part.split(":"));

  function refresh() {
    let total = Number(box.dataset.execution);
    for (const control of form.querySelectorAll('[name$="-score"]')) {
      const typed = control.value.trim();
      total += Number(typed === "" ? control.closest("tr").dataset.self : typed);
    }
    const known = Number.isFinite(total);
    const rounded = Math.round(total * 100) / 100;
    box.querySelector("[data-review-total]").textContent = known ? rounded.toFixed(2) : "—";
    box.querySelector("[data-review-grade]").textContent = known ? (grades.find(([, low]) => rounded >= Number(low)) ?? [""])[0] : "";
  }

  // Ctrl+Enter submits a sheet of a sample and opens the next one.
  const next = form.querySelector("[data-next]");
  form.addEventListener("keydown", (event) => {
    if (next && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      next.click();
    }
  });

  box.hidden = false;
  form.addEventListener("input", refresh);
  refresh();
}
