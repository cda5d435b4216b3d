"""Which words of one PDF are which of another, whatever pages they stand on?

All words of a file are one row, in reading order: so a word that has only come to another page is the same
one still. Whole sentences are paired first, and single words between them.
"""

import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby, pairwise
from re import compile as compiled
from typing import NamedTuple

from .inspect import Facts
from .problem import Box

#: A word by the classes of its letters (`_class`): a word or a number, else a single sign or letter.
_WORD = compiled(r"[LD]+(?:J[LD]+|(?<=D)P(?=D)[LD]+)*|[CJPS]")
_JOINING, _POINTS = "'’ʼ", ".,:/٫٬"
#: Where a sentence ends.
_ENDS = frozenset(".!?。！？؟۔।")
#: Scripts without spaces: each letter is a word. They are known by the names of their letters.
_SINGLE = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
#: What is compared in the place of a number that follows a page.
REFERENCE = "→"
#: A link and the number of the page that it leads to are no more letters apart, as in "(on page 18)".
BEHIND = 16
#: Single words that are the same between others tell nothing: so many at the most, between so many.
FEW, MANY = 2, 6
#: So many words have come elsewhere as they were, and are not others that say the same.
MOVED = 4
#: So many words has a sentence that shows where both versions say the same.
ANCHOR = 4
#: Of a longer stretch frequent words are no anchors, or it would take seconds.
LONG = 1_500
#: The least share of a page's words that makes it the other.
SHARED = 0.1


class Word(NamedTuple):
    """A word: what it is compared by, its page from 1, its letters' indices, the number of its passage."""

    text: str
    """With the space before it, if there is one."""
    key: str
    page: int
    letters: tuple[int, ...]
    passage: int


class Part(NamedTuple):
    """Words of one passage that follow one another: the indices of the first, and behind the last."""

    first: int
    end: int


class Change(NamedTuple):
    """What is gone, what is new in its place, or both; with both and `moved` it stands elsewhere now."""

    gone: Part | None
    new: Part | None
    moved: bool = False


@dataclass
class Alignment:
    """The words of two files, what has changed, and by index which are the same ones."""

    old: Sequence[Word]
    new: Sequence[Word]
    changes: list[Change] = field(default_factory=list)
    same: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Link:
    """A link to a page that has a number."""

    number: int
    name: str
    box: Box


def words_of(facts: Facts) -> tuple[list[Word], list[Word]]:
    """The words of a file's text, and those in its pictures. What stands on pages beside both is left out."""
    told = [(one.page, one.text, one.letters) for one in facts.passages]
    drawn = [(one.page, *_with_gaps(facts, one.letters)) for one in facts.pictures]
    links = _links(facts)
    return list(_words(facts, told, links)), list(_words(facts, drawn, links))


def _words(
    facts: Facts,
    texts: Iterable[tuple[int, str, tuple[int, ...]]],
    links: dict[int, list[_Link]],
) -> Iterator[Word]:
    for number, (page, text, letters) in enumerate(texts):
        shape = "".join(map(_class, text))
        for found in _WORD.finditer(shape):
            own = tuple(index for index in letters[found.start() : found.end()] if index >= 0)
            if own:
                said = text[found.start() : found.end()].replace("\x02", "-")
                before = shape[max(found.start() - 2, 0) : found.start()]
                # A line may end between two letters of a script without spaces.
                space = " " if before[-1:] == " " and (before[0], found[0][0]) != ("C", "C") else ""
                key = unicodedata.normalize("NFC", said)
                if said.isdecimal():
                    link = _reference(facts, text, letters, found.start(), links.get(page, ()))
                    key = f"{REFERENCE}{link.name}" if link and link.number == int(said) else key
                yield Word(space + said, key, page, own, number)


@lru_cache(maxsize=4096)
def _class(letter: str) -> str:
    """A letter's class: part of a word, Digit, a word alone, Joining, Point, another Sign, or a blank."""
    if letter in _JOINING:
        return "J"
    if letter in _POINTS:
        return "P"
    kind = unicodedata.category(letter)
    if kind == "Nd":
        return "D"
    if kind[0] in "LNM" or letter in "\u200c\u200d":
        single = unicodedata.name(letter, "").startswith(_SINGLE)
        return "C" if single and kind[0] != "M" else "L"
    return " " if kind[0] in "ZC" and letter != "\x02" else "S"


def _with_gaps(facts: Facts, letters: Sequence[int]) -> tuple[str, tuple[int, ...]]:
    """The words in a picture, with the end of a line wherever one stands apart from the one before."""
    text, found = "", list[int]()
    for before, index in zip((None, *letters), letters, strict=False):
        if before is not None and _are_apart(facts, before, index):
            text, found = text + "\n", [*found, -1]
        text, found = text + facts.letters.letter(index), [*found, index]
    return text, tuple(found)


def _are_apart(facts: Facts, before: int, index: int) -> bool:
    """Is there room for a space between two letters, or another line?"""
    one, other = facts.letters.box[before], facts.letters.box[index]
    near = 0.4 * float(facts.letters.size[index])
    return bool(max(other[0] - one[2], one[0] - other[2]) > near or abs(other[3] - one[3]) > near)


