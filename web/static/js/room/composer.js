/** The box for typing instead. It takes text in every state of the room. */

import { part } from "./dom.js";

export class Composer {
  #root;
  #form;
  #box;
  #onTouched;

  /**
   * @param {object} options
   * @param {HTMLElement} options.root
   * @param {(text: string) => void} options.onText
   * @param {(isEmpty: boolean) => void} options.onTouched a key in the box, or just before a text is sent
   */
  constructor({ root, onText, onTouched }) {
    this.#root = root;
    this.#box = part(root, "text-box", HTMLTextAreaElement);
    this.#onTouched = onTouched;
    this.#form = part(root, "composer", HTMLFormElement);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#box.value.trim();
      if (!text) return this.#box.focus();
      this.#box.value = "";
      this.#grow();
      this.#onTouched(true);
      onText(text);
    });
    this.#box.addEventListener("keydown", (event) => {
      // While an input method composes, Enter chooses a candidate.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#box.addEventListener("input", () => {
      this.#grow();
      this.#onTouched(this.isEmpty);
    });
  }

  get isEmpty() {
    return this.#box.value.trim() === "";
  }

  focus() {
    this.#box.focus();
  }

  /** What could not be sent, before what was written since. @param {string} text */
  putBack(text) {
    const { value, selectionStart, selectionEnd } = this.#box;
    const before = this.isEmpty ? text : `${text}\n`;
    this.#box.value = this.isEmpty ? text : before + value;
    this.#box.setSelectionRange(before.length + selectionStart, before.length + selectionEnd);
    this.#grow();
    this.#onTouched(false);
  }

  /** @param {boolean} isOnlyWay there is no speaking here */
  offer(isOnlyWay) {
    this.#box.placeholder = isOnlyWay ? "Type your answer" : "Type instead";
    part(this.#root, "text-label", HTMLElement).textContent = isOnlyWay
      ? "Your answer"
      : "Type instead of speaking";
  }

  #grow() {
    // The form keeps its height while the box is measured, or the conversation would be moved.
    this.#form.style.setProperty("min-height", `${this.#form.offsetHeight}px`);
    this.#box.style.setProperty("height", "auto");
    const borders = this.#box.offsetHeight - this.#box.clientHeight;
    this.#box.style.setProperty("height", `${this.#box.scrollHeight + borders}px`);
    this.#form.style.removeProperty("min-height");
  }
}
