"""Does a clinic's edition differ from the national one in nothing but the clinic's own details?"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..inspect import Facts
from ..problem import Box, Severity
from . import Case, Finding, check
from .words import _excerpt

#: In points: what stands no farther from its place has not moved.
SAME_PLACE = 0.05

#: Contrasts that differ by no more than this are one: a pixel at a letter's edge decides so little.
SAME_CONTRAST = 0.2


@check(
    "clinic-changed",
    why="A clinic's details may change nothing else: the rest was reviewed and signed off as it is.",
    hint="shorten the clinic's details; if that does not help, build the booklet again",
    example="Page 8 has '2 Take 3 tablets.', where the national edition has '2 Take 2 tablets.'",
)
def clinic_changed(case: Case) -> Iterator[Finding]:
    if case.national and case.sourced.clinic and not _moved(case, case.national):
        yield from islice(_differences(_Rest(case.facts), _Rest(case.national)), 1)


@check(
    "clinic-moved",
    why="A page that was laid out again is not the page that was signed off, though it says the same.",
    hint="look at these pages, or shorten the clinic's details until they fit their place",
    example="The clinic's details do not fit their place: pages from 13 on were laid out again",
    severity=Severity.WARNING,
)
def clinic_moved(case: Case) -> Iterator[Finding]:
    if case.national and case.sourced.clinic and _moved(case, case.national):
        page = min(panel.page for panel in case.facts.panels)
        message = f"The clinic's details do not fit their place: pages from {page} on were laid out again"
        yield Finding(message, case.sourced.clinic.where, page=page)


def _moved(case: Case, national: Facts) -> bool:
    """Does an edition say all that the national one says, but on other pages or in other places of them?"""
    ours, theirs = _Rest(case.facts), _Rest(national)
    # Lines over two pages have no height that details could be given.
    other = ours.height > theirs.height + SAME_PLACE or len(national.panels) > 1
    return other and any(_differences(ours, theirs)) and ours.told(case) == theirs.told(case)


@check(
    "national-missing",
    why="Only beside the national edition can it be proven that a clinic's one says the same.",
    hint="build the booklet, and check the clinic's edition in the folder where both are",
    example="There is no national edition beside this one of 'riverside'",
    severity=Severity.WARNING,
)
def national_missing(case: Case) -> Iterator[Finding]:
    if case.sourced.clinic and case.national is None:
        yield Finding(f"There is no national edition beside this one of '{case.sourced.clinic_id}'")


class _Rest:
    """All of an edition that is not in the place of a clinic's details."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.inside = {letter for panel in facts.panels for letter in panel.letters}
        self.marks = {(panel.page, tag) for panel in facts.panels for tag in panel.tags}
        printed = [one.printed for one in (*facts.passages, *facts.furniture)]
        drawn = [picture.letters for picture in facts.pictures]
        everything = dict.fromkeys(letter for some in (*printed, *drawn) for letter in some)
        self.letters = np.array([one for one in everything if one not in self.inside], np.int32)
        self.pictures = [
            one for one in facts.pictures if not self.marks.intersection((one.page, t) for t in one.tags)
        ]
        self.cells = [one for one in facts.cells if not self._covers(one.letters)]
        self.passages = [
            (one.page, one.roles, one.text, one.letters)
            for one in (*facts.passages, *facts.furniture)
            if not self._covers(one.printed)
        ]

    @property
    def height(self) -> float:
        """How high the clinic's place is, on all its pages together."""
        return sum(panel.box[3] - panel.box[1] for panel in self.facts.panels)

    def _covers(self, letters: Sequence[int]) -> bool:
        """Are all these letters in the clinic's place?"""
        return bool(letters) and self.inside.issuperset(letters)

    def told(self, case: Case) -> tuple[object, ...]:
        """What it says, wherever it stands, without the numbers of pages and the pages that fill it up.

        Whether those numbers are right is for other checks.
        """
        facts, text = self.facts, self.facts.letters.text
        linked = {letter for words in facts.linked for letter in words}
        words = [
            (roles, re.sub(r"^\d{1,3}$", "#", word) if linked.intersection(letters) else word)
            for _, roles, said, letters in self.passages
            if roles and said.strip() != case.words["notes"]
            for word in said.split()
        ]
        return (
            words,
            [one.title for one in facts.bookmarks],
            [(one.address, one.name, one.said) for one in facts.links if not self.holds(one.page, one.box)],
            [(one.role, one.scope, text(one.letters)) for one in self.cells],
            [(one.alt, text(one.letters)) for one in self.pictures],
            self.others["The metadata"],
            set(facts.sizes),
        )

    def holds(self, page: int, box: Box) -> bool:
        """Is it in a clinic's place?"""
        return any(
            panel.page == page
            and panel.box[0] - SAME_PLACE <= box[0]
            and box[2] <= panel.box[2] + SAME_PLACE
            and panel.box[1] - SAME_PLACE <= (box[1] + box[3]) / 2 <= panel.box[3] + SAME_PLACE
            for panel in self.facts.panels
        )

    @property
    def others(self) -> Mapping[str, Sequence[Any]]:
        """Whatever else can be told of it, by what the finding calls it."""
        facts, text = self.facts, self.facts.letters.text
        placed = [(panel.page, *np.round(panel.box[:3], 1)) for panel in facts.panels]
        inside = {one.alt for one in facts.pictures} - {one.alt for one in self.pictures}
        spoken = [one for one in facts.spoken if not self._covers(one.letters) and one.alt not in inside]
        return {
            "The size of a page": facts.sizes,
            "The label of a page": facts.labels,
            "A bookmark": facts.bookmarks,
            "The file's language": (facts.language,),
            "The metadata": sorted(item for item in facts.metadata.items() if item[0] != "clinic"),
            "The place of the clinic's details": placed,
            "A picture": [(one.page, one.alt, text(one.letters)) for one in self.pictures],
            "An image": [
                (one.page, *np.round(one.box, 1), *one.pixels)
                for one in facts.images
                if (one.page, one.tag) not in self.marks
            ],
            "A line": self._boxes(facts.rules),
            "A sign": self._boxes(facts.specks),
            "A cell of a table": [(one.page, one.role, one.scope, text(one.letters)) for one in self.cells],
            "What a screen reader says": [
                (one.page, one.role, one.language, one.alt, one.instead, text(one.letters)) for one in spoken
            ],
            "A link": [
                (one.page, one.address, one.to_page, one.name, one.tagged, one.said, *np.round(one.box, 1))
                for one in facts.links
                if not self.holds(one.page, one.box)
            ],
            "What lies on a page": facts.notes,
            "What the file does": facts.actions,
        }

    def _boxes(self, pages: Sequence[Sequence[Box]]) -> list[tuple[float, ...]]:
        return sorted(
            (page, *np.round(box, 1))
            for page, boxes in enumerate(pages, 1)
            for box in boxes
            if not self.holds(page, box)
        )


