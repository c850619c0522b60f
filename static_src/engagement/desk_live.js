/** News of the queue on the page that is open: something new waits, or a colleague was faster. */

/**
 * What a message of `/ws/desk/` means for a page on which one item is open.
 * @param {unknown} data text of the socket
 * @param {string} open id of the open item, or ""
 * @returns {{news: "" | "grew" | "taken", seq: number}}
 */
export function newsIn(data, open) {
  try {
    const { kind = "", item = "", seq = 0 } = JSON.parse(String(data));
    const taken = kind === "queue.ruled" && open !== "" && item === open;
    return { news: kind === "queue.grew" ? "grew" : taken ? "taken" : "", seq: Number(seq) };
  } catch {
    return { news: "", seq: 0 };
  }
}

/** Milliseconds before try number `n`: 1 s, 2 s, 4 s … at most 30 s, spread by up to half so that desks do not return at once. */
export const backoff = (/** @type {number} */ n, random = Math.random()) => Math.min(30_000, 1000 * 2 ** n) * (0.75 + random / 2);

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Listen as long as the page is open.
 * @param {Document} page
 * @param {{WebSocket?: typeof WebSocket, wait?: (ms: number) => Promise<unknown>, base?: string, signal?: AbortSignal}} [seams]
 */
export async function follow(page, { WebSocket: Socket = globalThis.WebSocket, wait = pause, base = location.origin, signal } = {}) {
  const desk = /** @type {HTMLElement | null} */ (page.querySelector("[data-desk]"));
  if (!desk) return;
  let since = 0;
  for (let tries = 0; !signal?.aborted; tries += 1) {
    const address = `${base.replace(/^http/, "ws")}/ws/desk/${since ? `?since=${since}` : ""}`;
    await heard(new Socket(address), (data) => {
      const { news, seq } = newsIn(data, desk.dataset.open ?? "");
      since = Math.max(since, seq);
      tries = 0;
      if (news) show(page, news);
    });
    if (!signal?.aborted) await wait(backoff(tries));
  }
}

/** @param {WebSocket} socket @param {(data: unknown) => void} hear @returns {Promise<void>} */
function heard(socket, hear) {
  return new Promise((resolve) => {
    socket.addEventListener("message", ({ data }) => hear(data));
    socket.addEventListener("close", () => resolve(), { once: true });
  });
}

/** @param {Document} page @param {"grew" | "taken"} news */
function show(page, news) {
  const line = /** @type {HTMLElement | null} */ (page.querySelector(`[data-desk-${news}]`));
  if (line) line.hidden = false;
}
