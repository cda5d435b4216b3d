"""What has changed between two versions of a booklet, from their data alone?

What one of them has and the other has not was added or removed; all else was reworded or moved, both or
neither. Changed numbers, doses, dates, telephone numbers and addresses are named on their own.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cached_property
from typing import Any

from .amounts import Figure, figures
from .pairing import At, Pairing, paired, paired_in_order, words_of
from .source import Sourced
from .texts import OF_EDITION, PICTURES, Item, Place, Said, places

#: Between two changes of a text, so many letters that are the same are too few to be told apart.
TOO_FEW = 3

#: So many letters of what is the same are shown before and behind a change.
AROUND = 60

#: Keys whose numbers say nothing to a reader, or say it a second time.
_SILENT = frozenset({"running_title", "lines", "width", "code", "tone", "row_headers", *PICTURES})
_LINK = re.compile(r"\]\(((?:https:|mailto:|tel:)\S*?)\)")

#: What the list of changed numbers is called.
FIGURES = "Numbers, doses, dates, telephone numbers and addresses"

#: What texts are that do not say so themselves, by their keys.
LABELS = {
    "alt": "alt text",
    "code": "code",
    "lines": "lines to write on",
    "row_headers": "first cells are headers",
    "tone": "kind of box",
    "width": "width",
}


class Kind(StrEnum):
    """What became of an item. One that has moved may have other words, too."""

    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"
    MOVED = "moved"


class Op(StrEnum):
    """What became of a run of words."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


#: Words that follow one another, each run with what became of it.
Runs = tuple[tuple[Op, str], ...]


@dataclass(frozen=True, slots=True)
class Swap:
    """A number, dose, date, telephone number or address that is another now; empty where there is none."""

    kind: str
    before: str
    now: str
    meaning: tuple[Any, ...] = field(default=(), compare=False)
    """Of a number that is new, or no longer there."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A text before and now; None where it was not there."""

    before: Said | None
    now: Said | None

    @property
    def differs(self) -> bool:
        """Is it not the same?"""
        return self.before is None or self.now is None or not _alike_to_read(self.before, self.now)

    @property
    def language(self) -> str:
        """Its own (BCP 47), where it is not the booklet's."""
        said = self.now or self.before
        return said.language if said else ""

    @property
    def key(self) -> str:
        """Of which key it is."""
        said = self.now or self.before
        return said.key if said else ""

    @property
    def column(self) -> str:
        """The head above it, if it is a table's cell."""
        said = self.now or self.before
        return said.column if said else ""

    def runs(self, language: str) -> Runs:
        """The words of both, each with what became of it."""
        if self.before and self.now and self.key in PICTURES and self.differs:
            if self.before.text == self.now.text:
                return (Op.SAME, f"{self.now.text} "), (Op.NEW, "drawn anew")
            return (Op.GONE, self.before.text), (Op.NEW, self.now.text)
        before, now = _shown(self.before, self.now)
        return tuple(_runs(before, now, language))


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an item, text by text."""

    kind: Kind
    called: str
    """What it is, for example `step`; where it was something else, what it was before an arrow."""
    place: Place
    pairs: tuple[Pair, ...]
    swaps: tuple[Swap, ...] = ()
    origin: str = ""
    """Of what has moved: from where, or behind what."""
    behind: tuple[Item, ...] = field(default=(), compare=False)
    """Of what was removed: what stands before its old place now, the nearest last."""

    @property
    def telling(self) -> tuple[Pair, ...]:
        """The texts that say what has changed, and the first that is printed, which says of what."""
        if not any(pair.differs for pair in self.pairs):
            return self.pairs
        head = next((pair for pair in self.pairs if pair.key not in (*LABELS, *PICTURES)), None)
        return tuple(pair for pair in self.pairs if pair.differs or pair is head)


@dataclass(frozen=True)
class Differences:
    """All that has changed between two versions of a booklet."""

    before: Sourced
    now: Sourced
    changes: tuple[Change, ...]

    @property
    def language(self) -> str:
        """The booklet's."""
        return self.now.booklet.language

    @cached_property
    def by_place(self) -> tuple[tuple[Place, tuple[Change, ...]], ...]:
        """The changes of each place, in the order of the booklet; those of the edition's own facts last."""
        found: dict[str, list[Change]] = {}
        for change in self.changes:
            found.setdefault(change.place.id, []).append(change)
        return tuple((changes[0].place, tuple(changes)) for changes in found.values())

    @cached_property
    def swaps(self) -> tuple[tuple[Swap, tuple[Place, ...]], ...]:
        """Every number, dose, date, telephone number and address that is another now, and where."""
        found: dict[Swap, dict[str, Place]] = {}
        for change in self.changes:
            for swap in change.swaps:
                found.setdefault(swap, {})[change.place.id] = change.place
        return tuple((swap, tuple(where.values())) for swap, where in found.items())

    @property
    def counts(self) -> dict[str, int]:
        """How many changes there are of each kind, but for the edition's own facts."""
        kinds = Counter(str(change.kind) for change in self.changes if change.place.id != OF_EDITION)
        return {str(kind): kinds[kind] for kind in Kind}

    def as_data(self) -> dict[str, Any]:
        """The changes as JSON keeps them."""
        booklet = self.now.booklet
        return {
            "booklet": booklet.id,
            "language": booklet.language,
            "since": self.before.booklet.version,
            "version": booklet.version,
            "counts": self.counts,
            "figures": [
                {
                    "kind": swap.kind,
                    "before": swap.before or None,
                    "now": swap.now or None,
                    "places": [place.id for place in where],
                }
                for swap, where in self.swaps
            ],
            "changes": [self._as_data(change) for change in self.changes],
        }

    def _as_data(self, change: Change) -> dict[str, Any]:
        return {
            "place": change.place.id,
            "title": change.place.title,
            "change": str(change.kind),
            "what": change.called,
            "from": change.origin or None,
            "texts": [
                {
                    "key": pair.key,
                    "before": pair.before.text if pair.before else None,
                    "now": pair.now.text if pair.now else None,
                    "words": [[str(op), words] for op, words in pair.runs(self.language)],
                }
                for pair in change.pairs
            ],
        }


