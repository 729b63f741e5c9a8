/** The level of whoever speaks, drawn as it passes. Under reduced motion: one bar that stands. */

import { prefersStillness } from "./dom.js";

const BAR_PX = 3;
const GAP_PX = 3;
const STEP_MS = 45;
const STILL_MS = 300;
const FULL_RMS = 0.45; // what fills the height

/** @type {Record<string, string>} */
const NAME = {
  interviewer: "Sound level of the interviewer",
  candidate: "Sound level of your microphone",
  none: "Sound level, quiet",
};

export class Wave {
  #canvas;
  #level;
  /** @type {number[]} newest last, 0-1 */
  #levels = [];
  #frame = 0;
  #steppedAt = 0;
  #peak = 0;
  #speaker = "none";
  #colour = "";
  #scheme = window.matchMedia("(prefers-color-scheme: dark)");

  /**
   * @param {HTMLCanvasElement} canvas its CSS colour is the voice's
   * @param {() => {speaker: import("./protocol.js").Speaker | null, rms: number}} level
   */
  constructor(canvas, level) {
    this.#canvas = canvas;
    this.#level = level;
    new ResizeObserver(() => this.#fit()).observe(canvas);
    const recolour = () => {
      this.#colour = "";
    };
    this.#scheme.addEventListener("change", recolour);
    new MutationObserver(recolour).observe(document.documentElement, {
      attributes: true,
      attributeFilter: ["data-theme"],
    });
  }

  start() {
    cancelAnimationFrame(this.#frame);
    const step = (/** @type {number} */ now) => {
      this.#step(now);
      this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  stop() {
    cancelAnimationFrame(this.#frame);
  }

  /** @param {number} now */
  #step(now) {
    const { speaker, rms } = this.#level();
    const name = speaker ?? "none";
    if (name !== this.#speaker) {
      this.#speaker = name;
      this.#colour = "";
      this.#levels = [];
      this.#canvas.dataset["speaker"] = name;
      this.#canvas.setAttribute("aria-label", NAME[name] ?? "");
    }
    this.#peak = Math.max(this.#peak, Math.min(1, Math.sqrt(rms / FULL_RMS)));
    const isStill = prefersStillness();
    if (now - this.#steppedAt < (isStill ? STILL_MS : STEP_MS)) return;
    this.#steppedAt = now;
    this.#levels.push(this.#peak);
    this.#peak = 0;
    this.#draw(isStill);
  }

  #fit() {
    const ratio = window.devicePixelRatio || 1;
    this.#canvas.width = Math.round(this.#canvas.clientWidth * ratio);
    this.#canvas.height = Math.round(this.#canvas.clientHeight * ratio);
    this.#draw(prefersStillness());
  }

  /** @param {boolean} isStill */
  #draw(isStill) {
    const context = this.#canvas.getContext("2d");
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (!context || width === 0) return;
    // The style is read only when it may have changed: reading it may lay out the page.
    this.#colour ||= getComputedStyle(this.#canvas).color;
    const ratio = this.#canvas.width / width;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.fillStyle = this.#colour;
    if (isStill) this.#drawStill(context, width, height);
    else this.#drawPassing(context, width, height);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  #drawPassing(context, width, height) {
    const count = Math.floor((width + GAP_PX) / (BAR_PX + GAP_PX));
    this.#levels = this.#levels.slice(-count);
    context.beginPath();
    for (let index = 0; index < count; index += 1) {
      const level = this.#levels[this.#levels.length - count + index] ?? 0;
      const barHeight = Math.max(BAR_PX, level * height);
      const left = index * (BAR_PX + GAP_PX);
      context.roundRect(left, (height - barHeight) / 2, BAR_PX, barHeight, BAR_PX / 2);
    }
    context.fill();
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  #drawStill(context, width, height) {
    const level = this.#levels.at(-1) ?? 0;
    this.#levels = this.#levels.slice(-1);
    context.globalAlpha = 0.25;
    context.fillRect(0, height / 2 - 3, width, 6);
    context.globalAlpha = 1;
    context.fillRect(0, height / 2 - 3, width * level, 6);
  }
}
