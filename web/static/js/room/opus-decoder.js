/** One utterance's Opus packets as samples at 24 kHz, by the browser's own decoder. */

import { OPUS_CLOCK_HZ, OPUS_LOOKAHEAD_MS, PLAYBACK_RATE_HZ } from "./protocol.js";
import { Resampler } from "./resampler.js";

const CONFIG = { codec: "opus", sampleRate: OPUS_CLOCK_HZ, numberOfChannels: 1 };

/** @returns {Promise<boolean>} */
export async function canDecodeOpus() {
  try {
    if (typeof AudioDecoder === "undefined") return false;
    return (await AudioDecoder.isConfigSupported(CONFIG)).supported === true;
  } catch (error) {
    console.info("This browser's Opus decoder cannot be asked.", error);
    return false;
  }
}

/** @param {number} ms @returns {number} samples */
const samplesOf = (ms) => Math.round((ms * PLAYBACK_RATE_HZ) / 1000);

/**
 * Samples come in the order of their packets, each with its place in the utterance; the encoder's
 * delay is taken off that place. When the decoder fails, silence of the same length comes instead,
 * so that time goes on; `onFailed` is told once.
 */
export class OpusDecoder {
  #onSamples;
  #onFailed;
  /** @type {AudioDecoder | null} null when it has failed, or was closed */
  #decoder = null;
  /** @type {{timestampMs: number, ms: number}[]} packets in the decoder */
  #waiting = [];
  /** @type {Resampler | null} */
  #resampler = null;
  #rateHz = 0;
  #isClosed = false;
  /** @type {(() => void) | null} */
  #onDrained = null;

  /**
   * @param {object} options
   * @param {(samples: Int16Array<ArrayBuffer>, startMs: number) => void} options.onSamples
   * @param {() => void} options.onFailed
   */
  constructor({ onSamples, onFailed }) {
    this.#onSamples = onSamples;
    this.#onFailed = onFailed;
    try {
      this.#decoder = new AudioDecoder({
        output: (data) => this.#take(data),
        error: (error) => this.#fail(error),
      });
      this.#decoder.configure(CONFIG);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {import("./protocol.js").OpusFrame} frame */
  decode({ packet, timestampMs, ms }) {
    if (this.#isClosed) return;
    if (!this.#decoder) return this.#silence({ timestampMs, ms });
    this.#waiting.push({ timestampMs, ms });
    try {
      this.#decoder.decode(
        new EncodedAudioChunk({
          type: "key",
          timestamp: timestampMs * 1000,
          duration: ms * 1000,
          data: packet,
        }),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * No packet comes any more.
   * @param {() => void} onDrained once, when the samples of all packets have been handed out
   */
  finish(onDrained) {
    this.#onDrained = onDrained;
    const settle = () => this.#settle();
    if (this.#decoder) this.#decoder.flush().then(settle, settle);
    else settle();
  }

  close() {
    this.#isClosed = true;
    this.#waiting = [];
    this.#onDrained = null;
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
  }

  /** @param {AudioData} data */
  #take(data) {
    const place = this.#waiting.shift();
    try {
      if (!place || this.#isClosed) return;
      const wide = new Float32Array(data.numberOfFrames);
      data.copyTo(wide, { planeIndex: 0, format: "f32-planar" });
      if (!this.#resampler || this.#rateHz !== data.sampleRate) {
        this.#rateHz = data.sampleRate;
        this.#resampler = new Resampler(this.#rateHz, PLAYBACK_RATE_HZ);
      }
      const narrow = this.#resampler.push(wide);
      const samples = new Int16Array(narrow.length);
      for (let at = 0; at < narrow.length; at += 1) {
        samples[at] = Math.round(Math.max(-1, Math.min(1, narrow[at] ?? 0)) * 32_767);
      }
      this.#onSamples(samples, place.timestampMs - OPUS_LOOKAHEAD_MS);
    } finally {
      data.close();
    }
  }

  /** @param {{timestampMs: number, ms: number}} place */
  #silence({ timestampMs, ms }) {
    this.#onSamples(new Int16Array(samplesOf(ms)), timestampMs - OPUS_LOOKAHEAD_MS);
  }

  /** @param {unknown} error */
  #fail(error) {
    if (this.#isClosed) return;
    console.warn("The Opus decoder failed; its packets become silence.", error);
    this.#decoder = null;
    for (const place of this.#waiting.splice(0)) this.#silence(place);
    this.#onFailed();
  }

  #settle() {
    if (!this.#onDrained) return; // closed meanwhile
    for (const place of this.#waiting.splice(0)) this.#silence(place);
    const onDrained = this.#onDrained;
    this.close();
    onDrained();
  }
}
