"""Does an editor see each change, and every page as it will be printed?"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from command import PROJECT
from publisher import (
    BOOKLET,
    BOOKLET_FILE,
    CLINIC,
    DRAWING,
    PICTURE_FILE,
    block,
    changed,
    with_block,
    write_publisher,
)

from booklet import render
from booklet.view import View, Wanted, judged

TODAY = date(2026, 11, 29)
SAID = "Most colds go away by themselves."
LONG = with_block(block("callout"))


def view_of(root: Path) -> View:
    """A booklet as an editor sees it in its first layout."""
    return View(Wanted((root, PROJECT), "colds"))


EDITS = {
    "a word": (BOOKLET, BOOKLET.replace("Most colds", "Some colds")),
    "a digit": (BOOKLET.replace(SAID, "Take 1 tablet."), BOOKLET.replace(SAID, "Take 7 tablets.")),
    "emphasis": (BOOKLET, BOOKLET.replace(SAID, f'"**{SAID}**"')),
    "the title": (BOOKLET, changed(BOOKLET, "All about colds", "All about coughs")),
    "a paragraph more": (BOOKLET, BOOKLET.replace(f"- {SAID}", f"- {SAID}\n      - They do.")),
    "pages more": (BOOKLET, BOOKLET.replace(SAID, "They pass. " * 900)),
    "pages less": (BOOKLET.replace(SAID, "They pass. " * 900), BOOKLET),
    "a box of another colour": (LONG, LONG.replace("tone: tip", "tone: info")),
}


@pytest.mark.parametrize(("before", "now"), EDITS.values(), ids=EDITS)
def test_a_change_is_seen_as_it_will_be_printed(before: str, now: str, tmp_path: Path) -> None:
    assert before != now
    root = write_publisher(tmp_path, before, files={PICTURE_FILE: DRAWING})
    view = view_of(root)
    first = view.look()
    assert view.look() == first
    (root / BOOKLET_FILE).write_text(now, encoding="utf-8")
    seen = view.look()
    assert seen.pages != first.pages
    assert seen == view_of(root).look()
    assert view.confirm() == seen
    keys = [page.key for page in seen.pages]
    assert all(view.picture(key, 1.0) == view_of_key(root, key) for key in keys)


def view_of_key(root: Path, key: str) -> bytes:
    """A page's picture, drawn by somebody who has seen nothing before."""
    fresh = view_of(root)
    fresh.look()
    return fresh.picture(key, 1.0)


def test_another_picture_of_the_same_size_is_seen(tmp_path: Path) -> None:
    text = with_block(block("figure"))
    root = write_publisher(tmp_path, text, files={PICTURE_FILE: DRAWING})
    view = view_of(root)
    first = view.look()
    (root / PICTURE_FILE).write_text(changed(DRAWING, "<circle", '<circle fill="#ff0000"'), encoding="utf-8")
    seen = view.look()
    assert seen.pages != first.pages
    assert seen == view_of(root).look()


def numbers_on(page: Any) -> bytes:
    """A look that sees nothing of a page but its folio."""
    texts = (getattr(box, "text", "") for box in page.descendants(placeholders=True))
    return "".join(text for text in texts if text.isdigit()).encode()


def test_what_the_boxes_of_a_page_do_not_tell_is_seen_when_it_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_publisher(tmp_path)
    view = view_of(root)
    monkeypatch.setattr(render, "look_of", numbers_on)
    first = view.look()
    (root / BOOKLET_FILE).write_text(BOOKLET.replace("Most colds", "Some colds"), encoding="utf-8")
    assert view.look().pages == first.pages
    seen = view.confirm()
    assert seen.pages != first.pages
    monkeypatch.undo()
    assert seen == view_of(root).look()


def test_a_clinics_pages_are_compared_with_the_national_ones(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={"source/clinics/riverside.yaml": CLINIC})
    wanted = Wanted((root, PROJECT), "colds", clinic="riverside")
    view = View(wanted)
    assert view.look().pages
    whole = view.edition().value
    assert whole
    assert [one.code for one in judged(wanted, whole, TODAY).problems] == []
    (root / BOOKLET_FILE).write_text(BOOKLET.replace(SAID, "Some colds go away by themselves."), "utf-8")
    other = view_of(root)
    other.look()
    national = other.edition().value
    assert national
    (root / BOOKLET_FILE).write_text(BOOKLET, encoding="utf-8")
    found = judged(wanted, whole._replace(national=national.pdf), TODAY).problems
    assert [one.code for one in found] == ["clinic-changed"]
