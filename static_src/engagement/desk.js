/**
 * Keys of the moderation queue: A approve, R reject, E publish with words blanked, L merge, each with its panel; 1–9 choose
 * in the open panel, Enter sends it; J and K next and previous, U undo, X tick for a decision on several.
 */
/**
 * The key that a press stands for, or "" where typing must not be disturbed.
 * @param {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, isComposing?: boolean, target: EventTarget | null}} press
 */
export function keyOf(press) {
  if (press.ctrlKey || press.metaKey || press.altKey || press.isComposing) return "";
  const field = /** @type {{tagName?: string, type?: string, isContentEditable?: boolean} | null} */ (press.target);
  const choosing = field?.tagName === "INPUT" && field.type === "radio";
  if (!choosing && (field?.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(field?.tagName ?? ""))) return "";
  return press.key.length === 1 ? press.key.toLowerCase() : press.key;
}

/** @param {Document} page */
export function listen(page) {
  page.addEventListener("keydown", (press) => {
    const key = keyOf(press);
    const wanted = key && key !== "Enter" ? reachable(page, key) : null;
    if (wanted) act(page, wanted, press);
    else if (key === "Enter") send(page, press);
  });
}

/**
 * What a key stands for now: choices of a closed panel are out of reach.
 * @param {Document} page @param {string} key @returns {HTMLElement | null}
 */
function reachable(page, key) {
  const found = /** @type {HTMLElement[]} */ ([...page.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)]);
  return found.find((each) => each.tagName === "SUMMARY" || (panelOf(each)?.open ?? true)) ?? null;
}

/** @param {Element} element @returns {HTMLDetailsElement | null} */
const panelOf = (element) => element.closest("details[data-panel]");

/** @param {Document} page @param {HTMLElement} wanted @param {KeyboardEvent} press */
function act(page, wanted, press) {
  press.preventDefault();
  const panel = panelOf(wanted);
  if (panel && wanted.tagName === "SUMMARY") openPanel(page, panel);
  else if (wanted instanceof HTMLInputElement && wanted.type === "radio") choose(page, wanted);
  else wanted.click();
}

/** @param {Document} page @param {HTMLDetailsElement} panel */
function openPanel(page, panel) {
  for (const other of page.querySelectorAll("details[data-panel]")) /** @type {HTMLDetailsElement} */ (other).open = other === panel;
  /** @type {HTMLElement | null} */ (panel.querySelector("input[type=radio]") ?? panel.querySelector("[data-send]"))?.focus();
}

/**
 * Choose; a ground brings its ready sentence unless the officer wrote one.
 * @param {Document} page @param {HTMLInputElement} chosen
 */
function choose(page, chosen) {
  const reason = /** @type {HTMLTextAreaElement | null} */ (page.getElementById("reason"));
  const ready = [...page.querySelectorAll("[data-canned]")].map((each) => /** @type {HTMLElement} */ (each).dataset.canned);
  const canned = chosen.dataset.canned;
  if (reason && canned && (!reason.value.trim() || ready.includes(reason.value))) reason.value = canned;
  chosen.checked = true;
  chosen.focus();
}

/** Enter on a chosen radio sends its panel. @param {Document} page @param {KeyboardEvent} press */
function send(page, press) {
  const chosen = page.activeElement?.matches("[data-panel] input[type=radio]:checked") ? page.activeElement : null;
  if (!chosen) return;
  press.preventDefault();
  /** @type {HTMLButtonElement | null | undefined} */ (panelOf(chosen)?.querySelector("[data-send]"))?.click();
}
