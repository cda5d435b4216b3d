// Puts what is new into the list of booklets, cell by cell: so no link is lost under the reader's hand.
"use strict";

let old = false;

async function follow() {
  old = document.hidden;
  if (old) return;
  const answer = await fetch("/").catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = document.querySelectorAll("main th, main td"), next = fresh.querySelectorAll("main th, main td");
  if (now.length !== next.length) { location.reload(); return; }
  now.forEach((cell, index) => {
    if (cell.innerHTML !== next[index].innerHTML) cell.replaceChildren(...next[index].childNodes);
  });
}

new SharedWorker("/line.js").port.onmessage = ({ data }) => data === "list" && follow();
document.addEventListener("visibilitychange", () => old && follow());
