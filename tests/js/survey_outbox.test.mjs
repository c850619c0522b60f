import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCharacter, newCode } from "../../static_src/survey/codes.js";
import { isOurFile, isSurvey } from "../../static_src/survey/kept.js";
import { Outbox } from "../../static_src/survey/outbox.js";

/** A journal that keeps its parcels in memory, as copies: what is not written down is lost. */
class Memory {
  kept = new Map();
  async parcels() {
    return [...this.kept.values()].map((parcel) => ({ ...parcel }));
  }
  async put(parcel) {
    this.kept.set(parcel.id, { ...parcel });
  }
  async remove(id) {
    this.kept.delete(id);
  }
}

const parcel = (id = "1") => ({ id, slug: "bridge", title: "Bridge", url: "/api", code: "K7", body: `{"id":"${id}"}` });
const answer = (status, body = {}) => ({ ok: status < 300, status, json: async () => body });

function outbox(fetch) {
  const journal = new Memory();
  const planned = [];
  return { journal, planned, box: new Outbox(journal, { fetch, later: (call, wait) => planned.push({ call, wait }) }) };
}

test("a response that was received keeps its code and loses its answers", async () => {
  const posted = [];
  const { journal, box } = outbox(async (url, options) => {
    posted.push([url, options.body]);
    return answer(201);
  });
  await box.add(parcel());
  assert.deepEqual(posted, [["/api", '{"id":"1"}']]);
  assert.deepEqual(journal.kept.get("1"), { ...parcel(), body: "", state: "sent", told: "" });
});

test("without a network a response waits and goes when the network returns", async () => {
  let online = false;
  const { journal, box } = outbox(async () => {
    if (!online) throw new TypeError("no network");
    return answer(201);
  });
  await box.add(parcel());
  assert.equal(journal.kept.get("1").state, "waiting");
  online = true;
  await box.send();
  assert.equal(journal.kept.get("1").state, "sent");
});

test("a network that returns while an attempt is failing is not missed", async () => {
  let online = false;
  let box;
  const made = outbox(async () => {
    if (online) return answer(201);
    online = true;
    await box.send(); // the browser says "online" now
    throw new TypeError("no network");
  });
  box = made.box;
  await box.add(parcel());
  assert.equal(made.journal.kept.get("1").state, "sent");
});

test("what waits is tried again by itself, later each time, by one timer", async () => {
  const { box, planned } = outbox(async () => answer(503));
  await box.add(parcel());
  await box.send();
  assert.deepEqual(planned.map(({ wait }) => wait), [15_000]);
  await planned[0].call();
  await new Promise(setImmediate);
  assert.equal(planned.length, 2);
  assert.ok(planned[1].wait > 15_000);
});

test("an answer of the server that may change is tried again, a final one is told", async () => {
  for (const [status, state] of [[500, "waiting"], [503, "waiting"], [429, "waiting"], [200, "sent"], [409, "refused"], [410, "refused"], [422, "refused"]]) {
    const { journal, box } = outbox(async () => answer(status, { detail: "because" }));
    await box.add(parcel());
    assert.equal(journal.kept.get("1").state, state, String(status));
    assert.equal(journal.kept.get("1").told, state === "refused" ? "because" : "");
    assert.equal(Boolean(journal.kept.get("1").body), state !== "sent");
  }
});

test("what was being sent when the page was closed is sent again", async () => {
  let posts = 0;
  const { journal, box } = outbox(async () => answer(200, void posts++));
  await journal.put({ ...parcel(), state: "sending", told: "" });
  await box.send();
  assert.equal(posts, 1);
  assert.equal(journal.kept.get("1").state, "sent");
});

test("a response is written down before it is sent", async () => {
  const { journal, box } = outbox(async () => {
    assert.equal(journal.kept.get("1").body, '{"id":"1"}');
    return answer(201);
  });
  await box.add(parcel());
});

test("two occasions at once send a response once", async () => {
  let posts = 0;
  const { box } = outbox(async () => {
    posts += 1;
    await Promise.resolve();
    return answer(201);
  });
  await Promise.all([box.add(parcel()), box.send(), box.send()]);
  assert.equal(posts, 1);
});

test("a refused response can be tried again and be removed", async () => {
  let status = 409;
  const { journal, box } = outbox(async () => answer(status, { detail: "closed" }));
  await box.add(parcel());
  status = 201;
  await box.retry("1");
  assert.equal(journal.kept.get("1").state, "sent");
  await box.remove("1");
  assert.equal(journal.kept.size, 0);
});

test("viewers hear of every change", async () => {
  const states = [];
  const { box } = outbox(async () => answer(201));
  box.addEventListener("change", (event) => states.push(event.detail.state));
  await box.add(parcel());
  assert.deepEqual(states, ["waiting", "sending", "sent"]);
});

test("a receipt code is made as the server makes it", () => {
  for (let turn = 0; turn < 50; turn++) assert.match(newCode(), /^([0-9A-HJKMNP-TV-Z]{2}-){7}[0-9A-HJKMNP-TV-Z]{2}$/);
  assert.equal(checkCharacter("000000000000000"), "0");
  assert.equal(checkCharacter("100000000000000"), "1");
  assert.equal(checkCharacter("0Z0000000000000"), "0"); // 2 × 31 is 0 modulo 31
  assert.equal(checkCharacter("01A000000000000"), "1"); // 2 + 30 = 32
});

test("only first pages of surveys and our own files are kept for offline", () => {
  for (const path of ["/surveys/bridge/", "/surveys/old-bridge/"]) assert.ok(isSurvey(path), path);
  for (const path of ["/surveys/bridge/thanks/", "/surveys/bridge/review/", "/surveys/bridge/questions/a/", "/r/", "/", "/desk/surveys/"]) {
    assert.ok(!isSurvey(path), path);
  }
  for (const path of ["/static/loggia/survey.js", "/static/loggia/survey-map.css", "/static/loggia/loggia.css", "/api/v1/scenes/helsinki/map.json"]) {
    assert.ok(isOurFile(path), path);
  }
  for (const path of ["/static/loggia/desk.css", "/api/v1/surveys/bridge/responses/", "/api/v1/places/", "/media/x.js"]) {
    assert.ok(!isOurFile(path), path);
  }
});
