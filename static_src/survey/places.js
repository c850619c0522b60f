/**
 * Places written as OpenRosa does: `surveys/expressions/functions/places.py`.
 * @typedef {[number, number]} Point latitude and longitude, degrees
 * @typedef {import("./values.js").Value} Value
 */
import { toText } from "./values.js";

const EARTH_RADIUS_M = 6_378_100;
/** @param {number} degrees */
const radians = (degrees) => degrees * (Math.PI / 180);
/** @param {number} value */
const twoDecimals = (value) => Math.floor(value * 100 + 0.5) / 100;

/** @param {string} text @returns {Point | null} */
function point(text) {
  const [latitude, longitude, ...rest] = text.trim().split(/\s+/).map(Number);
  const fits = [latitude, longitude, ...rest].every((part) => !Number.isNaN(part));
  return fits && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? [latitude, longitude] : null;
}

/** All points in order; null if one is no place on Earth. @param {Value[]} values @returns {Point[] | null} */
function points(values) {
  const written = values.map(toText).join(";").split(";");
  if (!written[written.length - 1].trim()) written.pop();
  const found = written.map(point).flatMap((place) => (place ? [place] : []));
  return found.length && found.length === written.length ? found : null;
}

/** @template T @param {T[]} listed @returns {[T, T][]} */
const pairs = (listed) => listed.slice(1).map((entry, place) => [listed[place], entry]);

/** Square metres inside a shape. @param {Value[]} values */
export function area(values) {
  const shape = points(values);
  if (!shape) return NaN;
  if (shape.length < 3) return 0;
  const total = pairs([...shape, shape[0]]).reduce((sum, [start, end]) => {
    return sum + radians(end[1] - start[1]) * (2 + Math.sin(radians(start[0])) + Math.sin(radians(end[0])));
  }, 0);
  return twoDecimals(Math.abs((total * EARTH_RADIUS_M ** 2) / 2));
}

/** Metres along the points. @param {Value[]} values */
export function distance(values) {
  const line = points(values);
  if (!line || line.length < 2) return NaN;
  return twoDecimals(
    pairs(line).reduce((sum, [start, end]) => {
      const [latitude, longitude, otherLatitude, otherLongitude] = [...start, ...end].map(radians);
      const half =
        Math.sin((otherLatitude - latitude) / 2) ** 2 +
        Math.cos(latitude) * Math.cos(otherLatitude) * Math.sin((otherLongitude - longitude) / 2) ** 2;
      return sum + 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(Math.min(1, half)));
    }, 0),
  );
}

/** Whether a point lies inside a shape (even–odd rule). @param {Value[]} place @param {Value[]} shape */
export function geofence(place, shape) {
  const [found, corners] = [points(place), points(shape)];
  if (!found || !corners || found.length !== 1) return false;
  const [latitude, longitude] = found[0];
  return pairs([...corners, corners[0]]).reduce((inside, [[south, west], [north, east]]) => {
    if (south > latitude === north > latitude) return inside;
    return longitude < west + ((latitude - south) / (north - south)) * (east - west) ? !inside : inside;
  }, false);
}

/** Whether a line or a shape crosses itself. @param {Value[]} values */
export function intersects(values) {
  const lines = pairs(points(values) ?? []).filter(([start, end]) => String(start) !== String(end));
  const final = lines.length - 1;
  const closed = lines.length > 2 && String(lines[0][0]) === String(lines[final][1]);
  return lines.some((line, place) =>
    lines.some((other, at) => at >= place + 2 && !(closed && place === 0 && at === final) && cross(line, other)),
  );
}

/** @param {[Point, Point]} line @param {[Point, Point]} other */
function cross([start, end], [other, otherEnd]) {
  const sides = [side(start, end, other), side(start, end, otherEnd)];
  const others = [side(other, otherEnd, start), side(other, otherEnd, end)];
  if (sides[0] * sides[1] < 0 && others[0] * others[1] < 0) return true;
  return (
    (sides[0] === 0 && between(other, start, end)) ||
    (sides[1] === 0 && between(otherEnd, start, end)) ||
    (others[0] === 0 && between(start, other, otherEnd)) ||
    (others[1] === 0 && between(end, other, otherEnd))
  );
}

/** @param {Point} start @param {Point} end @param {Point} place */
const side = (start, end, place) =>
  (end[0] - start[0]) * (place[1] - start[1]) - (end[1] - start[1]) * (place[0] - start[0]);

/** @param {Point} place @param {Point} low @param {Point} high */
const between = (place, low, high) =>
  [0, 1].every((axis) => Math.min(low[axis], high[axis]) <= place[axis] && place[axis] <= Math.max(low[axis], high[axis]));
