// A row of places that scrolls sideways begins with the place the reader is at.

for (const here of document.querySelectorAll("nav li > [aria-current]")) {
  const row = here.closest("ul");
  if (row.scrollWidth > row.clientWidth) row.scrollLeft += here.getBoundingClientRect().left - row.getBoundingClientRect().left - 16;
}
