/**
 * What an expression can be worth, and how one kind of value becomes another: `surveys/expressions/values.py`, line by line.
 * @typedef {import("./tree.js").Node} Node
 * @typedef {string | number | boolean | Moment | Node[]} Value
 */

const NUMBER = /^\s*-?(\d+(\.\d*)?|\.\d+)\s*$/;
const MOMENT =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;
const DAY_MS = 86_400_000;

/** An expression that has no value here. The form works on without it. */
export class EvaluationError extends Error {}

/** @param {number} value @param {number} [width] */
export const padded = (value, width = 2) => String(value).padStart(width, "0");

/** A date, or with `hasTime` a date and time, on the calendar and clock of this phone. */
export class Moment {
  /** @param {Date} when @param {boolean} [hasTime] */
  constructor(when, hasTime = false) {
    this.when = when;
    this.hasTime = hasTime;
  }

  /** Days since 1970-01-01 on the wall calendar; whole for a date. */
  get days() {
    const { when } = this;
    const days = Math.round(Date.UTC(when.getFullYear(), when.getMonth(), when.getDate()) / DAY_MS);
    return this.hasTime ? days + this.timeOfDay : days;
  }

  /** The part of the day that is over, 0 to 1, by the wall clock. */
  get timeOfDay() {
    const { when } = this;
    const seconds = (when.getHours() * 60 + when.getMinutes()) * 60 + when.getSeconds();
    return (seconds * 1000 + when.getMilliseconds()) / DAY_MS;
  }

  get utcDays() {
    return this.when.getTime() / DAY_MS;
  }

  toString() {
    const { when } = this;
    const day = `${padded(when.getFullYear(), 4)}-${padded(when.getMonth() + 1)}-${padded(when.getDate())}`;
    if (!this.hasTime) return day;
    const clock = [when.getHours(), when.getMinutes(), when.getSeconds()].map((part) => padded(part)).join(":");
    const offset = -when.getTimezoneOffset();
    const ahead = Math.abs(offset);
    const zone = `${offset < 0 ? "-" : "+"}${padded(Math.floor(ahead / 60))}:${padded(ahead % 60)}`;
    return `${day}T${clock}.${padded(when.getMilliseconds(), 3)}${zone}`;
  }
}

/** @param {number} year @param {number} month 1 to 12 @param {number} day @param {number[]} clock */
function local(year, month, day, ...clock) {
  const when = new Date(2000, 0, 1, ...clock);
  when.setFullYear(year, month - 1, day);
  return when;
}

/** Midnight of the day of a moment. @param {Date} when */
export const midnight = (when) => local(when.getFullYear(), when.getMonth() + 1, when.getDate(), 0, 0, 0, 0);

/** The moment that a text names in ISO 8601, or null. @param {string} text @returns {Moment | null} */
export function moment(text) {
  const match = MOMENT.exec(text.trim());
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const millisecond = Number((match[7] ?? "").padEnd(3, "0"));
  const when = local(year, month, day, 0, 0, 0, 0);
  if (year < 1 || when.getMonth() !== month - 1 || when.getDate() !== day) return null;
  if (match[4] === undefined) return new Moment(when);
  if (hour > 23 || minute > 59 || second > 59) return null;
  if (match[8] === undefined) return new Moment(local(year, month, day, hour, minute, second, millisecond), true);
  const utc = new Date(0);
  utc.setUTCFullYear(year, month - 1, day);
  utc.setUTCHours(hour, minute, second, millisecond);
  return new Moment(new Date(utc.getTime() - offsetMs(match[8])), true);
}

/** @param {string} zone `Z`, `+02` or `+02:00` */
function offsetMs(zone) {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(":", "") || 0);
  return (zone[0] === "-" ? -1 : 1) * minutes * 60_000;
}

/** The date, or the wall-clock moment, so many days after 1970-01-01. @param {number} days @param {boolean} hasTime */
export function momentOfDays(days, hasTime) {
  if (!Number.isFinite(days)) return null;
  const whole = hasTime ? Math.floor(days) : Math.trunc(days);
  const day = new Date(whole * DAY_MS);
  const year = day.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) return null;
  const rest = hasTime ? Math.round((days - whole) * DAY_MS) : 0;
  return new Moment(local(year, day.getUTCMonth() + 1, day.getUTCDate(), 0, 0, 0, rest), hasTime);
}

/** XPath's `string()`. @param {Value} value */
export function toText(value) {
  if (Array.isArray(value)) return value.length ? value[0].value : "";
  return typeof value === "number" ? numberText(value) : String(value);
}

/** A number without an exponent. @param {number} value */
export function numberText(value) {
  if (Number.isInteger(value)) return BigInt(value).toString();
  const text = String(value);
  const [mantissa, exponent] = text.split("e");
  if (exponent === undefined) return text;
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "");
  return `${sign}0.${"0".repeat(-Number(exponent) - 1)}${digits}`;
}

/** XPath's `number()`, with dates in days since 1970-01-01. @param {Value} value */
export function toNumber(value) {
  if (typeof value === "number" || typeof value === "boolean") return Number(value);
  if (value instanceof Moment) return value.days;
  const text = toText(value);
  if (NUMBER.test(text)) return Number(text);
  return moment(text)?.days ?? NaN;
}

/** XPath's `boolean()`; a list is true when something in it is answered. @param {Value} value */
export function toBoolean(value) {
  if (Array.isArray(value)) return value.some((node) => node.value !== "");
  if (typeof value === "number") return value !== 0 && !Number.isNaN(value);
  return value instanceof Moment || Boolean(value);
}

/** @param {Value} value @param {string} name of the function @returns {Node[]} */
export function toNodes(value, name) {
  if (!Array.isArray(value)) throw new EvaluationError(`${name}() needs questions, not a single value`);
  return value;
}
