/** The buttons of the room and the state of its connection. */

import { openDialog, prepareEndDialog, prepareKeysDialog } from "./dialogs.js";
import { icon, part, relabel } from "./dom.js";
import { CONNECTION } from "./words.js";

/**
 * @typedef {object} Actions
 * @property {() => void} mute
 * @property {() => void} pause
 * @property {(what: "repeat" | "skip") => void} ask
 * @property {() => void} end
 */

const CONNECTION_ICON = { connecting: "wifi", good: "wifi", weak: "wifi", lost: "wifi-off", elsewhere: "monitor" };

export class Controls {
  #root;
  #sprite;
  #buttons;

  /** @param {HTMLElement} root @param {string} sprite @param {Actions} actions */
  constructor(root, sprite, actions) {
    this.#root = root;
    this.#sprite = sprite;
    const button = (/** @type {string} */ name) => part(root, name, HTMLButtonElement);
    this.#buttons = {
      mute: button("mute"),
      pause: button("pause"),
      repeat: button("repeat"),
      skip: button("skip"),
      end: button("end"),
      keys: button("keys"),
    };
    const endDialog = part(document, "end-dialog", HTMLDialogElement);
    const keysDialog = part(document, "keys-dialog", HTMLDialogElement);
    prepareEndDialog(endDialog, actions.end);
    prepareKeysDialog(keysDialog);
    this.#when("mute", actions.mute);
    this.#when("pause", actions.pause);
    this.#when("repeat", () => actions.ask("repeat"));
    this.#when("skip", () => actions.ask("skip"));
    this.#when("end", () => openDialog(endDialog));
    this.#when("keys", () => openDialog(keysDialog));
  }

  /** As if it were clicked. @param {"repeat" | "pause" | "keys"} name */
  press(name) {
    this.#buttons[name].click();
  }

  /** @param {{isOpen: boolean, isPaused: boolean, isMuted: boolean, hasMicrophone: boolean}} now */
  show({ isOpen, isPaused, isMuted, hasMicrophone }) {
    const { mute, pause, repeat, skip } = this.#buttons;
    const [name, label] = !hasMicrophone
      ? ["mic-off", "Turn on microphone"]
      : isMuted
        ? ["mic-off", "Unmute"]
        : ["mic", "Mute"];
    relabel(mute, this.#sprite, name, label);
    mute.dataset["muted"] = String(isMuted && hasMicrophone);
    relabel(pause, this.#sprite, isPaused ? "play" : "pause", isPaused ? "Resume" : "Pause");
    pause.classList.toggle("button--primary", isPaused);
    // Not `disabled`: a button that has the focus keeps it.
    pause.setAttribute("aria-disabled", String(!isOpen));
    repeat.setAttribute("aria-disabled", String(!isOpen || isPaused));
    skip.setAttribute("aria-disabled", String(!isOpen || isPaused));
  }

  /** @param {"good" | "weak" | "lost" | "elsewhere" | "connecting"} quality */
  connection(quality) {
    const root = part(this.#root, "connection", HTMLElement);
    if (root.dataset["quality"] === quality) return;
    root.dataset["quality"] = quality;
    root.className = `badge room-connection ${quality === "lost" ? "badge--critical" : quality === "weak" ? "badge--caution" : ""}`;
    root.replaceChildren(icon(this.#sprite, CONNECTION_ICON[quality]), CONNECTION[quality]);
  }

  /** @param {"mute" | "pause" | "repeat" | "skip" | "end" | "keys"} name @param {() => void} action */
  #when(name, action) {
    const button = this.#buttons[name];
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") !== "true") action();
    });
  }
}
