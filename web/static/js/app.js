// What every page does: theme, menus, times in the reader's own zone, signing out.
import { localTimes } from "./components/local-times.js";
import { menus } from "./components/menu.js";
import { themeToggle } from "./components/theme-toggle.js";

themeToggle();
menus();
localTimes();

// Only where there is somebody to sign out: a visitor's first page stays small.
if (document.querySelector("[data-sign-out]")) {
  const { signOutButtons } = await import("./components/sign-out.js");
  signOutButtons();
}
