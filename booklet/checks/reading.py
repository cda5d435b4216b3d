"""Where in the PDF does each word of the source stand?

Reads the PDF's passages along with the source. White space is left out of the comparison, because
a PDF has none at the ends of lines; everything else must agree to the letter.
"""

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property, lru_cache
from itertools import accumulate, islice
from statistics import median

from ..bidi import MIRRORED, runs_leftwards
from ..chapters import Chapter
from ..inspect import Facts
from ..model import Booklet
from ..problem import NOWHERE
from ..prose import BULLET, PAGE_TOKEN, Piece
from ..tags import Passage

HEADINGS = {"H1", "H2", "H3", "H4", "H5", "H6", "H"}

#: A piece this long is recognised inside a line too; a shorter one might be part of another text.
LONG = 10

#: So many letters before and behind a gap show where it is.
NEAR = 40

#: No more passages than these are compared with a piece that is missing.
MOST_COMPARED = 40

#: What a contents page need not list.
UNLISTED = {"_cover", "_about", "_contents", "_formats"}

#: What has no place of its own in a layout's order stands in other matter.
HOLDERS = {"formats": "back-cover"}

#: A page whose text begins so many points lower than that of others has a hole at its top.
HOLE = 12

#: Letters that a PDF may give back in another form, or not at all: ligatures, the forms of the
#: hyphen, and what joins or turns letters without being seen.
_FORMS = str.maketrans(
    {
        letter: unicodedata.normalize("NFKC", letter)
        for letter in map(chr, (*range(0xFB00, 0xFB07), *range(0xFDF0, 0xFDFD)))
    }
    | dict.fromkeys("\u2010\u2011", "-")
    | dict.fromkeys("\u200c\u200d\u200e\u200f", None)
)


@dataclass(frozen=True, slots=True)
class Found:
    """A piece with the pages it stands on and the page numbers that are printed in it."""

    piece: Piece
    pages: tuple[int, ...]
    chapter: Chapter
    letters: tuple[int, ...] = field(repr=False)
    """Its letters, by their indices among the file's."""
    joints: tuple[tuple[int, int], ...] = field(repr=False)
    """The letters before and behind each of its spaces."""
    numbers: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """A piece that is not where it must be: `near` tells what stands there, if anything."""

    chapter: Chapter
    piece: Piece
    index: int
    """The piece's place in its chapter, from 0; -1 for the heading."""
    page: int | None = None
    near: str = ""
    elsewhere: int | None = None
    letters: tuple[int, ...] = field(default=(), repr=False)
    """What stands in its place or, where nothing does, what stands around it; or where it stands."""


@dataclass(frozen=True, slots=True)
class Signpost:
    """A line of a contents page, or of a part's opening: the title of a heading and a page number."""

    to: Chapter
    number: int
    passage: Passage
    under: str
    """The id of the chapter that it stands in."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Words without white space that no piece accounts for; `alone` where they fill whole lines."""

    passage: Passage
    text: str
    first: bool
    alone: bool
    letters: tuple[int, ...] = field(repr=False)


@dataclass(slots=True)
class Reading:
    """The source's pieces, found and missing, and what no piece accounts for."""

    found: list[Found] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    heading_pages: dict[str, int] = field(default_factory=dict)
    """The page of each chapter's heading, by the chapter's id."""
    heading_letters: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """The letters of each chapter's heading, by the chapter's id."""
    signposts: list[Signpost] = field(default_factory=list)
    headings: list[Passage] = field(default_factory=list)
    """All headings of the PDF."""
    left_over: list[Rest] = field(default_factory=list)


def bare(text: str) -> str:
    """The text without white space, each letter in one form."""
    return "".join(_bare_words(text))


def _bare_words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text.translate(_FORMS)).split()


@lru_cache(maxsize=10_000)
def pattern(text: str, around: str = "") -> re.Pattern[str]:
    """The text without white space; where it prints a page's number, any number.

    `around` is the text that it is part of.
    """
    whole = bare(text)
    literal = (_escaped(part, around or whole) for part in PAGE_TOKEN.split(whole)[::2])
    return re.compile(r"(\d{1,4})".join(literal))


@lru_cache(maxsize=10_000)
def spaced(text: str) -> str:
    """A pattern of the text as it may stand in lines: broken anywhere, but not part of more."""
    whole = bare(text)
    inside = r"\s*".join(_escaped(letter, whole) for letter in whole)
    return rf"(?<![\w.-]){inside}(?!\w|[.-]\w)"


