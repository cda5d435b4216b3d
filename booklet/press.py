"""How is an edition made ready for a print shop? As its profile in layouts/print/ says.

The booklet is laid out once more, with bleed; its pages go into the file's pages whole, as forms.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from math import lcm
from pathlib import Path
from typing import Annotated, Any, Literal
from xml.sax.saxutils import escape

from PIL import ImageCms
from pydantic import Field
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from .blocks import Flag, Line, Number, Written
from .impose import FOURS, Side, form_of_page, panels_of, sides_of, stream_of
from .layout import MILLIMETRE, Millimetres
from .problem import Outcome, Problem, Where
from .separation import BlackInk, FourInks, Inks, separate
from .source import ID, file_bytes, read_file

#: Where the profiles of print shops are, in a publisher's folder or the project's.
FOLDER = "layouts/print"

#: How far marks reach out from the bleed, or from the trim where there is none, in millimetres.
SLUG = 9.0

#: Marks begin so far from the trim, in millimetres, and are so long and so thick (in points).
MARK_GAP, MARK, MARK_WIDTH = 3.0, 5.0, 0.25

#: The pages of a cover that is printed apart: outside and inside, front and back.
COVER_PAGES = 4


class Intent(Written):
    """The printing condition that the colours are made for."""

    file: Line
    """The ICC profile in layouts/print/icc/."""
    condition: Line
    """Its name in the registry of the International Color Consortium."""


class Spine(Written):
    """The back of a glued booklet."""

    least_pages: Number
    """Fewer pages cannot be glued."""
    cover: Millimetres
    """How thick one leaf of the cover is, in millimetres."""


class Profile(Written):
    """What one kind of print shop asks for."""

    description: Line
    """One line for the list of profiles."""
    pages: Literal["single", "spreads"]
    """One page on each of the file's, or two as they lie on the sheets of a stapled booklet."""
    cover: Literal["within", "apart"]
    """Is the cover a file of its own?"""
    bleed: Annotated[Millimetres, Field(le=5)]
    """How far colour reaches over the trim, in millimetres."""
    marks: Flag
    """With marks to cut and to fold by?"""
    standard: Literal["PDF/X-1a:2003", "PDF/X-4"]
    """ISO 15930-4 and 15930-7."""
    colours: Literal["four", "black"] = "four"
    """Cyan, magenta, yellow and black, or black alone."""
    multiple_of: Number = 1
    """Blank pages make up this multiple, before the back cover."""
    intent: Intent
    ink_limit: Number
    """The most of all inks together that a point of the paper takes, in percent."""
    resolution: Number
    """How many dots of a picture must be printed on an inch, at the least."""
    thickness: Millimetres | None = None
    """Of a sheet of the inside, in millimetres: it pushes inner pages outwards, and makes a spine."""
    spine: Spine | None = None
    """Only where the booklet is glued."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A profile, ready for use."""

    name: str
    profile: Profile
    icc: bytes
    inks: Inks


def shop_names(roots: Sequence[Path]) -> tuple[str, ...]:
    """The names of all profiles."""
    found = {path.stem for root in roots for path in root.glob(f"{FOLDER}/*.yaml")}
    # Files are called by them.
    return tuple(sorted(name for name in found if ID.fullmatch(name)))


def load_shop(name: str, roots: Sequence[Path]) -> Outcome[Shop]:
    """The profile of that name from the first root that has it, with its ICC profile."""
    file = f"{FOLDER}/{name}.yaml"
    root = next((root for root in roots if file_bytes(root, file) is not None), None)
    if root is None or name not in shop_names(roots):
        known = ", ".join(shop_names(roots))
        message = f"There is no profile '{name}' of a print shop"
        return Outcome(None, (Problem("unknown-profile", message, Where(file), f"known: desk, {known}"),))
    read = read_file(root, file, Profile.model_validate).outcome
    if read.value is None:
        return Outcome(None, read.problems)
    profile, where = read.value, Where(file)
    fault = _contradiction(profile)
    if fault:
        return Outcome(None, (Problem("wrong-value", fault, where, "look at docs/print-shops.md"),))
    icc = next((d for r in roots if (d := file_bytes(r, f"{FOLDER}/icc/{profile.intent.file}"))), None)
    try:
        inks = BlackInk() if profile.colours == "black" else FourInks(icc or b"", profile.ink_limit)
    except (OSError, ImageCms.PyCMSError):
        icc = None
    if icc is None:
        message = f"{FOLDER}/icc/{profile.intent.file} is no ICC profile of a press with four inks"
        return Outcome(None, (Problem("missing-file", message, where, "put the profile there"),))
    return Outcome(Shop(name, profile, icc, inks), read.problems)


