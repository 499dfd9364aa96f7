// Dragging stages into order. The buttons beside them do the same without scripts; with htmx the list is swapped in place.
(() => {
  "use strict";
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
