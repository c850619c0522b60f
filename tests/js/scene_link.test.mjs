import assert from "node:assert/strict";
import { test } from "node:test";
import { SceneLink } from "../../static_src/scene/link.js";
import { file, spoken, spokenWhole, uncovered } from "../../static_src/scene/markers.js";
import { SocketDown } from "../../static_src/scene/socket.js";
import { fill, moment, number, pick } from "../../static_src/scene/words.js";

const DOORS = { manifest: "/manifest.json", values: "/values", scene: "/scene", overlays: "/overlays/", socket: "/ws/" };

/** A socket that never opens, and a server behind HTTP. */
function withoutSocket(answers) {
  const asked = [];
  const socket = Object.assign(new EventTarget(), {
    isOpen: false,
    joinValues() {},
    async run() {
      this.dispatchEvent(new CustomEvent("state", { detail: "waiting" }));
    },
    tile: () => Promise.reject(new SocketDown("not open")),
    overlay: () => Promise.reject(new SocketDown("not open")),
  });
  const fetch = async (path) => {
    asked.push(path);
    return answers[path] ?? new Response("", { status: 404 });
  };
  return { link: new SceneLink(DOORS, { socket, fetch }), asked };
}
const json = (body, headers = {}) => new Response(JSON.stringify(body), { headers });

test("without a socket manifest, overlays and values come over HTTP", async (t) => {
  const overlay = { id: "o1", title: { en: "Bridge closed" } };
  const { link } = withoutSocket({
    "/manifest.json": json({ slots: 7 }, { ETag: 'W/"0123456789abcdef"' }),
    "/scene": json({ overlays: [overlay] }),
    "/values": json({ values: [{ site: "s" }] }),
  });
  const heard = [];
  for (const type of ["overlays", "values"]) link.addEventListener(type, ({ detail }) => heard.push([type, detail]));
  const ending = new AbortController();
  t.after(() => ending.abort());
  link.start(ending.signal);
  assert.deepEqual(await link.manifest(), { hash: "0123456789abcdef", manifest: { slots: 7 } });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(heard, [["overlays", [overlay]], ["values", [{ site: "s" }]]]);
});

test("a scene that is not built has no manifest", async (t) => {
  const { link } = withoutSocket({ "/scene": json({ overlays: [] }) });
  const ending = new AbortController();
  t.after(() => ending.abort());
  link.start(ending.signal);
  assert.equal(await link.manifest(), null);
});

test("without a socket a tile comes over HTTP, and the page hears which road it took", async () => {
  const { link, asked } = withoutSocket({ "/tiles/ab.glb": new Response(new Uint8Array([1, 2])) });
  const roads = [];
  link.addEventListener("transport", ({ detail }) => roads.push(detail));
  assert.deepEqual([...new Uint8Array(await link.tile({ hash: "ab", uri: "/tiles/ab.glb" }))], [1, 2]);
  assert.deepEqual(asked, ["/tiles/ab.glb"]);
  assert.deepEqual(roads, ["http"]);
});

test("a file that is not there is an error, not an empty tile", async () => {
  const { link } = withoutSocket({});
  await assert.rejects(link.tile({ hash: "ab", uri: "/tiles/ab.glb" }), { status: 404 });
});

test("labels that would cover each other, a control or the edge are not shown whole", () => {
  const box = (x, y) => ({ x, y, width: 100, height: 40 });
  assert.deepEqual(uncovered([box(60, 50), box(120, 60), box(200, 50), box(340, 50)], [], 360), [true, false, true, false]);
  assert.deepEqual(uncovered([box(60, 50)], [{ x: 60, y: 80, width: 10, height: 30 }], 360), [false]);
});

test("a later reading of a series replaces the earlier one", () => {
  const sites = file([{ site: "a", phenomenon: "cars", value: 1 }, { site: "a", phenomenon: "noise", value: 60 }], new Map());
  file([{ site: "a", phenomenon: "cars", value: 2 }], sites);
  assert.deepEqual([...sites.get("a").values()].map(({ value }) => value), [2, 60]);
});

const SPEECH = { words: { simulated: "simulated", no_value: "no value" }, language: "en", units: { "ug/m3": "µg/m³" }, phenomena: { pm2_5: "PM2.5" } };
const READING = { phenomenon: "pm2_5", value: 8.26, unit: "ug/m3", time: "2026-11-01T09:40:00", simulated: true };

test("a label says value, unit, what, when, and that it is simulated", () => {
  assert.deepEqual(spoken(READING, SPEECH), {
    label: "PM2.5", value: "8.3 µg/m³", time: "11/1/26, 9:40 AM", simulated: "simulated",
  });
  assert.equal(spokenWhole(READING, SPEECH), "PM2.5, 8.3 µg/m³, 11/1/26, 9:40 AM, simulated");
  assert.equal(spoken({ ...READING, value: null }, SPEECH).value, "no value");
});

test("words are filled in, picked and numbers written in the reader's language", () => {
  assert.equal(fill("%(before)s → %(after)s", { before: 1, after: "2" }), "1 → 2");
  assert.equal(pick({ fi: "Silta", en: "Bridge" }, "sv"), "Bridge");
  assert.equal(number(1234.56, "fi"), "1\u00a0235");
  assert.equal(number(3.14, "sv"), "3,1");
  assert.equal(number(46.4, "en", "{vehicles}/h"), "46");
  assert.equal(moment("2026-11-01T09:40:00", "en", new Date("2026-11-01T12:00:00")), "9:40 AM");
});
