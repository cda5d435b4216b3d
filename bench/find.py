"""How fast is a booklet found in a catalogue of 10,000 editions, and how large are its pages?

    python bench/find.py [NUMBER]

writes a catalogue of made-up booklets, with 400 words each out of 30,000 that are as common as words are,
and types into it in Chromium (Debian's) by itself. Times are in milliseconds, from a letter to the list.
"""

import os
import random
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import which
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from playwright.sync_api import sync_playwright
from serve import served

from booklet.catalogue import Wanted, write_pages
from booklet.model import House
from booklet.register import Entry, Register, State
from booklet.released import EditionFile, FileSaid, InLanguage, Manifest
from booklet.rows import Row, rows_of
from booklet.shelf import Shelf
from booklet.site import built, site_before

PROJECT = Path(__file__).resolve().parent.parent
DAY = date(2026, 11, 29)
LANGUAGES = ("en-GB", "cy", "pl", "ar", "bn")
CONDITIONS = tuple(f"Condition {number}" for number in range(60))
VOWELS, CONSONANTS = "aeiou", "bcdfglmnprst"
#: How many words there are, and how many of them a booklet has.
WORDS, EACH = 30_000, 400


def vocabulary(chance: random.Random) -> list[str]:
    """Words that can be spoken, no two the same."""
    found: dict[str, None] = {}
    while len(found) < WORDS:
        syllables = chance.randint(2, 4)
        found["".join(chance.choice(CONSONANTS) + chance.choice(VOWELS) for _ in range(syllables))] = None
    return list(found)


class _Empty:
    """A shop whose files are all the same, and empty."""

    def listing(self) -> dict[str, str]:
        return {}

    def read(self, _name: str) -> bytes:
        return b""


def shelf(editions: int, words: list[str], chance: random.Random) -> Shelf:
    """A shop with so many editions: booklets in five languages."""
    entries, manifests = [], {}
    for number in range(editions // len(LANGUAGES)):
        booklet, code = f"booklet-{number}", f"HI{number:05}"
        texts = {one: _text(one, words, chance) for one in LANGUAGES}
        files = tuple(
            _file(booklet, one, *kind)
            for one in LANGUAGES
            for kind in (("a5-booklet", 0), ("large-print", 18))
        )
        said = {one.file: FileSaid.of(b"") for one in files}
        about = booklet, "1.0", code
        manifests[booklet, "1.0"] = Manifest(*about, DAY, {}, texts, files, {}, said)
        state = State.REVIEW if number % 50 == 0 else State.CURRENT
        entries.append(Entry(*about, DAY, state, dict.fromkeys(LANGUAGES, "0"), "0"))
    register = Register(tuple(entries), ("0" * 64,) * len(entries))
    store: Any = _Empty()
    return Shelf(store, register, manifests)


def _text(language: str, words: list[str], chance: random.Random) -> InLanguage:
    title = " ".join(chance.sample(words, 4)).capitalize()
    conditions = tuple(chance.sample(CONDITIONS, 2))
    translated = "" if language == LANGUAGES[0] else "1.0"
    return InLanguage(title, "What to expect", DAY, date(2029, 11, 29), "0", conditions, (), translated)


def _file(booklet: str, language: str, layout: str, points: int) -> EditionFile:
    name = f"{booklet}-1.0-{language}-{layout}.pdf"
    return EditionFile(name, language, layout, points, False, "", 16)


def with_words(rows: tuple[Row, ...], words: list[str], chance: random.Random) -> tuple[Row, ...]:
    """The rows with words as of a text: a few are in most of them, most in a few (Zipf)."""
    weights = [1 / (rank + 10) for rank in range(len(words))]
    drawn = (tuple(sorted(set(chance.choices(words, weights, k=EACH)))) for _ in rows)
    return tuple(replace(row, words=own) for row, own in zip(rows, drawn, strict=True))


def write_catalogue(folder: Path, editions: int) -> tuple[list[str], tuple[Row, ...]]:
    """Write a catalogue of so many editions; returns all words, the commonest first, and its rows."""
    chance = random.Random(7)
    words = vocabulary(chance)
    stock = shelf(editions, words, chance)
    before = site_before(folder).value
    assert before
    with built(before) as site:
        house = House(name="The House of Health")
        wanted = Wanted(stock, house, (PROJECT,), folder, DAY)
        rows = with_words(rows_of(stock), words, chance)
        write_pages(wanted, site, rows, {})
    return words, rows


#: Types letter by letter, and tells how long each took until the list was there.
TYPE = """async (text) => {
  const words = document.getElementById('-words'), found = document.getElementById('-found');
  const times = [];
  for (let end = 1; end <= text.length; end++) {
    // So that an empty list that takes the place of another is seen, too.
    found.append(document.createElement('li'));
    const begun = performance.now();
    const shown = new Promise((done) => {
      const watch = new MutationObserver(() => { watch.disconnect(); done(); });
      watch.observe(found, { childList: true });
      setTimeout(done, 2000);
    });
    words.value = text.slice(0, end);
    words.dispatchEvent(new Event('input'));
    await shown;
    found.getBoundingClientRect();
    times.push(performance.now() - begun);
  }
  return times;
}"""


def measure(base: str, words: list[str]) -> None:
    """Type words of titles, texts, and two at once, and tell how long it took."""
    with sync_playwright() as play:
        # The press lets nobody see the machine's fonts, without which a browser does not start.
        settings: dict[str, str | float | bool] = {**os.environ}
        settings.pop("FONTCONFIG_FILE", None)
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = play.chromium.launch(executable_path=which("chromium"), args=arguments, env=settings)
        page = browser.new_page()
        page.goto(base)
        begun = page.evaluate("performance.now()")
        page.focus("#-words")
        page.locator("#-language option").nth(1).wait_for(state="attached")
        sys.stdout.write(f"list fetched and ready: {page.evaluate('performance.now()') - begun:.0f} ms\n")
        kinds = {
            "common words": words[:8],
            "rare words": words[-8:],
            "two words": [f"{one} {other}" for one, other in zip(words[20:28], words[200:208], strict=True)],
            "codes": [f"HI{number:05}" for number in range(0, 1600, 200)],
        }
        for kind, texts in kinds.items():
            times = [time for text in texts for time in page.evaluate(TYPE, text)]
            again = [time for text in texts for time in page.evaluate(TYPE, text)]
            for what, found in ((kind, times), (f"{kind}, again", again)):
                half, most = median(found), max(found)
                sys.stdout.write(
                    f"{what}: {half:.0f} ms at the median, {most:.0f} at most, {len(found)} letters\n"
                )
        browser.close()


def main(editions: int) -> None:
    """Print what was measured."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "public"
        words, _ = write_catalogue(folder, editions)
        pages = sorted(path.stat().st_size for path in folder.rglob("*.html"))
        lists = sorted(path.stat().st_size for path in folder.glob("assets/words.*.txt"))
        index = next(folder.glob("assets/booklets.*.json")).stat().st_size
        sys.stdout.write(
            f"{len(pages)} pages, the largest of {pages[-1]} bytes; the list of all {index} bytes;\n"
        )
        sys.stdout.write(
            f"{len(lists)} lists of words, the largest of {lists[-1]} bytes, {sum(lists)} in all\n"
        )
        with served(folder) as base:
            measure(base, words)


if __name__ == "__main__":
    main(int((sys.argv[1:] or ["10000"])[0]))
