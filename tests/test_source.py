"""Is source/ read as source-format.md has it, and is every slip told at its line with a hint?"""

from collections.abc import Sequence
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from publisher import (
    BLOCKS,
    BOOKLET,
    BOOKLET_FILE,
    CLINIC,
    DRAWING,
    FILES,
    HOUSE,
    HOUSE_FILE,
    MARK,
    PICTURE_FILE,
    SHARED_FILE,
    assert_told,
    block,
    changed,
    marked,
    problems_of,
    with_block,
    write_publisher,
)

from booklet.blocks import KINDS, Callout
from booklet.model import Booklet, Section
from booklet.problem import Problem, Where
from booklet.source import Source

CLINIC_FILE = "source/clinics/riverside.yaml"
OTHER = "source/booklets/flu/booklet.yaml"
FLU = changed(changed(BOOKLET, "HI900", "HI901"), "All about colds", "All about flu")
WELSH = changed(BOOKLET, "language: en-GB", 'language: cy\ntranslation_of: "1.0"')
WELSH_FILE = "source/booklets/colds/booklet.cy.yaml"
WELSH_HOUSE = {"source/house.cy.yaml": "quality_mark: {statement: Gwnaed y llyfryn hwn yn ofalus.}\n"}
WELSH_SHARED = {"source/shared/emergency.cy.yaml": block("callout")}

TITLE, DAY, REVIEW = "title: All about colds", "published: 2026-11-23", "next_review: 2029-11-23"
VERSION, SECTION = 'version: "1.0"', "  - id: colds"
CONTENT = "\n      - Most colds go away by themselves."
CREDITS = BOOKLET[BOOKLET.index("credits:") : BOOKLET.index("sections:")]
CREDITS_OPTIONAL = """\
  sources: [A *good* book.]
  sources_on_request: hello@example.org
  conflicts: none declared
"""
APPROVED = "\n    - name: Ann Bell\n      post: Family doctor"
REVIEWERS = "\n    - people living with colds"


def names(slips: Sequence[tuple[str, ...]]) -> list[str]:
    """The code and the message of each slip."""
    return [f"{slip[-3]}: {slip[-2]}" for slip in slips]


def test_the_smallest_booklet_is_read(tmp_path: Path) -> None:
    outcome = Source(write_publisher(tmp_path)).booklet("colds")
    assert outcome.problems == ()
    assert outcome.value is not None
    assert outcome.value.booklet.id == "colds"
    assert outcome.value.house.name == "The House of Health"
    assert outcome.value.files == (BOOKLET_FILE, HOUSE_FILE)


#: Lines at the top of a booklet: with a slip; without it; code, message and hint.
TOP = [
    ("▸titel: x", "subtitle: x", "unknown-key", "no key `titel`", "did you mean `title`?"),
    ("▸zzz: x", "subtitle: x", "unknown-key", "no key `zzz`", "known keys: title, "),
    ("▸<<: {subtitle: x}", "subtitle: x", "unknown-key", "no key `<<`", "known keys: title, "),
    ("▸subtitle:", "subtitle: x", "empty-value", "`subtitle` is empty", "take the line away"),
    ("▸subtitle: null", "subtitle: 'null'", "empty-value", "`subtitle` is empty", "write it"),
    ("▸subtitle: '  '", "subtitle: x", "empty-value", "`subtitle` is empty", "write it"),
    ("▸subtitle: [x]", "subtitle: '[x]'", "wrong-type", "a text, not a list", "in quotes"),
    ("▸subtitle: {x: y}", "subtitle: '{x: y}'", "wrong-type", "a text, not keys", "a colon and a space"),
    ("▸notice: [x]", "notice: x", "wrong-type", "`notice` must be a text, not a list", "in quotes"),
    ("▸notice:", "notice: x", "empty-value", "`notice` is empty", "write it"),
    ("▸about: ''", "about: x", "empty-value", "`about` is empty", "write it"),
    ("▸key_points: x", "key_points: [x]", "wrong-type", "must be a list, not 'x'", "`- `"),
    ("▸key_points:", "key_points: [x]", "empty-value", "`key_points` is empty", "take the line away"),
    ("key_points: [x, ▸'']", "key_points: [x]", "empty-value", "`key_points` is empty", "write it"),
    ("key_points: [▸[x]]", "key_points: [x]", "wrong-type", "`key_points` must be a text", "in quotes"),
    ("key_points:\n  - ▸Now: go", "key_points: ['Now: go']", "wrong-type", "not keys", "a colon and a space"),
    ("▸glossary: x", "glossary: []", "wrong-type", "`glossary` must be a list", "`- `"),
    ("glossary: [▸x]", "glossary: []", "wrong-type", "must hold keys, not 'x'", "key: value"),
    ("glossary: [▸{term: a}]", "glossary: []", "missing-key", "`meaning` is missing", "What it means"),
    (
        "glossary: [▸{meaning: a}]",
        "glossary: [{term: b, meaning: a}]",
        "missing-key",
        "`term`",
        "word or name",
    ),
    ("▸layouts: a5-booklet", "layouts: [a5-booklet]", "wrong-type", "`layouts` must be a list", "`- `"),
    ("▸layouts: []", "layouts: [a5-booklet]", "empty-value", "at least one item", "`- `"),
    ("▸layouts: [a5, a5]", "layouts: [a5]", "wrong-value", "names a layout twice", "once"),
    ("▸subtitle: A **bold** line", "subtitle: A bold line", "markdown-refused", "takes plain words", "signs"),
    ("layouts: [▸A5]", "layouts: [a5]", "wrong-id", "'A5' is no id", "small letters"),
    ("▸quality_mark: no", "quality_mark: true", "wrong-type", "must be true or false", "nothing else"),
    ("▸quality_mark: True", "quality_mark: 'true'", "wrong-type", "must be true or false", "nothing else"),
    ("▸quality_mark: [true]", "quality_mark: true", "wrong-type", "must be true or false", "nothing else"),
    ("▸quality_mark:", "quality_mark: true", "empty-value", "`quality_mark` is empty", "write it"),
    (
        "▸quality_mark: false",
        "quality_mark: false\nquality_mark_reason: It is a draft",
        "missing-key",
        "needs `quality_mark_reason`",
        "say why",
    ),
    ("▸cover: ball.gif", "cover: ball.svg", "wrong-value", "'ball.gif' is no picture", "svg, png or jpg"),
    ("▸cover: my ball.svg", "cover: ball.svg", "wrong-value", "is no picture", "without spaces"),
    ("▸cover: ../ball.svg", "cover: ball.svg", "wrong-value", "'../ball.svg' is no picture", "same folder"),
    ("▸cover: a/../ball.svg", "cover: ball.svg", "wrong-value", "is no picture", "same folder"),
    ("▸cover: /etc/ball.svg", "cover: ball.svg", "wrong-value", "'/etc/ball.svg' is no", "same folder"),
    ("▸cover: https://x.org/a.svg", "cover: ball.svg", "wrong-value", "is no picture", "same folder"),
    (f"▸cover: {'a' * 300}.svg", "cover: ball.svg", "wrong-value", "is no picture", "same folder"),
    ("▸cover: 'ball.svg '", "cover: ball.svg", "wrong-value", "is no picture", "without spaces"),
    ("cover: ▸bal.svg", "cover: ball.svg", "missing-picture", "there is no 'bal.svg'", "'ball.svg'?"),
    (
        "cover: ▸x/y.png",
        "cover: ball.svg",
        "missing-picture",
        "there is no 'x/y.png'",
        "in source/booklets/colds/",
    ),
    ("▸translation_of: one", 'translation_of: "1.0"', "wrong-value", "'one' is no version", "EDITION"),
]


@pytest.mark.parametrize("slip", TOP, ids=names(TOP))
def test_a_slip_in_a_line_of_the_booklet_is_told(tmp_path: Path, slip: tuple[str, ...]) -> None:
    wrong, right, code, message, hint = slip
    text = f"{wrong}\n{BOOKLET}"
    assert_told(problems_of(write_publisher(tmp_path, text, files=FILES)), code, marked(text), message, hint)
    assert problems_of(write_publisher(tmp_path, f"{right}\n{BOOKLET}", files=FILES)) == ()


