"""Has a booklet that was changed the bytes of one that is made anew?"""

from pathlib import Path
from typing import Any, cast

import pytest
from command import PROJECT
from publisher import BOOKLET, DRAWING, PICTURE_FILE, changed, write_publisher

from booklet.bind import Bound, bind
from booklet.layout import layout_for
from booklet.source import Source

LONG = "".join(f"      - Wash your hands often, and dry them well, {n} times.\n" for n in range(60))
SECTIONS = """\
  - id: hands
    title: Your hands
    content:
      - Wash them before you eat. [What a cold is](#colds) tells why.
      - kind: figure
        image: ball.svg
        alt: A ball
        caption: A ball to play with
  - id: rest
    title: Rest
    content:
      - Sleep as long as you like; see [your hands](#hands).
"""
FIRST = BOOKLET + SECTIONS
EDITS = {
    "a word": ("go away by themselves", "go away on their own"),
    "pages more": ("      - Most colds go away by themselves.\n", f"      - Most colds go.\n{LONG}"),
    "a part less": (SECTIONS[SECTIONS.index("  - id: rest") :], ""),
    "a title": ("title: Your hands", "title: Clean hands"),
    "the title of all": ("title: All about colds", "title: Colds"),
    "nothing": ("", ""),
}
BALL = {PICTURE_FILE: DRAWING}


def bound(root: Path, layout: str = "a5-booklet", before: Bound | None = None) -> Bound:
    read = Source(root).booklet("colds", "")
    sourced = read.value
    assert sourced, read.problems
    form = layout_for(sourced, layout, (root, PROJECT)).value
    assert form
    words = form.words("en-GB").value
    assert words
    made = bind(sourced, form, words, before)
    assert made.value, made.problems
    return made.value


def documents(edition: Bound) -> list[object]:
    """What was laid out for each part."""
    return [cast(Any, sheet.laid).document for sheet in edition.sheets]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_publisher(tmp_path, FIRST, files=BALL)


def write(root: Path, booklet: str, picture: str = DRAWING) -> Path:
    return write_publisher(root, booklet, files={PICTURE_FILE: picture})


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_changed_booklet_has_the_bytes_of_a_new_one(edit: tuple[str, str], root: Path) -> None:
    before = bound(root)
    before.national()
    write(root, FIRST.replace(*edit) if edit[0] else FIRST)
    assert bound(root, before=before).national() == bound(root).national()


def test_a_changed_picture_is_printed(root: Path) -> None:
    before = bound(root)
    write(root, FIRST, DRAWING.replace('r="9"', 'r="4"'))
    pdf = bound(root, before=before).national().value
    assert pdf == bound(root).national().value
    assert pdf != before.national().value


def test_only_what_is_changed_is_laid_out_again(root: Path) -> None:
    before = bound(root)
    write(root, changed(FIRST, "Sleep as long", "Rest as long"))
    new, known = documents(bound(root, before=before)), documents(before)
    assert len(new) == len(known)
    assert [one is other for one, other in zip(new, known, strict=True)].count(False) == 1


def test_what_is_used_no_more_is_forgotten(root: Path) -> None:
    edition, kept = bound(root), []
    for number in range(4):
        write(root, changed(FIRST, "Sleep as long", f"Sleep {number} hours, or as long"))
        edition = bound(root, before=edition)
        kept.append(len(kept_by(edition)))
    assert kept[0] >= kept[-1]


def kept_by(edition: Bound) -> set[int]:
    """All that the press of an edition has laid out and keeps."""
    press = cast(Any, edition.press)
    return {id(laid.document) for laid in (*press._laid.values(), *press._before.values())}


def test_another_layout_is_laid_out_anew(root: Path) -> None:
    assert bound(root, "large-print", bound(root)).national() == bound(root, "large-print").national()