def _differences(ours: _Rest, theirs: _Rest) -> Iterator[Finding]:
    """In what one edition differs from the other: one thing often brings about the next."""
    here, there = ours.facts.pages, theirs.facts.pages
    if here != there:
        yield Finding(f"It has {here} pages, the national edition {there}")
    yield from _in_words(ours, theirs)
    yield from _in_print(ours, theirs)
    wanted = theirs.others
    for name, some in ours.others.items():
        others = wanted[name]
        rest = [one for one in some if one not in others] or [one for one in others if one not in some]
        if some != others:
            page = next((one[0] for one in rest if isinstance(one, tuple) and isinstance(one[0], int)), None)
            yield Finding(f"{name} is not as in the national edition", page=page)


def _in_words(ours: _Rest, theirs: _Rest) -> Iterator[Finding]:
    """The first words that are other words, stand in another tag, or on another page."""
    ends = [(0, (), "", ())] * abs(len(ours.passages) - len(theirs.passages))
    for one, other in zip([*ours.passages, *ends], [*theirs.passages, *ends], strict=False):
        if one[:3] == other[:3]:
            continue
        page, roles, text, letters = one
        printed = tuple(letter for letter in letters if letter >= 0)
        if text == other[2] and page == other[0]:
            message = f"'{_excerpt(text)}' is tagged as {_path(roles)}, not as {_path(other[1])}"
        elif text == other[2]:
            message = f"{_quoted(text)} stands on page {page}, in the national edition on page {other[0]}"
        else:
            here, there = _quoted(text), _quoted(other[2])
            message = f"Page {page or other[0]} has {here}, where the national edition has {there}"
        yield Finding(message, page=page or other[0], letters=printed)
        return


def _path(roles: Sequence[str]) -> str:
    return " in ".join(reversed(roles)) or "nothing"


def _quoted(text: str) -> str:
    return f"'{_excerpt(text)}'" if text.strip() else "nothing"


def _in_print(ours: _Rest, theirs: _Rest) -> Iterator[Finding]:
    """The first words that stand elsewhere, or are printed otherwise."""
    a, b = ours.facts.letters, theirs.facts.letters
    some, others = ours.letters, theirs.letters
    looks: tuple[tuple[str, Callable[[], NDArray[np.bool_]]], ...] = (
        ("stands elsewhere", lambda: (np.abs(a.box[some] - b.box[others]) > SAME_PLACE).any(axis=1)),
        ("has another size", lambda: np.abs(a.size[some] - b.size[others]) > SAME_PLACE),
        ("is in another type", lambda: _plain(a.font[some]) != _plain(b.font[others])),
        ("has another contrast", lambda: np.abs(a.contrast[some] - b.contrast[others]) > SAME_CONTRAST),
    )
    if len(some) != len(others):
        yield Finding("It has not as many letters as the national edition")
        return
    for what, differ in looks:
        which = some[differ()]
        if len(which):
            first = tuple(map(int, which[a.page[which] == a.page[which[0]]]))
            yield Finding(f"'{_excerpt(a.text(first))}' {what} than in the national edition", letters=first)


def _plain(names: NDArray[np.object_]) -> NDArray[np.object_]:
    """The names of fonts without what tells subsets apart (ISO 32000-1, 9.6.4)."""
    return np.array([name.rpartition("+")[2] for name in names], object)
