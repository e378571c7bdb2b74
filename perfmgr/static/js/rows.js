// Tables whose rows are typed: add, delete and move rows without a round trip.
// Row fields are named list-0-field; after every change the rows are numbered anew.

import { bindCellKeys, bindRowKeys } from "./keys.js";
import { cell, isEmpty, unmark, write } from "./cells.js";
import { bindGrowing } from "./growing.js";
import { bindHistory, change } from "./history.js";
import { say } from "./language.js";
import { prepareNews, tell } from "./news.js";

const ACTIONS = {
  up: { symbol: "arrow-up", keys: "Alt+ArrowUp", words: say("上移一行", "Move row up") },
  down: { symbol: "arrow-down", keys: "Alt+ArrowDown", words: say("下移一行", "Move row down") },
  remove: { symbol: "trash", keys: "Alt+Delete", words: say("删除本行", "Delete row") },
};
const templates = new WeakMap();

function icon(name) {
  const sprite = document.querySelector("svg.icon use").getAttribute("href").split("#")[0];
  return `<svg class="icon" aria-hidden="true"><use href="${sprite}#${name}"/></svg>`;
}

const isFull = (table) => table.tBodies[0].rows.length >= Number(table.dataset.most ?? Infinity);

const place = (row) => row.sectionRowIndex + 1;

function renumber(table) {
  const list = table.dataset.rows;
  const pattern = new RegExp(`(^| )${list}-\\d+-`, "g");
  [...table.tBodies[0].rows].forEach((row, index) => {
    const anew = (text) => text.replace(pattern, `$1${list}-${index}-`);
    for (const element of row.querySelectorAll("[name], [id], [aria-describedby]")) {
      for (const attribute of ["name", "id", "aria-describedby"]) {
        const value = element.getAttribute(attribute);
        if (value) element.setAttribute(attribute, anew(value));
      }
      const label = element.getAttribute("aria-label");
      if (label) element.setAttribute("aria-label", label.replace(/\d+/, String(index + 1)));
    }
    for (const named of row.querySelectorAll("[data-row-number]")) named.textContent = named.textContent.replace(/\d+/, String(index + 1));
  });
}

function tools(row) {
  const place = row.querySelector("[data-row-tools]");
  if (!place || place.childElementCount) return;
  for (const [what, { symbol, keys, words }] of Object.entries(ACTIONS)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-icon";
    button.dataset.rowAction = what;
    button.setAttribute("aria-label", words);
    button.setAttribute("aria-keyshortcuts", keys);
    button.title = `${words} ${keys.replace("ArrowUp", "↑").replace("ArrowDown", "↓")}`;
    button.innerHTML = icon(symbol);
    place.append(button);
  }
}

// The same cell or button in another row.
function counterpart(row, other) {
  const element = document.activeElement;
  const same = row.contains(element)
    && (element.dataset.rowAction
      ? other.querySelector(`[data-row-action="${element.dataset.rowAction}"]`)
      : element.name && other.querySelector(`[name$="-${element.name.split("-").pop()}"]`));
  return same || other.querySelector("input, select, textarea");
}

export function act(table, row, what) {
  if (what === "remove") remove(table, row);
  else move(table, row, what);
}

function move(table, row, what) {
  const other = what === "up" ? row.previousElementSibling : row.nextElementSibling;
  const from = place(row);
  if (!other) {
    tell(table, what === "up" ? say("已是第一行。", "This is the first row.") : say("已是最后一行。", "This is the last row."));
    return;
  }
  const focus = row.contains(document.activeElement) ? document.activeElement : counterpart(row, row);
  change(table, say(`移动第 ${from} 行`, `move row ${from}`), () => {
    if (what === "up") other.before(row);
    else other.after(row);
    return focus;
  });
  tell(table, say(`已移到第 ${place(row)} 行。`, `Moved to row ${place(row)}.`));
}

