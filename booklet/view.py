"""What does an editor see of a booklet while it is being written? Its pages, drawn where they have changed.

This is a worker's part: it keeps what it laid out, and lays out again only the parts that were changed.
"""

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pypdfium2 as pdfium
from PIL import Image

from .bind import Bound, bind, with_clinic
from .checks import Case
from .checks.reading import Found
from .enlarge import enlarged
from .inspect import Facts, inspect_pdf
from .judge import judge
from .layout import Layout, layout_for
from .paginate import Sheet
from .problem import Box, Outcome, Problem, Where
from .source import Source, Sourced

#: A page is compared with what it was by its pixels at this scale: one for each point.
COMPARED = 1.0

#: Pixels for each point at the most: what a sharp screen shows of a page that is magnified four times.
SHARPEST = 8.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A booklet in a language and a form, as a clinic or nobody has it; `roots` as in a job."""

    roots: tuple[Path, ...]
    booklet: str
    language: str = ""
    layout: str = "a5-booklet"
    points: int = 0
    grey: bool = False
    clinic: str = ""


class Page(NamedTuple):
    """A page: what its picture is asked for by, and its width and height in points."""

    key: str
    width: float
    height: float


class Heading(NamedTuple):
    """An entry of the outline, its page from 1, and its level from 1."""

    title: str
    page: int
    level: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen after a change. Without pages it could not be laid out: the problems say why."""

    problems: tuple[Problem, ...]
    pages: tuple[Page, ...] = ()
    outline: tuple[Heading, ...] = ()
    title: str = ""
    version: str = ""


class Block(NamedTuple):
    """Where a piece of the source stands on a page, from its upper left edge in points."""

    page: int
    box: Box
    where: Where


@dataclass(frozen=True, slots=True)
class Judged:
    """What the checks say of an edition, and where its source stands on its pages."""

    problems: tuple[Problem, ...]
    blocks: tuple[Block, ...] = ()


@dataclass
class View:
    """The pages of a booklet as it is now; `look` sees what has changed since."""

    wanted: Wanted
    _bound: Bound | None = None
    _drawn: list[tuple[Sheet, tuple[Page, ...]]] = field(default_factory=list)
    """The parts that are laid out, with their pages."""
    _places: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    """The file that has a picture's page, and its index there."""
    _clinic: Sourced | None = None

    def look(self) -> Seen:
        """Read the source again, and lay out and draw what is not as it was."""
        wanted = self.wanted
        read = Source(wanted.roots[0]).edition(wanted.booklet, wanted.language, wanted.clinic)
        layout = layout_for(read.value, wanted.layout, wanted.roots, wanted.points, grey=wanted.grey)
        words = layout.value.words(read.value.booklet.language) if read.value and layout.value else None
        if read.value is None or layout.value is None or words is None or words.value is None:
            return Seen(read.problems + layout.problems + (words.problems if words else ()))
        bound = bind(read.value.national, layout.value, words.value, self._bound)
        if bound.value is None:
            return Seen(read.problems + bound.problems)
        self._bound, self._clinic = bound.value, read.value if wanted.clinic else None
        pages = tuple(self._own_pages() if self._clinic else self._pages(bound.value))
        self._forget(pages)
        told = read.value.booklet
        return Seen(read.problems, pages, tuple(_outline(bound.value)), told.title, told.version)

    def _pages(self, bound: Bound) -> Iterator[Page]:
        """The pages of a national edition. Each part is drawn alone, and only where it was laid out again."""
        before, self._drawn = self._drawn, []
        for at, sheet in enumerate(bound.sheets):
            same = (pages for old, pages in before if old.laid == sheet.laid and old.first == sheet.first)
            pages = next(same, None) or tuple(self._draw(bound.part(at)))
            self._drawn.append((sheet, pages))
            yield from pages

    def _own_pages(self) -> Iterator[Page]:
        """The pages of a clinic's edition."""
        edition = self.edition()
        return self._draw(edition.value) if edition.value else iter(())

    def _draw(self, pdf: bytes) -> Iterator[Page]:
        document = pdfium.PdfDocument(pdf)
        try:
            for index, page in enumerate(document):
                pixels = page.render(scale=COMPARED).to_numpy()
                key = hashlib.sha256(pixels.tobytes()).hexdigest()[:32]
                self._places[key] = pdf, index
                yield Page(key, *page.get_size())
        finally:
            document.close()

    def _forget(self, pages: Iterable[Page]) -> None:
        """Keep no more than what is seen now."""
        known = {page.key for page in pages}
        self._places = {key: place for key, place in self._places.items() if key in known}

    def picture(self, key: str, scale: float) -> bytes:
        """A page (PNG), with so many pixels for each point; empty where it is seen no more."""
        if key not in self._places:
            return b""
        pdf, index = self._places[key]
        document = pdfium.PdfDocument(pdf)
        try:
            image: Image.Image = document[index].render(scale=min(scale, SHARPEST)).to_pil().convert("RGB")
        finally:
            document.close()
        data = io.BytesIO()
        image.save(data, "PNG", compress_level=1)
        return data.getvalue()

    def edition(self) -> Outcome[bytes]:
        """The whole PDF of what is seen."""
        if self._bound is None:
            return Outcome(None)
        if self._clinic is None:
            return self._bound.national()
        made = with_clinic(self._bound, self._clinic, self._bound.layout)
        return Outcome(made.value.pdf if made.value else None, made.problems)


def _outline(bound: Bound) -> Iterator[Heading]:
    first = 0
    for sheet in bound.sheets:
        carved = sheet.carved(grey=bound.layout.grey)
        yield from (Heading(mark.title, first + mark.page + 1, mark.level) for mark in carved.marks)
        first += len(carved.pages)


def judged(wanted: Wanted, pdf: bytes, today: date) -> Judged:
    """What the checks say of an edition that was seen, and where its source stands."""
    read = Source(wanted.roots[0]).edition(wanted.booklet, wanted.language, wanted.clinic)
    layout = layout_for(read.value, wanted.layout, wanted.roots, wanted.points, grey=wanted.grey).value
    facts = inspect_pdf(pdf)
    if facts.value is None or read.value is None or layout is None:
        return Judged(facts.problems)
    problems = judge(facts.value, read.value, layout, today)
    words = layout.words(read.value.booklet.language).value or {}
    return Judged(problems, tuple(_blocks(facts.value, read.value, layout, words, today)))


def _blocks(
    facts: Facts, sourced: Sourced, layout: Layout, words: Mapping[str, str], today: date
) -> Iterator[Block]:
    """Where each piece of the source is printed, on each of its pages."""
    own = enlarged(sourced, layout), words, layout.recipe, layout.faces
    for found in Case(*own, facts, today, layout.grey).reading.found:
        if found.piece.where.line:
            yield from (Block(page, box, found.piece.where) for page, box in _boxes(found, facts))


def _boxes(found: Found, facts: Facts) -> Iterator[tuple[int, Box]]:
    letters, which = facts.letters, list(found.letters)
    pages = letters.page[which]
    for page in dict.fromkeys(pages.tolist()):
        boxes = letters.box[[letter for letter, on in zip(which, pages, strict=True) if on == page]]
        left, top = boxes[:, :2].min(axis=0)
        right, bottom = boxes[:, 2:].max(axis=0)
        yield page, (float(left), float(top), float(right), float(bottom))
