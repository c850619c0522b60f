/** The live link to one scene, protocol `twin.tiles.v1` (docs/reference/twin-tiles-v1.md). */
import { Kind, PROTOCOL, capabilities, decodeFrame, decodeJson, inflate } from "./frames.js";

/** What the server may send unasked for the first view, bytes. */
const PUSH_BYTES = 150_000;
/** Consumed bytes are granted again in portions of this size, so that a credit message is worth its way. */
const GRANT_BYTES = 32_768;
/** How long a tile that should have been pushed is waited for before it is asked for, milliseconds. */
const PUSH_PATIENCE_MS = 1500;
/** Closed for a reason that trying again does not mend: our mistake, no such scene, no such protocol. */
const FINAL_CODES = new Set([4400, 4404, 4406]);

/** The connection is not there; the caller may take another road. */
export class SocketDown extends Error {}

/** The server answered with an error frame. */
export class Answered extends Error {
  /** @param {{status: number, code: string, detail?: string, title?: string}} problem */
  constructor(problem) {
    super(problem.detail || problem.title || problem.code);
    this.status = problem.status;
    this.code = problem.code;
  }
}

/**
 * @typedef {{key: string, hash: string, uri: string, first: number, count: number, bytes: number, gzip_bytes: number}} TileEntry
 * @typedef {{protocol: string, origin: {lon: number, lat: number, height_m: number}, slots: number, gzip_bytes: number,
 *   counts: Record<string, number>, tiles: TileEntry[], tileset: Record<string, unknown>}} Manifest
 * @typedef {{resolve: (bytes: Uint8Array<ArrayBuffer>) => void, reject: (error: Error) => void}} Waiter
 * @typedef {{WebSocket: typeof WebSocket, wait: (ms: number) => Promise<void>, random: () => number, caps: string[],
 *   inflate: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>}} Seams
 */

/**
 * Fires CustomEvents: `state` ("connecting" | "open" | "waiting" | "refused"), `welcome`, `manifest` ({hash, manifest}),
 * `values`, `notice`. Tiles and overlays are promises.
 */
export class SceneSocket extends EventTarget {
  #url;
  #push;
  #seams;
  /** @type {WebSocket | null} */ #socket = null;
  #open = false;
  #tries = 0;
  #nextId = 1;
  #consumed = 0;
  #wantsValues = false;
  /** @type {string | null} */ #manifest = null;
  /** Frames are handled one after the other, although inflating takes its time. */
  #chain = Promise.resolve();
  /** @type {Map<number, Waiter>} */ #waiting = new Map();
  /** Pushed and not yet asked for. @type {Map<string, Uint8Array<ArrayBuffer>>} */ #pushed = new Map();
  /** Hashes that the server will push, in order. @type {string[]} */ #expected = [];
  /** @type {Map<string, Waiter>} */ #awaited = new Map();

  /**
   * @param {string} url
   * @param {Partial<Seams> & {push?: number}} [seams] time, chance and network, for tests; `push`: bytes of tiles that the
   *   server may send unasked, 0 where no tiles are wanted
   */
  constructor(url, { push = PUSH_BYTES, ...seams } = {}) {
    super();
    this.#url = url;
    this.#push = push;
    this.#seams = { WebSocket: globalThis.WebSocket, wait: pause, random: Math.random, caps: capabilities(), inflate, ...seams };
  }

  get isOpen() {
    return this.#open;
  }

  /** Open, and open again after a loss, until the signal aborts. @param {AbortSignal} signal */
  async run(signal) {
    signal.addEventListener("abort", () => this.#socket?.close(), { once: true });
    while (!signal.aborted) {
      this.#say("state", "connecting");
      const code = await this.#once();
      if (signal.aborted) return;
      if (FINAL_CODES.has(code)) return this.#say("state", "refused");
      this.#say("state", "waiting");
      await this.#seams.wait(backoff(this.#tries++, this.#seams.random));
    }
  }

  /**
   * The bytes of a tile, inflated.
   * @param {string} hash
   * @param {{priority?: number, signal?: AbortSignal}} [wish] smaller priority goes first
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  async tile(hash, { priority = 0, signal } = {}) {
    const pushed = this.#pushed.get(hash);
    if (pushed) {
      this.#pushed.delete(hash);
      return pushed;
    }
    const ask = () => this.#ask((id) => ({ type: "get", id, hash, priority }), signal);
    return this.#expected.includes(hash) ? this.#await(hash, signal, ask) : ask();
  }

  /** The payload of an overlay, inflated. @param {string} overlay @returns {Promise<Uint8Array<ArrayBuffer>>} */
  overlay(overlay) {
    return this.#ask((id) => ({ type: "overlay", id, overlay }));
  }

  /** Join the live values; joined again after every reconnection. */
  joinValues() {
    this.#wantsValues = true;
    if (this.#open) this.#send({ type: "values", on: true });
  }

  /** One connection from opening to its end. @returns {Promise<number>} the close code */
  #once() {
    return new Promise((resolve) => {
      const socket = new this.#seams.WebSocket(this.#url, [PROTOCOL]);
      this.#socket = socket;
      socket.binaryType = "arraybuffer";
      socket.onopen = () => this.#greet();
      socket.onmessage = ({ data }) => {
        this.#chain = this.#chain.then(() => this.#take(data)).catch((error) => this.#say("fault", error));
      };
      socket.onclose = ({ code }) => {
        this.#lose();
        resolve(code);
      };
    });
  }

  #greet() {
    this.#open = true;
    this.#consumed = 0;
    this.#send({ type: "hello", caps: this.#seams.caps, manifest: this.#manifest, push: this.#push });
    if (this.#wantsValues) this.#send({ type: "values", on: true });
    this.#say("state", "open");
  }

  #lose() {
    this.#open = false;
    this.#expected = [];
    const lost = [...this.#waiting.values(), ...this.#awaited.values()];
    this.#waiting.clear();
    this.#awaited.clear();
    for (const { reject } of lost) reject(new SocketDown("The connection was lost."));
  }

  /** @param {ArrayBuffer} data */
  async #take(data) {
    const frame = decodeFrame(data);
    const bytes = frame.gzip ? await this.#seams.inflate(frame.payload) : frame.payload;
    if (frame.cost) this.#grant(frame.cost);
    switch (frame.kind) {
      case Kind.welcome:
        this.#tries = 0;
        return this.#say("welcome", decodeJson(bytes));
      case Kind.manifest:
        return this.#takeManifest(frame.hash, /** @type {Manifest} */ (decodeJson(bytes)));
      case Kind.tile:
        return frame.id ? this.#settle(frame.id, bytes) : this.#takePushed(frame.hash, bytes);
      case Kind.overlay:
        return this.#settle(frame.id, bytes);
      case Kind.error:
        return this.#refuse(frame.id, /** @type {ConstructorParameters<typeof Answered>[0]} */ (decodeJson(bytes)));
      case Kind.values:
        return this.#say("values", decodeJson(bytes));
      case Kind.notice:
        return this.#say("notice", decodeJson(bytes));
    }
  }

