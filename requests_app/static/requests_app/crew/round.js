// The round on a telephone: entries are kept first and sent then, so that nothing is lost where there is no signal.

import { all, newKey, put, remove, send, smaller } from "./entries.js";

const SOON_MS = 1000;
const AGAIN_MS = 15000;

class CrewRound extends HTMLElement {
  connectedCallback() {
    this.user = this.dataset.user;
    this.bar = this.querySelector("#crew-signal");
    this.list = this.querySelector("#crew-outbox");
    this.addEventListener("submit", (event) => this.submitted(event));
    this.offerPosition();
    this.pause = SOON_MS;
    addEventListener("online", () => {
      this.pause = SOON_MS;
      this.sendAll();
    });
    addEventListener("offline", () => this.show());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.sendAll());
    this.channel = new BroadcastChannel("clearway-crew");
    this.channel.onmessage = () => this.show();
    this.ready = this.begin();
  }

  async begin() {
    this.works = await all().then(() => true, () => false);
    if (!this.works) this.tell(this.dataset.noStore, "bad");
    this.settleIn();
  }

  async settleIn() {
    await this.registerWorker();
    await this.sendAll();
    // Only a page that the worker has can be opened again without a signal; sending does not wait for that.
    document.documentElement.dataset.crew = (await this.kept) === false ? "not-kept" : "ready";
  }

  async registerWorker() {
    if (!("serviceWorker" in navigator)) return;
    try {
      await navigator.serviceWorker.register(this.dataset.worker, { scope: "/crew/" });
      this.worker = (await navigator.serviceWorker.ready).active;
      await this.keepPage();
    } catch {
      // Without a worker the page cannot be opened without a signal; entries made on it are kept all the same.
    }
  }

  // Ask the worker to keep the page as it is now, its photos and the ground of its map; wait a while for it.
  keepPage() {
    if (!this.worker || !navigator.onLine) return Promise.resolve();
    const photos = Array.from(this.querySelectorAll("img[data-keep]"), (image) => image.getAttribute("src"));
    const base = this.querySelector("round-map")?.dataset.base;
    const { port1, port2 } = new MessageChannel();
    this.kept = new Promise((resolve) => { port1.onmessage = (event) => resolve(event.data); });
    this.worker.postMessage({ keep: [location.pathname + location.search, ...(base ? [base] : []), ...photos] }, [port2]);
    return Promise.race([this.kept, new Promise((resolve) => setTimeout(resolve, 8000))]);
  }

  async submitted(event) {
    const form = event.target.closest("form[data-entry]");
    if (!form || this.works === false) return;
    event.preventDefault();
    if (form.dataset.busy) return; // a second tap, while the photo is made smaller
    form.dataset.busy = "1";
    try {
      await this.ready;
      if (this.works) await this.taken(form, new FormData(form, event.submitter));
      else form.requestSubmit(event.submitter); // again, and past us: the button says what was done
    } catch {
      // Nothing could be kept here: what was typed stays, and the next try goes to the server by itself.
      this.works = false;
      this.tell(this.dataset.noStore, "bad");
    } finally {
      delete form.dataset.busy;
    }
  }

  async taken(form, given) {
    if (!this.complete(form, given)) return;
    const photo = given.get("photo");
    const entry = {
      key: newKey(), user: this.user, madeAt: Date.now(), state: "waiting", label: form.dataset.said,
      ...Object.fromEntries(["reference", "version", "kind", "outcome", "reason", "note"].map((name) => [name, given.get(name) ?? ""])),
      where: form.closest(".stop")?.querySelector(".stop__service")?.textContent ?? "",
      photo: photo instanceof File && photo.size ? await smaller(photo) : null,
    };
    await put(entry);
    form.reset();
    if (entry.kind === "start") form.hidden = true;
    this.close(form, entry);
    this.channel.postMessage("changed");
    await this.sendAll();
  }

  complete(form, given) {
    const radios = form.querySelector("input[type=radio]");
    const chosen = !radios || given.get(radios.name);
    const problem = form.querySelector("[data-problem]");
    if (problem) {
      problem.hidden = Boolean(chosen);
      problem.querySelector("span").textContent = chosen ? "" : this.dataset.choose;
      if (!chosen) radios.focus();
    }
    return chosen;
  }

  // After an entry the eye and the thumb are at the next stop.
  close(form, entry) {
    if (entry.kind === "start") return;
    const stop = form.closest(".stop");
    form.closest("details.entry").open = false;
    stop.querySelector("details").open = false;
    const next = stop.nextElementSibling?.querySelector("summary") ?? stop.querySelector("summary");
    next.focus({ preventScroll: true });
    stop.scrollIntoView({ block: "start", behavior: "auto" });
  }

  async mine(state) {
    const found = await all();
    return found.filter((entry) => entry.user === this.user && (!state || entry.state === state));
  }

  // One tab sends at a time; should two do so all the same, the server takes each key once.
  async sendAll() {
    await this.show();
    // A signal that comes back while a try without one still runs is not lost: it is tried again at once.
    this.wanted = true;
    if (this.sending) return;
    this.sending = true;
    try {
      while (this.wanted) {
        this.wanted = false;
        if (navigator.locks) await navigator.locks.request("clearway-crew", { ifAvailable: true }, (lock) => lock && this.sendEach());
        else await this.sendEach();
        await this.show();
      }
    } finally {
      this.sending = false;
    }
    clearTimeout(this.timer);
    if ((await this.mine("waiting").catch(() => [])).length) {
      // A telephone says that it is online before anything gets through: soon again at first, then less often.
      this.timer = setTimeout(() => this.sendAll(), this.pause);
      this.pause = Math.min(2 * this.pause, AGAIN_MS);
    }
  }

  async sendEach() {
    let taken = 0;
    const held = new Set();
    this.unreachable = false;
    for (const entry of await this.mine("waiting")) {
      if (held.has(entry.reference)) continue;
      const said = await send(entry, this.dataset.enter);
      this.signedOut = said.result === "sign_in";
      if (["no_signal", "sign_in"].includes(said.result)) break;
      if (said.result === "unreachable") {
        // The later entries of the same case wait with it; those of others go on.
        this.unreachable = true;
        held.add(entry.reference);
        continue;
      }
      await this.settle(entry, said);
      taken += 1;
    }
    if (!taken) return;
    this.channel.postMessage("changed");
    await this.keepPage();
  }

  // Taken: nothing is left to keep but a mark on the stop. Kept or refused: the entry stays until somebody has read why.
  async settle(entry, said) {
    if (said.result === "taken") {
      await remove(entry.key);
      this.sentOne = true;
      this.mark(entry, said.sentence, "sent");
    } else await put({ ...entry, state: said.result, sentence: said.sentence });
  }

  mark(entry, words, how) {
    const stop = this.querySelector(`#stop-${CSS.escape(entry.reference)}`);
    if (!stop) return;
    if (entry.kind !== "start") stop.dataset.over = how;
    const said = stop.querySelector("[data-said]");
    said.textContent = words;
    said.className = `stop__said stop__said--${how}`;
  }

  tell(words, look) {
    this.bar.hidden = !words;
    this.bar.textContent = words;
    this.bar.className = `signal signal--${look}`;
  }

  async show() {
    const mine = await this.mine().catch(() => null);
    if (!mine) {
      this.tell(this.dataset.noStore, "bad");
      return;
    }
    const waiting = mine.filter((entry) => entry.state === "waiting");
    for (const entry of waiting) this.mark(entry, `${entry.label}. ${this.dataset.saved}`, "waiting");
    for (const entry of mine.filter((one) => one.state !== "waiting")) this.mark(entry, entry.sentence, "problem");
    this.showBar(waiting.length, mine.length);
    await this.showOutbox(mine.filter((entry) => entry.state !== "waiting"));
  }

  showBar(count, kept) {
    const words = count === 1 ? this.dataset.waitingOne : this.dataset.waitingMany.replace("{n}", count);
    if (this.works === false) return;
    if (count && this.signedOut) this.tell(`${words}. ${this.dataset.signIn}`, "bad");
    else if (count) this.tell(this.unreachable ? `${words}. ${this.dataset.unreachable}` : words, "waiting");
    else if (!navigator.onLine) this.tell(this.dataset.noSignal, "waiting");
    else this.tell(this.sentOne && !kept ? this.dataset.sent : "", "sent");
  }

  async showOutbox(settled) {
    const others = (await all().catch(() => [])).filter((entry) => entry.user !== this.user);
    const told = JSON.stringify([settled.map((entry) => [entry.key, entry.state]), Boolean(others.length)]);
    if (told === this.told) return; // nothing new: who is reading or choosing here is not disturbed
    this.told = told;
    const items = settled.map((entry) => this.item(entry));
    if (others.length) items.push(Object.assign(document.createElement("li"), { className: "outbox__item", textContent: this.dataset.other }));
    this.list.replaceChildren(...items);
    this.list.hidden = !items.length;
  }

  item(entry) {
    const item = document.createElement("li");
    item.className = "outbox__item panel panel--bad";
    const words = document.createElement("p");
    words.textContent = entry.state === "refused" ? `${entry.where} (${entry.reference}), ${entry.label}. ${this.dataset.cannot}: ${entry.sentence}` : entry.sentence;
    item.append(words);
    if (entry.note) item.append(Object.assign(document.createElement("blockquote"), { className: "quote", textContent: entry.note }));
    if (entry.photo) item.append(this.picture(entry.photo));
    const row = document.createElement("p");
    row.className = "actions";
    const link = Object.assign(document.createElement("a"), { className: "button button--plain", href: `/desk/requests/${entry.reference}/`, textContent: this.dataset.open });
    row.append(link);
    if (entry.state === "refused") {
      row.append(this.button(this.dataset.again, () => put({ ...entry, state: "waiting", sentence: "" }).then(() => this.sendAll())));
      row.append(this.throwAway(entry));
    } else row.append(this.button(this.dataset.seen, () => this.drop(entry)));
    item.append(row);
    return item;
  }

  throwAway(entry) {
    let sure = false;
    const button = this.button(this.dataset.discard, () => {
      if (sure) return this.drop(entry);
      sure = true;
      button.textContent = this.dataset.sure;
      return undefined;
    });
    return button;
  }

  async drop(entry) {
    await remove(entry.key);
    const stop = this.querySelector(`#stop-${CSS.escape(entry.reference)}`);
    if (stop) { delete stop.dataset.over; stop.querySelector("[data-said]").textContent = ""; }
    await this.show();
  }

  picture(blob) {
    const image = document.createElement("img");
    image.className = "outbox__photo";
    image.alt = this.dataset.photoWord;
    image.src = URL.createObjectURL(blob);
    image.onload = () => URL.revokeObjectURL(image.src);
    return image;
  }

  button(words, act) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--plain", textContent: words });
    button.addEventListener("click", act);
    return button;
  }

  offerPosition() {
    const form = this.querySelector("form[data-from-here]");
    if (!form || !navigator.geolocation) return;
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => { form.elements.lon.value = coords.longitude; form.elements.lat.value = coords.latitude; form.submit(); },
        () => { button.disabled = false; button.textContent = button.dataset.failed; },
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
      );
    });
  }
}

customElements.define("crew-round", CrewRound);
