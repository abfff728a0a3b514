// The page of one case: one move open at a time, and the person's data fetched in place, on a click only.

import "./desk.js";

// The list one came from finds this case again, or what stood beside it when this case has left the list.
const own = document.querySelector(".case-desk__reference")?.firstChild.textContent.trim() || "";
const beside = ["next", "prev"].map((side) => document.querySelector(`a[rel="${side}"]`)).filter(Boolean);
const others = beside.map((link) => link.pathname.split("/").at(-2));
sessionStorage.setItem("desk-row", JSON.stringify([own, ...others]));

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

// A reply is put into its field at once, in the citizen's language, with the other language beside it. Without this
// the button asks the server for the same.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.('button[name="fill"]');
  if (!button) return;
  event.preventDefault();
  putIn(button.closest("[data-reply-start]"), button.form.elements[button.value]);
});

function putIn(start, field) {
  const select = start.querySelector("select");
  const chosen = select.selectedOptions[0];
  const beside = start.querySelector(".reply-start__beside");
  beside.hidden = !select.value;
  if (!select.value) return select.focus();
  const typed = field.value.trim();
  const isOwn = typed && ![...select.options].some((option) => option.dataset.text === typed);
  field.value = isOwn ? `${typed}\n\n${chosen.dataset.text}` : chosen.dataset.text;
  field.form.elements.written_in.value = field.lang;
  beside.querySelector(".reply-start__text").textContent = chosen.dataset.beside;
  field.focus();
}
