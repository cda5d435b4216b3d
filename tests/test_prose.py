"""Is Markdown read with its places, are its refusals told at their lines, and is nothing lost?"""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from publisher import MARK

from booklet.problem import Where
from booklet.prose import (
    Fault,
    Listing,
    Paragraph,
    Prose,
    Reference,
    Scalar,
    Span,
    faults,
    links,
    pieces,
)
from booklet.yamlfile import read_yaml

FILE = "booklet.yaml"
WORDS = {
    "page_reference": "(page {page})",
    "booklet_reference": "({title}, {code})",
    "booklet_code": "({code})",
}


def _indented(markdown: str) -> str:
    return "\n".join(f"  {line}" if line.strip(MARK) else line for line in markdown.split("\n"))


def literal(markdown: str) -> str:
    return f"a: |\n{_indented(markdown)}\n"


def folded(markdown: str) -> str:
    return f"a: >\n{_indented(doubled(markdown))}\n"


def plain(markdown: str) -> str:
    return f"a: {_indented(doubled(markdown)).lstrip()}\n"


def single_quoted(markdown: str) -> str:
    return plain(f"'{markdown}'")


def double_quoted(markdown: str) -> str:
    return plain(f'"{markdown}"')


def escaped(markdown: str) -> str:
    return f'b: 1\na: "{markdown}"\n'.replace(markdown, markdown.replace("\n", "\\n"))


def doubled(markdown: str) -> str:
    """Every line end twice, because YAML folds one away."""
    return markdown.replace("\n", "\n\n")


Style = Callable[[str], str]
STYLES: tuple[Style, ...] = (literal, folded, plain, single_quoted, double_quoted, escaped)
BLOCK_STYLES: tuple[Style, ...] = (literal, folded)

#: Markdown with the place of what is refused, what it is, and what to do instead.
REFUSED = {
    "raw HTML": ("one\ntwo\n\nthree\nfour ▸<b>five", "raw HTML", "**word**"),
    "a tag that is closed": ("one\n\ntwo ▸</b>", "raw HTML", "*word*"),
    "a remark of HTML": ("one\n\ntwo ▸<!-- three -->", "raw HTML", "plain text"),
    "a block of HTML": ("one\n\n▸<div>\nthree", "raw HTML", "a block of its own"),
    "a picture": ("one two\n\nthree two ▸![two](x.png)", "a picture", "kind: figure"),
    "code": ("Take one a day\nthen ▸`a` bit", "code", "backticks"),
    "fenced code": ("one\n\n▸~~~\ntwo\n~~~", "code", "backticks or tildes"),
    "a rule": ("one\n\n▸***\n\ntwo", "a rule", "take the line away"),
    "a quotation": ("one > two\n\n▸> three", "a quotation", "kind: quote"),
    "a quotation in a list": ("one\n\n- two\n- ▸> three", "a quotation", "who spoke"),
    "a table": ("one\n\n▸Day | Dose\n--- | ---\n1 | 2 mg", "a table", "kind: table"),
    "a table with edges": ("one\n\n▸| Day | Dose |\n|:--|--:|\n| 1 | 2 mg |", "a table", "header cells"),
    "an underlined heading": ("one\n\n▸two-three\n----", "a heading", "`title`"),
}

#: What YAML itself would take for a remark, or whose spaces it would take away, outside of blocks.
REFUSED_IN_BLOCKS = {
    "a heading": ("one\n\n▸## two", "a heading", "start a new section"),
    "indented code": ("one\n\n    ▸two\n\nthree", "code", "spaces in front"),
    "code fenced by backticks": ("one\n\n▸```\ntwo\n```", "code", "backticks"),
}


def read(text: str) -> Scalar:
    tree = read_yaml(text.replace(MARK, "").encode(), FILE).value
    assert tree is not None
    value = tree["a"]
    assert isinstance(value, Scalar)
    return value


def faults_of(text: str) -> list[Fault]:
    scalar = read(text)
    return list(faults(Prose.read(scalar), scalar))


