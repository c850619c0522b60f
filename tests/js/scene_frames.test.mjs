import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Kind, decodeFrame, decodeJson, inflate } from "../../static_src/scene/frames.js";
import { NOTHING_SAID, NOT_MODELLED, Overlay } from "../../static_src/scene/overlay.js";

const frame = (bytes) => new Uint8Array(bytes).buffer;

test("a tile frame is read as the protocol page writes it", () => {
  const read = decodeFrame(frame([3, 1, 0, 0, 7, 1, 0, 0, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 9, 8]));
  assert.equal(read.kind, Kind.tile);
  assert.equal(read.gzip, true);
  assert.equal(read.last, false);
  assert.equal(read.id, 263);
  assert.equal(read.hash, "0123456789abcdef");
  assert.equal(read.cost, 18);
  assert.deepEqual([...read.payload], [9, 8]);
});

test("a small frame costs no credit", () => {
  assert.equal(decodeFrame(frame([8, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])).cost, 0);
});

test("a frame without a whole header is refused", () => {
  assert.throws(() => decodeFrame(frame([3, 0, 0])), /3 bytes has no header/);
});

test("what gzip packed comes out unchanged", async () => {
  const packed = new Uint8Array(gzipSync('{"title": {"fi": "Pitkäsilta"}}'));
  assert.deepEqual(decodeJson(await inflate(packed)), { title: { fi: "Pitkäsilta" } });
});

/** Four slots: much less, not modelled, nothing said and closed, more. */
function overlayBytes() {
  const head = { overlay: "o", unit: "veh/h", slots: 4, sections: [
    { name: "class", type: "i8", offset: 0, bytes: 4 },
    { name: "closed", type: "bits", offset: 8, bytes: 1 },
    { name: "before", type: "u16", offset: 16, bytes: 8, scale: 0.5, bias: 10, no_data: 65535 },
    { name: "p_sign", type: "u8", offset: 24, bytes: 4, scale: 0.01, bias: 0, no_data: 255 },
  ] };
  let text = JSON.stringify(head);
  while ((4 + text.length) % 8) text += " ";
  const bytes = new Uint8Array(4 + text.length + 28);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(new TextEncoder().encode(text), 4);
  const body = bytes.subarray(4 + text.length);
  body.set([254, 129, 128, 1], 0);
  body.set([0b0100], 8);
  body.set([200, 0, 255, 255, 0, 0, 0, 1], 16);
  body.set([97, 255, 0, 50], 24);
  return bytes;
}

test("an overlay says before, class, closure and certainty of every slot", () => {
  const overlay = new Overlay(overlayBytes());
  assert.deepEqual(overlay.said(0), { change: -2, closed: false, before: 110, after: null, certainty: 0.97 });
  assert.deepEqual(overlay.said(1), { change: NOT_MODELLED, closed: false, before: null, after: null, certainty: null });
  assert.deepEqual(overlay.said(2), { change: NOTHING_SAID, closed: true, before: 10, after: null, certainty: 0 });
  assert.deepEqual(overlay.said(3), { change: 1, closed: false, before: 138, after: null, certainty: 0.5 });
});

test("a slot beyond the overlay says nothing instead of failing", () => {
  assert.deepEqual(new Overlay(overlayBytes()).said(99), { change: NOTHING_SAID, closed: false, before: null, after: null, certainty: null });
});

test("an overlay that is cut off is refused", () => {
  assert.throws(() => new Overlay(overlayBytes().subarray(0, overlayBytes().length - 2)), /p_sign is cut off/);
});
