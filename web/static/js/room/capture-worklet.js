/**
 * In the audio thread: the microphone at the context's rate becomes 16 kHz PCM16 in 40 ms frames,
 * each posted as a buffer with 16 free bytes before the samples for the frame's header.
 */

import { Resampler } from "./resampler.js";

const RATE_HZ = 16_000;
const FRAME_SAMPLES = 640;
const HEADER_BYTES = 16;

class CaptureProcessor extends AudioWorkletProcessor {
  #resampler = new Resampler(sampleRate, RATE_HZ);
  #silence = new Float32Array(128);
  #frame = new Int16Array(FRAME_SAMPLES);
  #filled = 0;

  /** @param {Float32Array[][]} inputs @returns {boolean} */
  process(inputs) {
    // No channel: the microphone's track is muted or gone. Silence keeps the timeline whole.
    const channel = inputs[0]?.[0] ?? this.#silence;
    for (const sample of this.#resampler.push(channel)) {
      const clipped = Math.max(-1, Math.min(1, sample));
      this.#frame[this.#filled] = Math.round(clipped * 32_767);
      this.#filled += 1;
      if (this.#filled === FRAME_SAMPLES) this.#post();
    }
    return true;
  }

  #post() {
    const buffer = new ArrayBuffer(HEADER_BYTES + FRAME_SAMPLES * 2);
    new Int16Array(buffer, HEADER_BYTES).set(this.#frame);
    this.port.postMessage(buffer, [buffer]);
    this.#filled = 0;
  }
}

registerProcessor("capture", CaptureProcessor);
