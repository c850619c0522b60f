/**
 * Frames of `twin.tiles.v1` as a browser reads them: a header of 16 bytes, then the payload.
 * The words and numbers are those of docs/reference/twin-tiles-v1.md. Pure: bytes in, values out.
 */

export const PROTOCOL = "twin.tiles.v1";
export const HEADER_BYTES = 16;

/** @enum {number} */
export const Kind = { welcome: 1, manifest: 2, tile: 3, notModified: 4, error: 5, overlay: 6, values: 7, notice: 8 };

const GZIP = 1;
const LAST = 2;

/** What costs credit; every other kind is small and goes at once. */
const CREDITED = new Set([Kind.tile, Kind.overlay, Kind.values]);

/**
 * @typedef {object} Frame
 * @property {number} kind one of `Kind`, or a number that this version does not know
 * @property {boolean} gzip the payload has to be inflated
 * @property {boolean} last the server closes the connection after this frame
 * @property {number} id the request that this answers, 0 if unasked
 * @property {string} hash 16 hex digits, of the content after inflating
 * @property {number} cost bytes of credit that it used up
 * @property {Uint8Array<ArrayBuffer>} payload
 */

/**
 * @param {ArrayBuffer} bytes one whole WebSocket message
 * @returns {Frame}
 * @throws {RangeError} when it is shorter than a header
 */
export function decodeFrame(bytes) {
  if (bytes.byteLength < HEADER_BYTES) throw new RangeError(`A frame of ${bytes.byteLength} bytes has no header.`);
  const view = new DataView(bytes);
  const kind = view.getUint8(0);
  const flags = view.getUint8(1);
  return {
    kind,
    gzip: (flags & GZIP) !== 0,
    last: (flags & LAST) !== 0,
    id: view.getUint32(4, true),
    hash: hex(new Uint8Array(bytes, 8, 8)),
    cost: CREDITED.has(kind) ? bytes.byteLength : 0,
    payload: new Uint8Array(bytes, HEADER_BYTES),
  };
}

/** @param {Uint8Array} bytes @returns {unknown} */
export const decodeJson = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Inflate gzip bytes. Browsers without `DecompressionStream` never ask for gzip (see `capabilities`).
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** What this browser can take, as `caps` of the hello message. @returns {string[]} */
export const capabilities = () => (typeof DecompressionStream === "function" ? ["gzip"] : []);
