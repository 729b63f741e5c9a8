/** The microphone's frames on their way up, and the timeline that speech results are told in. */

import { OpusEncoder } from "./opus-encoder.js";
import { FRAME_MS, writeHeader } from "./protocol.js";

/** @typedef {import("./protocol.js").CodecName} CodecName */

export class Uplink {
  #send;
  #onCodec;
  /** @type {OpusEncoder<number> | null} its frames' places are ms since the first of the socket */
  #encoder = null;
  #hasEncoderFailed = false;
  #sequence = 0;
  #captured = 0; // frames since this socket opened, those dropped included
  /** @type {number | null} performance.now() at the start of the first frame of this socket */
  #startedAt = null;
  #openedAt = performance.now();
  #isFlowing = false;

  /**
   * @param {object} options
   * @param {(frame: ArrayBuffer) => boolean} options.send says whether it went out
   * @param {(codec: CodecName) => void} options.onCodec what is sent from now on
   */
  constructor({ send, onCodec }) {
    this.#send = send;
    this.#onCodec = onCodec;
  }

  /**
   * A new socket: sequence and time begin again.
   * @param {CodecName} codec agreed with the server; PCM is sent all the same where it must
   */
  begin(codec) {
    this.halt();
    this.#sequence = 0;
    this.#captured = 0;
    this.#startedAt = null;
    this.#openedAt = performance.now();
    this.#isFlowing = true;
    if (codec === "opus" && !this.#hasEncoderFailed) this.#encoder = this.#openEncoder();
    this.#onCodec(this.#encoder ? "opus" : "pcm16");
  }

  halt() {
    this.#isFlowing = false;
    this.#encoder?.close();
    this.#encoder = null;
  }

  /** @param {ArrayBuffer} frame PCM with its header free */
  push(frame) {
    if (!this.#isFlowing) return;
    this.#startedAt ??= performance.now() - FRAME_MS;
    const timestampMs = this.#captured * FRAME_MS;
    this.#captured += 1;
    if (this.#encoder) this.#encoder.encode(frame, timestampMs);
    else this.#post(frame, "pcm16", timestampMs);
  }

  /** @param {ArrayBuffer} frame @param {CodecName} codec @param {number} timestampMs */
  #post(frame, codec, timestampMs) {
    writeHeader(frame, codec, this.#sequence, timestampMs);
    if (this.#send(frame)) this.#sequence += 1;
  }

  /** @returns {OpusEncoder<number> | null} */
  #openEncoder() {
    try {
      return new OpusEncoder({
        onPacket: (packet, timestampMs) => this.#post(packet, "opus", timestampMs),
        onFailed: (waiting) => this.#fallBack(waiting),
      });
    } catch (error) {
      console.warn("The Opus encoder cannot be opened; the voice goes up as PCM.", error);
      this.#hasEncoderFailed = true;
      return null;
    }
  }

  /**
   * Nothing is lost and nobody need be told: each frame says what it is.
   * @param {{frame: ArrayBuffer, place: number}[]} waiting
   */
  #fallBack(waiting) {
    this.#encoder = null;
    this.#hasEncoderFailed = true;
    for (const { frame, place } of waiting) this.#post(frame, "pcm16", place);
    this.#onCodec("pcm16");
  }

  /**
   * @param {number} at performance.now() of the moment
   * @returns {number} the same in ms since the first frame of this socket
   */
  timelineMs(at) {
    return Math.max(0, Math.round(at - (this.#startedAt ?? this.#openedAt)));
  }
}
