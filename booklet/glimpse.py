"""What can be told of one page of a finished file without drawing it?

Its words, pictures, tags, links and fonts: so the page of a clinic's edition is compared with one that
was proven, in a few milliseconds.
"""

import ctypes
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2 as pdfium

from .letters import MAX_DEPTH
from .problem import Box

_raw = pdfium.raw

#: Places are told to so many digits behind the point.
DIGITS = 1


class Tag(NamedTuple):
    """A tag of a page: its role, title, language and alt text, and what it holds: tags, or ids of marks."""

    role: str
    title: str
    language: str
    alt: str
    holds: "tuple[Tag | int, ...]"


class Shown(NamedTuple):
    """What an object of a page shows: its marked content, letters, box, font and size.

    A picture's letters are the digest of its pixels; those of a drawing are none.
    """

    mark: int
    text: str
    box: Box
    font: str
    size: float


class Link(NamedTuple):
    """A link: an address or #page, and its box."""

    target: str
    box: Box


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One page. Boxes are in points, from its foot."""

    words: tuple[Shown, ...]
    tags: tuple[Tag, ...]
    links: tuple[Link, ...]
    bare: frozenset[str]
    """The fonts that are not in the file."""
    pages: int
    """How many the file has."""


class PanelLook(NamedTuple):
    """How a panel looks on its page."""

    words: tuple[Shown, ...]
    tags: tuple[Tag | int, ...]
    links: tuple[Link, ...]
    bare: frozenset[str]


class PageLook(NamedTuple):
    """How a page looks without its panel, in a file of so many pages."""

    words: tuple[Shown, ...]
    tags: tuple[Tag | int, ...]
    links: tuple[Link, ...]
    pages: int


@dataclass(frozen=True, slots=True)
class Split:
    """A page with a panel, taken apart: what is the panel's, and what is the page's own."""

    panel: PanelLook
    page: PageLook


def split(page: Glimpse, title: str, marks: int, links: int) -> Split:
    """Take a page apart that has so many marked contents and links of its own before the panel's.

    The panel is drawn first: what is not marked, as icons are, is its own up to the last of its marks. The
    panel's tags are those in the tag of that title.
    """
    last = max((at for at, one in enumerate(page.words, 1) if one.mark >= marks), default=0)
    panel, own = page.words[:last], page.words[last:]
    held = next((tag.holds for tag in _every(page.tags) if tag.title == title), ())
    rest = tuple(_emptied(tag, title) for tag in page.tags)
    return Split(
        PanelLook(panel, held, page.links[links:], page.bare),
        PageLook(own, rest, page.links[:links], page.pages),
    )


def _every(tags: Iterable[Tag | int]) -> Iterator[Tag]:
    for tag in tags:
        if isinstance(tag, Tag):
            yield tag
            yield from _every(tag.holds)


def _emptied(tag: Tag | int, title: str) -> Tag | int:
    """The tag, without what the one of that title holds."""
    if isinstance(tag, int):
        return tag
    holds = () if tag.title == title else tuple(_emptied(inner, title) for inner in tag.holds)
    return tag._replace(holds=holds)


def glimpse(pdf: bytes, number: int) -> Glimpse:
    """The page with that number, from 1."""
    document = pdfium.PdfDocument(pdf)
    try:
        page = document[number - 1]
        text = page.get_textpage()
        try:
            shown = list(_shown(page, text))
            return Glimpse(
                tuple(one for one, _ in shown),
                tuple(_tags(page)),
                tuple(_links(document, page)),
                frozenset(one.font for one, inside in shown if not inside),
                len(document),
            )
        finally:
            text.close()
            page.close()
    finally:
        document.close()


def _shown(page: pdfium.PdfPage, text: pdfium.PdfTextPage) -> Iterator[tuple[Shown, bool]]:
    """What each object shows, in the page's order, and is its font in the file? Forms hold no letters."""
    for index in range(_raw.FPDFPage_CountObjects(page.raw)):
        one = _raw.FPDFPage_GetObject(page.raw, index)
        kind, mark = _raw.FPDFPageObj_GetType(one), _raw.FPDFPageObj_GetMarkedContentID(one)
        if kind == _raw.FPDF_PAGEOBJ_TEXT:
            font = _raw.FPDFTextObj_GetFont(one)
            said, size = _letters(one, text), ctypes.c_float()
            _raw.FPDFTextObj_GetFontSize(one, size)
            shown = Shown(mark, said, _bounds(one), _family(font), round(size.value, DIGITS))
            yield shown, bool(_raw.FPDFFont_GetIsEmbedded(font))
        elif kind in (_raw.FPDF_PAGEOBJ_IMAGE, _raw.FPDF_PAGEOBJ_FORM):
            pixels = _pixels(one) if kind == _raw.FPDF_PAGEOBJ_IMAGE else b""
            yield Shown(mark, hashlib.sha256(pixels).hexdigest() if pixels else "", _bounds(one), "", 0), True


