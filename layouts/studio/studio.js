// Follows a booklet while its files are being edited: only pages that have changed are fetched again.
"use strict";

const desk = document.querySelector(".desk"), pages = document.getElementById("pages");
const told = document.getElementById("told"), zoom = document.getElementById("zoom");
const spread = document.getElementById("spread"), query = desk.dataset.query;
// Points are shown as CSS pixels of this size at 100 %.
const SIZE = 4 / 3;
const form = document.getElementById("remark"), written = document.getElementById("written");
const before = document.getElementById("before"), after = document.getElementById("after");
const panel = document.getElementById("source");
let news = null, placed = [], arrived = false, asking = false, again = false, from = null;

const address = (what, more) => what + "?" + [query, more].filter(Boolean).join("&");

// Pixels of CSS for each point: so that a spread, or a page, is as wide as there is room.
function scale() {
  if (spread.value === "small") return 0.28 * SIZE;
  if (zoom.value !== "fit") return zoom.value * SIZE;
  const across = spread.value === "spreads" && matchMedia("(min-width: 48.01rem)").matches ? 2 : 1;
  const widest = Math.max(...news.pages.map(([, width]) => width), 1);
  return Math.min((pages.clientWidth - 32) / across / widest, 2 * SIZE);
}

function element(name, text, properties = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  return Object.assign(made, properties);
}

function source(key, by) {
  const sharp = Math.min(by * (window.devicePixelRatio || 1), 8).toFixed(2);
  return address("pictures/" + key, "scale=" + sharp);
}

// The new picture takes the old one's place once it is there: nothing flickers.
async function exchange(image) {
  const path = image.dataset.wanted;
  if (!image.dataset.near || image.dataset.path === path) return;
  image.dataset.path = path;
  if (!image.src) { image.src = path; return; }
  const next = new Image();
  next.src = path;
  try { await next.decode(); } catch { return; }
  if (image.dataset.path === path) image.src = path;
}

// Pictures are asked for when the reader comes near.
const eye = new IntersectionObserver((seen) => seen.forEach(({ target, isIntersecting }) => {
  target.dataset.near = isIntersecting ? "yes" : "";
  exchange(target);
}), { rootMargin: "100%" });

function figure(number) {
  const made = document.createElement("figure"), image = new Image();
  eye.observe(image);
  made.id = "page-" + number;
  image.alt = "Page " + number;
  const touch = element("button", "", { className: "touch", type: "button" });
  touch.setAttribute("aria-label", "Show the source of page " + number);
  touch.addEventListener("click", (event) => find(number, made, event));
  made.append(image, touch, element("figcaption", String(number)));
  return made;
}

function lay() {
  // Asked once: what has been written to the page must not be measured between.
  const by = scale();
  pages.className = "pages " + spread.value + (news.stale ? " stale" : "");
  while (pages.children.length > news.pages.length) pages.lastChild.remove();
  news.pages.forEach(([key, width, height], index) => {
    const one = pages.children[index] || pages.appendChild(figure(index + 1));
    const image = one.querySelector("img");
    const across = Math.round(width * by), down = Math.round(height * by);
    if (image.width !== across || image.height !== down) {
      image.width = across;
      image.height = down;
      one.style.setProperty("--wide", across + "px");
    }
    one.classList.toggle("alone", index === 0 || (index === news.pages.length - 1 && index % 2 === 1));
    one.classList.toggle("changed", news.changed.includes(index + 1));
    image.dataset.wanted = source(key, by);
    exchange(image);
  });
  mark(placed);
}

