// <live-updates>: tells its page what changed, and brings it up to date after every gap.
//
//   <live-updates desk="CODE" cursor="XACT,ID" changes="/desk/changes/?place=CODE">   a desk
//   <live-updates request="REFERENCE" sequence="7" refresh="#case">                   one case
//   <live-updates city="CODE">                                                        a public page
//
// It fires `live:events` (detail.events: [{request, activity, sequence, event}]) and `live:resync`, both
// bubbling. With `refresh` it fetches the page again by itself, with the reader's own rights, and puts
// the fresh element in place, unless a form in it is being used: then a line offers to, and what is typed and open
// goes along into the fresh page (words whose form is gone go to [data-stranded]). Optional words:
// data-on, data-off (a small light), data-changed (the offer). The page is right without it.

const PAUSES = [500, 1000, 3000, 10000, 30000];
const REFUSED = 4403;
const MOST_SEEN = 2000;

class LiveUpdates extends HTMLElement {
  connectedCallback() {
    this.failures = 0;
    this.seen = new Set();
    this.cursor = this.getAttribute("cursor");
    this.sequence = Number(this.getAttribute("sequence") || 0);
    this.onVisible = () => document.visibilityState === "visible" && this.retryNow();
    document.addEventListener("visibilitychange", this.onVisible);
    window.addEventListener("online", this.onVisible);
    this.open();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.onVisible);
    window.removeEventListener("online", this.onVisible);
    clearTimeout(this.timer);
    this.ended = true;
    this.socket?.close();
  }

  address() {
    const url = new URL("/ws/live/", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    for (const name of ["desk", "request", "city"]) {
      if (this.hasAttribute(name)) url.searchParams.set(name, this.getAttribute(name));
    }
    return url;
  }

  open() {
    this.socket = new WebSocket(this.address());
    this.socket.addEventListener("message", (message) => this.take(JSON.parse(message.data)));
    this.socket.addEventListener("close", (closed) => this.lost(closed.code));
  }

  lost(code) {
    this.light(false);
    if (this.ended || code === REFUSED) return;
    const pause = PAUSES[Math.min(this.failures, PAUSES.length - 1)];
    this.failures += 1;
    this.timer = setTimeout(() => this.open(), pause * (0.75 + Math.random() / 2));
  }

  retryNow() {
    if (this.ended || this.socket.readyState < WebSocket.CLOSING) return;
    clearTimeout(this.timer);
    this.open();
  }

  take(message) {
    if (message.type === "hello") this.welcome(message);
    else if (message.type === "resync") this.resync();
    else this.tell(message.events);
  }

  async welcome(hello) {
    this.failures = 0;
    this.light(true);
    if (hello.sequence !== undefined && hello.sequence > this.sequence) {
      this.sequence = hello.sequence;
      this.resync();
    }
    if (this.hasAttribute("changes")) await this.catchUp();
  }

  async catchUp() {
    const url = new URL(this.getAttribute("changes"), location.href);
    url.searchParams.set("since", this.cursor);
    const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const missed = await answer.json();
    this.cursor = missed.cursor;
    if (missed.resync) this.resync();
    else this.tell(missed.events);
  }

  tell(events) {
    const fresh = events.filter((event) => !this.seen.has(event.event));
    fresh.forEach((event) => this.seen.add(event.event));
    if (this.seen.size > MOST_SEEN) this.seen = new Set([...this.seen].slice(-MOST_SEEN / 2));
    if (!fresh.length) return;
    const news = this.hasAttribute("request") ? fresh.filter((event) => event.sequence > this.sequence) : fresh;
    if (!news.length) return;
    this.sequence = Math.max(this.sequence, ...news.map((event) => event.sequence));
    this.dispatchEvent(new CustomEvent("live:events", { bubbles: true, detail: { events: news } }));
    this.refresh();
  }

  resync() {
    this.dispatchEvent(new CustomEvent("live:resync", { bubbles: true }));
    this.refresh();
  }

  refresh() {
    const selector = this.getAttribute("refresh");
    if (!selector) return;
    clearTimeout(this.refreshing);
    this.refreshing = setTimeout(() => this.fetchPage(selector), Number(this.dataset.pause || 150));
  }

  async fetchPage(selector) {
    const held = document.querySelector(selector);
    if (held && isBusy(held)) return this.offer(selector);
    return this.replace(selector, isBusy);
  }

  // Puts the fresh element in place, unless the present one may not go.
  async replace(selector, mustStay) {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(selector);
    const present = document.querySelector(selector);
    if (!fresh || !present) return;
    if (mustStay(present)) return this.offer(selector);
    const next = document.importNode(fresh, true);
    carryOver(present, next);
    const focused = present.contains(document.activeElement) && document.activeElement.id;
    present.replaceWith(next);
    if (focused) document.getElementById(focused)?.focus();
    this.dispatchEvent(new CustomEvent("live:refreshed", { bubbles: true, detail: { selector } }));
  }

  offer(selector) {
    if (this.offered?.isConnected) return;
    this.offered = document.createElement("button");
    this.offered.type = "button";
    this.offered.className = "button button--small live-offer";
    this.offered.textContent = this.dataset.changed || "↻";
    this.offered.addEventListener("click", async () => {
      this.offered.remove();
      await this.replace(selector, () => false);
    });
    document.querySelector(selector).before(this.offered);
  }

  light(on) {
    if (!this.dataset.on) return;
    this.classList.toggle("live-light--off", !on);
    this.textContent = on ? this.dataset.on : this.dataset.off || "";
  }
}

const FIELDS = "input:not([type=hidden]), textarea, select";

// Somebody is writing here, has written and not sent, or has opened a form.
function isBusy(element) {
  if ([...element.querySelectorAll("details[open][id]")].some((details) => details.querySelector("form"))) return true;
  return [...element.querySelectorAll(FIELDS)].some((field) => field === document.activeElement || isWritten(field));
}

// Words that came back with a refused form are as unsent as fresh ones.
function isWritten(field) {
  return isChanged(field) || (field.localName === "textarea" && field.value.trim() !== "");
}

// What is typed and what is open goes into the fresh element before it takes the place of the old one.
function carryOver(from, to) {
  for (const details of from.querySelectorAll("details[open][id]")) {
    to.querySelector(`#${CSS.escape(details.id)}`)?.setAttribute("open", "");
  }
  for (const field of from.querySelectorAll(FIELDS)) if (isWritten(field)) put(field, twinOf(field, to), to);
}

function twinOf(field, to) {
  if (field.id) return to.querySelector(`#${CSS.escape(field.id)}`);
  const named = [...to.querySelectorAll(`[name="${CSS.escape(field.name)}"]`)];
  return named.find((other) => other.type === field.type && (field.type !== "radio" || other.value === field.value));
}

function put(field, twin, to) {
  if (twin && (field.type === "checkbox" || field.type === "radio")) twin.checked = field.checked;
  else if (twin) twin.value = field.value;
  else if (field.localName === "textarea") strand(field.value, to.querySelector("[data-stranded]"));
}

function strand(words, refuge) {
  if (!refuge) return;
  refuge.value = [refuge.value, words].filter(Boolean).join("\n\n");
  refuge.closest("details")?.setAttribute("open", "");
}

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedIndex > 0;
  return field.value !== field.defaultValue;
}

customElements.define("live-updates", LiveUpdates);
