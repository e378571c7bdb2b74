// Sums that follow the typing: marks per category with the rest shared out on demand, and the year's funds.
// The server computes its own.

import { cell, isEmpty, write } from "./cells.js";
import { change } from "./history.js";
import { say } from "./language.js";
import { tell } from "./news.js";
import { amount } from "./numbers.js";
import { distributed, expected, marks, show } from "./weights.js";

const QUIET = 900;
const hundredths = (text) => Math.round(Number(text) * 100);

// The scheme's categories as the page carries them: the marks each owes, and who gets them when it is not used.
function read(item) {
  const parts = item.dataset.unused.trim().split(/\s+/).filter(Boolean).map((part) => part.split(":"));
  return {
    item,
    code: item.dataset.category,
    name: item.dataset.name,
    weight: hundredths(item.dataset.expected),
    unused: parts.map(([code, weight]) => [code, hundredths(weight)]),
  };
}

// The rows that hold anything, by the code of their category.
function byCategory(table) {
  const groups = new Map();
  for (const row of table.tBodies[0].rows) {
    if (isEmpty(row)) continue;
    const code = cell(row, "category").value;
    if (!groups.has(code)) groups.set(code, []);
    groups.get(code).push(row);
  }
  return groups;
}

class Weights {
  constructor(table, box) {
    this.table = table;
    this.box = box;
    this.categories = [...box.querySelectorAll("li[data-category]")].map(read);
    this.execution = hundredths(box.querySelector("[data-execution]").dataset.execution);
    this.all = document.querySelector("[data-distribute-all]");
    for (const { item, code } of this.categories) {
      item.querySelector("[data-distribute]").addEventListener("click", () => this.distribute([code]));
    }
    this.all?.addEventListener("click", () => this.distribute(this.categories.map(({ code }) => code)));
    table.addEventListener("input", (event) => { if (!event.isComposing) this.follow(); });
    // What an input method composed is complete only now; no input event follows.
    table.addEventListener("compositionend", () => this.follow());
    this.update();
    this.told = this.gaps();
  }

  follow() {
    this.update();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.announce(), QUIET);
  }

  update() {
    const groups = byCategory(this.table);
    const owed = expected(this.categories, groups);
    let total = this.execution;
    let open = false;
    for (const category of this.categories) {
      const rows = groups.get(category.code) ?? [];
      const typed = rows.map((row) => marks(cell(row, "weight").value));
      const sum = typed.reduce((so, value) => so + (value || 0), 0);
      total += sum;
      const want = owed.get(category.code);
      const possible = distributed(typed, want) !== null;
      open ||= possible;
      category.item.querySelector("[data-want]").textContent = show(want);
      category.gap = fill(category.item, sum, want);
      category.item.querySelector("[data-distribute]").hidden = !possible;
    }
    fill(this.box.querySelector("[data-total]"), total, 10000);
    if (this.all) this.all.hidden = !open;
  }

  // What is missing or too much, in one sentence.
  gaps() {
    const gaps = this.categories.filter(({ gap }) => gap).map(({ name, gap }) => `${name} ${gap}`);
    return gaps.length ? gaps.join(say("；", "; ")) : say("各类分值都已合上。", "All marks add up.");
  }

  announce() {
    const sentence = this.gaps();
    if (this.told !== sentence) tell(this.table, sentence);
    this.told = sentence;
  }

  distribute(codes) {
    const groups = byCategory(this.table);
    const owed = expected(this.categories, groups);
    const changes = [];
    for (const code of codes) {
      const rows = groups.get(code) ?? [];
      const typed = rows.map((row) => marks(cell(row, "weight").value));
      const given = distributed(typed, owed.get(code));
      given?.forEach((value, n) => { if (value !== typed[n]) changes.push([rows[n], show(value)]); });
    }
    if (!changes.length) return;
    const [only] = codes.length === 1 ? this.categories.filter(({ code }) => code === codes[0]) : [];
    const name = only ? say(`分配${only.name}分值`, `share out ${only.name}`) : say("分配全部分值", "share out all marks");
    change(this.table, name, () => {
      for (const [row, value] of changes) write(cell(row, "weight"), value);
      return cell(changes[0][0], "weight");
    });
    tell(this.table, say(`已分配 ${changes.length} 行的分值，可以撤销。`, `Marks of ${changes.length} rows set; you can undo this.`));
  }
}

// Show a sum beside what it should be; returns in words what is missing or too much.
function fill(item, sum, want) {
  const rest = want - sum;
  const words = rest > 0 ? say(`还差 ${show(rest)} 分`, `${show(rest)} short`)
    : rest < 0 ? say(`多了 ${show(-rest)} 分`, `${show(-rest)} too many`) : "";
  item.querySelector("[data-sum]").textContent = show(sum);
  item.querySelector("[data-gap]").textContent = words;
  item.classList.toggle("fits", rest === 0);
  item.classList.toggle("off", rest !== 0);
  return words;
}

function funds(table) {
  let total = 0;
  for (const control of table.querySelectorAll("input")) total += amount(control.value);
  const text = total.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  table.querySelector("[data-sum-output]").textContent = text;
}

export function bindSums() {
  for (const table of document.querySelectorAll("table[data-weights]")) {
    new Weights(table, document.querySelector("[data-weight-sums]"));
  }
  for (const table of document.querySelectorAll("table[data-sum]")) {
    table.addEventListener("input", () => funds(table));
    funds(table);
  }
}
