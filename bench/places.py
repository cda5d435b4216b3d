"""Where can a finished booklet be spoiled, and what has to tell it?

Reads the clean booklets: each line with the operators that draw it, and the block of the source
that it belongs to.
"""

import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from booklet.bind import print_edition  # noqa: E402
from booklet.chapters import Blocks  # noqa: E402 - found by the line above
from booklet.checks import Case  # noqa: E402
from booklet.faces import texts_of_codes  # noqa: E402
from booklet.inspect import Facts, inspect_pdf  # noqa: E402
from booklet.layout import Layout, layout_for  # noqa: E402
from booklet.problem import NOWHERE, Box, Problem, Where  # noqa: E402
from booklet.source import Source, Sourced  # noqa: E402

BOOKLETS = ("having-a-lumbar-puncture", "acute-lymphoblastic-leukaemia", "starting-chemotherapy")
TODAY = date(2026, 11, 24)

#: A layout's own unit, in points: the pages are drawn in CSS pixels, from the top.
PIXEL = 0.75


@dataclass(frozen=True, eq=False)
class Line:
    """A line of text as a page's operators draw it: `first` and `last` are its BT and its ET.

    `x`, `y` and `size` are in the page's own pixels, from the top; `box` is in points.
    """

    page: int
    first: int
    last: int
    shown: int
    """The operator that shows the letters."""
    font: str
    codes: tuple[str, ...]
    said: str
    """One letter for each code."""
    x: float
    y: float
    size: float
    tag: int
    box: Box = (0.0, 0.0, 0.0, 0.0)
    role: str = ""
    """The role of its passage; empty in the margin."""
    passage: int = -1
    piece: int = -1
    kind: str = ""
    """Of the chapter: words, credits, mark or identity."""
    where: Where = NOWHERE
    block: str = ""
    """Of the source: a section's id, a slash and a number; `booklet` for what is in no section."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where a fault is put: page 0 is the whole file, and no block what belongs to none.

    `box` is in points from the page's top left corner; `thing` is what is spoiled: a line, several,
    the number of an object, or a name.
    """

    page: int = 0
    block: str = ""
    where: Where = NOWHERE
    thing: Any = None
    box: Box | None = None
    said: str = ""

    def __str__(self) -> str:
        page = f"page {self.page}" if self.page else "the whole file"
        return ", ".join(part for part in (page, self.block, self.said and f"'{self.said[:40]}'") if part)

    def named_by(self, problem: Problem) -> bool:
        """Does a finding name the page, and the block or the very spot on the page?"""
        if not self.page:
            return True
        if problem.page != self.page:
            return False
        if not self.block and self.box is None:
            return True
        own = (
            problem.block == self.block if self.block not in ("", "booklet") else problem.where == self.where
        )
        return own or (self.box is not None and any(touch(self.box, box) for box in problem.boxes))


def touch(one: Box, other: Box) -> bool:
    """Do two boxes share some of the page?"""
    return max(one[0], other[0]) < min(one[2], other[2]) and max(one[1], other[1]) < min(one[3], other[3])


