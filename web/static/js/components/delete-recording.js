import { Problem, call } from "../kit/api.js";
import { element, one } from "../kit/dom.js";

/**
 * Lets the recording be deleted, after one question. Where it stood, the page then says so.
 *
 * @param {() => void} onDeleted
 */
export function deletesRecording(onDeleted) {
  const section = one("[data-recording]", HTMLElement);
  const opener = section && one("[data-delete-recording]", HTMLButtonElement, section);
  const dialog = section && one("[data-delete-dialog]", HTMLDialogElement, section);
  if (!opener || !dialog) return;
  const confirm = one("[data-delete-confirm]", HTMLButtonElement, dialog);
  const problem = one("[data-delete-problem]", HTMLElement, dialog);

  opener.addEventListener("click", () => {
    problem?.replaceChildren();
    dialog.showModal();
  });
  one("[data-delete-cancel]", HTMLButtonElement, dialog)?.addEventListener("click", () =>
    dialog.close(),
  );
  confirm?.addEventListener("click", async () => {
    if (confirm.getAttribute("aria-busy") === "true") return;
    confirm.setAttribute("aria-busy", "true");
    problem?.replaceChildren();
    try {
      await call("DELETE", confirm.dataset["path"] ?? "");
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problem?.replaceChildren(`${error.message} ${error.hint}`.trim());
      return;
    } finally {
      confirm.removeAttribute("aria-busy");
    }
    dialog.close();
    onDeleted();
    const said = element("p", "", "You deleted the recording. The transcript stays.");
    one(".recording", HTMLElement, section)?.replaceChildren(said);
    one("h2", HTMLElement, section)?.focus();
  });
}
