/**
 * The page of a scene. Small at first: a picture, a sheet and a button that says how much 3D weighs. The viewer is
 * fetched when somebody asks for it, or at once where the reader chose so on this phone and does not save data.
 */
import { SceneLink } from "./link.js";
import { Markers } from "./markers.js";
import { autoloads, setAutoload } from "./preference.js";
import { Sheet } from "./sheet.js";
import { fill, pageData } from "./words.js";

/** @import { Doors, OverlayEntry } from "./link.js" */
/** @import { Speech } from "./markers.js" */
/** @import { Overlay } from "./overlay.js" */
/** @import { FeatureFacts } from "./sheet.js" */
/** @import { Stage, Touched } from "./stage.js" */
/** @import { Picked } from "./tiles.js" */
/** @import { Move } from "./camera.js" */

/**
 * @typedef {Speech & {doors: Doors & {viewer: string, feature: string, titles: string, pins: string, newPin: string},
 *   view: {lon: number, lat: number, radius_m: number}, overlay: string}} PageData
 * @typedef {{id: string, slot: number}} Chosen
 */

const root = document.documentElement;
/** @param {string} selector */
const one = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

class Page {
  data = /** @type {PageData} */ (pageData("scene-data"));
  sheet = new Sheet(this.data);
  link = new SceneLink(this.data.doors);
  markers = new Markers(one("[data-markers]"), {
    ...this.data,
    onSite: (site) => this.#site(site),
    onRemark: (id) => this.#remark(id),
    controls: () => [...document.querySelectorAll(".hud-top > :not(.grow), .hud-side > *, .credit, .sheet")],
  });
  /** @type {Stage | null} */ stage = null;
  /** @type {Overlay | null} */ overlay = null;
  overlays = /** @type {Map<string, OverlayEntry>} */ (new Map());
  remarks = /** @type {Map<string, {id: string, body: string, lon: number, lat: number}>} */ (new Map());
  chosen = /** @type {Chosen | null} */ (null);
  #ending = new AbortController();

  prepare() {
    const { load, always } = { load: one("[data-load]"), always: /** @type {HTMLInputElement} */ (one("[data-always]")) };
    one("[data-loading]").hidden = false;
    load.addEventListener("click", () => void this.open());
    always.checked = autoloads();
    always.addEventListener("change", () => setAutoload(always.checked));
    const saves = /** @type {{connection?: {saveData?: boolean}}} */ (navigator).connection?.saveData === true;
    state("still");
    if (autoloads() && !saves) void this.open();
  }

