/** Digests, loaded only by forms that call `digest()` or shuffle by a text. */
export { digest, seed } from "./digest.js";
