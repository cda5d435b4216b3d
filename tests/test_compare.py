"""Does an editor see what has changed between two versions, where it is, and nothing else?"""

import asyncio
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from command import PROJECT, build
from playwright.sync_api import Browser, Page, expect
from publisher import (
    BOOKLET,
    BOOKLET_FILE,
    DRAWING,
    PICTURE_FILE,
    block,
    changed,
    with_block,
    write_publisher,
)
from starlette.requests import Request
from test_changed import put_release
from test_review import browser, needs_chromium  # noqa: F401 - a fixture
from test_studio import PATIENCE, edit, get, port  # noqa: F401 - a fixture

from booklet.compare import NOW, Asked, Compared, compared
from booklet.inspect import inspect_pdf
from booklet.register import Register
from booklet.release import publish
from booklet.released import FileSaid, InLanguage, Manifest
from booklet.store import Folder as StoreFolder
from booklet.studio import Studio
from booklet.view import Wanted

DAY, PDF = date(2026, 11, 23), "colds-1.0-en-GB-a5-booklet.pdf"
PAGE = "/booklets/colds/compare"
FILLER = "      - People catch a cold several times a year, and children more often than grown-ups do.\n"
#: Some pages of text, in which each paragraph can be told from the others.
LONG = BOOKLET + "".join(FILLER.replace("People", f"In town {number} people") for number in range(60))
FIGURE = with_block(block("figure", code=None, credit=None, width="full"), LONG)
NEXT = ('version: "1.0"', 'version: "1.1"')


def publisher(folder: Path, before: str, now: str, files: dict[str, str] | None = None) -> Path:
    """A publisher's folder with a release of one text, and another text as it is now."""
    pictures = {PICTURE_FILE: DRAWING}
    root = write_publisher(folder, now, files=pictures | (files or {}))
    put_release(root, write_publisher(folder / "before", before, files=pictures))
    shutil.rmtree(root / "before")
    return root


def compare(
    root: Path, language: str = "", old: str = "1.0", new: str = NOW, layout: str = "a5-booklet"
) -> Compared:
    return compared(Asked(Wanted((root, PROJECT), "colds", language, layout), old, new))


def told(found: Compared) -> list[tuple[str, str]]:
    """What is gone and new in words, without what every new version changes."""
    assert found.problems == ()
    every = {one.number: (one.gone.strip(), one.new.strip()) for row in found.rows for one in row.words}
    return [both for both in every.values() if both not in (("1.0", "1.1"), ("HI900/1.0", "HI900/1.1"))]


def drawn(found: Compared) -> list[str]:
    return [one for row in found.rows for one in row.drawn]


# --- Words ------------------------------------------------------------------------------------------


def test_a_changed_word_is_marked_at_its_place_and_nothing_else(tmp_path: Path) -> None:
    found = compare(publisher(tmp_path, LONG, changed(LONG, "In town 31 people", "In town 31 adults")))
    assert told(found) == [("people", "adults")]
    (row,) = [row for row in found.rows if row.words]
    assert row.old
    assert row.new
    (gone,), (new,) = row.old.words, row.new.words
    assert (gone.kind, new.kind) == ("gone", "new")
    # The letters before it are the same, so that both begin at the same place.
    assert gone.box[:2] == pytest.approx(new.box[:2], abs=0.5)
    assert 0 < gone.box[0] < gone.box[2] < row.old.width
    assert drawn(found) == []


def test_what_is_the_same_has_no_marks(tmp_path: Path) -> None:
    found = compare(publisher(tmp_path, LONG, LONG))
    assert told(found) == []
    assert drawn(found) == []
    assert all(row.same for row in found.rows)


def test_a_word_that_came_to_another_page_is_not_marked(tmp_path: Path) -> None:
    more = (
        "      - These words are new here, and make a paragraph of several lines, so that others move on.\n"
    )
    now = changed(LONG, "      - Most colds", more + "      - Most colds")
    found = compare(publisher(tmp_path, LONG, now))
    assert told(found) == [("", more.strip(" -\n"))]
    rows = [row for row in found.rows if row.words]
    assert len(rows) == 1
    assert not all(row.same for row in found.rows if row.new and row.new.number > 3)


