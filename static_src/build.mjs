/**
 * Bundles our modules and style sheets for the browser floor of the house (Chrome 87, Safari 14, Firefox 78).
 *
 *   node static_src/build.mjs            build once and print the sizes that a phone has to fetch
 *   node static_src/build.mjs --watch    build again after every change
 *
 * `static_src/<room>/<entry>.entry.js` becomes `build/static/loggia/<entry>.js`, one self-contained file each (a page
 * loads one entry, so shared chunks would only add round trips); `static_src/<room>/<name>.css` becomes
 * `build/static/loggia/<name>.css`. Licence texts of bundled libraries stand beside each file as `<file>.LEGAL.txt`, and
 * `<file>.gz` and `<file>.br` are what the server hands to a browser that accepts them.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { argv, exit } from "node:process";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const SOURCE = dirname(fileURLToPath(import.meta.url));
const TARGET = join(dirname(SOURCE), "build", "static", "loggia");
const ENTRY = ".entry.js";

/** What a page may cost at most in JavaScript, in bytes after gzip: heavier bundles fail the build. */
const BUDGETS = [
  { page: "scene", files: ["scene.js", "viewer.js"], bytes: 220_000 },
  { page: "survey", files: ["survey.js"], bytes: 25_000 },
];

/**
 * Every entry and style sheet of every room, as output name → source path.
 * @throws {Error} when two rooms claim one name: the later would silently replace the earlier.
 */
function entries() {
  const found = /** @type {Record<string, string>} */ ({});
  for (const room of readdirSync(SOURCE, { withFileTypes: true })) {
    if (!room.isDirectory()) continue;
    for (const file of readdirSync(join(SOURCE, room.name)).sort()) {
      const kind = file.endsWith(ENTRY) ? ENTRY : file.endsWith(".css") ? ".css" : "";
      if (!kind) continue;
      const name = basename(file, kind) + (kind === ENTRY ? ".js" : ".css");
      if (name in found) throw new Error(`${room.name}/${file} and ${found[name]} would both become ${name}.`);
      found[name] = join(SOURCE, room.name, file);
    }
  }
  return found;
}

/** @param {Record<string, string>} found */
function options(found) {
  return /** @type {esbuild.BuildOptions} */ ({
    entryPoints: Object.entries(found).map(([name, path]) => ({ in: path, out: name.replace(/\.(js|css)$/, "") })),
    outdir: TARGET,
    bundle: true,
    minify: true,
    format: "esm",
    splitting: false,
    target: ["chrome87", "safari14", "firefox78"],
    // esbuild counts a rare bug of Safari 14.0 with destructuring as "not supported" and cannot rewrite it.
    supported: { destructuring: true },
    legalComments: "linked",
    metafile: true,
    logLevel: "warning",
  });
}

/**
 * Write the compressed twins of a file.
 * @param {string} path
 * @returns {number} its size in bytes after gzip
 */
function compress(path) {
  const raw = readFileSync(path);
  const gzip = gzipSync(raw, { level: 9 });
  writeFileSync(`${path}.gz`, gzip);
  writeFileSync(`${path}.br`, brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }));
  return gzip.length;
}

/**
 * Compress what was built, print what each file weighs, and check the budgets of the pages.
 * @param {esbuild.Metafile} built
 * @returns {string[]} one sentence for each page over its budget
 */
function report(built) {
  const weights = /** @type {Record<string, number>} */ ({});
  for (const path of Object.keys(built.outputs).sort()) {
    if (path.endsWith(".LEGAL.txt")) continue;
    const name = relative(TARGET, path);
    weights[name] = compress(path);
    console.log(`${(weights[name] / 1000).toFixed(1).padStart(7)} kB gzip  ${name}`);
  }
  return BUDGETS.flatMap(({ page, files, bytes }) => {
    const sum = files.reduce((total, file) => total + (weights[file] ?? 0), 0);
    return sum > bytes ? [`The ${page} page weighs ${sum} bytes of JavaScript; ${bytes} are allowed.`] : [];
  });
}

const found = entries();
if (!Object.keys(found).length) {
  console.log("Nothing to bundle yet.");
} else if (argv.includes("--watch")) {
  const context = await esbuild.context({ ...options(found), logLevel: "info" });
  await context.watch();
} else {
  const { metafile } = await esbuild.build(options(found));
  const refused = report(/** @type {esbuild.Metafile} */ (metafile));
  for (const sentence of refused) console.error(sentence);
  exit(refused.length ? 1 : 0);
}
