/** htmx and Alpine in the forms a strict Content-Security-Policy allows: no eval, no style or script written into the page. */
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";

window.htmx = htmx;

/** A failed request says so where the answer would have stood; nothing is lost and it can be tried again. */
function failed(event) {
  const note = document.getElementById("trouble");
  if (!note) return;
  event.detail.target?.closest("dialog[open]")?.close();
  note.hidden = false;
  note.querySelector("[data-status]").textContent = event.detail.xhr?.status || "";
}

document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:afterRequest", (event) => {
  const note = document.getElementById("trouble");
  if (note && event.detail.successful) note.hidden = true;
});

Alpine.start();
