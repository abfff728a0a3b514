// Signing out on a telephone that still holds entries: said before it happens, and what was kept of pages is dropped.

import { all } from "./entries.js";

const PAGES = "crew-pages";

async function waiting() {
  // Asking for the entries would make their store: a browser that never was on a round has none.
  const known = await indexedDB.databases?.().catch(() => []);
  if (known && !known.some((one) => one.name === "clearway-crew")) return 0;
  return (await all().catch(() => [])).filter((entry) => entry.state === "waiting").length;
}

async function leave(form) {
  await globalThis.caches?.delete(PAGES).catch(() => {});
  form.submit();
}

export function guardSignOut(page) {
  const form = page.querySelector("form[data-sign-out]");
  if (!form || form.dataset.guarded) return;
  form.dataset.guarded = "yes";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if ((await waiting()) && !form.dataset.sure) warn(form);
    else await leave(form);
  });
}

function warn(form) {
  if (form.parentElement.querySelector(".leaving")) return;
  const box = document.createElement("div");
  box.className = "leaving panel panel--bad";
  box.setAttribute("role", "alertdialog");
  box.setAttribute("aria-label", form.dataset.warning);
  const words = Object.assign(document.createElement("p"), { textContent: form.dataset.warning });
  const stay = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: form.dataset.stay });
  const go = Object.assign(document.createElement("button"), { type: "button", className: "button button--plain", textContent: form.dataset.leave });
  stay.addEventListener("click", () => { box.remove(); form.querySelector("button").focus(); });
  go.addEventListener("click", () => { form.dataset.sure = "yes"; leave(form); });
  box.append(words, stay, go);
  document.querySelector("main").prepend(box);
  stay.focus();
}


guardSignOut(document);
