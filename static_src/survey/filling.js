/**
 * A response being filled in on the phone: `surveys/filling.py`, step by step.
 *
 * @typedef {import("./evaluate.js").Tree} Tree
 * @typedef {object} Item a question or a group of the form
 * @property {string} path
 * @property {boolean} [group]
 * @property {boolean} [repeats] a group asked once or more, as often as people wish or `count` says
 * @property {boolean} [personal] asks about the person: not saying is an answer
 * @property {string} [kind]
 * @property {string} [label]
 * @property {boolean} [asks]
 * @property {boolean} [shown]
 * @property {string} [list]
 * @property {string} [initial]
 * @property {string} [told]
 * @property {string} [toldRequired]
 * @property {string} [preload]
 * @property {number[]} [points]
 * @property {Tree} [relevant]
 * @property {Tree} [constraint]
 * @property {Tree} [required]
 * @property {Tree} [calculation]
 * @property {Tree} [readOnly]
 * @property {Tree} [choiceFilter]
 * @property {Tree} [default]
 * @property {Tree} [count]
 *
 * @typedef {{name: string, label: string, data: Record<string, string>}} Choice
 * @typedef {object} Form
 * @property {string} slug
 * @property {string} version
 * @property {string} formVersion
 * @property {string} language
 * @property {string} url
 * @property {Item[]} items
 * @property {Record<string, Choice[]>} choices
 * @property {boolean} digests
 *
 * Answers are a map from a question's path to its clean value; a repeated group has a list of such maps, whose paths begin
 * below the group. A slot's key is its path, with the turn's number after a repeated group.
 *
 * @typedef {{answers: Record<string, any>, path: string, key: string}} Scope
 * @typedef {{key: string, item: Item, node: Node, scope: Scope, parent: Slot | null, typed: string, relevant: boolean}} Slot
 */
import { lexical } from "./answers.js";
import { Evaluation, evaluate } from "./evaluate.js";
import "./functions.js";
import { MORE, below, copied, full, inner, isHub, nameOf, placed, valueOf } from "./scopes.js";
import { Node, number } from "./tree.js";
import { EvaluationError, Moment, midnight, toBoolean, toNumber, toText } from "./values.js";

const MOST_PASSES = 64;
const MOST_TURNS = 100;
const MOST_ROUNDS = 4;
const UNREPEATABLE = ["random", "uuid", "now", "once"];
const REFERENCE = /\$\{\s*([^\s}]+)\s*\}/g;

/** Whether a tree calls one of the functions. @param {Tree} tree @param {string[]} names @returns {boolean} */
const calls = (tree, names) =>
  Array.isArray(tree) && ((tree[0] === "call" && names.includes(tree[1])) || tree.some((part) => calls(part, names)));

export class Filling {
  /** What the answers fill, by key. @type {Map<string, Slot>} */
  slots = new Map();

  /** The same slots, and one behind the turns of each group that repeats freely, as one reads the form. @type {Slot[]} */
  order = [];

  /**
   * @param {Form} form @param {Record<string, any>} answers clean answers
   * @param {{now?: Date, digest?: import("./digest.js").Digest}} [around]
   */
  constructor(form, answers, { now = new Date(), digest } = {}) {
    this.form = form;
    this.now = now;
    this.digest = digest;
    this.surroundings = this.#around(new Node(""));
    this.given = copied(answers);
    this.#build();
    for (let round = 0; round < MOST_ROUNDS && this.#turnsChanged(); round++) this.#build();
  }

  #build() {
    const document = new Node("");
    const root = new Node("data", "", document);
    this.slots = new Map();
    this.order = [];
    for (const item of this.#inside("")) this.#add(item, root, { answers: this.given, path: "", key: "" }, null);
    number(document);
    this.surroundings = this.#around(document);
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      if (![...this.slots.values()].map((slot) => this.#refresh(slot)).some(Boolean)) break;
    }
  }

  /** @param {Node} document @returns {import("./evaluate.js").Surroundings} */
  #around(document) {
    return {
      document,
      now: this.now,
      paths: Object.fromEntries([...this.form.items].reverse().map((item) => [item.path.split("/").pop(), item.path.split("/")])),
      instances: lists(this.form),
      choiceLabel: (/** @type {string} */ path, /** @type {string} */ name) => this.#choiceLabel(path, name),
      language: this.form.language,
      version: this.form.formVersion,
      digest: this.digest,
    };
  }

  /** The items right inside a group. @param {string} path */
  #inside(path) {
    return this.form.items.filter((item) => item.path.split("/").slice(0, -1).join("/") === path);
  }

