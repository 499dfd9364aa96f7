// The call at one's telephone: asked for every three seconds while the page is seen, put in place only when it changed.
(() => {
  "use strict";
  const EVERY_MS = 3000;
  const box = document.getElementById("telephony");
  if (!box) return;
  let shown = box.textContent;

  async function look() {
    if (document.hidden) return;
    try {
      // Marked as polling, so that it does not keep a session alive that nobody uses.
      const answer = await fetch(box.dataset.now, { headers: { "HX-Request": "true", "HX-Request-Type": "partial", "HX-PTag": "telephony" } });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.body.textContent === shown) return;
      shown = page.body.textContent;
      box.replaceChildren(...page.body.children);
    } catch {
      // The server is away: the page says so when somebody uses it.
    }
  }

  box.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    form.closest("[data-call]").remove();
    shown = "";
    await fetch(form.action, { method: "POST", headers: { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content, "HX-Request": "true" } });
    look();
  });
  document.addEventListener("visibilitychange", look);
  setInterval(look, EVERY_MS);
})();
