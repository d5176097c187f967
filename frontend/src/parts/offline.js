/** What was seen last, for when there is no connection; whoever signs out takes it along. */
if ("serviceWorker" in navigator && window.isSecureContext) {
  if (document.getElementById("main").classList.contains("door")) {
    caches.delete("rongshu-seen");
  } else {
    navigator.serviceWorker.register("/portal/worker.js", { scope: "/portal/" }).catch(() => {});
  }
}
