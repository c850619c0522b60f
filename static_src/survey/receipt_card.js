/** The receipt on the phone: its code, what became of the sending, and ways to keep it. */
import { copy, one, onClick } from "./dom.js";

/**
 * @param {HTMLElement} root @param {import("./outbox.js").Outbox} outbox @param {Record<string, string>} words
 * @param {{id: string, code: string}} draft
 */
export function receiptCard(root, outbox, words, { id, code }) {
  const card = copy(root, "[data-thanks]");
  one(card, "[data-code]").textContent = code;
  /** @type {HTMLInputElement} */ (one(card, "[name=code]")).value = code;
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (card.querySelectorAll("[data-keep]"))) {
    link.href = link.href.replace("CODE", code);
  }
  const state = one(card, "[data-state]");
  state.textContent = words.waiting;
  outbox.addEventListener("change", (event) => {
    const parcel = /** @type {CustomEvent<import("./journal.js").Parcel>} */ (event).detail;
    if (parcel?.id === id) state.textContent = words[parcel.state].replace("{reason}", parcel.told);
  });
  offerPrinting(card);
  return card;
}

/** Printing and copying the receipt code, where a browser can. @param {ParentNode} card */
export function offerPrinting(card) {
  const buttons = { print: () => window.print(), copy: () => void navigator.clipboard.writeText(one(card, "[data-code]").textContent ?? "") };
  for (const [name, does] of Object.entries(buttons)) {
    const button = card.querySelector(`[data-go=${name}]`);
    if (!button || (name === "copy" && !navigator.clipboard)) continue;
    /** @type {HTMLElement} */ (button).hidden = false;
    onClick(card, `[data-go=${name}]`, does);
  }
}
