// The sum of an expert's marks as they are typed; the server computes its own when they are submitted.

export function bindMarks() {
  const form = document.querySelector("form[data-marks]");
  if (!form) return;
  const box = form.querySelector("[data-marks-box]");

  function refresh() {
    let total = 0;
    for (const control of form.querySelectorAll('[name$="-marks"]')) total += Number(control.value.trim());
    box.querySelector("[data-marks-total]").textContent = Number.isFinite(total) ? (Math.round(total * 100) / 100).toFixed(2) : "—";
  }

  box.hidden = false;
  form.addEventListener("input", refresh);
  refresh();
}
