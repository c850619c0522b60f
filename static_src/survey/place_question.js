/**
 * A point, a line or an area on the map, with every way to it: search, own position, a list, a map loaded on tap. None
 * needs dragging. A line or an area is put together point by point.
 */
import { pointsOf } from "./answers.js";
import { all, made, one, onClick } from "./dom.js";

/**
 * @typedef {{name: string, value: string}} Place `value` is "latitude longitude"
 * @typedef {object} Given
 * @property {string} kind geopoint, geotrace or geoshape
 * @property {any} value the stored answer
 * @property {Record<string, string>} places what points are called, by their value
 * @property {(points: string[]) => void} put
 */

/** @param {string} url @param {RequestInit} [options] */
async function json(url, options) {
  const answer = await fetch(url, options);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** @param {number} lat @param {number} lon */
const written = (lat, lon) => `${lat.toFixed(6)} ${lon.toFixed(6)}`;

/** The words for a point, such as "near Siltasaarenkatu 3, 40 m"; by POST, so that no log holds it. @param {number} lat @param {number} lon */
async function spoken(lat, lon) {
  const body = JSON.stringify({ lat, lon });
  const found = await json("/api/v1/places/near/", { method: "POST", body, credentials: "omit", headers: { "Content-Type": "application/json" } });
  return String(found.text);
}

/** @param {HTMLElement} screen @param {DOMStringMap} settings of the survey page @param {Record<string, string>} words @param {Given} given */
export function enhance(screen, settings, words, given) {
  const question = one(screen, ".place-question");
  for (const hidden of all(question, "[data-with-script]")) hidden.hidden = false;
  const say = one(question, "[data-spoken]");
  const points = pointsOf(given.value);
  const map = /** @type {{draw: (points: string[]) => void} | null} */ (null);
  const state = { points, map };
  const called = (/** @type {string} */ point) => given.places[point] ?? point.replace(" ", ", ");
  const isShape = given.kind !== "geopoint";

  const draw = () => {
    state.map?.draw(state.points);
    if (!isShape) return offer(question, state.points.map((value) => ({ value, name: called(value) })), state.points[0] ?? "");
    one(question, "[data-point-list]").replaceChildren(...state.points.map((value) => made("li", { textContent: called(value) })));
    one(question, "[data-undo-point]").hidden = !state.points.length;
    return undefined;
  };
  const put = (/** @type {Place} */ place) => {
    given.places[place.value] = place.name;
    state.points = isShape ? [...state.points, place.value] : [place.value];
    say.textContent = words.chosen.replace("{place}", place.name);
    given.put(state.points);
    draw();
  };
  const putAt = async (/** @type {number} */ lat, /** @type {number} */ lon) => {
    const value = written(lat, lon);
    put({ value, name: await spoken(lat, lon).catch(() => called(value)) });
  };
  const undo = () => {
    state.points = state.points.slice(0, -1);
    say.textContent = words.pointsLeft.replace("{n}", String(state.points.length));
    given.put(state.points);
    draw();
  };

  if (points.length) draw();
  listen(question, { isShape, put, undo, given });
  const tell = (/** @type {string} */ text) => one(question, "[data-places]").replaceChildren(made("p", { className: "notice", textContent: text }));
  searching(question, settings, words, tell);
  onClick(question, "[data-my-position]", () => {
    if (!navigator.geolocation) return tell(words.noPosition);
    return navigator.geolocation.getCurrentPosition(
      ({ coords }) => putAt(coords.latitude, coords.longitude),
      () => tell(words.noPosition),
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  });
  const opener = /** @type {HTMLButtonElement} */ (one(question, "[data-open-map]"));
  opener.addEventListener("click", async () => {
    opener.disabled = true;
    try {
      sheet(settings.mapSheet ?? "");
      const { openMap } = await import(/* the map's own bundle */ settings.mapScript ?? "");
      const container = one(question, "[data-map]");
      container.hidden = false;
      // While the map moves, the place under the cross is said: by name, number and distance.
      const onMove = (/** @type {number} */ lat, /** @type {number} */ lon) => spoken(lat, lon).then((text) => (say.textContent = text), () => undefined);
      const request = { container, scene: settings.scene ?? "", project: settings.project ?? "", kind: given.kind, words, onPlace: putAt, onMove, undo };
      state.map = await openMap({ ...request, points: state.points });
      opener.hidden = true;
    } catch {
      opener.disabled = false;
      one(question, "[data-map]").hidden = true;
      tell(words.mapFailed);
    }
  });
}

/** The radio buttons and the two buttons of a line. @param {HTMLElement} question @param {{isShape: boolean, put: (place: Place) => void, undo: () => void, given: Given}} does */
function listen(question, { isShape, put, undo, given }) {
  const named = (/** @type {HTMLInputElement} */ box) => ({ value: box.value, name: box.parentElement?.textContent?.trim() ?? box.value });
  question.addEventListener("change", (event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (isShape || box.type !== "radio") return;
    if (box.value) given.places[box.value] = named(box).name;
    given.put(box.value ? [box.value] : []);
  });
  onClick(question, "[data-undo-point]", undo);
  onClick(question, "[data-add-point]", () => {
    const box = /** @type {HTMLInputElement | null} */ (question.querySelector("[name='page:point']:checked"));
    if (!box) return;
    put(named(box));
    box.checked = false;
  });
  for (const button of /** @type {HTMLButtonElement[]} */ (all(question, "[name='page:go']"))) button.type = "button";
}

/** @param {HTMLElement} question @param {DOMStringMap} settings @param {Record<string, string>} words @param {(text: string) => void} tell */
function searching(question, settings, words, tell) {
  const field = /** @type {HTMLInputElement} */ (one(question, "[data-search]"));
  const search = async () => {
    if (!field.value.trim()) return;
    const asked = new URLSearchParams({ q: field.value, scene: settings.scene ?? "" });
    try {
      const { results } = await json(`/api/v1/places/?${asked}`);
      const places = results.map((/** @type {any} */ found) => ({ name: found.name, value: written(found.lat, found.lon) }));
      if (places.length) offer(question, places, "");
      else tell(words.nothingFound);
    } catch {
      tell(words.offlineSearch);
    }
  };
  onClick(question, "[value=search]", search);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    search();
  });
}

/** Radio buttons for places. @param {HTMLElement} question @param {Place[]} places @param {string} value the chosen one */
function offer(question, places, value) {
  const name = /** @type {HTMLInputElement | null} */ (question.querySelector("input[type=radio]"))?.name ?? "page:point";
  one(question, "[data-places]").replaceChildren(
    ...places.map((place) => {
      const label = made("label", { className: "choice" });
      const box = made("input", { type: "radio", name, value: place.value, checked: place.value === value });
      label.append(box, made("span", { textContent: place.name }));
      return label;
    }),
  );
}

/** @param {string} url */
function sheet(url) {
  if (document.querySelector(`link[href="${url}"]`)) return;
  document.head.append(made("link", { rel: "stylesheet", href: url }));
}