def test_a_paragraph_that_was_moved_is_told_as_moved(tmp_path: Path) -> None:
    moved = "      - Wash your hands before each meal and after it.\n"
    before = changed(LONG, "      - Most colds", moved + "      - Most colds")
    found = compare(publisher(tmp_path, before, LONG + moved))
    (one,) = {one.number: one for row in found.rows for one in row.words}.values()
    assert one.moved
    assert one.new.strip() == moved.strip(" -\n")
    assert one.pages[0] < one.pages[1]


def test_a_page_that_was_put_in_stands_alone_and_the_rest_is_still_paired(tmp_path: Path) -> None:
    section = "  - id: NAME\n    title: About NAME\n    content:\n      - All of NAME is said here.\n"
    layout = {
        "layouts/apart/layout.yaml": "extends: a5-booklet\ndescription: x\n",
        "layouts/apart/page.css": "h2 { break-before: page }\n",
    }
    parts = [section.replace("NAME", name) for name in ("one", "two", "three")]
    before = BOOKLET + parts[0] + parts[2]
    root = publisher(tmp_path, before, BOOKLET + "".join(parts), layout)
    rows = compare(root, layout="apart").rows
    alone = [row for row in rows if row.old is None]
    said = [[one.new.strip() for one in row.words] for row in alone]
    assert ["About two", "All of two is said here."] in said
    assert all(row.new for row in rows)
    for row in rows:
        assert row.old is None or not any("three" in one.new for one in row.words if one.pages[1] > 4), row


def test_pages_that_are_referred_to_move_without_a_mark(tmp_path: Path) -> None:
    link = "      - Read more in [the end](#end).\n"
    end = "  - id: end\n    title: The end\n    content:\n      - That is all.\n"
    before = changed(LONG, "      - Most colds", link + "      - Most colds") + end
    more = "".join(FILLER.replace("People", f"In village {number} people") for number in range(20))
    found = compare(publisher(tmp_path, before, before.replace(end, more + end)))
    # Blank pages at the end have become pages for text.
    assert [both for both in told(found) if both != ("Notes", "")] == [
        ("", f"In village {number} people{FILLER.partition('People')[2].rstrip()}") for number in range(20)
    ]


def test_a_dose_is_no_page_though_a_link_beside_it_leads_to_one_with_its_number(tmp_path: Path) -> None:
    links = "      - Read [the start](#colds) and [the end](#end) first.\n      - Take 1 tablet a day.\n"
    end = "  - id: end\n    title: The end\n    content:\n      - That is all.\n"
    text = changed(LONG, "      - Most colds", links + "      - Most colds") + end
    pdf = compare(publisher(tmp_path / "pages", text, text)).versions
    assert pdf
    facts = inspect_pdf(pdf[0].pdf).value
    assert facts
    start, last = (
        facts.labels[next(one.to_page for one in facts.links if one.name == name) - 1]
        for name in ("colds", "end")
    )
    before, now = (text.replace("Take 1 tablet", f"Take {page} tablets") for page in (start, last))
    found = compare(publisher(tmp_path / "doses", before, now))
    assert told(found) == [(start, last)]
    (row,) = (row for row in found.rows if any(one.new.strip() == last for one in row.words))
    assert row.old
    assert row.new
    assert row.old.words
    assert row.new.words


def test_a_link_that_leads_elsewhere_is_told_by_its_page(tmp_path: Path) -> None:
    end = "  - id: end\n    title: The end\n    content:\n      - That is all.\n"
    link = "      - Read [more about it](#colds) first.\n"
    before = changed(LONG, "      - Most colds", link + "      - Most colds") + end
    found = told(compare(publisher(tmp_path, before, before.replace("it](#colds)", "it](#end)"))))
    assert [(gone.isdecimal(), new.isdecimal()) for gone, new in found] == [(True, True)]


def test_arabic_is_read_from_right_to_left(tmp_path: Path) -> None:
    arabic = changed(BOOKLET, "language: en-GB", "language: ar")
    before = changed(arabic, "Most colds go away by themselves.", "تزول معظم نزلات البرد من تلقاء نفسها.")
    root = publisher(tmp_path, before, changed(before, "معظم", "جميع"))
    found = compare(root)
    assert told(found) == [("معظم", "جميع")]
    (row,) = [row for row in found.rows if row.words]
    assert row.new
    # It is the second word of its line, so it stands in the right half.
    assert row.new.words[0].box[0] > row.new.width / 2


