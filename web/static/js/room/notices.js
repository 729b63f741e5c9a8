/** Sentences for the candidate: what happened, what is safe, what to do. One per code. */

import { icon, make } from "./dom.js";

/** @typedef {{level: "info" | "caution" | "critical", code: string, text: string,
 *   action?: {label: string, run: () => void} | undefined, isFixed?: boolean}} NoticeShown */

const INFO_MS = 10_000;
const ICON = { info: "info", caution: "alert-triangle", critical: "alert-triangle" };

export class Notices {
  #root;
  #sprite;
  /** @type {Map<string, {element: HTMLElement, timer: number}>} */
  #shown = new Map();

  /** @param {HTMLElement} root @param {string} sprite */
  constructor(root, sprite) {
    this.#root = root;
    this.#sprite = sprite;
  }

  /** @param {NoticeShown} notice */
  show({ level, code, text, action, isFixed = false }) {
    const known = this.#shown.get(code);
    if (known?.element.dataset["text"] === text) return;
    this.dismiss(code);
    const tone = level === "info" ? "" : ` banner--${level}`;
    const element = make("div", {
      class: `banner room-notice${tone}`,
      role: level === "critical" ? "alert" : "status",
      "data-testid": "notice",
      "data-code": code,
      "data-level": level,
      "data-text": text,
    });
    element.append(icon(this.#sprite, ICON[level]), make("p", {}, text));
    const buttons = make("div", { class: "room-notice__buttons" });
    if (action) {
      const button = make("button", { type: "button", class: "button button--small" }, action.label);
      button.addEventListener("click", () => action.run());
      buttons.append(button);
    }
    if (!isFixed) buttons.append(this.#closer(code));
    if (buttons.hasChildNodes()) element.append(buttons);
    this.#root.append(element);
    const timer = level === "info" && !action ? window.setTimeout(() => this.dismiss(code), INFO_MS) : 0;
    this.#shown.set(code, { element, timer });
  }

  /** @param {string} code */
  dismiss(code) {
    const known = this.#shown.get(code);
    if (!known) return;
    window.clearTimeout(known.timer);
    known.element.remove();
    this.#shown.delete(code);
  }

  /** @param {string} code */
  #closer(code) {
    const button = make("button", {
      type: "button",
      class: "button button--quiet button--icon button--small",
      "aria-label": "Dismiss this message",
    });
    button.append(icon(this.#sprite, "x"));
    button.addEventListener("click", () => this.dismiss(code));
    return button;
  }
}
