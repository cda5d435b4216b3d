// Keeps a reviewer's name and role in this browser, so that they are typed once.
"use strict";

for (const field of document.querySelectorAll("[data-kept]")) {
  const key = "reviewer-" + field.dataset.kept;
  field.value ||= localStorage.getItem(key) || "";
  field.addEventListener("change", () => localStorage.setItem(key, field.value));
}
