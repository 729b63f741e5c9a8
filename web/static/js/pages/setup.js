import { steppers } from "../components/stepper.js";
import { call, textOf } from "../kit/api.js";
import { all, one } from "../kit/dom.js";
import { submits } from "../kit/forms.js";

const ROUND_TO_MINUTES = 5;

steppers();
const form = one("[data-setup]", HTMLFormElement);
if (form) {
  // A page brought back from the history keeps its choices: follow them, not the defaults.
  refresh(form);
  form.addEventListener("input", () => refresh(form));
  window.addEventListener("pageshow", () => refresh(form));
  submits(form, () => check(form), () => send(form));
}

/** @param {HTMLFormElement} form */
async function send(form) {
  const chosen = new FormData(form);
  const answer = await call("POST", "/api/v1/interviews", {
    type: chosen.get("type"),
    difficulty: chosen.get("difficulty"),
    question_count: Number(chosen.get("question_count")),
    role: String(chosen.get("role") ?? "").trim(),
    focus_areas: chosen.getAll("focus_areas"),
    language: chosen.get("language"),
    patience: chosen.get("patience"),
  });
  location.assign(textOf(answer, "room_path") || "/dashboard");
}

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, string>}
 */
function check(form) {
  const count = one("#question_count", HTMLInputElement, form);
  if (!count || count.validity.valid) return {};
  return { question_count: `Choose a whole number from ${count.min} to ${count.max}.` };
}

/** @param {HTMLFormElement} form */
function refresh(form) {
  const type = checked(form, "type");
  const difficulty = checked(form, "difficulty");
  followType(form, type?.value ?? "");
  const count = one("#question_count", HTMLInputElement, form)?.valueAsNumber ?? Number.NaN;
  if (Number.isNaN(count) || count < 1) return;
  const questions = count === 1 ? "1 question" : `${count} questions`;
  const subject = type?.dataset.label ?? "";
  const level = difficulty?.dataset.label?.toLowerCase() ?? "";
  write(form, "[data-summary]", `${questions} on ${subject}, ${level}`);
  const minutes = count * Number(difficulty?.dataset.minutes ?? ROUND_TO_MINUTES);
  const about = Math.max(1, Math.round(minutes / ROUND_TO_MINUTES)) * ROUND_TO_MINUTES;
  write(form, "[data-estimate]", `About ${about} minutes`);
}

/**
 * The focus areas are those of the type; another type's are out of sight and not sent.
 *
 * @param {HTMLFormElement} form
 * @param {string} type
 */
function followType(form, type) {
  for (const group of all("[data-focus-of]", HTMLElement, form)) {
    const isShown = group.dataset.focusOf === type;
    group.hidden = !isShown;
    for (const input of all("input", HTMLInputElement, group)) input.disabled = !isShown;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function checked(form, name) {
  return one(`input[name="${name}"]:checked`, HTMLInputElement, form);
}

/**
 * @param {HTMLFormElement} form
 * @param {string} selector
 * @param {string} text
 */
function write(form, selector, text) {
  const target = one(selector, HTMLElement, form);
  if (target && target.textContent !== text) target.textContent = text;
}
