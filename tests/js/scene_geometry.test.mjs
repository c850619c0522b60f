import assert from "node:assert/strict";
import { test } from "node:test";
import { rgb } from "../../static_src/scene/colours.js";
import { edgesOf } from "../../static_src/scene/edges.js";
import { readTable } from "../../static_src/scene/features.js";

/** A box without a floor: corners 0–3 at the ground, 4–7 at the roof. */
const BOX = [0, 0, 0, 9, 0, 0, 9, 0, 9, 0, 0, 9, 0, 5, 0, 9, 5, 0, 9, 5, 9, 0, 5, 9];
const FACES = [0, 1, 5, 0, 5, 4, 1, 2, 6, 1, 6, 5, 2, 3, 7, 2, 7, 6, 3, 0, 4, 3, 4, 7, 4, 5, 6, 4, 6, 7];

const pairs = (edges) => Array.from({ length: edges.length / 2 }, (_, n) => `${edges[2 * n]}-${edges[2 * n + 1]}`).sort();

test("a box is drawn with its four uprights and its roof, without diagonals and without the line on the ground", () => {
  const edges = edgesOf(BOX, FACES, { ground: 0 });
  assert.deepEqual(pairs(edges), ["0-4", "1-5", "2-6", "3-7", "4-5", "4-7", "5-6", "6-7"]);
});

test("the line on the ground is there when it is asked for", () => {
  assert.equal(edgesOf(BOX, FACES).length / 2, 12);
});

test("padded vertices are read by their stride", () => {
  const padded = Array.from({ length: 8 }, (_, n) => [...BOX.slice(3 * n, 3 * n + 3), 77]).flat();
  assert.equal(edgesOf(padded, FACES, { stride: 4, ground: 0 }).length / 2, 8);
});

test("colours of computed styles become numbers from 0 to 1", () => {
  assert.deepEqual(rgb("rgb(51, 102, 255)"), [0.2, 0.4, 1]);
  assert.deepEqual(rgb("rgba(0, 255, 0, 0.5)"), [0, 1, 0]);
  assert.deepEqual(rgb("color(srgb 0.5 0.25 1e-2)"), [0.5, 0.25, 0.01]);
});

test("a row of a property table is read as it was written", async () => {
  const text = new TextEncoder().encode("way/1way/22");
  const views = [text.buffer, new Uint32Array([0, 5, 11]).buffer, new Uint8Array([0, 2]).buffer,
    new Float32Array([21.5, 0]).buffer, new TextEncoder().encode("Pitkäsilta").buffer, new Uint8Array([0, 0, 11]).buffer];
  const table = await readTable({ count: 2, properties: {
    id: { values: 0, stringOffsets: 1 },
    kind: { values: 2 },
    height: { values: 3 },
    name: { values: 4, stringOffsets: 5, stringOffsetType: "UINT8" },
  } }, async (view) => views[view]);
  assert.deepEqual(table.at(0), { id: "way/1", name: "", kind: "building", height: 21.5, heightSource: "" });
  assert.deepEqual(table.at(1), { id: "way/22", name: "Pitkäsilta", kind: "bridge", height: 0, heightSource: "" });
});
