/**
 * Trees → values: `surveys/expressions/evaluation.py`, step by step. The same vectors test both.
 *
 * @typedef {import("./values.js").Value} Value
 * @typedef {string | number | Branch} Tree
 * @typedef {[string, ...any[]]} Branch the tree as the server's parser makes it, read from JSON
 * @typedef {{node: Node, position: number, size: number, origin: Node}} Context where an expression stands
 * @typedef {(run: Evaluation, given: Tree[], context: Context) => Value} Fn
 */
import { AXES, Node, matches } from "./tree.js";
import { EvaluationError, Moment, toBoolean, toNumber, toText } from "./values.js";

const MOST_WORK = 500_000;

/**
 * Everything an expression may look at beside the node where it stands.
 * @typedef {object} Surroundings
 * @property {Node} document
 * @property {Date} now
 * @property {Record<string, string[]>} paths where each `${name}` lives
 * @property {Record<string, Node>} instances the choice lists by name
 * @property {(path: string, name: string) => string} choiceLabel
 * @property {string} language
 * @property {string} version
 * @property {import("./digest.js").Digest} [digest] loaded only for forms that need it
 */

/** @type {Record<string, (a: number, b: number) => boolean>} */
const COMPARED = { "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b };
/** @type {Record<string, string>} */
const MIRRORED = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!=" };

/** The functions of the dialect by name, filled by functions.js. @type {Record<string, Fn>} */
export const FUNCTIONS = {};

/** One expression at work; counts its steps. */
export class Evaluation {
  /** @param {Surroundings} surroundings */
  constructor(surroundings) {
    this.surroundings = surroundings;
    this.work = 0;
  }

  /** @param {Tree} tree @param {Context} context @returns {Value} */
  value(tree, context) {
    this.spend(1);
    if (!Array.isArray(tree)) return tree;
    const handler = HANDLERS[tree[0]];
    if (!handler) throw new EvaluationError(`Not a tree of this dialect: ${tree[0]}`);
    return handler(this, tree, context);
  }

  /** @param {number} steps */
  spend(steps) {
    this.work += steps;
    if (this.work > MOST_WORK) throw new EvaluationError("This expression takes too long");
  }

  /** @param {Tree} tree @param {Context} context */
  text(tree, context) {
    return toText(this.value(tree, context));
  }

  /** @param {Tree} tree @param {Context} context */
  number(tree, context) {
    return toNumber(this.value(tree, context));
  }

  /** @param {Tree} tree @param {Context} context */
  boolean(tree, context) {
    return toBoolean(this.value(tree, context));
  }

  /** The nodes of `${name}`: below the closest ancestor that holds it, or everywhere. @param {string} name @param {Context} context @param {boolean} [everywhere] */
  referred(name, context, everywhere = false) {
    const path = this.surroundings.paths[name];
    if (!path) throw new EvaluationError(`There is no question called ${name}`);
    let [found, below] = this.#anchor(path, context.origin, everywhere);
    for (const step of path.slice(below)) {
      found = found.flatMap((parent) => parent.children.filter((child) => child.name === step));
      this.spend(found.length);
    }
    return found;
  }

  /** @param {string[]} path @param {Node} origin @param {boolean} everywhere @returns {[Node[], number]} */
  #anchor(path, origin, everywhere) {
    for (const above of everywhere ? [] : [origin, ...origin.ancestors()]) {
      const names = above.path;
      if (above.parent && names.length < path.length && names.every((name, place) => name === path[place])) {
        return [[above], names.length];
      }
    }
    return [[this.surroundings.document.children[0]], 0];
  }
}

/** What a tree is worth at a node. @param {Tree} tree @param {Node} node @param {Surroundings} surroundings */
export function evaluate(tree, node, surroundings) {
  return new Evaluation(surroundings).value(tree, { node, position: 1, size: 1, origin: node });
}

/** @param {string} sign @param {Value} left @param {Value} right @returns {boolean} */
function compared(sign, left, right) {
  if (Array.isArray(left) && typeof right !== "boolean") return left.some((node) => compared(sign, node.value, right));
  if (Array.isArray(right) && typeof left !== "boolean") {
    return right.some((node) => compared(MIRRORED[sign], node.value, left));
  }
  if (sign in COMPARED) return COMPARED[sign](toNumber(left), toNumber(right));
  return equal(left, right) === (sign === "=");
}

