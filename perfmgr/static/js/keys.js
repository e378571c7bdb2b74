// Keys inside tables whose rows are typed. Nothing happens while an input method is composing.

import { redo, rowsChangedLast, undo } from "./history.js";

// Some input methods report the key that ends a composition only as 229.
export const composing = (event) => event.isComposing || event.keyCode === 229;

const ROW_KEYS = { ArrowUp: "up", ArrowDown: "down", Delete: "remove" };

const typesText = (element) => element.matches("input, textarea");

export function bindRowKeys(table, { act, insertRow }) {
  table.addEventListener("keydown", (event) => {
    const row = event.target.closest("tbody > tr");
    if (composing(event) || !row) return;
    const plain = !event.shiftKey && !event.metaKey;
    const what = plain && event.altKey && !event.ctrlKey && ROW_KEYS[event.key];
    // In a list Alt+↑ and Alt+↓ open and close its choices, as everywhere.
    if (what && !(event.target.tagName === "SELECT" && what !== "remove")) {
      event.preventDefault();
      act(table, row, what);
    } else if (plain && event.ctrlKey && !event.altKey && event.key === "Enter") {
      event.preventDefault();
      insertRow(table, row);
    }
  });
  // The history's buttons stand outside the table, but inside its form.
  (table.closest("form") ?? table).addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (composing(event) || event.altKey || !(event.ctrlKey || event.metaKey) || !["z", "y"].includes(key)) return;
    if (typesText(event.target) && !(table.contains(event.target) && rowsChangedLast(table) && key === "z" && !event.shiftKey)) return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) redo(table);
    else undo(table);
  });
}

// Enter goes to the cell below, as in a spreadsheet, and never submits; Shift+Enter goes up.
export function bindCellKeys(table, last) {
  table.addEventListener("keydown", (event) => {
    const control = event.target;
    if (event.key !== "Enter" || event.ctrlKey || event.altKey || event.metaKey || !control.matches("[name]")) return;
    if (composing(event)) return;
    event.preventDefault();
    const row = control.closest("tr");
    const other = event.shiftKey ? row.previousElementSibling : row.nextElementSibling;
    const below = other?.querySelector(`[name$="-${control.name.split("-").pop()}"]`);
    if (below) below.focus();
    else if (!event.shiftKey) last?.focus();
  });
}
