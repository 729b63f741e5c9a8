/** The browser's recognised words on their way up. Finals that found no socket wait for the next. */

/** @typedef {import("./recogniser.js").Heard} Heard */

const LIMIT = 50;

export class SpeechUp {
  #send;
  #timelineMs;
  /** @type {Heard[]} */
  #unsent = [];

  /**
   * @param {object} options
   * @param {(speech: import("./protocol.js").Speech) => boolean} options.send
   * @param {(at: number) => number} options.timelineMs of a performance.now(), on this socket
   */
  constructor({ send, timelineMs }) {
    this.#send = send;
    this.#timelineMs = timelineMs;
  }

  /** @param {Heard} heard */
  hear(heard) {
    if (this.#tell(heard) || !heard.isFinal) return;
    this.#unsent.push(heard);
    if (this.#unsent.length > LIMIT) this.#unsent.shift();
  }

  /** On a new socket. */
  resend() {
    for (const heard of this.#unsent.splice(0)) this.hear(heard);
  }

  /** @param {Heard} heard @returns {boolean} whether it went out */
  #tell({ id, isFinal, text, startedAt, endedAt, confidence }) {
    const start_ms = this.#timelineMs(startedAt);
    const end_ms = Math.max(start_ms, this.#timelineMs(endedAt));
    return this.#send({ type: "speech", id, final: isFinal, text, start_ms, end_ms, confidence });
  }
}
