"""Which letters does a page show, where, how large, and how plainly?

The page is drawn with its letters, without them, and with nothing else. A letter that makes no
difference is hidden: white on white, transparent, cut off, behind a picture, or off the page. One
that does not reach the sides of its own box is cut, one that gives the page less ink than it has
alone is covered in part, and one with a line across its ground is struck through; what changes tells
its contrast with what is behind it.
"""

import ctypes
import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from .bidi import SAME_ORIGIN, as_read, runs_leftwards
from .problem import Box, UnreadableError

#: Fine enough for a hyphen of 9 points.
PIXELS_PER_POINT = 1.5
MAX_PIXELS = 8_000_000
MAX_LETTERS = 20_000
MAX_DEPTH = 100
OPAQUE = 255

#: How much red, green or blue must change where a letter stands, of 255: to be seen at all, and
#: for a pixel to belong to it, however little of the pixel it covers.
LEAST_CHANGE, TRACE = 60, 24

#: The share of a letter's box, at each side, of which some must be printed.
EDGE = 0.25

#: A letter of fewer pixels across or down, such as a middle dot, has no sides to look at.
TINY = 6

#: What letters are drawn on alone: hardly any are printed in it. And how far a pixel must differ from
#: it, of 255, to be mostly ink.
GROUND, INK = (255, 0, 255, 255), 120

#: The foot of a letter's box does not count: the line under a link crosses letters there, and commas
#: and other signs in their lower half.
FOOT, FOOT_OF_SIGN = 0.25, 0.5

#: How much of a pixel a letter may reach into and leave nothing to be seen there.
SLIVER = 0.1

#: How much of its ink a letter on an even ground must lose to be covered in part: a line of half a
#: point takes 5 to 15 %, and where there is none they differ by 1 % at most.
LOST = 0.025

#: On a picture, and on a ground of two colours: how much of the ink, and how many pixels.
LOST_ON_PICTURE, LOST_PIXELS = 0.07, 3

#: A line across a letter's ground has this contrast with it at the least (WCAG 2.2, contrast ratio);
#: the grounds of a marker pen, of stripes and of gradients have less.
PLAIN = 2.0

#: Lines whose feet differ by so many times the type's size, at the least, are two.
LINE = 0.5

_raw = pdfium.raw

#: Text that is drawn by lines along its outlines (ISO 32000-1, 9.3.6).
STROKED = (
    _raw.FPDF_TEXTRENDERMODE_STROKE,
    _raw.FPDF_TEXTRENDERMODE_FILL_STROKE,
    _raw.FPDF_TEXTRENDERMODE_STROKE_CLIP,
    _raw.FPDF_TEXTRENDERMODE_FILL_STROKE_CLIP,
)
Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
Pixels = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Letters:
    """The letters of a file in the order in which they are drawn; each array has one entry a letter.

    Lengths are in points. What has no ink of its own (a space, a soft hyphen, a mark that is drawn with
    its letter) is `blank`.
    """

    code: Ints
    """Unicode code points."""
    page: Ints
    """Counted from 1."""
    tag: Ints
    """The id of the marked content (ISO 32000-1, 14.7.4.2); -1 where there is none."""
    run: Ints
    """A number of its own for what one operator shows in one style."""
    box: Floats
    """Left, top, right and bottom, from the page's top left corner."""
    size: Floats
    """The type size as it is printed, after all scaling; squeezed letters are as small as they are thin."""
    contrast: Floats
    """With what is behind it, at its plainest (WCAG 2.2, contrast ratio: 1 to 21)."""
    colour: Ints
    """What it is filled with: red, green and blue as one number; -1 where that is no plain colour."""
    seen: Flags
    cut: Flags
    blank: Flags
    veiled: Flags
    """Drawn with transparency, which not every printer keeps."""
    inner: Flags
    """Marked inside a form, where the page's tags cannot reach."""
    upright: Flags
    """Neither turned nor mirrored."""
    font: NDArray[np.object_]
    """The whole names of the fonts, as the file has them."""

    def __len__(self) -> int:
        return len(self.code)

    def text(self, which: Iterable[int]) -> str:
        """The letters with these indices, in a row."""
        return "".join(map(self.letter, which))

    def letter(self, index: int) -> str:
        """The letter with this index."""
        return letter_of(int(self.code[index]))


