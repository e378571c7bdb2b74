// Target values as people write them in one cell: "≥95%", "不少于 38 个", "6万人次以上", "定性". Pure.

import { halfWidth, plainNumber } from "./numbers.js";

const SPELLINGS = {
  ge: "≥ >= => ≧ ⩾ 不低于 不少于 不小于 大于等于 大于或等于 至少 ge",
  le: "≤ <= =< ≦ ⩽ 不高于 不超过 不大于 不多于 小于等于 小于或等于 至多 le",
  gt: "> 大于 超过 高于 gt",
  lt: "< 小于 低于 少于 lt",
  eq: "= == 等于 eq",
  qualitative: "定性 定性指标 qual qualitative",
};
const SIGNS = Object.entries(SPELLINGS)
  .flatMap(([sign, words]) => words.split(" ").map((word) => [word, sign]))
  .sort(([a], [b]) => b.length - a.length);
// What a form calls its sign when it only knows a direction.
const DIRECTIONS = { 正向: "ge", 正向指标: "ge", 反向: "le", 反向指标: "le", 逆向: "le", 逆向指标: "le", 负向: "le", 负向指标: "le" };
const ENDINGS = [[/(及|\(含\))?以上$/, "ge"], [/((及|\(含\))?以下|以内|之内)$/, "le"]];
// A time limit ("12月底前") is no number with a unit.
const UNIT = /^(%|‰|[^\d%‰≥≤<>=~～—\-前后底末内中旬，。；、]{0,8})$/;

export const readSign = (text) => SIGNS.find(([word]) => word === halfWidth(text).replace(/\s/g, "").toLowerCase())?.[1] ?? null;

export const readDirection = (text) => DIRECTIONS[text.replace(/\s/g, "")] ?? null;

// Split a cell into sign and the rest; the sign is "" when it names none.
export function splitSign(text) {
  const typed = halfWidth(text).trim();
  const found = SIGNS.find(([word]) => typed.startsWith(word) && !/^[a-z]/.test(word));
  return found ? [found[1], typed.slice(found[0].length).replace(/^[\s:]+/, "")] : ["", typed];
}

// Sign, number and unit of one cell, or null when it holds no number that can be read.
export function readTarget(text) {
  let [sign, rest] = splitSign(text);
  if (sign === "qualitative") return null;
  for (const [ending, meant] of ENDINGS) {
    if (sign || !ending.test(rest)) continue;
    sign = meant;
    rest = rest.replace(ending, "");
  }
  const [, digits, after] = /^([+-]?[\d,]*\d(?:\.\d+)?)\s*(.*)$/.exec(rest.replace(/\s/g, "")) ?? [];
  const value = digits === undefined ? null : plainNumber(digits);
  return value !== null && UNIT.test(after) ? { sign, value, unit: after } : null;
}
