/** The lines of a building: where two of its faces meet at an angle, or a face ends. Pure: arrays in, array out. */

/** Faces that differ less than this are one surface, radians. */
const FLAT = (20 * Math.PI) / 180;

/**
 * Pairs of vertex numbers of the edges worth drawing. Vertices are shared between faces, so an edge is a pair of
 * numbers and no positions have to be compared.
 * @param {ArrayLike<number>} positions x y z of each vertex, quantised or not, y upwards
 * @param {ArrayLike<number>} index three vertex numbers per triangle
 * @param {{stride?: number, ground?: number}} [layout] numbers per vertex; lines with both ends at or under `ground` are
 *   left out, for there a wall meets the ground
 * @returns {Uint32Array<ArrayBuffer>}
 */
export function edgesOf(positions, index, { stride = 3, ground = -Infinity } = {}) {
  const vertices = positions.length / stride;
  /** Edge → number of the first triangle that has it, or −1 once a second one has been compared. */
  const first = /** @type {Map<number, number>} */ (new Map());
  const normals = new Float32Array(index.length);
  const kept = /** @type {number[]} */ ([]);
  const low = (/** @type {number} */ vertex) => positions[vertex * stride + 1] <= ground;
  const keep = (/** @type {number} */ edge) => {
    const [a, b] = [Math.floor(edge / vertices), edge % vertices];
    if (!(low(a) && low(b))) kept.push(a, b);
  };
  for (let corner = 0; corner < index.length; corner += 3) {
    normalInto(normals, corner, positions, index, stride);
    for (let side = 0; side < 3; side++) {
      const [a, b] = [index[corner + side], index[corner + ((side + 1) % 3)]];
      const edge = Math.min(a, b) * vertices + Math.max(a, b);
      const other = first.get(edge);
      if (other === undefined) first.set(edge, corner);
      else {
        if (other >= 0 && bent(normals, other, corner)) keep(edge);
        first.set(edge, -1);
      }
    }
  }
  for (const [edge, corner] of first) if (corner >= 0) keep(edge);
  return new Uint32Array(kept);
}

/**
 * @param {Float32Array} normals @param {number} corner @param {ArrayLike<number>} p @param {ArrayLike<number>} index
 * @param {number} stride
 */
function normalInto(normals, corner, p, index, stride) {
  const [a, b, c] = [index[corner] * stride, index[corner + 1] * stride, index[corner + 2] * stride];
  const [ux, uy, uz] = [p[b] - p[a], p[b + 1] - p[a + 1], p[b + 2] - p[a + 2]];
  const [vx, vy, vz] = [p[c] - p[a], p[c + 1] - p[a + 1], p[c + 2] - p[a + 2]];
  const [x, y, z] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
  const length = Math.hypot(x, y, z) || 1;
  normals.set([x / length, y / length, z / length], corner);
}

/** @param {Float32Array} n @param {number} a @param {number} b */
function bent(n, a, b) {
  const cosine = n[a] * n[b] + n[a + 1] * n[b + 1] + n[a + 2] * n[b + 2];
  return Math.abs(cosine) < Math.cos(FLAT);
}
