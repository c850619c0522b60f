/**
 * The tiles of a scene inside three.js: 3d-tiles-renderer chooses, we fetch, read and dress them.
 * World axes: x east, y up, z south of the scene's origin, metres.
 */
import { TilesRenderer } from "3d-tiles-renderer/three";
import { BufferAttribute, BufferGeometry, LineSegments, MathUtils, Matrix4, Mesh, Vector3 } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { edgesOf } from "./edges.js";
import { FeaturePlugin } from "./features.js";

/** @import { Object3D } from "three" */
/** @import { Feature, FeatureTable } from "./features.js" */
/** @import { Manifest, TileEntry } from "./socket.js" */
/** @import { Shading } from "./shading.js" */

/** Error that a phone's eye forgives, CSS pixels; raised when memory runs short, up to the second number. */
const ERROR_TARGET = 12;
const ERROR_TARGET_MOST = 160;
const PARALLEL = 8;

/**
 * @typedef {(entry: TileEntry, wish: {priority: number, signal?: AbortSignal}) => Promise<ArrayBuffer>} FetchTile
 * @typedef {{slot: number, feature: Feature}} Picked
 */

/** Z up of the tiles, with their place on the globe taken back, to y up around the origin. @param {number[]} transform */
function homeward(transform) {
  const toTurned = new Matrix4().makeRotationX(-Math.PI / 2);
  return toTurned.multiply(new Matrix4().fromArray(transform).invert());
}

/**
 * Memory guard: the error target for the next frame. Tiles in view count too, so coarser ones are the way out.
 * @param {number} target now @param {number} bytes held @param {number} budget @returns {number}
 */
export function nextErrorTarget(target, bytes, budget) {
  if (bytes > 0.92 * budget) return Math.min(target * 1.5, ERROR_TARGET_MOST);
  if (bytes < 0.3 * budget) return Math.max(target / 1.5, ERROR_TARGET);
  return target;
}

export class SceneTiles {
  /** @param {{manifest: Manifest, fetchTile: FetchTile, shading: Shading, budget: number, onChange: () => void}} options budget in bytes */
  constructor({ manifest, fetchTile, shading, budget, onChange }) {
    this.manifest = manifest;
    this.budget = budget;
    this.shading = shading;
    this.entries = new Map(manifest.tiles.map((entry, rank) => [entry.hash, { ...entry, rank }]));
    this.loaded = 0;
    this.tiles = new TilesRenderer(new URL("/tileset.json", location.href).href);
    this.tiles.errorTarget = ERROR_TARGET;
    this.tiles.lruCache.maxBytesSize = budget;
    this.tiles.lruCache.minBytesSize = 0.75 * budget;
    this.tiles.downloadQueue.maxJobsPerOrigin = PARALLEL;
    this.tiles.manager.addHandler(/\.glb$/, new GLTFLoader(this.tiles.manager).register((parser) => new FeaturePlugin(parser)));
    this.tiles.registerPlugin({
      name: "LOGGIA",
      fetchData: (/** @type {string} */ url, /** @type {RequestInit} */ { signal }) => this.#fetch(url, fetchTile, signal ?? undefined),
      processTileModel: (/** @type {Object3D} */ scene, /** @type {{content: {uri: string}}} */ tile) => this.#dress(scene, tile),
    });
    this.tiles.addEventListener("load-model", () => this.loaded++);
    this.tiles.addEventListener("dispose-model", () => this.loaded--);
    this.tiles.addEventListener("needs-update", onChange);
    this.tiles.addEventListener("load-error", onChange);
    homeward(rootTransform(manifest)).decompose(this.group.position, this.group.quaternion, this.group.scale);
    this.group.updateMatrixWorld(true);
  }

  get group() {
    return this.tiles.group;
  }

  /** All that the view needs is there. */
  get settled() {
    const { queued, downloading, parsing } = /** @type {any} */ (this.tiles).stats; // missing in the library's types
    return this.tiles.root !== null && queued + downloading + parsing === 0;
  }

  /** Bytes that tiles take now, those in view included. @returns {number} */
  get bytes() {
    return /** @type {any} */ (this.tiles.lruCache).cachedBytes;
  }

  update() {
    this.tiles.errorTarget = nextErrorTarget(this.tiles.errorTarget, this.bytes, this.budget);
    this.tiles.update();
  }

  /**
   * Where a place on the Earth lies in the world.
   * @param {number} lon degrees @param {number} lat degrees @param {number} height metres above ground
   * @param {Vector3} [target]
   */
  place(lon, lat, height, target = new Vector3()) {
    const height_m = height + this.manifest.origin.height_m;
    this.tiles.ellipsoid.getCartographicToPosition(MathUtils.degToRad(lat), MathUtils.degToRad(lon), height_m, target);
    return target.applyMatrix4(this.group.matrix);
  }

