/**
 * Bundles our modules and style sheets for the browser floor of the house (Chrome 87, Safari 14, Firefox 78).
 *
 *   node static_src/build.mjs            build once and print the sizes that a phone has to fetch
 *   node static_src/build.mjs --watch    build again after every change
 *
 * `static_src/<room>/<entry>.entry.js` becomes `build/static/loggia/<entry>.js`, one self-contained file each (a page
 * loads one entry, so shared chunks would only add round trips); `static_src/<room>/<name>.css` becomes
 * `build/static/loggia/<name>.css`. Licence texts of bundled libraries stand beside each file as `<file>.LEGAL.txt`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { argv, exit } from "node:process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const SOURCE = dirname(fileURLToPath(import.meta.url));
const TARGET = join(dirname(SOURCE), "build", "static", "loggia");
const ENTRY = ".entry.js";

/** What a page may cost at most, in bytes after gzip: a heavier bundle fails the build. */
const BUDGET = /** @type {Record<string, number>} */ ({ "scene.js": 220_000 });

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
    legalComments: "linked",
    metafile: true,
    logLevel: "warning",
  });
}

/**
 * Print what each file weighs; say which are over their budget.
 * @param {esbuild.Metafile} built
 * @returns {string[]} one sentence for each file over its budget
 */
function report(built) {
  const refused = [];
  for (const path of Object.keys(built.outputs).sort()) {
    if (path.endsWith(".LEGAL.txt")) continue;
    const name = relative(TARGET, path);
    const bytes = gzipSync(readFileSync(path), { level: 6 }).length;
    console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB gzip  ${name}`);
    if (bytes > (BUDGET[name] ?? Infinity)) refused.push(`${name} weighs ${bytes} bytes; ${BUDGET[name]} are allowed.`);
  }
  return refused;
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
