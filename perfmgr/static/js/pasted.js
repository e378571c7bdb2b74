// A pasted block as rows of the indicator table, with everything that has to be mended. Pure.

import { oneLine } from "./clipboard.js";
import { categoryOf, childName } from "./columns.js";
import { decimals, plainNumber } from "./numbers.js";
import { readDirection, readSign, readTarget, splitSign } from "./targets.js";
import { marks } from "./weights.js";

const TOTAL = /^(合计|总计|小计|总分|指标分值合计.*|total)$/i;
const BETWEEN = { evidence: "；", target: "；", category: "", subcategory: "", unit: "", sign: "" };

const said = (text) => text.replace(/[\s\u3000:：]/g, "");

function collect(row, fields) {
  const cells = {};
  fields.forEach((field, n) => {
    if (!field) return;
    const typed = oneLine(row[n] ?? "", BETWEEN[field] ?? " ");
    cells[field] = [cells[field], typed].filter(Boolean).join("；");
  });
  return cells;
}

// Blank cells below a merged heading mean the heading; a new first level starts a new second level.
function fillDown(rows) {
  let above = {};
  for (const cells of rows) {
    if (cells.category) above = { category: cells.category };
    else if (above.category && "category" in cells) cells.category = above.category;
    if (cells.subcategory) above.subcategory = cells.subcategory;
    else if (above.subcategory && "subcategory" in cells) cells.subcategory = above.subcategory;
  }
}

function readCategory(cells, values, note, { categories, category, fresh }) {
  const typed = cells.category ?? "";
  const code = categoryOf(typed, categories) ?? categoryOf(cells.subcategory ?? "", categories);
  if (code) values.category = code;
  else if (typed) {
    values.category = typed;
    note("category", "category_unknown", { text: typed });
  } else if (!("category" in cells)) {
    // Rows that are there keep theirs.
    if (category && fresh) values.category = category;
  } else {
    values.category = "";
    note("category", "category_missing");
  }
  if ("subcategory" in cells) values.subcategory = childName(cells.subcategory, categories);
}

function readSignCell(cells, note) {
  if (!cells.sign) return "";
  const sign = readSign(cells.sign);
  if (sign) return sign;
  if (readDirection(cells.sign)) return "";
  note("sign", "sign_unknown", { text: cells.sign });
  return cells.sign;
}

const tooFine = (value) => decimals(value) > 6 || Math.abs(Number(value)) >= 1e12;

function readValue(cells, values, note, fresh) {
  if (!("sign" in cells) && !("target" in cells)) return;
  const own = readSignCell(cells, note);
  const typed = cells.target ?? "";
  const [written, rest] = splitSign(typed);
  const read = own === "qualitative" ? null : readTarget(typed);
  if (read) {
    values.target = read.value;
    if (tooFine(read.value)) note("target", "value", { text: read.value });
    if (read.unit && !values.unit) values.unit = read.unit;
    else if (read.unit && read.unit !== values.unit) note("unit", "unit_twice", { text: values.unit, other: read.unit });
  } else if (typed && own && own !== "qualitative") {
    values.target = typed;
    note("target", "value", { text: typed });
  } else if ("target" in cells) {
    values.target = written === "qualitative" ? rest : written && !own ? rest : typed;
    if (written && written !== "qualitative" && !own && rest) note("target", "value", { text: rest });
  }
  const found = read?.sign || written || (typed && !read ? "qualitative" : "");
  const sign = own || found || readDirection(cells.sign ?? "") || "";
  if (own && read?.sign && own !== read.sign) note("sign", "sign_twice", { text: own, other: read.sign });
  if (sign || "sign" in cells || fresh) values.sign = sign;
  if (!sign && typed && (fresh || "sign" in cells)) note("sign", "sign_missing");
}

function readWeight(cells, values, note) {
  if (!("weight" in cells)) return;
  const typed = cells.weight.replace(/\s*分$/, "");
  const value = marks(typed);
  values.weight = Number.isNaN(value) ? cells.weight : (plainNumber(typed.replace(/[%％]$/, "")) ?? "");
  if (Number.isNaN(value)) note("weight", "weight", { text: cells.weight });
}

function readRow(cells, context) {
  const values = {};
  const problems = [];
  const note = (field, code, params = {}) => problems.push({ field, code, ...params });
  for (const field of ["name", "unit", "evidence"]) if (field in cells) values[field] = cells[field].replace(/^％$/, "%");
  readCategory(cells, values, note, context);
  readValue(cells, values, note, context.fresh);
  readWeight(cells, values, note);
  if ("name" in cells && !cells.name) note("name", "name_missing");
  for (const [field, limit] of Object.entries(context.limits)) {
    const over = [...(values[field] ?? "")].length - limit;
    if (over > 0) note(field, "long", { over, limit });
  }
  return { values, problems };
}

// Rows of the table from a block: { rows: [{ values, problems }], totals }.
// `context`: categories, limits by field, the category of rows that name none, and whether the rows are new ones.
export function readBlock(grid, { fields, skip }, context) {
  const lines = grid.slice(skip).filter((row) => row.some((text) => text.trim()));
  const kept = lines.filter((row) => !TOTAL.test(said(row.find((text) => text.trim()))));
  const rows = kept.map((row) => collect(row, fields));
  fillDown(rows);
  return { rows: rows.map((cells) => readRow(cells, context)), totals: lines.length - kept.length };
}
