/** What the person is told when the page's own sound or recognition does not work. */

import * as words from "./words.js";

/** @typedef {import("./notices.js").Notices} Notices */

/**
 * @param {Notices} notices
 * @param {"blocked" | "missing" | "none"} trouble
 * @param {() => void} unlock
 */
export function tellSound(notices, trouble, unlock) {
  if (trouble === "none") return notices.dismiss("sound");
  notices.show({
    level: "caution",
    code: "sound",
    text: trouble === "blocked" ? words.SOUND_OFF : words.SOUND_MISSING,
    action: trouble === "blocked" ? { label: "Turn on the sound", run: unlock } : undefined,
  });
}

/** @param {Notices} notices @param {"caution" | "critical" | "none"} trouble */
export function tellRecognition(notices, trouble) {
  if (trouble === "none") return notices.dismiss("recognition");
  notices.show({ level: trouble, code: "recognition", text: words.RECOGNITION_STOPPED[trouble] });
}
