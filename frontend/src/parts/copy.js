/** `<button data-copy="text">`: copies, and says so on the button for a moment; `data-copy-address` copies the page's address. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-address]");
  if (!button) return;
  if (!(await copied(button.dataset.copy ?? location.href))) return;
  button.dataset.copied = "";
  setTimeout(() => delete button.dataset.copied, 1600);
});

/** Whether it worked. Without the Clipboard API (no https, an older embedded browser) the text is selected and copied as a hand would. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.readOnly = true;
    field.className = "sr-only";
    document.body.append(field);
    const before = document.activeElement;
    field.select();
    field.setSelectionRange(0, text.length);
    const worked = document.execCommand("copy");
    field.remove();
    before?.focus();
    return worked;
  }
}
