"""Where on the pages of a proof has something changed? A bar in the margin shows it.

The bars are drawn over the finished edition, at the places of the letters that the checker finds for each
text: so they cannot move any of them.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject

from .bind import print_edition
from .checks import Case
from .checks.reading import Found, bare
from .differences import Change, Differences, Kind
from .enlarge import enlarged
from .impose import form_of_page, stream_of
from .inspect import Facts, inspect_pdf
from .judge import judge
from .language import direction
from .layout import MILLIMETRE, Layout
from .make import edition_path
from .printing import Edition, page_beside
from .problem import Box, Outcome, Severity, Where
from .store import write_whole
from .texts import OF_EDITION, OF_LAYOUTS, PICTURES, Place, Said
from .typeset import typeset_beside

#: In points: how wide a bar is, how far from the text, and how near to the edge it may stand.
WIDE, FROM_TEXT, FROM_EDGE = 1.2 * MILLIMETRE, 4.5 * MILLIMETRE, 5.6 * MILLIMETRE
#: White around a bar, for grounds of its own colour.
AROUND = 0.8
#: Bars that are no further from one another are one.
NEAR = 9.0
#: Half the height of the sign of what was removed.
SIGN = 1.7 * MILLIMETRE
#: What all is drawn in; of a low-ink edition black.
COLOUR, BLACK = (0.76, 0.04, 0.36), (0.0, 0.0, 0.0)
#: How far the line that says that it is a proof is from the edge of the page, and how high it is.
LINE_EDGE, LINE_HEIGHT = 0.8 * MILLIMETRE, 11.0
#: What begins marked content that a tag may hold (ISO 32000-1, 14.6).
_TAGGED = re.compile(rb"/\w+\s*<<\s*/MCID\s+\d+\s*>>\s*BDC")
#: Keys that the layout prints in words of its own.
IN_WORDS = frozenset({"kind", "tone"})
#: So many letters tell texts apart that stand in one line of the source.
TELLING = 12


@dataclass(slots=True)
class Marks:
    """What is drawn on a page, from its upper edge: bars, and signs of what was removed."""

    bars: list[tuple[float, float]] = field(default_factory=list)
    signs: list[float] = field(default_factory=list)

    @property
    def joined(self) -> Iterator[tuple[float, float]]:
        """The bars, of which those that nearly meet are one."""
        bars = sorted(self.bars)
        while bars:
            top, bottom = bars.pop(0)
            while bars and bars[0][0] - bottom < NEAR:
                bottom = max(bottom, bars.pop(0)[1])
            yield top, bottom


def write_proof(
    found: Differences, layout: Layout, words: Mapping[str, str], out: Path
) -> Outcome[tuple[Path, ...]]:
    """Lay a booklet out and write it with its bars; where, and what is wrong with it.

    An edition that would be rejected is written all the same: it is nothing but a proof.
    """
    printed = print_edition(found.now, layout, words)
    if printed.value is None:
        return Outcome(None, printed.problems)
    facts = inspect_pdf(printed.value)
    if facts.value is None:
        return Outcome(None, printed.problems + facts.problems)
    faults = judge(facts.value, found.now, layout, found.now.booklet.published)
    grave = tuple(one for one in faults if one.severity is Severity.ERROR)
    pdf = proof(Edition(printed.value, found.now, layout, words), facts.value, found)
    edition = Path(edition_path(found.now, layout))
    path = out / edition.with_name(f"{edition.stem}-bars-since-{found.before.booklet.version}.proof.pdf")
    write_whole(path, pdf)
    return Outcome((path,), printed.problems + grave)


def proof(edition: Edition, facts: Facts, found: Differences) -> bytes:
    """The edition with bars beside all that has changed, and a line at the head of each page."""
    return _drawn(edition, found, facts, Finder(edition, facts).marks(found))


@dataclass(frozen=True, slots=True)
class Block:
    """A text of a section, or of other matter, with the pages and the lines in which it is printed."""

    section: str
    said: Said
    boxes: tuple[tuple[int, Box], ...]


class Finder:
    """Finds the places of texts, and of changes, on the pages of an edition."""

    def __init__(self, edition: Edition, facts: Facts) -> None:
        layout, sourced = edition.layout, edition.sourced
        own = enlarged(sourced, layout), edition.words, layout.recipe, layout.faces
        self.case = Case(*own, facts, sourced.booklet.published, layout.grey)
        self.pages = [Marks() for _ in range(facts.pages)]

    def blocks(self, said: Iterable[Place]) -> Iterator[Block]:
        """Every text that is printed; a picture is known by what its alt text says."""
        for place in said:
            for one in (one for item in place.items for one in item.said):
                if one.key not in PICTURES and one.key not in IN_WORDS:
                    boxes = tuple(self.boxes([one]))
                    if boxes:
                        yield Block(place.id, one, boxes)

    def marks(self, found: Differences) -> Sequence[Marks]:
        """What is drawn on each page."""
        for change in found.changes:
            if change.place.id in (OF_EDITION, OF_LAYOUTS):
                continue
            if change.kind is Kind.REMOVED:
                self._sign(change)
            else:
                self._bar(change)
        return self.pages

    def _bar(self, change: Change) -> None:
        differing = [pair for pair in change.pairs if pair.differs] or change.pairs
        said = [pair.now for pair in differing if pair.now]
        # Where a text was taken out, or is not printed, the rest of its item is marked.
        rest = [pair.now for pair in change.pairs if pair.now]
        for page, box in list(self.boxes(said)) or self.boxes(rest):
            self.pages[page - 1].bars.append((box[1], box[3]))
        if change.called in ("title", "section") and change.place.is_section:
            for signpost in self.case.reading.signposts:
                if signpost.to.section == change.place.id:
                    for box in self.case.boxes(signpost.passage.printed, signpost.passage.page):
                        self.pages[signpost.passage.page - 1].bars.append((box[1], box[3]))

    def _sign(self, change: Change) -> None:
        """A sign below what stands before the old place, or above the first thing where nothing does."""
        for item in reversed(change.behind):
            boxes = list(self.boxes(item.said))
            if boxes:
                page, box = boxes[-1]
                self.pages[page - 1].signs.append(box[3] + SIGN)
                return
        for item in change.place.items:
            boxes = list(self.boxes(item.said))
            if boxes:
                page, box = boxes[0]
                self.pages[page - 1].signs.append(box[1] - SIGN)
                return

    def boxes(self, said: Iterable[Said]) -> Iterator[tuple[int, Box]]:
        """The pages and the lines of texts, and the places of pictures."""
        for one in said:
            if one.key in PICTURES or one.key == "alt":
                yield from self._pictures(one)
            for where in {one.where: None, one.holder: None}:
                for found in self._printed.get(where, ()):
                    # An address is printed without its scheme.
                    text = bare(one.text.removeprefix("https://"))
                    # Texts of one mapping may begin alike, as with the publisher's name.
                    telling = text[:TELLING] if where == one.where else text
                    if telling in bare(found.piece.text) or (one.key in IN_WORDS and where == one.where):
                        yield from self.lines(found)

    def _pictures(self, said: Said) -> Iterator[tuple[int, Box]]:
        for picture in self.case.facts.pictures:
            if picture.drawing.box and self.case.where_of(picture) == said.holder:
                yield picture.page, picture.drawing.box

    @cached_property
    def _printed(self) -> dict[Where, list[Found]]:
        """What is printed, by its place in the source."""
        printed: dict[Where, list[Found]] = {}
        for found in self.case.reading.found:
            printed.setdefault(found.piece.where, []).append(found)
        return printed

    def lines(self, found: Found) -> Iterator[tuple[int, Box]]:
        """The pages and the lines of a piece that is printed."""
        for page in found.pages:
            yield from ((page, box) for box in self.case.boxes(found.letters, page))


# --- Drawing --------------------------------------------------------------------------------


def _drawn(edition: Edition, found: Differences, facts: Facts, marks: Sequence[Marks]) -> bytes:
    """The edition with all that is drawn over its pages."""
    reader = PdfReader(BytesIO(edition.pdf))
    writer = PdfWriter(clone_from=reader)
    colour = BLACK if edition.layout.grey else COLOUR
    lines: dict[float, Any] = {}
    edges = Edges(facts, right_bound=direction(edition.sourced.booklet.language) == "rtl")
    for number, (page, own) in enumerate(zip(writer.pages, marks, strict=True), 1):
        wide, high = facts.sizes[number - 1]
        if wide not in lines:
            lines[wide] = _line(edition, found, wide, colour, writer)
        place = f"q 1 0 0 1 0 {free_for_line(facts, number):.3f} cm /Proof Do Q"
        strokes = bars_of(own, edges, number, high, colour)
        lay_over(page, f"/Artifact BMC q {strokes} Q {place} EMC", lines[wide], writer)
    title = f"PROOF: {found.now.booklet.title}, changed since {found.before.booklet.version}"
    describe(writer, {"/Title": title})
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def free_for_line(facts: Facts, number: int) -> float:
    """How far from the foot of a page its line stands: at its head, if no letters are there."""
    every, high = facts.letters, facts.sizes[number - 1][1]
    tops = every.box[(every.page == number) & ~every.blank][:, 1]
    if len(tops) and float(tops.min()) < LINE_EDGE + LINE_HEIGHT:
        return LINE_EDGE
    return high - LINE_EDGE - LINE_HEIGHT


@dataclass(frozen=True)
class Edges:
    """Where the bars of each page stand: in the outer margin, at the same distance from the text."""

    facts: Facts
    right_bound: bool

    def is_left(self, number: int) -> bool:
        """Is the page's outer edge the left one?"""
        return (number % 2 == 0) != self.right_bound

    def of(self, number: int) -> float:
        """How far the middle of a bar is from the page's left edge."""
        wide, left = self.facts.sizes[number - 1][0], self.is_left(number)
        text = self._texts.get((wide, left), (FROM_EDGE, wide - FROM_EDGE))
        if left:
            return max(text[0] - FROM_TEXT, FROM_EDGE)
        return min(text[1] + FROM_TEXT, wide - FROM_EDGE)

    @cached_property
    def _texts(self) -> dict[tuple[float, bool], tuple[float, float]]:
        """The left and right edge of the text on pages of one width and side, but for the covers."""
        every, found = self.facts.letters, dict[tuple[float, bool], tuple[float, float]]()
        for number in range(1, self.facts.pages + 1):
            box = every.box[(every.page == number) & ~every.blank]
            if not len(box) or (number in (1, self.facts.pages) and self.facts.pages > 2):
                continue
            key = self.facts.sizes[number - 1][0], self.is_left(number)
            left, right = found.get(key, (math.inf, -math.inf))
            found[key] = min(left, float(box[:, 0].min())), max(right, float(box[:, 2].max()))
        return found


