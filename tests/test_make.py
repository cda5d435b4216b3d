"""Is an edition the same whoever makes it, and is a good one never lost to a bad one?"""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from command import PROJECT, TODAY, build, command
from command import settings as environment
from publisher import (
    BLOCKS,
    BOOKLET,
    DRAWING,
    HOUSE,
    PICTURE_FILE,
    block,
    changed,
    with_block,
    write_publisher,
)
from pypdf import PdfReader

from booklet.make import Job, Made, make
from booklet.problem import Severity
from booklet.store import write_whole

PDF = "colds/1.0/colds-1.0-en-GB-a5-booklet.pdf"
REJECTED = "colds/1.0/colds-1.0-en-GB-a5-booklet.rejected.pdf"
EVERYTHING = BOOKLET
for _kind in BLOCKS:
    EVERYTHING = with_block(block(_kind), EVERYTHING)
FILES = {PICTURE_FILE: DRAWING, "source/shared/emergency.yaml": block("callout")}


def made(
    root: Path, layout: str = "a5-booklet", today: str = TODAY, *, size: int = 0, grey: bool = False
) -> Made:
    """Make the booklet `colds` in this process."""
    roots, day = (root, PROJECT), date.fromisoformat(today)
    return make([Job(roots, root / "dist", "colds", "", layout, day, size, grey)])[0]


# --- The same bytes ------------------------------------------------------------------------


def test_two_machines_make_the_same_bytes(tmp_path: Path) -> None:
    editions = []
    for name, seed, mask, zone in (("here", "1", 0o077, "UTC"), ("over there", "2", 0o002, "Asia/Tokyo")):
        root = write_publisher(tmp_path / name, EVERYTHING, files=FILES)
        words = command("build", "--root", root, "--today", TODAY)
        with TemporaryDirectory() as scratch:  # its name is short enough for sockets
            own = environment(PYTHONHASHSEED=seed, TMPDIR=scratch, TZ=zone, HOME=scratch)
            ran = subprocess.run(
                words, env=own, umask=mask, cwd=scratch, stdout=subprocess.PIPE, text=True, check=False
            )
            assert [path for path in Path(scratch).iterdir() if not path.name.startswith(".coverage")] == []
        assert ran.returncode == 0, ran.stdout
        editions.append(root / "dist" / PDF)
    one, other = editions
    assert one.read_bytes() == other.read_bytes()
    assert one.stat().st_mode & 0o777 == other.stat().st_mode & 0o777 == 0o644


def test_a_changed_comma_makes_other_bytes_and_another_identifier(tmp_path: Path) -> None:
    before = made(write_publisher(tmp_path))
    first = (tmp_path / "dist" / before.pdf).read_bytes()
    after = made(write_publisher(tmp_path, changed(BOOKLET, "colds go", "colds, go")))
    second = (tmp_path / "dist" / after.pdf).read_bytes()
    assert before.digest != after.digest
    assert re.findall(rb"/ID ?\[.*?\]", first) != re.findall(rb"/ID ?\[.*?\]", second)


def test_the_same_source_has_the_same_digest(tmp_path: Path) -> None:
    assert made(write_publisher(tmp_path / "a")).digest == made(write_publisher(tmp_path / "b")).digest


# --- Written, or not -----------------------------------------------------------------------


def test_a_failed_build_leaves_the_last_good_file_and_puts_the_new_one_beside_it(tmp_path: Path) -> None:
    made(write_publisher(tmp_path))
    good, rejected = tmp_path / "dist" / PDF, tmp_path / "dist" / REJECTED
    before = good.read_bytes()
    failed = made(
        write_publisher(tmp_path, changed(BOOKLET, "by themselves", "in a week")), today="2030-01-01"
    )
    assert not failed.passed
    assert failed.pdf == REJECTED
    assert good.read_bytes() == before
    assert rejected.read_bytes() != before
    assert {problem.pdf for problem in failed.problems} == {good.name}
    passed = made(tmp_path)
    assert passed.passed
    assert good.read_bytes() != before
    assert not rejected.exists()


def test_a_source_that_cannot_be_read_leaves_the_last_good_file(tmp_path: Path) -> None:
    made(write_publisher(tmp_path))
    before = (tmp_path / "dist" / PDF).read_bytes()
    failed = made(write_publisher(tmp_path, changed(BOOKLET, "version:", "versoin:")))
    assert (failed.readable, failed.pdf, failed.pages) == (False, "", 0)
    assert (tmp_path / "dist" / PDF).read_bytes() == before


