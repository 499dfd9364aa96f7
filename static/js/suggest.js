// Fields for a contact or an organisation (macros/suggest.html): a list of suggestions under the box, by mouse, touch and keys.
// htmx fetches the list; here is what the keys do, and how a choice gets into the form.
(() => {
  "use strict";
  const boxOf = (element) => element?.closest?.("[data-suggest]");
  const parts = (box) => ({ input: box.querySelector("[role=combobox]"), list: box.querySelector("[role=listbox]"), pick: box.querySelector("input[type=hidden]") });
  const options = (list) => [...list.querySelectorAll("[role=option]")];

  function show(box) {
    const { input, list } = parts(box);
    const isOpen = options(list).length > 0 && document.activeElement === input && input.value.trim() !== "";
    list.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen));
    mark(box, null);
  }
  function close(box) {
    const { input, list } = parts(box);
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(box, null);
  }
  function mark(box, option) {
    const { input, list } = parts(box);
    for (const one of options(list)) one.setAttribute("aria-selected", String(one === option));
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }
  function take(box, option) {
    const { input, pick, list } = parts(box);
    input.value = option.dataset.text;
    forget(box);
    pick.value = `${option.dataset.pick}|${option.dataset.text}`;
    list.replaceChildren();
    close(box);
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.dispatchEvent(new CustomEvent("suggestion-taken", { bubbles: true, detail: { pick: option.dataset.pick, text: option.dataset.text } }));
  }
  // Whatever was chosen was chosen for another text.
  function forget(box) {
    parts(box).pick.value = "";
    box.querySelector(".suggest-o")?.remove();
  }

  document.addEventListener("input", (event) => {
    const box = boxOf(event.target);
    if (!box || event.target.getAttribute("role") !== "combobox") return;
    forget(box);
    if (event.target.value.trim() === "") {
      parts(box).list.replaceChildren();
      close(box);
    }
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const box = boxOf(event.detail.ctx.sourceElement);
    if (box) show(box);
  });
  document.addEventListener("keydown", (event) => {
    const box = boxOf(event.target);
    if (!box || event.isComposing || event.target.getAttribute("role") !== "combobox") return;
    const { list } = parts(box);
    const found = options(list);
    const at = found.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!found.length) return;
      event.preventDefault();
      if (list.hidden) show(box);
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(box, found[at < 0 && step < 0 ? found.length - 1 : (at + step + found.length) % found.length]);
    } else if (event.key === "Enter" && !list.hidden && at >= 0) {
      event.preventDefault();
      take(box, found[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopImmediatePropagation();
      close(box);
    }
  }, true);
  // Before the focus leaves the box.
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest?.("[data-suggest] [role=option]");
    if (!option) return;
    event.preventDefault();
    take(boxOf(option), option);
  });
  document.addEventListener("focusout", (event) => {
    const box = boxOf(event.target);
    if (box && !box.contains(event.relatedTarget)) close(box);
  });
})();
