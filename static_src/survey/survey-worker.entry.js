/**
 * The service worker: keeps opened surveys and what they need, so that they open without a network. Nothing personal:
 * only the first page of a survey, which holds no answers, and our own files. `VERSION` and `ASSETS` come from the server
 * in front of this file and change with every build.
 */
import { isOurFile, isSurvey } from "./kept.js";

/** @typedef {{waitUntil: (work: Promise<unknown>) => void}} Extendable */
/** @typedef {Extendable & {request: Request, respondWith: (answer: Promise<Response> | Response) => void}} Fetching */

// @ts-expect-error: written in front of this file by the server
const cacheName = `survey-${VERSION}`;
// @ts-expect-error: written in front of this file by the server
const assets = /** @type {string[]} */ (ASSETS);
const worker = /** @type {any} */ (globalThis);

const cache = () => caches.open(cacheName);

/** Fetch and keep; what cannot be fetched now is kept another time. @param {string[]} urls */
async function keep(urls) {
  const into = await cache();
  await Promise.allSettled(
    urls.map(async (url) => {
      const answer = await fetch(url, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected) await into.put(new URL(url, location.href).pathname, answer);
    }),
  );
}

/** From the network, else what was kept. @param {Request} request @param {string} path */
async function freshFirst(request, path) {
  const into = await cache();
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await into.put(path, answer.clone());
    return answer;
  } catch (error) {
    const kept = await into.match(path);
    if (kept) return kept;
    throw error;
  }
}

/** What was kept, else from the network: names of a build's files change with `VERSION`. @param {Request} request @param {string} path */
async function keptFirst(request, path) {
  return (await (await cache()).match(path)) ?? freshFirst(request, path);
}

worker.addEventListener("install", (/** @type {Extendable} */ event) => {
  event.waitUntil(keep(assets).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (/** @type {Extendable} */ event) => {
  const tidy = async () => {
    const current = await cache();
    for (const name of await caches.keys()) {
      if (name === cacheName || !name.startsWith("survey-")) continue;
      // Surveys that were opened before the update open offline after it, too.
      const old = await caches.open(name);
      for (const request of await old.keys()) {
        const path = new URL(request.url).pathname;
        const answer = await old.match(request);
        if (answer && isSurvey(path) && !(await current.match(path))) await current.put(path, answer);
      }
      await caches.delete(name);
    }
    await worker.clients.claim();
  };
  event.waitUntil(tidy());
});

worker.addEventListener("message", (/** @type {Extendable & {data: {keep?: string[]}}} */ event) => {
  const pages = (event.data?.keep ?? []).filter(isSurvey);
  if (pages.length) event.waitUntil(keep(pages));
});

worker.addEventListener("fetch", (/** @type {Fetching} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (isSurvey(pathname)) event.respondWith(freshFirst(request, pathname));
  else if (isOurFile(pathname)) event.respondWith(keptFirst(request, pathname));
});
