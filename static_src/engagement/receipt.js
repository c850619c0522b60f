/** Moves a receipt code from the URL fragment into the form: a fragment is never sent to a server nor written to its log. */

/**
 * The code in a fragment such as `#code=K7-2M-…` or `#K7-2M-…`; "" if there is none.
 * @param {string} fragment
 */
export function codeIn(fragment) {
  const text = fragment.replace(/^#/, "").replace(/^code=/, "").replaceAll("%20", " ");
  return text.replace(/[^0-9a-z]/gi, "").length === 16 && /^[0-9a-z -]+$/i.test(text) ? text : "";
}

/**
 * Fill in the form, wipe the fragment from the address and the history, and send.
 * @param {Document} page @param {Location} location @param {History} history
 */
export function openFromFragment(page, location, history) {
  const form = /** @type {HTMLFormElement | null} */ (page.querySelector("form[data-receipt]"));
  const code = codeIn(location.hash);
  if (!form || !code) return false;
  /** @type {HTMLInputElement} */ (form.elements.namedItem("code")).value = code;
  history.replaceState(null, "", location.pathname);
  form.submit();
  return true;
}
