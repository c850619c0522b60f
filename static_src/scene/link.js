/**
 * One road to a scene for the page: the socket while it is there, plain HTTP otherwise. Who asks need not know which.
 * Events: `values` (list of readings), `overlays` (list), `withdrawn` (id of an overlay), `pin`, `unpin`, `rebuilt`, `transport` ("socket" | "http").
 */
import { Overlay } from "./overlay.js";
import { Answered, SceneSocket, SocketDown } from "./socket.js";

/** @import { Manifest, TileEntry } from "./socket.js" */

const POLL_MS = 15_000;
/** A network that swallows sockets without a word gives way to HTTP after this time. */
const SOCKET_PATIENCE_MS = 4000;

/**
 * @typedef {{manifest: string, values: string, scene: string, overlays: string, socket: string}} Doors addresses; `overlays` is a folder
 * @typedef {{id: string, run: string, title: Record<string, string>, unit: string, hash: string, created: string, counts: Record<string, number>}} OverlayEntry
 * @typedef {{site: string, name: string, lon: number, lat: number, phenomenon: string, value: number | null, unit: string,
 *   time: string, flags: string[], simulated: boolean}} Reading
 */

export class SceneLink extends EventTarget {
  /** @type {Map<string, Promise<Overlay>>} */ #overlays = new Map();
  /** @type {Promise<{hash: string, manifest: Manifest} | null> | null} */ #manifest = null;
  #transport = "";

  /** @param {Doors} doors @param {{socket?: SceneSocket, fetch?: typeof fetch, push?: number}} [seams] */
  constructor(doors, { socket, push, fetch = globalThis.fetch.bind(globalThis) } = {}) {
    super();
    this.doors = doors;
    this.fetch = fetch;
    this.socket = socket ?? new SceneSocket(socketAddress(doors.socket), { push });
  }

  /** @param {AbortSignal} signal */
  start(signal) {
    this.socket.addEventListener("welcome", (event) => this.#say("overlays", detail(event).overlays));
    this.socket.addEventListener("values", (event) => this.#say("values", detail(event).values));
    this.socket.addEventListener("notice", (event) => this.#notice(detail(event)));
    this.#manifest = this.#firstManifest();
    this.socket.joinValues();
    void this.socket.run(signal);
    const poll = setInterval(() => this.socket.isOpen || void this.#poll(), POLL_MS);
    signal.addEventListener("abort", () => clearInterval(poll), { once: true });
  }

  /** What there is to load; null while the tiles are not built. */
  manifest() {
    if (!this.#manifest) throw new Error("start() comes first.");
    return this.#manifest;
  }

  /**
   * @param {TileEntry} entry @param {{priority?: number, signal?: AbortSignal}} [wish]
   * @returns {Promise<ArrayBuffer>}
   */
  async tile(entry, wish = {}) {
    try {
      const bytes = await this.socket.tile(entry.hash, wish);
      this.#went("socket");
      return whole(bytes);
    } catch (error) {
      if (!(error instanceof SocketDown)) throw error;
    }
    const answer = await this.#get(entry.uri, wish.signal);
    this.#went("http");
    return answer.arrayBuffer();
  }

  /** @param {string} id @returns {Promise<Overlay>} */
  overlay(id) {
    const known = this.#overlays.get(id);
    if (known) return known;
    const asked = this.#overlay(id);
    this.#overlays.set(id, asked);
    asked.catch(() => this.#overlays.delete(id)); // a later press tries again
    return asked;
  }

  /** @param {string} id */
  async #overlay(id) {
    try {
      return new Overlay(await this.socket.overlay(id));
    } catch (error) {
      if (!(error instanceof SocketDown)) throw error;
    }
    const answer = await this.#get(`${this.doors.overlays}${id}.bin`);
    return new Overlay(new Uint8Array(await answer.arrayBuffer()));
  }

  /** By socket if it opens in time, else by HTTP. @returns {Promise<{hash: string, manifest: Manifest} | null>} */
  async #firstManifest() {
    const came = await new Promise((resolve) => {
      const once = { once: true };
      this.socket.addEventListener("manifest", (event) => resolve(detail(event)), once);
      this.socket.addEventListener("welcome", (event) => detail(event).manifest === null && resolve(null), once);
      this.socket.addEventListener("state", (event) => ["waiting", "refused"].includes(detail(event)) && resolve(undefined));
      setTimeout(() => resolve(undefined), SOCKET_PATIENCE_MS);
    });
    return came === undefined ? this.#manifestByHttp() : came;
  }

  async #manifestByHttp() {
    const [scene, answer] = await Promise.all([this.#get(this.doors.scene), this.fetch(this.doors.manifest)]);
    this.#say("overlays", (await scene.json()).overlays);
    void this.#poll();
    if (answer.status === 404) return null;
    return { hash: (answer.headers.get("ETag") ?? "").replace(/[W/"]/g, ""), manifest: await answer.json() };
  }

  async #poll() {
    const answer = await this.fetch(this.doors.values).catch(() => null);
    if (answer?.ok) this.#say("values", (await answer.json()).values);
  }

  /** @param {{notice: string, overlay?: OverlayEntry, pin?: unknown}} notice */
  #notice(notice) {
    if (notice.notice === "overlay.added") this.#say("overlays", [notice.overlay]);
    if (notice.notice === "overlay.removed") this.#say("withdrawn", notice.overlay?.id);
    if (notice.notice === "pin.approved") this.#say("pin", notice.pin);
    if (notice.notice === "pin.withdrawn") this.#say("unpin", notice.pin);
    if (notice.notice === "tiles.built") this.#say("rebuilt", null);
  }

  /** @param {string} address @param {AbortSignal} [signal] */
  async #get(address, signal) {
    const answer = await this.fetch(address, { signal });
    if (!answer.ok) throw new Answered({ status: answer.status, code: "http", detail: `${address}: ${answer.status}` });
    return answer;
  }

  /** @param {string} transport */
  #went(transport) {
    if (transport !== this.#transport) this.#say("transport", transport);
    this.#transport = transport;
  }

  /** @param {string} type @param {unknown} value */
  #say(type, value) {
    this.dispatchEvent(new CustomEvent(type, { detail: value }));
  }
}

/** @param {Event} event @returns {any} */
const detail = (event) => /** @type {CustomEvent} */ (event).detail;

/** A buffer of its own, as a glTF reader wants it. @param {Uint8Array<ArrayBuffer>} bytes */
const whole = (bytes) =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);

/** @param {string} path */
function socketAddress(path) {
  const address = new URL(path, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  return address.href;
}
