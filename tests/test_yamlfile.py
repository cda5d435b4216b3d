"""Does the reader of YAML take every text as it was written, and refuse the rest with its place?"""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from publisher import MARK, assert_told, marked

from booklet.blocks import Mapped, Sequenced
from booklet.problem import Outcome, Where
from booklet.prose import Scalar
from booklet.yamlfile import MAX_BYTES, MAX_DEPTH, place_of, read_yaml

FILE = "source/house.yaml"


def read(text: str) -> Outcome[Mapped]:
    return read_yaml(text.replace(MARK, "").encode(), FILE)


#: A slip with the place of its fault; the same without it; code, message and hint.
SLIPS: dict[str, tuple[str, str, str, str, str]] = {
    "a key that stands twice": (
        "title: A\ncode: B\n▸title: C\n",
        "title: A\ncode: B\n",
        "yaml-duplicate-key",
        "`title` stands twice",
        "line 1",
    ),
    "a key that stands twice below another": (
        "a:\n  - b: 1\n    c: 2\n    ▸b: 3\n",
        "a:\n  - b: 1\n    c: 2\nb: 3\n",
        "yaml-duplicate-key",
        "`b` stands twice",
        "line 2",
    ),
    "a key that stands twice on one line": (
        "a: {b: 1, ▸b: 2}\n",
        "a: {b: 1, c: 2}\n",
        "yaml-duplicate-key",
        "`b` stands twice",
        "line 1",
    ),
    "an anchor": ("a: ▸&name text\n", "a: '&name text'\n", "yaml-anchor", "(&name)", "take the &"),
    "an alias": ("a: ▸*name\n", "a: '*name'\n", "yaml-alias", "(*name)", "source/shared/"),
    "a tag": ("a: ▸!!str 1\n", "a: '!!str 1'\n", "yaml-tag", "(!!str)", "take the !"),
    "an own tag": ("a:\n  ▸!figure {b: 1}\n", "a:\n  {b: 1}\n", "yaml-tag", "(!figure)", "quotes"),
    "a bare exclamation mark": ("a: ▸! b\n", "a: b!\n", "yaml-tag", "(!)", "take the !"),
    "a tag on the whole file": (
        "--- ▸!booklet\na: 1\n",
        "---\na: 1\n",
        "yaml-tag",
        "(!booklet)",
        "take the !",
    ),
    "an anchor on a key": ("▸&a b: 1\n", "b: 1\n", "yaml-anchor", "(&a)", "take the &"),
    "a list as key": ("▸[a]: b\n", "'[a]': b\n", "wrong-type", "A key must be", "title: …"),
    "nothing as key": ("▸null: b\n", "'null': b\n", "wrong-type", "A key must be", "title: …"),
    "a second document": (
        "a: 1\n▸---\nb: 2\n",
        "---\na: 1\nb: 2\n",
        "yaml-syntax",
        "second document",
        "`---`",
    ),
    "a text behind the end": ("a: 1\n...\n▸b: 2\n", "a: 1\n...\n", "yaml-syntax", "not YAML", "`...`"),
    "a list in place of keys": ("▸- a\n- b\n", "a:\n- b\n", "wrong-type", "`key: value` lines", "title: …"),
    "a text in place of keys": ("▸All about colds\n", "a: colds\n", "wrong-type", "`key: value`", "title: …"),
    "an indentation by tab": ("a:\n▸\tb: 1\n", "a:\n  b: 1\n", "yaml-syntax", "not YAML", "never with tabs"),
    "a tab inside a text": (
        "a: |\n  one\n▸\ttwo\n",
        "a: |\n  one\n  \ttwo\n",
        "yaml-syntax",
        "tab",
        "never with tabs",
    ),
    "a colon in a text": ("a: one▸: two\n", "a: 'one: two'\n", "yaml-syntax", "not YAML", "in quotes"),
    "two colons in a line": ("a: it is▸: two\n", "a: it is two\n", "yaml-syntax", "not YAML", "in quotes"),
    "an open single quote": (
        "a: ▸'one\nb: 2\n",
        "a: 'one'\nb: 2\n",
        "yaml-syntax",
        "",
        "opened and not closed",
    ),
    "an open double quote": ('b: 1\na: ▸"one', 'b: 1\na: "one"', "yaml-syntax", "", "opened and not closed"),
    "a quote over the file's end": ('a: ▸"one\n\n---\n', 'a: "one"\n', "yaml-syntax", "", "not closed"),
    "a quoted word at the start": (
        'a: "One" ▸word\n',
        "a: '\"One\" word'\n",
        "yaml-syntax",
        "not YAML",
        "quotes of the other kind",
    ),
    "a bracket at the start": (
        "a: [One] ▸word\n",
        "a: '[One] word'\n",
        "yaml-syntax",
        "",
        "quotes of the other",
    ),
    "an open bracket": ("a: ▸[1, 2\nb: 3\n", "a: [1, 2]\nb: 3\n", "yaml-syntax", "", "close the bracket"),
    "an open brace": ("a: ▸{b: 1\n", "a: {b: 1}\n", "yaml-syntax", "", "close the bracket"),
    "an at sign at the start": ("a: ▸@home\n", "a: '@home'\n", "yaml-syntax", "", "begins with @"),
    "a backtick at the start": ("a: ▸`b`\n", "a: b\n", "yaml-syntax", "", "begins with @, `"),
    "bold at the start": (
        "a:\n  - *▸*bold** text\n",
        "a:\n  - '**bold** text'\n",
        "yaml-syntax",
        "",
        "begins with *",
    ),
    "an arrow before a text": ("a: > ▸one\n  two\n", "a: >\n  one\n  two\n", "yaml-syntax", "", "next line"),
    "a list behind its key": (
        "a: ▸- b\n",
        "a:\n  - b\n",
        "yaml-syntax",
        "",
        "begin the list on the next line",
    ),
    "a key without a space": (
        "a: 1\n▸title:Colds\nb: 2\n",
        "a: 1\ntitle: Colds\n",
        "yaml-syntax",
        "",
        "title: …",
    ),
    "a text without its indentation": (
        "a: |\n  one\n▸two\nb: 1\n",
        "a: |\n  one\n  two\nb: 1\n",
        "yaml-syntax",
        "not YAML",
        "indent the line",
    ),
    "an item out of line": ("a:\n  - b\n ▸- c\n", "a:\n  - b\n  - c\n", "yaml-syntax", "", "indentation"),
    "an unknown escape": ('a: "C:▸\\q"\n', 'a: "C:\\\\q"\n', "yaml-syntax", "escape", "single quotes"),
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_a_slip_is_told_with_its_place_and_a_hint(slip: tuple[str, str, str, str, str]) -> None:
    wrong, right, code, message, hint = slip
    assert_told(read(wrong).problems, code, marked(wrong, FILE), message, hint)
    assert read(right).problems == ()


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# only a remark\n", "---\n", "---\n...\n", "null\n", "~\n", "\ufeff"]
)
def test_an_empty_file_is_refused(text: str) -> None:
    outcome = read(text)
    assert outcome.value is None
    assert_told(outcome.problems, "yaml-empty", Where(FILE), "empty", "key: value")


