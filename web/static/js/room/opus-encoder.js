/** The microphone's frames as Opus packets, by the browser's own encoder, one packet a frame. */

import { CAPTURE_RATE_HZ, FRAME_MS, HEADER_BYTES } from "./protocol.js";

const CONFIG = {
  codec: "opus",
  sampleRate: CAPTURE_RATE_HZ,
  numberOfChannels: 1,
  bitrate: 24_000,
  opus: { frameDuration: FRAME_MS * 1000, application: "voip", signal: "voice" },
};
const MOST_WAITING = 25; // frames: an encoder that lags a second behind does not work

/** @returns {Promise<boolean>} */
export async function canEncodeOpus() {
  try {
    if (typeof AudioEncoder === "undefined" || typeof AudioData === "undefined") return false;
    const { supported, config } = await AudioEncoder.isConfigSupported(CONFIG);
    // A browser that does not know the frame's duration would choose its own.
    return supported === true && config?.opus?.frameDuration === FRAME_MS * 1000;
  } catch (error) {
    console.info("This browser's Opus encoder cannot be asked.", error);
    return false;
  }
}

/**
 * @template T
 * @typedef {{frame: ArrayBuffer, place: T}} Waiting
 */

/**
 * What belongs to a frame (`place`) comes back with its packet, in order. When the encoder fails,
 * the frames that wait in it are handed back whole, and it is of no more use.
 * @template T
 */
export class OpusEncoder {
  #onPacket;
  #onFailed;
  /** @type {AudioEncoder | null} */
  #encoder;
  /** @type {Waiting<T>[]} */
  #waiting = [];
  #timestampUs = 0;

  /**
   * @param {object} options
   * @param {(packet: ArrayBuffer, place: T) => void} options.onPacket with its header free
   * @param {(waiting: Waiting<T>[]) => void} options.onFailed
   */
  constructor({ onPacket, onFailed }) {
    this.#onPacket = onPacket;
    this.#onFailed = onFailed;
    this.#encoder = new AudioEncoder({
      output: (chunk) => this.#take(chunk),
      error: (error) => this.#fail(error),
    });
    this.#encoder.configure(CONFIG);
  }

  /** @param {ArrayBuffer} frame PCM16 after 16 free bytes @param {T} place */
  encode(frame, place) {
    this.#waiting.push({ frame, place });
    if (this.#waiting.length > MOST_WAITING) return this.#fail(new Error("It does not keep up."));
    try {
      const samples = new Int16Array(frame, HEADER_BYTES);
      const data = new AudioData({
        format: "s16",
        sampleRate: CAPTURE_RATE_HZ,
        numberOfFrames: samples.length,
        numberOfChannels: 1,
        timestamp: this.#timestampUs,
        data: samples,
      });
      this.#timestampUs += FRAME_MS * 1000;
      this.#encoder?.encode(data);
      data.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What waits in it is forgotten. */
  close() {
    this.#waiting = [];
    const encoder = this.#encoder;
    this.#encoder = null;
    if (encoder && encoder.state !== "closed") encoder.close();
  }

  /** @param {EncodedAudioChunk} chunk */
  #take(chunk) {
    const waiting = this.#encoder && this.#waiting.shift();
    if (!waiting) return;
    const packet = new ArrayBuffer(HEADER_BYTES + chunk.byteLength);
    chunk.copyTo(new Uint8Array(packet, HEADER_BYTES));
    this.#onPacket(packet, waiting.place);
  }

  /** @param {unknown} error */
  #fail(error) {
    if (!this.#encoder) return;
    console.warn("The Opus encoder failed; the voice goes on as PCM.", error);
    const waiting = this.#waiting;
    this.close();
    this.#onFailed(waiting);
  }
}
