import assert from "node:assert/strict";
import { test } from "node:test";
import { moveOf } from "../../static_src/scene/camera.js";
import { classWord } from "../../static_src/scene/classes.js";
import { NOTHING_SAID, NOT_MODELLED } from "../../static_src/scene/overlay.js";
import { CODE_NOT_MODELLED, FLAG_CLOSED, FLAG_SELECTED, SlotTexture, codeOf } from "../../static_src/scene/shading.js";
import { nextErrorTarget } from "../../static_src/scene/tiles.js";

test("every class has a code of its own; not modelled is not no change", () => {
  assert.deepEqual([NOTHING_SAID, -2, -1, 0, 1, 2, NOT_MODELLED].map(codeOf), [0, 1, 2, 3, 4, 5, CODE_NOT_MODELLED]);
});

test("every class is said in words", () => {
  const words = { "class_-2": "much less", class_0: "no clear change", class_not_modelled: "not modelled", class_nothing_said: "not part" };
  assert.deepEqual([-2, 0, NOT_MODELLED, NOTHING_SAID].map((change) => classWord(change, words)),
    ["much less", "no clear change", "not modelled", "not part"]);
});

const overlay = { slots: 3, change: (slot) => [-2, NOT_MODELLED, 1][slot], closed: (slot) => slot === 2 };
const texels = (texture, count) => Array.from({ length: count }, (_, slot) => [texture.data[2 * slot], texture.data[2 * slot + 1]]);

test("a comparison is two bytes per feature, and today wipes them", () => {
  const texture = new SlotTexture(3);
  texture.show(overlay);
  assert.deepEqual(texels(texture, 4), [[1, 0], [CODE_NOT_MODELLED, 0], [4, FLAG_CLOSED], [0, 0]]);
  texture.show(null);
  assert.deepEqual(texels(texture, 4), [[0, 0], [0, 0], [0, 0], [0, 0]]);
});

test("what is chosen stays chosen across the switch, in every tile that draws it", () => {
  const texture = new SlotTexture(3);
  texture.select([0, 2]);
  texture.show(overlay);
  assert.deepEqual(texels(texture, 3).map(([, flags]) => flags), [FLAG_SELECTED, 0, FLAG_SELECTED | FLAG_CLOSED]);
  texture.select([1]);
  assert.deepEqual(texels(texture, 3).map(([, flags]) => flags), [0, FLAG_SELECTED, FLAG_CLOSED]);
});

test("when memory runs short tiles get coarser, and finer again with much room", () => {
  const budget = 48 * 2 ** 20;
  assert.equal(nextErrorTarget(12, 0.95 * budget, budget), 18);
  assert.equal(nextErrorTarget(18, 0.6 * budget, budget), 18);
  assert.equal(nextErrorTarget(18, 0.2 * budget, budget), 12);
  assert.equal(nextErrorTarget(12, 0, budget), 12);
  assert.equal(nextErrorTarget(150, budget, budget), 160);
});

test("keys move, with shift they turn; keys of the browser stay the browser's", () => {
  const key = (name, more = {}) => moveOf({ key: name, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more });
  assert.equal(key("ArrowLeft"), "left");
  assert.equal(key("ArrowLeft", { shiftKey: true }), "turnLeft");
  assert.equal(key("+"), "nearer");
  assert.equal(key("-", { ctrlKey: true }), null);
  assert.equal(key("a"), null);
});
