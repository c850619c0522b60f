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
 * @typedef {object} Request
 * @property {HTMLElement} container
 * @property {string} scene
 * @property {string} project
 * @property {string} kind geopoint, geotrace or geoshape
 * @property {string[]} points "latitude longitude" each
 * @property {Record<string, string>} words
 * @property {(lat: number, lon: number) => void} onPlace
 * @property {(lat: number, lon: number) => void} onMove when the map has come to rest somewhere else
 * @property {() => void} undo
 */

/** Quiet for this long counts as rest: holding an arrow key says one place, not twenty. */
const REST_MS = 400;

/** @param {Request} request */
export async function openMap({ container, scene, project, kind, points, words, onPlace, onMove, undo }) {
  const answer = await fetch(`/api/v1/scenes/${encodeURIComponent(scene)}/map.json?${new URLSearchParams({ project })}`);
  if (!answer.ok) throw new Error(String(answer.status));
  const shapes = /** @type {GeoJSON.FeatureCollection} */ (await answer.json());
  const { frame, board, buttons } = furniture(words, kind);
  container.replaceChildren(frame);
  const map = L.map(board, { attributionControl: true, renderer: L.canvas({ padding: 0.4 }), zoomSnap: 0.5, maxZoom: 20, minZoom: 13 });
  map.attributionControl.setPrefix(false).addAttribution("© OpenStreetMap contributors");
  const layers = ORDER.map((name) =>
    L.geoJSON(shapes, { filter: (feature) => feature.properties?.kind === name, style: () => coloured(LOOKS[name]) }).addTo(map),
  );
  const bounds = layers.reduce((all, layer) => (layer.getLayers().length ? all.extend(layer.getBounds()) : all), L.latLngBounds([]));
  map.setMaxBounds(bounds.pad(0.3));
  const last = points[points.length - 1];
  if (last) map.setView(latLng(last), 17);
  else map.setView(bounds.getCenter(), map.getBoundsZoom(bounds, true));
  buttons.put.addEventListener("click", () => {
    const { lat, lng } = map.getCenter();
    onPlace(lat, lng);
  });
  buttons.undo?.addEventListener("click", undo);
  buttons.finish?.addEventListener("click", () => container.closest("form")?.requestSubmit?.());
  let resting = 0;
  map.on("moveend", () => {
    clearTimeout(resting);
    resting = window.setTimeout(() => onMove(map.getCenter().lat, map.getCenter().lng), REST_MS);
  });
  const drawn = L.layerGroup().addTo(map);
  const draw = (/** @type {string[]} */ placed) => {
    const look = coloured({ color: "--proposal", fillColor: "--proposal", weight: 4, fillOpacity: 0.2 });
    const corners = placed.map(latLng);
    drawn.clearLayers();
    if (corners.length > 1) drawn.addLayer(kind === "geoshape" ? L.polygon(corners, look) : L.polyline(corners, { ...look, fill: false }));
    for (const corner of corners) drawn.addLayer(L.circleMarker(corner, { ...look, radius: 7, fillOpacity: 1 }));
    if (buttons.undo) buttons.undo.hidden = !corners.length;
    if (buttons.finish) buttons.finish.hidden = corners.length < (kind === "geoshape" ? 3 : 2);
  };
  draw(points);
  board.focus();
  return { map, draw };
}

/** @param {string} point @returns {[number, number]} */
function latLng(point) {
  const [lat, lng] = point.split(" ").map(Number);
  return [lat, lng];
}

/** @param {Record<string, string>} words @param {string} kind */
function furniture(words, kind) {
  const frame = Object.assign(document.createElement("div"), { className: "map-frame" });
  const board = Object.assign(document.createElement("div"), { className: "map-board", tabIndex: 0 });
  board.setAttribute("role", "application");
  board.setAttribute("aria-label", words.mapLabel);
  const cross = Object.assign(document.createElement("span"), { className: "map-cross" });
  cross.setAttribute("aria-hidden", "true");
  const holder = Object.assign(document.createElement("div"), { className: "map-holder" });
  holder.append(board, cross);
  const row = Object.assign(document.createElement("div"), { className: "row" });
  const button = (/** @type {string} */ text, look = "plain") => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: `button ${look}`, textContent: text });
    row.append(made);
    return made;
  };
  const put = button(kind === "geopoint" ? words.putHere : words.putPoint, "grow");
  frame.append(holder, row);
  if (kind === "geopoint") return { frame, board, buttons: { put } };
  return { frame, board, buttons: { put, undo: button(words.undoPoint), finish: button(words.finish) } };
}
