/**
 * The questionnaire on the phone: one screen at a time from the templates inside the page, every answer written down at
 * once, and handed to the outbox at the end. The address carries the screen, so that the browser's own "back" works.
 *
 * @typedef {import("./filling.js").Form} Form
 * @typedef {import("./filling.js").Item} Item
 * @typedef {import("./journal.js").Journal} Journal
 * @typedef {import("./journal.js").Draft} Draft
 * @typedef {import("./outbox.js").Outbox} Outbox
 */
import { Unclean, clean, given, inWords, lexical, show } from "./answers.js";
import { newCode } from "./codes.js";
import { Filling, startingAnswers } from "./filling.js";
import { uuid } from "./functions.js";
import { redrawn } from "./photo.js";
import { enhance } from "./place_question.js";
import { Moment, midnight } from "./values.js";

const REVIEW = ":review"; // no question has a colon in its name
const THANKS = ":thanks";
const NEXT = ":next"; // what a poster leads to: the screen after its question

/** @template {Element} [T=HTMLElement] @param {ParentNode} within @param {string} selector @returns {T} */
const one = (within, selector) => /** @type {T} */ (/** @type {unknown} */ (within.querySelector(selector)));

/** A fresh copy of what a template holds. @param {ParentNode} within @param {string} selector */
function copy(within, selector) {
  const template = /** @type {HTMLTemplateElement} */ (one(within, `template${selector}`));
  return document.importNode(template.content, true).firstElementChild;
}

/** A fresh draft. @param {{slug: string, version: string}} form @param {Record<string, any>} answers @returns {Draft} */
export const freshDraft = (form, answers) => ({
  slug: form.slug, id: uuid(), code: newCode(), version: form.version, at: "", answers, places: {},
}); // prettier-ignore

export class SurveyPage {
  /** @type {Draft | null} */
  #draft = null;
  #key = "";
  #problem = "";

  /**
   * @param {HTMLElement} root @param {Form} form @param {Record<string, string>} words
   * @param {{journal: Journal, outbox: Outbox, digest?: import("./digest.js").Digest}} tools
   */
  constructor(root, form, words, { journal, outbox, digest }) {
    this.root = root;
    this.form = form;
    this.words = words;
    this.journal = journal;
    this.outbox = outbox;
    this.digest = digest;
    this.stage = one(root, "[data-stage]");
    this.intro = one(root, "[data-intro]");
  }

  async begin() {
    const stored = await this.journal.draft(this.form.slug);
    this.#draft = stored ? this.#fitted(stored) : null;
    one(this.root, "[data-where-server]").hidden = true;
    one(this.root, "[data-where-phone]").hidden = false;
    const button = one(this.root, "[data-begin] button");
    if (this.#draft) button.textContent = this.words.continue;
    one(this.root, "[data-begin]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.go(this.#resumeKey());
    });
    window.addEventListener("popstate", () => this.#show(this.#keyInAddress()));
    const wanted = this.#keyInAddress();
    if (wanted && this.#draft) this.#show(wanted === NEXT ? this.#keyAfter(this.#draft.at) : wanted, true);
  }

  /** A draft of an older version keeps the answers to questions that stayed. @param {Draft} draft @returns {Draft} */
  #fitted(draft) {
    const paths = this.form.items.map((item) => item.path);
    const answers = Object.fromEntries(Object.entries(draft.answers).filter(([path]) => paths.includes(path)));
    return { ...draft, answers, version: this.form.version };
  }

  #keyInAddress() {
    return decodeURIComponent(location.hash.slice(1));
  }

