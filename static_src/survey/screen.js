/**
 * One question on the page: drawn from its template, filled with what was answered, read again at every change.
 *
 * @typedef {import("./filling.js").Filling} Filling
 * @typedef {import("./filling.js").Slot} Slot
 * @typedef {object} Host the page that a question stands on
 * @property {HTMLElement} root
 * @property {Record<string, string>} words
 * @property {import("./filling.js").Form} form
 * @property {() => Filling} filling what the answers amount to now
 * @property {Record<string, string>} places what chosen points are called
 * @property {(key: string, value: any) => void} put keep an answer, undefined for none
 * @property {(key: string) => void} decline go on without an answer
 */
import { Unclean, clean, given, isPlace, show } from "./answers.js";
import { all, copy, made, one } from "./dom.js";
import { redrawn } from "./photo.js";
import { enhance } from "./place_question.js";
import { offerButtons } from "./rank.js";
import { offerReading } from "./reading.js";
import { turnAround, valueOf } from "./scopes.js";

export class QuestionScreen {
  #host;
  #slot;

  /** @param {Host} host @param {Slot} slot */
  constructor(host, slot) {
    this.#host = host;
    this.#slot = slot;
    const { key, item } = slot;
    this.element = made("div", { className: "stack" });
    const around = this.#around();
    if (around) this.element.append(made("p", { className: "tag", textContent: around }));
    this.element.append(copy(host.root, `[data-screen="${CSS.escape(item.path)}"]`));
    if (key !== item.path) this.#rename();
    show(this.element, item, valueOf(slot));
    this.#adapt();
    this.element.addEventListener("change", (event) => this.#changed(event));
    this.element.addEventListener("input", () => this.#keepQuietly());
  }

  get #item() {
    return this.#slot.item;
  }

  /** Which turn of a repeated group it belongs to. */
  #around() {
    const turn = turnAround(this.#slot);
    if (!turn) return "";
    const name = this.#host.filling().textOf(turn.item.label ?? "", turn);
    return this.#host.words.around.replace("{name}", name).replace("{n}", turn.key.split("/").pop() ?? "");
  }

  /** Names and ids of this turn's own: several turns may stand on one page. */
  #rename() {
    const { key, item } = this.#slot;
    const dashed = (/** @type {string} */ path) => `q-${path.replace(/\//g, "-")}`;
    for (const part of all(this.element, "[id], [for], [aria-describedby], [name]")) {
      for (const name of ["id", "for", "aria-describedby"]) {
        const value = part.getAttribute(name);
        if (value) part.setAttribute(name, value.split(dashed(item.path)).join(dashed(key)));
      }
      if (part.getAttribute("name") === item.path) part.setAttribute("name", key);
    }
  }

  /** Answers named in texts, options that are open now, and what this kind of question needs. */
  #adapt() {
    const { words } = this.#host;
    const filling = this.#host.filling();
    const { key } = this.#slot;
    const item = this.#item;
    for (const output of all(this.element, "[data-answer]")) {
      output.textContent = filling.textOf(`\${${output.dataset.answer}}`, this.#slot);
    }
    if (item.choiceFilter !== undefined && item.kind !== "rank") this.#narrow(filling.choices(key).map((choice) => choice.name));
    if (item.personal) this.#offerSilence();
    if (item.kind === "rank") offerButtons(this.element, words, () => this.#keepQuietly());
    if (item.kind === "image") this.#preview();
    if (isPlace(item)) {
      const { places } = this.#host;
      const put = (/** @type {string[]} */ points) => this.#putPoints(points);
      enhance(this.element, this.#host.root.dataset, words, { kind: item.kind ?? "", value: valueOf(this.#slot), places, put });
    }
    offerReading(this.element, this.#host.form.language, words);
  }

  /** @param {string[]} open */
  #narrow(open) {
    for (const box of /** @type {HTMLInputElement[]} */ (all(this.element, ".choice input"))) {
      if (!open.includes(box.value)) box.closest(".choice")?.remove();
    }
    for (const option of /** @type {HTMLOptionElement[]} */ (all(this.element, "option[value]"))) {
      if (option.value && !open.includes(option.value)) option.remove();
    }
  }

  #offerSilence() {
    const button = made("button", { type: "button", className: "button plain", textContent: this.#host.words.silence });
    button.addEventListener("click", () => this.#host.decline(this.#slot.key));
    this.element.append(made("p"));
    this.element.lastElementChild?.append(button);
  }

  /** Points that make no whole shape yet stay on the page, and are told about when going on. @param {string[]} points */
  #putPoints(points) {
    const field = this.element.querySelector("[data-points]");
    if (field instanceof HTMLInputElement) field.value = points.join(";");
    if (field) return this.#keepQuietly();
    return this.#host.put(this.#slot.key, points[0] ? clean(this.#item, points[0], this.#host.words) : undefined);
  }

  #preview() {
    const value = valueOf(this.#host.filling().slot(this.#slot.key));
    const picture = /** @type {HTMLImageElement} */ (one(this.element, "[data-preview]"));
    picture.hidden = !value;
    if (value) picture.src = `data:${value.type};base64,${value.data}`;
  }

  /** Keep the answer as it stands; a sentence if it is none. */
  take() {
    const item = this.#item;
    if (item.kind === "image" || !item.asks) return "";
    try {
      this.#host.put(this.#slot.key, clean(item, given(this.element, item), this.#host.words));
      return "";
    } catch (error) {
      if (error instanceof Unclean) return error.message;
      throw error;
    }
  }

  /** Keep the answer, and say what is wrong with it; empty when nothing is. */
  check() {
    const filling = () => this.#host.filling();
    const told = this.take() || filling().error(filling().slot(this.#slot.key), this.#host.words);
    this.tell(told);
    return told;
  }

  /** @param {Event} event */
  async #changed(event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (this.#item.kind !== "image" || !field.files?.[0]) return this.#keepQuietly();
    try {
      this.#host.put(this.#slot.key, await redrawn(field.files[0]));
      this.tell("");
    } catch {
      field.value = "";
      this.tell(this.#host.words.photo);
    }
    return this.#preview();
  }

  /** What is half written is no answer yet, and no mistake either. */
  #keepQuietly() {
    this.take();
  }

  /** Show or hide what is wrong. @param {string} text */
  tell(text) {
    const errors = one(this.element, ".errors");
    errors.hidden = !text;
    one(errors, "li").textContent = text;
    const field = this.element.querySelector(".question :is(input:not([type=radio], [type=checkbox]), textarea)");
    if (text) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
    if (text) one(this.element, ":is(input:not([type=hidden]), textarea, select, button)")?.focus();
  }
}
