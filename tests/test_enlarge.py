"""What becomes of drawings' labels and of wide tables where a reader asks for larger type?"""

from datetime import date
from pathlib import Path

import pytest
from command import PROJECT, TODAY
from publisher import BOOKLET, FILES, PICTURE_FILE, block, with_block, write_publisher

from booklet.inspect import inspect_pdf
from booklet.judge import judge
from booklet.layout import Layout, load_layout
from booklet.make import print_edition
from booklet.problem import Problem, Severity
from booklet.source import Source, Sourced

SIZES = (14, 18, 22, 28)


def drawing(labels: str) -> str:
    """A drawing with labels, which is printed 170 mm wide where it is large."""
    shape = '<rect x="5" y="2" width="100" height="50" fill="none" stroke="#000"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 170 60">{shape}{labels}</svg>'


def sourced(folder: Path, booklet: str = BOOKLET, labels: str = "") -> Sourced:
    files = FILES | {PICTURE_FILE: drawing(labels)}
    read = Source(write_publisher(folder, booklet, files=files)).booklet("colds")
    assert read.value, read.problems
    return read.value


def large(size: int) -> Layout:
    layout = load_layout("large-print", (PROJECT,), size).value
    assert layout
    return layout


def printed(source: Sourced, layout: Layout) -> bytes:
    words = layout.words("en-GB").value
    assert words
    made = print_edition(source, layout, words)
    assert made.value, made.problems
    return made.value


def found(pdf: bytes, source: Sourced, layout: Layout) -> list[Problem]:
    """What the checker says of the edition, without advice."""
    facts = inspect_pdf(pdf).value
    assert facts
    problems = judge(facts, source, layout, date.fromisoformat(TODAY), "large.pdf")
    return [problem for problem in problems if problem.severity is not Severity.ADVICE]


def said(pdf: bytes) -> str:
    """All words of the edition's text in order, but for those in drawings."""
    facts = inspect_pdf(pdf).value
    assert facts
    texts = (passage.text for passage in facts.passages if "Figure" not in passage.roles)
    return " ".join(" ".join(texts).split())


def drawn(pdf: bytes) -> list[str]:
    """What each drawing says, without white space."""
    facts = inspect_pdf(pdf).value
    assert facts
    return ["".join(facts.letters.text(picture.letters).split()) for picture in facts.pictures]


FIGURE = block("figure", width=None)
NOSE = '<g font-size="4"><text x="10" y="30">Nose</text><text x="60" y="30">Throat and</text>'
LABELS = f'{NOSE}<text x="60" y="35" font-weight="400">windpipe</text></g>'


@pytest.mark.parametrize("size", SIZES)
def test_small_labels_become_letters_with_a_key_below(tmp_path: Path, size: int) -> None:
    source, layout = sourced(tmp_path, with_block(FIGURE), LABELS), large(size)
    pdf = printed(source, layout)
    assert found(pdf, source, layout) == []
    assert drawn(pdf) == ["AB"]
    assert "The virus PIC-1 Drawn by Ann A Nose B Throat and windpipe" in said(pdf)


def test_a_label_of_the_type_s_size_stays_where_it_is(tmp_path: Path) -> None:
    sizes = '<text x="10" y="20" font-size="10">Ear</text><text x="10" y="40" font-size="4">Eye</text>'
    source, layout = sourced(tmp_path, with_block(FIGURE), sizes), large(28)
    pdf = printed(source, layout)
    assert found(pdf, source, layout) == []
    assert drawn(pdf) == ["EarA"]
    assert "Drawn by Ann A Eye" in said(pdf)


@pytest.mark.parametrize(
    "label",
    [
        '<text x="10" y="30" style="font-size: 4px; letter-spacing: 1px">Nose</text>',
        '<style>.s { font-size: 4px }</style><text class="s" x="10" y="30">Nose</text>',
        '<g transform="translate(5 5) scale(.4)"><text x="10" y="30" font-size="10">Nose</text></g>',
        '<g transform="matrix(.4 0 0 .4 5 5)"><text x="10" y="30" font-size="10">Nose</text></g>',
        '<text font-size="4"><tspan x="10" y="28">No</tspan><tspan x="10" dy="5">se</tspan></text>',
        '<text x="10" y="30" font-size="10"><tspan font-size="4">Nose</tspan></text>',
        '<text x="160" y="4" font-size="4" text-anchor="end">Nose</text>',
    ],
)
def test_a_label_is_found_small_however_its_size_is_said(tmp_path: Path, label: str) -> None:
    source, layout = sourced(tmp_path, with_block(FIGURE), label), large(28)
    pdf = printed(source, layout)
    assert found(pdf, source, layout) == []
    assert drawn(pdf) == ["A"]
    assert "Drawn by Ann A No" in said(pdf)


