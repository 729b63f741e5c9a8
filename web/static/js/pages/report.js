import { deletesRecording } from "../components/delete-recording.js";
import { Player } from "../components/player.js";
import { all, one } from "../kit/dom.js";

openTarget();
window.addEventListener("hashchange", openTarget);

for (const button of all("[data-print]", HTMLButtonElement)) {
  button.addEventListener("click", () => print());
}

// On paper, the address says where the quotes can be heard.
for (const place of all("[data-address]", HTMLElement)) {
  place.textContent = new URL(place.textContent ?? "", location.href).href;
}

// What is folded away is part of the report on paper; it is folded again afterwards.
/** @type {HTMLDetailsElement[]} */
let unfolded = [];
window.addEventListener("beforeprint", () => {
  unfolded = all(".report details:not([open])", HTMLDetailsElement);
  for (const details of unfolded) details.open = true;
});
window.addEventListener("afterprint", () => {
  for (const details of unfolded) details.open = false;
});

const playerRoot = one("[data-player]", HTMLElement);
if (playerRoot) {
  const player = new Player(playerRoot);
  const buttons = all("[data-play]", HTMLButtonElement);
  for (const button of buttons) button.addEventListener("click", () => player.press(button));
  deletesRecording(() => {
    player.remove();
    for (const button of buttons) button.remove();
  });
}

/** A link to a folded question, or to a line of what is folded, unfolds it. */
function openTarget() {
  const id = location.hash.slice(1);
  const target = id ? document.getElementById(id) : null;
  const folded = target?.closest("details:not([open])");
  if (!target || !(folded instanceof HTMLDetailsElement)) return;
  folded.open = true;
  target.scrollIntoView();
  if (target !== folded) target.focus({ preventScroll: true });
}
