import { awaitReport, versionsOf } from "../components/await-report.js";
import { copies } from "../components/copy-report.js";
import { sharesReport } from "../components/share-report.js";
import { Problem, call } from "../kit/api.js";
import { all, element, one } from "../kit/dom.js";
import { toast } from "../kit/toast.js";

for (const button of all("[data-copy-report]", HTMLButtonElement)) copies(button);

const form = one("[data-share]", HTMLFormElement);
if (form) sharesReport(form);

const list = one("[data-versions]", HTMLElement);
if (list) void showVersions(list);

const rewrite = one("[data-rewrite]", HTMLButtonElement);
rewrite?.addEventListener("click", () => void writeAnew(rewrite));

/**
 * The other versions, as links, when there are any.
 *
 * @param {HTMLElement} list
 */
async function showVersions(list) {
  const versions = await versionsOf(list.dataset["versions"] ?? "").catch(() => []);
  const shown = Number(list.dataset["shown"]);
  for (const { version, state, path } of versions) {
    if (version === shown || state !== "ready") continue;
    const link = element("a", "", `Version ${version}`);
    link.href = path;
    list.append(element("li", "", link));
  }
  list.hidden = list.children.length === 0;
}

/** @param {HTMLButtonElement} button */
async function writeAnew(button) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const path = button.dataset["rewrite"] ?? "";
  try {
    await call("POST", path);
    const newest = await awaitReport(path);
    if (newest.state === "ready") location.assign(newest.path);
    else toast("The new version could not be written.", { level: "critical", hint: newest.reason });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toast(error.message, { level: "critical", hint: error.hint });
  } finally {
    button.removeAttribute("aria-busy");
  }
}
