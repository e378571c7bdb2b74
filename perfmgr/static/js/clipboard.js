// What a spreadsheet puts on the clipboard as text: rows of cells with tabs between them. Pure.

// Where a quoted cell ends: a quotation mark before a tab, a line break or the end. -1 when the cell only looks quoted.
function closing(source, from) {
  let at = source.indexOf('"', from + 1);
  while (at >= 0 && source[at + 1] === '"') at = source.indexOf('"', at + 2);
  return at >= 0 && (at + 1 === source.length || source[at + 1] === "\t" || source[at + 1] === "\n") ? at : -1;
}

// Rows of cells as they were typed; line breaks inside a quoted cell stay, the empty line at the end goes.
export function parseBlock(text) {
  const source = text.replaceAll("\u0000", "").replace(/\r\n?/g, "\n");
  const rows = [[]];
  let at = 0;
  while (at <= source.length) {
    const end = source[at] === '"' ? closing(source, at) : -1;
    let next = at;
    if (end >= 0) {
      rows.at(-1).push(source.slice(at + 1, end).replaceAll('""', '"'));
      next = end + 1;
    } else {
      while (next < source.length && source[next] !== "\t" && source[next] !== "\n") next += 1;
      rows.at(-1).push(source.slice(at, next));
    }
    if (source[next] === "\n") rows.push([]);
    at = next + 1;
  }
  while (rows.length && rows.at(-1).every((cell) => !cell.trim())) rows.pop();
  return rows;
}

// Whether the clipboard holds a block of cells, and not a text for one cell.
export function isBlock(text, html) {
  const rows = parseBlock(text);
  if (rows.some((row) => row.length > 1)) return true;
  if (rows.length < 2) return false;
  // One column: Excel and WPS also say so with a table; paragraphs copied from a text are no table.
  return html ? /<table/i.test(html) : true;
}

// One line for a cell: each line break becomes `between`, or nothing after punctuation.
export function oneLine(text, between = " ") {
  const lines = text.split(/[\n\u2028\u2029]+/).map((line) => line.trim()).filter(Boolean);
  const joined = lines.reduce((so, line) => (so && /[\p{P}\s]$/u.test(so) ? so + line : so ? so + between + line : line), "");
  return joined.replace(/[\s\u3000]+/g, " ").trim();
}
