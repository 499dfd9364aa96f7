// The lead page: what is typed into the composer survives a reload, and a day is chosen by button or in words.
// Drafts stay in this browser, under the person and the lead; saving drops them, and so does signing out.
(() => {
  "use strict";
  const PREFIX = "leadboard.draft/";
  const KEPT_DAYS = 30;

  const store = {
    // A browser may forbid storage: then there are no drafts, and nothing else is lost.
    read(key) {
      try {
        return JSON.parse(localStorage.getItem(key));
      } catch {
        return null;
      }
    },
    write(key, value) {
      try {
        localStorage.setItem(key, JSON.stringify(value));
      } catch {
        /* full or forbidden */
      }
    },
    drop(unwanted) {
      try {
        for (const key of Object.keys(localStorage)) {
          if (key.startsWith(PREFIX) && unwanted(key)) localStorage.removeItem(key);
        }
      } catch {
        /* forbidden */
      }
    },
  };

  const keyOf = (form) => `${PREFIX}${form.closest("[data-drafts]").dataset.drafts}/${form.dataset.draft}`;
  const draftForm = (element) => {
    const form = element?.closest?.("form[data-draft]");
    return form?.closest("[data-drafts]") ? form : null;
  };
  const typed = (form) => [...form.elements].filter((field) => field.matches("textarea, input:not([type=hidden]):not([type=radio])"));

  function keep(form) {
    const fields = Object.fromEntries(typed(form).map((field) => [field.id, field.value]));
    if (Object.values(fields).some((value) => value.trim())) store.write(keyOf(form), { at: Date.now(), fields });
    else store.drop((key) => key === keyOf(form));
  }

  function restore(composer) {
    const own = `${PREFIX}${composer.dataset.drafts.split("/")[0]}/`;
    const oldest = Date.now() - KEPT_DAYS * 86400000;
    store.drop((key) => !key.startsWith(own) || !(store.read(key)?.at > oldest));
    let latest = 0;
    for (const form of composer.querySelectorAll("form[data-draft]")) {
      const draft = store.read(keyOf(form));
      if (!draft) continue;
      for (const field of typed(form)) {
        if (draft.fields[field.id] && !field.value) field.value = draft.fields[field.id];
      }
      const details = form.querySelector("details");
      if (details && typed(form).some((field) => details.contains(field) && field.value)) details.open = true;
      if (draft.at > latest) {
        latest = draft.at;
        composer.querySelector(`#comp-${form.dataset.draft}`).checked = true;
      }
    }
  }

  document.addEventListener("input", (event) => {
    const form = draftForm(event.target);
    if (form) keep(form);
    // A typed day and a button exclude each other; what is typed counts.
    const days = event.target.closest(".days");
    if (!days) return;
    if (event.target.type === "radio") days.querySelector("input:not([type=radio])").value = "";
    else days.querySelector("input[type=radio]").checked = true;
  });

  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    const form = draftForm(ctx.sourceElement);
    if (form && ctx.response.status < 400) store.drop((key) => key === keyOf(form));
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) store.drop(() => true);
  });

  // With a mouse and keys at hand the next note can be typed at once; on a phone the keyboard would jump up.
  document.addEventListener("htmx:after:swap", (event) => {
    const form = draftForm(event.detail.ctx.sourceElement) || document.querySelector(`form[data-draft="${event.detail.ctx.sourceElement?.dataset?.draft}"]`);
    if (form && document.activeElement === document.body && matchMedia("(hover: hover)").matches) {
      (form.querySelector("textarea") || form.querySelector("input:not([type=hidden])"))?.focus();
    }
  });

  document.querySelectorAll("[data-drafts]").forEach(restore);
})();
