"""What does a finished PDF say? Facts read back from the file alone, whoever made it.

pdfium reads the text of each tag, because it does so thirty times faster than pypdf; pypdf reads
the catalogue, and page-validation judges the two standards.
"""

import ctypes
import io
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import page as validation
import pypdfium2 as pdfium
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import Destination

from .problem import Outcome, Problem
from .sight import letter_of, unseen_words

MAX_BYTES = 200_000_000
MAX_PAGES = 1_000
MAX_DEPTH = 100

#: Roles whose words a reader takes as one passage (ISO 32000-1, 14.8.4).
PASSAGE_ROLES = {"P", "H1", "H2", "H3", "H4", "H5", "H6", "H", "LBody", "Lbl", "TH", "TD", "Caption"}

_raw = pdfium.raw


@dataclass(frozen=True, slots=True)
class Passage:
    """The words of one tag on one page (from 1), with the roles from the root down to it."""

    page: int
    roles: tuple[str, ...]
    text: str

    @property
    def role(self) -> str:
        """The passage's own role, for example P or H2."""
        return self.roles[-1] if self.roles else ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A tagged picture and its alt text."""

    page: int
    alt: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """Words that are in the file, but that nobody sees on the page."""

    page: int
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A live link: to an outside address, or to a page of this file (0 where there is none)."""

    page: int
    address: str = ""
    to_page: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the outline; level counts from 1."""

    level: int
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Font:
    """A font that the pages use."""

    name: str
    embedded: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the checks ask of a PDF. Lists by page begin with page 1."""

    pages: int
    passages: tuple[Passage, ...]
    furniture: tuple[tuple[str, ...], ...]
    """For each page the lines that no tag holds: header, folio, code."""
    unseen: tuple[Unseen, ...]
    pictures: tuple[Picture, ...]
    links: tuple[Link, ...]
    bookmarks: tuple[Bookmark, ...]
    labels: tuple[str, ...]
    fonts: tuple[Font, ...]
    metadata: Mapping[str, str]
    language: str
    failures: Mapping[str, tuple[str, ...]]
    """For each standard (PDF/UA-1, PDF/A-2a) the rules that it fails."""


def inspect_pdf(data: bytes) -> Outcome[Facts]:
    """The facts of a PDF, or why it cannot be read."""
    fault = _fault_at_sight(data)
    if fault:
        return _unreadable(fault)
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            return _unreadable("it is encrypted")
        if len(reader.pages) > MAX_PAGES:
            return _unreadable(f"it has more than {MAX_PAGES} pages")
        return Outcome(_facts(data, reader))
    except (PyPdfError, pdfium.PdfiumError, validation.PageError) as error:
        return _unreadable((str(error) or type(error).__name__).split("\n")[0][:100])
    except Exception as error:
        # A broken file can break a parser anywhere; the reader of the message needs no traceback.
        return _unreadable(f"it is damaged ({type(error).__name__})")


def _fault_at_sight(data: bytes) -> str:
    """What is wrong with a file that no parser need look at."""
    if len(data) > MAX_BYTES:
        return f"it is larger than {MAX_BYTES // 1_000_000} MB"
    if b"%PDF-" not in data[:1024]:
        return "it is no PDF" if data else "it is empty"
    return "" if b"%%EOF" in data[-1024:] else "its end is missing"


def _unreadable(why: str) -> Outcome[Facts]:
    hint = "build the booklet again, or name another file"
    return Outcome(None, (Problem("pdf-unreadable", f"The PDF cannot be read: {why}", hint=hint),))


def _facts(data: bytes, reader: PdfReader) -> Facts:
    passages: list[Passage] = []
    pictures: list[Picture] = []
    furniture: list[tuple[str, ...]] = []
    unseen: list[Unseen] = []
    document = pdfium.PdfDocument(data)
    try:
        for number, page in enumerate(document, 1):
            sheet = _Sheet(number, _words_by_tag(page))
            for item in _tagged(page, sheet):
                if isinstance(item, Picture):
                    pictures.append(item)
                else:
                    passages.append(item)
            furniture.append(tuple(sheet.words.values()))
            unseen += (Unseen(number, text) for text in unseen_words(page))
    finally:
        document.close()
    info: Mapping[str, Any] = reader.metadata or {}
    return Facts(
        pages=len(furniture),
        passages=tuple(passages),
        furniture=tuple(furniture),
        unseen=tuple(unseen),
        pictures=tuple(pictures),
        links=tuple(_links(reader)),
        bookmarks=tuple(_bookmarks(reader, reader.outline, 1)),
        labels=tuple(reader.page_labels),
        fonts=tuple(_fonts(reader)),
        metadata={str(key).removeprefix("/"): str(value) for key, value in info.items()},
        language=str(reader.root_object.get("/Lang", "")),
        failures={
            "PDF/UA-1": tuple(_failures(data, validation.ValidationProfile.PDF_UA_1)),
            "PDF/A-2a": tuple(_failures(data, validation.ValidationProfile.PDF_A_2A)),
        },
    )


