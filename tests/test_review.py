"""Does report.html show each finding on its page, with its lines and its reason, to everybody?"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from shutil import which

import pytest
from axe_playwright_python.sync_playwright import Axe
from command import build
from playwright.sync_api import Page, sync_playwright
from publisher import BOOKLET, with_block, write_publisher

from booklet.checks import CHECKS

CHROMIUM = which("chromium")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
CSS = ".callout .box-title { color: #999 } #colds ~ p { color: white }"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an edition with faults of all kinds, whose text tries to be HTML."""
    title = "'<script>alert(1)</script>'"
    text = with_block(f"{{kind: callout, tone: tip, title: {title}, content: Rest for two weeks.}}", BOOKLET)
    root = write_publisher(tmp_path_factory.mktemp("review"), text)
    layout = root / "layouts/pale"
    layout.mkdir(parents=True)
    (layout / "layout.yaml").write_text("extends: a5-booklet\ndescription: x\n", encoding="utf-8")
    (layout / "page.css").write_text(CSS, encoding="utf-8")
    assert build(root, "--layout", "pale").status == 1
    return root / "dist/colds/1.0"


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def test_each_finding_has_its_reason_its_line_and_what_to_do(html: str) -> None:
    for code in ("words-faint", "words-unseen", "style-number"):
        assert f"<code>{code}</code>" in html
        assert CHECKS[code].why in html
    assert "source/booklets/colds/booklet.yaml, line 18, block <code>colds/1</code>" in html
    assert re.search(r"<mark>  18 .*Most colds go away by themselves\.", html)


def test_what_is_written_in_a_booklet_is_no_html(html: str) -> None:
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_it_needs_nothing_from_elsewhere(html: str) -> None:
    class Fetched(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            for name, value in attrs:
                if name in ("src", "srcset", "data", "action") or (name == "href" and tag != "a"):
                    assert (value or "").startswith("data:"), (tag, name, value)

    Fetched().feed(html)
    assert "url(" not in html
    assert "@import" not in html


def test_an_edition_without_findings_says_so(tmp_path: Path) -> None:
    assert build(write_publisher(tmp_path)).status == 0
    assert "Nothing was found." in (tmp_path / "dist/colds/1.0/report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(folder: Path) -> Iterator[Page]:
    """The report, opened from disk."""
    with sync_playwright() as play:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        opened.goto((folder / "report.html").as_uri())
        yield opened
        browser.close()


@needs_chromium
def test_it_passes_axe_wide_and_narrow(page: Page) -> None:
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1280, "height": 900})


@needs_chromium
def test_a_finding_and_its_mark_lead_to_one_another_by_keyboard(page: Page) -> None:
    mark = page.locator("a.mark[id]").first
    number = (mark.get_attribute("id") or "").removeprefix("mark-")
    mark.focus()
    page.keyboard.press("Enter")
    assert page.url.endswith(f"#finding-{number}")
    page.get_by_role("link", name=f"show finding {number} on the page").focus()
    page.keyboard.press("Enter")
    assert page.url.endswith(f"#mark-{number}")


@needs_chromium
def test_marks_lie_on_the_picture_of_their_page(page: Page) -> None:
    for mark in page.locator("a.mark[id]").all():
        box, paper = mark.bounding_box(), mark.locator("xpath=..").bounding_box()
        assert box
        assert paper
        assert paper["x"] - 2 <= box["x"] < box["x"] + box["width"] <= paper["x"] + paper["width"] + 2
        assert paper["y"] - 2 <= box["y"] < box["y"] + box["height"] <= paper["y"] + paper["height"] + 2