def differences(before: Sourced, now: Sourced) -> Differences:
    """What has changed since a version of a booklet, in the booklet's order."""
    language = now.booklet.language
    old, new = places(before), places(now)
    told = tuple(_Teller(old, new, paired(old, new, language), language).all())
    return Differences(before, now, _without_parted(told))


# --- What is told of it? --------------------------------------------------------------------


class _Teller:
    """Tells what became of each item, in the order of the new version."""

    def __init__(self, old: Sequence[Place], new: Sequence[Place], pairing: Pairing, language: str) -> None:
        self.old, self.new, self.pairing, self.language = old, new, pairing, language
        self.back = pairing.mirrored()

    def all(self) -> Iterator[Change]:
        """Every change; a place that is gone stands behind the one that it stood behind."""
        gone = [number for number in range(len(self.old)) if number not in self.pairing.places]
        behind: dict[int, list[int]] = {}
        for number in gone:
            before = next((n for n in range(number - 1, -1, -1) if n in self.pairing.places), None)
            behind.setdefault(-1 if before is None else self.pairing.places[before], []).append(number)
        for number in range(-1, len(self.new)):
            if number >= 0:
                yield from self._of_place(number)
            above = self.new[number].items if number >= 0 else ()
            for old in behind.get(number, ()):
                yield from self._gone(old, range(len(self.old[old].items)), self.old[old], above)

    def _of_place(self, number: int) -> Iterator[Change]:
        place, old = self.new[number], self.back.places.get(number)
        if old is not None and old in self.pairing.moved_places:
            yield self._moved_section(place, self.old[old])
        told = -1
        for index, item in enumerate(place.items):
            origin = self.back.items.get((number, index))
            if origin is not None and origin[0] == old and origin not in self.pairing.moved:
                yield from self._gone(old, range(told + 1, origin[1]), place, place.items[:index])
                told = origin[1]
            yield from self._now(place, item, origin, old)
        if old is not None:
            yield from self._gone(old, range(told + 1, len(self.old[old].items)), place, place.items)

    def _now(self, place: Place, item: Item, origin: At | None, old: int | None) -> Iterator[Change]:
        """What became of an item that is there now; nothing where it is as it was."""
        if origin is None:
            pairs = tuple(Pair(None, said) for said in item.said)
            yield Change(Kind.ADDED, item.called, place, pairs, self._swaps(pairs, place))
            return
        was = self.old[origin[0]].items[origin[1]]
        pairs = tuple(_by_key(was, item, self.language))
        moved = origin in self.pairing.moved or was.called != item.called
        if not moved and not any(pair.differs for pair in pairs):
            return
        called = item.called if was.called == item.called else f"{was.called} → {item.called}"
        elsewhere = f"from ‘{self.old[origin[0]].title}’" if moved and origin[0] != old else ""
        kind = Kind.MOVED if moved else Kind.REWORDED
        yield Change(kind, called, place, pairs, self._swaps(pairs, place), elsewhere)

    def _gone(
        self, old: int, indices: Sequence[int], place: Place, behind: tuple[Item, ...]
    ) -> Iterator[Change]:
        """The items of an old place that are nowhere now, told in a place, behind others."""
        for index in indices:
            if (old, index) not in self.pairing.items:
                item = self.old[old].items[index]
                pairs = tuple(Pair(said, None) for said in item.said)
                swaps = self._swaps(pairs, place)
                yield Change(Kind.REMOVED, item.called, place, pairs, swaps, behind=behind)

    def _moved_section(self, place: Place, was: Place) -> Change:
        title = place.items[0].said[0]
        around = {one.id: one.title for one in self.old}
        origin = f"from ‘{around[was.parent]}’" if was.parent and was.parent != place.parent else ""
        if not origin:
            beside = [one for one in self.old if one.is_section and one.parent == was.parent]
            before = beside.index(was) - 1
            origin = f"from behind ‘{beside[before].title}’" if before >= 0 else "from the first place"
        return Change(Kind.MOVED, "section", place, (Pair(title, title),), origin=origin)

    def _swaps(self, pairs: Sequence[Pair], place: Place) -> tuple[Swap, ...]:
        if place.id == OF_EDITION:
            return ()
        return tuple(swap for pair in pairs if pair.differs for swap in _swapped(pair, self.language))


