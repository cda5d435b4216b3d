"""What do a page's tags say, in reading order? (ISO 32000-1, 14.7 and 14.8)"""

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import pypdfium2 as pdfium

from .figures import Drawing
from .letters import MAX_DEPTH, Letters
from .problem import Box

#: Roles whose words a reader takes as one passage (ISO 32000-1, 14.8.4).
PASSAGE_ROLES = {"P", "H1", "H2", "H3", "H4", "H5", "H6", "H", "LBody", "Lbl", "TH", "TD", "Caption"}
CELLS = ("TH", "TD")
#: The title of the tag that a clinic's own details stand in (ISO 32000-1, 14.7.2, T).
PANEL = "_panel"
#: How many numbers a box has.
SIDES = 4
UNDRAWN = Drawing()

_raw = pdfium.raw


@dataclass(frozen=True, slots=True)
class Passage:
    """The words of one tag on one page (from 1), with the roles from the root down to it.

    `letters` has for each character of `text` its index among the file's letters, or -1 where it
    is no letter of the page but the end of a line.
    """

    page: int
    roles: tuple[str, ...]
    text: str
    letters: tuple[int, ...] = field(default=(), repr=False)

    @property
    def role(self) -> str:
        """The passage's own role, for example P or H2."""
        return self.roles[-1] if self.roles else ""

    @property
    def printed(self) -> tuple[int, ...]:
        """Its letters without the ends of lines."""
        return tuple(index for index in self.letters if index >= 0)


@dataclass(frozen=True, slots=True)
class Picture:
    """A tagged picture and its alt text."""

    page: int
    alt: str
    letters: tuple[int, ...] = field(default=(), repr=False)
    """The words drawn in it, by their indices among the file's letters."""
    tags: tuple[int, ...] = field(default=(), repr=False)
    """The ids of its marked contents."""
    drawing: Drawing = UNDRAWN
    """How it is drawn."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: is there anything in it, and what does a header cell head?"""

    page: int
    role: str
    empty: bool
    scope: str = ""
    letters: tuple[int, ...] = field(default=(), repr=False)
    """Its words, by their indices among the file's letters."""
    row: int = -1
    """The number of its row on the page."""
    table: int = -1
    """And of its table."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a tag bids a screen reader say or pronounce otherwise than its words (ISO 32000-1, 14.9).

    Marked content may do so too, by properties of its own: its role is empty.
    """

    page: int
    role: str
    language: str
    alt: str
    instead: str | None
    """What replaces its words, which may be nothing, or what an abbreviation stands for; if any does."""
    letters: tuple[int, ...] = field(default=(), repr=False)
    """Its words, by their indices among the file's letters."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The place of a clinic's own details on a page, with all that stands in it."""

    page: int
    box: Box
    letters: tuple[int, ...] = field(default=(), repr=False)
    """Its words, by their indices among the file's letters."""
    tags: tuple[int, ...] = field(default=(), repr=False)
    """The ids of its marked contents."""


@dataclass(slots=True)
class Sheet:
    """A page while its tags are read. `words` are the letters of each marked content not yet read."""

    number: int
    letters: Letters
    words: dict[int, list[int]]
    passages: list[Passage] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    spoken: list[Spoken] = field(default_factory=list)
    linked: list[tuple[int, ...]] = field(default_factory=list)
    """The words of each Link tag, by their indices among the file's letters."""
    panels: list[Panel] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    first: int = 0

    def left_over(self) -> Iterator[Passage]:
        """What belongs to no tag, one passage for each marked content."""
        for said in self.words.values():
            yield self.passage((), said)

    def passage(self, roles: tuple[str, ...], said: Sequence[int]) -> Passage:
        """The passage of letters; -1 stands for the end of a line."""
        text = "".join("\n" if i < 0 else self.letters.letter(i - self.first) for i in said)
        return Passage(self.number, roles, text, tuple(said))


def read_tags(page: pdfium.PdfPage, number: int, letters: Letters, first: int) -> Sheet:
    """The page's tags in reading order; `first` is the file's index of the page's first letter.

    What is left in the sheet's `words` belongs to no tag.
    """
    words: dict[int, list[int]] = {}
    for index, tag in enumerate(letters.tag.tolist(), first):
        words.setdefault(tag, []).append(index)
    sheet = Sheet(number, letters, words, first=first)
    objects = (_raw.FPDFPage_GetObject(page.raw, i) for i in range(_raw.FPDFPage_CountObjects(page.raw)))
    sheet.spoken += _spoken_by_marks(sheet, objects, -1, set())
    tree = _raw.FPDF_StructTree_GetForPage(page.raw)
    if not tree:
        return sheet
    try:
        reader = _Reader(sheet)
        for index in range(_raw.FPDF_StructTree_CountChildren(tree)):
            root = _raw.FPDF_StructTree_GetChildAtIndex(tree, index)
            if root:
                sheet.passages += reader.element(root, ())
    finally:
        _raw.FPDF_StructTree_Close(tree)
    return sheet


