/** The map of a place question, loaded on tap: our own geometry, a cross in the middle, "put it here". */
export { openMap } from "./map.js";
