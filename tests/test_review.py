"""Does report.html show each finding on its page, with its lines and its reason, to everybody?"""

import json
import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from shutil import copy, which

import pytest
from axe_playwright_python.sync_playwright import Axe
from command import TODAY, Ran, build, run
from playwright.sync_api import Browser, Page, sync_playwright
from publisher import BOOKLET, BOOKLET_FILE, changed, with_block, write_publisher

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
    report = (tmp_path / "dist/colds/1.0/report.html").read_text(encoding="utf-8")
    assert "All checks passed: nothing was found." in report


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        # The press lets nobody see the machine's fonts, without which the report has no words.
        environment: dict[str, str | float | bool] = {**os.environ}
        environment.pop("FONTCONFIG_FILE", None)
        started = play.chromium.launch(executable_path=CHROMIUM, args=arguments, env=environment)
        yield started
        started.close()


def opened(browser: Browser, folder: Path) -> Page:
    """The report of a folder, opened from disk."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((folder / "report.html").as_uri())
    return page


@pytest.fixture(scope="module")
def page(browser: Browser, folder: Path) -> Page:
    """The report of the build."""
    return opened(browser, folder)


@needs_chromium
def test_it_passes_axe_wide_and_narrow(page: Page) -> None:
    assert_everybody_can_use_it(page)


def assert_everybody_can_use_it(page: Page) -> None:
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1280, "height": 900})


@needs_chromium
def test_a_finding_and_its_mark_lead_to_one_another_by_keyboard(page: Page) -> None:
    assert_keys_lead_there_and_back(page)


def assert_keys_lead_there_and_back(page: Page) -> None:
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


# --- The report of `check` -----------------------------------------------------------------------

PDF = "colds-1.0-en-GB-a5-booklet.pdf"


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Path]:
    """A check of an edition whose source has changed, of a stranger of its name, and of no PDF at all."""
    root = write_publisher(tmp_path_factory.mktemp("check"), files={"post/letter.pdf": "Dear reader"})
    assert build(root).status == 0
    edition = root / "dist/colds/1.0" / PDF
    copy(edition, root / "post")
    (root / BOOKLET_FILE).write_text(changed(BOOKLET, "by themselves", "in a week"), encoding="utf-8")
    files = edition, root / "post" / PDF, root / "post/letter.pdf"
    return run("check", *files, "--root", root, "--today", TODAY, "--report", root / "new/report"), root


def test_a_check_writes_its_report_where_it_is_told_and_says_so(checked: tuple[Ran, Path]) -> None:
    ran, root = checked
    assert ran.status == 2
    assert ran.out.endswith(f"\n\nThe report is {root}/new/report/report.html\n")
    assert sorted(path.name for path in root.glob("new/report/*")) == ["report.html", "report.json"]
    assert sorted(path.name for path in root.glob("post/*")) == [PDF, "letter.pdf"]
    kept = json.loads((root / "new/report/report.json").read_bytes())
    assert [problem["code"] for problem in kept["problems"]].count("words-missing") == 2
    html = (root / "new/report/report.html").read_text(encoding="utf-8")
    assert "<h1>3 files: what the checker found</h1>" in html
    # Two files have one name, and so are told by their folders.
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", html)
    assert headings == [str(root / "dist/colds/1.0" / PDF), str(root / "post" / PDF), "letter.pdf"]
    assert "The PDF cannot be read: it is no PDF" in html.partition("letter.pdf</h2>")[2]


@needs_chromium
def test_the_report_of_a_check_serves_everybody(browser: Browser, checked: tuple[Ran, Path]) -> None:
    page = opened(browser, checked[1] / "new/report")
    assert_everybody_can_use_it(page)
    assert_keys_lead_there_and_back(page)
    assert page.locator("img").count() == 2
    assert page.locator("img").first.evaluate("picture => picture.naturalWidth") > 600


def test_without_a_folder_nothing_is_written_and_a_hint_tells_how(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={"letter.pdf": "Dear reader"})
    before = sorted(tmp_path.rglob("*"))
    ran = run("check", root / "letter.pdf", "--root", root)
    assert ran.out.endswith("\n\nhint: --report DIR writes a report that shows the findings on their pages\n")
    assert sorted(tmp_path.rglob("*")) == before


def test_one_file_gives_the_report_its_title(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={"<b>.pdf": "Dear reader"})
    ran = run("check", root / "<b>.pdf", "--root", root, "--report", tmp_path, "--json")
    assert ran.data == json.loads((tmp_path / "report.json").read_bytes())
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<title>&lt;b&gt;.pdf: what the checker found</title>" in html


def test_a_name_that_is_no_text_does_no_harm(tmp_path: Path) -> None:
    root, name = write_publisher(tmp_path / "root"), os.fsdecode(b"b\xe9b\xe9.pdf")
    (root / name).touch()
    ran = run("check", root / name, "--root", root, "--report", tmp_path / "new")
    assert ran.status == 2
    assert "<h1>b\ufffdb\ufffd.pdf: " in (tmp_path / "new/report.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "new/report.json").read_bytes())["problems"][0]["pdf"] == name


def test_a_place_where_no_report_can_be_is_told_before_the_work(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={"letter.pdf": "Dear reader"})
    ran = run("check", root / "letter.pdf", "--root", root, "--report", root / "letter.pdf")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == f"Stopped: File exists: {root}/letter.pdf\n"
    refused = run("check", root / "none.pdf", "--root", root, "--report", root / "new")
    assert refused.status == 2
    assert not (root / "new").exists()
