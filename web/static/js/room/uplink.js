/** The microphone's frames on their way up, and the timeline that speech results are told in. */

import { FRAME_MS, writeHeader } from "./protocol.js";

export class Uplink {
  #send;
  #sequence = 0;
  #captured = 0; // frames since this socket opened, those dropped included
  /** @type {number | null} performance.now() at the start of the first frame of this socket */
  #startedAt = null;
  #openedAt = performance.now();
  #isFlowing = false;

  /** @param {{send: (frame: ArrayBuffer) => boolean}} options */
  constructor({ send }) {
    this.#send = send;
  }

  /** A new socket: sequence and time begin again. */
  begin() {
    this.#sequence = 0;
    this.#captured = 0;
    this.#startedAt = null;
    this.#openedAt = performance.now();
    this.#isFlowing = true;
  }

  halt() {
    this.#isFlowing = false;
  }

  /** @param {ArrayBuffer} frame with its header free */
  push(frame) {
    if (!this.#isFlowing) return;
    this.#startedAt ??= performance.now() - FRAME_MS;
    writeHeader(frame, this.#sequence, this.#captured * FRAME_MS);
    this.#captured += 1;
    if (this.#send(frame)) this.#sequence += 1;
  }

  /**
   * @param {number} at performance.now() of the moment
   * @returns {number} the same in ms since the first frame of this socket
   */
  timelineMs(at) {
    return Math.max(0, Math.round(at - (this.#startedAt ?? this.#openedAt)));
  }
}
