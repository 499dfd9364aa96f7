// The board: dragging, moves, live changes, long columns, stage tabs, quick add. The server is the truth: a card that
// was dropped goes back to where the database has it when the move is refused.
(() => {
  "use strict";
  const { $, toast, closeMenu, closeDialog } = window.leadboard;
  const board = $("#board");
  if (!board) return;
  const poll = $("#poll");
  const mayWrite = board.dataset.write === "yes";
  const api = (window.leadboard.board = { move, refresh, announce });

  // ---------------------------------------------------------------- live
  let held = false; // a pointer is down on the board, or a card hangs at it
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".board")) held = true;
  }, true);
  // A native drag fires pointercancel when it starts: that does not end it.
  for (const type of ["pointerup", "dragend", "touchend", "touchcancel"]) {
    document.addEventListener(type, () => setTimeout(() => (held = document.body.classList.contains("dragging"))), true);
  }
  let moving = 0;
  for (const type of ["htmx:before:request", "htmx:before:swap"]) {
    document.addEventListener(type, (event) => {
      if (event.detail.ctx.sourceElement === poll && (held || moving || document.hidden)) event.preventDefault();
    });
  }
  document.addEventListener("htmx:config:request", (event) => {
    event.detail.ctx.request.headers["X-Board-Loaded"] = [...board.querySelectorAll(".stage-b")]
      .map((list) => `${list.closest(".stage").dataset.stage}:${list.querySelectorAll(".lc").length}`).join(",");
  });
  document.addEventListener("visibilitychange", () => document.hidden || window.htmx.trigger(poll, "every"));
  const stageOf = (stage) => stage.dataset.stage || stage.dataset.folded;
  document.addEventListener("undone", () => refresh([...board.querySelectorAll(".stage")].map(stageOf).filter(Boolean)));

  function refresh(stages) {
    const url = new URL(board.dataset.columns, location.href);
    url.searchParams.set("stages", [...new Set(stages.map(String))].join(","));
    return window.htmx.ajax("GET", url.pathname + url.search, { source: board, target: board, swap: "none" });
  }

  // ---------------------------------------------------------------- moving
  const placeOf = (card) => ({ list: card.parentElement, next: card.nextElementSibling });
  const put = (card, place) => place.list.insertBefore(card, place.next?.isConnected && place.next.parentElement === place.list ? place.next : null);
  const idOf = (card) => card?.matches(".lc") && card.id.slice(1);
  const origins = new Map(); // lead → where its card was before an unanswered move

  /** Send a move. `placed` says that the card already hangs where it was dropped. */
  async function move(card, values, origin, placed = false) {
    const id = idOf(card);
    if (origin) origins.set(id, origin);
    card.classList.add("lc-pending");
    moving += 1;
    const filters = Object.fromEntries(new URL(board.dataset.columns, location.href).searchParams);
    try {
      await window.htmx.ajax("POST", `/leads/${id}/move`, {
        source: board, target: board, swap: "none",
        values: { version: card.dataset.v, board: board.dataset.pipeline, ...filters, ...(placed ? { placed: "1" } : {}), ...values },
      });
    } finally {
      moving -= 1;
      document.getElementById(`l${id}`)?.classList.remove("lc-pending");
    }
  }
  document.addEventListener("move-done", (event) => {
    origins.delete(String(event.detail.lead));
    closeDialog();
    closeMenu();
  });
  // The server asks something first: nothing is saved yet, so the card waits where it was.
  document.addEventListener("move-asked", (event) => back(event.detail.lead));
  document.addEventListener("move-refused", (event) => {
    const { lead, stage_id: stage } = event.detail;
    const card = document.getElementById(`l${lead}`);
    const stages = [stage, card?.closest(".stage")?.dataset.stage, origins.get(String(lead))?.list.closest(".stage")?.dataset.stage];
    back(lead);
    refresh(stages.filter(Boolean)).then(() => shake(lead));
    closeDialog();
  });
  document.addEventListener("htmx:response:error", (event) => {
    const { ctx } = event.detail;
    const id = /^\/leads\/(\d+)\/move$/.exec(ctx.request.action)?.[1];
    if (id && ![409, 422].includes(ctx.response.status)) { back(id); shake(id); }
    if (id && ctx.response.status === 422 && !ctx.hx?.trigger?.includes("move-asked")) { back(id); shake(id); }
  });
  document.addEventListener("htmx:error", (event) => {
    const id = /^\/leads\/(\d+)\/move$/.exec(event.detail.ctx?.request.action)?.[1];
    if (id) { back(id); shake(id); }
  });
  function back(lead) {
    const card = document.getElementById(`l${lead}`);
    const origin = origins.get(String(lead));
    if (card && origin) put(card, origin);
    origins.delete(String(lead));
  }
  function shake(lead) {
    const card = document.getElementById(`l${lead}`);
    card?.classList.add("lc-refused");
    setTimeout(() => card?.classList.remove("lc-refused"), 2500);
  }
  function announce(card) {
    const list = card.closest(".stage-b");
    const stage = card.closest(".stage");
    const cards = [...list.querySelectorAll(".lc")];
    const words = { name: $(".lc-n", card).textContent, stage: $(".stage-h h2 .cut", stage).textContent, place: cards.indexOf(card) + 1, count: cards.length };
    $("#announce").textContent = board.dataset.moved.replace(/\{(\w+)\}/g, (_, name) => words[name]);
  }

  // Buttons of the card's menu, of "Move to …" and of a question.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("form[data-move]")) return;
    const card = document.getElementById(`l${/leads\/(\d+)\/move/.exec(form.action)[1]}`);
    if (!card) return;
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form, event.submitter));
    // The button's value wins over an empty field of the same name.
    if (event.submitter?.name) values[event.submitter.name] = event.submitter.value;
    delete values.csrf_token;
    closeMenu();
    move(card, values, placeOf(card));
  });

  // ---------------------------------------------------------------- dragging
  if (mayWrite) {
    for (const list of board.querySelectorAll(".stage-b")) {
      new window.Sortable(list, {
        group: "cards", draggable: ".lc", animation: 120, delay: 350, delayOnTouchOnly: true, touchStartThreshold: 6,
        ghostClass: "lc-ghost", chosenClass: "lc-chosen", dragClass: "lc-drag", filter: ".lc-m", preventOnFilter: false,
        scrollSensitivity: 80, bubbleScroll: true, emptyInsertThreshold: 20,
        onStart({ item }) { item.origin = placeOf(item); document.body.classList.add("dragging"); },
        onEnd: dropped,
      });
    }
    for (const zone of document.querySelectorAll(".zone, .folded[data-folded]")) {
      new window.Sortable(zone, { group: { name: "cards", pull: false }, draggable: ".lc", sort: false, ghostClass: "lc-ghost" });
      for (const [type, on] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
        zone.addEventListener(type, () => zone.classList.toggle("over", on));
      }
    }
  }
  function dropped({ item, to }) {
    document.body.classList.remove("dragging");
    held = false;
    const { origin } = item;
    if (to.matches(".zone")) {
      put(item, origin);
      move(item, { to: to.dataset.zone }, origin);
      return;
    }
    if (to.dataset.folded) { intoFolded(item, to, origin); return; }
    const more = $(".more", to);
    if (more) to.append(more);
    if (to === origin.list && item.nextElementSibling === origin.next) return;
    moveHere(item, origin);
  }
  function moveHere(card, origin) {
    announce(card);
    return move(card, {
      stage_id: card.closest(".stage").dataset.stage,
      before_id: idOf(card.nextElementSibling) || "",
      after_id: idOf(card.previousElementSibling) || "",
    }, origin, true);
  }
  // On top of a column whose cards are not on the screen: the card leaves it, too, once the move is saved.
  function intoFolded(card, stage, origin) {
    if (card.parentElement !== origin.list) put(card, origin);
    return move(card, { stage_id: stage.dataset.folded }, origin);
  }
  api.intoFolded = intoFolded;
  api.moveHere = moveHere;
  api.placeOf = placeOf;

  // ---------------------------------------------------------------- long columns
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) loadMore(entry.target);
  }, { rootMargin: "400px" });
  const watch = () => board.querySelectorAll("a[data-more]").forEach((link) => seen.observe(link));
  watch();
  document.addEventListener("htmx:after:swap", watch);
  board.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-more]");
    if (link) { event.preventDefault(); loadMore(link); }
  });
  async function loadMore(link) {
    if (link.dataset.loading || link.offsetParent === null) return;
    link.dataset.loading = "1";
    await window.htmx.ajax("GET", link.getAttribute("href"), { source: link, target: link.parentElement, swap: "outerHTML" });
    delete link.dataset.loading;
  }

  // ---------------------------------------------------------------- stage tabs on phones
  const tabs = $(".stage-tabs");
  $("[aria-current]", tabs)?.scrollIntoView({ inline: "center", block: "nearest" });
  tabs.addEventListener("click", (event) => {
    const tab = event.target.closest("a[data-tab]");
    if (!tab) return;
    event.preventDefault();
    tabs.querySelectorAll("a").forEach((link) => link.toggleAttribute("aria-current", false));
    tab.setAttribute("aria-current", "true");
    tab.scrollIntoView({ inline: "center", block: "nearest" });
    board.querySelectorAll(".stage").forEach((stage) => stage.classList.toggle("on", stageOf(stage) === tab.dataset.tab));
    history.replaceState(history.state, "", tab.href);
    watch();
  });

  // ---------------------------------------------------------------- quick add
  board.addEventListener("click", (event) => {
    const link = event.target.closest(".stage-add");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const slot = $(".qa-slot", link.closest(".stage"));
    if (slot.firstElementChild) { slot.replaceChildren(); return; }
    window.htmx.ajax("GET", link.getAttribute("href"), { source: slot, target: slot, swap: "innerHTML" }).then(() => $("textarea", slot)?.focus());
  });
  document.addEventListener("quick-added", (event) => {
    const text = $(`#s${event.detail.stage}q textarea`);
    if (!text) return;
    text.value = "";
    text.rows = 1;
    text.form.querySelector("[aria-live]").replaceChildren();
    // What every lead needs is asked for again: the next lead's is its own.
    for (const input of text.form.querySelectorAll(".qa-need input:not([type=hidden]), .qa-need select, .qa-need textarea")) {
      if (input.type === "checkbox") input.checked = false; else input.value = "";
      input.classList.remove("is-invalid");
      input.removeAttribute("aria-invalid");
    }
    for (const told of text.form.querySelectorAll(".qa-need .error, .qa-need p.help")) told.remove();
    text.focus();
  });
  board.addEventListener("click", (event) => {
    const close = event.target.closest("[data-qa-close]");
    if (!close) return;
    event.preventDefault();
    closeQuickAdd(close);
  });
  function closeQuickAdd(inside) {
    const stage = inside.closest(".stage");
    $(".qa-slot", stage).replaceChildren();
    $(".stage-add", stage).focus();
  }
  board.addEventListener("keydown", (event) => {
    if (!event.target.matches(".qa textarea")) return;
    if (event.key === "Escape") closeQuickAdd(event.target);
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      const form = event.target.form;
      form.requestSubmit(event.ctrlKey || event.metaKey ? $('button[name="open"]', form) : undefined);
    }
  });
  // Pasted lines need room to be looked at before they become leads.
  board.addEventListener("input", (event) => {
    if (event.target.matches(".qa textarea")) event.target.rows = Math.min(8, event.target.value.split("\n").length);
  });
  api.toast = toast;
})();
