// The screen of words and photo: what was typed survives a closed tab, characters left are counted, and a photo is
// made smaller before it travels. Nothing here is needed to send the form.

import { keepDraft } from "./draft.js";

const LONGEST_EDGE = 1600;
const MOST_BYTES = 10 * 1024 * 1024;

const form = document.querySelector("form[data-draft]");
if (form) keepDraft(form);

// A field that is being corrected is no longer wrong: the next sending says whether it is right.
form?.addEventListener("input", ({ target }) => {
  const field = target.closest(".field--error");
  field?.querySelector(".error")?.remove();
  field?.classList.remove("field--error");
  target.removeAttribute("aria-invalid");
});

const words = document.querySelector("textarea[data-most]");
if (words) {
  const count = document.createElement("p");
  count.className = "count";
  const most = Number(words.dataset.most);
  const tell = () => {
    const left = most - [...words.value].length;
    count.textContent = left < 500 ? `${left.toLocaleString(document.documentElement.lang)} ${words.dataset.left}` : "";
  };
  words.after(count);
  words.addEventListener("input", tell);
  tell();
}

async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_EDGE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  return blob && new File([blob], "photo.jpg", { type: "image/jpeg" });
}

class PhotoField extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input[type=file]");
    // The browser's own button speaks the browser's language; ours speaks the page's.
    this.input.classList.add("photo-field__input");
    const choose = document.createElement("label");
    choose.className = "button button--plain photo-field__choose";
    choose.htmlFor = this.input.id;
    choose.textContent = this.dataset.choose;
    this.choose = choose;
    this.append(choose);
    this.said = document.createElement("p");
    this.said.setAttribute("role", "status");
    this.picture = document.createElement("img");
    this.picture.className = "photo-preview";
    this.picture.hidden = true;
    this.picture.alt = this.dataset.preview;
    this.append(this.said, this.picture);
    this.input.addEventListener("change", () => this.chosen());
  }

  async chosen() {
    const [file] = this.input.files;
    this.said.textContent = "";
    this.said.className = "";
    this.picture.hidden = true;
    this.choose.textContent = this.dataset.choose;
    if (!file) return;
    const ready = await smaller(file).catch(() => null);
    if (ready) this.take(ready);
    else this.refuse(file.size > MOST_BYTES ? this.dataset.tooLarge : this.dataset.unreadable, file.name);
  }

  take(file) {
    const held = new DataTransfer();
    held.items.add(file);
    this.input.files = held.files;
    URL.revokeObjectURL(this.picture.src);
    this.picture.src = URL.createObjectURL(file);
    this.picture.hidden = false;
    this.choose.textContent = this.dataset.change;
  }

  refuse(sentence, name) {
    this.input.value = "";
    this.said.className = "error";
    this.said.textContent = `${name}: ${sentence}`;
  }
}
customElements.define("photo-field", PhotoField);
