/**
 * The room: what a message changes on the page, what a button sends. It holds what must survive a
 * lost connection (muted, paused, entered, unsent words) and gives every part its own piece of it.
 */

import { BrowserRecogniser, canRecognise } from "./recogniser.js";
import { Captions } from "./captions.js";
import { tellClosed } from "./closed-notice.js";
import { Codecs } from "./codecs.js";
import { Composer } from "./composer.js";
import { Composing } from "./composing.js";
import { Connection } from "./connection.js";
import { Controls } from "./controls.js";
import { Delivery } from "./delivery.js";
import { WakeLock, askBeforeLeaving } from "./device.js";
import { part } from "./dom.js";
import { Ending } from "./ending.js";
import { Jitter } from "./jitter.js";
import { listenForKeys } from "./keyboard.js";
import { Outbox } from "./outbox.js";
import { PageVoice } from "./page-voice.js";
import { Place } from "./place.js";
import { Player } from "./player.js";
import { CloseCode } from "./protocol.js";
import { SpeechUp } from "./speech-up.js";
import { tellRecognition, tellSound } from "./troubles.js";
import { Turn } from "./turn.js";
import { Uplink } from "./uplink.js";
import { Wave } from "./wave.js";
import { rememberWay } from "./way.js";
import * as words from "./words.js";

/**
 * @typedef {import("./protocol.js").ServerMessage} ServerMessage
 * @typedef {import("./protocol.js").Welcome} Welcome
 * @typedef {import("./connection.js").Closure} Closure
 *
 * @typedef {object} RoomOptions
 * @property {HTMLElement} root
 * @property {import("./page.js").Page} page
 * @property {import("./microphone.js").Microphone} microphone
 * @property {import("./notices.js").Notices} notices
 * @property {(welcome: Welcome) => void} onWelcome each time, once the room has taken it in
 * @property {(sentence: string) => void} onWaiting what the socket is doing, for the steps before
 * @property {() => void} onEntered the steps before can go
 */

const DROPS_TOLD = 25; // one second of voice

export class Room {
  #options;
  #root;
  #page;
  #microphone;
  #notices;
  #turn;
  #place;
  #captions;
  #delivery;
  #controls;
  #composer;
  #composing;
  #ending;
  #wave;
  #wakeLock = new WakeLock();
  #outbox;
  #codecs = new Codecs();
  #jitter;
  #uplink;
  #player;
  #pageVoice;
  #speech;
  #recogniser;
  #connection;
  /** @type {import("./protocol.js").Recogniser} */
  #kind = "none";
  #helloRecognises = false;
  /** @type {import("./protocol.js").CodecName} agreed for what is sent */
  #uplinkCodec = "pcm16";
  #isWelcomed = false;
  #isAgreed = false;
  #wantsRecording = false;
  #canRecord = false;
  #isConsented = false;
  #isEntered = false;
  #isMuted = false;
  #isEnding = false;
  #isOver = false;
  #problem = "";

