// Tables whose rows are typed: add, delete and move rows without a round trip.
// Row fields are named list-0-field; after every change the rows are numbered anew.

function icon(name) {
  const sprite = document.querySelector("svg.icon use").getAttribute("href").split("#")[0];
  return `<svg class="icon" aria-hidden="true"><use href="${sprite}#${name}"/></svg>`;
}

const english = document.documentElement.lang === "en";
const WORDS = english
  ? { up: "Move row up", down: "Move row down", remove: "Delete row" }
  : { up: "上移一行", down: "下移一行", remove: "删除本行" };

function renumber(table) {
  const list = table.dataset.rows;
  const pattern = new RegExp(`^${list}-\\d+-`);
  [...table.tBodies[0].rows].forEach((row, index) => {
    for (const control of row.querySelectorAll("[name]")) {
      control.name = control.name.replace(pattern, `${list}-${index}-`);
      control.id = control.name;
      const label = control.getAttribute("aria-label");
      if (label) control.setAttribute("aria-label", label.replace(/\d+/, String(index + 1)));
    }
  });
}

function tools(table, row) {
  const cell = row.querySelector("[data-row-tools]");
  if (!cell || cell.childElementCount) return;
  const buttons = [["up", "arrow-up"], ["down", "arrow-down"], ["remove", "trash"]];
  for (const [what, symbol] of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-icon";
    button.setAttribute("aria-label", WORDS[what]);
    button.title = WORDS[what];
    button.innerHTML = icon(symbol);
    button.addEventListener("click", () => change(table, row, what));
    cell.append(button);
  }
}

function change(table, row, what) {
  const body = table.tBodies[0];
  if (what === "up" && row.previousElementSibling) body.insertBefore(row, row.previousElementSibling);
  if (what === "down" && row.nextElementSibling) body.insertBefore(row.nextElementSibling, row);
  let focus = row;
  if (what === "remove") {
    focus = row.nextElementSibling || row.previousElementSibling;
    if (focus) row.remove();
    else { clear(row); focus = row; }
  }
  renumber(table);
  focus.querySelector("input, select, textarea").focus();
  table.dispatchEvent(new Event("input", { bubbles: true }));
}

function clear(row) {
  for (const control of row.querySelectorAll("input, textarea")) control.value = "";
  for (const control of row.querySelectorAll("select")) control.selectedIndex = 0;
  for (const message of row.querySelectorAll(".field-error")) message.remove();
  for (const control of row.querySelectorAll(".is-invalid")) control.classList.remove("is-invalid");
}

function add(table) {
  const body = table.tBodies[0];
  const last = body.rows[body.rows.length - 1];
  const row = last.cloneNode(true);
  row.querySelector("[data-row-tools]")?.replaceChildren();
  clear(row);
  // A new indicator usually belongs to the category of the one before it.
  const category = row.querySelector("select");
  if (category && table.hasAttribute("data-weights")) category.value = last.querySelector("select").value;
  body.append(row);
  renumber(table);
  tools(table, row);
  return row;
}

// Write values into the fields of a row, by the names of the fields; what is not named stays.
export function fillRow(row, values) {
  for (const [name, value] of Object.entries(values)) {
    const control = row.querySelector(`[name$="-${name}"]`);
    if (control) control.value = value;
  }
  row.closest("table").dispatchEvent(new Event("input", { bubbles: true }));
}

// Add a row with these values; the first row in which nothing is typed is used. Returns the row.
export function addRow(table, values) {
  const blank = (row) => [...row.querySelectorAll("input, textarea")].every((control) => !control.value.trim());
  const row = [...table.tBodies[0].rows].find(blank) ?? add(table);
  fillRow(row, values);
  return row;
}

export function bindRows() {
  for (const table of document.querySelectorAll("table[data-rows]")) {
    for (const row of table.tBodies[0].rows) tools(table, row);
    const button = document.querySelector(`[data-add-row="${table.dataset.rows}"]`);
    button?.addEventListener("click", (event) => { event.preventDefault(); add(table).querySelector("input, textarea").focus(); });
  }
}