def _without_parted(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes without the numbers that only stand in another paragraph, with the same words around.

    Where one paragraph was made two, or two were made one, a whole text is in another of its place.
    """
    left = [list(change.swaps) for change in changes]
    for a, part in enumerate(changes):
        for b, whole in enumerate(changes):
            if a != b and part.place.id == whole.place.id and left[a] and left[b] and _is_in(part, whole):
                for swap in tuple(left[a]):
                    there = next((one for one in left[b] if _is_back(swap, one)), None)
                    if there:
                        left[a].remove(swap)
                        left[b].remove(there)
    return tuple(replace(change, swaps=tuple(swaps)) for change, swaps in zip(changes, left, strict=True))


def _is_back(swap: Swap, other: Swap) -> bool:
    """Is what is new in one no longer there in the other?"""
    ways = {bool(one.before) for one in (swap, other)}, {bool(one.now) for one in (swap, other)}
    return bool(swap.meaning) and swap.meaning == other.meaning and all(len(way) == 2 for way in ways)


def _is_in(part: Change, whole: Change) -> bool:
    """Are the words of what was added, or removed, a part of what another paragraph was, or is?"""
    if part.kind not in (Kind.ADDED, Kind.REMOVED):
        return False
    added = part.kind is Kind.ADDED
    mine = _said_in(part, before=not added)
    return bool(mine) and f" {mine} " in f" {_said_in(whole, before=added)} "


def _said_in(change: Change, *, before: bool) -> str:
    """All words and numbers of a change's texts before or now, in small letters."""
    said = (pair.before if before else pair.now for pair in change.pairs)
    return " ".join(word for one in said if one for word in re.findall(r"\w+", one.text.casefold()))


def _by_key(was: Item, item: Item, language: str) -> Iterator[Pair]:
    """The texts of an item before and now: those of one key, and of them those that are alike."""
    keys = dict.fromkeys(said.key for said in (*item.said, *was.said))
    if {s.key for s in was.said}.isdisjoint(s.key for s in item.said):
        # It was another kind of block.
        yield from _by_likeness(was.said, item.said, language)
        return
    for key in keys:
        old, new = ([said for said in one.said if said.key == key] for one in (was, item))
        if len(old) == len(new) and (len(old) == 1 or key in ("rows", "header", "items")):
            yield from map(Pair, old, new)
        else:
            yield from _by_likeness(old, new, language)


def _by_likeness(old: Sequence[Said], new: Sequence[Said], language: str) -> Iterator[Pair]:
    """The texts of one key, which has several, in their order."""
    ones, others = (tuple(Item("", (said,)) for said in some) for some in (old, new))
    pairs = paired_in_order(ones, others, language)
    told = -1
    back = {b: a for a, b in pairs.items()}
    for index, said in enumerate(new):
        origin = back.get(index)
        if origin is not None:
            yield from (Pair(old[gone], None) for gone in range(told + 1, origin))
            told = origin
        yield Pair(None if origin is None else old[origin], said)
    yield from (Pair(old[gone], None) for gone in range(told + 1, len(old)))


def said_of(swap: Swap) -> str:
    """What became of a number, in a few words."""
    if not swap.before:
        return f"{swap.now} is new"
    return f"{swap.before} is now {swap.now}" if swap.now else f"{swap.before} is no longer there"


def shortened(runs: Runs) -> Runs:
    """The words with little of what is the same: as much as shows where a change stands."""
    return tuple(
        (op, _around(text, number == 0, number == len(runs) - 1) if op is Op.SAME else text)
        for number, (op, text) in enumerate(runs)
    )


def _around(text: str, first: bool, last: bool) -> str:
    """A text without its middle, or without what is far from the change beside it."""
    begin, end = ("" if first and not last else text[:AROUND]), ("" if last else text[-AROUND:])
    if len(text) <= len(begin) + len(end) + AROUND / 2:
        return text
    # A word is not cut; where there are no spaces, none is found.
    left, right = begin.rpartition(" ")[0], end.partition(" ")[2]
    return (
        " ".join(filter(None, (left, "…", right)))
        if begin and end
        else f"{left} …"
        if begin
        else f"… {right}"
    )


def _alike_to_read(before: Said, now: Said) -> bool:
    """Are they the same to a reader? A picture may have another name."""
    if before.key in PICTURES and now.key in PICTURES:
        return before.marked == now.marked
    return before.text == now.text and before.marked == now.marked


def _shown(before: Said | None, now: Said | None) -> tuple[str, str]:
    """The words of both; as Markdown where they are the same but for it."""
    if before and now and before.text == now.text and before.key not in PICTURES:
        return before.marked, now.marked
    return before.text if before else "", now.text if now else ""


def _runs(before: str, now: str, language: str) -> Iterator[tuple[Op, str]]:
    """The words of two texts; what is the same between two changes stands alone only where it is enough."""
    old, new = words_of(before, language), words_of(now, language)
    gone = added = ""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for number, (tag, a, a_end, b, b_end) in enumerate(codes):
        left, right = "".join(old[a:a_end]), "".join(new[b:b_end])
        inside = 0 < number < len(codes) - 1
        if tag != "equal" or (inside and len(left.strip()) <= TOO_FEW):
            gone, added = gone + left, added + right
            continue
        yield from _replaced(gone, added)
        gone = added = ""
        yield Op.SAME, left
    yield from _replaced(gone, added)


def _replaced(gone: str, added: str) -> Iterator[tuple[Op, str]]:
    """What stood there, and what stands there now."""
    if gone:
        yield Op.GONE, gone
    if added:
        yield Op.NEW, added


def _swapped(pair: Pair, language: str) -> Iterator[Swap]:
    """The numbers, doses, dates, telephone numbers and addresses that differ."""
    old, new = (tuple(_figures(said, language)) if said else () for said in (pair.before, pair.now))
    if _is_reordered(old, new):
        if not _is_one_with_its_times(old, new):
            before, after = (", ".join(one.said for one in _joined(some)) for some in (old, new))
            yield Swap(new[0].kind, before, after)
        return
    old, new = _without_ends(old, new)
    was, now = ([one.meaning for one in some] for some in (old, new))
    for tag, a, a_end, b, b_end in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from _exchanged(_joined(old[a:a_end]), _joined(new[b:b_end]))


def _without_ends(
    old: tuple[Figure, ...], new: tuple[Figure, ...]
) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    """The figures without those that are the same at the beginning and at the end of both."""
    shorter = min(len(old), len(new))
    same = (number for number in range(shorter) if old[number].meaning != new[number].meaning)
    first = next(same, shorter)
    same = (n for n in range(shorter - first) if old[-1 - n].meaning != new[-1 - n].meaning)
    last = next(same, shorter - first)
    return old[first : len(old) - last], new[first : len(new) - last]


def _is_reordered(old: Sequence[Figure], new: Sequence[Figure]) -> bool:
    """Are they the same in another order?"""
    was, now = ([one.meaning for one in some if one.is_sure] for some in (old, new))
    return was != now and Counter(was) == Counter(now)


def _is_one_with_its_times(old: Sequence[Figure], new: Sequence[Figure]) -> bool:
    """Is it one figure, before or behind which stands how often?"""
    plain = [one for one in new if one.is_sure and one.kind != "frequency"]
    was, now = ([one.meaning for one in some if one.kind == "frequency"] for some in (old, new))
    return len(plain) == 1 and was == now


def _joined(some: Sequence[Figure]) -> list[Figure]:
    """Figures, each with how often, where that goes on from it: 5 mg a day in the place of both."""
    told: list[Figure] = []
    for one in some:
        if one.goes_on and told:
            told[-1] = replace(one, kind=told[-1].kind, meaning=(*told[-1].meaning, *one.meaning))
        else:
            told.append(one)
    return told


def _exchanged(old: Sequence[Figure], new: Sequence[Figure]) -> Iterator[Swap]:
    """What stands in whose place: one of a kind for another."""
    for family in dict.fromkeys(_family(one) for one in (*new, *old)):
        ours, theirs = ([one for one in some if _family(one) == family] for some in (old, new))
        for before, now in _placed(ours, theirs):
            if before and now and _is_exchange(before, now):
                yield Swap(now.kind, before.said, now.said)
                continue
            if before and before.is_sure:
                yield Swap(before.kind, before.said, "", before.meaning)
            if now and now.is_sure:
                yield Swap(now.kind, "", now.said, now.meaning)


def _placed(old: Sequence[Figure], new: Sequence[Figure]) -> Iterator[tuple[Figure | None, Figure | None]]:
    """Each with that in its place; where there are more of one, only those of one unit are sure to be."""
    if len(old) == len(new):
        yield from zip(old, new, strict=True)
        return
    left = list(old)
    for now in new:
        before = next((one for one in left if one.meaning[1:] == now.meaning[1:]), None)
        if before:
            left.remove(before)
        yield before, now
    yield from ((before, None) for before in left)


def _family(figure: Figure) -> str:
    return "number" if figure.kind == "measure" else figure.kind


def _is_exchange(before: Figure, now: Figure) -> bool:
    """May one stand for the other? Words that may be no number only for what is counted as they are."""
    alike = before.kind == "frequency" or before.meaning[1:] == now.meaning[1:]
    # A tablet may become a capsule.
    named = len(before.meaning) > 1 and len(now.meaning) > 1 and not (before.is_sure or now.is_sure)
    return alike or named or (before.is_sure and now.is_sure)


def _figures(said: Said, language: str) -> Iterator[Figure]:
    """The figures of a text, and where its links lead."""
    if said.key in _SILENT:
        return
    if said.key == "phone":
        yield Figure("telephone", said.text, tuple(re.findall(r"\d", said.text)))
    elif said.key == "address":
        yield Figure("address", said.text, (said.text,))
    else:
        yield from figures(said.text, language)
        yield from (Figure("address", href, (href,)) for href in _LINK.findall(said.marked))