def around(boxes: Iterable[Box]) -> Box:
    """The box around some boxes."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


@dataclass
class Clean:
    """A booklet as it should be, and the places at which it can be spoiled."""

    name: str
    pdf: bytes
    facts: Facts
    sourced: Sourced
    layout: Layout
    case: Case
    lines: list[Line] = field(default_factory=list)

    @cached_property
    def reader(self) -> PdfReader:
        return PdfReader(io.BytesIO(self.pdf))

    @cached_property
    def fonts(self) -> dict[str, dict[str, str]]:
        """For each font, by the name that the pages give it, the text of each code."""
        return {
            name: {
                f"{code:04x}": text
                for code, text in texts_of_codes(font["/ToUnicode"].get_object().get_data()).items()
            }
            for page in self.reader.pages
            for name, font in _fonts(page)
        }

    @cached_property
    def objects(self) -> dict[int, DictionaryObject]:
        """The file's dictionaries, by their numbers."""
        found = ((n, self.reader.get_object(n)) for n in range(1, int(str(self.reader.trailer["/Size"]))))
        return {number: one for number, one in found if isinstance(one, DictionaryObject)}

    @cached_property
    def pages(self) -> dict[int, int]:
        """The number of the page that each page object is."""
        numbered = enumerate(self.reader.pages, 1)
        return {page.indirect_reference.idnum: n for n, page in numbered if page.indirect_reference}

    def text_lines(self) -> list[Line]:
        """The lines of the sections' text, but for the shortest."""
        return [line for line in self.lines if "/" in line.block and len(bare_of(line)) >= 8]

    def pieces(self) -> dict[int, list[Line]]:
        """The lines of each piece of the source that stands on one page."""
        found: dict[int, list[Line]] = {}
        for line in self.lines:
            if line.piece >= 0:
                found.setdefault(line.piece, []).append(line)
        return {piece: lines for piece, lines in found.items() if len({x.page for x in lines}) == 1}

    def lines_of(self, element: DictionaryObject) -> list[Line]:
        """The lines that a tag holds."""
        held = set(self._marked(element))
        return [line for line in self.lines if (line.page, line.tag) in held]

    def _marked(self, element: DictionaryObject) -> Iterator[tuple[int, int]]:
        page = element.raw_get("/Pg").idnum if "/Pg" in element else 0
        for child in element.get("/K", ()):
            inner = child.get_object()
            if isinstance(inner, int):
                yield self.pages.get(page, 0), inner
            elif isinstance(inner, DictionaryObject) and "/S" in inner:
                yield from self._marked(inner)


def bare_of(line: Line) -> str:
    """What a line says, without white space."""
    return "".join(line.said.split())


@cache
def clean(name: str) -> Clean:
    """The booklet with its lines."""
    sourced = Source(PROJECT).booklet(name).value
    layout = layout_for(sourced, "a5-booklet", (PROJECT,)).value
    assert sourced
    assert layout
    words = layout.words(sourced.booklet.language).value
    assert words
    pdf = print_edition(sourced, layout, words).value
    assert pdf
    facts = inspect_pdf(pdf).value
    assert facts
    case = Case(sourced, words, layout.recipe, layout.faces, facts, TODAY)
    one = Clean(name, pdf, facts, sourced, layout, case)
    owned = _Owned(case)
    for number, page in enumerate(one.reader.pages, 1):
        one.lines += (owned.placed(line) for line in _lines(operators_of(page), number, one.fonts))
    return one


def _fonts(page: Any) -> Iterator[tuple[str, Any]]:
    for name, font in page["/Resources"].get("/Font", {}).items():
        yield name, font.get_object()


def operators_of(page: Any) -> list[str]:
    """The operators of a page, one a line, as the press writes them."""
    text: str = page["/Contents"].get_object().get_data().decode("latin-1")
    return text.split("\n")


def _lines(operators: list[str], number: int, fonts: dict[str, dict[str, str]]) -> Iterator[Line]:
    first, place, size, font, tag = 0, (0.0, 0.0), 0.0, "", -1
    for index, operator in enumerate(operators):
        if operator == "BT":
            first = index
        elif operator.startswith("<</MCID "):
            tag = int(re.sub(r"\D", "", operator))
        elif operator.endswith(" Tm"):
            *_, x, y, _ = operator.split()
            place = float(x), float(y)
        elif operator.endswith(" Tf"):
            font, written, _ = operator.split()
            size = float(written)
        elif operator.endswith("] TJ"):
            codes = tuple(re.findall("<(....)>", operator))
            said = "".join(fonts[font].get(code, "\ufffd")[:1] for code in codes)
            last = next(i for i in range(index, len(operators)) if operators[i] == "ET")
            yield Line(number, first, last, index, font, codes, said, *place, size, tag)


