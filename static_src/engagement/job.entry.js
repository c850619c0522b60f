import { JobView, follow } from "./job.js";

for (const section of document.querySelectorAll("[data-job]")) {
  void follow(new JobView(/** @type {HTMLElement} */ (section)));
}
