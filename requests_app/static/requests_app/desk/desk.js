// What every desk page has: selects that send their form, forms that are sent once, and what to do without a connection.

import { FIELD, settle } from "./keys.js";

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
  } else if (event.target.matches?.(FIELD)) event.target.blur();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
});

// A form is sent once: a second press while it is on its way does nothing. And it is sent only where somebody
// answers: the browser's own error page would take what was typed with it.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.checked) return delete form.dataset.checked;
  event.preventDefault();
  if (form.dataset.sent) return;
  form.dataset.sent = "yes";
  const submitter = event.submitter;
  if (!(await isReachable())) {
    delete form.dataset.sent;
    return sayNotSent(form);
  }
  form.dataset.checked = "yes";
  form.requestSubmit(submitter?.form === form ? submitter : undefined);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Where there is little room, what is beside the list is folded.
if (matchMedia("(max-width: 63.99rem)").matches) {
  for (const fold of document.querySelectorAll("details[data-narrow]")) fold.open = false;
}

// After a move the page says what happened: read it first.
document.querySelector("[data-first]")?.focus();
settle();

// --- Without a connection ---

const notice = document.getElementById("desk-offline");
const BEAT_MS = 4000;
let isOffline = false;

async function isReachable() {
  if (!notice) return true;
  const limit = AbortSignal.timeout(BEAT_MS - 500);
  const answer = navigator.onLine
    ? await fetch(notice.dataset.heartbeat, { cache: "no-store", signal: limit }).catch(() => null)
    : null;
  light(!answer);
  return Boolean(answer);
}

function light(off) {
  if (!notice || off === isOffline) return;
  isOffline = off;
  notice.textContent = off ? notice.dataset.words : "";
  notice.hidden = !off;
  if (!off) document.querySelectorAll(".move__offline").forEach((said) => (said.hidden = true));
}

function sayNotSent(form) {
  const said = form.querySelector(".move__offline");
  notice.textContent = notice.dataset.kept;
  if (!said) return notice.scrollIntoView({ block: "nearest" });
  said.textContent = notice.dataset.kept;
  said.hidden = false;
}

// A link to a page that cannot come would lose this one.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!isOffline || !link || link.getAttribute("href").startsWith("#") || link.target) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  notice.scrollIntoView({ block: "nearest" });
}, true);

async function beat() {
  if (document.visibilityState === "visible") await isReachable();
  setTimeout(beat, BEAT_MS);
}
window.addEventListener("offline", () => light(true));
window.addEventListener("online", isReachable);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && isReachable());
setTimeout(beat, BEAT_MS);
