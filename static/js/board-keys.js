// The board by keyboard, on a focused card only: arrows move the focus, Alt+arrows and [ ] move the card, m opens
// "Move to …". Keys are meant by their place on the keyboard, whatever the layout prints there.
(() => {
  "use strict";
  const board = document.getElementById("board");
  if (!board) return;
  const { $, openDialog, withBoard } = window.leadboard;
  const { moveHere, intoFolded, placeOf } = window.leadboard.board;
  const mayWrite = board.dataset.write === "yes";
  const singleKeys = window.leadboard.singleKeys();
  const rtl = () => document.documentElement.dir === "rtl";

  const columns = () => [...board.querySelectorAll(".stage[data-stage]")].filter((stage) => stage.offsetParent !== null);
  const cardsOf = (stage) => [...stage.querySelectorAll(".lc")];
  const focus = (card) => {
    if (!card) return false;
    $(".lc-n", card).focus();
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  };

  // One tab stop a column: the card that had the focus last, else the first.
  function rove(stage, card) {
    for (const link of stage.querySelectorAll(".lc a")) link.tabIndex = -1;
    const current = card || stage.querySelector(".lc");
    if (current) for (const link of current.querySelectorAll("a")) link.tabIndex = 0;
  }
  const settle = () => {
    for (const stage of board.querySelectorAll(".stage[data-stage]")) {
      rove(stage, stage.querySelector('.lc:focus-within') || stage.querySelector('.lc a[tabindex="0"]')?.closest(".lc"));
    }
  };
  settle();
  document.addEventListener("htmx:after:swap", settle);
  board.addEventListener("focusin", (event) => {
    const card = event.target.closest(".lc");
    if (card) rove(card.closest(".stage"), card);
  });

  function beside(card, step) {
    const all = columns();
    const index = all.indexOf(card.closest(".stage"));
    for (let at = index + step; at >= 0 && at < all.length; at += step) {
      const cards = cardsOf(all[at]);
      if (cards.length) return cards[Math.min(cardsOf(all[index]).indexOf(card), cards.length - 1)];
    }
    return null;
  }
  function toStage(card, step) {
    // A folded column is a stage like any other: to pass it by would be a move of two.
    const all = [...board.querySelectorAll(".stage[data-stage], .stage[data-folded]")];
    const target = all[all.indexOf(card.closest(".stage")) + step];
    if (!target) return;
    const origin = placeOf(card);
    if (target.dataset.folded) {
      const next = card.nextElementSibling?.closest(".lc") || card.previousElementSibling?.closest(".lc");
      intoFolded(card, target, origin).then(() => card.isConnected || focus(next));
      return;
    }
    $(".stage-b", target).prepend(card);
    keep(card, moveHere(card, origin));
  }
  function upDown(card, step) {
    const sibling = step < 0 ? card.previousElementSibling : card.nextElementSibling;
    if (!sibling?.matches(".lc")) return;
    const origin = placeOf(card);
    if (step < 0) sibling.before(card);
    else sibling.after(card);
    keep(card, moveHere(card, origin));
  }
  // The focus stays on the card through the morph that follows.
  function keep(card, done) {
    const { id } = card;
    focus(card);
    done.then(() => focus(document.getElementById(id)));
  }

  const side = (event) => (event.code === "ArrowRight") !== rtl() ? 1 : -1;
  board.addEventListener("keydown", (event) => {
    const card = event.target.closest(".lc");
    if (!card || event.ctrlKey || event.metaKey) return;
    const across = event.code === "ArrowLeft" || event.code === "ArrowRight";
    const along = event.code === "ArrowUp" || event.code === "ArrowDown";
    let done = true;
    if (event.altKey && mayWrite && across) toStage(card, side(event));
    else if (event.altKey && mayWrite && along) upDown(card, event.code === "ArrowUp" ? -1 : 1);
    else if (event.altKey) done = false;
    else if (across) focus(beside(card, side(event)));
    else if (along) focus(event.code === "ArrowUp" ? card.previousElementSibling?.closest(".lc") : card.nextElementSibling?.closest(".lc"));
    else if (event.code === "Home") focus(cardsOf(card.closest(".stage"))[0]);
    else if (event.code === "End") focus(cardsOf(card.closest(".stage")).at(-1));
    else if (singleKeys && mayWrite && event.code === "BracketLeft") toStage(card, -1);
    else if (singleKeys && mayWrite && event.code === "BracketRight") toStage(card, 1);
    else if (singleKeys && mayWrite && event.code === "KeyM") openDialog(withBoard(`/leads/${card.id.slice(1)}/move`), $(".lc-n", card));
    else done = false;
    if (done) event.preventDefault();
  });
})();
