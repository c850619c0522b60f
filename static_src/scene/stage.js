/**
 * The stage: canvas, eye, light and tiles, drawn only when something changed. Knows nothing of the page around it.
 * Events: `frame` (something was drawn), `pick` (a Touched), `lost` (the browser took the graphics away).
 */
import {
  BufferAttribute, CircleGeometry, Color, Group, Matrix4, Mesh, Plane, Raycaster, SRGBColorSpace, Scene, Vector2, Vector3, WebGLRenderer,
} from "three";
import { Eye, moveOf } from "./camera.js";
import { onSchemeChange, palette } from "./colours.js";
import { HAZE_M, Shading } from "./shading.js";
import { SceneTiles } from "./tiles.js";

/** @import { View } from "./camera.js" */
/** @import { Overlay } from "./overlay.js" */
/** @import { Manifest } from "./socket.js" */
/** @import { FetchTile, Picked } from "./tiles.js" */

const MOST_PIXELS_PER_CSS_PX = 1.5;
const PHONE_BYTES = 48 * 2 ** 20;
const DESK_BYTES = 160 * 2 ** 20;
/** A tap moves less than this, CSS pixels. */
const TAP_PX = 8;
/** Around a tap, a finger's breadth is searched for thin things. */
const FINGER_PX = 14;

/**
 * @typedef {{lon: number, lat: number, radius_m: number}} Place
 * @typedef {{picked: Picked | null, ground: {lon: number, lat: number} | null}} Touched what was touched, and where on the ground
 */

export class Stage extends EventTarget {
  #queued = false;
  #over = new AbortController();
  #covered = 0;
  frames = 0;

  /** @param {{canvas: HTMLCanvasElement, manifest: Manifest, fetchTile: FetchTile, view: Place}} options */
  constructor({ canvas, manifest, fetchTile, view }) {
    super();
    this.canvas = canvas;
    this.renderer = new WebGLRenderer({ canvas, antialias: true, powerPreference: "low-power" });
    this.holder = new Group();
    this.world = new Scene();
    this.world.add(this.holder);
    this.holderInverse = new Matrix4();
    this.shading = new Shading(manifest.slots, this.holderInverse);
    this.tiles = new SceneTiles({ manifest, fetchTile, shading: this.shading, budget: byteBudget(), onChange: () => this.request() });
    this.holder.add(this.#disc(), this.tiles.group);
    const home = this.#home(view);
    this.eye = new Eye(canvas, home, { reach: 2500, onChange: () => this.request() });
    this.tiles.tiles.setCamera(this.eye.camera);
    this.#paint();
    this.#listen();
    this.#resize();
    this.eye.look(home);
  }

  /** Draw once, soon. */
  request() {
    if (this.#queued || this.#over.signal.aborted) return;
    this.#queued = true;
    requestAnimationFrame(() => {
      this.#queued = false;
      if (!this.renderer.xr.isPresenting && !this.#over.signal.aborted) this.draw();
    });
  }

  draw() {
    this.eye.camera.updateMatrixWorld();
    this.tiles.update();
    this.renderer.render(this.world, this.eye.camera);
    this.frames++;
    this.dispatchEvent(new Event("frame"));
  }

  /** The sheet hides so much of the lower edge, CSS pixels. @param {number} covered */
  cover(covered) {
    this.#covered = covered;
    this.#resize();
  }

  /** Before (null) or after. @param {Overlay | null} overlay */
  show(overlay) {
    this.shading.show(overlay);
    this.request();
  }

  /** @param {number[]} slots */
  select(slots) {
    this.shading.slots.select(slots);
    this.request();
  }

  /** @param {Place} place */
  look(place) {
    this.eye.look(this.#home(place));
    this.request();
  }

  /** @param {Parameters<Eye["go"]>[0]} move */
  go(move) {
    this.eye.go(move);
    this.request();
  }

  /**
   * Where a place is on the canvas.
   * @param {number} lon @param {number} lat @param {number} height metres above ground
   * @returns {{x: number, y: number, distance: number} | null} CSS pixels; null if it is out of sight
   */
  project(lon, lat, height) {
    const place = this.tiles.place(lon, lat, height);
    const distance = place.distanceTo(this.eye.camera.position);
    place.project(this.eye.camera);
    if (Math.abs(place.x) > 1.05 || Math.abs(place.y) > 1.05 || place.z > 1) return null;
    const { clientWidth, clientHeight } = this.canvas;
    return { x: ((place.x + 1) / 2) * clientWidth, y: ((1 - place.y) / 2) * clientHeight, distance };
  }

  /** @param {number} x @param {number} y CSS pixels of the canvas */
  #ray(x, y) {
    const ray = new Raycaster();
    const { clientWidth, clientHeight } = this.canvas;
    ray.setFromCamera(new Vector2((x / clientWidth) * 2 - 1, 1 - (y / clientHeight) * 2), this.eye.camera);
    return ray;
  }

  /** What is at a point of the canvas, CSS pixels. @param {number} x @param {number} y @returns {Picked | null} */
  at(x, y) {
    const hits = this.#ray(x, y).intersectObject(this.tiles.group, true);
    // Flat things lie in one plane: of those at one point, what is drawn last is what one sees.
    const nearest = hits[0]?.distance ?? 0;
    const [hit] = hits.filter((one) => one.distance < nearest + 0.5).sort((a, b) => b.object.renderOrder - a.object.renderOrder);
    return hit ? this.tiles.picked(hit) : null;
  }

  /** What a finger means: first the very point, then the nearest thing around it that is not water. @param {number} x @param {number} y */
  touched(x, y) {
    const straight = this.at(x, y);
    if (straight && straight.feature.kind !== "water") return straight;
    for (let turn = 0; turn < 8; turn++) {
      const angle = (turn * Math.PI) / 4;
      const near = this.at(x + FINGER_PX * Math.cos(angle), y + FINGER_PX * Math.sin(angle));
      if (near && near.feature.kind !== "water") return near;
    }
    return straight;
  }

  /** Different things in sight, nearest to the middle first. @param {number} most @returns {Picked[]} */
  inView(most) {
    const { clientWidth: width, clientHeight } = this.canvas;
    const height = clientHeight - this.#covered;
    const points = Array.from({ length: 63 }, (_, n) => ({ x: ((n % 7) + 0.5) * (width / 7), y: (Math.floor(n / 7) + 0.5) * (height / 9) }));
    points.sort((a, b) => Math.hypot(a.x - width / 2, a.y - height / 2) - Math.hypot(b.x - width / 2, b.y - height / 2));
    const found = /** @type {Map<string, Picked>} */ (new Map());
    for (const { x, y } of points) {
      const picked = this.at(x, y);
      if (picked && !found.has(picked.feature.id)) found.set(picked.feature.id, picked);
      if (found.size >= most) break;
    }
    return [...found.values()];
  }

  /** Where on the Earth the ground is at a point of the canvas; null in the sky. @param {number} x @param {number} y */
  #ground(x, y) {
    const place = this.#ray(x, y).ray.intersectPlane(new Plane(new Vector3(0, 1, 0)), new Vector3());
    return place && this.tiles.coordinates(place);
  }

  /** Back from the table to the size of a city. */
  leaveTable() {
    this.holder.visible = true;
    this.holder.position.set(0, 0, 0);
    this.holder.scale.setScalar(1);
    this.holder.updateMatrixWorld(true);
    this.holderInverse.identity();
    this.shading.shared.uTable.value.set(0, 0, 0, 0);
    this.shading.shared.uHazeFrom.value = HAZE_M;
    for (const camera of this.tiles.tiles.cameras.slice()) this.tiles.tiles.deleteCamera(camera);
    this.tiles.tiles.setCamera(this.eye.camera);
    this.#resize();
  }

  dispose() {
    this.#over.abort();
    this.tiles.dispose();
    this.eye.controls.dispose();
    this.renderer.dispose();
  }

  /** @param {Place} place @returns {View} */
  #home({ lon, lat, radius_m }) {
    const { x, z } = this.tiles.place(lon, lat, 0);
    return { x, z, radius: radius_m };
  }

  #disc() {
    const ground = new Mesh(new CircleGeometry(9000, 48).rotateX(-Math.PI / 2), this.shading.materials.ground);
    const slots = new Float32Array(ground.geometry.getAttribute("position").count).fill(this.shading.slots.nobody);
    ground.geometry.setAttribute("slot", new BufferAttribute(slots, 1));
    ground.raycast = () => {};
    return ground;
  }

