import { passwordFields } from "../components/password-field.js";
import { call } from "../kit/api.js";
import { all, one } from "../kit/dom.js";
import { submits } from "../kit/forms.js";

/** @type {Record<string, string>} */
const MISSING = {
  name: "Type the name you would like to be called.",
  email: "Type your e-mail address.",
  password: "Type your password.",
};

passwordFields();
keepNext();
const form = one("[data-sign-form]", HTMLFormElement);
if (form) submits(form, () => check(form), () => send(form));

/** @param {HTMLFormElement} form */
async function send(form) {
  await call("POST", new URL(form.action).pathname, Object.fromEntries(new FormData(form)));
  location.assign(nextPath());
}

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, string>}
 */
function check(form) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const input of all("input[name]", HTMLInputElement, form)) {
    const { validity, name, minLength } = input;
    if (!input.value.trim()) found[name] = MISSING[name] ?? "Fill this in.";
    else if (validity.typeMismatch) found[name] = "An e-mail address looks like you@example.org.";
    else if (input.value.length < minLength) {
      found[name] = `Use at least ${minLength} characters. This has ${input.value.length}.`;
    }
  }
  return found;
}

/** Where to go once signed in: `next` when it leads to this very site, else the dashboard. */
function nextPath() {
  const home = "/dashboard";
  const wanted = new URLSearchParams(location.search).get("next") ?? home;
  if (!wanted.startsWith("/")) return home;
  const url = new URL(wanted, location.origin);
  return url.origin === location.origin ? url.pathname + url.search + url.hash : home;
}

/** The way to the other sign page carries `next` along. */
function keepNext() {
  if (!new URLSearchParams(location.search).has("next")) return;
  for (const link of all("a[data-keep-next]", HTMLAnchorElement)) {
    link.search = new URLSearchParams({ next: nextPath() }).toString();
  }
}
