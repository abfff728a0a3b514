// One click sends once; after sending, the browser forgets the draft and the secret link can be copied.

import { forgetAll, keepDraft } from "./draft.js";

const contact = document.querySelector("form[data-draft]");
if (contact && keepDraft(contact)) contact.querySelector("details")?.setAttribute("open", "");

for (const button of document.querySelectorAll("[data-once]")) {
  button.form.addEventListener("submit", () => setTimeout(() => (button.disabled = true)));
  // The page may come back from the browser's memory.
  window.addEventListener("pageshow", () => (button.disabled = false));
}

class CopyLink extends HTMLElement {
  connectedCallback() {
    if (this.hasAttribute("data-sent")) forgetAll();
    const field = this.querySelector("input");
    const button = this.querySelector("button");
    field.addEventListener("focus", () => field.select());
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(field.value);
      button.textContent = button.dataset.done;
    });
  }
}
customElements.define("copy-link", CopyLink);
