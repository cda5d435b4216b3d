#!/usr/bin/env python3
"""Does the checker find what can go wrong between the source and the paper?

Builds the three booklets, then spoils their finished PDFs in many ways, one fault at a time, each at
a known place: a page and, where it is in the text, a block of the source. Every spoiled file is
first shown to differ from the clean one. A fault counts as caught only where a finding of the right
family names its page and its block. Prints caught/injected for each kind, and the false alarms on
the clean files; `--write` puts the table into docs/faults.md.

Run it with the project's own Python: `.venv/bin/python bench/faults.py [--write] [--each N]`.
"""

import argparse
import io
import os
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    TextStringObject,
)

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from booklet.chapters import Blocks  # noqa: E402 - found by the line above
from booklet.checks import Case  # noqa: E402
from booklet.checks.reading import bare  # noqa: E402
from booklet.faces import texts_of_codes  # noqa: E402
from booklet.inspect import Facts, inspect_pdf  # noqa: E402
from booklet.judge import judge  # noqa: E402
from booklet.layout import load_layout  # noqa: E402
from booklet.make import print_edition  # noqa: E402
from booklet.problem import Problem, Severity  # noqa: E402
from booklet.source import Source  # noqa: E402

BOOKLETS = ("acute-lymphoblastic-leukaemia", "having-a-lumbar-puncture", "starting-chemotherapy")
TODAY = date(2026, 11, 24)

WORDS = {"words-missing", "words-stray", "words-order", "credits-missing", "mark-missing"}
SIGHT = {
    *("words-unseen", "words-cut", "words-off-page", "words-overlap"),
    *("words-faint", "words-small", "words-at-edge"),
}
NAMES = {"page-code", "folio", "metadata", "language"}


@dataclass
class Line:
    """One line of text as a page's operators draw it; `first` and `last` are its BT and its ET."""

    page: int
    first: int
    last: int
    said: str
    x: float
    y: float
    size: float
    block: str = ""


@dataclass
class Clean:
    """A booklet as it should be, and the places at which it can be spoiled."""

    name: str
    pdf: bytes
    facts: Facts
    sourced: Any
    layout: Any
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Fault:
    """What was done where, and which findings would tell it. Without a page the whole file is meant."""

    booklet: str
    kind: str
    where: int
    page: int
    block: str
    family: frozenset[str]


@cache
def clean(name: str) -> Clean:
    """The booklet with its lines, each with the block that it belongs to."""
    sourced = Source(PROJECT).booklet(name).value
    layout = load_layout("a5-booklet", (PROJECT,)).value
    assert sourced
    assert layout
    words = layout.words(sourced.booklet.language).value
    assert words
    pdf = print_edition(sourced, layout, words).value
    assert pdf
    facts = inspect_pdf(pdf).value
    assert facts
    one = Clean(name, pdf, facts, sourced, layout)
    case = Case(sourced, words, layout.recipe, layout.faces, facts, TODAY)
    blocks = Blocks(sourced.booklet)
    reader = PdfReader(io.BytesIO(pdf))
    pieces = [(set(f.pages), bare(f.piece.text), blocks.name(f.piece.where)) for f in case.reading.found]
    for number, page in enumerate(reader.pages, 1):
        for line in _lines(page, number):
            words_of = bare(line.said)
            owner = next((b for pages, text, b in pieces if number in pages and words_of in text), "")
            if len(words_of) >= 8 and "/" in owner:
                line.block = owner
                one.lines.append(line)
    return one


def _operators(page: Any) -> list[str]:
    text: str = page["/Contents"].get_object().get_data().decode("latin-1")
    return text.split("\n")


def _lines(page: Any, number: int) -> Iterator[Line]:
    operators = _operators(page)
    maps = {
        name: texts_of_codes(font.get_object()["/ToUnicode"].get_object().get_data())
        for name, font in page["/Resources"].get("/Font", {}).items()
    }
    first, place, size, letters = 0, (0.0, 0.0), 0.0, dict[int, str]()
    for index, operator in enumerate(operators):
        if operator == "BT":
            first = index
        elif operator.endswith(" Tm"):
            *_, x, y, _ = operator.split()
            place = float(x), float(y)
        elif operator.endswith(" Tf"):
            name, written, _ = operator.split()
            letters, size = maps.get(name, {}), float(written)
        elif operator.endswith("] TJ"):
            said = "".join(letters.get(int(code, 16), "") for code in re.findall("<(....)>", operator))
            last = next(i for i in range(index, len(operators)) if operators[i] == "ET")
            yield Line(number, first, last, said, *place, size)


# --- Kinds of faults ------------------------------------------------------------------------


