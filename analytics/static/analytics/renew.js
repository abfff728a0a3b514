// Brings the figures of a live page up to date: soon after the first news, and at most once in a while, since a whole
// report is computed each time. Without it the page says as of when it is and has a link to refresh.

const PAUSE = 15000;
const page = document.querySelector(".renews live-updates");
let waiting;

function renew() {
  waiting = undefined;
  page.fetchPage("#renewed");
}

function later() {
  waiting ??= setTimeout(renew, PAUSE);
}

page?.addEventListener("live:events", later);
page?.addEventListener("live:resync", later);
