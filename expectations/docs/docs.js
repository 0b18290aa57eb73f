"use strict";
// What jQuery and Bootstrap do for these pages: fold a block open, and show failures only.
function showValidations(all) {
  const passed = ".hide-succeeded-validation-target, .hide-succeeded-validations-column-section-target-child";
  for (const found of document.querySelectorAll(passed)) {
    (found.closest(".ge-section") || found).classList.toggle("hidden", !all);
  }
  for (const found of document.querySelectorAll(".hide-succeeded-validation-target-child")) {
    found.parentElement.classList.toggle("hidden", !all);
  }
}
function showAllValidations() { showValidations(true); }
function hideSucceededValidations() { showValidations(false); }
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-toggle=collapse]");
  if (!link) return;
  event.preventDefault();
  const block = document.getElementById(link.getAttribute("href").slice(1));
  const open = block.classList.toggle("show");
  link.setAttribute("aria-expanded", String(open));
});