def bars_of(marks: Marks, edges: Edges, number: int, high: float, colour: tuple[float, float, float]) -> str:
    """What draws the bars and signs of a page that is so high; empty where it has none."""
    strokes = _bars(marks, edges.of(number), high, edges.is_left(number))
    paint = " ".join(f"{share:g}" for share in colour) + " rg 1 1 1 RG"
    return f"{paint}\n{strokes}" if strokes else ""


def as_css(colour: tuple[float, float, float]) -> str:
    """A colour as style sheets say it."""
    return "#" + "".join(f"{round(255 * share):02x}" for share in colour)


def _bars(marks: Marks, middle: float, high: float, left: bool) -> str:
    """The bars and signs of a page, with white around them."""
    drawn = [
        f"{middle - WIDE / 2:.3f} {high - bottom:.3f} {WIDE:.3f} {bottom - top:.3f} re"
        for top, bottom in marks.joined
    ]
    # An arrow that points to the text.
    point = SIGN if left else -SIGN
    for down in sorted(set(marks.signs)):
        y = high - down
        drawn.append(
            f"{middle - point / 2:.3f} {y + SIGN:.3f} m {middle + point:.3f} {y:.3f} l "
            f"{middle - point / 2:.3f} {y - SIGN:.3f} l h"
        )
    return f"{2 * AROUND:g} w " + " ".join(f"{path} S {path} f" for path in drawn) if drawn else ""