def test_a_write_that_breaks_off_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "folder" / "edition.pdf"
    write_whole(path, b"old")

    def break_off(*_paths: object) -> None:
        raise OSError(28, "No space left on device")

    for step in ("replace", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, break_off)
            with pytest.raises(OSError, match="No space left"):
                write_whole(path, b"new")
        assert path.read_bytes() == b"old"
        assert list(path.parent.iterdir()) == [path]
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_process_that_is_killed_while_it_writes_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "edition.pdf"
    write_whole(path, b"old")
    script = (
        "import os, pathlib, booklet.store as store\n"
        "os.fsync = lambda number: os.kill(os.getpid(), 9)\n"
        f"store.write_whole(pathlib.Path({str(path)!r}), b'new' * 100_000)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], env=environment(), check=False)
    assert ran.returncode == -9
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir() if not each.name.startswith(".")] == ["edition.pdf"]


# --- What is wrong with a layout -----------------------------------------------------------


def own_layout(root: Path, css: str) -> Made:
    """The booklet in a layout that adds this style sheet to the base."""
    recipe = "extends: base\ndescription: Ours.\n"
    files = {"layouts/own/layout.yaml": recipe, "layouts/own/page.css": css}
    return made(write_publisher(root, files=files), "own")


@pytest.mark.parametrize(
    ("css", "told"),
    [
        ("h1 { colour: red }", "unknown property"),
        ("h1 { font-size: 3furlong }", "invalid value"),
        ("h1 } color: red", "qualified rule"),
        ("@import url(https://example.org/x.css);", "@import"),
    ],
)
def test_a_warning_of_the_renderer_is_a_problem(tmp_path: Path, css: str, told: str) -> None:
    edition = own_layout(tmp_path, css)
    assert [problem.code for problem in edition.problems] == ["render-warning"]
    assert told in edition.problems[0].message
    assert not edition.passed


@pytest.mark.parametrize(
    "css",
    [
        "h1 { background: url(file:///etc/passwd) }",
        "h1 { background: url(https://example.org/x.png) }",
        "h1 { background: url(//example.org/x.png) }",
        "h1 { background: url(icons/no-such.svg) }",
        "@font-face { font-family: Other; src: url(file:///usr/share/x.ttf) }",
    ],
)
def test_a_style_sheet_that_asks_for_something_outside_is_refused(tmp_path: Path, css: str) -> None:
    failed = own_layout(tmp_path, css)
    assert [problem.code for problem in failed.problems] == ["render-refused"]
    assert not failed.readable
    assert not (tmp_path / "dist").exists()


def test_what_decides_the_bytes_is_kept_in_the_report(tmp_path: Path) -> None:
    build(write_publisher(tmp_path))
    report = (tmp_path / "dist/colds/1.0/report.json").read_text(encoding="utf-8")
    assert '"weasyprint ' in report
    assert '"libpango-1.0.so' in report or sys.platform != "linux"


# --- Until when a verdict holds ------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "until"),
    [("2026-11-24", "2027-05-31"), ("2027-05-31", "2027-05-31"), ("2027-06-01", "2029-11-23")],
)
def test_a_verdict_holds_until_the_next_day_that_matters(tmp_path: Path, today: str, until: str) -> None:
    assert str(made(write_publisher(tmp_path), today=today).valid_until) == until


def test_a_verdict_that_no_day_ends_holds_for_ever(tmp_path: Path) -> None:
    assert made(write_publisher(tmp_path), today="2030-01-01").valid_until is None


# --- Verdicts -----------------------------------------------------------------------------


def test_a_language_that_the_layouts_do_not_speak_is_told(tmp_path: Path) -> None:
    edition = made(write_publisher(tmp_path, changed(BOOKLET, "language: en-GB", "language: eo")))
    assert [problem.code for problem in edition.problems] == ["unknown-language"]
    assert not edition.readable


def test_a_language_that_no_font_can_print_is_told_at_the_booklets_line(tmp_path: Path) -> None:
    edition = made(write_publisher(tmp_path, changed(BOOKLET, "language: en-GB", "language: am")))
    (problem,) = edition.problems
    assert problem.code == "language-without-font"
    assert "Amharic" in problem.message
    assert problem.where.line == BOOKLET[: BOOKLET.index("language: ")].count("\n") + 1
    assert not edition.readable


