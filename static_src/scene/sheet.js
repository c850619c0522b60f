/** The sheet at the bottom: what is shown, what was touched, what is around. Only words; it knows no graphics. */
import { classWord } from "./classes.js";
import { element, fill, number, pick } from "./words.js";
import { spoken } from "./markers.js";

/** @import { Feature } from "./features.js" */
/** @import { OverlayEntry, Reading } from "./link.js" */
/** @import { Speech } from "./markers.js" */
/** @import { Said } from "./overlay.js" */

/**
 * @typedef {{label: string, value: string, note?: string}} Fact
 * @typedef {{id: string, title: string, kind: string, facts: Fact[], remarks: {body: string, given_on: string}[], page: string,
 *   pin: string | null, slots: number[], lon: number, lat: number}} FeatureFacts as the server tells them
 */

/** @param {string} selector @returns {HTMLElement} */
function part(selector) {
  const found = document.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`The page has no ${selector}.`);
  return found;
}

export class Sheet {
  /** @param {Speech} speech */
  constructor(speech) {
    this.speech = speech;
    this.sheet = part("[data-sheet]");
    this.chosen = part("[data-chosen]");
    this.status = part("[data-status]");
    this.switch = part("[data-switch]");
    this.legend = part("[data-legend]");
    this.around = part("[data-around]");
  }

  /** One sentence about what happens, also spoken. @param {string} sentence */
  say(sentence) {
    this.status.textContent = sentence;
    this.status.hidden = !sentence;
  }

  /** @param {OverlayEntry[]} overlays @param {(id: string) => void} chosen empty id: today */
  offer(overlays, chosen) {
    const group = part("[data-switch] [role=presentation]");
    for (const { id, title } of overlays) {
      if (group.querySelector(`input[value="${id}"]`)) continue;
      const input = element("input", { type: "radio", name: "when", value: id });
      group.append(element("label", {}, input, " ", pick(title, this.speech.language)));
    }
    group.onchange = ({ target }) => target instanceof HTMLInputElement && chosen(target.value);
    this.switch.hidden = group.children.length < 2;
  }

  /** @param {string} id of an overlay that is no longer shown */
  withdraw(id) {
    this.switch.querySelector(`input[value="${id}"]`)?.closest("label")?.remove();
    this.switch.hidden = this.switch.querySelectorAll("label").length < 2;
  }

  /** @param {OverlayEntry | null} overlay */
  explain(overlay) {
    this.legend.hidden = !overlay;
    const unit = overlay ? this.speech.units[overlay.unit] ?? overlay.unit : "";
    part("[data-legend-title]").textContent = fill(this.speech.words.compared, { unit });
  }

  /** What a tile itself knows; the server's facts follow. @param {Feature} feature */
  feature(feature) {
    const { words } = this.speech;
    const facts = /** @type {Fact[]} */ ([]);
    if (feature.height > 0) facts.push(this.#height(feature));
    this.#show(feature.name || words[`kind_${feature.kind}`], feature.name ? words[`kind_${feature.kind}`] : "", facts);
  }

  /** @param {FeatureFacts} told */
  facts(told) {
    const links = [element("a", { href: told.page }, this.speech.words.more)];
    if (told.pin) links.unshift(element("a", { href: told.pin, class: "button quiet" }, this.speech.words.leave_remark));
    const remarks = told.remarks.map(({ body }) => element("blockquote", {}, body));
    this.#show(told.title, told.kind, told.facts, ...remarks, element("p", { class: "row flush" }, ...links));
  }

  /** What the shown run says about the chosen thing. @param {Said} said @param {OverlayEntry} overlay */
  said(said, overlay) {
    const { words, language, units } = this.speech;
    const line = element("p", { class: "said", "data-said": "" });
    const unit = units[overlay.unit] ?? overlay.unit;
    const word = said.closed ? words.closed : classWord(said.change, words);
    line.append(element("b", {}, word));
    if (said.before !== null && said.after !== null) {
      line.append(": ", fill(words.before_after, {
        before: number(said.before, language, overlay.unit), after: number(said.after, language, overlay.unit), unit,
      }));
    }
    this.chosen.querySelector("[data-said]")?.remove();
    this.chosen.querySelector("h2")?.after(line);
  }

  unsaid() {
    this.chosen.querySelector("[data-said]")?.remove();
  }

  /** @param {Reading[]} readings of one site */
  site(readings) {
    const { words } = this.speech;
    const [main] = readings;
    const facts = readings.map((reading) => {
      const { label, value, time } = spoken(reading, this.speech);
      return { label, value, note: reading.time === main.time ? "" : time };
    });
    const kind = main.simulated ? words.simulated_sensor : words.sensor;
    this.#show(main.name, `${kind}, ${spoken(main, this.speech).time}`, facts);
  }

  /** A place where nothing is mapped. @param {string} newPin where to leave a remark about it */
  point(newPin) {
    const { words } = this.speech;
    this.#show(words.this_place, "", [], element("p", { class: "flush" }, element("a", { href: newPin, class: "button quiet" }, words.leave_remark)));
  }

  /** @param {string} body of a remark */
  remark(body) {
    this.#show(this.speech.words.remark, "", [], element("blockquote", {}, body));
  }

  /**
   * Things in sight as buttons.
   * @param {{feature: Feature, slot: number}[]} found @param {Record<string, string>} titles by feature id, as far as known
   * @param {(place: number) => void} chosen
   */
  list(found, titles, chosen) {
    const { words } = this.speech;
    const rows = found.map(({ feature }, place) => {
      const kind = words[`kind_${feature.kind}`];
      const title = titles[feature.id] || feature.name || kind;
      const height = feature.height > 0 ? `${number(feature.height, this.speech.language)} m` : "";
      const rest = [title === kind ? "" : kind, height].filter(Boolean).join(", ");
      const button = element("button", { type: "button", class: "plain-row" }, element("bdi", {}, title), " ", element("small", {}, rest));
      button.addEventListener("click", () => chosen(place));
      return element("li", {}, button);
    });
    this.around.replaceChildren(...(rows.length ? rows : [element("li", {}, words.nothing_in_view)]));
  }

  /** @param {Feature} feature @returns {Fact} */
  #height({ height, heightSource }) {
    const { words, language } = this.speech;
    const assumed = heightSource.startsWith("assumed");
    const note = assumed ? words.height_assumed : words[`height_from_${heightSource}`] ?? heightSource;
    return { label: words.height, value: `${number(height, language)} m`, note };
  }

  /** @param {string} title @param {string} kind @param {Fact[]} facts @param {Node[]} rest */
  #show(title, kind, facts, ...rest) {
    const list = element("dl", { class: "facts" });
    for (const { label, value, note } of facts) {
      const told = element("dd", {}, element("bdi", {}, value));
      if (note) told.append(" ", element("span", { class: "muted" }, note));
      list.append(element("dt", {}, label), told);
    }
    const heading = element("h2", { class: "modest" }, title);
    if (kind && kind !== title) heading.append(" ", element("small", { class: "muted" }, kind));
    this.chosen.replaceChildren(heading, ...(facts.length ? [list] : []), ...rest);
    this.chosen.hidden = false;
    this.sheet.scrollTop = 0;
  }
}
