/**
 * Live progress of long work: WebSocket first, asking every two seconds where sockets fail. The page is complete without it.
 *
 * @typedef {{fraction: number, message: string, state: string, error: string}} JobState
 */

const FINAL = new Set(["done", "failed", "cancelled"]);

/** @param {string} state */
export const isOver = (state) => FINAL.has(state);

/**
 * Seconds that the rest will take at the pace so far; null while nothing can be said.
 * @param {number} fraction done so far, 0 to 1
 * @param {number} seconds since the first sign of progress
 * @param {number} [from] fraction at that first sign
 * @returns {number | null}
 */
export function secondsLeft(fraction, seconds, from = 0) {
  const done = fraction - from;
  return done < 0.03 || seconds < 1 || fraction >= 1 ? null : Math.round(((1 - fraction) * seconds) / done);
}

/**
 * The state in a message of the socket; null for a message that is none.
 * @param {unknown} data
 * @returns {JobState | null}
 */
export function stateIn(data) {
  if (typeof data !== "string") return null;
  try {
    const message = JSON.parse(data);
    return message.kind === "snapshot" ? (message.items[0] ?? null) : message.kind === "job.progress" ? message : null;
  } catch {
    return null;
  }
}

/** One job on the page. */
export class JobView {
  #root; #reload; #now; #first = /** @type {{at: number, fraction: number} | null} */ (null);

  /**
   * @param {HTMLElement} root the section of `_job.html`
   * @param {{reload?: () => void, now?: () => number}} [seams]
   */
  constructor(root, { reload = () => location.reload(), now = () => Date.now() } = {}) {
    this.#root = root;
    this.#reload = reload;
    this.#now = now;
  }

  get id() { return this.#root.dataset.job ?? ""; }
  get over() { return isOver(this.#root.dataset.state ?? ""); }

  /** @param {JobState} state */
  show(state) {
    const percent = Math.round(100 * state.fraction);
    const bar = /** @type {HTMLProgressElement} */ (this.#root.querySelector("progress"));
    bar.value = percent;
    this.#text("percent", `${percent} %`);
    this.#text("message", state.message);
    this.#text("left", this.#left(state));
    const label = this.#part("state");
    label.textContent = label.dataset[state.state] ?? state.state;
    const error = this.#part("error");
    error.textContent = state.error;
    error.hidden = !state.error;
    const ends = isOver(state.state) && !this.over;
    this.#root.dataset.state = state.state;
    if (ends) this.#end(state);
  }

  /** @param {JobState} state */
  #end(state) {
    this.#root.dispatchEvent(new CustomEvent("job:over", { bubbles: true, detail: state }));
    if ("reload" in this.#root.dataset) this.#reload();
  }

  /** @param {JobState} state */
  #left(state) {
    if (state.state !== "running") return "";
    this.#first ??= { at: this.#now(), fraction: state.fraction };
    const left = secondsLeft(state.fraction, (this.#now() - this.#first.at) / 1000, this.#first.fraction);
    if (left === null) return "";
    const { seconds = "{n} s", minutes = "{n} min" } = this.#root.dataset;
    return left < 90 ? seconds.replace("{n}", String(left)) : minutes.replace("{n}", String(Math.round(left / 60)));
  }

  /** @param {string} name */
  #part(name) { return /** @type {HTMLElement} */ (this.#root.querySelector(`[data-job-${name}]`)); }
  /** @param {string} name @param {string} text */
  #text(name, text) { const part = this.#part(name); if (part.textContent !== text) part.textContent = text; }
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Follow one job until it is over.
 * @param {JobView} view
 * @param {{WebSocket?: typeof WebSocket, fetch?: typeof fetch, wait?: (ms: number) => Promise<unknown>, base?: string}} [seams]
 */
export async function follow(view, { WebSocket: Socket = globalThis.WebSocket, fetch: ask = fetch.bind(globalThis), wait = pause, base = location.origin } = {}) {
  while (!view.over) {
    await bySocket(view, new Socket(`${base.replace(/^http/, "ws")}/ws/jobs/${view.id}/`));
    if (view.over) return;
    await byAsking(view, ask);
    if (!view.over) await wait(2000);
  }
}

/**
 * Show what the socket says until it closes or the job is over.
 * @param {JobView} view @param {WebSocket} socket @returns {Promise<void>}
 */
function bySocket(view, socket) {
  return new Promise((resolve) => {
    socket.addEventListener("message", ({ data }) => {
      const state = stateIn(data);
      if (state) view.show(state);
      if (view.over) socket.close();
    });
    socket.addEventListener("close", () => resolve(), { once: true });
  });
}

/** @param {JobView} view @param {typeof fetch} ask */
async function byAsking(view, ask) {
  try {
    const answer = await ask(`/api/v1/jobs/${view.id}/`, { headers: { Accept: "application/json" } });
    if (answer.ok) view.show(await answer.json());
  } catch {
    // offline for a moment: the next round asks again
  }
}
