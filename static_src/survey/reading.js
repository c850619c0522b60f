/** Reading a question aloud, only where this device has a voice of its own for the language: none that asks a foreign server. */
import { made, one } from "./dom.js";

/** @param {HTMLElement} screen @param {string} language @param {Record<string, string>} words */
export function offerReading(screen, language, words) {
  const { speechSynthesis: speech } = globalThis;
  if (!speech) return;
  const question = one(screen, ".question");
  const spoken = question.lang || language;
  const offer = () => {
    const voice = speech.getVoices().find((one) => one.localService && one.lang.slice(0, 2) === spoken.slice(0, 2));
    if (!voice || screen.querySelector("[data-read]")) return;
    const button = made("button", { type: "button", className: "link", textContent: words.readAloud });
    button.dataset.read = "";
    button.addEventListener("click", () => {
      if (speech.speaking) return speech.cancel();
      const parts = [...question.querySelectorAll(".asks, .muted[id], .choice > span")].map((part) => part.textContent?.trim());
      const saying = Object.assign(new SpeechSynthesisUtterance(parts.join(". ")), { voice, lang: voice.lang });
      return speech.speak(saying);
    });
    screen.append(button);
  };
  offer();
  speech.addEventListener?.("voiceschanged", offer, { once: true });
}
