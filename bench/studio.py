"""How soon after a file is saved does the new page stand in the browser? Asked in Chromium.

    python bench/studio.py [ROUNDS]

Of a booklet of 32 pages: a sentence that is changed, on one page, and the title, which stands on all of them.
From the moment before the file is written to the moment when the browser has drawn the new picture.
"""

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from content import booklet, write_folder
from measures import EDIT
from playwright.sync_api import Page, sync_playwright
from serve import PROJECT

DAY = "2026-11-29"

#: Notes when the picture of a page that can be seen is exchanged, and drawn.
NOTES = """() => {
  window.drawn = 0;
  new MutationObserver((found, self) => {
    if (!found.some((one) => one.attributeName === "src")) return;
    self.disconnect();
    requestAnimationFrame(() => { window.drawn = performance.timeOrigin + performance.now(); });
  }).observe(document.getElementById("pages"), {subtree: true, attributes: true, attributeFilter: ["src"]});
}"""


def _saved(page: Page, file: Path, text: str) -> float:
    """Milliseconds from a file's being saved to its page's being there."""
    page.evaluate(NOTES)
    began = time.time()
    file.write_text(text, encoding="utf-8")
    page.wait_for_function("() => window.drawn > 0", polling=5)
    took = float(page.evaluate("() => window.drawn")) - began * 1000
    page.wait_for_function("() => news.checked && !news.more", timeout=60_000)
    return took


def _turned_to(page: Page, file: Path, text: str) -> None:
    """Have in view the first page that a change changes: an editor looks at what is written."""
    before = page.evaluate("() => news.number")
    file.write_text(text, encoding="utf-8")
    page.wait_for_function("(number) => news.number > number && news.checked && !news.more", arg=before)
    page.evaluate("() => document.getElementById('page-' + news.changed[0]).scrollIntoView()")
    page.wait_for_timeout(1000)


def _edits(text: str, rounds: int) -> Iterator[tuple[str, str]]:
    """The text with another sentence, or another title, each time; what was changed goes back."""
    places = [found.start() for found in re.finditer(EDIT[0], text)]
    for number in range(rounds):
        at = places[number * len(places) // rounds]
        yield "a sentence", text[:at] + text[at:].replace(*EDIT, 1)
        yield "the title", re.sub("^title: .*", f"title: Edition {number}", text, flags=re.MULTILINE)


def main(rounds: int) -> None:
    """Print the medians, and the longest."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as play:
        root = Path(name)
        write_folder(root, [booklet(0)])
        file = root / "source/booklets/library-1/booklet.yaml"
        words = [sys.executable, "-P", "-m", "booklet.cli", "proof", "--no-browser", "--root", str(root)]
        settings = {**os.environ, "PYTHONPATH": str(PROJECT)}
        with subprocess.Popen(  # noqa: S603 - ours
            [*words, "--port", "0", "--today", DAY], env=settings, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout
                url = process.stdout.readline().split(" at ")[1].split()[0]
                # The press lets nobody see the machine's fonts, and without any Chromium ends.
                own: dict[str, str | float | bool] = {**os.environ}
                own.pop("FONTCONFIG_FILE", None)
                arguments, chromium = ["--no-sandbox", "--disable-gpu"], shutil.which("chromium")
                browser = play.chromium.launch(executable_path=chromium, args=arguments, env=own)
                page = browser.new_page(viewport={"width": 1400, "height": 900})
                page.goto(f"{url}booklets/library-1/")
                page.wait_for_function("() => news && news.checked", timeout=120_000)
                took: dict[str, list[float]] = {}
                usual = file.read_text(encoding="utf-8")
                for what, text in _edits(usual, rounds):
                    _turned_to(page, file, text)
                    took.setdefault(what, []).extend(_saved(page, file, one) for one in (usual, text))
                    _turned_to(page, file, usual)
                for what, times in took.items():
                    middle, longest = statistics.median(times), max(times)
                    sys.stdout.write(
                        f"{what}: {middle:.0f} ms, at the most {longest:.0f} ms, of {len(times)}\n"
                    )
                browser.close()
            finally:
                process.send_signal(signal.SIGINT)


if __name__ == "__main__":
    main(int((sys.argv[1:] or ["5"])[0]))