def line_of_mark(text: str) -> int:
    return text[: text.index(MARK)].count("\n") + 1


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("markdown", "what", "hint"), REFUSED.values(), ids=REFUSED)
def test_what_markdown_may_not_hold_is_told_at_its_line(
    markdown: str, what: str, hint: str, style: Style
) -> None:
    text = style(markdown)
    (fault,) = faults_of(text)
    assert (fault.code, fault.where.line) == ("markdown-refused", line_of_mark(text))
    assert f"may not hold {what}" in fault.message
    assert hint in fault.hint


@pytest.mark.parametrize("style", BLOCK_STYLES)
@pytest.mark.parametrize(("markdown", "what", "hint"), REFUSED_IN_BLOCKS.values(), ids=REFUSED_IN_BLOCKS)
def test_what_only_a_block_of_text_can_hold_is_told_at_its_line(
    markdown: str, what: str, hint: str, style: Style
) -> None:
    test_what_markdown_may_not_hold_is_told_at_its_line(markdown, what, hint, style)


@pytest.mark.parametrize(
    "markdown",
    [
        "a ▸<b>",
        "a and ▸`a`",
        "Take ▸`a` bit",
        "see! ▸![see](x.png)",
        "[http://x.org▸](http://x.org) x",
        "see http://x.org, [here▸](http://x.org)",
        "[a](#b) ▸<http://x.org>",
    ],
)
@pytest.mark.parametrize("style", STYLES)
def test_what_is_refused_is_told_at_its_column(markdown: str, style: Style) -> None:
    text = style(f"One line.\n\n{markdown}")
    before = text[: text.index(MARK)]
    (fault,) = faults_of(text)
    assert fault.where == Where(FILE, line_of_mark(text), len(before) - before.rfind("\n"))


@pytest.mark.parametrize(
    "markdown",
    ["▸## two", "▸> two", "▸```\ntwo\n```", "▸***", "▸- - -", "    ▸two", "▸<div>", "- ▸# two", "1. ▸> two"],
)
def test_a_block_that_is_refused_is_told_at_its_column(markdown: str) -> None:
    test_what_is_refused_is_told_at_its_column(markdown, literal)


@pytest.mark.parametrize("style", STYLES)
def test_of_several_alike_each_is_told_at_its_own_place(style: Style) -> None:
    text = style("a `a` [`b`](#x) c `a`\n`a` <i>\n\n- `a` <i>")
    told = [fault.where for fault in faults_of(text)]
    signs = [i for i, letter in enumerate(text) if text[i : i + 2] in ("`a", "`b") or letter == "<"]
    assert told == [Where(FILE, text[:i].count("\n") + 1, i - text[:i].rfind("\n")) for i in signs]


@pytest.mark.parametrize(
    "markdown",
    [
        "One *two* **three** ***four***.",
        "- one\n- two\n\n  more\n  1. three",
        "[a](#b) [a](booklet:b) [a](https://b.org/c?d=e#f) [a](mailto:b@c.org) [a](tel:+44-20)",
        "<https://b.org> <b@c.org>",
        "[a][b] and [b]\n\n[b]: https://c.org",
        "3 < 5 > 2, 38°C & more; a_b_c; #1; 5 * 3; \\*not\\* \\<b\\>; [square] brackets (round)",
        "&nbsp;&amp;&eacute;",
        "one  \ntwo\\\nthree",
        "1 | 2 – or 3 | 4\n- | not a table\n\n| nor this |\n| nor that |",
    ],
)
def test_paragraphs_lists_bold_emphasis_and_links_pass(markdown: str) -> None:
    assert faults_of(literal(markdown)) == []


@pytest.mark.parametrize(
    ("markdown", "message", "hint"),
    [
        ("a [b▸](https://c.org 'more')", "A link's title would not be printed", "take the words in quotes"),
        ("a\n\n▸[Note]: important", "This line would not be printed", "\\["),
        ("a [b][c]\n\n[c]: https://d.org\n▸[c]: https://e.org", "would not be printed", "\\["),
    ],
)
def test_what_would_be_lost_in_silence_is_refused(markdown: str, message: str, hint: str) -> None:
    text = literal(markdown)
    (fault,) = faults_of(text)
    assert (fault.code, fault.where.line) == ("markdown-refused", line_of_mark(text))
    assert message in fault.message
    assert hint in fault.hint