// What stands where somebody has clicked, and its place in the source.
function find(number, one, event) {
  const box = one.querySelector("img").getBoundingClientRect();
  const keyboard = event.detail === 0;
  if (spread.value === "small") { turn(number); return; }
  const x = keyboard ? 0 : (event.clientX - box.left) / box.width * news.pages[number - 1][1];
  const y = keyboard ? 0 : (event.clientY - box.top) / box.height * news.pages[number - 1][2];
  const away = ([, left, top, right, bottom]) =>
    Math.max(left - x, 0, x - right) + 4 * Math.max(top - y, 0, y - bottom);
  const here = news.blocks.flatMap((block, index) =>
    block.lines.filter(([page]) => page === number).map((line) => [away(line), (line[3] - line[1]) * (line[4] - line[2]), index]));
  here.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (!here.length) { told.textContent = "What stands where is known as soon as the checks are done."; return; }
  from = event.currentTarget;
  choose(here[0][2], keyboard);
  if (keyboard) panel.focus();
}

function close() {
  panel.hidden = true;
  mark([]);
  from?.focus({ preventScroll: true });
}

// From small pictures of all pages to one of them.
function turn(number) {
  spread.value = "spreads";
  lay();
  document.getElementById("page-" + number).scrollIntoView({ block: "start" });
}

// A block is marked on its pages, its lines are shown, and it can be remarked on.
function choose(index, scroll = false) {
  const block = news.blocks[index];
  if (!block) return;
  const place = mark(block.lines);
  if (scroll) place?.scrollIntoView({ block: "center" });
  panel.hidden = false;
  lines(block.file, block.line);
  form.hidden = !block.section;
  form.section.value = block.section || "";
  form.quote.value = block.quote || "";
  written.textContent = "";
  // Blocks in the order in which they are read: from page to page, from above.
  const order = news.blocks.map((one, at) => [one.lines[0]?.[0] ?? 0, one.lines[0]?.[2] ?? 0, at]).filter(([page]) => page);
  order.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const at = order.findIndex(([, , one]) => one === index);
  for (const [button, by] of [[before, -1], [after, 1]]) {
    const next = order[at + by];
    button.disabled = !next;
    button.onclick = () => choose(next[2], true);
  }
}

// Frames around places, each a page and a box on it; the first of them.
function mark(places) {
  placed = places;
  document.querySelectorAll(".place").forEach((one) => one.remove());
  const size = scale(), by = (points) => points * size + "px";
  for (const [number, left, top, right, bottom] of places) {
    const place = element("div", "", { className: "place" });
    Object.assign(place.style, { left: by(left - 2), top: by(top - 1), width: by(right - left + 4), height: by(bottom - top + 2) });
    document.getElementById("page-" + number)?.append(place);
  }
  return document.querySelector(".place");
}

async function lines(file, line) {
  const answer = await fetch(address("source", "file=" + encodeURIComponent(file) + "&line=" + line));
  if (!answer.ok) return;
  const found = await answer.json();
  panel.hidden = false;
  document.getElementById("file").textContent = `${file}, line ${line}`;
  document.getElementById("editor").href = "vscode://file" + found.path.split("/").map(encodeURIComponent).join("/") + ":" + line;
  const shown = document.getElementById("lines");
  shown.replaceChildren();
  const depth = Math.min(...found.lines.filter((text) => text.trim()).map((text) => text.search(/\S/)));
  found.lines.forEach((text, index) => {
    const number = found.first + index, said = String(number).padStart(4) + "  " + text.slice(depth);
    shown.append(element(number === line ? "mark" : "span", said));
  });
  const asked = shown.querySelector("mark");
  if (asked) shown.scrollTop = asked.offsetTop - shown.offsetTop - shown.clientHeight / 2;
  document.querySelector("aside").scrollTop = 0;
}

function findings() {
  const list = document.getElementById("findings");
  list.replaceChildren(...news.findings.map((one) => {
    const item = element("li", "", { className: one.severity });
    const to = element("button", `${one.said}: ${one.message}`, { type: "button" });
    to.addEventListener("click", () => {
      if (one.page) (mark((one.boxes || []).map((box) => [one.page, ...box])) || document.getElementById("page-" + one.page))
        .scrollIntoView({ block: "center" });
      if (one.file && one.line) lines(one.file, one.line);
    });
    item.append(to);
    if (one.file) item.append(element("p", one.line ? `${one.file}, line ${one.line}` : one.file));
    if (one.hint) item.append(element("p", one.hint, { className: "hint" }));
    return item;
  }));
  const number = news.findings.length;
  document.querySelector("aside").classList.toggle("stale", news.stale);
  document.getElementById("count").textContent = news.stale ? "What is wrong with the source"
    : !news.checked ? "Checking …" : number ? `Findings: ${number}` : "No findings";
}

