import { call } from "../kit/api.js";
import { all, one } from "../kit/dom.js";
import { submits } from "../kit/forms.js";

const form = one("[data-rate]", HTMLFormElement);
if (form) submits(form, () => check(form), () => send(form));

/**
 * What is chosen, by competency: 1 to 5, null for not enough to go by; undefined for nothing yet.
 *
 * @param {HTMLFormElement} form
 * @returns {Map<string, number | null | undefined>}
 */
function chosen(form) {
  /** @type {Map<string, number | null | undefined>} */
  const found = new Map();
  for (const part of all("[data-competency]", HTMLFieldSetElement, form)) {
    const value = one("input:checked", HTMLInputElement, part)?.value;
    const rating = value === "none" ? null : Number(value);
    found.set(part.dataset["competency"] ?? "", value === undefined ? undefined : rating);
  }
  return found;
}

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, string>}
 */
function check(form) {
  /** @type {Record<string, string>} */
  const missing = {};
  for (const [competency, rating] of chosen(form)) {
    if (rating === undefined) missing[`ratings.${competency}`] = "Choose one.";
  }
  return missing;
}

/** @param {HTMLFormElement} form */
async function send(form) {
  const ratings = Object.fromEntries(chosen(form));
  await call("POST", new URL(form.action).pathname, { ratings });
  location.reload();
}
