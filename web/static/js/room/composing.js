/** Tells the server while an answer is being written, so that writing does not count as silence. */

const IDLE_MS = 60_000; // without a key for so long, nobody is writing

export class Composing {
  #send;
  #isOn = false;
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
  }

  /** On a new socket, which knows nothing of the box. @param {boolean} isEmpty the box now */
  reconnected(isEmpty) {
    this.#isOn = false;
    if (!isEmpty) this.touched(isEmpty);
  }

  /** The interviewer has finished: silence would count from here, so it is said once more. */
  repeat() {
    if (this.#isOn) this.#send(true);
  }

  /** @param {boolean} isOn */
  #turn(isOn) {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    this.#send(isOn);
  }
}
