// Tables marked data-sorts sort by the column whose heading is chosen: first the largest (or A), then the other way.
// Without this module the rows stand in the order of the server, which is the order the sentence above speaks of.

const known = (cell) => cell.dataset.value !== undefined && cell.dataset.value !== "";

function compare(column, isNumber, collator) {
  return (one, other) => {
    const [first, second] = [one.cells[column], other.cells[column]];
    if (isNumber) return Number(second.dataset.value) - Number(first.dataset.value);
    return collator.compare(first.textContent, second.textContent);
  };
}

function sortBy(table, column, collator) {
  const heading = table.tHead.rows[0].cells[column];
  const isNumber = heading.classList.contains("number");
  const begins = isNumber ? "descending" : "ascending";
  const turned = isNumber ? "ascending" : "descending";
  const way = heading.getAttribute("aria-sort") === begins ? turned : begins;
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", way);
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  // What is not recorded stays last, whichever way the rest turns.
  const silent = isNumber ? rows.filter((row) => !known(row.cells[column])) : [];
  const told = rows.filter((row) => !silent.includes(row)).sort(compare(column, isNumber, collator));
  if (way === turned) told.reverse();
  const ordered = [...told, ...silent];
  for (const body of table.tBodies) body.append(...ordered.splice(0, body.rows.length));
}

function makeSortable(table, collator) {
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sorts";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sortBy(table, column, collator));
    heading.append(button);
  });
}

const collator = new Intl.Collator(document.documentElement.lang || "en");

function makeAllSortable() {
  for (const table of document.querySelectorAll("table[data-sorts]")) {
    if (!table.tHead.querySelector(".sorts")) makeSortable(table, collator);
  }
}

makeAllSortable();
document.addEventListener("live:refreshed", makeAllSortable);
