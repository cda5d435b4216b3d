#!/usr/bin/env python3
"""Does the checker find what can go wrong between the source and the paper?

Builds the three booklets, then spoils their finished PDFs in many ways, one fault at a time, each at
a known place: a page and, where it is in the text, a block of the source. Every spoiled file is
first shown to differ from the clean one. A fault counts as caught only where a finding of the right
family names its page, and its block or the very spot. Prints every fault with its place, then
caught/injected for each kind, and the false alarms on the clean files; `--write` puts the table into
docs/faults.md.

`places` reads where faults can be put; the modules whose names begin with `faulty` hold their kinds.
Run it with the project's own Python: `.venv/bin/python bench/faults.py [--write] [--each N] [--kind NAME]`.
"""

import argparse
import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice, zip_longest
from multiprocessing import get_context
from random import Random
from typing import Any

import faulty_drawings  # noqa: F401 - its kinds register themselves
import faulty_objects  # noqa: F401
import faulty_pages  # noqa: F401
import faulty_places  # noqa: F401
import faulty_tags  # noqa: F401
import pypdfium2 as pdfium
from places import BOOKLETS, KINDS, PROJECT, TODAY, Clean, Kind, Place, Spoiling, clean, operators_of
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject

from booklet.inspect import Facts, inspect_pdf
from booklet.judge import judge
from booklet.problem import Problem, Severity


@dataclass(frozen=True)
class Fault:
    """One fault of a kind, at the place with that number."""

    booklet: str
    kind: str
    number: int

    @property
    def place(self) -> Place:
        """Where it is put."""
        return places(self.booklet, self.kind)[self.number]

    def __str__(self) -> str:
        return f"{self.kind}: {self.booklet}, {self.place}"


@dataclass(frozen=True)
class Tried:
    """What became of a fault: caught, missed, or why it was not made; and in what the file differs."""

    fault: Fault
    result: str
    differs: tuple[str, ...] = ()


@cache
def places(booklet: str, kind: str) -> list[Place]:
    """Where in a booklet faults of the kind can be put."""
    return KINDS[kind].places(clean(booklet))


def faults(each: int, kinds: Iterable[str]) -> Iterator[Fault]:
    """Which faults are injected: so many of each kind, dealt out to the booklets, at places chosen by lot."""
    for kind in kinds:
        chosen = [_by_lot(name, kind, each) for name in BOOKLETS]
        dealt = (fault for turn in zip_longest(*chosen) for fault in turn if fault)
        yield from islice(dealt, each)


def _by_lot(booklet: str, kind: str, most: int) -> list[Fault]:
    numbers = range(len(places(booklet, kind)))
    chosen = Random(f"{booklet} {kind}").sample(numbers, min(most, len(numbers)))
    return [Fault(booklet, kind, number) for number in chosen]


def inject(kind: Kind, place: Place, one: Clean) -> bytes:
    """The spoiled PDF."""
    writer = PdfWriter(io.BytesIO(one.pdf), incremental=True)
    kind.spoil(Spoiling(writer, place, one, Random(f"{one.name} {kind.name} {place}")))
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


# --- Does a spoiled file differ? ------------------------------------------------------------


@dataclass(frozen=True)
class Looks:
    """What can be seen, read or asked of a file: nothing in it is the checker's own judgement."""

    pixels: tuple[bytes, ...]
    text: tuple[str, ...]
    tags: tuple[str, ...]
    data: tuple[str, ...]

    def differs(self, other: "Looks") -> tuple[str, ...]:
        """In what they differ."""
        names = ("pixels", "text", "tags", "data")
        return tuple(name for name in names if getattr(self, name) != getattr(other, name))


