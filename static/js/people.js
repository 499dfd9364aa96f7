// The copy button beside a one-time link. Without scripts, or without a clipboard (plain HTTP), the field is selected instead.
(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.focus();
      field.select();
      try {
        if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
        else if (!document.execCommand("copy")) return;
      } catch {
        return; // it stays selected: Ctrl+C does the rest
      }
      button.querySelector("span").textContent = button.dataset.done;
    });
    field.addEventListener("focus", () => field.select());
  }
})();
