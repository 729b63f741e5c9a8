/** Tells the server while an answer is being written, so that writing does not count as silence. */

const IDLE_MS = 60_000; // without a key for so long, nobody is writing
const REPEAT_MS = 10_000; // said again while keys are pressed; without it the server stops waiting

export class Composing {
  #send;
  #isOn = false;
  #saidAt = 0;
  #idleTimer = 0;

  /** @param {{send: (on: boolean) => void}} options */
  constructor({ send }) {
    this.#send = send;
  }

  /** A key in the box, or the box was sent. @param {boolean} isEmpty the box now */
  touched(isEmpty) {
    window.clearTimeout(this.#idleTimer);
    if (!isEmpty) this.#idleTimer = window.setTimeout(() => this.#turn(false), IDLE_MS);
    this.#turn(!isEmpty);
    if (!isEmpty && performance.now() - this.#saidAt >= REPEAT_MS) this.#say(true);
  }

  /** On a new socket, which knows nothing of the box. @param {boolean} isEmpty the box now */
  reconnected(isEmpty) {
    this.#isOn = false;
    if (!isEmpty) this.touched(isEmpty);
  }

  /** @param {boolean} isOn */
  #turn(isOn) {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    this.#say(isOn);
  }

  /** @param {boolean} isOn */
  #say(isOn) {
    this.#saidAt = performance.now();
    this.#send(isOn);
  }
}
