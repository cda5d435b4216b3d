"""What do editors and reviewers read before a release? A proof: the pages, with room for remarks.

Each page of the edition stays as it is, whole and as large as it is; the sheet grows wider beside it, for
the lines of the source and a ruled column. Nothing that is drawn is in a tag, but for the last page, where
each role signs.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject, RectangleObject, TextStringObject

from .bars import (
    BLACK,
    COLOUR,
    LINE_EDGE,
    LINE_HEIGHT,
    Block,
    Edges,
    Finder,
    Marks,
    as_css,
    bars_of,
    describe,
    forms_of,
    free_for_line,
    lay_over,
)
from .bind import bind
from .differences import Differences
from .entries import Entries
from .inspect import Facts, inspect_pdf
from .judge import PROOF, judge
from .language import direction, written_day
from .layout import MILLIMETRE, SHEET_HEIGHT, Layout
from .make import edition_path
from .model import Proof
from .printing import Edition, page_beside
from .problem import Box, Outcome, Severity, Where
from .source import Source, Sourced, file_beside, read_proofs
from .texts import places
from .typeset import typeset_beside

#: A sheet is as much wider than high as those of ISO 216 are, and has this room beside its page at least.
WIDER, LEAST_ROOM = 2**0.5, 90 * MILLIMETRE
#: As high is A4 when it is turned: all that is written beside a page grows with a higher one.
USUAL = SHEET_HEIGHT * MILLIMETRE
#: Texts that begin in one line of a page share a label; labels are no nearer to one another than this.
SAME_LINE, NEXT_LABEL = 5.0, 9.5
#: No label has room for more letters.
LONGEST_LABEL = 16
#: What the data in a proof are called.
DATA = "proof.json"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a proof is made of."""

    sourced: Sourced
    layout: Layout
    words: Mapping[str, str]
    entry: Proof
    found: Differences | None = None
    """What has changed, where its bars are asked for."""

    @property
    def file(self) -> PurePosixPath:
        """Where it is kept, relative to the folder of editions."""
        edition = PurePosixPath(edition_path(self.sourced, self.layout))
        return edition.with_name(f"{edition.stem}-proof-{self.entry.proof}.proof.pdf")

    @property
    def told(self) -> dict[str, Any]:
        """What templates are told of every proof."""
        return {
            "proof": self.entry,
            "day": written_day(self.entry.date, self.sourced.booklet.language),
            "colour": as_css(self.colour),
        }

    @property
    def colour(self) -> tuple[float, float, float]:
        """What is drawn beside the page in."""
        return BLACK if self.layout.grey else COLOUR


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page with what is beside it, in points; `left` is how far the page is from the sheet's left."""

    page: tuple[float, float]
    right_bound: bool

    @property
    def high(self) -> float:
        """How high both are."""
        return self.page[1]

    @property
    def wide(self) -> float:
        """How wide the sheet is."""
        return max(self.high * WIDER, self.page[0] + LEAST_ROOM)

    @property
    def left(self) -> float:
        """Where a language runs from right to left, its page is on the right."""
        return self.wide - self.page[0] if self.right_bound else 0.0

    @property
    def grown(self) -> float:
        """How much larger the type beside the page is than beside one of A5."""
        return self.high / USUAL


def numbered(
    made: Sequence[Proof], sourced: Sourced, layout: Layout, since: str | None, today: date
) -> Proof:
    """The entry of a proof: what was made before keeps its number and day, all else gets the next number."""
    version = sourced.booklet.version
    own = [one for one in made if one.version == version]
    said = layout.form, sourced.content, since
    same = [one for one in own if (one.layout, one.digest, one.since) == said]
    if same:
        return same[0]
    number = max((one.proof for one in own), default=0) + 1
    new = {"version": version, "proof": number, "date": today}
    return Proof.model_validate({**new, "layout": layout.form, "digest": sourced.content, "since": since})


