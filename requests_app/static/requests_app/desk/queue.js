// <desk-queue>: one selection shared by list and map, keys, and rows that stay fresh without moving.

import "./desk.js";
import { onKeys } from "./keys.js";

// What brings a case into a list. Where any status is shown only an arrival does; a narrower list gains by any step.
const ARRIVES = new Set(["submitted", "reopened"]);
const ARRIVES_AT_OFFICE = new Set([...ARRIVES, "routed", "handed_off", "bounced", "review_requested"]);
const NO_STEP = new Set(["noted", "commented", "rated", "supported", "photo_added", "words_released", "words_erased", "person_erased", "hidden", "shown", "reprioritized", "corrected"]);

const REGIONS = ["#queue-filters", "#queue-count", "#queue-list", "#map-note"];

class DeskQueue extends HTMLElement {
  connectedCallback() {
    this.waiting = new Map(); // reference → activity, not asked for yet
    this.newcomers = new Set(); // references that belong here and are not shown
    this.map = this.querySelector("triage-map");
    this.list = this.querySelector("#queue-list");
    this.freshButton = this.querySelector("#queue-fresh");
    this.addEventListener("live:events", (event) => this.heard(event.detail.events));
    this.addEventListener("live:resync", () => this.offer(this.dataset.changed));
    this.addEventListener("focusin", (event) => this.selectRow(event.target.closest(".case-row")));
    this.addEventListener("pointerover", (event) => this.point(event.target.closest(".case-row")));
    this.addEventListener("triage-pick", (event) => this.picked(event.detail.reference));
    this.addEventListener("triage-note", (event) => (this.querySelector("#map-note").textContent = event.detail.note));
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("submit", (event) => this.narrowed(event));
    this.freshButton.addEventListener("click", () => this.show(location.href));
    onKeys((event, key) => this.actOf(event, key));
    window.addEventListener("popstate", () => this.show(location.href));
    this.addEventListener("keydown", (event) => this.cleared(event));
    if (/\/desk\/requests\//.test(document.referrer)) this.comeBack();
  }

  get rows() {
    return [...this.list.querySelectorAll(".case-row")];
  }

  // --- One selection ---

  selectRow(row) {
    if (!row || row === this.selected) return;
    this.selected?.removeAttribute("data-selected");
    this.selected = row;
    row.dataset.selected = "";
    const place = row.dataset.lon ? [Number(row.dataset.lon), Number(row.dataset.lat)] : null;
    this.map.select(row.dataset.reference, place);
    this.querySelector("#map-picked").replaceChildren();
  }

  point(row) {
    if (row && row !== this.selected) this.map.hint(row.dataset.reference);
  }

  async picked(reference) {
    const row = this.list.querySelector(`[data-reference="${CSS.escape(reference)}"]`);
    if (row) {
      row.querySelector("a").focus({ preventScroll: true });
      row.scrollIntoView({ block: "center" });
      return;
    }
    const fresh = await this.fetchRows([reference]);
    const found = fresh?.querySelector(".case-row");
    this.selected?.removeAttribute("data-selected");
    this.selected = null;
    this.map.select(reference, null);
    this.querySelector("#map-picked").replaceChildren(...(found ? [asCard(found)] : []));
  }

  move(step) {
    const rows = this.rows;
    if (!rows.length) return;
    const at = rows.indexOf(this.selected);
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)];
    next.querySelector("a").focus();
    next.scrollIntoView({ block: "nearest" });
  }

  actOf(event, key) {
    const inMap = event.target.closest?.("triage-map");
    return {
      j: () => this.move(1),
      k: () => this.move(-1),
      ArrowDown: inMap ? null : () => this.move(1),
      ArrowUp: inMap ? null : () => this.move(-1),
      n: () => this.querySelector('a[rel="next"]')?.click(),
      p: () => this.querySelector('a[rel="prev"]')?.click(),
      r: () => !this.freshButton.hidden && this.freshButton.click(),
      "/": () => this.querySelector("#filter-q").focus(),
    }[key];
  }

  // --- Narrowing without a reload ---

  clicked(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (!link.matches(".chip, .filter__clear, .pagination a, .empty a")) return;
    event.preventDefault();
    this.go(link.href, link.matches(".pagination a"));
  }

  narrowed(event) {
    if (event.target.id !== "filter-form") return;
    event.preventDefault();
    const query = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value));
    const searched = document.activeElement?.id === "filter-q";
    this.go(`${event.target.action.split("?")[0]}?${query}`, searched);
  }

  // Escape in the search takes it away again.
  cleared(event) {
    if (event.key !== "Escape" || event.target.id !== "filter-q" || !new URL(location.href).searchParams.get("q")) return;
    const address = new URL(location.href);
    for (const name of ["q", "after", "before"]) address.searchParams.delete(name);
    this.go(address.href, true);
  }

  // Back from a case the list stands where it was left.
  comeBack() {
    const wanted = JSON.parse(sessionStorage.getItem("desk-row") || "[]");
    const found = wanted.map((one) => this.list.querySelector(`[data-reference="${CSS.escape(one)}"]`));
    const row = found.find(Boolean);
    if (!row || document.activeElement !== document.body) return;
    row.querySelector("a").focus();
    row.scrollIntoView({ block: "center" });
  }

  async go(address, toList = false) {
    history.pushState(null, "", address);
    await this.show(address);
    if (toList) this.rows[0]?.querySelector("a").focus();
  }

  async show(address) {
    const focused = document.activeElement?.id;
    const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer) return; // offline: the notice says so
    if (answer.redirected) return location.assign(answer.url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("desk-queue");
    if (!fresh) return location.assign(address);
    fresh.querySelector("#queue-filters details").open = this.querySelector("#queue-filters details").open;
    for (const region of REGIONS) this.querySelector(region).replaceWith(fresh.querySelector(region));
    this.takeProblems(fresh);
    this.list = this.querySelector("#queue-list");
    for (const name of ["rows", "sort", "further", "kind", "tab"]) {
      if (fresh.dataset[name] === undefined) delete this.dataset[name];
      else this.dataset[name] = fresh.dataset[name];
    }
    document.querySelector(".desk-bar")?.replaceWith(page.querySelector(".desk-bar"));
    this.newcomers.clear();
    this.freshButton.hidden = true;
    this.selected = null;
    this.map.setAttribute("dots", fresh.querySelector("triage-map").getAttribute("dots"));
    if (focused) document.getElementById(focused)?.focus();
  }

  takeProblems(fresh) {
    this.querySelector(".error-summary")?.remove();
    const problems = fresh.querySelector(".error-summary");
    if (problems) this.prepend(problems);
  }

  // --- Staying fresh ---

  heard(events) {
    for (const event of events) {
      this.waiting.set(event.request, [...(this.waiting.get(event.request) || []), event.activity]);
    }
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.ask(), 250);
  }

  async ask() {
    const heard = new Map([...this.waiting].slice(0, 100));
    const asked = [...heard.keys()];
    asked.forEach((reference) => this.waiting.delete(reference));
    if (!asked.length) return;
    const fresh = await this.fetchRows(asked);
    if (!fresh) return this.offer(this.dataset.changed);
    this.querySelector("#queue-chips").replaceWith(fresh.querySelector("#queue-chips"));
    const rows = new Map([...fresh.querySelectorAll(".case-row")].map((row) => [row.dataset.reference, row]));
    for (const [reference, activities] of heard) {
      this.refreshRow(reference, rows.get(reference), activities.some((activity) => this.arrives(activity)));
    }
    this.announceNewcomers();
    if (this.waiting.size) this.heard([]);
  }

  async fetchRows(references) {
    const url = new URL(this.dataset.rows, location.href);
    url.searchParams.set("only", references.join(","));
    const answer = await fetch(url).catch(() => null);
    return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  }

  arrives(activity) {
    if (!["open", "all"].includes(this.dataset.kind)) return !NO_STEP.has(activity);
    return (this.dataset.tab === "office" ? ARRIVES_AT_OFFICE : ARRIVES).has(activity);
  }

  refreshRow(reference, fresh, arrived) {
    const shown = this.list.querySelector(`[data-reference="${CSS.escape(reference)}"]`);
    this.map.update(reference, fresh ? fresh.dataset : null);
    if (shown && fresh) this.replaceRow(shown, fresh);
    else if (shown) this.markGone(shown);
    else if (fresh && arrived) this.welcome(fresh);
  }

  replaceRow(shown, fresh) {
    keepChoice(shown, fresh);
    if (shown.innerHTML === fresh.innerHTML) return;
    const hadFocus = shown.contains(document.activeElement);
    if (shown === this.selected) {
      this.selected = fresh;
      fresh.dataset.selected = "";
    }
    fresh.classList.add("case-row--changed");
    shown.replaceWith(fresh);
    if (hadFocus) fresh.querySelector("a").focus({ preventScroll: true });
  }

  markGone(row) {
    if (row.classList.contains("case-row--gone")) return;
    row.classList.add("case-row--gone");
    const said = document.createElement("span");
    said.className = "case-row__gone";
    said.textContent = this.dataset.gone;
    row.querySelector(".case-row__what").append(said);
  }

  // A newcomer goes on top only where nobody's row can move under a pointer or a focus.
  welcome(row) {
    const list = this.list.querySelector(".case-list");
    const quiet = !this.list.matches(":hover") && !this.list.contains(document.activeElement) && window.scrollY < 240;
    const onTop = this.dataset.sort === "newest" && this.dataset.further === undefined;
    const newer = Number(row.dataset.at) >= Number(this.rows.at(0)?.dataset.at || 0);
    if (list && quiet && onTop && newer && !this.newcomers.size) {
      row.classList.add("case-row--new");
      list.prepend(row);
    } else this.newcomers.add(row.dataset.reference);
  }

  announceNewcomers() {
    const many = this.newcomers.size;
    if (many) this.offer(many === 1 ? this.dataset.newOne : this.dataset.newMany.replace("{n}", many));
    else this.recount();
  }

  offer(words) {
    this.freshButton.textContent = words;
    this.freshButton.hidden = false;
    this.recount();
  }

  recount() {
    const chosen = this.querySelector("#queue-chips [data-total]");
    if (chosen) this.querySelector("#queue-count").textContent = chosen.dataset.total;
  }
}

// What was chosen stays chosen, as it was when it was: the version that came since waits until it is chosen anew.
function keepChoice(shown, fresh) {
  const [old, now] = [shown, fresh].map((row) => row.querySelector("input[name=case]"));
  if (!old?.checked || !now) return;
  now.checked = true;
  if (old.value === now.value) return;
  now.dataset.fresh = now.value;
  now.value = old.value;
}

function asCard(row) {
  row.querySelector(".case-row__pick")?.remove();
  const card = document.createElement("div");
  card.className = "case-row map-picked__card";
  card.append(...row.childNodes);
  return card;
}

customElements.define("desk-queue", DeskQueue);
