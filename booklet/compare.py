"""How do two versions of a booklet look beside one another? Their pages in pairs, and what differs on them.

This is a worker's part. A release's edition is the file that was released; one that is not among its files is
set anew from what was kept.
"""

import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby, product
from pathlib import Path
from textwrap import shorten
from typing import NamedTuple

import numpy as np
import pypdfium2 as pdfium
from PIL import Image

from .aligned import Alignment, Change, Part, Word, align, paired_pages, votes_of, words_of
from .beside import CHANGED, Colours, Drawn, Matcher, Shift, Thing, read_sheets
from .bind import print_edition
from .inspect import Facts, inspect_pdf
from .layout import form_of, layout_for
from .problem import Box, Outcome, Problem
from .register import SHOP
from .released import MANIFEST, PRESS, damage, folder_of, read_manifest
from .source import Source, Sourced
from .store import Folder
from .tags import Picture as Figure
from .view import SHARPEST, Wanted

#: What is asked for in the place of a version's number: the source as it is.
NOW = "now"
#: So many words are shown before and behind a change.
AROUND = 6
#: So many letters of a text are shown at the most: the rest is seen on the page.
LONGEST = 600
#: And so many of what a picture shows.
NAMED = 80
#: On a page where so many texts are set otherwise, that is one change.
MOST_SET = 12
#: How pale all is that both have, of 1; how strong at the least what only one has; and its colour.
PALE, STRONG = 0.3, 0.15
#: In points: ink that reaches beyond the boxes of letters.
AROUND_INK = 0.7
#: In points: what stands as near to words is theirs.
WITH_WORDS = 8.0
#: Where on a page something stands that has no name.
THIRDS = "in the upper third of the page", "in the middle of the page", "in the lower third of the page"
GONE, NEW = (176, 0, 58), (0, 92, 138)


@dataclass(frozen=True, slots=True)
class Asked:
    """Two versions of a booklet in a form: their numbers, or NOW."""

    wanted: Wanted
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Version:
    """A version as it is shown: its PDF, what it calls itself, and what is to be said of it."""

    pdf: bytes
    version: str
    title: str
    note: str = ""


class Said(NamedTuple):
    """A change in words: its number, some of the words around it, and its pages; 0 where it is on none."""

    number: int
    before: str
    gone: str
    new: str
    after: str
    moved: bool
    pages: tuple[int, int]


class Mark(NamedTuple):
    """A frame on a page: `gone`, `new`, `moved` or `drawn`; sides in points from the upper left edge."""

    kind: str
    box: Box


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page: its number from 1, its size in points, what its pictures are asked for by, and its marks."""

    number: int
    width: float
    height: float
    key: str
    pale: str
    """The key of the picture in which all is pale that the other page has, too."""
    words: tuple[Mark, ...]
    drawn: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Two pages beside one another, or one alone, and what has changed on them."""

    old: Leaf | None
    new: Leaf | None
    words: tuple[Said, ...]
    drawn: tuple[str, ...]
    same: bool
    """To the pixel."""


class Picture(NamedTuple):
    """How a page's picture is made: of the new version?, which page, and is all pale but what differs?

    Then also the page beside it, what is the same wherever it stands, and what is not.
    """

    new: bool
    page: int
    pale: bool = False
    other: int = 0
    same: tuple[Box, ...] = ()
    differing: tuple[Box, ...] = ()


@dataclass(frozen=True)
class Compared:
    """Two versions beside one another, or why they are not."""

    problems: tuple[Problem, ...] = ()
    versions: tuple[Version, Version] | None = None
    rows: tuple[Row, ...] = ()
    pictures: Mapping[str, Picture] = field(default_factory=dict)


def compared(asked: Asked) -> Compared:
    """Set, read and compare both versions."""
    found = [_version(asked, number) for number in (asked.old, asked.new)]
    old, new = (one.value for one in found)
    if old is None or new is None:
        told = zip((asked.old, asked.new), found, strict=True)
        return Compared(tuple(problem for number, one in told for problem in _told(number, one)))
    return beside(old, new)


def _told(number: str, found: Outcome[Version]) -> Iterator[Problem]:
    """What is wrong with a version, which says so itself."""
    if found.value is None:
        prefix = "" if number == NOW else f"Version {number}: "
        yield from (replace(one, message=prefix + one.message) for one in found.problems)


