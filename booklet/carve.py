"""What is left of a part once it is written? Bytes with gaps, that can be joined with those of others.

WeasyPrint writes a part as a PDF of its own. Of that PDF all is kept that belongs to the part: pages,
contents, drawings, links and tags, as bytes; what depends on the other parts is a gap in them: the
numbers of objects (ISO 32000-1, 7.3.10), the keys of the parent tree (14.7.4.4) and what a link into
another part is called (12.5.2).
"""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pydyf

from .codes import Used, recoded
from .pdffile import LEVEL, real
from .prose import readable

#: The id of the place of a clinic's details, and the title of its tag (ISO 32000-1, 14.7.2, T).
PANEL = "_panel"

#: What streams call by names of their part's own (ISO 32000-1, 7.8.3).
RESOURCES = ("ExtGState", "XObject", "Pattern", "Shading")

#: What the names of a panel's resources begin with, so that they are none of its page's.
OWN = "Own"

#: Where a stream calls a resource (ISO 32000-1, 8.4.5, 8.6.8, 8.8, 8.7.4.2 and 9.3.1).
_CALL = re.compile(rb"/([^\s/]+)(?= (?:gs|Do|sh|scn|SCN|\S+ Tf)(?=\s|$))")
_MARK = re.compile(rb"/MCID (\d+)")

#: A string, whose content is no reference; a reference to an object; a gap that was marked beforehand.
_GAP = re.compile(rb"\((?:[^\\()]|\\.)*\)|(\d+) 0 R\b|\0(\w+) ?([^\0]*)\0", re.DOTALL)


class Ref(NamedTuple):
    """The number of another object of the part."""

    at: int


class Shared(NamedTuple):
    """The number of an object that all parts have in common, by its name."""

    name: str


class PageKey(NamedTuple):
    """The key of a page in the parent tree: the page's index in the file; here that in the part."""

    at: int


class LinkKey(NamedTuple):
    """The key of a link in the parent tree, by the link's index in the part."""

    at: int


class Called(NamedTuple):
    """What the target of a link is called, as a string; here its id."""

    target: str


class MarkKey(NamedTuple):
    """The id of a marked content of a panel (14.7.4.2): those of its page stand before it."""

    at: int


class Area(NamedTuple):
    """The sides of a box of a panel, in points, before the panel is in its place."""

    left: float
    bottom: float
    right: float
    top: float


Gap = Ref | Shared | PageKey | LinkKey | Called | MarkKey | Area
Pieces = tuple[bytes | Gap, ...]


@dataclass(slots=True)
class Content:
    """What a stream holds: `plain` where glyphs are shown in it, whose codes the other parts may change."""

    packed: bytes
    plain: bytes = b""
    _recoded: dict[tuple[tuple[str, tuple[tuple[int, int], ...]], ...], bytes] = field(default_factory=dict)
    _moved: dict[tuple[float, float, int], bytes] = field(default_factory=dict)

    def with_codes(self, codes: Mapping[str, Mapping[int, int]]) -> bytes:
        """The stream, packed, with other codes: for each font the codes that change."""
        if not self.plain or not codes:
            return self.packed
        key = tuple((font, tuple(sorted(changes.items()))) for font, changes in sorted(codes.items()))
        if key not in self._recoded:
            self._recoded[key] = zlib.compress(recoded(self.plain, codes), LEVEL)
        return self._recoded[key]

    def moved(self, right: float, up: float, marks: int) -> bytes:
        """The stream of a panel, packed: so far right and up (points), its marks behind so many others."""
        key = right, up, marks
        if key not in self._moved:
            own = _CALL.sub(rb"/%s\1" % OWN.encode(), self.plain)
            own = _MARK.sub(lambda mark: b"/MCID %d" % (int(mark[1]) + marks), own)
            place = b"q 1 0 0 1 %s %s cm\n" % (real(right), real(up))
            self._moved[key] = zlib.compress(place + own + b"\nQ", LEVEL)
        return self._moved[key]


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of a part; where it is a stream, `pieces` are its dictionary without an end."""

    pieces: Pieces
    content: Content | None = None
    image: bool = False
    """Is it a picture made of pixels, which other parts may have too?"""


class Mark(NamedTuple):
    """A bookmark of a page: its level (CSS), its title and the place it leads to, in points."""

    page: int
    level: int
    title: str
    x: float
    y: float


class Anchor(NamedTuple):
    """What links may lead to: the place of an id, in points."""

    name: str
    page: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of a part: its dictionary without an end, and without contents, resources and links."""

    rest: Pieces
    content: int
    links: tuple[int, ...]
    marks: int
    """How many marked contents it has."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a clinic's details: its tag without an end, and without kids and box."""

    page: int
    tag: int
    rest: Pieces
    kids: tuple[int, ...]
    box: Area
    above: tuple[int, ...]
    """The tag, and those that it stands in."""