#: A part of BOOKLET; what is written in its place; code, message and hint.
CHANGED = [
    (SECTION, "  - ▸tytle: x\n    id: colds", "unknown-key", "no key `tytle`", "did you mean `title`?"),
    (SECTION, "  - ▸titles: x\n    id: colds", "unknown-key", "no key `titles`", "did you mean `title`?"),
    ("  produced_by", "  ▸produced: x\n  produced_by", "unknown-key", "`produced`", "`produced_by`?"),
    ("      post", "      ▸job: x\n      post", "unknown-key", "`job`", "known keys: name, post, capacity"),
    (TITLE, "▸title: [Colds]", "wrong-type", "`title` must be a text, not a list", "in quotes"),
    (TITLE, "▸title: {Colds: all}", "wrong-type", "`title` must be a text, not keys", "a colon and a space"),
    (TITLE, "▸title:", "empty-value", "`title` is empty", "write it"),
    (TITLE, "▸title: ~", "empty-value", "`title` is empty", "write it"),
    (TITLE, "▸title: |\n\n", "empty-value", "`title` is empty", "write it"),
    ("code: HI900", "▸code: HI 900", "wrong-value", "'HI 900' is no stock code", "letters, digits and"),
    ("code: HI900", "▸code: HÎ900", "wrong-value", "'HÎ900' is no stock code", "letters, digits and"),
    ("language: en-GB", "▸language: English", "wrong-value", "'English' is no language", "en-GB"),
    ("language: en-GB", "▸language: en_GB", "wrong-value", "'en_GB' is no language", "en-GB"),
    (VERSION, "▸version: 1", "wrong-value", "'1' is no version", 'write EDITION.REVISION: "1.0"'),
    (VERSION, "▸version: 1.0.0", "wrong-value", "'1.0.0' is no version", "EDITION.REVISION"),
    (VERSION, "▸version: v1.0", "wrong-value", "'v1.0' is no version", "EDITION.REVISION"),
    (VERSION, "▸version: [1.0]", "wrong-type", "`version` must be a text", "in quotes"),
    (DAY, "▸published: 23/11/2026", "wrong-date", "`published` must be a date", "2026-11-23"),
    (DAY, "▸published: 23 November 2026", "wrong-date", "`published` must be a date", "2026-11-23"),
    (DAY, "▸published: 2026-11-23 12:00", "wrong-date", "`published` must be a date", "2026-11-23"),
    (DAY, "▸published: 2026-1-3", "wrong-date", "`published` must be a date", "2026-11-23"),
    (DAY, "▸published: [2026]", "wrong-date", "`published` must be a date, not a list", "2026-11-23"),
    (DAY, "▸published: 2026-02-30", "wrong-date", "`published`: there is no such day", "2026-11-23"),
    (DAY, "▸published:", "empty-value", "`published` is empty", "write it"),
    (REVIEW, "▸next_review: 2026-11-22", "wrong-date", "not later than `published`", "both dates"),
    (REVIEW, "▸next_review: 2026-11-23", "wrong-date", "not later than `published`", "both dates"),
    (SECTION, "  - ▸id: Colds", "wrong-id", "'Colds' is no id", "small letters, digits and hyphens"),
    (SECTION, "  - ▸id: my colds", "wrong-id", "'my colds' is no id", "hyphens"),
    (SECTION, "  - ▸id: 1-cold", "wrong-id", "'1-cold' is no id", "begin with a letter"),
    (SECTION, "  - ▸id: ' colds '", "wrong-id", "`id`", "small letters"),
    (SECTION, "  - ▸id: [colds]", "wrong-type", "`id` must be a text", "in quotes"),
    ("sections:\n  - id", "▸sections:\n    id", "wrong-type", "`sections` must be a list, not keys", "`- `"),
    (CONTENT, " {kind: local}", "wrong-type", "`content` must be a list, not keys", "`- `"),
    (CONTENT, "", "empty-value", "`content` is empty", "write it"),
    (CONTENT, "\n      ▸-", "empty-value", "`content` is empty", "write it"),
    (CONTENT, "\n      - ▸'  '", "empty-value", "`content` is empty", "write it"),
    (CONTENT, "\n      - ▸[a, b]", "wrong-type", "A block must be a text or hold keys", "in quotes"),
    (CONTENT, "\n      - ▸Now: go", "missing-key", "This block has no `kind`", "a colon and a space"),
    (CONTENT, "\n      - ▸knd: local", "missing-key", "This block has no `kind`", "with one of text, figure"),
    (CONTENT, "\n      - ▸kind: figur", "unknown-kind", "of the kind 'figur'", "did you mean 'figure'?"),
    (CONTENT, "\n      - ▸kind: Notes", "unknown-kind", "of the kind 'Notes'", "did you mean 'notes'?"),
    (CONTENT, "\n      - ▸kind: xyz", "unknown-kind", "of the kind 'xyz'", "known: text, figure"),
    (CONTENT, "\n      - ▸kind:", "empty-value", "`kind` is empty", "write it"),
    (CONTENT, "\n      - ▸kind: [text]", "wrong-type", "`kind` must be a text", "in quotes"),
    (CONTENT, "\n      - x: y\n        ▸kind: zz", "unknown-kind", "of the kind 'zz'", "known: text"),
    (CREDITS, "▸credits: [The writers]\n", "wrong-type", "must hold keys, not a list", "key: value"),
    (CREDITS, "▸credits: The writers\n", "wrong-type", "must hold keys, not 'The writers'", "key: value"),
    (CREDITS, "▸credits:\n", "empty-value", "`credits` is empty", "write it"),
    (APPROVED, " []", "empty-value", "`approved_by` needs at least one item", "`- `"),
    (APPROVED, "\n    name: Ann Bell", "wrong-type", "`approved_by` must be a list, not keys", "`- `"),
    (REVIEWERS, " []", "empty-value", "`reviewers` needs at least one item", "`- `"),
    (REVIEWERS, " Ann", "wrong-type", "`reviewers` must be a list, not 'Ann'", "`- `"),
    (APPROVED, "\n    - ▸Ann Bell", "wrong-type", "must hold keys, not 'Ann Bell'", "key: value"),
    (APPROVED, "\n    - ▸capacity: Editor", "missing-key", "needs `name` or `post`", "at least one"),
    (APPROVED, "\n    - ▸{}", "missing-key", "needs `name` or `post`", "at least one"),
    (REVIEWERS, "\n    - ▸capacity: Editor", "missing-key", "needs `name` or `post`", "at least one"),
    (REVIEWERS, "\n    - ▸[Ann]", "wrong-type", "`reviewers` must hold keys, not a list", "key: value"),
    (REVIEWERS, "\n    - ▸''", "empty-value", "`reviewers` is empty", "write it"),
    (REVIEWERS, "\n    ▸-", "empty-value", "`reviewers` is empty", "write it"),
]
#: Where the key itself is at fault, which stands before the part that is changed.
BEFORE = {CONTENT: "    ▸content:", APPROVED: "  ▸approved_by:", REVIEWERS: "  ▸reviewers:"}


@pytest.mark.parametrize("slip", CHANGED, ids=names(CHANGED))
def test_a_slip_is_told_where_it_stands(tmp_path: Path, slip: tuple[str, ...]) -> None:
    old, new, code, message, hint = slip
    text = changed(BOOKLET, old, new)
    if MARK not in text:
        text = changed(text, BEFORE[old].replace(MARK, ""), BEFORE[old])
    assert_told(problems_of(write_publisher(tmp_path, text)), code, marked(text), message, hint)


#: The lines of a required key; the key; in front of what it is missed.
REQUIRED = [
    (f"{TITLE}\n", "title", "code:"),
    ("code: HI900\n", "code", TITLE),
    ("language: en-GB\n", "language", TITLE),
    (f"{VERSION}\n", "version", TITLE),
    (f"{DAY}\n", "published", TITLE),
    (f"{REVIEW}\n", "next_review", TITLE),
    (BOOKLET[BOOKLET.index("sections:") :], "sections", TITLE),
    (CREDITS, "credits", TITLE),
    ("  produced_by: The writers\n", "produced_by", "credits:"),
    (f"  approved_by:{APPROVED}\n", "approved_by", "credits:"),
    (f"  reviewers:{REVIEWERS}\n", "reviewers", "credits:"),
    ("id: colds\n    ", "id", "title: What"),
    ("    title: What a cold is\n", "title", "id: colds"),
]


