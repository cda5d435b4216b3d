"""What is drawn beside the letters: each tagged picture, how much of it is seen, lines to write on, specks?

A page with pictures is drawn with them, without them, and with them alone, once on white and once
on black: that tells how they would change what is behind them. Where they do not, they are hidden.
"""

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from .problem import Box

#: Shapes are larger than letters, and so are looked at less finely.
PIXELS_PER_POINT = 1.0
MAX_PIXELS = 4_000_000

#: How much red, green or blue must change, of 255, to be seen.
LEAST_CHANGE = 8

#: A plain sheet has so few corners; where it hides so many parts of a drawing, that is no design.
SHEET, HIDDEN = 5, 3
MOST_SHEETS = 100

#: What clips with more corners is a pattern, and takes away little.
MAX_CORNERS = 100

#: So much of a path is looked at.
MAX_SEGMENTS = 1_000

#: A line to write on is as thin and as long as this, in points, at the most and at the least.
THIN, LONG = 2.5, 60

#: No side of what could be taken for a part of a letter is longer than this, in points.
SMALL = 40

OPAQUE = 255

#: Sides that differ by no more than this share are those of a square; in points, the shortest of one that
#: is looked at closely; and so many pixels are as wide as that.
SQUARE, LEAST_SQUARE, SQUARE_PIXELS = 0.01, 20, 600

#: A colour of which red, green and blue are all more than this, of 255, is as pale as paper.
PALE = 230

_raw = pdfium.raw
Grey = NDArray[np.uint8]
_Flags = NDArray[np.bool_]
_Pixels = NDArray[np.float32]
_Colour = tuple[int, int, int]
_WHITE, _BLACK = (255, 255, 255, 255), (0, 0, 0, 255)


@dataclass(frozen=True, slots=True)
class Shape:
    """A line or an area of a drawing, and what it is filled with: red, green and blue, to 255."""

    box: Box
    fill: _Colour | None
    seen: float
    """As the drawing's, within the shape's box."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a page paints for a picture. Lengths are in points, from the page's top left corner."""

    box: Box | None = None
    """What it takes up, some of it perhaps off the page; none where nothing is painted."""
    seen: float = 0.0
    """The share of what it paints, of 1, that is seen; what looks like its background does not count."""
    shapes: tuple[Shape, ...] = ()
    overpainted: bool = False
    """Does a plain sheet hide several parts that were painted before it?"""
    square: Grey | None = field(default=None, compare=False, repr=False)
    """Where it is square and was looked at closely: its place on the page, as rows of pixels, from black to
    white (255)."""


def read_drawings(
    page: pdfium.PdfPage, pictures: Sequence[Sequence[int]], *, closely: bool = False
) -> list[Drawing]:
    """How each picture is drawn, which is named by its marked contents. Leaves the page bare.

    Squares are looked at `closely` where that is asked for.
    """
    if not pictures:
        return []
    painted = [_raw.FPDFPage_GetObject(page.raw, i) for i in range(_raw.FPDFPage_CountObjects(page.raw))]
    own: dict[int, list[Any]] = {tag: [] for tags in pictures for tag in tags}
    for one in painted:
        own.get(_raw.FPDFPageObj_GetMarkedContentID(one), []).append(one)
    every = [one for objects in own.values() for one in objects]
    look = _look(page, painted, every)
    drawings = [look.drawing([one for tag in tags for one in own[tag]]) for tags in pictures]
    if not closely:
        return drawings
    _switch(painted, on=True)
    squares = [_closely(page, drawing.box) if drawing.box else None for drawing in drawings]
    _switch(painted, on=False)
    return [replace(one, square=square) for one, square in zip(drawings, squares, strict=True)]


def read_rules(page: pdfium.PdfPage) -> Iterator[Box]:
    """Every level line of a page that no tag holds, drawn in colour as a line or as the side of a box."""
    left, _, _, top = page.get_bbox()
    for index in range(_raw.FPDFPage_CountObjects(page.raw)):
        one = _raw.FPDFPage_GetObject(page.raw, index)
        if _is_path(one) and _raw.FPDFPageObj_GetMarkedContentID(one) < 0:
            box = _box(one, (left, top))
            if box and box[3] - box[1] <= THIN and box[2] - box[0] >= LONG and min(_ink(one)) < PALE:
                yield box


