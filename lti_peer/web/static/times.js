/* Keeps "3 days left" true while the page stays open. The words are those of lti_peer/web/dates.py. */
import { announce } from "./announce.js";

// The page says what time it is: a computer's clock may be wrong, and the demo's is turned by hand.
const told = Date.parse(document.documentElement.dataset.now ?? "");
const ahead = Number.isNaN(told) ? 0 : told - Date.now();

function long(milliseconds) {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return "less than a minute";
  for (const [size, unit, least] of [[1440, "day", 2880], [60, "hour", 120], [1, "minute", 0]]) {
    if (minutes >= least) {
      const count = Math.floor(minutes / size);
      return `${count} ${unit}${count === 1 ? "" : "s"}`;
    }
  }
}

export const say = {
  left(gap) {
    if (gap > 0) return `${long(gap)} left`;
    return gap > -60_000 ? "closed just now" : `closed ${long(-gap)} ago`;
  },
  relative(gap) {
    if (Math.abs(gap) < 60_000) return "just now";
    return gap > 0 ? `in ${long(gap)}` : `${long(-gap)} ago`;
  },
};

function renew() {
  for (const time of document.querySelectorAll("time[data-words]")) {
    const words = say[time.dataset.words](Date.parse(time.dateTime) - Date.now() - ahead);
    if (words === time.textContent) continue;
    time.textContent = words;
    if (words === "5 minutes left" || words === "closed just now") announce(words);
  }
}

setInterval(renew, 15_000);
