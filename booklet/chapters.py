"""What must a reader of the booklet meet, heading by heading?"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from .blocks import Voice, is_email, local_panel, telephone
from .language import headed, written_day
from .model import Booklet, House
from .problem import Where
from .prose import Piece, Prose, readable
from .qr import edition_address
from .source import Sourced


@dataclass(frozen=True, slots=True)
class Chapter:
    """Pieces that stand under one heading; without a heading they may stand anywhere."""

    name: str
    title: Piece | None
    pieces: tuple[Piece, ...]
    kind: str = "words"
    section: str = ""
    matter: str = ""
    """What a layout's order calls it."""

    @property
    def id(self) -> str:
        """What links call its heading: a section's id, or that of the layout's own matter."""
        return self.section or f"_{self.matter}"


def chapters(sourced: Sourced, words: Mapping[str, str]) -> Iterator[Chapter]:
    """What a reader must meet, heading by heading, in the source's order."""
    booklet, house = sourced.booklet, sourced.house
    voice = Voice(words, booklet.references, booklet.language)
    voice = replace(voice, panel=panel(sourced, words))
    at = booklet.where

    def said(*texts: Prose | str | None) -> Iterator[Piece]:
        for text in texts:
            if isinstance(text, Prose):
                yield from voice.prose(text)
            elif text:
                yield Piece(text, at)

    yield Chapter("cover", Piece(booklet.title, at), tuple(said(booklet.subtitle)), matter="cover")
    yield Chapter("notice", None, tuple(said(booklet.notice)) * 2)
    if booklet.about:
        yield Chapter("about", Piece(words["about"], at), tuple(said(booklet.about)), matter="about")
    if booklet.key_points:
        title, pieces = Piece(words["at_a_glance"], at), tuple(said(*booklet.key_points))
        yield Chapter("at a glance", title, pieces, matter="at-a-glance")
    yield Chapter("contents", Piece(words["contents"], at), (), matter="contents")
    for _, section in booklet.walk():
        heading, *rest = section.says(voice)
        yield Chapter(section.title, heading, tuple(rest), section=section.id, matter="body")
    yield from _back_matter(booklet, house, words, voice)


def panel(sourced: Sourced, words: Mapping[str, str]) -> tuple[Piece, ...]:
    """What a reader must meet of a clinic's details; nothing in the national edition."""
    if sourced.clinic is None:
        return ()
    alone = Voice(words, {}, sourced.booklet.language)
    return tuple(sourced.clinic.says(alone, sourced.clinic_language))


def _back_matter(booklet: Booklet, house: House, words: Mapping[str, str], voice: Voice) -> Iterator[Chapter]:
    at = booklet.where
    if booklet.glossary:
        glossed = (
            p for g in booklet.glossary for p in (g.piece(g.term, key="term"), *voice.prose(g.meaning))
        )
        yield Chapter("glossary", Piece(words["glossary"], at), tuple(glossed), matter="glossary")
    if house.how_we_can_help:
        helped = (piece for block in house.how_we_can_help for piece in block.says(voice))
        yield Chapter("how we can help", Piece(words["how_we_can_help"], at), tuple(helped), matter="help")
    yield from _information(booklet, house, words, voice)
    if not booklet.has_local_place:
        yield Chapter("local", Piece(words["local"], at), tuple(local_panel(voice, at)), matter="local")
    offers = house.offers_in(booklet)
    if house.formats or offers:
        told = list(voice.prose(house.formats)) if house.formats else []
        told += (
            Piece(headed(offer.name, offer.text, offer.language), offer.where, language=offer.language)
            for offer in offers
        )
        title = house.piece(words["formats"], key="formats" if house.formats else "languages")
        yield Chapter("formats", title, tuple(told), kind="identity", matter="formats")
    yield Chapter("imprint", None, tuple(_imprint(booklet, house, words, voice)), kind="identity")
    address = edition_address(booklet, house)
    if address:
        asked = house.piece(f"{words['current']}\n{readable(address)}", address, key="catalogue")
        yield Chapter("edition's address", None, (asked,), kind="identity")