@pytest.mark.parametrize(
    ("lines", "key", "after"), REQUIRED, ids=[f"{row[1]} in {row[2]}" for row in REQUIRED]
)
def test_a_required_key_that_is_missing_is_told_with_what_it_means(
    tmp_path: Path, lines: str, key: str, after: str
) -> None:
    text = changed(changed(BOOKLET, lines, ""), after, MARK + after)
    problems = problems_of(write_publisher(tmp_path, text))
    assert_told(problems, "missing-key", marked(text), f"`{key}` is missing", " ")
    assert "write `" not in problems[0].hint, "the key has no description"


def test_a_booklet_with_every_key_is_read(tmp_path: Path) -> None:
    text = f"""\
subtitle: What helps
running_title: Colds
cover: ball.svg
layouts: [a5-booklet, large-print]
notice: A *sample*.
about: |
  For everyone.

  - [The cold](#colds)
key_points: [Rest., Drink.]
glossary: [{{term: Virus, meaning: A germ.}}]
quality_mark: false
quality_mark_reason: A sample
{changed(BOOKLET, "sections:", CREDITS_OPTIONAL + "sections:")}"""
    outcome = Source(write_publisher(tmp_path, text, files=FILES)).booklet("colds")
    assert outcome.problems == ()
    assert outcome.value is not None
    booklet = outcome.value.booklet
    assert booklet.layouts == ("a5-booklet", "large-print")
    assert booklet.quality_mark is False
    assert booklet.credits.reviewer_lines("en") == ("people living with colds",)
    assert booklet.credits.conflicts == "none declared"
    assert [asset.name for asset in outcome.value.assets] == ["ball.svg"]


def test_version_and_code_stay_as_they_were_written(tmp_path: Path) -> None:
    text = changed(changed(BOOKLET, '"1.0"', "1.10"), "HI900", "0777")
    outcome = Source(write_publisher(tmp_path, text)).booklet("colds")
    assert outcome.value is not None
    assert (outcome.value.booklet.version, outcome.value.booklet.code) == ("1.10", "0777")


@pytest.mark.parametrize("name", ["no", "on", "12:30:45", "2026-11-23", "0777", "1e3"])
def test_a_text_that_looks_like_something_else_stays_text(tmp_path: Path, name: str) -> None:
    outcome = Source(write_publisher(tmp_path, changed(BOOKLET, "All about colds", name))).booklet("colds")
    assert outcome.value is not None
    assert outcome.value.booklet.title == name


@pytest.mark.parametrize("person", ["name: Ann Bell", "post: Doctor", "name: Ann\n      capacity: Editor"])
def test_a_person_needs_a_name_or_a_post(tmp_path: Path, person: str) -> None:
    text = changed(BOOKLET, APPROVED, f"\n    - {person}")
    assert problems_of(write_publisher(tmp_path, text)) == ()


def section(level: int) -> str:
    """A section of this level."""
    lines = f"\n- id: at-level-{level}\n  title: T\n  content: x"
    return indent(f"sections:{lines}", " " * 2 * (level - 1))


def nested(levels: int) -> str:
    """A booklet with sections down to this level."""
    top = BOOKLET[: BOOKLET.index("sections:")]
    return top + "\n".join(section(level) for level in range(1, levels + 1)) + "\n"


def test_sections_of_a_fourth_level_are_refused(tmp_path: Path) -> None:
    text = changed(nested(4), "- id: at-level-4", "- ▸id: at-level-4")
    problems = problems_of(write_publisher(tmp_path, text))
    assert_told(problems, "too-many-levels", marked(text), "fourth level", "three levels at the most")
    assert problems_of(write_publisher(tmp_path, nested(3))) == ()


@pytest.mark.parametrize("rest", ["", "    content: []\n", "    sections: []\n"])
def test_a_section_with_nothing_in_it_is_refused(tmp_path: Path, rest: str) -> None:
    text = BOOKLET + f"  - ▸id: empty\n    title: Nothing\n{rest}"
    problems = problems_of(write_publisher(tmp_path, text))
    assert_told(problems, "empty-section", marked(text), "has no content", "`content:` or `sections:`")


@pytest.mark.parametrize(
    "rest",
    [
        "content: Some words.",
        "content: [Some words.]",
        "sections: [{id: inner, title: Inner, content: Some words.}]",
        "content: []\n    sections: [{id: inner, title: Inner, content: Some words.}]",
    ],
)
def test_a_section_with_content_or_sections_passes(tmp_path: Path, rest: str) -> None:
    text = BOOKLET + f"  - id: full\n    title: Something\n    {rest}\n"
    assert problems_of(write_publisher(tmp_path, text)) == ()


@pytest.mark.parametrize(
    "more",
    [
        "  - id: ▸colds\n    title: Again\n    content: x\n",
        "    sections: [{id: ▸colds, title: Again, content: x}]\n",
    ],
)
def test_a_section_id_that_stands_twice_is_refused(tmp_path: Path, more: str) -> None:
    problems = problems_of(write_publisher(tmp_path, BOOKLET + more))
    assert_told(problems, "duplicate-id", marked(BOOKLET + more), "'colds' stands twice", "line 15")
    assert problems_of(write_publisher(tmp_path, BOOKLET + changed(more, "▸colds", "other"))) == ()


def test_a_section_id_that_stands_twice_on_one_line_is_refused(tmp_path: Path) -> None:
    text = BOOKLET + "    sections: [{id: a, title: A, content: x}, {id: ▸a, title: A, content: x}]\n"
    problems = problems_of(write_publisher(tmp_path, text))
    assert_told(problems, "duplicate-id", marked(text), "'a' stands twice", "line 19")


def test_a_second_local_block_is_refused(tmp_path: Path) -> None:
    one = with_block("kind: local")
    two = with_block("▸kind: local", one)
    problems = problems_of(write_publisher(tmp_path, two))
    assert_told(problems, "two-local-blocks", marked(two), "A second `local` block", "line 19")
    assert problems_of(write_publisher(tmp_path, one)) == ()


KEYS = [(kind, key) for kind, keys in BLOCKS.items() for key in keys]


def test_the_examples_show_every_kind_and_every_key() -> None:
    shown = {kind: {"kind", *keys} for kind, keys in BLOCKS.items()}
    assert shown == {kind: set(shape.model_fields) for kind, shape in KINDS.items()}


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_block_with_all_its_keys_passes(tmp_path: Path, kind: str) -> None:
    outcome = Source(write_publisher(tmp_path, with_block(block(kind)), files=FILES)).booklet("colds")
    assert outcome.problems == ()
    assert outcome.value is not None
    content = outcome.value.booklet.sections[0].content
    assert [part.kind for part in content] == ["text", "callout" if kind == "shared" else kind]


@pytest.mark.parametrize(("kind", "key"), KEYS)
def test_a_key_of_a_block_is_missed_only_where_it_is_required(tmp_path: Path, kind: str, key: str) -> None:
    text = with_block(MARK + block(kind, **{key: None}))
    problems = problems_of(write_publisher(tmp_path, text, files=FILES))
    if KINDS[kind].model_fields[key].is_required():
        assert_told(problems, "missing-key", marked(text), f"`{key}` is missing", " ")
        assert "write `" not in problems[0].hint, "the key has no description"
    else:
        assert problems == ()


@pytest.mark.parametrize(("kind", "key"), KEYS)
def test_a_key_of_a_block_with_nothing_behind_it_is_refused(tmp_path: Path, kind: str, key: str) -> None:
    text = with_block(changed(block(kind, **{key: ""}), f"\n{key}:", f"\n▸{key}:"))
    problems = problems_of(write_publisher(tmp_path, text, files=FILES))
    assert_told(problems, "empty-value", marked(text), f"`{key}` is empty", "write it")


@pytest.mark.parametrize(("kind", "key"), KEYS)
def test_a_misspelt_key_of_a_block_is_told_with_the_right_one(tmp_path: Path, kind: str, key: str) -> None:
    text = with_block(f"{block(kind)}\n▸{key}x: y")
    problems = problems_of(write_publisher(tmp_path, text, files=FILES))
    assert_told(problems, "unknown-key", marked(text), f"no key `{key}x`", f"did you mean `{key}`?")