  #resumeKey() {
    const screens = this.#filling().screens();
    const at = this.#draft?.at ?? "";
    return screens.some((item) => item.path === at) || at === REVIEW ? at : (screens[0]?.path ?? REVIEW);
  }

  /** @param {string} key */
  #keyAfter(key) {
    const screens = this.#filling().screens();
    return screens[screens.findIndex((item) => item.path === key) + 1]?.path ?? REVIEW;
  }

  #filling() {
    return new Filling(this.form, this.#writing().answers, { digest: this.digest });
  }

  #writing() {
    this.#draft ??= freshDraft(this.form, startingAnswers(this.form, (item, text) => clean(item, text, this.words)));
    return this.#draft;
  }

  /** Show a screen and put it into the address. @param {string} key */
  go(key) {
    history.pushState(null, "", key ? `#${encodeURIComponent(key)}` : location.pathname);
    this.#show(key);
  }

  /** @param {string} key @param {boolean} [replace] */
  #show(key, replace = false) {
    if (replace) history.replaceState(null, "", `#${encodeURIComponent(key)}`);
    this.#key = key;
    this.intro.hidden = Boolean(key);
    this.stage.hidden = !key;
    if (!key) return this.stage.replaceChildren();
    if (key === THANKS) return undefined; // drawn when it was handed in; gone after a reload
    if (key === REVIEW) this.#showReview();
    else this.#showQuestion(key);
    const heading = one(this.stage, "h1");
    window.scrollTo(0, 0);
    return heading?.focus({ preventScroll: true });
  }

  /** @param {string} key */
  #showQuestion(key) {
    const filling = this.#filling();
    const screens = filling.screens();
    const item = screens.find((screen) => screen.path === key);
    if (!item) return this.#show(this.#resumeKey(), true);
    this.#writing().at = key;
    const frame = /** @type {HTMLFormElement} */ (copy(this.root, "[data-frame]"));
    one(frame, "[data-slot]").append(copy(this.root, `[data-screen="${CSS.escape(key)}"]`) ?? "");
    this.#count(frame, screens, item);
    show(frame, item, this.#writing().answers[key]);
    this.#adapt(frame, item, filling);
    frame.addEventListener("change", (event) => this.#changed(frame, item, event));
    frame.addEventListener("input", () => this.#keepQuietly(frame, item));
    frame.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#onward(frame, item);
    });
    one(frame, "[data-go=back]").addEventListener("click", () => this.#back(item));
    one(frame, "[data-go=clear]").addEventListener("click", () => this.clear());
    this.stage.replaceChildren(frame);
    return undefined;
  }

  /** @param {HTMLElement} frame @param {Item[]} screens @param {Item} item */
  #count(frame, screens, item) {
    const asked = screens.filter((screen) => screen.asks);
    const n = Math.max(1, screens.slice(0, screens.indexOf(item) + 1).filter((screen) => screen.asks).length);
    const text = this.words.count.replace("{n}", String(n)).replace("{all}", String(asked.length));
    one(frame, "[data-count]").textContent = text;
    const bar = /** @type {HTMLProgressElement} */ (one(frame, "[data-progress]"));
    Object.assign(bar, { max: asked.length || 1, value: n, ariaLabel: text });
    document.title = text;
  }

  /** Answers named in texts, options that are open now, and what this kind of question needs. @param {HTMLElement} frame @param {Item} item @param {Filling} filling */
  #adapt(frame, item, filling) {
    for (const output of frame.querySelectorAll("[data-answer]")) {
      output.textContent = filling.textOf(`\${${/** @type {HTMLElement} */ (output).dataset.answer}}`, item.path);
    }
    if (item.choiceFilter !== undefined) {
      const open = filling.choices(item.path).map((choice) => choice.name);
      for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (frame.querySelectorAll(".choice input"))) {
        if (!open.includes(box.value)) box.closest(".choice")?.remove();
      }
    }
    if (item.kind === "geopoint") this.#adaptPlace(frame, item);
    if (item.kind === "image") this.#preview(frame, item);
  }

  /** @param {HTMLElement} frame @param {Item} item */
  #adaptPlace(frame, item) {
    const draft = this.#writing();
    const value = draft.answers[item.path];
    const chosen = value ? lexical(value, item).split(" ").slice(0, 2).join(" ") : "";
    enhance(frame, this.root.dataset, this.words, {
      chosen: chosen ? { value: chosen, name: draft.places[item.path] ?? chosen } : null,
      onChoose: (place) => {
        draft.places[item.path] = place.name;
        draft.answers[item.path] = clean(item, place.value, this.words);
        this.#keep(frame);
      },
    });
  }

  /** @param {HTMLElement} frame @param {Item} item */
  #preview(frame, item) {
    const value = this.#writing().answers[item.path];
    const picture = /** @type {HTMLImageElement} */ (one(frame, "[data-preview]"));
    picture.hidden = !value;
    if (value) picture.src = `data:${value.type};base64,${value.data}`;
  }

  /** Take the answer of a screen into the draft; a sentence if it is none. @param {HTMLElement} frame @param {Item} item */
  #take(frame, item) {
    if (item.kind === "image" || !item.asks) return "";
    const draft = this.#writing();
    try {
      const value = clean(item, given(one(frame, "[data-slot]"), item), this.words);
      if (value === undefined) delete draft.answers[item.path];
      else draft.answers[item.path] = value;
      return "";
    } catch (error) {
      if (error instanceof Unclean) return error.message;
      throw error;
    }
  }

  /** @param {HTMLElement} frame @param {Item} item @param {Event} event */
  async #changed(frame, item, event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (item.kind !== "image" || !field.files?.[0]) return this.#keepQuietly(frame, item);
    try {
      this.#writing().answers[item.path] = await redrawn(field.files[0]);
      this.#tell(frame, "");
    } catch {
      field.value = "";
      this.#tell(frame, this.words.photo);
    }
    this.#preview(frame, item);
    return this.#keep(frame);
  }

  /** @param {HTMLElement} frame @param {Item} item */
  #keepQuietly(frame, item) {
    if (!this.#take(frame, item)) return this.#keep(frame);
    return undefined;
  }

  /** Write the draft down and say truly whether that worked. @param {HTMLElement} [frame] */
  async #keep(frame) {
    const where = frame && one(frame, "[data-where]");
    try {
      await this.journal.keep(this.#writing());
      if (where) where.textContent = this.words.saved;
    } catch {
      if (where) where.textContent = this.words.unsaved;
    }
  }

  /** @param {HTMLElement} frame @param {Item} item */
  async #onward(frame, item) {
    const unclean = this.#take(frame, item);
    const filling = this.#filling();
    const told = unclean || filling.error(item.path, this.words);
    this.#tell(frame, told);
    if (told) return;
    const onward = this.#keyAfter(item.path);
    this.#writing().at = onward;
    await this.#keep(frame);
    this.go(onward);
  }

  /** @param {Item} [item] */
  #back(item) {
    const screens = this.#filling().screens();
    const at = item ? screens.findIndex((screen) => screen.path === item.path) : screens.length;
    this.go(screens[at - 1]?.path ?? "");
  }

  /** Show or hide what is wrong. @param {HTMLElement} frame @param {string} text */
  #tell(frame, text) {
    const errors = one(frame, ".errors");
    errors.hidden = !text;
    one(errors, "li").textContent = text;
    const field = frame.querySelector("[data-slot] input:not([type=radio], [type=checkbox]), [data-slot] textarea");
    if (text) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
    if (text) one(frame, "[data-slot] input, [data-slot] textarea, [data-slot] select")?.focus();
  }

  /** A response that was not taken in becomes a draft again, with the reason on its last page. @param {import("./journal.js").Parcel} parcel */
  async reopen(parcel) {
    const { id, code, answers } = JSON.parse(parcel.body);
    const { places = {} } = parcel;
    this.#draft = this.#fitted({ slug: this.form.slug, id, code, version: this.form.version, at: REVIEW, answers, places });
    this.#problem = parcel.told;
    await this.journal.keep(this.#draft);
    await this.outbox.remove(id);
    this.go(REVIEW);
  }

  #showReview() {
    const draft = this.#writing();
    const filling = this.#filling();
    const errors = filling.errors(this.words);
    const frame = /** @type {HTMLElement} */ (copy(this.root, "[data-review]"));
    const rows = filling.screens().filter((item) => item.asks).map((item) => {
      const row = /** @type {HTMLElement} */ (copy(this.root, "[data-review-row]"));
      one(row, "dt").textContent = filling.textOf(item.label ?? item.path, item.path);
      const words = draft.places[item.path] && draft.answers[item.path] ? draft.places[item.path] : inWords(draft.answers[item.path], item, this.form, this.words);
      one(row, "bdi").textContent = errors[item.path] ?? (words || this.words.noAnswer);
      one(row, "bdi").classList.toggle("bad", item.path in errors);
      const change = one(row, "button");
      change.setAttribute("aria-label", `${change.textContent}: ${item.label}`);
      change.addEventListener("click", () => this.go(item.path));
      return row;
    });
    one(frame, "[data-rows]").append(...rows);
    one(frame, "[data-problem]").hidden = !this.#problem;
    one(frame, "[data-problem]").textContent = this.#problem;
    this.#problem = "";
    one(frame, "[data-go=back]").addEventListener("click", () => this.#back());
    frame.addEventListener("submit", (event) => {
      event.preventDefault();
      const [first] = Object.keys(errors);
      if (first) this.go(first);
      else this.#handIn();
    });
    this.stage.replaceChildren(frame);
  }

  async #handIn() {
    const draft = this.#writing();
    const body = JSON.stringify({
      id: draft.id, code: draft.code, version: draft.version, language: this.form.language,
      filled_on: String(new Moment(midnight(new Date()))), answers: this.#filling().answers(draft.answers),
    }); // prettier-ignore
    const title = one(this.root, "[data-intro] h1").textContent ?? this.form.slug;
    const sent = this.outbox.add({ id: draft.id, slug: draft.slug, title, url: this.form.url, code: draft.code, body, places: draft.places });
    await this.journal.drop(draft.slug);
    this.#draft = null;
    this.#showThanks(draft);
    await sent;
    const parcel = (await this.outbox.list()).find(({ id }) => id === draft.id);
    if (parcel?.state === "refused" && this.#key === THANKS) await this.reopen(parcel);
  }

  /** @param {Draft} draft */
  #showThanks(draft) {
    const card = /** @type {HTMLElement} */ (copy(this.root, "[data-thanks]"));
    one(card, "[data-code]").textContent = draft.code;
    /** @type {HTMLInputElement} */ (one(card, "[name=code]")).value = draft.code;
    const state = one(card, "[data-state]");
    state.textContent = this.words.waiting;
    this.outbox.addEventListener("change", (event) => {
      const parcel = /** @type {CustomEvent<import("./journal.js").Parcel>} */ (event).detail;
      if (parcel?.id === draft.id) state.textContent = this.words[parcel.state].replace("{reason}", parcel.told);
    });
    offerPrinting(card);
    this.stage.replaceChildren(card);
    history.replaceState(null, "", `#${THANKS}`);
    this.#key = THANKS;
    window.scrollTo(0, 0);
    one(card, "h1").focus({ preventScroll: true });
  }

  /** Forget everything of this survey on this phone, after asking once. */
  async clear() {
    if (!window.confirm(this.words.clear)) return;
    await this.journal.drop(this.form.slug);
    for (const parcel of await this.outbox.list()) {
      if (parcel.slug === this.form.slug) await this.outbox.remove(parcel.id);
    }
    this.#draft = null;
    one(this.root, "[data-begin]").closest("[data-intro]")?.querySelector("h1")?.scrollIntoView();
    this.go("");
  }
}

/** Printing and copying the receipt code, where a browser can. @param {ParentNode} card */
export function offerPrinting(card) {
  const print = one(card, "[data-go=print]");
  const copyButton = one(card, "[data-go=copy]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  if (copyButton && navigator.clipboard) {
    copyButton.hidden = false;
    copyButton.addEventListener("click", () => navigator.clipboard.writeText(one(card, "[data-code]").textContent ?? ""));
  }
}