def _links(facts: Facts) -> dict[int, list[_Link]]:
    """The links on each page that lead to pages with numbers."""
    found: dict[int, list[_Link]] = {}
    for link in facts.links:
        if 0 < link.to_page <= len(facts.labels) and facts.labels[link.to_page - 1].isdecimal():
            one = _Link(int(facts.labels[link.to_page - 1]), link.name, link.box)
            found.setdefault(link.page, []).append(one)
    return found


def _reference(
    facts: Facts, text: str, letters: Sequence[int], at: int, links: Sequence[_Link]
) -> _Link | None:
    """The link whose page the number at this place of a text is: it ends the link, or is the first behind it.

    A number that is printed anywhere else is no page, even if a link on that page leads to one with it: it
    may be a dose.
    """
    if letters[at] >= 0 and _holding(facts, letters[at], links) and not text[at:].strip().isdecimal():
        return None
    for place in range(at, max(at - BEHIND, -1), -1):
        if place < at and (text[place].isdecimal() or text[place] in _ENDS):
            return None
        holder = _holding(facts, letters[place], links) if letters[place] >= 0 else None
        if holder:
            return holder
    return None


def _holding(facts: Facts, letter: int, links: Sequence[_Link]) -> _Link | None:
    left, top, right, bottom = facts.letters.box[letter]
    x, y = (left + right) / 2, (top + bottom) / 2
    return next(
        (one for one in links if one.box[0] <= x <= one.box[2] and one.box[1] <= y <= one.box[3]), None
    )


# --- What is the same ---------------------------------------------------------------------------


def align(old: Sequence[Word], new: Sequence[Word]) -> Alignment:
    """Which words are the same ones, and what is gone and new."""
    found = Alignment(old, new)
    before, now = [word.key for word in old], [word.key for word in new]
    edits = list(_slid(list(_readable(_edits(before, now))), old, new))
    a = b = 0
    for a_end, b_end, a_next, b_next in (*edits, (len(old), len(new), len(old), len(new))):
        found.same |= zip(range(a, a_end), range(b, b_end), strict=True)
        a, b = a_next, b_next
    for a, b, a_end, b_end in edits:
        found.changes += _changes(list(_parts(old, a, a_end)), list(_parts(new, b, b_end)))
    _note_moved(found)
    return found


#: What differs: where it begins in both, and where it ends.
_Edit = tuple[int, int, int, int]


def _edits(before: Sequence[str], now: Sequence[str]) -> Iterator[_Edit]:
    """What differs: between sentences that are the same, by single words."""
    a = b = 0
    for a_end, b_end, length in (*_anchors(before, now), (len(before), len(now), 0)):
        mine, theirs = before[a:a_end], now[b:b_end]
        matcher = SequenceMatcher(None, mine, theirs, autojunk=max(len(mine), len(theirs)) > LONG)
        for tag, i, i_end, j, j_end in matcher.get_opcodes():
            if tag != "equal":
                yield a + i, b + j, a + i_end, b + j_end
        a, b = a_end + length, b_end + length


