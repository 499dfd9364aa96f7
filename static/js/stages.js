// Putting stages, sources and lost reasons in order. The buttons beside them work without scripts; with htmx the list is
// swapped in place.
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

  // Stages are dragged, too.
  const list = document.getElementById("stages");
  if (!list || !window.Sortable) return;
  let before = "";
  const order = () => [...list.querySelectorAll("[data-id]")].map((item) => item.dataset.id);

  window.Sortable.create(list, {
    draggable: ".set-i",
    handle: ".grip",
    ghostClass: "lc-ghost",
    animation: 120,
    onStart() {
      before = order().join();
    },
    onEnd() {
      if (order().join() === before) return;
      window.htmx.ajax("POST", list.dataset.order, {
        source: list,
        target: list,
        swap: "outerMorph",
        values: { order: order().join() },
      });
    },
  });
})();
