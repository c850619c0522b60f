/** Keys of the moderation queue: A approve, R reject, 1–5 ground, Enter send, J and K next and previous, U undo. */

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
    const wanted = key && key !== "Enter" ? page.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
    if (wanted) act(page, /** @type {HTMLElement} */ (wanted), press);
    else if (key === "Enter" && chosenGround(page)) send(page, press);
  });
}

/** @param {Document} page @param {HTMLElement} wanted @param {KeyboardEvent} press */
function act(page, wanted, press) {
  const inside = wanted.closest("details[data-reject]");
  const isSummary = wanted.tagName === "SUMMARY";
  if (inside && !isSummary && !(/** @type {HTMLDetailsElement} */ (inside).open)) return; // 1–5 only after R
  press.preventDefault();
  if (isSummary) openReject(/** @type {HTMLDetailsElement} */ (inside));
  else if (wanted instanceof HTMLInputElement) choose(page, wanted);
  else wanted.click();
}

/** @param {HTMLDetailsElement} details */
function openReject(details) {
  details.open = true;
  details.querySelector("input")?.focus();
}

/**
 * Choose a ground; the ready sentence goes in unless the officer wrote one.
 * @param {Document} page @param {HTMLInputElement} ground
 */
function choose(page, ground) {
  const reason = /** @type {HTMLTextAreaElement} */ (page.getElementById("reason"));
  const ready = [...page.querySelectorAll("[data-canned]")].map((each) => /** @type {HTMLElement} */ (each).dataset.canned);
  if (!reason.value.trim() || ready.includes(reason.value)) reason.value = ground.dataset.canned ?? "";
  ground.checked = true;
  ground.focus();
}

/** @param {Document} page */
function chosenGround(page) {
  return page.activeElement?.matches("input[name=ground]:checked") ? page.activeElement : null;
}

/** @param {Document} page @param {KeyboardEvent} press */
function send(page, press) {
  press.preventDefault();
  /** @type {HTMLButtonElement | null} */ (page.querySelector("button[value=rejected]"))?.click();
}