def test_a_letter_of_chinese_is_a_word(tmp_path: Path) -> None:
    chinese = changed(BOOKLET, "language: en-GB", "language: zh-Hans")
    before = changed(chinese, "Most colds go away by themselves.", "大多数感冒会自行痊愈，请多休息。")
    root = publisher(tmp_path, before, changed(before, "大多数", "大少数"))
    found = compare(root)
    assert told(found) == [("多", "少")]
    (row,) = [row for row in found.rows if row.words]
    assert row.new
    left, _, right, _ = row.new.words[0].box
    assert right - left < 20


# --- Beside the words --------------------------------------------------------------------------------


def test_a_pictures_colour_is_found_by_pixels_and_not_by_words(tmp_path: Path) -> None:
    red = changed(DRAWING, '<circle r="9"/>', '<circle r="9" fill="#c00"/>')
    found = compare(publisher(tmp_path, FIGURE, FIGURE, {PICTURE_FILE: red}))
    assert told(found) == []
    assert drawn(found) == ["picture ‘A round ball’: drawn otherwise"]
    (row,) = [row for row in found.rows if row.drawn]
    assert row.old
    assert row.new
    assert row.old.drawn
    assert row.new.drawn
    assert row.old.words == row.new.words == ()


def test_a_picture_that_moved_with_its_words_is_not_marked_and_its_colour_still_is(tmp_path: Path) -> None:
    now = changed(FIGURE, "      - Most colds", FILLER + "      - Most colds")
    red = changed(DRAWING, '<circle r="9"/>', '<circle r="9" fill="#c00"/>')
    assert drawn(compare(publisher(tmp_path / "same", FIGURE, now))) == []
    found = compare(publisher(tmp_path / "red", FIGURE, now, {PICTURE_FILE: red}))
    assert drawn(found) == ["picture ‘A round ball’: drawn otherwise"]


def test_words_in_another_colour_are_told_beside_the_words(tmp_path: Path) -> None:
    root = released(tmp_path)
    assert drawn(compare(root)) == []
    layout = root / "layouts/a5-booklet"
    shutil.copytree(PROJECT / "layouts/a5-booklet", layout)
    with (layout / "page.css").open("a", encoding="utf-8") as sheet:
        sheet.write("h2 { color: #c00 }\n")
    found = compare(root)
    assert told(found) == []
    assert "‘What a cold is’ is set in another face, size or colour" in " ".join(drawn(found))


def released(folder: Path, now: str = LONG) -> Path:
    """A publisher's folder with a release of LONG, with its edition, and another text as it is now."""
    root = write_publisher(folder / "house", LONG)
    assert build(root).status == 0
    pdf = (root / "dist/colds/1.0" / PDF).read_bytes()
    files = {PDF: pdf} | {
        f"press/{path.relative_to(root)}": path.read_bytes()
        for path in (root / "source").rglob("*")
        if path.is_file()
    }
    said = {name: FileSaid.of(data) for name, data in files.items()}
    text = InLanguage("All about colds", "", DAY, DAY, "0" * 64)
    manifest = Manifest("colds", "1.0", "HI900", DAY, {}, {"en-GB": text}, (), {}, said)
    publish(StoreFolder(root / "releases"), Register(), manifest, files)
    (root / BOOKLET_FILE).write_text(now, encoding="utf-8")
    return root


# --- Versions ----------------------------------------------------------------------------------------


def test_the_file_that_was_released_is_shown_and_another_form_is_set_anew(tmp_path: Path) -> None:
    root = released(tmp_path)
    found = compare(root)
    assert found.versions
    assert found.versions[0].pdf == (root / "releases/colds/1.0" / PDF).read_bytes()
    assert found.versions[0].note == ""
    other = compare(root, layout="a4-leaflet")
    assert other.versions
    assert "1.0 was not released in this form" in other.versions[0].note
    assert told(other) == []


@pytest.mark.parametrize("name", [PDF, "press/source/house.yaml", "manifest.json"])
def test_a_release_that_is_damaged_says_so(tmp_path: Path, name: str) -> None:
    root = released(tmp_path)
    assert compare(root).problems == ()
    path = root / "releases/colds/1.0" / name
    data = path.read_bytes()
    path.write_bytes(data + b" ")
    (problem,) = compare(root).problems
    assert (problem.code, problem.where.file) == ("release-damaged", f"releases/colds/1.0/{name}")
    # What was put back is good again.
    path.write_bytes(data)
    assert compare(root).problems == ()


