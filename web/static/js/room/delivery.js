/** Running numbers about how it is said. What is not measured says so, and why. */

import { make, part } from "./dom.js";

const NOT_MEASURED = "not measured";

export class Delivery {
  #root;
  #keepsFillers = true;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /** @param {boolean} keepsFillers the recogniser's claim */
  claim(keepsFillers) {
    this.#keepsFillers = keepsFillers;
  }

  /** Who only types is not measured: the conversation takes the width. @param {boolean} isShown */
  reveal(isShown) {
    part(this.#root, "delivery", HTMLElement).hidden = !isShown;
  }

  /** @param {import("./protocol.js").Feedback} feedback */
  show(feedback) {
    const isCounted = this.#keepsFillers || feedback.filler_total > 0;
    this.#write("filler-total", isCounted ? String(feedback.filler_total) : NOT_MEASURED, isCounted);
    this.#fillers(isCounted ? feedback.fillers : {});
    const perMinute = feedback.fillers_per_minute;
    const isRated = perMinute !== null;
    this.#write(
      "filler-rate",
      isRated ? `${perMinute.toFixed(1)} a minute` : isCounted ? `Rate: ${NOT_MEASURED}` : "",
      isRated,
    );
    this.#note("filler-note", isRated ? "" : feedback.fillers_note);
    const pace = feedback.pace_wpm;
    this.#write("pace", pace === null ? NOT_MEASURED : String(Math.round(pace)), pace !== null);
    part(this.#root, "pace-unit", HTMLElement).hidden = pace === null;
    this.#note("pace-note", pace === null ? feedback.pace_note : "");
  }

  /** @param {Record<string, number>} fillers */
  #fillers(fillers) {
    const rows = Object.entries(fillers)
      .filter(([, count]) => count > 0)
      .sort(([, a], [, b]) => b - a)
      .map(([filler, count]) =>
        make(
          "li",
          { "data-filler": filler },
          make("span", { class: "spoken" }, filler),
          " ",
          make("span", { class: "tabular" }, String(count)),
        ),
      );
    const list = part(this.#root, "filler-list", HTMLElement);
    list.replaceChildren(...rows);
    list.hidden = rows.length === 0;
  }

  /** @param {string} name @param {string} text @param {boolean} isMeasured */
  #write(name, text, isMeasured) {
    const element = part(this.#root, name, HTMLElement);
    element.textContent = text;
    element.dataset["measured"] = String(isMeasured);
  }

  /** @param {string} name @param {string} text */
  #note(name, text) {
    const element = part(this.#root, name, HTMLElement);
    element.textContent = text;
    element.hidden = text === "";
  }
}
