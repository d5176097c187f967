/**
 * `<a href="…" data-sheet hx-get="…" hx-target="#sheet-body">` opens its answer in the page's one sheet.
 * The phone's back gesture closes the sheet instead of leaving the page; without JavaScript the link is a page of its own.
 */
const sheet = document.getElementById("sheet");

if (sheet) {
  const body = sheet.querySelector("#sheet-body");
  const waiting = body.innerHTML;

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-sheet]");
    if (!link || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    body.innerHTML = waiting;
    sheet.showModal();
    history.pushState({ sheet: true }, "");
  });

  sheet.addEventListener("close", () => {
    if (history.state?.sheet) history.back();
  });

  window.addEventListener("popstate", () => {
    if (sheet.open) sheet.close();
  });
}