# --- The page ----------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    now = changed(changed(LONG, *NEXT), "In town 31 people", "In town 31 adults")
    return released(tmp_path, now)


def read(port: int, query: str = "") -> str:  # noqa: F811
    status, said = get(port, f"{PAGE}?{query}")
    assert status == 200, said
    return said.decode()


def test_the_page_says_what_has_changed_without_script(port: int) -> None:  # noqa: F811
    html = read(port)
    assert "<script" not in html
    assert 'style="' not in html
    assert "3 places on 3 of 12 pages" in html
    assert "<del>people</del> <ins>adults</ins>" in html
    for version in ("old=1.0&new=", "old=1.0&new=now", "old=&new="):
        assert "<del>people</del> <ins>adults</ins>" in read(port, version)
    assert "<strong>Nothing differs.</strong>" in read(port, "old=now&new=now")
    assert "<strong>Nothing differs.</strong>" in read(port, "old=1.0&new=1.0")


@pytest.mark.parametrize(
    "query",
    [
        "old=9.9",
        "new=0.1",
        "old=NOW",
        "old=..%2F1.0",
        "new=/etc",
        "show=all",
        "layout=none",
        "language=cy",
        "layout=large-print&points=3",
    ],
)
def test_what_is_not_there_is_not_found(port: int, query: str) -> None:  # noqa: F811
    assert get(port, f"{PAGE}?{query}")[0] == 404


def test_pictures_have_addresses_made_of_what_they_show(port: int) -> None:  # noqa: F811
    addresses = [one.replace("&amp;", "&") for one in re.findall(r'<img src="([^"]+)"', read(port))]
    status, data = get(port, addresses[0])
    assert (status, data[:4]) == (200, b"\x89PNG")
    # Of a version and itself, both sides have one picture.
    same = re.findall(r'<img src="([^"?]+)', read(port, "old=1.0&new=1.0"))
    assert same[::2] == same[1::2]
    assert len(set(same)) == len(same) / 2
    assert get(port, addresses[0].replace("scale=2", "scale=200"))[0] == 404
    assert get(port, f"{PAGE}/{'0' * 32}.png?old=1.0")[0] == 404
    pale = re.findall(r'<img src="([^"]+)"', read(port, "show=pixels"))[0].replace("&amp;", "&")
    assert get(port, pale)[1][:4] == b"\x89PNG"
    assert pale.partition("?")[0] != addresses[0].partition("?")[0]


def test_a_file_that_is_saved_is_compared_anew(root: Path, port: int) -> None:  # noqa: F811
    assert "<ins>adults</ins>" in read(port)
    edit(root, "In town 31 adults", "In town 31 elders")
    html = read(port)
    assert "<ins>elders</ins>" in html
    assert "<ins>adults</ins>" not in html


def test_a_mistake_is_told_with_its_file_line_and_hint(root: Path, port: int) -> None:  # noqa: F811
    edit(root, "title: All about colds", "titel: All about colds")
    html = read(port)
    assert re.search(rf"{BOOKLET_FILE}, line 1: .*`titel`", html)
    assert "did you mean `title`?" in html
    edit(root, "titel: All about colds", "title: All about colds")
    assert "<ins>adults</ins>" in read(port)


def test_a_source_that_is_no_yaml_is_told_and_not_taken_for_one_without_a_release(
    root: Path,
    port: int,  # noqa: F811
) -> None:
    edit(root, "title: All about colds", 'title: "All about colds')
    html = read(port)
    assert re.search(rf"{BOOKLET_FILE}, line \d+: ", html)
    assert "No version of this booklet has been released" not in html


def test_a_damaged_release_is_told(root: Path, port: int) -> None:  # noqa: F811
    path = root / "releases/colds/1.0" / PDF
    path.write_bytes(b"%PDF-1.7")
    html = read(port)
    assert f"releases/colds/1.0/{PDF}, line 1: Version 1.0: It is not as it was released." in html


def test_a_damaged_register_is_told(root: Path, port: int) -> None:  # noqa: F811
    next((root / "releases/register").iterdir()).write_bytes(b"{}")
    assert "It is no entry, or some of it was changed" in read(port)


