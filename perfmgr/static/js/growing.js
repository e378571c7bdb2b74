// Text areas as high as their text, where the browser cannot do it by itself (field-sizing: content).

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
}

export function bindGrowing(table) {
  if (CSS.supports("field-sizing", "content")) return;
  const all = () => { for (const area of table.querySelectorAll("textarea.grows")) grow(area); };
  table.addEventListener("input", (event) => {
    if (event.target === table) all();
    else if (event.target.matches("textarea.grows")) grow(event.target);
  });
  all();
}
