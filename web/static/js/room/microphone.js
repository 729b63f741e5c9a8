/** The microphone: asked for on a click, its states told apart, its level, its frames. */

/** @typedef {import("./words.js").MicState} MicState */

/** @type {Record<string, MicState>} */
const STATE_BY_ERROR = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "no-device",
  OverconstrainedError: "no-device",
  NotReadableError: "busy",
  AbortError: "busy",
};

export class Microphone {
  #workletUrl;
  #onState;
  /** @type {MicState} */
  #state;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  /** @type {AnalyserNode | null} */
  #analyser = null;
  /** @type {AudioWorkletNode | null} */
  #node = null;
  /** @type {Promise<boolean> | null} */
  #capturing = null;
  #samples = new Float32Array(1024);
  #isSilenced = false;

  /**
   * @param {{workletUrl: string, onState: (state: MicState) => void}} options
   */
  constructor({ workletUrl, onState }) {
    this.#workletUrl = workletUrl;
    this.#onState = onState;
    const isOffered = window.isSecureContext && navigator.mediaDevices !== undefined;
    this.#state = isOffered ? "idle" : "insecure";
  }

  get state() {
    return this.#state;
  }

  get isOn() {
    return this.#state === "granted";
  }

  get deviceId() {
    return this.#stream?.getAudioTracks()[0]?.getSettings().deviceId ?? "";
  }

  /** Tell beforehand what the browser remembers. Asks for nothing. */
  async recall() {
    if (this.#state !== "idle") return;
    try {
      const name = /** @type {PermissionName} */ ("microphone");
      const permission = await navigator.permissions.query({ name });
      const tell = () => {
        if (permission.state === "denied") this.#enter("denied");
        else if (this.#state === "denied") this.#enter("idle");
      };
      permission.onchange = tell;
      tell();
    } catch (error) {
      // Not every browser answers for the microphone: then the click will tell.
      console.info("The microphone's permission cannot be read beforehand.", error);
    }
  }

  /**
   * Ask for the microphone, or change to another. Call it from a click.
   * @param {string} [deviceId]
   * @returns {Promise<boolean>}
   */
  async start(deviceId) {
    if (this.#state === "insecure") return false;
    this.#enter("asking");
    try {
      this.#context ??= new AudioContext();
      await this.#context.resume();
      this.#release();
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: {
          echoCancellation: true,
          noiseSuppression: true,
          autoGainControl: true,
          ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
        },
      });
      this.#connect(this.#context, stream);
      this.#enter("granted");
      return true;
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      console.warn("The microphone could not be started.", error);
      this.#enter(STATE_BY_ERROR[name] ?? "failed");
      return false;
    }
  }

  /** @returns {Promise<MediaDeviceInfo[]>} */
  async devices() {
    const all = await navigator.mediaDevices.enumerateDevices();
    return all.filter((device) => device.kind === "audioinput" && device.deviceId !== "");
  }

  /**
   * From now on hand every 40 ms of sound to `onFrame`, across changes of the microphone.
   * @param {(frame: ArrayBuffer) => void} onFrame
   * @returns {Promise<boolean>} false when this browser cannot
   */
  capture(onFrame) {
    // One at a time: a second call while the module loads must not make a second node, which
    // would send every frame twice.
    this.#capturing ??= this.#startCapture(onFrame).then((isOn) => {
      if (!isOn) this.#capturing = null;
      return isOn;
    });
    return this.#capturing;
  }

  /** @param {(frame: ArrayBuffer) => void} onFrame @returns {Promise<boolean>} */
  async #startCapture(onFrame) {
    const context = this.#context;
    if (!context?.audioWorklet) return false;
    try {
      await context.audioWorklet.addModule(this.#workletUrl);
    } catch (error) {
      console.error("The capture module could not be loaded.", error);
      return false;
    }
    this.#node = new AudioWorkletNode(context, "capture", { numberOfInputs: 1, channelCount: 1, channelCountMode: "explicit" });
    this.#node.port.onmessage = (event) => onFrame(event.data);
    this.#source?.connect(this.#node);
    // It puts out silence; but a node that leads nowhere may not be run.
    this.#node.connect(context.destination);
    return true;
  }

  /** @param {boolean} isSilenced frames go on, but of silence */
  silence(isSilenced) {
    this.#isSilenced = isSilenced;
    for (const track of this.#stream?.getAudioTracks() ?? []) track.enabled = !isSilenced;
  }

  /** @returns {number} root mean square of the last moment, 0-1 */
  level() {
    if (!this.#analyser || !this.isOn) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return rootMeanSquare(this.#samples);
  }

  /** A phone call or a locked screen may have stopped the audio clock. */
  async wake() {
    if (this.#context && this.#context.state !== "running" && this.isOn) await this.#context.resume();
  }

  stop() {
    this.#release();
    void this.#context?.close();
    this.#context = null;
    this.#node = null;
    this.#capturing = null;
    if (this.#state === "granted") this.#state = "idle";
  }

  /** @param {AudioContext} context @param {MediaStream} stream */
  #connect(context, stream) {
    this.#stream = stream;
    this.#source = context.createMediaStreamSource(stream);
    this.#analyser ??= new AnalyserNode(context, { fftSize: 1024 });
    this.#source.connect(this.#analyser);
    if (this.#node) this.#source.connect(this.#node);
    this.silence(this.#isSilenced);
    const [track] = stream.getAudioTracks();
    if (track) {
      track.onended = () => {
        this.#release();
        this.#enter("lost");
      };
    }
  }

  #release() {
    this.#source?.disconnect();
    this.#source = null;
    for (const track of this.#stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.#stream = null;
  }

  /** @param {MicState} state */
  #enter(state) {
    this.#state = state;
    this.#onState(state);
  }
}

/** @param {Float32Array} samples @returns {number} */
export function rootMeanSquare(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}
