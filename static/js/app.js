// What every page needs: the CSRF header, toasts, dialogs, menus, questions before a form, the busy mark.
// All listeners are on the document, so that whatever is swapped in works at once.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const csrf = () => $('meta[name="csrf-token"]').content;

  const app = (window.leadboard = { $, csrf, toast, openDialog, closeDialog, closeMenu });

  // ---------------------------------------------------------------- requests
  let waiting = 0;
  // These tell by themselves how they fare.
  const isQuiet = ({ detail }) => Boolean(detail.ctx?.sourceElement?.closest?.("#poll, [data-quiet]"));
  document.addEventListener("htmx:config:request", (event) => {
    event.detail.ctx.request.headers["X-CSRFToken"] = csrf();
  });
  document.addEventListener("htmx:before:request", (event) => {
    if (!isQuiet(event)) busy(1, event);
  });
  document.addEventListener("htmx:finally:request", (event) => {
    if (!isQuiet(event)) busy(-1, event);
  });
  function busy(step, event) {
    if (event.defaultPrevented) return;
    waiting = Math.max(0, waiting + step);
    document.body.classList.toggle("busy", waiting > 0);
  }
  // The server could not be reached at all: say so, keep what was typed.
  document.addEventListener("htmx:error", (event) => {
    if (isQuiet(event)) return;
    toast({ text: document.body.dataset.offline, tone: "error" });
  });
  document.addEventListener("htmx:response:error", (event) => {
    const { ctx } = event.detail;
    if (!ctx.hx?.trigger && ctx.response.status !== 422 && !isQuiet(event)) {
      toast({ text: document.body.dataset.failed, tone: "error" });
    }
  });

  // ---------------------------------------------------------------- toasts
  document.addEventListener("toast", (event) => toast(event.detail));

  function toast({ text, tone, undo, undo_label: undoLabel, link, link_label: linkLabel }) {
    const box = $("#toast-pattern").content.firstElementChild.cloneNode(true);
    const cls = { error: "bad", good: "good" }[tone];
    if (cls) box.classList.add(cls);
    if (tone === "error") box.setAttribute("role", "alert");
    $("span", box).textContent = text;
    const form = $("form", box);
    if (undo) {
      form.action = undo;
      $("button", form).textContent = undoLabel;
      $('input[name="csrf_token"]', form).value = csrf();
    } else {
      form.remove();
    }
    const goOn = $("a", box);
    if (link) {
      goOn.href = link;
      goOn.textContent = linkLabel;
    } else {
      goOn.remove();
    }
    const toasts = $("#toasts");
    toasts.append(box);
    while (toasts.children.length > 3) toasts.firstElementChild.remove();
    leaveLater(box);
  }
  // An error stays until it is closed; others leave after a while, not under the pointer or focus.
  function leaveLater(box) {
    if (box.classList.contains("bad")) return;
    const wait = () => setTimeout(() => (box.matches(":hover, :focus-within") ? wait() : box.remove()), 12000);
    wait();
  }
  document.querySelectorAll("#toasts > [data-toast]").forEach(leaveLater);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-confirm]") && !window.confirm(form.dataset.confirm)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (form.matches("form[data-undo]")) {
      event.preventDefault();
      form.closest("[data-toast]")?.remove();
      // Not the body: a request for it counts as one for a whole page.
      window.htmx.ajax("POST", form.action, { source: $("#toasts"), target: $("#toasts"), swap: "none", values: $("#board") ? {} : { reload: "1" } });
    }
  });
  document.addEventListener("undone", () => {
    if (!$("#board")) window.location.reload();
  });

  // ---------------------------------------------------------------- dialogs
  const dialog = $("#dialog");
  let opener = null;

  async function openDialog(url, from) {
    opener = from || document.activeElement;
    await window.htmx.ajax("GET", url, { source: dialog, target: dialog, swap: "innerHTML" });
    showDialog();
  }
  function showDialog() {
    if (!dialog.open && dialog.firstElementChild) {
      opener ||= document.activeElement;
      dialog.showModal();
      ($("[autofocus]", dialog) || $("input:not([type=hidden]), select, textarea, button", dialog))?.focus();
    }
  }
  function closeDialog() {
    if (dialog.open) dialog.close();
  }
  dialog.addEventListener("close", () => {
    document.dispatchEvent(new CustomEvent("dialog-closed"));
    dialog.replaceChildren();
    if (opener?.isConnected) opener.focus();
    opener = null;
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) closeDialog(); // a press on the backdrop
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail.ctx.target;
    if (target === dialog || target === "#dialog") showDialog();
  });

  // ---------------------------------------------------------------- menus
  const menu = $("#menu");
  let menuLink = null;

  async function openMenu(link) {
    if (menuLink === link && menu.matches(":popover-open")) return closeMenu();
    menuLink = link;
    await window.htmx.ajax("GET", withBoard(link.getAttribute("href")), { source: menu, target: menu, swap: "innerHTML" });
    menu.showPopover();
    link.setAttribute("aria-expanded", "true");
    placeBeside(link);
    $("a, button", menu)?.focus();
  }
  function closeMenu() {
    if (menu.matches(":popover-open")) menu.hidePopover();
  }
  menu.addEventListener("toggle", (event) => {
    if (event.newState === "closed" && menuLink) {
      menuLink.removeAttribute("aria-expanded");
      if (menu.contains(document.activeElement) || document.activeElement === document.body) menuLink.focus();
      menuLink = null;
    }
  });
  // The position is set through the object model, which the content policy allows.
  function placeBeside(link) {
    const at = link.getBoundingClientRect();
    const box = menu.getBoundingClientRect();
    const rtl = document.documentElement.dir === "rtl";
    const end = rtl ? innerWidth - at.left : at.right; // where the link ends, from where a line begins
    menu.style.insetInlineStart = `${Math.min(Math.max(8, end - box.width), innerWidth - box.width - 8)}px`;
    const below = at.bottom + 4;
    menu.style.insetBlockStart = `${Math.max(8, below + box.height > innerHeight - 8 ? at.top - box.height - 4 : below)}px`;
  }
  function withBoard(url) {
    const board = $("#board");
    if (!board) return url;
    const target = new URL(url, location.href);
    target.searchParams.set("board", board.dataset.pipeline);
    for (const [name, value] of new URLSearchParams(location.search)) {
      if (["q", "owner", "source", "query"].includes(name) || name.startsWith("f.")) target.searchParams.set(name, value);
    }
    return target.pathname + target.search;
  }
  app.withBoard = withBoard;
  app.openMenu = openMenu;

  // ---------------------------------------------------------------- presses
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest("a, button");
    document.querySelectorAll("details.menu[open]").forEach((open) => {
      if (!open.contains(event.target)) open.open = false;
    });
    if (!link) return;
    if (link.matches("a.lc-m, a[data-menu]")) {
      event.preventDefault();
      openMenu(link);
    } else if (link.matches("a[data-dialog]")) {
      event.preventDefault();
      const from = menuLink;
      closeMenu();
      openDialog(withBoard(link.getAttribute("href")), from || link);
    } else if (link.matches("[data-close]")) {
      const box = link.closest("[data-toast]");
      if (box) box.remove();
      else if (link.closest("dialog")) {
        event.preventDefault();
        closeDialog();
      }
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = $("details.menu[open]");
      if (open) {
        open.open = false;
        $("summary", open).focus();
      }
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea[data-submit-keys]")) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });
  $("[data-focus]")?.focus();

  // ---------------------------------------------------------------- single-key shortcuts, kept in this browser
  app.singleKeys = () => localStorage.getItem("leadboard.single-keys") !== "off";
  const keys = $("[data-single-keys]");
  if (keys) {
    $("[data-keys-panel]").hidden = false;
    keys.checked = app.singleKeys();
    keys.addEventListener("change", () => localStorage.setItem("leadboard.single-keys", keys.checked ? "on" : "off"));
  }
})();
