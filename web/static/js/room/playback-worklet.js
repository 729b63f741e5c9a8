/**
 * In the audio thread: plays utterances one after the other and knows how far each has been heard.
 *
 * In:  {type: "audio", utterance, samples: Int16Array at 24 kHz},
 *      {type: "end", utterance, ms?}: all has come; what lies past `ms` is not played,
 *      {type: "clear", utterance}, {type: "hold", utterance, on}.
 * Out: {type: "playhead", utterance, ms, jitter} every 100 ms while one plays,
 *      {type: "done", utterance, ms, jitter} once, when it is over or cleared;
 *      `jitter` is a JitterReport of `jitter.js`.
 * Only samples really played count; running dry waits, without counting. An utterance begins, and
 * goes on after it ran dry, when a little of it has come, so that it does not run dry at once.
 */

import { Resampler } from "./resampler.js";

const RATE_HZ = 24_000;
const REPORT_SAMPLES = RATE_HZ / 10;
const FADE_STEP = 1 / (RATE_HZ * 0.005);
const BLOCK = 64;
const START_SAMPLES = RATE_HZ * 0.08; // two frames of 40 ms

/**
 * @typedef {object} Utterance
 * @property {number} id
 * @property {Int16Array[]} chunks
 * @property {number} offset samples used of the first chunk
 * @property {number} buffered samples in the chunks that were not played yet
 * @property {number} played samples
 * @property {number} limit samples to play at most
 * @property {number} dry samples of silence since it ran dry, which are no fault if its end was due
 * @property {boolean} isFilling waits for START_SAMPLES
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
  #underruns = 0;
  #silence = 0; // samples, within utterances
  #least = Infinity;

  /** @param {AudioWorkletProcessorOptions} options */
  constructor(options) {
    super(options);
    this.port.onmessage = (event) => this.#receive(event.data);
  }

  /** @param {{type: string, utterance: number, samples?: Int16Array, ms?: number, on?: boolean}} message */
  #receive(message) {
    const utterance = this.#find(message.utterance);
    if (message.type === "audio" && message.samples) this.#add(utterance, message.samples);
    if (message.type === "end") {
      utterance.isEnded = true;
      if (message.ms !== undefined) utterance.limit = Math.round((message.ms * RATE_HZ) / 1000);
    }
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
      buffered: 0,
      played: 0,
      limit: Infinity,
      dry: 0,
      isFilling: true,
      reported: 0,
      isEnded: false,
      isCleared: false,
      isHeld: false,
    };
    this.#queue.push(made);
    return made;
  }

  /** @param {Utterance} utterance @param {Int16Array} samples */
  #add(utterance, samples) {
    if (!samples.length) return;
    utterance.chunks.push(samples);
    utterance.buffered += samples.length;
    if (!utterance.dry) return;
    this.#underruns += 1;
    this.#silence += utterance.dry;
    utterance.dry = 0;
  }

  /** @param {Utterance} utterance */
  #finish(utterance) {
    this.#queue = this.#queue.filter((other) => other !== utterance);
    this.#post("done", utterance);
  }

  /** @param {string} type @param {Utterance} utterance */
  #post(type, utterance) {
    const ms = Math.round((utterance.played * 1000) / RATE_HZ);
    if (type === "playhead" && !utterance.isEnded) {
      this.#least = Math.min(this.#least, utterance.buffered);
    }
    const jitter = {
      underruns: this.#underruns,
      silenceMs: Math.round((this.#silence * 1000) / RATE_HZ),
      bufferedMs: Math.round((utterance.buffered * 1000) / RATE_HZ),
      leastMs: this.#least === Infinity ? 0 : Math.round((this.#least * 1000) / RATE_HZ),
    };
    this.port.postMessage({ type, utterance: utterance.id, ms, jitter });
    utterance.reported = utterance.played;
  }

  /**
   * An utterance with nothing to play, or that waits until there is enough.
   * @param {Utterance} utterance
   */
  #starve(utterance) {
    const hasSome = utterance.chunks.length > 0 && utterance.played < utterance.limit;
    if (!hasSome && (utterance.isEnded || utterance.isCleared)) return this.#finish(utterance);
    utterance.isFilling = true;
    if (!utterance.played || utterance.isHeld) return;
    if (hasSome) this.#silence += 1;
    else utterance.dry += 1;
  }

  /** @param {Utterance} utterance @returns {boolean} */
  #canPlay(utterance) {
    if (!utterance.chunks.length || utterance.played >= utterance.limit) return false;
    if (utterance.isEnded || utterance.isCleared) return true;
    return !utterance.isFilling || utterance.buffered >= START_SAMPLES;
  }

  /** @returns {number} the next sample at 24 kHz */
  #next() {
    const utterance = this.#queue[0];
    const chunk = utterance?.chunks[0];
    if (!utterance || !chunk || !this.#canPlay(utterance)) {
      this.#gain = 0;
      if (utterance) this.#starve(utterance);
      return 0;
    }
    utterance.isFilling = false;
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
    utterance.buffered -= 1;
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
