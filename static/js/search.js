// The one search: "/" and Ctrl+K focus it, the arrow keys choose in the list below it, the focus stays in the box.
(() => {
  "use strict";
  const box = document.getElementById("seek");
  if (!box) return;
  const { $, singleKeys } = window.leadboard;
  const input = $("#seek-q");
  const panel = $("#seek-panel");
  const opener = $("#seek-open");
  const close = $(".seek-x", box);
  const RECENT = "leadboard.viewed";
  const MOST_RECENT = 6;
  let before = null; // what had the focus
  let shownFor = null; // the text that the panel answers
  let chosen = null;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", "seek-list");
  input.setAttribute("aria-keyshortcuts", singleKeys() ? "/ Control+K" : "Control+K");
  $(".seek-k", box).hidden = !singleKeys();
  close.hidden = false;

  // ---------------------------------------------------------------- records looked at lately: types and ids, no names
  function recent() {
    try {
      return (localStorage.getItem(RECENT) || "").split(",").filter(Boolean);
    } catch {
      return []; // a browser may forbid storage
    }
  }
  function keepRecent(keys) {
    try {
      if (keys.length) localStorage.setItem(RECENT, keys.join(","));
      else localStorage.removeItem(RECENT);
    } catch {
      /* full or forbidden */
    }
  }
  const here = location.pathname.match(/^\/(lead|contact|organisation)s\/(\d+)$/);
  const hereKey = here && `${here[1]}-${here[2]}`;
  if (hereKey) keepRecent([hereKey, ...recent().filter((key) => key !== hereKey)].slice(0, MOST_RECENT + 1));
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) keepRecent([]);
  });

  // ---------------------------------------------------------------- opening and closing
  const isOpen = () => !panel.hidden;
  const options = () => [...panel.querySelectorAll("[role=option]")];

  function open() {
    if (isOpen()) return;
    panel.hidden = false;
    box.classList.add("open");
    if (shownFor === input.value) expanded();
    else ask();
  }
  function shut() {
    panel.hidden = true;
    box.classList.remove("open");
    choose(null);
    expanded();
  }
  function expanded() {
    input.setAttribute("aria-expanded", String(isOpen() && options().length > 0));
  }
  function ask() {
    told();
    window.htmx.trigger(input, "seek");
  }
  // What goes with the text: without one, the records to show again.
  function told() {
    const keys = recent().filter((key) => key !== hereKey);
    if (input.value.trim() || !keys.length) input.removeAttribute("hx-vals");
    else input.setAttribute("hx-vals", JSON.stringify({ recent: keys.slice(0, MOST_RECENT).join(",") }));
  }
  function focusBox() {
    if (document.activeElement !== input) before = document.activeElement;
    box.classList.add("open"); // on a small screen the box is not there before
    input.focus();
    input.select();
    open();
  }
  function leave() {
    shut();
    const back = before?.isConnected && before !== document.body && before.checkVisibility() ? before : opener?.checkVisibility() ? opener : null;
    before = null;
    if (back) back.focus();
    else input.blur();
  }

  opener?.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    focusBox();
  });
  close.addEventListener("click", leave);
  input.addEventListener("focus", (event) => {
    if (!before && event.relatedTarget) before = event.relatedTarget;
  });
  input.addEventListener("click", open);
  input.addEventListener("input", () => {
    told();
    choose(null);
    if (isOpen()) return;
    panel.hidden = false;
    box.classList.add("open");
  });
  box.addEventListener("focusout", (event) => {
    if (isOpen() && event.relatedTarget && !box.contains(event.relatedTarget)) {
      shut();
      before = null;
    }
  });
  document.addEventListener("pointerdown", (event) => {
    if (box.classList.contains("open") && !box.contains(event.target) && !opener?.contains(event.target)) {
      shut();
      before = null;
    }
  });

  // ---------------------------------------------------------------- keys
  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable=true], [contenteditable='']");
  const isSlash = (event) => event.key === "/" || (event.code === "Slash" && !event.shiftKey && event.key > "~");
  const isK = (event) => event.key.toLowerCase() === "k" || (event.code === "KeyK" && event.key > "~");

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || $("dialog[open]")) return;
    const withControl = event.ctrlKey || event.metaKey;
    const wanted = withControl ? isK(event) && !event.shiftKey : isSlash(event) && singleKeys();
    if (!wanted || (isTyping(event.target) && !(withControl && event.target === input))) return;
    event.preventDefault();
    focusBox();
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      if (isOpen()) move(step);
      else open();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      leave();
    } else if (event.key === "Enter") {
      enter(event);
    }
  });

  function enter(event) {
    const inNewTab = event.ctrlKey || event.metaKey;
    const target = chosen?.isConnected && isOpen() ? chosen.href : null;
    if (!target && !inNewTab) return; // the form sends it: the page with everything
    event.preventDefault();
    const url = target || `${input.form.action}?${new URLSearchParams({ q: input.value })}`;
    if (inNewTab) window.open(url, "_blank", "noopener");
    else location.assign(url);
  }
  function move(step) {
    const all = options();
    if (!all.length) return;
    const at = all.indexOf(chosen);
    // Beyond either end stands the box itself.
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
    choose(all[next] ?? null);
  }
  function choose(option) {
    chosen?.setAttribute("aria-selected", "false");
    chosen = option;
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  // ---------------------------------------------------------------- answers
  const isOurs = (event) => event.detail.ctx?.sourceElement === input;
  let asked = null;
  document.addEventListener("htmx:before:request", (event) => {
    if (isOurs(event)) asked = input.value;
  });
  // What was typed before htmx was there to hear it.
  document.addEventListener("htmx:after:process", (event) => {
    if (event.target === document.body && isOpen() && asked !== input.value) ask();
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (!isOurs(event)) return;
    shownFor = asked;
    const kept = chosen && document.getElementById(chosen.id);
    choose(kept && panel.contains(kept) ? kept : null);
    if (!chosen) panel.scrollTop = 0;
    expanded();
    if (isOpen()) $("#announce").textContent = $("[data-status]", panel)?.dataset.status || "";
  });
  document.addEventListener("htmx:error", (event) => {
    if (isOurs(event)) trouble(box.dataset.offline);
  });
  document.addEventListener("htmx:response:error", (event) => {
    if (isOurs(event)) trouble(box.dataset.failed);
  });
  function trouble(text) {
    shownFor = null;
    const line = document.createElement("p");
    line.className = "seek-trouble";
    line.setAttribute("role", "alert");
    const again = document.createElement("button");
    again.type = "button";
    again.className = "btn btn-line btn-sm";
    again.textContent = box.dataset.again;
    again.addEventListener("click", () => {
      input.focus();
      ask();
    });
    line.append(text, again);
    panel.replaceChildren(line);
    choose(null);
    expanded();
  }
})();
