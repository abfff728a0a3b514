// What every desk page has: selects that send their form, and single keys.
//
// An element with data-key="x" is what the key x presses (or focuses, when it takes text).

const TAKES_TEXT = "input:not([type=checkbox]):not([type=radio]):not([type=submit]), textarea, select, [contenteditable]";

export function isWriting(target) {
  return target instanceof Element && target.matches(TAKES_TEXT);
}

export function press(element) {
  const details = element.closest("details");
  if (element.matches("summary") && details) {
    details.open = true;
    const first = details.querySelector("select, textarea, input:not([type=hidden]), button");
    first?.focus();
    details.scrollIntoView({ block: "nearest" });
  } else if (element.matches(TAKES_TEXT)) element.focus();
  else element.click();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isWriting(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    event.preventDefault();
    document.getElementById("keys")?.showModal();
    return;
  }
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!wanted) return;
  event.preventDefault();
  press(wanted);
});

// Ctrl+Enter sends the form one is writing in; Escape leaves the field and closes the move.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.form || event.target.closest?.("form");
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
  }
  if (event.key !== "Escape" || event.defaultPrevented) return;
  const details = event.target.closest?.("details.move[open]");
  if (details) {
    details.open = false;
    details.querySelector("summary").focus();
  } else if (isWriting(event.target)) event.target.blur();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
});

// A form is sent once: a second press while it is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Where there is little room, what is beside the list is folded.
if (matchMedia("(max-width: 63.99rem)").matches) {
  for (const fold of document.querySelectorAll("details[data-narrow]")) fold.open = false;
}

// After a move the page says what happened: read it first.
document.querySelector("[data-first]")?.focus();
document.documentElement.dataset.keys = "ready";
