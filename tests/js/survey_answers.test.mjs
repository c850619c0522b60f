import assert from "node:assert/strict";
import { test } from "node:test";
import { Unclean, clean, inWords, lexical } from "../../static_src/survey/answers.js";

const words = { integer: "whole!", decimal: "number!", range: "{low} to {high}!", rank: "places!", aPhoto: "a photo", yes: "yes" };
const form = { choices: { l: [{ name: "a", label: "Apple" }, { name: "b", label: "Bread" }] } };

test("what is typed becomes the answer that the server stores", () => {
  const cases = [
    [{ kind: "text" }, "  hello ", "hello"],
    [{ kind: "integer" }, "1 200", 1200],
    [{ kind: "decimal" }, "2,5", 2.5],
    [{ kind: "range", points: [1, 2, 3] }, "2", 2],
    [{ kind: "date" }, "2026-11-22", "2026-11-22"],
    [{ kind: "select_one" }, "a", "a"],
    [{ kind: "select_multiple" }, ["a", "b"], ["a", "b"]],
    [{ kind: "select_multiple" }, [], undefined],
    [{ kind: "rank" }, ["a:2", "b:1"], ["b", "a"]],
    [{ kind: "rank" }, ["a:", "b:"], undefined],
    [{ kind: "geopoint" }, "60.174200 24.949000", { type: "Point", coordinates: [24.949, 60.1742] }],
    [{ kind: "acknowledge" }, "OK", "OK"],
    [{ kind: "text" }, " ", undefined],
  ];
  for (const [item, given, expected] of cases) assert.deepEqual(clean(item, given, words), expected, `${item.kind} ${given}`);
});

test("what is no answer is told in the page's words", () => {
  const cases = [
    [{ kind: "integer" }, "many", "whole!"],
    [{ kind: "integer" }, "2.5", "whole!"],
    [{ kind: "decimal" }, "1,2,3", "number!"],
    [{ kind: "range", points: [1, 2, 3, 4, 5] }, "9", "1 to 5!"],
    [{ kind: "rank" }, ["a:1", "b:1"], "places!"],
    [{ kind: "rank" }, ["a:1", "b:"], "places!"],
  ];
  for (const [item, given, told] of cases) {
    assert.throws(() => clean(item, given, words), (error) => error instanceof Unclean && error.message === told);
  }
});

test("expressions see answers as the server writes them", () => {
  assert.equal(lexical({ type: "Point", coordinates: [24.949, 60.1742] }, { kind: "geopoint" }), "60.1742 24.949 0 0");
  assert.equal(lexical({ type: "Point", coordinates: [20, 60] }, { kind: "geopoint" }), "60 20 0 0");
  assert.equal(lexical(["a", "b"], { kind: "select_multiple" }), "a b");
  assert.equal(lexical(4.5, { kind: "range" }), "4.5");
});

test("answers are shown in words", () => {
  assert.equal(inWords(["a", "b"], { kind: "select_multiple", list: "l" }, form, words), "Apple, Bread");
  assert.equal(inWords(["b", "a"], { kind: "rank", list: "l" }, form, words), "1. Bread, 2. Apple");
  assert.equal(inWords("a", { kind: "select_one", list: "l" }, form, words), "Apple");
  assert.equal(inWords(undefined, { kind: "text" }, form, words), "");
});
