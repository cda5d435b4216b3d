"""What becomes of drawings' labels and of wide tables where a reader asks for larger type?"""

from datetime import date
from pathlib import Path

import pytest
from command import PROJECT, TODAY
from publisher import BOOKLET, FILES, PICTURE_FILE, block, with_block, write_publisher

from booklet.bind import print_edition
from booklet.inspect import inspect_pdf
from booklet.judge import judge
from booklet.labels import keyed
from booklet.layout import Layout, load_layout
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
    problems = judge(facts, source, layout, date.fromisoformat(TODAY))
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
#: Lines right beside the labels, which leave them no room to grow.
FRAMES = '<path d="M9.5 10V50M19 10V50M59.5 10V50M80 10V50" fill="none" stroke="#000" stroke-width=".3"/>'
CROWDED = FRAMES + LABELS


@pytest.mark.parametrize("size", SIZES)
def test_small_labels_become_letters_with_a_key_below(tmp_path: Path, size: int) -> None:
    source, layout = sourced(tmp_path, with_block(FIGURE), CROWDED), large(size)
    pdf = printed(source, layout)
    assert found(pdf, source, layout) == []
    assert drawn(pdf) == ["AB"]
    assert "The virus PIC-1 Drawn by Ann A Nose B Throat and windpipe" in said(pdf)


@pytest.mark.parametrize("size", SIZES[:3])
def test_labels_with_room_grow_where_they_are(tmp_path: Path, size: int) -> None:
    source, layout = sourced(tmp_path, with_block(FIGURE), LABELS), large(size)
    pdf = printed(source, layout)
    assert found(pdf, source, layout) == []
    assert drawn(pdf) == ["NoseThroatandwindpipe"]


def places(pdf: bytes) -> dict[str, tuple[float, ...]]:
    """The box of each letter in the only drawing, in points from the drawing's top left corner."""
    facts = inspect_pdf(pdf).value
    assert facts
    (picture,) = facts.pictures
    assert picture.drawing.box
    left, top, _, _ = picture.drawing.box
    boxes = facts.letters.box - [left, top, left, top]
    return {facts.letters.letter(index): tuple(boxes[index].tolist()) for index in picture.letters}


#: A label, the line that leads to it, and where the line ends: left of it, right of it, below or above it.
LED = {
    "left": ('<text x="60" y="30" font-size="4">Heart valve</text>', "M40 28.6H58.8", (58.8, 28.6)),
    "right": ('<text x="60" y="30" font-size="4">Heart valve</text>', "M120 28.6H81.5", (81.5, 28.6)),
    "below": (
        '<text x="60" y="30" font-size="4" text-anchor="middle">Heart</text>',
        "M62 45V31.5",
        (62, 31.5),
    ),
    "above": ('<text x="60" y="30" font-size="4" text-anchor="middle">Heart</text>', "M58 10V26", (58, 26)),
}


@pytest.mark.parametrize(("label", "line", "end"), LED.values(), ids=LED)
def test_a_letter_stands_at_the_end_of_the_line_that_leads_to_it(
    tmp_path: Path, label: str, line: str, end: tuple[float, float]
) -> None:
    lines = f'<path d="{line}M45 5V50M50 5V50M100 5V50" fill="none" stroke="#000" stroke-width=".3"/>'
    source, layout = sourced(tmp_path, with_block(FIGURE), lines + label), large(28)
    pdf = printed(source, layout)
    assert found(pdf, source, layout) == []
    left, top, right, bottom = (side / 72 * 25.4 for side in places(pdf)["A"])
    x, y = end[0] - 5 + 0.15, end[1] - 2 + 0.15  # the drawing begins with its own frame
    near = 2.5
    assert left - near < x < right + near
    assert top - near < y < bottom + near


HEART = '<text y="10" font-size="4">Heart</text>'
PART = '<tspan x="{}" y="20">{}</tspan>'