def looks(pdf: bytes, facts: Facts, page: int) -> Looks:
    """How a page is drawn and what it says, or all pages (0); the tags, and what the file says of itself."""
    pixels, text = list[bytes](), list[str]()
    document = pdfium.PdfDocument(pdf)
    for number in range(len(document)):
        if page in (0, number + 1):
            pixels.append(document[number].render(scale=1).to_numpy().tobytes())
            text.append(document[number].get_textpage().get_text_range())
    document.close()
    reader = PdfReader(io.BytesIO(pdf))
    root: Any = reader.root_object
    own = (facts.links, facts.bookmarks, facts.labels, facts.metadata, facts.language, facts.fonts)
    pages = (facts.sizes, facts.turned, facts.resized, facts.actions)
    data = (*map(str, own), *map(str, pages), str(root["/Metadata"].get_data()), *_entries(reader))
    tags = (*_said_by_tags(root["/StructTreeRoot"]), *map(str, facts.passages), *_marks(reader, page))
    return Looks(tuple(pixels), tuple(text), tags, data)


def _entries(reader: PdfReader) -> Iterator[str]:
    """What the catalogue says of the whole file, and each annotation of itself."""
    root: Any = reader.root_object
    notes = [note.get_object() for page in reader.pages for note in page.get("/Annots", ())]
    for holder in (root, root["/Names"], *notes):
        own = {key: value for key, value in holder.items() if key not in ("/Pages", "/StructTreeRoot")}
        # A reference is shown with the place in memory of its file.
        yield re.sub(r"(IndirectObject\(\d+, \d+), \d+", r"\1", str(own))


def _marks(reader: PdfReader, page: int) -> Iterator[str]:
    """The entries with which a page, or every page (0), marks its contents for the tags."""
    for number, sheet in enumerate(reader.pages, 1):
        if page in (0, number):
            yield from re.findall(r"<<.*MCID.*>>", "\n".join(operators_of(sheet)))


def _said_by_tags(element: Any) -> Iterator[str]:
    """A tag's own entries, then those of the tags in it."""
    attributes = element.get("/A", ())
    held = [holder.get_object() for holder in attributes] if isinstance(attributes, list) else attributes
    pressed = element.raw_get("/Obj").idnum if "/Obj" in element else ""
    said = [element.get(key) for key in ("/S", "/Alt", "/ActualText", "/E", "/Lang")]
    yield f"{said} {held} {pressed}"
    kids = element.get("/K", ArrayObject())
    for kid in kids if isinstance(kids, list) else [kids]:
        inner = kid.get_object()
        if isinstance(inner, DictionaryObject):
            yield from _said_by_tags(inner)
        else:
            yield str(inner)


@cache
def clean_looks(name: str, page: int) -> Looks:
    """How the clean booklet looks."""
    return looks(clean(name).pdf, clean(name).facts, page)


# --- Judging --------------------------------------------------------------------------------


def tried(fault: Fault) -> Tried:
    """What became of a fault."""
    return try_at(KINDS[fault.kind], fault, fault.place, clean(fault.booklet))


def try_at(kind: Kind, fault: Fault, place: Place, one: Clean) -> Tried:
    """What becomes of a fault of the kind at a place."""
    try:
        pdf = inject(kind, place, one)
    except (LookupError, StopIteration):
        return Tried(fault, "not possible")
    facts = inspect_pdf(pdf).value
    if facts is None:
        return Tried(fault, "unreadable")
    differs = clean_looks(one.name, place.page).differs(looks(pdf, facts, place.page))
    if not differs:
        return Tried(fault, "no effect")
    found = judge(facts, one.sourced, one.layout, TODAY)
    told = any(problem.code in kind.family and place.named_by(problem) for problem in found)
    return Tried(fault, "caught" if told else f"missed ({_summary(found)})", differs)


def _summary(found: Iterable[Problem]) -> str:
    """What was found in place of the fault."""
    told = sorted({f"{p.code} page {p.page} {p.block}" for p in found if p.severity is not Severity.ADVICE})
    return "; ".join(told[:6]) or "nothing found"


