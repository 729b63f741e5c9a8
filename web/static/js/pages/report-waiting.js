import { localTimes } from "../components/local-times.js";
import { awaitReport } from "../components/await-report.js";
import { Problem, call } from "../kit/api.js";
import { one } from "../kit/dom.js";

const page = one("[data-waiting]", HTMLElement);
const again = one("[data-again]", HTMLButtonElement);

if (page) {
  if (page.dataset["state"] === "writing") void wait(page);
  again?.addEventListener("click", () => void askAgain(page, again));
}

/**
 * Until the report is there; then it stands where it was waited for.
 *
 * @param {HTMLElement} page
 */
async function wait(page) {
  const said = one("[data-waiting-said]", HTMLElement, page);
  try {
    const newest = await awaitReport(page.dataset["versions"] ?? "", () => {
      said?.replaceChildren("The server could not be reached. It is asked again; nothing is lost.");
    });
    if (newest.state === "failed") show(page, newest.reason);
    else await enter(page.dataset["path"] ?? location.pathname);
  } catch (error) {
    // Signed out meanwhile, or the like: the page itself knows best what to say.
    if (!(error instanceof Problem)) throw error;
    location.reload();
  }
}

/**
 * @param {HTMLElement} page
 * @param {string} reason empty: it is being written again
 */
function show(page, reason) {
  page.dataset["state"] = reason ? "failed" : "writing";
  one("[data-writing]", HTMLElement, page)?.toggleAttribute("hidden", reason !== "");
  one("[data-failed]", HTMLElement, page)?.toggleAttribute("hidden", reason === "");
  one("[data-failed-said]", HTMLElement, page)?.replaceChildren(reason);
}

/**
 * @param {HTMLElement} page
 * @param {HTMLButtonElement} button
 */
async function askAgain(page, button) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const problem = one("[data-again-problem]", HTMLElement, page);
  problem?.replaceChildren();
  try {
    await call("POST", page.dataset["versions"] ?? "");
    show(page, "");
    await wait(page);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    problem?.replaceChildren(`${error.message} ${error.hint}`.trim());
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/**
 * Puts another page's content, styles and scripts in place of this one's, without loading anew.
 *
 * @param {string} path
 */
async function enter(path) {
  const response = await fetch(path, { headers: { Accept: "text/html" } });
  const there = new DOMParser().parseFromString(await response.text(), "text/html");
  const main = one("#main", HTMLElement, there);
  const here = one("#main", HTMLElement);
  if (!response.ok || !main || !here || main.querySelector("[data-waiting]")) {
    location.reload();
    return;
  }
  for (const link of there.querySelectorAll('link[rel="stylesheet"]')) {
    const href = link.getAttribute("href") ?? "";
    if (!document.querySelector(`link[href="${CSS.escape(href)}"]`)) document.head.append(link);
  }
  document.title = there.title;
  here.setAttribute("aria-busy", "true");
  here.replaceChildren(...main.childNodes);
  localTimes();
  // Now, not when the scripts are there: until then whoever reads may have gone elsewhere.
  const title = one("h1", HTMLElement, here);
  title?.setAttribute("tabindex", "-1");
  title?.focus();
  const scripts = [...there.querySelectorAll('script[type="module"][src]')];
  for (const script of scripts) {
    const source = script.getAttribute("src") ?? "";
    if (!document.querySelector(`script[src="${CSS.escape(source)}"]`)) await import(source);
  }
  here.removeAttribute("aria-busy");
}
