import assert from "node:assert/strict";
import { test } from "node:test";
import { codeIn, openFromFragment } from "../../static_src/engagement/receipt.js";

const CODE = "K7-2M-9X-4Q-A0-B1-C2-D3";

test("a code is read from the fragment, with or without a name", () => {
  assert.equal(codeIn(`#code=${CODE}`), CODE);
  assert.equal(codeIn(`#${CODE}`), CODE);
  assert.equal(codeIn("#main"), "");
  assert.equal(codeIn(""), "");
});

test("the code moves into the form and out of address and history before it is sent", () => {
  const field = { value: "" };
  const steps = [];
  const form = { elements: { namedItem: () => field }, submit: () => steps.push("sent") };
  const page = { querySelector: () => form };
  const history = { replaceState: (_state, _title, path) => steps.push(`address ${path}`) };
  assert.ok(openFromFragment(page, { hash: `#code=${CODE}`, pathname: "/r/" }, history));
  assert.equal(field.value, CODE);
  assert.deepEqual(steps, ["address /r/", "sent"]);
});

test("without a code nothing is sent", () => {
  const form = { elements: {}, submit: () => assert.fail("sent") };
  assert.equal(openFromFragment({ querySelector: () => form }, { hash: "", pathname: "/r/" }, {}), false);
});
