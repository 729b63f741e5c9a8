/** What both sides said, as it comes. A caption with the same speaker and id replaces the earlier. */

import { make, part } from "./dom.js";

/** @typedef {import("./protocol.js").Caption} Caption */

const WHO = { candidate: "You", interviewer: "Interviewer" };
const NEAR_END_PX = 48;
const SIZE_KEY = "vivavoce.room.captions";

export class Captions {
  #list;
  #scroller;
  /** @type {Map<string, HTMLElement>} */
  #shown = new Map();
  /** @type {Set<number>} utterances whose words the server sends itself */
  #captioned = new Set();
  /** @type {HTMLElement[]} */
  #letters = [];
  /** @type {Map<string, Comment>} where letters stood that the interviewer has answered already */
  #answered = new Map();
  #isFollowing = true;
  #heightPx = 0;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#list = part(root, "captions", HTMLElement);
    this.#scroller = this.#list;
    this.#scroller.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
      if (clientHeight !== this.#heightPx) return; // moved by its new height, not by the person
      this.#isFollowing = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    });
    // A caption grows, the window shrinks: the last words stay in sight.
    new ResizeObserver(() => {
      this.#heightPx = this.#scroller.clientHeight;
      this.#follow();
    }).observe(this.#scroller);
    const larger = part(root, "larger-captions", HTMLButtonElement);
    const enlarge = (/** @type {boolean} */ isLarge) => {
      larger.setAttribute("aria-pressed", String(isLarge));
      this.#list.classList.toggle("captions--large", isLarge);
      this.#follow();
    };
    enlarge(recalled(SIZE_KEY) === "large");
    larger.addEventListener("click", () => {
      const isLarge = larger.getAttribute("aria-pressed") !== "true";
      enlarge(isLarge);
      remember(SIZE_KEY, isLarge ? "large" : "normal");
    });
  }

  /** @param {Caption[]} captions what stood before a page came back */
  restore(captions) {
    for (const caption of captions) this.show(caption);
  }

  /** @param {Caption} caption */
  show(caption) {
    if (caption.speaker === "interviewer") this.#captioned.add(caption.id);
    const key = `${caption.speaker} ${caption.id}`;
    const old = this.#shown.get(key);
    if (!caption.text.trim() && caption.final) {
      old?.remove();
      this.#shown.delete(key);
      return;
    }
    const isSpoken = old !== undefined && old.dataset["final"] === String(caption.final);
    const item = isSpoken ? old : this.#item(caption);
    part(item, "words", HTMLElement).replaceChildren(...marked(caption));
    part(item, "typed", HTMLElement).hidden = !caption.typed;
    if (!isSpoken) {
      if (old) old.replaceWith(item);
      else this.#list.insertBefore(item, this.#place(caption));
      this.#shown.set(key, item);
    }
    this.#follow();
  }

  /**
   * What the interviewer begins to say after a letter was sent comes after it, also while the
   * server has not acknowledged the letter yet.
   * @param {Caption} caption
   */
  #place(caption) {
    if (caption.speaker === "interviewer") return null;
    const [answered] = caption.typed ? this.#answered.values() : [];
    return answered ?? this.#letters[0] ?? null;
  }

  /**
   * The words of an utterance as they are handed to the voice, until its captions come.
   * @param {import("./protocol.js").Say} say
   */
  say(say) {
    if (this.#captioned.has(say.utterance) || !say.text) return;
    this.show({
      type: "caption",
      speaker: "interviewer",
      id: say.utterance,
      text: say.text,
      final: false,
      fillers: [],
      typed: false,
    });
    this.#captioned.delete(say.utterance);
  }

  /** @param {readonly import("./outbox.js").Letter[]} letters typed, not shown as a turn yet */
  underWay(letters) {
    this.#keepPlaces(letters.filter(({ isAnswered }) => isAnswered));
    for (const element of this.#letters) element.remove();
    const waiting = letters.filter(({ isAnswered }) => !isAnswered);
    this.#letters = waiting.map((letter) =>
      make(
        "div",
        { class: "caption voice voice--candidate caption--under-way", "data-letter": letter.id },
        make("span", { class: "caption__who" }, WHO.candidate),
        make("p", { class: "spoken spoken--caption caption__words" }, letter.text),
        make("span", { class: "caption__note" }, letter.isSent ? "Sent" : "Waiting for the connection"),
      ),
    );
    this.#list.append(...this.#letters);
    if (waiting.length > 0) this.#isFollowing = true;
    this.#follow();
  }

  /** Their turns are shown later than the answer to them, and belong before it. @param {readonly import("./outbox.js").Letter[]} letters */
  #keepPlaces(letters) {
    for (const [id, place] of this.#answered) {
      if (letters.some((letter) => letter.id === id)) continue;
      place.remove();
      this.#answered.delete(id);
    }
    for (const { id } of letters) {
      const element = this.#letters.find(({ dataset }) => dataset["letter"] === id);
      if (!element) continue;
      const place = document.createComment("");
      element.before(place);
      this.#answered.set(id, place);
    }
  }

  /** @param {Caption} caption */
  #item(caption) {
    /** @type {Record<string, string>} */
    const attributes = {
      class: `caption voice voice--${caption.speaker}`,
      "data-testid": "caption",
      "data-speaker": caption.speaker,
      "data-id": String(caption.id),
      "data-final": String(caption.final),
    };
    // Half-said words are not read out: the whole line is, once, when it is final.
    if (!caption.final) attributes["aria-hidden"] = "true";
    return make(
      "div",
      attributes,
      make("span", { class: "caption__who" }, WHO[caption.speaker]),
      make("p", { class: "spoken spoken--caption caption__words", "data-part": "words" }),
      make("span", { class: "caption__note", "data-part": "typed" }, "typed"),
    );
  }

  #follow() {
    if (this.#isFollowing) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
}

/**
 * The text with its fillers marked. Offsets count code points, as the server's strings do.
 * @param {Caption} caption
 * @returns {(Node | string)[]}
 */
function marked({ text, fillers }) {
  if (!fillers?.length) return [text];
  const characters = Array.from(text);
  const pieces = [];
  let place = 0;
  for (const { filler, start, end } of [...fillers].sort((a, b) => a.start - b.start)) {
    if (start < place || end > characters.length) continue;
    pieces.push(characters.slice(place, start).join(""));
    pieces.push(
      make("mark", { class: "filler", "data-filler": filler }, characters.slice(start, end).join("")),
    );
    place = end;
  }
  pieces.push(characters.slice(place).join(""));
  return pieces;
}

/** @param {string} key @returns {string | null} */
function recalled(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is switched off: the choice lasts for this page
  }
}

/** @param {string} key @param {string} value */
function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is switched off or full: the choice lasts for this page.
  }
}
