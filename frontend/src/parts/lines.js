/** `<button data-line="9" data-editor="document">`: goes to that line of the text and selects it. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-line]");
  if (!button) return;
  const editor = document.getElementById(button.dataset.editor);
  const lines = editor.value.split("\n");
  const at = Number(button.dataset.line) - 1;
  const start = lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0);
  editor.focus();
  editor.setSelectionRange(start, start + (lines[at] || "").length);
  editor.scrollTop = (editor.scrollHeight / lines.length) * Math.max(0, at - 3);
});
