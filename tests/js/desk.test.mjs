import assert from "node:assert/strict";
import { test } from "node:test";
import { keyOf } from "../../static_src/engagement/desk.js";

const on = (target, key, more = {}) => keyOf({ key, target, ...more });

test("capital and small letters are the same key", () => {
  assert.equal(on({ tagName: "BODY" }, "A"), "a");
  assert.equal(on({ tagName: "BODY" }, "j"), "j");
});

test("typing into a field is left alone", () => {
  for (const tagName of ["TEXTAREA", "SELECT"]) assert.equal(on({ tagName }, "a"), "");
  assert.equal(on({ tagName: "INPUT", type: "text" }, "r"), "");
  assert.equal(on({ tagName: "DIV", isContentEditable: true }, "r"), "");
});

test("keys work while a ground is being chosen, so that R, 2, Enter rejects", () => {
  assert.equal(on({ tagName: "INPUT", type: "radio" }, "2"), "2");
  assert.equal(on({ tagName: "INPUT", type: "radio" }, "Enter"), "Enter");
});

test("the browser's own shortcuts stay the browser's", () => {
  assert.equal(on({ tagName: "BODY" }, "r", { ctrlKey: true }), "");
  assert.equal(on({ tagName: "BODY" }, "a", { metaKey: true }), "");
  assert.equal(on({ tagName: "BODY" }, "a", { isComposing: true }), "");
});
