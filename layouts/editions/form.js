// Shows the panel anew a moment after something was typed. Without it the button "Show the panel" does.
"use strict";

const WAIT = 700; // milliseconds without a key
const NONE = "There is no picture of what you typed";
const form = document.querySelector("form");
const shown = document.getElementById("shown");
// The place that is read out stays the same element, so that its new text is told.
const told = document.getElementById("told");
let timer = 0;
let asked = null;

// What is told of the panel, and its picture and notes; those of what was typed before go.
function put(text, parts = []) {
  shown.querySelectorAll("img, .noted").forEach((one) => one.remove());
  shown.classList.remove("old");
  shown.append(...Array.from(parts, (one) => document.adoptNode(one)));
  told.textContent = text;
}

// A fault that was told when a button was pressed goes once it is mended.
function unmark(page) {
  for (const fault of document.querySelectorAll(".fault")) {
    if (page.getElementById(fault.id)) continue;
    const field = fault.closest(".field"), input = field.querySelector("input, textarea");
    field.classList.remove("wrong");
    input.removeAttribute("aria-invalid");
    const others = (input.getAttribute("aria-describedby") || "").replace(fault.id, "").trim();
    if (others) input.setAttribute("aria-describedby", others);
    else input.removeAttribute("aria-describedby");
    document.querySelectorAll(`#faults a[href="#${input.id}"]`).forEach((one) => one.parentElement.remove());
    fault.remove();
  }
  const faults = document.getElementById("faults");
  if (faults && (!faults.querySelector("li") || !page.getElementById("faults"))) faults.remove();
  document.title = page.title;
}

// Why there is no picture: the faults of the form, or what the page says that came in its place.
function why(answer, page) {
  const faults = Array.from(page.querySelectorAll("#faults li"), (one) => one.textContent.trim());
  if (faults.length) return faults;
  const title = page.querySelector("h1")?.textContent || `the server answers ${answer.status}`;
  return [429, 503].includes(answer.status) ? [title, "Wait a moment, and press “Show the panel”"] : [title];
}

async function show() {
  if (asked) asked.abort();
  const own = asked = new AbortController();
  const fields = new URLSearchParams(new FormData(form));
  fields.set("do", "show");
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields, signal: own.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.getElementById("shown")) unmark(page);
    if (answer.ok) {
      put(page.getElementById("told").textContent, page.querySelectorAll("#shown img, #shown .noted"));
    } else {
      put(`${NONE}: ${why(answer, page).join(". ")}.`);
    }
  } catch (error) {
    if (error.name !== "AbortError") put(`${NONE}: the server does not answer.`);
  }
}

form.addEventListener("input", () => {
  shown.classList.add("old");
  clearTimeout(timer);
  timer = setTimeout(show, WAIT);
});
const faults = document.getElementById("faults");
if (faults) faults.focus();