def _line(
    edition: Edition, found: Differences, wide: float, colour: tuple[float, float, float], writer: PdfWriter
) -> Any:
    """What stands on each page of that width, as a form that no tag holds."""
    told = {
        "since": found.before.booklet.version,
        "width": f"{wide:.3f}",
        "height": LINE_HEIGHT,
        "colour": as_css(colour),
    }
    html = typeset_beside("proof.html", edition.sourced, edition.layout, edition.words, told)
    return next(forms_of(page_beside(html, edition.layout, grey=edition.layout.grey), writer))


def forms_of(pdf: bytes, writer: PdfWriter) -> Iterator[Any]:
    """The pages of a PDF as forms that no tag holds."""
    for page in PdfReader(BytesIO(pdf)).pages:
        form = form_of_page(page, writer)
        stream = form.get_object()
        stream.set_data(_TAGGED.sub(b"/Artifact BMC", stream.get_data()))
        yield form


def lay_over(page: PageObject, drawn: str, form: Any, writer: PdfWriter, cut: str = "") -> None:
    """Draw over a page, with a form that is called `Proof`, and leave what is there as it is.

    `cut` are operators that come before all that is there.
    """
    held: Any = page["/Resources"]
    own = DictionaryObject(held)
    forms = DictionaryObject(held.get("/XObject", {}))
    forms[NameObject("/Proof")] = form
    own[NameObject("/XObject")] = forms
    page[NameObject("/Resources")] = own
    before: Any = page.raw_get("/Contents")
    streams = list(before) if isinstance(before, ArrayObject) else [before]
    page[NameObject("/Contents")] = ArrayObject(
        [stream_of(f"q {cut}".encode(), writer), *streams, stream_of(f"\nQ {drawn}".encode(), writer)]
    )


def describe(writer: PdfWriter, told: Mapping[str, str]) -> None:
    """A title that says what it is, and nothing that says that it is an edition, or an archive's (PDF/A)."""
    writer.metadata = dict(told)
    # Where both are there, they must say the same (PDF/UA-1, 7.1).
    xmp: Any = writer.root_object["/Metadata"]
    said = re.sub(
        rb"(<dc:title>.*?<rdf:li[^>]*>).*?(</rdf:li>)",
        lambda old: old[1] + escape(told["/Title"]).encode() + old[2],
        xmp.get_data(),
        count=1,
        flags=re.DOTALL,
    )
    xmp.set_data(re.sub(rb"<rdf:Description[^>]*\bpdfaid:[^>]*/>", b"", said))