def _contradiction(profile: Profile) -> str:
    """What a profile says that cannot be."""
    if profile.spine and (profile.cover != "apart" or profile.thickness is None):
        return "`spine` needs `cover: apart`, and the `thickness` of the paper, which makes it"
    if profile.spine and profile.pages == "spreads":
        return "`spine` needs `pages: single`: what is glued is not folded into one another"
    return ""


@dataclass(frozen=True, slots=True)
class Sheets:
    """One of the files that a print shop gets, and what lies on its pages."""

    kind: str
    """`cover`, `inside`, or empty where there is but one."""
    sides: tuple[Side, ...]
    spine: float = 0.0
    """In millimetres."""


@dataclass(frozen=True)
class Plan:
    """How an edition lies in the files for a print shop. Lengths are in millimetres."""

    profile: Profile
    trim: tuple[float, float]
    """The size of the first page, after it is cut."""
    pages: int
    """As many as the edition has."""
    right_bound: bool
    panels: tuple[float, ...] = ()

    @cached_property
    def order(self) -> tuple[int | None, ...]:
        """The edition's pages; None is a blank one."""
        folded = self.profile.cover == "apart" or self.profile.pages == "spreads"
        multiple = lcm(self.profile.multiple_of, FOURS if folded else 1)
        blank = (None,) * (-self.pages % multiple)
        return (*range(1, self.pages), *blank, self.pages)

    @property
    def spine(self) -> float:
        """How thick the inside and both leaves of the cover are."""
        if not self.profile.spine or not self.profile.thickness:
            return 0.0
        leaves = (len(self.order) - COVER_PAGES) / 2
        return round(leaves * self.profile.thickness + 2 * self.profile.spine.cover, 2)

    @property
    def creep(self) -> float:
        """How much further out each sheet lies than the one around it, in points."""
        return (self.profile.thickness or 0.0) * MILLIMETRE

    @property
    def laid_bleed(self) -> float:
        """The bleed that the pages need: on inner sheets they are moved towards the fold."""
        deepest = max(side.depth for file in self.files for side in file.sides)
        moved = deepest * self.creep / MILLIMETRE if self.profile.pages == "spreads" else 0
        return round(self.profile.bleed + moved, 2) if self.profile.bleed else 0.0

    @property
    def slug(self) -> float:
        """How much there is around the bleed, for marks."""
        return SLUG if self.profile.marks else 0.0

    @property
    def edge(self) -> float:
        """How far the trim is from the edge of the file's page."""
        return self.profile.bleed + self.slug

    @cached_property
    def files(self) -> tuple[Sheets, ...]:
        """The files, the cover first."""
        if self.panels:
            return (Sheets("", panels_of(self.panels, right_bound=self.right_bound)),)
        if self.profile.cover == "within":
            return (Sheets("", self._sides(self.order)),)
        cover = Sheets("cover", tuple(self._cover()), self.spine)
        return cover, Sheets("inside", self._sides(self.order[2:-2]))

    def _cover(self) -> Iterator[Side]:
        """The outside of the cover, and its inside, whose spine takes the glue and no ink."""
        wide, (first, second, *_, before, last) = self.trim[0], self.order
        folds = (wide, wide + self.spine) if self.spine else (wide,)
        for front, pages in ((True, (last, first)), (False, (second, before))):
            ordered = pages[::-1] if self.right_bound else pages
            placed = (ordered[0], None, ordered[1]) if self.spine else ordered
            yield Side(1, front, placed, folds=folds, width=2 * wide + self.spine)

    def _sides(self, order: Sequence[int | None]) -> tuple[Side, ...]:
        wide = self.trim[0]
        if self.profile.pages == "single":
            return tuple(
                Side(-(-number // 2), bool(number % 2), (page,), folds=(), width=wide)
                for number, page in enumerate(order, 1)
            )
        sides = sides_of(len(order), right_bound=self.right_bound, signatures=False, cover_last=True)
        return tuple(
            replace(
                side,
                pages=tuple(order[place - 1] for place in side.pages if place),
                folds=(wide,),
                width=2 * wide,
            )
            for side in sides
        )

    def placed(self, side: Side) -> Iterator[tuple[int, float, tuple[float, float]]]:
        """Each page on a side, how far its trim is from that of the side, and what it may cover.

        In points from the side's trim; the page reaches over it where it has no neighbour.
        """
        bleed, columns = self.profile.bleed * MILLIMETRE, side.columns
        for number, (page, (left, right)) in enumerate(zip(side.pages, columns, strict=True)):
            if page is None:
                continue
            shift = 0.0
            if self.profile.pages == "spreads" and len(columns) == 2:
                shift = self.creep * side.depth * (1 if number == 0 else -1)
            from_left = left - bleed if number == 0 else left
            to_right = right + bleed if number == len(columns) - 1 else right
            yield page, left + shift, (from_left, to_right)

    def drawn(self, name: str, x: float, covers: tuple[float, float]) -> str:
        """The operators that draw a form with its trim at `x`, and nothing beside what it covers."""
        edge, bleed, high = (part * MILLIMETRE for part in (self.edge, self.profile.bleed, self.trim[1]))
        left, right = covers
        clip = f"{edge + left:.3f} {edge - bleed:.3f} {right - left:.3f} {high + 2 * bleed:.3f} re W n"
        return f"q {clip} 1 0 0 1 {edge + x:.3f} {edge:.3f} cm /{name} Do Q"


def files_of(bled: bytes, plan: Plan, shop: Shop, spine: bytes) -> dict[str, bytes]:
    """The files for the print shop, by their kinds; `bled` is the edition with bleed."""
    return {file.kind: _file(bled, plan, shop, file, spine) for file in plan.files}


def _file(bled: bytes, plan: Plan, shop: Shop, file: Sheets, spine: bytes) -> bytes:
    reader, writer = PdfReader(BytesIO(bled)), PdfWriter()
    edge, bleed = plan.edge * MILLIMETRE, plan.profile.bleed * MILLIMETRE
    high = plan.trim[1] * MILLIMETRE
    for side in file.sides:
        wide = side.width * MILLIMETRE
        page = writer.add_blank_page(wide + 2 * edge, high + 2 * edge)
        held, drawn = DictionaryObject(), list[str]()
        for number, x, covers in plan.placed(side):
            held[NameObject(f"/P{number}")] = form_of_page(reader.pages[number - 1], writer)
            drawn.append(plan.drawn(f"P{number}", x, covers))
        if spine and file.spine and side.front:
            held[NameObject("/Spine")] = form_of_page(PdfReader(BytesIO(spine)).pages[0], writer)
            drawn.append(plan.drawn("Spine", side.columns[1][0], side.columns[1]))
        if plan.profile.marks:
            drawn += _marks(side, plan, shop.inks)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): held})
        page[NameObject("/Contents")] = stream_of("\n".join(drawn).encode(), writer)
        for name, around in (("/TrimBox", 0.0), ("/BleedBox", bleed)):
            box = edge - around, edge - around, edge + wide + around, edge + high + around
            page[NameObject(name)] = ArrayObject(FloatObject(round(part, 4)) for part in box)
    separate(writer, shop.inks)
    _declare(writer, reader, shop, file.kind)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _marks(side: Side, plan: Plan, inks: Inks) -> Iterator[str]:
    """Marks to cut by at the corners, to fold by at head and foot; on every plate."""
    colour = "1 1 1 1 K" if inks.space == "/DeviceCMYK" else "0 G"
    gap, long, edge = (part * MILLIMETRE for part in (max(MARK_GAP, plan.profile.bleed) + 1, MARK, plan.edge))
    wide, high = side.width * MILLIMETRE, plan.trim[1] * MILLIMETRE
    lines = []
    for x in (edge, edge + wide):
        lines += [(x, edge - gap, x, edge - gap - long), (x, edge + high + gap, x, edge + high + gap + long)]
    for y in (edge, edge + high):
        lines += [(edge - gap, y, edge - gap - long, y), (edge + wide + gap, y, edge + wide + gap + long, y)]
    # A colour stands on a line of its own, for `separation`.
    yield f"q {MARK_WIDTH} w\n{colour}"
    yield from (f"{x0:.3f} {y0:.3f} m {x1:.3f} {y1:.3f} l S" for x0, y0, x1, y1 in lines)
    yield "[2 1.5] 0 d"
    for fold in (edge + fold * MILLIMETRE for fold in side.folds):
        yield f"{fold:.3f} {edge - gap:.3f} m {fold:.3f} {edge - gap - long:.3f} l S"
        yield f"{fold:.3f} {edge + high + gap:.3f} m {fold:.3f} {edge + high + gap + long:.3f} l S"
    yield "Q"