function remove(table, row) {
  const number = place(row);
  change(table, say(`删除第 ${number} 行`, `delete row ${number}`), () => {
    let next = row.nextElementSibling || row.previousElementSibling;
    if (!next) {
      next = blankRow(table);
      row.after(next);
    }
    const focus = counterpart(row, next);
    row.remove();
    return focus;
  });
  tell(table, say(`已删除第 ${number} 行，可以撤销。`, `Row ${number} deleted; you can undo this.`));
}

// Make a copy of a row empty, also for those who copy it: a copy of a list chooses what the markup chose.
function clear(row) {
  for (const control of row.querySelectorAll("input, textarea")) control.value = control.defaultValue = "";
  for (const option of row.querySelectorAll("option")) option.defaultSelected = false;
  for (const control of row.querySelectorAll("select")) control.selectedIndex = 0;
  for (const message of row.querySelectorAll(".field-error")) message.remove();
  for (const control of row.querySelectorAll(".is-invalid")) {
    control.classList.remove("is-invalid");
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  }
  for (const more of row.querySelectorAll("details")) more.open = false;
}

// A row like the others with nothing in it; it is not yet part of the table.
export function blankRow(table) {
  return templates.get(table).cloneNode(true);
}

// Add a row after another one (or at the end) and go there; returns null when there are as many as can be saved.
export function insertRow(table, after = table.tBodies[0].rows[table.tBodies[0].rows.length - 1]) {
  if (isFull(table)) {
    tell(table, say(`最多 ${table.dataset.most} 行。`, `At most ${table.dataset.most} rows.`));
    return null;
  }
  const row = blankRow(table);
  // A new indicator usually belongs to the category of the one before it.
  if (table.hasAttribute("data-weights")) cell(row, "category").value = cell(after, "category").value;
  after.after(row);
  renumber(table);
  row.querySelector("input, textarea").focus();
  table.dispatchEvent(new Event("input", { bubbles: true }));
  tell(table, say(`已增加第 ${place(row)} 行。`, `Row ${place(row)} added.`));
  return row;
}

// Fill cells of a row of the indicator table; fields that are not named stay as they are.
export function fillRow(row, values) {
  const table = row.closest("table");
  const number = place(row);
  change(table, say(`填入第 ${number} 行`, `fill row ${number}`), () => {
    for (const [field, value] of Object.entries(values)) write(cell(row, field), String(value ?? ""));
    return cell(row, "name");
  });
}

// Put an indicator into the first empty row at the end of the table, or into a new one; returns the row,
// or null when the table is full.
export function addRow(table, values) {
  const row = emptyTail(table)[0] ?? insertRow(table);
  if (row) fillRow(row, values);
  return row;
}

// The empty rows after the last one that holds anything.
export function emptyTail(table) {
  const rows = [...table.tBodies[0].rows];
  let from = rows.length;
  while (from > 0 && isEmpty(rows[from - 1])) from -= 1;
  return rows.slice(from);
}

function bindTable(table) {
  const body = table.tBodies[0];
  if (!body.rows.length) return;
  for (const row of body.rows) tools(row);
  const template = body.rows[0].cloneNode(true);
  clear(template);
  templates.set(table, template);
  prepareNews(table);
  const button = document.querySelector(`[data-add-row="${table.dataset.rows}"]`);
  button?.addEventListener("click", (event) => { event.preventDefault(); insertRow(table); });
  button?.setAttribute("aria-keyshortcuts", "Control+Enter");
  const tray = document.querySelector(`[data-row-history="${table.dataset.rows}"]`) ?? button?.parentElement;
  bindHistory(table, tray ?? table.parentElement, { renumber, tell: (what) => tell(table, what) });
  bindRowKeys(table, { act, insertRow });
  if (table.hasAttribute("data-weights")) bindCellKeys(table, button);
  bindGrowing(table);
  table.addEventListener("click", (event) => {
    const button = event.target.closest("[data-row-action]");
    if (button) act(table, button.closest("tr"), button.dataset.rowAction);
  });
  table.addEventListener("input", (event) => { if (event.target.name) unmark(event.target); });
}

export function bindRows() {
  for (const table of document.querySelectorAll("table[data-rows]")) bindTable(table);
}
