/** Sorts the list of projects by distance on the phone itself: the location is never sent. */

/**
 * Kilometres between two points of one region (equirectangular: enough to sort by).
 * @param {number} lon @param {number} lat @param {number} otherLon @param {number} otherLat
 */
export function kilometres(lon, lat, otherLon, otherLat) {
  const east = (otherLon - lon) * 111.32 * Math.cos((lat * Math.PI) / 180);
  return Math.hypot(east, (otherLat - lat) * 111.132);
}

/**
 * Entries without a place come last.
 * @template {{dataset: DOMStringMap}} T
 * @param {T[]} entries @param {number} lon @param {number} lat
 * @returns {T[]}
 */
export function nearestFirst(entries, lon, lat) {
  const far = (/** @type {T} */ entry) =>
    entry.dataset.lon ? kilometres(lon, lat, Number(entry.dataset.lon), Number(entry.dataset.lat)) : Infinity;
  return entries.map((entry) => ({ entry, km: far(entry) })).sort((a, b) => a.km - b.km || 0).map(({ entry }) => entry);
}

/** @param {Document} page @param {Geolocation | undefined} geolocation */
export function offer(page, geolocation) {
  const button = /** @type {HTMLElement | null} */ (page.querySelector("[data-near]"));
  const list = page.querySelector("[data-near-list]");
  const note = /** @type {HTMLElement | null} */ (page.querySelector("[data-near-note]"));
  if (!button || !list || !note || !geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    geolocation.getCurrentPosition(({ coords }) => {
      const entries = /** @type {HTMLElement[]} */ ([...list.children]);
      list.append(...nearestFirst(entries, coords.longitude, coords.latitude));
      note.hidden = false;
    });
  });
}
