/**
 * A response being filled in on the phone: `surveys/filling.py`, step by step, for forms that pages can ask.
 *
 * @typedef {import("./evaluate.js").Tree} Tree
 * @typedef {object} Item a question or a group of the form
 * @property {string} path
 * @property {boolean} [group]
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
 * @typedef {{item: Item, node: Node, parent: Slot | null, typed: string, relevant: boolean}} Slot
 */
import { lexical } from "./answers.js";
import { Evaluation, evaluate } from "./evaluate.js";
import "./functions.js";
import { Node, number } from "./tree.js";
import { EvaluationError, Moment, midnight, toBoolean, toText } from "./values.js";

const MOST_PASSES = 64;
const UNREPEATABLE = ["random", "uuid", "now", "once"];
const REFERENCE = /\$\{\s*([^\s}]+)\s*\}/g;

/** Whether a tree calls one of the functions. @param {Tree} tree @param {string[]} names @returns {boolean} */
const calls = (tree, names) =>
  Array.isArray(tree) && ((tree[0] === "call" && names.includes(tree[1])) || tree.some((part) => calls(part, names)));

export class Filling {
  /** @type {Map<string, Slot>} */
  slots = new Map();

  /**
   * @param {Form} form @param {Record<string, any>} answers clean answers by path
   * @param {{now?: Date, digest?: import("./digest.js").Digest}} [around]
   */
  constructor(form, answers, { now = new Date(), digest } = {}) {
    this.form = form;
    this.now = now;
    const document = new Node("");
    const root = new Node("data", "", document);
    for (const item of form.items) this.#add(item, root, answers);
    number(document);
    this.surroundings = {
      document,
      now,
      paths: Object.fromEntries([...form.items].reverse().map((item) => [item.path.split("/").pop(), item.path.split("/")])),
      instances: lists(form),
      choiceLabel: (/** @type {string} */ path, /** @type {string} */ name) => this.#choiceLabel(path, name),
      language: form.language,
      version: form.formVersion,
      digest,
    };
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      if (![...this.slots.values()].map((slot) => this.#refresh(slot)).some(Boolean)) break;
    }
  }

  /** @param {Item} item @param {Node} root @param {Record<string, any>} answers */
  #add(item, root, answers) {
    const names = item.path.split("/");
    const parent = this.slots.get(names.slice(0, -1).join("/")) ?? null;
    const value = answers[item.path];
    const typed = item.group || value === undefined ? "" : lexical(value, item);
    const node = new Node(names[names.length - 1], typed, parent?.node ?? root);
    this.slots.set(item.path, { item, node, parent, typed, relevant: true });
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
  #text({ item, node, typed }) {
    if (item.kind === "metadata") {
      const days = ["start", "end", "today"].includes(item.preload ?? "");
      return days ? String(new Moment(midnight(this.now))) : "";
    }
    if (item.calculation !== undefined && !(typed && calls(item.calculation, UNREPEATABLE))) {
      const worth = this.#worth(item.calculation, node);
      return worth === null || Number.isNaN(worth) ? "" : toText(worth);
    }
    if (item.choiceFilter !== undefined && typed) {
      const open = this.choices(item.path).map((choice) => choice.name);
      return typed.split(/\s+/).filter((name) => open.includes(name)).join(" ");
    }
    return typed;
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

  /** The options open to the person now. @param {string} path */
  choices(path) {
    const slot = this.#slot(path);
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

  /** A text with every `${name}` replaced by the answer. @param {string} template @param {string} path where it stands */
  textOf(template, path) {
    const { node } = this.#slot(path);
    const run = new Evaluation(this.surroundings);
    const context = { node, position: 1, size: 1, origin: node };
    return template.replace(REFERENCE, (_, name) => toText(run.referred(name, context)));
  }

  /** What is wrong with one answer; empty when nothing is. @param {string} path @param {Record<string, string>} words */
  error(path, words) {
    const slot = this.#slot(path);
    const { item } = slot;
    if (item.group || !slot.relevant) return "";
    if (slot.node.text === "") {
      const missing = item.asks && this.#true(slot, item.required, false);
      return missing ? this.textOf(item.toldRequired || words.required, path) : "";
    }
    return this.#true(slot, item.constraint, true) ? "" : this.textOf(item.told || words.doesNotFit, path);
  }

  /** Every question with something wrong: path → sentence. @param {Record<string, string>} words */
  errors(words) {
    const found = [...this.slots.keys()].map((path) => [path, this.error(path, words)]);
    return Object.fromEntries(found.filter(([, told]) => told));
  }

  /** The screens that these answers lead to, in order. */
  screens() {
    return [...this.slots.values()].filter((slot) => slot.relevant && slot.item.shown).map((slot) => slot.item);
  }

  /** What is sent: what was given for relevant questions, and what was worked out. @param {Record<string, any>} given */
  answers(given) {
    const kept = /** @type {Record<string, any>} */ ({});
    for (const [path, { item, node, relevant, typed }] of this.slots) {
      if (item.group || !relevant || node.text === "" || item.kind === "metadata") continue;
      if (node.text === typed) kept[path] = given[path];
      else kept[path] = item.kind === "select_multiple" ? node.text.split(" ") : node.text;
    }
    return kept;
  }

  /** @param {string} path */
  #slot(path) {
    const slot = this.slots.get(path);
    if (!slot) throw new Error(`There is no question ${path}`);
    return slot;
  }

  /** @param {string} path @param {string} name */
  #choiceLabel(path, name) {
    const list = this.slots.get(path)?.item.list ?? "";
    return this.form.choices[list]?.find((choice) => choice.name === name)?.label ?? name;
  }
}

/** Answers that a fresh response begins with. @param {Form} form @param {(item: Item, text: string) => any} clean */
export function startingAnswers(form, clean) {
  const answers = /** @type {Record<string, any>} */ ({});
  const put = (/** @type {Item} */ item, /** @type {string} */ text) => {
    const value = clean(item, text);
    if (value !== undefined) answers[item.path] = value;
  };
  for (const item of form.items) if (item.initial) put(item, item.initial);
  const filling = new Filling(form, answers);
  for (const item of form.items) {
    if (item.default === undefined) continue;
    const slot = filling.slots.get(item.path);
    if (slot) put(item, toText(evaluate(item.default, slot.node, filling.surroundings)));
  }
  return answers;
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