def read_specks(page: pdfium.PdfPage, pictures: Iterable[Sequence[int]]) -> Iterator[Box]:
    """Every small thing on a page that is neither text nor in a picture: dots, strokes, patches, icons."""
    left, _, _, top = page.get_bbox()
    own = {tag for tags in pictures for tag in tags}
    for index in range(_raw.FPDFPage_CountObjects(page.raw)):
        one = _raw.FPDFPage_GetObject(page.raw, index)
        text = _raw.FPDFPageObj_GetType(one) == _raw.FPDF_PAGEOBJ_TEXT
        box = None if text or _raw.FPDFPageObj_GetMarkedContentID(one) in own else _box(one, (left, top))
        if box and _is_small(box):
            yield box
        elif box and _is_path(one):
            yield from filter(_is_small, _parts(one, (left, top)))


def _is_small(box: Box) -> bool:
    return max(box[2] - box[0], box[3] - box[1]) <= SMALL


def _parts(path: Any, corner: tuple[float, float]) -> Iterator[Box]:
    """The boxes of the parts of a path, where it has several: each begins anew (ISO 32000-1, 8.5.2.1)."""
    own, x, y = _raw.FS_MATRIX(), ctypes.c_float(), ctypes.c_float()
    _raw.FPDFPageObj_GetMatrix(path, own)
    matrix, parts = pdfium.PdfMatrix.from_raw(own), list[list[tuple[float, float]]]()
    for index in range(min(_raw.FPDFPath_CountSegments(path), MAX_SEGMENTS)):
        segment = _raw.FPDFPath_GetPathSegment(path, index)
        if _raw.FPDFPathSegment_GetType(segment) == _raw.FPDF_SEGMENT_MOVETO or not parts:
            parts.append([])
        _raw.FPDFPathSegment_GetPoint(segment, x, y)
        parts[-1].append(matrix.on_point(x.value, y.value))
    for points in parts if len(parts) > 1 else ():
        xs, ys = zip(*points, strict=True)
        yield min(xs) - corner[0], corner[1] - max(ys), max(xs) - corner[0], corner[1] - min(ys)


def _closely(page: pdfium.PdfPage, box: Box) -> Grey | None:
    """What a page shows in the place of a square; none where it is none, is small, or is not on the page."""
    left, top, right, bottom = box
    (wide, high), (width, height) = page.get_size(), (right - left, bottom - top)
    on_page = min(left, top, wide - right, high - bottom) >= 0
    if not on_page or min(width, height) < LEAST_SQUARE or abs(width - height) > SQUARE * width:
        return None
    crop = left, high - bottom, wide - right, top
    drawn = page.render(scale=SQUARE_PIXELS / width, crop=crop, grayscale=True)
    return np.array(drawn.to_numpy().reshape(drawn.height, drawn.width), np.uint8)


