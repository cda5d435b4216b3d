"""What does an editor see of a booklet while it is being written? Its pages, drawn where they have changed.

This is a worker's part: it keeps what it laid out, and lays out again only the parts that were changed.
"""

import hashlib
import io
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pypdfium2 as pdfium
from PIL import Image

from . import bars
from .bars import Finder
from .bind import Bound, bind, with_clinic
from .inspect import inspect_pdf
from .judge import judge
from .layout import layout_for
from .model import Remark
from .paginate import Sheet
from .printing import Edition
from .problem import Box, Outcome, Problem, Severity, Where
from .remarks import Hooks
from .source import Source, Sourced
from .texts import places

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
    """Where a piece of the source stands: its lines on pages, from the upper left edge in points.

    `section` and `quote` are what a remark on it names; empty where it is no part of the booklet's own text.
    """

    where: Where
    lines: tuple[tuple[int, Box], ...]
    section: str = ""
    quote: str = ""


class Hung(NamedTuple):
    """An open remark, where it hangs now, and the index of that block; -1 where it is not printed."""

    remark: Remark
    told: str
    block: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What the checks say of an edition, where its source stands on its pages, and what is remarked on it."""

    problems: tuple[Problem, ...]
    blocks: tuple[Block, ...] = ()
    remarks: tuple[Hung, ...] = ()


class Whole(NamedTuple):
    """A finished PDF, and that of the national edition which a clinic's is to be like."""

    pdf: bytes
    national: bytes | None = None


class Known(NamedTuple):
    """A part that is laid out, and its pages, each with what tells it from others.

    A part of which pages were only told by that, and not drawn, is `guessed`.
    """

    sheet: Sheet
    looks: tuple[bytes, ...]
    pages: tuple[Page, ...]
    guessed: bool


@dataclass
class View:
    """The pages of a booklet as it is now; `look` sees what has changed since."""

    wanted: Wanted
    _bound: Bound | None = None
    _known: list[Known] = field(default_factory=list)
    _places: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    """The file that has a picture's page, and its index there."""
    _clinic: Sourced | None = None
    _seen: Seen = field(default_factory=lambda: Seen(()))

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
        told = read.value.booklet
        self._seen = Seen(read.problems, pages, tuple(_outline(bound.value)), told.title, told.version)
        self._forget()
        return self._seen

    def confirm(self) -> Seen:
        """The same, with all pages drawn that were told by their boxes alone."""
        if self._bound is None or self._clinic:
            return self._seen
        self._known = [
            one._replace(pages=self._whole(self._bound, at), guessed=False) if one.guessed else one
            for at, one in enumerate(self._known)
        ]
        self._seen = replace(self._seen, pages=tuple(page for one in self._known for page in one.pages))
        self._forget()
        return self._seen

    def _pages(self, bound: Bound) -> Iterator[Page]:
        """The pages of a national edition: of each part that was laid out again those that look otherwise."""
        pictures = "".join(asset.digest for asset in bound.sourced.assets).encode()
        before = {look: page for one in self._known for look, page in zip(one.looks, one.pages, strict=True)}
        # Who is stopped here has what was drawn before still.
        known: list[Known] = []
        for at, sheet in enumerate(bound.sheets):
            same = (
                one for one in self._known if one.sheet.laid == sheet.laid and one.sheet.first == sheet.first
            )
            known.append(next(same, None) or self._drawn(bound, at, pictures, before))
        self._known = known
        return itertools.chain.from_iterable(one.pages for one in known)

    def _drawn(self, bound: Bound, at: int, pictures: bytes, before: Mapping[bytes, Page]) -> Known:
        sheet = bound.sheets[at]
        looks = tuple(look + pictures for look in sheet.laid.looks)
        new = [index for index, look in enumerate(looks) if look not in before]
        drawn = self._draw(bound.part(at, new)) if new else iter(())
        pages = tuple(before[look] if look in before else next(drawn) for look in looks)
        return Known(sheet, looks, pages, len(new) < len(looks))

    def _whole(self, bound: Bound, at: int) -> tuple[Page, ...]:
        return tuple(self._draw(bound.part(at, range(len(bound.sheets[at].laid.pages)))))

    def _own_pages(self) -> Iterator[Page]:
        """The pages of a clinic's edition."""
        edition = self.edition()
        return self._draw(edition.value.pdf) if edition.value else iter(())

    def _draw(self, pdf: bytes) -> Iterator[Page]:
        document = pdfium.PdfDocument(pdf)
        try:
            for index, page in enumerate(document):
                pixels = page.render(scale=COMPARED)
                key = hashlib.sha256(pixels.buffer).hexdigest()[:32]
                self._places[key] = pdf, index
                yield Page(key, *page.get_size())
        finally:
            document.close()

    def _forget(self) -> None:
        """Keep no more than what is seen now."""
        known = {page.key for page in self._seen.pages}
        self._places = {key: place for key, place in self._places.items() if key in known}

    def picture(self, key: str, scale: float) -> bytes:
        """A page (PNG), with so many pixels for each point; empty where it is seen no more."""
        if key not in self._places:
            return b""
        pdf, index = self._places[key]
        document = pdfium.PdfDocument(pdf)
        try:
            image: Image.Image = document[index].render(scale=min(scale, SHARPEST)).to_pil()
        finally:
            document.close()
        data = io.BytesIO()
        image.save(data, "PNG", compress_level=1)
        return data.getvalue()

    def edition(self) -> Outcome[Whole]:
        """The whole PDF of what is seen."""
        if self._bound is None:
            return Outcome(None)
        national = self._bound.national()
        if self._clinic is None or national.value is None:
            return Outcome(Whole(national.value) if national.value else None, national.problems)
        made = with_clinic(self._bound, self._clinic, self._bound.layout)
        return Outcome(Whole(made.value.pdf, national.value) if made.value else None, made.problems)