@dataclass(frozen=True, slots=True)
class Shell:
    """What a file says of the whole: taken from its first part."""

    info: bytes
    """The document information, without its end (ISO 32000-1, 14.3.3)."""
    xmp: bytes
    language: bytes
    colours: Pieces
    """The colour spaces, by their names in streams (ISO 32000-1, 8.6.3)."""
    profile: bytes
    """The ICC profile of the colours, packed, with the number of its components."""
    components: int


@dataclass(frozen=True, slots=True)
class Carved:
    """A part as bytes. Objects are called by their index; pages count from 0."""

    things: tuple[Thing, ...]
    pages: tuple[int, ...]
    """The objects of its pages."""
    leaves: tuple[Leaf, ...]
    drawing: int
    """The object of their resources."""
    resources: Mapping[str, Pieces]
    """What its pages draw with, by kinds and without ends (ISO 32000-1, 7.8.3)."""
    places: tuple[Place, ...]
    tops: tuple[int, ...]
    """The tags that hang right below the document's, in reading order."""
    parents: tuple[tuple[int, ...], ...]
    """For each page the tags of its marked contents, by their ids (ISO 32000-1, 14.7.4.4)."""
    links: tuple[int, ...]
    """The tag of each link."""
    targets: tuple[str, ...]
    """The ids that links lead to."""
    anchors: tuple[Anchor, ...]
    marks: tuple[Mark, ...]
    fonts: tuple[Used, ...]
    shell: Shell


class Told(NamedTuple):
    """What is known of a part that its PDF does not tell."""

    fonts: tuple[Used, ...]
    anchors: tuple[Anchor, ...]
    marks: tuple[Mark, ...]


def carve(pdf: pydyf.PDF, told: Told, name: str, *, movable: bool = False) -> Carved:
    """A part, of the PDF that WeasyPrint has made of it alone.

    `name` tells its tables from those of other parts; `movable` is what can stand anywhere on a page.
    """
    _gather_items(pdf)
    _scope_headers(pdf)
    _name_tables(pdf, name)
    part = _Part(pdf)
    annotations = [object_of(pdf, link) for page in part.pages for link in page.get("Annots", ())]
    links = tuple(part.at(part.parents[link["StructParent"]]) for link in annotations)
    targets = tuple(dict.fromkeys(link["Dest"].string for link in annotations if "Dest" in link))
    _open_gaps(part.pages, annotations)
    places = [tag for tag in part.kept if isinstance(tag, pydyf.Dictionary) and _title(tag) == PANEL]
    boxes = [Area(*tag["A"]["BBox"]) for tag in places]
    if movable:
        _loosen(part.kept, part.resources)
    return Carved(
        things=tuple(_thing(one, part.pieces) for one in part.kept),
        pages=tuple(part.index[page.number] for page in part.pages),
        leaves=tuple(part.leaf(page, at) for at, page in enumerate(part.pages)),
        drawing=part.index[part.resources.number],
        resources={kind: part.pieces(part.resources[kind].data[2:-2]) for kind in RESOURCES},
        places=tuple(part.place(tag, box) for tag, box in zip(places, boxes, strict=True)),
        tops=tuple(map(part.at, part.document["K"])),
        parents=tuple(tuple(map(part.at, part.parents[at])) for at in range(len(part.pages))),
        links=links,
        targets=targets,
        anchors=told.anchors,
        marks=told.marks,
        fonts=told.fonts,
        shell=_shell(pdf, part.metadata, part.profile, part.pieces(part.colours.data)),
    )


