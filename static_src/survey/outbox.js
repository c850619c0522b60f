/**
 * Responses on their way from this phone. Sends when the page opens, when the network returns and when the page is seen
 * again; sending twice is harmless, so whatever is unsure is sent again.
 *
 * @typedef {import("./journal.js").Journal} Journal
 * @typedef {import("./journal.js").Parcel} Parcel
 */

/** Answers of the server after which trying again changes nothing. */
const FINAL = [404, 409, 410, 422];

export class Outbox extends EventTarget {
  #journal;
  #fetch;
  #busy = false;
  #again = false;
  #later;
  #planned = false;
  #tries = 0;

  /** @param {Journal} journal @param {{fetch?: typeof fetch, later?: (call: () => void, milliseconds: number) => void}} [seams] */
  constructor(journal, { fetch = globalThis.fetch.bind(globalThis), later } = {}) {
    super();
    this.#journal = journal;
    this.#fetch = fetch;
    this.#later = later ?? ((call, milliseconds) => void setTimeout(call, milliseconds));
  }

  /** Send on every good occasion from now on. @param {Window} page */
  watch(page) {
    page.addEventListener("online", () => this.send());
    page.document.addEventListener("visibilitychange", () => page.document.hidden || this.send());
    return this.send();
  }

  /** Hand a response in: written down first, then sent. @param {Omit<Parcel, "state" | "told">} parcel */
  async add(parcel) {
    await this.#change({ ...parcel, state: "waiting", told: "" });
    return this.send();
  }

  /** Send everything that waits; one at a time, oldest known first. */
  async send() {
    if (this.#busy) {
      this.#again = true; // the network may have come back while an attempt was failing
      return;
    }
    this.#busy = true;
    try {
      do {
        this.#again = false;
        await this.#round();
      } while (this.#again);
    } finally {
      this.#busy = false;
    }
    await this.#tryLater();
  }

  async #round() {
    // A parcel that was "sending" when the page was closed may or may not have arrived: it waits again.
    const parcels = await this.#journal.parcels();
    for (const parcel of parcels.filter(({ state }) => state === "waiting" || state === "sending")) {
      await this.#post(parcel);
    }
  }

  /** While something waits and the page is open: again after 15 s, 30 s, … at most every 10 minutes. */
  async #tryLater() {
    const waits = (await this.#journal.parcels()).some(({ state }) => state === "waiting");
    this.#tries = waits ? this.#tries + 1 : 0;
    if (!waits || this.#planned) return;
    this.#planned = true;
    this.#later(() => {
      this.#planned = false;
      void this.send();
    }, Math.min(600_000, 15_000 * 2 ** (this.#tries - 1)));
  }

  /** Try a refused one again. @param {string} id */
  async retry(id) {
    const parcel = (await this.#journal.parcels()).find((one) => one.id === id);
    if (parcel?.body) await this.#change({ ...parcel, state: "waiting", told: "" });
    return this.send();
  }

  /** @param {string} id */
  async remove(id) {
    await this.#journal.remove(id);
    this.dispatchEvent(new Event("change"));
  }

  list() {
    return this.#journal.parcels();
  }

  /** @param {Parcel} parcel */
  async #post(parcel) {
    await this.#change({ ...parcel, state: "sending" });
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    try {
      const answer = await this.#fetch(parcel.url, { method: "POST", headers, body: parcel.body, credentials: "omit" });
      if (answer.ok) return await this.#change({ ...parcel, state: "sent", body: "", told: "" });
      if (!FINAL.includes(answer.status)) return await this.#change({ ...parcel, state: "waiting" });
      const problem = await answer.json().catch(() => ({}));
      return await this.#change({ ...parcel, state: "refused", told: problem.detail ?? problem.title ?? String(answer.status) });
    } catch {
      return await this.#change({ ...parcel, state: "waiting" }); // no network: it keeps
    }
  }

  /** @param {Parcel} parcel */
  async #change(parcel) {
    await this.#journal.put(parcel);
    this.dispatchEvent(new CustomEvent("change", { detail: parcel }));
  }
}
