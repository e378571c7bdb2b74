// Choosing indicators from the library beside the table: suggestions, search while typing, one click fills a row.
import { addRow } from "./rows.js";

const PAUSE = 250; // milliseconds without a key before the search is sent

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function bindPanel(panel) {
  const opener = panel.querySelector("[data-library-open]");
  const body = panel.querySelector("[data-library-body]");
  const search = panel.querySelector("[data-library-search]");
  const list = panel.querySelector("[data-library-list]");
  const title = panel.querySelector("[data-library-title]");
  const said = panel.querySelector("[data-library-said]");
  const table = document.querySelector('table[data-rows="indicators"]');
  let asked = 0;

  async function load() {
    const turn = ++asked;
    const query = search.value.trim();
    let answer;
    try {
      const response = await fetch(`${panel.dataset.library}.json?q=${encodeURIComponent(query)}`);
      answer = response.ok && !response.redirected ? await response.json() : null;
    } catch {
      answer = null;
    }
    if (turn !== asked) return; // something else was typed meanwhile
    said.textContent = answer ? "" : panel.dataset.failed;
    const offers = answer?.offers ?? [];
    if (answer && !offers.length) said.textContent = panel.dataset.none;
    title.textContent = query ? panel.dataset.found.replace("{count}", answer?.total ?? 0) : panel.dataset.suggested;
    list.replaceChildren(...offers.map(item));
  }

  function item(offer) {
    const row = element("li");
    const text = element("div", "offer-text");
    const link = element("a", "row-link", offer.name);
    link.href = `/library/${offer.id}`;
    link.target = "_blank";
    link.rel = "noopener";
    text.append(link, " ", element("b", "nowrap", offer.target), " ");
    text.append(element("span", "muted", `${offer.category} · ${offer.meaning}`), element("p", "", offer.definition));
    if (offer.reason) text.append(element("p", "offer-why", offer.reason));
    const button = element("button", "btn", panel.dataset.insert);
    button.type = "button";
    button.setAttribute("aria-label", `${panel.dataset.insert} ${offer.name}`);
    button.addEventListener("click", () => insert(offer, row));
    row.append(text, button);
    return row;
  }

  function insert(offer, item) {
    const row = addRow(table, offer.values);
    const target = row.querySelector('[name$="-target"]');
    mark(target);
    const number = [...table.tBodies[0].rows].indexOf(row) + 1;
    said.textContent = panel.dataset.filled.replace("{row}", number).replace("{name}", offer.name);
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    (next?.querySelector("button") ?? search).focus();
    row.scrollIntoView({ block: "nearest" });
  }

  // The value is only a starting point until somebody has looked at it.
  function mark(target) {
    if (!target) return;
    const note = element("p", "check-note", panel.dataset.check);
    target.after(note);
    target.addEventListener("input", () => note.remove(), { once: true });
  }

  opener.setAttribute("role", "button");
  opener.setAttribute("aria-expanded", "false");
  opener.addEventListener("keydown", (event) => {
    if (event.key === " ") { event.preventDefault(); opener.click(); }
  });
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    body.hidden = !body.hidden;
    opener.setAttribute("aria-expanded", String(!body.hidden));
    if (body.hidden) return;
    search.focus();
    if (!list.childElementCount) load();
  });
  let waiting;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(load, PAUSE); });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); clearTimeout(waiting); load(); }
    if (event.key === "Escape" && !search.value) { opener.click(); opener.focus(); }
  });
}

export function bindLibrary() {
  for (const panel of document.querySelectorAll("[data-library]")) bindPanel(panel);
}