def _information(booklet: Booklet, house: House, words: Mapping[str, str], voice: Voice) -> Iterator[Chapter]:
    """'About our information', whose credits and statement have checks of their own."""
    credit, title = booklet.credits, Piece(words["information"], booklet.where)
    # A name says who reviewed and who approved only together with what stands above it.
    named = [
        credit.piece(words["produced"], key="produced_by"),
        credit.piece(credit.produced_by, key="produced_by"),
    ]
    for key, people in (("reviewed", credit.reviewers), ("approved", credit.approved_by)):
        place = credit.at("reviewers" if key == "reviewed" else "approved_by")
        named.append(Piece(words[key], place))
        named += (
            Piece(p, place) if isinstance(p, str) else p.piece(p.line(booklet.language)) for p in people
        )
    if credit.conflicts:
        named.append(credit.piece(words["conflicts"].format(conflicts=credit.conflicts), key="conflicts"))
    yield Chapter("credits", title, tuple(named), kind="credits", matter="information")
    statement = house.statement_for(booklet)
    if statement:
        granted = tuple(voice.prose(statement))
        yield Chapter("quality mark", title, granted, kind="mark", matter="information")
    rest: list[Piece] = []
    if not booklet.quality_mark:
        rest.append(Piece(words["no_mark"].format(reason=booklet.quality_mark_reason), booklet.where))
    if credit.sources:
        rest.append(credit.piece(words["sources"], key="sources"))
    for source in credit.sources:
        rest += voice.prose(source)
    if credit.sources_on_request:
        asked = words["sources_on_request"].format(where=credit.sources_on_request)
        address = (f"mailto:{credit.sources_on_request}",) if is_email(credit.sources_on_request) else ()
        rest.append(credit.piece(asked, *address, key="sources_on_request"))
    for key, text in (("feedback", house.feedback), ("disclaimer", house.disclaimer)):
        rest += (house.piece(words[key], key=key), *voice.prose(text)) if text else ()
    yield Chapter("about our information", title, tuple(rest), matter="information")


def _imprint(booklet: Booklet, house: House, words: Mapping[str, str], voice: Voice) -> Iterator[Piece]:
    if house.imprint:
        yield from voice.prose(house.imprint)
    if house.phone:
        yield house.piece(house.phone, telephone(house.phone), key="phone")
    yield house.piece(house.name, key="name")
    for key, line in (("strapline", house.strapline), ("address", house.address)):
        if line:
            yield house.piece(line, key=key)
    if house.web:
        yield house.piece(readable(house.web), house.web, key="web")
    if house.email:
        yield house.piece(house.email, f"mailto:{house.email}", key="email")
    for line in edition_lines(booklet, words):
        yield booklet.piece(line)


def edition_lines(booklet: Booklet, words: Mapping[str, str]) -> tuple[str, ...]:
    """The lines of the imprint that say which edition this is."""
    return (
        words["code"].format(code=booklet.code),
        words["edition"].format(version=booklet.version),
        words["published"].format(date=written_day(booklet.published, booklet.language)),
        words["next_review"].format(date=written_day(booklet.next_review, booklet.language)),
    )


#: Where all stands that is in no section.
WHOLE = "booklet"


class Blocks:
    """The name of the block that each line of a booklet's files belongs to."""

    def __init__(self, booklet: Booklet) -> None:
        self.starts: dict[str, list[tuple[int, str]]] = {}
        for key in booklet.keys:
            self._note(booklet.at(key), WHOLE)
        for _, section in booklet.walk():
            self._note(section.where, section.id)
            for number, block in enumerate(section.content, 1):
                self._note(block.where, f"{section.id}/{number}")
        for starts in self.starts.values():
            starts.sort(key=lambda start: start[0])

    def _note(self, where: Where, name: str) -> None:
        self.starts.setdefault(where.file, []).append((where.line, name))

    def name(self, where: Where) -> str:
        """The block's name: a section's id, a slash and the block's number, counted from 1."""
        starts = self.starts.get(where.file, [])
        at = bisect_right(starts, where.line, key=lambda start: start[0])
        return starts[at - 1][1] if at else WHOLE
