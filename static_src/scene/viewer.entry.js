/** The heavy half of the scene page, fetched when somebody asks for 3D. */
export { Stage } from "./stage.js";
export { Tabletop, canStart } from "./tabletop.js";
