"""What can go wrong with where things stand on the paper, while the file reads on as it should?"""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from faulty_pages import ADDED, SIGHT, in_margins, lines, numbers_an_item, saying, text_lines
from places import PIXEL, Clean, Place, Spoiling, bare_of, kind, of_line

from booklet.problem import Box

#: A line that is sent elsewhere may come to lie on others, or at the edge.
ASTRAY = {"words-moved", "words-overlap"}

#: How far a folio is sent up, in the page's own pixels.
UP = 200


# --- Words and letters ----------------------------------------------------------------------


@kind("word sent three lines up", ASTRAY, saying(r"[a-z] [a-z]{4,} [a-z]"))
def _(spoiling: Spoiling) -> None:
    word = spoiling.random.choice(list(re.finditer(r"(?<=[a-z] )[a-z]{4,}(?= [a-z])", spoiling.line.said)))
    before, said, behind = spoiling.parts(spoiling.line, *word.span())
    # A rise (ISO 32000-1, 9.3.7) moves no letter that follows.
    up = f"{3.5 * spoiling.line.size:.2f} Ts"
    spoiling.show_parts(spoiling.line, before, up, said, "0 Ts", behind)


@kind("two digits exchanged on the paper", {"words-moved"}, saying(r"\d\d"))
def _(spoiling: Spoiling) -> None:
    line = spoiling.line
    pair = spoiling.random.choice(list(re.finditer(r"\d\d", line.said)))
    before, digits, behind = spoiling.parts(line, *pair.span())
    one, other = re.findall("<....>", digits)
    spoiling.show_parts(line, before, f"[-600{one}1200{other}-600] TJ", behind)


@kind("digit raised", {"words-moved"}, saying(r"\d\d"))
def _(spoiling: Spoiling) -> None:
    line = spoiling.line
    pair = spoiling.random.choice(list(re.finditer(r"\d\d", line.said)))
    before, digit, behind = spoiling.parts(line, pair.start() + 1, pair.end())
    spoiling.show_parts(line, before, f"{0.4 * line.size:.2f} Ts", digit, "0 Ts", behind)


def _by_lines(name: str, mode: int, width: float) -> None:
    """A line whose letters are drawn by lines along their outlines, in points (ISO 32000-1, 9.3.6)."""

    @kind(name, SIGHT, text_lines)
    def _(spoiling: Spoiling) -> None:
        spoiling.enclose(f"{width / PIXEL} w", f"{mode} Tr")


_by_lines("letters drawn as hairlines", 1, 0.05)
_by_lines("letters drawn as blots", 2, 2.6)


# --- Dots and strokes -----------------------------------------------------------------------


def _at_digits(name: str, regex: str, where: Callable[[list[Box]], Box], colour: str = "") -> None:
    """Something small is drawn at a digit: `where` has the boxes of its letters, in points."""

    @kind(name, {"words-marked"}, saying(regex))
    def _(spoiling: Spoiling) -> None:
        letters, line = spoiling.one.facts.letters, spoiling.line
        own = np.flatnonzero((letters.page == line.page) & (letters.tag == line.tag)).tolist()
        said = letters.text(own)
        found = spoiling.random.choice(list(re.finditer(regex, said)))
        boxes = letters.box[own[found.start() : found.end()]].tolist()
        x, y, wide, high = spoiling.upright(where(boxes))
        area = f"{x:.2f} {y:.2f} {wide:.2f} {high:.2f} re"
        spoiling.put_on_top(colour or spoiling.colour(line), area, "f")


def _between(digits: list[Box]) -> Box:
    foot, middle = digits[0][3], (digits[0][2] + digits[1][0]) / 2
    return middle - 0.5, foot - 1, middle + 0.5, foot


def _before(digits: list[Box]) -> Box:
    left, top, _, bottom = digits[-1]
    return left - 1.6, top, left - 0.8, bottom


def _on(digits: list[Box]) -> Box:
    left, _, _, bottom = digits[-1]
    return left, bottom - 2, left + 0.6, bottom - 1.4


_at_digits("dot drawn between two digits", r"\d\d", _between)
_at_digits("bar drawn before a number", r" \d", _before)
_at_digits("corner of a digit patched", r"\d\d", _on, "1 1 1 rg")


# --- Cells, numbers and margins -------------------------------------------------------------


def cells_in_columns(one: Clean) -> list[Place]:
    """The cells of tables, each with the next one that stands below it: a line, and the lines of both."""
    cells = [lines for lines in one.pieces().values() if lines[0].role == "TD"]
    found = []
    for at, own in enumerate(cells):
        first = own[0]
        column = (c for c in cells[at + 1 :] if c[0].page == first.page and abs(c[0].x - first.x) < 1)
        below = next((c for c in column if c[0].y > first.y and bare_of(c[0]) != bare_of(first)), None)
        if below:
            found.append(replace(of_line(first), thing=(first, own, below)))
    return found


@kind("two cells of a column exchanged on the paper", {"cell-moved", "words-moved"}, cells_in_columns)
def _(spoiling: Spoiling) -> None:
    _, one, other = spoiling.place.thing
    down = other[0].y - one[0].y
    moved = [*((line, down) for line in one), *((line, -down) for line in other)]
    operators = spoiling.operators
    for line, by in sorted(moved, key=lambda pair: -pair[0].first):
        drawn = operators[line.first : line.last + 1]
        operators[line.first : line.last + 1] = ["q", f"1 0 0 1 0 {by:.2f} cm", *drawn, "Q"]
    spoiling.draw(operators)


@kind("number of a step far from it", ASTRAY | {"list-number"}, lines(numbers_an_item))
def _(spoiling: Spoiling) -> None:
    spoiling.enclose("1 0 0 1 0 30 cm")


def folios_of_full_pages(one: Clean) -> list[Place]:
    """The folios of the pages whose text goes down to where they are sent."""
    feet = {line.page: line.box[3] for line in one.lines if line.role}
    folios = in_margins(lambda line: bare_of(line).isdigit())(one)
    return [place for place in folios if feet.get(place.page, 0) > place.thing.box[1] - UP * PIXEL]


@kind("folio in the text", ASTRAY, folios_of_full_pages)
def _(spoiling: Spoiling) -> None:
    spoiling.enclose(f"1 0 0 1 0 {-UP} cm")


@kind(
    "quality mark's name in the margin", ADDED | {"mark-claimed"}, in_margins(lambda line: "·" in line.said)
)
def _(spoiling: Spoiling) -> None:
    font, codes = spoiling.written("PIF TICK")
    shown = f"BT {font} 12 Tf 60 20 Td <{codes}> Tj ET"
    spoiling.draw(["q", *spoiling.operators, "Q", "0 0 0 rg", "/Artifact BMC", shown, "EMC"])
