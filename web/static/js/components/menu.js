import { all, one } from "../kit/dom.js";

/** Menus close on Escape, on a click elsewhere, and when the focus moves on. */
export function menus() {
  for (const menu of all("details[data-menu]", HTMLDetailsElement)) {
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      one("summary", HTMLElement, menu)?.focus();
    });
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) {
        menu.open = false;
      }
    });
    document.addEventListener("pointerdown", (event) => {
      if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
    });
  }
}
