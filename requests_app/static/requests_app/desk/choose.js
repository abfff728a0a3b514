// Choosing rows of the queue for one move: by box, by key, a whole page at once. The list may be replaced at any time.

import { onKeys } from "./keys.js";

const queue = document.querySelector("desk-queue");
const form = () => document.getElementById("many");
const boxes = () => [...queue.querySelectorAll('#queue-list input[name="case"]')];
const part = (id) => document.getElementById(id);

function count() {
  if (!form()) return;
  const all = part("many-all");
  const found = boxes();
  const picked = found.filter((box) => box.checked);
  for (const box of found) box.closest(".case-row").classList.toggle("case-row--picked", box.checked);
  all.closest("label").hidden = false;
  all.checked = picked.length > 0 && picked.length === found.length;
  all.indeterminate = picked.length > 0 && picked.length < found.length;
  const number = part("many-whole")?.checked ? Number(form().dataset.whole) : picked.length;
  const words = { 0: form().dataset.none, 1: form().dataset.one }[number] ?? form().dataset.several;
  const said = words.replace("{n}", number);
  if (part("many-count").textContent !== said) part("many-count").textContent = said;
  form().classList.toggle("choose--some", number > 0);
}

function setAll(on) {
  for (const box of boxes()) box.checked = on;
  count();
}

function toggleSelected() {
  const box = queue.querySelector("#queue-list .case-row[data-selected] input[name=case]");
  if (!box) return;
  box.checked = !box.checked;
  renew(box);
  count();
}

// A row that changed after it was chosen keeps the version that was chosen: the preview tells. Chosen anew, it is new.
function renew(box) {
  if (!box.dataset.fresh) return;
  if (!box.checked) return;
  box.value = box.dataset.fresh;
  delete box.dataset.fresh;
}

queue.addEventListener("change", (event) => {
  if (event.target.id === "many-all") return setAll(event.target.checked);
  if (event.target.matches("[data-pick]")) {
    renew(event.target);
    count();
  }
});

onKeys((event, key) => {
  if (!form() || key.toLowerCase() !== "x") return null;
  if (event.shiftKey) return () => setAll(boxes().some((box) => !box.checked));
  return toggleSelected;
});

new MutationObserver(count).observe(queue.querySelector(".queue-page__list"), { childList: true, subtree: true });
window.addEventListener("pageshow", count);
count();
