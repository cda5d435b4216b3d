"""Does the finished PDF say what the source says? One family of checks a module.

A check is one decorated function: it yields what it found, and its code, severity, why and hint
stand beside it. Checks see the source, the layouts' words and the PDF's facts, and nothing else.
"""

import importlib
import pkgutil
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain, combinations, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..bidi import MIRRORED
from ..blocks import Figure
from ..chapters import Blocks, Chapter, chapters
from ..faces import FaceFile, words_of
from ..inspect import Facts, Font
from ..language import direction
from ..layout import Recipe
from ..model import every_block
from ..problem import NOWHERE, Box, Problem, Severity, Where
from ..prose import Piece
from ..source import Sourced
from ..tags import Picture
from .reading import Reading, bare, in_pieces, read_along

#: The first and the last letter (code points) of the scripts whose letters join, stack or share parts:
#: from Hebrew and Arabic over those of India to Thai and Tibetan.
JOINED = (0x0590, 0x0FFF)


class Joints(NamedTuple):
    """Letters by their indices, each with the one behind it: is there a space, are they on one line?"""

    before: NDArray[np.int32]
    behind: NDArray[np.int32]
    space: NDArray[np.bool_]
    level: NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """One PDF, and what it should be."""

    sourced: Sourced
    words: Mapping[str, str]
    recipe: Recipe
    """What the layout says of itself: its matter, least type sizes and resolution."""
    faces: tuple[FaceFile, ...]
    """The font files of the layout's families."""
    facts: Facts
    today: date
    grey: bool = False
    """Should it be without colour, and take little ink?"""
    national: Facts | None = None
    """What a clinic's edition is to be like, but for the clinic's own details."""

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """What a reader must meet."""
        return tuple(chapters(self.sourced, self.words))

    @cached_property
    def reading(self) -> Reading:
        """The source's words, each with its place in the PDF."""
        return read_along(self.chapters, self.order, self.sourced.booklet, self.facts)

    @property
    def order(self) -> tuple[str, ...]:
        """The layout's matter in order."""
        return tuple(chain.from_iterable(self.recipe.order or ()))

    @cached_property
    def owners(self) -> NDArray[np.int32]:
        """For each letter of the PDF the index of the found piece that it belongs to, or -1."""
        owners = np.full(len(self.facts.letters), -1, np.int32)
        for index, found in enumerate(self.reading.found):
            owners[list(found.letters)] = index
        return owners

    @cached_property
    def joints(self) -> Joints:
        """Every pair of letters that follow one another in a found piece."""
        letters, found = self.facts.letters, self.reading.found
        pairs = [pair for one in found for pair in pairwise(one.letters)]
        spaces = {pair for one in found for pair in one.joints}
        before, behind = np.array(pairs, np.int32).reshape(-1, 2).T
        left, right = letters.box[before], letters.box[behind]
        level = np.minimum(right[:, 3], left[:, 3]) > np.maximum(right[:, 1], left[:, 1])
        # Where letters stack, those of one run may lie above one another.
        level |= self.joined[before] & self.joined[behind] & (letters.run[before] == letters.run[behind])
        level &= letters.page[before] == letters.page[behind]
        return Joints(before, behind, np.array([pair in spaces for pair in pairs], bool), level)

    @cached_property
    def joined(self) -> NDArray[np.bool_]:
        """Which letters are of a script whose letters join, stack or share parts?"""
        code = self.facts.letters.code
        joined: NDArray[np.bool_] = (code >= JOINED[0]) & (code <= JOINED[-1])
        return joined

    @cached_property
    def roles(self) -> NDArray[np.object_]:
        """For each letter the role of the passage that it stands in; empty in the margin."""
        roles = np.full(len(self.facts.letters), "", object)
        for passage in self.facts.passages:
            roles[list(passage.printed)] = passage.role
        return roles

    @cached_property
    def _ligatures(self) -> Mapping[str, Collection[str]]:
        """Pairs of letters that one glyph of a font stands for, by the fonts' whole names."""
        texts = {font.subset: map(in_pieces, font.drawings) for font in self.facts.fonts}
        return {
            font: {a + b for text in some for a, b in combinations(text, 2)} for font, some in texts.items()
        }

    def is_ligature(self, one: int, other: int) -> bool:
        """Are two letters that follow one another drawn as one? Then they have one box."""
        letters = self.facts.letters
        same = letters.run[one] == letters.run[other] and (letters.box[one] == letters.box[other]).all()
        pair = letters.letter(one) + letters.letter(other)
        return bool(same) and pair in self._ligatures.get(letters.font[one], ())

    @cached_property
    def odd(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The texts that each font draws in a way in which no face of fonts/ does, with their outlines."""
        # The other forms of all letters are asked for last: to read a font's rules takes a second.
        letters = {font.name: list(self._no_letters(font)) for font in self.facts.fonts}
        shaped = self._shaped({text for some in letters.values() for text, _ in some})
        return {
            font: [
                (text, outline)
                for text, outline in some
                if (unicodedata.normalize("NFC", text), outline) not in shaped
                and not any(face.may_draw(text, outline) for face in self.faces)
            ]
            for font, some in letters.items()
        }

    def _no_letters(self, font: Font) -> Iterator[tuple[str, str]]:
        """What a font draws that is no face's own form of a letter, with its text."""
        languages = [self.sourced.booklet.language]
        languages += [piece.language for piece in self._others if set(piece.text) & set(MIRRORED)]
        # A bracket is drawn the other way around in text that runs from right to left.
        turned = MIRRORED if "rtl" in map(direction, languages) else {}
        for text, outlines in font.drawings.items():
            for outline in sorted(outlines):
                letters = {text, turned.get(text, text)}
                if not any(face.draws(one, outline) for face in self.faces for one in letters):
                    yield text, outline

    def _shaped(self, letters: Collection[str]) -> frozenset[tuple[str, str]]:
        """The texts in the file's words with those letters, and what is drawn for them in the faces."""
        passages = (*self.facts.passages, *self.facts.furniture)
        texts = [passage.text for passage in passages]
        texts += [self.facts.letters.text(picture.letters) for picture in self.facts.pictures]
        # A clinic's edition has the national one's fonts, with the letters of the lines in its place.
        texts += self.words.values()
        # pdfium takes some letters apart.
        texts += [unicodedata.normalize("NFC", text) for text in texts]
        texts = [text for text in texts if any(letter in text for letter in letters)]
        words = {self.sourced.booklet.language: {word for text in texts for word in words_of(text)}}
        for piece in self._others:
            words.setdefault(piece.language, set()).update(words_of(piece.text))
        shaped = (
            pair
            for language, some in words.items()
            for face in self.faces
            for pair in face.shaped(sorted(w for w in some if any(one in w for one in letters)), language)
        )
        return frozenset((unicodedata.normalize("NFC", text), outline) for text, outline in shaped)

    @property
    def _others(self) -> tuple[Piece, ...]:
        """The pieces in other languages than the booklet's."""
        return tuple(found.piece for found in self.reading.found if found.piece.language)

    @cached_property
    def drawn(self) -> NDArray[np.int32]:
        """For each letter the index of the picture that it is drawn in, or -1."""
        drawn = np.full(len(self.facts.letters), -1, np.int32)
        for index, picture in enumerate(self.facts.pictures):
            drawn[list(picture.letters)] = index
        return drawn

    def where_of(self, picture: Picture) -> Where:
        """The place of a picture in the source; nowhere for one of the layout's own."""
        blocks = every_block(self.sourced.booklet)
        figures = (b for b in blocks if isinstance(b, Figure) and bare(b.alt) == bare(picture.alt))
        return next((block.where for block in figures), NOWHERE)

    @cached_property
    def blocks(self) -> Blocks:
        """The names of the booklet's blocks, by their places."""
        return Blocks(self.sourced.booklet)

    def page_of(self, letter: int) -> int:
        """The page of a letter."""
        return int(self.facts.letters.page[letter])

    def boxes(self, letters: tuple[int, ...], page: int | None) -> Iterator[Box]:
        """One box for each line of the letters that stand on the page."""
        every = self.facts.letters
        which = np.array(letters, np.int32)
        which = which[(every.page[which] == page) & ~every.blank[which]] if len(which) else which
        lines: list[list[float]] = []
        for left, top, right, bottom in every.box[which].tolist():
            line = lines[-1] if lines else None
            if line and min(bottom, line[3]) - max(top, line[1]) > 0:
                line[:] = min(left, line[0]), min(top, line[1]), max(right, line[2]), max(bottom, line[3])
            else:
                lines.append([left, top, right, bottom])
        return ((left, top, right, bottom) for left, top, right, bottom in lines)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; the rest of the problem is the check's own.

    `letters` are what it is about, by their indices among the file's; the first tells the page
    where none is named. `box` is the place of what has no letters.
    """

    message: str
    where: Where = NOWHERE
    page: int | None = None
    letters: tuple[int, ...] = ()
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A check with its manual: why it exists and what to do when it finds something."""

    code: str
    severity: Severity
    why: str
    hint: str
    example: str
    """What it says of one of its mutants in tests/checks/."""
    find: Callable[[Case], Iterator[Finding]]

    def run(self, case: Case) -> Iterator[Problem]:
        """The problems that this check has with the case."""
        for found in self.find(case):
            where = found.where if found.where.file else _booklet(case)
            page = found.page or (case.page_of(found.letters[0]) if found.letters else None)
            boxes = (found.box,) if found.box else tuple(case.boxes(found.letters, page))
            yield Problem(self.code, found.message, where, self.hint, self.severity, "", page, boxes)


CHECKS: dict[str, Check] = {}


def check(
    code: str, *, why: str, hint: str, example: str, severity: Severity = Severity.ERROR
) -> Callable[[Callable[[Case], Iterator[Finding]]], Callable[[Case], Iterator[Finding]]]:
    """Register a function as the check of that code."""

    def register(find: Callable[[Case], Iterator[Finding]]) -> Callable[[Case], Iterator[Finding]]:
        CHECKS[code] = Check(code, severity, why, hint, example, find)
        return find

    return register


def run_checks(case: Case) -> Iterator[Problem]:
    """Everything that all checks find."""
    for one in CHECKS.values():
        yield from one.run(case)


def _booklet(case: Case) -> Where:
    return case.sourced.booklet.where


for _module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_module}")