  /** @param {Item} item @param {Node} above @param {Scope} scope @param {Slot | null} parent */
  #add(item, above, scope, parent) {
    const local = below(scope, item.path);
    const key = full(scope, local);
    if (!item.group) {
      const slot = this.#slotFor(key, item, above, scope, parent);
      const value = scope.answers[local];
      slot.typed = value === undefined ? "" : lexical(value, item);
      slot.node.text = slot.typed;
    } else if (!item.repeats) {
      this.#addInside(item, this.#slotFor(key, item, above, scope, parent), scope);
    } else {
      (scope.answers[local] ?? []).slice(0, MOST_TURNS).forEach((/** @type {Record<string, any>} */ turn, /** @type {number} */ place) => {
        const inside = { answers: turn, path: item.path, key: `${key}/${place + 1}` };
        this.#addInside(item, this.#slotFor(inside.key, item, above, scope, parent), inside);
      });
      if (item.count !== undefined) return;
      const beside = new Node(nameOf(item)); // expressions never see it
      beside.parent = above;
      this.order.push({ key: key + MORE, item, node: beside, scope, parent, typed: "", relevant: true });
    }
  }

  /** @param {Item} group @param {Slot} slot @param {Scope} scope */
  #addInside(group, slot, scope) {
    for (const item of this.#inside(group.path)) this.#add(item, slot.node, scope, slot);
  }

  /** @param {string} key @param {Item} item @param {Node} above @param {Scope} scope @param {Slot | null} parent @returns {Slot} */
  #slotFor(key, item, above, scope, parent) {
    const slot = { key, item, node: new Node(nameOf(item), "", above), scope, parent, typed: "", relevant: true };
    this.slots.set(key, slot);
    this.order.push(slot);
    return slot;
  }

  /** Bring one slot up to date; tells whether that changed anything. @param {Slot} slot */
  #refresh(slot) {
    const relevant = (slot.parent?.relevant ?? true) && this.#true(slot, slot.item.relevant, true);
    const text = slot.item.group ? slot.node.text : relevant ? this.#text(slot) : "";
    const changed = relevant !== slot.relevant || text !== slot.node.text;
    slot.relevant = relevant;
    slot.node.text = text;
    return changed;
  }

  /** @param {Slot} slot */
  #text({ key, item, node, typed }) {
    if (item.kind === "metadata") {
      const days = ["start", "end", "today"].includes(item.preload ?? "");
      return days ? String(new Moment(midnight(this.now))) : "";
    }
    if (item.calculation !== undefined && !(typed && calls(item.calculation, UNREPEATABLE))) {
      const worth = this.#worth(item.calculation, node);
      return worth === null || Number.isNaN(worth) ? "" : toText(worth);
    }
    if (item.choiceFilter !== undefined && typed) {
      const open = this.choices(key).map((choice) => choice.name);
      return typed.split(/\s+/).filter((name) => open.includes(name)).join(" ");
    }
    return typed;
  }

  /** Give groups that repeat `count` times that many turns; tells whether any turn came or went. */
  #turnsChanged() {
    const counted = this.form.items.filter((item) => item.repeats && item.count !== undefined);
    return counted.map((item) => this.#scopes(item).map(([scope, above]) => this.#fit(item, scope, above)).some(Boolean)).some(Boolean);
  }

  /** Every place in which a repeated group stands: once, or once in each turn of the one around it. @param {Item} group @returns {[Scope, Slot | null][]} */
  #scopes(group) {
    const around = group.path.split("/").slice(0, -1).join("/");
    if (!around) return [[{ answers: this.given, path: "", key: "" }, null]];
    return [...this.slots.values()].filter((slot) => slot.item.path === around).map((slot) => [inner(slot), slot]);
  }

  /** @param {Item} group @param {Scope} scope @param {Slot | null} above */
  #fit(group, scope, above) {
    const worth = this.#worth(group.count, above?.node ?? this.surroundings.document.children[0]);
    const wanted = worth === null ? NaN : toNumber(worth);
    const turns = Number.isNaN(wanted) ? 0 : Math.trunc(Math.min(Math.max(wanted, 0), MOST_TURNS));
    const local = below(scope, group.path);
    const listed = scope.answers[local] ?? [];
    if (listed.length === turns) return false;
    scope.answers[local] = Array.from({ length: turns }, (_, place) => listed[place] ?? {});
    return true;
  }

  /** @param {Tree | undefined} tree @param {Node} node */
  #worth(tree, node) {
    if (tree === undefined) return null;
    try {
      return evaluate(tree, node, this.surroundings);
    } catch (error) {
      if (error instanceof EvaluationError) return null;
      throw error;
    }
  }

  /** @param {Slot} slot @param {Tree | undefined} tree @param {boolean} otherwise */
  #true({ node }, tree, otherwise) {
    const worth = this.#worth(tree, node);
    return worth === null ? otherwise : toBoolean(worth);
  }

  /** The options open to the person now. @param {string} key */
  choices(key) {
    const slot = this.slot(key);
    const { list = "", choiceFilter } = slot.item;
    const all = this.form.choices[list] ?? [];
    if (choiceFilter === undefined) return all;
    const options = this.surroundings.instances[list].children[0].children;
    return all.filter((_, place) => {
      try {
        const context = { node: options[place], position: place + 1, size: 1, origin: slot.node };
        return new Evaluation(this.surroundings).boolean(choiceFilter, context);
      } catch (error) {
        if (error instanceof EvaluationError) return true;
        throw error;
      }
    });
  }

  /** A text with every `${name}` replaced by the answer. @param {string} template @param {Slot} slot where it stands */
  textOf(template, { node }) {
    const run = new Evaluation(this.surroundings);
    const context = { node, position: 1, size: 1, origin: node };
    return template.replace(REFERENCE, (_, name) => toText(run.referred(name, context)));
  }

  /** What is wrong with one answer; empty when nothing is. @param {Slot} slot @param {Record<string, string>} words */
  error(slot, words) {
    const { item } = slot;
    if (item.group || !slot.relevant) return "";
    if (slot.node.text === "") {
      const missing = item.asks && this.#true(slot, item.required, false);
      return missing ? this.textOf(item.toldRequired || words.required, slot) : "";
    }
    return this.#true(slot, item.constraint, true) ? "" : this.textOf(item.told || words.doesNotFit, slot);
  }

  /** Every question with something wrong: key → sentence. @param {Record<string, string>} words */
  errors(words) {
    const found = [...this.slots.values()].map((slot) => [slot.key, this.error(slot, words)]);
    return Object.fromEntries(found.filter(([, told]) => told));
  }

  /** The screens that these answers lead to, in order. */
  screens() {
    return this.order.filter((slot) =>
      isHub(slot) ? (slot.parent?.relevant ?? true) && this.#true(slot, slot.item.relevant, true) : slot.relevant && slot.item.shown,
    );
  }

  /** What is sent: what was given for relevant questions, and what was worked out. */
  answers() {
    const kept = /** @type {Record<string, any>} */ ({});
    for (const slot of this.slots.values()) {
      const { item, node, relevant, typed } = slot;
      if (item.group || !relevant || node.text === "" || item.kind === "metadata") continue;
      const worth = item.kind === "select_multiple" ? node.text.split(" ") : node.text;
      placed(kept, slot)[below(slot.scope, item.path)] = node.text === typed ? valueOf(slot) : worth;
    }
    return kept;
  }

  /** Put an answer, or undefined for none, where it belongs; all answers again. @param {string} key @param {any} value */
  put(key, value) {
    const { scope, item } = this.slot(key);
    if (value === undefined) delete scope.answers[below(scope, item.path)];
    else scope.answers[below(scope, item.path)] = value;
    return this.given;
  }

  /** The turns of the group that a hub stands behind. @param {Slot} hub @returns {Record<string, any>[]} */
  turns(hub) {
    return hub.scope.answers[below(hub.scope, hub.item.path)] ?? [];
  }

  /** All answers with other turns. @param {Slot} hub @param {Record<string, any>[]} turns */
  withTurns(hub, turns) {
    hub.scope.answers[below(hub.scope, hub.item.path)] = turns.slice(0, MOST_TURNS);
    return this.given;
  }

  /** @param {string} key @returns {Slot} */
  slot(key) {
    const slot = this.slots.get(key);
    if (!slot) throw new Error(`There is no question ${key}`);
    return slot;
  }

  /** @param {string} path @param {string} name */
  #choiceLabel(path, name) {
    const list = this.form.items.find((item) => item.path === path)?.list ?? "";
    return this.form.choices[list]?.find((choice) => choice.name === name)?.label ?? name;
  }
}

/**
 * Answers with the form's defaults where nothing was answered, for keys that begin with `start`.
 * @param {Filling} filling @param {(item: Item, text: string) => any} clean @param {string} [start]
 */
export function withDefaults(filling, clean, start = "") {
  for (const slot of filling.slots.values()) {
    const { item, node } = slot;
    if (item.group || !slot.key.startsWith(start) || valueOf(slot) !== undefined) continue;
    const text = item.default === undefined ? item.initial : toText(evaluate(item.default, node, filling.surroundings));
    const value = text ? clean(item, text) : undefined;
    if (value !== undefined) filling.put(slot.key, value);
  }
  return filling.given;
}

/** The choice lists as secondary instances. @param {Form} form */
function lists(form) {
  return Object.fromEntries(
    Object.entries(form.choices).map(([name, choices]) => {
      const document = new Node("");
      const root = new Node("root", "", document);
      for (const choice of choices) {
        const item = new Node("item", "", root);
        for (const [column, text] of Object.entries({ name: choice.name, label: choice.label, ...choice.data })) {
          new Node(column, text, item);
        }
      }
      number(document);
      return [name, document];
    }),
  );
}