class _Part:
    """The PDF of a part, and which of its objects are its own."""

    def __init__(self, pdf: pydyf.PDF) -> None:
        self.pdf = pdf
        root = object_of(pdf, pdf.catalog["StructTreeRoot"])
        self.document, tree = object_of(pdf, root["K"][0]), object_of(pdf, root["ParentTree"])
        self.parents = dict(zip(tree["Nums"][::2], tree["Nums"][1::2], strict=True))
        """The parent tree (ISO 32000-1, 14.7.4.4)."""
        self.pages = [pdf.objects[number] for number in pdf.pages["Kids"][::3]]
        self.resources = object_of(pdf, self.pages[0]["Resources"])
        self.colours = object_of(pdf, self.resources["ColorSpace"])
        self.profile = object_of(pdf, self.colours["srgb"][1])
        self.metadata = object_of(pdf, pdf.catalog["Metadata"])
        self._shared = {
            pdf.pages.number: "pages",
            self.document.number: "document",
            self.colours.number: "colours",
            self.profile.number: "profile",
            _number(self.resources["Font"]): "fonts",
        }
        gone = {id(one) for one in (pdf.catalog, root, tree, self.metadata)}
        self.kept = [one for one in pdf.objects[1:] if one.number not in self._shared and id(one) not in gone]
        self.index = {one.number: at for at, one in enumerate(self.kept)}

    def at(self, reference: bytes) -> int:
        """The index of the object behind a reference."""
        return self.index[_number(reference)]

    def pieces(self, data: bytes) -> Pieces:
        """Bytes with gaps for what depends on other parts."""
        return tuple(_pieces(data, self.index, self._shared))

    def _without(self, one: Any, *keys: str) -> Pieces:
        rest = {key: value for key, value in one.items() if key not in keys}
        return self.pieces(pydyf.Dictionary(rest).data[:-2])

    def leaf(self, page: Any, at: int) -> Leaf:
        """A page, of which `at` is the index."""
        rest = self._without(page, "Contents", "Resources", "Annots")
        links = tuple(map(self.at, page.get("Annots", ())))
        return Leaf(rest, self.at(page["Contents"]), links, len(self.parents[at]))

    def place(self, tag: Any, box: Area) -> Place:
        """The place of a clinic's details."""
        page = next(at for at, page in enumerate(self.pages) if page.reference == tag["Pg"])
        kids = tuple(map(self.at, tag["K"]))
        above = tuple(self.index[one.number] for one in _upwards(self.pdf, tag))
        return Place(page, self.index[tag.number], self._without(tag, "K", "A"), kids, box, above)


def _open_gaps(pages: Sequence[Any], annotations: Sequence[Any]) -> None:
    """Make gaps of what depends on the pages and links of other parts."""
    for at, page in enumerate(pages):
        page["StructParents"] = b"\0page %d\0" % at
    for at, link in enumerate(annotations):
        link["StructParent"] = b"\0link %d\0" % at
        link["Contents"] = _said(link)


def _upwards(pdf: pydyf.PDF, tag: Any) -> Iterator[Any]:
    """A tag, and those that it stands in."""
    while tag.get("S") != "/Document":
        yield tag
        tag = object_of(pdf, tag["P"])


def _title(tag: Any) -> str:
    """The title of a tag (ISO 32000-1, 14.7.2)."""
    return tag["T"].string if tag.get("Type") == "/StructElem" and "T" in tag else ""


def _loosen(things: Sequence[Any], resources: Any) -> None:
    """Make gaps of all that changes where a panel is put into a page; its names become its own."""
    for kind in RESOURCES:
        resources[kind] = pydyf.Dictionary({f"{OWN}{name}": used for name, used in resources[kind].items()})
    for one in things:
        if not isinstance(one, dict):
            continue
        if one.get("Type") == "/StructElem":
            one["K"] = pydyf.Array(b"\0mark %d\0" % kid if isinstance(kid, int) else kid for kid in one["K"])
        for holder, key in ((one, "Rect"), (one.get("A"), "BBox")):
            if isinstance(holder, dict) and key in holder:
                sides = b",".join(b"%r" % side for side in map(float, holder[key]))
                holder[key] = b"\0area %s\0" % sides


def object_of(pdf: pydyf.PDF, reference: bytes) -> Any:
    """The object behind a reference such as b"12 0 R"."""
    return pdf.objects[_number(reference)]


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


def _said(link: Any) -> Any:
    """In words where a link leads (ISO 14289-1, 7.18.5)."""
    if "Dest" in link:
        return b"\0called %s\0" % link["Dest"].string.encode()
    return pydyf.String(readable(link["A"]["URI"].string))