# --- Versions -----------------------------------------------------------------------------------


def _version(asked: Asked, number: str) -> Outcome[Version]:
    wanted = asked.wanted
    if number != NOW:
        return _released(wanted, number)
    read = Source(wanted.roots[0]).booklet(wanted.booklet, wanted.language)
    return _set(read, wanted, wanted.roots)


def _released(wanted: Wanted, number: str) -> Outcome[Version]:
    """An edition of a release; no file of it may be another than was released."""
    source = Source(wanted.roots[0])
    register, store = source.register, Folder(source.root / SHOP)
    entry = register.value.release(wanted.booklet, number) if register.value else None
    if entry is None:
        missing = Problem("unknown-release", f"{number} is not in the register")
        return Outcome(None, register.problems or (missing,))
    folder = folder_of(wanted.booklet, number)
    manifest = read_manifest(store.read(f"{folder}/{MANIFEST}"), folder, entry.manifest)
    faults = tuple(damage(store, folder, manifest.value)) if manifest.value else manifest.problems
    if manifest.value is None or faults:
        return Outcome(None, tuple(map(_in_shop, faults)))
    press = source.root / SHOP / folder / PRESS
    roots = press, *wanted.roots
    read = Source(press).booklet(wanted.booklet, wanted.language)
    layout = layout_for(read.value, wanted.layout, roots, wanted.points, grey=wanted.grey)
    if read.value and layout.value:
        booklet = read.value.booklet
        form = form_of(layout.value.name, layout.value.size, grey=wanted.grey)
        name = f"{booklet.id}-{number}-{booklet.language}-{form}.pdf"
        if name in manifest.value.files:
            return Outcome(Version(store.read(f"{folder}/{name}") or b"", number, booklet.title))
    made = _set(read, wanted, roots)
    note = f"{number} was not released in this form: its words are set in the layout of today"
    return Outcome(replace(made.value, note=note) if made.value else None, made.problems)


def _in_shop(fault: Problem) -> Problem:
    """A fault of a release, with its file named from the publisher's folder."""
    return replace(fault, where=replace(fault.where, file=f"{SHOP}/{fault.where.file}"))


def _set(read: Outcome[Sourced], wanted: Wanted, roots: tuple[Path, ...]) -> Outcome[Version]:
    layout = layout_for(read.value, wanted.layout, roots, wanted.points, grey=wanted.grey)
    if read.value is None or layout.value is None:
        return Outcome(None, read.problems + layout.problems)
    booklet = read.value.booklet
    words = layout.value.words(booklet.language)
    if words.value is None:
        return Outcome(None, words.problems)
    made = print_edition(read.value, layout.value, words.value)
    if made.value is None:
        return Outcome(None, made.problems)
    return Outcome(Version(made.value, booklet.version, booklet.title))


# --- Comparing ----------------------------------------------------------------------------------


def beside(old: Version, new: Version) -> Compared:
    """The pages of two versions beside one another."""
    facts = [inspect_pdf(one.pdf) for one in (old, new)]
    before, now = (one.value for one in facts)
    if before is None or now is None:
        return Compared(facts[0].problems + facts[1].problems)
    return _Comparison((old, new), (before, now)).compared()


