/** Single keys for the room's buttons, never while something else has a use for them. */

const TAKES_KEYS = "input, textarea, select, [contenteditable]";
const TAKES_SPACE = `${TAKES_KEYS}, button, a[href], summary, [role="button"]`;

/**
 * @param {Record<" " | "/" | "r" | "p" | "?", () => void>} actions
 * @returns {() => void} stop listening
 */
export function listenForKeys(actions) {
  const listen = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest(key === " " ? TAKES_SPACE : TAKES_KEYS)) return;
    const action = Object.hasOwn(actions, key) ? actions[/** @type {" "} */ (key)] : undefined;
    if (!action) return;
    event.preventDefault();
    action();
  };
  document.addEventListener("keydown", listen);
  return () => document.removeEventListener("keydown", listen);
}