def _escaped(literal: str, whole: str) -> str:
    """A pattern of some letters of a text."""
    # A soft hyphen is seen at the end of a line only.
    if not runs_leftwards(whole):
        return re.escape(literal).replace("\u00ad", "[-\u00ad]?")
    # In such a text pdfium gives some brackets the other way around, and signs such as ® in another
    # form, and tells nobody which.
    return "".join(map(_in_any_form, literal))


def in_pieces(text: str) -> str:
    """A text as pdfium gives it where some runs from right to left: ½ as 1/2, a ligature as its letters."""
    return unicodedata.normalize("NFKC", text).replace("\u2044", "/")


@lru_cache(maxsize=1_000)
def _in_any_form(letter: str) -> str:
    """A pattern of a letter in a text that runs from right to left."""
    forms = {letter, MIRRORED.get(letter, letter), in_pieces(letter)}
    forms.add({"®": "R", "©": "C", "“": "”", "”": "“"}.get(letter, letter))
    return "[-\u00ad]?" if letter == "\u00ad" else f"(?:{'|'.join(map(re.escape, sorted(forms)))})"


def _lines(passage: Passage) -> Iterator[tuple[str, Sequence[int]]]:
    """The lines of a passage, with the letter that each character is."""
    start = 0
    for line in passage.text.split("\n"):
        yield line, passage.letters[start : start + len(line)]
        start += len(line) + 1


def _words(line: str, letters: Sequence[int]) -> Iterator[tuple[str, list[int]]]:
    """The words of a line in one form, with the letter that each character comes from."""
    for match in re.finditer(r"\S+", line):
        word, owners = match[0], letters[match.start() : match.end()]
        plain = word.translate(_FORMS)
        if plain == word and unicodedata.is_normalized("NFC", word):
            yield word, list(owners)
            continue
        clusters: list[tuple[str, int]] = []
        for letter, owner in zip(word, owners, strict=True):
            if clusters and unicodedata.combining(letter):
                clusters[-1] = clusters[-1][0] + letter, clusters[-1][1]
            else:
                clusters.append((letter, owner))
        whose = [owner for cluster, owner in clusters for _ in bare(cluster)]
        whole = bare(word)
        # Some scripts join letters that are no marks: then about the right letter must do.
        yield whole, (whose + [owners[-1]] * len(whole))[: len(whole)]


