"""A tiny publisher's folder for tests: valid as it stands, and easily changed or made faulty.

BOOKLET ends inside the content of its only section, so that a block is added by appending it
(`with_block`) and a top-level key by putting its line in front. A MARK in a text shows where a
fault is expected: it never reaches the file.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import indent

from booklet.problem import Problem, Where
from booklet.source import Source

BOOKLET = """\
title: All about colds
code: HI900
language: en-GB
version: "1.0"
published: 2026-11-23
next_review: 2029-11-23
credits:
  produced_by: The writers
  approved_by:
    - name: Ann Bell
      post: Family doctor
  reviewers:
    - people living with colds
sections:
  - id: colds
    title: What a cold is
    content:
      - Most colds go away by themselves.
"""

HOUSE = """\
name: The House of Health
quality_mark:
  scheme: PIF TICK
  holder: The House of Health
  certificate:
    from: 2026-06-01
    to: 2027-05-31
  statement: This booklet was made with care.
"""

CLINIC = """\
name: Riverside Day Unit
address: 1 River Street
contacts:
  - name: Ward desk
    phone: 020 7946 0000
"""

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>A ball</title><circle r="9"/></svg>'
)

PICTURE_FILE = "source/booklets/colds/ball.svg"
SHARED_FILE = "source/shared/emergency.yaml"

#: Every kind of block with all its keys, each of which stands on a line of its own.
BLOCKS: dict[str, dict[str, str]] = {
    "text": {"markdown": "Rest and **drink**."},
    "figure": {
        "image": "ball.svg",
        "alt": "A round ball",
        "caption": "The virus",
        "code": "PIC-1",
        "credit": "Drawn by Ann",
        "width": "half",
    },
    "terms": {"items": "[{term: Virus, text: A very small germ}]"},
    "key_points": {"title": "Remember", "items": "[Colds pass, Keep warm]"},
    "callout": {"tone": "tip", "title": "Good to know", "content": "Honey *soothes*."},
    "quote": {"text": "I slept a lot.", "who": "Sam"},
    "table": {
        "caption": "Days ill",
        "header": "[Age, Days]",
        "rows": "[[Child, ten], [Adult, seven]]",
        "row_headers": "true",
    },
    "steps": {"items": "[Wet your hands, Use soap]"},
    "checklist": {"title": "To buy", "items": "[Tissues, Lemons]"},
    "questions": {"title": "To ask", "items": "[How long?, May I work?]", "lines": "3"},
    "notes": {"title": "My symptoms", "lines": "5"},
    "statistic": {"count": "1", "of": "7", "text": "people have one now"},
    "organisations": {
        "items": "[{name: Colds UK, text: Answers you, phone: 0800 111 222, web: https://colds.example.org, "
        "email: help@example.org, address: 1 High Street}]"
    },
    "contacts": {
        "items": "[{name: Nurse line, text: Free of charge, phone: 0800 333 444, hours: all day, "
        "web: https://nurse.example.org, email: nurse@example.org}]"
    },
    "shared": {"id": "emergency"},
    "local": {},
}

BOOKLET_FILE = "source/booklets/colds/booklet.yaml"
HOUSE_FILE = "source/house.yaml"
MARK = "▸"


def write_publisher(
    folder: Path,
    booklet: str | None = BOOKLET,
    house: str | None = HOUSE,
    files: Mapping[str, str | bytes] | None = None,
) -> Path:
    """Write the folder; None leaves a file out, and `files` are named from the folder on."""
    for name, text in {BOOKLET_FILE: booklet, HOUSE_FILE: house, **(files or {})}.items():
        if text is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.replace(MARK, "").encode())
    return folder


def changed(text: str, old: str, new: str) -> str:
    """The text with one part of it exchanged, which must stand in it just once."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)


def block(kind: str, **others: str | None) -> str:
    """A block with all its keys; `others` are in their place, or left out where they are None."""
    keys = {"kind": kind, **BLOCKS[kind], **others}
    return "\n".join(f"{key}: {value}" for key, value in keys.items() if value is not None)


#: The files that BLOCKS name.
FILES = {PICTURE_FILE: DRAWING, SHARED_FILE: block("callout")}


def with_block(block: str, booklet: str = BOOKLET) -> str:
    """The booklet with one more block at its end."""
    return booklet + "      - " + indent(block.strip("\n"), " " * 8)[8:] + "\n"


def marked(text: str, file: str = BOOKLET_FILE) -> Where:
    """The place of the MARK in a text."""
    before, _, _ = text.partition(MARK)
    return Where(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def problems_of(folder: Path, booklet: str = "colds", language: str = "") -> tuple[Problem, ...]:
    """What is wrong with a booklet of the folder."""
    return Source(folder).booklet(booklet, language).problems


def assert_told(problems: Sequence[Problem], code: str, where: Where, message: str, hint: str) -> None:
    """There is just one problem, at this place, in these words."""
    assert [(problem.code, problem.where) for problem in problems] == [(code, where)], problems
    assert message in problems[0].message
    assert hint in problems[0].hint
