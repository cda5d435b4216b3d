"""Where in the PDF does each word of the source stand?

Reads the PDF's passages along with the source. White space is left out of the comparison, because
a PDF has none at the ends of lines; everything else must agree to the letter.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..blocks import Voice, telephone
from ..inspect import Facts, Passage
from ..model import Booklet, House
from ..prose import PAGE_TOKEN, Piece, Prose, readable, written_day
from ..source import Sourced

HEADINGS = {"H1", "H2", "H3", "H4", "H5", "H6", "H"}


@dataclass(frozen=True, slots=True)
class Chapter:
    """Pieces that stand under one heading; without a heading they may stand anywhere."""

    name: str
    title: Piece | None
    pieces: tuple[Piece, ...]
    kind: str = "words"
    section: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A piece with the pages it stands on and the page numbers that are printed in it."""

    piece: Piece
    pages: tuple[int, ...]
    numbers: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """A piece that is not where it must be: `near` tells what stands there, if anything."""

    chapter: Chapter
    piece: Piece
    page: int | None
    near: str = ""
    elsewhere: int | None = None


@dataclass(slots=True)
class Reading:
    """The source's pieces, found and missing, and the passages that no piece accounts for."""

    found: list[Found] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    heading_pages: dict[str, int] = field(default_factory=dict)
    """The page of each section's heading, by section id."""
    left_over: list[tuple[Passage, str]] = field(default_factory=list)
    """Passages with the words in them, without white space, that no piece accounts for."""


def bare(text: str) -> str:
    """The text without white space, in one form of composed letters."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text))


def chapters(sourced: Sourced, words: Mapping[str, str]) -> Iterator[Chapter]:
    """What a reader must meet, heading by heading, in the source's order."""
    booklet, house = sourced.booklet, sourced.house
    voice = Voice(words, booklet.references)
    at = booklet.where

    def said(*texts: Prose | str | None) -> Iterator[Piece]:
        for text in texts:
            if isinstance(text, Prose):
                yield from voice.prose(text)
            elif text:
                yield Piece(text, at)

    yield Chapter("cover", Piece(booklet.title, at), tuple(said(booklet.subtitle)))
    yield Chapter("notice", None, tuple(said(booklet.notice)) * 2)
    if booklet.about:
        yield Chapter("about", Piece(words["about"], at), tuple(said(booklet.about)))
    if booklet.key_points:
        yield Chapter("at a glance", Piece(words["at_a_glance"], at), tuple(said(*booklet.key_points)))
    for _, section in booklet.walk():
        title, *pieces = section.says(voice)
        yield Chapter(section.title, title, tuple(pieces), section=section.id)
    if booklet.glossary:
        glossed = (p for g in booklet.glossary for p in (g.piece(g.term), *voice.prose(g.meaning)))
        yield Chapter("glossary", Piece(words["glossary"], at), tuple(glossed))
    if house.how_we_can_help:
        helped = (piece for block in house.how_we_can_help for piece in block.says(voice))
        yield Chapter("how we can help", Piece(words["how_we_can_help"], at), tuple(helped))
    yield from _information(booklet, house, words, voice)
    yield Chapter("imprint", None, tuple(_imprint(booklet, house, words, voice)), kind="identity")


def _information(booklet: Booklet, house: House, words: Mapping[str, str], voice: Voice) -> Iterator[Chapter]:
    """'About our information', whose credits and statement have checks of their own."""
    credit, title = booklet.credits, Piece(words["information"], booklet.where)
    lines = [credit.produced_by, *credit.reviewer_lines, *(person.line for person in credit.approved_by)]
    if credit.conflicts:
        lines.append(words["conflicts"].format(conflicts=credit.conflicts))
    yield Chapter("credits", title, tuple(credit.piece(line) for line in lines), kind="credits")
    statement = house.statement_for(booklet)
    if statement:
        yield Chapter("quality mark", title, tuple(voice.prose(statement)), kind="mark")
    rest: list[Piece] = []
    if not booklet.quality_mark:
        rest.append(Piece(words["no_mark"].format(reason=booklet.quality_mark_reason), booklet.where))
    for source in credit.sources:
        rest += voice.prose(source)
    if credit.sources_on_request:
        rest.append(credit.piece(words["sources_on_request"].format(where=credit.sources_on_request)))
    for text in (house.feedback, house.disclaimer):
        rest += voice.prose(text) if text else ()
    yield Chapter("about our information", title, tuple(rest))


def _imprint(booklet: Booklet, house: House, words: Mapping[str, str], voice: Voice) -> Iterator[Piece]:
    for text in (house.formats, house.imprint):
        yield from voice.prose(text) if text else ()
    if house.phone:
        yield house.piece(house.phone, telephone(house.phone))
    yield house.piece(house.name)
    for line in (house.strapline, house.address):
        if line:
            yield house.piece(line)
    if house.web:
        yield house.piece(readable(house.web), house.web)
    if house.email:
        yield house.piece(house.email, f"mailto:{house.email}")
    for line in edition_lines(booklet, words):
        yield booklet.piece(line)


def edition_lines(booklet: Booklet, words: Mapping[str, str]) -> tuple[str, ...]:
    """The lines of the imprint that say which edition this is."""
    return (
        words["code"].format(code=booklet.code),
        words["edition"].format(version=booklet.version),
        words["published"].format(date=written_day(booklet.published, words)),
        words["next_review"].format(date=written_day(booklet.next_review, words)),
    )


