"""Is what editors wrote put into the layout as it is, in the right parts, and nothing else run?"""

import re
from html import unescape
from pathlib import Path

import pytest
from command import PROJECT
from publisher import BOOKLET, DRAWING, HOUSE, block, changed, with_block, write_publisher

from booklet.layout import load_layout
from booklet.problem import Outcome
from booklet.source import Source
from booklet.typeset import Part, typeset

RECIPE = "extends: base\ndescription: As large as a hand.\n"
SECTIONS = "sections:\n" + BOOKLET.partition("sections:\n")[2]
PARTS = (
    BOOKLET.partition("sections:\n")[0]
    + """\
sections:
  - {id: first, title: First, content: One.}
  - {id: second, title: Second, content: Two.}
  - id: care
    title: Care
    sections:
      - {id: rest, title: Rest, content: "See [more](#after) and [first](#first)."}
  - {id: after, title: After, content: Three.}
"""
)
HOSTILE = """<script>alert("x")</script> & 'so' {{ 7 * 7 }} {% raw %}"""


def set_in_type(
    root: Path, booklet: str = BOOKLET, house: str = HOUSE, layout: str = "a5-booklet", **files: str
) -> Outcome[tuple[Part, ...]]:
    """What the layout makes of a booklet."""
    write_publisher(root, booklet, house, files)
    sourced, found = Source(root).booklet("colds"), load_layout(layout, (root, PROJECT))
    assert sourced.value, sourced.problems
    assert found.value, found.problems
    words = found.value.words(sourced.value.booklet.language).value
    assert words
    return typeset(sourced.value, found.value, words)


def parts(root: Path, booklet: str = BOOKLET, house: str = HOUSE, **files: str) -> tuple[Part, ...]:
    """The parts of a booklet, where nothing is wrong with the templates."""
    outcome = set_in_type(root, booklet, house, **files)
    assert outcome.value, outcome.problems
    return outcome.value


def html(root: Path, booklet: str = BOOKLET, house: str = HOUSE, **files: str) -> str:
    """The HTML of all parts."""
    return "".join(part.html for part in parts(root, booklet, house, **files))


# --- What is written is text ---------------------------------------------------------------


@pytest.mark.parametrize(
    "old",
    [
        "title: All about colds",
        "title: What a cold is",
        "produced_by: The writers",
        "name: Ann Bell",
        "- people living with colds",
    ],
)
def test_signs_of_html_and_of_templates_are_printed_as_they_are(tmp_path: Path, old: str) -> None:
    quoted = "'" + HOSTILE.replace("'", "''") + "'"
    lead = old.rpartition(": ")[0] + ": " if ": " in old else "- "
    made = html(tmp_path, changed(BOOKLET, old, lead + quoted))
    assert "<script" not in made
    assert HOSTILE in unescape(made)
    assert "49" not in made


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("figure", "caption"),
        ("figure", "alt"),
        ("figure", "credit"),
        ("callout", "title"),
        ("quote", "who"),
        ("table", "caption"),
        ("notes", "title"),
        ("checklist", "title"),
    ],
)
def test_signs_in_a_block_are_printed_as_they_are(tmp_path: Path, kind: str, key: str) -> None:
    text = with_block(block(kind, **{key: "'" + HOSTILE.replace("'", "''") + "'"}))
    made = html(tmp_path, text, **{"source/booklets/colds/ball.svg": DRAWING})
    assert "<script" not in made
    assert HOSTILE in unescape(made)


def test_a_link_is_live_with_text_alone_inside(tmp_path: Path) -> None:
    made = html(
        tmp_path, with_block("'See [**our** page](https://example.org/?a=1&b=2) and [this](#colds).'")
    )
    assert '<a href="https://example.org/?a=1&amp;b=2">our page</a>' in made
    assert "(example.org/?a=1&amp;b=2)" in made
    assert re.search(r'#colds">this</a><span class="behind to-page"> .page\s\ue000colds\ue001.</span>', made)
    assert not re.search(r"<a [^>]*>[^<]*<(?!/a>)", made)


# --- Parts ---------------------------------------------------------------------------------


def test_phone_numbers_stay_in_one_line_and_doses_may_part(tmp_path: Path) -> None:
    text = "Call 0808 808 00 00 or **020 7946 0000** within 24 hours, or in 2026 20 11 times."
    made = html(tmp_path, changed(BOOKLET, "Most colds go away by themselves.", text))
    assert "0808\u00a0808\u00a000\u00a000" in made
    assert "020\u00a07946\u00a00000" in made
    assert "24 hours" in made


def test_a_leaflets_own_place_leaves_the_pages_that_follow(tmp_path: Path) -> None:
    files = {"layouts/hand/layout.yaml": RECIPE + "order: [[cover], [body, local], [back-cover]]\n"}
    assert html(tmp_path, layout="hand", **files).count('id="_local"') == 1
    local = with_block(block("local"))
    assert html(tmp_path, local, layout="hand", **files).count('id="_local"') == 1


def test_a_booklet_without_parts_runs_on(tmp_path: Path) -> None:
    assert [part.name for part in parts(tmp_path)] == ["cover", "leaflet", "notes", "local", "back-cover"]


def test_a_part_begins_a_document_and_its_neighbours_share_theirs(tmp_path: Path) -> None:
    made = parts(tmp_path, PARTS)
    names = [part.name for part in made]
    assert names == [
        "cover", "about", "body", "opening", "body", "glossary", "help", "notes", "local", "back-cover"
    ]  # fmt: skip
    bodies = [part.html for part in made if part.name in ("body", "opening")]
    ids = [re.findall(r'id="(\w+)"', body) for body in bodies]
    assert ids == [["first", "second"], ["care", "rest"], ["after"]]
    assert [part.fill for part in made] == [name == "notes" for name in names]


