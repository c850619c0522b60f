import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const vectors = JSON.parse(readFileSync(new URL("../surveys/expression_vectors.json", import.meta.url), "utf8"));
process.env.TZ = vectors.context.zone; // before the first date is made

const { evaluate, FUNCTIONS } = await import("../../static_src/survey/evaluate.js");
await import("../../static_src/survey/functions.js");
const { Node, number } = await import("../../static_src/survey/tree.js");
const { toText, numberText } = await import("../../static_src/survey/values.js");
const digest = await import("../../static_src/survey/digest.js");

function document(root, children) {
  const made = new Node("");
  const grow = (parent, listed) => {
    for (const [name, inside] of listed) {
      const node = new Node(name, typeof inside === "string" ? inside : "", parent);
      if (typeof inside !== "string") grow(node, inside);
    }
  };
  grow(new Node(root, "", made), children);
  number(made);
  return made;
}

const { context } = vectors;
const surroundings = {
  document: document("data", context.data),
  now: new Date(context.now),
  paths: Object.fromEntries(Object.entries(context.paths).map(([name, path]) => [name, path.split("/")])),
  instances: Object.fromEntries(Object.entries(context.instances).map(([name, items]) => [name, document("root", items)])),
  choiceLabel: (path, name) => context.choice_labels[path][name],
  language: context.language,
  version: context.version,
  digest,
};

function nodeAt(path) {
  let node = surroundings.document.children[0];
  const steps = path ? path.split("/") : [];
  while (steps.length) {
    const name = steps.shift();
    const place = /^\d+$/.test(steps[0] ?? "") ? Number(steps.shift()) : 1;
    node = node.children.filter((child) => child.name === name)[place - 1];
  }
  return node;
}

/** As in tests/surveys/vectors.py. */
function check(worth, expected) {
  if (Array.isArray(expected)) return assert.deepEqual(worth.map((node) => node.value), expected);
  if (typeof expected === "boolean") return assert.equal(worth, expected);
  if (expected?.number) return assert.equal(numberText(worth), expected.number);
  if (typeof expected === "number") {
    assert.equal(typeof worth, "number");
    return assert.ok(Math.abs(worth - expected) <= 1e-12 * Math.max(1, Math.abs(expected)), `${worth} is not ${expected}`);
  }
  assert.ok(!["boolean", "number"].includes(typeof worth));
  return assert.equal(toText(worth), expected);
}

for (const { source, tree, node, expected } of vectors.cases) {
  test(`the phone agrees with the server on ${source} at ${node || "the root"}`, () => {
    check(evaluate(tree, nodeAt(node), surroundings), expected);
  });
}

test("the phone knows every function that a vector calls", () => {
  const called = new Set();
  const walk = (tree) => {
    if (!Array.isArray(tree)) return;
    if (tree[0] === "call") called.add(tree[1]);
    tree.forEach(walk);
  };
  vectors.cases.forEach(({ tree }) => walk(tree));
  assert.deepEqual([...called].filter((name) => !FUNCTIONS[name]), []);
  assert.deepEqual(Object.keys(FUNCTIONS).filter((name) => !called.has(name)), []);
});

test("digests are those of the platform, also across block borders", () => {
  const names = { MD5: "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512" };
  for (const [name, platform] of Object.entries(names)) {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 200]) {
      const text = "å".repeat(length);
      assert.equal(digest.digest(text, name, "hex"), createHash(platform).update(text).digest("hex"), `${name} of ${length}`);
    }
  }
});

test("an expression without end is stopped", () => {
  const many = document("data", Array.from({ length: 300 }, (_, place) => ["a", String(place)]));
  const all = ["path", "/", ["descendant-or-self", "node()"]];
  const inner = ["call", "count", [...all, ["child", "a", [">", ["call", "count", [...all, ["child", "a"]]], 0]]]];
  const tree = ["call", "count", [...all, ["child", "a", [">", inner, 0]]]];
  assert.throws(() => evaluate(tree, many.children[0], { ...surroundings, document: many }), /takes too long/);
});
