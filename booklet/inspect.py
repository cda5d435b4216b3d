"""What does a finished PDF say? Facts read back from the file alone, whoever made it.

pdfium reads the text of each tag, because it does so thirty times faster than pypdf; pypdf reads
the catalogue, and page-validation judges the two standards.
"""

import ctypes
import io
import logging
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from traceback import walk_tb
from typing import Any

import numpy as np
import page as validation
import pypdfium2 as pdfium
from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import Destination, StreamObject

from .faces import drawings, texts_of_codes, unread
from .figures import Drawing, read_drawings, read_rules, read_specks
from .ink import Ink, read_ink
from .letters import Letters, joined, read_letters
from .problem import Box, Outcome, Problem, UnreadableError
from .tags import Cell, Panel, Passage, Picture, Spoken, read_tags

MAX_BYTES = 200_000_000
MAX_PAGES = 1_000
#: In points: the most that other programs can show (ISO 32000-1, annex C).
MAX_SIDE = 14_400
#: In points: sides that differ by no more than this are one.
SAME_SIDE = 0.5
MAX_BOOKMARKS = 5_000
MAX_STREAM = 20_000_000
MAX_UNPACKED = 400_000_000
MAX_DEPTH = 100

#: What only the machine knows that made the file: its folders, and the press's own inner address.
_LEAK = re.compile(
    rb"file:/[^\s<>()\"']*|(?:/home|/Users|/root|/tmp|/var/folders|/builds?)/[\w./ -]{2,}"
    rb"|[A-Za-z]:\\\\?Users\\[\w\\.-]+|book\.invalid[\w./-]*"
)

#: The name of what a stream of a page or form draws (ISO 32000-1, 8.8).
_DRAWN = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do\b")

_STREAM = re.compile(rb"stream\r?\n")

_raw = pdfium.raw


@dataclass(frozen=True, slots=True)
class Image:
    """A picture made of pixels, and how many of them are printed on an inch, at the least."""

    page: int
    dots_per_inch: float
    box: Box
    pixels: tuple[int, int]
    """Its width and height."""
    tag: int = -1
    """The id of its marked content."""


@dataclass(frozen=True, slots=True)
class Link:
    """A live link: to an outside address, or to a page of this file (0 where there is none)."""

    page: int
    address: str = ""
    to_page: int = 0
    name: str = ""
    box: Box = (0.0, 0.0, 0.0, 0.0)
    to_top: float | None = None
    """How far from the top of its page it lands, in points."""
    tagged: bool = True
    """Does a Link tag hold it (ISO 32000-1, 14.8.4.4.2)?"""
    said: str = ""
    """Its description (ISO 32000-1, 12.5.2, Contents)."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the outline; level counts from 1."""

    level: int
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Font:
    """A font that the pages use; `drawings` are the outlines that it has for each text."""

    name: str
    embedded: bool
    drawings: Mapping[str, frozenset[str]]
    subset: str = ""
    """Its whole name in the file, with the prefix that tells its subsets apart."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the checks ask of a PDF. Lists by page begin with page 1."""

    pages: int
    passages: tuple[Passage, ...]
    sizes: tuple[tuple[float, float], ...]
    """Width and height of each page in points, before it is turned."""
    turned: tuple[int, ...]
    """The pages that are shown turned."""
    resized: tuple[tuple[int, str], ...]
    """What cuts or scales a page, by its name in the file: a box that is not the MediaBox, or UserUnit."""
    letters: Letters
    passed_over: tuple[tuple[int, Box], ...]
    """The page and the place of text that is drawn again on the same text, and so has no letters."""
    furniture: tuple[Passage, ...]
    """What no tag holds: headers, folios, the code; one passage for each marked content."""
    pictures: tuple[Picture, ...]
    images: tuple[Image, ...]
    ink: tuple[Ink, ...]
    """What each page takes."""
    rules: tuple[tuple[Box, ...], ...]
    """The level lines of each page that no tag holds."""
    specks: tuple[tuple[Box, ...], ...]
    """The small things on each page that are neither text nor in a picture."""
    cells: tuple[Cell, ...]
    spoken: tuple[Spoken, ...]
    """The tags and marked contents that say more to a screen reader than their words, or less."""
    links: tuple[Link, ...]
    notes: tuple[tuple[int, str, Box], ...]
    """The page, the kind and the place of each annotation that is no link."""
    actions: tuple[tuple[int, str], ...]
    """What happens besides the links, by its name in the file, and its page; 0 where it has none."""
    panels: tuple[Panel, ...]
    """The place of a clinic's own details; on each of its pages, where it has more than one."""
    linked: tuple[tuple[int, ...], ...]
    """The words of each Link tag, by their indices among the letters."""
    bookmarks: tuple[Bookmark, ...]
    labels: tuple[str, ...]
    fonts: tuple[Font, ...]
    metadata: Mapping[str, str]
    """The document information, by its keys, and what the XMP says of it, by names such as dc:title."""
    language: str
    failures: Mapping[str, tuple[str, ...]]
    """For each standard (PDF/UA-1, PDF/A-2a) the rules that it fails."""
    leaks: tuple[str, ...]
    """Folders and files of the machine that made it, wherever they stand in the file."""