def test_lists_paragraphs_and_numbers_in_any_item_pass(tmp_path: Path) -> None:
    deep = r"one\n\n  more\n\n  - inner\n    1. third\n    2. fourth\n\n    inmost\n  - other\n\n  after"
    item = r"Do this:\n\n- a one\n- b two\n\nand then\n\n1. a third"
    booklet = BOOKLET
    for kind, keys in {
        "text": {"markdown": rf'"- {deep}\n- two"'},
        "callout": {"content": rf'"1. {deep.replace(chr(92) + "n", chr(92) + "n ")}\n2. two"'},
        "steps": {"items": f'["{item}", "1", "{item}", "4", "- a\\n- b"]'},
        "checklist": {"items": f'["{item}", "2"]'},
        "questions": {"items": f'["{item}"]'},
        "key_points": {"items": f'["{item}"]'},
        "terms": {"items": f'[{{term: Virus, text: "{item}"}}]'},
    }.items():
        booklet = with_block(block(kind, **keys), booklet)
    edition = made(write_publisher(tmp_path, booklet))
    assert [problem for problem in edition.problems if problem.severity is not Severity.ADVICE] == []


def test_a_step_with_a_list_in_it_goes_on_over_the_page(tmp_path: Path) -> None:
    items = "".join(rf"\n- thing {number}" for number in range(20))
    steps = block("steps", items=f'["Bring with you:\\n{items}\\n\\nThen come."]')
    edition = made(write_publisher(tmp_path, with_block(steps)))
    assert edition.problems == ()
    first, second = (page.extract_text() for page in PdfReader(tmp_path / "dist" / edition.pdf).pages[1:3])
    assert "thing 8" in first  # as many as there is room for
    assert "thing 19" in second


def test_a_keyboards_micro_sign_is_printed(tmp_path: Path) -> None:
    text = changed(BOOKLET, "Most colds go away by themselves.", "Take 250 \u00b5g a day.")
    edition = made(write_publisher(tmp_path, text))
    assert edition.problems == ()
    assert "250 \u03bcg" in PdfReader(tmp_path / "dist" / edition.pdf).pages[1].extract_text()


def test_a_title_may_be_one_of_the_layouts_own(tmp_path: Path) -> None:
    titles = ["Contents", "About this booklet", "At a glance", "All about colds", "Part", "Part 1", "5"]
    titles += ["Notes", "Your local team", "Words you may hear", "About our information", "Contents 5"]
    sections = ""
    for number, title in enumerate(titles):
        inside = f"[{{id: in-{number}, title: {title}, content: [Words of {number}.]}}]"
        sections += f"  - {{id: s-{number}, title: {title}, content: [Rest.], sections: {inside}}}\n"
    own = "about: For you.\nkey_points: [Rest]\nglossary: [{term: Virus, meaning: A germ}]\n"
    edition = made(write_publisher(tmp_path, own + BOOKLET + sections))
    assert [problem for problem in edition.problems if problem.severity is not Severity.ADVICE] == []


def test_every_kind_of_block_together_passes(tmp_path: Path) -> None:
    edition = made(write_publisher(tmp_path, EVERYTHING, files=FILES))
    assert edition.problems == ()
    assert edition.passed


def test_an_error_outweighs_what_else_is_well(tmp_path: Path) -> None:
    edition = made(write_publisher(tmp_path, changed(BOOKLET, "2029-11-23", "2032-11-23")))
    assert [problem.code for problem in edition.problems] == ["review-far"]
    assert edition.passed
    failed = made(write_publisher(tmp_path, house=changed(HOUSE, "to: 2027-05-31", "to: 2026-11-22")))
    assert "mark-not-granted" in {problem.code for problem in failed.problems}
    assert not failed.passed
    assert not replace(edition, pages=0).passed


