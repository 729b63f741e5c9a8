/**
 * The interviewer's voice, and the only one who knows how much of it was heard.
 *
 * Each utterance goes to one of two outputs that speak the same messages: the audio thread, or,
 * where the browser gives no sound, a clock. Acknowledgements that found no socket are kept and
 * sent on the next.
 */

import { rootMeanSquare } from "./microphone.js";
import { OpusDecoder } from "./opus-decoder.js";
import { PLAYBACK_RATE_HZ } from "./protocol.js";
import { SilentOutput } from "./silent-output.js";

/**
 * @typedef {object} Voicing
 * @property {number} id
 * @property {boolean} isSounding on the audio thread, not on the clock
 * @property {OpusDecoder | null} decoder from its first Opus frame to its end
 * @property {number} receivedMs
 * @property {number} playedMs
 * @property {number} silentFromMs heard before the clock took over
 * @property {boolean} isEnded
 * @property {boolean} isHeld
 * @property {boolean} isDone
 * @property {boolean} isFromEarlierSocket
 * @property {number} touchedAt performance.now() of the last that came of it
 */

const BLOCKED_TICKS = 3; // seconds of a clock that stands still before the silent output takes over
const ORPHAN_MS = 2_500; // after a reconnection: no more of this utterance has come for so long
const REMEMBERED = 64;
const ROUNDING_MS = 2; // places on the wire are whole ms: so little is no overlap

export class Player {
  #workletUrl;
  #onPlayed;
  #onTrouble;
  #onJitter;
  #onDecoderLost;
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {AudioWorkletNode | null} */
  #node = null;
  /** @type {AnalyserNode | null} */
  #analyser = null;
  #samples = new Float32Array(1024);
  #silent;
  /** @type {"preparing" | "sounding" | "silent"} what new utterances get */
  #mode = "preparing";
  /** @type {{message: object, transfer: Transferable[]}[]} for the audio thread, until it is there */
  #early = [];
  /** @type {Map<number, Voicing>} in the order of their coming; done ones too, for late questions */
  #voicings = new Map();
  /** @type {Map<number, import("./protocol.js").Played>} */
  #unsent = new Map();
  #isUnlocked = false;
  #isConnected = false;
  #blockedTicks = 0;
  #watch;

  /**
   * @param {object} options
   * @param {string} options.workletUrl
   * @param {(played: import("./protocol.js").Played) => boolean} options.onPlayed says whether it went out
   * @param {(trouble: "blocked" | "missing" | "none") => void} options.onTrouble
   * @param {(report: import("./jitter.js").JitterReport) => void} options.onJitter
   * @param {() => void} options.onDecoderLost Opus cannot be played any more: ask for PCM
   */
  constructor({ workletUrl, onPlayed, onTrouble, onJitter, onDecoderLost }) {
    this.#workletUrl = workletUrl;
    this.#onPlayed = onPlayed;
    this.#onTrouble = onTrouble;
    this.#onJitter = onJitter;
    this.#onDecoderLost = onDecoderLost;
    this.#silent = new SilentOutput((report) => this.#heardReport(report, false));
    this.#watch = window.setInterval(() => this.#look(), 1_000);
  }

