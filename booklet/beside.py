"""What do pages show beside the words, and is it there in another version, too?

A page is drawn without its letters. What hangs together on it is one thing: a picture, a box, a rule. A thing
that has only moved with the words around it, or come to another page with them, is the same one still.
"""

import ctypes
import hashlib
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from .problem import Box

#: Pixels for each point, and of a page at the most.
SCALE, MAX_PIXELS = 1.5, 4_000_000
#: In pixels: what is no further apart than this hangs together.
CELL = 6
#: So many things of a page are looked at alone; where there are more, they are a pattern, and one thing.
MOST = 400
#: How much red, green or blue must differ, of 255, in the same place; and where edges lie between pixels.
CHANGED, SMEARED = 8, 20
#: In pixels: the side of the squares whose mean colours are compared, and how many there are at the most.
SQUARE, SQUARES = 8, 64
#: In pixels: sides that differ by no more are the same.
SAME_SIDE = 2
#: In pixels: what is no thicker is a line, and by this share the same one may be paler.
THIN, PALER = 4, 0.6
#: In pixels: what is wider may grow with the words in it, and then this share of its rows stays the same.
WIDE, SAME_ROWS = 40, 0.85
#: So many different rows are looked at.
MOST_ROWS = 128
#: And so many parts of each.
COLUMNS = 16
#: What touches a side of the page, and is no wider than this share of it, is a mark in the margin.
MARGIN = 1 / 6
#: In points: what moves with the words beside it moves as far as they do.
WITH_WORDS = 3.0
#: In points: words that have moved no further stand still.
STILL = 0.05
MAX_DEPTH = 100

_raw = pdfium.raw
Colours = NDArray[np.uint8]
_Flags = NDArray[np.bool_]


class Shift(NamedTuple):
    """A word on two pages that are beside one another: its place on the old one, and how far it has moved."""

    top: float
    bottom: float
    across: float
    down: float


