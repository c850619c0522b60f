/**
 * How the twin looks: flat shaded paper, coloured per feature by one small texture. Geometry never changes; a switch
 * between today and a proposal, or a selection, writes at most two bytes per feature.
 */
import { DataTexture, NearestFilter, RGFormat, ShaderMaterial, UnsignedByteType, Vector3, Vector4 } from "three";
import { NOTHING_SAID, NOT_MODELLED } from "./overlay.js";

/** @import { Palette } from "./colours.js" */
/** @import { Overlay } from "./overlay.js" */

const WIDTH = 256;
/** Between these distances what is far fades into the haze. */
export const HAZE_M = { x: 1500, y: 3500 };

/** What the first byte of a texel means: 0 nothing said, 1 … 5 the classes −2 … 2, 6 not modelled. */
export const CODE_NOT_MODELLED = 6;
export const FLAG_CLOSED = 1;
export const FLAG_SELECTED = 2;

/** @param {number} change class of an overlay @returns {number} first byte of the texel */
export function codeOf(change) {
  if (change === NOT_MODELLED) return CODE_NOT_MODELLED;
  return change === NOTHING_SAID ? 0 : change + 3;
}

/** One texel per slot: class and flags. */
export class SlotTexture {
  #selected = /** @type {number[]} */ ([]);

  /** @param {number} slots */
  constructor(slots) {
    /** A slot of no feature, for what is not a feature. */
    this.nobody = slots;
    this.data = new Uint8Array(WIDTH * Math.ceil((slots + 1) / WIDTH) * 2);
    this.texture = new DataTexture(this.data, WIDTH, this.data.length / (WIDTH * 2), RGFormat, UnsignedByteType);
    this.texture.minFilter = this.texture.magFilter = NearestFilter;
    this.texture.unpackAlignment = 1;
    this.texture.needsUpdate = true;
  }

