// Tell the server once that the reviewer has opened what was handed in: then it cannot be withdrawn any more.
// A page that is only fetched must not write, so the page itself sends this. Without scripts the
// reviewer's first step says the same.
export function bindOpening() {
  const form = document.querySelector("[data-opening]");
  if (!form || document.visibilityState !== "visible") return;
  fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true }).catch(() => {});
}
