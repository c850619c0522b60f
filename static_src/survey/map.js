/**
 * A map to point with. The map moves under a cross; arrow keys, buttons, fingers and mouse all move it, nothing has to be
 * dragged. It draws the scene's own geometry and asks no foreign server for anything.
 */
import * as L from "leaflet";

/** @type {Record<string, L.PathOptions>} by kind of feature; colours are the sheet's */
const LOOKS = {
  water: { color: "none", fillColor: "--today", fillOpacity: 0.35 },
  green: { color: "none", fillColor: "--good", fillOpacity: 0.2 },
  street: { color: "--edge", weight: 2 },
  bridge: { color: "--ink", weight: 4 },
  building: { color: "--edge", weight: 0.7, fillColor: "--card", fillOpacity: 1 },
};
const ORDER = Object.keys(LOOKS);

/** Leaflet's styles take colours, not variables. @param {L.PathOptions} look @returns {L.PathOptions} */
function coloured(look) {
  const sheet = getComputedStyle(document.documentElement);
  const value = (/** @type {string | undefined} */ name) => (name?.startsWith("--") ? sheet.getPropertyValue(name).trim() : name);
  return { ...look, color: value(look.color), fillColor: value(look.fillColor), stroke: look.color !== "none", interactive: false };
}

/**
 * @param {{container: HTMLElement, scene: string, project: string, start: [number, number] | null, words: Record<string, string>, onPlace: (lat: number, lon: number) => void}} request
 */
export async function openMap({ container, scene, project, start, words, onPlace }) {
  const answer = await fetch(`/api/v1/scenes/${encodeURIComponent(scene)}/map.json?${new URLSearchParams({ project })}`);
  if (!answer.ok) throw new Error(String(answer.status));
  const shapes = /** @type {GeoJSON.FeatureCollection} */ (await answer.json());
  const { frame, board, button } = furniture(words);
  container.replaceChildren(frame);
  const map = L.map(board, { attributionControl: true, renderer: L.canvas({ padding: 0.4 }), zoomSnap: 0.5, maxZoom: 20, minZoom: 13 });
  map.attributionControl.setPrefix(false).addAttribution("© OpenStreetMap contributors");
  const layers = ORDER.map((kind) =>
    L.geoJSON(shapes, { filter: (feature) => feature.properties?.kind === kind, style: () => coloured(LOOKS[kind]) }).addTo(map),
  );
  const bounds = layers.reduce((all, layer) => (layer.getLayers().length ? all.extend(layer.getBounds()) : all), L.latLngBounds([]));
  map.setMaxBounds(bounds.pad(0.3));
  if (start) map.setView(start, 17);
  else map.setView(bounds.getCenter(), map.getBoundsZoom(bounds, true));
  button.addEventListener("click", () => {
    const { lat, lng } = map.getCenter();
    onPlace(lat, lng);
  });
  board.focus();
  return map;
}

/** @param {Record<string, string>} words */
function furniture(words) {
  const frame = Object.assign(document.createElement("div"), { className: "map-frame" });
  const board = Object.assign(document.createElement("div"), { className: "map-board", tabIndex: 0 });
  board.setAttribute("role", "application");
  board.setAttribute("aria-label", words.mapLabel);
  const cross = Object.assign(document.createElement("span"), { className: "map-cross" });
  cross.setAttribute("aria-hidden", "true");
  const holder = Object.assign(document.createElement("div"), { className: "map-holder" });
  holder.append(board, cross);
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: words.putHere });
  frame.append(holder, button);
  return { frame, board, button };
}
