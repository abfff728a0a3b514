// What every desk page has: selects that send their form, and single keys.
//
// An element with data-key="x" is what the key x presses (or focuses, when it takes text).

const TAKES_TEXT = "input:not([type=checkbox]):not([type=radio]):not([type=submit]), textarea, select, [contenteditable]";

// A box that chooses a row is no place to write: the keys of the list go on working there.
const FIELD = "input:not([type=submit]):not([data-pick]), textarea, select, [contenteditable]";
const SETTLES_MS = 600;

// Single keys are for reading, not for somebody who fills in a form: in no field, and not while a move is open.
export function isWriting(target) {
  return (target instanceof Element && target.matches(FIELD)) || Boolean(document.querySelector("details.move[open]"));
}

// For a moment after a page has come, a key that was meant for the one before must not change anything on this one.
let isSettled = false;
let settling = 0;

function settle() {
  isSettled = false;
  delete document.documentElement.dataset.keys;
  clearTimeout(settling);
  settling = setTimeout(() => {
    isSettled = true;
    document.documentElement.dataset.keys = "ready";
  }, SETTLES_MS);
}
document.addEventListener("live:refreshed", settle);

export function press(element) {
  const details = element.closest("details");
  for (let fold = element.closest("details.move-group"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (element.matches("summary") && details) {
    details.open = true;
    const inside = [...details.querySelectorAll("select, textarea, input:not([type=hidden]), button:not([aria-hidden])")];
    // Words come first: a reply to start from is one Shift+Tab away.
    (inside.find((one) => !one.closest("[data-reply-start]")) ?? inside[0])?.focus();
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
  if (isSettled || wanted.matches("a")) press(wanted);
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
