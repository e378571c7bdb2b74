// The dialog in which a pasted block is looked at, its columns corrected, and its place chosen.

import { FIELDS } from "./cells.js";
import { english, say } from "./language.js";
import { readBlock } from "./pasted.js";

const SHOWN = 200;
const READ = 2000;

const SENTENCES = {
  category_unknown: ({ text }) => say(`“${text}”不是本方案的指标类别，请改选。`, `“${text}” is no category of this scheme; please choose one.`),
  category_missing: () => say("没有写类别，请选择。", "No category given; please choose one."),
  sign_unknown: ({ text }) => say(`符号“${text}”无法识别，请改选。`, `The sign “${text}” is not known; please choose one.`),
  sign_missing: () => say("没有写符号，请选择。", "No sign given; please choose one."),
  sign_twice: () => say("与目标值里写的符号不一致，请核对。", "The target is written with another sign; please check."),
  value: ({ text }) => say(`“${text}”不是可用的数字；定量指标请填数字，定性指标请把符号选为“定性”。`,
    `“${text}” is no usable number; give a number, or choose “Qualitative” as sign.`),
  unit_twice: ({ other }) => say(`目标值里写的单位是“${other}”，请核对。`, `The target is written in “${other}”; please check.`),
  weight: ({ text }) => say(`“${text}”不是可用的分值，请填数字，最多两位小数。`,
    `“${text}” is no usable number of marks; at most two decimals.`),
  name_missing: () => say("没有指标名称，请填写。", "No name given; please fill it in."),
  long: ({ over, limit }) => say(`超出 ${over} 字，最多 ${limit} 字，请删减。`, `${over} characters too long; at most ${limit}.`),
};

export const sentence = (problem) => SENTENCES[problem.code](problem);

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export class Preview {
  // `place`: what the dialog needs to know of the table; `confirm(rows, mode)` is called once with the choice.
  constructor(dialog, place, confirm) {
    this.dialog = dialog;
    this.place = place;
    this.find = (name) => dialog.querySelector(`[data-paste-${name}]`);
    this.find("cancel").addEventListener("click", () => dialog.close());
    this.find("confirm").addEventListener("click", () => {
      if (this.refusal()) return;
      dialog.close();
      confirm(this.read.rows, this.mode());
    });
    for (const radio of this.radios()) radio.addEventListener("change", () => this.render());
  }

  radios() { return [...this.dialog.querySelectorAll('[name="paste-mode"]')]; }

  mode() { return this.radios().find((radio) => radio.checked).value; }

  open(grid, guess) {
    this.grid = grid;
    this.guess = guess;
    // A block without names completes rows that are there; one with names brings rows of its own.
    const mode = guess.fields.includes("name") ? "append" : "overwrite";
    for (const radio of this.radios()) radio.checked = radio.value === mode;
    const number = this.place.number();
    this.find("from").textContent = say(`从第 ${number} 行起覆盖（只改粘贴的这几列）`, `Overwrite from row ${number} on (only the columns pasted)`);
    this.columns();
    this.render();
    this.dialog.showModal();
    (this.refusal() ? this.radios().find((radio) => radio.checked) : this.find("confirm")).focus();
  }

  columns() {
    const selects = this.guess.fields.map((field, n) => {
      const select = this.find("choices").content.firstElementChild.cloneNode(true);
      select.value = field;
      select.addEventListener("change", () => {
        this.guess.fields = this.guess.fields.map((other, at) => (at === n ? select.value : select.value !== "evidence" && other === select.value ? "" : other));
        this.columns();
        this.render();
        this.find("columns").querySelectorAll("select")[n].focus();
      });
      const head = this.guess.skip ? this.grid[this.guess.skip - 1][n] : this.grid.map((row) => row[n] ?? "").find((cell) => cell.trim());
      const sample = [...(head ?? "").trim().replace(/\s+/g, " ")].slice(0, 12).join("");
      return element("label", {}, element("span", {}, say(`第 ${n + 1} 列`, `Column ${n + 1}`), element("small", { textContent: sample })), select);
    });
    this.find("columns").replaceChildren(...selects);
  }

  render() {
    const { categories, limits } = this.place;
    const context = { categories, limits, category: this.place.category(), fresh: this.mode() !== "overwrite" };
    this.read = readBlock(this.grid.slice(0, READ), this.guess, context);
    this.more = Math.max(0, this.grid.length - READ);
    this.find("rows").replaceChildren(...this.read.rows.slice(0, SHOWN).map((row, n) => this.row(row, n)));
    const bad = this.read.rows.filter(({ problems }) => problems.length).length;
    this.find("summary").textContent = this.summary(this.read.rows.length + this.more, bad);
    this.find("refusal").textContent = this.refusal();
    this.find("confirm").disabled = Boolean(this.refusal());
  }

  summary(count, bad) {
    const parts = [say(`识别到 ${count} 行`, `Rows recognised: ${count}`)];
    if (this.guess.skip) parts.push(say(`表头 ${this.guess.skip} 行不导入`, `heads left out: ${this.guess.skip}`));
    if (this.read.totals) parts.push(say(`合计 ${this.read.totals} 行不导入`, `totals left out: ${this.read.totals}`));
    parts.push(bad ? say(`${bad} 行有需要修改的地方，可以先粘贴，再在表里改`, `rows to mend: ${bad}, which can be done in the table after pasting`)
      : say("没有发现问题", "nothing wrong found"));
    return parts.join(english ? "; " : "；") + (english ? "." : "。");
  }

  row({ values, problems }, n) {
    const cells = FIELDS.map((field) => {
      const wrong = problems.filter((problem) => problem.field === field);
      const cell = element("td", { className: wrong.length ? "bad-cell" : "" }, this.place.shown(field, values[field]) || "—");
      for (const problem of wrong) cell.append(element("p", { className: "field-error", textContent: sentence(problem) }));
      return cell;
    });
    const head = element("th", { scope: "row", textContent: String(n + 1) });
    return element("tr", {}, head, ...cells);
  }

  // Why the block cannot be taken over as it stands, or "".
  refusal() {
    const count = this.read.rows.length + this.more;
    if (!count) return say("没有可以粘贴的行，请核对各列的含义。", "There is no row to paste; please check what the columns mean.");
    if (!this.guess.fields.some(Boolean)) return say("请至少给一列选一个含义。", "Please choose what at least one column means.");
    const after = this.place.rowsAfter(this.mode(), count);
    if (after <= this.place.most) return "";
    return say(`粘贴后有 ${after} 行，最多 ${this.place.most} 行；请减少行数或改选写入位置。`,
      `There would be ${after} rows; at most ${this.place.most} can be saved. Paste fewer rows or choose another place.`);
  }
}
