/** Where the interview stands: which question, how long so far, how long still. */

import { make, part } from "./dom.js";

const TICK_MS = 250;

export class Place {
  #root;
  /** @type {import("./protocol.js").Progress | null} */
  #progress = null;
  #receivedAt = 0;
  #isFrozen = false;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    window.setInterval(() => this.#tick(), TICK_MS);
  }

  /** The question's number, counted from 1; 0 before the first. */
  get question() {
    return Math.max(0, (this.#progress?.index ?? -1) + 1);
  }

  /** @param {import("./protocol.js").Progress} progress */
  show(progress) {
    this.#progress = progress;
    this.#receivedAt = performance.now();
    this.#isFrozen = false;
    const { total } = progress;
    const number = Math.min(total, this.question);
    const words = part(this.#root, "progress-words", HTMLElement);
    words.textContent =
      number > 0 ? `Question ${number} of ${total}` : `${total} question${total === 1 ? "" : "s"}`;
    part(this.#root, "progress-dots", HTMLElement).replaceChildren(
      ...Array.from({ length: total }, (_, index) =>
        make("li", {
          "data-state": index + 1 < number ? "done" : index + 1 === number ? "now" : "next",
        }),
      ),
    );
    this.#tick();
  }

  /** @param {import("./protocol.js").QuestionShown} question */
  ask({ text, probe }) {
    const asked = part(this.#root, "question", HTMLElement);
    const followUp = part(this.#root, "probe", HTMLElement);
    part(this.#root, "question-wait", HTMLElement).hidden = text !== "";
    asked.hidden = text === "";
    asked.textContent = text;
    part(this.#root, "probe-line", HTMLElement).hidden = !probe;
    followUp.textContent = probe ?? "";
  }

  /** The connection is gone: the clock is the server's, so ours stands still. */
  freeze() {
    if (this.#progress && !this.#isFrozen) {
      this.#progress = this.#now(this.#progress);
      this.#receivedAt = performance.now();
      this.#isFrozen = true;
    }
  }

  /** @param {import("./protocol.js").Progress} progress @returns {import("./protocol.js").Progress} */
  #now(progress) {
    if (!progress.is_running || this.#isFrozen) return progress;
    const passedMs = performance.now() - this.#receivedAt;
    return {
      ...progress,
      elapsed_ms: progress.elapsed_ms + passedMs,
      remaining_ms: Math.max(0, progress.remaining_ms - passedMs),
    };
  }

  #tick() {
    if (!this.#progress) return;
    const { elapsed_ms: elapsedMs, remaining_ms: remainingMs } = this.#now(this.#progress);
    write(part(this.#root, "elapsed", HTMLElement), minutes(Math.floor(elapsedMs / 1000)));
    write(part(this.#root, "remaining", HTMLElement), minutes(Math.ceil(remainingMs / 1000)));
  }
}

/** @param {HTMLElement} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {number} seconds @returns {string} 9:05 */
function minutes(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
