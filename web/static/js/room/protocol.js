/**
 * Protocol v1 as the page speaks it: the messages' shapes, the close codes, the audio frame.
 * The server's side of the same contract is `sessions/protocol.py`.
 */

export const VERSION = 1;
export const CAPTURE_RATE_HZ = 16_000;
export const PLAYBACK_RATE_HZ = 24_000;
export const FRAME_MS = 40;
export const HEADER_BYTES = 16;
export const OPUS_CLOCK_HZ = 48_000;
/** What an Opus encoder lags behind: the start of an utterance decodes to so much of nothing. */
export const OPUS_LOOKAHEAD_MS = 6.5;

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
 * @typedef {"pcm16" | "opus"} CodecName
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
 *   pace_note: string, speaking_ms: number, heard_at_ms: number | null,
 *   answer_fillers: number, answer_fillers_per_minute: number | null, answer_words: number,
 *   answer_pace_wpm: number | null, answer_pace_note: string,
 *   answer_speaking_ms: number}} Feedback
 * @typedef {{type: "progress", index: number, total: number, elapsed_ms: number,
 *   remaining_ms: number, is_running: boolean}} Progress
 * @typedef {{type: "welcome", v: number, interview_id: string, state: RoomState,
 *   recogniser: Recogniser, keeps_fillers: boolean, consented: boolean, playback_rate_hz: number,
 *   uplink: CodecName, downlink: CodecName, is_recorded: boolean, progress: Progress, question: QuestionShown | null, captions: Caption[],
 *   feedback: Feedback}} Welcome
 * @typedef {{type: "state", state: RoomState}} State
 * @typedef {{type: "say", utterance: number, move: string, text: string, by_page: boolean}} Say
 * @typedef {{type: "say_end", utterance: number, audio_ms: number}} SayEnd
 * @typedef {{type: "clear", utterance: number}} Clear
 * @typedef {{type: "hold", utterance: number, on: boolean}} Hold
 * @typedef {{type: "level", rms: number, is_speech: boolean}} Level
 * @typedef {{type: "recognition", by: Recogniser}} Recognition
 * @typedef {{type: "notice", level: "info" | "caution" | "critical", code: string, text: string}} Notice
 * @typedef {{type: "ended", reason: string, report_path: string}} Ended
 * @typedef {{type: "error", code: string, message: string, hint: string}} Problem
 * @typedef {{type: "pong", t: number, server_ms: number}} Pong
 * @typedef {Welcome | State | QuestionShown | Caption | Feedback | Progress | Say | SayEnd | Clear |
 *   Hold | Level | Recognition | Notice | Ended | Problem | Pong} ServerMessage
 *
 * @typedef {{type: "hello", v: number, token: string, client: string, recognises: boolean,
 *   speaks?: boolean, sends: CodecName[], plays: CodecName[]}} Hello
 * @typedef {{type: "consent", text_version: string, transcript: true, recording?: boolean}} Consent
 * @typedef {{type: "typed", id: string, text: string}} Typed
 * @typedef {{type: "speech", id: string, final: boolean, text: string, start_ms: number,
 *   end_ms: number, confidence: number | null}} Speech
 * @typedef {{type: "played", utterance: number, ms: number, done: boolean, characters?: number,
 *   failed?: boolean}} Played
 * @typedef {{type: "ask", what: "repeat" | "skip" | "clarify" | "wait"}} Ask
 * @typedef {Hello | Consent | Typed | Speech | Played | {type: "muted", on: boolean} |
 *   {type: "composing", on: boolean} | Ask |
 *   {type: "pause"} | {type: "resume"} | {type: "end"} | {type: "ping", t: number}} ClientMessage
 *
 * @typedef {{rateHz: number, utterance: number, sequence: number, timestampMs: number, ms: number}} FramePlace
 * @typedef {FramePlace & {codec: "pcm16", pcm: Int16Array<ArrayBuffer>}} PcmFrame
 * @typedef {FramePlace & {codec: "opus", packet: Uint8Array<ArrayBuffer>}} OpusFrame
 * @typedef {PcmFrame | OpusFrame} AudioFrame
 */

const AUDIO = 1;
const PCM16 = 1;
const OPUS = 2;

/**
 * Write the header into the 16 bytes that stand free before the sound.
 * @param {ArrayBuffer} frame 16 bytes, then PCM16 samples at CAPTURE_RATE_HZ or one Opus packet
 * @param {CodecName} codec
 * @param {number} sequence frames sent on this socket before it
 * @param {number} timestampMs since the first frame of this socket
 */
export function writeHeader(frame, codec, sequence, timestampMs) {
  const view = new DataView(frame);
  view.setUint8(0, AUDIO);
  view.setUint8(1, codec === "opus" ? OPUS : PCM16);
  view.setUint16(2, (codec === "opus" ? OPUS_CLOCK_HZ : CAPTURE_RATE_HZ) / 100, true);
  view.setUint32(4, 0, true);
  view.setUint32(8, sequence, true);
  view.setUint32(12, timestampMs, true);
}

/** @param {ArrayBuffer} frame with its header @returns {CodecName} */
export function codecOf(frame) {
  return new DataView(frame).getUint8(1) === OPUS ? "opus" : "pcm16";
}

/**
 * @param {ArrayBuffer} frame
 * @returns {AudioFrame | null} null for what is not audio this page can play
 */
export function readFrame(frame) {
  if (frame.byteLength < HEADER_BYTES) return null;
  const view = new DataView(frame);
  if (view.getUint8(0) !== AUDIO) return null;
  const rateHz = view.getUint16(2, true) * 100;
  const place = {
    rateHz,
    utterance: view.getUint32(4, true),
    sequence: view.getUint32(8, true),
    timestampMs: view.getUint32(12, true),
  };
  if (codecOf(frame) === "opus") {
    const packet = new Uint8Array(frame, HEADER_BYTES);
    const ms = opusMs(packet);
    return ms ? { ...place, codec: "opus", ms, packet } : null;
  }
  if (view.getUint8(1) !== PCM16 || frame.byteLength % 2 || !rateHz) return null;
  // Samples are little-endian, as is every machine a browser with AudioWorklet runs on.
  const pcm = new Int16Array(frame, HEADER_BYTES);
  return { ...place, codec: "pcm16", ms: (pcm.length * 1000) / rateHz, pcm };
}

/**
 * How long an Opus packet says it lasts (RFC 6716, section 3.1).
 * @param {Uint8Array} packet
 * @returns {number} 20, 40 or 60 ms; 0 for what is not spoken here
 */
function opusMs(packet) {
  const [head = 4, second = 0] = packet;
  const config = head >> 3;
  const frameMs =
    config < 12
      ? [10, 20, 40, 60][config & 3]
      : config < 16
        ? [10, 20][config & 1]
        : [2.5, 5, 10, 20][config & 3];
  const frames = [1, 2, 2, second & 63][head & 3] ?? 0;
  const ms = (frameMs ?? 0) * frames;
  const isStereo = (head & 4) !== 0;
  return !isStereo && (ms === 20 || ms === 40 || ms === 60) ? ms : 0;
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