def entries(source: Source, booklet: str, language: str) -> Entries[Proof]:
    """Where it is written down which proofs there are."""
    return Entries(source.root, file_beside(booklet, language, "proofs"), "proofs", read_proofs)


def make_proof(draft: Draft) -> Outcome[bytes]:
    """The proof, and what is wrong with its edition: it may have errors, since it is nothing but a proof."""
    bound = bind(draft.sourced.national, draft.layout, draft.words)
    if bound.value is None:
        return Outcome(None, bound.problems)
    printed = bound.value.national()
    facts = inspect_pdf(printed.value or b"")
    if printed.value is None or facts.value is None:
        return Outcome(None, printed.problems + facts.problems)
    faults = judge(facts.value, draft.sourced, draft.layout, draft.sourced.booklet.published)
    grave = tuple(one for one in faults if one.severity is Severity.ERROR)
    edition = Edition(printed.value, draft.sourced, draft.layout, draft.words)
    pages = _Pages(draft, Finder(edition, facts.value), facts.value)
    whole = bound.value.with_page(_sign_off(draft, pages.sheets[0]))
    return Outcome(pages.drawn(whole), printed.problems + grave)


def _right_bound(draft: Draft) -> bool:
    return direction(draft.sourced.booklet.language) == "rtl"


def _sign_off(draft: Draft, sheet: _Sheet) -> str:
    """The last page, where each role signs."""
    roles = draft.sourced.house.sign_off_roles
    told = draft.told | {"sheet": sheet, "roles": roles or ("",) * 3, "digest": draft.sourced.content}
    return typeset_beside("sign-off.html", draft.sourced, draft.layout, draft.words, told)