  /** @param {RoomOptions} options */
  constructor(options) {
    this.#options = options;
    const { root, page, microphone, notices } = options;
    this.#root = root;
    this.#page = page;
    this.#microphone = microphone;
    this.#notices = notices;
    this.#turn = new Turn(root);
    this.#place = new Place(root);
    this.#captions = new Captions(root);
    this.#delivery = new Delivery(root);
    this.#ending = new Ending(document, page.reportPath);
    this.#controls = new Controls(root, page.iconsUrl, {
      mute: () => this.#toggleMute(),
      pause: () => this.#togglePause(),
      ask: (what) => this.#connection.send({ type: "ask", what }),
      end: () => this.#end(),
    });
    this.#composing = new Composing({
      send: (on) => this.#connection.send({ type: "composing", on }),
    });
    this.#composer = new Composer({
      root,
      onText: (text) => this.#outbox.post(text),
      onTouched: (isEmpty) => this.#composing.touched(isEmpty),
    });
    this.#outbox = new Outbox({
      send: (letter) => this.#sendLetter(letter),
      onChange: (letters) => this.#captions.underWay(letters),
    });
    this.#wave = new Wave(part(root, "wave", HTMLCanvasElement), () => this.#sound());
    this.#jitter = new Jitter(root);
    this.#uplink = new Uplink({
      send: (frame) => this.#connection.sendAudio(frame),
      onCodec: (codec) => this.#jitter.codec("uplink", codec),
    });
    this.#player = new Player({
      workletUrl: page.playbackWorkletUrl,
      onPlayed: (played) => this.#connection.send(played),
      onTrouble: (trouble) => tellSound(notices, trouble, () => void this.#player.unlock()),
      onJitter: (report) => this.#jitter.played(report),
      onDecoderLost: () => this.#decoderLost(),
    });
    this.#pageVoice = new PageVoice({ onPlayed: (played) => this.#connection.send(played) });
    this.#speech = new SpeechUp({
      send: (speech) => this.#connection.send(speech),
      timelineMs: (at) => this.#uplink.timelineMs(at),
    });
    this.#recogniser = new BrowserRecogniser({
      onHeard: (heard) => this.#speech.hear(heard),
      onTrouble: (trouble) => tellRecognition(notices, trouble),
    });
    this.#connection = new Connection({
      roomUrl: page.roomUrl,
      csrf: page.csrf,
      recognises: () => {
        this.#helloRecognises = this.#canRecognise();
        return this.#helloRecognises;
      },
      speaks: () => this.#pageVoice.canSpeak(),
      codecs: () => this.#codecs.offer(),
      on: {
        message: (message) => this.#receive(message),
        audio: (frame) => this.#player.play(frame),
        phase: (phase, closure) => this.#phase(phase, closure),
        quality: (quality) => this.#quality(quality),
      },
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.#wake();
    });
    askBeforeLeaving(() => this.#isEntered && !this.#isOver);
  }

  /** The devices are settled, or changed: reach the server, without sending anything of the person. */
  async reach() {
    void this.#player.prepare();
    const hasReached = this.#isWelcomed || this.#connection.isReaching;
    if (hasReached && this.#helloRecognises === this.#canRecognise()) return this.#voice();
    await this.#connection.open();
  }

  /** The person agreed, in a click just now. @param {{recording: boolean}} to */
  agree({ recording }) {
    this.#isAgreed = true;
    this.#wantsRecording = recording;
    void this.#wake();
    void this.#player.unlock();
    this.#pageVoice.unlock();
    if (this.#connection.isOpen) this.#enter();
    else this.#options.onWaiting(words.TURN.connecting);
  }

  /** @param {import("./words.js").MicState} state */
  microphoneChanged(state) {
    if (state === "lost" && this.#isEntered) {
      const text = words.microphoneLost(this.#place.question);
      this.#notices.show({ level: "critical", code: "microphone", text });
    }
    if (state === "granted") this.#notices.dismiss("microphone");
    this.#voice();
  }

  // -- from the server -------------------------------------------------------------------------

  /** @param {ServerMessage} message */
  #receive(message) {
    switch (message.type) {
      case "welcome":
        return this.#welcome(message);
      case "state":
        return this.#state(message.state);
      case "question":
        return this.#place.ask(message);
      case "progress":
        return this.#place.show(message);
      case "caption":
        this.#captions.show(message); // where its letter stands, which goes after it
        return this.#outbox.settle(message);
      case "feedback":
        return this.#delivery.show(message);
      case "say":
        this.#outbox.answered();
        this.#say(message);
        return this.#captions.say(message);
      case "say_end":
        return void (this.#pageVoice.sayEnd(message.utterance) || this.#player.sayEnd(message.utterance, message.audio_ms));
      case "clear":
        return void (this.#pageVoice.clear(message.utterance) || this.#player.clear(message.utterance));
      case "hold":
        return this.#hold(message);
      case "recognition":
        this.#kind = message.by;
        return this.#voice();
      case "notice":
        return this.#notices.show(message);
      case "error":
        return this.#problemTold(message);
      case "ended":
        return this.#over(message);
    }
  }

  /** @param {Welcome} welcome */
  #welcome(welcome) {
    this.#isWelcomed = true;
    this.#isConsented = welcome.consented;
    this.#canRecord = welcome.is_recorded;
    this.#tellRecording();
    this.#kind = welcome.recogniser;
    this.#uplinkCodec = welcome.uplink;
    this.#jitter.codec("downlink", welcome.downlink);
    this.#delivery.claim(welcome.keeps_fillers);
    this.#delivery.show(welcome.feedback);
    this.#place.show(welcome.progress);
    if (welcome.question) this.#place.ask(welcome.question);
    for (const caption of welcome.captions) this.#outbox.settle(caption);
    this.#captions.restore(welcome.captions);
    this.#state(welcome.state);
    this.#notices.dismiss("closed");
    if (this.#isAgreed) this.#enter();
    this.#player.connected();
    this.#options.onWelcome(welcome);
  }

  /** @param {import("./protocol.js").RoomState} state */
  #state(state) {
    // Once the yes is given, the server's wait for it is a moment of connecting.
    this.#turn.show(state === "waiting" && this.#isAgreed ? "connecting" : state);
    this.#voice();
  }

  /** @param {import("./protocol.js").Problem} problem */
  #problemTold({ code, message, hint }) {
    const refused =
      code === "message_invalid" && message.startsWith("typed") ? this.#outbox.refused() : null;
    if (refused) {
      this.#composer.putBack(refused.text);
      return this.#notices.show({ level: "caution", code: "not-sent", text: words.NOT_SENT });
    }
    this.#problem = `error-${code}`;
    const text = hint ? `${message} ${hint}` : message;
    this.#notices.show({ level: "caution", code: this.#problem, text });
  }

  /** @param {{reason: string, report_path: string}} ended */
  #over(ended) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#turn.show("ended");
    this.#recogniser.listen(false);
    this.#uplink.halt();
    this.#microphone.stop();
    this.#wave.stop();
    this.#pageVoice.leave();
    void this.#wakeLock.release();
    if (ended.reason !== "finished" && ended.reason !== "time_over") this.#player.close();
    this.#connection.close();
    this.#options.onEntered();
    this.#root.hidden = true;
    this.#ending.show(ended);
  }

  /** Before there is consent, the server only says that it would record. */
  #tellRecording() {
    const isRecorded = this.#canRecord && (this.#isConsented || this.#wantsRecording);
    part(this.#root, "recording", HTMLElement).hidden = !isRecorded;
  }

  // -- the connection --------------------------------------------------------------------------

  /** @param {import("./connection.js").Phase} phase @param {Closure | null} closure */
  #phase(phase, closure) {
    if (this.#isOver) return;
    if (closure?.code === CloseCode.ENDED) {
      return this.#over({ reason: "", report_path: this.#page.reportPath });
    }
    if (phase !== "open") this.#away(phase, closure);
    const away = closure?.code === CloseCode.TAKEN_OVER ? "elsewhere" : "lost";
    this.#controls.connection(phase === "open" ? "good" : this.#isWelcomed ? away : "connecting");
    this.#voice();
  }

  /** @param {import("./connection.js").Phase} phase @param {Closure | null} closure */
  #away(phase, closure) {
    this.#uplink.halt();
    this.#place.freeze();
    this.#player.disconnected();
    this.#pageVoice.leave(); // what it was saying is said again to whoever comes back
    this.#outbox.lost();
    const isClosed = phase === "closed";
    this.#turn.show(isClosed ? "closed" : this.#isWelcomed ? "reconnecting" : "connecting");
    this.#options.onWaiting(isClosed ? "" : words.TURN[this.#isWelcomed ? "reconnecting" : "connecting"]);
    if (!closure) return;
    const { reportPath } = this.#page;
    const open = () => void this.#connection.open();
    if (!tellClosed(this.#notices, closure, { isFinal: isClosed, reportPath, open })) return;
    if (this.#problem) this.#notices.dismiss(this.#problem); // said better now
  }

  /** @param {"good" | "weak"} quality */
  #quality(quality) {
    this.#controls.connection(quality);
    if (this.#connection.droppedFrames >= DROPS_TOLD) {
      this.#notices.show({ level: "caution", code: "dropping", text: words.DROPPING });
    }
  }

  // -- into the room, on every socket ------------------------------------------------------------

  #enter() {
    if (!this.#isConsented) {
      const version = this.#page.consentVersion;
      const recording = this.#wantsRecording;
      this.#tellRecording();
      this.#connection.send({ type: "consent", text_version: version, transcript: true, recording });
      this.#isConsented = true;
    }
    if (this.#turn.state === "waiting") this.#turn.show("connecting");
    this.#uplink.begin(this.#uplinkCodec);
    if (this.#isMuted) this.#connection.send({ type: "muted", on: true });
    this.#outbox.resend();
    this.#speech.resend();
    this.#composing.reconnected(this.#composer.isEmpty);
    if (this.#isEnding) this.#connection.send({ type: "end" });
    if (!this.#isEntered) this.#open();
    this.#voice();
  }

  #open() {
    this.#isEntered = true;
    this.#options.onEntered();
    this.#root.hidden = false;
    this.#wave.start();
    void this.#wakeLock.keep();
    listenForKeys({
      " ": () => this.#toggleMute(),
      "/": () => this.#composer.focus(),
      r: () => this.#controls.press("repeat"),
      p: () => this.#controls.press("pause"),
      "?": () => this.#controls.press("keys"),
    });
    window.scrollTo(0, 0);
    if (this.#microphone.isOn) part(this.#root, "turn-sentence", HTMLElement).focus();
    else this.#composer.focus();
  }

  // -- the candidate's voice ---------------------------------------------------------------------

  /** Bring the microphone, the recogniser and the buttons in line with what holds now. */
  #voice() {
    const state = this.#turn.state;
    const isSilenced = this.#isMuted || state === "paused" || state === "closed" || this.#isOver;
    const canSpeak = this.#microphone.isOn && this.#kind !== "none";
    this.#microphone.silence(isSilenced);
    if (this.#isEntered && canSpeak) void this.#capture();
    this.#recogniser.listen(
      this.#isEntered && canSpeak && this.#kind === "browser" && !isSilenced,
    );
    this.#turn.voice({ isMuted: this.#isMuted, canSpeak });
    const isTyped = this.#kind === "none" && !this.#microphone.isOn;
    this.#delivery.reveal(!isTyped);
    this.#composer.offer(isTyped);
    this.#controls.show({
      isOpen: this.#connection.isOpen,
      isPaused: state === "paused",
      isMuted: this.#isMuted,
      hasMicrophone: this.#microphone.isOn,
    });
  }

  async #capture() {
    if (await this.#microphone.capture((frame) => this.#uplink.push(frame))) return;
    this.#notices.show({ level: "critical", code: "capture", text: words.NO_CAPTURE });
  }

  async #toggleMute() {
    if (!this.#microphone.isOn) {
      if (!(await this.#microphone.start())) return this.#microphoneRefused();
      rememberWay("microphone");
      return this.reach();
    }
    this.#isMuted = !this.#isMuted;
    this.#connection.send({ type: "muted", on: this.#isMuted });
    this.#voice();
  }

  #microphoneRefused() {
    const { title, next } = words.MICROPHONE[this.#microphone.state];
    this.#notices.show({ level: "caution", code: "microphone", text: `${title} ${next}` });
  }

  #canRecognise() {
    return canRecognise() && this.#microphone.isOn;
  }

  // -- sound -------------------------------------------------------------------------------------

  #sound() {
    const speaker = this.#turn.speaker;
    const isHeard = speaker === "candidate" && !this.#isMuted;
    const rms = speaker === "interviewer" ? this.#player.level() : isHeard ? this.#microphone.level() : 0;
    return { speaker, rms };
  }

  /** @param {import("./protocol.js").Say} say */
  #say({ utterance, text, by_page }) {
    if (by_page) return this.#pageVoice.say(utterance, text);
    this.#pageVoice.leave();
    this.#player.say(utterance);
  }

  /** @param {import("./protocol.js").Hold} hold */
  #hold({ utterance, on }) {
    if (!this.#pageVoice.hold(utterance, on)) this.#player.hold(utterance, on);
  }

  /** Opus cannot be played after all: come again, and ask for PCM. */
  #decoderLost() {
    if (this.#codecs.decoderLost() && !this.#isOver) void this.#connection.open();
  }

  async #wake() {
    await this.#microphone.wake();
    await this.#player.wake();
  }

  // -- what is typed, and buttons ----------------------------------------------------------------

  /** @param {import("./outbox.js").Letter} letter @returns {boolean} whether it went out */
  #sendLetter({ id, text, isAnswered }) {
    if (this.#turn.state === "paused") {
      if (isAnswered) return false; // it arrived before the pause, which only a new text ends
      this.#connection.send({ type: "resume" });
    }
    if (!this.#connection.send({ type: "typed", id, text })) return false;
    this.#notices.dismiss("not-sent");
    return true;
  }

  #togglePause() {
    this.#connection.send({ type: this.#turn.state === "paused" ? "resume" : "pause" });
  }

  #end() {
    this.#isEnding = true;
    if (this.#connection.send({ type: "end" })) return;
    const text = "The interview ends as soon as the connection is back. What you finished is saved.";
    this.#notices.show({ level: "info", code: "ending", text, isFixed: true });
  }
}
