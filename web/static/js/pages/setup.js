import { call, textOf } from "../kit/api.js";
import { all, one } from "../kit/dom.js";
import { submits } from "../kit/forms.js";

/** Where a model writes questions, the server waits for it: `plans.timeout_s`. */
const PLAN_TIMEOUT_MS = 90_000;
/** What is typed is asked for when it has stood still so long. */
const ESTIMATE_AFTER_MS = 300;

let asked = 0;
let timer = 0;
let estimated = "";

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
  const first = chosen.get("first_question");
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
    ...(first === null ? {} : { first_question: first }),
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
  estimate(form);
}

/**
 * How many questions there will be, as the server counts them for the plan; without its word, the
 * minutes alone.
 *
 * @param {HTMLFormElement} form
 */
function estimate(form) {
  const chosen = new FormData(form);
  const minutes = chosen.get("duration_minutes");
  if (minutes === null) return;
  const wanted = new URLSearchParams();
  for (const name of ["type", "difficulty", "duration_minutes", "role"]) {
    wanted.set(name, String(chosen.get(name) ?? "").trim());
  }
  if (wanted.toString() === estimated) return;
  const isFirst = estimated === "";
  estimated = wanted.toString();
  if (isFirst && isAsServed(form)) return; // the page came with it
  write(form, "[data-estimate]", `Up to ${minutes} minutes`);
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void ask(form, `Up to ${minutes} minutes`), ESTIMATE_AFTER_MS);
}

/**
 * @param {HTMLFormElement} form
 * @param {string} time
 */
async function ask(form, time) {
  const number = ++asked;
  const answer = await call("GET", `/api/v1/interviews/estimate?${estimated}`).catch(() => null);
  if (number !== asked || typeof answer !== "object" || answer === null) return;
  if (!("question_count" in answer) || typeof answer.question_count !== "number") return;
  const count = answer.question_count;
  write(form, "[data-estimate]", `${time}, about ${count} question${count === 1 ? "" : "s"}`);
}

/** @param {HTMLFormElement} form whether nothing was chosen yet, now or before the page came back */
function isAsServed(form) {
  const inputs = all("input[type=radio]", HTMLInputElement, form);
  const texts = all("input[type=text]", HTMLInputElement, form);
  const options = all("select[name=role] option", HTMLOptionElement, form);
  return (
    inputs.every((input) => input.checked === input.defaultChecked) &&
    texts.every((input) => input.value === input.defaultValue) &&
    options.every((option) => option.selected === option.defaultSelected)
  );
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
