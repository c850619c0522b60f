/**
 * The questionnaire on the phone: one screen at a time or all on one page, from the templates inside the page. Every answer
 * is written down at once, and handed to the outbox at the end. The address carries the screen, so that the browser's own
 * "back" works.
 *
 * @typedef {import("./filling.js").Form} Form
 * @typedef {import("./filling.js").Slot} Slot
 * @typedef {import("./journal.js").Journal} Journal
 * @typedef {import("./journal.js").Draft} Draft
 * @typedef {import("./outbox.js").Outbox} Outbox
 */
import { clean } from "./answers.js";
import { newCode } from "./codes.js";
import { all, copy, one, onClick } from "./dom.js";
import { Filling, withDefaults } from "./filling.js";
import { uuid } from "./functions.js";
import { receiptCard } from "./receipt_card.js";
import { reviewScreen, turnsScreen } from "./review.js";
import { isHub } from "./scopes.js";
import { QuestionScreen } from "./screen.js";
import { Moment, midnight } from "./values.js";
import { wholeScreen } from "./whole.js";

const REVIEW = ":review"; // no question has a colon in its name
const THANKS = ":thanks";
const WHOLE = ":all";
const NEXT = ":next"; // what a poster leads to: the screen after its question

/** A fresh draft. @param {{slug: string, version: string}} form @param {Record<string, any>} answers @returns {Draft} */
export const freshDraft = (form, answers) => ({
  slug: form.slug, id: uuid(), code: newCode(), version: form.version, at: "", answers, places: {},
}); // prettier-ignore

export class SurveyPage {
  /** @type {Draft | null} */
  #draft = null;
  /** @type {Filling | null} */
  #worked = null;
  #key = "";
  #problem = "";
  /** The turn taken away last, to be put back. @type {{place: number, turn: Record<string, any>} | null} */
  #removed = null;

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
    const begin = one(this.root, "[data-begin]");
    if (this.#draft) one(begin, "button").textContent = this.words.continue;
    begin.addEventListener("submit", (event) => {
      event.preventDefault();
      const { submitter } = /** @type {SubmitEvent} */ (event);
      this.go(submitter instanceof HTMLButtonElement && submitter.value === "all" ? WHOLE : this.#resumeKey());
    });
    window.addEventListener("popstate", () => this.#show(this.#keyInAddress()));
    const wanted = this.#keyInAddress();
    if (wanted === NEXT && this.#draft) await this.#change(withDefaults(this.filling(), (item, text) => clean(item, text, this.words)));
    if (wanted && this.#draft) this.#show(wanted === NEXT ? this.#keyAfter(this.#draft.at) : wanted, true);
    for (const mark of all(this.root, ".at")) mark.remove(); // they kept the first page from showing until now
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
    const screens = this.filling().screens();
    const at = this.#draft?.at ?? "";
    return screens.some((slot) => slot.key === at) || [REVIEW, WHOLE].includes(at) ? at : (screens[0]?.key ?? REVIEW);
  }

  /** @param {string} key */
  #keyAfter(key) {
    const filling = this.filling();
    const at = filling.order.findIndex((slot) => slot.key === key);
    return filling.screens().find((slot) => filling.order.indexOf(slot) > at)?.key ?? REVIEW;
  }

  /** What the answers amount to now. */
  filling() {
    this.#worked ??= new Filling(this.form, this.#writing().answers, { digest: this.digest });
    return this.#worked;
  }

  #writing() {
    this.#draft ??= freshDraft(this.form, withDefaults(new Filling(this.form, {}, { digest: this.digest }), (item, text) => clean(item, text, this.words)));
    return this.#draft;
  }

  get places() {
    return this.#writing().places;
  }

  /** Keep an answer, undefined for none. @param {string} key @param {any} value */
  put(key, value) {
    this.#change(this.filling().put(key, value));
  }

  /** @param {Record<string, any>} answers */
  #change(answers) {
    this.#writing().answers = answers;
    this.#worked = null;
    return this.#keep();
  }

  /** Go on without saying. @param {string} key */
  decline(key) {
    this.put(key, undefined);
    this.go(this.#key === WHOLE ? WHOLE : this.#keyAfter(key));
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
    if (key === REVIEW) this.stage.replaceChildren(this.#review());
    else if (key === WHOLE) this.#showWhole();
    else this.#showScreen(key);
    const heading = one(this.stage, "h1");
    window.scrollTo(0, 0);
    return heading?.focus({ preventScroll: true });
  }

  /** @param {string} key */
  #showScreen(key) {
    const screens = this.filling().screens();
    const slot = screens.find((screen) => screen.key === key);
    if (!slot) return this.#show(this.#resumeKey(), true);
    this.#writing().at = key;
    const frame = /** @type {HTMLFormElement} */ (copy(this.root, "[data-frame]"));
    const screen = isHub(slot) ? null : new QuestionScreen(this, slot);
    one(frame, "[data-slot]").append(screen ? screen.element : this.#turns(slot));
    this.#count(frame, screens, slot);
    frame.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!screen?.check()) this.#onward(slot.key);
    });
    onClick(frame, "[data-go=back]", () => this.#back(slot.key));
    onClick(frame, "[data-go=all]", () => this.go(WHOLE));
    onClick(frame, "[data-go=clear]", () => this.clear());
    return this.stage.replaceChildren(frame);
  }

  /** @param {Slot} hub */
  #turns(hub) {
    return turnsScreen(this, hub, {
      go: (key) => this.go(key),
      removed: this.#removed,
      remove: (removed) => (this.#removed = removed),
      change: async (turns, to) => {
        await this.#change(this.filling().withTurns(hub, turns));
        if (to !== hub.key) await this.#change(withDefaults(this.filling(), (item, text) => clean(item, text, this.words), to));
        const first = this.filling().screens().find((slot) => slot.key.startsWith(to));
        if (to === hub.key) this.#show(hub.key, true);
        else this.go(first?.key ?? hub.key);
      },
    });
  }

  /** @param {HTMLElement} frame @param {Slot[]} screens @param {Slot} slot */
  #count(frame, screens, slot) {
    const asks = (/** @type {Slot} */ screen) => isHub(screen) || screen.item.asks;
    const asked = screens.filter(asks);
    const n = Math.max(1, screens.slice(0, screens.indexOf(slot) + 1).filter(asks).length);
    const text = this.words.count.replace("{n}", String(n)).replace("{all}", String(asked.length));
    one(frame, "[data-count]").textContent = text;
    const bar = /** @type {HTMLProgressElement} */ (one(frame, "[data-progress]"));
    Object.assign(bar, { max: asked.length || 1, value: n, ariaLabel: text });
    document.title = text;
  }

