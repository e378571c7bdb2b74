// The cells of one row of the indicator table: reading, writing, and marking what has to be mended.

export const FIELDS = ["category", "subcategory", "name", "sign", "target", "unit", "weight", "evidence"];
// A row in which all of these are empty is not saved (IndicatorForm.empty).
const FILLED_BY = ["name", "target", "unit", "weight", "evidence"];

// The controls of a row by field, found once: numbering anew changes their names, not what they are for.
const known = new WeakMap();

export function cell(row, field) {
  if (!known.has(row)) {
    known.set(row, new Map([...row.querySelectorAll("[name]")].map((control) => [control.name.split("-").pop(), control])));
  }
  return known.get(row).get(field);
}

export const text = (row, field) => cell(row, field).value.trim();

export const isEmpty = (row) => FILLED_BY.every((field) => !text(row, field));

// Write a value; a list keeps a value that it does not know as one more entry, so that nothing typed is lost.
export function write(control, value) {
  if (control.tagName === "SELECT" && ![...control.options].some((option) => option.value === value)) {
    control.add(new Option(value, value));
  }
  control.value = value;
  unmark(control);
}

export function mark(control, sentence) {
  unmark(control);
  const note = document.createElement("p");
  note.className = "field-error";
  note.dataset.pasted = "";
  note.id = `${control.id}-pasted`;
  note.textContent = sentence;
  control.classList.add("is-invalid");
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", note.id);
  control.closest("td").append(note);
}

export function unmark(control) {
  const note = control.closest("td")?.querySelector(`[data-pasted][id="${control.id}-pasted"]`);
  if (!note) return;
  note.remove();
  control.classList.remove("is-invalid");
  control.removeAttribute("aria-invalid");
  control.removeAttribute("aria-describedby");
}