def test_all_faults_of_form_are_told_at_once_and_the_rest_is_read() -> None:
    outcome = read("a: &x 1\nb: *x\nc: !t 2\na: 3\nd: \u200b4\n")
    told = {(problem.code, problem.where.line) for problem in outcome.problems}
    assert told == {
        ("yaml-anchor", 1),
        ("yaml-alias", 2),
        ("yaml-tag", 3),
        ("yaml-duplicate-key", 4),
        ("yaml-character", 5),
    }
    assert outcome.value == {"a": "1", "b": None, "c": "2", "d": "4"}


def test_the_first_of_two_equal_keys_counts() -> None:
    assert read("a: 1\na: 2\n").value == {"a": "1"}


@pytest.mark.parametrize(
    "scalar",
    [
        "no",
        "on",
        "yes",
        "true",
        "1.10",
        "0777",
        "0x1F",
        "1_000",
        "12:30:45",
        "2026-11-23",
        "+44",
        ".inf",
        "=",
        "<<",
    ],
)
def test_what_yaml_might_take_for_a_number_time_or_flag_stays_text(scalar: str) -> None:
    outcome = read(f"a: {scalar}\n")
    assert outcome == Outcome(Mapped(a=scalar))


@pytest.mark.parametrize("nothing", ["", "~", "null"])
def test_nothing_is_nothing_only_where_it_is_not_quoted(nothing: str) -> None:
    assert read(f"a: {nothing}\n").value == {"a": None}
    assert read(f"a: '{nothing}'\n").value == {"a": nothing}


