// Numbers as Chinese users type them, read as the server reads them (perfmgr/rules/numbers.py).

const PLAIN = /^[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/;
const LONGEST = 28;
const FACTORS = { 亿元: 1e4, 亿: 1e4, 万元: 1, 万: 1, 元: 1e-4 };

export function halfWidth(text) {
  return text
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replaceAll("\u3000", " ");
}

// The number as plain digits ("１，２３４．５" gives "1234.5"), or null when the text is not plainly one.
export function plainNumber(text) {
  const digits = halfWidth(text).replaceAll("、", ",").replaceAll("。", ".").trim();
  if (digits.length > LONGEST || !PLAIN.test(digits)) return null;
  return digits.replaceAll(",", "").replace(/^\+/, "");
}

// How many decimals the digits need, trailing zeros not counted.
export const decimals = (digits) => (digits.split(".")[1] ?? "").replace(/0+$/, "").length;

// An amount in 万元; anything that is none counts as 0.
export function amount(text) {
  const plain = halfWidth(text).replace(/\s/g, "").replace(/^[￥¥]+/, "");
  const [, digits, unit] = /^([\d.,]+)(亿元|亿|万元|万|元)?$/.exec(plain) ?? [];
  return Number(plainNumber(digits ?? "") ?? 0) * (FACTORS[unit] ?? 1);
}
