// The page of one case: one move open at a time, and the person's data fetched in place, on a click only.

import "./desk.js";

// The list one came from finds this case again.
sessionStorage.setItem("desk-row", document.querySelector(".case-desk__reference")?.firstChild.textContent.trim() || "");

document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.("details.move") || !event.target.open) return;
    for (const other of document.querySelectorAll("details.move[open]")) {
      if (other !== event.target) other.open = false;
    }
  },
  true,
);

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const region = form.closest("#case-person");
  if (!region) return;
  event.preventDefault(); // before desk.js hears of it: on the way down
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
  if (!answer.ok) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  region.replaceChildren(...page.body.childNodes);
  region.querySelector("[data-first]")?.focus();
}, true);