def _letters(one: Any, text: pdfium.PdfTextPage) -> str:
    buffer = (ctypes.c_ushort * 4096)()
    length = _raw.FPDFTextObj_GetText(one, text.raw, buffer, ctypes.sizeof(buffer))
    return bytes(buffer)[: max(length - 2, 0)].decode("utf-16-le", "replace")


def _pixels(one: Any) -> bytes:
    """A picture's data as they stand in the file."""
    size = _raw.FPDFImageObj_GetImageDataRaw(one, None, 0)
    buffer = ctypes.create_string_buffer(size)
    _raw.FPDFImageObj_GetImageDataRaw(one, buffer, size)
    return buffer.raw


def _family(font: Any) -> str:
    """The name of a font, without what tells its subsets apart."""
    name = ctypes.create_string_buffer(200)
    named = _raw.FPDFFont_GetBaseFontName(font, name, len(name))
    return name.raw[: max(named - 1, 0)].decode("latin-1").rpartition("+")[2]


def _bounds(one: Any) -> Box:
    sides = [ctypes.c_float() for _ in range(4)]
    _raw.FPDFPageObj_GetBounds(one, *sides)
    return _box(side.value for side in sides)


def _box(sides: Iterable[float]) -> Box:
    left, bottom, right, top = (round(side, DIGITS) for side in sides)
    return left, bottom, right, top


def _tags(page: pdfium.PdfPage) -> Iterator[Tag]:
    tree = _raw.FPDF_StructTree_GetForPage(page.raw)
    try:
        for index in range(_raw.FPDF_StructTree_CountChildren(tree)):
            yield _tag(_raw.FPDF_StructTree_GetChildAtIndex(tree, index), 0)
    finally:
        _raw.FPDF_StructTree_Close(tree)


def _tag(element: Any, depth: int) -> Tag:
    if depth > MAX_DEPTH:
        raise RecursionError
    holds: list[Tag | int] = []
    for index in range(_raw.FPDF_StructElement_CountChildren(element)):
        child = _raw.FPDF_StructElement_GetChildAtIndex(element, index)
        mark = _raw.FPDF_StructElement_GetChildMarkedContentID(element, index)
        if child:
            holds.append(_tag(child, depth + 1))
        elif mark >= 0:
            holds.append(mark)
    return Tag(
        _string(_raw.FPDF_StructElement_GetType, element),
        _string(_raw.FPDF_StructElement_GetTitle, element),
        _string(_raw.FPDF_StructElement_GetLang, element),
        _string(_raw.FPDF_StructElement_GetAltText, element),
        tuple(holds),
    )


def _string(function: Any, element: Any) -> str:
    size = function(element, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    function(element, buffer, size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")


def _links(document: pdfium.PdfDocument, page: pdfium.PdfPage) -> Iterator[Link]:
    position, link, rectangle = ctypes.c_int(0), _raw.FPDF_LINK(), _raw.FS_RECTF()
    buffer = ctypes.create_string_buffer(4096)
    while _raw.FPDFLink_Enumerate(page.raw, position, link):
        action = _raw.FPDFLink_GetAction(link)
        size = _raw.FPDFAction_GetURIPath(document.raw, action, buffer, len(buffer)) if action else 0
        target = buffer.raw[: max(size - 1, 0)].decode("latin-1")
        if not target:
            destination = _raw.FPDFLink_GetDest(document.raw, link)
            target = f"#{_raw.FPDFDest_GetDestPageIndex(document.raw, destination) + 1}"
        _raw.FPDFLink_GetAnnotRect(link, rectangle)
        yield Link(target, _box((rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)))