@dataclass(slots=True)
class _Reader:
    """Walks down the tags of one sheet."""

    sheet: Sheet

    def element(self, element: Any, above: tuple[str, ...]) -> Iterator[Passage]:
        """A tag's passages; what is inside a passage in a style of its own belongs to it."""
        role = _string(_raw.FPDF_StructElement_GetType, element)
        roles = (*above, role)
        if len(roles) > MAX_DEPTH:
            raise RecursionError
        begun = len(self.sheet.cells)
        passages = list(self._passages(element, roles))
        self._note_spoken(element, role, passages)
        if role == "Figure":
            alt = _string(_raw.FPDF_StructElement_GetAltText, element)
            drawn = _printed(passages)
            tags = tuple(self._tags(element))
            self.sheet.pictures.append(Picture(self.sheet.number, alt, drawn, tags))
        elif role == "Div" and _string(_raw.FPDF_StructElement_GetTitle, element) == PANEL:
            marks = tuple(self._all_tags(element))
            self.sheet.panels.append(Panel(self.sheet.number, _box(element), _printed(passages), marks))
        elif role == "Link":
            self.sheet.linked.append(_printed(passages))
        elif role == "TR":
            self._note_empty_cells(element)
            self.sheet.cells[begun:] = [replace(cell, row=begun) for cell in self.sheet.cells[begun:]]
        elif role == "Table":
            self.sheet.cells[begun:] = [replace(cell, table=begun) for cell in self.sheet.cells[begun:]]
        elif role in CELLS:
            scope = _attribute(element, "Scope") if role == "TH" else ""
            empty = not any(passage.text.strip() for passage in passages)
            self.sheet.cells.append(Cell(self.sheet.number, role, empty, scope, _printed(passages)))
        yield from passages

    def _passages(self, element: Any, roles: tuple[str, ...]) -> Iterator[Passage]:
        owner, said = _owner(roles), list[int]()
        for child, tag in self._children(element):
            if child is None:
                said += (*self.sheet.words.pop(tag), -1) if tag in self.sheet.words else ()
                continue
            for inner in self.element(child, roles):
                if inner.roles == owner:
                    said += inner.letters
                    continue
                if said:
                    yield self.sheet.passage(owner, said)
                    said = []
                yield inner
        if said:
            yield self.sheet.passage(owner, said)

    def _note_spoken(self, element: Any, role: str, passages: Sequence[Passage]) -> None:
        language = _string(_raw.FPDF_StructElement_GetLang, element)
        alt = _string(_raw.FPDF_StructElement_GetAltText, element)
        replaced = _string(_raw.FPDF_StructElement_GetActualText, element)
        # What is empty looks to pdfium like what is not there.
        instead = replaced or _string(_raw.FPDF_StructElement_GetExpansion, element) or None
        if language or alt or instead:
            letters = _printed(passages)
            self.sheet.spoken.append(Spoken(self.sheet.number, role, language, alt, instead, letters))

    def _note_empty_cells(self, row: Any) -> None:
        """Pdfium leaves out what has nothing on the page: in a row, which has one page, an empty cell."""
        for index in range(_raw.FPDF_StructElement_CountChildren(row)):
            if not _raw.FPDF_StructElement_GetChildAtIndex(row, index):
                self.sheet.cells.append(Cell(self.sheet.number, "", empty=True))

    def _tags(self, element: Any) -> Iterator[int]:
        for index in range(_raw.FPDF_StructElement_CountChildren(element)):
            tag = _raw.FPDF_StructElement_GetChildMarkedContentID(element, index)
            if tag >= 0:
                yield tag

    def _all_tags(self, element: Any) -> Iterator[int]:
        """The ids of the marked contents of a tag, and of all tags in it."""
        yield from self._tags(element)
        for index in range(_raw.FPDF_StructElement_CountChildren(element)):
            child = _raw.FPDF_StructElement_GetChildAtIndex(element, index)
            if child:
                yield from self._all_tags(child)

    def _children(self, element: Any) -> Iterator[tuple[Any, int]]:
        """Each child of a tag: an element that was not met before, or the id of marked content."""
        for index in range(_raw.FPDF_StructElement_CountChildren(element)):
            child = _raw.FPDF_StructElement_GetChildAtIndex(element, index)
            tag = _raw.FPDF_StructElement_GetChildMarkedContentID(element, index)
            if not child and tag >= 0:
                yield None, tag
            elif child and ctypes.addressof(child.contents) not in self.sheet.seen:
                self.sheet.seen.add(ctypes.addressof(child.contents))
                yield child, -1