def _look(page: pdfium.PdfPage, painted: Sequence[Any], every: Sequence[Any]) -> "_Look":
    """Where pictures change the page, and where they ought to."""
    width, height = page.get_size()
    scale = min(PIXELS_PER_POINT, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
    _switch(every, on=True)
    whole = _pixels(page, scale)
    _switch(every, on=False)
    without = _pixels(page, scale)
    _switch(painted, on=False)
    _switch(every, on=True)
    on_white, on_black = _pixels(page, scale), _pixels(page, scale, _BLACK)
    # What is let through differs by as much as white and black do.
    wanted = on_black + (on_white - on_black) * (without * np.float32(1 / 255))
    left, _, _, top = page.get_bbox()
    return _Look(_differ(whole, without), _differ(wanted, without), scale, (left, top))


def _differ(one: _Pixels, other: _Pixels) -> _Flags:
    flags: _Flags = np.abs(one - other).max(axis=2) >= LEAST_CHANGE
    return flags


def _switch(objects: Iterable[Any], *, on: bool) -> None:
    """Let objects be painted, or not, and what is inside them too."""
    for one in objects:
        _raw.FPDFPageObj_SetIsActive(one, on)
        if on and _raw.FPDFPageObj_GetType(one) == _raw.FPDF_PAGEOBJ_FORM:
            inside = range(_raw.FPDFFormObj_CountObjects(one))
            _switch((_raw.FPDFFormObj_GetObject(one, i) for i in inside), on=True)


def _pixels(page: pdfium.PdfPage, scale: float, ground: tuple[int, int, int, int] = _WHITE) -> _Pixels:
    """The page as rows of pixels; blue, green and red, to 255."""
    pixels = page.render(scale=scale, prefer_bgrx=True, fill_color=ground).to_numpy()
    return np.array(pixels[..., :3], np.float32)


@dataclass(frozen=True, slots=True)
class _Look:
    """Where a page's pictures change it, and where they ought to; at so many pixels a point."""

    changed: _Flags
    wanted: _Flags
    scale: float
    corner: tuple[float, float]
    """The page's top left corner, in its own coordinates."""

    def drawing(self, objects: Sequence[Any]) -> Drawing:
        """What the objects of a picture come to."""
        boxes = [(one, box) for one in objects if (box := _box(one, self.corner))]
        if not boxes:
            return Drawing()
        lefts, tops, rights, bottoms = zip(*(box for _, box in boxes), strict=True)
        whole = min(lefts), min(tops), max(rights), max(bottoms)
        shapes = (Shape(box, _fill(one), self._seen(box)) for one, box in boxes if _is_path(one))
        return Drawing(whole, self._seen(whole), tuple(shapes), _is_overpainted(boxes))

    def _seen(self, box: Box) -> float:
        """The share of what ought to change within a box that does."""
        seen = self._within(self.changed, box)[self._within(self.wanted, box)]
        return float(seen.mean()) if seen.size else 0.0

    def _within(self, pixels: _Flags, box: Box) -> _Flags:
        rows, columns = pixels.shape
        left, top = (int(max(side * self.scale, 0)) for side in box[:2])
        right, bottom = (int(max(np.ceil(side * self.scale), 0)) for side in box[2:])
        return pixels[min(top, rows) : bottom, min(left, columns) : right]


def _is_overpainted(boxes: Sequence[tuple[Any, Box]]) -> bool:
    """Does a plain sheet hide several parts that were painted before it? The largest are looked at."""
    sides = np.array([box for _, box in boxes])
    area = (sides[:, 2] - sides[:, 0]) * (sides[:, 3] - sides[:, 1])
    for index in np.argsort(-area)[:MOST_SHEETS].tolist():
        one, sheet, below = boxes[index][0], sides[index], sides[:index]
        if _is_path(one) and _is_opaque(one) and _raw.FPDFPath_CountSegments(one) <= SHEET:
            hidden = (below[:, :2] >= sheet[:2]).all(axis=1) & (below[:, 2:] <= sheet[2:]).all(axis=1)
            if hidden.sum() >= HIDDEN:
                return True
    return False


def _is_opaque(path: Any) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    _raw.FPDFPageObj_GetFillColor(path, red, green, blue, alpha)
    return _fill(path) is not None and alpha.value == OPAQUE


def _box(one: Any, corner: tuple[float, float]) -> Box | None:
    """What an object takes up within all that clips it; none where nothing is left.

    `corner` is the page's top left one, in the page's own coordinates.
    """
    x0, y0, x1, y1 = (ctypes.c_float() for _ in range(4))
    _raw.FPDFPageObj_GetBounds(one, x0, y0, x1, y1)
    left, bottom, right, top = x0.value, y0.value, x1.value, y1.value
    for clip in _clips(one):
        left, bottom = max(left, clip[0]), max(bottom, clip[1])
        right, top = min(right, clip[2]), min(top, clip[3])
    if right <= left or top <= bottom:
        return None
    return left - corner[0], corner[1] - top, right - corner[0], corner[1] - bottom


def _is_path(one: Any) -> bool:
    return bool(_raw.FPDFPageObj_GetType(one) == _raw.FPDF_PAGEOBJ_PATH)


def _clips(one: Any) -> Iterator[Box]:
    """Left, bottom, right and top of each path that clips an object."""
    path = _raw.FPDFPageObj_GetClipPath(one)
    for index in range(_raw.FPDFClipPath_CountPaths(path) if path else 0):
        corners: list[tuple[float, float]] = []
        count = _raw.FPDFClipPath_CountPathSegments(path, index)
        for number in range(count if count <= MAX_CORNERS else 0):
            x, y = ctypes.c_float(), ctypes.c_float()
            _raw.FPDFPathSegment_GetPoint(_raw.FPDFClipPath_GetPathSegment(path, index, number), x, y)
            corners.append((x.value, y.value))
        if corners:
            xs, ys = zip(*corners, strict=True)
            yield min(xs), min(ys), max(xs), max(ys)


def _fill(path: Any) -> _Colour | None:
    """The colour that a path is filled with."""
    how, stroked = ctypes.c_int(), ctypes.c_int()
    _raw.FPDFPath_GetDrawMode(path, how, stroked)
    return _colour(_raw.FPDFPageObj_GetFillColor, path) if how.value else None


def _ink(path: Any) -> _Colour:
    """The colour that a path is filled with or, where it is not, drawn with."""
    return _fill(path) or _colour(_raw.FPDFPageObj_GetStrokeColor, path)


def _colour(get: Any, path: Any) -> _Colour:
    """Red, green and blue, to 255; black where it is no plain colour."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    get(path, red, green, blue, alpha)
    return red.value, green.value, blue.value
