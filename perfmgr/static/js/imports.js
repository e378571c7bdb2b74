// The progress of an import: the next slice is asked for as soon as the last one is written.
// Without this file the button of the same form does it, slice by slice.
export function bindImports() {
  const section = document.querySelector("[data-import-progress]");
  if (!section) return;
  const form = section.querySelector("form");
  const bar = section.querySelector("progress");
  const count = section.querySelector("[data-settled]");
  let failures = 0;
  const step = async () => {
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new FormData(form), headers: { Accept: "application/json" },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const state = await answer.json();
      failures = 0;
      bar.max = state.due;
      bar.value = state.settled;
      count.textContent = state.settled;
      if (state.finished) location.reload();
      else setTimeout(step, 50);
    } catch {
      // A lost network or a busy server: try again, ever more slowly; the button stays for who does not want to wait.
      failures += 1;
      setTimeout(step, Math.min(30_000, 1000 * 2 ** failures));
    }
  };
  step();
}