def inspect_pdf(data: bytes) -> Outcome[Facts]:
    """The facts of a PDF, or why it cannot be read."""
    for name in ("pypdf", "fontTools"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return Outcome(_read(data))
    except (UnreadableError, PyPdfError, pdfium.PdfiumError, validation.PageError) as error:
        why = (str(error) or type(error).__name__).split("\n")[0][:100]
    except RecursionError:
        why = "it is nested too deeply"
    except MemoryError:
        why = "it needs too much memory"
    except Exception as error:
        # A broken file can break a parser anywhere, but a fault of our own must not pass for one.
        why = f"it is damaged, or a fault of the program ({_place(error)})"
    hint = "build the booklet again, or name another file; if others can read it, pass this message on"
    return Outcome(None, (Problem("pdf-unreadable", f"The PDF cannot be read: {why}", hint=hint),))


def _place(error: Exception) -> str:
    """The type of an error, where it was raised, and where we asked for that: by modules, not by folders."""
    frames = [(frame.f_globals.get("__name__", ""), line) for frame, line in walk_tb(error.__traceback__)]
    own = [f"{name}:{line}" for name, line in frames if name.startswith(f"{__package__}.")]
    raised = "{}:{}".format(*frames[-1])
    return f"{type(error).__name__} in {raised}" + ("" if raised in own else f" for {own[-1]}")


def _read(data: bytes) -> Facts:
    fault = _fault_at_sight(data)
    if fault:
        raise UnreadableError(fault)
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        raise UnreadableError("it is encrypted")
    if len(reader.pages) > MAX_PAGES:
        raise UnreadableError(f"it has more than {MAX_PAGES} pages")
    if _forms_in_a_ring(reader):
        raise UnreadableError("it has a form that draws itself")
    return _facts(data, reader)


def _fault_at_sight(data: bytes) -> str:
    """What is wrong with a file that no parser need look at."""
    if len(data) > MAX_BYTES:
        return f"it is larger than {MAX_BYTES // 1_000_000} MB"
    if b"%PDF-" not in data[:1024]:
        return "it is no PDF" if data else "it is empty"
    return "" if b"%%EOF" in data[-1024:] else "its end is missing"


def _forms_in_a_ring(reader: PdfReader) -> bool:
    """Does a form draw itself? It would cost pdfium all memory, and the process with it."""
    done: set[int] = set()
    return any(
        _draws_itself(form, _resolved(page.get("/Resources")), [], done)
        for page in reader.pages
        for form in _forms(page.get("/Resources")).values()
    )


def _draws_itself(form: StreamObject, around: Mapping[str, Any], above: list[int], done: set[int]) -> bool:
    """Does a form draw itself, or one of those `above` that draw it? Those in `done` do not."""
    if id(form) in above:
        return True
    if id(form) in done:
        return False
    if len(above) > MAX_DEPTH:
        raise RecursionError
    resources = _resolved(form.get("/Resources")) or around
    inner = _forms(resources)
    names = {f"/{name.decode('latin-1')}" for name in _DRAWN.findall(form.get_data())} if inner else set()
    found = any(
        _draws_itself(inner[name], resources, [*above, id(form)], done) for name in names & inner.keys()
    )
    done.add(id(form))
    return found


def _forms(resources: Any) -> dict[str, StreamObject]:
    """The forms of some resources, by their names."""
    drawings = _resolved(_resolved(resources).get("/XObject"))
    found = {name: _resolved(drawing) for name, drawing in drawings.items()}
    return {
        name: drawing
        for name, drawing in found.items()
        if isinstance(drawing, StreamObject) and drawing.get("/Subtype") == "/Form"
    }


def _facts(data: bytes, reader: PdfReader) -> Facts:
    # Each reader goes before those that would take what it refuses for a reason to eat all memory.
    fonts = tuple(_fonts(reader))
    bookmarks = tuple(islice(_bookmarks(reader, reader.outline, 1), MAX_BOOKMARKS + 1))
    if len(bookmarks) > MAX_BOOKMARKS:
        raise UnreadableError(f"it has more than {MAX_BOOKMARKS} bookmarks")
    failures = {
        "PDF/UA-1": tuple(_failures(data, validation.ValidationProfile.PDF_UA_1)),
        "PDF/A-2a": tuple(_failures(data, validation.ValidationProfile.PDF_A_2A)),
    }
    read = _read_pages(data)
    letters = joined(read.letters)
    info: Mapping[str, Any] = reader.metadata or {}
    return Facts(
        pages=len(read.sizes),
        sizes=tuple(read.sizes),
        turned=tuple(read.turned),
        resized=tuple(_resized(reader)),
        letters=letters,
        passed_over=tuple(read.passed_over),
        passages=tuple(read.passages),
        furniture=tuple(read.furniture),
        pictures=tuple(read.pictures),
        images=tuple(read.images),
        ink=tuple(read.ink),
        rules=tuple(read.rules),
        specks=tuple(read.specks),
        cells=tuple(read.cells),
        spoken=(*read.spoken, *_silenced(reader, letters)),
        links=tuple(_links(reader)),
        notes=tuple(_notes(reader)),
        actions=tuple(_actions(reader)),
        linked=tuple(read.linked),
        panels=tuple(read.panels),
        bookmarks=bookmarks,
        labels=tuple(reader.page_labels),
        fonts=fonts,
        metadata={str(key).removeprefix("/"): str(value) for key, value in info.items()} | _xmp(reader),
        language=str(reader.root_object.get("/Lang", "")),
        failures=failures,
        leaks=tuple(dict.fromkeys(_leaks(data))),
    )


@dataclass(slots=True)
class _Pages:
    """What the pages hold, as they are read one after the other."""

    sizes: list[tuple[float, float]] = field(default_factory=list)
    turned: list[int] = field(default_factory=list)
    letters: list[Letters] = field(default_factory=list)
    passed_over: list[tuple[int, Box]] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    furniture: list[Passage] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    ink: list[Ink] = field(default_factory=list)
    rules: list[tuple[Box, ...]] = field(default_factory=list)
    specks: list[tuple[Box, ...]] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    spoken: list[Spoken] = field(default_factory=list)
    linked: list[tuple[int, ...]] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)


