/** `<button data-export-button>` beside a `<table data-export="name.csv">`: the table as a file, as people see it. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-export-button]");
  if (!button) return;
  const table = button.parentElement.querySelector("[data-export]");
  const cell = (element) => {
    const stamp = element.querySelector("time");
    const text = stamp ? stamp.dateTime : element.textContent.trim().replace(/[¥$€£₩,\s]/g, "").replace("−", "-");
    return `"${text.replaceAll('"', '""')}"`;
  };
  const rows = [...table.rows].map((row) => [...row.cells].map((one) => (one.tagName === "TH" ? `"${one.textContent.trim()}"` : cell(one))).join(","));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\uFEFF", rows.join("\r\n")], { type: "text/csv" }));
  link.download = table.dataset.export;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});