def test_a_booklet_without_a_release_says_so(root: Path, port: int) -> None:  # noqa: F811
    shutil.rmtree(root / "releases")
    html = read(port)
    assert "No version of this booklet has been released" in html
    assert "<strong>Nothing differs.</strong>" in read(port, "old=now")


class Counting(Executor):
    """Does what it is told at once, or fails, and counts what it was told."""

    def __init__(self, fails: bool = False) -> None:
        self.fails, self.told = fails, 0

    def submit(self, work: Any, /, *args: Any, **named: Any) -> Any:
        self.told += 1
        done: Future[Any] = Future()
        if self.fails:
            done.set_exception(RuntimeError("lost"))
        else:
            done.set_result(work(*args, **named))
        return done


def ask(root: Path, workers: Executor, *queries: str) -> list[str]:
    """What the pages say that are asked for at the same time."""
    studio = Studio((root, PROJECT), lambda: DAY, workers)
    (route,) = [one for one in studio.routes() if one.path == "/booklets/{booklet}/compare"]

    async def answers() -> list[str]:
        scope = {
            "type": "http",
            "method": "GET",
            "path": PAGE,
            "headers": [],
            "path_params": {"booklet": "colds"},
        }
        asked = [Request(scope | {"query_string": query.encode()}) for query in queries]
        found = await asyncio.gather(*(route.endpoint(one) for one in asked))
        return [bytes(one.body).decode() for one in found]

    return asyncio.run(answers())


def test_tabs_that_ask_for_the_same_share_what_came_of_it(root: Path) -> None:
    workers = Counting()
    said = ask(root, workers, "", "old=1.0", "old=1.0&new=now&show=pixels")
    assert workers.told == 1
    assert all("<ins>adults</ins>" in one for one in said)
    ask(root, workers, "", "layout=a4-leaflet")
    assert workers.told == 3


def test_what_no_worker_can_do_is_told(root: Path) -> None:
    (said,) = ask(root, Counting(fails=True), "")
    assert "The two versions could not be compared" in said


@pytest.fixture
def page(browser: Browser, port: int) -> Iterator[Page]:  # noqa: F811
    shown = browser.new_page(viewport={"width": 1400, "height": 900})
    shown.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    faults: list[str] = []
    shown.on("console", lambda said: faults.append(said.text))
    shown.goto(f"http://127.0.0.1:{port}/booklets/colds/?layout=a5-booklet")
    yield shown
    shown.close()
    assert faults == []


@needs_chromium
def test_the_booklets_page_leads_there_and_marks_lie_on_the_pages(page: Page) -> None:
    page.get_by_role("link", name="Compare").click()
    row = page.locator("section.row", has_text="In town 31")
    expect(row.locator("del")).to_have_text("people")
    for kind in ("gone", "new"):
        mark = row.locator(f"g.{kind} rect:not(.halo)")
        expect(mark).to_have_count(1)
        paper = row.locator(".paper", has=page.locator(f"g.{kind}"))
        box, sheet = mark.bounding_box(), paper.bounding_box()
        assert box
        assert sheet
        assert sheet["x"] < box["x"] < box["x"] + box["width"] < sheet["x"] + sheet["width"]
        assert sheet["y"] < box["y"] < box["y"] + box["height"] < sheet["y"] + sheet["height"]
        image = paper.locator("img")
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("one => one.naturalWidth") > sheet["width"]
    page.get_by_role("link", name="All about colds").click()
    expect(page.locator("#told")).to_contain_text("version 1.1")


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(browser: Browser, port: int, scheme: str) -> None:  # noqa: F811
    shown = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    for query in ("", "?show=pixels"):
        for width in (1400, 320):
            shown.set_viewport_size({"width": width, "height": 900})
            shown.goto(f"http://127.0.0.1:{port}{PAGE}{query}", timeout=PATIENCE)
            found = Axe().run(shown)
            assert found.violations_count == 0, found.generate_report()
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
    # Narrow pages have both versions under one another, and the keyboard opens what is folded away.
    left, right = (shown.locator("section.row .leaf").nth(index).bounding_box() for index in (0, 1))
    assert left
    assert right
    assert left["y"] + left["height"] <= right["y"]
    folded = shown.locator("details.same").first
    folded.locator("summary").focus()
    shown.keyboard.press("Enter")
    expect(folded).to_have_attribute("open", "")
    shown.close()
