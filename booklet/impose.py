"""How do the pages of a booklet lie on the sheets that are folded to it?

Two pages lie side by side on each side of a sheet. Sheets that are folded together are a signature;
a booklet that is stapled in its fold (saddle stitched) is one. A leaflet is a single sheet that is
folded in three, so that three pages lie side by side (panels). The sheets are read from the finished
edition, whose pages go into them whole, as forms: their text can still be searched.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import accumulate, pairwise
from typing import Any

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from .layout import INSIDE, MILLIMETRE, OUTSIDE, SHEET_HEIGHT, SHEET_WIDTH

#: What the names of files for a printer, and of proofs, have behind the edition's.
_PRINT_FILE = re.compile(r"(.+)\.(desk|proof|press-[a-z0-9-]+)(?:\.(?:cover|inside))?\.pdf")
#: What the names of pages about a booklet end with; no layout's name has a point.
_PAGES_ABOUT = re.compile(r".+-changes-since-\d+\.\d+\.pdf")

#: A4, turned (ISO 216), in points.
SHEET = SHEET_WIDTH * MILLIMETRE, SHEET_HEIGHT * MILLIMETRE

#: Pages on a sheet: two on each of its sides.
FOURS = 4

#: More sheets than this in one fold spring open, and few staplers reach through them.
MOST_IN_FOLD = 16

#: As many sheets are folded together at the most where a booklet is made of several signatures.
MOST_IN_SIGNATURE = 8


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a sheet: the pages that lie on it."""

    sheet: int
    """Counted from 1 over the whole booklet."""
    front: bool
    pages: tuple[int | None, ...]
    """From left to right, counted from 1; None is a blank page."""
    depth: int = 0
    """So many sheets lie around this one in its signature."""
    folds: tuple[float, ...] = (SHEET_WIDTH / 2,)
    """How far each fold is from the sheet's left, in millimetres."""
    width: float = SHEET_WIDTH
    """The sheet's, in millimetres."""

    @property
    def columns(self) -> tuple[tuple[float, float], ...]:
        """Where each page's part of the sheet begins and ends, in points."""
        return tuple(pairwise(side * MILLIMETRE for side in (0, *self.folds, self.width)))


def is_print_file(name: str, edition: str = "", place: str = "") -> bool:
    """Is a file of that name no edition, but made of one, and for a place, if they are named?

    Those are files for a printer, proofs with bars, and pages that say what has changed.
    """
    if not edition and _PAGES_ABOUT.fullmatch(name):
        return True
    found = _PRINT_FILE.fullmatch(name)
    return found is not None and edition in ("", found[1]) and place in ("", found[2])


def page_count(edition: bytes) -> int:
    """How many pages a PDF has."""
    return len(PdfReader(BytesIO(edition)).pages)


def page_size(edition: bytes, page: int) -> tuple[float, float]:
    """The width and height of a PDF's page, in points."""
    box = PdfReader(BytesIO(edition)).pages[page - 1].mediabox
    return float(box.width), float(box.height)


