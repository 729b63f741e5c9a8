import { toast } from "../kit/toast.js";

/**
 * Copies what is at an address, as text, when the button is pressed.
 *
 * @param {HTMLButtonElement} button its `data-copy-report` is the address
 */
export function copies(button) {
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      await copy(fetchText(button.dataset["copyReport"] ?? ""));
      toast("The report is copied. Paste it where you need it.", { level: "positive" });
    } catch {
      toast("The report could not be copied.", {
        level: "critical",
        hint: "Download it as text instead.",
      });
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}

/**
 * Text to the clipboard. Handed over as a promise where that can be done: a browser that lets a
 * page write only while a press is being handled would refuse what was fetched first.
 *
 * @param {Promise<string>} text
 */
export async function copy(text) {
  if ("ClipboardItem" in window && "write" in navigator.clipboard) {
    const blob = text.then((said) => new Blob([said], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  } else {
    await navigator.clipboard.writeText(await text);
  }
}

/**
 * @param {string} path
 * @returns {Promise<string>}
 */
async function fetchText(path) {
  const response = await fetch(path, { headers: { Accept: "text/plain" } });
  if (response.status !== 200) throw new Error(`answered with ${response.status}`);
  return response.text();
}