@dataclass(eq=False)
class Thing:
    """What hangs together on a page (from 1), with its pixels; its sides are in pixels."""

    page: int
    sides: tuple[int, int, int, int]
    pixels: Colours
    scale: float

    @property
    def box(self) -> Box:
        """Its place in points."""
        left, top, right, bottom = (side / self.scale for side in self.sides)
        return left, top, right, bottom

    @property
    def size(self) -> tuple[int, int]:
        """Its height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]


@dataclass
class Sheet:
    """A page with its size in points, what tells its looks, and what it shows beside the words."""

    number: int
    width: float
    height: float
    look: str
    """The digest of its pixels."""
    scale: float
    layer: Colours
    """Its pixels without the letters."""
    things: list[Thing] = field(default_factory=list)
    margin: list[Thing] = field(default_factory=list)
    """Marks at the sides of the page, such as those of its part: they are no things of their own."""


class Drawn(NamedTuple):
    """What differs beside the words: what is told of it, and its page and its places in both versions."""

    told: str
    old: tuple[int, tuple[Box, ...]] | None
    new: tuple[int, tuple[Box, ...]] | None


def read_sheets(pdf: bytes) -> list[Sheet]:
    """The pages of a PDF."""
    document = pdfium.PdfDocument(pdf)
    try:
        return [_sheet(page, number) for number, page in enumerate(document, 1)]
    finally:
        document.close()


def _sheet(page: pdfium.PdfPage, number: int) -> Sheet:
    width, height = page.get_size()
    scale = min(SCALE, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
    whole = _pixels(page, scale)
    look = hashlib.sha256(repr(whole.shape).encode() + whole.tobytes()).hexdigest()[:32]
    count = _raw.FPDFPage_CountObjects(page.raw)
    _hide_text((_raw.FPDFPage_GetObject(page.raw, index) for index in range(count)), 0)
    sheet = Sheet(number, width, height, look, scale, _pixels(page, scale))
    for thing in _things(sheet):
        (sheet.margin if _is_marginal(thing.box, sheet) else sheet.things).append(thing)
    return sheet


def _is_marginal(box: Box, sheet: Sheet) -> bool:
    """Is it a narrow mark at a side of the page?"""
    at_side = box[0] <= STILL or box[2] * sheet.scale >= sheet.layer.shape[1] - STILL
    return at_side and box[2] - box[0] <= MARGIN * sheet.width


def _pixels(page: pdfium.PdfPage, scale: float) -> Colours:
    return np.array(page.render(scale=scale).to_numpy()[:, :, :3])


def _hide_text(objects: Iterable[Any], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise RecursionError
    for drawn in objects:
        kind = _raw.FPDFPageObj_GetType(drawn)
        if kind == _raw.FPDF_PAGEOBJ_TEXT:
            _raw.FPDFPageObj_SetIsActive(drawn, ctypes.c_int(0))
        elif kind == _raw.FPDF_PAGEOBJ_FORM:
            count = _raw.FPDFFormObj_CountObjects(drawn)
            _hide_text((_raw.FPDFFormObj_GetObject(drawn, index) for index in range(count)), depth + 1)


def _things(sheet: Sheet) -> Iterator[Thing]:
    sides = list(regions(np.any(sheet.layer < 255, axis=2)))
    if len(sides) > MOST:
        lefts, tops, rights, bottoms = zip(*sides, strict=True)
        sides = [(min(lefts), min(tops), max(rights), max(bottoms))]
    for left, top, right, bottom in sides:
        pixels = sheet.layer[top:bottom, left:right]
        yield Thing(sheet.number, (left, top, right, bottom), pixels, sheet.scale)


def regions(flags: _Flags) -> Iterator[tuple[int, int, int, int]]:
    """The sides (left, top, right, bottom) of what hangs together of some pixels, from the top on."""
    rows, columns = flags.shape
    padded = np.pad(flags, ((0, -rows % CELL), (0, -columns % CELL)))
    cells = padded.reshape(padded.shape[0] // CELL, CELL, -1, CELL).any(axis=(1, 3))
    left: dict[tuple[int, int], None] = dict.fromkeys(
        (int(row), int(column)) for row, column in np.argwhere(cells)
    )
    while left:
        start = next(iter(left))
        del left[start]
        own, waiting = [start], deque([start])
        while waiting:
            row, column = waiting.popleft()
            for down, across in product((-1, 0, 1), (-1, 0, 1)):
                other = row + down, column + across
                if other in left:
                    del left[other]
                    own.append(other)
                    waiting.append(other)
        yield _tight(flags, np.array(own))


def _tight(flags: _Flags, cells: NDArray[np.intp]) -> tuple[int, int, int, int]:
    (top, left), (bottom, right) = cells.min(axis=0) * CELL, (cells.max(axis=0) + 1) * CELL
    rows, columns = np.nonzero(flags[top:bottom, left:right])
    sides = left + columns.min(), top + rows.min(), left + columns.max() + 1, top + rows.max() + 1
    return int(sides[0]), int(sides[1]), int(sides[2]), int(sides[3])


# --- What is the same -----------------------------------------------------------------------


class _Within(NamedTuple):
    """How far a thing may be from where it would be, in points; and may it have stayed, too?"""

    points: float
    stayed: bool


class Matcher:
    """Finds out which things are the same ones."""

    def __init__(
        self,
        old: Sequence[Sheet],
        new: Sequence[Sheet],
        beside: Mapping[int, int],
        shifts: Mapping[tuple[int, int], Sequence[Shift]],
    ) -> None:
        self.old, self.new, self.beside, self.shifts = old, new, beside, shifts
        self.gone = [thing for sheet in old for thing in sheet.things]
        self.fresh = [thing for sheet in new for thing in sheet.things]
        self.found: list[Drawn] = []
        self.same: list[tuple[Thing, Thing]] = []

    def changes(self) -> list[Drawn]:
        """What differs."""
        # First what has gone with the words, then what has stayed, then what has come to another page; and
        # last what is elsewhere on its own.
        for how in (_Within(WITH_WORDS, False), _Within(WITH_WORDS, True), None, _Within(math.inf, True)):
            for alike in (_is_same, _is_alike, _has_grown):
                self._match(alike, how)
        self._note_changed()
        self.found += (Drawn("taken out", (one.page, (one.box,)), None) for one in self.gone)
        self.found += (Drawn("put in", None, (one.page, (one.box,))) for one in self.fresh)
        return self.found

    def _match(self, alike: Callable[[Thing, Thing], bool], within: "_Within | None") -> None:
        """Take away what is the same one: on the page beside it, or, without a distance, on others.

        What has moved on its page, though not with the words, is told.
        """
        pages: dict[int, list[Thing]] = {}
        for thing in self.fresh:
            pages.setdefault(thing.page, []).append(thing)
        left = []
        for one in self.gone:
            found = next(self._candidates(one, alike, pages, within), None)
            if found is None:
                left.append(one)
                continue
            pages[found.page].remove(found)
            if within and within.points == math.inf and alike is not _has_grown:
                self.found.append(Drawn("moved", (one.page, (one.box,)), (found.page, (found.box,))))
            else:
                self.same.append((one, found))
        self.gone, self.fresh = left, [thing for some in pages.values() for thing in some]

    def _candidates(
        self,
        one: Thing,
        alike: Callable[[Thing, Thing], bool],
        pages: Mapping[int, Sequence[Thing]],
        within: "_Within | None",
    ) -> Iterator[Thing]:
        """Things that may be this one, the nearest first."""
        beside = self.beside.get(one.page, 0)
        if within is None:
            others = (page for page in pages if page != beside)
            near = sorted(others, key=lambda page: abs(page - (beside or one.page)))
            yield from (thing for page in near for thing in pages[page] if alike(one, thing))
            return
        away = partial(self._away, one, stayed=within.stayed)
        for thing in sorted(pages.get(beside, ()), key=away):
            if away(thing) > within.points:
                return
            if alike(one, thing) and (alike is _is_same or not self._is_still(one, thing)):
                yield thing

    def _away(self, one: Thing, other: Thing, *, stayed: bool = True) -> float:
        """How far it is from where it would be, had it moved with the words beside it, or stayed (points)."""
        across, down = other.box[0] - one.box[0], other.box[1] - one.box[1]
        moves = list(self._moves(one))
        moves += [(0.0, 0.0)] if stayed or not moves else []
        return min(max(abs(across - x), abs(down - y)) for x, y in moves)

    def _moves(self, one: Thing) -> Iterator[tuple[float, float]]:
        """How far the nearest words above, in and below it have moved."""
        shifts = self.shifts.get((one.page, self.beside.get(one.page, 0)), ())
        _, top, _, bottom = one.box
        above = [shift for shift in shifts if shift.bottom <= top]
        below = [shift for shift in shifts if shift.top >= bottom]
        inside = [shift for shift in shifts if shift.bottom > top and shift.top < bottom]
        nearest = (
            *([max(above, key=lambda shift: shift.bottom)] if above else ()),
            *([min(below, key=lambda shift: shift.top)] if below else ()),
            *inside,
        )
        yield from ((shift.across, shift.down) for shift in nearest)

    def _is_still(self, one: Thing, other: Thing) -> bool:
        """Is it in the same place, and have most words beside it not moved either? Then each pixel counts."""
        moves = sorted(max(abs(across), abs(down)) for across, down in self._moves(one))
        return one.sides == other.sides and (not moves or moves[len(moves) // 2] < STILL)

    def _note_changed(self) -> None:
        """What is drawn otherwise in its place is one change, not two."""
        left = []
        for one in self.gone:
            page = self.beside.get(one.page, 0)
            near = (thing for thing in self.fresh if thing.page == page and _is_near(one, thing))
            other = min(near, key=partial(self._away, one), default=None)
            if other is None:
                left.append(one)
                continue
            self.fresh.remove(other)
            self.same.append((one, other))
            # A mark at the side of the page may lie over it.
            places = list(zip(*self._differing(one, other), strict=True))
            inner = [both for both in places if not _is_marginal(both[0], self.old[one.page - 1])]
            if inner:
                old, new = zip(*inner, strict=True)
                self.found.append(Drawn("drawn otherwise", (one.page, old), (other.page, new)))
        self.gone = left

    def _differing(self, one: Thing, other: Thing) -> tuple[tuple[Box, ...], tuple[Box, ...]]:
        """Where the two differ, as closely as can be told."""
        if one.sides == other.sides:
            differ = np.abs(one.pixels.astype(np.int16) - other.pixels) > CHANGED
            return _both(one, other, list(regions(differ.any(axis=2))))
        if not _is_as_large(one, other):
            return (one.box,), (other.box,)
        # Its edges lie elsewhere between the pixels, so squares are compared.
        parts = [max(side // SQUARE, 1) for side in one.size]
        means = [_means(thing.pixels, *parts) for thing in (one, other)]
        squares = (np.abs(means[0] - means[1]) > SMEARED).any(axis=2)
        begins = [_begins(side, count) for side, count in zip(one.size, parts, strict=True)]
        differ = np.zeros(one.size, bool)
        for row, column in np.argwhere(squares):
            top, left = begins[0][row], begins[1][column]
            differ[top : top + SQUARE, left : left + SQUARE] = True
        return _both(one, other, list(regions(differ)))


def _both(
    one: Thing, other: Thing, sides: Sequence[tuple[int, int, int, int]]
) -> tuple[tuple[Box, ...], tuple[Box, ...]]:
    """Places within two things in points on their pages."""
    boxes = [tuple(_placed(thing, place) for place in sides) for thing in (one, other)]
    return boxes[0], boxes[1]


def _placed(thing: Thing, sides: tuple[int, int, int, int]) -> Box:
    left, top, right, bottom = sides
    x, y, scale = thing.sides[0], thing.sides[1], thing.scale
    return (x + left) / scale, (y + top) / scale, (x + right) / scale, (y + bottom) / scale


def _is_as_large(one: Thing, other: Thing) -> bool:
    return all(abs(a - b) <= SAME_SIDE for a, b in zip(one.size, other.size, strict=True))


def _is_near(one: Thing, other: Thing) -> bool:
    """Do they overlap, or are they as large?"""
    a, b = one.box, other.box
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return _is_as_large(one, other) or (across > 0 and down > 0 and across * down > min(areas) / 2)


def _is_same(one: Thing, other: Thing) -> bool:
    return one.size == other.size and bool((one.pixels == other.pixels).all())


def _is_alike(one: Thing, other: Thing) -> bool:
    """Is it the same, but that its edges lie elsewhere between the pixels?"""
    if not _is_as_large(one, other):
        return False
    rows, columns = (min(max(side // SQUARE, 1), SQUARES) for side in one.size)
    inks = [255 - _means(thing.pixels, rows, columns) for thing in (one, other)]
    most: Any = SMEARED
    if min(*one.size, *other.size) <= THIN:
        # A line has its ink in one row of pixels, or in two, which are paler together.
        inks = [ink * min(thing.size) for ink, thing in zip(inks, (one, other), strict=True)]
        most = np.maximum(SMEARED, PALER * np.maximum(*inks))
    return bool((np.abs(inks[0] - inks[1]) <= most).all())


def _means(pixels: Colours, rows: int, columns: int) -> NDArray[np.float64]:
    """The mean colours of squares."""
    found = np.add.reduceat(pixels.astype(np.float64), _begins(pixels.shape[0], rows), axis=0)
    found = np.add.reduceat(found, _begins(pixels.shape[1], columns), axis=1)
    high = np.diff(_begins(pixels.shape[0], rows), append=pixels.shape[0])
    wide = np.diff(_begins(pixels.shape[1], columns), append=pixels.shape[1])
    means: NDArray[np.float64] = found / (high[:, None, None] * wide[None, :, None])
    return means


def _begins(length: int, parts: int) -> NDArray[np.intp]:
    """Where parts of equal length begin; never more parts than there are pixels."""
    parts = min(length, parts)
    return np.arange(parts) * length // parts


def _has_grown(one: Thing, other: Thing) -> bool:
    """Is it a box that is higher or lower than it was, with the same rows of pixels?"""
    (high, wide), (own_high, own_wide) = one.size, other.size
    if abs(wide - own_wide) > SAME_SIDE or wide < WIDE or high == own_high:
        return False
    rows = [
        np.unique(
            _means(thing.pixels, thing.size[0], COLUMNS).reshape(thing.size[0], -1),
            axis=0,
            return_counts=True,
        )
        for thing in (one, other)
    ]
    return all(_share(rows[a], rows[1 - a]) >= SAME_ROWS for a in (0, 1))


def _share(rows: Any, others: Any) -> float:
    """Of how many of the rows there are some just like it among the others?"""
    (own, counts), (theirs, _) = rows, others
    own, counts, theirs = (some[:: max(len(some) // MOST_ROWS, 1)] for some in (own, counts, theirs))
    near = np.abs(own[:, None, :] - theirs[None, :, :]).max(axis=2).min(axis=1) <= CHANGED
    return float(counts[near].sum() / counts.sum())
