/**
 * The functions of the dialect: `surveys/expressions/functions/`, one for one.
 * @typedef {import("./evaluate.js").Evaluation} Evaluation
 * @typedef {import("./evaluate.js").Context} Context
 * @typedef {import("./evaluate.js").Tree} Tree
 * @typedef {import("./evaluate.js").Fn} Fn
 * @typedef {import("./tree.js").Node} Node
 */
import { FUNCTIONS } from "./evaluate.js";
import { fullMatch } from "./patterns.js";
import { area, distance, geofence, intersects } from "./places.js";
import { EvaluationError, Moment, midnight, moment, momentOfDays, padded, toBoolean, toNodes, toNumber, toText } from "./values.js";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const TIME = /^\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?$/;
const MODULUS = 2_147_483_647; // Park and Miller
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** The arguments' values, each list as its nodes' texts. @param {Evaluation} run @param {Tree[]} given @param {Context} context */
export const flat = (run, given, context) =>
  given.flatMap((tree) => {
    const value = run.value(tree, context);
    return Array.isArray(value) ? value.map((node) => node.value) : [value];
  });

/** @param {Evaluation} run @param {Tree[]} given @param {Context} context */
const texts = (run, given, context) => given.map((tree) => run.text(tree, context));

/** @param {Evaluation} run @param {Tree[]} given @param {Context} context */
const numbers = (run, given, context) =>
  flat(run, given, context).map(toNumber).filter((value) => !Number.isNaN(value));

/** @param {Evaluation} run @param {Tree[]} given @param {Context} context @param {string} name @returns {Node[]} */
const nodes = (run, given, context, name) => (given.length ? toNodes(run.value(given[0], context), name) : [context.node]);

/** @param {string} text */
const words = (text) => text.split(/\s+/).filter(Boolean);

/** A function of one number. @param {(value: number) => number} calculation @returns {Fn} */
const unary = (calculation) => (run, [tree], context) => calculation(run.number(tree, context));

/** A test of two texts. @param {(whole: string, part: string) => boolean} test @returns {Fn} */
const tested = (test) => (run, given, context) => {
  const [whole, part] = texts(run, given, context);
  return test(whole, part);
};

/** A half goes up; shifting the written decimals is exact. @param {number} value @param {number} places */
function halfUp(value, places) {
  const shift = (/** @type {number} */ number, /** @type {number} */ by) => {
    const [mantissa, exponent = "0"] = String(number).split("e");
    return Number(`${mantissa}e${Number(exponent) + by}`);
  };
  return shift(Math.round(shift(value, places)), -places);
}

/** @param {Evaluation} run @param {Tree} tree @param {Context} context @param {boolean} hasTime */
function when(run, tree, context, hasTime) {
  const value = run.value(tree, context);
  if (value instanceof Moment) return value;
  if (typeof value === "boolean") return null;
  return typeof value === "number" ? momentOfDays(value, hasTime) : moment(toText(value));
}

/** @type {Fn} */
const formatDate = (run, given, context) => {
  const found = when(run, given[0], context, true)?.when;
  if (!found) return "";
  /** @type {Record<string, string | number>} */
  const parts = {
    Y: padded(found.getFullYear(), 4), y: padded(found.getFullYear() % 100),
    m: padded(found.getMonth() + 1), n: found.getMonth() + 1, b: MONTHS[found.getMonth()],
    d: padded(found.getDate()), e: found.getDate(), a: DAYS[found.getDay()],
    H: padded(found.getHours()), h: found.getHours(), M: padded(found.getMinutes()), S: padded(found.getSeconds()),
    3: padded(found.getMilliseconds(), 3), "%": "%",
  }; // prettier-ignore
  return run.text(given[1], context).replace(/%(.)/g, (whole, sign) => String(parts[sign] ?? whole));
};

/** @type {Fn} */
const decimalDateTime = (run, given, context) => {
  const value = run.value(given[0], context);
  if (typeof value === "number") return value;
  return when(run, given[0], context, true)?.utcDays ?? NaN;
};