def _thing(one: Any, pieces: Callable[[bytes], Pieces]) -> Thing:
    if not isinstance(one, pydyf.Stream):
        return Thing(pieces(one.data))
    plain = b"\n".join(map(pydyf._to_bytes, one.stream))
    extra = pydyf.Dictionary({**one.extra, "Filter": "/FlateDecode"} if one.compress else one.extra)
    packed = zlib.compress(plain, LEVEL) if one.compress else plain
    shows = b"] TJ" in plain and one.extra.get("Subtype") != "/Image"
    content = Content(packed, plain if shows else b"")
    return Thing(pieces(extra.data[:-2]), content, one.extra.get("Subtype") == "/Image")


#: What gaps are marked with beforehand.
_KINDS: dict[bytes, Callable[[bytes], Gap]] = {
    b"called": lambda said: Called(said.decode()),
    b"page": lambda said: PageKey(int(said)),
    b"link": lambda said: LinkKey(int(said)),
    b"mark": lambda said: MarkKey(int(said)),
    b"area": lambda said: Area(*map(float, said.split(b","))),
}


def _pieces(data: bytes, index: Mapping[int, int], shared: Mapping[int, str]) -> Iterator[bytes | Gap]:
    at = 0
    for found in _GAP.finditer(data):
        number, kind, said = found.groups()
        if number is None and kind is None:
            continue
        yield data[at : found.start()]
        at = found.end()
        if number is not None:
            yield Shared(shared[int(number)]) if int(number) in shared else Ref(index[int(number)])
        else:
            yield _KINDS[kind](said)
    yield data[at:]


def _shell(pdf: pydyf.PDF, metadata: Any, profile: Any, colours: Pieces) -> Shell:
    xmp = b"\n".join(metadata.stream)
    packed = zlib.compress(b"".join(profile.stream), LEVEL)
    return Shell(pdf.info.data[:-2], xmp, pdf.catalog["Lang"].data, colours, packed, profile.extra["N"])


def _scope_headers(pdf: pydyf.PDF) -> None:
    """Say of each header cell whether it heads its row or its column (ISO 14289-1, 7.5)."""
    for cell in pdf.objects:
        if isinstance(cell, dict) and cell.get("S") == "/TH":
            row = object_of(pdf, cell["P"])
            kinds = {object_of(pdf, kid)["S"] for kid in row["K"] if isinstance(kid, bytes)}
            cell["A"]["Scope"] = "/Row" if "/TD" in kinds else "/Column"


def _name_tables(pdf: pydyf.PDF, name: str) -> None:
    """Give header cells ids that no other part has (ISO 32000-1, 14.8.5.7, Headers).

    WeasyPrint calls them by the number of their table's object.
    """
    tables = dict[str, str]()

    def renamed(key: Any) -> Any:
        table, _, cell = key.string.partition("-")
        return pydyf.String(f"{name}-{tables.setdefault(table, str(len(tables)))}-{cell}")

    for cell in pdf.objects:
        if isinstance(cell, dict) and cell.get("S") in ("/TH", "/TD"):
            if "ID" in cell:
                cell["ID"] = renamed(cell["ID"])
            if "Headers" in cell["A"]:
                cell["A"]["Headers"] = pydyf.Array(map(renamed, cell["A"]["Headers"]))


def _gather_items(pdf: pydyf.PDF) -> None:
    """Put all of a list item behind its label into one LBody (ISO 32000-1, 14.8.4.3.3).

    WeasyPrint tags only an item's first lines so, and leaves what else it holds beside them.
    """
    for item in [one for one in pdf.objects if isinstance(one, pydyf.Dictionary) and one.get("S") == "/LI"]:
        kids = [(kid, object_of(pdf, kid)) for kid in item["K"]]
        labels = [kid for kid, part in kids if part["S"] == "/Lbl"]
        parts = [(kid, part) for kid, part in kids if part["S"] != "/Lbl"]
        if [part["S"] for _, part in parts] in ([], ["/LBody"]):
            continue
        body = pydyf.Dictionary({"Type": "/StructElem", "S": "/LBody", "Pg": item["Pg"], "P": item.reference})
        pdf.add_object(body)
        for _, part in parts:
            part["S"] = "/NonStruct" if part["S"] == "/LBody" else part["S"]
            part["P"] = body.reference
        body["K"] = pydyf.Array(kid for kid, _ in parts)
        item["K"] = pydyf.Array([*labels, body.reference])