@pytest.mark.parametrize(
    ("kind", "key"), [(kind, key) for kind, key in KEYS if not BLOCKS[kind][key].startswith("[")]
)
def test_a_list_where_a_block_needs_one_value_is_refused(tmp_path: Path, kind: str, key: str) -> None:
    text = with_block(changed(block(kind, **{key: "[x]"}), f"\n{key}:", f"\n▸{key}:"))
    (problem,) = problems_of(write_publisher(tmp_path, text, files=FILES))
    assert problem.code in ("wrong-type", "wrong-value")
    assert problem.where == marked(text)
    assert f"`{key}`" in problem.message
    assert problem.hint


@pytest.mark.parametrize(
    ("kind", "key"), [(kind, key) for kind, key in KEYS if BLOCKS[kind][key].startswith("[")]
)
@pytest.mark.parametrize(("value", "what"), [("x", "'x'"), ("{x: y}", "keys")])
def test_one_value_where_a_block_needs_a_list_is_refused(
    tmp_path: Path, kind: str, key: str, value: str, what: str
) -> None:
    text = with_block(changed(block(kind, **{key: value}), f"\n{key}:", f"\n▸{key}:"))
    problems = problems_of(write_publisher(tmp_path, text))
    assert_told(problems, "wrong-type", marked(text), f"`{key}` must be a list, not {what}", "`- `")


#: A kind; its key with a slip; the same without it; code, message and hint.
IN_BLOCKS = [
    ("figure", "▸alt: ''", "alt: x", "empty-value", "`alt` is empty", "write it"),
    (
        "figure",
        "▸alt: The virus",
        "alt: A virus",
        "alt-text",
        "`alt` says the same as `caption`",
        "cannot see",
    ),
    ("figure", "▸alt: the  VIRUS.", "alt: Two", "alt-text", "`alt` says the same as `caption`", "cannot see"),
    ("figure", "▸width: 80%", "width: full", "wrong-value", "`width` cannot be '80%'", "'full', 'half' or"),
    ("figure", "image: ▸balls.svg", "image: ball.svg", "missing-picture", "no 'balls.svg'", "'ball.svg'?"),
    ("figure", "▸image: ball.SVG", "image: ball.svg", "wrong-value", "is no picture", "svg, png or jpg"),
    ("terms", "items: [▸{term: a}]", "items: [{term: a, text: b}]", "missing-key", "`text`", "What it means"),
    ("terms", "items: [▸a]", "items: [{term: a, text: b}]", "wrong-type", "not 'a'", "key: value"),
    (
        "terms",
        "items: [{term: a, ▸txt: x, text: b}]",
        "items: [{term: a, text: b}]",
        "unknown-key",
        "`txt`",
        "did you mean `text`?",
    ),
    ("key_points", "items: [▸{a: b}]", "items: ['a: b']", "wrong-type", "not keys", "a colon and a space"),
    (
        "callout",
        "▸tone: red",
        "tone: info",
        "wrong-value",
        "`tone` cannot be 'red'",
        "'info', 'tip', 'warning'",
    ),
    ("callout", "▸tone: Urgent", "tone: urgent", "wrong-value", "cannot be 'Urgent'", "or 'urgent'"),
    (
        "table",
        "rows: [▸[a], [b, c]]",
        "rows: [[a, b]]",
        "table-row",
        "1 cells, but the header has 2",
        "as many",
    ),
    (
        "table",
        "rows: [[a, b], ▸[a, b, c]]",
        "rows: [[a, b]]",
        "table-row",
        "3 cells, but the header",
        "as many",
    ),
    ("table", "rows: [▸a]", "rows: [[a, b]]", "wrong-type", "`rows` must be a list, not 'a'", "`- `"),
    ("table", "rows: [▸[]]", "rows: [[a, b]]", "empty-value", "at least one item", "`- `"),
    ("table", "rows: [[a, ▸'']]", "rows: [[a, b]]", "empty-value", "A cell is empty", "write a word"),
    ("table", "rows: [[a, ▸'-']]", "rows: [[a, –]]", "empty-value", "begins an item of a list", "no hyphen"),
    ("table", "▸rows: []", "rows: [[a, b]]", "empty-value", "`rows` needs at least one item", "`- `"),
    ("table", "▸row_headers: yes", "row_headers: false", "wrong-type", "true or false", "nothing else"),
    ("notes", "▸lines: many", "lines: 1", "wrong-type", "a whole number, not 'many'", "digits only"),
    ("notes", "▸lines: 1.5", "lines: 15", "wrong-type", "a whole number, not '1.5'", "digits only"),
    ("notes", "▸lines: 1_0", "lines: 10", "wrong-type", "a whole number, not '1_0'", "digits only"),
    ("notes", "▸lines: 0", "lines: '1'", "wrong-value", "`lines` must be 1 or more", "digits only"),
    ("notes", "▸lines: -2", "lines: 2", "wrong-value", "`lines` must be 1 or more", "digits only"),
    ("questions", "▸lines: 201", "lines: 200", "wrong-value", "`lines` must be 200 or less", "smaller"),
    ("statistic", "▸count: 8", "count: 7", "wrong-value", "`count` is larger than `of`", "count: 1"),
    ("statistic", "▸of: seven", "of: 7", "wrong-type", "`of` must be a whole number", "digits only"),
    ("shared", "▸id: Emergency", "id: emergency", "wrong-id", "'Emergency' is no id", "small letters"),
    ("shared", "id: ▸emergncy", "id: emergency", "missing-file", "no source/shared/emergncy", "'emergency'?"),
]


@pytest.mark.parametrize("slip", IN_BLOCKS, ids=names(IN_BLOCKS))
def test_a_slip_in_a_block_is_told_where_it_stands(tmp_path: Path, slip: tuple[str, ...]) -> None:
    kind, wrong, right, code, message, hint = slip
    key = wrong.replace(MARK, "").partition(":")[0]
    rest = block(kind, **{key: None})
    text = with_block(f"{rest}\n{wrong}")
    problems = problems_of(write_publisher(tmp_path, text, files=FILES))
    assert_told(problems, code, marked(text), message, hint)
    assert problems_of(write_publisher(tmp_path, with_block(f"{rest}\n{right}"), files=FILES)) == ()


#: An item of organisations or contacts, with a slip; without it; code, message and hint.
REACHED = [
    ("▸phone: call us", "phone: 0808 808 00 00", "wrong-value", "'call us' is no phone number", "`hours`"),
    ("▸phone: 0800 1111 ext 5", "phone: +44 (0)20 7946 0000", "wrong-value", "is no phone number", "digits"),
    ("▸phone: '---'", "phone: 999", "wrong-value", "'---' is no phone number", "digits"),
    ("▸phone: 99", "phone: 111", "wrong-value", "'99' is no phone number", "digits"),
    ("▸web: www.example.org", "web: https://www.example.org", "wrong-value", "no web address", "https://"),
    ("▸web: http://example.org", "web: https://example.org", "wrong-value", "no web address", "https://"),
    ("▸web: https://here", "web: https://example.org/here", "wrong-value", "no web address", "https://"),
    ("▸web: javascript:x.y", "web: https://x.y", "wrong-value", "no web address", "https://"),
    ("▸email: nobody", "email: nobody@example.org", "wrong-value", "no e-mail address", "name@example.org"),
    ("▸email: a@b", "email: a@b.org", "wrong-value", "no e-mail address", "name@example.org"),
    ("▸email: a b@c.org", "email: a-b@c.org", "wrong-value", "no e-mail address", "name@example.org"),
    ("▸fax: 1", "phone: 0800 1111", "unknown-key", "no key `fax`", "known keys: name, phone"),
    ("▸text: ''", "text: y", "empty-value", "`text` is empty", "write it"),
]


@pytest.mark.parametrize("kind", ["organisations", "contacts"])
@pytest.mark.parametrize("slip", REACHED, ids=names(REACHED))
def test_a_slip_in_an_address_is_told_where_it_stands(
    tmp_path: Path, kind: str, slip: tuple[str, ...]
) -> None:
    def item(line: str) -> str:
        text = "" if "text:" in line else "\n    text: x"
        return with_block(f"kind: {kind}\nitems:\n  - name: a{text}\n    {line}")

    wrong, right, code, message, hint = slip
    problems = problems_of(write_publisher(tmp_path, item(wrong)))
    assert_told(problems, code, marked(item(wrong)), message, hint)
    assert problems_of(write_publisher(tmp_path, item(right))) == ()