/** @type {Fn} */
const decimalTime = (run, given, context) => {
  const value = run.value(given[0], context);
  if (value instanceof Moment) return value.timeOfDay;
  if (typeof value === "number") return value - Math.floor(value);
  const text = toText(value).trim();
  return moment(TIME.test(text) ? `1970-01-01T${text}` : text)?.timeOfDay ?? NaN;
};

/** The same list in another order, always the same for the same seed. @template T @param {T[]} listed @param {bigint} seed */
export function shuffledBy(listed, seed) {
  let state = Number(seed % BigInt(MODULUS));
  if (state <= 0) state += MODULUS - 1;
  const shuffled = /** @type {T[]} */ ([]);
  listed.forEach((entry, place) => {
    state = (state * 16_807) % MODULUS;
    const other = Math.floor(((state - 1) / (MODULUS - 1)) * (place + 1));
    shuffled[place] = shuffled[other];
    shuffled[other] = entry;
  });
  return shuffled;
}

/** @type {Fn} */
const randomize = (run, given, context) => {
  const found = nodes(run, given, context, "randomize");
  if (given.length === 1) return shuffledBy(found, BigInt(Math.floor(Math.random() * MODULUS)));
  const text = run.text(given[1], context);
  const seed = toNumber(text);
  if (Number.isFinite(seed)) return shuffledBy(found, BigInt(Math.trunc(seed)));
  if (text === "") return shuffledBy(found, 0n);
  if (!run.surroundings.digest) throw new EvaluationError("randomize() by a text needs digests");
  return shuffledBy(found, run.surroundings.digest.seed(text));
};

/** @type {Fn} */
const indexedRepeat = (run, given, context) => {
  if (given.length % 2 === 0) throw new EvaluationError("indexed-repeat() takes a question, then pairs of a repeat and its number");
  const everywhere = (/** @type {Tree} */ tree) =>
    Array.isArray(tree) && tree[0] === "ref" ? run.referred(tree[1], context, true) : toNodes(run.value(tree, context), "indexed-repeat");
  const holds = (/** @type {Node} */ outer, /** @type {Node} */ inner) => inner.ancestors().includes(outer);
  const pairs = /** @type {{repeats: Node[], index: number}[]} */ ([]);
  let found = everywhere(given[0]);
  for (let at = 1; at < given.length; at += 2) pairs.push({ repeats: everywhere(given[at]), index: run.number(given[at + 1], context) });
  pairs.sort((a, b) => (a.repeats[0]?.path.length ?? 0) - (b.repeats[0]?.path.length ?? 0));
  for (const { repeats, index } of pairs) {
    const inside = repeats.filter((repeat) => found.some((node) => holds(repeat, node)));
    const chosen = index >= 1 && index <= inside.length ? inside[Math.trunc(index) - 1] : null;
    found = chosen ? found.filter((node) => holds(chosen, node)) : [];
  }
  return found;
};

/** @type {Fn} */
const weightedChecklist = (run, given, context) => {
  const [low, high] = given.slice(0, 2).map((tree) => run.number(tree, context));
  let rest = given.slice(2).map((tree) => run.value(tree, context));
  const [first, second] = rest;
  if (rest.length === 2 && Array.isArray(first) && Array.isArray(second)) {
    rest = first.flatMap((node, place) => (second[place] ? [node.value, second[place].value] : []));
  }
  if (rest.length % 2) throw new EvaluationError("weighted-checklist() needs a weight after each value");
  const total = rest.reduce((/** @type {number} */ sum, value, place) => (place % 2 && toBoolean(rest[place - 1]) ? sum + toNumber(value) : sum), 0);
  return low <= total && total <= high;
};

/** @type {Fn} */
const checklist = (run, given, context) => {
  const [low, high] = given.slice(0, 2).map((tree) => run.number(tree, context));
  const count = flat(run, given.slice(2), context).filter(toBoolean).length;
  return (low < 0 || count >= low) && (high < 0 || count <= high);
};

/** @type {Fn} */
const substring = (run, given, context) => {
  const rounded = (/** @type {number} */ value) => (Number.isFinite(value) ? Math.floor(value + 0.5) : value);
  const start = rounded(run.number(given[1], context));
  const end = given.length === 3 ? start + rounded(run.number(given[2], context)) : Infinity;
  return [...run.text(given[0], context)].filter((_, place) => start <= place + 1 && place + 1 < end).join("");
};

