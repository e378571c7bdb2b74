// Changes of whole rows (deleted, moved, pasted, marks shared out) and how they are taken back.

import { unmark } from "./cells.js";
import { say } from "./language.js";

const MOST = 30;
const histories = new WeakMap();

function controls(rows) {
  return rows.flatMap((row) => [...row.querySelectorAll("input, select, textarea")]);
}

function picture(table) {
  const rows = [...table.tBodies[0].rows];
  return { rows, values: new Map(controls(rows).map((control) => [control, control.value])) };
}

const focused = (table) => (table.contains(document.activeElement) ? document.activeElement : null);

// Do something to the rows as one change that can be taken back; `act` returns where the focus goes.
export function change(table, name, act) {
  const history = histories.get(table);
  const before = { ...picture(table), focus: focused(table) };
  const focus = act() ?? before.focus;
  history.done.push({ name, before, after: { ...picture(table), focus }, typed: history.typed });
  history.done.splice(0, history.done.length - MOST);
  history.undone.length = 0;
  settle(table, focus);
}

function settle(table, focus) {
  const history = histories.get(table);
  show(history.undo, say("撤销：", "Undo: "), history.done.at(-1));
  show(history.redo, say("重做：", "Redo: "), history.undone.at(-1));
  history.renumber(table);
  if (focus?.isConnected) focus.focus();
  table.dispatchEvent(new Event("input", { bubbles: true }));
}

function show(button, word, record) {
  button.hidden = !record;
  button.querySelector("span").textContent = record ? word + record.name : "";
}

// Go from one picture to the other. What was typed since then stays, and so do rows added since then.
function travel(table, from, to) {
  const body = table.tBodies[0];
  const known = new Set([...from.rows, ...to.rows]);
  const order = [...to.rows];
  for (const row of body.rows) {
    if (known.has(row)) continue;
    const at = order.indexOf(row.previousElementSibling);
    order.splice(at < 0 ? order.length : at + 1, 0, row);
  }
  body.replaceChildren(...order);
  for (const [control, value] of to.values) {
    if (!from.values.has(control) || control.value !== from.values.get(control) || control.value === value) continue;
    control.value = value;
    unmark(control);
  }
}

function step(table, back) {
  const history = histories.get(table);
  const record = (back ? history.done : history.undone).pop();
  if (!record) return;
  (back ? history.undone : history.done).push(record);
  const [from, to] = back ? [record.after, record.before] : [record.before, record.after];
  travel(table, from, to);
  const place = to.focus?.isConnected ? to.focus : table.tBodies[0].rows[0]?.querySelector("input, textarea");
  settle(table, place);
  history.tell((back ? say("已撤销：", "Undone: ") : say("已重做：", "Redone: ")) + record.name);
}

export const undo = (table) => step(table, true);
export const redo = (table) => step(table, false);

// Whether the rows changed last, and not a text: only then Ctrl+Z means the rows, and the browser's own undo is left alone.
export function rowsChangedLast(table) {
  const history = histories.get(table);
  return history.done.at(-1)?.typed === history.typed;
}

function button(onclick, keys) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn";
  made.hidden = true;
  made.append(document.createElement("span"));
  if (keys) made.setAttribute("aria-keyshortcuts", keys);
  made.addEventListener("click", onclick);
  return made;
}

// Start the history of a table; its two buttons go into `place`.
export function bindHistory(table, place, { renumber, tell }) {
  const history = { done: [], undone: [], typed: 0, renumber, tell };
  history.undo = button(() => undo(table), "Control+Z");
  history.redo = button(() => redo(table));
  histories.set(table, history);
  place.append(history.undo, history.redo);
  table.addEventListener("input", (event) => { if (event.isTrusted) history.typed += 1; });
}
