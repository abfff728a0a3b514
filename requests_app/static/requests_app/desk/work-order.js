// A work order is printed by a button where the browser can; the menu of the browser does the same.

import "./desk.js";

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