  /** @param {string} hash @param {Manifest} manifest */
  #takeManifest(hash, manifest) {
    this.#manifest = hash;
    this.#expected = pushedFirst(manifest.tiles, this.#seams.caps.includes("gzip"), this.#push);
    this.#say("manifest", { hash, manifest });
  }

  /** @param {string} hash @param {Uint8Array<ArrayBuffer>} bytes */
  #takePushed(hash, bytes) {
    this.#expected = this.#expected.filter((expected) => expected !== hash);
    const waiter = this.#awaited.get(hash);
    this.#awaited.delete(hash);
    if (waiter) waiter.resolve(bytes);
    else this.#pushed.set(hash, bytes);
  }

  /**
   * Wait for a tile that is on its way anyway; ask for it when it does not come.
   * @param {string} hash @param {AbortSignal | undefined} signal @param {() => Promise<Uint8Array<ArrayBuffer>>} ask
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  #await(hash, signal, ask) {
    return new Promise((resolve, reject) => {
      this.#awaited.set(hash, { resolve, reject });
      signal?.addEventListener("abort", () => this.#awaited.delete(hash) && reject(aborted()), { once: true });
      void this.#seams.wait(PUSH_PATIENCE_MS).then(() => {
        if (this.#awaited.delete(hash)) ask().then(resolve, reject);
      });
    });
  }

  /**
   * @param {(id: number) => object} message @param {AbortSignal} [signal]
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  #ask(message, signal) {
    if (!this.#open) return Promise.reject(new SocketDown("The connection is not open."));
    if (signal?.aborted) return Promise.reject(aborted());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      signal?.addEventListener("abort", () => this.#cancel(id), { once: true });
      this.#send(message(id));
    });
  }

  /** @param {number} id */
  #cancel(id) {
    const waiter = this.#waiting.get(id);
    if (!waiter) return;
    this.#waiting.delete(id);
    if (this.#open) this.#send({ type: "cancel", id });
    waiter.reject(aborted());
  }

  /** @param {number} id @param {Uint8Array<ArrayBuffer>} bytes */
  #settle(id, bytes) {
    this.#waiting.get(id)?.resolve(bytes);
    this.#waiting.delete(id);
  }

  /** @param {number} id @param {ConstructorParameters<typeof Answered>[0]} problem */
  #refuse(id, problem) {
    this.#waiting.get(id)?.reject(new Answered(problem));
    this.#waiting.delete(id);
  }

  /** @param {number} bytes */
  #grant(bytes) {
    this.#consumed += bytes;
    if (this.#consumed < GRANT_BYTES || !this.#open) return;
    this.#send({ type: "credit", bytes: this.#consumed });
    this.#consumed = 0;
  }

  /** @param {object} message */
  #send(message) {
    this.#socket?.send(JSON.stringify(message));
  }

  /** @param {string} type @param {unknown} detail */
  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/**
 * Which tiles the server pushes: coarse to fine, until the sum reaches what the hello message offered.
 * @param {TileEntry[]} tiles @param {boolean} gzip @param {number} push bytes @returns {string[]}
 */
export function pushedFirst(tiles, gzip, push) {
  let sum = 0;
  const hashes = [];
  for (const tile of tiles) {
    if (sum >= push) break;
    hashes.push(tile.hash);
    sum += gzip ? tile.gzip_bytes : tile.bytes;
  }
  return hashes;
}

/**
 * Milliseconds before try number `n`: between half and all of 1 s, 2 s, 4 s … 30 s, so that a street full of phones
 * does not come back in one moment.
 * @param {number} n @param {() => number} random
 */
export const backoff = (n, random) => Math.min(30_000, 1000 * 2 ** n) * (0.5 + 0.5 * random());

const aborted = () => new DOMException("No longer wanted.", "AbortError");

/** @param {number} ms @returns {Promise<void>} */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
