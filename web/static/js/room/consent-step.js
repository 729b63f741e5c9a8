/** Step 2: who asks, what is kept, and the yes. Nothing of the person is sent before it. */

import { part } from "./dom.js";

export class ConsentStep {
  #root;
  #box;
  /** @type {HTMLInputElement | null} none where this server does not record */
  #recordingBox;
  #button;
  #error;
  /** @type {boolean | null} whether they agreed on an earlier visit; null before the server said */
  #isConsented = null;
  #isPressed = false; // before the server said
  #isAgreed = false;
  #onAgreed;

  /**
   * @param {object} options
   * @param {HTMLElement} options.root
   * @param {(to: {recording: boolean}) => void} options.onAgreed called in the click, so that
   *   sound may begin
   */
  constructor({ root, onAgreed }) {
    this.#root = root;
    this.#box = part(root, "consent-box", HTMLInputElement);
    this.#recordingBox = root.querySelector('input[data-part="recording-box"]');
    this.#button = part(root, "consent-continue", HTMLButtonElement);
    this.#error = part(root, "consent-error", HTMLElement);
    this.#onAgreed = onAgreed;
    this.#box.addEventListener("change", () => this.#refuse(""));
    part(root, "consent-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#press();
    });
  }

  get isAgreed() {
    return this.#isAgreed;
  }

  open() {
    this.#root.hidden = false;
  }

  focus() {
    const title = part(this.#root, "consent-title", HTMLElement);
    title.focus({ preventScroll: true });
    title.scrollIntoView({ block: "start" });
  }

  /** @param {boolean} isConsented already, on an earlier visit */
  know(isConsented) {
    this.#isConsented = isConsented;
    part(this.#root, "consent-agree", HTMLElement).hidden = isConsented;
    part(this.#root, "consent-known", HTMLElement).hidden = !isConsented;
    part(this.#button, "consent-label", HTMLElement).textContent = isConsented
      ? "Continue the interview"
      : "Begin the interview";
    if (this.#isPressed) this.#press();
  }

  /** @param {string} sentence what is happening meanwhile */
  say(sentence) {
    part(this.#root, "consent-wait", HTMLElement).textContent = sentence;
  }

  #press() {
    if (this.#isAgreed) return;
    const isTicked = this.#box.checked;
    // Someone who comes back may press before the server has said that nothing need be ticked.
    this.#isPressed = !isTicked && this.#isConsented === null;
    if (isTicked || this.#isConsented) {
      this.#isAgreed = true;
      this.#button.setAttribute("aria-busy", "true");
      this.#onAgreed({ recording: this.#recordingBox?.checked ?? false });
    } else if (this.#isConsented === false) {
      this.#refuse("Tick the box to begin, or leave this page if you do not agree.");
      this.#box.focus();
    }
  }

  /** @param {string} sentence */
  #refuse(sentence) {
    this.#error.textContent = sentence;
    this.#box.setAttribute("aria-invalid", String(sentence !== ""));
  }
}
