/**
 * The socket to the room: opened with a fresh pass each time, watched by pings, opened again by
 * itself. Who uses it hears of messages, of audio, and of its phases; the room's state lives elsewhere.
 */

import { fetchGrant } from "./grant.js";
import { CloseCode, VERSION, codecOf, readFrame, readMessage } from "./protocol.js";

/**
 * @typedef {import("./protocol.js").ServerMessage} ServerMessage
 * @typedef {import("./protocol.js").ClientMessage} ClientMessage
 * @typedef {"idle" | "connecting" | "open" | "waiting" | "closed"} Phase  waiting: for the next try
 * @typedef {{code: number, text: string, status?: number}} Closure  code 0: the pass was refused,
 *   with this HTTP status
 *
 * @typedef {object} ConnectionEvents
 * @property {(message: ServerMessage) => void} message
 * @property {(frame: import("./protocol.js").AudioFrame) => void} audio
 * @property {(phase: Phase, closure: Closure | null) => void} phase
 * @property {(quality: "good" | "weak", rttMs: number) => void} quality
 */

const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 8_000;
const STABLE_MS = 5_000; // open for so long, the next loss starts from the first delay again
const WELCOME_MS = 10_000;
const PING_MS = 4_000;
const PONG_LIMIT_MS = 8_000;
const WEAK_RTT_MS = 350;
/** What may wait in the socket: about 8 s of voice. More would come too late, and as a flood. */
const MAX_BUFFERED_BYTES = { pcm16: 256 * 1024, opus: 32 * 1024 };
const FULL_DELAY_MS = 20_000;
const RESTART_DELAY_MS = 2_000;

/**
 * What a close code means for coming back: null, do not; else the least delay in ms.
 * @type {Map<number, number | null>}
 */
const COMES_BACK = new Map([
  [CloseCode.ENDED, null],
  [CloseCode.PROTOCOL, null],
  [CloseCode.TAKEN_OVER, null],
  [CloseCode.FLOODING, null],
  [CloseCode.NO_RECOGNISER, null],
  [CloseCode.NOT_FOUND, null],
  [CloseCode.FAILED, null],
  [CloseCode.ROOMS_FULL, FULL_DELAY_MS],
  [CloseCode.SHUTTING_DOWN, RESTART_DELAY_MS],
]);

export class Connection {
  #roomUrl;
  #csrf;
  #recognises;
  #speaks;
  #codecs;
  #on;
  /** @type {Phase} */
  #phase = "idle";
  /** @type {WebSocket | null} */
  #socket = null;
  #generation = 0; // events of earlier attempts are not ours any more
  #failures = 0;
  #retryTimer = 0;
  #welcomeTimer = 0;
  #pingTimer = 0;
  /** @type {number | null} when the unanswered ping went out */
  #pingedAt = null;
  #openedAt = 0;
  #droppedFrames = 0;

