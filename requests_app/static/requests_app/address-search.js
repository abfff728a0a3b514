// Searches addresses as they are typed. Without JavaScript the same form is sent and the page shows the results.

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

field?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, 250);
});
field?.form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  search();
});
