"""Which letters does a page show, where, how large, and how plainly?

The page is drawn with its letters, without them, and with nothing else. A letter that makes no
difference is hidden: white on white, transparent, cut off, behind a picture, or off the page. One
that does not reach the sides of its own box is cut, and one that alone has more ink than it gives
the page is covered in part; what changes tells its contrast with what is behind it.
"""

import ctypes
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

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

#: How much of a letter's ink, and how many pixels, must be lost for it to be covered. The foot of
#: its box does not count: the line under a link crosses letters there.
LOST, LOST_PIXELS, FOOT = 0.07, 3, 0.25

_raw = pdfium.raw
Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Letters:
    """The letters of a file in the order in which they are drawn; each array has one entry a letter.

    Lengths are in points. What cannot be seen by its nature (a space, a soft hyphen) is `blank`.
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
    """The type size as it is printed, after all scaling."""
    contrast: Floats
    """With what is behind it, at its plainest (WCAG 2.2, contrast ratio: 1 to 21)."""
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


#: Of what draws text: its marked content, its size, is it askew, veiled, marked in a form, upright; its font.
_Style = tuple[int, float, bool, bool, bool, bool, str]


class _Found:
    """What is noted while the letters of a page are read."""

    def __init__(self, page: pdfium.PdfPage, text: pdfium.PdfTextPage) -> None:
        self.page, self.text = page, text
        self.around, self.texts, self.others = _around(page)
        self.drawn: dict[int, int] = {}
        """The number of each object that draws the letters, by its address."""
        self.codes: list[int] = []
        self.runs: list[int] = []
        self.sides: list[float] = []
        self.styles: list[_Style] = []

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
            self.codes.append(code_of(self.text.raw, index))
            self.runs.append(self._run(drawn, index))
            self.sides += (left.value, top.value, right.value, bottom.value)

    def _run(self, drawn: Any, index: int) -> int:
        key = ctypes.addressof(drawn.contents)
        if key not in self.drawn:
            self.drawn[key] = len(self.drawn)
            self.styles.append(self._style(drawn, index, *self.around.get(key, (-1, False))))
        return self.drawn[key]

    def _style(self, drawn: Any, index: int, tag: int, veiled: bool) -> _Style:
        matrix = _raw.FS_MATRIX()
        _raw.FPDFText_GetMatrix(self.text.raw, index, matrix)
        size = _raw.FPDFText_GetFontSize(self.text.raw, index) * (matrix.c**2 + matrix.d**2) ** 0.5
        askew = min(abs(matrix.a), abs(matrix.b)) > 0.01 * max(abs(matrix.a), abs(matrix.b))
        own = _raw.FPDFPageObj_GetMarkedContentID(drawn)
        veil = veiled or bool(_raw.FPDFPageObj_HasTransparency(drawn))
        inner = own >= 0 and ctypes.addressof(drawn.contents) in self.around
        upright = matrix.a > 0 and matrix.d > 0 and abs(matrix.b) <= 0.02 * matrix.a
        return own if own >= 0 else tag, size, askew, veil, inner, upright, _font_name(drawn)

    def passed_over(self) -> Iterator[Box]:
        """Where text is drawn of which no letter was read."""
        left, _, _, top = self.page.get_bbox()
        for key, (_, holder) in self.texts.items():
            if key not in self.drawn:
                sides = [ctypes.c_float() for _ in range(4)]
                _raw.FPDFPageObj_GetBounds(holder, *sides)
                x0, y0, x1, y1 = (side.value for side in sides)
                yield x0 - left, top - y1, x1 - left, top - y0

    def letters(self, number: int) -> Letters:
        count, run = len(self.codes), np.array(self.runs, np.int32)
        styles: list[list[Any]] = [list(column) for column in zip(*self.styles, strict=True)] or [[]] * 7
        tag, size, askew, veiled, inner, upright = (np.array(column) for column in styles[:6])
        left, _, _, top = self.page.get_bbox()
        width, height = self.page.get_size()
        box = np.array(self.sides, np.float32).reshape(count, 4)
        box[:, 0::2] -= left
        box[:, 1::2] = top - box[:, 1::2]
        blank = np.array([_is_blank(code) for code in self.codes], bool)
        contrast, seen, cut = self._look(box, width, height)
        return Letters(
            code=np.array(self.codes, np.int32),
            page=np.full(count, number, np.int32),
            tag=tag[run].astype(np.int32),
            run=run,
            box=box,
            size=size[run].astype(np.float32),
            contrast=contrast,
            seen=seen,
            cut=cut & seen & ~blank & ~askew[run].astype(bool),
            blank=blank,
            veiled=veiled[run].astype(bool),
            inner=inner[run].astype(bool),
            upright=upright[run].astype(bool),
            font=np.array(styles[6], object)[run],
        )

    def _look(self, box: Floats, width: float, height: float) -> tuple[Floats, Flags, Flags]:
        """For each letter its contrast, whether it is seen, and whether some of it is missing."""
        scale = min(PIXELS_PER_POINT, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
        with_text, alone = _pixels(self.page, scale), self._alone(scale)
        for drawn, _ in self.texts.values():
            _raw.FPDFPageObj_SetIsActive(drawn, False)
        change, ratio = _compared(with_text, _pixels(self.page, scale))
        rows, columns = change.shape
        edges = np.concatenate([np.floor(box[:, :2] * scale), np.ceil(box[:, 2:] * scale)], axis=1)
        left, top, right, bottom = np.clip(edges, 0, [columns, rows, columns, rows]).astype(np.int32).T
        count = _counter(change >= LEAST_CHANGE, change >= TRACE)
        across, down = (_edge(right - left), _edge(bottom - top))
        seen = count(left, top, right, bottom)[0] > 0
        sides = (
            (left, top, right, np.minimum(top + down, bottom)),
            (left, np.maximum(bottom - down, top), right, bottom),
            (left, top, np.minimum(left + across, right), bottom),
            (np.maximum(right - across, left), top, right, bottom),
        )
        cut = np.any([count(*side)[1] == 0 for side in sides], axis=0)
        lost = alone & (change < TRACE)
        if lost.any():
            middle = left, top, right, bottom - (FOOT * (bottom - top)).astype(np.int32)
            ink, without = _counter(alone, lost)(*middle)
            cut |= (without >= LOST_PIXELS) & (without > LOST * ink)
        return _highest(ratio, left, top, right, bottom), seen, cut

    def _alone(self, scale: float) -> Flags:
        """Where the letters are drawn if there is nothing else; the rest is left as it was."""
        for drawn in self.others:
            _raw.FPDFPageObj_SetIsActive(drawn, False)
        pixels = _pixels(self.page, scale, fill_color=GROUND, draw_annots=False)
        for drawn in self.others:
            _raw.FPDFPageObj_SetIsActive(drawn, True)
        alone, ground = np.zeros(pixels.shape[:2], bool), np.array([GROUND], np.uint8)
        at, letters = _unlike(pixels, ground.view(np.uint32)[0])
        alone.reshape(-1)[at] = _difference(letters, ground) >= INK
        return alone


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
) -> tuple[dict[int, tuple[int, bool]], dict[int, tuple[Any, Any]], list[Any]]:
    """For each object in a form the marked content that holds the form, and is the form veiled?

    And each object that draws text, with the page's own object that holds it, or is it; and every
    object that draws something else.
    """
    around: dict[int, tuple[int, bool]] = {}
    texts: dict[int, tuple[Any, Any]] = {}
    others: list[Any] = []

    def note(drawn: Any, holder: Any, outer: tuple[int, bool], depth: int) -> None:
        if depth > MAX_DEPTH:
            raise RecursionError
        key, kind = ctypes.addressof(drawn.contents), _raw.FPDFPageObj_GetType(drawn)
        if depth:
            around[key] = outer
        if kind == _raw.FPDF_PAGEOBJ_TEXT:
            texts[key] = drawn, holder
        elif kind != _raw.FPDF_PAGEOBJ_FORM:
            others.append(drawn)
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
    """The page as rows of pixels; blue, green, red and nothing."""
    pixels: Pixels = page.render(scale=scale, prefer_bgrx=True, **how).to_numpy()
    return pixels


#: How much light a value of blue, green or red gives (WCAG 2.2, relative luminance).
_SHADES = np.arange(256, dtype=np.float32) / 255
_LINEAR = np.where(_SHADES <= 0.04045, _SHADES / 12.92, ((_SHADES + 0.055) / 1.055) ** 2.4)
_LIGHT = [(weight * _LINEAR).astype(np.float32) for weight in (0.0722, 0.7152, 0.2126)]


def _compared(one: Pixels, other: Pixels) -> tuple[NDArray[np.uint8], Floats]:
    """For each pixel how far two pictures differ in any colour (0 to 255), and their contrast ratio."""
    change, ratio = np.zeros(one.shape[:2], np.uint8), np.ones(one.shape[:2], np.float32)
    flat = np.ascontiguousarray(other).reshape(-1, 4)
    at, a = _unlike(one, flat.view(np.uint32)[:, 0])
    b = flat[at]
    light, dark = (sum(table[p[:, i]] for i, table in enumerate(_LIGHT)) for p in (a, b))
    change.reshape(-1)[at] = _difference(a, b)
    ratio.reshape(-1)[at] = (np.maximum(light, dark) + 0.05) / (np.minimum(light, dark) + 0.05)
    return change, ratio


def _unlike(picture: Pixels, other: NDArray[np.uint32]) -> tuple[NDArray[np.intp], Pixels]:
    """Where a picture differs at all from other pixels, each as one number; and its own there."""
    flat = np.ascontiguousarray(picture).reshape(-1, 4)
    at = np.flatnonzero(flat.view(np.uint32)[:, 0] != other)
    return at, flat[at]


def _difference(one: Pixels, other: Pixels) -> NDArray[np.uint8]:
    """How far pixels differ in any colour."""
    difference = (np.maximum(one, other) - np.minimum(one, other))[:, :3]
    furthest: NDArray[np.uint8] = difference.max(axis=1, initial=0)
    return furthest


def _edge(length: Ints) -> Ints:
    """How wide the strip at a box's side is in which some of the letter must be printed."""
    strip: Ints = np.maximum(2, np.ceil(EDGE * length)).astype(np.int32)
    # What is so small has hardly a whole pixel at its sides.
    return np.where(length < TINY, length, strip)


