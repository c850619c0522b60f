/** The list of sensors, kept current: new values arrive over the socket, or every few seconds without it. */
import { SceneLink } from "./link.js";
import { spoken, spokenWhole } from "./markers.js";
import { element, pageData } from "./words.js";

/** @import { Doors, Reading } from "./link.js" */
/** @import { Speech } from "./markers.js" */

const data = /** @type {Speech & {doors: Doors}} */ (pageData("scene-data"));
const table = document.querySelector("[data-readings]");
const status = document.querySelector("[data-spoken]");

/** @param {Reading} reading */
function write(reading) {
  const { label, value, time } = spoken(reading, data);
  const row = document.querySelector(`[data-series="${CSS.escape(`${reading.site} ${reading.phenomenon}`)}"]`) ?? added(reading, label);
  const [valueCell, timeCell] = [row.querySelector("[data-value]"), row.querySelector("[data-time]")];
  if (valueCell) valueCell.textContent = value;
  if (timeCell) timeCell.textContent = time;
}

/** @param {Reading} reading @param {string} what */
function added(reading, what) {
  table?.querySelector("[data-none]")?.remove();
  const name = element("th", { scope: "row" }, reading.name);
  if (reading.simulated) name.append(" ", element("span", { class: "tag simulated" }, data.words.simulated));
  const told = element("td", {}, element("b", { "data-value": "" }), " ", element("span", {}, what), " ",
    element("small", { class: "muted", "data-time": "" }));
  const row = element("tr", { "data-series": `${reading.site} ${reading.phenomenon}` }, name, told);
  table?.append(row);
  return row;
}

const link = new SceneLink(data.doors, { push: 0 }); // values only, no tiles
let first = true;
link.addEventListener("values", (event) => {
  const readings = /** @type {Reading[]} */ (/** @type {CustomEvent} */ (event).detail);
  readings.forEach(write);
  // The whole table is on the page already; only news is spoken.
  if (!first && status && readings.length) status.textContent = `${readings[0].name}: ${spokenWhole(readings[0], data)}`;
  first = false;
});
link.start(new AbortController().signal);
