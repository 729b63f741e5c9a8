/** Tells why the room cannot be reached, what is safe, and gives the way back. */

import { CloseCode } from "./protocol.js";
import { ACTION, CLOSED } from "./words.js";

/**
 * @param {import("./notices.js").Notices} notices
 * @param {import("./connection.js").Closure} closure
 * @param {{isFinal: boolean, reportPath: string, open: () => void}} room
 * @returns {boolean} whether there was something to tell: a mere loss has its own sentence
 */
export function tellClosed(notices, closure, { isFinal, reportPath, open }) {
  const known = CLOSED[closure.code];
  if (!known && !isFinal) return false;
  const isOverAlready = closure.status === 409 || closure.status === 410;
  const action = known?.action ?? (isOverAlready ? "report" : "reload");
  const run = {
    reload: () => location.reload(),
    report: () => location.assign(reportPath),
    retry: open,
    "take-back": open,
    "": () => undefined,
  }[action];
  notices.show({
    level: isFinal && closure.code !== CloseCode.TAKEN_OVER ? "critical" : "caution",
    code: "closed",
    text: known?.text ?? closure.text,
    action: action ? { label: ACTION[action], run } : undefined,
    isFixed: true,
  });
  return true;
}
