// What a crew said and the server has not answered yet: kept in this browser, with its photo, until it has.

const NAME = "clearway-crew";
const STORE = "entries";
const LONGEST_EDGE = 1600;
const QUALITY = 0.85;

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => {
      // A browser may close what it keeps at any time: the next use opens it anew.
      request.result.onclose = () => { opened = undefined; };
      request.result.onversionchange = () => { request.result.close(); opened = undefined; };
      resolve(request.result);
    };
    request.onerror = () => { opened = undefined; reject(request.error); };
  });
  return opened;
}

async function within(mode, act) {
  const transaction = (await open()).transaction(STORE, mode);
  const over = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  const answer = await asked(act(transaction.objectStore(STORE)));
  await over;
  return answer;
}

// In the order they were made.
export async function all() {
  const found = await within("readonly", (store) => store.getAll());
  return found.sort((a, b) => a.madeAt - b.madeAt);
}

export const put = (entry) => within("readwrite", (store) => store.put(entry));
export const remove = (key) => within("readwrite", (store) => store.delete(key));

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A photo small enough for a weak signal; as it is where this browser cannot make it smaller.
export async function smaller(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_EDGE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return blob ?? file;
  } catch {
    return file;
  }
}

function cookie(name) {
  return document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

function formOf(entry) {
  const form = new FormData();
  for (const name of ["key", "user", "reference", "version", "kind", "outcome", "reason", "note"]) form.set(name, entry[name] ?? "");
  form.set("age_s", String(Math.max(0, (Date.now() - entry.madeAt) / 1000)));
  if (entry.photo) form.set("photo", entry.photo, "photo.jpg");
  return form;
}

// What the server says; { result: "no_signal" } where nothing came back, or nothing that settles it.
export async function send(entry, address) {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      body: formOf(entry),
      headers: { Accept: "application/json", "X-CSRFToken": cookie("csrftoken") },
      credentials: "same-origin",
      redirect: "manual",
    });
  } catch {
    return { result: "no_signal" };
  }
  const said = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json().catch(() => null) : null;
  if (said) return said;
  if (answer.status === 403) return { result: "sign_in" };
  return answer.status === 413 ? { result: "refused", sentence: await answer.text() } : { result: "unreachable" };
}