class _Comparison:
    """Two versions, with what differs."""

    def __init__(self, versions: tuple[Version, Version], facts: tuple[Facts, Facts]) -> None:
        self.versions, self.facts = versions, facts
        self.sheets = read_sheets(versions[0].pdf), read_sheets(versions[1].pdf)
        words = [words_of(one) for one in facts]
        self.alignments = [align(words[0][kind], words[1][kind]) for kind in (0, 1)]
        self.pairs = paired_pages(self._votes(), (len(self.sheets[0]), len(self.sheets[1])))
        self.matcher = Matcher(
            *self.sheets, beside={a: b for a, b in self.pairs if a and b}, shifts=self._shifts()
        )
        drawn = (one for one in self.matcher.changes() if not self._goes_with_words(one))
        self.drawn = [*drawn, *self._set_otherwise()]
        self.pictures: dict[str, Picture] = {}

    def _votes(self) -> Counter[tuple[int, int]]:
        """What pages have in common: their words, and where they have none, their looks."""
        votes = votes_of(self.alignments)
        looks = {sheet.look: sheet.number for sheet in self.sheets[1]}
        for sheet in self.sheets[0]:
            if sheet.look in looks:
                votes[sheet.number, looks[sheet.look]] += 1
        return votes

    def _shifts(self) -> dict[tuple[int, int], list[Shift]]:
        """How far the words have moved, by both pages."""
        shifts: dict[tuple[int, int], list[Shift]] = {}
        for found in self.alignments:
            for a, b in found.same.items():
                one, other = found.old[a], found.new[b]
                left, top, _, bottom = map(float, self.facts[0].letters.box[one.letters[0]])
                own = self.facts[1].letters.box[other.letters[0]]
                shift = Shift(top, bottom, float(own[0]) - left, float(own[1]) - top)
                shifts.setdefault((one.page, other.page), []).append(shift)
        return shifts

    def compared(self) -> Compared:
        """All that is shown."""
        rows = tuple(self._row(a, b) for a, b in self.pairs)
        return Compared((), self.versions, rows, self.pictures)

    def _row(self, a: int, b: int) -> Row:
        told, drawn = self._said, self._told
        words = {one.number: one for one in (*told.get((0, a), ()), *told.get((1, b), ()))}
        beside = dict((*drawn.get((0, a), ()), *drawn.get((1, b), ()))) if a and b else {}
        same = bool(a and b) and self.sheets[0][a - 1].look == self.sheets[1][b - 1].look
        leaves = self._leaf(0, a, b), self._leaf(1, b, a)
        return Row(
            *leaves,
            tuple(words[number] for number in sorted(words)),
            tuple(dict.fromkeys(beside.values())),
            same,
        )

    def _leaf(self, side: int, page: int, other: int) -> Leaf | None:
        if not page:
            return None
        sheet, beside = self.sheets[side][page - 1], self.sheets[1 - side][other - 1] if other else None
        words, drawn = (tuple(some.get((side, page), ())) for some in (self._marks, self._frames))
        same = tuple(self._same.get((side, page), ()))
        how = Picture(bool(side), page, True, other, same, tuple(mark.box for mark in (*words, *drawn)))
        said = repr((sheet.look, beside.look if beside else "", how)).encode()
        pale = hashlib.sha256(said).hexdigest()[:32]
        self.pictures |= {sheet.look: Picture(bool(side), page), pale: how}
        return Leaf(page, sheet.width, sheet.height, sheet.look, pale, words, drawn if other else ())

    # In words

    @cached_property
    def _said(self) -> dict[tuple[int, int], list[Said]]:
        """The changes in words, by the side and the page on which they are."""
        said: dict[tuple[int, int], list[Said]] = {}
        changes = [(found, change) for found in self.alignments for change in found.changes]
        for number, (found, change) in enumerate(changes):
            one = _said(number, found, change)
            for side, page in enumerate(one.pages):
                if page:
                    said.setdefault((side, page), []).append(one)
        return said

    @cached_property
    def _marks(self) -> dict[tuple[int, int], list[Mark]]:
        marks: dict[tuple[int, int], list[Mark]] = {}
        for found in self.alignments:
            for change in found.changes:
                parts = ((found.old, change.gone, "gone"), (found.new, change.new, "new"))
                for side, (words, part, kind) in enumerate(parts):
                    own = words[part.first : part.end] if part else ()
                    for page, box in lines_of(self.facts[side], own):
                        mark = Mark("moved" if change.moved else kind, box)
                        marks.setdefault((side, page), []).append(mark)
        return marks

    # Beside the words

    def _goes_with_words(self, one: Drawn) -> bool:
        """Was it put in, or taken out, with words that are marked: their box, or the rule below them?"""
        if one.old and one.new:
            return False
        side, (page, boxes) = (1, one.new) if one.new else (0, one.old or (0, ()))
        near = [(box[0], box[1] - WITH_WORDS, box[2], box[3] + WITH_WORDS) for box in boxes]
        marks = self._marks.get((side, page), ())
        return self._picture(side, page, boxes[0]) is None and any(
            _overlap(mark.box, box) for mark in marks for box in near
        )

    def _set_otherwise(self) -> Iterator[Drawn]:
        """Words that are the same, in another face, size or colour."""
        for found in self.alignments:
            other = [(a, b) for a, b in sorted(found.same.items()) if not self._is_set_alike(found, a, b)]
            by_page = groupby(other, key=lambda both: (found.old[both[0]].page, found.new[both[1]].page))
            for _, group in by_page:
                stretches = list(_stretches(found, list(group)))
                together = [[both for stretch in stretches for both in stretch]]
                for stretch in stretches if len(stretches) <= MOST_SET else together:
                    yield self._set(found, stretch)

    def _is_set_alike(self, found: Alignment, a: int, b: int) -> bool:
        return _style(self.facts[0], found.old[a]) == _style(self.facts[1], found.new[b])

    def _set(self, found: Alignment, pairs: Sequence[tuple[int, int]]) -> Drawn:
        """Words that are set otherwise, which stand on one page of each version."""
        old, new = [found.old[a] for a, _ in pairs], [found.new[b] for _, b in pairs]
        boxes = [
            tuple(box for _, box in lines_of(self.facts[side], own)) for side, own in enumerate((old, new))
        ]
        told = f"‘{_text(new).strip()}’ is set in another face, size or colour"
        return Drawn(told, (old[0].page, boxes[0]), (new[0].page, boxes[1]))

    @cached_property
    def _told(self) -> dict[tuple[int, int], list[tuple[int, str]]]:
        """What differs beside the words, in words, with its number, by side and page."""
        told: dict[tuple[int, int], list[tuple[int, str]]] = {}
        for number, one in enumerate(self.drawn):
            side, (page, boxes) = (1, one.new) if one.new else (0, one.old or (0, ()))
            text = f"{self._name(side, page, boxes)}: {one.told}"
            for at, place in enumerate((one.old, one.new)):
                if place:
                    told.setdefault((at, place[0]), []).append((number, text))
        return told

    def _name(self, side: int, page: int, boxes: Sequence[Box]) -> str:
        """What a thing is: by its alt text, or by its place on the page."""
        picture = self._picture(side, page, boxes[0])
        if picture:
            return f"picture ‘{shorten(picture.alt, NAMED, placeholder=' …')}’"
        middle = (boxes[0][1] + boxes[-1][3]) / 2
        third = int(middle * len(THIRDS) / self.sheets[side][page - 1].height)
        return THIRDS[max(0, min(third, len(THIRDS) - 1))]

    def _picture(self, side: int, page: int, box: Box) -> Figure | None:
        """The picture of which that is a part."""
        here = (one for one in self.facts[side].pictures if one.page == page)
        return next((one for one in here if one.drawing.box and _overlap(one.drawing.box, box)), None)

    @cached_property
    def _frames(self) -> dict[tuple[int, int], list[Mark]]:
        frames: dict[tuple[int, int], list[Mark]] = {}
        for one in self.drawn:
            for side, place in enumerate((one.old, one.new)):
                if place:
                    kind = "moved" if one.told == "moved" else ("gone", "new")[side]
                    frames.setdefault((side, place[0]), []).extend(Mark(kind, box) for box in place[1])
        return frames

    @cached_property
    def _same(self) -> dict[tuple[int, int], list[Box]]:
        """Where nothing differs, though all may have moved, by side and page."""
        same: dict[tuple[int, int], list[Box]] = {}
        for found in self.alignments:
            pairs = [(a, b) for a, b in sorted(found.same.items()) if self._is_set_alike(found, a, b)]
            for side, words in enumerate((found.old, found.new)):
                for page, box in lines_of(self.facts[side], [words[both[side]] for both in pairs]):
                    same.setdefault((side, page), []).append(box)
        for both in (*self.matcher.same, *self._marginal()):
            for side, thing in enumerate(both):
                same.setdefault((side, thing.page), []).append(thing.box)
        return same

    def _marginal(self) -> Iterator[tuple[Thing, Thing]]:
        """Marks in the margins of pages beside one another that are as large, and as far down."""
        for a, b in self.pairs:
            if a and b:
                for both in product(self.sheets[0][a - 1].margin, self.sheets[1][b - 1].margin):
                    if both[0].size == both[1].size and both[0].sides[1] == both[1].sides[1]:
                        yield both