@pytest.mark.parametrize(
    ("labels", "key"),
    [
        # What moves parents, parts of one text that are placed, an axis, rows of a list.
        (
            f'<g transform="translate(20 20)">{HEART}</g><g transform="translate(90 20)">{HEART}</g>',
            "HeartHeart",
        ),
        (f'<text font-size="4">{PART.format(10, "Left")}{PART.format(90, "Right")}</text>', "LeftRight"),
        ('<g font-size="4"><text x="10" y="20">39</text><text x="10" y="26">38</text></g>', "3938"),
        ('<g font-size="4"><text x="10" y="20">Day</text><text x="10" y="25.2">Night</text></g>', "DayNight"),
    ],
)
def test_labels_at_different_places_stay_apart(tmp_path: Path, labels: str, key: str) -> None:
    source, layout = sourced(tmp_path, with_block(FIGURE), labels), large(14)
    pdf = printed(source, layout)
    assert found(pdf, source, layout) == []
    assert drawn(pdf) == [key]


def test_letters_of_the_drawing_are_not_used_again(tmp_path: Path) -> None:
    own = '<text x="110" y="30" font-size="12">A</text>'
    source, layout = sourced(tmp_path, with_block(FIGURE), CROWDED + own), large(28)
    pdf = printed(source, layout)
    assert found(pdf, source, layout) == []
    assert drawn(pdf) == ["BCA"]
    assert "B Nose C Throat and windpipe" in said(pdf)


def test_a_letter_that_is_a_word_of_the_drawing_stands_for_nothing_else(tmp_path: Path) -> None:
    own = '<text x="60" y="30" font-size="12">A cell</text>'
    source, layout = sourced(tmp_path, with_block(FIGURE), CROWDED + own), large(28)
    assert "B Nose C Throat and windpipe" in said(printed(source, layout))


def test_a_drawing_without_latin_letters_has_numbers() -> None:
    labels = CROWDED.replace("Nose", "أنف").replace("Throat and", "حلق").replace("windpipe", "وقصبة")
    _, key = keyed(drawing(labels).encode(), 2.8, 28, (large(28).face(400), large(28).face(700)))
    assert [name for name, _ in key][:2] == ["1", "2"]


def test_a_letter_keeps_its_label_s_class(tmp_path: Path) -> None:
    dark = '<style>.w { fill: #fff; font-size: 4px }</style><rect x="9" y="18" width="14" height="22"/>'
    source, layout = (
        sourced(tmp_path, with_block(FIGURE), f'{dark}<text class="w" x="10" y="30">Nose</text>'),
        large(28),
    )
    pdf = printed(source, layout)
    assert found(pdf, source, layout) == []
    assert drawn(pdf) == ["A"]


def test_a_broken_path_is_no_line(tmp_path: Path) -> None:
    broken = '<path d="M1 Q" fill="none"/><polyline points="x" fill="none"/><circle r="x"/>'
    source = sourced(tmp_path, with_block(FIGURE), broken + LABELS)
    assert drawn(printed(source, large(18))) == ["NoseThroatandwindpipe"]


HOSTILE = {
    "flat": '<g transform="scale(0)"><text x="1" y="9" font-size="4">Flat</text></g>' + LABELS,
    "endless-path": f'<path d="M0 0{"L9 9L1 8" * 60_000}" fill="none"/>' + LABELS,
    "many-labels": "".join(f'<text x="{n}" y="9" font-size="4">n{n}</text>' for n in range(2_000)),
    "huge": f'<text x="{"9" * 400}" y="9" font-size="{"9" * 400}">Huge</text>' + LABELS,
}


@pytest.mark.parametrize("labels", HOSTILE.values(), ids=HOSTILE)
def test_a_drawing_that_is_made_to_harm_is_left_or_has_few_letters(labels: str) -> None:
    data, key = keyed(drawing(labels).encode(), 2.8, 28, (large(28).face(400), large(28).face(700)))
    assert data.startswith(b"<")
    assert len(key) < 5


def test_a_label_of_the_type_s_size_stays_where_it_is(tmp_path: Path) -> None:
    sizes = (
        '<text x="110" y="20" font-size="10">Ear</text><text x="10" y="30" font-size="4">Eye</text>' + FRAMES
    )
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
    assert drawn(pdf)[0].startswith("A") or drawn(pdf) == ["Nose"]


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
    source, layout = sourced(tmp_path / "one", with_block(FIGURE), CROWDED), large(18)
    pdf = printed(source, layout)
    now = sourced(tmp_path / "other", with_block(FIGURE), CROWDED.replace("Nose", other))
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