#: A link that is refused; one that passes; code, message and hint.
LINKS = [
    (
        "[words▸](#cold)",
        "[words](#colds)",
        "dead-link",
        "#cold leads to no section",
        "did you mean '#colds'?",
    ),
    ("[words▸](#xyz)", "[words](#colds)", "dead-link", "#xyz leads to no section", "known: #colds"),
    ("[words▸](#)", "[words](#colds)", "dead-link", "leads to no section", "known: #colds"),
    ("[words▸](#Colds)", "[words](#colds)", "dead-link", "#Colds leads to no section", "'#colds'?"),
    ("[words▸](booklet:flue)", "[words](booklet:flu)", "dead-link", "no booklet 'flue'", "'booklet:flu'?"),
    ("[words▸](booklet:)", "[words](booklet:flu)", "dead-link", "no booklet ''", "known: booklet:colds"),
    (f"[words▸](booklet:{'a' * 300})", "[words](booklet:flu)", "dead-link", "no booklet 'aaa", "booklet:flu"),
    ("[words▸](booklet:../flu)", "[words](booklet:colds)", "dead-link", "no booklet", "booklet:flu"),
    ("[words▸](http://a.org)", "[words](https://a.org)", "link-refused", "'http://a.org'", "https://"),
    ("[words▸](www.a.org)", "[words](https://www.a.org)", "link-refused", "'www.a.org'", "https://"),
    ("[words▸](javascript:alert(1))", "[w](https://a.org)", "link-refused", "'javascript:", "mailto:"),
    ("[words▸](vbscript:x)", "[w](https://a.org)", "link-refused", "'vbscript:x'", "mailto:"),
    ("[words▸](file:///etc/passwd)", "[w](https://a.org)", "link-refused", "'file:///etc", "booklet:"),
    ("[words▸](data:text/html,x)", "[w](https://a.org)", "link-refused", "'data:text", "booklet:"),
    ("[words▸](ftp://a.org/x)", "[w](https://a.org/x)", "link-refused", "'ftp://a.org/x'", "https:"),
    ("[words▸](leaflet.pdf)", "[w](https://a.org/leaflet.pdf)", "link-refused", "'leaflet.pdf'", "https:"),
    ("[words▸](../flu)", "[w](booklet:flu)", "link-refused", "'../flu'", "booklet:"),
    ("[words▸](//a.org)", "[w](https://a.org)", "link-refused", "'//a.org'", "https:"),
    ("[words▸]()", "words", "link-refused", "may not lead to ''", "https:"),
    ("▸<http://a.org>", "<https://a.org>", "link-refused", "'http://a.org'", "https://"),
    ("[words▸](https://)", "[words](https://a.org)", "dead-link", "leads nowhere", "https://example.org"),
    ("[words▸](https:a.org)", "[w](https://a.org)", "dead-link", "leads nowhere", "https://example.org"),
    ("[words▸](mailto:ann)", "[w](mailto:ann@a.org)", "dead-link", "leads nowhere", "name@example.org"),
    ("[words▸](tel:nurse)", "[w](tel:+44-800-1111)", "dead-link", "leads nowhere", "tel:08088080000"),
    ("[words▸](https://a b.org)", "[w](https://ab.org)", "link-refused", "cannot be read", "without a space"),
]


@pytest.mark.parametrize("slip", LINKS, ids=[row[0] for row in LINKS])
def test_a_link_that_leads_nowhere_or_out_of_bounds_is_told_at_its_place(
    tmp_path: Path, slip: tuple[str, ...]
) -> None:
    def linking(words: str) -> str:
        return with_block(f"|\n  Some words, and\n  more of them, as {words} say.")

    wrong, right, code, message, hint = slip
    files = {OTHER: FLU}
    problems = problems_of(write_publisher(tmp_path, linking(wrong), files=files))
    assert_told(problems, code, marked(linking(wrong)), message, hint)
    assert problems_of(write_publisher(tmp_path, linking(right), files=files)) == ()


def test_each_of_several_dead_links_is_told_at_its_own_place(tmp_path: Path) -> None:
    text = with_block("|\n  [a](#cold) [b](#colds)\n  [c](#col) [d](#cold)\n\n  - [e](#cold)")
    places = [str(problem.where) for problem in problems_of(write_publisher(tmp_path, text))]
    assert places == [f"{BOOKLET_FILE}:{place}" for place in ("20:13", "21:13", "21:23", "23:15")]


@pytest.mark.parametrize(
    "line",
    [
        "notice: '[x▸](#y)'",
        "about: '[x▸](#y)'",
        "key_points: ['[x▸](#y)']",
        "glossary: [{term: a, meaning: '[x▸](#y)'}]",
    ],
)
def test_a_dead_link_is_found_in_every_text_of_the_booklet(tmp_path: Path, line: str) -> None:
    text = f"{line}\n{BOOKLET}"
    problems = problems_of(write_publisher(tmp_path, text))
    assert_told(problems, "dead-link", marked(text), "#y leads to no section", "#colds")


@pytest.mark.parametrize(
    "written",
    [
        "kind: terms\nitems: [{term: a, text: '[x▸](#y)'}]",
        "kind: key_points\nitems: ['[x▸](#y)']",
        "kind: callout\ntone: tip\ntitle: a\ncontent: '[x▸](#y)'",
        "kind: quote\ntext: '[x▸](#y)'\nwho: a",
        "kind: table\ncaption: a\nheader: [a]\nrows: [['[x▸](#y)']]",
        "kind: steps\nitems: ['[x▸](#y)']",
        "kind: statistic\ncount: 1\nof: 2\ntext: '[x▸](#y)'",
        "kind: contacts\nitems: [{name: a, text: '[x▸](#y)'}]",
        "kind: text\nmarkdown: '[x▸](#y)'",
    ],
)
def test_a_dead_link_is_found_in_every_text_of_a_block(tmp_path: Path, written: str) -> None:
    text = with_block(written)
    problems = problems_of(write_publisher(tmp_path, text))
    assert_told(problems, "dead-link", marked(text), "#y leads to no section", "#colds")


def test_a_link_gives_the_other_booklets_title_and_code(tmp_path: Path) -> None:
    text = with_block("'[flu](booklet:flu)'")
    outcome = Source(write_publisher(tmp_path, text, files={OTHER: FLU})).booklet("colds")
    assert outcome.value is not None
    reference = outcome.value.booklet.references["flu"]
    assert (reference.title, reference.code) == ("All about flu", "HI901")
    assert OTHER in outcome.value.files


def test_a_link_to_a_booklet_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    text = with_block("'[flu▸](booklet:flu)'")
    problems = problems_of(write_publisher(tmp_path, text, files={OTHER: "title: [\n"}))
    assert_told(problems, "dead-link", marked(text), "'flu' has no title and code", f"mend {OTHER}")


def test_a_picture_behind_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.svg"
    outside.write_text(DRAWING)
    text = f"cover: ▸ball.svg\n{BOOKLET}"
    root = write_publisher(tmp_path / "publisher", text)
    (root / PICTURE_FILE).symlink_to(outside)
    assert_told(
        problems_of(root), "missing-picture", marked(text), "no file in the publisher's", "not a link"
    )
    (root / PICTURE_FILE).unlink()
    (root / "source/drawing.svg").write_text(DRAWING)
    (root / PICTURE_FILE).symlink_to(root / "source/drawing.svg")
    assert problems_of(root) == ()


def test_yaml_behind_a_link_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "booklet.yaml"
    outside.write_text(BOOKLET)
    root = write_publisher(tmp_path / "publisher", None, files={"source/booklets/colds/x.svg": DRAWING})
    (root / BOOKLET_FILE).symlink_to(outside)
    assert [problem.code for problem in problems_of(root)] == ["missing-file"]


def test_a_picture_that_is_refused_is_told_where_it_is_named(tmp_path: Path) -> None:
    text = f"cover: ▸ball.svg\n{BOOKLET}"
    hostile = changed(DRAWING, "<title>", "<script/><title>")
    problems = problems_of(write_publisher(tmp_path, text, files={PICTURE_FILE: hostile}))
    assert_told(problems, "picture-refused", marked(text), "'ball.svg' holds <script>", "without it")


def test_a_picture_in_a_folder_beside_the_booklet_passes(tmp_path: Path) -> None:
    text = f"cover: art/cover.svg\n{BOOKLET}"
    files = {"source/booklets/colds/art/cover.svg": DRAWING}
    outcome = Source(write_publisher(tmp_path, text, files=files)).booklet("colds")
    assert outcome.value is not None
    assert [(a.name, a.data) for a in outcome.value.assets] == [("art/cover.svg", DRAWING.encode())]