class _Owned:
    """What the letters of a clean booklet belong to."""

    def __init__(self, case: Case) -> None:
        self.case, self.blocks = case, Blocks(case.sourced.booklet)
        self.passage = np.full(len(case.facts.letters), -1, np.int32)
        for index, passage in enumerate(case.facts.passages):
            self.passage[[i for i in passage.letters if i >= 0]] = index

    def placed(self, line: Line) -> Line:
        """The line with its box, its passage and its block."""
        letters = self.case.facts.letters
        which = np.flatnonzero((letters.page == line.page) & (letters.tag == line.tag) & ~letters.blank)
        if not len(which) or line.tag < 0:
            return line
        passage, owner = int(self.passage[which[0]]), int(self.case.owners[which].max())
        found = self.case.reading.found
        where = found[owner].piece.where if owner >= 0 else self._where(passage)
        return replace(
            line,
            box=around(map(tuple, letters.box[which].tolist())),
            role=str(self.case.roles[which[0]]),
            passage=passage,
            piece=owner,
            kind=found[owner].chapter.kind if owner >= 0 else "",
            where=where,
            block=self.blocks.name(where) if where.file else "",
        )

    def _where(self, passage: int) -> Where:
        """A bullet or a number belongs to the words that it stands before."""
        for next_one in self.case.facts.passages[max(passage, 0) :][:3]:
            owners = self.case.owners[[i for i in next_one.letters if i >= 0]]
            if "LI" not in next_one.roles or passage < 0:
                break
            owner = int(owners.max(initial=-1))
            if owner >= 0:
                return self.case.reading.found[owner].piece.where
        return NOWHERE


