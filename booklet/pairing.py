"""Which item of one version of a booklet is which of another, wherever it stands now?

Blocks have no ids, and their numbers change with what is put in before them. So what is alike is paired:
first what stays in its order in a place, then what has moved in it, then what has moved to another place.
The pairing is the same whichever of the two versions is asked for first.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from .language import runs_on
from .texts import Item, Place
from .units import COUNTING

#: How alike two items of a place must be, of 1, so that one is the other reworded.
REWORDED = 0.4
#: And how alike to have moved and been reworded, too; of shorter ones nobody could tell.
MOVED, MOVED_WORDS = 0.6, 5
#: How many words of an item must be the same for it to have moved to another place as it is.
SAME_WORDS = 3
#: How alike two sections with other ids must be to be one that was renamed.
RENAMED = 0.5
#: So much of two items' likeness is that of their words without the numbers: these change on their own.
WITHOUT_NUMBERS = 0.8

#: A word of a text, a number with its groups of digits, a sign or a space.
_WORD = re.compile(r"\d+(?:[.,:/ \u00a0\u202f]\d+)*|[^\W\d_]+(?:['’‑-][^\W\d_]+)*|\s+|.", re.DOTALL)
#: An item by the number of its place and its own in that.
At = tuple[int, int]


@dataclass(slots=True)
class Pairing:
    """The places and the items of two versions that are the same ones; from the first to the second."""

    places: dict[int, int] = field(default_factory=dict)
    moved_places: set[int] = field(default_factory=set)
    """Those of the first version that stand elsewhere in the second."""
    items: dict[At, At] = field(default_factory=dict)
    moved: set[At] = field(default_factory=set)

    def mirrored(self) -> "Pairing":
        """The same from the second to the first."""
        return Pairing(
            {new: old for old, new in self.places.items()},
            {self.places[old] for old in self.moved_places},
            {new: old for old, new in self.items.items()},
            {self.items[old] for old in self.moved},
        )


def paired(old: Sequence[Place], new: Sequence[Place], language: str) -> Pairing:
    """The pairing, which is the same whichever version is asked for first."""
    if repr(old) <= repr(new):
        return _Matcher(old, new, language).paired()
    return _Matcher(new, old, language).paired().mirrored()


def paired_in_order(one: Sequence[Item], other: Sequence[Item], language: str) -> dict[int, int]:
    """Which items of one list are which of another, where both have kept their order."""
    if repr(one) > repr(other):
        return {a: b for b, a in paired_in_order(other, one, language).items()}
    matcher = _Matcher((Place("", "", tuple(one)),), (Place("", "", tuple(other)),), language)
    matcher.pair_in_order(0, 0)
    return {a[1]: b[1] for a, b in matcher.found.items.items()}


class _Matcher:
    """Finds out which items are the same ones."""

    def __init__(self, first: Sequence[Place], second: Sequence[Place], language: str) -> None:
        self.first, self.second, self.language = first, second, language
        self.found = Pairing()

    def paired(self) -> Pairing:
        """The pairing."""
        self._pair_places()
        for one, other in self.found.places.items():
            self.pair_in_order(one, other)
        for one, other in self.found.places.items():
            self._pair_moved([one], [other])
        self._pair_moved(range(len(self.first)), range(len(self.second)))
        return self.found

    def _pair_places(self) -> None:
        numbers = {place.id: number for number, place in enumerate(self.second)}
        for number, place in enumerate(self.first):
            other = numbers.get(place.id)
            if other is not None and self.second[other].is_section == place.is_section:
                self.found.places[number] = other
        self._pair_renamed()
        self._note_moved_sections()

    def _pair_renamed(self) -> None:
        """Sections whose ids are others, but that say much the same."""
        taken = set(self.found.places.values())
        one = [n for n, place in enumerate(self.first) if place.is_section and n not in self.found.places]
        other = [n for n, place in enumerate(self.second) if place.is_section and n not in taken]
        alike = [
            (_likeness(_whole(self.first[a]), _whole(self.second[b]), self.language), a, b)
            for a in one
            for b in other
        ]
        self.found.places |= _best(alike, RENAMED)

    def _note_moved_sections(self) -> None:
        """Sections that are in another one now, or in another order among those beside them."""
        names = {self.second[b].id: self.first[a].id for a, b in self.found.places.items()}
        beside: dict[str, list[int]] = {}
        for a, b in self.found.places.items():
            if not self.first[a].is_section:
                continue
            parent = self.second[b].parent
            if names.get(parent, "" if not parent else None) == self.first[a].parent:
                beside.setdefault(self.first[a].parent, []).append(a)
            else:
                self.found.moved_places.add(a)
        for numbers in beside.values():
            kept = _longest_rise([self.found.places[number] for number in sorted(numbers)])
            self.found.moved_places |= {n for n in numbers if self.found.places[n] not in kept}

    def pair_in_order(self, one: int, other: int) -> None:
        """What stays in its order: first what is the same, then between that what is alike."""
        mine, theirs = self.first[one].items, self.second[other].items
        for tag, a, a_end, b, b_end in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
            pairs: Iterator[tuple[int, int]]
            if tag == "equal":
                pairs = zip(range(a, a_end), range(b, b_end), strict=True)
            else:
                pairs = self._aligned(mine[a:a_end], theirs[b:b_end])
                pairs = ((x + a, y + b) for x, y in pairs)
            self.found.items |= {(one, x): (other, y) for x, y in pairs}

    def _aligned(self, mine: Sequence[Item], theirs: Sequence[Item]) -> Iterator[tuple[int, int]]:
        """The pairs that keep the order of both and are the most alike, all together."""
        score = [[self._score(one, other) for other in theirs] for one in mine]
        best = [[0.0] * (len(theirs) + 1) for _ in range(len(mine) + 1)]
        for a in reversed(range(len(mine))):
            for b in reversed(range(len(theirs))):
                best[a][b] = max(best[a + 1][b], best[a][b + 1], best[a + 1][b + 1] + score[a][b])
        a = b = 0
        while a < len(mine) and b < len(theirs):
            if score[a][b] and best[a][b] == best[a + 1][b + 1] + score[a][b]:
                yield a, b
                a, b = a + 1, b + 1
            elif best[a][b] == best[a + 1][b]:
                a += 1
            else:
                b += 1

    def _score(self, one: Item, other: Item) -> float:
        """How alike two items of one place are; 0 where they are not the same one."""
        if one.name or other.name:
            return 2.0 if one.name == other.name else 0.0
        alike = _likeness(_said_by(one), _said_by(other), self.language)
        return alike if alike >= REWORDED else 0.0

    def _pair_moved(self, ones: Sequence[int], others: Sequence[int]) -> None:
        """What is alike, wherever it stands among the items that have no partner yet."""
        taken = set(self.found.items.values())
        left = [at for at in _all(self.first, ones) if at not in self.found.items]
        free = [at for at in _all(self.second, others) if at not in taken]
        alike = [(self._moved_score(a, b), a, b) for a in left for b in free]
        pairs = _best(alike, MOVED)
        self.found.items |= pairs
        self.found.moved |= pairs.keys()

    def _moved_score(self, a: At, b: At) -> float:
        one, other = self.first[a[0]].items[a[1]], self.second[b[0]].items[b[1]]
        if one.name or other.name:
            return 0.0
        words = min(len(_counted(_said_by(item), self.language)) for item in (one, other))
        together = self.found.places.get(a[0]) == b[0]
        if _said_by(one) == _said_by(other):
            # What is the same is preferred, and so is the place that it has been in.
            return 1.5 + together / 10 if words >= SAME_WORDS or together else 0.0
        return _likeness(_said_by(one), _said_by(other), self.language) if words >= MOVED_WORDS else 0.0


def _all(some: Sequence[Place], numbers: Sequence[int]) -> Iterator[At]:
    return ((number, index) for number in numbers for index in range(len(some[number].items)))


def _best(alike: "list[tuple[float, Any, Any]]", least: float) -> dict[Any, Any]:
    """Pairs, the most alike first, each of both sides once; of pairs that are as alike the foremost."""
    pairs: dict[Any, Any] = {}
    taken = set()
    for _, one, other in sorted(
        (entry for entry in alike if entry[0] >= least), key=lambda e: (-e[0], *e[1:])
    ):
        if one not in pairs and other not in taken:
            pairs[one] = other
            taken.add(other)
    return pairs


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """The longest run of numbers, each larger than the one before: what has kept its order."""
    runs: list[list[int]] = [[]]
    for number in numbers:
        before = [run for run in runs if not run or run[-1] < number]
        longest = max(before, key=len)
        runs.append([*longest, number])
    longest = max(runs, key=len)
    return set(longest)


@lru_cache(maxsize=10_000)
def _said_by(item: Item) -> str:
    return "\n".join(said.text for said in item.said)


def _whole(place: Place) -> str:
    return "\n".join(map(_said_by, place.items))


@lru_cache(maxsize=10_000)
def _counted(text: str, language: str) -> Counter[str]:
    """The words of a text, and how often each stands in it."""
    return Counter(word.casefold() for word in words_of(text, language) if word[0].isalnum())


@lru_cache(maxsize=10_000)
def _numberless(text: str, language: str) -> Counter[str]:
    counted: Counter[str] = Counter()
    for word, times in _counted(text, language).items():
        counted["#" if word[0].isdecimal() or COUNTING.fullmatch(word) else word] += times
    return counted


@lru_cache(maxsize=100_000)
def _likeness(one: str, other: str, language: str) -> float:
    """What share of their words two texts have in common (Dice), mostly without their numbers."""
    plain = _common(_numberless(one, language), _numberless(other, language))
    return WITHOUT_NUMBERS * plain + (1 - WITHOUT_NUMBERS) * _common(
        _counted(one, language), _counted(other, language)
    )


def _common(one: Counter[str], other: Counter[str]) -> float:
    size = one.total() + other.total()
    return 2 * (one & other).total() / size if size else 0.0


def words_of(text: str, language: str) -> list[str]:
    """The words, numbers, signs and spaces of a text."""
    found: list[str] = _WORD.findall(text)
    if not runs_on(language):
        return found
    return [part for word in found for part in (word if word[0].isalpha() else (word,))]