class _Pages:
    """All that is drawn over the pages of an edition."""

    def __init__(self, draft: Draft, finder: Finder, facts: Facts) -> None:
        self.draft, self.finder, self.facts = draft, finder, facts
        self.sheets = [_Sheet(size, _right_bound(draft)) for size in facts.sizes]

    @cached_property
    def blocks(self) -> list[Block]:
        """Every text of the source that is printed."""
        return list(self.finder.blocks(places(self.draft.sourced)))

    def drawn(self, pdf: bytes) -> bytes:
        """The edition with its last page, and with all that is drawn over its pages."""
        writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf)))
        grey, edges = self.draft.layout.grey, Edges(self.facts, right_bound=_right_bound(self.draft))
        forms = forms_of(page_beside(self._beside(), self.draft.layout, grey=grey), writer)
        *pages, last = writer.pages
        for number, (page, sheet, form) in enumerate(zip(pages, self.sheets, forms, strict=False), 1):
            bars = bars_of(self._marks[number - 1], edges, number, sheet.high, self.draft.colour)
            page.mediabox = RectangleObject((-sheet.left, 0, sheet.wide - sheet.left, sheet.high))
            place = f"q 1 0 0 1 {-sheet.left:.3f} 0 cm /Proof Do Q"
            # What bleeds over the page's edge must not stand in the strip beside it.
            cut = f"0 0 {sheet.page[0]:.3f} {sheet.high:.3f} re W n"
            lay_over(page, f"/Artifact BMC q {bars} Q {place} EMC", form, writer, cut)
        lay_over(last, "/Artifact BMC /Proof Do EMC", next(forms), writer)
        self._describe(writer)
        written = BytesIO()
        writer.write(written)
        return written.getvalue()

    @cached_property
    def _marks(self) -> Sequence[Marks]:
        """What has changed on each page."""
        return self.finder.marks(self.draft.found) if self.draft.found else self.finder.pages

    def _beside(self) -> str:
        """What is drawn over each page of the proof, page by page."""
        pages = [
            {
                "sheet": sheet,
                "labels": list(self._labels(number, sheet)),
                "line": sheet.high - free_for_line(self.facts, number) - LINE_HEIGHT,
            }
            for number, sheet in enumerate(self.sheets, 1)
        ]
        own = replace(self.sheets[0], page=(self.sheets[0].wide, self.sheets[0].high))
        pages.append({"sheet": own, "labels": [], "line": LINE_EDGE})
        since = self.draft.found.before.booklet.version if self.draft.found else ""
        told = self.draft.told | {"pages": pages, "line_height": LINE_HEIGHT, "since": since}
        return typeset_beside("remarks.html", self.draft.sourced, self.draft.layout, self.draft.words, told)

    def _labels(self, number: int, sheet: _Sheet) -> Iterator[tuple[float, str]]:
        """The lines of the source that a page's texts stand in, from its upper edge, each with its middle."""
        own = sorted(self._begins(number), key=lambda begin: begin[0])
        free = 0.0
        while own:
            middle, where = own.pop(0)
            places = [where]
            while own and own[0][0] - middle < SAME_LINE * sheet.grown:
                places.append(own.pop(0)[1])
            free = max(middle, free)
            yield free, self._label(places)
            free += NEXT_LABEL * sheet.grown

    def _begins(self, number: int) -> Iterator[tuple[float, Where]]:
        """The middle of the first line of each text of a page, with its place in the source."""
        for block in self.blocks:
            boxes = [box for page, box in block.boxes if page == number]
            if boxes and block.said.where.line:
                yield (boxes[0][1] + boxes[0][3]) / 2, block.said.where

    def _label(self, places: Sequence[Where]) -> str:
        """Lines, each file before its own where that is not the booklet's; as many as there is room for."""
        label, file = "", self.draft.sourced.booklet.where.file
        lines = {(one.file != file, one.file, one.line) for one in places}
        for _, own, line in sorted(lines):
            name = "" if own == file else f"{PurePosixPath(own).stem}:"
            said = f"{label}, {name}{line}" if label else f"{name}{line}"
            if label and len(said) > LONGEST_LABEL:
                return f"{label} …"
            label, file = said, own
        return label

    def _describe(self, writer: PdfWriter) -> None:
        """Say in the file that it is a proof, and what stands where in it."""
        words, entry, count = self.draft.words, self.draft.entry, len(writer.pages)
        line = words["proof_line"].format(number=entry.proof)
        describe(
            writer, {"/Title": f"{line}: {self.draft.sourced.booklet.title}", f"/{PROOF}": str(entry.proof)}
        )
        if count > 2:
            writer.set_page_label(count - 2, count - 2, prefix=words["back_cover"])
        writer.set_page_label(count - 1, count - 1, prefix=words["proof_sign_off"])
        data = writer.add_attachment(DATA, self._data())
        data.alternative_name = TextStringObject(DATA)
        data.subtype = NameObject("/application/json")
        data.associated_file_relationship = NameObject("/Data")
        held = data.pdf_object.indirect_reference
        writer.root_object[NameObject("/AF")] = ArrayObject([held] if held else [])

    def _data(self) -> bytes:
        """What programs are told: every text with its places on the proof's pages."""
        booklet, entry = self.draft.sourced.booklet, self.draft.entry
        about = {"format": 1, "booklet": booklet.id, "language": booklet.language, "version": entry.version}
        about |= {"proof": entry.proof, "layout": entry.layout, "digest": entry.digest}
        blocks = [
            {
                "section": block.section,
                "quote": block.said.text,
                "file": block.said.where.file,
                "line": block.said.where.line,
                "boxes": [{"page": page, "box": self._in_proof(page, box)} for page, box in block.boxes],
            }
            for block in self.blocks
        ]
        return json.dumps(about | {"blocks": blocks}, ensure_ascii=False, indent=1).encode() + b"\n"

    def _in_proof(self, page: int, box: Box) -> list[float]:
        """A box of the edition's page as it stands on the sheet."""
        left = self.sheets[page - 1].left
        return [round(side, 2) for side in (box[0] + left, box[1], box[2] + left, box[3])]
