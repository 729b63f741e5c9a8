/** Typed answers that the interview has not shown to have, sent again on every new socket. */

/**
 * @typedef {object} Letter
 * @property {string} id
 * @property {string} text
 * @property {number} afterTurn the last finished turn when it was written: an earlier one is not it
 * @property {boolean} isSent on the socket of now
 * @property {boolean} isAnswered the interviewer has spoken since; no need to show it as under way
 */

const LIMIT = 50;

/** @param {string} text */
const folded = (text) => text.replace(/\s+/g, " ").trim().toLowerCase();

export class Outbox {
  #send;
  #onChange;
  /** @type {Letter[]} */
  #letters = [];
  #lastTurn = 0;

  /**
   * @param {object} options
   * @param {(letter: Letter) => boolean} options.send
   * @param {(letters: readonly Letter[]) => void} options.onChange
   */
  constructor({ send, onChange }) {
    this.#send = send;
    this.#onChange = onChange;
  }

  /** @param {string} text */
  post(text) {
    const letter = {
      id: newId(),
      text,
      afterTurn: this.#lastTurn,
      isSent: false,
      isAnswered: false,
    };
    this.#letters.push(letter);
    if (this.#letters.length > LIMIT) this.#letters.shift();
    letter.isSent = this.#send(letter);
    this.#changed();
  }

  lost() {
    for (const letter of this.#letters) letter.isSent = false;
    this.#changed();
  }

  /** On a new socket. Their ids make a second arrival harmless. */
  resend() {
    for (const letter of this.#letters) letter.isSent = this.#send(letter);
    this.#changed();
  }

  /** The interviewer speaks: what was sent has arrived, though it stays here until it is shown. */
  answered() {
    for (const letter of this.#letters) letter.isAnswered ||= letter.isSent;
    this.#changed();
  }

  /** The newest one under way was turned down. @returns {Letter | null} it, out of the box now */
  refused() {
    const letter = this.#letters.findLast(({ isSent, isAnswered }) => isSent && !isAnswered);
    if (!letter) return null;
    this.#letters = this.#letters.filter((other) => other !== letter);
    this.#changed();
    return letter;
  }

  /** @param {import("./protocol.js").Caption} caption a turn that may show a letter's text */
  settle(caption) {
    if (caption.speaker !== "candidate" || !caption.final) return;
    const shown = folded(caption.text);
    this.#letters = this.#letters.filter((letter) => {
      const said = folded(letter.text);
      const isIt = shown === said || (caption.typed && shown.includes(said));
      return !(isIt && caption.id > letter.afterTurn);
    });
    this.#lastTurn = Math.max(this.#lastTurn, caption.id);
    this.#changed();
  }

  #changed() {
    this.#onChange(this.#letters);
  }
}

/** @returns {string} also where the page is not secure and `randomUUID` is missing */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