def test_a_shared_block_stands_in_the_place_of_its_reference(tmp_path: Path) -> None:
    outcome = Source(write_publisher(tmp_path, with_block(block("shared")), files=FILES)).booklet("colds")
    assert outcome.value is not None
    shared = outcome.value.booklet.sections[0].content[1]
    assert (shared.kind, shared.where) == ("callout", Where(SHARED_FILE, 1, 1))
    assert SHARED_FILE in outcome.value.files


def test_a_faulty_shared_block_is_told_once_in_its_own_file(tmp_path: Path) -> None:
    faulty = changed(block("callout"), "tone: tip", "▸tone: red")
    text = with_block(block("shared"), with_block(block("shared")))
    problems = problems_of(write_publisher(tmp_path, text, files={SHARED_FILE: faulty}))
    assert_told(problems, "wrong-value", marked(faulty, SHARED_FILE), "`tone` cannot be 'red'", "'info'")


def test_the_picture_of_a_shared_block_stands_in_the_booklets_folder(tmp_path: Path) -> None:
    files = {PICTURE_FILE: DRAWING, SHARED_FILE: block("figure", image="▸ball.svg")}
    text = with_block(block("shared"))
    assert problems_of(write_publisher(tmp_path, text, files=files)) == ()
    (tmp_path / PICTURE_FILE).unlink()
    where, hint = marked(files[SHARED_FILE], SHARED_FILE), "put the file in source/booklets/colds/"
    assert_told(problems_of(tmp_path), "missing-picture", where, "there is no 'ball.svg'", hint)


@pytest.mark.parametrize("kind", ["shared", "local"])
def test_what_cannot_be_shared_is_told_in_its_own_file(tmp_path: Path, kind: str) -> None:
    files = {SHARED_FILE: block(kind)}
    problems = problems_of(write_publisher(tmp_path, with_block(block("shared")), files=files))
    assert_told(problems, "wrong-value", Where(SHARED_FILE), "cannot be shared", "another kind")


def test_a_dead_link_in_a_shared_block_is_told_in_its_own_file(tmp_path: Path) -> None:
    linking = changed(block("callout"), "Honey *soothes*.", "'[x▸](#y)'")
    problems = problems_of(
        write_publisher(tmp_path, with_block(block("shared")), files={SHARED_FILE: linking})
    )
    assert_told(problems, "dead-link", marked(linking, SHARED_FILE), "#y leads to no section", "#colds")


@pytest.mark.parametrize(
    ("text", "code"),
    [("- kind: notes\n", "wrong-type"), ("Some words\n", "wrong-type"), ("", "yaml-empty")],
)
def test_a_shared_file_that_holds_no_block_is_refused(tmp_path: Path, text: str, code: str) -> None:
    problems = problems_of(write_publisher(tmp_path, with_block(block("shared")), files={SHARED_FILE: text}))
    assert [(problem.code, problem.where.file) for problem in problems] == [(code, SHARED_FILE)]


def test_a_booklets_outline_is_read_however_faulty_the_rest_is(tmp_path: Path) -> None:
    source = Source(
        write_publisher(tmp_path, f"layouts: [a5-booklet]\nzzz: 1\n{BOOKLET}", files={OTHER: "]"})
    )
    assert (source.outline("colds").language, source.outline("colds").layouts) == ("en-GB", ("a5-booklet",))
    assert (source.outline("flu").language, source.outline("flu", "cy").language) == ("", "cy")


def test_a_stock_code_that_two_booklets_bear_is_told_in_both(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={OTHER: changed(FLU, "code: HI901", "code: 'HI900' # old")})
    for booklet, other, file in (("colds", "flu", BOOKLET_FILE), ("flu", "colds", OTHER)):
        problems = problems_of(root, booklet)
        assert_told(problems, "duplicate-code", Where(file, 2, 1), f"HI900 is that of '{other}'", "its own")
    assert problems_of(write_publisher(tmp_path, files={OTHER: FLU})) == ()


def test_a_folder_whose_name_is_no_id_is_refused(tmp_path: Path) -> None:
    file = "source/booklets/My_Colds/booklet.yaml"
    source = Source(write_publisher(tmp_path, files={file: FLU}))
    assert source.ids == ("My_Colds", "colds")
    assert_told(source.booklet("My_Colds").problems, "wrong-id", Where(file), "'My_Colds'", "small letters")


def test_a_booklet_under_another_ending_is_found_and_told(tmp_path: Path) -> None:
    source = Source(write_publisher(tmp_path, files={"source/booklets/flu/booklet.yml": FLU}))
    assert source.ids == ("colds", "flu")
    problems = source.booklet("flu").problems
    assert_told(problems, "missing-file", Where(OTHER), f"no {OTHER}", "give 'booklet.yml' this name")
    assert source.booklet("colds").problems == ()


def test_a_missing_house_is_told_with_every_booklet(tmp_path: Path) -> None:
    problems = problems_of(write_publisher(tmp_path, house=None))
    assert_told(problems, "missing-file", Where(HOUSE_FILE), "There is no source/house.yaml", "create it")


#: A part of HOUSE; what is written in its place; code, message and hint.
IN_HOUSE = [
    (
        "name: The House of Health\nquality",
        "▸quality",
        "missing-key",
        "`name` is missing",
        "publisher's name",
    ),
    ("quality_mark:", "▸strap_line: x\nquality_mark:", "unknown-key", "`strap_line`", "`strapline`?"),
    ("  scheme", "  ▸schema: x\n  scheme", "unknown-key", "no key `schema`", "did you mean `scheme`?"),
    ("    from", "    ▸first: 2026-06-01\n    from", "unknown-key", "no key `first`", "known keys: from, to"),
    ("to: 2027-05-31", "▸to: 2026-05-31", "wrong-date", "ends before it begins", "both dates"),
    ("to: 2027-05-31", "▸to: May 2027", "wrong-date", "`to` must be a date", "2026-11-23"),
    ("  scheme: PIF TICK\n", "", "missing-key", "`scheme` is missing", "PIF TICK"),
    ("  holder: The House of Health\n", "", "missing-key", "`holder` is missing", "granted"),
    ("  statement: This booklet was made with care.", "", "missing-key", "`statement`", "word for word"),
    ("statement: This", "statement: This ▸<br>", "markdown-refused", "raw HTML", "plain text"),
    ("quality_mark:", "▸web: example.org\nquality_mark:", "wrong-value", "no web address", "https://"),
    ("quality_mark:", "▸catalogue: http://x.org\nquality_mark:", "wrong-value", "no web address", "https://"),
    ("quality_mark:", "▸email: me\nquality_mark:", "wrong-value", "no e-mail address", "name@example.org"),
    ("quality_mark:", "▸phone: none\nquality_mark:", "wrong-value", "no phone number", "0808"),
    (
        "quality_mark:",
        "logo: ▸house/logo.svg\nquality_mark:",
        "missing-picture",
        "'house/logo.svg'",
        "put the file in source/",
    ),
    (
        "  holder",
        "  logo: ▸tick.svg\n  holder",
        "missing-picture",
        "there is no 'tick.svg'",
        "put the file in source/",
    ),
    ("quality_mark:", "▸sign_off_roles: nurse\nquality_mark:", "wrong-type", "must be a list", "`- `"),
    ("quality_mark:", "▸how_we_can_help: {a: b}\nquality_mark:", "wrong-type", "must be a list", "`- `"),
    (
        "quality_mark:",
        "imprint: '[x▸](#y)'\nquality_mark:",
        "dead-link",
        "house.yaml cannot link to #y",
        "https:",
    ),
    ("quality_mark:", "feedback: '[x▸](booklet:colds)'\nquality_mark:", "dead-link", "cannot link", "https:"),
    (
        "quality_mark:",
        "how_we_can_help: [▸{kind: local}]\nquality_mark:",
        "wrong-value",
        "in a booklet only",
        "take it away",
    ),
]


@pytest.mark.parametrize("slip", IN_HOUSE, ids=names(IN_HOUSE))
def test_a_slip_in_the_house_is_told_where_it_stands(tmp_path: Path, slip: tuple[str, ...]) -> None:
    old, new, code, message, hint = slip
    text = changed(HOUSE, old, new)
    if MARK not in text:
        text = changed(text, "quality_mark:", "▸quality_mark:")
    problems = problems_of(write_publisher(tmp_path, house=text))
    assert_told(problems, code, marked(text, HOUSE_FILE), message, hint)


