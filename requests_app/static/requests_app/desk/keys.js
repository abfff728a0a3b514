// Single keys, for every page of the desk: the one place that says when they may act, and that turns them off.
//
// An element with data-key="x" is what the key x presses (or focuses, when it takes text). A page that has keys of its
// own gives `onKeys` a function from an event and its key to what it does, or to nothing.

const TAKES_TEXT = "input:not([type=checkbox]):not([type=radio]):not([type=submit]), textarea, select, [contenteditable]";

// A box that chooses a row is no place to write: the keys of the list go on working there.
export const FIELD = "input:not([type=submit]):not([data-pick]), textarea, select, [contenteditable]";
const SETTLES_MS = 600;

// Whoever speaks to their computer, or shakes, turns single keys off: the server says so on the page (WCAG 2.1.4).
const areOn = () => !document.body.classList.contains("keys-off");

// Single keys are for reading, not for somebody who fills in a form: in no field, and not while a move is open.
function isWriting(target) {
  return (target instanceof Element && target.matches(FIELD)) || Boolean(document.querySelector("details.move[open]"));
}

function isFree(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !areOn()) return false;
  return !isWriting(event.target) && !document.querySelector("dialog[open]");
}

// With Caps Lock on, the key of a small letter says the capital one.
const keyOf = (event) => (event.shiftKey || event.key.length > 1 ? event.key : event.key.toLowerCase());

export function onKeys(actOf) {
  const heard = (event) => {
    const act = isFree(event) ? actOf(event, keyOf(event)) : null;
    if (!act) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", heard);
}

// For a moment after a page has come, a key that was meant for the one before must not change anything on this one: it
// only goes to the button it names, for Enter to press. So no key is lost without a sign.
let isSettled = false;
let settling = 0;

export function settle() {
  isSettled = false;
  delete document.documentElement.dataset.keys;
  clearTimeout(settling);
  settling = setTimeout(() => {
    isSettled = true;
    document.documentElement.dataset.keys = "ready";
  }, SETTLES_MS);
}
document.addEventListener("live:refreshed", settle);

function point(element) {
  for (let fold = element.closest("details.move-group"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  element.focus();
}

function press(element) {
  const details = element.closest("details");
  if (element.closest("details.move-group")) point(element);
  if (element.matches("summary") && details) {
    details.open = true;
    const inside = [...details.querySelectorAll("select, textarea, input:not([type=hidden]), button:not([aria-hidden])")];
    // Words come first: a reply to start from is one Shift+Tab away.
    (inside.find((one) => !one.closest("[data-reply-start]")) ?? inside[0])?.focus();
    details.scrollIntoView({ block: "nearest" });
  } else if (element.matches(TAKES_TEXT)) element.focus();
  else element.click();
}

onKeys((_event, key) => {
  if (key === "?") return () => document.getElementById("keys")?.showModal();
  const wanted = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  return wanted && (() => (isSettled || wanted.matches("a") ? press(wanted) : point(wanted)));
});
