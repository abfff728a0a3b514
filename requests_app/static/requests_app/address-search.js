// Searches addresses as they are typed. Without JavaScript the same form is sent and the page shows the results.

import { rememberedPin, rememberPin } from "./draft.js";

const CLOSE = 17;

const field = document.querySelector("[data-results]");
const results = document.getElementById("address-results");
let waiting;
let asked = 0;

async function search() {
  const typed = field.value.trim();
  if (typed.length < 3) return;
  const number = ++asked;
  const answer = await fetch(`${field.dataset.results}?${new URLSearchParams({ q: typed })}`);
  if (answer.ok && number === asked) results.innerHTML = await answer.text();
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
  clearTimeout(waiting);
  waiting = setTimeout(search, 250);
});
field?.form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  search();
});
