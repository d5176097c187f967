/** `<button data-copy="text">`: copies, and says so on the button for a moment; `data-copy-address` copies the page's address. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-address]");
  if (!button) return;
  await navigator.clipboard?.writeText(button.dataset.copy ?? location.href);
  button.dataset.copied = "";
  setTimeout(() => delete button.dataset.copied, 1600);
});