def test_a_house_with_every_key_is_read(tmp_path: Path) -> None:
    text = f"""\
{HOUSE.rstrip()}
  logo: house/tick.svg
strapline: For your health
address: 1 High Street
web: https://example.org
email: hello@example.org
phone: 0800 1111
logo: house/logo.svg
how_we_can_help:
  - Call us.
  - kind: figure
    image: house/door.svg
    alt: A blue door
    caption: Our door
  - kind: shared
    id: emergency
formats: Ask for *large print*.
feedback: Write to [us](mailto:hello@example.org).
disclaimer: See a doctor.
imprint: Charity 1
catalogue: https://example.org/booklets
sign_off_roles: [clinical, editorial]
"""
    pictures = {f"source/house/{name}.svg": DRAWING for name in ("tick", "logo", "door")}
    outcome = Source(write_publisher(tmp_path, house=text, files=FILES | pictures)).booklet("colds")
    assert outcome.problems == ()
    assert outcome.value is not None
    house = outcome.value.house
    assert [part.kind for part in house.how_we_can_help] == ["text", "figure", "callout"]
    assert house.sign_off_roles == ("clinical", "editorial")
    assert {asset.name for asset in outcome.value.assets} == {
        f"house/{n}.svg" for n in ("tick", "logo", "door")
    }
    assert {SHARED_FILE, *pictures} <= set(outcome.value.files)


def clinic_problems(root: Path, clinic: str = "riverside") -> tuple[Problem, ...]:
    return Source(root).clinic(clinic).problems


#: Lines behind CLINIC: with a slip; without it; code, message and hint.
IN_CLINIC = [
    ("▸notes: x", "note: x", "unknown-key", "no key `notes`", "did you mean `note`?"),
    ("▸title: x", "note: x", "unknown-key", "no key `title`", "known keys: name, address"),
    ("▸note: '- a'", "note: a", "wrong-value", "`note` must be one paragraph", "list"),
    ('▸note: "a\\n\\nb"', 'note: "a\\nb"', "wrong-value", "`note` must be one paragraph", "other paragraphs"),
    ("note: '[x▸](#colds)'", "note: '[x](tel:08001111)'", "dead-link", "riverside.yaml cannot link", "tel:"),
    ("note: a ▸<b>", "note: b", "markdown-refused", "raw HTML", "plain text"),
    ("booklets: [▸cold]", "booklets: [colds]", "wrong-value", "There is no booklet 'cold'", "'colds'?"),
    ("booklets: [▸Colds]", "booklets: [colds]", "wrong-id", "'Colds' is no id", "small letters"),
    ("▸booklets: colds", "booklets: [colds]", "wrong-type", "`booklets` must be a list", "`- `"),
    ("logo: ▸x.svg", "logo: clinics/logo.svg", "missing-picture", "no 'x.svg'", "put the file in source/"),
    (
        "▸urgent: {text: a, phone: 999}",
        "urgent: {text: a, phone: 999, hours: b}",
        "missing-key",
        "`hours` is missing",
        "When somebody",
    ),
]


@pytest.mark.parametrize("slip", IN_CLINIC, ids=names(IN_CLINIC))
def test_a_slip_in_a_clinic_is_told_where_it_stands(tmp_path: Path, slip: tuple[str, ...]) -> None:
    def files(line: str) -> dict[str, str]:
        return {CLINIC_FILE: f"{CLINIC}{line}\n", "source/clinics/logo.svg": DRAWING}

    wrong, right, code, message, hint = slip
    root = write_publisher(tmp_path, files=files(wrong))
    assert_told(clinic_problems(root), code, marked(CLINIC + wrong, CLINIC_FILE), message, hint)
    assert clinic_problems(write_publisher(tmp_path, files=files(right))) == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [("name: Riverside Day Unit\n", "`name` is missing"), ("name: Ward desk", "`name` is missing")],
)
def test_a_clinic_and_its_contacts_need_a_name(tmp_path: Path, line: str, message: str) -> None:
    text = changed(CLINIC, line, "hours: all day" if "desk" in line else "")
    (problem,) = clinic_problems(write_publisher(tmp_path, files={CLINIC_FILE: text}))
    assert (problem.code, problem.message) == ("missing-key", message)


def test_a_clinic_that_is_not_there_or_has_no_id_is_told(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={CLINIC_FILE: CLINIC})
    missing = "source/clinics/rivrside.yaml"
    assert_told(clinic_problems(root, "rivrside"), "missing-file", Where(missing), missing, "riverside.yaml")
    assert [problem.code for problem in clinic_problems(root, "../house")] == ["wrong-id"]


def test_a_translation_is_read_with_its_language(tmp_path: Path) -> None:
    source = Source(write_publisher(tmp_path, files={**WELSH_HOUSE, WELSH_FILE: WELSH}))
    assert source.translations("colds") == ("", "cy")
    outcome = source.booklet("colds", "cy")
    assert outcome.problems == ()
    assert outcome.value is not None
    assert (outcome.value.booklet.id, outcome.value.booklet.language) == ("colds", "cy")


def welsh_problems(folder: Path, old: str, new: str, master: str = BOOKLET) -> tuple[Problem, ...]:
    files = {**WELSH_HOUSE, WELSH_FILE: changed(WELSH, old, new), OTHER: FLU}
    return problems_of(write_publisher(folder, master, files=files), "colds", "cy")


def test_a_translation_names_the_version_that_it_translates(tmp_path: Path) -> None:
    problems = welsh_problems(tmp_path, 'translation_of: "1.0"\n', "")
    assert_told(problems, "missing-key", Where(WELSH_FILE), "`translation_of` is missing", "master's version")


@pytest.mark.parametrize("language", ["en-GB", "cym"])
def test_a_translation_is_in_the_language_of_its_name(tmp_path: Path, language: str) -> None:
    problems = welsh_problems(tmp_path, "language: cy", f"language: {language}")
    assert_told(problems, "wrong-value", Where(WELSH_FILE, 3, 1), f"'{language}'", "agree")
    assert welsh_problems(tmp_path, "language: cy", "language: cy-GB") == ()


def test_two_files_of_one_language_are_told(tmp_path: Path) -> None:
    again = 'translation_of: "1.0"\n' + BOOKLET
    files = {"source/booklets/colds/booklet.en.yaml": again}
    [problem] = problems_of(write_publisher(tmp_path, files=files), "colds", "en")
    assert (problem.code, problem.where.line) == ("duplicate-language", 4)
    assert "booklet.yaml" in problem.message


def test_a_translation_may_use_the_shared_blocks_of_its_master(tmp_path: Path) -> None:
    shared = with_block("{kind: shared, id: emergency}")
    translated = 'translation_of: "1.0"\n' + changed(shared, "language: en-GB", "language: cy")
    files = {**FILES, **WELSH_HOUSE, **WELSH_SHARED, WELSH_FILE: translated}
    assert problems_of(write_publisher(tmp_path, shared, files=files), "colds", "cy") == ()


def test_a_translation_has_the_words_of_the_house_and_of_shared_blocks_in_its_language(
    tmp_path: Path,
) -> None:
    shared = with_block("{kind: shared, id: emergency}")
    translated = changed(changed(shared, "language: en-GB", 'language: cy\ntranslation_of: "1.0"'), "x", "x")
    text = {**FILES, WELSH_FILE: translated}
    whole = {**text, **WELSH_HOUSE, "source/shared/emergency.cy.yaml": block("callout", title="Brys")}
    outcome = Source(write_publisher(tmp_path / "whole", shared, files=whole)).booklet("colds", "cy")
    assert outcome.problems == ()
    assert outcome.value
    mark, (_, callout) = outcome.value.house.quality_mark, outcome.value.booklet.sections[0].content
    assert mark
    assert mark.scheme == "PIF TICK"
    assert mark.statement.text == "Gwnaed y llyfryn hwn yn ofalus."
    assert isinstance(callout, Callout)
    assert callout.title == "Brys"
    assert {"source/house.cy.yaml", "source/shared/emergency.cy.yaml"} <= set(outcome.value.files)
    part = Source(write_publisher(tmp_path / "part", shared, files=text)).booklet("colds", "cy")
    assert part.value
    assert {(one.code, one.severity.value) for one in part.problems} == {("not-translated", "warning")}
    assert [one.hint for one in part.problems] == [
        "translate source/shared/emergency.yaml in source/shared/emergency.cy.yaml",
        "translate it in source/house.cy.yaml",
    ]


