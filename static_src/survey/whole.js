/** All questions on one page; what follows from an answer appears, what no longer applies goes. */
import { copy, made, one, onClick } from "./dom.js";
import { isHub } from "./scopes.js";
import { QuestionScreen } from "./screen.js";

/**
 * @typedef {import("./filling.js").Slot} Slot
 * @typedef {{box: HTMLElement, screen: QuestionScreen | null}} Part
 */

/**
 * @param {import("./screen.js").Host} host
 * @param {{single: () => void, onward: () => void, turns: (hub: Slot) => HTMLElement}} does
 */
export function wholeScreen(host, { single, onward, turns }) {
  const frame = /** @type {HTMLFormElement} */ (copy(host.root, "[data-whole]"));
  const list = one(frame, "[data-list]");
  /** @type {Map<string, Part>} */
  const parts = new Map();

  const part = (/** @type {Slot} */ slot) => {
    const known = parts.get(slot.key);
    if (known) return known;
    const screen = isHub(slot) ? null : new QuestionScreen(host, slot);
    const box = made("section", { className: "card stack" });
    box.append(screen ? screen.element : turns(slot));
    for (const heading of box.querySelectorAll("h1")) {
      const lower = made("h2", { className: heading.className });
      lower.append(...heading.childNodes);
      heading.replaceWith(lower);
    }
    const fresh = { box, screen };
    parts.set(slot.key, fresh);
    return fresh;
  };
  const draw = () => {
    const shown = host.filling().screens();
    for (const key of [...parts.keys()]) if (!shown.some((slot) => slot.key === key)) parts.delete(key);
    const boxes = shown.map((slot) => part(slot).box);
    // What stays is not touched, so that nobody loses the place where they are typing.
    for (const box of [...list.children]) if (!boxes.includes(/** @type {HTMLElement} */ (box))) box.remove();
    boxes.forEach((box, at) => list.children[at] !== box && list.insertBefore(box, list.children[at] ?? null));
  };

  draw();
  frame.addEventListener("change", draw);
  frame.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = [...parts.values()].filter(({ screen }) => screen?.check());
    if (!wrong.length) return onward();
    const [{ box }] = wrong;
    box.scrollIntoView();
    return /** @type {HTMLElement | null} */ (box.querySelector("input, textarea, select, button"))?.focus();
  });
  onClick(frame, "[data-go=single]", single);
  return frame;
}