Edit = Callable[[list[str], Line, Clean, Random], list[str]]
EDITS: dict[str, tuple[Edit, set[str]]] = {}
WHOLE: dict[str, tuple[Callable[[PdfWriter, Clean, Random], int], set[str]]] = {}


def edit(kind: str, family: set[str]) -> Callable[[Edit], Edit]:
    """A fault of one line, made by changing a page's operators."""

    def register(change: Edit) -> Edit:
        EDITS[kind] = change, family
        return change

    return register


def whole(kind: str, family: set[str]) -> Callable[..., Any]:
    """A fault of the file's objects; returns the page that it is on, or 0."""

    def register(change: Callable[[PdfWriter, Clean, Random], int]) -> Any:
        WHOLE[kind] = change, family
        return change

    return register


def _beside(line: Line, one: Clean) -> list[Line]:
    """The other lines of the page."""
    return [other for other in one.lines if other.page == line.page and other.first != line.first]


def _before(operators: list[str], line: Line, *more: str) -> list[str]:
    return [*operators[: line.first + 1], *more, *operators[line.first + 1 :]]


def _around(operators: list[str], line: Line, *before: str) -> list[str]:
    first, last = line.first, line.last
    return [*operators[:first], "q", *before, *operators[first : last + 1], "Q", *operators[last + 1 :]]


def _painted_over(operators: list[str], box: tuple[float, float, float, float]) -> list[str]:
    x, y, wide, high = box
    over = ["Q", "/Artifact", "BMC", "1 1 1 rg", f"{x:.2f} {y:.2f} {wide:.2f} {high:.2f} re", "f", "EMC"]
    return ["q", *operators, *over]


def _box(line: Line, clean_: Clean, top: float, bottom: float) -> tuple[float, float, float, float]:
    """A box of the line in the page's own points; `top` and `bottom` in parts of the type's size."""
    high = clean_.facts.sizes[line.page - 1][1]
    scale = 0.75
    base = high - line.y * scale
    size = line.size * scale
    return line.x * scale - 1, base + bottom * size, len(line.said) * size * 0.62, (top - bottom) * size


@edit("hidden (render mode 3)", SIGHT)
def _(operators: list[str], line: Line, _c: Clean, _r: Random) -> list[str]:
    return _around(operators, line, "3 Tr")


@edit("deleted", WORDS)
def _(operators: list[str], line: Line, _c: Clean, _r: Random) -> list[str]:
    return [o for i, o in enumerate(operators) if not (line.first < i < line.last and o.endswith(" TJ"))]


@edit("white on white", SIGHT)
def _(operators: list[str], line: Line, _c: Clean, _r: Random) -> list[str]:
    return _before(operators, line, "1 1 1 rg")


@edit("too faint", {"words-faint", "words-unseen"})
def _(operators: list[str], line: Line, _c: Clean, _r: Random) -> list[str]:
    return _before(operators, line, "0.75 0.75 0.75 rg")


@edit("shrunk", {"words-small", "words-unseen"})
def _(operators: list[str], line: Line, _c: Clean, _r: Random) -> list[str]:
    made = list(operators)
    for index in range(line.first, line.last):
        made[index] = re.sub(r"^(/\S+) \S+ Tf$", rf"\1 {line.size * 0.6:.2f} Tf", made[index])
    return made


@edit("clipped", SIGHT)
def _(operators: list[str], line: Line, _c: Clean, _r: Random) -> list[str]:
    clip = f"{line.x - 5:.2f} {line.y - line.size * 0.28:.2f} 900 {line.size:.2f} re"
    return _around(operators, line, clip, "W", "n")


@edit("covered", SIGHT)
def _(operators: list[str], line: Line, one: Clean, _r: Random) -> list[str]:
    return _painted_over(operators, _box(line, one, 1.0, -0.4))


@edit("half covered", SIGHT)
def _(operators: list[str], line: Line, one: Clean, _r: Random) -> list[str]:
    return _painted_over(operators, _box(line, one, 0.24, -0.4))


@edit("moved off the page", SIGHT)
def _(operators: list[str], line: Line, _c: Clean, _r: Random) -> list[str]:
    return _around(operators, line, "1 0 0 1 3000 0 cm")


@edit("moved into the edge", SIGHT)
def _(operators: list[str], line: Line, _c: Clean, _r: Random) -> list[str]:
    return _around(operators, line, f"1 0 0 1 {6 - line.x:.2f} 0 cm")


