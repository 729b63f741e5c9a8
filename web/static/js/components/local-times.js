import { all } from "../kit/dom.js";

/** The server writes moments in UTC; the reader's own zone is known only here. */
export function localTimes() {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of all("time[datetime]", HTMLTimeElement)) {
    const moment = new Date(time.dateTime);
    if (!Number.isNaN(moment.getTime())) time.textContent = format.format(moment);
  }
}
