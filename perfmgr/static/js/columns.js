// What each column of a pasted block means: by its head, by its place, by what it holds. Pure.

import { halfWidth, plainNumber } from "./numbers.js";
import { readSign, readTarget } from "./targets.js";
import { marks } from "./weights.js";

const HEADS = [
  ["category", /^(一级指标(名称)?|一级|指标类别|类别)$/],
  ["subcategory", /^(二级指标(名称)?|二级)$/],
  ["name", /^(三级指标(名称)?|三级|(绩效|具体)?指标(名称|内容)?)$/],
  ["sign", /^(符号|(运算|计算|比较)符号?|(指标)?(性质|方向))$/],
  ["target", /^((年度|年初|本年|当年|全年|项目|绩效|\d{4}年|\/)*(指标|目标|计划|标准)值|年度目标|数值)$/],
  ["unit", /^(指标值?|计量|度量)?单位$/],
  ["weight", /^(指标)?(分值|权重|分数)(权重|分值)?$/],
  ["evidence", /备注|佐证|证明材料|数据来源|取值依据/],
];

const SAMPLE = 200;

const squeezed = (text) => halfWidth(text).replace(/\s/g, "");

// The field a head names, or ""; `own` are the heads of the page's own table by their words.
export function headField(text, own = new Map()) {
  const head = squeezed(text).replace(/\(.*?\)/g, "").replace(/:$/, "");
  return own.get(head.toLowerCase()) ?? HEADS.find(([, pattern]) => pattern.test(head))?.[0] ?? "";
}

const stem = (name) => squeezed(name).replace(/\(.*?\)/g, "").replace(/\d+(\.\d+)?(分|%)?$/, "").replace(/指标$/, "").toLowerCase();

// The category a first-level heading means; its name with or without 指标, or a second-level name of one category only.
export function categoryOf(text, categories) {
  const wanted = stem(text);
  if (!wanted) return null;
  const named = categories.find(({ code, names }) => code === text || names.some((name) => stem(name) === wanted));
  if (named) return named.code;
  const parents = categories.filter(({ children }) => children.some((child) => stem(child) === wanted));
  return parents.length === 1 ? parents[0].code : null;
}

// A second-level name as the scheme writes it, where it knows it.
export function childName(text, categories) {
  return categories.flatMap(({ children }) => children).find((child) => stem(child) === stem(text)) ?? text;
}

const isNumber = (text) => plainNumber(text) !== null;
const isMarks = (text) => { const value = marks(text.replace(/分$/, "")); return value !== null && !Number.isNaN(value) && value <= 10000; };
const isUnit = (text) => text.length <= 6 && !/\d/.test(text) && readSign(text) === null;
const isText = (text) => !isNumber(text) && readSign(text) === null;

// How large a part of the filled cells passes a test.
function share(cells, test) {
  const filled = cells.filter((cell) => cell.trim());
  return filled.length ? filled.filter((cell) => test(cell.trim())).length / filled.length : 0;
}

function suits(field, cells, categories) {
  if (!cells.some((cell) => cell.trim())) return true;
  const isCategory = (text) => categoryOf(text, categories) !== null;
  switch (field) {
    case "category": return share(cells, isCategory) >= 0.6;
    case "subcategory": return share(cells, (text) => isText(text) && text.length <= 16) >= 0.8;
    case "name": return share(cells, (text) => isText(text) && !isCategory(text) && readTarget(text) === null) >= 0.6;
    case "sign": return share(cells, (text) => readSign(text) !== null) >= 0.8;
    case "target": return share(cells, (text) => readSign(text) === null) >= 0.8;
    case "unit": return share(cells, isUnit) >= 0.8;
    case "weight": return share(cells, isMarks) >= 0.8;
    default: return share(cells, isText) >= 0.8;
  }
}

const ORDER = ["category", "subcategory", "name", "sign", "target", "unit", "weight", "evidence"];

function byPlace(columns, start, categories) {
  const fields = ORDER.slice(ORDER.indexOf(start));
  if (columns.length > fields.length) return null;
  return columns.every((cells, n) => suits(fields[n], cells, categories)) ? columns.map((_cells, n) => fields[n]) : null;
}

// From left to right: what is plain by its content first, the names last.
function byContent(columns, categories) {
  const fields = columns.map(() => "");
  const take = (field, test, from = 0) => {
    const at = columns.findIndex((cells, n) => n >= from && !fields[n] && cells.some((cell) => cell.trim()) && test(cells));
    if (at >= 0) fields[at] = field;
    return at;
  };
  const category = take("category", (cells) => share(cells, (text) => categoryOf(text, categories) !== null && text.length <= 12) >= 0.6);
  const sign = take("sign", (cells) => suits("sign", cells, categories));
  const isValue = (cells) => share(cells, (text) => readTarget(text) !== null) >= 0.5;
  const target = take("target", isValue, sign + 1);
  if (target >= 0) {
    take("weight", (cells) => share(cells, isMarks) >= 0.8, target + 1);
    if (columns[target + 1] && !fields[target + 1] && suits("unit", columns[target + 1], categories)) fields[target + 1] = "unit";
  }
  const before = columns.map((_cells, n) => n).filter((n) => !fields[n] && n > category && (target < 0 || n < target)
    && share(columns[n], isText) >= 0.6);
  if (before.length) fields[before.at(-1)] = "name";
  if (before.length > 1) fields[before.at(-2)] = "subcategory";
  if (target >= 0) take("evidence", (cells) => share(cells, isText) >= 0.8, target + 1);
  return fields;
}

// Where heads stand in the first rows: the field of each column, and how many rows to skip.
function byHead(grid, width, own) {
  const fieldsOf = (row) => Array.from({ length: width }, (_, n) => headField(row[n] ?? "", own));
  for (let at = 0; at < Math.min(4, grid.length); at += 1) {
    const fields = fieldsOf(grid[at]);
    const known = fields.filter(Boolean).length;
    const filled = grid[at].filter((cell) => cell.trim()).length;
    if (!known || (known < 2 && known < filled)) continue;
    // A merged head ("指标值") may stand over the heads of its parts.
    const lower = fieldsOf(grid[at + 1] ?? []);
    const second = lower.some(Boolean) && (grid[at + 1] ?? []).every((cell, n) => !cell.trim() || lower[n]);
    return { fields: second ? fields.map((field, n) => lower[n] || field) : fields, skip: at + (second ? 2 : 1) };
  }
  return null;
}

// A field belongs to one column, the last that claims it (forms for several years have this year on the right);
// remarks may come from several.
function once(fields) {
  return fields.map((field, n) => (field && field !== "evidence" && fields.indexOf(field, n + 1) >= 0 ? "" : field));
}

// Guess the columns of a block pasted at `start`: { fields, skip, heads }.
export function guessColumns(grid, start, categories, own) {
  const width = grid.reduce((most, row) => Math.max(most, row.length), 0);
  const headed = byHead(grid, width, own);
  if (headed) return { fields: once(headed.fields), skip: headed.skip, headed: true };
  const sample = grid.slice(0, SAMPLE);
  const columns = Array.from({ length: width }, (_, n) => sample.map((row) => row[n] ?? ""));
  return { fields: once(byPlace(columns, start, categories) ?? byContent(columns, categories)), skip: 0, headed: false };
}