@dataclass(slots=True)
class _Sheet:
    """A page while it is read: its number, the words of each tag that is not yet read, the tags read."""

    number: int
    words: dict[int, str]
    seen: set[int] = field(default_factory=set)


def _words_by_tag(page: pdfium.PdfPage) -> dict[int, str]:
    """The words of each marked content, by its id; -1 where there is none."""
    text = page.get_textpage()
    in_forms = _tags_of_forms(page)
    tags: dict[int, int] = {}
    words: dict[int, list[str]] = {}
    try:
        for index in range(text.count_chars()):
            drawn = _raw.FPDFText_GetTextObject(text.raw, index)
            if not drawn:
                continue
            key = ctypes.addressof(drawn.contents)
            if key not in tags:
                own = _raw.FPDFPageObj_GetMarkedContentID(drawn)
                tags[key] = own if own >= 0 else in_forms.get(key, -1)
            words.setdefault(tags[key], []).append(letter_of(_raw.FPDFText_GetUnicode(text.raw, index)))
    finally:
        text.close()
    return {tag: "".join(found) for tag, found in words.items()}


def _tags_of_forms(page: pdfium.PdfPage) -> dict[int, int]:
    """For each text that a form draws the marked content that holds the form."""
    tags: dict[int, int] = {}
    for index in range(_raw.FPDFPage_CountObjects(page.raw)):
        tags |= _tags_within(_raw.FPDFPage_GetObject(page.raw, index), -1, 0)
    return tags


def _tags_within(drawn: Any, outer: int, depth: int) -> dict[int, int]:
    if depth > MAX_DEPTH:
        raise RecursionError
    if _raw.FPDFPageObj_GetType(drawn) != _raw.FPDF_PAGEOBJ_FORM:
        return {ctypes.addressof(drawn.contents): outer} if depth else {}
    own, tags = _raw.FPDFPageObj_GetMarkedContentID(drawn), dict[int, int]()
    for index in range(_raw.FPDFFormObj_CountObjects(drawn)):
        inner = _raw.FPDFFormObj_GetObject(drawn, index)
        tags |= _tags_within(inner, own if own >= 0 else outer, depth + 1)
    return tags


def _tagged(page: pdfium.PdfPage, sheet: _Sheet) -> Iterator[Passage | Picture]:
    """The page's tags in reading order; takes their words out of the sheet's."""
    tree = _raw.FPDF_StructTree_GetForPage(page.raw)
    if not tree:
        return
    try:
        for index in range(_raw.FPDF_StructTree_CountChildren(tree)):
            root = _raw.FPDF_StructTree_GetChildAtIndex(tree, index)
            if root:
                yield from _element(root, sheet, ())
    finally:
        _raw.FPDF_StructTree_Close(tree)


def _element(element: Any, sheet: _Sheet, above: tuple[str, ...]) -> Iterator[Passage | Picture]:
    """A tag's passages and pictures; what is inside a passage in a style of its own belongs to it."""
    role = _role(element)
    roles = (*above, role)
    if len(roles) > MAX_DEPTH:
        raise RecursionError
    if role == "Figure":
        yield Picture(sheet.number, _string(_raw.FPDF_StructElement_GetAltText, element))
    owner, said = _owner(roles), ""
    for child, tag in _children(element, sheet):
        if child is None:
            said += sheet.words.pop(tag) + "\n" if tag in sheet.words else ""
            continue
        inside = _owner((*roles, _role(child))) == owner
        if said and not inside:
            yield Passage(sheet.number, owner, said)
            said = ""
        for inner in _element(child, sheet, roles):
            if inside and isinstance(inner, Passage) and inner.roles == owner:
                said += inner.text
            else:
                yield inner
    if said:
        yield Passage(sheet.number, owner, said)


