/**
 * The browser's own voice (speechSynthesis) as the interviewer's: it speaks the sentences it is
 * given and says how far it has come.
 *
 * What browsers do and this allows for: voices that are there only after `voiceschanged`; a
 * `speak` lost when it follows a `cancel` too soon; long texts that fall silent after 15 seconds
 * without an event; `pause` that ends everything (Android); no word boundaries at all; an
 * utterance collected as garbage in mid-word, with its events.
 */

/**
 * @typedef {import("./protocol.js").Played} Played
 *
 * @typedef {{text: string, start: number, tries: number}} Piece  start: its place in the text
 *
 * @typedef {object} Speaking
 * @property {number} id
 * @property {string} text all of it so far
 * @property {Piece[]} pieces still to be spoken, the first is being spoken
 * @property {number} reached begun to be spoken, in UTF-16 units of the text
 * @property {number} wordAt where in the first piece its word begins
 * @property {number | null} startedAt performance.now()
 * @property {boolean} isEnded
 * @property {boolean} isHeld
 * @property {boolean} isOver
 */

const LONGEST_PIECE = 160; // characters: about 11 s
const AFTER_CANCEL_MS = 100;
const BEGIN_LIMIT_MS = 2_000;
const SLOW_MS_PER_CHARACTER = 150;
const END_GRACE_MS = 3_000;
const TRIES = 2;
const BROKEN_OFF = new Set(["interrupted", "canceled"]);

const offered = () => ("speechSynthesis" in window ? window.speechSynthesis : null);

offered()?.getVoices(); // Chromium begins to load them when they are first asked for

/**
 * The best voice for a language: of this very region, on this machine, the browser's own choice.
 * @param {readonly SpeechSynthesisVoice[]} voices
 * @param {string} language e.g. "en" or "en-GB"
 * @returns {SpeechSynthesisVoice | null}
 */
export function pickVoice(voices, language) {
  const plain = (/** @type {string} */ tag) => tag.toLowerCase().replace("_", "-");
  const wanted = plain(language);
  const base = wanted.split("-")[0];
  const score = (/** @type {SpeechSynthesisVoice} */ voice) =>
    (plain(voice.lang) === wanted ? 4 : 0) + (voice.localService ? 2 : 0) + (voice.default ? 1 : 0);
  const fitting = voices.filter((voice) => plain(voice.lang).split("-")[0] === base);
  fitting.sort((one, other) => score(other) - score(one));
  return fitting[0] ?? null;
}

export class PageVoice {
  #onPlayed;
  #language;
  /** @type {Speaking | null} */
  #speaking = null;
  /** @type {SpeechSynthesisUtterance | null} kept, so that it is not collected while it speaks */
  #speech = null;
  #silencedAt = -Infinity;
  #timer = 0;
  #isBroken = false;

  /**
   * @param {object} options
   * @param {(played: Played) => void} options.onPlayed
   * @param {string} [options.language]
   */
  constructor({ onPlayed, language = document.documentElement.lang || "en" }) {
    this.#onPlayed = onPlayed;
    this.#language = language;
    window.addEventListener("pagehide", () => this.leave()); // it would speak on over the next page
  }

  /** @returns {boolean} whether there is a voice of the page's language, that has not failed */
  canSpeak() {
    return !this.#isBroken && this.#voice() !== null;
  }

  /** The person clicked: some browsers let a page speak only if it first did so in a click. */
  unlock() {
    if (!this.canSpeak() || this.#speech) return;
    offered()?.speak(new SpeechSynthesisUtterance(""));
  }

  /** An utterance begins, or grows. @param {number} id @param {string} text all of it so far */
  say(id, text) {
    let speaking = this.#speaking;
    if (speaking?.id !== id) {
      this.#silence();
      speaking = {
        id,
        text: "",
        pieces: [],
        reached: 0,
        wordAt: 0,
        startedAt: null,
        isEnded: false,
        isHeld: false,
        isOver: false,
      };
      this.#speaking = speaking;
    }
    if (speaking.isOver || !text.startsWith(speaking.text)) return;
    speaking.pieces.push(...piecesOf(text, speaking.text.length));
    speaking.text = text;
    this.#goOn();
  }

  /** All its text has come. @param {number} id @returns {boolean} whether it is this voice's */
  sayEnd(id) {
    const speaking = this.#find(id);
    if (!speaking) return false;
    speaking.isEnded = true;
    this.#goOn();
    return true;
  }

  /** @param {number} id @returns {boolean} whether it is this voice's */
  clear(id) {
    const speaking = this.#find(id);
    if (!speaking) return false;
    this.#silence();
    speaking.isOver = true;
    this.#tell({ done: true });
    return true;
  }

  /** @param {number} id @param {boolean} on @returns {boolean} whether it is this voice's */
  hold(id, on) {
    const speaking = this.#find(id);
    if (!speaking) return false;
    if (speaking.isOver || speaking.isHeld === on) return true;
    speaking.isHeld = on;
    if (on) {
      // Not `pause`, which some browsers cannot.
      this.#rewind();
      const piece = speaking.pieces[0];
      if (piece) piece.tries = 0;
    }
    this.#goOn();
    return true;
  }

  /** Fall silent without a word: the server's voice goes on, or the socket is gone. */
  leave() {
    if (this.#speaking) this.#silence();
    this.#speaking = null;
  }

  /** @returns {SpeechSynthesisVoice | null} */
  #voice() {
    return pickVoice(offered()?.getVoices() ?? [], this.#language);
  }

  /** @param {number} id @returns {Speaking | null} */
  #find(id) {
    return this.#speaking?.id === id ? this.#speaking : null;
  }

  /** Speak the next piece, if it is time for one; the end is told here. */
  #goOn() {
    const speaking = this.#speaking;
    if (!speaking || speaking.isOver || speaking.isHeld || this.#speech) return;
    const piece = speaking.pieces[0];
    if (!piece) {
      if (!speaking.isEnded) return;
      speaking.isOver = true;
      return this.#tell({ done: true });
    }
    const sinceMs = performance.now() - this.#silencedAt;
    if (sinceMs < AFTER_CANCEL_MS) {
      return this.#within(AFTER_CANCEL_MS - sinceMs, () => this.#goOn());
    }
    this.#speak(speaking, piece);
  }

  /** @param {Speaking} speaking @param {Piece} piece */
  #speak(speaking, piece) {
    const synthesis = offered();
    if (!synthesis) return this.#fail();
    const speech = new SpeechSynthesisUtterance(piece.text);
    speech.voice = this.#voice();
    speech.lang = speech.voice?.lang ?? this.#language;
    const isOurs = () => this.#speech === speech;
    speech.onstart = () => isOurs() && this.#begun(speaking, piece, 0);
    speech.onboundary = (event) => {
      if (isOurs() && event.name !== "sentence") this.#begun(speaking, piece, event.charIndex);
    };
    speech.onend = () => isOurs() && this.#spoken(speaking, piece);
    speech.onerror = (event) => isOurs() && this.#broke(piece, event.error);
    this.#speech = speech;
    piece.tries += 1;
    this.#within(BEGIN_LIMIT_MS, () => this.#broke(piece, "interrupted"));
    synthesis.resume(); // another page may have left it paused
    synthesis.speak(speech);
  }

