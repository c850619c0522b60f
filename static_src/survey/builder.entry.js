/** The builder saves while one types and renews the phone's picture. Without a script its buttons do the same. */
import { saveQuietly } from "./builder.js";

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-builder]"));
if (form) saveQuietly(form);
