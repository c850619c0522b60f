/** The last look before sending, and the screen that lists the turns of a repeated group. */
import { inWords } from "./answers.js";
import { copy, one } from "./dom.js";
import { isHub, turnAround, valueOf } from "./scopes.js";

/**
 * @typedef {import("./screen.js").Host} Host
 * @typedef {import("./filling.js").Slot} Slot
 */

/** What a question or a list of turns is called. @param {Host} host @param {Slot} slot */
export function titleOf(host, slot) {
  const label = host.filling().textOf(slot.item.label ?? slot.key, slot);
  const turn = turnAround(slot);
  return turn ? `${turn.item.label ?? ""} ${turn.key.split("/").pop()}: ${label}` : label;
}

/** @param {Host} host @param {Slot} slot */
function answerOf(host, slot) {
  if (isHub(slot)) return String(host.filling().turns(slot).length);
  return inWords(valueOf(slot), slot.item, host.form, host.words, host.places) || host.words.noAnswer;
}

/**
 * @param {Host} host @param {{problem: string, go: (key: string) => void, back: () => void, send: () => void}} does
 */
export function reviewScreen(host, { problem, go, back, send }) {
  const { root, words } = host;
  const errors = host.filling().errors(words);
  const frame = copy(root, "[data-review]");
  const asked = host.filling().screens().filter((slot) => slot.item.asks || isHub(slot));
  one(frame, "[data-rows]").append(
    ...asked.map((slot) => {
      const row = copy(root, "[data-review-row]");
      const title = titleOf(host, slot);
      one(row, "dt").textContent = title;
      one(row, "bdi").textContent = errors[slot.key] ?? answerOf(host, slot);
      one(row, "bdi").classList.toggle("bad", slot.key in errors);
      const change = one(row, "button");
      change.setAttribute("aria-label", `${change.textContent}: ${title}`);
      change.addEventListener("click", () => go(slot.key));
      return row;
    }),
  );
  one(frame, "[data-problem]").hidden = !problem;
  one(frame, "[data-problem]").textContent = problem;
  one(frame, "[data-go=back]").addEventListener("click", back);
  frame.addEventListener("submit", (event) => {
    event.preventDefault();
    const [first] = Object.keys(errors);
    if (first) go(first);
    else send();
  });
  return frame;
}

/**
 * The turns of a repeated group: another one, change, remove, put back.
 * @param {Host} host @param {Slot} hub
 * @param {{go: (key: string) => void, change: (turns: Record<string, any>[], to: string) => void, removed: {place: number, turn: Record<string, any>} | null, remove: (removed: {place: number, turn: Record<string, any>} | null) => void}} does
 */
export function turnsScreen(host, hub, { go, change, removed, remove }) {
  const { root, words } = host;
  const filling = host.filling();
  const base = hub.key.replace(/:more$/, "");
  const turns = filling.turns(hub);
  const box = copy(root, "[data-turns]");
  one(box, "h1").textContent = titleOf(host, hub);
  one(box, "[data-none]").hidden = turns.length > 0;
  one(box, "[data-list]").append(
    ...turns.map((_, at) => {
      const row = copy(root, "[data-turns-row]");
      const inside = filling.screens().filter((slot) => slot.key.startsWith(`${base}/${at + 1}/`));
      const told = inside.map((slot) => (isHub(slot) ? "" : inWords(valueOf(slot), slot.item, host.form, words, host.places)));
      one(row, "[data-number]").textContent = String(at + 1);
      one(row, "bdi").textContent = told.filter(Boolean).join(" · ") || "–";
      for (const button of row.querySelectorAll("button")) button.setAttribute("aria-label", `${button.textContent} ${at + 1}`);
      one(row, "[data-go=change]").addEventListener("click", () => go(inside[0]?.key ?? hub.key));
      one(row, "[data-go=remove]").addEventListener("click", () => {
        remove({ place: at, turn: turns[at] });
        change(turns.filter((_turn, place) => place !== at), hub.key);
      });
      return row;
    }),
  );
  one(box, "[data-removed]").hidden = !removed;
  one(box, "[data-go=undo]").addEventListener("click", () => {
    if (!removed) return;
    remove(null);
    change([...turns.slice(0, removed.place), removed.turn, ...turns.slice(removed.place)], hub.key);
  });
  one(box, "[data-go=add]").addEventListener("click", () => {
    remove(null);
    change([...turns, {}], `${base}/${turns.length + 1}/`);
  });
  return box;
}