  /** Longitude and latitude of a place in the world, degrees. @param {Vector3} place */
  coordinates(place) {
    const found = { lat: 0, lon: 0, height: 0 };
    this.tiles.ellipsoid.getPositionToCartographic(place.clone().applyMatrix4(this.group.matrix.clone().invert()), found);
    return { lon: MathUtils.radToDeg(found.lon), lat: MathUtils.radToDeg(found.lat) };
  }

  /** The feature of a hit. @param {import("three").Intersection} hit @returns {Picked | null} */
  picked({ object, face }) {
    const { features, first } = /** @type {{features?: FeatureTable, first?: number}} */ (object.userData);
    if (!(object instanceof Mesh) || !face || !features || first === undefined) return null;
    const slot = object.geometry.getAttribute("slot").getX(face.a);
    return { slot, feature: features.at(slot - first) };
  }

  dispose() {
    this.tiles.dispose();
  }

  /** @param {string} uri */
  #entry(uri) {
    return this.entries.get(/([0-9a-f]{16})\.glb$/.exec(uri)?.[1] ?? "");
  }

  /** @param {string} url @param {FetchTile} fetchTile @param {AbortSignal} [signal] */
  async #fetch(url, fetchTile, signal) {
    if (url.endsWith("/tileset.json")) return JSON.parse(JSON.stringify(this.manifest.tileset));
    const entry = this.#entry(url);
    if (!entry) throw new Error(`The manifest names no tile ${url}.`);
    return fetchTile(entry, { priority: entry.rank, signal });
  }

  /** Our materials, a slot per vertex, and the lines of buildings. @param {Object3D} scene @param {{content: {uri: string}}} tile */
  async #dress(scene, tile) {
    const first = this.#entry(tile.content.uri)?.first ?? 0;
    const features = /** @type {FeatureTable | undefined} */ (scene.userData.features);
    const meshes = /** @type {Mesh[]} */ ([]);
    const baked = /** @type {Map<unknown, BufferAttribute>} */ (new Map()); // primitives may share their vertices
    scene.traverse((object) => object instanceof Mesh && meshes.push(object));
    for (const mesh of meshes) {
      const { material, order, raised } = this.shading.drawn(/** @type {import("three").Material} */ (mesh.material).name);
      /** @type {import("three").Material} */ (mesh.material).dispose();
      mesh.material = material;
      mesh.renderOrder = order;
      mesh.userData = { features, first };
      const rows = mesh.geometry.getAttribute("_feature_id_0");
      baked.set(rows, baked.get(rows) ?? slotsOf(rows, first, this.manifest.slots));
      mesh.geometry.deleteAttribute("_feature_id_0");
      mesh.geometry.setAttribute("slot", /** @type {BufferAttribute} */ (baked.get(rows)));
      if (raised) mesh.add(this.#lines(mesh.geometry, order));
    }
  }

  /** @param {BufferGeometry} geometry @param {number} order */
  #lines(geometry, order) {
    const positions = /** @type {BufferAttribute} */ (geometry.getAttribute("position"));
    const index = geometry.index?.array ?? Array.from({ length: positions.count }, (_, vertex) => vertex);
    const ground = lowest(positions, index);
    const flat = new Float32Array(positions.count * 3);
    for (let vertex = 0; vertex < positions.count; vertex++) {
      flat.set([positions.getX(vertex), positions.getY(vertex), positions.getZ(vertex)], 3 * vertex);
    }
    const lines = new BufferGeometry();
    lines.setAttribute("position", positions);
    lines.setAttribute("slot", geometry.getAttribute("slot"));
    lines.setIndex(new BufferAttribute(edgesOf(flat, index, { ground }), 1));
    const drawn = new LineSegments(lines, this.shading.line);
    drawn.renderOrder = order + 1;
    drawn.raycast = () => {};
    return drawn;
  }
}

/** @param {Manifest} manifest @returns {number[]} column-major 4 × 4 */
function rootTransform(manifest) {
  const root = /** @type {{transform?: number[]}} */ (manifest.tileset.root);
  return root.transform ?? new Matrix4().toArray();
}

/** @param {BufferAttribute} positions @param {ArrayLike<number>} index of the vertices that count */
function lowest(positions, index) {
  let low = Infinity;
  for (let corner = 0; corner < index.length; corner++) low = Math.min(low, positions.getY(index[corner]));
  return low;
}

/**
 * Slot of the scene instead of row of the tile, per vertex.
 * @param {import("three").BufferAttribute | import("three").InterleavedBufferAttribute} rows @param {number} first @param {number} slots
 */
function slotsOf(rows, first, slots) {
  const baked = slots <= 65_535 ? new Uint16Array(rows.count) : new Float32Array(rows.count);
  for (let vertex = 0; vertex < rows.count; vertex++) baked[vertex] = first + rows.getX(vertex);
  return new BufferAttribute(baked, 1);
}