/** @type {Fn} */
const substr = (run, given, context) => {
  const letters = [...run.text(given[0], context)];
  const bound = (/** @type {number} */ value) => (Number.isNaN(value) ? 0 : Math.trunc(Math.max(-letters.length, Math.min(letters.length, value))));
  const from = bound(run.number(given[1], context));
  return letters.slice(from, given.length === 3 ? bound(run.number(given[2], context)) : undefined).join("");
};

/** @type {Fn} */
const translate = (run, given, context) => {
  const [whole, old, fresh] = texts(run, given, context).map((text) => [...text]);
  return whole.map((letter) => (old.includes(letter) ? (fresh[old.indexOf(letter)] ?? "") : letter)).join("");
};

/** @param {string} text */
function base64Decode(text) {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0)));
  } catch {
    return "";
  }
}

/** @param {number} count random numbers below 256 */
const random = (count) => crypto.getRandomValues(new Uint8Array(count));

/** A random UUID (RFC 9562, version 4); `crypto.randomUUID` needs a secure page and a new browser. */
export function uuid() {
  const bytes = random(16);
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @type {Fn} */
const choiceName = (run, given, context) => {
  const [name, asked] = texts(run, given, context);
  if (name === "") return "";
  const reference = /^\s*\$\{\s*(.+?)\s*\}\s*$/.exec(asked);
  const path = reference ? run.referred(reference[1], context)[0]?.path : asked.split("/").slice(2);
  return run.surroundings.choiceLabel((path ?? []).join("/"), name);
};

/** @type {Fn} */
const digest = (run, given, context) => {
  const [text, algorithm, encoding = "base64"] = texts(run, given, context);
  if (!run.surroundings.digest) throw new EvaluationError("digest() was not loaded");
  return run.surroundings.digest.digest(text, algorithm, encoding);
};

Object.assign(
  FUNCTIONS,
  /** @type {Record<string, Fn>} */ ({
    true: () => true,
    false: () => false,
    boolean: (run, [tree], context) => run.boolean(tree, context),
    not: (run, [tree], context) => !run.boolean(tree, context),
    "boolean-from-string": (run, [tree], context) => ["true", "1"].includes(run.text(tree, context).trim().toLowerCase()),
    if: (run, [test, yes, no], context) => run.value(run.boolean(test, context) ? yes : no, context),
    coalesce: (run, [first, second], context) => {
      const value = run.value(first, context);
      return ["", "NaN"].includes(toText(value)) ? run.value(second, context) : value;
    },
    once: (run, [tree], context) => context.origin.value || run.value(tree, context),
    depend: (run, [tree], context) => run.value(tree, context),
    lang: (run, [tree], context) => {
      const asked = run.text(tree, context).toLowerCase();
      const spoken = run.surroundings.language.toLowerCase();
      return asked === spoken || spoken.startsWith(`${asked}-`);
    },
    checklist,
    "weighted-checklist": weightedChecklist,
    last: (_run, _given, context) => context.size,
    position: (run, given, context) => {
      if (!given.length) return context.position;
      const [node] = nodes(run, given, context, "position");
      return node ? (node.parent?.children ?? [node]).filter((sibling) => sibling.name === node.name).indexOf(node) + 1 : NaN;
    },
    count: (run, given, context) => nodes(run, given, context, "count").length,
    "count-non-empty": (run, given, context) => nodes(run, given, context, "count-non-empty").filter((node) => node.value !== "").length,
    sum: (run, given, context) =>
      nodes(run, given, context, "sum").map((node) => toNumber(node.value)).reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0),
    max: (run, given, context) => numbers(run, given, context).reduce((a, b) => (Number.isNaN(a) || b > a ? b : a), NaN),
    min: (run, given, context) => numbers(run, given, context).reduce((a, b) => (Number.isNaN(a) || b < a ? b : a), NaN),
    id: () => [],
    name: (run, given, context) => nodes(run, given, context, "name")[0]?.name ?? "",
    "local-name": (run, given, context) => nodes(run, given, context, "name")[0]?.name ?? "",
    "namespace-uri": () => "",
    current: (_run, _given, context) => [context.origin],
    instance: (run, [tree], context) => {
      const found = run.surroundings.instances[run.text(tree, context)];
      return found ? [found] : [];
    },
    "indexed-repeat": indexedRepeat,
    randomize,
    selected: tested((chosen, name) => words(chosen).includes(name.trim())),
    "is-selected": tested((chosen, name) => words(chosen).includes(name.trim())),
    "selected-at": (run, [tree, place], context) => words(run.text(tree, context))[Math.trunc(run.number(place, context))] ?? "",
    "count-selected": (run, [tree], context) => words(run.text(tree, context)).length,
    "jr:choice-name": choiceName,
    string: (run, given, context) => (given.length ? run.text(given[0], context) : context.node.value),
    concat: (run, given, context) => flat(run, given, context).map(toText).join(""),
    join: (run, [glue, ...given], context) => flat(run, given, context).map(toText).join(run.text(glue, context)),
    "starts-with": tested((whole, part) => whole.startsWith(part)),
    "ends-with": tested((whole, part) => whole.endsWith(part)),
    contains: tested((whole, part) => whole.includes(part)),
    "substring-before": (run, given, context) => {
      const [whole, mark] = texts(run, given, context);
      return whole.slice(0, Math.max(0, whole.indexOf(mark)));
    },
    "substring-after": (run, given, context) => {
      const [whole, mark] = texts(run, given, context);
      return whole.includes(mark) ? whole.slice(whole.indexOf(mark) + mark.length) : "";
    },
    substring,
    substr,
    "string-length": (run, given, context) => [...(given.length ? run.text(given[0], context) : context.node.value)].length,
    "normalize-space": (run, given, context) => words(given.length ? run.text(given[0], context) : context.node.value).join(" "),
    translate,
    regex: tested(fullMatch), // the whole text must match (ODK's rule)
    digest,
    "base64-decode": (run, [tree], context) => base64Decode(run.text(tree, context)),
    uuid: (run, given, context) =>
      given.length ? [...random(run.number(given[0], context))].map((byte) => LETTERS[byte % LETTERS.length]).join("") : uuid(),
    version: (run) => run.surroundings.version,
    property: () => "",
    number: (run, given, context) => (given.length ? run.number(given[0], context) : toNumber([context.node])),
    int: unary(Math.trunc),
    floor: unary(Math.floor),
    ceiling: unary(Math.ceil),
    round: (run, given, context) => {
      const value = run.number(given[0], context);
      const places = given.length === 2 ? run.number(given[1], context) : 0;
      if (!Number.isFinite(value)) return value;
      return Math.abs(places) <= 30 ? halfUp(value, Math.trunc(places)) : NaN;
    },
    pi: () => Math.PI,
    random: () => Math.random(),
    pow: (run, given, context) => Math.pow(run.number(given[0], context), run.number(given[1], context)),
    atan2: (run, given, context) => Math.atan2(run.number(given[0], context), run.number(given[1], context)),
    exp10: unary((value) => Math.pow(10, value)),
    ...Object.fromEntries(
      /** @type {const} */ (["abs", "sqrt", "exp", "log", "log10", "sin", "cos", "tan", "asin", "acos", "atan"]).map((name) => [name, unary(Math[name])]),
    ),
    today: (run) => new Moment(midnight(run.surroundings.now)),
    now: (run) => new Moment(run.surroundings.now, true),
    date: (run, [tree], context) => {
      const found = when(run, tree, context, false);
      return found ? new Moment(midnight(found.when)) : "";
    },
    "date-time": (run, [tree], context) => {
      const found = when(run, tree, context, true);
      return found ? new Moment(found.when, true) : "";
    },
    "decimal-date-time": decimalDateTime,
    "decimal-date": decimalDateTime,
    "decimal-time": decimalTime,
    "format-date": formatDate,
    "format-date-time": formatDate,
    area: (run, given, context) => area(flat(run, given, context)),
    "enclosed-area": (run, given, context) => area(flat(run, given, context)),
    distance: (run, given, context) => distance(flat(run, given, context)),
    geofence: (run, given, context) => geofence(flat(run, given.slice(0, 1), context), flat(run, given.slice(1), context)),
    intersects: (run, given, context) => intersects(flat(run, given, context)),
  }),
);

