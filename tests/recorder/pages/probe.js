// Runs on pages that set nothing: reads back what this origin (in this partition) holds.
// `window.probe(urls)` works here; `window.probeFrame(urls)` asks the page's frame.
"use strict";

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const plain = async (value) => (value instanceof Blob ? `blob:${await value.text()}` : value);

async function readDatabase(name) {
  const database = await done(indexedDB.open(name));
  const stores = {};
  for (const store of database.objectStoreNames) {
    const rows = await done(database.transaction(store).objectStore(store).getAll());
    stores[store] = await Promise.all(rows.map(async (row) => Object.fromEntries(
      await Promise.all(Object.entries(row).map(async ([key, value]) => [key, await plain(value)])),
    )));
  }
  database.close();
  return stores;
}

async function readDatabases() {
  const found = {};
  for (const { name } of await indexedDB.databases()) found[name] = await readDatabase(name);
  return found;
}

async function readCaches() {
  const found = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      found[`${name} ${request.url}`] = await (await cache.match(request)).text();
    }
  }
  return found;
}

async function readFiles() {
  const found = {};
  const root = await navigator.storage.getDirectory();
  for await (const [name, handle] of root.entries()) {
    found[name] = await (await handle.getFile()).text();
  }
  return found;
}

async function readWorkers() {
  const all = await navigator.serviceWorker.getRegistrations();
  return all.map((registration) => registration.scope).sort();
}

// Where a response comes from is for the server to say: it knows what it was asked for. Elements,
// because Firefox keeps what a script fetches from another site apart from what a page loads.
const take = (url) => new Promise((resolve) => {
  const kinds = { js: ["script", "src"], css: ["link", "href"], png: ["img", "src"] };
  const [tag, attribute] = kinds[new URL(url).pathname.split(".").pop()];
  const element = document.createElement(tag);
  if (tag === "link") element.rel = "stylesheet";
  element.onload = element.onerror = resolve;
  element[attribute] = url;
  document.head.append(element);
});

window.probe = async (urls) => {
  await Promise.all(urls.map(take));
  return {
    localStorage: Object.fromEntries(Object.entries(localStorage)),
    indexedDB: await readDatabases(),
    cacheStorage: await readCaches(),
    serviceWorkers: await readWorkers(),
    files: await readFiles(),
  };
};

window.probeFrame = (urls) => new Promise((resolve, reject) => {
  addEventListener("message", (event) => {
    if (event.data.failed) reject(new Error(event.data.failed));
    else resolve(event.data.found);
  }, { once: true });
  frames[0].postMessage({ urls }, "*");
});

if (window !== top) {
  addEventListener("message", async (event) => {
    try {
      parent.postMessage({ found: await window.probe(event.data.urls) }, "*");
    } catch (error) {
      parent.postMessage({ failed: String(error) }, "*");
    }
  });
}