@edit("printed over another line", SIGHT)
def _(operators: list[str], line: Line, one: Clean, _r: Random) -> list[str]:
    others = [o for o in _beside(line, one) if abs(o.size - line.size) < 1]
    other = min(others, key=lambda o: abs(o.y - line.y) + abs(o.x - line.x))
    return _around(operators, line, f"1 0 0 1 {other.x - line.x:.2f} {other.y - line.y + 1:.2f} cm")


@edit("doubled", WORDS | SIGHT)
def _(operators: list[str], line: Line, _c: Clean, _r: Random) -> list[str]:
    drawn = operators[line.first : line.last + 1]
    return [*operators[: line.last + 1], "q", "1 0 0 1 0 2 cm", *drawn, "Q", *operators[line.last + 1 :]]


@edit("swapped with another line", WORDS)
def _(operators: list[str], line: Line, one: Clean, _r: Random) -> list[str]:
    fonts = {o.first: operators[o.first : o.last] for o in one.lines if o.page == line.page}
    mine = next(o for o in fonts[line.first] if o.endswith(" Tf"))
    other = next(o for o in _beside(line, one) if bare(o.said) != bare(line.said) and mine in fonts[o.first])
    made = list(operators)
    a, b = (next(i for i in range(o.first, o.last) if made[i].endswith(" TJ")) for o in (line, other))
    made[a], made[b] = made[b], made[a]
    return made


@edit("letter changed", WORDS)
def _(operators: list[str], line: Line, _c: Clean, _r: Random) -> list[str]:
    made = list(operators)
    index = next(i for i in range(line.first, line.last) if made[i].endswith(" TJ"))
    codes = re.findall("<(....)>", made[index])
    other = next(code for code in codes if code != codes[1])
    made[index] = re.sub(f"<{codes[1]}>", f"<{other}>", made[index], count=1)
    return made


@edit("untagged", {"words-missing", "words-stray", "credits-missing", "pdf-ua"})
def _(operators: list[str], line: Line, _c: Clean, _r: Random) -> list[str]:
    start = next(i for i in range(line.first, -1, -1) if operators[i] == "BDC")
    return [*operators[: start - 2], "/Artifact", "BMC", *operators[start + 1 :]]


DIGIT = "digit changed"


@edit(DIGIT, WORDS | {"page-reference", "contents-page", "folio"})
def _(operators: list[str], line: Line, one: Clean, random: Random) -> list[str]:
    page = PdfReader(io.BytesIO(one.pdf)).pages[line.page - 1]
    made = list(operators)
    index = next(i for i in range(line.first, line.last) if made[i].endswith(" TJ"))
    font = next(o for o in operators[line.first : line.last] if o.endswith(" Tf")).split()[0]
    fonts: Any = page["/Resources"]
    texts = texts_of_codes(fonts["/Font"][font]["/ToUnicode"].get_object().get_data())
    digits = {f"{code:04x}": text for code, text in texts.items() if text.isdigit()}
    there = [code for code in re.findall("<(....)>", made[index]) if code in digits]
    old = random.choice(there)
    new = next(code for code in sorted(digits) if digits[code] != digits[old])
    made[index] = made[index].replace(f"<{old}>", f"<{new}>", 1)
    return made


def _annotations(writer: PdfWriter) -> list[tuple[int, ArrayObject, Any]]:
    found = []
    for number, page in enumerate(writer.pages, 1):
        references = page.get("/Annots")
        for reference in list(references or ()):
            found.append((number, references, reference))
    return found


@whole("link removed", {"link-missing"})
def _(writer: PdfWriter, _c: Clean, random: Random) -> int:
    number, references, reference = random.choice(_annotations(writer))
    references.remove(reference)
    return number


@whole("link to nowhere", {"link-dead", "link-missing", "link-stray"})
def _(writer: PdfWriter, _c: Clean, random: Random) -> int:
    inner = [a for a in _annotations(writer) if "/Dest" in a[2].get_object()]
    number, _, reference = random.choice(inner)
    reference.get_object()[NameObject("/Dest")] = TextStringObject("nowhere")
    return number


@whole("link to another site", {"link-stray", "link-missing"})
def _(writer: PdfWriter, _c: Clean, random: Random) -> int:
    outer = [a for a in _annotations(writer) if "/A" in a[2].get_object()]
    number, _, reference = random.choice(outer)
    action = reference.get_object()["/A"].get_object()
    action[NameObject("/URI")] = TextStringObject("https://other.example.org/page")
    return number


@whole("link moved off its words", {"link-stray", "link-missing"})
def _(writer: PdfWriter, _c: Clean, random: Random) -> int:
    number, _, reference = random.choice(_annotations(writer))
    reference.get_object()[NameObject("/Rect")] = ArrayObject(FloatObject(v) for v in (1, 1, 4, 4))
    return number


