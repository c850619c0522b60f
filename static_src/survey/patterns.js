/**
 * Regular expressions that cannot be made to run for ever: the twin of `surveys/expressions/patterns.py`, state by state.
 * The browser's own engine backtracks, and a pattern such as `(a+)+` holds a phone for minutes.
 */

import { EvaluationError } from "./values.js";

const MOST_STATES = 4000;
const MOST_KEPT = 64;

/** @typedef {(character: string) => boolean} Test */
/** @typedef {{to: number[], test?: Test, edge?: string}} State */

const ASCII_LETTER = /^[A-Za-z]$/;
const ASCII_WORD = /^[A-Za-z0-9]$/;

/** @type {Record<string, Test>} */
const CLASSES = {
  d: (read) => read >= "0" && read <= "9" && read.length === 1,
  w: (read) => read === "_" || ASCII_WORD.test(read),
  s: (read) => " \t\n\v\f\r".includes(read),
};
/** @type {Record<string, string>} */
const CONTROLS = { n: "\n", t: "\t", r: "\r", f: "\f", v: "\v", 0: "\0" };
/** @type {Record<string, Test>} */
const POSIX = {
  Alpha: (read) => ASCII_LETTER.test(read),
  Digit: CLASSES.d,
  Alnum: (read) => ASCII_WORD.test(read),
  Upper: (read) => /^[A-Z]$/.test(read),
  Lower: (read) => /^[a-z]$/.test(read),
  Punct: (read) => "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".includes(read),
  Space: CLASSES.s,
};

/** @param {Test} test @param {boolean} negated @returns {Test} */
const either = (test, negated) => (negated ? (read) => !test(read) : test);
/** @param {string} wanted @returns {Test} */
const is = (wanted) => (read) => read === wanted;

/** @param {string} name @returns {Test} */
function property(name) {
  if (POSIX[name]) return POSIX[name];
  try {
    const category = new RegExp(`^\\p{${name}}$`, "u");
    return (read) => category.test(read);
  } catch {
    return () => false; // no such category: no character is in it
  }
}

/** Reads a pattern from left to right and builds states from right to left: each piece is told where to go on. */
class Reader {
  /** @param {string[]} source @param {State[]} states */
  constructor(source, states) {
    this.source = source;
    this.states = states;
    this.at = 0;
  }

  /** @param {State} state */
  add(state) {
    if (this.states.length >= MOST_STATES) throw new EvaluationError("The pattern repeats too much");
    return this.states.push(state) - 1;
  }

  peek(ahead = 0) {
    return this.source[this.at + ahead] ?? "";
  }

  /** @param {string} character */
  took(character) {
    if (this.peek() !== character) return false;
    this.at += 1;
    return true;
  }

  next() {
    return this.source[this.at++] ?? "";
  }

  /** Reads up to `)` or the end; returns the state to start from. @param {number} then @returns {number} */
  alternatives(then) {
    const starts = [this.sequence(then)];
    while (this.took("|")) starts.push(this.sequence(then));
    return starts.length === 1 ? starts[0] : this.add({ to: starts });
  }

  /** @param {number} then */
  sequence(then) {
    /** @type {[number, number, number | null][]} */
    const pieces = [];
    while (this.peek() && !"|)".includes(this.peek())) {
      const begin = this.at;
      this.skip();
      const bounds = this.quantifier();
      pieces.push([begin, ...(bounds ?? /** @type {[number, number]} */ ([1, 1]))]);
      if (bounds && this.peek() === "+") throw new EvaluationError("Possessive quantifiers are not supported in patterns");
    }
    const end = this.at;
    let start = then;
    for (const [begin, low, high] of pieces.reverse()) start = this.repeated(begin, low, high, start);
    this.at = end;
    return start;
  }

