/**
 * Digests for the few forms that call `digest()`: MD5 (RFC 1321), SHA-1 and SHA-2 (FIPS 180-4). The browser's own are
 * asynchronous and have no MD5, and an expression must have its value at once. Loaded only where a form needs it.
 *
 * @typedef {{digest: (text: string, algorithm: string, encoding: string) => string, seed: (text: string) => bigint}} Digest
 */
import { EvaluationError } from "./values.js";

const MASK32 = 0xffffffffn;
const MASK64 = 0xffffffffffffffffn;

/** Fractional bits of roots of the first primes: the constants of SHA-2. @param {bigint} root 2n or 3n @param {number} count @param {bigint} bits */
function fractions(root, count, bits) {
  const found = [];
  for (let candidate = 2n; found.length < count; candidate++) {
    let prime = true;
    for (let divisor = 2n; divisor * divisor <= candidate; divisor++) prime &&= candidate % divisor !== 0n;
    if (prime) found.push(integerRoot(candidate << (bits * root), root) & ((1n << bits) - 1n));
  }
  return found;
}

/** The whole part of a root, by Newton's method. @param {bigint} value @param {bigint} root */
function integerRoot(value, root) {
  let guess = 1n << (BigInt(value.toString(2).length) / root + 1n);
  for (;;) {
    const next = ((root - 1n) * guess + value / guess ** (root - 1n)) / root;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** The message with its padding, in words. @param {Uint8Array} bytes @param {number} block bytes @param {number} word bytes @param {boolean} little */
function blocks(bytes, block, word, little) {
  const tail = block === 64 ? 8 : 16;
  const length = Math.ceil((bytes.length + 1 + tail) / block) * block;
  const filled = new Uint8Array(length);
  filled.set(bytes);
  filled[bytes.length] = 0x80;
  const view = new DataView(filled.buffer);
  view.setBigUint64(little ? length - 8 : length - 8, BigInt(bytes.length) * 8n, little);
  const words = [];
  for (let at = 0; at < length; at += word) {
    words.push(word === 8 ? view.getBigUint64(at) : BigInt(view.getUint32(at, little)));
  }
  return { words, size: block / word };
}

/** @param {bigint[]} words @param {number} size in bytes @param {boolean} [little] */
function bytesOf(words, size, little = false) {
  return words.flatMap((word) => {
    const bytes = Array.from({ length: size }, (_, place) => Number((word >> BigInt(8 * place)) & 255n));
    return little ? bytes : bytes.reverse();
  });
}

/** @param {bigint} word @param {number} by @param {boolean} wide */
const right = (word, by, wide) => {
  const bits = wide ? 64n : 32n;
  return ((word >> BigInt(by)) | (word << (bits - BigInt(by)))) & (wide ? MASK64 : MASK32);
};

/** @param {Uint8Array} bytes @param {boolean} wide @param {bigint[]} start @param {number} kept words */
function sha2(bytes, wide, start, kept) {
  const mask = wide ? MASK64 : MASK32;
  const rounds = wide ? 80 : 64;
  const constants = fractions(3n, rounds, wide ? 64n : 32n);
  const [s0, s1, S0, S1] = wide
    ? [[1, 8, 7], [19, 61, 6], [28, 34, 39], [14, 18, 41]]
    : [[7, 18, 3], [17, 19, 10], [2, 13, 22], [6, 11, 25]]; // prettier-ignore
  const small = (/** @type {bigint} */ word, /** @type {number[]} */ by) =>
    right(word, by[0], wide) ^ right(word, by[1], wide) ^ (word >> BigInt(by[2]));
  const big = (/** @type {bigint} */ word, /** @type {number[]} */ by) => by.map((turn) => right(word, turn, wide)).reduce((a, b) => a ^ b);
  const { words, size } = blocks(bytes, wide ? 128 : 64, wide ? 8 : 4, false);
  const state = [...start];
  for (let at = 0; at < words.length; at += size) {
    const w = words.slice(at, at + size);
    for (let i = 16; i < rounds; i++) w[i] = (w[i - 16] + small(w[i - 15], s0) + w[i - 7] + small(w[i - 2], s1)) & mask;
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < rounds; i++) {
      const first = (h + big(e, S1) + ((e & f) ^ (~e & mask & g)) + constants[i] + w[i]) & mask;
      const second = (big(a, S0) + ((a & b) ^ (a & c) ^ (b & c))) & mask;
      [a, b, c, d, e, f, g, h] = [(first + second) & mask, a, b, c, (d + first) & mask, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((word, place) => (state[place] = (state[place] + word) & mask));
  }
  return bytesOf(state.slice(0, kept), wide ? 8 : 4);
}

/** @param {Uint8Array} bytes */
function sha1(bytes) {
  const { words, size } = blocks(bytes, 64, 4, false);
  const left = (/** @type {bigint} */ word, /** @type {number} */ by) => right(word, 32 - by, false);
  const state = [0x67452301n, 0xefcdab89n, 0x98badcfen, 0x10325476n, 0xc3d2e1f0n];
  for (let at = 0; at < words.length; at += size) {
    const w = words.slice(at, at + size);
    for (let i = 16; i < 80; i++) w[i] = left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    let [a, b, c, d, e] = state;
    for (let i = 0; i < 80; i++) {
      const [mixed, constant] =
        i < 20 ? [(b & c) | (~b & MASK32 & d), 0x5a827999n]
        : i < 40 ? [b ^ c ^ d, 0x6ed9eba1n]
        : i < 60 ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdcn]
        : [b ^ c ^ d, 0xca62c1d6n]; // prettier-ignore
      [a, b, c, d, e] = [(left(a, 5) + mixed + e + constant + w[i]) & MASK32, a, left(b, 30), c, d];
    }
    [a, b, c, d, e].forEach((word, place) => (state[place] = (state[place] + word) & MASK32));
  }
  return bytesOf(state, 4);
}

/** @param {Uint8Array} bytes */
function md5(bytes) {
  const { words, size } = blocks(bytes, 64, 4, true);
  const turns = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]; // prettier-ignore
  const state = [0x67452301n, 0xefcdab89n, 0x98badcfen, 0x10325476n];
  for (let at = 0; at < words.length; at += size) {
    let [a, b, c, d] = state;
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const [mixed, place] = [
        [(b & c) | (~b & MASK32 & d), i],
        [(d & b) | (~d & MASK32 & c), 5 * i + 1],
        [b ^ c ^ d, 3 * i + 5],
        [c ^ (b | (~d & MASK32)), 7 * i],
      ][round];
      const constant = BigInt(Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));
      const sum = (a + BigInt(mixed) + constant + words[at + (Number(place) % 16)]) & MASK32;
      [a, b, c, d] = [d, (b + right(sum, 32 - turns[round][i % 4], false)) & MASK32, b, c];
    }
    [a, b, c, d].forEach((word, place) => (state[place] = (state[place] + word) & MASK32));
  }
  return bytesOf(state, 4, true);
}

