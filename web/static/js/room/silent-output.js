/**
 * Stands in where the browser gives no sound: lets each utterance pass in its own time, with the
 * messages of `playback-worklet.js`, so that the interview goes on in writing.
 */

/**
 * @typedef {{type: "audio" | "end" | "clear" | "hold", utterance: number, ms?: number, on?: boolean}} SilentMessage
 * @typedef {{type: "playhead" | "done", utterance: number, ms: number}} OutputReport
 * @typedef {{id: number, ms: number, passedMs: number, isEnded: boolean, isHeld: boolean}} Passing
 */

const TICK_MS = 100;

export class SilentOutput {
  #onReport;
  /** @type {Passing[]} */
  #queue = [];
  #timer;
  #tickedAt = performance.now();

  /** @param {(report: OutputReport) => void} onReport */
  constructor(onReport) {
    this.#onReport = onReport;
    this.#timer = window.setInterval(() => this.#tick(), TICK_MS);
  }

  /** @param {SilentMessage} message */
  post(message) {
    let passing = this.#queue.find((other) => other.id === message.utterance);
    if (!passing) {
      passing = { id: message.utterance, ms: 0, passedMs: 0, isEnded: false, isHeld: false };
      this.#queue.push(passing);
    }
    if (message.type === "audio") passing.ms += message.ms ?? 0;
    if (message.type === "end") passing.isEnded = true;
    if (message.type === "hold") passing.isHeld = message.on === true;
    if (message.type === "clear") this.#finish(passing);
  }

  close() {
    window.clearInterval(this.#timer);
  }

  #tick() {
    const now = performance.now();
    const passedMs = now - this.#tickedAt;
    this.#tickedAt = now;
    const passing = this.#queue[0];
    if (!passing || passing.isHeld) return;
    const before = passing.passedMs;
    passing.passedMs = Math.min(passing.ms, passing.passedMs + passedMs);
    if (passing.isEnded && passing.passedMs === passing.ms) this.#finish(passing);
    else if (passing.passedMs > before) this.#report("playhead", passing);
  }

  /** @param {Passing} passing */
  #finish(passing) {
    this.#queue = this.#queue.filter((other) => other !== passing);
    this.#report("done", passing);
  }

  /** @param {"playhead" | "done"} type @param {Passing} passing */
  #report(type, passing) {
    this.#onReport({ type, utterance: passing.id, ms: Math.round(passing.passedMs) });
  }
}
