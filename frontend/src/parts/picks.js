/** `<input data-picks="window" data-pick="dates">`: typing here chooses that option of the form's list of that name. */
document.addEventListener("change", (event) => {
  const input = event.target.closest("[data-picks]");
  if (input) input.form.elements[input.dataset.picks].value = input.dataset.pick;
});
