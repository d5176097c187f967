// Runs before the first paint, as a plain blocking script: the reader's theme, or the system's when none was chosen.
try {
  const theme = localStorage.getItem("rongshu-theme");
  if (theme === "paper" || theme === "night") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden (private windows, embedded views): the system's theme stays.
}