def _said(number: int, found: Alignment, change: Change) -> Said:
    words, part = (found.new, change.new) if change.new else (found.old, change.gone or Part(0, 0))
    own = words[part.first].passage
    before = [one for one in words[max(part.first - AROUND, 0) : part.first] if one.passage == own]
    after = [one for one in words[part.end : part.end + AROUND] if one.passage == own]
    gone = found.old[change.gone.first : change.gone.end] if change.gone else ()
    new = found.new[change.new.first : change.new.end] if change.new else ()
    pages = gone[0].page if gone else 0, new[0].page if new else 0
    return Said(number, _text(before), _text(gone), _text(new), _text(after), change.moved, pages)


def _text(words: Sequence[Word]) -> str:
    """Words as they are read, with the space before them; what is too long is cut short."""
    text = "".join(word.text for word in words)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _stretches(found: Alignment, pairs: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Pairs of words that follow one another in a passage of the new version."""
    begun: list[tuple[int, int]] = []
    for a, b in pairs:
        if begun and (b != begun[-1][1] + 1 or found.new[b].passage != found.new[b - 1].passage):
            yield begun
            begun = []
        begun.append((a, b))
    if begun:
        yield begun


def _style(facts: Facts, word: Word) -> tuple[str, float, int]:
    """The face, size and colour of a word."""
    every, first = facts.letters, word.letters[0]
    face = str(every.font[first]).rpartition("+")[2]
    return face, round(float(every.size[first]), 1), int(every.colour[first])


def lines_of(facts: Facts, words: Iterable[Word]) -> Iterator[tuple[int, Box]]:
    """The pages of some words, and the boxes of their lines."""
    page, line = 0, None
    for word in words:
        for letter in word.letters:
            left, top, right, bottom = map(float, facts.letters.box[letter])
            if line and word.page == page and _continues(line, (left, top, right, bottom)):
                line = min(line[0], left), min(line[1], top), max(line[2], right), max(line[3], bottom)
                continue
            if line:
                yield page, line
            page, line = word.page, (left, top, right, bottom)
    if line:
        yield page, line


def _continues(line: Box, box: Box) -> bool:
    """Does a letter stand in a line, no further from it than a few spaces?"""
    high = min(line[3] - line[1], box[3] - box[1])
    shared = min(line[3], box[3]) - max(line[1], box[1])
    apart = max(box[0] - line[2], line[0] - box[2])
    return shared > high / 2 and apart < 1.5 * max(line[3] - line[1], 1)


def _overlap(one: Box, other: Box) -> bool:
    return min(one[2], other[2]) > max(one[0], other[0]) and min(one[3], other[3]) > max(one[1], other[1])


# --- Pictures -----------------------------------------------------------------------------------


def picture(pdf: bytes, other: bytes, how: Picture, scale: float) -> bytes:
    """A page (PNG) with so many pixels for each point; `other` is the PDF of the page beside it."""
    scale = min(scale, SHARPEST)
    own = _drawn(pdf, how.page, scale)
    if how.pale:
        beside = _drawn(other, how.other, scale) if how.other else np.full_like(own, 255)
        own = _paled(own, beside, how, scale)
    data = io.BytesIO()
    Image.fromarray(own).save(data, "PNG", compress_level=1)
    return data.getvalue()


def _drawn(pdf: bytes, page: int, scale: float) -> Colours:
    document = pdfium.PdfDocument(pdf)
    try:
        return np.array(document[page - 1].render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3])
    finally:
        document.close()


def _paled(own: Colours, beside: Colours, how: Picture, scale: float) -> Colours:
    """A page on which all is pale but what the page beside it has not; that is in one colour."""
    there = np.full_like(own, 255)
    rows, columns = (min(own.shape[side], beside.shape[side]) for side in (0, 1))
    there[:rows, :columns] = beside[:rows, :columns]
    differs = np.any(np.abs(own.astype(np.int16) - there) > CHANGED, axis=2)
    for boxes, differ in ((how.same, False), (how.differing, True)):
        for left, top, right, bottom in boxes:
            sides = left - AROUND_INK, top - AROUND_INK, right + AROUND_INK, bottom + AROUND_INK
            x0, y0, x1, y1 = (max(round(side * scale), 0) for side in sides)
            differs[y0:y1, x0:x1] = differ
    ink = (255 - own.min(axis=2, keepdims=True)) / 255
    strong = np.where(ink > 0, STRONG + (1 - STRONG) * ink, 0)
    colour = 255 - (255 - np.array(NEW if how.new else GONE)) * strong
    pale = 255 - (255 - own.astype(np.float32)) * PALE
    return np.where(differs[:, :, None], colour, pale).astype(np.uint8)
