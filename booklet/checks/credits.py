"""Are the people who answer for the booklet named in it, and is its quality mark rightful?"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..problem import NOWHERE, Severity
from ..prose import pieces
from . import Case, Finding, check
from .reading import bare, pattern
from .structure import _plain
from .words import _excerpt, _lost

#: A paragraph of so many letters is not written twice by chance.
TELLING = 30

#: The quality mark for health information in the United Kingdom (https://piftick.org.uk).
THE_MARK = "PIF TICK"


@check(
    "credits-missing",
    why="Readers must see who wrote, reviewed and approved what they trust.",
    hint="build the booklet again; if that does not help, the layout leaves the credits out",
    example="'Kim Rowe' is missing from 'credits'",
)
def credits_missing(case: Case) -> Iterator[Finding]:
    yield from _lost(case, "credits")


@check(
    "mark-missing",
    why="The quality mark's statement must be printed word for word.",
    hint="build the booklet again; if that does not help, the layout leaves the statement out",
    example="'Our health information holds the PIF TICK, the quality mark for infor…' and 'This statement"
    " is a sample.' are missing from 'quality mark'",
)
def mark_missing(case: Case) -> Iterator[Finding]:
    yield from _lost(case, "mark")


@check(
    "mark-not-granted",
    why="The right to print the mark lasts as long as its certificate, and no longer.",
    hint="look at the certificate's dates in house.yaml, or write quality_mark: false with a reason",
    example="The PIF TICK certificate (2026-11-24 to 2027-05-31) is not in date on 2026-11-23",
)
def mark_not_granted(case: Case) -> Iterator[Finding]:
    booklet, mark = case.sourced.booklet, case.sourced.house.quality_mark
    if booklet.quality_mark and not mark:
        message = "house.yaml has no quality mark, so this booklet cannot carry one"
        yield Finding(message, booklet.at("quality_mark"))
    if mark and booklet.quality_mark and not mark.certificate.covers(booklet.published):
        dates = f"{mark.certificate.first} to {mark.certificate.last}"
        message = f"The {mark.scheme} certificate ({dates}) is not in date on {booklet.published}"
        yield Finding(message, mark.certificate.at("from"))


@check(
    "mark-ended",
    why="Copies that are printed after the certificate ran out claim a mark that is held no more.",
    hint="renew the certificate and publish a new version, or write quality_mark: false with a reason",
    example="The PIF TICK certificate ran out on 2027-05-31",
)
def mark_ended(case: Case) -> Iterator[Finding]:
    house = case.sourced.house
    mark = house.quality_mark
    if mark and house.statement_for(case.sourced.booklet) and case.today > mark.certificate.last:
        message = f"The {mark.scheme} certificate ran out on {mark.certificate.last}"
        yield Finding(message, mark.certificate.at("to"))


@check(
    "mark-forbidden",
    why="A booklet that does not carry the mark must not seem to.",
    hint="take the statement out of the booklet's own text",
    example="The quality mark is printed without right",
)
def mark_forbidden(case: Case) -> Iterator[Finding]:
    house, booklet = case.sourced.house, case.sourced.booklet
    if house.quality_mark is None:
        return
    granted = house.statement_for(booklet) is not None
    if not (granted and house.quality_mark.logo):
        for picture in case.facts.pictures:
            if bare(house.quality_mark.scheme) in bare(picture.alt):
                why = "without the holder's own file" if granted else "without right"
                yield Finding(f"The quality mark is printed {why}", page=picture.page)
    if granted:
        return
    statement = (p.text for p in pieces(house.quality_mark.statement, case.words, {}))
    # A few words, such as an item of a list, may stand anywhere.
    paragraphs = [pattern(text) for text in statement if len(text) >= TELLING]
    for page in range(1, case.facts.pages + 1):
        text = bare("".join(passage.text for passage in case.facts.passages if passage.page == page))
        if any(p.search(text) for p in paragraphs):
            yield Finding("The quality mark's statement is printed without right", page=page)


@check(
    "mark-claimed",
    why="Words about the mark can be taken for a claim to it, in a booklet that does not carry it.",
    hint="take them out; it stays a warning where they tell readers what the mark is",
    example="'This booklet carries the PIF TICK.' names the PIF TICK, which this booklet does not carry",
    severity=Severity.WARNING,
)
def mark_claimed(case: Case) -> Iterator[Finding]:
    house = case.sourced.house
    if house.statement_for(case.sourced.booklet):
        return
    names = sorted({THE_MARK, house.quality_mark.scheme if house.quality_mark else THE_MARK})
    said = [(f.piece.text, Finding("", f.piece.where, letters=f.letters)) for f in case.reading.found]
    for picture in case.facts.pictures:
        drawn, at = case.facts.letters.text(picture.letters), case.where_of(picture)
        text = next((t for t in (drawn, picture.alt) if _names(t, names)), "")
        said.append((text, Finding("", at, picture.page, picture.letters)))
    for passage in case.facts.furniture:
        said.append((passage.text, Finding("", NOWHERE, passage.page, passage.printed)))
    for text, finding in said:
        for name in _names(text, names):
            message = f"'{_excerpt(text)}' names the {name}, which this booklet does not carry"
            yield replace(finding, message=message)


def _names(text: str, names: Sequence[str]) -> list[str]:
    """Which of the names stand in a text, however they are written?"""
    plain = _plain(text).casefold()
    return [name for name in names if _plain(name).casefold() in plain]
