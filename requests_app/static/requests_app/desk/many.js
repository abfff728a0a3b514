// <many-progress>: while a move for many runs, how far it is comes by itself.

const ASK_MS = 1500;

class ManyProgress extends HTMLElement {
  connectedCallback() {
    this.later();
  }

  disconnectedCallback() {
    clearTimeout(this.asking);
  }

  later() {
    if (this.dataset.running !== undefined) this.asking = setTimeout(() => this.ask(), ASK_MS);
  }

  async ask() {
    const answer = document.visibilityState === "visible" ? await fetch(location.href).catch(() => null) : null;
    if (!answer?.ok) return this.later();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("many-progress");
    if (!fresh) return location.reload();
    if (fresh.dataset.running === undefined) delete this.dataset.running;
    const said = this.querySelector("[role=status]"); // it stays, so that what changes in it is read out
    said.className = fresh.querySelector("[role=status]").className;
    said.replaceChildren(...fresh.querySelector("[role=status]").childNodes);
    while (said.nextSibling) said.nextSibling.remove();
    fresh.querySelector("[role=status]").remove();
    this.append(...fresh.childNodes);
    this.later();
  }
}

customElements.define("many-progress", ManyProgress);
