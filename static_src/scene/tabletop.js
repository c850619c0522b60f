/**
 * The twin on a table (WebXR `immersive-ar`): the part that was looked at, cut out round, three quarters of a metre wide.
 * Needs no position on the Earth, asks for no camera pixels, and tells nobody where the phone is.
 */
import { Scheduler } from "3d-tiles-renderer/core";
import { Matrix4, Mesh, MeshBasicMaterial, PerspectiveCamera, RingGeometry, Vector3 } from "three";

/** @import { ArrayCamera } from "three" */
/** @import { Stage } from "./stage.js" */

const TABLE_M = 0.75;
/** Where the table stands if the phone finds no surface: in front of and below the eyes, metres. */
const AHEAD_M = 0.7;
const BELOW_M = 0.4;
const PATIENCE_MS = 8000;
/** Nothing fades in the distance on a table. */
const NO_HAZE = { x: 1e6, y: 2e6 };

/** Whether AR can start here; without a secure context or a device for it the answer is no. */
export async function canStart() {
  if (!isSecureContext || !navigator.xr) return false;
  return navigator.xr.isSessionSupported("immersive-ar").catch(() => false);
}

/** Events: `placed`, `end`. */
export class Tabletop extends EventTarget {
  /** @type {XRSession | null} */ #session = null;
  /** @type {XRHitTestSource | null} */ #surfaces = null;
  #began = 0;
  #hit = new Matrix4();
  #found = false;
  /** The session takes only its nearest and farthest plane from here: centimetres to a room. */
  #camera = new PerspectiveCamera(50, 1, 0.02, 30);
  placed = false;

  /** @param {Stage} stage */
  constructor(stage) {
    super();
    this.stage = stage;
    this.ring = new Mesh(new RingGeometry(0.09, 0.1, 40).rotateX(-Math.PI / 2), new MeshBasicMaterial({ color: 0xffffff }));
    this.ring.matrixAutoUpdate = false;
    this.ring.visible = false;
  }

  /** Must be called by a press. @param {HTMLElement} root what stays on the screen over the camera picture */
  async start(root) {
    const { renderer } = this.stage;
    const session = await /** @type {XRSystem} */ (navigator.xr).requestSession("immersive-ar", {
      requiredFeatures: ["local"], optionalFeatures: ["hit-test", "dom-overlay"], domOverlay: { root },
    });
    this.#session = session;
    session.addEventListener("end", () => this.#ended());
    session.addEventListener("select", () => this.#place());
    // Tiles go on loading: the page's own frames stop during a session.
    Scheduler.setXRSession(session);
    renderer.xr.enabled = true;
    renderer.xr.setReferenceSpaceType("local");
    await renderer.xr.setSession(session);
    this.#surfaces = await this.#hitTest(session);
    this.stage.world.add(this.ring);
    this.stage.holder.visible = false;
    this.#began = performance.now();
    renderer.setAnimationLoop((_time, frame) => frame && this.#frame(frame));
  }

  end() {
    void this.#session?.end();
  }

  /** @param {XRSession} session @returns {Promise<XRHitTestSource | null>} */
  async #hitTest(session) {
    try {
      const space = await session.requestReferenceSpace("viewer");
      return (await session.requestHitTestSource?.({ space })) ?? null;
    } catch {
      return null; // then the table stands in front of the viewer
    }
  }

  /** @param {XRFrame} frame */
  #frame(frame) {
    const { renderer, world } = this.stage;
    if (!this.placed) this.#aim(frame);
    const [first] = /** @type {ArrayCamera} */ (renderer.xr.getCamera()).cameras;
    if (first) this.#follow(first); // none in the very first frame
    renderer.render(world, this.#camera);
    this.stage.frames++;
    this.stage.dispatchEvent(new Event("frame"));
  }

  /** @param {XRFrame} frame */
  #aim(frame) {
    const space = this.stage.renderer.xr.getReferenceSpace();
    const pose = this.#surfaces && space ? frame.getHitTestResults(this.#surfaces)[0]?.getPose(space) : undefined;
    this.#found = Boolean(pose);
    this.ring.visible = this.#found;
    if (pose) {
      this.#hit.fromArray(pose.transform.matrix);
      this.ring.matrix.copy(this.#hit);
    } else if (performance.now() - this.#began > (this.#surfaces ? PATIENCE_MS : 0)) {
      this.#placeAt(this.#ahead());
    }
  }

  /** The tiles are chosen for the eye of the session. @param {PerspectiveCamera} camera */
  #follow(camera) {
    const { tiles } = this.stage.tiles;
    const viewport = /** @type {{z: number, w: number} | undefined} */ (/** @type {any} */ (camera).viewport);
    for (const other of tiles.cameras.slice()) if (other !== camera) tiles.deleteCamera(other);
    tiles.setCamera(camera);
    if (viewport) tiles.setResolution(camera, viewport.z, viewport.w);
    this.stage.tiles.update();
  }

  #place() {
    if (this.placed) {
      this.placed = false; // tap again: put it elsewhere
      this.stage.holder.visible = false;
      this.#began = performance.now();
    } else {
      this.#placeAt(this.#found ? new Vector3().setFromMatrixPosition(this.#hit) : this.#ahead());
    }
  }

  #ahead() {
    const camera = this.stage.renderer.xr.getCamera();
    const ahead = new Vector3(0, 0, -1).transformDirection(camera.matrixWorld).setY(0).normalize();
    const place = new Vector3().setFromMatrixPosition(camera.matrixWorld).addScaledVector(ahead, AHEAD_M);
    return place.setY(place.y - BELOW_M);
  }

  /** @param {Vector3} place metres of the room */
  #placeAt(place) {
    const { holder, holderInverse, shading, eye } = this.stage;
    const { target, radius } = eye.looked();
    const scale = TABLE_M / 2 / radius;
    holder.scale.setScalar(scale);
    holder.position.set(place.x - scale * target.x, place.y, place.z - scale * target.z);
    holder.updateMatrixWorld(true);
    holderInverse.copy(holder.matrixWorld).invert();
    shading.shared.uTable.value.set(target.x, 0, target.z, radius);
    shading.shared.uHazeFrom.value = NO_HAZE;
    holder.visible = true;
    this.ring.visible = false;
    this.placed = true;
    this.dispatchEvent(new Event("placed"));
  }

  #ended() {
    const { stage } = this;
    Scheduler.setXRSession(/** @type {any} */ (null));
    stage.renderer.setAnimationLoop(null);
    stage.renderer.xr.enabled = false;
    stage.world.remove(this.ring);
    stage.leaveTable();
    this.#session = this.#surfaces = null;
    this.placed = false;
    this.dispatchEvent(new Event("end"));
  }
}
