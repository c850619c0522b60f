/**
 * Answers of every kind: read from the page, made clean, written back, put into words. The server cleans them again.
 * @typedef {import("./filling.js").Item} Item
 * @typedef {import("./filling.js").Form} Form
 */
import { numberText } from "./values.js";

/** What was given is no answer; the message is one of the page's words. */
export class Unclean extends Error {}

/** An answer as expressions see it. @param {any} value @param {Item} item @returns {string} */
export function lexical(value, item) {
  if (isPlace(item)) return corners(value).map(([lon, lat]) => `${trimmed(lat)} ${trimmed(lon)} 0 0`).join(";");
  if (item.kind === "image") return "photo.jpg";
  if (Array.isArray(value)) return value.join(" ");
  return typeof value === "number" ? numberText(value) : String(value);
}

/** Whether a question is answered on the map. @param {Item} item */
export const isPlace = (item) => ["geopoint", "geotrace", "geoshape"].includes(item.kind ?? "");

/** The points of a stored place, longitude first; an area repeats its first one at the end. @param {any} value @returns {[number, number][]} */
function corners({ type, coordinates }) {
  return type === "Point" ? [coordinates] : type === "Polygon" ? coordinates[0] : coordinates;
}

/** The points of a place as the page's fields hold them: "latitude longitude" each. @param {any} value @returns {string[]} */
export function pointsOf(value) {
  if (!value) return [];
  const written = corners(value).map(([lon, lat]) => `${lat.toFixed(6)} ${lon.toFixed(6)}`);
  return value.type === "Polygon" ? written.slice(0, -1) : written;
}

/** A line or an area of points, undefined for none. @param {Item} item @param {string[]} points @param {Record<string, string>} words */
function shaped({ kind }, points, words) {
  const isArea = kind === "geoshape";
  const listed = points.map(lonLat);
  if (!listed.length) return undefined;
  if (listed.length < (isArea ? 3 : 2)) throw new Unclean(isArea ? words.areaTooSmall : words.lineTooShort);
  if (!isArea) return { type: "LineString", coordinates: listed };
  const [first] = listed;
  const last = listed[listed.length - 1];
  const closed = String(first) === String(last) && listed.length > 3;
  return { type: "Polygon", coordinates: [closed ? listed : [...listed, first]] };
}

/** @param {string} point */
function lonLat(point) {
  const [latitude, longitude] = point.trim().split(/\s+/).map(Number);
  return [longitude, latitude];
}

/** @param {number} degrees */
const trimmed = (degrees) => degrees.toFixed(6).replace(/\.?0+$/, "");

/** @param {string} text */
const digits = (text) => text.replace(/\s/g, "").replace("−", "-").replace(",", ".");

/**
 * The clean answer of what a page's field holds, undefined for no answer.
 * @param {Item} item @param {string | string[]} given @param {Record<string, string>} words
 * @returns {any}
 */
export function clean(item, given, words) {
  if (Array.isArray(given)) return item.kind === "rank" ? ranked(given, words) : given.length ? given : undefined;
  const text = given.trim();
  if (text === "") return undefined;
  switch (item.kind) {
    case "integer":
      if (!/^-?\d{1,10}$/.test(digits(text))) throw new Unclean(words.integer);
      return Number(digits(text));
    case "decimal":
      if (!/^-?(\d+\.?\d*|\.\d+)$/.test(digits(text))) throw new Unclean(words.decimal);
      return Number(digits(text));
    case "range":
      return onScale(item.points ?? [], Number(digits(text)), words);
    case "geopoint":
      return { type: "Point", coordinates: lonLat(text) };
    case "geotrace":
    case "geoshape":
      return shaped(item, text.split(";").filter((point) => point.trim()), words);
    case "select_multiple":
      return text.split(/\s+/);
    default:
      return text;
  }
}

/** @param {number[]} points @param {number} value @param {Record<string, string>} words */
function onScale(points, value, words) {
  if (points.includes(value)) return value;
  const low = String(Math.min(...points));
  throw new Unclean(words.range.replace("{low}", low).replace("{high}", String(Math.max(...points))));
}

/** `option:place` of every option → options in order. @param {string[]} pairs @param {Record<string, string>} words */
function ranked(pairs, words) {
  const placed = pairs.map((pair) => {
    const at = pair.lastIndexOf(":");
    return { option: pair.slice(0, at), place: pair.slice(at + 1) };
  });
  const chosen = placed.filter(({ place }) => place);
  if (!chosen.length) return undefined;
  const places = new Set(chosen.map(({ place }) => place));
  if (chosen.length < placed.length || places.size < chosen.length) throw new Unclean(words.rank);
  return chosen.sort((a, b) => Number(a.place) - Number(b.place)).map(({ option }) => option);
}

/** Fields of the question in a screen; fields of the page itself are hidden or begin with "page:". @param {ParentNode} screen */
const fields = (screen) =>
  /** @type {(HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement)[]} */ ([
    ...screen.querySelectorAll("input[name], select[name], textarea[name]"),
  ]).filter((field) => field.name !== "csrfmiddlewaretoken" && !field.name.startsWith("page:"));

/** @param {Element} field @returns {field is HTMLInputElement} */
const isTick = (field) => field instanceof HTMLInputElement && ["radio", "checkbox"].includes(field.type);

/** What the person typed or chose. @param {ParentNode} screen @param {Item} item @returns {string | string[]} */
export function given(screen, item) {
  const values = fields(screen)
    .filter((field) => !isTick(field) || field.checked)
    .map((field) => field.value);
  return ["select_multiple", "rank"].includes(item.kind ?? "") ? values : (values[0] ?? "");
}

/** Show a stored answer in its screen. @param {ParentNode} screen @param {Item} item @param {any} value */
export function show(screen, item, value) {
  const text = value === undefined ? "" : isPlace(item) ? pointsOf(value).join(";") : lexical(value, item);
  const several = Array.isArray(value) ? value : [text];
  for (const field of fields(screen)) {
    if (item.kind === "image") continue;
    if (item.kind === "rank") {
      const option = field.value.slice(0, field.value.lastIndexOf(":"));
      if (several.includes(option)) field.value = `${option}:${several.indexOf(option) + 1}`;
    } else if (isTick(field)) {
      field.checked = several.includes(field.value);
    } else {
      field.value = text;
    }
  }
}

/**
 * An answer in the reader's words. `places` says what chosen points are called.
 * @param {any} value @param {Item} item @param {Form} form @param {Record<string, string>} words @param {Record<string, string>} [places]
 */
export function inWords(value, item, form, words, places = {}) {
  if (value === undefined) return "";
  if (isPlace(item)) return pointsOf(value).map((point) => places[point] ?? point.replace(" ", ", ")).join(" → ");
  const label = (/** @type {string} */ name) => form.choices[item.list ?? ""]?.find((choice) => choice.name === name)?.label ?? name;
  switch (item.kind) {
    case "select_one":
      return label(value);
    case "select_multiple":
      return value.map(label).join(", ");
    case "rank":
      return value.map((/** @type {string} */ name, /** @type {number} */ place) => `${place + 1}. ${label(name)}`).join(", ");
    case "image":
      return words.aPhoto;
    case "acknowledge":
      return words.yes;
    default:
      return lexical(value, item);
  }
}