def test_a_hidden_label_has_no_key(tmp_path: Path) -> None:
    labels = f'<g display="none">{LABELS}</g><defs><text font-size="4">Ear</text></defs>'
    source, layout = sourced(tmp_path, with_block(FIGURE), labels), large(28)
    pdf = printed(source, layout)
    assert found(pdf, source, layout) == []
    assert drawn(pdf) == [""]
    assert "Nose" not in said(pdf)


def test_more_labels_than_letters_go_on_with_two(tmp_path: Path) -> None:
    places = ((x, y) for y in range(10, 55, 15) for x in range(8, 160, 16))
    labels = "".join(f'<text x="{x}" y="{y}" font-size="4">at{x}x{y}</text>' for x, y in places)
    source = sourced(tmp_path, with_block(FIGURE), labels)
    assert "Z at88x40 AA at104x40 AB at120x40 AC at136x40 AD at152x40" in said(printed(source, large(18)))


def test_one_drawing_in_two_widths_has_two_keys(tmp_path: Path) -> None:
    labels = '<text x="10" y="30" font-size="8">Nose</text>'  # printed in 23 points, and in 11
    both = with_block(block("figure", alt="A ball, small"), with_block(FIGURE))
    source, layout = sourced(tmp_path, both, labels), large(18)
    pdf = printed(source, layout)
    assert found(pdf, source, layout) == []
    assert drawn(pdf) == ["Nose", "A"]
    assert said(pdf).count("A Nose") == 1


@pytest.mark.parametrize(
    ("other", "told"),
    [("Ear", "words-missing"), ("Nose", "")],
)
def test_the_checker_looks_for_the_key(tmp_path: Path, other: str, told: str) -> None:
    source, layout = sourced(tmp_path / "one", with_block(FIGURE), LABELS), large(18)
    pdf = printed(source, layout)
    now = sourced(tmp_path / "other", with_block(FIGURE), LABELS.replace("Nose", other))
    problems = found(pdf, now, layout)
    assert {problem.code for problem in problems} - {"words-stray"} == ({told} if told else set())
    assert all("A Ear" in problem.message for problem in problems if problem.code == told)


WORDS = "[Chemotherapy, Immunotherapy, Radiotherapy, Transplantation]"
ROWS = r"""[[once, '2 mg', 38.5°C, "- a\n- b"], [twice, '4 mg', 39°C, none]]"""
WIDE = block("table", header=WORDS, rows=ROWS)


@pytest.mark.parametrize("size", SIZES)
def test_a_table_too_wide_becomes_a_labelled_list_for_each_row(tmp_path: Path, size: int) -> None:
    source, layout = sourced(tmp_path, with_block(WIDE)), large(size)
    pdf = printed(source, layout)
    assert found(pdf, source, layout) == []
    if size == SIZES[0]:
        assert "Chemotherapy Immunotherapy Radiotherapy Transplantation once 2 mg" in said(pdf)
    else:
        first = "Chemotherapy: once Immunotherapy: 2 mg Radiotherapy: 38.5°C Transplantation: • a • b"
        then = "Chemotherapy: twice Immunotherapy: 4 mg Radiotherapy: 39°C Transplantation: none"
        assert f"{first} {then}" in said(pdf)


def test_a_cell_of_many_lines_is_too_wide(tmp_path: Path) -> None:
    long = "a b c d e f g h i j k l m n o p q r s t u v w x y z " * 4
    rows = f"[[one, '{long}', two]]"
    source, layout = sourced(tmp_path, with_block(block("table", header="[A, B, C]", rows=rows))), large(22)
    pdf = printed(source, layout)
    assert found(pdf, source, layout) == []
    assert "A: one" in said(pdf)


def test_a_dose_in_another_row_of_the_lists_is_told(tmp_path: Path) -> None:
    source, layout = sourced(tmp_path / "one", with_block(WIDE)), large(22)
    pdf = printed(source, layout)
    exchanged = WIDE.replace("2 mg", "8 mg").replace("4 mg", "2 mg").replace("8 mg", "4 mg")
    problems = found(pdf, sourced(tmp_path / "other", with_block(exchanged)), layout)
    assert {problem.code for problem in problems} & {"words-missing", "words-order"}
