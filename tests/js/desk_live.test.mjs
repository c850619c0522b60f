import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff, follow, newsIn } from "../../static_src/engagement/desk_live.js";

test("a new item, a colleague's ruling on the open item, and everything else are told apart", () => {
  assert.deepEqual(newsIn('{"kind":"queue.grew","seq":4}', "a"), { news: "grew", seq: 4 });
  assert.deepEqual(newsIn('{"kind":"queue.ruled","item":"a","seq":5}', "a"), { news: "taken", seq: 5 });
  assert.deepEqual(newsIn('{"kind":"queue.ruled","item":"b","seq":6}', "a"), { news: "", seq: 6 });
  assert.deepEqual(newsIn('{"kind":"snapshot","items":[],"seq":3}', ""), { news: "", seq: 3 });
  assert.deepEqual(newsIn("{", ""), { news: "", seq: 0 });
});

test("waiting grows to half a minute and is spread", () => {
  assert.equal(backoff(0, 0.5), 1000);
  assert.equal(backoff(3, 0.5), 8000);
  assert.equal(backoff(20, 0), 22_500);
  assert.equal(backoff(20, 1), 37_500);
});

test("after a loss the page comes back with its last number and misses nothing", async () => {
  const lines = { "[data-desk]": { dataset: { open: "a" } }, "[data-desk-taken]": { hidden: true }, "[data-desk-grew]": { hidden: true } };
  const stop = new AbortController();
  const addresses = [];
  class Socket extends EventTarget {
    constructor(address) {
      super();
      addresses.push(address);
      queueMicrotask(() => {
        const message = addresses.length === 1 ? { kind: "queue.grew", seq: 7 } : { kind: "queue.ruled", item: "a", seq: 8 };
        this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(message) }));
        if (addresses.length === 2) stop.abort();
        this.dispatchEvent(new Event("close"));
      });
    }
  }
  await follow({ querySelector: (name) => lines[name] }, { WebSocket: Socket, wait: async () => {}, base: "http://x", signal: stop.signal });
  assert.deepEqual(addresses, ["ws://x/ws/desk/", "ws://x/ws/desk/?since=7"]);
  assert.equal(lines["[data-desk-grew]"].hidden, false);
  assert.equal(lines["[data-desk-taken]"].hidden, false);
});
