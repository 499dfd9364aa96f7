// Dragging stages into order. The buttons beside them do the same without scripts; with htmx the list is swapped in place.
(() => {
  "use strict";
  const list = document.getElementById("stages");
  if (!list || !window.Sortable) return;
  // Who puts a stage in its place by the arrows goes on with it: its row is drawn again elsewhere in the list.
  let pressed = null;
  document.addEventListener("submit", (event) => {
    const row = event.target.closest("#stages [data-id]");
    pressed = row && event.submitter ? { row: row.id, by: event.submitter.value } : null;
  }, true);
  document.addEventListener("htmx:after:swap", () => {
    if (!pressed) return;
    const arrows = [...document.querySelectorAll(`#${pressed.row} button[name=by]:not(:disabled)`)];
    (arrows.find((arrow) => arrow.value === pressed.by) || arrows[0])?.focus();
    pressed = null;
  });

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
