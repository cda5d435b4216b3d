"""Does a file for printing keep its promises? Proven from its finished sheets, page by page.

Each part of a sheet is compared with the page of the edition that belongs there: letter by letter,
and by what a picture of both shows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from .checks.fit import UNPRINTABLE
from .impose import SHEET, Place, Plan, Side, place_of
from .layout import MILLIMETRE, Sizes
from .letters import Letters, read_letters
from .problem import Problem

#: How far a letter may stand from where it should, in points.
NEAR = 0.5

#: Pictures are compared at a pixel a point, by squares of so many pixels; and how far the middle colours
#: of two squares may differ, of 255. A page may lie between pixels, so each square may be a pixel off.
SQUARE, LIKE, OFF = 6, 40, 1

#: How far from the fold, and from the sheet's head and foot, marks may stand, in points.
MARKED = 30 * MILLIMETRE, 12 * MILLIMETRE

#: So much smaller than it should be, in points, may type be read as.
EXACT = 0.05

#: What the parts of a sheet with so many pages side by side are called, from left to right.
_PARTS = {2: ("left half", "right half"), 3: ("left panel", "middle panel", "right panel")}


Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page of a PDF: its size in points, its letters, and its picture."""

    size: tuple[float, float]
    letters: Letters
    picture: NDArray[np.uint8]


def preflight(imposed: bytes, edition: bytes, plan: Plan, least: Sizes | None) -> Iterator[Problem]:
    """What is wrong with the sheets of an edition; `least` is the smallest type that its layout allows."""
    before, sides = (2 if plan.instructions else 0), plan.sides
    sheets, pages = _read(imposed, _whole)[before:], _read(edition, _as_placed)
    if len(sheets) != len(sides):
        message = f"There are {len(sheets)} sides of sheets; it takes {len(sides)}"
        yield Problem("sheet-count", message, page=1)
        return
    smallest: list[Problem] = []
    for number, (sheet, side) in enumerate(zip(sheets, sides, strict=True), before + 1):
        if max(abs(one - other) for one, other in zip(sheet.size, SHEET, strict=True)) > NEAR:
            yield Problem("sheet-size", f"Page {number} is no A4 sheet, turned", page=number)
            continue
        yield from _parts(sheet, side, pages, plan, number)
        yield from _at_the_edge(sheet, number)
        smallest += _small(sheet, side, pages, least, number)
    yield from smallest[:1]  # all pages are printed as small


def _whole(_size: tuple[float, float]) -> float:
    return 1


def _as_placed(size: tuple[float, float]) -> float:
    return place_of(size, on_left=True, creep=0).scale


def _read(pdf: bytes, scale_of: Callable[[tuple[float, float]], float]) -> list[_Sheet]:
    document = pdfium.PdfDocument(pdf)
    try:
        return [_sheet(page, number, scale_of(page.get_size())) for number, page in enumerate(document, 1)]
    finally:
        document.close()


def _sheet(page: pdfium.PdfPage, number: int, scale: float) -> _Sheet:
    # As a printer has it: without the note that is for screens.
    picture: Any = page.render(scale=scale, draw_annots=False).to_numpy()
    size = page.get_size()
    letters, _ = read_letters(page, number)
    return _Sheet(size, letters, picture)


def _parts(sheet: _Sheet, side: Side, pages: Sequence[_Sheet], plan: Plan, number: int) -> Iterator[Problem]:
    """Does each part show its page, whole and in its place?"""
    begin = 0
    for page, place in plan.placed(side, lambda page: pages[page - 1].size):
        own = pages[page - 1].letters
        there = slice(begin, begin + len(own))
        begin += len(own)
        if not (
            _same_letters(sheet, own, there, place)
            and same_picture(sheet.picture, pages[page - 1].picture, place, marks=plan.marks)
        ):
            front, where = "front" if side.front else "back", _PARTS[len(side.pages)][side.pages.index(page)]
            message = f"The {where} of sheet {side.sheet}, {front}, does not show page {page} as it is"
            yield Problem("sheet-page", message, page=number)


