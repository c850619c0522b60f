/**
 * An overlay: what one planning run says about every feature, before and after (payload of kind 6).
 * Pure: bytes in, values out.
 */

/** Class codes beside −2 … 2. */
export const NOT_MODELLED = -127;
export const NOTHING_SAID = -128;

/**
 * @typedef {object} Section
 * @property {string} name
 * @property {"i8" | "u8" | "u16" | "bits"} type
 * @property {number} offset from the end of the head, bytes
 * @property {number} bytes
 * @property {number} [scale]
 * @property {number} [bias]
 * @property {number} [no_data]
 *
 * @typedef {object} Head
 * @property {string} overlay
 * @property {string} run
 * @property {Record<string, string>} title
 * @property {string} unit
 * @property {string} manifest
 * @property {number} slots
 * @property {string[]} closed
 * @property {Section[]} sections
 *
 * @typedef {object} Said what the run says about one slot
 * @property {number} change −2 … 2, `NOT_MODELLED` or `NOTHING_SAID`
 * @property {boolean} closed
 * @property {number | null} before in the overlay's unit
 * @property {number | null} after
 * @property {number | null} certainty probability that the direction is right, 0 … 1
 */

export class Overlay {
  #sections = /** @type {Map<string, {section: Section, values: Int8Array | Uint8Array | Uint16Array}>} */ (new Map());

  /**
   * @param {Uint8Array<ArrayBuffer>} bytes the payload after inflating
   * @throws {RangeError} when a section lies outside of the payload or misses slots
   */
  constructor(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = view.getUint32(0, true);
    /** @type {Head} */
    this.head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
    for (const section of this.head.sections) {
      const start = 4 + length + section.offset;
      if (start + section.bytes > bytes.byteLength) throw new RangeError(`Section ${section.name} is cut off.`);
      const values = typed(section.type, bytes.slice(start, start + section.bytes));
      const slots = section.type === "bits" ? values.length * 8 : values.length;
      if (slots < this.head.slots) throw new RangeError(`Section ${section.name} misses slots.`);
      this.#sections.set(section.name, { section, values });
    }
  }

  get slots() {
    return this.head.slots;
  }

  /** @param {number} slot @returns {number} −2 … 2, `NOT_MODELLED` or `NOTHING_SAID` */
  change(slot) {
    return this.#sections.get("class")?.values[slot] ?? NOTHING_SAID;
  }

  /** @param {number} slot */
  closed(slot) {
    const bits = this.#sections.get("closed")?.values;
    return bits ? ((bits[slot >> 3] >> (slot & 7)) & 1) === 1 : false;
  }

  /** @param {number} slot @returns {Said} */
  said(slot) {
    return {
      change: this.change(slot),
      closed: this.closed(slot),
      before: this.#number("before", slot),
      after: this.#number("after", slot),
      certainty: this.#number("p_sign", slot),
    };
  }

  /** @param {string} name @param {number} slot @returns {number | null} */
  #number(name, slot) {
    const found = this.#sections.get(name);
    if (!found || slot >= found.values.length) return null;
    const stored = found.values[slot];
    const { scale = 1, bias = 0, no_data } = found.section;
    return stored === no_data ? null : bias + scale * stored;
  }
}

/** @param {Section["type"]} type @param {Uint8Array<ArrayBuffer>} bytes a copy, so aligned */
function typed(type, bytes) {
  if (type === "i8") return new Int8Array(bytes.buffer);
  if (type === "u16") return new Uint16Array(bytes.buffer);
  return bytes;
}