def _anchors(before: Sequence[str], now: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Sentences that both have just once, in the order of both: where they begin, how many words they have.

    (Patience diff: what stands there often would pair places that have nothing to do with one another.)
    """
    one, other = _sentences(before), _sentences(now)
    shared = [sentence for sentence in one if sentence in other and len(sentence) >= ANCHOR]
    rising = _longest_rise([other[sentence] for sentence in shared])
    kept = [sentence for sentence in shared if other[sentence] in rising]
    yield from ((one[sentence], other[sentence], len(sentence)) for sentence in kept)


def _sentences(keys: Sequence[str]) -> dict[tuple[str, ...], int]:
    """The sentences that stand there just once, and the word that each begins with."""
    starts = [0, *(index + 1 for index, key in enumerate(keys) if key in _ENDS)]
    found: dict[tuple[str, ...], list[int]] = {}
    for start, end in pairwise((*starts, len(keys))):
        found.setdefault(tuple(keys[start:end]), []).append(start)
    return {sentence: places[0] for sentence, places in found.items() if len(places) == 1}


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """The longest run of different numbers, each larger than the one before: what has kept its order."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(ends, number)
        before[number] = ends[at - 1] if at else None
        ends[at:] = [number, *ends[at + 1 :]]
    found, last = set[int](), ends[-1] if ends else None
    while last is not None:
        found.add(last)
        last = before[last]
    return found


def _readable(edits: Iterable[_Edit]) -> Iterator[_Edit]:
    """The same, but where only a word or two is left between long changes it is one with them."""
    last: _Edit | None = None
    for edit in edits:
        if last is None:
            last = edit
            continue
        kept = edit[0] - last[2]
        around = min(max(one[2] - one[0], one[3] - one[1]) for one in (last, edit))
        if kept <= FEW and around >= MANY:
            last = last[0], last[1], edit[2], edit[3]
        else:
            yield last
            last = edit
    if last is not None:
        yield last


def _slid(edits: Sequence[_Edit], old: Sequence[Word], new: Sequence[Word]) -> Iterator[_Edit]:
    """The same, but what was only put in, or taken out, begins with its passage, where that is as true.

    In "1 one 2 two 3" there is "one 2" too much, or "2 two": it is read more easily where a passage begins.
    """
    ends = [(len(old), len(new)), *((edit[0], edit[1]) for edit in reversed(edits))]
    low = 0, 0
    for edit in edits:
        ends.pop()
        a, b, a_end, b_end = edit
        if a == a_end or b == b_end:
            words, first, end = (new, b, b_end) if a == a_end else (old, a, a_end)
            back, on = min(a - low[0], b - low[1]), min(ends[-1][0] - a_end, ends[-1][1] - b_end)
            ways = _slide([word.key for word in words[first - back : end + on]], back, end - first)
            found = next((by for by in ways if _begins(words, first + by)), 0)
            a, b, a_end, b_end = a + found, b + found, a_end + found, b_end + found
        low = a_end, b_end
        yield a, b, a_end, b_end


def _begins(words: Sequence[Word], index: int) -> bool:
    return index == 0 or words[index].passage != words[index - 1].passage


def _slide(keys: Sequence[str], first: int, length: int) -> Iterator[int]:
    """By how many words a stretch can be moved on or back, so that the rest says the same."""
    yield 0
    for by in range(min(length, len(keys) - first - length)):
        if keys[first + by] != keys[first + length + by]:
            break
        yield by + 1
    for by in range(min(length, first)):
        if keys[first - by - 1] != keys[first + length - by - 1]:
            break
        yield -by - 1


def _parts(words: Sequence[Word], first: int, end: int) -> Iterator[Part]:
    """A stretch of words, passage by passage."""
    for _, group in groupby(range(first, end), key=lambda index: words[index].passage):
        own = list(group)
        yield Part(own[0], own[-1] + 1)


def _changes(gone: Sequence[Part], new: Sequence[Part]) -> Iterator[Change]:
    """What is gone and what is new, beside one another where there is as much of both."""
    if len(gone) == len(new):
        yield from (Change(*both) for both in zip(gone, new, strict=True))
    else:
        yield from (Change(part, None) for part in gone)
        yield from (Change(None, part) for part in new)


def _note_moved(found: Alignment) -> None:
    """What is gone here and new there as it was has moved."""
    gone = {_said(found.old, one.gone): one for one in found.changes if one.gone and not one.new}
    for index, change in enumerate(found.changes):
        if change.new and not change.gone and change.new.end - change.new.first >= MOVED:
            before = gone.pop(_said(found.new, change.new), None)
            if before and before.gone:
                found.changes[index] = Change(before.gone, change.new, moved=True)
                found.changes[found.changes.index(before)] = Change(None, None)
                found.same |= zip(range(*before.gone), range(*change.new), strict=True)
    found.changes = [one for one in found.changes if one.gone or one.new]


def _said(words: Sequence[Word], part: Part) -> tuple[str, ...]:
    return tuple(word.key for word in words[part.first : part.end])


# --- Pages --------------------------------------------------------------------------------------


def paired_pages(votes: Counter[tuple[int, int]], counts: tuple[int, int]) -> list[tuple[int, int]]:
    """Which pages (from 1) are beside one another, in order; 0 stands for none.

    `votes` says how much each two have in common, `counts` how many pages there are.
    """
    rows, columns = counts
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for a in reversed(range(rows)):
        for b in reversed(range(columns)):
            both = votes[a + 1, b + 1] and best[a + 1][b + 1] + votes[a + 1, b + 1]
            best[a][b] = max(best[a + 1][b], best[a][b + 1], both)
    pairs = []
    a = b = 0
    while a < rows and b < columns:
        if votes[a + 1, b + 1] and best[a][b] == best[a + 1][b + 1] + votes[a + 1, b + 1]:
            pairs.append((a + 1, b + 1))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
    return list(_with_lone(pairs, counts))


def _with_lone(pairs: Sequence[tuple[int, int]], counts: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The pairs, and between them the pages that have nothing in common: beside one another in order."""
    a = b = 0
    for one, other in (*pairs, (counts[0] + 1, counts[1] + 1)):
        left, right = range(a + 1, one), range(b + 1, other)
        both = min(len(left), len(right))
        yield from zip(left[:both], right[:both], strict=True)
        yield from ((page, 0) for page in left[both:])
        yield from ((0, page) for page in right[both:])
        if one <= counts[0]:
            yield one, other
        a, b = one, other


def votes_of(alignments: Iterable[Alignment]) -> Counter[tuple[int, int]]:
    """How many words each two pages have in common, where that is more than a few."""
    votes: Counter[tuple[int, int]] = Counter()
    sizes: Counter[tuple[bool, int]] = Counter()
    for found in alignments:
        votes.update((found.old[a].page, found.new[b].page) for a, b in found.same.items())
        sizes.update((False, word.page) for word in found.old)
        sizes.update((True, word.page) for word in found.new)
    least = {pair: SHARED * min(sizes[False, pair[0]], sizes[True, pair[1]]) for pair in votes}
    return Counter({pair: count for pair, count in votes.items() if count > least[pair]})