@dataclass
class Spoiling:
    """A file that is being spoiled in one place."""

    writer: PdfWriter
    place: Place
    one: Clean
    random: Random

    @property
    def line(self) -> Line:
        """The line that is spoiled, or the first of them."""
        thing = self.place.thing
        found = thing if isinstance(thing, Line) else thing[0]
        assert isinstance(found, Line)
        return found

    @property
    def page(self) -> Any:
        """The page that is spoiled; that of its line, where the whole file is judged."""
        return self.writer.pages[(self.place.page or self.line.page) - 1]

    @property
    def thing(self) -> Any:
        """The object that is spoiled, where the place is one."""
        return self.writer.get_object(self.place.thing)

    @property
    def operators(self) -> list[str]:
        """The operators of the page."""
        return operators_of(self.page)

    def draw(self, operators: list[str]) -> None:
        """Let the page be drawn by other operators."""
        stream = DecodedStreamObject()
        stream.set_data("\n".join(operators).encode("latin-1"))
        self.page[NameObject("/Contents")] = self.writer._add_object(stream)

    def insert(self, index: int, *more: str) -> None:
        """Put operators before the one at an index."""
        operators = self.operators
        self.draw([*operators[:index], *more, *operators[index:]])

    def enclose(self, *before: str) -> None:
        """Draw the line with other settings, which end behind it."""
        operators, first, last = self.operators, self.line.first, self.line.last
        self.draw(
            [*operators[:first], "q", *before, *operators[first : last + 1], "Q", *operators[last + 1 :]]
        )

    def put_on_top(self, *more: str) -> None:
        """Draw more on the page, in points from its bottom left corner, as no part of the text."""
        self.draw(["q", *self.operators, "Q", "/Artifact", "BMC", *more, "EMC"])

    def upright(self, box: Box) -> tuple[float, float, float, float]:
        """A box as a rectangle's operands: left, bottom, width and height."""
        high = self.one.facts.sizes[self.place.page - 1][1]
        return box[0], high - box[3], box[2] - box[0], box[3] - box[1]

    def show(self, line: Line, shown: str) -> None:
        """Let a line's operator show something else."""
        operators = self.operators
        operators[line.shown] = shown
        self.draw(operators)

    def say(self, line: Line, index: int, letter: str) -> None:
        """Let one letter of a line be another, of the same font."""
        glyphs = self.one.fonts[line.font]
        code = next(code for code, text in glyphs.items() if text == letter)
        numbered = iter(range(len(line.codes)))
        shown = re.sub(
            "<....>",
            lambda old: f"<{code}>" if next(numbered) == index else old[0],
            self.operators[line.shown],
        )
        self.show(line, shown)

    def leave_out(self, line: Line, first: int, last: int) -> None:
        """Take letters out of a line, those from one index to before another."""
        numbered = iter(range(len(line.codes)))
        shown = re.sub(
            r"<....>[-\d.]*",
            lambda old: "" if first <= next(numbered) < last else old[0],
            self.operators[line.shown],
        )
        self.show(line, shown)

    def written(self, text: str) -> tuple[str, str]:
        """The font and the codes for a text, as a page writes them."""
        for name, glyphs in self.one.fonts.items():
            codes = {letter: code for code, letter in glyphs.items()}
            if set(text) <= set(codes) and name in dict(_fonts(self.page)):
                return name, "".join(codes[letter] for letter in text)
        raise LookupError(text)

    def parts(self, line: Line, first: int, last: int) -> tuple[str, str, str]:
        """The operators that show a line's letters before an index, from there to another, and behind."""
        shown = re.findall(r"<....>[-\d.]*", self.operators[line.shown])
        before, between, behind = shown[:first], shown[first:last], shown[last:]
        return f"[{''.join(before)}] TJ", f"[{''.join(between)}] TJ", f"[{''.join(behind)}] TJ"

    def show_parts(self, line: Line, *shown: str) -> None:
        """Let several operators stand in place of the one that shows a line."""
        operators = self.operators
        self.draw([*operators[: line.shown], *shown, *operators[line.shown + 1 :]])

    def colour(self, line: Line) -> str:
        """The operator that sets a line's colour."""
        return next(o for o in reversed(self.operators[: line.shown]) if o.endswith(" rg"))

    def add_resource(self, key: str, name: str, thing: PdfObject) -> None:
        """Give the page, and no other, one more resource of a kind."""
        resources = self.page["/Resources"]
        every = DictionaryObject({**resources.get(key, {}), NameObject(name): thing})
        self.page[NameObject("/Resources")] = DictionaryObject({**resources, NameObject(key): every})

    def tag(self, role: str, marks: int, after: DictionaryObject, alt: str = "") -> int:
        """Put a tag for some marked contents of the page behind another tag; returns the first one's id."""
        tree: Any = self.writer.root_object["/StructTreeRoot"]
        numbers = tree["/ParentTree"]["/Nums"]
        held = numbers[numbers.index(self.page["/StructParents"]) + 1].get_object()
        first, parent = len(held), after["/P"]
        element = DictionaryObject(
            {NameObject("/S"): NameObject(role), NameObject("/P"): after.raw_get("/P")}
        )
        if alt:
            element[NameObject("/Alt")] = TextStringObject(alt)
        element[NameObject("/Pg")] = self.page.indirect_reference
        element[NameObject("/K")] = ArrayObject(NumberObject(first + i) for i in range(marks))
        reference = self.writer._add_object(element)
        held += [reference] * marks
        siblings = parent["/K"]  # type: ignore[index]
        at = next(i for i, sibling in enumerate(siblings) if sibling.get_object() is after)
        siblings.insert(at + 1, reference)
        return first

    def element(self, line: Line, roles: tuple[str, ...]) -> DictionaryObject:
        """The tag of one of the roles that holds a line."""
        tree: Any = self.writer.root_object["/StructTreeRoot"]
        numbers = tree["/ParentTree"]["/Nums"]
        at = numbers.index(self.writer.pages[line.page - 1]["/StructParents"])
        element = numbers[at + 1].get_object()[line.tag].get_object()
        while element["/S"] not in roles:
            element = element["/P"]
        assert isinstance(element, DictionaryObject)
        return element


Places = Callable[[Clean], list[Place]]


@dataclass(frozen=True)
class Kind:
    """A kind of fault: where it can be put, how, and the codes of the findings that would tell it."""

    name: str
    family: frozenset[str]
    places: Places
    spoil: Callable[[Spoiling], None]


KINDS: dict[str, Kind] = {}


def kind(
    name: str, family: set[str], places: Places
) -> Callable[[Callable[[Spoiling], None]], Callable[[Spoiling], None]]:
    """Register a function as the way in which a fault of that kind is made."""

    def register(spoil: Callable[[Spoiling], None]) -> Callable[[Spoiling], None]:
        KINDS[name] = Kind(name, frozenset(family), places, spoil)
        return spoil

    return register


def whole_file(_: Clean) -> list[Place]:
    """The only place of what is said once in a file."""
    return [Place()]


def every_page(one: Clean) -> list[Place]:
    """Each page but the covers."""
    return [Place(number) for number in range(2, one.facts.pages)]


def of_line(line: Line) -> Place:
    """A line as a place."""
    return Place(line.page, line.block, line.where, line, line.box, line.said)
