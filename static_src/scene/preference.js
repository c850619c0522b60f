/** Whether 3D starts by itself on this phone: the reader's own choice, kept on the phone alone. */

const KEY = "loggia.scene.autoload";

export function autoloads() {
  try {
    return localStorage.getItem(KEY) === "yes";
  } catch {
    return false; // storage may be forbidden; then the choice lasts for the page
  }
}

/** @param {boolean} yes */
export function setAutoload(yes) {
  try {
    if (yes) localStorage.setItem(KEY, "yes");
    else localStorage.removeItem(KEY);
  } catch {
    // Nothing to remember with.
  }
}
