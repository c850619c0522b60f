/** Words and numbers in the reader's language. The page brings its words along; nothing is spelled out here. */

/** @typedef {Record<string, string>} Words */

/** @param {string} id of a `json_script` element @returns {any} */
export function pageData(id) {
  const element = document.getElementById(id);
  if (!element?.textContent) throw new Error(`The page brings no ${id}.`);
  return JSON.parse(element.textContent);
}

/** Fill `%(name)s`, as the server's own texts write it. @param {string} text @param {Record<string, string | number>} values */
export const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name] ?? ""));

/** Text of a language map. @param {Record<string, string>} texts @param {string} language */
export const pick = (texts, language) => texts[language] ?? texts.en ?? Object.values(texts)[0] ?? "";

/**
 * A measurement as people write it: things that are counted come whole, the rest with one decimal below a hundred.
 * @param {number} value @param {string} language @param {string} [unit] UCUM code, `{vehicles}/h` counts
 */
export function number(value, language, unit = "") {
  const whole = Math.abs(value) >= 100 || unit.startsWith("{");
  return new Intl.NumberFormat(language, { maximumFractionDigits: whole ? 0 : 1 }).format(value);
}

/** Clock time today, else day and time. @param {string} iso @param {string} language @param {Date} [now] */
export function moment(iso, language, now = new Date()) {
  const time = new Date(iso);
  const today = time.toDateString() === now.toDateString();
  return new Intl.DateTimeFormat(language, today ? { timeStyle: "short" } : { dateStyle: "short", timeStyle: "short" }).format(time);
}

/** @param {string} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} children */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