/** @param {Uint8Array} bytes */
const sha256 = (bytes) => sha2(bytes, false, fractions(2n, 8, 32n), 8);
/** @param {Uint8Array} bytes */
const sha512 = (bytes) => sha2(bytes, true, fractions(2n, 8, 64n), 8);
/** @param {Uint8Array} bytes */
const sha384 = (bytes) => sha2(bytes, true, fractions(2n, 16, 64n).slice(8), 6);

/** @type {Record<string, (bytes: Uint8Array) => number[]>} */
const ALGORITHMS = { MD5: md5, "SHA-1": sha1, "SHA-256": sha256, "SHA-384": sha384, "SHA-512": sha512 };

/** @param {string} text @param {string} algorithm @param {string} encoding */
export function digest(text, algorithm, encoding) {
  if (!ALGORITHMS[algorithm] || !["base64", "hex"].includes(encoding)) {
    throw new EvaluationError(`digest() knows ${Object.keys(ALGORITHMS).join(", ")} and the encodings base64 and hex`);
  }
  const bytes = ALGORITHMS[algorithm](new TextEncoder().encode(text));
  if (encoding === "base64") return btoa(String.fromCharCode(...bytes));
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The number that seeds a shuffle by a text: the first eight bytes of its SHA-256. @param {string} text */
export function seed(text) {
  const bytes = Uint8Array.from(sha256(new TextEncoder().encode(text)).slice(0, 8));
  return new DataView(bytes.buffer).getBigInt64(0);
}
