/** The classes of difference and their words. */
import { NOTHING_SAID, NOT_MODELLED } from "./overlay.js";

/** @import { Words } from "./words.js" */

/** @param {number} change @param {Words} words @returns {string} */
export function classWord(change, words) {
  if (change === NOT_MODELLED) return words.class_not_modelled;
  if (change === NOTHING_SAID) return words.class_nothing_said;
  return words[`class_${change}`];
}
