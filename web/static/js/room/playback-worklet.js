/**
 * In the audio thread: plays utterances one after the other and knows how far each has been heard.
 *
 * In:  {type: "audio", utterance, samples: Int16Array at 24 kHz}, {type: "end", utterance},
 *      {type: "clear", utterance}, {type: "hold", utterance, on}.
 * Out: {type: "playhead", utterance, ms} every 100 ms while one plays,
 *      {type: "done", utterance, ms} once, when it is over or cleared.
 * Only samples really played count; running dry waits, without counting.
 */

import { Resampler } from "./resampler.js";

const RATE_HZ = 24_000;
const REPORT_SAMPLES = RATE_HZ / 10;
const FADE_STEP = 1 / (RATE_HZ * 0.005);
const BLOCK = 64;

/**
 * @typedef {object} Utterance
 * @property {number} id
 * @property {Int16Array[]} chunks
 * @property {number} offset samples used of the first chunk
 * @property {number} played samples
 * @property {number} reported samples played at the last report
 * @property {boolean} isEnded no more audio comes
 * @property {boolean} isCleared
 * @property {boolean} isHeld
 */

class PlaybackProcessor extends AudioWorkletProcessor {
  /** @type {Utterance[]} */
  #queue = [];
  #gain = 0;
  #block = new Float32Array(BLOCK);
  #resampler = sampleRate === RATE_HZ ? null : new Resampler(RATE_HZ, sampleRate);
  /** @type {Float32Array} made but not yet handed out */
  #ready = new Float32Array(0);

  /** @param {AudioWorkletProcessorOptions} options */
  constructor(options) {
    super(options);
    this.port.onmessage = (event) => this.#receive(event.data);
  }

  /** @param {{type: string, utterance: number, samples?: Int16Array, on?: boolean}} message */
  #receive(message) {
    const utterance = this.#find(message.utterance);
    if (message.type === "audio" && message.samples) utterance.chunks.push(message.samples);
    if (message.type === "end") utterance.isEnded = true;
    if (message.type === "hold") utterance.isHeld = message.on === true;
    if (message.type === "clear") {
      utterance.isCleared = true;
      // Only what is sounding needs the fade.
      if (utterance !== this.#queue[0] || this.#gain === 0) this.#finish(utterance);
    }
  }

  /** @param {number} id @returns {Utterance} */
  #find(id) {
    const known = this.#queue.find((utterance) => utterance.id === id);
    if (known) return known;
    const made = {
      id,
      chunks: [],
      offset: 0,
      played: 0,
      reported: 0,
      isEnded: false,
      isCleared: false,
      isHeld: false,
    };
    this.#queue.push(made);
    return made;
  }

  /** @param {Utterance} utterance */
  #finish(utterance) {
    this.#queue = this.#queue.filter((other) => other !== utterance);
    this.#post("done", utterance);
  }

  /** @param {string} type @param {Utterance} utterance */
  #post(type, utterance) {
    const ms = Math.round((utterance.played * 1000) / RATE_HZ);
    this.port.postMessage({ type, utterance: utterance.id, ms });
    utterance.reported = utterance.played;
  }

  /** @returns {number} the next sample at 24 kHz */
  #next() {
    const utterance = this.#queue[0];
    const chunk = utterance?.chunks[0];
    if (!utterance || !chunk) {
      this.#gain = 0;
      if (utterance && (utterance.isEnded || utterance.isCleared)) this.#finish(utterance);
      return 0;
    }
    const isFadingOut = utterance.isCleared || utterance.isHeld;
    this.#gain = isFadingOut
      ? Math.max(0, this.#gain - FADE_STEP)
      : Math.min(1, this.#gain + FADE_STEP);
    if (isFadingOut && this.#gain === 0) {
      if (utterance.isCleared) this.#finish(utterance);
      return 0;
    }
    const sample = /** @type {number} */ (chunk[utterance.offset]) / 32_768;
    utterance.offset += 1;
    utterance.played += 1;
    if (utterance.offset === chunk.length) {
      utterance.chunks.shift();
      utterance.offset = 0;
    }
    if (utterance.played - utterance.reported >= REPORT_SAMPLES) this.#post("playhead", utterance);
    return sample * this.#gain;
  }

  /** @param {Float32Array} out */
  #fill(out) {
    for (let index = 0; index < out.length; index += 1) out[index] = this.#next();
  }

  /** @param {number} length @returns {Float32Array} samples at the context's rate */
  #render(length) {
    if (!this.#resampler) {
      const samples = new Float32Array(length);
      this.#fill(samples);
      return samples;
    }
    while (this.#ready.length < length) {
      this.#fill(this.#block);
      const more = this.#resampler.push(this.#block);
      const joined = new Float32Array(this.#ready.length + more.length);
      joined.set(this.#ready);
      joined.set(more, this.#ready.length);
      this.#ready = joined;
    }
    const samples = this.#ready.subarray(0, length);
    this.#ready = this.#ready.slice(length);
    return samples;
  }

  /** @param {Float32Array[][]} _inputs @param {Float32Array[][]} outputs @returns {boolean} */
  process(_inputs, outputs) {
    const channels = outputs[0];
    const first = channels?.[0];
    if (!channels || !first) return true;
    const samples = this.#render(first.length);
    for (const channel of channels) channel.set(samples);
    return true;
  }
}

registerProcessor("playback", PlaybackProcessor);