def test_a_translation_of_the_house_changes_no_name_and_no_number(tmp_path: Path) -> None:
    house = "▸phone: 020 7946 0000\nquality_mark: {statement: Iawn.}\n"
    files = {WELSH_FILE: WELSH, "source/house.cy.yaml": house}
    problems = problems_of(write_publisher(tmp_path, files=files), "colds", "cy")
    where = Where("source/house.cy.yaml", 1, 1)
    assert_told(problems, "unknown-key", where, "`phone` stands in house.yaml alone", "strapline")


def test_a_translation_shares_its_masters_code(tmp_path: Path) -> None:
    problems = welsh_problems(tmp_path, "code: HI900", "code: HI900-CY")
    assert_told(problems, "wrong-value", Where(WELSH_FILE, 2, 1), "which is HI900", "shares")


#: What is written in a translation in place of what; and what is said of it.
STRAYED = [
    ("id: colds", "id: ▸annwyd", ["The master has no section 'annwyd'", "section 'colds' is missing"]),
    ("      - Most", "      - kind: local\n      - Most", ["The blocks of 'colds' are not the master's"]),
]


@pytest.mark.parametrize(("old", "new", "messages"), STRAYED)
def test_a_translation_keeps_its_masters_sections_and_blocks(
    tmp_path: Path, old: str, new: str, messages: list[str]
) -> None:
    problems = welsh_problems(tmp_path, old, new)
    assert {problem.code for problem in problems} == {"not-as-master"}
    assert all(problem.hint for problem in problems)
    assert all(any(message in problem.message for problem in problems) for message in messages)
    assert len(problems) == len(messages)


def test_the_blocks_of_the_master_are_named(tmp_path: Path) -> None:
    (problem,) = welsh_problems(
        tmp_path, "content:\n      - Most", "content:\n      - kind: local\n      - Most"
    )
    assert problem.hint == "the master has here: text"
    master = changed(
        f"{BOOKLET}    sections: [{{id: a, title: A, content: x}}]\n", f"    content:{CONTENT}\n", ""
    )
    translation = changed(WELSH, CONTENT, f"{CONTENT}\n    sections: [{{id: a, title: A, content: x}}]")
    root = write_publisher(tmp_path, master, files={**WELSH_HOUSE, WELSH_FILE: translation})
    assert [problem.hint for problem in problems_of(root, "colds", "cy")] == ["the master has here: nothing"]


def test_a_translation_keeps_the_order_of_its_masters_sections(tmp_path: Path) -> None:
    one, two = (f"  - id: {name}\n    title: x\n    content: x\n" for name in ("one", "two"))
    old, new = BOOKLET + one + two, WELSH + two + one
    problems = problems_of(
        write_publisher(tmp_path, old, files={**WELSH_HOUSE, WELSH_FILE: new}), "colds", "cy"
    )
    assert [(problem.code, problem.where) for problem in problems] == [
        ("not-as-master", Where(WELSH_FILE, 20, 9))
    ]
    assert "'two' is out of order" in problems[0].message


def test_a_translation_whose_master_is_missing_leaves_that_to_the_master(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, None, files={**WELSH_HOUSE, WELSH_FILE: WELSH})
    assert problems_of(root, "colds", "cy") == ()
    assert_told(problems_of(root), "missing-file", Where(BOOKLET_FILE), f"no {BOOKLET_FILE}", "create it")


def test_a_translation_of_an_older_version_need_not_follow_the_new_master(tmp_path: Path) -> None:
    newer = changed(with_block("More words."), '"1.0"', '"1.1"')
    assert welsh_problems(tmp_path, "All about colds", "Annwyd", newer) == ()


@pytest.mark.parametrize("name", ["booklet.cy.yml", "booklet.welsh.yaml", "booklet_cy.yaml", "booklet.yml"])
def test_a_file_that_would_not_be_read_is_told(tmp_path: Path, name: str) -> None:
    file = f"source/booklets/colds/{name}"
    problems = problems_of(write_publisher(tmp_path, files={file: WELSH}))
    assert_told(problems, "wrong-file-name", Where(file), f"'{name}' is not read", "booklet.cy.yaml")


def test_all_faults_of_a_file_are_told_at_once_in_their_order(tmp_path: Path) -> None:
    text = """\
titel: x
title: [Colds]
code: HI 900
language: English
version: 1
published: 23/11/2026
next_review: 2029-02-30
cover: nothing.svg
code: HI901
about: &note A <b>bold</b> word.
key_points: [Rest., '']
sections:
  - id: Colds
    title: Colds
    content:
      - kind: figur
      - kind: notes
        lines: many
      - |
        Some words
        and [more](#fever).
      - kind: local
      - kind: local
  - id: empty
    title: Empty
credits:
  produced_by: *note
  approved_by: [{capacity: Editor}]
  reviewers: []
"""
    problems = problems_of(write_publisher(tmp_path, text))
    told = [(problem.where.line, problem.code) for problem in problems]
    assert told == sorted(told, key=lambda place: place[0])
    assert sorted(told) == sorted(
        [
            (1, "unknown-key"),
            (2, "wrong-type"),
            (3, "wrong-value"),
            (4, "wrong-value"),
            (5, "wrong-value"),
            (6, "wrong-date"),
            (7, "wrong-date"),
            (8, "missing-picture"),
            (9, "yaml-duplicate-key"),
            (10, "yaml-anchor"),
            (10, "markdown-refused"),
            (10, "markdown-refused"),
            (11, "empty-value"),
            (13, "wrong-id"),
            (16, "unknown-kind"),
            (17, "missing-key"),
            (18, "wrong-type"),
            (21, "dead-link"),
            (23, "two-local-blocks"),
            (24, "empty-section"),
            (27, "yaml-alias"),
            (27, "empty-value"),
            (28, "missing-key"),
            (29, "empty-value"),
        ]
    )
    assert all(problem.hint for problem in problems)
    assert {problem.where.file for problem in problems} == {BOOKLET_FILE}


def test_a_fault_in_one_item_is_no_fault_of_its_list(tmp_path: Path) -> None:
    text = with_block("kind: contacts\nitems:\n  - ▸phone: 999")
    problems = problems_of(write_publisher(tmp_path, text))
    assert_told(problems, "missing-key", marked(text), "`name` is missing", "Who or what")


def test_a_place_is_written_as_file_line_and_column(tmp_path: Path) -> None:
    (problem,) = problems_of(write_publisher(tmp_path, with_block("kind: figur")))
    assert str(problem.where) == f"{BOOKLET_FILE}:19:9"


def test_a_fault_in_one_booklet_leaves_the_others_readable(tmp_path: Path) -> None:
    source = Source(write_publisher(tmp_path, "title: [\n", files={OTHER: FLU}))
    assert source.ids == ("colds", "flu")
    assert source.booklet("colds").value is None
    assert source.booklet("flu").value is not None
    assert source.booklet("flu").problems == ()


WORDS = ["figure", "text", "x.svg", "../x.svg", "[a](#b)", "[a](booklet:b)", "2026-11-23", "1.0", "true", "3"]
KEYS_EVERYWHERE = sorted({*Booklet.model_fields, *Section.model_fields, *(key for _, key in KEYS), "kind"})
TREES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.text(max_size=8) | st.sampled_from([*WORDS, *KINDS]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS_EVERYWHERE) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    changes=st.dictionaries(st.sampled_from(sorted(Booklet.model_fields)), TREES, max_size=3), content=TREES
)
def test_no_mapping_whatever_makes_the_reader_fail(
    tmp_path: Path, changes: dict[str, Any], content: Any
) -> None:
    tree = yaml.safe_load(BOOKLET)
    tree["sections"][0]["content"] = [content, {"kind": "figure", "image": content}]
    text = yaml.safe_dump(tree | changes, allow_unicode=True)
    outcome = Source(write_publisher(tmp_path, text)).booklet("colds")
    assert (outcome.value is None) == bool(outcome.problems)
    assert all(problem.where.line >= 1 and problem.message for problem in outcome.problems)
