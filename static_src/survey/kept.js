/** What may be kept for times without a network. Everything else, receipts and pages of single answers above all, never is. */

/** The first page of a survey. @param {string} path */
export const isSurvey = (path) => /^\/surveys\/[-\w]+\/$/.test(path);

/** Scripts, sheets and the map of a survey. @param {string} path */
export const isOurFile = (path) =>
  /^\/static\/loggia\/(loggia|survey[-\w]*)\.(js|css)$/.test(path) || /^\/api\/v1\/scenes\/[-\w]+\/map\.json$/.test(path);
