/** Survey pages and posters with a script. Without one, or where the browser keeps nothing, the plain forms work. */
import { clean, given } from "./answers.js";
import { Journal } from "./journal.js";
import { Outbox } from "./outbox.js";
import { SurveyPage, freshDraft } from "./page.js";
import { offerPrinting } from "./receipt_card.js";
import { showWaiting } from "./waiting.js";

/** @param {string} id @returns {any} */
function embedded(id) {
  const text = document.getElementById(id)?.textContent;
  return text ? JSON.parse(text) : null;
}

/** Keep this survey for times without a network. @param {string[]} pages */
async function keepOffline(pages) {
  if (!navigator.serviceWorker || !isSecureContext) return;
  await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage({ keep: pages });
}

/** @param {HTMLElement} root @param {Journal} journal */
async function openSurvey(root, journal) {
  const form = embedded("survey-form");
  const words = embedded("survey-words");
  if (!form) return;
  const outbox = new Outbox(journal);
  const digest = form.digests ? await import(root.dataset.digestScript ?? "") : undefined;
  const page = new SurveyPage(root, form, words, { journal, outbox, digest });
  showWaiting(root, outbox, words, form.slug, (parcel) => page.reopen(parcel));
  await page.begin();
  await outbox.watch(window);
}

/** The poster's answer goes into the phone's own draft, and the survey goes on after it. @param {HTMLFormElement} poster @param {Journal} journal */
function openPoster(poster, journal) {
  const { key = "", kind = "" } = poster.dataset;
  const survey = embedded("poster-form");
  poster.addEventListener("submit", async (event) => {
    const value = clean({ path: key, kind }, given(poster, { path: key, kind }), {});
    if (value === undefined || !["select_one", "select_multiple"].includes(kind)) return; // the server takes it
    event.preventDefault();
    const draft = (await journal.draft(survey.slug)) ?? freshDraft(survey, {});
    await journal.keep({ ...draft, at: key, answers: { ...draft.answers, [key]: value } });
    location.assign(`${survey.start}#:next`);
  });
}

async function main() {
  for (const card of document.querySelectorAll("[data-receipt-card]")) offerPrinting(card);
  const root = /** @type {HTMLElement | null} */ (document.querySelector("[data-survey]"));
  const poster = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-poster-form]"));
  if (!root && !poster) return;
  const journal = await Journal.open().catch(() => null);
  if (!journal) return;
  if (poster) openPoster(poster, journal);
  if (root) await openSurvey(root, journal);
  const start = poster ? embedded("poster-form")?.start : location.pathname;
  if (start) await keepOffline([start]).catch(() => undefined);
}

main();
