/** Looking around: finger, mouse, keys and buttons. Nothing moves unless somebody moves it. */
import { PerspectiveCamera, Spherical, Vector3 } from "three";
import { MapControls } from "three/addons/controls/MapControls.js";

const NEAREST_M = 40;
const LOWEST = (5 * Math.PI) / 180; // the eye stays this far above the ground plane
const STEP = 0.12; // of the distance, per key or button press
const TURN = Math.PI / 12;

/** @typedef {"left" | "right" | "up" | "down" | "nearer" | "farther" | "turnLeft" | "turnRight" | "tiltUp" | "tiltDown" | "home"} Move */
/** @typedef {{x: number, z: number, radius: number}} View metres of the world; `radius` is what should be seen around */

const KEYS = /** @type {Record<string, [plain: Move, shifted: Move]>} */ ({
  ArrowLeft: ["left", "turnLeft"],
  ArrowRight: ["right", "turnRight"],
  ArrowUp: ["up", "tiltUp"],
  ArrowDown: ["down", "tiltDown"],
  "+": ["nearer", "nearer"],
  "=": ["nearer", "nearer"],
  "-": ["farther", "farther"],
  _: ["farther", "farther"],
  Home: ["home", "home"],
});

/** @param {KeyboardEvent} event @returns {Move | null} */
export function moveOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  return KEYS[event.key]?.[event.shiftKey ? 1 : 0] ?? null;
}

export class Eye {
  /** @param {HTMLCanvasElement} canvas @param {View} home @param {{reach: number, onChange: () => void}} options reach: metres from the origin that may be visited */
  constructor(canvas, home, { reach, onChange }) {
    this.home = home;
    this.reach = reach;
    this.camera = new PerspectiveCamera(42, 1, 2, 8000);
    this.controls = new MapControls(this.camera, canvas);
    Object.assign(this.controls, {
      minDistance: NEAREST_M, maxDistance: 2.2 * reach, maxPolarAngle: Math.PI / 2 - LOWEST, zoomToCursor: true,
      enableDamping: false,
    });
    this.look(home);
    this.controls.addEventListener("change", () => {
      this.#stay();
      this.#range();
      onChange();
    });
  }

  /** See a place whole, from the south and at a slant. @param {View} view */
  look({ x, z, radius }) {
    const { target } = this.controls;
    // A narrow screen sees less across, so the eye steps back.
    const distance = radius / Math.tan((this.camera.fov * Math.PI) / 360) / Math.min(1, Math.max(this.camera.aspect, 0.62));
    target.set(x, 0, z);
    this.camera.position.setFromSpherical(new Spherical(distance, 0.82, 0.35)).add(target);
    this.controls.update();
    this.#range();
  }

  /**
   * @param {number} width @param {number} height CSS pixels
   * @param {number} covered how much of the lower edge is hidden under the sheet: the middle moves up
   */
  resize(width, height, covered) {
    this.camera.aspect = width / Math.max(1, height);
    this.camera.setViewOffset(width, height, 0, covered / 2, width, height);
    this.camera.updateProjectionMatrix();
  }

  /** What is looked at now, and how far around. @returns {{target: Vector3, radius: number}} metres */
  looked() {
    const { target } = this.controls;
    const distance = this.camera.position.distanceTo(target);
    return { target: target.clone(), radius: distance * Math.tan((this.camera.fov * Math.PI) / 360) };
  }

  /** @param {Move} move */
  go(move) {
    const { target } = this.controls;
    const from = new Spherical().setFromVector3(this.camera.position.clone().sub(target));
    const ahead = new Vector3(-Math.sin(from.theta), 0, -Math.cos(from.theta));
    const aside = new Vector3(-ahead.z, 0, ahead.x);
    const step = STEP * from.radius;
    switch (move) {
      case "left": target.addScaledVector(aside, -step); break;
      case "right": target.addScaledVector(aside, step); break;
      case "up": target.addScaledVector(ahead, step); break;
      case "down": target.addScaledVector(ahead, -step); break;
      case "nearer": from.radius /= 1 + 2 * STEP; break;
      case "farther": from.radius *= 1 + 2 * STEP; break;
      case "turnLeft": from.theta -= TURN; break;
      case "turnRight": from.theta += TURN; break;
      case "tiltUp": from.phi -= TURN / 2; break;
      case "tiltDown": from.phi += TURN / 2; break;
      case "home": return this.look(this.home);
    }
    from.radius = Math.min(Math.max(from.radius, NEAREST_M), this.controls.maxDistance);
    from.phi = Math.min(Math.max(from.phi, 0.05), this.controls.maxPolarAngle);
    this.camera.position.setFromSpherical(from).add(target);
    this.controls.update();
  }

  /** The nearest plane follows the eye, so that flat layers a decimetre apart stay in order from afar. */
  #range() {
    const near = Math.max(1, this.camera.position.distanceTo(this.controls.target) / 40);
    if (Math.abs(near / this.camera.near - 1) < 0.1) return;
    this.camera.near = near;
    this.camera.updateProjectionMatrix();
  }

  /** The looked-at point stays on the ground and over the scene. */
  #stay() {
    const { target } = this.controls;
    const far = Math.hypot(target.x, target.z) / this.reach;
    const wanted = new Vector3(target.x / Math.max(1, far), 0, target.z / Math.max(1, far));
    if (wanted.distanceToSquared(target) < 1e-4) return;
    this.camera.position.add(wanted.clone().sub(target));
    target.copy(wanted);
  }
}
