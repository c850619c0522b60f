import assert from "node:assert/strict";
import { test } from "node:test";
import { SceneSocket, SocketDown, backoff, pushedFirst } from "../../static_src/scene/socket.js";

const HASH = "0123456789abcdef";
const HASH_BYTES = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];

/** A server at the other end of a wire without a network. */
class Wire {
  static all = [];
  sent = [];
  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    Wire.all.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.onclose({ code: 1000 });
  }
  /** Deliver a frame and let the promises behind it run. */
  async frame(kind, payload, { id = 0, hash = HASH_BYTES } = {}) {
    const body = payload instanceof Uint8Array ? payload : new TextEncoder().encode(JSON.stringify(payload));
    const bytes = new Uint8Array(16 + body.length);
    bytes[0] = kind;
    new DataView(bytes.buffer).setUint32(4, id, true);
    bytes.set(hash, 8);
    bytes.set(body, 16);
    this.onmessage({ data: bytes.buffer });
    await settled();
  }
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** An open link, its wire, and the waits that time has not yet ended. */
async function opened(t) {
  Wire.all = [];
  const waits = [];
  const wait = (ms) => new Promise((resolve) => waits.push({ ms, resolve }));
  const socket = new SceneSocket("ws://example/ws/scenes/helsinki/", { WebSocket: Wire, wait, random: () => 1, caps: [] });
  const ending = new AbortController();
  t.after(() => ending.abort());
  void socket.run(ending.signal);
  Wire.all[0].onopen();
  return { socket, wire: Wire.all[0], waits };
}

test("the first message is a hello that offers what the client can take", async (t) => {
  const { wire } = await opened(t);
  assert.deepEqual(wire.protocols, ["twin.tiles.v1"]);
  assert.deepEqual(wire.sent, [{ type: "hello", caps: [], manifest: null, push: 150000 }]);
});

test("a tile is asked for by hash and comes back as bytes", async (t) => {
  const { socket, wire } = await opened(t);
  const asked = socket.tile(HASH, { priority: 2 });
  assert.deepEqual(wire.sent[1], { type: "get", id: 1, hash: HASH, priority: 2 });
  await wire.frame(3, new Uint8Array([1, 2, 3]), { id: 1 });
  assert.deepEqual([...(await asked)], [1, 2, 3]);
});

test("a pushed tile is not asked for again", async (t) => {
  const { socket, wire } = await opened(t);
  await wire.frame(2, { tiles: [{ hash: HASH, bytes: 3, gzip_bytes: 3 }] });
  const early = socket.tile(HASH);
  await wire.frame(3, new Uint8Array([1, 2, 3]));
  assert.deepEqual([...(await early)], [1, 2, 3]);
  assert.equal(wire.sent.length, 1);
});

test("a tile that was to be pushed and does not come is asked for", async (t) => {
  const { socket, wire, waits } = await opened(t);
  await wire.frame(2, { tiles: [{ hash: HASH, bytes: 3, gzip_bytes: 3 }] });
  void socket.tile(HASH).catch(() => {});
  assert.equal(wire.sent.length, 1);
  waits[0].resolve();
  await settled();
  assert.deepEqual(wire.sent[1], { type: "get", id: 1, hash: HASH, priority: 0 });
});

test("an aborted request is cancelled at the server", async (t) => {
  const { socket, wire } = await opened(t);
  const looking = new AbortController();
  const refused = assert.rejects(socket.tile(HASH, { signal: looking.signal }), { name: "AbortError" });
  looking.abort();
  await refused;
  assert.deepEqual(wire.sent[2], { type: "cancel", id: 1 });
});

test("an error frame rejects its request alone", async (t) => {
  const { socket, wire } = await opened(t);
  const [missing, other] = [socket.tile("f".repeat(16)), socket.tile(HASH)];
  const refused = assert.rejects(missing, { code: "no-such-tile", message: "Read the manifest again." });
  await wire.frame(5, { status: 404, code: "no-such-tile", detail: "Read the manifest again." }, { id: 1 });
  await refused;
  await wire.frame(3, new Uint8Array([5]), { id: 2 });
  assert.deepEqual([...(await other)], [5]);
});

test("consumed bytes are granted again in portions", async (t) => {
  const { socket, wire } = await opened(t);
  void socket.tile(HASH).catch(() => {});
  await wire.frame(3, new Uint8Array(40_000), { id: 1 });
  assert.deepEqual(wire.sent.at(-1), { type: "credit", bytes: 40_016 });
});

test("a loss rejects what waits, and the link comes back with what it holds", async (t) => {
  const { socket, wire, waits } = await opened(t);
  socket.joinValues();
  await wire.frame(2, { tiles: [] });
  const refused = assert.rejects(socket.overlay("8c1b"), SocketDown);
  wire.onclose({ code: 1006 });
  await refused;
  await settled();
  assert.deepEqual(waits.map(({ ms }) => ms), [1000]);
  waits[0].resolve();
  await settled();
  Wire.all[1].onopen();
  assert.deepEqual(Wire.all[1].sent, [
    { type: "hello", caps: [], manifest: HASH, push: 150000 },
    { type: "values", on: true },
  ]);
});

test("a refused scene is not tried again", async (t) => {
  const { socket, wire, waits } = await opened(t);
  const states = [];
  socket.addEventListener("state", ({ detail }) => states.push(detail));
  wire.onclose({ code: 4404 });
  await settled();
  assert.deepEqual(states, ["refused"]);
  assert.deepEqual(waits, []);
});

test("waits double up to half a minute and scatter", () => {
  assert.deepEqual([0, 1, 2, 5, 20].map((n) => backoff(n, () => 1)), [1000, 2000, 4000, 30000, 30000]);
  assert.equal(backoff(2, () => 0), 2000);
});

test("the pushed tiles are the coarse ones up to the offered bytes", () => {
  const tile = (hash, gzip_bytes) => ({ hash, gzip_bytes, bytes: gzip_bytes * 2 });
  const tiles = [tile("a", 100_000), tile("b", 60_000), tile("c", 10)];
  assert.deepEqual(pushedFirst(tiles, true, 150_000), ["a", "b"]);
  assert.deepEqual(pushedFirst(tiles, false, 150_000), ["a"]);
  assert.deepEqual(pushedFirst(tiles, true, 0), []);
});