def _outline(bound: Bound) -> Iterator[Heading]:
    first = 1
    for sheet in bound.sheets:
        yield from (Heading(title, first + page, level) for page, level, title in sheet.laid.headings)
        first += len(sheet.laid.pages)


def judged(wanted: Wanted, whole: Whole, today: date) -> Judged:
    """What the checks and the readers say of an edition that was seen, and where its source stands."""
    source = Source(wanted.roots[0])
    read = source.edition(wanted.booklet, wanted.language, wanted.clinic)
    layout = layout_for(read.value, wanted.layout, wanted.roots, wanted.points, grey=wanted.grey).value
    facts = inspect_pdf(whole.pdf)
    national = inspect_pdf(whole.national).value if whole.national else None
    if facts.value is None or read.value is None or layout is None:
        return Judged(facts.problems)
    problems = judge(facts.value, read.value, layout, today, national)
    remarks = source.remarks(wanted.booklet, wanted.language)
    said = places(read.value)
    words = layout.words(read.value.booklet.language).value or {}
    finder = Finder(Edition(whole.pdf, read.value, layout, words), facts.value)
    printed = tuple(finder.blocks(said))
    return Judged(
        problems + remarks.problems,
        tuple(_blocks(printed, finder)),
        tuple(_hung(remarks.value or (), printed, Hooks(said))),
    )


def counted(wanted: Wanted, today: date) -> Counter[Severity]:
    """How many findings of each severity there are in a booklet as it is now."""
    view = View(wanted)
    seen, made = view.look(), view.edition()
    problems = judged(wanted, made.value, today).problems if made.value else seen.problems + made.problems
    return Counter(one.severity for one in problems)


def _blocks(printed: Sequence[bars.Block], finder: Finder) -> Iterator[Block]:
    """What can be remarked on, and behind it all else that is printed from the source."""
    for one in printed:
        yield Block(one.said.where, one.boxes, one.section, one.said.text)
    known = {one.said.where for one in printed}
    for found in finder.case.reading.found:
        where = found.piece.where
        if where.line and where not in known:
            yield Block(where, tuple(finder.lines(found)))


def _hung(remarks: Sequence[Remark], printed: Sequence[bars.Block], hooks: Hooks) -> Iterator[Hung]:
    at = {id(one.said): index for index, one in enumerate(printed)}
    first = {one.section: index for index, one in reversed(list(enumerate(printed)))}
    for remark in remarks:
        if remark.is_open:
            anchor = hooks.of(remark)
            block = at.get(id(anchor.said), first.get(anchor.place.id, -1) if anchor.place else -1)
            yield Hung(remark, anchor.told, block)
