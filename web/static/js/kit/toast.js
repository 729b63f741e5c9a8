import { element, one } from "./dom.js";
import { icon } from "./icons.js";

const SHOWN_MS = 8_000;
const ICONS = { info: "info", positive: "check", caution: "alert-triangle", critical: "alert-triangle" };

/**
 * Says something for a moment without taking the focus. What is critical stays until closed.
 *
 * @param {string} text
 * @param {{ level?: "info" | "positive" | "caution" | "critical", hint?: string }} [options]
 */
export function toast(text, { level = "info", hint = "" } = {}) {
  const region = one("[data-toasts]", HTMLElement);
  if (!region) return;
  const said = element("div", "", element("p", "", text));
  if (hint) said.append(element("p", "toast__hint", hint));
  const close = element("button", "button button--quiet button--icon", icon("x"));
  close.type = "button";
  close.setAttribute("aria-label", "Close this message");
  const made = element("div", `toast toast--${level}`, icon(ICONS[level]), said, close);
  if (level === "critical") made.setAttribute("role", "alert");
  close.addEventListener("click", () => made.remove());
  region.append(made);
  if (level !== "critical") leaveLater(made);
}

/**
 * Not while it is looked at: the time counts again from when pointer and focus have left.
 *
 * @param {HTMLElement} made
 */
function leaveLater(made) {
  let timer = setTimeout(() => made.remove(), SHOWN_MS);
  const stay = () => clearTimeout(timer);
  const leave = () => {
    clearTimeout(timer);
    timer = setTimeout(() => made.remove(), SHOWN_MS);
  };
  made.addEventListener("pointerenter", stay);
  made.addEventListener("focusin", stay);
  made.addEventListener("pointerleave", leave);
  made.addEventListener("focusout", leave);
}