def joined(pages: list[Letters]) -> Letters:
    """The letters of all pages as one, their runs numbered on."""
    first, runs = 0, []
    for page in pages:
        runs.append(page.run + first)
        first += int(page.run.max(initial=-1)) + 1
    columns = {one.name: [getattr(page, one.name) for page in pages] for one in fields(Letters)}
    columns["run"] = runs
    return Letters(**{name: np.concatenate(parts) for name, parts in columns.items()})


def letter_of(code: int) -> str:
    """The letter that pdfium's code stands for."""
    # pdfium gives a hyphen at a line's end a code of its own.
    if code in (0x02, 0xFFFE):
        return "-"
    return "\ufffd" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)


def read_letters(page: pdfium.PdfPage, number: int) -> tuple[Letters, tuple[Box, ...]]:
    """The letters of one page, and where more text is drawn that has none. Takes the text off the page.

    pdfium passes over text that was drawn just before at nearly the same place.
    """
    text = page.get_textpage()
    try:
        found = _Found(page, text)
        found.read()
    finally:
        text.close()
    passed_over = tuple(found.passed_over())
    return found.letters(number), passed_over


#: Of what draws text: its marked content, its size, is it askew, veiled, marked in a form, upright; its
#: font; and is a line drawn along its outlines?
_Style = tuple[int, float, bool, bool, bool, bool, str, bool]


