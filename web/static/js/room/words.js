/** Every sentence the room says by itself, in one place. */

/**
 * @typedef {import("./protocol.js").RoomState | "connecting" | "reconnecting" | "closed"} TurnState
 * @typedef {"idle" | "asking" | "granted" | "denied" | "no-device" | "busy" | "insecure" |
 *   "failed" | "lost"} MicState
 */

/** @type {Record<TurnState, string>} */
export const TURN = {
  connecting: "Connecting to the interviewer.",
  waiting: "Ready when you are.",
  speaking: "The interviewer is speaking.",
  listening: "Listening. Take your time.",
  thinking: "Thinking about what you said.",
  waiting_for_you: "Take your moment. Go on when you are ready.",
  paused: "Paused. Nobody is listening until you resume.",
  reconnecting: "Reconnecting. What you finished is saved.",
  closed: "Not connected.",
  ended: "The interview is over.",
};

export const TURN_MUTED = "Your turn, but you are muted. Unmute, or type.";
export const TURN_TYPING = "Your turn. Type your answer, and take your time.";

/** @type {Record<MicState, {title: string, next: string}>} */
export const MICROPHONE = {
  idle: {
    title: "Your microphone is off.",
    next: "When you press the button, your browser asks whether this page may listen.",
  },
  asking: {
    title: "Your browser is asking you now.",
    next: "Choose Allow in its question, usually near the address bar.",
  },
  granted: {
    title: "Your microphone is on.",
    next: "Say a few words: the bar below should move.",
  },
  denied: {
    title: "This page may not use your microphone.",
    next:
      "To allow it, open the site settings beside the address bar, set Microphone to Allow, " +
      "and try again. Or go on without it and type.",
  },
  "no-device": {
    title: "No microphone was found.",
    next: "Plug one in or switch it on, then try again. Or go on without it and type.",
  },
  busy: {
    title: "Another program is using your microphone.",
    next: "Close the call or recorder that holds it, then try again. Or go on without it and type.",
  },
  insecure: {
    title: "The microphone needs a secure address.",
    next:
      "Browsers offer it only to pages that start with https:// or run on this same computer. " +
      "Ask whoever sent you here for the secure address, or go on and type.",
  },
  failed: {
    title: "The microphone could not be started.",
    next: "Choose another one or try again. Or go on without it and type.",
  },
  lost: {
    title: "Your microphone stopped.",
    next: "Plug it in again and try again. Or go on without it and type.",
  },
};

export const HEARD = "We hear you.";
export const NOT_HEARD = "Nothing heard yet. Say a few words, or choose another microphone.";

/** Before the server has said who recognises speech. */
export const RECOGNISER_GUESS = {
  browser:
    "This browser can turn speech into words. If the interview uses that, your audio may be sent " +
    "to the browser maker's service.",
  unknown:
    "This browser cannot turn speech into words by itself. If the interview's server can, it will; " +
    "if not, you type your answers.",
};

/** @type {Record<import("./protocol.js").Recogniser, string>} */
export const RECOGNISER = {
  browser:
    "Your browser turns your speech into words. To do so it may send your audio to its maker's " +
    "service, under that maker's terms.",
  server: "The interview's server turns your speech into words.",
  none: "Speech cannot be turned into words here, so you type your answers. The voice still asks.",
};
export const RECOGNISER_TYPING = "You type your answers. The interviewer still speaks.";

export const RECOGNITION_STOPPED = {
  caution:
    "Speech recognition stopped. What was heard so far is saved. It is being tried again; " +
    "you can type instead.",
  critical:
    "Speech recognition stopped: the browser does not allow it here. What was heard so far is " +
    "saved. Please type instead.",
};

export const NO_CAPTURE =
  "This browser cannot send your voice to the interview. Type your answers; the interview goes on.";
export const SOUND_OFF =
  "Your browser is holding the sound back. The interviewer goes on in writing below.";
export const SOUND_MISSING =
  "This browser cannot play the interviewer's voice. Read the interviewer's words below.";
export const NOT_SENT = "That could not be sent now. Your text is back in the box.";
export const DROPPING =
  "Your connection is slow and some of your voice is being lost. Typing works on any connection.";

/** @param {number} question counted from 1, 0 before the first @returns {string} */
export function microphoneLost(question) {
  const saved = question > 0 ? `Everything up to question ${question} is saved. ` : "";
  return `Your microphone stopped. ${saved}Plug it in and turn it on again, or type your answer.`;
}

/**
 * Why the room cannot be reached, by the gateway's close code; 0 is for the page's own reasons.
 * @type {Record<number, {text: string, action: "" | "reload" | "retry" | "take-back" | "report"}>}
 */
export const CLOSED = {
  4002: {
    text: "This page is older than the interview's server. What you finished is saved. Load the page again.",
    action: "reload",
  },
  4003: {
    text: "This interview was opened in another tab or window, and goes on there.",
    action: "take-back",
  },
  4004: {
    text: "The interview was disconnected because this page sent too much. What you finished is saved.",
    action: "retry",
  },
  4005: {
    text: "All interview rooms are taken right now. Yours is kept, and this page tries again every 20 seconds.",
    action: "retry",
  },
  4006: {
    text: "Nothing here can turn speech into words. You can take the interview by typing.",
    action: "retry",
  },
  4007: {
    text: "The interview's server is restarting. What you finished is saved, and this page comes back by itself.",
    action: "",
  },
  4008: {
    text: "This interview was not found. Open it again from your list of interviews.",
    action: "",
  },
  4009: {
    text: "Something broke in the interview room. Everything you finished is saved, and you can go on from there.",
    action: "retry",
  },
};

export const ACTION = {
  reload: "Load again",
  report: "Open the report",
  retry: "Try again",
  "take-back": "Continue here",
};

/** @type {Record<string, string>} */
export const ENDED = {
  finished: "That was the last question. Your report is being prepared.",
  time_over: "The time is up. Your report covers everything up to here.",
  ended_by_candidate: "You ended the interview. Your report covers everything up to here.",
  abandoned: "This interview was closed because nobody came back to it. What you finished is saved.",
};

/** @type {Record<"good" | "weak" | "lost" | "elsewhere" | "connecting", string>} */
export const CONNECTION = {
  connecting: "Connecting",
  good: "Good connection",
  weak: "Weak connection",
  lost: "Connection lost",
  elsewhere: "Open in another tab",
};
