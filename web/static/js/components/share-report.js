import { Problem, call } from "../kit/api.js";
import { element, one } from "../kit/dom.js";
import { submits } from "../kit/forms.js";
import { toast } from "../kit/toast.js";
import { copy } from "./copy-report.js";

/**
 * @typedef {{ id: string, edition: "candidate" | "recruiter", expires_at_ms: number,
 *   is_open: boolean }} Share a link that was made
 */

const SAID = { candidate: "all of it", recruiter: "without how you spoke" };

/**
 * Makes links to a report, shows those that are open, and takes them back.
 *
 * @param {HTMLFormElement} form its `data-share` is the API's path of the links
 */
export function sharesReport(form) {
  const path = form.dataset["share"] ?? "";
  void list(form, path);
  submits(
    form,
    () => ({}),
    async () => {
      const chosen = new FormData(form);
      const made = /** @type {Share & { url: string }} */ (
        await call("POST", path, {
          days: Number(chosen.get("days")),
          edition: String(chosen.get("edition")),
        })
      );
      show(form, made.url);
      await list(form, path);
    },
  );
}

/**
 * The new link, to be copied: it is shown this once.
 *
 * @param {HTMLFormElement} form
 * @param {string} url
 */
function show(form, url) {
  const field = element("input", "input");
  field.readOnly = true;
  field.value = url;
  field.setAttribute("aria-label", "The new link");
  field.dataset["testid"] = "share-url";
  const button = element("button", "button button--small", "Copy the link");
  button.type = "button";
  button.addEventListener("click", async () => {
    await copy(Promise.resolve(url)).then(
      () => toast("The link is copied.", { level: "positive" }),
      () => field.select(),
    );
  });
  const note = element("p", "field__hint", "Copy it now: it is not shown again.");
  one("[data-new-share]", HTMLElement, form)?.replaceChildren(note, field, button);
}

/**
 * @param {HTMLFormElement} form
 * @param {string} path
 */
async function list(form, path) {
  const shown = one("[data-share-list]", HTMLElement, form);
  if (!shown) return;
  const answer = /** @type {{ shares: Share[] }} */ (
    await call("GET", path).catch(() => ({ shares: [] }))
  );
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const rows = answer.shares
    .filter((share) => share.is_open)
    .map((share) => {
      const until = format.format(new Date(share.expires_at_ms));
      const end = element("button", "button button--small button--danger", "Take it back");
      end.type = "button";
      end.setAttribute("aria-label", `Take back the link that is open until ${until}`);
      end.setAttribute("aria-haspopup", "dialog");
      end.addEventListener("click", () => ask(form, path, share.id));
      return element("li", "", `A link, ${SAID[share.edition]}, open until ${until}. `, end);
    });
  shown.replaceChildren(...rows);
  shown.hidden = rows.length === 0;
}

/**
 * One question first: a link that was taken back never opens again.
 *
 * @param {HTMLFormElement} form
 * @param {string} path
 * @param {string} id
 */
function ask(form, path, id) {
  const dialog = one("[data-take-back]", HTMLDialogElement);
  const confirm = dialog && one("[data-take-back-confirm]", HTMLButtonElement, dialog);
  if (!dialog || !confirm) return;
  one("[data-take-back-problem]", HTMLElement, dialog)?.replaceChildren();
  const cancel = one("[data-take-back-cancel]", HTMLButtonElement, dialog);
  if (cancel) cancel.onclick = () => dialog.close();
  confirm.onclick = () => void takeBack(form, path, id, dialog, confirm);
  dialog.showModal();
}

/**
 * @param {HTMLFormElement} form
 * @param {string} path
 * @param {string} id
 * @param {HTMLDialogElement} dialog
 * @param {HTMLButtonElement} confirm
 */
async function takeBack(form, path, id, dialog, confirm) {
  if (confirm.getAttribute("aria-busy") === "true") return;
  confirm.setAttribute("aria-busy", "true");
  const problem = one("[data-take-back-problem]", HTMLElement, dialog);
  problem?.replaceChildren();
  try {
    await call("DELETE", `${path}/${id}`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    problem?.replaceChildren(`${error.message} ${error.hint}`.trim());
    return;
  } finally {
    confirm.removeAttribute("aria-busy");
  }
  dialog.close();
  one("[data-new-share]", HTMLElement, form)?.replaceChildren();
  toast("The link is taken back: it shows nothing any more.");
  await list(form, path);
  // The button that was pressed is gone with its link.
  one('button[type="submit"]', HTMLButtonElement, form)?.focus();
}
