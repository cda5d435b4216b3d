// Looks for booklets as somebody types. The list of all is in the page without it; words are divided and
// folded as booklet/search.py does.
"use strict";

(() => {
  const MARKS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/g;
  const UNSEEN = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
  const RUN_ON = /[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+/g;
  const WORD = /[\p{L}\p{M}\p{N}]+/gu;
  // So many booklets are shown at once, and a word of so many letters is looked for in the texts, too.
  const SHOWN = 20;
  const LETTERS = 3;

  const at = (id) => document.getElementById("-" + id);
  const form = at("find"), words = at("words"), told = at("told"), found = at("found"), all = at("all");
  const results = at("results");
  const further = at("further");
  const filters = ["language", "layout", "state", "condition"].map(at);
  const home = form.dataset.home, here = form.dataset.here, first = filters.map((one) => one.value);
  const lists = new Map();
  let catalogue, wanted, shown = [], next = 0, round = 0, speaking;

  const folded = (text) => text.replace(UNSEEN, "").normalize("NFKD").replace(MARKS, "").toLowerCase();

  // The words of a text; of what has no spaces between words each two signs.
  function divided(text) {
    return (folded(text).match(WORD) || []).flatMap((word) => [
      ...word.replace(RUN_ON, " ").split(" ").filter(Boolean),
      ...(word.match(RUN_ON) || []).flatMap((run) =>
        Array.from({ length: Math.max(run.length - 1, 1) }, (_, from) => run.slice(from, from + 2))),
    ]);
  }

  async function fetched(path) {
    const answer = await fetch(home + path);
    if (!answer.ok) throw new Error(answer.status);
    return answer;
  }

  // The catalogue, fetched when somebody begins to look for something.
  function load() {
    wanted ||= fetch(form.dataset.index).then((answer) => {
      if (!answer.ok) throw new Error(answer.status);
      return answer.json();
    }).then((data) => {
      catalogue = data;
      for (const one of data.booklets) {
        const [title, subtitle, code, version, language, , , conditions] = one;
        const names = data.languages[language].slice(0, 3).join(" ");
        const about = conditions.map((number) => data.conditions[number]).join(" ");
        one.head = " " + divided([title, code, version].join(" ")).join(" ");
        one.rest = " " + divided([subtitle, names, about].join(" ")).join(" ");
        one.code = folded(code);
        one.copy = `${one.code}/${version}/${data.languages[language][0].toLowerCase()}`;
      }
      fill(at("condition"), data.conditions);
      at("conditions").hidden = !data.conditions.length;
    });
    return wanted;
  }

  function fill(select, names) {
    names.map((name, number) => [name, number])
      .sort(([one], [other]) => one.localeCompare(other))
      .forEach(([name, number]) => select.add(new Option(name, number)));
  }

  // Which booklets say words that begin with these letters? By their numbers.
  async function saying(letters) {
    const mine = catalogue.words.filter(([begin]) => letters.startsWith(begin) || begin.startsWith(letters));
    const texts = await Promise.all(mine.map(([, path]) => {
      if (!lists.has(path)) lists.set(path, fetched(path).then((answer) => answer.text()));
      return lists.get(path);
    }));
    const numbers = new Set();
    for (const text of texts) {
      const inside = "\n" + text;
      for (let from = inside.indexOf("\n" + letters); from >= 0; from = inside.indexOf("\n" + letters, from + 1)) {
        const end = inside.indexOf("\n", from + 1);
        let number = 0;
        for (const distance of inside.slice(from + 1, end).split(" ").slice(1)) {
          numbers.add(number += parseInt(distance, 36));
        }
      }
    }
    return numbers;
  }

  // A code with a version, as HI104/1.0, means that version and no other, in all its languages.
  function meaning(text) {
    const copy = folded(text).trim().replace(/[\s,/]+(?:version|v\.?)?\s*/g, "/").replace(/\/$/, "");
    const code = (copy.match(/^(.+?)\/\d+\.\d+(?:\/[a-z0-9-]*)?$/) || [])[1];
    if (!catalogue.booklets.some((one) => one.code === code)) return null;
    return (one) => one.copy === copy || one.copy.startsWith(copy + "/");
  }

  // The booklets that have all words, best first: in the title or code, beside it, in the text.
  async function matching(text, state) {
    const isMeant = meaning(text), asked = isMeant ? [] : divided(text);
    const inText = await Promise.all(asked.map((word) =>
      word.length >= LETTERS || word.match(RUN_ON) ? saying(word) : new Set()));
    const [language, layout, , condition] = filters.map((one) => one.value);
    const whole = folded(text).trim(), hits = [];
    catalogue.booklets.forEach((one, number) => {
      if (language && one[4] !== +language) return;
      if (layout && !one[6].includes(+layout)) return;
      if (state && (state === "now" ? one[5] > 1 : one[5] !== +state)) return;
      if (condition && !one[7].includes(+condition)) return;
      if (isMeant && !isMeant(one)) return;
      let score = one.code === whole ? 100 : 0;
      for (let place = 0; place < asked.length; place++) {
        const begin = " " + asked[place];
        if (one.head.includes(begin)) score += 10;
        else if (one.rest.includes(begin)) score += 4;
        else if (inText[place].has(number)) score += 1;
        else return;
      }
      hits.push([score, number]);
    });
    hits.sort((one, other) => other[0] - one[0] || one[1] - other[1]);
    return hits.map(([, number]) => catalogue.booklets[number]);
  }

  function element(name, text, properties = {}) {
    const made = document.createElement(name);
    made.textContent = text;
    return Object.assign(made, properties);
  }

  function card(one) {
    const [title, subtitle, code, version, language, state, , , id, main, cover, pages] = one;
    const [tag, own, english, dir] = catalogue.languages[language];
    const old = state > 1 || here === "codes";
    const path = old ? `${code}/${version}/${tag}/` : main ? `${id}/` : `${id}/${tag}/`;
    const box = element("li", "", { className: "card" }), text = element("div", "");
    const heading = element("h3", ""), facts = element("p", "", { className: "facts" });
    const [name, width, height] = cover ? catalogue.covers[cover - 1] : [];
    box.append(cover ? element("img", "", { src: home + name, width, height, alt: "", loading: "lazy" })
      : element("span", "", { className: "no-cover" }));
    heading.append(element("a", title, { href: home + path, lang: tag, dir }));
    text.append(heading);
    if (subtitle) {
      const line = element("p", "");
      line.append(element("span", subtitle, { lang: tag, dir }));
      text.append(line);
    }
    if (state || here === "codes") {
      const said = catalogue.states[state];
      facts.append(element("span", said, { className: "mark " + said.toLowerCase().replace(" ", "-") }), " ");
    }
    facts.append(element("span", own, { lang: tag, dir }), own === english ? "" : ` (${english})`,
      ` · ${code} · version ${version} · ${pages} pages`);
    text.append(facts);
    box.append(text);
    return box;
  }

  function more() {
    const before = next;
    next = Math.min(next + SHOWN, shown.length);
    found.append(...shown.slice(before, next).map(card));
    further.hidden = next >= shown.length;
    return found.children[before];
  }

  function tell(text) {
    clearTimeout(speaking);
    // Not after each letter: who listens would hear nothing else.
    speaking = setTimeout(() => { told.textContent = text; }, 300);
  }

  function counted(number) {
    const what = here === "codes" ? "version" : "booklet";
    if (number === 0) return `No ${what} found. Try fewer letters, or another filter.`;
    return `${number} ${what}${number === 1 ? "" : "s"} found.`;
  }

  // How many there are in each state: 1 superseded, 2 withdrawn.
  function states(hits) {
    const numbers = catalogue.states.map((name, state) => [hits.filter((one) => one[5] === state).length, name]);
    return numbers.filter(([number]) => number).map(([number, name]) => `${number} ${name.toLowerCase()}`).join(", ");
  }

  const isAsked = () => words.value.trim() || filters.some((one, place) => one.value !== first[place]);

  async function look() {
    const own = ++round, asked = isAsked();
    all.hidden = Boolean(asked);
    results.hidden = !asked;
    remember();
    if (!asked) {
      further.hidden = true;
      tell("");
      return;
    }
    try {
      await load();
      const state = filters[2].value;
      let hits = await matching(words.value, state), text = counted(hits.length);
      if (!hits.length && state) {
        // Who has an old copy in hand must not be told that there is none.
        hits = await matching(words.value, "");
        if (hits.length) text = `Nothing ${filters[2].selectedOptions[0].text.toLowerCase()} found; ${states(hits)}:`;
      }
      if (own !== round) return;
      shown = hits;
      next = 0;
      found.replaceChildren();
      more();
      tell(text);
    } catch {
      wanted = undefined;
      all.hidden = false;
      results.hidden = true;
      tell("The search cannot be used now. All booklets are listed below.");
    }
  }

  // The address keeps what was looked for, so that the way back leads to it again.
  function remember() {
    const asked = new URLSearchParams();
    if (words.value.trim()) asked.set(words.name, words.value.trim());
    filters.forEach((one, place) => {
      if (one.value !== first[place]) asked.set(one.id.slice(1), one.value);
    });
    const text = asked.toString();
    history.replaceState(null, "", text ? "?" + text : location.pathname);
  }

  async function begin() {
    const asked = new URLSearchParams(location.search);
    form.querySelector(".filters").hidden = false;
    words.value = asked.get(words.name) || words.value;
    if (asked.size || isAsked()) {
      await load().catch(() => {});
      for (const one of filters) {
        const value = asked.get(one.id.slice(1));
        if (value !== null && [...one.options].some((option) => option.value === value)) one.value = value;
      }
      await look();
    }
  }

  form.addEventListener("focusin", () => load().catch(() => { wanted = undefined; }));
  words.addEventListener("input", look);
  filters.forEach((one) => one.addEventListener("change", look));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look();
  });
  further.addEventListener("click", () => more().querySelector("a").focus());
  begin();
})();