/** @param {Value} left @param {Value} right */
function equal(left, right) {
  const kinds = [left, right];
  if (kinds.some((value) => typeof value === "boolean")) return toBoolean(left) === toBoolean(right);
  if (kinds.some((value) => typeof value === "number" || value instanceof Moment)) {
    return toNumber(left) === toNumber(right);
  }
  return left === right;
}

/** Each node once, in the order of the document. @param {Node[]} nodes */
const inOrder = (nodes) => [...new Set(nodes)].sort((a, b) => a.order - b.order);

/** @param {Value} value @param {string} told @returns {Node[]} */
function list(value, told) {
  if (!Array.isArray(value)) throw new EvaluationError(told);
  return value;
}

/** @param {Evaluation} run @param {Branch} step @param {Node} node @param {Context} context */
function walked(run, [axis, test, ...predicates], node, context) {
  const texts = axis === "child" && test === "text()";
  const found = (texts ? [node] : AXES[axis](node)).filter((hit) => matches(hit, test));
  run.spend(found.length + 1);
  return predicates.reduce((nodes, predicate) => kept(run, predicate, nodes, context), found);
}

/** @param {Evaluation} run @param {Tree} predicate @param {Node[]} nodes @param {Context} context */
function kept(run, predicate, nodes, context) {
  return nodes.filter((node, place) => {
    const value = run.value(predicate, { ...context, node, position: place + 1, size: nodes.length });
    if (typeof value === "number") return value === place + 1;
    return Array.isArray(value) ? value.length > 0 : toBoolean(value);
  });
}

/** @param {Evaluation} run @param {Branch} tree @param {Context} context */
function path(run, [, start, ...steps], context) {
  let found = /** @type {Node[]} */ ([]);
  if (start === ".") found = [context.node];
  else if (start === "/") found = [[context.node, ...context.node.ancestors()].pop() ?? context.node];
  else found = list(run.value(start, context), "Only questions can be followed by “/”");
  for (const step of steps) found = inOrder(found.flatMap((node) => walked(run, step, node, context)));
  return found;
}

/** @param {Evaluation} run @param {Branch} tree @param {Context} context */
function arithmetic(run, [sign, a, b], context) {
  const left = run.number(a, context);
  const right = run.number(b, context);
  if (sign === "*") return left * right;
  return sign === "div" ? left / right : left % right;
}

/** @type {(run: Evaluation, tree: Branch, context: Context) => Value} */
const comparison = (run, [sign, a, b], context) => compared(sign, run.value(a, context), run.value(b, context));

/** @type {Record<string, (run: Evaluation, tree: Branch, context: Context) => Value>} */
const HANDLERS = {
  ref: (run, [, name], context) => run.referred(name, context),
  and: (run, [, ...parts], context) => parts.every((part) => run.boolean(part, context)),
  or: (run, [, ...parts], context) => parts.some((part) => run.boolean(part, context)),
  "+": (run, [, ...parts], context) => parts.map((part) => run.number(part, context)).reduce((sum, part) => sum + part),
  neg: (run, [, part], context) => -run.number(part, context),
  "*": arithmetic,
  div: arithmetic,
  mod: arithmetic,
  ...Object.fromEntries(Object.keys(MIRRORED).map((sign) => [sign, comparison])),
  "|": (run, [, ...parts], context) =>
    inOrder(parts.flatMap((part) => list(run.value(part, context), "“|” joins lists of questions, not single values"))),
  path,
  filter: (run, [, tree, ...predicates], context) =>
    predicates.reduce(
      (nodes, predicate) => kept(run, predicate, nodes, context),
      list(run.value(tree, context), "Only a list of questions can be narrowed by […]"),
    ),
  call: (run, [, name, ...given], context) => {
    if (!FUNCTIONS[name]) throw new EvaluationError(`${name}() is not available here`);
    return FUNCTIONS[name](run, given, context);
  },
};