  #showWhole() {
    this.#writing().at = WHOLE;
    this.stage.replaceChildren(
      wholeScreen(this, {
        single: () => this.go(this.filling().screens()[0]?.key ?? REVIEW),
        onward: () => this.#onward(WHOLE),
        turns: (hub) => this.#turns(hub),
      }),
    );
  }

  /** Write the draft down and say truly whether that worked. */
  async #keep() {
    const tell = (/** @type {string} */ text) => {
      for (const where of all(this.stage, "[data-where]")) where.textContent = text;
    };
    try {
      await this.journal.keep(this.#writing());
      tell(this.words.saved);
    } catch {
      tell(this.words.unsaved);
    }
  }

  /** @param {string} key */
  async #onward(key) {
    const onward = key === WHOLE ? REVIEW : this.#keyAfter(key);
    this.#writing().at = onward;
    await this.#keep();
    this.go(onward);
  }

  /** @param {string} [key] */
  #back(key) {
    const screens = this.filling().screens();
    const at = key ? screens.findIndex((slot) => slot.key === key) : screens.length;
    this.go(screens[at - 1]?.key ?? "");
  }

  /** A response that was not taken in becomes a draft again, with the reason on its last page. @param {import("./journal.js").Parcel} parcel */
  async reopen(parcel) {
    const { id, code, answers } = JSON.parse(parcel.body);
    const { places = {} } = parcel;
    this.#draft = this.#fitted({ slug: this.form.slug, id, code, version: this.form.version, at: REVIEW, answers, places });
    this.#worked = null;
    this.#problem = parcel.told;
    await this.journal.keep(this.#draft);
    await this.outbox.remove(id);
    this.go(REVIEW);
  }

  #review() {
    const problem = this.#problem;
    this.#problem = "";
    return reviewScreen(this, { problem, go: (key) => this.go(key), back: () => this.#back(), send: () => this.#handIn() });
  }

  async #handIn() {
    const draft = this.#writing();
    const body = JSON.stringify({
      id: draft.id, code: draft.code, version: draft.version, language: this.form.language,
      filled_on: String(new Moment(midnight(new Date()))), answers: this.filling().answers(),
    }); // prettier-ignore
    const title = one(this.root, "[data-intro] h1").textContent ?? this.form.slug;
    const sent = this.outbox.add({ id: draft.id, slug: draft.slug, title, url: this.form.url, code: draft.code, body, places: draft.places });
    await this.journal.drop(draft.slug);
    this.#forget();
    this.stage.replaceChildren(receiptCard(this.root, this.outbox, this.words, draft));
    history.replaceState(null, "", `#${THANKS}`);
    this.#key = THANKS;
    window.scrollTo(0, 0);
    one(this.stage, "h1").focus({ preventScroll: true });
    await sent;
    const parcel = (await this.outbox.list()).find(({ id }) => id === draft.id);
    if (parcel?.state === "refused" && this.#key === THANKS) await this.reopen(parcel);
  }

  #forget() {
    this.#draft = this.#worked = this.#removed = null;
  }

  /** Forget everything of this survey on this phone, after asking once. */
  async clear() {
    if (!window.confirm(this.words.clear)) return;
    await this.journal.drop(this.form.slug);
    for (const parcel of await this.outbox.list()) {
      if (parcel.slug === this.form.slug) await this.outbox.remove(parcel.id);
    }
    this.#forget();
    this.intro.querySelector("h1")?.scrollIntoView();
    this.go("");
  }
}
