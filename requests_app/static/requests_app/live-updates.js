// <live-updates>: tells its page what changed, and brings it up to date after every gap.
//
//   <live-updates desk="CODE" cursor="XACT,ID" changes="/desk/changes/?place=CODE">   a desk
//   <live-updates request="REFERENCE" sequence="7" refresh="#case">                   one case
//   <live-updates city="CODE">                                                        a public page
//
// It fires `live:events` (detail.events: [{request, activity, sequence, event}]) and `live:resync`, both
// bubbling. With `refresh` it fetches the page again by itself, with the reader's own rights, and puts
// the fresh element in place, unless somebody is writing in it: then a line offers to. Optional words:
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
    this.refreshing = setTimeout(() => this.fetchPage(selector), 150);
  }

  async fetchPage(selector) {
    const held = document.querySelector(selector);
    if (held && isBusy(held)) return this.offer(selector);
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(selector);
    const present = document.querySelector(selector);
    if (!fresh || !present) return;
    if (isBusy(present)) return this.offer(selector);
    present.replaceWith(document.importNode(fresh, true));
    this.dispatchEvent(new CustomEvent("live:refreshed", { bubbles: true, detail: { selector } }));
  }

  offer(selector) {
    if (this.offered?.isConnected) return;
    this.offered = document.createElement("button");
    this.offered.type = "button";
    this.offered.className = "button button--small live-offer";
    this.offered.textContent = this.dataset.changed || "↻";
    this.offered.addEventListener("click", () => location.reload());
    document.querySelector(selector).before(this.offered);
  }

  light(on) {
    if (!this.dataset.on) return;
    this.classList.toggle("live-light--off", !on);
    this.textContent = on ? this.dataset.on : this.dataset.off || "";
  }
}

// Somebody is writing here, or has written and not sent.
function isBusy(element) {
  const fields = [...element.querySelectorAll("input:not([type=hidden]), textarea, select")];
  return fields.some((field) => field === document.activeElement || isChanged(field));
}

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedIndex > 0;
  return field.value !== field.defaultValue;
}

customElements.define("live-updates", LiveUpdates);
