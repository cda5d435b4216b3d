"""Which words of a page can nobody see?

The page is drawn twice, with its words and without. A letter that makes no difference is hidden:
white on white, transparent, too small, cut off, behind a picture, or off the page.
"""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
from PIL import Image, ImageChops

#: Fine enough for a hyphen of 9 points.
PIXELS_PER_POINT = 1.5
MAX_PIXELS = 8_000_000

#: How much one of red, green and blue must change where a letter stands, of 255.
LEAST_CHANGE = 60

_raw = pdfium.raw


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter with its box in points from the page's top left corner; spaces have none."""

    text: str
    box: tuple[float, float, float, float] | None = None


def unseen_words(page: pdfium.PdfPage) -> Iterator[str]:
    """The words that cannot be seen, one text for each run of them. Takes the text off the page."""
    drawn: dict[int, Any] = {}
    letters = list(_letters(page, drawn))
    if not drawn:
        return
    width, height = page.get_size()
    scale = min(PIXELS_PER_POINT, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
    with_text = page.render(scale=scale).to_pil()
    for one in drawn.values():
        _raw.FPDFPageObj_SetIsActive(one, False)
    changed = _changed(with_text, page.render(scale=scale).to_pil())
    seen = "".join(_sign(letter, changed, scale) for letter in letters)
    for run in re.finditer("-[- ]*", seen):
        yield "".join(letter.text for letter in letters[run.start() : run.end()]).strip()


def letter_of(code: int) -> str:
    """The letter that pdfium's code stands for."""
    # pdfium gives a hyphen at a line's end a code of its own.
    if code in (0x02, 0xFFFE):
        return "-"
    return "\ufffd" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)


def _letters(page: pdfium.PdfPage, drawn: dict[int, Any]) -> Iterator[_Letter]:
    """The letters in their order; what draws them is noted in `drawn`."""
    text, (_, height) = page.get_textpage(), page.get_size()
    sides = [ctypes.c_double() for _ in range(4)]
    places = [ctypes.byref(side) for side in sides]
    try:
        for index in range(text.count_chars()):
            one = _raw.FPDFText_GetTextObject(text.raw, index)
            if not one:
                yield _Letter(" ")  # pdfium's own, where a word or a line ends
                continue
            drawn[ctypes.addressof(one.contents)] = one
            letter = letter_of(_raw.FPDFText_GetUnicode(text.raw, index))
            _raw.FPDFText_GetCharBox(text.raw, index, *places)
            left, right, bottom, top = (side.value for side in sides)
            yield _Letter(letter, None if letter.isspace() else (left, height - top, right, height - bottom))
    finally:
        text.close()


def _changed(one: Image.Image, other: Image.Image) -> list[bytes]:
    """For each column of points, from the left, where two pictures differ: 255 there, else 0."""
    red, green, blue = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    marks = most.point([0] * LEAST_CHANGE + [255] * (256 - LEAST_CHANGE))
    turned, height = marks.transpose(Image.Transpose.TRANSPOSE).tobytes(), marks.height
    return [turned[start : start + height] for start in range(0, len(turned), height)]


def _sign(letter: _Letter, changed: list[bytes], scale: float) -> str:
    """A space for a space, + for a letter that is seen, - for one that is not."""
    if letter.box is None:
        return " "
    left, top, right, bottom = (max(int(side * scale), 0) for side in letter.box)
    return "+" if any(b"\xff" in column[top : bottom + 1] for column in changed[left : right + 1]) else "-"
