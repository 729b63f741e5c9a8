import { all } from "../kit/dom.js";

/** @typedef {"system" | "light" | "dark"} Theme */

/** @type {Record<Theme, { next: Theme, said: string }>} */
const THEMES = {
  system: { next: "light", said: "as your system" },
  light: { next: "dark", said: "light" },
  dark: { next: "system", said: "dark" },
};

/** Each press goes one further: as the system, light, dark. `theme.js` applies it on loading. */
export function themeToggle() {
  for (const button of all("[data-theme-toggle]", HTMLButtonElement)) {
    name(button);
    button.addEventListener("click", () => {
      choose(THEMES[chosen()].next);
      name(button);
    });
  }
}

/** @returns {Theme} */
function chosen() {
  const theme = document.documentElement.dataset.theme;
  return theme === "light" || theme === "dark" ? theme : "system";
}

/** @param {Theme} theme */
function choose(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }
}

/** @param {HTMLButtonElement} button */
function name(button) {
  const { next, said } = THEMES[chosen()];
  const label = `Theme: ${said}. Change to ${THEMES[next].said}`;
  button.setAttribute("aria-label", label);
  button.title = label;
}
