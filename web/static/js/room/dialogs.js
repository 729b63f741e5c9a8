/** The room's two native dialogs. Each gives the focus back to where it was. */

import { part } from "./dom.js";

/** @param {HTMLDialogElement} dialog */
export function openDialog(dialog) {
  if (dialog.open) return;
  const before = document.activeElement;
  const giveBack = () => {
    // Browsers do it themselves, before this event; what was focused since stays so.
    const isLost = document.activeElement === document.body;
    if (isLost && before instanceof HTMLElement && before.isConnected) before.focus();
  };
  dialog.showModal();
  dialog.addEventListener("close", giveBack, { once: true });
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {() => void} onEnd
 */
export function prepareEndDialog(dialog, onEnd) {
  part(dialog, "end-cancel", HTMLButtonElement).addEventListener("click", () => dialog.close());
  part(dialog, "end-confirm", HTMLButtonElement).addEventListener("click", () => {
    dialog.close();
    onEnd();
  });
}

/** @param {HTMLDialogElement} dialog */
export function prepareKeysDialog(dialog) {
  part(dialog, "keys-close", HTMLButtonElement).addEventListener("click", () => dialog.close());
}
