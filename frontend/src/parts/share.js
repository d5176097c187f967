/** `<button hidden data-share="address" data-share-title="…">`: shows itself where the browser has a share sheet, and opens it. */
function show(root) {
  if (!navigator.share) return;
  for (const button of root.querySelectorAll("[data-share][hidden]")) button.hidden = false;
}

show(document);
document.addEventListener("htmx:afterSwap", (event) => show(event.target));
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-share]");
  if (!button) return;
  try {
    await navigator.share({ title: button.dataset.shareTitle, url: button.dataset.share });
  } catch {
    // Closed without sharing: nothing to say.
  }
});