  /** Show what a run says, or nothing. @param {Overlay | null} overlay */
  show(overlay) {
    this.data.fill(0);
    for (let slot = 0; overlay && slot < Math.min(overlay.slots, this.nobody); slot++) {
      this.data[2 * slot] = codeOf(overlay.change(slot));
      this.data[2 * slot + 1] = overlay.closed(slot) ? FLAG_CLOSED : 0;
    }
    this.select(this.#selected);
  }

  /** @param {number[]} slots of the selected feature, one for each tile that draws it */
  select(slots) {
    for (const slot of this.#selected) this.data[2 * slot + 1] &= ~FLAG_SELECTED;
    for (const slot of slots) this.data[2 * slot + 1] |= FLAG_SELECTED;
    this.#selected = slots;
    this.texture.needsUpdate = true;
  }
}

const VERTEX = /* glsl */ `
  attribute float slot;
  uniform mat4 uHolder;
  uniform sampler2D uSlots;
  varying vec3 vPlace;
  varying vec3 vModel;
  flat varying vec2 vSaid;
  void main() {
    int number = int(slot + 0.5);
    vSaid = floor(texelFetch(uSlots, ivec2(number % ${WIDTH}, number / ${WIDTH}), 0).rg * 255.0 + 0.5);
    vec4 place = modelMatrix * vec4(position, 1.0);
    vModel = (uHolder * place).xyz;
    vPlace = place.xyz;
    gl_Position = projectionMatrix * viewMatrix * place;
  }
`;

const FRAGMENT = /* glsl */ `
  uniform vec3 uTop, uSide, uHaze, uAccent, uClosed, uClosedStripe, uDot;
  uniform vec3 uClasses[5];
  uniform vec2 uHazeFrom;
  uniform vec4 uTable;
  uniform float uOverlay, uPixel;
  varying vec3 vPlace;
  varying vec3 vModel;
  flat varying vec2 vSaid;

  float stripes(float angle, float period) {
    vec2 px = gl_FragCoord.xy / uPixel;
    return step(0.5, fract((px.x * cos(angle) + px.y * sin(angle)) / period));
  }
  float dots(float period) {
    vec2 px = fract(gl_FragCoord.xy / uPixel / period) - 0.5;
    return 1.0 - step(0.26, length(px));
  }
  vec3 said(vec3 paper) {
    int code = int(vSaid.x);
    if (mod(vSaid.y, 2.0) > 0.5) return mix(uClosed, uClosedStripe, stripes(0.785, 7.0));
    if (code == 6) return mix(paper, uDot, 0.6 * dots(5.0));
    if (code == 3) return mix(paper, mix(uClasses[2], uDot, 0.55), stripes(0.785, 6.0));
    if (code > 0) return uClasses[code - 1];
    return paper;
  }
  void main() {
    if (uTable.w > 0.0 && distance(vModel.xz, uTable.xz) > uTable.w) discard;
    vec3 normal = normalize(cross(dFdx(vPlace), dFdy(vPlace)));
    if (dot(normal, cameraPosition - vPlace) < 0.0) normal = -normal;
    vec3 colour = uTop;
    #ifdef RAISED
      float up = smoothstep(0.35, 0.75, normal.y);
      float sun = 0.5 + 0.5 * dot(normalize(normal.xz + vec2(1e-5)), vec2(-0.83, 0.55));
      float foot = mix(0.86, 1.0, smoothstep(0.0, 9.0, vModel.y));
      colour = mix(uSide * mix(0.86, 1.08, sun) * foot, uTop, up);
    #endif
    if (uOverlay > 0.5) {
      vec3 shown = said(colour);
      #ifdef RAISED
        shown *= mix(0.82, 1.0, smoothstep(0.35, 0.75, normal.y));
      #endif
      colour = vSaid.x > 0.0 || mod(vSaid.y, 2.0) > 0.5 ? shown : colour;
    }
    if (vSaid.y > 1.5) colour = mix(colour, uAccent, 0.62);
    float haze = smoothstep(uHazeFrom.x, uHazeFrom.y, distance(cameraPosition, vPlace));
    gl_FragColor = vec4(mix(colour, uHaze, haze), 1.0);
  }
`;

const LINE_FRAGMENT = /* glsl */ `
  uniform vec3 uLine, uHaze;
  uniform vec2 uHazeFrom;
  uniform vec4 uTable;
  varying vec3 vPlace;
  varying vec3 vModel;
  void main() {
    if (uTable.w > 0.0 && distance(vModel.xz, uTable.xz) > uTable.w) discard;
    float far = distance(cameraPosition, vPlace) / uHazeFrom.y;
    gl_FragColor = vec4(mix(uLine, uHaze, smoothstep(0.3, 1.0, far)), 0.55 * (1.0 - smoothstep(0.25, 0.8, far)));
  }
`;

/** How each kind is drawn: what lies below first, for then the most is hidden before it costs anything. */
const KINDS = /** @type {const} */ ({
  ground: { order: 0, top: "ground", side: "ground", raised: false },
  water: { order: 1, top: "water", side: "water", raised: false },
  street: { order: 2, top: "street", side: "street", raised: false },
  bridge: { order: 3, top: "bridge", side: "wall", raised: true },
  block: { order: 4, top: "block", side: "wall", raised: true },
  building: { order: 4, top: "roof", side: "wall", raised: true },
});

/** @typedef {keyof typeof KINDS} Drawn */

/** All materials of one scene; they share their uniforms, so that one write reaches every tile. */
export class Shading {
  /** @param {number} slots @param {import("three").Matrix4} holderInverse from the world to the scene's metres */
  constructor(slots, holderInverse) {
    this.slots = new SlotTexture(slots);
    const vectors = (/** @type {number} */ count) => Array.from({ length: count }, () => new Vector3());
    this.shared = {
      uSlots: { value: this.slots.texture },
      uHolder: { value: holderInverse },
      uOverlay: { value: 0 },
      uPixel: { value: 1 },
      uHazeFrom: { value: HAZE_M },
      uTable: { value: new Vector4(0, 0, 0, 0) },
      uHaze: { value: new Vector3() },
      uAccent: { value: new Vector3() },
      uClosed: { value: new Vector3() },
      uClosedStripe: { value: new Vector3() },
      uDot: { value: new Vector3() },
      uLine: { value: new Vector3() },
      uClasses: { value: vectors(5) },
    };
    this.materials = /** @type {Record<Drawn, ShaderMaterial>} */ (
      Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, this.#material(/** @type {Drawn} */ (kind))]))
    );
    this.line = new ShaderMaterial({
      vertexShader: VERTEX, fragmentShader: LINE_FRAGMENT, uniforms: this.shared, transparent: true, depthWrite: false,
    });
  }

  /** @param {Drawn} kind */
  #material(kind) {
    const { raised } = KINDS[kind];
    const material = new ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms: { ...this.shared, uTop: { value: new Vector3() }, uSide: { value: new Vector3() } },
      defines: raised ? { RAISED: 1 } : {},
      depthWrite: kind !== "ground",
      side: 2,
    });
    // Lines lie on the faces: the faces step back a little.
    material.polygonOffset = raised;
    material.polygonOffsetFactor = material.polygonOffsetUnits = 1;
    return material;
  }

  /** @param {Palette} colours */
  paint(colours) {
    const { uClasses, uHaze, uAccent, uClosed, uClosedStripe, uDot, uLine } = this.shared;
    const names = /** @type {const} */ (["less2", "less1", "same", "more1", "more2"]);
    names.forEach((name, place) => uClasses.value[place].set(...colours[name]));
    uHaze.value.set(...colours.haze);
    uAccent.value.set(...colours.accent);
    uClosed.value.set(...colours.closed);
    uClosedStripe.value.set(...colours.closedStripe);
    uDot.value.set(...colours.edge);
    uLine.value.set(...colours.line);
    for (const [kind, { top, side }] of Object.entries(KINDS)) {
      const { uniforms } = this.materials[/** @type {Drawn} */ (kind)];
      uniforms.uTop.value.set(...colours[top]);
      uniforms.uSide.value.set(...colours[side]);
    }
  }

  /** Before or after: nothing is loaded for it. @param {Overlay | null} overlay */
  show(overlay) {
    this.slots.show(overlay);
    this.shared.uOverlay.value = overlay ? 1 : 0;
  }

  /** @param {string} name of a glTF material @returns {{material: ShaderMaterial, order: number, raised: boolean}} */
  drawn(name) {
    const kind = /** @type {Drawn} */ (name in KINDS ? name : "building");
    return { material: this.materials[kind], order: KINDS[kind].order, raised: KINDS[kind].raised };
  }
}
