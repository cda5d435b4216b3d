"""What is signed: does the digest change with every word, and with nothing else? Are sign-offs read?"""

from pathlib import Path

import pytest
from publisher import (
    BOOKLET,
    DRAWING,
    FILES,
    HOUSE,
    SHARED_FILE,
    assert_told,
    block,
    changed,
    marked,
    with_block,
    write_publisher,
)

from booklet.source import Source

FILE = "source/booklets/colds/sign-offs.yaml"
DIGEST = "0123456789abcdef" * 4
SIGNED = f"""\
sign_offs:
  - version: "1.0"
    role: clinical
    name: Ann Bell
    date: 2026-11-20
    digest: {DIGEST}
"""
FIGURE = with_block(block("shared"), with_block(block("figure")))


def content(folder: Path, booklet: str = BOOKLET, house: str = HOUSE, **files: str) -> str:
    """The digest of what a booklet says."""
    read = Source(write_publisher(folder, booklet, house, FILES | files)).booklet("colds")
    assert read.value, read.problems
    return read.value.content


SAYS_THE_SAME = {
    "a comment": BOOKLET + "# not printed\n",
    "quotes": changed(BOOKLET, "title: All about colds", 'title: "All about colds"'),
    "the order of keys": changed("code: HI900\n" + BOOKLET, "\ncode: HI900\nlang", "\nlang"),
}
SAYS_ELSE = {
    "a comma": changed(BOOKLET, "Most colds go", "Most colds, go"),
    "a digit of a date": changed(BOOKLET, "2029-11-23", "2029-11-24"),
    "a space": changed(BOOKLET, "go away", "goaway"),
    "a name": changed(BOOKLET, "Ann Bell", "Ann Ball"),
    "its order": with_block("Two.", with_block("One.")),
}


@pytest.mark.parametrize("booklet", SAYS_THE_SAME.values(), ids=SAYS_THE_SAME)
def test_the_way_it_is_written_down_is_not_signed(booklet: str, tmp_path: Path) -> None:
    assert content(tmp_path / "a") == content(tmp_path / "b", booklet)


@pytest.mark.parametrize("booklet", SAYS_ELSE.values(), ids=SAYS_ELSE)
def test_every_word_is_signed(booklet: str, tmp_path: Path) -> None:
    found = [content(tmp_path / "a"), content(tmp_path / "b", booklet), content(tmp_path / "c")]
    assert found[0] == found[2] != found[1]


def test_pictures_shared_blocks_and_the_house_are_signed(tmp_path: Path) -> None:
    picture = {"source/booklets/colds/ball.svg": DRAWING.replace('r="9"', 'r="8"')}
    shared = {SHARED_FILE: block("callout", title="Good to hear")}
    found = [
        content(tmp_path / "a", FIGURE),
        content(tmp_path / "b", FIGURE, **picture),
        content(tmp_path / "c", FIGURE, **shared),
        content(tmp_path / "d", FIGURE, HOUSE.replace("with care", "with great care")),
    ]
    assert len(set(found)) == len(found)
    # Who has to sign is printed nowhere.
    assert content(tmp_path / "e", FIGURE, HOUSE + "sign_off_roles: [clinical]\n") == found[0]


def test_what_another_booklet_is_called_is_signed(tmp_path: Path) -> None:
    booklet = with_block("See [this](booklet:flu).")
    flu = "source/booklets/flu/booklet.yaml"
    other = changed(changed(BOOKLET, "HI900", "HI901"), "All about colds", "Flu")
    named = [
        content(tmp_path / name, booklet, **{flu: changed(other, "title: Flu", f"title: {title}")})
        for name, title in (("a", "Flu"), ("b", "The flu"))
    ]
    assert named[0] != named[1]


def test_sign_offs_are_read(tmp_path: Path) -> None:
    source = Source(write_publisher(tmp_path, files={FILE: SIGNED}))
    signed = source.sign_offs("colds").value
    assert signed
    assert (signed[0].role, signed[0].name, signed[0].version, signed[0].digest) == (
        *("clinical", "Ann Bell", "1.0"),
        DIGEST,
    )
    assert source.sign_offs("colds", "cy").value == ()
    assert Source(write_publisher(tmp_path / "none")).sign_offs("colds").value == ()


FAULTS = [
    ("    ▸digest: 0123", f"    digest: {DIGEST}", "wrong-value", "'0123' is no digest", "`release` prints"),
    ("    ▸date: soon", "    date: 2026-11-20", "wrong-date", "`date` must be a date", "year-month-day"),
    ("    ▸nam: Ann", "    name: Ann Bell", "unknown-key", "no key `nam`", "did you mean `name`"),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_sign_offs_are_told(fault: tuple[str, ...], tmp_path: Path) -> None:
    wrong, right, code, message, hint = fault
    text = changed(SIGNED, right, wrong)
    read = Source(write_publisher(tmp_path, files={FILE: text})).sign_offs("colds")
    assert read.value is None
    found = [problem for problem in read.problems if problem.code != "missing-key"]
    assert_told(found, code, marked(text, FILE), message, hint)