  #paint() {
    const colours = palette(this.canvas.parentElement ?? document.body);
    this.shading.paint(colours);
    this.renderer.setClearColor(new Color().setRGB(...colours.haze, SRGBColorSpace), 1);
    this.request();
  }

  #listen() {
    const { signal } = this.#over;
    const { canvas } = this;
    onSchemeChange(() => this.#paint(), signal);
    new ResizeObserver(() => this.#resize()).observe(canvas);
    canvas.addEventListener("keydown", (event) => this.#key(event), { signal });
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.dispatchEvent(new Event("lost"));
    }, { signal });
    let down = { x: 0, y: 0 };
    canvas.addEventListener("pointerdown", ({ offsetX: x, offsetY: y }) => (down = { x, y }), { signal });
    canvas.addEventListener("pointerup", ({ offsetX: x, offsetY: y }) => {
      if (Math.hypot(x - down.x, y - down.y) < TAP_PX) this.#pick(x, y);
    }, { signal });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const move = moveOf(event);
    if (move) this.go(move);
    else if (event.key === "Enter") this.#pick(this.canvas.clientWidth / 2, (this.canvas.clientHeight - this.#covered) / 2);
    else return;
    event.preventDefault();
  }

  /** @param {number} x @param {number} y */
  #pick(x, y) {
    /** @type {Touched} */
    const detail = { picked: this.touched(x, y), ground: this.#ground(x, y) };
    this.dispatchEvent(new CustomEvent("pick", { detail }));
  }

  #resize() {
    const { clientWidth, clientHeight } = this.canvas;
    if (!clientWidth || !clientHeight || this.renderer.xr.isPresenting) return;
    const ratio = Math.min(devicePixelRatio, MOST_PIXELS_PER_CSS_PX);
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.shading.shared.uPixel.value = ratio;
    this.eye.resize(clientWidth, clientHeight, this.#covered);
    this.tiles.tiles.setResolution(this.eye.camera, clientWidth, clientHeight);
    this.request();
  }
}

/** Bytes that tiles may take, those in view included: little on a phone, for a lost context loses everything. */
function byteBudget() {
  const memory = /** @type {{deviceMemory?: number}} */ (navigator).deviceMemory ?? 4;
  return memory <= 4 || matchMedia("(pointer: coarse)").matches ? PHONE_BYTES : DESK_BYTES;
}