def _read_pages(data: bytes) -> _Pages:
    read, first = _Pages(), 0
    document = pdfium.PdfDocument(data)
    try:
        for number, page in enumerate(document, 1):
            if page.get_rotation():
                read.turned.append(number)
                page.set_rotation(0)
            read.sizes.append(page.get_size())
            if not 0 < min(read.sizes[-1]) <= max(read.sizes[-1]) <= MAX_SIDE:
                raise UnreadableError(f"page {number} is not between 0 and {MAX_SIDE} points wide and high")
            read.ink.append(read_ink(page))
            read.images += _images(page, number)
            read.rules.append(tuple(read_rules(page)))
            letters, passed_over = read_letters(page, number)
            read.passed_over += ((number, box) for box in passed_over)
            tags = read_tags(page, number, letters, first)
            first += len(letters)
            read.letters.append(letters)
            read.passages += tags.passages
            pictures = [picture.tags for picture in tags.pictures]
            read.specks.append(tuple(read_specks(page, pictures)))
            drawn = read_drawings(page, pictures, closely=number == len(document))
            read.pictures += map(_drawn, tags.pictures, drawn)
            read.cells += tags.cells
            read.spoken += tags.spoken
            read.linked += tags.linked
            read.panels += (_seen_from_top(panel, page) for panel in tags.panels)
            read.furniture += tags.left_over()
            page.close()
    finally:
        document.close()
    return read