def _declare(writer: PdfWriter, reader: PdfReader, shop: Shop, kind: str) -> None:
    """Say which standard the file keeps, and for which paper its colours are (ISO 15930)."""
    own: Mapping[str, Any] = reader.metadata or {}
    title, made = str(own.get("/Title", "")), str(own.get("/CreationDate", ""))
    standard = shop.profile.standard
    writer.metadata = {
        "/Title": f"{title} ({kind})" if kind else title,
        "/CreationDate": made,
        "/ModDate": str(own.get("/ModDate", made)),
        "/Creator": "booklet press",
        "/Producer": "booklet press",
        "/GTS_PDFXVersion": standard,
    }
    info: Any = writer._info
    info[NameObject("/Trapped")] = NameObject("/False")
    writer.pdf_header = "%PDF-1.4" if standard == "PDF/X-1a:2003" else "%PDF-1.6"
    known: Any = reader.trailer["/ID"]
    digest = sha256(f"{shop.name} {kind} {known[0]}".encode()).digest()[:16]
    writer._ID = ArrayObject([ByteStringObject(digest), ByteStringObject(digest)])
    icc = DecodedStreamObject()
    icc.set_data(shop.icc)
    packed = icc.flate_encode()
    packed[NameObject("/N")] = NumberObject(4)
    intent = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/OutputIntent"),
            NameObject("/S"): NameObject("/GTS_PDFX"),
            NameObject("/OutputConditionIdentifier"): TextStringObject(shop.profile.intent.condition),
            NameObject("/OutputCondition"): TextStringObject(shop.profile.intent.condition),
            NameObject("/RegistryName"): TextStringObject("http://www.color.org"),
            NameObject("/Info"): TextStringObject(shop.profile.intent.condition),
            NameObject("/DestOutputProfile"): writer._add_object(packed),
        }
    )
    writer.root_object[NameObject("/OutputIntents")] = ArrayObject([intent])
    if standard == "PDF/X-4":
        xmp = DecodedStreamObject()
        xmp.set_data(_xmp(title, made, standard, digest).encode())
        xmp[NameObject("/Type")] = NameObject("/Metadata")
        xmp[NameObject("/Subtype")] = NameObject("/XML")
        writer.root_object[NameObject("/Metadata")] = writer._add_object(xmp)


def _xmp(title: str, made: str, standard: str, digest: bytes) -> str:
    """What the file says of itself as XMP (ISO 16684-1; ISO 15930-7, 6.4)."""
    day = "-".join((made[2:6], made[6:8], made[8:10]))
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
    xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfxid="http://www.npes.org/pdfx/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
<xmp:CreateDate>{day}</xmp:CreateDate>
<xmp:ModifyDate>{day}</xmp:ModifyDate>
<xmp:MetadataDate>{day}</xmp:MetadataDate>
<xmpMM:DocumentID>uuid:{digest.hex()}</xmpMM:DocumentID>
<xmpMM:VersionID>1</xmpMM:VersionID>
<xmpMM:RenditionClass>default</xmpMM:RenditionClass>
<pdf:Trapped>False</pdf:Trapped>
<pdfxid:GTS_PDFXVersion>{standard}</pdfxid:GTS_PDFXVersion>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
