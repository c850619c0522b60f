/**
 * Where answers are looked up: in the whole response, or in one turn of a repeated group.
 * @typedef {import("./filling.js").Item} Item
 * @typedef {import("./filling.js").Scope} Scope
 * @typedef {import("./filling.js").Slot} Slot
 */

/** Ends the key of the place after the last turn, where one can add another. */
export const MORE = ":more";

/** A path as it is written inside a scope. @param {Scope} scope @param {string} path */
export const below = (scope, path) => (scope.path ? path.slice(scope.path.length + 1) : path);

/** @param {Scope} scope @param {string} local */
export const full = (scope, local) => (scope.key ? `${scope.key}/${local}` : local);

/** Answers whose turns can be changed without changing the original's. @param {Record<string, any>} answers @returns {Record<string, any>} */
export const copied = (answers) =>
  Object.fromEntries(
    Object.entries(answers).map(([name, value]) => {
      const turns = Array.isArray(value) && value.every((turn) => turn && typeof turn === "object" && !Array.isArray(turn));
      return [name, turns ? value.map(copied) : value];
    }),
  );

/** @param {Item} item */
export const nameOf = (item) => /** @type {string} */ (item.path.split("/").pop());

/** Whether a screen lists the turns of a repeated group and offers another one. @param {Slot} slot */
export const isHub = (slot) => slot.key.endsWith(MORE);

/** The clean answer of a question, undefined for none. @param {Slot} slot */
export const valueOf = ({ scope, item }) => scope.answers[below(scope, item.path)];

/** The scope of what stands inside a group's slot. @param {Slot} slot @returns {Scope} */
export function inner(slot) {
  if (!slot.item.repeats) return slot.scope;
  const place = Number(slot.key.split("/").pop());
  return { answers: slot.scope.answers[below(slot.scope, slot.item.path)][place - 1], path: slot.item.path, key: slot.key };
}

/** The turn of a repeated group that a slot stands in. @param {Slot} slot @returns {Slot | null} */
export function turnAround(slot) {
  let holder = slot.parent;
  while (holder && !holder.item.repeats) holder = holder.parent;
  return holder;
}

/** The map into which a slot's answer goes, making the turns above it as needed. @param {Record<string, any>} kept @param {Slot} slot @returns {Record<string, any>} */
export function placed(kept, slot) {
  const turn = turnAround(slot);
  if (!turn) return kept;
  const listed = (placed(kept, turn)[below(turn.scope, turn.item.path)] ??= []);
  const place = Number(turn.key.split("/").pop());
  while (listed.length < place) listed.push({});
  return listed[place - 1];
}