def test_merge_keys_are_plain_keys() -> None:
    assert read("<<: {a: 1}\n").value == {"<<": {"a": "1"}}


def test_more_than_two_megabytes_are_refused() -> None:
    text = b"a: " + b"x" * (MAX_BYTES - 3)
    assert MAX_BYTES == 2_000_000
    assert read_yaml(text, FILE).problems == ()
    outcome = read_yaml(text + b"x", FILE)
    assert outcome.value is None
    assert_told(outcome.problems, "yaml-too-large", Where(FILE), "larger than 2 MB", "split")


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_nesting_over_40_levels_is_refused(opening: str, closing: str) -> None:
    assert MAX_DEPTH == 40
    just = "a: " + opening * 39 + "x" + closing * 39
    assert read(just).problems == ()
    deeper = "a: " + opening * 39 + MARK + opening + "x" + closing * 40
    assert_told(read(deeper).problems, "yaml-too-deep", marked(deeper, FILE), "deeper than 40", "flatten")


def test_very_deep_nesting_is_refused_without_a_crash() -> None:
    outcome = read("a: " + "[" * 100_000)
    assert outcome.value is None
    assert [problem.code for problem in outcome.problems] == ["yaml-too-deep"]


def test_a_file_that_is_not_utf8_is_refused_with_its_place() -> None:
    outcome = read_yaml("a: 1\nb: Zoë é".encode("latin-1"), FILE)
    assert outcome.value is None
    assert_told(outcome.problems, "yaml-encoding", Where(FILE, 2, 6), "not UTF-8", "save it as UTF-8")
    assert read_yaml("a: 1\nb: Zoë é".encode(), FILE).problems == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_refused(encoding: str) -> None:
    outcome = read_yaml("a: 1\n".encode(encoding), FILE)
    assert {problem.code for problem in outcome.problems} <= {"yaml-encoding", "yaml-character"}
    assert outcome.problems


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    outcome = read_yaml(b"\xef\xbb\xbfa: 1\na: 2\n", FILE)
    assert outcome.value == {"a": "1"}
    assert outcome.problems[0].where == Where(FILE, 2, 1)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_every_kind_of_line_end_counts_as_one(end: str) -> None:
    outcome = read(end.join(["a: |", "  one", "  two", "", "b: 1", "b: 2", ""]))
    assert outcome.value == {"a": "one\ntwo\n", "b": "1"}
    assert [problem.where for problem in outcome.problems] == [Where(FILE, 6, 1)]


