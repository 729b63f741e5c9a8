import { all, one } from "../kit/dom.js";

const LINGERS_MS = 1_500;

/**
 * @typedef {object} Cue
 * @property {number} atMs of the part's own time
 * @property {string} text
 *
 * @typedef {object} Line
 * @property {HTMLElement} element its place in the transcript
 * @property {number} part
 * @property {number} fromMs
 * @property {number} toMs
 * @property {string} speaker
 * @property {Cue[]} cues
 */

/** What is being said, from the lines of the page's own transcript. */
export class PlayerCaptions {
  #lines;
  #who;
  #words;
  #box;
  /** @type {Line | null} */
  #line = null;
  /** @type {Cue | null} */
  #cue = null;

  /** @param {HTMLElement} player */
  constructor(player) {
    this.#lines = all("[data-heard]", HTMLElement).map(readLine);
    this.#box = one("[data-player-caption]", HTMLElement, player);
    this.#who = one("[data-player-who]", HTMLElement, player);
    this.#words = one("[data-player-words]", HTMLElement, player);
  }

  /**
   * @param {number} part
   * @param {number} ms of the part's own time
   */
  show(part, ms) {
    // Where both speak at once, who began later is read.
    const line = this.#lines.findLast(
      (each) => each.part === part && each.fromMs <= ms && ms <= each.toMs,
    );
    if (!line) return this.#leave(part, ms);
    if (line !== this.#line) this.#mark(line);
    const cue = line.cues.findLast((each) => each.atMs <= ms) ?? line.cues[0] ?? null;
    if (cue === this.#cue) return;
    this.#cue = cue;
    if (this.#words) this.#words.textContent = cue?.text ?? "";
  }

  /**
   * Between two lines the last one stays for a moment, so that the caption does not flicker.
   *
   * @param {number} part
   * @param {number} ms
   */
  #leave(part, ms) {
    const last = this.#line;
    if (!last) return;
    if (part !== last.part || ms < last.fromMs || ms > last.toMs + LINGERS_MS) this.clear();
  }

  clear() {
    this.#line?.element.removeAttribute("aria-current");
    this.#line = null;
    this.#cue = null;
    if (this.#words) this.#words.textContent = "";
    if (this.#who) this.#who.textContent = "";
  }

  /** @param {Line} line */
  #mark(line) {
    this.clear();
    this.#line = line;
    line.element.setAttribute("aria-current", "true");
    const isCandidate = line.speaker === "candidate";
    if (this.#who) this.#who.textContent = isCandidate ? "You" : "Interviewer";
    this.#box?.classList.toggle("voice--candidate", isCandidate);
    this.#box?.classList.toggle("voice--interviewer", !isCandidate);
  }
}

/**
 * @param {HTMLElement} element
 * @returns {Line}
 */
function readLine(element) {
  const told = element.dataset;
  // The server counts code points, a string's own places are UTF-16.
  const text = Array.from(one("[data-said-text]", HTMLElement, element)?.textContent ?? "");
  const cues = (told["cues"] ?? "").split(" ").flatMap((written) => {
    const found = /^(\d+)-(\d+)@(\d+)$/.exec(written);
    if (!found) return [];
    const words = text.slice(Number(found[1]), Number(found[2])).join("");
    return [{ atMs: Number(found[3]), text: words }];
  });
  return {
    element,
    part: Number(told["part"]),
    fromMs: Number(told["fromMs"]),
    toMs: Number(told["toMs"]),
    speaker: told["speaker"] ?? "",
    cues,
  };
}