  /** Fetch the viewer and show the twin; the list takes over where that cannot be. */
  async open() {
    state("loading");
    one("[data-loading]").hidden = true;
    this.sheet.say(this.data.words.loading);
    try {
      this.#listen();
      this.link.start(this.#ending.signal);
      const viewer = /** @type {Promise<typeof import("./viewer.entry.js")>} */ (import(this.data.doors.viewer));
      const [{ Stage, Tabletop, canStart }, built] = await Promise.all([viewer, this.link.manifest()]);
      if (!built) return this.#giveUp(this.data.words.not_built);
      const stage = new Stage({
        canvas: /** @type {HTMLCanvasElement} */ (one("[data-twin]")),
        manifest: built.manifest,
        fetchTile: (entry, wish) => this.link.tile(entry, wish),
        view: this.data.view,
      });
      this.#begin(stage);
      if (await canStart()) this.#offerTable(new Tabletop(stage));
    } catch (error) {
      console.error(error);
      state("error");
      this.#giveUp(this.data.words.failed);
    }
  }

  /** @param {Stage} stage */
  #begin(stage) {
    this.stage = stage;
    one("[data-stage]").classList.add("open");
    for (const control of document.querySelectorAll("[data-needs-3d]")) /** @type {HTMLElement} */ (control).hidden = false;
    stage.addEventListener("frame", () => this.#frame(stage));
    stage.addEventListener("pick", (event) => this.#touch(/** @type {CustomEvent} */ (event).detail));
    stage.addEventListener("lost", () => {
      stage.dispose();
      this.#giveUp(this.data.words.lost);
    });
    for (const button of document.querySelectorAll("[data-move]")) {
      button.addEventListener("click", () => stage.go(/** @type {Move} */ (/** @type {HTMLElement} */ (button).dataset.move)));
    }
    const grip = one("[data-grip]");
    grip.addEventListener("click", () => grip.setAttribute("aria-expanded", String(!this.sheet.sheet.classList.toggle("folded"))));
    const around = /** @type {HTMLDetailsElement} */ (one("[data-around-box]"));
    around.addEventListener("toggle", () => around.open && void this.#look());
    this.sheet.sheet.scrollTop = 0;
    this.#cover(stage);
    stage.request();
    void this.#fetchRemarks();
    if (this.data.overlay) void this.#show(this.data.overlay);
  }

  /** A button only where AR can start. @param {import("./tabletop.js").Tabletop} table */
  #offerTable(table) {
    const [button, end, hud] = [one("[data-ar]"), one("[data-ar-end]"), one("[data-hud]")];
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await table.start(hud);
        hud.classList.add("in-ar");
        this.sheet.say(this.data.words.ar_aim);
      } catch (error) {
        this.sheet.say(fill(this.data.words.ar_failed, { reason: String(/** @type {Error} */ (error).message) }));
      }
    });
    end.addEventListener("click", () => table.end());
    table.addEventListener("placed", () => this.sheet.say(this.data.words.ar_placed));
    table.addEventListener("end", () => {
      hud.classList.remove("in-ar");
      this.sheet.say("");
    });
    // A press on the sheet is not a press on the table.
    hud.addEventListener("beforexrselect", (event) => event.target !== hud && event.preventDefault());
  }

  /** The middle of the model is the middle of what the sheet leaves free. @param {Stage} stage */
  #cover(stage) {
    const measure = () => {
      const atTheBottom = this.sheet.sheet.offsetWidth > 0.6 * innerWidth || innerWidth < 700;
      stage.cover(atTheBottom ? this.sheet.sheet.offsetHeight : 0);
    };
    new ResizeObserver(measure).observe(this.sheet.sheet);
    measure();
    stage.look(this.data.view);
  }

  /** Nothing to draw with: the picture stays, and the list has the same facts. @param {string} sentence */
  #giveUp(sentence) {
    this.#ending.abort();
    this.stage = null;
    one("[data-stage]").classList.remove("open");
    for (const control of document.querySelectorAll("[data-needs-3d]")) /** @type {HTMLElement} */ (control).hidden = true;
    this.sheet.say(sentence);
    if (root.dataset.sceneState !== "error") state("list");
    one("[data-instead]").hidden = false;
    one("[data-instead] a").focus();
  }

  #listen() {
    const on = (/** @type {string} */ type, /** @type {(detail: any) => void} */ take) =>
      this.link.addEventListener(type, (event) => take(/** @type {CustomEvent} */ (event).detail));
    on("transport", (transport) => (root.dataset.transport = transport));
    on("overlays", (overlays) => this.#offer(overlays));
    on("withdrawn", (id) => this.#withdraw(id));
    on("values", (values) => {
      this.markers.take(values);
      this.stage?.request();
    });
    on("pin", (pin) => this.#addRemark(pin));
    on("unpin", ({ id }) => this.markers.forget(`remark.${id}`));
    on("rebuilt", () => this.sheet.say(this.data.words.rebuilt));
  }

  /** @param {Stage} stage */
  #frame(stage) {
    root.dataset.tiles = String(stage.tiles.loaded);
    root.dataset.frames = String(stage.frames);
    this.markers.arrange((lon, lat, height) => stage.project(lon, lat, height));
    if (root.dataset.sceneState === "loading" && stage.tiles.settled && stage.tiles.loaded > 0) {
      state("ready");
      this.sheet.say("");
    }
  }

  /** @param {OverlayEntry[]} overlays */
  #offer(overlays) {
    for (const overlay of overlays) this.overlays.set(overlay.id, overlay);
    this.sheet.offer([...this.overlays.values()], (id) => void this.#show(id));
  }

  /** The city no longer shows this comparison. @param {string} id */
  #withdraw(id) {
    this.overlays.delete(id);
    this.sheet.withdraw(id);
    if (root.dataset.overlay === id) void this.#show("");
  }

  /** Before (empty id) or after; the tiles stay. @param {string} id */
  async #show(id) {
    try {
      this.overlay = id ? await this.link.overlay(id) : null;
    } catch {
      return this.sheet.say(this.data.words.overlay_failed);
    }
    const entry = this.overlays.get(id) ?? null;
    this.stage?.show(this.overlay);
    this.markers.quiet = Boolean(id); // one layer at a time
    this.sheet.explain(entry);
    root.dataset.overlay = id;
    for (const input of document.querySelectorAll("[data-switch] input")) {
      const radio = /** @type {HTMLInputElement} */ (input);
      radio.checked = radio.value === id;
    }
    this.#said();
  }

  /** @param {Touched} touched */
  #touch({ picked, ground }) {
    if (picked) return this.#pick(picked);
    if (!ground || !this.data.doors.newPin) return;
    this.#choose([]);
    this.sheet.point(`${this.data.doors.newPin}?lon=${ground.lon.toFixed(6)}&lat=${ground.lat.toFixed(6)}`);
  }

  /** @param {Picked} picked */
  #pick(picked) {
    this.chosen = { id: picked.feature.id, slot: picked.slot };
    this.stage?.select([picked.slot]);
    this.sheet.feature(picked.feature);
    this.#said();
    void this.#facts(picked.feature.id);
  }

  /** The server knows the address, the remarks and every slot. @param {string} id */
  async #facts(id) {
    if (id.startsWith("block/")) return;
    const answer = await fetch(`${this.data.doors.feature}?id=${encodeURIComponent(id)}`).catch(() => null);
    if (!answer?.ok || this.chosen?.id !== id) return;
    const told = /** @type {FeatureFacts} */ (await answer.json());
    if (told.slots.length) this.stage?.select(told.slots);
    this.sheet.facts(told);
    this.#said();
  }

  #said() {
    const entry = this.overlay && this.overlays.get(this.overlay.head.overlay);
    if (!this.overlay || !entry || !this.chosen) return this.sheet.unsaid();
    this.sheet.said(this.overlay.said(this.chosen.slot), entry);
  }

  /** What is in sight, by its address where the server can tell. */
  async #look() {
    const found = this.stage?.inView(14) ?? [];
    const list = (/** @type {Record<string, string>} */ titles) => this.sheet.list(found, titles, (place) => this.#pick(found[place]));
    list({});
    const query = new URLSearchParams(found.map(({ feature }) => ["id", feature.id]));
    const answer = await fetch(`${this.data.doors.titles}?${query}`).catch(() => null);
    if (answer?.ok) list((await answer.json()).titles);
  }

  /** @param {string} site */
  #site(site) {
    this.#choose([]);
    this.sheet.site(this.markers.readings(site));
  }

  /** @param {string} id */
  #remark(id) {
    this.#choose([]);
    this.sheet.remark(this.remarks.get(id)?.body ?? "");
  }

  /** @param {number[]} slots */
  #choose(slots) {
    this.chosen = null;
    this.stage?.select(slots);
  }

  async #fetchRemarks() {
    const answer = await fetch(this.data.doors.pins).catch(() => null);
    if (!answer?.ok) return;
    for (const pin of (await answer.json()).results) this.#addRemark(pin);
    this.stage?.request();
  }

  /** @param {{id: string, body: string, lon: number, lat: number}} pin */
  #addRemark(pin) {
    this.remarks.set(pin.id, pin);
    this.markers.remark(pin);
    this.stage?.request();
  }
}

/** @param {"still" | "loading" | "ready" | "list" | "error"} value */
function state(value) {
  root.dataset.sceneState = value;
}

new Page().prepare();
