// Putting rows in order: stages, custom fields and the choices of one are dragged; sources and lost reasons have arrows
// only. The arrows beside all of them work without scripts; with htmx the list is swapped in place.
(() => {
  "use strict";
  // Who puts a row in its place by the arrows goes on with it: it is drawn again elsewhere in the list.
  let pressed = null;
  document.addEventListener("submit", (event) => {
    const row = event.target.closest(".set [data-id]");
    pressed = row && event.submitter ? { row: row.id, by: event.submitter.value } : null;
  }, true);
  document.addEventListener("htmx:after:swap", () => {
    if (!pressed) return;
    const arrows = [...document.querySelectorAll(`#${pressed.row} button[name=by]:not(:disabled)`)];
    (arrows.find((arrow) => arrow.value === pressed.by) || arrows[0])?.focus();
    pressed = null;
  });

  if (!window.Sortable) return;
  const look = { handle: ".grip", ghostClass: "lc-ghost", animation: 120 };
  const rows = document.querySelector("[data-choices]");
  if (rows) window.Sortable.create(rows, { ...look, draggable: ".choice-i" });

  const list = document.querySelector(".set[data-order]");
  if (!list) return;
  let before = "";
  const order = () => [...list.querySelectorAll("[data-id]")].map((item) => item.dataset.id).join();
  window.Sortable.create(list, {
    ...look,
    draggable: ".set-i",
    onStart() {
      before = order();
    },
    onEnd() {
      if (order() === before) return;
      window.htmx.ajax("POST", list.dataset.order, { source: list, target: list, swap: "outerMorph", values: { order: order() } });
    },
  });
})();