class _Stream:
    """All passages as one text without white space, of which pieces are taken out."""

    def __init__(self, facts: Facts) -> None:
        # What a picture says is told by its alt text.
        self.passages = [passage for passage in facts.passages if "Figure" not in passage.roles]
        self.box = facts.letters.box
        self.starts = [0]
        self.word_ends, self.line_ends = {0}, {0}
        self.owners: list[int] = []
        """For each character the letter of the page that it comes from."""
        parts: list[str] = []
        for passage in self.passages:
            for line, letters in _lines(passage):
                for word, owners in _words(line, letters):
                    parts.append(word)
                    self.owners += owners
                    self.word_ends.add(len(self.owners))
                self.line_ends.add(len(self.owners))
            self.starts.append(len(self.owners))
        self.text = "".join(parts)
        self.taken = bytearray(len(self.text))

    def letters(self, start: int, end: int) -> tuple[int, ...]:
        """The letters of the page that a stretch of the text comes from."""
        return tuple(dict.fromkeys(self.owners[start:end]))

    def passage_text(self, index: int) -> str:
        """A passage's words without white space."""
        return self.text[self.starts[index] : self.starts[index + 1]]

    def page(self, offset: int) -> int:
        """The page of the character at an offset."""
        index = min(bisect_right(self.starts, offset) - 1, len(self.passages) - 1)
        return self.passages[index].page

    @cached_property
    def tops(self) -> dict[int, float]:
        """How far down the text of each page begins, in points."""
        tops: dict[int, float] = {}
        for passage in self.passages:
            shown = [self.box[index, 1] for index in passage.printed]
            tops[passage.page] = min([tops.get(passage.page, math.inf), *shown])
        return tops

    def page_of_gap(self, offset: int) -> int | None:
        """The page on which something is missing that stood just before the character at an offset."""
        if offset >= len(self.text):
            return self.page(offset - 1) if offset else None
        before, behind = self.page(max(offset - 1, 0)), self.page(offset)
        if behind == before + 1:
            # It may have stood at the foot of the one or at the top of the other, where it leaves a hole.
            return behind if self.tops[behind] > median(self.tops.values()) + HOLE else before
        return min(before + 1, behind)

    def matches(self, piece: Piece, start: int = 0, end: int | None = None) -> list[re.Match[str]]:
        """Where in the range the piece stands whole: on lines of its own, or else in a line."""
        stop = len(self.text) if end is None else end
        free = list(self._free(pattern(piece.text), start, stop))
        alone = [m for m in free if m.start() in self.line_ends and m.end() in self.line_ends]
        if piece.number not in (None, BULLET) and len(alone) > 1:
            # A step's number is a line of its passage, and the step itself may be no more than that.
            alone = [m for m in alone if self._begins_with(str(piece.number), m.start())] or alone
        return alone or (free if len(bare(piece.text)) >= LONG else [])

    def _begins_with(self, label: str, offset: int) -> bool:
        """Does a passage begin with the label, and go on at the offset?"""
        start = self.starts[bisect_right(self.starts, offset - 1) - 1]
        return self.text[start:offset] == label

    def _free(self, wanted: re.Pattern[str], start: int, stop: int) -> Iterator[re.Match[str]]:
        """The matches in the range that begin and end a word and hold nothing that was taken."""
        match = wanted.search(self.text, start, stop)
        while match and match.end() > match.start():
            free = not any(self.taken[match.start() : match.end()])
            if free and self._between_words(match.start()) and self._between_words(match.end()):
                yield match
            match = wanted.search(self.text, match.start() + 1, stop)

    def _between_words(self, offset: int) -> bool:
        return offset in self.word_ends or not (self.text[offset - 1] + self.text[offset]).isalnum()

    def take(self, piece: Piece, chapter: Chapter, match: re.Match[str]) -> Found:
        """Mark a piece's place as accounted for."""
        self.cross_out(match.start(), match.end())
        pages = tuple(range(self.page(match.start()), self.page(match.end() - 1) + 1))
        numbers = zip(PAGE_TOKEN.findall(piece.text), map(int, match.groups()), strict=True)
        joints = ((self.owners[at - 1], self.owners[at]) for at in self._spaces(piece, match))
        return Found(piece, pages, chapter, self.letters(*match.span()), tuple(joints), tuple(numbers))

    def _spaces(self, piece: Piece, match: re.Match[str]) -> Iterator[int]:
        """The offsets before which the piece has a space."""
        words = _bare_words(piece.text)
        if sum(map(len, words)) == match.end() - match.start():
            yield from (match.start() + length for length in accumulate(map(len, words[:-1])))
        else:
            each = "".join(
                f"(?P<word{index}>{pattern(word, piece.text).pattern})" for index, word in enumerate(words)
            )
            found = re.compile(each).match(self.text, match.start())
            yield from (found.start(f"word{index}") for index in range(1, len(words)) if found)

    def cross_out(self, start: int, end: int) -> None:
        """Mark a range as accounted for."""
        self.taken[start:end] = b"\1" * (end - start)

    def left_over(self, begin: int, stop: int) -> Iterator[Rest]:
        """Each run of words in one passage that is not accounted for."""
        for index in range(bisect_right(self.starts, begin) - 1, len(self.passages)):
            first, last = max(self.starts[index], begin), min(self.starts[index + 1], stop)
            for run in re.finditer(b"\0+", self.taken[first:last]):
                start, end = first + run.start(), first + run.end()
                alone = start in self.line_ends and end in self.line_ends
                yield Rest(
                    self.passages[index],
                    self.text[start:end],
                    start == self.starts[index],
                    alone,
                    self.letters(start, end),
                )
            if last == stop:
                return


@dataclass(frozen=True, slots=True)
class _Expected:
    """What should stand in the PDF."""

    chapters: tuple[Chapter, ...]
    """In the layout's order."""
    headed: Mapping[str, Chapter]
    """The first chapter of each heading, by its id."""
    leads: Mapping[str, Sequence[Chapter]]
    """For the id of each chapter that lists others: which ones, in order."""


