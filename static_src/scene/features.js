/**
 * What a tile knows of its features: the property table of `EXT_structural_metadata`, class `feature`, read by a
 * loader plugin of our own, because the schema is fixed by the protocol and need not be fetched for every tile.
 */

/** Kinds by their number in the schema. */
export const KINDS = /** @type {const} */ (["building", "street", "bridge", "water", "block"]);

/**
 * @typedef {object} Feature
 * @property {string} id `way/23952344`
 * @property {string} name empty if it has none
 * @property {typeof KINDS[number]} kind
 * @property {number} height metres above ground, 0 for flat things
 * @property {string} heightSource `height`, `levels`, `assumed: <why>` or empty
 *
 * @typedef {{values: number, stringOffsets?: number, stringOffsetType?: string}} PropertyJson
 * @typedef {{json: any, getDependency: (type: string, index: number) => Promise<ArrayBuffer>}} GltfParser
 */

/** The rows of one tile. Strings are decoded when asked for: most rows never are. */
export class FeatureTable {
  /** @param {number} count @param {Record<string, (row: number) => string | number>} columns */
  constructor(count, columns) {
    this.count = count;
    this.columns = columns;
  }

  /** @param {number} row @returns {Feature} */
  at(row) {
    const { id, name, kind, height, height_source } = this.columns;
    return {
      id: String(id?.(row) ?? ""),
      name: String(name?.(row) ?? ""),
      kind: KINDS[Number(kind?.(row) ?? 0)] ?? "building",
      height: Number(height?.(row) ?? 0),
      heightSource: String(height_source?.(row) ?? ""),
    };
  }
}

const NUMBERS = /** @type {Record<string, (buffer: ArrayBuffer) => ArrayLike<number>>} */ ({
  kind: (buffer) => new Uint8Array(buffer),
  height: (buffer) => new Float32Array(buffer),
});
const OFFSETS = /** @type {Record<string, (buffer: ArrayBuffer) => ArrayLike<number>>} */ ({
  UINT8: (buffer) => new Uint8Array(buffer),
  UINT16: (buffer) => new Uint16Array(buffer),
  UINT32: (buffer) => new Uint32Array(buffer),
});

/**
 * Read the first property table of a glTF.
 * @param {any} table of `EXT_structural_metadata.propertyTables`
 * @param {(view: number) => Promise<ArrayBuffer>} bytesOf
 */
export async function readTable(table, bytesOf) {
  const columns = /** @type {Record<string, (row: number) => string | number>} */ ({});
  for (const [name, property] of /** @type {[string, PropertyJson][]} */ (Object.entries(table.properties))) {
    const values = await bytesOf(property.values);
    if (property.stringOffsets === undefined) {
      const numbers = (NUMBERS[name] ?? NUMBERS.height)(values);
      columns[name] = (row) => numbers[row];
    } else {
      columns[name] = strings(values, OFFSETS[property.stringOffsetType ?? "UINT32"](await bytesOf(property.stringOffsets)));
    }
  }
  return new FeatureTable(table.count, columns);
}

/** @param {ArrayBuffer} bytes @param {ArrayLike<number>} offsets @returns {(row: number) => string} */
function strings(bytes, offsets) {
  const decoder = new TextDecoder();
  return (row) => decoder.decode(new Uint8Array(bytes, offsets[row], offsets[row + 1] - offsets[row]));
}

/** Loader plugin: leaves the table at `scene.userData.features`. */
export class FeaturePlugin {
  name = "EXT_structural_metadata";

  /** @param {GltfParser} parser */
  constructor(parser) {
    this.parser = parser;
  }

  /** @param {{scene: {userData: Record<string, unknown>}}} result */
  async afterRoot({ scene }) {
    const { json } = this.parser;
    const table = json.extensions?.EXT_structural_metadata?.propertyTables?.[0];
    if (!table) return;
    scene.userData.features = await readTable(table, async (view) => {
      const bytes = await this.parser.getDependency("bufferView", view);
      return bytes.slice(0);
    });
  }
}
