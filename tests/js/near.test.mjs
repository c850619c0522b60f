import assert from "node:assert/strict";
import { test } from "node:test";
import { kilometres, nearestFirst } from "../../static_src/engagement/near.js";

test("a degree of latitude is 111 km, one of longitude at 60° north half of it", () => {
  assert.equal(Math.round(kilometres(25, 60, 25, 61)), 111);
  assert.equal(Math.round(kilometres(25, 60, 26, 60)), 56);
});

test("the nearest comes first and what has no place last", () => {
  const entry = (name, lon, lat) => ({ name, dataset: lon ? { lon: String(lon), lat: String(lat) } : {} });
  const list = [entry("nowhere"), entry("far", 26, 61), entry("near", 24.95, 60.17)];
  assert.deepEqual(nearestFirst(list, 24.94, 60.17).map(({ name }) => name), ["near", "far", "nowhere"]);
});
