/**
 * Streaming change of sample rate by a windowed sinc, exact for any ratio of whole rates.
 *
 * Output sample n lies at input place n * from / to. That place is kept as a whole number and a
 * fraction of `to`, so it never drifts; the filter of each possible fraction is computed once
 * (160 of them for 44,100 -> 16,000, one for 48,000 -> 16,000).
 */

const ZERO_CROSSINGS = 20; // each side: the stop band is below -70 dB
const PASS = 0.92; // of the lower Nyquist frequency; the rest is the filter's slope

/** @param {number} a @param {number} b @returns {number} */
function greatestCommonDivisor(a, b) {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * @param {number} from Hz
 * @param {number} to Hz
 * @returns {{filters: Float32Array[], half: number, step: number, phases: number}}
 */
function design(from, to) {
  const divisor = greatestCommonDivisor(from, to);
  const step = from / divisor;
  const phases = to / divisor;
  const cutoff = Math.min(1, to / from) * PASS; // of the input's Nyquist frequency
  const half = Math.ceil(ZERO_CROSSINGS / cutoff);
  const filters = [];
  for (let phase = 0; phase < phases; phase += 1) {
    const filter = new Float32Array(2 * half);
    let sum = 0;
    for (let tap = 0; tap < filter.length; tap += 1) {
      const distance = tap - half + 1 - phase / phases;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / half);
      const angle = Math.PI * cutoff * distance;
      const weight = (angle === 0 ? 1 : Math.sin(angle) / angle) * window ** 1.5;
      filter[tap] = weight;
      sum += weight;
    }
    filters.push(filter.map((weight) => weight / sum));
  }
  return { filters, half, step, phases };
}

export class Resampler {
  #design;
  /** @type {Float32Array} input not yet used up; its first sample is the filter's left end */
  #pending;
  #phase = 0;

  /**
   * @param {number} from Hz
   * @param {number} to Hz
   */
  constructor(from, to) {
    this.#design = design(Math.round(from), Math.round(to));
    this.#pending = new Float32Array(this.#design.half - 1);
  }

  /**
   * @param {Float32Array} input
   * @returns {Float32Array} what the input so far has made certain
   */
  push(input) {
    const { filters, half, step, phases } = this.#design;
    const samples = new Float32Array(this.#pending.length + input.length);
    samples.set(this.#pending);
    samples.set(input, this.#pending.length);
    const taps = 2 * half;
    const output = new Float32Array(Math.ceil(((samples.length + 1) * phases) / step));
    let start = 0;
    let count = 0;
    while (start + taps <= samples.length) {
      const filter = /** @type {Float32Array} */ (filters[this.#phase]);
      let sum = 0;
      for (let tap = 0; tap < taps; tap += 1) {
        sum += /** @type {number} */ (filter[tap]) * /** @type {number} */ (samples[start + tap]);
      }
      output[count] = sum;
      count += 1;
      const place = this.#phase + step;
      start += Math.floor(place / phases);
      this.#phase = place % phases;
    }
    this.#pending = samples.slice(Math.min(start, samples.length));
    // A step longer than the filter cannot happen: the filter widens with the ratio.
    return output.subarray(0, count);
  }
}