def _drawn(picture: Picture, drawing: Drawing) -> Picture:
    return replace(picture, drawing=drawing)


def _seen_from_top(panel: Panel, page: pdfium.PdfPage) -> Panel:
    """The panel, its box from the page's top left corner."""
    x0, _, _, y1 = page.get_bbox()
    left, bottom, right, top = panel.box
    return replace(panel, box=(left - x0, y1 - top, right - x0, y1 - bottom))


def _images(page: pdfium.PdfPage, number: int) -> Iterator[Image]:
    """Every picture of the page, those in forms included."""
    left, _, _, top = page.get_bbox()
    drawn = (_raw.FPDFPage_GetObject(page.raw, i) for i in range(_raw.FPDFPage_CountObjects(page.raw)))
    for pixels, matrix, tag in _images_of(drawn, pdfium.PdfMatrix(), -1, 0):
        xs, ys = zip(*(matrix.on_point(x, y) for x in (0, 1) for y in (0, 1)), strict=True)
        across, down = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
        dots = 72 * min(pixels[0] / max(across, 1e-6), pixels[1] / max(down, 1e-6))
        box = min(xs) - left, top - max(ys), max(xs) - left, top - min(ys)
        yield Image(number, dots, box, pixels, tag)


def _images_of(
    objects: Iterable[Any], outer: pdfium.PdfMatrix, tag: int, depth: int
) -> Iterator[tuple[tuple[int, int], pdfium.PdfMatrix, int]]:
    """For each picture its pixels, the matrix that brings it onto the page, and its marked content."""
    if depth > MAX_DEPTH:
        raise RecursionError
    for one in objects:
        kind, own = _raw.FPDFPageObj_GetType(one), _raw.FS_MATRIX()
        if kind not in (_raw.FPDF_PAGEOBJ_IMAGE, _raw.FPDF_PAGEOBJ_FORM):
            continue
        _raw.FPDFPageObj_GetMatrix(one, own)
        marked = _raw.FPDFPageObj_GetMarkedContentID(one)
        inside = marked if marked >= 0 else tag
        matrix = pdfium.PdfMatrix.from_raw(own).multiply(outer)
        if kind == _raw.FPDF_PAGEOBJ_FORM:
            inner = (_raw.FPDFFormObj_GetObject(one, i) for i in range(_raw.FPDFFormObj_CountObjects(one)))
            yield from _images_of(inner, matrix, inside, depth + 1)
            continue
        wide, high = ctypes.c_uint(), ctypes.c_uint()
        _raw.FPDFImageObj_GetImagePixelSize(one, wide, high)
        yield (wide.value, high.value), matrix, inside


def _leaks(data: bytes) -> Iterator[str]:
    """What the file tells of the machine that made it, in the open or in packed streams."""
    for stretch in _stretches(data):
        # A string may have letters as numbers (ISO 32000-1, 7.3.4.2), and each after a zero (UTF-16).
        plain = re.sub(rb"\\([0-3][0-7]{2})", lambda m: bytes([int(m[1], 8)]), stretch).translate(None, b"\0")
        yield from (match[0].decode("latin-1")[:100] for match in _LEAK.finditer(plain))


