// Filters the list of services while words are typed. Without JavaScript the search form does the same on the server.

const field = document.getElementById("service-q");
const items = [...document.querySelectorAll("[data-words]")];
const nothing = document.querySelector("[data-nothing]");

function folded(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

const SMALL_WORDS = new Set("a an the of in on my de du des le la les un une d l au aux en sur mon ma mes".split(" "));

// The same as on the server: without small words and the s or x of a plural.
function stem(word) {
  return word.length > 3 ? word.replace(/[sx]$/, "") : word;
}

function filter() {
  const words = folded(field.value).filter((word) => !SMALL_WORDS.has(word)).map(stem);
  for (const item of items) item.hidden = !words.every((word) => item.dataset.words.includes(word));
  for (const group of document.querySelectorAll(".service-group")) group.hidden = !group.querySelector("li:not([hidden])");
  nothing.hidden = items.some((item) => !item.hidden) || !items.length;
}

// A list that the server has filtered is whole again only from the server.
if (field && !field.value) field.addEventListener("input", filter);