def main() -> int:
    """Print the table; 1 where a fault was missed or a clean file has a finding."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--each", type=int, default=4, help="faults of each kind, over the three booklets (4)"
    )
    parser.add_argument("--kind", action="append", choices=KINDS, help="only faults of this kind")
    parser.add_argument("--write", action="store_true", help="write the table into docs/faults.md")
    asked = parser.parse_args()
    alarms = [p for name in BOOKLETS for p in _judged_clean(name) if p.severity is not Severity.ADVICE]
    results: dict[str, list[Tried]] = {kind: [] for kind in asked.kind or KINDS}
    # Forked, the libraries' own threads would be missing.
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for one in pool.map(tried, faults(asked.each, asked.kind or KINDS)):
            results[one.fault.kind].append(one)
            sys.stdout.write(f"{one.result}: {one.fault}\n")
            sys.stdout.flush()
    table = list(_table(results, len(alarms)))
    sys.stdout.write("\n".join(table) + "\n")
    if asked.write:
        _write(table)
    caught = (found and all(one.result == "caught" for one in found) for found in results.values())
    return int(bool(alarms) or not all(caught))


def _judged_clean(name: str) -> tuple[Problem, ...]:
    one = clean(name)
    return judge(one.facts, one.sourced, one.layout, TODAY)


def _table(results: dict[str, list[Tried]], alarms: int) -> Iterator[str]:
    yield "| fault | told by | differs in | injected | caught |"
    yield "|---|---|---|--:|--:|"
    injected = caught = 0
    for kind, found in results.items():
        real = [one for one in found if one.differs]
        good = sum(one.result == "caught" for one in real)
        injected, caught = injected + len(real), caught + good
        codes = ", ".join(f"`{code}`" for code in sorted(KINDS[kind].family))
        shown = ", ".join(dict.fromkeys(name for one in real for name in one.differs))
        yield f"| {kind} | {codes} | {shown} | {len(real)} | {good} |"
    yield f"| **all {len(results)} kinds** | | | **{injected}** | **{caught}** |"
    yield ""
    yield f"False alarms on the {len(BOOKLETS)} clean booklets: {alarms}."


NOTES = """# What the checker catches, and what it does not look at

<!-- The table is written by `bench/faults.py --write`. -->

Faults are injected by program into the finished PDFs of the three samples, one at a time, at places
chosen by lot with a fixed seed. Each file is first shown to differ from the clean one: in its pixels,
its text, its tags, or the data that it holds beside its pages (links, bookmarks, fonts, metadata). A
fault counts as caught only where one of the findings named here names its page, and its block or the
very spot; of the margins, its page; of the whole file, the code alone. The run prints every fault with
its place.

{table}

## Not checked

- Whether a drawing shows what it should: that it is seen whole, in its place, once and large enough,
  its words, its alt text and the resolution of photographs are looked at, not which lines and colours
  it has; nor whether a layout crops it at its sides.
- Words that are drawn as lines or as a decoration without words, on a cover above all.
- Where words stand on the page, but for those that stand right above what comes before them, before the
  letter they follow in their line, a line above or far below it in their paragraph, outside their row or
  column of a table, or, of the margin, in the text: their order is read from the tags. Lines that are
  pushed together, and a name that stands far from its number, are not told.
- A dot or a stroke beside a letter that belongs to a picture or to a larger form.
- Which label of a drawing stands where: that they are all seen, and no others, is looked at.
- Words that are printed in a spot colour, such as white or varnish, which a press may print otherwise.
- What a viewer is bidden to print (a range of pages, copies), and what a link does when it is only passed.
- Letters that are drawn as the tiles of a pattern.
- A letter that is paler than its word, but has half of its contrast; on a photograph, one that is struck
  through with a line of less than a point.
- Letters, other than digits, that are raised or lowered within their line.
- Whether tick boxes, the cover's picture and the look of headings are there at all.
- Bold and italic letters that are printed upright and light; letters that are stretched.
- Where a link's QuadPoints or border lie, if it has any.
- Labels of a drawing that are turned.
- What the alt text of a link's tag says.
- The look of a box: frame, ground and icon; its label is looked at.
- A claim to the quality mark in the editor's own words that does not name it.
- A statistic whose people or bar a layout draws with anything but plain shapes.
- Whether lines to write on are covered by something, and how many a layout draws of its own accord.
- Whether there is a header above the text at all; what it says is looked at.
- Whether contents lines look as they are tagged: their order and numbers are read from the tags.
- Whether the source itself is true.
"""


def _write(table: list[str]) -> None:
    (PROJECT / "docs" / "faults.md").write_text(NOTES.format(table="\n".join(table)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
