"""Can only what may stand be waived, and is a waiver told that is of no use?"""

from pathlib import Path

import pytest
from command import build
from publisher import BOOKLET, changed, write_publisher

LONG = "This cold is one that goes on and on, and nobody can say when it will be over, so please be patient."
WAIVERS = "source/booklets/colds/waivers.yaml"


def problems(folder: Path, waivers: str | None, booklet: str = "") -> list[tuple[str, str, int | None]]:
    """Code, severity and line of each problem of the tiny booklet, which has one long sentence."""
    text = booklet or changed(BOOKLET, "Most colds go away by themselves.", LONG)
    files = {} if waivers is None else {WAIVERS: waivers}
    ran = build(write_publisher(folder, text, files=files), "--json")
    return [(problem["code"], problem["severity"], problem["line"]) for problem in ran.data["problems"]]


def waiver(code: str, block: str, reason: str = "The editors said so.") -> str:
    return f"waivers:\n  - code: {code}\n    block: {block}\n    reason: {reason}\n"


def test_what_is_waived_is_told_no_more(tmp_path: Path) -> None:
    assert problems(tmp_path, None) == [("long-sentence", "advice", 18)]
    assert problems(tmp_path, waiver("long-sentence", "colds/1")) == []


def test_a_waiver_holds_for_its_own_block_alone(tmp_path: Path) -> None:
    found = problems(tmp_path, waiver("long-sentence", "colds/2"))
    assert found == [("long-sentence", "advice", 18), ("waiver-unused", "warning", 2)]


def test_a_waiver_needs_a_reason(tmp_path: Path) -> None:
    assert problems(tmp_path, waiver("long-sentence", "colds/1", "")) == [("empty-value", "error", 4)]
    text = "waivers:\n  - code: long-sentence\n    block: colds/1\n"
    assert problems(tmp_path, text) == [("missing-key", "error", 2)]


def test_a_waiver_of_a_check_that_is_none_is_told(tmp_path: Path) -> None:
    found = problems(tmp_path, waiver("long-sentense", "colds/1"))
    assert found == [("long-sentence", "advice", 18), ("waiver-unknown", "error", 2)]


@pytest.mark.parametrize("code", ["words-missing", "mark-claimed"])
def test_what_can_never_be_waived_is_refused_before_it_is_found(tmp_path: Path, code: str) -> None:
    found = problems(tmp_path, waiver(code, "booklet"))
    assert found == [("long-sentence", "advice", 18), ("waiver-refused", "error", 2)]


@pytest.mark.parametrize("code", ["words-unseen", "review-past"])
def test_an_error_cannot_be_waived(tmp_path: Path, code: str) -> None:
    root = write_publisher(tmp_path, files={WAIVERS: waiver(code, "booklet")})
    folder = root / "layouts/pale"
    folder.mkdir(parents=True)
    (folder / "layout.yaml").write_text("extends: a5-booklet\ndescription: x\n", encoding="utf-8")
    (folder / "page.css").write_text("#_information { color: white }", encoding="utf-8")
    codes = build(root, "--layout", "pale", "--today", "2029-11-24", "--json").codes
    assert code in codes
    assert "waiver-refused" in codes


def test_a_new_waiver_makes_the_edition_again(tmp_path: Path) -> None:
    assert problems(tmp_path, None) != []
    root = write_publisher(tmp_path, booklet=None, files={WAIVERS: waiver("long-sentence", "colds/1")})
    assert build(root, "--json").verdicts == {"colds": "passed"}
