import assert from "node:assert/strict";
import { test } from "node:test";
import { JobView, follow, isOver, secondsLeft, stateIn } from "../../static_src/engagement/job.js";

/** The parts of `_job.html` that the view touches. */
function section() {
  const parts = new Map();
  const part = (name) => parts.get(name) ?? parts.set(name, { textContent: "", hidden: true, dataset: {}, value: 0 }).get(name);
  const root = {
    dataset: { job: "7", state: "running", reload: "", seconds: "about {n} s left", minutes: "about {n} min left" },
    querySelector: part,
    events: [],
    dispatchEvent(event) { this.events.push(event.type); },
  };
  part("[data-job-state]").dataset = { running: "running", done: "done", failed: "failed" };
  return { root, part };
}

const state = (fraction, word = "running", more = {}) => ({ fraction, message: "Assigning", state: word, error: "", ...more });

test("the time left follows the pace so far and is not guessed too early", () => {
  assert.equal(secondsLeft(0.25, 10), 30);
  assert.equal(secondsLeft(0.5, 20, 0.4), 100);
  assert.equal(secondsLeft(0.01, 10), null);
  assert.equal(secondsLeft(0.5, 0.2), null);
  assert.equal(secondsLeft(1, 60), null);
});

test("a snapshot, a progress event and nonsense are told apart", () => {
  assert.deepEqual(stateIn('{"kind":"snapshot","items":[{"fraction":0.5}]}'), { fraction: 0.5 });
  assert.equal(stateIn('{"kind":"snapshot","items":[]}'), null);
  assert.equal(stateIn('{"kind":"job.progress","fraction":1}').fraction, 1);
  assert.equal(stateIn("{"), null);
  assert.equal(stateIn(new ArrayBuffer(1)), null);
});

test("the view shows bar, words and time left", () => {
  const { root, part } = section();
  let now = 0;
  const view = new JobView(root, { now: () => now });
  view.show(state(0));
  now = 10_000;
  view.show(state(0.25));
  assert.equal(part("progress").value, 25);
  assert.equal(part("[data-job-percent]").textContent, "25 %");
  assert.equal(part("[data-job-left]").textContent, "about 30 s left");
  assert.equal(part("[data-job-message]").textContent, "Assigning");
});

test("the page is loaded anew once, when the work ends", () => {
  const { root } = section();
  let reloads = 0;
  const view = new JobView(root, { reload: () => { reloads += 1; } });
  view.show(state(1, "done"));
  view.show(state(1, "done"));
  assert.equal(reloads, 1);
  assert.deepEqual(root.events, ["job:over"]);
  assert.ok(isOver("failed") && isOver("cancelled") && !isOver("queued"));
});

test("an error is shown as the sentence that the server wrote", () => {
  const { root, part } = section();
  new JobView(root, { reload: () => {} }).show(state(0.4, "failed", { error: "The network is empty." }));
  assert.equal(part("[data-job-error]").hidden, false);
  assert.equal(part("[data-job-error]").textContent, "The network is empty.");
});

test("where sockets fail, the page asks until the work is over", async () => {
  const { root } = section();
  class Refusing extends EventTarget {
    constructor(url) {
      super();
      assert.equal(url, "ws://site.example/ws/jobs/7/");
      queueMicrotask(() => this.dispatchEvent(new Event("close")));
    }
    close() {}
  }
  const answers = [state(0.3), state(1, "done")];
  const asked = [];
  await follow(new JobView(root, { reload: () => {} }), {
    WebSocket: Refusing,
    fetch: async (path) => { asked.push(path); return { ok: true, json: async () => answers.shift() }; },
    wait: async () => {},
    base: "http://site.example",
  });
  assert.deepEqual(asked, ["/api/v1/jobs/7/", "/api/v1/jobs/7/"]);
});
