/** The box for typing instead. It takes text in every state of the room. */

import { part } from "./dom.js";

export class Composer {
  #box;

  /** @param {HTMLElement} root @param {(text: string) => void} onText */
  constructor(root, onText) {
    this.#box = part(root, "text-box", HTMLTextAreaElement);
    const form = part(root, "composer", HTMLFormElement);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#box.value.trim();
      if (!text) return this.#box.focus();
      this.#box.value = "";
      this.#grow();
      onText(text);
    });
    this.#box.addEventListener("keydown", (event) => {
      // While an input method composes, Enter chooses a candidate.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    this.#box.addEventListener("input", () => this.#grow());
  }

  get isEmpty() {
    return this.#box.value.trim() === "";
  }

  focus() {
    this.#box.focus();
  }

  #grow() {
    this.#box.style.setProperty("height", "auto");
    const borders = this.#box.offsetHeight - this.#box.clientHeight;
    this.#box.style.setProperty("height", `${this.#box.scrollHeight + borders}px`);
  }
}