class _Stream:
    """All passages as one text without white space, of which pieces are taken out."""

    def __init__(self, passages: tuple[Passage, ...]) -> None:
        self.passages = passages
        self.texts = [bare(passage.text) for passage in passages]
        self.starts = [0]
        for text in self.texts:
            self.starts.append(self.starts[-1] + len(text))
        self.text = "".join(self.texts)
        self.taken = bytearray(len(self.text))

    def page(self, offset: int) -> int:
        """The page of the character at an offset."""
        index = min(bisect_right(self.starts, offset) - 1, len(self.passages) - 1)
        return self.passages[index].page

    def search(self, pattern: re.Pattern[str], start: int, end: int) -> re.Match[str] | None:
        """The first place in the range that no other piece has taken."""
        match = pattern.search(self.text, start, end)
        while match and any(self.taken[match.start() : match.end()]):
            match = pattern.search(self.text, match.start() + 1, end)
        return match

    def take(self, piece: Piece, match: re.Match[str]) -> Found:
        """Mark a piece's place as accounted for."""
        self.taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
        pages = tuple(range(self.page(match.start()), self.page(max(match.end() - 1, match.start())) + 1))
        names = PAGE_TOKEN.findall(piece.text)
        return Found(piece, pages, tuple(zip(names, map(int, match.groups()), strict=True)))

    def left_over(self) -> Iterator[tuple[Passage, str]]:
        """Each passage that is not wholly accounted for, with its remaining words."""
        for passage, text, start in zip(self.passages, self.texts, self.starts, strict=False):
            rest = "".join(c for c, taken in zip(text, self.taken[start:], strict=False) if not taken)
            if rest:
                yield passage, rest


def _pattern(piece: Piece) -> re.Pattern[str]:
    """The piece without white space; where it prints a page's number, any number."""
    literal = PAGE_TOKEN.split(bare(piece.text))[::2]
    return re.compile(r"(\d+)".join(re.escape(part) for part in literal))


def read_along(sourced: Sourced, words: Mapping[str, str], facts: Facts) -> Reading:
    """Find every piece of the source in the PDF."""
    # What a picture says is told by its alt text.
    stream = _Stream(tuple(p for p in facts.passages if "Figure" not in p.roles))
    reading = Reading()
    expected = tuple(chapters(sourced, words))
    begins = _headings(expected, stream, reading)
    for chapter in expected:
        if chapter.title is None:
            continue
        begin = begins.get(chapter.title.text + chapter.section)
        if begin is not None:
            after = [other for other in begins.values() if other > begin]
            _read_chapter(chapter, stream, begin, min(after, default=len(stream.text)), reading)
        elif chapter.kind != "words" or not chapter.section:
            reading.missing += (Missing(chapter, piece, None) for piece in chapter.pieces)
    for chapter in expected:
        if chapter.title is None:
            _read_anywhere(chapter, stream, reading)
    reading.left_over = list(stream.left_over())
    return reading


def _headings(expected: Iterable[Chapter], stream: _Stream, reading: Reading) -> dict[str, int]:
    """Where each chapter's heading ends; sections must follow one another."""
    begins: dict[str, int] = {}
    cursor = 0
    for chapter in expected:
        if chapter.title is None or chapter.title.text + chapter.section in begins:
            continue
        wanted = bare(chapter.title.text)
        places = [
            index
            for index, passage in enumerate(stream.passages)
            if passage.role in HEADINGS
            and stream.texts[index] == wanted
            and not stream.taken[stream.starts[index]]
        ]
        in_order = [index for index in places if stream.starts[index] >= cursor]
        if not (in_order if chapter.section else places):
            elsewhere = stream.passages[places[0]].page if places else None
            reading.missing.append(Missing(chapter, chapter.title, None, elsewhere=elsewhere))
            continue
        index = in_order[0] if chapter.section else places[0]
        start, end = stream.starts[index], stream.starts[index + 1]
        match = stream.search(_pattern(chapter.title), start, end)
        if match:
            reading.found.append(stream.take(chapter.title, match))
        begins[chapter.title.text + chapter.section] = end
        if chapter.section:
            cursor = end
            reading.heading_pages[chapter.section] = stream.passages[index].page
        else:
            reading.heading_pages.setdefault(chapter.title.text, stream.passages[index].page)
    return begins


def _read_chapter(chapter: Chapter, stream: _Stream, begin: int, end: int, reading: Reading) -> None:
    cursor = begin
    for piece in chapter.pieces:
        pattern = _pattern(piece)
        match = stream.search(pattern, cursor, end)
        if match:
            reading.found.append(stream.take(piece, match))
            cursor = match.end()
            continue
        early = stream.search(pattern, begin, cursor) or stream.search(pattern, 0, len(stream.text))
        if early:
            stream.take(piece, early)
        near = "" if early else _what_stands_there(bare(piece.text), stream.text[cursor:end])
        page = stream.page(cursor) if cursor < len(stream.text) else None
        elsewhere = stream.page(early.start()) if early else None
        reading.missing.append(Missing(chapter, piece, page, near, elsewhere))


def _read_anywhere(chapter: Chapter, stream: _Stream, reading: Reading) -> None:
    for piece in chapter.pieces:
        match = stream.search(_pattern(piece), 0, len(stream.text))
        if match:
            reading.found.append(stream.take(piece, match))
        else:
            reading.missing.append(Missing(chapter, piece, None))


def _what_stands_there(wanted: str, text: str) -> str:
    """The words of the PDF that begin like the missing piece, or end like it."""
    for length in (40, 20, 10, 5):
        if len(wanted) >= length:
            for at, offset in (
                (text.find(wanted[:length]), 0),
                (text.find(wanted[-length:]), length - len(wanted)),
            ):
                if at >= 0:
                    start = max(at + offset, 0)
                    return text[start : start + len(wanted)]
    return ""


def first_difference(wanted: str, there: str) -> int:
    """The index of the first character in which two texts differ."""
    pairs = enumerate(zip(wanted, there, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(wanted), len(there)))
