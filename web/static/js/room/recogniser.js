/**
 * The browser's own speech recognition, kept running: it ends by itself every now and then, and
 * is started again with a growing delay. What was half heard when it ended is handed on as final.
 */

/**
 * @typedef {object} Heard
 * @property {string} id
 * @property {boolean} isFinal
 * @property {string} text
 * @property {number} startedAt performance.now()
 * @property {number} endedAt performance.now()
 * @property {number | null} confidence 0-1
 */

const LANGUAGE = "en-US";
const FIRST_DELAY_MS = 200;
const LAST_DELAY_MS = 8_000;
const SHORT_RUN_MS = 1_500;
const BEFORE_INTERIM_MS = 300; // the first interim comes about so long after the first sound
const FORBIDDEN = new Set(["not-allowed", "service-not-allowed", "language-not-supported"]);
const ORDINARY = new Set(["no-speech", "aborted"]);

/** @returns {(new () => Recognition) | undefined} */
const offered = () => window.SpeechRecognition ?? window.webkitSpeechRecognition;

export const canRecognise = () => offered() !== undefined;

export class BrowserRecogniser {
  #onHeard;
  #onTrouble;
  /** @type {Recognition | null} */
  #recognition = null;
  #isWanted = false;
  #isForbidden = false;
  #session = 0;
  #failures = 0;
  #startedAt = 0;
  #timer = 0;
  /** @type {number | null} */
  #speechStartedAt = null;
  /** @type {Map<string, Heard>} begun, not final */
  #open = new Map();
  #prefix = Math.random().toString(36).slice(2, 8);

  /**
   * @param {object} options
   * @param {(heard: Heard) => void} options.onHeard
   * @param {(trouble: "caution" | "critical" | "none", error: string) => void} options.onTrouble
   */
  constructor({ onHeard, onTrouble }) {
    this.#onHeard = onHeard;
    this.#onTrouble = onTrouble;
  }

  /** @param {boolean} isWanted */
  listen(isWanted) {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    window.clearTimeout(this.#timer);
    if (isWanted) {
      this.#failures = 0;
      if (!this.#recognition) this.#start();
    } else {
      this.#recognition?.stop(); // hands on what it has, then ends
    }
  }

  #start() {
    const Kind = offered();
    if (!Kind || this.#isForbidden || !this.#isWanted) return;
    const recognition = new Kind();
    this.#recognition = recognition;
    this.#session += 1;
    const session = this.#session;
    // On Android a continuous session repeats its finals; there, one utterance per session.
    recognition.continuous = !/Android/i.test(navigator.userAgent);
    recognition.interimResults = true;
    recognition.maxAlternatives = 1;
    recognition.lang = LANGUAGE;
    recognition.onspeechstart = () => {
      this.#speechStartedAt = performance.now();
    };
    recognition.onresult = (event) => this.#results(session, event);
    recognition.onerror = (event) => this.#failed(event.error);
    recognition.onend = () => this.#ended(recognition);
    this.#startedAt = performance.now();
    try {
      recognition.start();
    } catch (error) {
      // InvalidStateError: an earlier session has not let go of the microphone yet.
      console.warn("Speech recognition did not start.", error);
      this.#failures += 1;
      this.#ended(recognition);
    }
  }

  /** @param {number} session @param {RecognitionEvent} event */
  #results(session, event) {
    this.#failures = 0;
    this.#onTrouble("none", "");
    const now = performance.now();
    for (let index = event.resultIndex; index < event.results.length; index += 1) {
      const result = event.results[index];
      const best = result?.[0];
      if (!result || !best) continue;
      const id = `${this.#prefix}-${session}-${index}`;
      const begun = this.#open.get(id);
      const text = best.transcript.trim();
      if (!text && !begun) continue;
      const startedAt = begun?.startedAt ?? this.#speechStartedAt ?? now - BEFORE_INTERIM_MS;
      this.#speechStartedAt = null;
      const confidence = result.isFinal && best.confidence > 0 ? Math.min(1, best.confidence) : null;
      const heard = { id, isFinal: result.isFinal, text, startedAt, endedAt: now, confidence };
      if (result.isFinal) this.#open.delete(id);
      else this.#open.set(id, heard);
      this.#onHeard(heard);
    }
  }

  /** @param {string} error */
  #failed(error) {
    if (ORDINARY.has(error)) return;
    this.#failures += 1;
    this.#isForbidden = FORBIDDEN.has(error);
    this.#onTrouble(this.#isForbidden ? "critical" : "caution", error);
  }

  /** @param {Recognition} recognition */
  #ended(recognition) {
    if (recognition !== this.#recognition) return;
    this.#recognition = null;
    this.#speechStartedAt = null;
    for (const heard of this.#open.values()) this.#onHeard({ ...heard, isFinal: true });
    this.#open.clear();
    if (!this.#isWanted || this.#isForbidden) return;
    if (performance.now() - this.#startedAt < SHORT_RUN_MS) this.#failures += 1;
    const delayMs = Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, this.#failures - 1));
    this.#timer = window.setTimeout(() => this.#start(), delayMs);
  }
}
