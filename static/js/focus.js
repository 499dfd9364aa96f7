// Where the focus is after something was swapped: where it was, on what was refused, or beside what went. Nobody who
// works by keyboard starts again at the top of the page.
(() => {
  "use strict";
  const CAN_HAVE_IT = "a[href], button:not(:disabled), input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]";
  const seen = (root) => [...root.querySelectorAll(CAN_HAVE_IT)].filter((one) => one.checkVisibility());
  let last = null; // the control that had the focus, and where it stood
  let below = null; // the same of the page itself, while a dialog, a menu or a toast has it

  document.addEventListener("focusin", (event) => {
    const control = event.target;
    const places = [];
    for (let box = control.parentElement?.closest("[id]"); box; box = box.parentElement?.closest("[id]")) {
      places.push({ id: box.id, at: seen(box).indexOf(control) });
    }
    last = { control, id: control.id, places };
    if (!control.closest("dialog, [popover], .toasts")) below = last;
  });

  function restore() {
    const lost = last && !(last.control.isConnected && last.control.checkVisibility()) && [document.body, null].includes(document.activeElement);
    if (!lost) return;
    const target = same(last) || neighbour(last.places) || (below && (same(below) || neighbour(below.places)));
    (target || document.getElementById("main"))?.focus({ preventScroll: true });
  }
  function same({ control, id }) {
    const found = control.isConnected ? control : id && document.getElementById(id);
    return found && found.checkVisibility() ? found : null;
  }
  // In the nearest box that is still there: what was refused, else the control at the same place, else the one before.
  function neighbour(places) {
    for (const { id, at } of places) {
      const box = document.getElementById(id);
      if (!box) continue;
      const refused = box.querySelector("[aria-invalid=true]");
      if (refused) return refused;
      const controls = seen(box);
      if (controls.length) return controls[Math.min(Math.max(at, 0), controls.length - 1)];
    }
    return null;
  }
  for (const type of ["htmx:after:swap", "htmx:finally:request"]) {
    document.addEventListener(type, (event) => {
      if (event.detail.ctx.sourceElement?.id !== "poll") setTimeout(restore);
    });
  }
  document.addEventListener("dialog-closed", () => setTimeout(restore));

  // A page that came back with an error opens on the field to mend; the settings on the tab that is shown.
  document.querySelector("main [aria-invalid=true]:not([type=hidden])")?.focus();
  document.querySelector(".subnav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

  // Escape leaves a field that is edited in its place, as Cancel does.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || document.querySelector("dialog[open]")) return;
    const cancel = event.target.closest("form")?.querySelector("[data-cancel]");
    if (cancel) {
      event.preventDefault();
      cancel.click();
    }
  });
})();
