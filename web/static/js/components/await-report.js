import { Problem, call } from "../kit/api.js";

const FIRST_WAIT_MS = 400;
const LAST_WAIT_MS = 5_000;

/**
 * @typedef {{ version: number, state: "queued" | "writing" | "ready" | "failed", reason: string,
 *   written_at_ms: number | null, path: string }} Version one version of a report
 */

/**
 * The versions of a report, the newest first. Throws a Problem.
 *
 * @param {string} path of the API
 * @returns {Promise<Version[]>}
 */
export async function versionsOf(path) {
  const answer = /** @type {{ reports: Version[] }} */ (await call("GET", path));
  return answer.reports;
}

/**
 * Asks, less and less often, until the newest version is ready or has failed. A server that cannot
 * be reached is asked again; any other refusal is thrown as its Problem.
 *
 * @param {string} path of the API's list of versions
 * @param {() => void} onAway each time the server could not be reached
 * @returns {Promise<Version>}
 */
export async function awaitReport(path, onAway = () => {}) {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.5, LAST_WAIT_MS)) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    try {
      const [newest] = await versionsOf(path);
      if (newest && (newest.state === "ready" || newest.state === "failed")) return newest;
    } catch (error) {
      const isAway = error instanceof Problem && (error.status === 0 || error.status >= 500);
      if (!isAway) throw error;
      onAway();
    }
  }
}
