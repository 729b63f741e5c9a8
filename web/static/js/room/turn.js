/** Whose turn it is, by sentence, shape and hue. */

import { part } from "./dom.js";
import { TURN, TURN_MUTED, TURN_TYPING } from "./words.js";

/** @typedef {import("./words.js").TurnState} TurnState */

const YOURS = new Set(["listening", "waiting_for_you"]);

export class Turn {
  #root;
  #sentence;
  /** @type {TurnState} */
  #state = "connecting";
  #isMuted = false;
  #canSpeak = true;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = part(root, "turn", HTMLElement);
    this.#sentence = part(root, "turn-sentence", HTMLElement);
  }

  get state() {
    return this.#state;
  }

  /** @returns {import("./protocol.js").Speaker | null} whose sound is drawn */
  get speaker() {
    if (this.#state === "speaking") return "interviewer";
    return YOURS.has(this.#state) ? "candidate" : null;
  }

  /** @param {TurnState} state */
  show(state) {
    this.#state = state;
    this.#draw();
  }

  /** @param {{isMuted: boolean, canSpeak: boolean}} voice */
  voice({ isMuted, canSpeak }) {
    this.#isMuted = isMuted;
    this.#canSpeak = canSpeak;
    this.#draw();
  }

  #draw() {
    this.#root.dataset["state"] = this.#state;
    this.#root.dataset["voice"] = this.speaker ?? "none";
    this.#root.dataset["muted"] = String(this.#isMuted && this.#canSpeak);
    const sentence = this.#words();
    if (this.#sentence.textContent !== sentence) this.#sentence.textContent = sentence;
  }

  /** @returns {string} */
  #words() {
    if (this.#state === "listening" && !this.#canSpeak) return TURN_TYPING;
    if (this.#state === "listening" && this.#isMuted) return TURN_MUTED;
    return TURN[this.#state];
  }
}
