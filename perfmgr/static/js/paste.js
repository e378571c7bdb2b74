// Pasting a block of cells from Excel or WPS into the indicator table.

import { FIELDS, cell, isEmpty, mark, write } from "./cells.js";
import { isBlock, oneLine, parseBlock } from "./clipboard.js";
import { guessColumns } from "./columns.js";
import { change } from "./history.js";
import { say } from "./language.js";
import { tell } from "./news.js";
import { Preview, sentence } from "./preview.js";
import { blankRow, emptyTail } from "./rows.js";

function categoriesOf(box) {
  return [...box.querySelectorAll("li[data-category]")].map((item) => ({
    code: item.dataset.category,
    names: JSON.parse(item.dataset.names),
    children: JSON.parse(item.dataset.children),
  }));
}

// What heads and limits this table has, and what a block would do to it.
class Place {
  constructor(table) {
    this.table = table;
    this.body = table.tBodies[0];
    this.most = Number(table.dataset.most);
    this.categories = categoriesOf(document.querySelector("[data-weight-sums]"));
    this.own = new Map([...table.querySelectorAll("thead [data-field]")].map((head) => [
      head.textContent.replace(/\s/g, "").toLowerCase(), head.dataset.field,
    ]));
    this.sample = blankRow(table);
    this.limits = Object.fromEntries(FIELDS.map((field) => [field, Number(cell(this.sample, field).dataset.limit)]).filter(([, limit]) => limit));
    this.row = null;
  }

  number() { return this.row.sectionRowIndex + 1; }

  // Rows that name no category follow the last row of the table.
  category() {
    const filled = [...this.body.rows].filter((row) => !isEmpty(row));
    return filled.length ? cell(filled.at(-1), "category").value : "";
  }

  shown(field, value) {
    const control = cell(this.sample, field);
    if (control.tagName !== "SELECT" || !value) return value;
    return [...control.options].find((option) => option.value === value)?.textContent ?? value;
  }

  rowsAfter(mode, count) {
    if (mode === "replace") return count;
    const kept = [...this.body.rows].filter((row, n) => !isEmpty(row) && (mode === "append" || n < this.row.sectionRowIndex || n >= this.row.sectionRowIndex + count));
    return kept.length + count;
  }

  // The rows to write into; missing ones are added, for "replace" the old ones go.
  rows(mode, count) {
    const old = [...this.body.rows];
    const free = mode === "append" ? emptyTail(this.table) : mode === "overwrite" ? old.slice(this.row.sectionRowIndex) : [];
    const rows = free.slice(0, count);
    while (rows.length < count) rows.push(blankRow(this.table));
    if (mode === "replace") this.body.replaceChildren(...rows);
    else this.body.append(...rows.slice(free.length));
    return rows;
  }
}

function apply(place, rows, mode) {
  const { table } = place;
  let problems = 0;
  change(table, say(`粘贴 ${rows.length} 行`, `paste ${rows.length} rows`), () => {
    const written = place.rows(mode, rows.length);
    let focus = null;
    written.forEach((row, n) => {
      for (const [field, value] of Object.entries(rows[n].values)) write(cell(row, field), value);
      for (const problem of rows[n].problems) {
        mark(cell(row, problem.field), sentence(problem));
        focus ??= cell(row, problem.field);
        problems += 1;
      }
    });
    return focus ?? cell(written[0], "name");
  });
  tell(table, problems
    ? say(`已粘贴 ${rows.length} 行，有 ${problems} 处需要修改；可以撤销。`, `${rows.length} rows pasted, ${problems} cells to mend; you can undo this.`)
    : say(`已粘贴 ${rows.length} 行，可以撤销。`, `${rows.length} rows pasted; you can undo this.`));
}

// A single value goes into the cell the browser's own way, with its line breaks as blanks.
function pasteValue(event, text) {
  const control = event.target;
  if (!control.matches("input, textarea") || !/[\r\n]/.test(text)) return;
  event.preventDefault();
  document.execCommand("insertText", false, oneLine(parseBlock(text).flat().join("\n"), /-(evidence|target)$/.test(control.name) ? "；" : " "));
}

function bindTable(table) {
  const dialog = document.querySelector("template[data-paste]").content.firstElementChild.cloneNode(true);
  document.body.append(dialog);
  const place = new Place(table);
  const preview = new Preview(dialog, place, (rows, mode) => apply(place, rows, mode));
  let before = null;
  dialog.addEventListener("close", () => { if (document.activeElement === document.body || dialog.contains(document.activeElement)) before?.focus(); });
  table.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    place.row = event.target.closest("tbody > tr");
    if (!place.row || !text) return;
    if (!isBlock(text, event.clipboardData.getData("text/html"))) { pasteValue(event, text); return; }
    event.preventDefault();
    before = event.target;
    const grid = parseBlock(text);
    const field = FIELDS.find((name) => before.name?.endsWith(`-${name}`)) ?? "category";
    preview.open(grid, guessColumns(grid, field, place.categories, place.own));
  });
}

export function bindPaste() {
  for (const table of document.querySelectorAll("table[data-weights]")) bindTable(table);
}
