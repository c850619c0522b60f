/**
 * Labels over the model: latest values of sensors, approved remarks. Real buttons, so that finger, keyboard and screen
 * reader have them alike; those that would cover another shrink to a dot and keep their whole text for a screen reader.
 */
import { element, moment, number } from "./words.js";

/** @import { Reading } from "./link.js" */
/** @import { Words } from "./words.js" */

const ABOVE_M = 12;
const DOT_PX = 24; // the least that WCAG 2.2 asks of a target

/**
 * @typedef {object} Mark
 * @property {string} key
 * @property {number} lon
 * @property {number} lat
 * @property {HTMLElement} button
 * @property {(key: string) => void} [chosen]
 *
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 */

/**
 * Which boxes can be shown whole: the first come first.
 * @param {Box[]} boxes @param {Box[]} taken what the page itself puts there @param {number} width of the layer @returns {boolean[]}
 */
export function uncovered(boxes, taken, width) {
  const shown = [...taken];
  return boxes.map((box) => {
    const inside = box.x - box.width / 2 >= 0 && box.x + box.width / 2 <= width;
    const free = inside && shown.every((other) =>
      Math.abs(box.x - other.x) * 2 >= box.width + other.width || Math.abs(box.y - other.y) * 2 >= box.height + other.height);
    if (free) shown.push(box);
    return free;
  });
}

/** Latest reading per site, the newest of a site first. @param {Reading[]} readings @param {Map<string, Map<string, Reading>>} sites */
export function file(readings, sites) {
  for (const reading of readings) {
    const site = sites.get(reading.site) ?? new Map();
    site.set(reading.phenomenon, reading);
    sites.set(reading.site, site);
  }
  return sites;
}

export class Markers {
  /** @type {Map<string, Mark>} */ #marks = new Map();
  /** @type {Map<string, Map<string, Reading>>} */ sites = new Map();
  /** Show dots only: something else has the word. */
  quiet = false;

  /**
   * @param {HTMLElement} layer over the canvas
   * @param {Speech & {onSite: (site: string) => void, onRemark: (id: string) => void, controls: () => Element[]}} options
   */
  constructor(layer, options) {
    this.layer = layer;
    this.options = options;
  }

  /** @param {Reading[]} readings */
  take(readings) {
    file(readings, this.sites);
    for (const site of new Set(readings.map((reading) => reading.site))) this.#site(site);
  }

  /** What a site measures, what matters most to residents first. @param {string} site @returns {Reading[]} */
  readings(site) {
    const order = Object.keys(this.options.phenomena);
    const rank = (/** @type {Reading} */ { phenomenon }) => (order.indexOf(phenomenon) + 1 || order.length + 1);
    return [...(this.sites.get(site)?.values() ?? [])].sort((a, b) => rank(a) - rank(b));
  }

  /** @param {{id: string, lon: number, lat: number, body: string}} remark */
  remark({ id, lon, lat, body }) {
    const button = this.#button(`remark.${id}`, lon, lat, () => this.options.onRemark(id));
    button.className = "marker remark";
    button.setAttribute("aria-label", `${this.options.words.remark}: ${body}`);
    button.replaceChildren(element("b", {}, "“”"));
  }

  /** @param {string} key of a label that is no longer wanted */
  forget(key) {
    this.#marks.get(key)?.button.remove();
    this.#marks.delete(key);
  }

  /** Put every label where its place is seen now. @param {(lon: number, lat: number, height: number) => {x: number, y: number, distance: number} | null} project */
  arrange(project) {
    const seen = [...this.#marks.values()].map((mark) => ({ mark, at: project(mark.lon, mark.lat, ABOVE_M) }));
    const placed = seen.flatMap(({ mark, at }) => {
      mark.button.hidden = !at;
      return at ? [{ mark, at }] : [];
    });
    placed.sort((a, b) => a.at.distance - b.at.distance);
    const boxes = placed.map(({ mark, at }) => {
      const [width, height] = [Number(mark.button.dataset.width) || 44, Number(mark.button.dataset.height) || 44];
      return { x: at.x, y: at.y - height / 2, width, height };
    });
    const free = uncovered(boxes, this.#taken(), this.layer.clientWidth);
    // Where all are dots, one on top of another could not be tapped: the nearer one stays, the list has both.
    const apart = uncovered(placed.map(({ at }) => ({ x: at.x, y: at.y, width: DOT_PX, height: DOT_PX })), [], this.layer.clientWidth);
    placed.forEach(({ mark, at }, place) => {
      mark.button.hidden = this.quiet && !apart[place];
      mark.button.classList.toggle("dot", this.quiet || !free[place]);
      mark.button.style.transform = `translate(-50%, -100%) translate(${at.x.toFixed(1)}px, ${at.y.toFixed(1)}px)`;
    });
  }

  /** Where the page's own controls are. @returns {Box[]} */
  #taken() {
    const layer = this.layer.getBoundingClientRect();
    return this.options.controls().map((control) => {
      const { left, top, width, height } = control.getBoundingClientRect();
      return { x: left - layer.left + width / 2, y: top - layer.top + height / 2, width, height };
    });
  }

  /** @param {string} key */
  #site(key) {
    const readings = this.readings(key);
    const [main] = readings;
    const button = this.#button(`site.${key}`, main.lon, main.lat, () => this.options.onSite(key));
    button.className = `marker${main.simulated ? " simulated" : ""}`;
    const said = spoken(main, this.options);
    button.replaceChildren(element("b", {}, element("bdi", {}, said.value)), element("small", {}, note(said)));
    button.setAttribute("aria-label", [main.name, ...readings.map((one) => spokenWhole(one, this.options))].join(". "));
    button.dataset.site = key;
    button.classList.remove("dot");
    button.hidden = false;
    button.dataset.width = String(button.offsetWidth);
    button.dataset.height = String(button.offsetHeight);
  }

  /** @param {string} key @param {number} lon @param {number} lat @param {() => void} chosen */
  #button(key, lon, lat, chosen) {
    const known = this.#marks.get(key);
    const button = known?.button ?? element("button", { type: "button" });
    if (!known) {
      button.addEventListener("click", chosen);
      this.layer.append(button);
    }
    this.#marks.set(key, { key, lon, lat, button });
    return button;
  }
}

/**
 * @typedef {object} Speech
 * @property {Words} words
 * @property {string} language
 * @property {Record<string, string>} units how people write a UCUM code
 * @property {Record<string, string>} phenomena their names, what matters most first
 */

/** The parts of a reading, as people write them. @param {Reading} reading @param {Speech} speech */
export function spoken(reading, { words, language, units, phenomena }) {
  const unit = units[reading.unit] ?? reading.unit;
  return {
    label: phenomena[reading.phenomenon] ?? reading.phenomenon,
    value: reading.value === null ? words.no_value : `${number(reading.value, language, reading.unit)} ${unit}`.trim(),
    time: moment(reading.time, language),
    simulated: reading.simulated ? words.simulated : "",
  };
}

/** The small line of a label. @param {ReturnType<typeof spoken>} said */
const note = ({ label, time, simulated }) => [label, time, simulated].filter(Boolean).join(" · ");

/** @param {Reading} reading @param {Speech} speech */
export function spokenWhole(reading, speech) {
  const { label, value, time, simulated } = spoken(reading, speech);
  return [label, value, time, simulated].filter(Boolean).join(", ");
}