def _spoken_by_marks(
    sheet: Sheet, objects: Iterable[Any], tag: int, seen: set[int], depth: int = 0
) -> Iterator[Spoken]:
    """What marked contents say by properties of their own; `tag` is that of the form around the objects."""
    if depth > MAX_DEPTH:
        raise RecursionError
    for one in objects:
        own = _raw.FPDFPageObj_GetMarkedContentID(one)
        inside = own if own >= 0 else tag
        for index in range(_raw.FPDFPageObj_CountMarks(one)):
            mark = _raw.FPDFPageObj_GetMark(one, index)
            if ctypes.addressof(mark.contents) not in seen:
                seen.add(ctypes.addressof(mark.contents))
                yield from _spoken_by(sheet, mark, inside)
        if _raw.FPDFPageObj_GetType(one) == _raw.FPDF_PAGEOBJ_FORM:
            inner = (_raw.FPDFFormObj_GetObject(one, i) for i in range(_raw.FPDFFormObj_CountObjects(one)))
            yield from _spoken_by_marks(sheet, inner, inside, seen, depth + 1)


def _spoken_by(sheet: Sheet, mark: Any, tag: int) -> Iterator[Spoken]:
    language, alt, replaced, long = (_property(mark, key) for key in (b"Lang", b"Alt", b"ActualText", b"E"))
    instead = long if replaced is None else replaced
    if language or alt or instead is not None:
        letters = tuple(sheet.words.get(tag, ())) if tag >= 0 else ()
        yield Spoken(sheet.number, "", language or "", alt or "", instead, letters)


def _property(mark: Any, key: bytes) -> str | None:
    """A text among the properties of a mark."""
    size = ctypes.c_ulong()
    if not _raw.FPDFPageObjMark_GetParamStringValue(mark, key, None, 0, size):
        return None
    buffer = (ctypes.c_ushort * (size.value // 2))()
    _raw.FPDFPageObjMark_GetParamStringValue(mark, key, buffer, size, size)
    return bytes(buffer)[:-2].decode("utf-16-le", "replace")


def _printed(passages: Iterable[Passage]) -> tuple[int, ...]:
    return tuple(chain.from_iterable(passage.printed for passage in passages))


def _owner(roles: tuple[str, ...]) -> tuple[str, ...]:
    """The roles down to the passage that the words of the last of them belong to."""
    for end in range(len(roles), 0, -1):
        if roles[end - 1] in PASSAGE_ROLES:
            return roles[:end]
    inner = len(roles)
    while inner and roles[inner - 1] in ("Span", "Link", "NonStruct"):
        inner -= 1
    return roles[:inner]


def _string(function: Any, element: Any, *arguments: Any) -> str:
    size = function(element, *arguments, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    function(element, *arguments, buffer, size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")


def _attribute(element: Any, name: str) -> str:
    """An attribute of a tag, whether it is written as a name or a string; empty where it is not there."""
    for index in range(_raw.FPDF_StructElement_GetAttributeCount(element)):
        holder = _raw.FPDF_StructElement_GetAttributeAtIndex(element, index)
        value = _raw.FPDF_StructElement_Attr_GetValue(holder, name.encode())
        if value:
            size, buffer = ctypes.c_ulong(), ctypes.create_string_buffer(80)
            _raw.FPDF_StructElement_Attr_GetStringValue(value, buffer, len(buffer), size)
            return buffer.raw[: max(min(size.value, len(buffer)) - 2, 0)].decode("utf-16-le", "replace")
    return ""


def _box(element: Any) -> Box:
    """The box that a tag names as its own, in the page's user space (ISO 32000-1, 14.8.5.4.3, BBox)."""
    for index in range(_raw.FPDF_StructElement_GetAttributeCount(element)):
        holder = _raw.FPDF_StructElement_GetAttributeAtIndex(element, index)
        value = _raw.FPDF_StructElement_Attr_GetValue(holder, b"BBox")
        if value and _raw.FPDF_StructElement_Attr_CountChildren(value) == SIDES:
            sides = [ctypes.c_float() for _ in range(SIDES)]
            for number, side in enumerate(sides):
                inner = _raw.FPDF_StructElement_Attr_GetChildAtIndex(value, number)
                _raw.FPDF_StructElement_Attr_GetNumberValue(inner, side)
            left, bottom, right, top = (side.value for side in sides)
            return left, bottom, right, top
    return 0.0, 0.0, 0.0, 0.0
