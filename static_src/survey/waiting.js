/**
 * What this phone still holds, said plainly at the top of a survey: what waits, what was sent, and how to remove it.
 * @param {HTMLElement} root @param {import("./outbox.js").Outbox} outbox @param {Record<string, string>} words
 * @param {string} slug @param {(parcel: import("./journal.js").Parcel) => void} reopen
 */
export function showWaiting(root, outbox, words, slug, reopen) {
  const panel = /** @type {HTMLElement} */ (root.querySelector("[data-outbox]"));
  const list = /** @type {HTMLElement} */ (root.querySelector("[data-outbox-list]"));
  const template = /** @type {HTMLTemplateElement | null} */ (root.querySelector("template[data-outbox-row]"));
  if (!template) return;
  const draw = async () => {
    const parcels = (await outbox.list()).filter((parcel) => parcel.slug === slug);
    panel.hidden = parcels.length === 0;
    list.replaceChildren(
      ...parcels.map((parcel) => {
        const row = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
        const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (row.querySelector(name));
        part("[data-title]").textContent = parcel.title;
        part("[data-state]").textContent = words[parcel.state].replace("{reason}", parcel.told);
        part("[data-code]").textContent = parcel.code;
        part("[data-go=retry]").hidden = parcel.state === "sent";
        part("[data-go=retry]").addEventListener("click", () => outbox.retry(parcel.id));
        part("[data-go=change]").hidden = parcel.state !== "refused";
        part("[data-go=change]").addEventListener("click", () => reopen(parcel));
        part("[data-go=delete]").addEventListener("click", () => outbox.remove(parcel.id));
        return row;
      }),
    );
  };
  outbox.addEventListener("change", draw);
  draw();
}
