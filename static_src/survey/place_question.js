/** A place on the map, with every way to it: search, own position, a list, a map loaded on tap. None needs dragging. */

/**
 * @typedef {{name: string, value: string}} Place `value` is "latitude longitude"
 * @typedef {{container: HTMLElement, scene: string, start: [number, number] | null, words: Record<string, string>, onPlace: (lat: number, lon: number) => void}} MapRequest
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

/**
 * @param {HTMLElement} screen @param {DOMStringMap} settings of the survey page
 * @param {Record<string, string>} words
 * @param {{chosen: Place | null, onChoose: (place: Place) => void}} state
 */
export function enhance(screen, settings, words, { chosen, onChoose }) {
  const question = /** @type {HTMLElement} */ (screen.querySelector("[data-place-question]"));
  const list = /** @type {HTMLElement} */ (question.querySelector("[data-places]"));
  const say = /** @type {HTMLElement} */ (question.querySelector("[data-spoken]"));
  const field = /** @type {HTMLInputElement} */ (question.querySelector("#search"));
  const name = /** @type {HTMLInputElement} */ (question.querySelector("input[type=radio]")).name;
  const map = /** @type {HTMLElement} */ (question.querySelector("[data-map]"));
  for (const hidden of question.querySelectorAll("[data-with-script]")) /** @type {HTMLElement} */ (hidden).hidden = false;

  const tell = (/** @type {string} */ text) => {
    const note = document.createElement("p");
    note.className = "notice";
    note.textContent = text;
    list.replaceChildren(note);
  };
  const offer = (/** @type {Place[]} */ places, /** @type {string} */ value) => {
    list.replaceChildren(...places.map((place) => radio(name, place, place.value === value)));
  };
  const choose = (/** @type {Place} */ place) => {
    offer([place], place.value);
    say.textContent = words.chosen.replace("{place}", place.name);
    onChoose(place);
  };
  const put = async (/** @type {number} */ lat, /** @type {number} */ lon) => {
    const value = written(lat, lon);
    choose({ value, name: await spoken(lat, lon).catch(() => value.replace(" ", ", ")) });
  };
  const search = async () => {
    const asked = new URLSearchParams({ q: field.value, scene: settings.scene ?? "" });
    try {
      const { results } = await json(`/api/v1/places/?${asked}`);
      const places = results.map((/** @type {any} */ found) => ({ name: found.name, value: written(found.lat, found.lon) }));
      if (places.length) offer(places, "");
      else tell(words.nothingFound);
    } catch {
      tell(words.offlineSearch);
    }
  };

  if (chosen) offer([chosen], chosen.value);
  question.addEventListener("change", (event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (box.type === "radio" && box.value) onChoose({ value: box.value, name: box.parentElement?.textContent?.trim() ?? box.value });
  });
  question.querySelector("[name='page:go']")?.addEventListener("click", (event) => {
    event.preventDefault();
    if (field.value.trim()) search();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (field.value.trim()) search();
  });
  question.querySelector("[data-my-position]")?.addEventListener("click", () => {
    if (!navigator.geolocation) return tell(words.noPosition);
    return navigator.geolocation.getCurrentPosition(
      ({ coords }) => put(coords.latitude, coords.longitude),
      () => tell(words.noPosition),
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  });
  question.querySelector("[data-open-map]")?.addEventListener("click", async (event) => {
    const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
    button.disabled = true;
    try {
      sheet(settings.mapSheet ?? "");
      const [lat, lon] = (chosen?.value ?? "").split(" ").map(Number);
      const { openMap } = await import(/* the map's own bundle */ settings.mapScript ?? "");
      map.hidden = false;
      await openMap({ container: map, scene: settings.scene ?? "", project: settings.project ?? "", start: chosen ? [lat, lon] : null, words, onPlace: put });
      button.hidden = true;
    } catch {
      button.disabled = false;
      map.hidden = true;
      tell(words.mapFailed);
    }
  });
}

/** @param {string} name @param {Place} place @param {boolean} checked */
function radio(name, place, checked) {
  const label = document.createElement("label");
  label.className = "choice";
  const box = Object.assign(document.createElement("input"), { type: "radio", name, value: place.value, checked });
  const text = document.createElement("span");
  text.textContent = place.name;
  label.append(box, text);
  return label;
}

/** @param {string} url */
function sheet(url) {
  if (document.querySelector(`link[href="${url}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: url }));
}
