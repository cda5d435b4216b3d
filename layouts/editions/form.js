// Shows the panel anew a moment after something was typed. Without it the button "Show the panel" does.
"use strict";

const WAIT = 700; // milliseconds without a key
const form = document.querySelector("form");
let timer = 0;
let asked = null;

async function show() {
  if (!form.elements.name.value.trim()) return;
  if (asked) asked.abort();
  asked = new AbortController();
  const fields = new URLSearchParams(new FormData(form));
  fields.set("do", "show");
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields, signal: asked.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const shown = page.getElementById("shown");
    if (answer.status === 200 && shown) {
      // The place that is read out stays the same element, so that its new text is told.
      const told = document.getElementById("told");
      const old = document.getElementById("shown");
      told.textContent = page.getElementById("told").textContent;
      old.querySelectorAll("img, ul").forEach((one) => one.remove());
      shown.querySelectorAll("img, ul").forEach((one) => old.append(document.adoptNode(one)));
    }
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(show, WAIT);
});
const faults = document.getElementById("faults");
if (faults) faults.focus();
