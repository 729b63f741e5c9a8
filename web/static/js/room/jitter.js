/**
 * How smoothly the interviewer's voice is played, kept as data on an element: for tests, benchmarks
 * and whoever looks for a fault. Nothing on the page depends on it.
 */

/**
 * @typedef {object} JitterReport from the audio thread, counted since the page was opened
 * @property {number} underruns times an utterance ran dry before its end
 * @property {number} silenceMs silence put into utterances because of it
 * @property {number} bufferedMs sound that waits to be played
 * @property {number} leastMs the least that waited while an utterance sounded, its end left out
 */

export class Jitter {
  #element;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  /** @param {JitterReport} report */
  played(report) {
    const data = this.#element.dataset;
    data.playbackUnderruns = String(report.underruns);
    data.playbackSilenceMs = String(report.silenceMs);
    data.playbackBufferedMs = String(report.bufferedMs);
    data.playbackLeastMs = String(report.leastMs);
  }

  /** @param {"uplink" | "downlink"} way @param {import("./protocol.js").CodecName} codec in use */
  codec(way, codec) {
    this.#element.dataset[way] = codec;
  }
}
