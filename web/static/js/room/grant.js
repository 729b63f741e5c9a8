/** Asks the server for a pass into the room. */

/**
 * @typedef {{kind: "granted", url: string, token: string}} Granted
 * @typedef {{kind: "refused", status: number, text: string}} Refused  asking again would not help
 * @typedef {{kind: "unreachable", retryMs: number}} Unreachable  the least time to wait
 */

const TIMEOUT_MS = 10_000;

/**
 * @param {string} roomUrl
 * @param {string} csrf
 * @returns {Promise<Granted | Refused | Unreachable>}
 */
export async function fetchGrant(roomUrl, csrf) {
  try {
    const response = await fetch(roomUrl, {
      method: "POST",
      headers: { "X-CSRF-Token": csrf, Accept: "application/json" },
      credentials: "same-origin",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.ok) {
      const { url, token } = await response.json();
      return { kind: "granted", url: socketAddress(url), token };
    }
    if (response.status === 429 || response.status >= 500) {
      const seconds = Number(response.headers.get("Retry-After"));
      return { kind: "unreachable", retryMs: seconds > 0 ? seconds * 1000 : 0 };
    }
    return { kind: "refused", status: response.status, text: await refusal(response) };
  } catch (error) {
    // A network failure (TypeError), a time-out (DOMException), a body that is no JSON.
    console.warn("The pass to the room could not be fetched.", error);
    return { kind: "unreachable", retryMs: 0 };
  }
}

/** @param {string} url absolute or relative, http(s) or ws(s) @returns {string} */
function socketAddress(url) {
  const address = new URL(url, location.href);
  if (address.protocol === "http:") address.protocol = "ws:";
  if (address.protocol === "https:") address.protocol = "wss:";
  return address.href;
}

/** @param {Response} response @returns {Promise<string>} the sentence of an RFC 9457 problem */
async function refusal(response) {
  if (response.status === 401) return "You were signed out. Sign in again, and the interview goes on.";
  const problem = await response.json().catch(() => null);
  const said = problem?.detail || problem?.message || problem?.title;
  const text = said || "The interview could not be opened.";
  return problem?.hint ? `${text} ${problem.hint}` : text;
}