  /** Least and most times, or null where nothing is said. @returns {[number, number | null] | null} */
  quantifier() {
    const rest = this.source.slice(this.at, this.at + 24).join("");
    const found = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})(\??)/.exec(rest);
    if (!found) return null;
    this.at += found[0].length;
    const [, sign, low, comma, high] = found;
    if (sign) return [sign === "+" ? 1 : 0, sign === "?" ? 1 : null];
    return [Number(low), comma ? (high ? Number(high) : null) : Number(low)];
  }

  /** States for one piece between `low` and `high` times, built by reading it again for every copy.
   * @param {number} begin @param {number} low @param {number | null} high @param {number} then */
  repeated(begin, low, high, then) {
    let start = then;
    if (high === null) {
      const loop = this.add({ to: [] });
      this.states[loop].to = [this.reread(begin, loop), then];
      start = loop;
    } else {
      if (low > high || high > MOST_STATES) throw new EvaluationError("The pattern's {…} is out of order or too large");
      for (let extra = high - low; extra > 0; extra -= 1) start = this.add({ to: [this.reread(begin, start), then] });
    }
    for (let copy = low; copy > 0; copy -= 1) start = this.reread(begin, start);
    return start;
  }

  /** Go past one piece without building states for it. */
  skip() {
    let depth = 0;
    for (;;) {
      const character = this.next();
      if (character === "\\") {
        if ("bB".includes(this.peek()) && this.peek()) this.at += 1;
        else this.escape();
      } else if (character === "[") this.bracket();
      depth += Number(character === "(") - Number(character === ")");
      if (depth === 0) return;
      if (!character) throw new EvaluationError("The pattern opens a bracket “(” that it never closes");
    }
  }

  /** @param {number} begin @param {number} then */
  reread(begin, then) {
    this.at = begin;
    return this.piece(then);
  }

  /** @param {number} then @returns {number} */
  piece(then) {
    const character = this.next();
    if (character === "(") return this.group(then);
    if (character === "[") return this.add({ to: [then], test: this.bracket() });
    if (character === ".") return this.add({ to: [then], test: (read) => read !== "\n" && read !== "\r" });
    if (character === "^" || character === "$") return this.add({ to: [then], edge: character });
    if ("*+?".includes(character)) throw new EvaluationError(`In the pattern “${character}” repeats nothing`);
    if (character === "\\") return this.escaped(then);
    return this.add({ to: [then], test: is(character) });
  }

  /** @param {number} then */
  group(then) {
    if (this.took("?") && !this.took(":")) throw new EvaluationError("Look-around and flags are not supported in patterns");
    const start = this.alternatives(then);
    if (!this.took(")")) throw new EvaluationError("The pattern opens a bracket “(” that it never closes");
    return start;
  }

  /** @param {number} then */
  escaped(then) {
    if (this.peek() === "b" || this.peek() === "B") return this.add({ to: [then], edge: this.next() });
    const test = this.escape();
    return this.add({ to: [then], test: typeof test === "string" ? is(test) : test });
  }

  /** What follows a backslash: a class of characters, or one character. @returns {Test | string} */
  escape() {
    const character = this.next();
    const known = CLASSES[character.toLowerCase()];
    if (known) return either(known, character !== character.toLowerCase());
    if (character === "p" || character === "P") return either(this.property(), character === "P");
    if (character === "x" || character === "u") return this.codePoint(character === "x" ? 2 : 4);
    if (character === "" || (ASCII_WORD.test(character) && !(character in CONTROLS)))
      throw new EvaluationError(`The pattern uses “\\${character}”, which is not supported`);
    return CONTROLS[character] ?? character;
  }

  property() {
    const found = /^\{(?:Is)?(\w+)\}/.exec(this.source.slice(this.at, this.at + 40).join(""));
    if (!found) throw new EvaluationError("In a pattern \\p is followed by a class in braces: \\p{L}");
    this.at += found[0].length;
    return property(found[1]);
  }

  /** @param {number} digits */
  codePoint(digits) {
    const written = this.source.slice(this.at, this.at + digits).join("");
    if (written.length !== digits || !/^[0-9a-fA-F]+$/.test(written))
      throw new EvaluationError("In a pattern \\x and \\u are followed by hexadecimal digits");
    this.at += digits;
    return String.fromCodePoint(parseInt(written, 16));
  }

  /** @returns {Test} */
  bracket() {
    const negated = this.took("^");
    /** @type {Test[]} */
    const tests = [];
    while (!this.took("]")) {
      if (!this.peek()) throw new EvaluationError("The pattern opens a bracket “[” that it never closes");
      tests.push(this.member());
    }
    return either((read) => tests.some((test) => test(read)), negated);
  }

  /** @returns {Test} */
  member() {
    const low = this.character();
    if (typeof low !== "string") return low;
    if (this.peek() !== "-" || this.peek(1) === "]" || this.peek(1) === "") return is(low);
    this.at += 1;
    const high = this.character();
    const from = low.codePointAt(0) ?? 0;
    const to = typeof high === "string" ? (high.codePointAt(0) ?? 0) : -1;
    if (to < from) throw new EvaluationError("In the pattern a range such as [a-z] is out of order");
    return (read) => (read.codePointAt(0) ?? 0) >= from && (read.codePointAt(0) ?? 0) <= to;
  }

  character() {
    const character = this.next();
    return character === "\\" ? this.escape() : character;
  }
}

/** @param {string} edge @param {string[]} text @param {number} at */
function atEdge(edge, text, at) {
  if (edge === "^") return at === 0;
  if (edge === "$") return at === text.length;
  const before = at > 0 && CLASSES.w(text[at - 1]);
  const after = at < text.length && CLASSES.w(text[at]);
  return (before !== after) === (edge === "b");
}

/** All states reachable without reading a character. @param {State[]} states @param {Iterable<number>} from @param {string[]} text @param {number} at */
function closure(states, from, text, at) {
  const reached = new Set(from);
  for (const number of reached) {
    // A Set is walked in order of insertion, so states that are added here have their turn.
    const state = states[number];
    if (state.test || (state.edge && !atEdge(state.edge, text, at))) continue;
    for (const target of state.to) reached.add(target);
  }
  return reached;
}

/** @type {Map<string, {states: State[], start: number}>} */
const kept = new Map();

/** @param {string} pattern */
function compiled(pattern) {
  const known = kept.get(pattern);
  if (known) return known;
  /** @type {State[]} */
  const states = [{ to: [] }]; // state 0 accepts
  const reader = new Reader([...pattern], states);
  const start = reader.alternatives(0);
  if (reader.peek()) throw new EvaluationError("The pattern closes a bracket that it never opened");
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(pattern, { states, start });
  return { states, start };
}

/** Whether the whole text matches, in time that grows with pattern × text. @param {string} text @param {string} pattern */
export function fullMatch(text, pattern) {
  const { states, start } = compiled(pattern);
  const letters = [...text];
  let live = closure(states, [start], letters, 0);
  for (const [at, letter] of letters.entries()) {
    const over = [...live].filter((number) => states[number].test?.(letter)).map((number) => states[number].to[0]);
    live = closure(states, over, letters, at + 1);
    if (live.size === 0) return false;
  }
  return live.has(0);
}