def _counter(one: Flags, other: Flags) -> Callable[[Ints, Ints, Ints, Ints], tuple[Ints, Ints]]:
    """A function that counts for many boxes at once the pixels that are flagged in one way and another.

    Both counts share one table of sums over all that is above and before.
    """
    sums = np.zeros((one.shape[0] + 1, one.shape[1] + 1), np.int64)
    np.multiply(one, 1 << 32, out=sums[1:, 1:])
    sums[1:, 1:] += other
    # Rows first, and in place: that takes two thirds of the time.
    sums.cumsum(axis=1, out=sums).cumsum(axis=0, out=sums)

    def count(left: Ints, top: Ints, right: Ints, bottom: Ints) -> tuple[Ints, Ints]:
        both = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        return (both >> 32).astype(np.int32), (both & 0xFFFFFFFF).astype(np.int32)

    return count


def _highest(values: Floats, left: Ints, top: Ints, right: Ints, bottom: Ints) -> Floats:
    """The highest value in each of many boxes; boxes of one size are looked at together."""
    highest = np.ones(len(left), np.float32)
    sizes, which = np.unique(np.stack([bottom - top, right - left], axis=1), axis=0, return_inverse=True)
    for number, (high, wide) in enumerate(sizes.tolist()):
        if high > 0 and wide > 0:
            here = np.flatnonzero(which.reshape(-1) == number)
            inside = np.arange(high)[:, None] * values.shape[1] + np.arange(wide)
            corner = top[here] * values.shape[1] + left[here]
            highest[here] = values.reshape(-1)[corner[:, None] + inside.reshape(-1)].max(axis=1)
    return highest