def _stretches(data: bytes) -> Iterator[bytes]:
    at, total = 0, 0
    # No single pattern for both ends: where the second is missing, it would look for it again and again.
    while (start := _STREAM.search(data, at)) and (end := data.find(b"endstream", start.end())) >= 0:
        yield data[at : start.start()]
        packed, at = data[start.end() : end], end + len(b"endstream")
        try:
            unpacked = zlib.decompressobj().decompress(packed, MAX_STREAM)
        except zlib.error:
            unpacked = packed
        total += len(unpacked)
        if total > MAX_UNPACKED:
            raise UnreadableError(f"its streams hold more than {MAX_UNPACKED // 1_000_000} MB")
        yield unpacked
    yield data[at:]


def _xmp(reader: PdfReader) -> dict[str, str]:
    """What the XMP says (ISO 16684-1); nothing where it cannot be read."""
    try:
        xmp = reader.xmp_metadata
        if xmp is None:
            return {}
        days = {"xmp:CreateDate": xmp.xmp_create_date, "xmp:ModifyDate": xmp.xmp_modify_date}
        said = {
            "dc:title": (xmp.dc_title or {}).values(),
            "dc:creator": xmp.dc_creator or (),
            "dc:description": (xmp.dc_description or {}).values(),
        }
    except (PyPdfError, ValueError):
        return {}
    texts = {name: "; ".join(map(str, values)) for name, values in said.items()}
    return texts | {name: f"{day:%Y-%m-%d}" if day else "" for name, day in days.items()}


def _resized(reader: PdfReader) -> Iterator[tuple[int, str]]:
    """The page and the name of each box that is not the page's MediaBox, and of units other than a point."""
    for number, page in enumerate(reader.pages, 1):
        whole = _rectangle(page.mediabox)
        for name in ("/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"):
            box = _rectangle(page.get(name, page.mediabox))
            if max(abs(side - other) for side, other in zip(box, whole, strict=True)) > SAME_SIDE:
                yield number, name.removeprefix("/")
        if "/UserUnit" in page and _number(page["/UserUnit"]) != 1:
            yield number, "UserUnit"


def _numbers(reader: PdfReader) -> dict[int, int]:
    """The number of each page by that of its object in the file."""
    pages = enumerate(reader.pages, 1)
    return {page.indirect_reference.idnum: number for number, page in pages if page.indirect_reference}


def _links(reader: PdfReader) -> Iterator[Link]:
    pages, names, tags = _numbers(reader), reader.named_destinations, dict(_tags_of_objects(reader))
    for number, page in enumerate(reader.pages, 1):
        for reference in _listed(page.get("/Annots")):
            annotation = _resolved(reference)
            if annotation.get("/Subtype") != "/Link":
                continue
            box = _placed(annotation, page)
            action = _resolved(annotation.get("/A"))
            target = annotation.get("/Dest", action.get("/D"))
            tagged = _holds(tags.get(annotation.get("/StructParent", -1)), reference)
            said = str(annotation.get("/Contents", ""))
            if target is None:
                address = str(action.get("/URI", action.get("/S", "")))
                yield Link(number, address=address, box=box, tagged=tagged, said=said)
            else:
                to_page, to_top = _landing(target, names, pages, reader)
                yield Link(number, "", to_page, str(target), box, to_top, tagged, said)


def _notes(reader: PdfReader) -> Iterator[tuple[int, str, Box]]:
    """The page, the kind and the place of all that lies on a page and is no link.

    A signature's field without a size is none of it: nothing of it can be seen (ISO 32000-1, 12.7.4.5).
    """
    for number, page in enumerate(reader.pages, 1):
        for annotation in map(_resolved, _listed(page.get("/Annots"))):
            kind = str(annotation.get("/Subtype", "")).removeprefix("/")
            left, bottom, right, top = _rectangle(annotation.get("/Rect"))
            unseen = annotation.get("/FT") == "/Sig" and (left, bottom) == (right, top)
            if kind != "Link" and not (kind == "Widget" and unseen):
                yield number, kind, _placed(annotation, page)


