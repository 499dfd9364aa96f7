// The list: tick all, and say how many are ticked; columns in order. Without it each box is ticked by hand.
(() => {
  "use strict";
  const boxes = (form) => [...form.querySelectorAll('tbody .pick input[type="checkbox"]')];

  document.addEventListener("change", (event) => {
    const box = event.target.closest(".pick input, .all-m input");
    const form = box?.form;
    if (!form) return;
    if (box.matches("[data-all]")) for (const one of boxes(form)) one.checked = box.checked;
    count(form);
  });
  function count(form) {
    const all = boxes(form);
    const ticked = all.filter((box) => box.checked).length;
    const head = form.querySelector("[data-all]");
    head.checked = ticked === all.length && ticked > 0;
    head.indeterminate = ticked > 0 && ticked < all.length;
    // All that match is offered once the page is ticked (on a phone, with the first tick), and goes with it.
    const matching = form.querySelector(".all-m input");
    if (matching && !matching.checkVisibility()) matching.checked = false;
    const place = form.querySelector("[data-selected]");
    if (place) place.textContent = ticked;
    for (const button of form.querySelectorAll("[data-two]")) button.hidden = ticked !== 2 || Boolean(matching?.checked);
  }
  // The browser keeps ticks over a reload and Back.
  document.querySelectorAll("form:has([data-all])").forEach(count);

  // Columns are dragged into order where they are chosen; the buttons beside them do the same without scripts.
  function draggable() {
    for (const rows of document.querySelectorAll("[data-columns]:not([data-ready])")) {
      rows.dataset.ready = "";
      window.Sortable?.create(rows, { handle: ".grip", draggable: ".col-i", ghostClass: "lc-ghost", animation: 120 });
    }
  }
  draggable();
  document.addEventListener("htmx:after:swap", draggable);
})();
