const TIMEOUT_MS = 20_000;

/** The server's refusal (RFC 9457 problem JSON), or that it could not be reached (status 0). */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} detail what happened, as a sentence
   * @param {string} hint what to do
   * @param {Record<string, string>} fields a sentence per field at fault
   */
  constructor(status, detail, hint, fields) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.hint = hint;
    this.fields = fields;
  }
}

/**
 * Calls the API of this site. Throws a Problem for every answer but a good one.
 *
 * @param {"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {number} [timeoutMs]
 * @returns {Promise<unknown>} the answer's JSON; null when it has none
 */
export async function call(method, path, body, timeoutMs = TIMEOUT_MS) {
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", "X-CSRF-Token": token };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch {
    throw new Problem(
      0,
      "The server could not be reached.",
      "Check your connection and try again. What you finished before is saved.",
      {},
    );
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw problemOf(response.status, answer);
  return answer;
}

/**
 * A text property of an answer that the API promises.
 *
 * @param {unknown} answer
 * @param {string} name
 * @returns {string}
 */
export function textOf(answer, name) {
  const value = isRecord(answer) ? answer[name] : undefined;
  return typeof value === "string" ? value : "";
}

/**
 * @param {number} status
 * @param {unknown} answer
 * @returns {Problem}
 */
function problemOf(status, answer) {
  /** @type {Record<string, string>} */
  const fields = {};
  if (isRecord(answer) && isRecord(answer.fields)) {
    for (const [name, sentence] of Object.entries(answer.fields)) fields[name] = String(sentence);
  }
  const detail = textOf(answer, "detail") || "The server could not do that.";
  return new Problem(status, detail, textOf(answer, "hint"), fields);
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord(value) {
  return typeof value === "object" && value !== null;
}
