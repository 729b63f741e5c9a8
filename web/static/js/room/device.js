/** What the device itself does around an interview: stays awake, wakes up, makes room for keys. */

/** Keeps the screen on while the page is in front, where the browser can. */
export class WakeLock {
  /** @type {WakeLockSentinel | null} */
  #lock = null;
  #isWanted = false;

  constructor() {
    document.addEventListener("visibilitychange", () => {
      // The browser lets go of the lock whenever the page is hidden.
      if (!document.hidden && this.#isWanted) void this.#take();
    });
  }

  async keep() {
    this.#isWanted = true;
    await this.#take();
  }

  async release() {
    this.#isWanted = false;
    await this.#lock?.release();
    this.#lock = null;
  }

  async #take() {
    try {
      this.#lock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch (error) {
      console.info("The screen cannot be kept on.", error); // a nearly empty battery, a policy
    }
  }
}

/** Tells the style sheet how much of the page an on-screen keyboard covers, as --keyboard. */
export function followKeyboard() {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const follow = () => {
    const coveredPx = Math.max(0, window.innerHeight - viewport.height - viewport.offsetTop);
    // Pinching in also shrinks the visual viewport; that is no keyboard.
    const keyboardPx = viewport.scale > 1.05 ? 0 : Math.round(coveredPx);
    document.documentElement.style.setProperty("--keyboard", `${keyboardPx}px`);
  };
  viewport.addEventListener("resize", follow);
  viewport.addEventListener("scroll", follow);
}

/** Asks before the page is left, while `isRunning` says so. @param {() => boolean} isRunning */
export function askBeforeLeaving(isRunning) {
  window.addEventListener("beforeunload", (event) => {
    if (isRunning()) event.preventDefault();
  });
}
