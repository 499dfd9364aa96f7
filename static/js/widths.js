// Widths of columns: the edge of a heading is dragged, or moved with the arrow keys. A double press or Home makes the column
// as wide as its texts again. A width is kept by what is drawn beside the label, as the server writes it: see columns/_headings.html.
(() => {
  "use strict";
  const STEP = 16;
  const LATER = 400;
  let drag = null;
  let timer = 0;
  let unsaved = null;

  const head = (edge) => edge.closest("th");
  const isTurned = (edge) => getComputedStyle(edge).direction === "rtl";
  const bound = (edge, width) => Math.round(Math.min(Math.max(width, Number(edge.ariaValueMin)), Number(edge.ariaValueMax)));
  const kept = (edge) => Number(head(edge).querySelector(".col-w")?.getAttribute("width") || 0);

  // The room that the texts of a column have now.
  function room(edge) {
    const style = getComputedStyle(head(edge));
    return head(edge).getBoundingClientRect().width - parseFloat(style.paddingInlineStart) - parseFloat(style.paddingInlineEnd);
  }

  function set(edge, width) {
    const th = head(edge);
    const table = th.closest("table");
    let spacer = th.querySelector(".col-w");
    if (!width) spacer?.remove();
    else {
      if (!spacer) {
        spacer = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        spacer.setAttribute("class", "col-w");
        spacer.setAttribute("height", "1");
        spacer.setAttribute("aria-hidden", "true");
        edge.before(spacer);
      }
      spacer.setAttribute("width", width);
    }
    if (th.classList.contains("sz") !== Boolean(width)) {
      for (const row of table.rows) row.cells[th.cellIndex]?.classList.toggle("sz", Boolean(width));
    }
    edge.setAttribute("aria-valuenow", width);
    if (width) edge.removeAttribute("aria-valuetext");
    else edge.setAttribute("aria-valuetext", table.dataset.auto);
  }

  function save(edge) {
    clearTimeout(timer);
    unsaved = null;
    window.htmx.ajax("POST", edge.closest("table").dataset.widths, {
      source: edge, target: edge, swap: "none", values: { column: head(edge).dataset.col, width: kept(edge) },
    });
  }
  // Not with every press of a key.
  function saveLater(edge) {
    clearTimeout(timer);
    unsaved = edge;
    timer = setTimeout(() => save(edge), LATER);
  }

  document.addEventListener("pointerdown", (event) => {
    const edge = event.target.closest?.(".col-e");
    if (!edge || event.button !== 0) return;
    drag = { edge, at: event.clientX, from: room(edge), before: kept(edge), moved: false };
    edge.setPointerCapture(event.pointerId);
    edge.classList.add("on");
  });
  // Else the browser selects texts, or drags those that are selected.
  document.addEventListener("mousedown", (event) => {
    const edge = event.target.closest?.(".col-e");
    if (!edge) return;
    event.preventDefault();
    edge.focus({ preventScroll: true });
  });
  document.addEventListener("dragstart", (event) => drag && event.preventDefault());
  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const by = (event.clientX - drag.at) * (isTurned(drag.edge) ? -1 : 1);
    // A press that trembles is none.
    if (!drag.moved && Math.abs(by) < 3) return;
    drag.moved = true;
    set(drag.edge, bound(drag.edge, drag.from + by));
  });
  function end(isKept) {
    if (!drag) return;
    const { edge, before, moved } = drag;
    drag = null;
    edge.classList.remove("on");
    if (!moved) return;
    if (isKept) save(edge);
    else set(edge, before);
  }
  document.addEventListener("pointerup", () => end(true));
  document.addEventListener("pointercancel", () => end(false));

  document.addEventListener("dblclick", (event) => {
    const edge = event.target.closest?.(".col-e");
    if (!edge || !kept(edge)) return;
    set(edge, 0);
    save(edge);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drag) return end(false);
    const edge = event.target.closest?.(".col-e");
    if (!edge || event.altKey || event.ctrlKey || event.metaKey) return;
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way && event.key !== "Home") return;
    // Else the table scrolls.
    event.preventDefault();
    if (way) set(edge, bound(edge, (kept(edge) || room(edge)) + way * (isTurned(edge) ? -1 : 1) * STEP * (event.shiftKey ? 4 : 1)));
    else if (kept(edge)) set(edge, 0);
    else return;
    saveLater(edge);
  });
  document.addEventListener("focusout", () => unsaved && save(unsaved));

  // A text that is cut is told in full.
  document.addEventListener("pointerover", (event) => {
    const cell = event.target.closest?.("td.sz");
    const inner = cell?.querySelector(".cut") || cell;
    if (cell && !cell.title && inner.scrollWidth > inner.clientWidth) cell.title = cell.textContent.trim();
  });
})();