@pytest.mark.parametrize(
    ("markdown", "message"),
    [
        ("a ▸[](https://b.org) c", "A link needs words"),
        ("▸see [b] (https://b.org)", "cannot be read"),
        ("▸not ~~this~~ but that", "crossed-out"),
    ],
)
def test_what_would_be_printed_as_it_stands_is_refused(markdown: str, message: str) -> None:
    text = literal(markdown)
    (fault,) = faults_of(text)
    assert fault.where.line == line_of_mark(text)
    assert message in fault.message


@pytest.mark.parametrize("text", ["-", "- ", "1.", "*\n*"])
def test_a_list_without_words_is_refused(text: str) -> None:
    assert [fault.code for fault in faults_of(literal(text))] == ["empty-value"]


def test_lists_that_the_parser_would_cut_off_are_refused() -> None:
    assert faults_of(literal("- " * 9 + "deep")) == []
    (fault,) = faults_of(literal("- " * 10 + "deep"))
    assert (fault.code, fault.where.line) == ("markdown-refused", 2)
    assert "10 deep" in fault.message


@pytest.mark.parametrize("entity", ["&#xE000;", "&#x202E;", "&#8203;", "&#0;"])
def test_an_odd_character_that_is_written_as_an_entity_is_refused(entity: str) -> None:
    (fault,) = faults_of(f"a: one {entity} two\n")
    assert fault.code == "yaml-character"
    assert fault.where == Where(FILE, 1, 4)


def test_no_text_can_pretend_to_be_a_page_number() -> None:
    scalar = read('a: "\\ue0006\\ue001 &#xE000;6&#xE001;"\n')
    assert [fault.code for fault in faults(Prose.read(scalar), scalar)] == ["yaml-character"] * 2


def test_a_link_that_is_defined_apart_is_told_where_it_is_defined() -> None:
    text = literal("one [two][x]\n\nthree\n\n▸[x]: http://four.org")
    (fault,) = faults_of(text)
    assert (fault.code, fault.where.line) == ("link-refused", line_of_mark(text))


def test_text_without_a_file_can_be_read_too() -> None:
    assert Prose.read("a") == Prose.read(Prose("a")) == Prose("a")
    assert next(faults(Prose("`a`"))).where.line == 0


def test_every_link_is_given_with_its_place() -> None:
    scalar = read("a: |\n  [o](#one-two) [p](#one)\n\n  - [q](#one)\n")
    assert list(links(Prose.read(scalar), scalar)) == [
        ("#one-two", Where(FILE, 2, 5)),
        ("#one", Where(FILE, 2, 19)),
        ("#one", Where(FILE, 4, 7)),
    ]


@pytest.mark.parametrize("style", STYLES)
def test_every_paragraph_knows_its_line(style: Style) -> None:
    text = style("one two\n\none two\n\n- one\n- two\n\n  one\n\nIt is one")
    lines = [paragraph.where.line for paragraph in Prose.read(read(text)).paragraphs]
    gap = 1 if style is literal else 0 if style is escaped else 2
    first = 1 if style in (plain, single_quoted, double_quoted) else 2
    assert lines == [first + start * gap for start in (0, 2, 4, 5, 7, 9)]


WORD = st.text(alphabet="abcdeé'’,.", min_size=1, max_size=4).filter(lambda word: word[0].isalpha())
PARAGRAPHS = st.lists(
    st.lists(st.lists(WORD, min_size=1, max_size=3), min_size=1, max_size=3), min_size=1, max_size=4
)