class _Found:
    """What is noted while the letters of a page are read."""

    def __init__(self, page: pdfium.PdfPage, text: pdfium.PdfTextPage) -> None:
        self.page, self.text = page, text
        self.around, self.texts, self.others = _around(page)
        self.colours: list[tuple[int, int, int] | None] = []
        """For each object that draws letters their blue, green and red; None where it is no plain fill."""
        self.drawn: dict[int, int] = {}
        """The number of each object that draws the letters, by its address."""
        self.indices: list[int] = []
        """The letters' own numbers in pdfium."""
        self.codes: list[int] = []
        self.runs: list[int] = []
        self.sides: list[float] = []
        self.styles: list[_Style] = []
        self.with_others: list[bool] = []
        """Which letters are drawn with the one before them? Told where some run from right to left."""

    def read(self) -> None:
        count = self.text.count_chars()
        if count > MAX_LETTERS:
            raise UnreadableError(f"a page has more than {MAX_LETTERS} letters")
        object_of, code_of, box_of = (
            _raw.FPDFText_GetTextObject,
            _raw.FPDFText_GetUnicode,
            _raw.FPDFText_GetCharBox,
        )
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        places = [ctypes.byref(side) for side in (left, right, bottom, top)]
        for index in range(count):
            drawn = object_of(self.text.raw, index)
            if not drawn:
                continue  # pdfium's own, where a word or a line ends
            box_of(self.text.raw, index, *places)
            self.indices.append(index)
            self.codes.append(code_of(self.text.raw, index))
            self.runs.append(self._run(drawn, index))
            self.sides += (left.value, top.value, right.value, bottom.value)
        if any(runs_leftwards(letter_of(code)) for code in set(self.codes)):
            self._put_in_order()

    def _put_in_order(self) -> None:
        """Bring the letters of each line into the order in which they are read.

        pdfium takes a page for one text: what is marked up to run from left to right it turns around.
        """
        places = [self._origin(index) for index in self.indices]
        empty = [self._is_empty(at) for at in range(len(places))]
        order: list[int] = []
        for line in self._lines(places):
            across = [places[at][0] for at in line]
            letters = [letter_of(self.codes[at]) for at in line]
            order += (line[at] for at in as_read(letters, across, [empty[at] for at in line]))
        self.with_others = [
            empty[other] and abs(places[one][0] - places[other][0]) < SAME_ORIGIN
            for one, other in pairwise([order[0], *order])
        ]
        self.codes = [self.codes[at] for at in order]
        self.runs = [self.runs[at] for at in order]
        self.sides = [side for at in order for side in self.sides[4 * at : 4 * at + 4]]

    def _is_empty(self, at: int) -> bool:
        """Has a letter no box? Then nothing is drawn for it alone."""
        left, top, right, bottom = self.sides[4 * at : 4 * at + 4]
        return right - left < SAME_ORIGIN and bottom - top < SAME_ORIGIN

    def _lines(self, places: Sequence[tuple[float, float]]) -> Iterator[list[int]]:
        """The letters of each line: those of one marked content, or of one run where there is none.

        They come as they are drawn: pdfium may give those of one page before those of another beside it.
        """
        of_run: dict[int, list[int]] = {}
        for at, run in enumerate(self.runs):
            of_run.setdefault(run, []).append(at)
        last: int | None = None
        holders: list[list[int]] = []
        for key in self.texts:
            run = self.drawn.get(key, -1)
            if run not in of_run:
                continue
            tag, inner = self.styles[run][0], self.styles[run][4]
            marked = tag if tag >= 0 and (inner or key not in self.around) else None
            if marked is None or marked != last:
                holders.append([])
            holders[-1] += of_run[run]
            last = marked
        for letters in holders:
            line: list[int] = []
            for at in sorted(letters, key=lambda at: -places[at][1]):
                size = self.styles[self.runs[at]][1]
                if line and places[line[-1]][1] - places[at][1] > LINE * size:
                    yield sorted(line)
                    line = []
                line.append(at)
            yield sorted(line)

    def _origin(self, index: int) -> tuple[float, float]:
        x, y = ctypes.c_double(), ctypes.c_double()
        _raw.FPDFText_GetCharOrigin(self.text.raw, index, x, y)
        return x.value, y.value

    def _run(self, drawn: Any, index: int) -> int:
        key = ctypes.addressof(drawn.contents)
        if key not in self.drawn:
            self.drawn[key] = len(self.drawn)
            self.styles.append(self._style(drawn, index, *self.around.get(key, (-1, False))))
            self.colours.append(_colour(drawn))
        return self.drawn[key]

    def _style(self, drawn: Any, index: int, tag: int, veiled: bool) -> _Style:
        matrix = _raw.FS_MATRIX()
        _raw.FPDFText_GetMatrix(self.text.raw, index, matrix)
        across, down = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
        size = _raw.FPDFText_GetFontSize(self.text.raw, index) * min(across, down)
        askew = min(abs(matrix.a), abs(matrix.b)) > 0.01 * max(abs(matrix.a), abs(matrix.b))
        own = _raw.FPDFPageObj_GetMarkedContentID(drawn)
        veil = veiled or bool(_raw.FPDFPageObj_HasTransparency(drawn))
        inner = own >= 0 and ctypes.addressof(drawn.contents) in self.around
        upright = matrix.a > 0 and matrix.d > 0 and abs(matrix.b) <= 0.02 * matrix.a
        # A hairline looks plain to pdfium, and a thick one makes a blot of the letter.
        lined = _raw.FPDFTextObj_GetTextRenderMode(drawn) in STROKED
        return own if own >= 0 else tag, size, askew, veil, inner, upright, _font_name(drawn), lined

    def passed_over(self) -> Iterator[Box]:
        """Where text is drawn of which no letter was read."""
        left, _, _, top = self.page.get_bbox()
        for key, (_, holder) in self.texts.items():
            x0, y0, x1, y1 = _bounds(holder)
            if key not in self.drawn and x0 < x1 and y0 < y1:  # a space alone has no area
                yield x0 - left, top - y1, x1 - left, top - y0

    def letters(self, number: int) -> Letters:
        count, run = len(self.codes), np.array(self.runs, np.int32)
        styles: list[list[Any]] = [list(column) for column in zip(*self.styles, strict=True)] or [[]] * 8
        tag, size, askew, veiled, inner, upright = (np.array(column) for column in styles[:6])
        left, _, _, top = self.page.get_bbox()
        width, height = self.page.get_size()
        box = np.array(self.sides, np.float32).reshape(count, 4)
        box[:, 0::2] -= left
        box[:, 1::2] = top - box[:, 1::2]
        blank = np.array([_is_blank(code) for code in self.codes], bool)
        blank |= np.array(self.with_others or np.zeros(count), bool)
        contrast, seen, cut = self._look(box, run, width, height)
        return Letters(
            code=np.array(self.codes, np.int32),
            page=np.full(count, number, np.int32),
            tag=tag[run].astype(np.int32),
            run=run,
            box=box,
            size=size[run].astype(np.float32),
            contrast=contrast,
            colour=np.array([_number(colour) for colour in self.colours], np.int32)[run],
            seen=seen,
            cut=seen & ~blank & ((cut & ~askew[run].astype(bool)) | np.array(styles[7], bool)[run]),
            blank=blank,
            veiled=veiled[run].astype(bool),
            inner=inner[run].astype(bool),
            upright=upright[run].astype(bool),
            font=np.array(styles[6], object)[run],
        )

    def _look(self, box: Floats, run: Ints, width: float, height: float) -> tuple[Floats, Flags, Flags]:
        """For each letter its contrast, whether it is seen, and whether some of it is missing."""
        scale = min(PIXELS_PER_POINT, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
        with_text, alone = _pixels(self.page, scale), self._alone(scale)
        for drawn, _ in self.texts.values():
            _raw.FPDFPageObj_SetIsActive(drawn, False)
        without = _pixels(self.page, scale)
        rows, columns = without.shape
        # A sliver of a pixel leaves no trace on it.
        begins, ends = np.floor(box[:, :2] * scale + SLIVER), np.ceil(box[:, 2:] * scale - SLIVER)
        edges = np.concatenate([begins, ends], axis=1)
        signs = np.array([not letter_of(code).isalnum() for code in self.codes], bool)
        feet = np.where(signs, FOOT_OF_SIGN, FOOT)
        pixels = _Boxes(np.clip(edges, 0, [columns, rows, columns, rows]).astype(np.int32), columns, feet)
        ink, ratio = _compared(pixels.of(with_text), pixels.of(without))
        drawn, uneven = _change(pixels.of(alone), _GROUND), pixels.are_uneven(without)
        ragged, ragged_body = pixels.any(uneven), pixels.any(uneven & ~pixels.foot)
        filled = np.array([colour is not None for colour in self.colours], bool)[run]
        shade = np.array([colour or GROUND[:3] for colour in self.colours], np.int32).reshape(-1, 3)[run]
        # A comma that is underlined has nothing left to compare.
        whole, body = filled & ~ragged, filled & ragged & ~ragged_body & ~signs
        counted = whole[pixels.owner] | ~pixels.foot
        underlined = signs[pixels.owner] & uneven & pixels.foot & (drawn >= TRACE)
        cut = pixels.reaches_not((ink >= TRACE) | underlined)
        cut |= (whole | body) & (_lost(pixels, ink * counted, drawn * counted, shade, without) > LOST)
        others = ~filled | ragged_body
        if others.any():
            drawn_at = (drawn >= INK) & ~pixels.foot
            all_of, gone = pixels.count(drawn_at), pixels.count(drawn_at & (ink < TRACE))
            cut |= others & (gone >= LOST_PIXELS) & (gone > LOST_ON_PICTURE * all_of)
            crossed = others & filled & ~signs & ~self._is_on_picture(box)
            cut |= crossed & (pixels.range_of(without, ~pixels.foot) >= PLAIN)
        return pixels.highest(ratio, 1), pixels.any(ink >= LEAST_CHANGE), cut

    def _is_on_picture(self, box: Floats) -> Flags:
        """Which letters stand on a photograph, whose ground is never even?"""
        found = np.zeros(len(box), bool)
        left, _, _, top = self.page.get_bbox()
        for drawn, holder in self.others:
            if _is_picture(drawn):
                x0, y0, x1, y1 = _bounds(holder)
                across = (box[:, 0] < x1 - left) & (box[:, 2] > x0 - left)
                found |= across & (box[:, 1] < top - y0) & (box[:, 3] > top - y1)
        return found

    def _alone(self, scale: float) -> Pixels:
        """The letters, as if there were nothing else on the page."""
        for drawn, _ in self.others:
            _raw.FPDFPageObj_SetIsActive(drawn, False)
        alone = _pixels(self.page, scale, fill_color=GROUND, draw_annots=False)
        for drawn, _ in self.others:
            _raw.FPDFPageObj_SetIsActive(drawn, True)
        return alone


def _colour(drawn: Any) -> tuple[int, int, int] | None:
    """What an object that draws text fills it with, as blue, green and red; None where it does not."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    filled = _raw.FPDFTextObj_GetTextRenderMode(drawn) == _raw.FPDF_TEXTRENDERMODE_FILL
    if not filled or not _raw.FPDFPageObj_GetFillColor(drawn, red, green, blue, alpha):
        return None
    return blue.value, green.value, red.value


def _number(colour: tuple[int, int, int] | None) -> int:
    """Blue, green and red as one number; -1 for none."""
    return -1 if colour is None else colour[2] << 16 | colour[1] << 8 | colour[0]


def _is_picture(drawn: Any) -> bool:
    """Is it a photograph or a gradient, and large enough to be more than a line?"""
    if _raw.FPDFPageObj_GetType(drawn) not in (_raw.FPDF_PAGEOBJ_IMAGE, _raw.FPDF_PAGEOBJ_SHADING):
        return False
    left, bottom, right, top = _bounds(drawn)
    return min(right - left, top - bottom) >= TINY


def _bounds(drawn: Any) -> tuple[float, float, float, float]:
    """Left, bottom, right and top, from the bottom left."""
    sides = [ctypes.c_float() for _ in range(4)]
    _raw.FPDFPageObj_GetBounds(drawn, *sides)
    x0, y0, x1, y1 = (side.value for side in sides)
    return x0, y0, x1, y1


def _is_blank(code: int) -> bool:
    letter = letter_of(code)
    return letter.isspace() or unicodedata.category(letter) == "Cf"


def _font_name(drawn: Any) -> str:
    font = _raw.FPDFTextObj_GetFont(drawn)
    size = _raw.FPDFFont_GetBaseFontName(font, None, 0) if font else 0
    buffer = ctypes.create_string_buffer(size + 1)
    if size:
        _raw.FPDFFont_GetBaseFontName(font, buffer, size)
    return buffer.value.decode("latin-1")


def _around(
    page: pdfium.PdfPage,
) -> tuple[dict[int, tuple[int, bool]], dict[int, tuple[Any, Any]], list[tuple[Any, Any]]]:
    """For each object in a form the marked content that holds the form, and is the form veiled?

    And each object that draws text, and each that draws something else, with the page's own object
    that holds it, or is it.
    """
    around: dict[int, tuple[int, bool]] = {}
    texts: dict[int, tuple[Any, Any]] = {}
    others: list[tuple[Any, Any]] = []

    def note(drawn: Any, holder: Any, outer: tuple[int, bool], depth: int) -> None:
        if depth > MAX_DEPTH:
            raise RecursionError
        key, kind = ctypes.addressof(drawn.contents), _raw.FPDFPageObj_GetType(drawn)
        if depth:
            around[key] = outer
        if kind == _raw.FPDF_PAGEOBJ_TEXT:
            texts[key] = drawn, holder
        elif kind != _raw.FPDF_PAGEOBJ_FORM:
            others.append((drawn, holder))
        else:
            own = _raw.FPDFPageObj_GetMarkedContentID(drawn)
            inner = own if own >= 0 else outer[0], outer[1] or _alpha(drawn) < OPAQUE
            for index in range(_raw.FPDFFormObj_CountObjects(drawn)):
                note(_raw.FPDFFormObj_GetObject(drawn, index), holder, inner, depth + 1)

    for index in range(_raw.FPDFPage_CountObjects(page.raw)):
        drawn = _raw.FPDFPage_GetObject(page.raw, index)
        note(drawn, drawn, (-1, False), 0)
    return around, texts, others


def _alpha(drawn: Any) -> int:
    """How opaque an object is drawn, of 255. A form is a group even where it hides nothing."""
    colours = [ctypes.c_uint(OPAQUE) for _ in range(4)]
    _raw.FPDFPageObj_GetFillColor(drawn, *colours)
    return colours[3].value


def _pixels(page: pdfium.PdfPage, scale: float, **how: Any) -> Pixels:
    """The page as rows of pixels, each one number: blue, green, red and nothing."""
    rows = page.render(scale=scale, prefer_bgrx=True, **how).to_numpy()
    return np.ascontiguousarray(rows).view(np.uint32)[:, :, 0]


def _channels(pixels: Pixels) -> tuple[Pixels, Pixels, Pixels]:
    """Blue, green and red of some pixels."""
    blue, green, red = (pixels >> np.uint32(shift) & np.uint32(0xFF) for shift in (0, 8, 16))
    return blue, green, red


_GROUND = np.array([GROUND], np.uint8).view(np.uint32)[0]

#: How much light a value of blue, green or red gives (WCAG 2.2, relative luminance).
_SHADES = np.arange(256, dtype=np.float32) / 255
_LINEAR = np.where(_SHADES <= 0.04045, _SHADES / 12.92, ((_SHADES + 0.055) / 1.055) ** 2.4)
_LIGHT = [(weight * _LINEAR).astype(np.float32) for weight in (0.0722, 0.7152, 0.2126)]


def _light(pixels: Pixels) -> Floats:
    blue, green, red = _channels(pixels)
    light: Floats = _LIGHT[0][blue] + _LIGHT[1][green] + _LIGHT[2][red]
    return light


def _compared(one: Pixels, other: Pixels) -> tuple[NDArray[np.uint8], Floats]:
    """How far pixels differ from others in any colour (0 to 255), and their contrast ratio."""
    change, ratio = np.zeros(len(one), np.uint8), np.ones(len(one), np.float32)
    at = np.flatnonzero(one != other)
    a, b = one[at], other[at]
    change[at] = _difference(a, b)
    light, dark = _light(a), _light(b)
    ratio[at] = (np.maximum(light, dark) + 0.05) / (np.minimum(light, dark) + 0.05)
    return change, ratio


def _change(pixels: Pixels, ground: np.uint32) -> NDArray[np.uint8]:
    """How far pixels differ from what they are drawn on in any colour (0 to 255)."""
    change = np.zeros(len(pixels), np.uint8)
    at = np.flatnonzero(pixels != ground)
    change[at] = _difference(pixels[at], np.full(len(at), ground))
    return change


def _difference(one: Pixels, other: Pixels) -> NDArray[np.uint8]:
    a, b = one.view(np.uint8), other.view(np.uint8)
    blue, green, red = _channels((np.maximum(a, b) - np.minimum(a, b)).view(np.uint32))
    return np.maximum(np.maximum(blue, green), red).astype(np.uint8)


def _edge(length: Ints) -> Ints:
    """How wide the strip at a box's side is in which some of the letter must be printed."""
    strip: Ints = np.maximum(2, np.ceil(EDGE * length)).astype(np.int32)
    # What is so small has hardly a whole pixel at its sides.
    return np.where(length < TINY, length, strip)


def _lost(
    pixels: "_Boxes", ink: NDArray[np.uint8], drawn: NDArray[np.uint8], shade: Ints, without: Pixels
) -> Floats:
    """The share of each letter's ink that the page does not show, where its ground is even.

    Ink changes a pixel by its share of the pixel times how far its colour is from the ground's.
    """
    ground = np.stack(_channels(without.reshape(-1)[pixels.middle]), axis=1).astype(np.int32)
    depth = np.abs(shade - ground).max(axis=1, initial=0)
    full = np.abs(shade - np.array(GROUND[:3])).max(axis=1, initial=0)
    expected = pixels.sum(drawn) * depth / np.maximum(full, 1)
    lost = np.where(expected > 1, 1 - pixels.sum(ink) / np.maximum(expected, 1), 0)
    return lost.astype(np.float32)


class _Boxes:
    """The pixels of many boxes, each box row by row; an array of them has one entry a pixel."""

    def __init__(self, sides: Ints, columns: int, feet: NDArray[np.float64]) -> None:
        """Sides are left, top, right and bottom of each box, within a picture of so many columns.

        `feet` is the share of each box's height that is its foot.
        """
        left, top, right, bottom = sides.T
        self.wide, self.high = np.maximum(right - left, 0), np.maximum(bottom - top, 0)
        counts = self.wide * self.high
        if int(counts.sum(dtype=np.int64)) > MAX_PIXELS:
            raise UnreadableError("a page has letters that are far too large")
        starts = np.cumsum(counts) - counts
        self.owner = np.repeat(np.arange(len(sides), dtype=np.int32), counts)
        """The number of each pixel's box."""
        place = np.arange(len(self.owner), dtype=np.int32) - starts.astype(np.int32)[self.owner]
        self.row, self.column = np.divmod(place, self.wide.astype(np.int32)[self.owner])
        corner = (top * columns + left).astype(np.int32)
        self.at = corner[self.owner] + self.row * columns + self.column
        self.foot = self.row >= (self.high - np.ceil(feet * self.high)).astype(np.int32)[self.owner]
        """Which pixels are in the foot of their box?"""
        # A box without pixels may lie beyond the picture's end.
        self.middle = np.where(counts > 0, corner + self.high // 2 * columns + self.wide // 2, 0)
        self._filled, self._starts = np.flatnonzero(counts), starts[counts > 0]

    def of(self, picture: NDArray[Any]) -> NDArray[Any]:
        """What the picture has at each pixel."""
        there: NDArray[Any] = picture.reshape(-1)[self.at]
        return there

    def count(self, flags: Flags) -> NDArray[np.intp]:
        """For each box how many of its pixels are flagged."""
        return np.bincount(self.owner[flags], minlength=len(self.wide))

    def any(self, flags: Flags) -> Flags:
        """For each box whether a pixel is flagged."""
        return self.count(flags) > 0

    def sum(self, values: NDArray[np.uint8]) -> NDArray[np.float64]:
        """For each box the sum of its pixels' values."""
        return np.bincount(self.owner, values, len(self.wide)).astype(np.float64)

    def highest(self, values: Floats, least: float) -> Floats:
        """For each box the highest of its pixels' values."""
        highest = np.full(len(self.wide), least, np.float32)
        if len(self._filled):
            highest[self._filled] = np.maximum.reduceat(values, self._starts)
        return highest

    def are_uneven(self, picture: Pixels) -> Flags:
        """Which pixels differ from the one above or before them, inside a box?

        At its sides a box may end with the ground that the letter stands on.
        """
        from_above, from_before = np.zeros(picture.shape, bool), np.zeros(picture.shape, bool)
        np.not_equal(picture[1:], picture[:-1], out=from_above[1:])
        np.not_equal(picture[:, 1:], picture[:, :-1], out=from_before[:, 1:])
        inside = (self.row >= 1) & (self.column >= 1)
        inside &= self.column < self.wide.astype(np.int32)[self.owner] - 1
        down, along = self.of(from_above) & (self.row >= 2), self.of(from_before) & (self.column >= 2)
        uneven: Flags = (down | along) & inside
        return uneven

    def range_of(self, picture: Pixels, where: Flags) -> Floats:
        """For each box the contrast of the lightest and the darkest pixel inside it, of some."""
        inside = where & (self.row >= 1) & (self.column >= 1)
        inside &= self.column < self.wide.astype(np.int32)[self.owner] - 1
        light = _light(self.of(picture))
        lightest = self.highest(np.where(inside, light, 0), 0)
        darkest = -self.highest(np.where(inside, -light, -1), -1)
        contrast: Floats = (lightest + 0.05) / (darkest + 0.05)
        return contrast

    def reaches_not(self, flags: Flags) -> Flags:
        """Which boxes have at one of their sides no pixel that is flagged?"""
        here = np.flatnonzero(flags)
        owner, row, column = self.owner[here], self.row[here], self.column[here]
        across, down = _edge(self.wide)[owner], _edge(self.high)[owner]
        wide, high = self.wide[owner], self.high[owner]
        sides = row < down, row >= high - down, column < across, column >= wide - across
        empty: Flags = np.any([np.bincount(owner[s], minlength=len(self.wide)) == 0 for s in sides], axis=0)
        return empty
