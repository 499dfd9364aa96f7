// Dragging custom fields, and the choices of one, into order. The buttons beside them do the same without scripts.
(() => {
  "use strict";
  if (!window.Sortable) return;
  const look = { handle: ".grip", ghostClass: "lc-ghost", animation: 120 };
  const rows = document.querySelector("[data-choices]");
  if (rows) window.Sortable.create(rows, { ...look, draggable: ".choice-i" });

  const list = document.getElementById("fields");
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
