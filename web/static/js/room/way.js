/** How this person chose to answer this interview in this tab, kept over a reload. */

const KEY = `vivavoce.room.way ${location.pathname}`;

/** @typedef {"typing" | "microphone"} Way */

/** @returns {Way | null} */
export function recalledWay() {
  try {
    const way = sessionStorage.getItem(KEY);
    return way === "typing" || way === "microphone" ? way : null;
  } catch {
    return null; // storage is switched off: both ways are offered as on a first visit
  }
}

/** @param {Way} way */
export function rememberWay(way) {
  try {
    sessionStorage.setItem(KEY, way);
  } catch {
    // Storage is switched off or full: the choice lasts for this page.
  }
}