# --- Forms --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layout", "size", "grey", "name"),
    [
        ("a5-booklet", 0, True, "colds-1.0-en-GB-a5-booklet-grey.pdf"),
        ("a4-leaflet", 0, False, "colds-1.0-en-GB-a4-leaflet.pdf"),
        ("a4-leaflet", 0, True, "colds-1.0-en-GB-a4-leaflet-grey.pdf"),
        ("large-print", 0, False, "colds-1.0-en-GB-large-print-18pt.pdf"),
        ("large-print", 14, False, "colds-1.0-en-GB-large-print-14pt.pdf"),
        ("large-print", 22, True, "colds-1.0-en-GB-large-print-22pt-grey.pdf"),
        ("large-print", 28, False, "colds-1.0-en-GB-large-print-28pt.pdf"),
    ],
)
def test_every_kind_of_block_passes_in_every_form(
    tmp_path: Path, layout: str, size: int, grey: bool, name: str
) -> None:
    root = write_publisher(tmp_path, EVERYTHING, files=FILES)
    edition = made(root, layout, size=size, grey=grey)
    assert [problem for problem in edition.problems if problem.severity is not Severity.ADVICE] == []
    assert edition.name == name


@pytest.mark.parametrize("grey", [False, True])
def test_a_leaflet_of_six_pages_has_room_for_every_block_but_not_for_all(tmp_path: Path, grey: bool) -> None:
    edition = made(write_publisher(tmp_path, EVERYTHING, files=FILES), "dl-leaflet", grey=grey)
    (told,) = (problem for problem in edition.problems if problem.severity is not Severity.ADVICE)
    assert told.code == "page-count"
    found = re.fullmatch(
        r"The text takes (\d+) pages, and the folded sheet has 6: about (\d+) words \(\d+ mm\) are too many",
        told.message,
    )
    assert found
    assert (int(found[1]), edition.passed) == (edition.pages, False)


def test_a_leaflet_that_is_too_long_passes_when_so_many_words_are_gone(tmp_path: Path) -> None:
    def of_paragraphs(count: int) -> Made:
        lines = "\n\n".join("It may help to drink a glass of warm water." for _ in range(count))
        text = block("text", markdown=json.dumps(lines))
        return made(write_publisher(tmp_path, with_block(text)), "dl-leaflet")

    long = of_paragraphs(90)
    (told,) = (problem for problem in long.problems if problem.code == "page-count")
    words = int(re.findall(r"about (\d+) words", told.message)[0])
    assert 0 < words < 900
    assert "page-count" in {problem.code for problem in of_paragraphs(90 - words // 20).problems}
    assert "page-count" not in {problem.code for problem in of_paragraphs(89 - words // 10).problems}


def test_a_short_leaflet_has_six_pages(tmp_path: Path) -> None:
    edition = made(write_publisher(tmp_path), "dl-leaflet")
    assert (edition.problems, edition.pages) == ((), 6)
    sizes = [page.mediabox for page in PdfReader(tmp_path / "dist" / edition.pdf).pages]
    assert [round(float(size.width) / 72 * 25.4, 1) for size in sizes] == [99.5, 99.5, 99.5, 98, 98, 99.5]


@pytest.mark.parametrize("layout", ["a4-leaflet", "large-print"])
def test_a_booklet_with_parts_passes_in_every_layout(tmp_path: Path, layout: str) -> None:
    inside = "[{id: inside, title: More of them, content: [They come in winter.]}]"
    part = f"  - {{id: more, title: More colds, content: [There are many.], sections: {inside}}}\n"
    points = "key_points: [" + ", ".join(f"Point {number}" for number in range(40)) + "]\n"
    edition = made(write_publisher(tmp_path, points + BOOKLET + part), layout)
    assert [problem for problem in edition.problems if problem.severity is not Severity.ADVICE] == []


#: Gradients of each kind, one of several colours and one that fades.
GRADIENTS = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200"><defs>
<linearGradient id="l"><stop offset="0" stop-color="#f00"/><stop offset="1" stop-color="#00f"/>
</linearGradient><radialGradient id="r"><stop offset="0" stop-color="#ff0"/>
<stop offset=".5" stop-color="#f00"/>
<stop offset="1" stop-color="#080" stop-opacity=".3"/></radialGradient></defs>
<rect width="60" height="60" fill="url(#l)"/><circle cx="200" cy="50" r="30" fill="url(#r)"/></svg>"""


def test_a_gradient_has_no_colour_in_a_grey_edition(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, with_block(block("figure")), files=FILES | {PICTURE_FILE: GRADIENTS})
    edition = made(root, grey=True)
    assert [problem for problem in edition.problems if problem.severity is not Severity.ADVICE] == []
