/**
 * Protocol v1 as the page speaks it: the messages' shapes, the close codes, the audio frame.
 * The server's side of the same contract is `sessions/protocol.py`.
 */

export const VERSION = 1;
export const CAPTURE_RATE_HZ = 16_000;
export const PLAYBACK_RATE_HZ = 24_000;
export const FRAME_MS = 40;
export const HEADER_BYTES = 16;

/** Why the gateway closed the socket. */
export const CloseCode = Object.freeze({
  ENDED: 4000,
  GRANT_INVALID: 4001,
  PROTOCOL: 4002,
  TAKEN_OVER: 4003,
  FLOODING: 4004,
  ROOMS_FULL: 4005,
  NO_RECOGNISER: 4006,
  SHUTTING_DOWN: 4007,
  NOT_FOUND: 4008,
  FAILED: 4009,
});

/**
 * @typedef {"waiting" | "speaking" | "listening" | "thinking" | "waiting_for_you" | "paused" | "ended"} RoomState
 * @typedef {"server" | "browser" | "none"} Recogniser
 * @typedef {"candidate" | "interviewer"} Speaker
 * @typedef {{filler: string, start: number, end: number}} FillerMark
 *
 * @typedef {{type: "question", index: number, total: number, text: string, probe: string}} QuestionShown
 * @typedef {{type: "caption", speaker: Speaker, id: number, text: string, final: boolean,
 *   fillers: FillerMark[], typed: boolean}} Caption
 * @typedef {{type: "feedback", fillers: Record<string, number>, filler_total: number,
 *   fillers_per_minute: number | null, fillers_note: string, pace_wpm: number | null,
 *   pace_note: string, speaking_ms: number, heard_at_ms: number | null}} Feedback
 * @typedef {{type: "progress", index: number, total: number, elapsed_ms: number,
 *   remaining_ms: number, is_running: boolean}} Progress
 * @typedef {{type: "welcome", v: number, interview_id: string, state: RoomState,
 *   recogniser: Recogniser, keeps_fillers: boolean, consented: boolean, playback_rate_hz: number,
 *   progress: Progress, question: QuestionShown | null, captions: Caption[],
 *   feedback: Feedback}} Welcome
 * @typedef {{type: "state", state: RoomState}} State
 * @typedef {{type: "say", utterance: number, move: string, text: string}} Say
 * @typedef {{type: "say_end", utterance: number, audio_ms: number}} SayEnd
 * @typedef {{type: "clear", utterance: number}} Clear
 * @typedef {{type: "hold", utterance: number, on: boolean}} Hold
 * @typedef {{type: "level", rms: number, is_speech: boolean}} Level
 * @typedef {{type: "notice", level: "info" | "caution" | "critical", code: string, text: string}} Notice
 * @typedef {{type: "ended", reason: string, report_path: string}} Ended
 * @typedef {{type: "error", code: string, message: string, hint: string}} Problem
 * @typedef {{type: "pong", t: number, server_ms: number}} Pong
 * @typedef {Welcome | State | QuestionShown | Caption | Feedback | Progress | Say | SayEnd | Clear |
 *   Hold | Level | Notice | Ended | Problem | Pong} ServerMessage
 *
 * @typedef {{type: "hello", v: number, token: string, client: string, recognises: boolean}} Hello
 * @typedef {{type: "consent", text_version: string, transcript: true}} Consent
 * @typedef {{type: "typed", id: string, text: string}} Typed
 * @typedef {{type: "speech", id: string, final: boolean, text: string, start_ms: number,
 *   end_ms: number, confidence: number | null}} Speech
 * @typedef {{type: "played", utterance: number, ms: number, done: boolean}} Played
 * @typedef {{type: "ask", what: "repeat" | "skip" | "clarify" | "wait"}} Ask
 * @typedef {Hello | Consent | Typed | Speech | Played | {type: "muted", on: boolean} |
 *   {type: "composing", on: boolean} | Ask |
 *   {type: "pause"} | {type: "resume"} | {type: "end"} | {type: "ping", t: number}} ClientMessage
 *
 * @typedef {{rateHz: number, utterance: number, sequence: number, timestampMs: number,
 *   pcm: Int16Array<ArrayBuffer>}} AudioFrame
 */

const AUDIO = 1;
const PCM16 = 1;

/**
 * Write the header into the 16 bytes that stand free before the samples.
 * @param {ArrayBuffer} frame 16 bytes, then PCM16 samples at CAPTURE_RATE_HZ
 * @param {number} sequence frames sent on this socket before it
 * @param {number} timestampMs since the first frame of this socket
 */
export function writeHeader(frame, sequence, timestampMs) {
  const view = new DataView(frame);
  view.setUint8(0, AUDIO);
  view.setUint8(1, PCM16);
  view.setUint16(2, CAPTURE_RATE_HZ / 100, true);
  view.setUint32(4, 0, true);
  view.setUint32(8, sequence, true);
  view.setUint32(12, timestampMs, true);
}

/**
 * @param {ArrayBuffer} frame
 * @returns {AudioFrame | null} null for what is not audio this page can play
 */
export function readFrame(frame) {
  if (frame.byteLength < HEADER_BYTES || frame.byteLength % 2) return null;
  const view = new DataView(frame);
  if (view.getUint8(0) !== AUDIO || view.getUint8(1) !== PCM16) return null;
  return {
    rateHz: view.getUint16(2, true) * 100,
    utterance: view.getUint32(4, true),
    sequence: view.getUint32(8, true),
    timestampMs: view.getUint32(12, true),
    // Samples are little-endian, as is every machine a browser with AudioWorklet runs on.
    pcm: new Int16Array(frame, HEADER_BYTES),
  };
}

/**
 * @param {string} text
 * @returns {ServerMessage | null} null for what is no message
 */
export function readMessage(text) {
  try {
    const message = JSON.parse(text);
    return typeof message?.type === "string" ? message : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