def sides_of(pages: int, *, right_bound: bool, signatures: bool, cover_last: bool) -> tuple[Side, ...]:
    """Both sides of every sheet, in the order in which they are printed.

    Blank pages make up a multiple of four: before the back cover, where the last page is one.
    """
    sheets = -(-pages // FOURS)
    order: list[int | None] = list(range(1, pages + 1))
    at = len(order) - 1 if cover_last else len(order)
    order[at:at] = [None] * (sheets * FOURS - pages)
    most = MOST_IN_SIGNATURE if signatures else max(sheets, 1)
    count = -(-sheets // most)
    found: list[Side] = []
    for number in range(count):
        # As even as they can be: each takes its share of what is left.
        size = -(-(sheets - len(found) // 2) // (count - number))
        own = order[len(found) * 2 : (len(found) // 2 + size) * FOURS]
        found += _signature(own, len(found) // 2, right_bound=right_bound)
    return tuple(found)


def _signature(pages: Sequence[int | None], before: int, *, right_bound: bool) -> Iterator[Side]:
    """The sides of the sheets that are folded together, from the outermost in."""
    last = len(pages) - 1
    for depth in range(len(pages) // FOURS):
        outer, inner = depth * 2, last - depth * 2
        front, back = (pages[inner], pages[outer]), (pages[outer + 1], pages[inner - 1])
        if right_bound:
            front, back = front[::-1], back[::-1]
        yield Side(before + depth + 1, True, front, depth)
        yield Side(before + depth + 1, False, back, depth)


def panels_of(widths: Sequence[float], *, right_bound: bool) -> tuple[Side, ...]:
    """The outside and the inside of a sheet that is folded in three; `widths` are its pages', in mm."""
    sides = (side[::-1] if right_bound else side for side in (OUTSIDE, INSIDE))
    return tuple(
        Side(1, not back, side, folds=tuple(accumulate(widths[page - 1] for page in side[:-1])))
        for back, side in enumerate(sides)
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page lies on a sheet, in points from its lower left corner; `scale` is at most 1."""

    x: float
    y: float
    scale: float
    left: float
    """Where its part of the sheet begins."""
    right: float


def place_of(size: tuple[float, float], *, on_left: bool, creep: float) -> Place:
    """A page of that size lies at the fold, as large as it is, or as its half of a sheet has room.

    The sheets around it push an inner sheet outwards. So its pages lie nearer to the fold by the
    `creep`: the margins at the fore-edge stay alike.
    """
    width, height = SHEET
    half = width / 2
    scale = min(1.0, half / size[0], height / size[1])
    x = half - size[0] * scale + creep if on_left else half - creep
    left, right = (0.0, half) if on_left else (half, width)
    return Place(x, (height - size[1] * scale) / 2, scale, left, right)


@dataclass(frozen=True, slots=True)
class Plan:
    """How an edition lies on its sheets."""

    sides: tuple[Side, ...]
    creep: float
    """How much further out each sheet lies than the one around it, in points."""
    marks: bool = False
    """Are there marks at the fold?"""
    instructions: bool = False
    """Is there a sheet before the others that says how to print them?"""

    def placed(
        self, side: Side, size_of: Callable[[int], tuple[float, float]]
    ) -> Iterator[tuple[int, Place]]:
        """The pages on a side, from left to right, each with its place."""
        for number, (page, (left, right)) in enumerate(zip(side.pages, side.columns, strict=True)):
            if page is not None and len(side.folds) == 1:
                yield page, place_of(size_of(page), on_left=number == 0, creep=self.creep * side.depth)
            elif page is not None:
                yield page, Place(left, (SHEET[1] - size_of(page)[1]) / 2, 1.0, left, right)


@dataclass(frozen=True, slots=True)
class Extras:
    """What is printed beside the pages: PDFs of pages of their own."""

    note: bytes
    """One page as large as the note that stands on the first sheet on the screen, and is not printed."""
    note_text: str
    marks: bytes = b""
    """A page for each side, which is laid over it."""
    instructions: bytes = b""
    """One page, which is printed before all others."""


def impose(edition: bytes, plan: Plan, extras: Extras) -> bytes:
    """The sheets, as a PDF."""
    reader, writer = PdfReader(BytesIO(edition)), PdfWriter()
    marks = PdfReader(BytesIO(extras.marks)).pages if extras.marks else []
    if extras.instructions:
        _add_instructions(extras.instructions, writer)

    def size_of(page: int) -> tuple[float, float]:
        box = reader.pages[page - 1].mediabox
        return float(box.width), float(box.height)

    for number, side in enumerate(plan.sides):
        sheet = writer.add_blank_page(*SHEET)
        drawn, held = [], DictionaryObject()
        for page, place in plan.placed(side, size_of):
            held[NameObject(f"/P{page}")] = form_of_page(reader.pages[page - 1], writer)
            drawn.append(
                f"q {place.left:.3f} 0 {place.right - place.left:.3f} {SHEET[1]:.3f} re W n "
                f"{place.scale:.5f} 0 0 {place.scale:.5f} {place.x:.3f} {place.y:.3f} cm /P{page} Do Q"
            )
        if marks:
            held[NameObject("/Marks")] = form_of_page(marks[number], writer)
            drawn.append("q /Marks Do Q")
        sheet[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): held})
        sheet[NameObject("/Contents")] = stream_of("\n".join(drawn).encode(), writer)
    _add_note(writer, extras)
    _describe(writer, reader)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def form_of_page(page: PageObject, writer: PdfWriter) -> Any:
    """A page as a form (ISO 32000-1, 8.10). What no paper shows is left behind: links and tags."""
    form = DecodedStreamObject()
    contents = page.get_contents()
    form.set_data(contents.get_data() if contents is not None else b"")
    packed = form.flate_encode()
    packed[NameObject("/Type")] = NameObject("/XObject")
    packed[NameObject("/Subtype")] = NameObject("/Form")
    packed[NameObject("/BBox")] = ArrayObject(FloatObject(side) for side in page.mediabox)
    packed[NameObject("/Resources")] = page["/Resources"].clone(writer)
    return writer._add_object(packed)


def stream_of(data: bytes, writer: PdfWriter) -> Any:
    """Operators, packed, as an object of the file that is written."""
    stream = DecodedStreamObject()
    stream.set_data(data)
    return writer._add_object(stream.flate_encode())


def _add_instructions(instructions: bytes, writer: PdfWriter) -> None:
    """A sheet of its own: its back stays blank, or the sheets after it would lose their backs."""
    page = PdfReader(BytesIO(instructions)).pages[0]
    sheet = writer.add_blank_page(*SHEET)
    held = DictionaryObject({NameObject("/Told"): form_of_page(page, writer)})
    sheet[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): held})
    sheet[NameObject("/Contents")] = stream_of(b"q /Told Do Q", writer)
    writer.add_blank_page(*SHEET)


def _add_note(writer: PdfWriter, extras: Extras) -> None:
    """A note that screens show and printers leave out: it has no Print flag (ISO 32000-1, 12.5.3).

    It lies at the edge, where printers print nothing and pages have no words.
    """
    first, page = writer.pages[0], PdfReader(BytesIO(extras.note)).pages[0]
    wide, high = float(page.mediabox.width), float(page.mediabox.height)
    x, y = (SHEET[0] - wide) / 2, SHEET[1] - high
    note = DictionaryObject({NameObject("/Type"): NameObject("/Annot")})
    note[NameObject("/Subtype")] = NameObject("/Stamp")
    note[NameObject("/Rect")] = ArrayObject(FloatObject(side) for side in (x, y, x + wide, y + high))
    note[NameObject("/F")] = NumberObject(0)
    note[NameObject("/Contents")] = TextStringObject(extras.note_text)
    note[NameObject("/AP")] = DictionaryObject({NameObject("/N"): form_of_page(page, writer)})
    first[NameObject("/Annots")] = ArrayObject([writer._add_object(note)])


def _describe(writer: PdfWriter, reader: PdfReader) -> None:
    """The edition's title and language; two leaves side by side are not what is meant."""
    title = reader.metadata.title if reader.metadata and reader.metadata.title else ""
    writer.metadata = {"/Title": title}
    catalog, own = writer.root_object, reader.root_object
    if "/Lang" in own:
        catalog[NameObject("/Lang")] = TextStringObject(str(own["/Lang"]))
    # Viewers that keep to it print at 100 %, on both sides, turned on the short edge (12.2).
    catalog[NameObject("/ViewerPreferences")] = DictionaryObject(
        {
            NameObject("/PrintScaling"): NameObject("/None"),
            NameObject("/Duplex"): NameObject("/DuplexFlipShortEdge"),
            NameObject("/PickTrayByPDFSize"): BooleanObject(True),
        }
    )
