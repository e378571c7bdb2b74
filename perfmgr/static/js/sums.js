// Sums that follow the typing: marks per category, and the year's funds. The server computes its own.

const FACTORS = { 亿元: 1e4, 亿: 1e4, 万元: 1, 万: 1, 元: 1e-4 };

// Full-width digits, thousands commas and units count as the server counts them; anything else counts as 0.
function number(text) {
  const plain = text
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[\s\u3000]/g, "")
    .replace(/^[￥¥]+/, "");
  const [, digits, unit] = /^([\d.,]+)(亿元|亿|万元|万|元)?$/.exec(plain) ?? [];
  if (!/^(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/.test(digits ?? "")) return 0;
  return Number(digits.replaceAll(",", "")) * (FACTORS[unit] ?? 1);
}

const show = (value) => String(Math.round(value * 100) / 100);

function weights(table) {
  const box = document.querySelector("[data-weight-sums]");
  const items = [...box.querySelectorAll("li[data-category]")];
  const sums = new Map();
  for (const row of table.tBodies[0].rows) {
    const category = row.querySelector("select").value;
    const typed = row.querySelector('[name$="-weight"]').value;
    const name = row.querySelector('[name$="-name"]').value.trim();
    if (category && (typed.trim() || name)) sums.set(category, (sums.get(category) || 0) + number(typed));
  }
  // A category without indicators may hand its marks to others (the scheme says so).
  const wanted = new Map(items.map((item) => [item.dataset.category, Number(item.dataset.expected)]));
  for (const item of items) {
    if (sums.has(item.dataset.category) || !item.dataset.unused.trim()) continue;
    wanted.set(item.dataset.category, 0);
    for (const part of item.dataset.unused.trim().split(/\s+/)) {
      const [code, amount] = part.split(":");
      wanted.set(code, wanted.get(code) + Number(amount));
    }
  }
  let total = Number(box.querySelector(".fixed b").textContent);
  for (const item of items) {
    const sum = sums.get(item.dataset.category) || 0;
    total += sum;
    mark(item, sum, wanted.get(item.dataset.category));
  }
  mark(box.querySelector("[data-total]"), total, 100);
}

function mark(item, sum, want) {
  item.querySelector("[data-sum]").textContent = show(sum);
  const wanted = item.querySelector("[data-want]");
  if (wanted) wanted.textContent = show(want);
  const fits = Math.abs(sum - want) < 0.005;
  item.classList.toggle("fits", fits);
  item.classList.toggle("off", !fits);
}

function funds(table) {
  let total = 0;
  for (const control of table.querySelectorAll("input")) total += number(control.value);
  const text = total.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  table.querySelector("[data-sum-output]").textContent = text;
}

export function bindSums() {
  for (const [selector, sum] of [["table[data-weights]", weights], ["table[data-sum]", funds]]) {
    for (const table of document.querySelectorAll(selector)) {
      table.addEventListener("input", () => sum(table));
      sum(table);
    }
  }
}
