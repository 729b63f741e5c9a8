/** What the template handed to the script. */

/**
 * @typedef {object} Page
 * @property {string} roomUrl where a pass is asked for
 * @property {string} reportPath
 * @property {string} consentVersion
 * @property {string} csrf
 * @property {string} captureWorkletUrl
 * @property {string} playbackWorkletUrl
 * @property {string} iconsUrl
 */

/** @param {HTMLElement} root @returns {Page} */
export function readPage(root) {
  const meta = document.querySelector('meta[name="csrf-token"]');
  const told = (/** @type {string} */ name) => root.dataset[name] ?? "";
  return {
    roomUrl: told("roomUrl"),
    reportPath: told("reportPath"),
    consentVersion: told("consentVersion"),
    csrf: meta?.getAttribute("content") ?? "",
    captureWorkletUrl: told("captureWorkletUrl"),
    playbackWorkletUrl: told("playbackWorkletUrl"),
    iconsUrl: told("iconsUrl"),
  };
}
