// The round without a signal: the newest copy of the page, its files, its map and its photos, for this phone only.
"use strict";

const FILES = "crew-files-{{ version }}";
const PAGES = "crew-pages";
const SHELL = [{% for file in shell %}"{{ file|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const PAGE = "/crew/";
const PATIENCE_MS = 6000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The files of an older version go once a page of this one is kept: until then the kept page still names them.
async function dropOldFiles() {
  const old = (name) => name.startsWith("crew-files-") && name !== FILES;
  await Promise.all((await caches.keys()).filter(old).map((name) => caches.delete(name)));
}

// The page says what it needs again: itself, its photos and the ground of its map. What is no longer on it is dropped.
self.addEventListener("message", (event) => {
  if (event.data?.keep) event.waitUntil(keep(event.data.keep).then((isKept) => event.ports[0]?.postMessage(isKept)));
});

// Whether the page itself is kept now.
async function keep(addresses) {
  const cache = await caches.open(PAGES);
  const wanted = new Set(addresses.map((address) => new URL(address, self.location).href));
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
  await Promise.allSettled(
    [...wanted].map(async (address) => {
      const isPage = new URL(address).pathname === PAGE;
      if (!isPage && (await cache.match(address))) return;
      const answer = await fetch(address, { credentials: "same-origin" });
      await put(cache, address, answer);
      if (isPage && answer.ok && !answer.redirected) await dropOldFiles();
    }),
  );
  return Boolean(await cache.match([...wanted][0]));
}

async function put(cache, address, answer) {
  if (answer.ok && !answer.redirected) await cache.put(address, answer);
  else if (!isTrouble(answer)) await cache.delete(address); // signed out, or no longer ours to see
}

// The server is in trouble: that says nothing of what this phone keeps.
const isTrouble = (answer) => answer.status >= 500 || answer.status === 429;

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && address.pathname === PAGE) event.respondWith(page(request));
  else if (address.pathname.startsWith("{{ static_url|escapejs }}")) event.respondWith(file(event));
  else event.respondWith(other(request));
});

// From the network while there is one; a signal too weak to answer counts as none.
async function page(request) {
  const cache = await caches.open(PAGES);
  const kept = await cache.match(request.url);
  const fresh = fetch(request);
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, kept.clone()));
  return Promise.race([fresh.then((answer) => settled(cache, answer, kept)).catch(() => kept.clone()), late]);
}

// A navigation answers a redirect as it is: whoever is sent to the sign-in page is not shown the round of before.
async function settled(cache, answer, kept) {
  if (isTrouble(answer)) return kept.clone();
  if (answer.type === "opaqueredirect" || answer.redirected || answer.status === 401 || answer.status === 403) {
    for (const request of await cache.keys()) await cache.delete(request);
  }
  return answer;
}

async function file(event) {
  const cache = await caches.open(FILES);
  const kept = await cache.match(event.request, { ignoreSearch: true });
  const fresh = fetch(event.request).then(async (answer) => {
    if (answer.ok) await cache.put(event.request, answer.clone());
    return answer;
  });
  if (!kept) return fresh;
  event.waitUntil(fresh.catch(() => {}));
  return kept;
}

async function other(request) {
  try {
    return await fetch(request);
  } catch (failed) {
    const kept = await (await caches.open(PAGES)).match(request.url);
    if (kept) return kept;
    throw failed;
  }
}