def _placed(annotation: Mapping[str, Any], page: PageObject) -> Box:
    """Where an annotation lies, from the page's top left corner."""
    left, top = float(page.cropbox.left), float(page.cropbox.top)
    x0, y0, x1, y1 = _rectangle(annotation.get("/Rect"))
    return min(x0, x1) - left, top - max(y0, y1), max(x0, x1) - left, top - min(y0, y1)


def _actions(reader: PdfReader) -> Iterator[tuple[int, str]]:
    """What the file does besides following its links (ISO 32000-1, 12.6), with its page."""
    root = reader.root_object
    if _resolved(root.get("/OpenAction")):
        yield 0, "/OpenAction"
    if "/JavaScript" in _resolved(root.get("/Names")):
        yield 0, "/JavaScript"
    for page, holder in _holders_of_actions(reader):
        action = _resolved(holder.get("/A"))
        if "/AA" in holder:
            yield page, "/AA"
        if action and not _plain(action, holder):
            yield page, "/Next" if "/Next" in action else str(action.get("/S", ""))


def _holders_of_actions(reader: PdfReader) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The catalogue, the bookmarks, the pages and what lies on them, each with its page."""
    yield 0, reader.root_object
    seen: set[int] = set()
    waiting = [_resolved(reader.root_object.get("/Outlines")).get("/First")]
    while waiting:
        item = _resolved(waiting.pop())
        if item and id(item) not in seen:
            seen.add(id(item))
            waiting += [item.get("/First"), item.get("/Next")]
            yield 0, item
    for number, page in enumerate(reader.pages, 1):
        yield number, page
        for annotation in _listed(page.get("/Annots")):
            yield number, _resolved(annotation)


def _plain(action: Mapping[str, Any], holder: Mapping[str, Any]) -> bool:
    """Does it open an address or go to a place, and no more? The kind of a link is told by its address."""
    kind = action.get("/S")
    return (
        "/Next" not in action
        and "/Dest" not in holder
        and (kind == "/URI") == ("/URI" in action)
        and (kind == "/GoTo") == ("/D" in action)
        and (kind in ("/URI", "/GoTo") or holder.get("/Subtype") == "/Link")
    )


def _tags_of_objects(reader: PdfReader) -> Iterator[tuple[int, Any]]:
    """By its number, what the parent tree says that holds an object (ISO 32000-1, 14.7.4.4)."""
    seen: set[int] = set()
    waiting = [_resolved(reader.root_object.get("/StructTreeRoot")).get("/ParentTree")]
    while waiting:
        node = _resolved(waiting.pop())
        if id(node) not in seen:
            seen.add(id(node))
            waiting += _listed(node.get("/Kids"))
            numbers = _listed(node.get("/Nums"))
            yield from zip(numbers[::2], numbers[1::2], strict=False)


def _silenced(reader: PdfReader, letters: Letters) -> Iterator[Spoken]:
    """The tags whose words an empty text replaces (ISO 32000-1, 14.9.4): pdfium passes over them."""
    numbers = _numbers(reader)
    for tag in _tags_below(reader.root_object.get("/StructTreeRoot")):
        if "/ActualText" in tag and not str(tag["/ActualText"]):
            which: list[int] = []
            for one in _tags_below(tag):
                number = numbers.get(getattr(one.get("/Pg"), "idnum", 0), 0)
                which += np.flatnonzero((letters.page == number) & np.isin(letters.tag, _marks(one))).tolist()
            page = int(letters.page[which[0]]) if which else 0
            yield Spoken(page, str(tag.get("/S", "")), "", "", "", tuple(which))


def _tags_below(top: Any) -> Iterator[Mapping[str, Any]]:
    """A tag and all below it, the references to marked content included."""
    seen: set[int] = set()
    waiting = [top]
    while waiting:
        tag = _resolved(waiting.pop())
        if tag and id(tag) not in seen:
            seen.add(id(tag))
            yield tag
            kids = tag.get("/K")
            waiting += _listed(kids) or [kids]


def _marks(tag: Mapping[str, Any]) -> list[int]:
    """The ids of marked contents that a tag, or a reference to one, names itself."""
    kids = tag.get("/K")
    named = [*(_listed(kids) or [kids]), tag.get("/MCID")]
    return [number for number in named if isinstance(number, int)]


def _holds(tag: Any, reference: Any) -> bool:
    """Is the tag a Link, and does it refer to the annotation?"""
    link = _resolved(tag)
    kids = link.get("/K", ())
    held = (_resolved(kid).get("/Obj") for kid in (kids if isinstance(kids, list) else (kids,)))
    return link.get("/S") == "/Link" and any(one == reference for one in held)


def _landing(
    target: Any, names: Mapping[str, Destination], pages: Mapping[int, int], reader: PdfReader
) -> tuple[int, float | None]:
    """The page that a link leads to, 0 where there is none, and how far from its top."""
    destination: Mapping[str, Any] = names.get(str(target)) or {}
    reference, up = destination.get("/Page"), destination.get("/Top")
    if isinstance(target, list) and target:
        reference, up = target[0], target[3] if len(target) > 3 else None
    page = pages.get(getattr(reference, "idnum", -1), 0)
    if not page or not isinstance(up, int | float):
        return page, None
    return page, float(reader.pages[page - 1].cropbox.top) - float(up)


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
    inner = _resolved(next(iter(_listed(descendants)), None)) if descendants else font
    descriptor = _resolved(inner.get("/FontDescriptor"))
    files = (_resolved(descriptor.get(f"/FontFile{kind}")) for kind in ("2", "3", ""))
    program = next((file for file in files if isinstance(file, StreamObject)), None)
    name = str(font.get("/BaseFont", descriptor.get("/FontName", ""))).removeprefix("/")
    drawn: Mapping[str, frozenset[str]] = {}
    codes = _resolved(font.get("/ToUnicode"))
    if program is not None and isinstance(codes, StreamObject):
        texts = texts_of_codes(codes.get_data())
        drawn = drawings(program.get_data(), texts) if _codes_are_glyphs(font, inner) else unread(texts)
    embedded = program is not None or font.get("/Subtype") == "/Type3"
    return Font(re.sub(r"^[A-Z]{6}\+", "", name), embedded, drawn, name)


def _codes_are_glyphs(font: Mapping[str, Any], inner: Mapping[str, Any]) -> bool:
    """Are a font's codes the numbers of its glyphs, with no map between (ISO 32000-1, 9.7.4 and 9.7.5)?"""
    straight = inner.get("/CIDToGIDMap", "/Identity") == "/Identity"
    return font.get("/Subtype") == "/Type0" and font.get("/Encoding") == "/Identity-H" and straight


def _resolved(value: Any) -> Mapping[str, Any]:
    """The dictionary behind a reference; an empty one where there is none."""
    found = value.get_object() if value is not None else None
    return found if isinstance(found, dict) else {}


def _listed(value: Any) -> list[Any]:
    """The array behind a reference; an empty one where there is none."""
    found = value.get_object() if value is not None else None
    return found if isinstance(found, list) else []


def _rectangle(value: Any) -> Box:
    """Two corners; both are the page's own where they cannot be read."""
    sides = [side for side in map(_number, _listed(value)) if math.isfinite(side)]
    return (sides[0], sides[1], sides[2], sides[3]) if len(sides) == 4 else (0.0, 0.0, 0.0, 0.0)


def _number(value: Any) -> float:
    found = value.get_object()
    return float(found) if isinstance(found, int | float) else math.nan


def _failures(data: bytes, profile: Any) -> Iterator[str]:
    for failure in validation.validate_pdf_bytes(data, profile=profile).failures:
        yield f"{failure.rule_id}: {failure.message}"