  /** Make everything ready, without a sound. */
  async prepare() {
    if (this.#context || this.#mode !== "preparing") return;
    try {
      this.#context = new AudioContext({ sampleRate: PLAYBACK_RATE_HZ });
    } catch (error) {
      console.info("No audio context at 24 kHz; the worklet resamples.", error);
      this.#context = new AudioContext();
    }
    try {
      if (!this.#isUnlocked) await this.#context.suspend();
      await this.#context.audioWorklet.addModule(this.#workletUrl);
      this.#node = new AudioWorkletNode(this.#context, "playback", {
        numberOfInputs: 0,
        outputChannelCount: [1],
      });
    } catch (error) {
      console.error("The voice cannot be played in this browser.", error);
      this.#fallSilent("missing");
      return;
    }
    this.#node.port.onmessage = (event) => this.#heardReport(event.data, true);
    this.#analyser = new AnalyserNode(this.#context, { fftSize: 1024 });
    this.#node.connect(this.#analyser).connect(this.#context.destination);
    this.#mode = "sounding";
    for (const { message, transfer } of this.#early) this.#node.port.postMessage(message, transfer);
    this.#early = [];
  }

  /** The person clicked: sound may begin. */
  async unlock() {
    this.#isUnlocked = true;
    this.#blockedTicks = 0;
    const context = this.#context;
    if (!context) return;
    await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, 1_000))]);
    if (context.state === "running" && this.#node) {
      this.#mode = "sounding";
      this.#onTrouble("none");
    }
  }

  /** @param {number} id an utterance begins, or grows */
  say(id) {
    if (this.#voicings.has(id)) return;
    for (const earlier of this.#unfinished()) {
      // The server speaks one thing at a time: what came before gets no more audio.
      if (earlier.isHeld) this.#clear(earlier);
      else this.#end(earlier);
    }
    this.#find(id);
  }

  /** @param {import("./protocol.js").AudioFrame} frame */
  play(frame) {
    const voicing = this.#find(frame.utterance);
    if (voicing.isDone) return;
    voicing.touchedAt = performance.now();
    if (frame.codec === "opus") return this.#playPacket(voicing, frame);
    if (frame.rateHz !== PLAYBACK_RATE_HZ) return;
    // A server that cannot know what arrived may send it again on another socket.
    const knownMs = voicing.isFromEarlierSocket ? voicing.receivedMs - frame.timestampMs : 0;
    this.#add(voicing, frame.pcm.slice(), knownMs);
  }

  /** @param {number} id all its audio has come @param {number} audioMs of it in total */
  sayEnd(id, audioMs) {
    this.#end(this.#find(id), audioMs);
  }

  /** @param {number} id */
  clear(id) {
    const voicing = this.#find(id);
    if (voicing.isDone) this.#tell({ type: "played", utterance: id, ms: voicing.playedMs, done: true });
    else this.#clear(voicing);
  }

  /** @param {number} id @param {boolean} on */
  hold(id, on) {
    const voicing = this.#find(id);
    if (voicing.isDone) return;
    voicing.isHeld = on;
    this.#post(voicing, { type: "hold", utterance: id, on });
  }

  /** The socket is gone; what came plays on. */
  disconnected() {
    this.#isConnected = false;
    for (const voicing of this.#unfinished()) voicing.isFromEarlierSocket = true;
  }

  /** On a new socket: say again where each utterance stands. */
  connected() {
    this.#isConnected = true;
    for (const played of [...this.#unsent.values()]) {
      if (this.#onPlayed(played)) this.#unsent.delete(played.utterance);
    }
    for (const voicing of this.#unfinished()) {
      voicing.touchedAt = performance.now();
      const ms = Math.round(voicing.playedMs);
      this.#onPlayed({ type: "played", utterance: voicing.id, ms, done: false });
    }
  }

  /** @returns {number} root mean square of the last moment, 0-1 */
  level() {
    if (!this.#analyser || this.#context?.state !== "running") return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return rootMeanSquare(this.#samples);
  }

  /** After a locked screen or a phone call. */
  async wake() {
    if (this.#isUnlocked && this.#context && this.#context.state !== "running") await this.unlock();
  }

  close() {
    window.clearInterval(this.#watch);
    this.#silent.close();
    void this.#context?.close();
    this.#context = null;
  }

  /** @returns {Voicing[]} */
  #unfinished() {
    return [...this.#voicings.values()].filter((voicing) => !voicing.isDone);
  }

  /** @param {number} id @returns {Voicing} */
  #find(id) {
    const known = this.#voicings.get(id);
    if (known) return known;
    const voicing = {
      id,
      isSounding: this.#mode !== "silent",
      decoder: null,
      receivedMs: 0,
      playedMs: 0,
      silentFromMs: 0,
      isEnded: false,
      isHeld: false,
      isDone: false,
      isFromEarlierSocket: false,
      touchedAt: performance.now(),
    };
    this.#voicings.set(id, voicing);
    const [oldest] = this.#voicings.keys();
    if (this.#voicings.size > REMEMBERED && oldest !== undefined) this.#voicings.delete(oldest);
    return voicing;
  }

  /** @param {Voicing} voicing @param {import("./protocol.js").OpusFrame} frame */
  #playPacket(voicing, frame) {
    if (!voicing.isSounding) {
      const knownMs = voicing.isFromEarlierSocket ? voicing.receivedMs - frame.timestampMs : 0;
      return this.#pass(voicing, frame.ms - Math.max(0, knownMs));
    }
    voicing.decoder ??= new OpusDecoder({
      onSamples: (samples, startMs) => {
        const knownMs = voicing.receivedMs - startMs;
        this.#add(voicing, samples, knownMs > ROUNDING_MS ? knownMs : 0);
      },
      onFailed: this.#onDecoderLost,
    });
    voicing.decoder.decode(frame);
  }

  /** @param {Voicing} voicing @param {Int16Array<ArrayBuffer>} samples @param {number} knownMs of them */
  #add(voicing, samples, knownMs) {
    const known = Math.max(0, Math.round((knownMs * PLAYBACK_RATE_HZ) / 1000));
    const fresh = known ? samples.slice(known) : samples;
    if (voicing.isDone || fresh.length === 0) return;
    const ms = (fresh.length * 1000) / PLAYBACK_RATE_HZ;
    if (!voicing.isSounding) return this.#pass(voicing, ms);
    voicing.receivedMs += ms;
    const message = { type: /** @type {const} */ ("audio"), utterance: voicing.id, samples: fresh };
    this.#post(voicing, message, [fresh.buffer]);
  }

  /** @param {Voicing} voicing @param {number} ms that pass without a sound */
  #pass(voicing, ms) {
    if (ms <= 0) return;
    voicing.receivedMs += ms;
    this.#post(voicing, { type: "audio", utterance: voicing.id, ms });
  }

  /** @param {Voicing} voicing @param {number} [audioMs] */
  #end(voicing, audioMs) {
    if (voicing.isEnded || voicing.isDone) return;
    voicing.isEnded = true;
    const utterance = voicing.id;
    if (!voicing.decoder) return this.#post(voicing, { type: "end", utterance });
    // The last packet is filled up with silence: what counts ends at `audioMs`.
    voicing.decoder.finish(() => this.#post(voicing, { type: "end", utterance, ms: audioMs }));
  }

  /** @param {Voicing} voicing */
  #clear(voicing) {
    voicing.decoder?.close();
    this.#post(voicing, { type: "clear", utterance: voicing.id });
  }

  /**
   * @param {Voicing} voicing
   * @param {{type: "audio" | "end" | "clear" | "hold", utterance: number, ms?: number,
   *   samples?: Int16Array, on?: boolean}} message
   * @param {Transferable[]} [transfer]
   */
  #post(voicing, message, transfer = []) {
    if (!voicing.isSounding) this.#silent.post(message);
    else if (this.#node) this.#node.port.postMessage(message, transfer);
    else this.#early.push({ message, transfer });
  }

  /**
   * @param {import("./silent-output.js").OutputReport &
   *   {jitter?: import("./jitter.js").JitterReport}} report
   * @param {boolean} isSounding
   */
  #heardReport(report, isSounding) {
    const voicing = this.#voicings.get(report.utterance);
    if (!voicing || voicing.isDone || voicing.isSounding !== isSounding) return;
    voicing.playedMs = Math.round(report.ms + (isSounding ? 0 : voicing.silentFromMs));
    voicing.isDone = report.type === "done";
    if (voicing.isDone) voicing.decoder?.close();
    if (report.jitter) this.#onJitter(report.jitter);
    this.#tell({
      type: "played",
      utterance: voicing.id,
      ms: voicing.playedMs,
      done: voicing.isDone,
    });
  }

  /** @param {import("./protocol.js").Played} played */
  #tell(played) {
    if (!this.#onPlayed(played) && played.done) this.#unsent.set(played.utterance, played);
  }

  /** Once a second: is the sound held back, has an utterance lost its end? */
  #look() {
    const now = performance.now();
    const waiting = this.#unfinished().filter((voicing) => voicing.isSounding);
    const isBlocked =
      this.#isUnlocked && this.#context?.state !== "running" && waiting.length > 0 && !document.hidden;
    this.#blockedTicks = isBlocked ? this.#blockedTicks + 1 : 0;
    if (this.#blockedTicks >= BLOCKED_TICKS) this.#fallSilent(this.#node ? "blocked" : "missing");
    if (!this.#isConnected) return;
    for (const voicing of this.#unfinished()) {
      const isDrained = voicing.playedMs >= voicing.receivedMs - 120;
      const isOld = now - voicing.touchedAt > ORPHAN_MS;
      if (voicing.isFromEarlierSocket && !voicing.isHeld && isDrained && isOld) this.#end(voicing);
    }
  }

  /** @param {"blocked" | "missing"} trouble */
  #fallSilent(trouble) {
    this.#mode = "silent";
    this.#early = [];
    this.#blockedTicks = 0;
    for (const voicing of this.#unfinished().filter((other) => other.isSounding)) {
      this.#node?.port.postMessage({ type: "clear", utterance: voicing.id });
      voicing.isSounding = false;
      voicing.silentFromMs = voicing.playedMs;
      const utterance = voicing.id;
      this.#silent.post({ type: "audio", utterance, ms: voicing.receivedMs - voicing.playedMs });
      if (voicing.isHeld) this.#silent.post({ type: "hold", utterance, on: true });
      if (voicing.isEnded) this.#silent.post({ type: "end", utterance });
    }
    this.#onTrouble(trouble);
  }
}