ODD = {
    "a null": "\0",
    "a bell": "\a",
    "a delete": "\x7f",
    "a next line": "\x85",
    "a zero-width space": "\u200b",
    "a line separator": "\u2028",
    "a word joiner": "\u2060",
    "a change of direction": "\u202e",
    "an isolate": "\u2066",
    "a private letter": "\ue000",
    "a private letter of a far plane": "\U000f0000",
    "a byte order mark inside": "\ufeff",
    "a replacement character": "\ufffd",
    "no character": "\ufdd0",
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_invisible_or_private_character_is_refused_and_the_rest_read(odd: str) -> None:
    outcome = read(f"a: 1\nb: colds {odd}go\nc: 3\nc: 4\n")
    told = [(problem.code, problem.where) for problem in outcome.problems]
    assert told == [("yaml-character", Where(FILE, 2, 10)), ("yaml-duplicate-key", Where(FILE, 4, 1))]
    assert f"U+{ord(odd):04X}" in outcome.problems[0].message
    assert outcome.value == {"a": "1", "b": "colds go", "c": "3"}


@pytest.mark.parametrize("escape", ["\\0", "\\a", "\\x85", "\\u202e", "\\ue000", "\\U000F0000", "\\N", "\\L"])
def test_a_character_that_is_written_as_an_escape_is_refused_too(escape: str) -> None:
    outcome = read(f'a: "colds {escape}go"\n')
    assert [(p.code, p.where) for p in outcome.problems] == [("yaml-character", Where(FILE, 1, 4))]
    assert outcome.value == {"a": "colds go"}


@pytest.mark.parametrize(
    "text", ["ŵŷ", "السلام عليكم", "ک\u200cگ", "a\u200eb", "½ ° × — “”", "👩\u200d⚕️", "a\u00a0b"]
)
def test_letters_of_all_languages_pass(text: str) -> None:
    assert read(f"a: {text}\n") == Outcome(Mapped(a=text))


@pytest.mark.parametrize(
    "text",
    [
        "a: ▸one",
        "a:\n\n  - 'x'\n  - ▸one",
        "a: |\n▸  one\n  two",
        "a: >-\n▸\n  one",
        "a: ▸|\n",
        "b: 1\na: {c: ▸one}",
    ],
)
def test_every_text_knows_where_it_begins(text: str) -> None:
    tree = read(text).value
    assert tree is not None
    assert list(_scalars(tree))[-1].where == marked(text, FILE)


def _scalars(tree: Any) -> Iterator[Scalar]:
    if isinstance(tree, Scalar):
        yield tree
    for child in tree.values() if isinstance(tree, Mapped) else tree if isinstance(tree, Sequenced) else ():
        yield from _scalars(child)


def test_a_path_leads_to_the_key_and_to_the_mapping_that_holds_it() -> None:
    tree = read("a: 1\nb:\n  - kind: steps\n    steps: [x]\n").value
    assert tree is not None
    block = tree["b"][0]
    assert place_of(tree, ("a",)) == (Where(FILE, 1, 1), tree)
    assert place_of(tree, ("b", 0, "steps", "items")) == (Where(FILE, 3, 5), block)
    assert place_of(tree, ("b", 0, "steps", "steps")) == (Where(FILE, 4, 5), block)
    assert place_of(tree, ("b", 7, "none")) == (Where(FILE, 2, 1), tree)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(b"a: *")
@example(b"? [a]\n: b")
@example(b"%TAG ! !\n---\n!a b")
@example(b'a: "\\ud800"')
def test_no_bytes_whatever_make_the_reader_fail(data: bytes) -> None:
    outcome = read_yaml(data, FILE)
    assert outcome.problems or isinstance(outcome.value, Mapped)
    assert all(problem.where.line >= 1 and problem.where.column >= 1 for problem in outcome.problems)


@given(st.text(alphabet="ab:-{}[]&*!|>'\"#%@`\n\t ,?~\\", max_size=60))
def test_no_marks_of_yaml_make_the_reader_fail(text: str) -> None:
    outcome = read(text)
    lines = text.count("\n") + 1
    assert outcome.problems or isinstance(outcome.value, Mapped)
    assert all(1 <= problem.where.line <= lines for problem in outcome.problems)


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ('title: "My colds\ncode: X\nversion: "1.0"\n', (1, 8), "was opened and not closed"),
        ("title: 'My colds\ncode: X\nnote: it's so\n", (1, 8), "was opened and not closed"),
        ("a:\n  - [words](#one) begin\n  - b\n", (2, 5), "must be put in quotes"),
        ("a:\n  - ![words](one.png)\n  - b\n", (2, 5), "must be put in quotes"),
    ],
)
def test_a_slip_is_shown_where_it_was_made(text: str, where: tuple[int, int], hint: str) -> None:
    [problem] = read_yaml(text.encode(), "a.yaml").problems
    assert (problem.where.line, problem.where.column) == where
    assert hint in problem.hint


@pytest.mark.parametrize(("text", "column"), [("a: Ward # 5\n", 9), ("a:\n  - # Heading\n  - b\n", 5)])
def test_what_is_taken_for_a_remark_is_told(text: str, column: int) -> None:
    [problem] = read_yaml(text.encode(), "a.yaml").problems
    assert (problem.code, problem.severity, problem.where.column) == ("yaml-remark", "warning", column)
    assert "two spaces" in problem.hint


def test_a_remark_that_stands_apart_is_one() -> None:
    text = b'a: b   # remark\n# remark\nc: "d" # remark\ne:  # remark\n  f: g\n'
    assert read_yaml(text, "a.yaml").problems == ()
