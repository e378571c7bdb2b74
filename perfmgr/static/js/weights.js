// Marks of categories: what each owes, and how the rest is shared out. Pure; everything in whole hundredths.

import { decimals, halfWidth, plainNumber } from "./numbers.js";

const MOST = 100_000;

// Marks as hundredths; null for an empty cell, NaN for what is not usable as marks.
export function marks(text) {
  const typed = halfWidth(text).trim().replace(/%$/, "");
  if (!typed) return null;
  const digits = plainNumber(typed);
  if (digits === null || decimals(digits) > 2) return NaN;
  const hundredths = Math.round(Number(digits) * 100);
  return hundredths >= 0 && hundredths < MOST ? hundredths : NaN;
}

export const show = (hundredths) => String(Math.round(hundredths) / 100);

// What each category owes when only those in `used` have indicators: Scheme.expected_weights of the server.
export function expected(categories, used) {
  const owed = new Map(categories.map((category) => [category.code, category.weight]));
  for (const category of categories) {
    if (used.has(category.code) || !category.unused.length) continue;
    owed.set(category.code, 0);
    for (const [code, weight] of category.unused) owed.set(code, owed.get(code) + weight);
  }
  return owed;
}

// The coarsest of whole marks, halves and hundredths in which every row still gets something.
function stepFor(rest, count) {
  return [100, 50].find((step) => rest % step === 0 && rest >= step * count)
    ?? (rest >= 50 * count ? 50 : 1);
}

// `rest` in `count` parts that differ by one step at most, the later ones larger, what no step fits on the last.
export function parts(rest, count) {
  const step = stepFor(rest, count);
  const steps = Math.floor(rest / step);
  const larger = steps % count;
  const shares = Array.from({ length: count }, (_, n) => (Math.floor(steps / count) + (n >= count - larger ? 1 : 0)) * step);
  shares[count - 1] += rest - steps * step;
  return shares;
}

// Take `over` from the rows as evenly as they can give; none goes below zero.
function lessened(values, over) {
  const left = [...values];
  let rest = over;
  while (rest > 0) {
    const givers = left.map((value, n) => n).filter((n) => left[n] > 0);
    if (!givers.length) break;
    const each = Math.min(Math.max(1, Math.floor(rest / givers.length)), ...givers.map((n) => left[n]));
    // Backwards: an odd hundredth is taken from the last rows.
    for (const n of givers.reverse()) {
      const taken = Math.min(each, rest);
      left[n] -= taken;
      rest -= taken;
    }
  }
  return left;
}

// New marks of a category's rows, or null when nothing can be shared out.
// Rows without marks share what is missing; when every row has some, all of them give or take.
export function distributed(values, want) {
  if (!values.length || values.some((value) => Number.isNaN(value))) return null;
  const rest = want - values.reduce((sum, value) => sum + (value ?? 0), 0);
  const open = values.map((value, n) => n).filter((n) => !values[n]);
  if (rest === 0 || (rest < 0 && open.length)) return null;
  if (rest < 0) return lessened(values, -rest);
  const takers = open.length ? open : values.map((_value, n) => n);
  const shares = parts(rest, takers.length);
  const result = values.map((value) => value ?? 0);
  takers.forEach((n, at) => { result[n] += shares[at]; });
  return result;
}
