import { all, one } from "../kit/dom.js";

/** Minus and plus around a number input; each change is an `input` event of that input. */
export function steppers() {
  for (const stepper of all("[data-stepper]", HTMLElement)) {
    const input = one("input", HTMLInputElement, stepper);
    if (!input) continue;
    const buttons = all("[data-step]", HTMLButtonElement, stepper);
    const settle = () => {
      for (const button of buttons) {
        const isDown = Number(button.dataset.step) < 0;
        const limit = Number(isDown ? input.min : input.max);
        button.disabled = isDown ? input.valueAsNumber <= limit : input.valueAsNumber >= limit;
      }
    };
    for (const button of buttons) {
      button.addEventListener("click", () => {
        if (Number(button.dataset.step) < 0) input.stepDown();
        else input.stepUp();
        input.dispatchEvent(new Event("input", { bubbles: true }));
        // The end is reached: the focus goes to the way back, not to nowhere.
        if (button.disabled) buttons.find((other) => !other.disabled)?.focus();
      });
    }
    input.addEventListener("input", settle);
    settle();
  }
}