def read_along(told: Iterable[Chapter], order: Sequence[str], booklet: Booklet, facts: Facts) -> Reading:
    """Find every piece of the source in the PDF; `order` is that of the layout's matter."""
    stream = _Stream(facts)
    reading = Reading(headings=[passage for passage in stream.passages if passage.role in HEADINGS])
    expected = _expected(told, order, booklet)
    begins = _read_headings(expected, stream, reading)
    _read_signposts(expected, begins, stream, reading)
    lost: list[Missing] = []
    for chapter in expected.chapters:
        if chapter.title and chapter.id in begins:
            begin = begins[chapter.id]
            end = min((other for other in begins.values() if other > begin), default=len(stream.text))
            lost += _read_chapter(chapter, stream, begin, end, reading)
    for chapter in expected.chapters:
        if chapter.title is None or chapter.id not in begins:
            lost += _read_anywhere(chapter, stream, reading)
    # Only now is it known which words are no other piece's.
    reading.missing += (_looked_for(missing, stream) for missing in lost)
    reading.left_over = list(stream.left_over(0, len(stream.text)))
    return reading


def _expected(told: Iterable[Chapter], order: Sequence[str], booklet: Booklet) -> _Expected:
    placed: list[tuple[int, Chapter]] = []
    for chapter in told:
        matter = chapter.matter if chapter.matter in order else HOLDERS.get(chapter.matter)
        if matter in order:
            placed.append((order.index(matter), chapter))
        elif chapter.matter != "contents":  # a leaflet may do without
            # What the order does not name stays behind what comes before it.
            placed.append((placed[-1][0] if placed else 0, chapter))
    ordered = tuple(chapter for _, chapter in sorted(placed, key=lambda item: item[0]))
    headed: dict[str, Chapter] = {}
    for chapter in ordered:
        if chapter.title:
            headed.setdefault(chapter.id, chapter)
    walked = list(booklet.walk())
    leads = {section.id: [headed[inside.id] for inside in section.sections] for _, section in walked}
    unlisted = UNLISTED | {section.id for level, section in walked if level > 2}
    leads["_contents"] = [chapter for name, chapter in headed.items() if name not in unlisted]
    return _Expected(ordered, headed, leads)


def _read_headings(expected: _Expected, stream: _Stream, reading: Reading) -> dict[str, int]:
    """Where each chapter's heading ends; they must follow one another."""
    begins, headed = dict[str, int](), expected.headed
    ordered = _in_order([_headings_of(chapter, stream) for chapter in headed.values()])
    chosen = {name: ordered[index] for index, name in enumerate(headed) if index in ordered}
    for name, chapter in sorted(headed.items(), key=lambda item: item[0] not in chosen):
        title = chapter.title or Piece("", NOWHERE)
        places = [chosen[name]] if name in chosen else _headings_of(chapter, stream)
        told = replace(chapter, kind="words")
        if not places:
            reading.missing.append(Missing(told, title, -1))
            continue
        begins[name] = places[0].end()
        found = stream.take(title, chapter, places[0])
        if name not in chosen:
            moved = Missing(told, title, -1, elsewhere=found.pages[0], letters=found.letters)
            reading.missing.append(moved)
        else:
            reading.found.append(found)
            reading.heading_pages[name] = found.pages[0]
            reading.heading_letters[name] = found.letters
    return begins


def _headings_of(chapter: Chapter, stream: _Stream) -> list[re.Match[str]]:
    """The headings of that chapter's title that no other chapter has taken."""
    wanted = pattern(chapter.title.text if chapter.title else "")
    places = (i for i, passage in enumerate(stream.passages) if passage.role in HEADINGS)
    matches = (wanted.fullmatch(stream.text, stream.starts[i], stream.starts[i + 1]) for i in places)
    return [match for match in matches if match and not stream.taken[match.start()]]


