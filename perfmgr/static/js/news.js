// One quiet sentence about what just happened to a table, for those who have the page read to them.

const regions = new WeakMap();

// A region of its own per table: the sums beside it change too often to be read out whole.
function region(table) {
  if (!regions.has(table)) {
    const made = document.createElement("p");
    made.className = "visually-hidden";
    made.setAttribute("role", "status");
    (table.closest("form") ?? document.body).append(made);
    regions.set(table, made);
  }
  return regions.get(table);
}

export function tell(table, sentence) {
  const place = region(table);
  place.textContent = "";
  // The same sentence twice is read twice only when the region was empty in between.
  requestAnimationFrame(() => { place.textContent = sentence; });
}

// The region must be there before its first sentence.
export const prepareNews = region;
