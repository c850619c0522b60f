/** Saving a question of the builder by itself: at rest after a change, one at a time, never over somebody else's work. */

const REST_MS = 700;

/**
 * @param {HTMLFormElement} form
 * @param {{fetch?: typeof fetch, later?: (call: () => void, milliseconds: number) => number}} [seams]
 */
export function saveQuietly(form, { fetch = globalThis.fetch.bind(globalThis), later = setTimeout } = {}) {
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (document.querySelector(`[data-${name}]`));
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  const state = { timer: 0, busy: false, again: false, stopped: false };

  const tell = (/** @type {string} */ problem) => {
    part("problem").hidden = !problem;
    part("problem").textContent = problem;
  };
  const show = (/** @type {any} */ saved) => {
    field("revision").value = String(saved.revision);
    part("saved").textContent = saved.saved;
    history.replaceState(null, "", saved.url + location.search); // the question may be called otherwise now
    part("preview-frame").innerHTML = saved.preview; // our own server's page, texts escaped there
    part("remarks").replaceChildren(...saved.remarks.map((/** @type {string} */ text) => Object.assign(document.createElement("li"), { textContent: text })));
  };
  const save = async () => {
    if (state.stopped) return;
    if (state.busy) {
      state.again = true;
      return;
    }
    state.busy = true;
    try {
      const answer = await fetch(location.href, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1", Accept: "application/json" } });
      const found = await answer.json();
      if (answer.ok) show(found);
      state.stopped = answer.status === 409; // the button shows both versions
      tell(answer.ok ? "" : found.problem);
    } catch {
      part("saved").textContent = ""; // no network: the next change, or the button, saves it
    } finally {
      state.busy = false;
      if (state.again) {
        state.again = false;
        await save();
      }
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(state.timer);
    state.timer = later(save, REST_MS);
  });
  form.addEventListener("submit", () => {
    clearTimeout(state.timer);
    state.stopped = true;
  });
}
