/** Step 1: may we listen, do we hear, can you hear us. Asks only on a click; typing is always there. */

import { icon, make, part } from "./dom.js";
import { canRecognise } from "./recogniser.js";
import { recalledWay, rememberWay } from "./way.js";
import { HEARD, MICROPHONE, NOT_HEARD, RECOGNISER, RECOGNISER_GUESS, RECOGNISER_TYPING } from "./words.js";

/** @type {Record<import("./words.js").MicState, string>} */
const ICON = {
  idle: "mic",
  asking: "help-circle",
  granted: "check",
  denied: "mic-off",
  "no-device": "mic-off",
  busy: "alert-triangle",
  insecure: "lock",
  failed: "alert-triangle",
  lost: "mic-off",
};

const QUIET_MS = 5_000;
const HEARD_RMS = 0.02;
const FULL_RMS = 0.35; // what fills the bar

export class DeviceCheck {
  #root;
  #microphone;
  #sprite;
  #onReady;
  #frame = 0;
  #heardAt = 0;
  #isTold = false;
  #isTyping = false;
  #wasTyping = recalledWay() === "typing"; // before the page was loaded again

  /**
   * @param {object} options
   * @param {HTMLElement} options.root
   * @param {import("./microphone.js").Microphone} options.microphone
   * @param {string} options.sprite
   * @param {(withMicrophone: boolean) => void} options.onReady
   */
  constructor({ root, microphone, sprite, onReady }) {
    this.#root = root;
    this.#microphone = microphone;
    this.#sprite = sprite;
    this.#onReady = onReady;
    const start = part(root, "start-mic", HTMLButtonElement);
    const typing = part(root, "continue-without-mic", HTMLButtonElement);
    const select = part(root, "mic-select", HTMLSelectElement);
    start.addEventListener("click", () => this.#start());
    typing.addEventListener("click", () => this.#goTyping());
    select.addEventListener("change", () => this.#start(select.value));
    part(root, "test-tone", HTMLButtonElement).addEventListener("click", () => this.#playTone());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#listDevices());
    this.#tellRecogniser(canRecognise() ? RECOGNISER_GUESS.browser : RECOGNISER_GUESS.unknown);
    this.show(microphone.state);
  }

  /** @param {import("./words.js").MicState} state */
  show(state) {
    const { title, next } = MICROPHONE[state];
    const root = this.#root;
    const told = part(root, "mic-state", HTMLElement);
    told.dataset["state"] = state;
    part(root, "mic-icon", HTMLElement).replaceChildren(icon(this.#sprite, ICON[state]));
    part(root, "mic-title", HTMLElement).textContent = title;
    part(root, "mic-next", HTMLElement).textContent = next;
    const start = part(root, "start-mic", HTMLButtonElement);
    start.hidden = state === "insecure";
    start.disabled = state === "asking";
    const typing = part(root, "continue-without-mic", HTMLButtonElement);
    start.classList.toggle("button--primary", state !== "granted" && !this.#wasTyping);
    typing.classList.toggle("button--primary", this.#wasTyping);
    part(start, "start-mic-label", HTMLElement).textContent =
      state === "idle" || state === "asking" ? "Turn on the microphone" : "Try again";
    if (state === "granted") start.hidden = true;
    part(root, "mic-live", HTMLElement).hidden = state !== "granted";
    typing.hidden = state === "granted";
    if (state === "granted") this.#watch();
    else cancelAnimationFrame(this.#frame);
  }

  /** @param {import("./protocol.js").Recogniser} recogniser as the server said */
  tell(recogniser) {
    this.#isTold = true;
    const isTyping = this.#isTyping && !this.#microphone.isOn;
    this.#tellRecogniser(isTyping ? RECOGNISER_TYPING : RECOGNISER[recogniser]);
  }

  close() {
    cancelAnimationFrame(this.#frame);
  }

  /** @param {string} [deviceId] */
  async #start(deviceId) {
    if (!(await this.#microphone.start(deviceId))) return;
    const hadFocus = document.activeElement === document.body;
    // The button that was pressed is gone: leave the focus on what it led to.
    if (hadFocus) part(this.#root, "mic-state", HTMLElement).focus({ preventScroll: true });
    this.#isTyping = false;
    rememberWay("microphone");
    await this.#listDevices();
    this.#onReady(true);
  }

  #goTyping() {
    this.#isTyping = true;
    rememberWay("typing");
    if (!this.#isTold) this.#tellRecogniser(RECOGNISER_TYPING);
    this.#onReady(false);
  }

  async #listDevices() {
    if (!this.#microphone.isOn) return;
    const select = part(this.#root, "mic-select", HTMLSelectElement);
    const devices = await this.#microphone.devices();
    select.replaceChildren(
      ...devices.map((device, index) =>
        make("option", { value: device.deviceId }, device.label || `Microphone ${index + 1}`),
      ),
    );
    select.value = this.#microphone.deviceId;
    part(this.#root, "mic-choice", HTMLElement).hidden = devices.length < 2;
  }

  #watch() {
    cancelAnimationFrame(this.#frame);
    const meter = part(this.#root, "level-meter", HTMLElement);
    const fill = part(meter, "level-fill", HTMLElement);
    const heard = part(this.#root, "mic-heard", HTMLElement);
    const startedAt = performance.now();
    let told = 0;
    let shown = 0;
    const draw = (/** @type {number} */ now) => {
      const level = this.#microphone.level();
      if (level > HEARD_RMS) this.#heardAt = now;
      shown = Math.max(Math.min(1, Math.sqrt(level / FULL_RMS)), shown * 0.9);
      fill.style.setProperty("scale", `${shown.toFixed(3)} 1`);
      if (now - told > 500) {
        told = now;
        meter.setAttribute("aria-valuenow", String(Math.round(shown * 100)));
        const sentence =
          this.#heardAt > startedAt ? HEARD : now - startedAt > QUIET_MS ? NOT_HEARD : "";
        if (heard.textContent !== sentence) heard.textContent = sentence;
      }
      this.#frame = requestAnimationFrame(draw);
    };
    this.#frame = requestAnimationFrame(draw);
  }

  /** @param {string} sentence */
  #tellRecogniser(sentence) {
    part(this.#root, "recogniser", HTMLElement).textContent = sentence;
  }

  async #playTone() {
    const said = part(this.#root, "tone-state", HTMLElement);
    said.textContent = "You should hear two soft notes now.";
    try {
      const context = new AudioContext();
      await context.resume();
      const endsAt = [523.25, 659.25].map((hz, index) => softNote(context, hz, index * 0.45));
      window.setTimeout(() => {
        said.textContent = "Heard nothing? Turn the volume up, or choose other speakers in your system.";
        void context.close();
      }, Math.max(...endsAt) * 1000 + 400);
    } catch (error) {
      console.error("The test tone could not be played.", error);
      said.textContent = "This browser cannot play sound here. You can read the interviewer's words.";
    }
  }
}

/**
 * @param {AudioContext} context
 * @param {number} hz
 * @param {number} delayS
 * @returns {number} when it is over, in seconds from now
 */
function softNote(context, hz, delayS) {
  const startsAt = context.currentTime + delayS;
  const lengthS = 0.8;
  const gain = new GainNode(context, { gain: 0 });
  const note = new OscillatorNode(context, { frequency: hz });
  gain.gain.setValueAtTime(0, startsAt);
  gain.gain.linearRampToValueAtTime(0.2, startsAt + 0.04);
  gain.gain.exponentialRampToValueAtTime(0.001, startsAt + lengthS);
  note.connect(gain).connect(context.destination);
  note.start(startsAt);
  note.stop(startsAt + lengthS);
  return delayS + lengthS;
}