  /** A word begins. @param {Speaking} speaking @param {Piece} piece @param {number} at */
  #begun(speaking, piece, at) {
    speaking.startedAt ??= performance.now();
    speaking.wordAt = at;
    const word = /^\S*/.exec(piece.text.slice(at).trimStart())?.[0] ?? "";
    const end = piece.text.indexOf(word, at) + word.length;
    speaking.reached = Math.max(speaking.reached, piece.start + end);
    this.#tell({});
    // Some voices never say that they have ended.
    const left = piece.text.length - at;
    this.#within(left * SLOW_MS_PER_CHARACTER + END_GRACE_MS, () => {
      this.#silence();
      this.#spoken(speaking, piece);
    });
  }

  /** @param {Speaking} speaking @param {Piece} piece */
  #spoken(speaking, piece) {
    window.clearTimeout(this.#timer);
    this.#speech = null;
    speaking.startedAt ??= performance.now();
    speaking.pieces.shift();
    speaking.wordAt = 0;
    speaking.reached = Math.max(speaking.reached, piece.start + piece.text.length);
    if (speaking.pieces.length > 0 || !speaking.isEnded) this.#tell({});
    this.#goOn();
  }

  /** @param {Piece} piece @param {string} error */
  #broke(piece, error) {
    this.#rewind();
    if (!BROKEN_OFF.has(error) || piece.tries >= TRIES) {
      console.warn("The browser's voice failed.", error);
      return this.#fail();
    }
    this.#goOn();
  }

  #fail() {
    this.#isBroken = true;
    if (this.#speaking) this.#speaking.isOver = true;
    this.#tell({ failed: true });
  }

  /** Fall silent, to go on with the word that broke off. */
  #rewind() {
    this.#silence();
    const speaking = this.#speaking;
    const piece = speaking?.pieces[0];
    if (!speaking || !piece) return;
    piece.text = piece.text.slice(speaking.wordAt);
    piece.start += speaking.wordAt;
    speaking.wordAt = 0;
  }

  #silence() {
    window.clearTimeout(this.#timer);
    this.#speech = null; // first: its last events are nobody's
    offered()?.cancel();
    this.#silencedAt = performance.now();
  }

  /** @param {number} ms @param {() => void} act */
  #within(ms, act) {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(act, ms);
  }

  /** @param {{done?: boolean, failed?: boolean}} what */
  #tell({ done = false, failed = false }) {
    const speaking = this.#speaking;
    if (!speaking) return;
    const { id, startedAt, text, reached } = speaking;
    this.#onPlayed({
      type: "played",
      utterance: id,
      ms: startedAt === null ? 0 : Math.round(performance.now() - startedAt),
      done,
      characters: Array.from(text.slice(0, reached)).length, // code points, as the server counts
      failed,
    });
  }
}

/**
 * The text from a place on, as one piece if it is not too long; else cut at a comma or a space.
 * @param {string} text @param {number} from @returns {Piece[]}
 */
function piecesOf(text, from) {
  const pieces = [];
  let start = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
  while (start < text.length) {
    let end = text.length;
    if (end - start > LONGEST_PIECE) {
      const head = text.slice(start, start + LONGEST_PIECE);
      const clause = Math.max(head.lastIndexOf(", "), head.lastIndexOf("; "), head.lastIndexOf(": "));
      const cut = clause > LONGEST_PIECE / 3 ? clause + 1 : head.lastIndexOf(" ");
      end = start + (cut > 0 ? cut : LONGEST_PIECE);
    }
    pieces.push({ text: text.slice(start, end), start, tries: 0 });
    start = end + (/^\s*/.exec(text.slice(end))?.[0].length ?? 0);
  }
  return pieces;
}
