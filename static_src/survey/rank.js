/** Putting options in order with two buttons each: no dragging. The number fields stay what is sent. */
import { all, made, one } from "./dom.js";

/**
 * @param {HTMLElement} screen @param {Record<string, string>} words @param {() => void} onChange
 */
export function offerButtons(screen, words, onChange) {
  const box = one(screen, "[data-rank]");
  const said = made("p", { className: "visually-hidden" });
  said.setAttribute("role", "status");
  const rows = all(box, ".ranked").map((label) => {
    const field = /** @type {HTMLSelectElement} */ (one(label, "select"));
    const name = one(label, "[data-name]").textContent ?? "";
    const row = made("div", { className: "choice ranked moves" });
    const place = made("strong", { className: "number" });
    row.append(place, ...[...label.children].filter((part) => part !== field), field);
    field.hidden = true;
    for (const [direction, sign, word] of /** @type {[number, string, string][]} */ ([[-1, "↑", words.up], [1, "↓", words.down]])) {
      const button = made("button", { type: "button", className: "button plain", textContent: sign, ariaLabel: `${word}: ${name}` });
      button.setAttribute("aria-label", `${word}: ${name}`);
      button.addEventListener("click", () => move(row, direction));
      row.append(button);
    }
    return { row, field, place, name };
  });
  const order = () => [...box.children].map((row) => /** @type {typeof rows[0]} */ (rows.find((one) => one.row === row)));
  const placeOf = (/** @type {HTMLSelectElement} */ field) => Number(field.value.split(":").pop()) || Infinity;
  const agree = made("button", { type: "button", className: "button quiet", textContent: words.orderIsRight });

  const number = () => {
    order().forEach(({ field, place }, at) => {
      field.selectedIndex = at + 1;
      place.textContent = `${at + 1}.`;
    });
    agree.hidden = true;
    onChange();
  };
  const move = (/** @type {HTMLElement} */ row, /** @type {number} */ direction) => {
    const other = direction < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (other) direction < 0 ? other.before(row) : other.after(row);
    number();
    const at = [...box.children].indexOf(row);
    said.textContent = words.movedTo.replace("{name}", order()[at].name).replace("{n}", String(at + 1));
    /** @type {HTMLElement} */ (row.querySelectorAll("button")[direction < 0 ? 0 : 1]).focus();
  };

  const ranked = rows.every(({ field }) => placeOf(field) < Infinity);
  const sorted = [...rows].sort((a, b) => placeOf(a.field) - placeOf(b.field) || 0);
  box.replaceChildren(...(ranked ? sorted : rows).map(({ row }) => row));
  if (ranked) order().forEach(({ place }, at) => (place.textContent = `${at + 1}.`));
  else box.after(agree);
  agree.addEventListener("click", number);
  box.after(said);
}
