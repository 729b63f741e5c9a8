import { all, one } from "../kit/dom.js";

/** A password that can be shown while it is typed. */
export function passwordFields() {
  for (const field of all("[data-password]", HTMLElement)) {
    const input = one("input", HTMLInputElement, field);
    const button = one("[data-reveal]", HTMLButtonElement, field);
    if (!input || !button) continue;
    button.addEventListener("click", () => {
      const isShown = input.type === "password";
      input.type = isShown ? "text" : "password";
      // The name stays "Show the password": what changes is whether it is pressed.
      button.setAttribute("aria-pressed", String(isShown));
    });
  }
}
