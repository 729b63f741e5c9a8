import { call, textOf } from "../kit/api.js";

/** A link is asked for anew this long before it expires. */
const SPARE_MS = 60_000;

/**
 * @typedef {object} Part
 * @property {number} part counts from 1
 * @property {number} started_ms epoch
 * @property {number} duration_ms
 *
 * @typedef {{index: number, ms: number}} Place `ms` of the part's own time
 */

/** The parts of a recording in one row: where a second of the whole lies, and each part's link. */
export class RecordingParts {
  #parts;
  #path;
  /** @type {Map<number, {url: string, expiresMs: number}>} */
  #links = new Map();

  /**
   * @param {Part[]} parts in order, at least one
   * @param {string} path where links are asked for
   */
  constructor(parts, path) {
    this.#parts = parts;
    this.#path = path;
  }

  get lengthMs() {
    return this.#parts.reduce((sum, part) => sum + part.duration_ms, 0);
  }

  /** @param {number} index */
  has(index) {
    return index >= 0 && index < this.#parts.length;
  }

  /** @param {number} index */
  number(index) {
    return this.#at(index).part;
  }

  /** @param {number} number @returns {number} -1 when there is no such part */
  indexOf(number) {
    return this.#parts.findIndex((part) => part.part === number);
  }

  /** @param {Place} place @returns {number} ms of the whole */
  position({ index, ms }) {
    const before = this.#parts.slice(0, index).reduce((sum, part) => sum + part.duration_ms, 0);
    return before + Math.min(Math.max(ms, 0), this.#at(index).duration_ms);
  }

  /** @param {number} position ms of the whole @returns {Place} */
  place(position) {
    let rest = Math.max(position, 0);
    let index = 0;
    while (this.has(index + 1) && rest >= this.#at(index).duration_ms) {
      rest -= this.#at(index).duration_ms;
      index += 1;
    }
    return { index, ms: Math.min(rest, this.#at(index).duration_ms) };
  }

  /** @param {Place} place @returns {number} epoch ms */
  moment({ index, ms }) {
    return this.#at(index).started_ms + ms;
  }

  /** @returns {number} epoch ms of the end of the last part */
  get endMs() {
    const last = this.#at(this.#parts.length - 1);
    return last.started_ms + last.duration_ms;
  }

  /** @param {number} index */
  isFresh(index) {
    const link = this.#links.get(index);
    return link !== undefined && Date.now() < link.expiresMs - SPARE_MS;
  }

  /** @param {number} index */
  forget(index) {
    this.#links.delete(index);
  }

  /**
   * @param {number} index
   * @returns {Promise<string>} the part's signed address; throws a Problem when there is none
   */
  async link(index) {
    const known = this.#links.get(index);
    if (known && this.isFresh(index)) return known.url;
    const answer = await call("GET", `${this.#path}/${this.number(index)}/link`);
    const expires = /** @type {{expires_at_ms?: unknown} | null} */ (answer)?.expires_at_ms;
    const link = { url: textOf(answer, "url"), expiresMs: Number(expires) || 0 };
    this.#links.set(index, link);
    return link.url;
  }

  /** @param {number} index @returns {Part} */
  #at(index) {
    const part = this.#parts[index];
    if (!part) throw new Error(`The recording has no part at ${index}.`);
    return part;
  }
}
