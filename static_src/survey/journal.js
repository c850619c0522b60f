/**
 * What this phone holds of surveys: drafts, and responses on their way. Every change is written at once.
 *
 * @typedef {object} Draft
 * @property {string} slug
 * @property {string} id of the response, made here
 * @property {string} code the receipt code, made here
 * @property {string} version hash of the form
 * @property {string} at path of the screen where the person is
 * @property {Record<string, any>} answers
 * @property {Record<string, string>} places what chosen places are called
 *
 * @typedef {object} Parcel a response that was handed in
 * @property {string} id
 * @property {string} slug
 * @property {string} title
 * @property {string} url
 * @property {string} code
 * @property {string} body JSON; empty once it was received
 * @property {"waiting" | "sending" | "sent" | "refused"} state
 * @property {string} told why it was refused
 * @property {Record<string, string>} [places] what chosen places are called
 */

const NAME = "loggia-surveys";
const DRAFTS = "drafts";
const PARCELS = "parcels";

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export class Journal {
  #database;

  /** @param {IDBDatabase} database */
  constructor(database) {
    this.#database = database;
  }

  /** Rejects where the browser keeps nothing (some private windows): the page then works without a script. */
  static async open(factory = globalThis.indexedDB) {
    const request = factory.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(DRAFTS, { keyPath: "slug" });
      request.result.createObjectStore(PARCELS, { keyPath: "id" });
    };
    return new Journal(await done(request));
  }

  /** @param {string} store @param {IDBTransactionMode} [mode] */
  #in(store, mode = "readonly") {
    return this.#database.transaction(store, mode).objectStore(store);
  }

  /** Write and wait until it is on the disk, not only asked for. @param {string} store @param {(into: IDBObjectStore) => void} change */
  #write(store, change) {
    return /** @type {Promise<void>} */ (
      new Promise((resolve, reject) => {
        const transaction = this.#database.transaction(store, "readwrite");
        transaction.oncomplete = () => resolve();
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
        change(transaction.objectStore(store));
      })
    );
  }

  /** @param {string} slug @returns {Promise<Draft | undefined>} */
  draft(slug) {
    return done(this.#in(DRAFTS).get(slug));
  }

  /** @param {Draft} draft */
  keep(draft) {
    return this.#write(DRAFTS, (store) => store.put(draft));
  }

  /** @param {string} slug */
  drop(slug) {
    return this.#write(DRAFTS, (store) => store.delete(slug));
  }

  /** @returns {Promise<Parcel[]>} */
  parcels() {
    return done(this.#in(PARCELS).getAll());
  }

  /** @param {Parcel} parcel */
  put(parcel) {
    return this.#write(PARCELS, (store) => store.put(parcel));
  }

  /** @param {string} id */
  remove(id) {
    return this.#write(PARCELS, (store) => store.delete(id));
  }
}