def _read_signposts(
    expected: _Expected, begins: Mapping[str, int], stream: _Stream, reading: Reading
) -> None:
    """Cross out the lines that only lead to a heading, because no piece of the source is theirs."""
    pieces = {bare(piece.text) for chapter in expected.chapters for piece in chapter.pieces}
    chapter_at = {end: name for name, end in begins.items()}
    under, waiting = "", list[Chapter]()
    for index, passage in enumerate(stream.passages):
        *said, number = _bare_words(passage.text) or [""]
        if passage.role in HEADINGS:
            under = chapter_at.get(stream.starts[index + 1], "")
            waiting = list(expected.leads.get(under, ()))
        elif (
            passage.role == "LBody"
            and re.fullmatch(r"\d{1,4}", number)
            and stream.passage_text(index) not in pieces
        ):
            to = _leading_to("".join(said), (*waiting, *expected.headed.values()))
            if to:
                waiting = [chapter for chapter in waiting if chapter is not to]
                reading.signposts.append(Signpost(to, int(number), passage, under))
                stream.cross_out(stream.starts[index], stream.starts[index + 1])


def _leading_to(title: str, choices: Iterable[Chapter]) -> Chapter | None:
    return next((c for c in choices if c.title and pattern(c.title.text).fullmatch(title)), None)


@dataclass(frozen=True, slots=True)
class _Chain:
    """A run of matches that stand in order: where it ends, how much it holds, and its last match."""

    end: int
    weight: int
    index: int = -1
    match: re.Match[str] | None = None
    before: "_Chain | None" = None


def _in_order(choices: Sequence[Sequence[re.Match[str]]]) -> dict[int, re.Match[str]]:
    """One match for as many choices as can stand in order; longer words count for more."""
    best = [_Chain(-1, 0)]
    for index, matches in enumerate(choices):
        longer: list[_Chain] = []
        for match in matches:
            before = best[bisect_right(best, match.start(), key=lambda chain: chain.end) - 1]
            weight = before.weight + len(match[0])
            longer.append(_Chain(match.end(), weight, index, match, before))
        for chain in longer:
            _keep(chain, best)
    chosen: dict[int, re.Match[str]] = {}
    last: _Chain | None = best[-1]
    while last and last.match:
        chosen[last.index] = last.match
        last = last.before
    return chosen


def _keep(chain: _Chain, best: list[_Chain]) -> None:
    """Keep a chain unless another holds as much and ends as early; `best` rises in both."""
    at = bisect_right(best, chain.end, key=lambda other: other.end)
    if best[at - 1].weight < chain.weight:
        at -= best[at - 1].end == chain.end
        while at < len(best) and best[at].weight <= chain.weight:
            del best[at]
        best.insert(at, chain)


def _read_chapter(
    chapter: Chapter, stream: _Stream, begin: int, end: int, reading: Reading
) -> Iterator[Missing]:
    pieces = chapter.pieces
    chosen = _in_order([stream.matches(piece, begin, end) for piece in pieces])
    cursor = begin
    for index, piece in enumerate(pieces):
        if index in chosen:
            reading.found.append(stream.take(piece, chapter, chosen[index]))
            cursor = chosen[index].end()
            continue
        gap_end = next((chosen[i].start() for i in range(index, len(pieces)) if i in chosen), end)
        there = _what_stands_there(bare(piece.text), stream.left_over(cursor, gap_end))
        page = there.passage.page if there else stream.page_of_gap(cursor)
        letters = there.letters if there else stream.letters(max(cursor - NEAR, 0), cursor + NEAR)
        yield Missing(chapter, piece, index, page, there.text if there else "", letters=letters)


def _read_anywhere(chapter: Chapter, stream: _Stream, reading: Reading) -> Iterator[Missing]:
    for index, piece in enumerate(chapter.pieces):
        match = next(iter(stream.matches(piece)), None)
        if match:
            reading.found.append(stream.take(piece, chapter, match))
        else:
            yield Missing(chapter, piece, index)


def _looked_for(missing: Missing, stream: _Stream) -> Missing:
    """The missing piece with the page on which it stands in another place, if it does."""
    match = next(iter(stream.matches(missing.piece)), None)
    if match is None:
        return missing
    found = stream.take(missing.piece, missing.chapter, match)
    return replace(missing, near="", elsewhere=stream.page(match.start()), letters=found.letters)


def _what_stands_there(wanted: str, rests: Iterator[Rest]) -> Rest | None:
    """The words that are most like the missing piece, if any are."""
    by_text = {rest.text: rest for rest in islice(rests, MOST_COMPARED)}
    like = get_close_matches(wanted, by_text, 1, 0.5)
    return by_text[like[0]] if like else None


def first_difference(wanted: str, there: str) -> int:
    """The index of the first character in which two texts differ."""
    pairs = enumerate(zip(wanted, there, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(wanted), len(there)))
