import { Problem } from "../kit/api.js";
import { one } from "../kit/dom.js";
import { PlayerCaptions } from "./player-captions.js";
import { RecordingParts } from "./recording-parts.js";

const OGG_OPUS = 'audio/ogg; codecs="opus"';
const ARROW_S = 5;
const UNPLAYABLE =
  "This browser cannot play the recording, which is Ogg with Opus. A current Chrome, Edge, Firefox or Safari can.";
const PRESS_AGAIN = "The browser held the sound back. Press play once more.";
const BROKEN = "The recording could not be played. Check your connection, then press play again.";

/**
 * Plays a recording on its report: a quote from its first word to its last, or on from there.
 * Its markup is the macro `player` of report_parts.html.
 */
export class Player {
  #root;
  #parts;
  #captions;
  #audio;
  #toggle;
  #seek;
  #continue;
  #zeroMs;
  #index = 0;
  /** Where the sound stops, in ms of the part's own time; null: it plays on. @type {number | null} */
  #stopMs = null;
  /** The button whose stretch is played. @type {HTMLButtonElement | null} */
  #source = null;
  #run = 0; // a later press overtakes what an earlier one still waits for
  #hasRetried = false;
  #isScrubbing = false;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    /** @type {import("./recording-parts.js").Part[]} */
    const parts = JSON.parse(root.dataset["parts"] ?? "[]");
    this.#parts = new RecordingParts(parts, root.dataset["links"] ?? "");
    this.#captions = new PlayerCaptions(root);
    this.#audio = must("[data-player-audio]", HTMLAudioElement, root);
    this.#toggle = must("[data-player-toggle]", HTMLButtonElement, root);
    this.#seek = must("[data-player-seek]", HTMLInputElement, root);
    this.#continue = must("[data-player-continue]", HTMLButtonElement, root);
    this.#zeroMs = Number(root.dataset["zeroMs"]) || this.#parts.moment({ index: 0, ms: 0 });
    this.#seek.max = String(Math.ceil(this.#parts.lengthMs / 1000));
    must("[data-player-end]", HTMLElement, root).textContent = this.#clock(this.#parts.endMs);
    this.#listen();
  }

  /**
   * Plays what a button stands for; pressed again while it plays, it pauses.
   *
   * @param {HTMLButtonElement} button
   */
  press(button) {
    if (button === this.#source && !this.#audio.paused) return this.#audio.pause();
    const index = this.#parts.indexOf(Number(button.dataset["part"]));
    if (index < 0) return;
    const isWhole = button.dataset["playWhat"] === "recording";
    this.#claim(button);
    const stopMs = isWhole ? null : Number(button.dataset["toMs"]);
    void this.#play({ index, ms: Number(button.dataset["fromMs"]) }, stopMs);
  }

  /** The recording is gone: nothing plays any more. */
  remove() {
    this.close();
    this.#audio.removeAttribute("src");
    this.#root.remove();
  }

  close() {
    this.#run += 1;
    this.#audio.pause();
    this.#captions.clear();
    const hadFocus = this.#root.contains(document.activeElement);
    this.#root.hidden = true;
    if (hadFocus) this.#source?.focus();
    this.#claim(null);
  }

  #listen() {
    this.#toggle.addEventListener("click", () => this.#press());
    this.#continue.addEventListener("click", () => {
      this.#toggle.focus(); // the button pressed goes away
      this.#goOn();
    });
    must("[data-player-close]", HTMLButtonElement, this.#root).addEventListener("click", () =>
      this.close(),
    );
    const speed = must("[data-player-speed]", HTMLSelectElement, this.#root);
    speed.addEventListener("change", () => {
      this.#audio.defaultPlaybackRate = Number(speed.value); // a new part begins with it
      this.#audio.playbackRate = Number(speed.value);
    });
    this.#seek.addEventListener("input", () => this.#preview());
    this.#seek.addEventListener("change", () => this.#jump(Number(this.#seek.value) * 1000));
    this.#seek.addEventListener("keydown", (event) => this.#arrow(event));
    this.#root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    this.#audio.addEventListener("play", () => this.#began());
    this.#audio.addEventListener("pause", () => this.#showState());
    this.#audio.addEventListener("timeupdate", () => this.#tick());
    this.#audio.addEventListener("ended", () => this.#ended());
    this.#audio.addEventListener("error", () => this.#failed());
  }

  // -- playing -----------------------------------------------------------------------------------

  /**
   * @param {import("./recording-parts.js").Place} place
   * @param {number | null} stopMs
   */
  async #play(place, stopMs) {
    const run = ++this.#run;
    this.#hasRetried = false;
    await this.#start(run, place, stopMs);
  }

  /**
   * @param {number} run
   * @param {import("./recording-parts.js").Place} place
   * @param {number | null} stopMs
   */
  async #start(run, place, stopMs) {
    this.#root.hidden = false;
    this.#continue.hidden = true;
    this.#say("");
    if (this.#audio.canPlayType(OGG_OPUS) === "") return this.#say(UNPLAYABLE);
    this.#audio.pause();
    this.#stopMs = stopMs;
    try {
      const url = new URL(await this.#parts.link(place.index), location.href).href;
      if (run !== this.#run) return;
      this.#index = place.index;
      if (this.#audio.src !== url) this.#audio.src = url;
      this.#moveTo(place.ms);
      this.#show(place);
      await this.#audio.play();
    } catch (error) {
      if (run === this.#run) this.#explain(error);
    }
  }

  /** @param {number} ms */
  #moveTo(ms) {
    const audio = this.#audio;
    audio.currentTime = ms / 1000;
    if (audio.readyState >= audio.HAVE_METADATA) return;
    // Not every browser remembers a place it was given before it knew the sound.
    const run = this.#run;
    const settle = () => {
      if (run === this.#run && Math.abs(audio.currentTime - ms / 1000) > 0.2) {
        audio.currentTime = ms / 1000;
      }
    };
    audio.addEventListener("loadedmetadata", settle, { once: true });
  }

  #press() {
    if (!this.#audio.paused) return this.#audio.pause();
    this.#goOn();
  }

  /** On from where it stands; past the end of a quote it plays on. */
  #goOn() {
    const place = { index: this.#index, ms: this.#audio.currentTime * 1000 };
    const isStopped = this.#stopMs !== null && place.ms >= this.#stopMs - 50;
    if (isStopped) this.#claim(null);
    const isNext = this.#parts.has(this.#index + 1);
    if (this.#audio.ended) {
      // At the end of a part on into the next, at the end of the last from the start.
      return void this.#play({ index: isNext ? this.#index + 1 : 0, ms: 0 }, null);
    }
    void this.#play(place, isStopped ? null : this.#stopMs);
  }

  /** @param {number} position ms of the whole */
  #jump(position) {
    this.#isScrubbing = false;
    this.#claim(null);
    const place = this.#parts.place(position);
    if (!this.#audio.paused) return void this.#play(place, null);
    this.#stopMs = null;
    this.#continue.hidden = true;
    void this.#stand(place);
  }

  /** Paused at another place. @param {import("./recording-parts.js").Place} place */
  async #stand(place) {
    const run = ++this.#run;
    try {
      const url = new URL(await this.#parts.link(place.index), location.href).href;
      if (run !== this.#run) return;
      this.#index = place.index;
      if (this.#audio.src !== url) this.#audio.src = url;
      this.#moveTo(place.ms);
      this.#show(place);
    } catch (error) {
      if (run === this.#run) this.#explain(error);
    }
  }

  /** @param {KeyboardEvent} event */
  #arrow(event) {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (step === undefined) return;
    event.preventDefault();
    this.#seek.value = String(Number(this.#seek.value) + step * ARROW_S);
    this.#jump(Number(this.#seek.value) * 1000);
  }

  // -- what the sound does -------------------------------------------------------------------------

  #began() {
    this.#showState();
    const run = this.#run;
    // The element tells its time four times a second: too seldom to stop at a word.
    const follow = () => {
      if (run !== this.#run || this.#audio.paused) return;
      this.#tick();
      requestAnimationFrame(follow);
    };
    requestAnimationFrame(follow);
  }

  #tick() {
    const ms = this.#audio.currentTime * 1000;
    if (this.#stopMs !== null && ms >= this.#stopMs && !this.#audio.paused) this.#stop();
    if (this.#audio.readyState > 0) this.#show({ index: this.#index, ms });
  }

  #stop() {
    this.#audio.pause();
    this.#continue.hidden = false;
  }

  #ended() {
    const isBounded = this.#stopMs !== null;
    if (!this.#parts.has(this.#index + 1)) return this.#showState();
    if (isBounded) return this.#stop();
    void this.#play({ index: this.#index + 1, ms: 0 }, null);
  }

  /** The link may have expired since: once more with a fresh one, whose refusal says why. */
  #failed() {
    if (!this.#audio.hasAttribute("src")) return;
    if (this.#hasRetried) return this.#say(BROKEN);
    this.#hasRetried = true;
    this.#parts.forget(this.#index);
    const ms = this.#parts.place(Number(this.#seek.value) * 1000).ms;
    const at = this.#audio.currentTime ? this.#audio.currentTime * 1000 : ms;
    this.#audio.removeAttribute("src");
    void this.#start(++this.#run, { index: this.#index, ms: at }, this.#stopMs);
  }

  // -- what is seen ------------------------------------------------------------------------------

  /** @param {import("./recording-parts.js").Place} place */
  #show(place) {
    this.#captions.show(this.#parts.number(place.index), place.ms);
    if (this.#isScrubbing) return;
    this.#seek.value = String(Math.floor(this.#parts.position(place) / 1000));
    this.#showTime(place);
  }

  #preview() {
    this.#isScrubbing = true;
    this.#showTime(this.#parts.place(Number(this.#seek.value) * 1000));
  }

  /** @param {import("./recording-parts.js").Place} place */
  #showTime(place) {
    const now = this.#clock(this.#parts.moment(place));
    const said = `${now} of ${this.#clock(this.#parts.endMs)}`;
    if (this.#seek.getAttribute("aria-valuetext") === said) return;
    this.#seek.setAttribute("aria-valuetext", said);
    must("[data-player-now]", HTMLElement, this.#root).textContent = now;
  }

  #showState() {
    const isPlaying = !this.#audio.paused;
    if (isPlaying) this.#continue.hidden = true;
    face(this.#toggle, this.#root.dataset["iconsUrl"] ?? "", isPlaying);
    this.#toggle.setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    if (this.#source) this.#mark(this.#source, isPlaying);
  }

  /** @param {HTMLButtonElement | null} button whose stretch is played from now on */
  #claim(button) {
    if (this.#source) this.#mark(this.#source, false);
    this.#source = button;
  }

  /** @param {HTMLButtonElement} button @param {boolean} isPlaying */
  #mark(button, isPlaying) {
    face(button, this.#root.dataset["iconsUrl"] ?? "", isPlaying);
    const words = one("[data-play-label]", HTMLElement, button);
    if (words) words.textContent = isPlaying ? "Pause" : "Play";
    const name = button.getAttribute("aria-label") ?? "";
    button.setAttribute("aria-label", name.replace(/^(Play|Pause)/, isPlaying ? "Pause" : "Play"));
  }

  /** @param {unknown} error */
  #explain(error) {
    if (error instanceof Problem) return this.#say(`${error.message} ${error.hint}`.trim());
    if (!(error instanceof DOMException)) throw error;
    if (error.name === "NotAllowedError") this.#say(PRESS_AGAIN);
    // Anything else is a later press, or the element's own `error` event says it.
  }

  /** @param {string} sentence */
  #say(sentence) {
    const line = must("[data-player-trouble]", HTMLElement, this.#root);
    if (line.textContent !== sentence) line.textContent = sentence;
  }

  /** @param {number} atMs epoch @returns {string} of the interview's own time, as in the report */
  #clock(atMs) {
    const seconds = Math.max(0, Math.floor((atMs - this.#zeroMs) / 1000));
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
    return hours
      ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
      : `${minutes}:${two(seconds % 60)}`;
  }
}

/** @param {HTMLButtonElement} button @param {string} sprite @param {boolean} isPlaying */
function face(button, sprite, isPlaying) {
  button.querySelector("use")?.setAttribute("href", `${sprite}#${isPlaying ? "pause" : "play"}`);
}

/**
 * @template {Element} T
 * @param {string} selector
 * @param {new (...args: never[]) => T} kind
 * @param {ParentNode} within
 * @returns {T}
 */
function must(selector, kind, within) {
  const found = one(selector, kind, within);
  if (!found) throw new Error(`The player has no ${selector}.`);
  return found;
}
