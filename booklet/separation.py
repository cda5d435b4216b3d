"""How do the colours of a page become printing inks, and how much of each does a page take?

Until here colours are those of a screen (sRGB, IEC 61966-2-1), each set by an operator on a line of its
own. An ICC profile says which cyan, magenta, yellow and black look like them on a paper.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from typing import Any, Protocol

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from PIL import Image, ImageCms
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
)

from .colours import lightness

#: A colour that is darker than this, and whose red, green and blue differ by no more, is printed in
#: black alone: four inks that miss one another by a tenth of a millimetre blur small type.
DARK, ALIKE = 0.25, 0.1

#: The plates of a press, in the order of DeviceCMYK (ISO 32000-1, 8.6.4.4).
PLATES = ("cyan", "magenta", "yellow", "black")

_RGB = re.compile(rb"(?m)^(\S+) (\S+) (\S+) (rg|RG)$")
_CMYK = re.compile(rb"(?m)^(\S+) (\S+) (\S+) (\S+) (k|K)$")
_GREY = re.compile(rb"(?m)^(\S+) (g|G)$")

Pixels = NDArray[np.uint8]
Colour = tuple[float, ...]


class Inks(Protocol):
    """What a press prints colours with."""

    space: str
    """The colour space that its colours are written in."""

    def of(self, red: float, green: float, blue: float) -> Colour:
        """A screen's colour, each from 0 to 1, in inks from 0 to 1."""

    def picture(self, picture: Image.Image) -> Pixels:
        """A screen's picture as rows of pixels, each with its inks from 0 to 255."""


class FourInks:
    """Cyan, magenta, yellow and black, as a profile mixes them, and no more than `limit` percent."""

    space = "/DeviceCMYK"

    def __init__(self, profile: bytes, limit: int) -> None:
        """Raises OSError or ImageCms.PyCMSError where this is no profile of a press with four inks."""
        paper = ImageCms.ImageCmsProfile(BytesIO(profile))
        self._limit = limit / 100
        self._mix = ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"), paper, "RGB", "CMYK", ImageCms.Intent.PERCEPTUAL
        )
        self.of = cache(self._of)

    def _of(self, red: float, green: float, blue: float) -> Colour:
        if lightness(red, green, blue) < DARK and max(red, green, blue) - min(red, green, blue) <= ALIKE:
            return 0.0, 0.0, 0.0, 1.0
        one = Image.new("RGB", (1, 1), tuple(round(part * 255) for part in (red, green, blue)))
        return tuple(round(float(part) / 255, 4) for part in self.picture(one)[0, 0])

    def picture(self, picture: Image.Image) -> Pixels:
        """The picture; white paper stays without ink."""
        screen = np.asarray(picture.convert("RGB"))
        mixed = ImageCms.applyTransform(picture.convert("RGB"), self._mix)
        inks = np.asarray(mixed).astype(np.float32) / 255
        inks[(screen == 255).all(axis=2)] = 0
        black = inks[..., 3:]
        colours = inks[..., :3]
        room = np.clip(self._limit - black, 0, None)
        most = colours.sum(axis=2, keepdims=True)
        colours *= np.minimum(1, room / np.maximum(most, 1e-6))
        # Rounded down, so that the limit holds.
        return np.floor(inks * 255).astype(np.uint8)


class BlackInk:
    """Black alone."""

    space = "/DeviceGray"

    def of(self, red: float, green: float, blue: float) -> Colour:
        """As light a grey as the eye takes the colour for."""
        return (lightness(red, green, blue),)

    def picture(self, picture: Image.Image) -> Pixels:
        """The picture without colour."""
        return np.asarray(picture.convert("L"))[..., None]


def separate(writer: PdfWriter, inks: Inks) -> None:
    """Write every colour of pages, drawings, gradients and pictures in inks."""
    for one in _objects(writer):
        if _is_picture(one):
            _replace_pixels(one, inks.picture(one.decode_as_image()), inks.space)
        elif _draws(one):
            _redraw(one, lambda data: _RGB.sub(lambda found: _in_inks(found, inks), data))
            # A group on its own, drawn as it is: without it the page looks the same, and old presses
            # take none (ISO 15930-4, 6.20).
            one.pop("/Group", None)
        if "/ShadingType" in one:
            if one["/ColorSpace"] != "/DeviceGray":  # what is grey says how opaque something is
                one[NameObject("/ColorSpace")] = NameObject(inks.space)
                _mix_function(one["/Function"], lambda rgb: inks.of(*rgb))
        elif "/ColorSpace" in one and not isinstance(one, StreamObject):
            del one["/ColorSpace"]  # resources name the screen's spaces, which nothing uses


def _in_inks(found: re.Match[bytes], inks: Inks) -> bytes:
    parts = inks.of(*(float(part) for part in found.groups()[:3]))
    fills = found[4] == b"rg"
    name = {(4, True): b"k", (4, False): b"K", (1, True): b"g", (1, False): b"G"}[len(parts), fills]
    return b" ".join([*(b"%g" % part for part in parts), name])


def _replace_pixels(one: StreamObject, pixels: Pixels, space: str) -> None:
    fresh = DecodedStreamObject()
    fresh.set_data(pixels.tobytes())
    packed = fresh.flate_encode()
    for key in ("/DecodeParms", "/Decode", "/Filter"):
        one.pop(key, None)
    one._data = packed._data
    one[NameObject("/Filter")] = NameObject("/FlateDecode")
    one[NameObject("/ColorSpace")] = NameObject(space)
    one[NameObject("/BitsPerComponent")] = NumberObject(8)


