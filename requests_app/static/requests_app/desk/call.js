// Calls and counter: a type-ahead over services and addresses, and what belongs to the choice as one types.

import "./desk.js";

// <type-ahead> holds a <select> (its options are searched, data-words too), or an <input> with data-address
// (the server is asked; the choice goes into a hidden input called data-name). Without scripts both work as they are.
class TypeAhead extends HTMLElement {
  connectedCallback() {
    this.select = this.querySelector("select");
    this.input = this.select ? this.replaceSelect() : this.querySelector("input");
    this.list = this.appendChild(document.createElement("ul"));
    this.list.className = "type-ahead__list";
    this.list.id = `${this.input.id}-list`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", document.querySelector(`label[for="${this.input.id}"]`)?.textContent || "");
    this.list.hidden = true;
    this.status = this.appendChild(document.createElement("span"));
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    this.describe();
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.left());
    this.list.addEventListener("pointerdown", (event) => this.pressed(event));
  }

  describe() {
    const said = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(said)) this.input.setAttribute(name, value);
    this.input.autocomplete = "off";
  }

  replaceSelect() {
    const input = document.createElement("input");
    input.className = this.select.className;
    for (const name of ["aria-invalid", "aria-describedby"]) {
      if (this.select.hasAttribute(name)) input.setAttribute(name, this.select.getAttribute(name));
    }
    input.id = this.select.id;
    input.value = this.select.selectedOptions[0]?.textContent || "";
    this.select.id = `${input.id}-select`;
    this.select.hidden = true;
    this.select.before(input);
    if (this.select.autofocus) requestAnimationFrame(() => input.focus());
    return input;
  }

  async typed() {
    this.choose(null);
    const wanted = fold(this.input.value);
    clearTimeout(this.waiting);
    if (!wanted) return this.show([]);
    if (this.select) return this.show(this.matching(wanted));
    this.waiting = setTimeout(() => this.ask(), 120);
  }

  matching(wanted) {
    const words = wanted.split(" ");
    const options = [...this.select.options].filter((option) => option.value);
    const scored = options.map((option) => ({ option, score: scoreOf(option, words) })).filter(({ score }) => score > 0);
    scored.sort((a, b) => b.score - a.score);
    return scored.slice(0, 8).map(({ option }) => ({ value: option.value, words: option.textContent }));
  }

  async ask() {
    const url = new URL(this.dataset.address, location.href);
    url.searchParams.set("q", this.input.value);
    const typed = this.input.value;
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok || typed !== this.input.value || document.activeElement !== this.input) return;
    this.show((await answer.json()).options);
  }

  show(options) {
    this.options = options;
    this.list.replaceChildren(...options.map((option, index) => this.item(option, index)));
    this.list.hidden = !options.length;
    this.input.setAttribute("aria-expanded", String(options.length > 0));
    this.mark(options.length ? 0 : -1);
    const typed = this.input.value.trim();
    this.status.textContent = !typed ? "" : options.length ? this.dataset.found.replace("{n}", options.length) : this.dataset.none;
  }

  item(option, index) {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${index}`;
    item.className = "type-ahead__option";
    item.setAttribute("role", "option");
    item.textContent = option.words;
    if (option.beside) {
      const beside = item.appendChild(document.createElement("span"));
      beside.className = "type-ahead__beside";
      beside.textContent = option.beside;
    }
    return item;
  }

  mark(index) {
    this.at = index;
    [...this.list.children].forEach((item, position) => item.setAttribute("aria-selected", String(position === index)));
    const item = this.list.children[index];
    if (item) {
      this.input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.show([]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!this.options?.length) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.mark((this.at + step + this.options.length) % this.options.length);
    } else if ((event.key === "Enter" && !event.ctrlKey) || event.key === "Tab") {
      if (!this.options?.length) return event.key === "Enter" && event.preventDefault();
      if (event.key === "Enter") event.preventDefault();
      this.take(this.options[this.at]);
    }
  }

  pressed(event) {
    event.preventDefault();
    const item = event.target.closest("li");
    if (item) this.take(this.options[[...this.list.children].indexOf(item)]);
  }

  left() {
    // A half-typed service is the best one found, or nothing; an address keeps its words for the server.
    if (this.options?.length) this.take(this.options[this.at]);
    if (this.select && !this.select.value) this.input.value = "";
  }

  take(option) {
    this.input.value = option.words;
    this.choose(option.value);
    this.show([]);
    this.status.textContent = "";
  }

  choose(value) {
    if (this.select) this.select.value = value || "";
    else this.hidden_(value);
    if (value !== this.chosen) this.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
    this.chosen = value;
  }

  hidden_(value) {
    this.querySelector("input[type=hidden]")?.remove();
    if (!value) return;
    const kept = document.createElement("input");
    Object.assign(kept, { type: "hidden", name: this.dataset.name, value });
    this.append(kept);
  }
}

function fold(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().trim().replace(/\s+/g, " ");
}

function scoreOf(option, words) {
  const name = fold(option.textContent);
  const all = `${name} ${fold(option.dataset.words || "")}`;
  if (!words.every((word) => all.includes(word))) return 0;
  return (name.startsWith(words[0]) ? 4 : 0) + (words.every((word) => name.includes(word)) ? 2 : 0) + 1;
}

customElements.define("type-ahead", TypeAhead);

// --- What belongs to the choice ---

const form = document.getElementById("call-form");

const AGAIN_MS = [500, 1500, 4000];
const asked = new WeakMap();

// The last question of a region is the one that is answered, whichever answer comes first; a lost one is asked again.
async function load(region, query) {
  const url = new URL(region.dataset.address, location.href);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const number = (asked.get(region) ?? 0) + 1;
  asked.set(region, number);
  for (const wait of [...AGAIN_MS, 0]) {
    const answer = await fetch(url).catch(() => null);
    const text = answer?.ok ? await answer.text().catch(() => null) : null;
    if (asked.get(region) !== number) return;
    if (text !== null) {
      region.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
      return;
    }
    if (answer && answer.status < 500) return;
    if (wait) await new Promise((resolve) => { setTimeout(resolve, wait); });
  }
}

// Open cases close by come while the address is typed, as soon as it can mean one place only.
let typing = 0;
form.addEventListener("input", (event) => {
  if (event.target.id !== "call-address") return;
  clearTimeout(typing);
  typing = setTimeout(() => {
    const sent = Object.fromEntries(new FormData(form));
    if (sent.address || !sent.service) return;
    load(document.getElementById("call-nearby"), { service: sent.service, address_typed: sent.address_typed || "" });
  }, 400);
});

form.addEventListener("chosen", (event) => {
  const sent = Object.fromEntries(new FormData(form));
  if (event.target.querySelector("select")) load(document.getElementById("call-questions"), { service: sent.service || "" });
  load(document.getElementById("call-nearby"), { service: sent.service || "", address: sent.address || "" });
});

document.addEventListener("keydown", (event) => {
  if (!event.altKey || !/^[1-5]$/.test(event.key)) return;
  const button = document.querySelector(`[data-alt="${event.key}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
