/** Works fills through the phone's engine: reads [{form, words, now, fills}] from stdin, writes what each amounts to. */
import { readFileSync } from "node:fs";

const { Filling } = await import("../../static_src/survey/filling.js");
const digest = await import("../../static_src/survey/digest.js");

const results = JSON.parse(readFileSync(0, "utf8")).map(({ form, words, now, fills }) =>
  fills.map((answers) => {
    const filling = new Filling(form, answers, { now: new Date(now), digest });
    const slots = [...filling.slots].filter(([, { item }]) => !item.group);
    return {
      relevant: slots.filter(([, slot]) => slot.relevant).map(([path]) => path),
      texts: Object.fromEntries(slots.map(([path, slot]) => [path, slot.node.text])),
      errors: filling.errors(words),
    };
  }),
);
process.stdout.write(JSON.stringify(results));
