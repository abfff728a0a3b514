// What was typed and not sent, kept in this browser until the report is sent. Contact is never kept.

const PREFIX = "clearway-draft:";

export function draftOf(form) {
  const kept = {};
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field.type === "file" || field.type === "checkbox") continue;
    if (field.type === "radio" ? field.checked : field.value) kept[field.name] = field.value;
  }
  return [PREFIX + form.dataset.draft, JSON.stringify(kept)];
}

// The server's own draft wins: only what it has nothing for is filled in.
export function restore(form) {
  const kept = JSON.parse(localStorage.getItem(PREFIX + form.dataset.draft) || "{}");
  for (const [name, value] of Object.entries(kept)) {
    const field = form.elements[name];
    if (!field) continue;
    if (field instanceof RadioNodeList) {
      if (!field.value) field.value = value;
    } else if (!field.value) field.value = value;
  }
}

export function forgetAll() {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
}
