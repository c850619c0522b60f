/**
 * Colours of the twin, read from the style sheet so that page and model never differ and dark mode comes free.
 * The sheet (scene.css) says `--scene-…` for what only the model shows and the site's tokens for what carries meaning.
 */

/** Colours by what they mean, as [red, green, blue] from 0 to 1 in sRGB. */
export const TOKENS = /** @type {const} */ ({
  roof: "--scene-roof",
  wall: "--scene-wall",
  block: "--scene-block",
  ground: "--scene-ground",
  street: "--scene-street",
  bridge: "--scene-bridge",
  water: "--scene-water",
  haze: "--scene-haze",
  line: "--scene-line",
  ink: "--ink",
  accent: "--accent",
  closed: "--proposal",
  closedStripe: "--scene-closed-stripe",
  less2: "--less-2",
  less1: "--less-1",
  same: "--same",
  more1: "--more-1",
  more2: "--more-2",
  edge: "--edge",
});

/** @typedef {Record<keyof typeof TOKENS, [number, number, number]>} Palette */

/** @param {HTMLElement} root where the custom properties are in force @returns {Palette} */
export function palette(root) {
  const probe = root.ownerDocument.createElement("i");
  probe.hidden = true;
  root.append(probe);
  const read = (/** @type {string} */ token) => {
    probe.style.color = `var(${token})`;
    return rgb(getComputedStyle(probe).color);
  };
  const found = Object.fromEntries(Object.entries(TOKENS).map(([name, token]) => [name, read(token)]));
  probe.remove();
  return /** @type {Palette} */ (found);
}

/** @param {string} colour as computed styles write it: `rgb(1, 2, 3)` or `color(srgb .1 .2 .3)` @returns {[number, number, number]} */
export function rgb(colour) {
  const numbers = (colour.match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
  const [red = 0, green = 0, blue = 0] = numbers;
  return colour.startsWith("color(") ? [red, green, blue] : [red / 255, green / 255, blue / 255];
}

/** Call back when the colours of the page change. @param {() => void} callback @param {AbortSignal} signal */
export function onSchemeChange(callback, signal) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  // Safari 14 knows the event on media queries.
  dark.addEventListener("change", callback, { signal });
}
