/** After the end: a word, the link to the report, and the way there by itself. */

import { part } from "./dom.js";
import { ENDED } from "./words.js";

const MOVE_MS = 2_000;

export class Ending {
  #root;
  #reportPath;

  /** @param {ParentNode} page @param {string} reportPath where the server named none */
  constructor(page, reportPath) {
    this.#root = part(page, "ended", HTMLElement);
    this.#reportPath = reportPath;
  }

  /** @param {{reason: string, report_path: string}} ended */
  show({ reason, report_path: path }) {
    for (const dialog of document.querySelectorAll("dialog[open]")) {
      if (dialog instanceof HTMLDialogElement) dialog.close();
    }
    const address = this.#address(path);
    part(this.#root, "ended-reason", HTMLElement).textContent =
      ENDED[reason] ?? "Everything you finished is saved.";
    part(this.#root, "report-link", HTMLAnchorElement).href = address;
    this.#root.hidden = false;
    part(this.#root, "ended-title", HTMLElement).focus();
    window.setTimeout(() => location.assign(address), MOVE_MS);
  }

  /** @param {string} path @returns {string} of this site, whatever was sent */
  #address(path) {
    const address = new URL(path || this.#reportPath, location.href);
    return address.origin === location.origin ? address.href : this.#reportPath;
  }
}