def test_the_number_of_a_page_that_only_assembly_knows_is_left_open(tmp_path: Path) -> None:
    made = parts(tmp_path, PARTS)
    contents = next(part.html for part in made if part.name == "about")
    assert re.findall("\ue000(.*?)\ue001", contents) == [
        "first", "second", "care", "rest", "after", "_information", "_local"
    ]  # fmt: skip


def test_a_local_block_takes_the_place_of_the_local_page(tmp_path: Path) -> None:
    for booklet in (BOOKLET, with_block(block("local"))):
        made = parts(tmp_path, booklet)
        assert ("local" in [part.name for part in made]) == (booklet is BOOKLET)
        assert sum(part.html.count('id="_local"') for part in made) == 1


def test_each_matter_is_left_out_where_there_is_nothing_to_say(tmp_path: Path) -> None:
    made = html(tmp_path)
    assert not {"_about", "_at-a-glance", "_glossary", "_help"} & set(re.findall(r'id="([\w-]+)"', made))
    written = "about: For you.\nkey_points: [One]\nglossary: [{term: A, meaning: B}]\n" + BOOKLET
    made = html(tmp_path, written, HOUSE + "how_we_can_help: Ask us.\n")
    assert {"_about", "_at-a-glance", "_glossary", "_help"} <= set(re.findall(r'id="([\w-]+)"', made))


def test_the_key_explains_just_the_boxes_that_the_booklet_has(tmp_path: Path) -> None:
    boxes = "[{kind: key_points, items: [Rest]}, {kind: callout, tone: urgent, title: Call, content: Now.}]"
    made = html(tmp_path, "about: For you.\n" + changed(PARTS, "content: One.", "content: " + boxes))
    assert re.findall(r'<li class="key-([\w-]+)"', made) == ["urgent", "key-points"]


def test_the_marks_statement_is_printed_only_with_the_right_to_it(tmp_path: Path) -> None:
    statement = "This booklet was made with care."
    ended = changed(HOUSE, "to: 2027-05-31", "to: 2026-11-22")
    without = "quality_mark: false\nquality_mark_reason: A draft.\n" + BOOKLET
    assert statement in html(tmp_path)
    assert statement not in html(tmp_path, house=ended)
    assert statement not in html(tmp_path, without)
    assert "A draft." in html(tmp_path, without)


def test_a_statistic_is_drawn_as_people_up_to_a_hundred_and_as_a_bar_above(tmp_path: Path) -> None:
    drawn = {}
    for of in (1, 7, 100, 101):
        made = html(tmp_path, with_block(block("statistic", of=str(of))))
        drawn[of] = made.count("<path"), made.count("<rect"), f"1 of {of} people are marked." in made
    assert drawn == {1: (1, 0, True), 7: (7, 0, True), 100: (100, 0, True), 101: (0, 2, False)}


def test_a_language_from_right_to_left_says_so(tmp_path: Path) -> None:
    english = (PROJECT / "layouts/base/words/en.yaml").read_text(encoding="utf-8")
    files = {"layouts/hand/layout.yaml": RECIPE, "layouts/hand/words/ar.yaml": english}
    booklet = changed(BOOKLET, "language: en-GB", "language: ar")
    made = set_in_type(tmp_path, booklet, layout="hand", **files).value
    assert made
    assert all('<html lang="ar" dir="rtl">' in part.html for part in made)


# --- Templates -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "line", "told"),
    [
        ("<p>\n{{ booklet.slogan }}</p>", 2, "slogan"),
        ("\n\n{{ words.slogan }}", 3, "slogan"),
        ("{{ nothing }}", 1, "'nothing' is undefined"),
        ("\n{% if %}", 2, "Expected an expression"),
        ("\n{% include '../../../source/house.yaml' %}", 2, "house.yaml"),
        ("{% include '/etc/passwd' %}", 1, "/etc/passwd"),
        ("{{ ''.__class__.__mro__ }}", 1, "unsafe"),
        ("{{ booklet.__init__.__globals__ }}", 1, "unsafe"),
        ("{% include 'matter/no-such.html' %}", 1, "no-such.html"),
    ],
)
def test_a_template_that_asks_too_much_is_told_with_its_line(
    tmp_path: Path, template: str, line: int, told: str
) -> None:
    files = {"layouts/hand/layout.yaml": RECIPE, "layouts/hand/matter/cover.html": template}
    outcome = set_in_type(tmp_path, layout="hand", **files)
    assert outcome.value is None
    (fault,) = outcome.problems
    assert fault.code == "template-fault"
    assert told in fault.message
    assert str(fault.where) == f"layouts/hand/matter/cover.html:{line}:1"


def test_matter_that_has_no_template_is_told(tmp_path: Path) -> None:
    files = {"layouts/hand/layout.yaml": RECIPE + "order: [[cover], [body], [epilogue], [back-cover]]\n"}
    outcome = set_in_type(tmp_path, layout="hand", **files)
    assert outcome.value is None
    assert "matter/epilogue.html" in outcome.problems[0].message


def test_a_template_of_the_layout_takes_the_place_of_the_bases(tmp_path: Path) -> None:
    files = {"layouts/hand/layout.yaml": RECIPE, "layouts/hand/blocks/text.html": "<p>Mine</p>"}
    made = set_in_type(tmp_path, layout="hand", **files).value
    assert made
    assert "<p>Mine</p>" in "".join(part.html for part in made)
    assert "go away" not in "".join(part.html for part in made)
