/** Receipt codes: `engagement/receipt_codes.py`. Eight groups of two characters, 75 random bits and a check character. */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford: no I, L, O, U
const RANDOM_CHARACTERS = 15;

/** @param {string} body */
export function checkCharacter(body) {
  const sum = [...body].reduce((total, letter, place) => total + (place + 1) * ALPHABET.indexOf(letter), 0);
  return ALPHABET[sum % 31];
}

/** A fresh code. 256 is a multiple of 32, so every character is as likely. */
export function newCode() {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_CHARACTERS));
  const body = [...bytes].map((byte) => ALPHABET[byte % 32]).join("");
  return (body + checkCharacter(body)).replace(/(..)(?=.)/g, "$1-");
}