@given(PARAGRAPHS, st.integers(1, 3))
@example([[["a", "a"], ["a"]], [["a"]], [["a", "b"]]], 1)
def test_the_line_of_a_paragraph_is_right_however_its_lines_are_folded(
    paragraphs: list[list[list[str]]], blank: int
) -> None:
    written, starts = "a: >\n", []
    for lines in paragraphs:
        starts.append(written.count("\n") + 1)
        written += "".join(f"  {' '.join(words)}\n" for words in lines) + "\n" * (blank + 1)
    found = [paragraph.where.line for paragraph in Prose.read(read(written)).paragraphs]
    assert found == starts


def test_styles_links_and_breaks_become_spans() -> None:
    (paragraph,) = Prose("a **b *c*** [d *e*](#f)  \ng\nh").content
    assert paragraph == Paragraph(
        (
            Span("a "),
            Span("b ", strong=True),
            Span("c", strong=True, emphasis=True),
            Span(" "),
            Span("d e", href="#f"),
            Span("\n"),
            Span("g h"),
        )
    )


def test_lists_keep_their_kind_their_start_and_their_nesting() -> None:
    zero, bullets = Prose("0. a\n1. b\n\n- c\n\n  d\n\n  3. e").content
    assert isinstance(zero, Listing)
    assert isinstance(bullets, Listing)
    assert (zero.ordered, zero.start, len(zero.items)) == (True, 0, 2)
    assert (bullets.ordered, bullets.start) == (False, 1)
    inner = bullets.items[0][2]
    assert isinstance(inner, Listing)
    assert (inner.ordered, inner.start) == (True, 3)


def said(markdown: str) -> list[str]:
    references = {"flu": Reference("All about flu", "HI901")}
    return [piece.text for piece in pieces(Prose(markdown), WORDS, references)]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("[types](#types)", "types (page \ue000types\ue001)"),
        ("[flu](booklet:flu)", "flu (All about flu, HI901)"),
        ("[All about flu](booklet:flu)", "All about flu (HI901)"),
        ("[our forum](https://forum.example.org/)", "our forum (forum.example.org)"),
        ("[forum.example.org](https://forum.example.org)", "forum.example.org"),
        ("<https://example.org/a>", "https://example.org/a"),
        ("[write to us](mailto:hello@example.org?subject=x)", "write to us (hello@example.org)"),
        ("[hello@example.org](mailto:hello@example.org)", "hello@example.org"),
        ("[0800 11 11](tel:+448001111)", "0800 11 11"),
        ("[call us](tel:08001111)", "call us (08001111)"),
    ],
)
def test_a_link_says_on_paper_where_it_leads(markdown: str, text: str) -> None:
    assert said(markdown) == [text]


def test_every_paragraph_is_one_piece_in_reading_order() -> None:
    assert said("a\nb\n\n- c\n- d\n\n  - e\n\nf") == ["a b", "c", "d", "e", "f"]


class Everything(dict[str, Reference]):
    """Has every booklet that a text could name."""

    def __missing__(self, name: str) -> Reference:
        return Reference(name, "X")


MARKDOWN = st.text(max_size=80) | st.text(alphabet="ab \n*_`<>[]()#!-~1.:\\&;/\t|=", max_size=80)


@settings(deadline=None)
@given(MARKDOWN)
@example("[a](booklet:b)")
@example("- " * 3000)
@example("> " * 3000)
@example("[" * 3000)
@example("*a " * 2000)
@example("![" * 2000)
def test_no_text_whatever_makes_the_reader_fail(text: str) -> None:
    references: Mapping[str, Reference] = Everything()
    prose = Prose(text)
    assert all(fault.message and fault.hint for fault in faults(prose))
    assert all(isinstance(piece.text, str) for piece in pieces(prose, WORDS, references))


@given(st.text(alphabet="ab12 \n*_-+~.:)\\/\t|=!", max_size=60).filter(str.strip))
def test_what_is_not_refused_is_said_to_the_last_letter(text: str) -> None:
    prose = Prose(text)
    if not list(faults(prose)):
        said = "".join(piece.text for piece in pieces(prose, WORDS, {}))
        assert [letter for letter in said if letter in "ab"] == [letter for letter in text if letter in "ab"]