def _elements(writer: PdfWriter, role: str) -> list[Any]:
    return [one for one in _dictionaries(writer) if one.get("/S") == role and "/P" in one]


def _dictionaries(writer: PdfWriter) -> Iterator[DictionaryObject]:
    for number in range(1, len(writer._objects) + 1):
        one = writer.get_object(number)
        if isinstance(one, DictionaryObject):
            yield one


@whole("alt text lost", {"alt-missing", "pdf-ua"})
def _(writer: PdfWriter, _c: Clean, random: Random) -> int:
    figures = [one for one in _elements(writer, "/Figure") if "/Alt" in one]
    del random.choice(figures)["/Alt"]
    return 0


@whole("alt text is a file's name", {"alt-useless", "alt-missing"})
def _(writer: PdfWriter, _c: Clean, random: Random) -> int:
    figures = [one for one in _elements(writer, "/Figure") if "/Alt" in one]
    random.choice(figures)[NameObject("/Alt")] = TextStringObject("picture.svg")
    return 0


@whole("reading order turned", WORDS)
def _(writer: PdfWriter, _c: Clean, random: Random) -> int:
    lists = [one for one in _elements(writer, "/L") if len(one["/K"]) > 2]
    chosen = random.choice(lists)
    chosen[NameObject("/K")] = ArrayObject(reversed(list(chosen["/K"])))
    return 0


@whole("bookmark renamed", {"bookmarks"})
def _(writer: PdfWriter, _c: Clean, random: Random) -> int:
    marks = [one for one in _dictionaries(writer) if "/Title" in one and "/Parent" in one]
    random.choice(marks)[NameObject("/Title")] = TextStringObject("Buy now")
    return 0


@whole("page removed", WORDS | NAMES)
def _(writer: PdfWriter, one: Clean, random: Random) -> int:
    writer.remove_page(random.randrange(3, one.facts.pages - 1))
    return 0


@whole("page turned", {"page-size"})
def _(writer: PdfWriter, one: Clean, random: Random) -> int:
    number = random.randrange(1, one.facts.pages + 1)
    writer.pages[number - 1].rotate(180)
    return number


@whole("other code in the metadata", {"metadata"})
def _(writer: PdfWriter, _c: Clean, _r: Random) -> int:
    writer.add_metadata({"/code": "HI999"})
    return 0


@whole("other language", {"language"})
def _(writer: PdfWriter, _c: Clean, _r: Random) -> int:
    writer.root_object[NameObject("/Lang")] = TextStringObject("fr-FR")
    return 0