def _role(element: Any) -> str:
    return _string(_raw.FPDF_StructElement_GetType, element)


def _owner(roles: tuple[str, ...]) -> tuple[str, ...]:
    """The roles down to the passage that the words of the last of them belong to."""
    for end in range(len(roles), 0, -1):
        if roles[end - 1] in PASSAGE_ROLES:
            return roles[:end]
    inner = len(roles)
    while inner and roles[inner - 1] in ("Span", "Link", "NonStruct"):
        inner -= 1
    return roles[:inner]


def _children(element: Any, sheet: _Sheet) -> Iterator[tuple[Any, int]]:
    """Each child of a tag: an element that was not met before, or the id of marked content."""
    for index in range(_raw.FPDF_StructElement_CountChildren(element)):
        child = _raw.FPDF_StructElement_GetChildAtIndex(element, index)
        tag = _raw.FPDF_StructElement_GetChildMarkedContentID(element, index)
        if not child and tag >= 0:
            yield None, tag
        elif child and ctypes.addressof(child.contents) not in sheet.seen:
            sheet.seen.add(ctypes.addressof(child.contents))
            yield child, -1


def _string(function: Any, element: Any) -> str:
    size = function(element, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    function(element, buffer, size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")


def _links(reader: PdfReader) -> Iterator[Link]:
    pages = {
        page.indirect_reference.idnum: number
        for number, page in enumerate(reader.pages, 1)
        if page.indirect_reference
    }
    names = reader.named_destinations
    for number, page in enumerate(reader.pages, 1):
        for reference in page.get("/Annots") or ():
            annotation = reference.get_object()
            if annotation.get("/Subtype") != "/Link":
                continue
            action = annotation.get("/A", {}).get_object() if "/A" in annotation else {}
            target = annotation.get("/Dest", action.get("/D"))
            if target is None:
                yield Link(number, address=str(action.get("/URI", action.get("/S", ""))))
            else:
                yield Link(number, to_page=_target_page(target, names, pages), name=str(target))


def _target_page(target: Any, names: Mapping[str, Destination], pages: Mapping[int, int]) -> int:
    destination = names.get(str(target))
    reference = destination.get("/Page") if destination is not None else None
    if isinstance(target, list) and target:
        reference = target[0]
    return pages.get(getattr(reference, "idnum", -1), 0)


def _bookmarks(reader: PdfReader, outline: list[Any], level: int) -> Iterator[Bookmark]:
    for item in outline:
        if isinstance(item, list):
            yield from _bookmarks(reader, item, level + 1)
        else:
            number = reader.get_destination_page_number(item)
            yield Bookmark(level, str(item.title), (number if number is not None else -1) + 1)


def _fonts(reader: PdfReader) -> Iterator[Font]:
    """Every font of every page, form and pattern, once."""
    seen: set[int] = set()
    waiting: list[Any] = [page.get("/Resources") for page in reader.pages]
    while waiting:
        resources = _resolved(waiting.pop())
        if id(resources) in seen:
            continue
        seen.add(id(resources))
        for kind in ("/XObject", "/Pattern"):
            drawings = _resolved(resources.get(kind)).values()
            waiting += [_resolved(drawing).get("/Resources") for drawing in drawings]
        for reference in _resolved(resources.get("/Font")).values():
            font = _resolved(reference)
            if id(font) not in seen:
                seen.add(id(font))
                yield _font(font)


def _font(font: Mapping[str, Any]) -> Font:
    descendants = font.get("/DescendantFonts")
    inner = _resolved(descendants[0]) if descendants else font
    descriptor = _resolved(inner.get("/FontDescriptor"))
    embedded = any(f"/FontFile{kind}" in descriptor for kind in ("", "2", "3"))
    name = str(font.get("/BaseFont", descriptor.get("/FontName", ""))).removeprefix("/")
    return Font(re.sub(r"^[A-Z]{6}\+", "", name), embedded or font.get("/Subtype") == "/Type3")


def _resolved(value: Any) -> Mapping[str, Any]:
    """The dictionary behind a reference; an empty one where there is none."""
    found = value.get_object() if value is not None else None
    return found if isinstance(found, dict) else {}


def _failures(data: bytes, profile: Any) -> Iterator[str]:
    for failure in validation.validate_pdf_bytes(data, profile=profile).failures:
        yield f"{failure.rule_id}: {failure.message}"
