/** Which codecs this browser can send and play, the preferred one first. */

import { canDecodeOpus } from "./opus-decoder.js";
import { canEncodeOpus } from "./opus-encoder.js";

/**
 * @typedef {import("./protocol.js").CodecName} CodecName
 * @typedef {{sends: CodecName[], plays: CodecName[]}} Offer
 */

const LIMIT_MS = 1_000; // a browser that does not answer is not waited for: PCM always works

/** @param {Promise<boolean>} answer @returns {Promise<boolean>} */
function inTime(answer) {
  const limit = new Promise((resolve) => window.setTimeout(() => resolve(false), LIMIT_MS));
  return Promise.race([answer, limit]);
}

/** @param {boolean} hasOpus @returns {CodecName[]} */
const preferred = (hasOpus) => (hasOpus ? ["opus", "pcm16"] : ["pcm16"]);

export class Codecs {
  #canEncode = inTime(canEncodeOpus());
  #canDecode = inTime(canDecodeOpus());
  #isDecoderLost = false;

  /** @returns {Promise<Offer>} for the next hello */
  async offer() {
    const [canEncode, canDecode] = await Promise.all([this.#canEncode, this.#canDecode]);
    return { sends: preferred(canEncode), plays: preferred(canDecode && !this.#isDecoderLost) };
  }

  /** The decoder failed at work. @returns {boolean} whether that is new: then a hello must say so */
  decoderLost() {
    const isNew = !this.#isDecoderLost;
    this.#isDecoderLost = true;
    return isNew;
  }
}
