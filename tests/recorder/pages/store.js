// Runs on every page and frame of the fake web: fills each kind of storage with something
// that names its own host. `window.ready` tells what was stored and loaded.
"use strict";

const within = (milliseconds, promise) => Promise.race([
  promise,
  new Promise((_, reject) => setTimeout(() => reject(new Error("too slow")), milliseconds)),
]);

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function fillDatabase(host) {
  const opening = indexedDB.open("shop", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("items", { keyPath: "id" });
  const database = await done(opening);
  const change = database.transaction("items", "readwrite");
  change.objectStore("items").put({ id: 1, host, picture: new Blob([`blob of ${host}`]) });
  await new Promise((resolve, reject) => {
    change.oncomplete = resolve;
    change.onabort = () => reject(change.error);
  });
  database.close();
}

async function fillCacheStorage(host) {
  const cache = await caches.open("pages-v1");
  await cache.put("/offline.txt", new Response(`offline page of ${host}`));
}

async function fillFiles(host) {
  const root = await navigator.storage.getDirectory();
  const file = await root.getFileHandle("notes.txt", { create: true });
  const stream = await file.createWritable();
  await stream.write(`notes of ${host}`);
  await stream.close();
}

async function installWorker() {
  await navigator.serviceWorker.register("/sw.js");
  await navigator.serviceWorker.ready;
}

async function framesStored(count) {
  if (count === 0) return [];
  const reports = [];
  return new Promise((resolve) => {
    addEventListener("message", (event) => {
      if (!event.data.stored) return;
      reports.push(...event.data.stored);
      if (reports.length >= count) resolve(reports);
    });
  });
}

async function storeAll(frames) {
  const host = location.host;
  const errors = [];
  const attempt = async (what, promise) => {
    try { await within(6000, promise); } catch (error) { errors.push(`${what}: ${error}`); }
  };
  localStorage.setItem("last-visit", `someone was at ${host}`);
  sessionStorage.setItem("basket", `basket of ${host}`);
  await attempt("indexedDB", fillDatabase(host));
  await attempt("cacheStorage", fillCacheStorage(host));
  await attempt("files", fillFiles(host));
  await attempt("serviceWorker", installWorker());
  await attempt("program", window.programDone ?? Promise.resolve());
  if (document.readyState !== "complete") {
    await new Promise((resolve) => addEventListener("load", resolve));
  }
  const loaded = performance.getEntriesByType("resource")
    .filter((entry) => !["iframe", "other", "fetch"].includes(entry.initiatorType))
    .map((entry) => entry.name)
    .filter((url) => url.includes("/static/"));
  const own = { origin: location.origin, loaded: [...new Set(loaded)].sort(), errors };
  return [own, ...await within(20000, frames)];
}

window.ready = storeAll(framesStored(Number(document.currentScript.dataset.frames)));
if (window !== top) window.ready.then((stored) => parent.postMessage({ stored }, "*"));
