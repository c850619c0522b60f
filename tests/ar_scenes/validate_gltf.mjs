// Reads GLB files named on the command line with Khronos' own validator; prints one JSON object {path: {errors, warnings, messages}}.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const validator = createRequire(import.meta.url)("gltf-validator");
const found = {};
for (const path of process.argv.slice(2)) {
  const report = await validator.validateBytes(new Uint8Array(await readFile(path)), { maxIssues: 50 });
  const serious = report.issues.messages.filter((message) => message.severity < 2);
  found[path] = { errors: report.issues.numErrors, warnings: report.issues.numWarnings, messages: serious };
}
process.stdout.write(JSON.stringify(found));