  /**
   * @param {{roomUrl: string, csrf: string, recognises: () => boolean, speaks: () => boolean,
   *   codecs: () => Promise<import("./codecs.js").Offer>, on: ConnectionEvents}} options
   */
  constructor({ roomUrl, csrf, recognises, speaks, codecs, on }) {
    this.#roomUrl = roomUrl;
    this.#csrf = csrf;
    this.#recognises = recognises;
    this.#speaks = speaks;
    this.#codecs = codecs;
    this.#on = on;
    window.addEventListener("online", () => {
      if (this.#phase === "waiting") this.open();
    });
    window.addEventListener("offline", () => {
      if (this.#phase === "open") this.#lose({ code: 1006, text: "" });
    });
  }

  get isOpen() {
    return this.#phase === "open";
  }

  get isReaching() {
    return this.#phase === "connecting" || this.#phase === "waiting";
  }

  get droppedFrames() {
    return this.#droppedFrames;
  }

  /** Open now, whatever the phase; an open socket is replaced. */
  async open() {
    this.#drop();
    const generation = this.#generation;
    this.#enter("connecting", null);
    const [grant, offer] = await Promise.all([
      fetchGrant(this.#roomUrl, this.#csrf),
      this.#codecs(),
    ]);
    if (generation !== this.#generation) return;
    if (grant.kind === "refused") {
      return this.#enter("closed", { code: 0, text: grant.text, status: grant.status });
    }
    if (grant.kind === "unreachable") return this.#retry(grant.retryMs, null);
    this.#dial(generation, grant, offer);
  }

  /** Close for good. */
  close() {
    this.#drop();
    this.#enter("closed", null);
  }

  /** @param {ClientMessage} message @returns {boolean} whether it went out */
  send(message) {
    if (!this.isOpen || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** @param {ArrayBuffer} frame @returns {boolean} false when it was dropped */
  sendAudio(frame) {
    if (!this.isOpen || this.#socket?.readyState !== WebSocket.OPEN) return false;
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES[codecOf(frame)]) {
      this.#droppedFrames += 1;
      this.#on.quality("weak", 0);
      return false;
    }
    this.#socket.send(frame);
    return true;
  }

  /**
   * @param {number} generation
   * @param {import("./grant.js").Granted} grant
   * @param {import("./codecs.js").Offer} offer
   */
  #dial(generation, { url, token }, offer) {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#welcomeTimer = window.setTimeout(() => this.#lose({ code: 1006, text: "" }), WELCOME_MS);
    let problem = "";
    socket.onopen = () => {
      /** @type {ClientMessage} */
      const hello = {
        type: "hello",
        v: VERSION,
        token,
        client: navigator.userAgent.slice(0, 200),
        recognises: this.#recognises(),
        speaks: this.#speaks(),
        ...offer,
      };
      socket.send(JSON.stringify(hello));
    };
    socket.onmessage = (event) => {
      if (generation !== this.#generation) return;
      if (typeof event.data !== "string") return this.#receiveAudio(event.data);
      const message = readMessage(event.data);
      if (message?.type === "error") problem = `${message.message} ${message.hint ?? ""}`.trim();
      if (message) this.#receive(message);
    };
    socket.onclose = (event) => {
      if (generation === this.#generation) this.#lose({ code: event.code, text: problem });
    };
  }

  /** @param {ArrayBuffer} data */
  #receiveAudio(data) {
    const frame = readFrame(data);
    if (frame && this.isOpen) this.#on.audio(frame);
  }

  /** @param {ServerMessage} message */
  #receive(message) {
    if (message.type === "pong") return this.#measure();
    if (message.type === "welcome") {
      window.clearTimeout(this.#welcomeTimer);
      this.#openedAt = performance.now();
      this.#enter("open", null);
      this.#pingTimer = window.setInterval(() => this.#ping(), PING_MS);
      this.#on.message(message);
      this.#ping();
      return;
    }
    this.#on.message(message);
  }

  #ping() {
    const now = performance.now();
    if (this.#pingedAt === null) {
      this.#pingedAt = now;
      this.send({ type: "ping", t: Math.round(now) });
      return;
    }
    // Timers of a hidden page may come late, so only an old unanswered ping counts as silence.
    if (now - this.#pingedAt > PONG_LIMIT_MS) this.#lose({ code: 1006, text: "" });
    else this.#on.quality("weak", now - this.#pingedAt);
  }

  #measure() {
    if (this.#pingedAt === null) return;
    const rttMs = performance.now() - this.#pingedAt;
    this.#pingedAt = null;
    this.#on.quality(rttMs > WEAK_RTT_MS ? "weak" : "good", rttMs);
  }

  /** @param {Closure} closure */
  #lose(closure) {
    const wasStable = this.#phase === "open" && performance.now() - this.#openedAt > STABLE_MS;
    if (wasStable) this.#failures = 0;
    this.#drop();
    const delayMs = COMES_BACK.has(closure.code) ? COMES_BACK.get(closure.code) : 0;
    if (delayMs === null || delayMs === undefined) return this.#enter("closed", closure);
    this.#retry(delayMs, closure);
  }

  /** @param {number} leastMs @param {Closure | null} closure */
  #retry(leastMs, closure) {
    const backOffMs = Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures);
    this.#failures += 1;
    // Spread, so that the pages of one restarted server do not all come at once.
    const delayMs = Math.max(leastMs, backOffMs) * (0.85 + Math.random() * 0.3);
    this.#enter("waiting", closure);
    this.#retryTimer = window.setTimeout(() => this.open(), delayMs);
  }

  #drop() {
    this.#generation += 1;
    window.clearTimeout(this.#retryTimer);
    window.clearTimeout(this.#welcomeTimer);
    window.clearInterval(this.#pingTimer);
    this.#pingedAt = null;
    this.#socket?.close();
    this.#socket = null;
  }

  /** @param {Phase} phase @param {Closure | null} closure */
  #enter(phase, closure) {
    this.#phase = phase;
    this.#on.phase(phase, closure);
  }
}
