/** The answers of one response as a tree, and the ways to walk it: `tree.py` and `axes.py` of the server. */

/** One element: a group with children, or a question with text. */
export class Node {
  /** @type {Node[]} */
  children = [];
  order = 0;

  /** @param {string} name @param {string} [text] @param {Node | null} [parent] */
  constructor(name, text = "", parent = null) {
    this.name = name;
    this.text = text;
    this.parent = parent;
    parent?.children.push(this);
  }

  /** A leaf's text, or all texts below in order. @returns {string} */
  get value() {
    return this.children.length ? this.descendants().map((node) => node.text).join("") : this.text;
  }

  /** @returns {Node[]} */
  descendants() {
    return this.children.flatMap((child) => [child, ...child.descendants()]);
  }

  /** Nearest first. @returns {Node[]} */
  ancestors() {
    /** @type {Node[]} */
    const found = [];
    for (let node = this.parent; node; node = node.parent) found.push(node);
    return found;
  }

  /** Names from below the root element down to here. @returns {string[]} */
  get path() {
    return [this, ...this.ancestors()].map((node) => node.name).slice(0, -2).reverse();
  }
}

/** Number the nodes of a document in order. @param {Node} document */
export function number(document) {
  [document, ...document.descendants()].forEach((node, place) => (node.order = place));
}

/** @param {Node} node @param {1 | -1} direction nearest first */
function siblings(node, direction) {
  const all = node.parent?.children ?? [node];
  const place = all.indexOf(node);
  return direction > 0 ? all.slice(place + 1) : all.slice(0, place).reverse();
}

/** @param {Node} node @param {1 | -1} direction */
const beyond = (node, direction) =>
  [node, ...node.ancestors()].flatMap((above) =>
    siblings(above, direction).flatMap((sibling) => {
      const inside = [sibling, ...sibling.descendants()];
      return direction > 0 ? inside : inside.reverse();
    }),
  );

/** @type {Record<string, (node: Node) => Node[]>} */
export const AXES = {
  ancestor: (node) => node.ancestors(),
  "ancestor-or-self": (node) => [node, ...node.ancestors()],
  attribute: () => [],
  child: (node) => node.children,
  descendant: (node) => node.descendants(),
  "descendant-or-self": (node) => [node, ...node.descendants()],
  following: (node) => beyond(node, 1),
  "following-sibling": (node) => siblings(node, 1),
  parent: (node) => (node.parent ? [node.parent] : []),
  preceding: (node) => beyond(node, -1),
  "preceding-sibling": (node) => siblings(node, -1),
  self: (node) => [node],
};

/** Whether a node passes a node test. @param {Node} node @param {string} test */
export function matches(node, test) {
  if (test === "node()") return true;
  if (test === "*") return node.parent !== null;
  if (test === "text()") return !node.children.length && node.text !== "";
  return node.name === test;
}
