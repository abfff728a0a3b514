// Today: keys that go through the rows of all its lists, and back from a case the row one came from.

import "./desk.js";
import { onKeys } from "./keys.js";

const links = () => [...document.querySelectorAll("#today .case-row__link")];

function move(step) {
  const rows = links();
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[next].focus();
  rows[next].scrollIntoView({ block: "nearest" });
}

onKeys((_event, key) => {
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key];
  return step && (() => move(step));
});
