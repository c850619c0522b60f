/** Small steps on the page. */

/** @template {Element} [T=HTMLElement] @param {ParentNode} within @param {string} selector @returns {T} */
export const one = (within, selector) => /** @type {T} */ (/** @type {unknown} */ (within.querySelector(selector)));

/** @template {Element} [T=HTMLElement] @param {ParentNode} within @param {string} selector @returns {T[]} */
export const all = (within, selector) => /** @type {T[]} */ (/** @type {unknown} */ ([...within.querySelectorAll(selector)]));

/** A fresh copy of what a template holds. @param {ParentNode} within @param {string} selector @returns {HTMLElement} */
export function copy(within, selector) {
  const template = /** @type {HTMLTemplateElement} */ (one(within, `template${selector}`));
  return /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
}

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {Partial<HTMLElementTagNameMap[T]>} [properties] @returns {HTMLElementTagNameMap[T]} */
export const made = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

/** @param {ParentNode} within @param {string} selector @param {() => void} does */
export const onClick = (within, selector, does) => within.querySelector(selector)?.addEventListener("click", does);