def _same_letters(sheet: _Sheet, own: Letters, there: slice, place: Place) -> bool:
    letters = sheet.letters
    if len(letters.code[there]) != len(own):
        return False
    # Beside a page that runs from right to left, a bullet and the space behind it may change places.
    solid, printed = np.flatnonzero(~own.blank), there.start + np.flatnonzero(~letters.blank[there])
    if letters.text(printed.tolist()) != own.text(solid.tolist()):
        return False
    shift = np.array([place.x, place.y] * 2, np.float32)
    wanted = own.box[solid] * place.scale + shift
    moved = np.abs(letters.box[printed] - wanted).max(initial=0)
    return bool(moved <= NEAR and letters.seen[printed][own.seen[solid]].all())


def same_picture(
    sheet: Pixels, page: Pixels, place: Place, *, marks: bool, within: tuple[float, int] = (LIKE, OFF)
) -> bool:
    """Does the part of a sheet look as the page does, but where marks may stand? At a pixel a point.

    `within` says how far the colours of two squares may differ, of 255, and how far one may lie beside
    its place, in pixels.
    """
    like, off = within
    rows, columns = page.shape[:2]
    left, top = round(place.x), round(place.y)
    # What lies beyond the fold, or the sheet, is cut off there; the last square may be cut, too.
    first, last = max(left, round(place.left)), min(left + columns, round(place.right))
    wanted = _squares(page[:, first - left : last - left])
    own = np.pad(sheet[top : top + rows, first:last], ((off, off), (off, off), (0, 0)), mode="edge")
    high, wide = len(own) - 2 * off, last - first
    ways = range(2 * off + 1)
    shifted = (own[down:, along:][:high, :wide] for down, along in product(ways, ways))
    least = np.min([np.abs(_squares(shown) - wanted).max(axis=2) for shown in shifted], axis=0)
    if marks:
        across = np.arange(least.shape[1]) * SQUARE + first
        from_fold = np.min([np.abs(across - fold) for fold in (place.left, place.right)], axis=0)
        from_head = np.arange(least.shape[0]) * SQUARE + top
        outer = np.minimum(from_head, SHEET[1] - from_head) < MARKED[1]
        least[outer[:, None] & (from_fold < MARKED[0])] = 0
    return bool(least.max(initial=0) <= like)


def _squares(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The middle colour of each square."""
    rows, columns = (length // SQUARE for length in picture.shape[:2])
    cut = picture[: rows * SQUARE, : columns * SQUARE, :3].astype(np.float32)
    squares: NDArray[np.float32] = cut.reshape(rows, SQUARE, columns, SQUARE, 3).mean(axis=(1, 3))
    return squares


def _at_the_edge(sheet: _Sheet, number: int) -> Iterator[Problem]:
    """Letters where an office printer prints nothing."""
    box, (width, height) = sheet.letters.box, sheet.size
    left, top, right, bottom = box.T
    margin = np.min([left, top, width - right, height - bottom], axis=0)
    lost = np.flatnonzero((margin < UNPRINTABLE) & ~sheet.letters.blank)
    if len(lost):
        said = sheet.letters.text(lost.tolist())[:40]
        yield Problem("sheet-edge", f"'{said}' stands within 5 mm of the sheet's edge", page=number)


def _small(
    sheet: _Sheet, side: Side, pages: Sequence[_Sheet], least: Sizes | None, number: int
) -> Iterator[Problem]:
    """Type that is smaller on the sheet than the layout allows; that of its labels may be a little so."""
    shown = [pages[page - 1].letters for page in side.pages if page]
    own = np.concatenate([np.zeros(0, np.float32), *(letters.size[~letters.blank] for letters in shown)])
    solid = np.flatnonzero(~sheet.letters.blank)[: len(own)]
    printed = sheet.letters.size[solid]
    said = "".join(letters.text(np.flatnonzero(~letters.blank).tolist()) for letters in shown)
    if sheet.letters.text(solid.tolist()) != said:
        return  # `sheet-page` tells it
    for wanted in (least.text, least.labels) if least else ():
        small = (own >= wanted - EXACT) & (printed < wanted - EXACT)
        if small.any():
            size = float(printed[small].min())
            message = (
                f"The sheets are smaller than the pages: type would be printed in {size:.1f} points, and"
                f" needs {wanted:g}"
            )
            hint = "print this layout as it is, or another layout for the desk"
            yield Problem("sheet-small", message, hint=hint, page=number)
            return
