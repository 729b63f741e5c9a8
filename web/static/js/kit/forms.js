import { Problem } from "./api.js";
import { all, element, one } from "./dom.js";
import { icon } from "./icons.js";

/**
 * Lets a form be sent by script: once at a time, with its problems shown where they belong.
 *
 * Each field is an element named `x` with a `<p data-error id="x-error">`; problems of the
 * whole go to `[data-problem]`.
 *
 * @param {HTMLFormElement} form
 * @param {() => Record<string, string>} check sentences about fields, before anything is sent
 * @param {() => Promise<void>} send throws a Problem when refused
 */
export function submits(form, check, send) {
  let isSending = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isSending) return;
    clear(form);
    const found = check();
    if (Object.keys(found).length > 0) {
      show(form, found);
      return;
    }
    isSending = true;
    setBusy(form, true);
    try {
      await send();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      explain(form, error);
    } finally {
      isSending = false;
      setBusy(form, false);
    }
  });
  form.addEventListener("input", (event) => {
    const at = event.target;
    if (at instanceof HTMLInputElement || at instanceof HTMLSelectElement) clearOne(form, at.name);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {Problem} problem
 */
function explain(form, problem) {
  const strangers = show(form, problem.fields);
  const isTold = Object.keys(problem.fields).length > strangers.length;
  if (isTold && strangers.length === 0) return;
  const box = one("[data-problem]", HTMLElement, form);
  if (!box) return;
  const said = element("p", "banner__title", problem.message);
  const banner = element("div", "banner banner--critical", icon("alert-triangle"), said);
  for (const more of [problem.hint, ...strangers]) {
    if (more) banner.append(element("p", "", more));
  }
  box.replaceChildren(banner);
}

/**
 * Writes each sentence under its field and moves to the first.
 *
 * @param {HTMLFormElement} form
 * @param {Record<string, string>} sentences
 * @returns {string[]} those about fields the form does not have
 */
function show(form, sentences) {
  /** @type {string[]} */
  const strangers = [];
  /** @type {HTMLElement | null} */
  let first = null;
  for (const [name, sentence] of Object.entries(sentences)) {
    const line = errorLine(form, name);
    if (!line) {
      strangers.push(sentence);
      continue;
    }
    line.replaceChildren(icon("alert-triangle"), element("span", "", sentence));
    const control = one(`[name="${CSS.escape(name)}"]:not(:disabled)`, HTMLElement, form);
    control?.setAttribute("aria-invalid", "true");
    first ??= control;
  }
  first?.focus();
  return strangers;
}

/** @param {HTMLFormElement} form */
function clear(form) {
  one("[data-problem]", HTMLElement, form)?.replaceChildren();
  for (const line of all("[data-error]", HTMLElement, form)) line.replaceChildren();
  for (const control of all("[aria-invalid]", HTMLElement, form)) {
    control.removeAttribute("aria-invalid");
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function clearOne(form, name) {
  if (!name) return;
  errorLine(form, name)?.replaceChildren();
  one(`[name="${CSS.escape(name)}"][aria-invalid]`, HTMLElement, form)?.removeAttribute(
    "aria-invalid",
  );
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function errorLine(form, name) {
  return one(`#${CSS.escape(`${name}-error`)}`, HTMLElement, form);
}

/**
 * @param {HTMLFormElement} form
 * @param {boolean} isBusy
 */
function setBusy(form, isBusy) {
  for (const button of all('button[type="submit"]', HTMLButtonElement, form)) {
    button.setAttribute("aria-busy", String(isBusy));
    button.setAttribute("aria-disabled", String(isBusy));
  }
}
