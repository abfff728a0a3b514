// Searches addresses as they are typed. Without JavaScript the same form is sent and the page shows the results.

import { rememberedPin, rememberPin } from "./draft.js";

const CLOSE = 17;

const field = document.querySelector("[data-results]");
const results = document.getElementById("address-results");
let waiting;
let asked = 0;

const sentAlong = document.getElementById("typed-place");

async function search() {
  const typed = field.value.trim();
  if (typed.length < 3) return;
  const number = ++asked;
  const answer = await fetch(`${field.dataset.results}?${new URLSearchParams({ q: typed })}`);
  if (answer.ok && number === asked) results.innerHTML = await answer.text();
}

// Who asks for the search and gets one place has chosen it.
async function searchAndTake() {
  await search();
  const found = results.querySelectorAll("input[type=radio]");
  if (found.length === 1 && !found[0].checked) found[0].click();
}

// The pin that was put and not sent comes back after a reload, unless the server knows a newer one.
const map = document.querySelector("pin-map[data-draft]");
if (map && window.L) {
  const was = `${map.dataset.lat || ""},${map.dataset.lon || ""}`;
  const { lat, lon, before } = rememberedPin(map.dataset.draft);
  if (lat && before === was) map.put(L.latLng(lat, lon), CLOSE);
  map.addEventListener("pin:put", ({ detail }) => rememberPin(map.dataset.draft, { ...detail, before: was }));
}

field?.addEventListener("input", () => {
  if (sentAlong) sentAlong.value = field.value;
  clearTimeout(waiting);
  waiting = setTimeout(search, 250);
});
// What was typed before this script had come is searched for now.
if (field && field.value !== field.defaultValue) field.dispatchEvent(new Event("input"));
field?.form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  searchAndTake();
});