def _mix_function(function: PdfObject, mix: Callable[[Colour], Colour]) -> None:
    """The ends of a gradient's function (ISO 32000-1, 7.10.3 and 7.10.4), by way of `mix`."""
    held: Any = function.get_object()
    for part in held.get("/Functions", ()):
        _mix_function(part, mix)
    for end in ("/C0", "/C1"):
        if end in held:
            held[NameObject(end)] = ArrayObject(
                FloatObject(part) for part in mix(tuple(map(float, held[end])))
            )


def _objects(writer: PdfWriter) -> Iterator[Any]:
    """All that can hold colours; not the masks, whose greys say how opaque a picture is."""
    every: list[DictionaryObject] = []
    waiting: list[Any] = list(writer._objects)
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            every.append(one)
            waiting += dict.values(one)
        elif isinstance(one, ArrayObject):
            waiting += one
    masks = {id(one["/SMask"]) for one in every if "/SMask" in one}
    return (one for one in every if id(one) not in masks)


def _is_picture(one: Any) -> bool:
    return isinstance(one, StreamObject) and one.get("/Subtype") == "/Image" and "/ColorSpace" in one


def _draws(one: Any) -> bool:
    """Is it a stream of operators: a form, or a tile of a pattern?"""
    return isinstance(one, StreamObject) and (one.get("/Subtype") == "/Form" or one.get("/PatternType") == 1)


def _redraw(one: StreamObject, change: Callable[[bytes], bytes]) -> None:
    fresh = DecodedStreamObject()
    fresh.set_data(change(one.get_data()))
    one._data = fresh.flate_encode()._data
    one.pop("/DecodeParms", None)
    one[NameObject("/Filter")] = NameObject("/FlateDecode")


def as_pages(pictures: list[Pixels], inks: Inks) -> bytes:
    """A file in which each page is one of the pictures in inks, a pixel a point."""
    writer = PdfWriter()
    for pixels in pictures:
        high, wide = pixels.shape[:2]
        page, picture, contents = (
            writer.add_blank_page(wide, high),
            DecodedStreamObject(),
            DecodedStreamObject(),
        )
        picture[NameObject("/Type")], picture[NameObject("/Subtype")] = (
            NameObject("/XObject"),
            NameObject("/Image"),
        )
        picture[NameObject("/Width")], picture[NameObject("/Height")] = NumberObject(wide), NumberObject(high)
        _replace_pixels(picture, pixels, inks.space)
        held = DictionaryObject({NameObject("/P"): writer._add_object(picture)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): held})
        contents.set_data(b"%d 0 0 %d 0 0 cm /P Do" % (wide, high))
        page[NameObject("/Contents")] = writer._add_object(contents)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def plates(pdf: bytes, scale: float) -> list[NDArray[np.float32]]:
    """For each page its plates: rows of pixels, each with its four inks from 0 to 1.

    pdfium draws no inks; so for each plate the file is written with that one ink as a grey.
    """
    drawn = [_plate(pdf, number, scale) for number in range(len(PLATES))]
    return [np.stack(pages, axis=2) for pages in zip(*drawn, strict=True)]


def _plate(pdf: bytes, number: int, scale: float) -> list[NDArray[np.float32]]:
    """One plate of each page."""
    writer, black = PdfWriter(clone_from=BytesIO(pdf)), number == PLATES.index("black")

    def as_grey(inks: Colour) -> Colour:
        if len(inks) == len(PLATES):
            return (round(1 - inks[number], 4),)
        return inks if black else (1.0,)

    def drawn(data: bytes) -> bytes:
        def grey(found: re.Match[bytes]) -> bytes:
            *inks, operator = found.groups()
            shade = as_grey(tuple(map(float, inks)))[0]
            return b"%g %s" % (shade, b"g" if operator in b"gk" else b"G")

        return _CMYK.sub(grey, _GREY.sub(grey, data))

    for one in _objects(writer):
        if _is_picture(one):
            _draw_plate(one, number)
        elif _draws(one):
            _redraw(one, drawn)
        if "/ShadingType" in one:
            one[NameObject("/ColorSpace")] = NameObject("/DeviceGray")
            _mix_function(one["/Function"], as_grey)
    for page in writer.pages:
        contents = page.get_contents()
        fresh = DecodedStreamObject()
        fresh.set_data(drawn(contents.get_data() if contents is not None else b""))
        page[NameObject("/Contents")] = writer._add_object(fresh)
    written = BytesIO()
    writer.write(written)
    document = pdfium.PdfDocument(written.getvalue())
    try:
        return [1 - _rows(page.render(scale=scale, grayscale=True)) for page in document]
    finally:
        document.close()


def _draw_plate(picture: Any, number: int) -> None:
    """One ink of a picture, as greys."""
    size = int(picture["/Height"]), int(picture["/Width"])
    pixels = np.frombuffer(picture.get_data(), np.uint8)
    if picture["/ColorSpace"] == "/DeviceCMYK":
        grey = 255 - pixels.reshape(*size, len(PLATES))[..., number]
    elif number == PLATES.index("black"):
        grey = pixels.reshape(size)
    else:
        grey = np.full(size, 255, np.uint8)
    _replace_pixels(picture, np.ascontiguousarray(grey), "/DeviceGray")


def _rows(bitmap: pdfium.PdfBitmap) -> NDArray[np.float32]:
    rows: NDArray[np.float32] = (
        bitmap.to_numpy().reshape(bitmap.height, bitmap.width).astype(np.float32) / 255
    )
    return rows
