// What was typed and not sent, kept in this browser until the report is sent: words and the pin in localStorage,
// contact only in sessionStorage, which ends with the tab.

const PREFIX = "clearway-draft:";
const SKIPPED = ["hidden", "file", "checkbox", "submit", "button"];

function shelf(form) {
  return form.hasAttribute("data-for-this-tab") ? sessionStorage : localStorage;
}

function fieldsOf(form) {
  return [...form.elements].filter((field) => field.name && !SKIPPED.includes(field.type));
}

// What the server put into the field.
function given(form, name) {
  const same = fieldsOf(form).filter((field) => field.name === name);
  if (same[0].type === "radio") return same.find((field) => field.defaultChecked)?.value ?? "";
  return same[0].defaultValue;
}

function present(form, name) {
  const field = form.elements[name];
  return field.value;
}

function kept(key, place) {
  try {
    return JSON.parse(place.getItem(PREFIX + key)) || {};
  } catch {
    return {};
  }
}

// Every field that differs from what the server gave, with what the server gave when it was typed.
function keep(form) {
  const names = new Set(fieldsOf(form).map((field) => field.name));
  const typed = {};
  for (const name of names) {
    const was = given(form, name);
    if (present(form, name) !== was) typed[name] = { value: present(form, name), was };
  }
  shelf(form).setItem(PREFIX + form.dataset.draft, JSON.stringify(typed));
}

// What was typed comes back where the server still says what it said then; a newer word of the server wins.
export function keepDraft(form) {
  let restored = false;
  for (const [name, { value, was }] of Object.entries(kept(form.dataset.draft, shelf(form)))) {
    if (!fieldsOf(form).some((field) => field.name === name) || given(form, name) !== was) continue;
    if (present(form, name) !== was) continue; // typed before this module ran: newer than what was kept
    form.elements[name].value = value;
    restored = true;
  }
  keep(form); // what was typed before this module ran
  form.addEventListener("input", () => keep(form));
  return restored;
}

export function rememberPin(key, pin) {
  localStorage.setItem(`${PREFIX}pin-${key}`, JSON.stringify(pin));
}

export function rememberedPin(key) {
  return kept(`pin-${key}`, localStorage);
}

export function forgetAll() {
  for (const place of [localStorage, sessionStorage]) {
    for (const key of Object.keys(place)) if (key.startsWith(PREFIX)) place.removeItem(key);
  }
}