@whole("coarse picture", {"picture-coarse"})
def _(writer: PdfWriter, one: Clean, random: Random) -> int:
    number = random.randrange(1, one.facts.pages + 1)
    picture = DecodedStreamObject()
    picture.set_data(bytes(range(100)))
    for key, value in {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceGray"}.items():
        picture[NameObject(key)] = NameObject(value)
    for key, size in {"/Width": 10, "/Height": 10, "/BitsPerComponent": 8}.items():
        picture[NameObject(key)] = FloatObject(size)
    page = writer.pages[number - 1]
    resources = page["/Resources"]
    drawings = DictionaryObject(resources.get("/XObject", {}))  # type: ignore[union-attr]
    drawings[NameObject("/Coarse")] = writer._add_object(picture)
    resources[NameObject("/XObject")] = drawings  # type: ignore[index]
    operators = _operators(page)
    painted = ["Q", "/Artifact", "BMC", "q 60 0 0 60 40 500 cm", "/Coarse Do", "Q", "EMC"]
    _set(writer, number, ["q", *operators, *painted])
    return number


def _set(writer: PdfWriter, page: int, operators: list[str]) -> None:
    stream = DecodedStreamObject()
    stream.set_data("\n".join(operators).encode("latin-1"))
    writer.pages[page - 1][NameObject("/Contents")] = writer._add_object(stream)


# --- Injecting and judging ------------------------------------------------------------------


def faults(each: int) -> Iterator[Fault]:
    """Which faults are injected: of each kind so many for each booklet, spread over its lines."""
    for name in BOOKLETS:
        one, random = clean(name), Random(f"faults of {name}")
        for kind, (_, family) in EDITS.items():
            able = [i for i, line in enumerate(one.lines) if kind != DIGIT or re.search(r"\d", line.said)]
            for index in random.sample(able, min(each, len(able))):
                line = one.lines[index]
                yield Fault(name, kind, index, line.page, line.block, frozenset(family))
        for kind, (_, family) in WHOLE.items():
            for number in range(max(1, each // 2)):
                yield Fault(name, kind, number, -1, "", frozenset(family))


def inject(fault: Fault) -> tuple[bytes, int]:
    """The spoiled PDF, and the page of the fault; 0 where it is of the whole file."""
    one = clean(fault.booklet)
    random = Random(f"{fault.booklet} {fault.kind} {fault.where}")
    writer = PdfWriter(io.BytesIO(one.pdf), incremental=True)
    page = fault.page
    if fault.kind in EDITS:
        operators = _operators(writer.pages[page - 1])
        _set(writer, page, EDITS[fault.kind][0](operators, one.lines[fault.where], one, random))
    else:
        page = WHOLE[fault.kind][0](writer, one, random)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue(), page


def differs(one: Facts, other: Facts) -> bool:
    """Does anything that can be seen, read or pressed differ?"""
    pages = ("pages", "sizes", "turned", "passages", "furniture", "pictures", "images")
    for name in (*pages, "links", "bookmarks", "metadata", "language", "labels", "fonts"):
        if getattr(one, name) != getattr(other, name):
            return True
    a, b = one.letters, other.letters
    looks = ("box", "size", "contrast", "seen", "cut", "tag")
    return len(a) != len(b) or any((getattr(a, name) != getattr(b, name)).any() for name in looks)


def tried(fault: Fault) -> tuple[Fault, str]:
    """What became of a fault: caught, missed, or without effect."""
    one = clean(fault.booklet)
    try:
        pdf, page = inject(fault)
    except StopIteration:
        return fault, "not possible"
    facts = inspect_pdf(pdf).value
    if facts is None:
        return fault, "unreadable"
    if not differs(one.facts, facts):
        return fault, "no effect"
    found = judge(facts, one.sourced, one.layout, TODAY, "spoiled.pdf")
    return fault, "caught" if any(_tells(problem, fault, page) for problem in found) else "missed"


def _tells(problem: Problem, fault: Fault, page: int) -> bool:
    right_page = not page or problem.page == page
    right_block = not fault.block or problem.block == fault.block or problem.code in ("words-stray", "pdf-ua")
    return problem.code in fault.family and right_page and right_block


def main() -> int:
    """Print the table; 1 where a fault was missed or a clean file has a finding."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--each", type=int, default=6, help="faults of each kind for each booklet (6)")
    parser.add_argument("--write", action="store_true", help="write the table into docs/faults.md")
    asked = parser.parse_args()
    alarms = [p for name in BOOKLETS for p in _judged_clean(name) if p.severity is not Severity.ADVICE]
    results: dict[str, list[str]] = defaultdict(list)
    # Forked, the libraries' own threads would be missing.
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for fault, result in pool.map(tried, faults(asked.each)):
            results[fault.kind].append(result)
            if result not in ("caught", "not possible", "no effect"):
                place = f"{fault.booklet}, page {fault.page}, {fault.block}"
                sys.stderr.write(f"{result}: {fault.kind}, {place}\n")
    table = list(_table(results, len(alarms)))
    sys.stdout.write("\n".join(table) + "\n")
    if asked.write:
        _write(table)
    return int(bool(alarms) or any("missed" in found for found in results.values()))


def _judged_clean(name: str) -> tuple[Problem, ...]:
    one = clean(name)
    return judge(one.facts, one.sourced, one.layout, TODAY, "clean.pdf")


def _table(results: dict[str, list[str]], alarms: int) -> Iterator[str]:
    yield "| fault | injected | caught |"
    yield "|---|--:|--:|"
    injected = caught = 0
    for kind, found in results.items():
        real = [result for result in found if result not in ("not possible", "no effect")]
        injected, caught = injected + len(real), caught + real.count("caught")
        yield f"| {kind} | {len(real)} | {real.count('caught')} |"
    yield f"| **all** | **{injected}** | **{caught}** |"
    yield ""
    yield f"False alarms on the {len(BOOKLETS)} clean booklets: {alarms}."


NOTES = """# What the checker catches, and what it does not look at

<!-- The table is written by `bench/faults.py --write`. -->

Faults are injected by program into the finished PDFs of the three samples, one at a time. One counts
as caught only where a finding of the right family names its page and its block.

{table}

## Not checked

- Whether a drawing shows what it should: only its words, its alt text and the resolution of
  photographs are looked at, not its lines and colours.
- How many people of a statistic's picture are filled in, and how many lines there are to write on.
- The header above the text: it may hold any title of the booklet, also that of another section.
- Whether the source itself is true.
"""


def _write(table: list[str]) -> None:
    (PROJECT / "docs" / "faults.md").write_text(NOTES.format(table="\n".join(table)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