function remarks() {
  document.getElementById("remarks").replaceChildren(...news.remarks.map((one) => {
    const item = element("li", "", { id: "remark-" + one.number });
    const to = element(one.block < 0 ? "p" : "button", `${one.number}: ${one.said}`);
    to.addEventListener("click", () => choose(one.block, true));
    item.append(to, element("p", one.by, { className: "hint" }), element("p", one.at, { className: "hint" }));
    return item;
  }));
}

// Who comes from the list of remarks sees what the remark is about.
function arrive() {
  const one = news.remarks.find(({ number }) => location.hash === "#remark-" + number);
  if (!one || arrived) return;
  arrived = true;
  choose(one.block, true);
}

async function write(event) {
  event.preventDefault();
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  const fields = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", body: fields }).catch(() => null);
  const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
  written.className = answer?.ok ? "" : "fault";
  written.textContent = answer?.ok ? "It is written down."
    : page?.querySelector("[role=alert]")?.textContent || "The studio does not answer. Nothing was written.";
  if (answer?.ok) form.remark.value = "";
  button.disabled = false;
}

function outline() {
  document.getElementById("outline").replaceChildren(...news.outline.map(([title, page, level]) => {
    const item = element("li", "");
    item.style.paddingInlineStart = (level - 1) * .75 + "rem";
    item.append(element("a", title, { href: "#page-" + page }));
    return item;
  }));
}

function tell() {
  const wrong = news.lost || (news.stale && news.findings[0]?.message);
  told.className = wrong ? "wrong" : "";
  told.textContent = wrong && !news.pages.length ? `There are no pages yet: ${wrong}.`
    : wrong ? `The pages are as they were before: ${wrong}.`
    : news.changed.length ? `Changed: page ${news.changed.join(", ")}.` : `${news.pages.length} pages, version ${news.version}.`;
}

function take(told) {
  news = told;
  placed = placed.filter(([page]) => !news.changed.includes(page));
  lay();
  if (news.title) document.getElementById("title").textContent = news.title;
  outline();
  findings();
  remarks();
  tell();
  if (news.checked) arrive();
}

function silent(why) {
  told.className = "wrong";
  told.textContent = why;
}

// Asks for what is new as long as more is to come, and while somebody looks; else it is asked for later.
async function follow() {
  again = true;
  if (asking) return;
  asking = true;
  while (again && !document.hidden) {
    again = false;
    const answer = await fetch(address("news", news ? "after=" + news.number : "")).catch(() => null);
    if (!answer) { silent("The studio does not answer. As soon as it does, the pages follow."); break; }
    if (answer.status === 503) { silent("Too many pages are open. Close some tabs, and save once more."); break; }
    if (!answer.ok) { silent("This booklet cannot be shown any more: its files are gone, or have other names."); break; }
    if (answer.status === 204) { again = true; continue; }
    const next = await answer.json();
    if (next.number !== news?.number) take(next);
    again ||= next.more;
  }
  asking = false;
}

new SharedWorker("/line.js").port.onmessage = ({ data }) => data !== "list" && follow();
document.addEventListener("visibilitychange", () => again && follow());
follow();
form.addEventListener("submit", write);
document.getElementById("close").addEventListener("click", close);
addEventListener("keydown", (event) => event.key === "Escape" && !panel.hidden && close());
for (const one of [zoom, spread]) one.addEventListener("change", () => news && lay());
addEventListener("resize", () => news && lay());
