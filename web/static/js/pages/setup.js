import { call, textOf } from "../kit/api.js";
import { all, one } from "../kit/dom.js";
import { submits } from "../kit/forms.js";

const FEWEST_QUESTIONS = 2;
const USUAL_QUESTIONS = 5;
const MOST_QUESTIONS = 7;
/** Where a model writes questions, the server waits for it: `plans.timeout_s`. */
const PLAN_TIMEOUT_MS = 90_000;
/** From so many minutes on a plan has the usual number of questions, if they are short enough. */
const USUAL_MINUTES = 30;

const form = one("[data-setup]", HTMLFormElement);
if (form) {
  // A page brought back from the history keeps its choices: follow them, not the defaults.
  refresh(form);
  form.addEventListener("input", () => refresh(form));
  window.addEventListener("pageshow", () => refresh(form));
  submits(form, () => ({}), () => send(form));
}

/** @param {HTMLFormElement} form */
async function send(form) {
  const chosen = new FormData(form);
  const count = chosen.get("question_count");
  const minutes = chosen.get("duration_minutes");
  const body = {
    type: chosen.get("type"),
    difficulty: chosen.get("difficulty"),
    ...(count === null ? {} : { question_count: Number(count) }),
    ...(minutes === null ? {} : { duration_minutes: Number(minutes) }),
    role: String(chosen.get("role") ?? "").trim(),
    focus_areas: chosen.getAll("focus_areas"),
    requirements: String(chosen.get("requirements") ?? "").trim(),
    language: chosen.get("language"),
    patience: chosen.get("patience"),
  };
  const answer = await call("POST", "/api/v1/interviews", body, PLAN_TIMEOUT_MS);
  location.assign(textOf(answer, "room_path") || "/dashboard");
}

/** @param {HTMLFormElement} form */
function refresh(form) {
  const type = checked(form, "type");
  const difficulty = checked(form, "difficulty");
  followType(form, type?.value ?? "");
  const subject = type?.dataset.label ?? "";
  const level = difficulty?.dataset.label?.toLowerCase() ?? "";
  write(form, "[data-summary]", `${subject}, ${level}`);
  const minutes = Number(checked(form, "duration_minutes")?.value);
  if (!minutes) return;
  const each = Number(difficulty?.dataset.minutes ?? USUAL_QUESTIONS);
  const count = questionsIn(minutes, each);
  write(form, "[data-estimate]", `Up to ${minutes} minutes, about ${count} questions`);
}

/**
 * As the plan is made: see `choose_questions` in sessions/plan.py.
 *
 * @param {number} minutes
 * @param {number} each what a question of the level takes
 */
function questionsIn(minutes, each) {
  const fitting = Math.min(Math.max(Math.round(minutes / each), FEWEST_QUESTIONS), MOST_QUESTIONS);
  const isShort = minutes < USUAL_MINUTES || USUAL_QUESTIONS * (each - 1) > minutes;
  return isShort ? fitting : Math.max(fitting, USUAL_QUESTIONS);
}

/**
 * Some parts are for one type, or for all but one; the others are out of sight and not sent.
 *
 * @param {HTMLFormElement} form
 * @param {string} type
 */
function followType(form, type) {
  for (const part of all("[data-for-type], [data-not-for-type]", HTMLElement, form)) {
    const { forType, notForType } = part.dataset;
    const isShown = forType === undefined ? notForType !== type : forType === type;
    part.hidden = !isShown;
    for (const control of all("input", HTMLInputElement, part)) control.disabled = !isShown;
    for (const control of all("select", HTMLSelectElement, part)) control.disabled = !isShown;
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
