/** `<section data-fresh hx-get="…" hx-trigger="fresh">` is asked for again while somebody looks: every few seconds, and on coming back. */
const EVERY = 5000;

function freshen() {
  if (document.visibilityState !== "visible" || !navigator.onLine) return;
  for (const one of document.querySelectorAll("[data-fresh]")) one.dispatchEvent(new Event("fresh"));
}

if (document.querySelector("[data-fresh]")) {
  setInterval(freshen, EVERY);
  document.addEventListener("visibilitychange", freshen);
}
