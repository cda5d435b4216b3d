"""Is it plain on every page, and to every program, which edition this is?"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from ..chapters import edition_lines
from ..problem import Severity
from ..register import State
from . import Case, Finding, check
from .reading import spaced
from .words import _excerpt, _lost, margin_words, wrong_folio

#: A review after more than this is too late (PIF: at least every three years).
LONGEST_REVIEW = timedelta(days=3 * 366)


#: The code of what is said of a version that was withdrawn.
WITHDRAWN = "released-withdrawn"


@check(
    "imprint-missing",
    why="A reader must be able to tell the edition, its dates and its publisher from the paper.",
    hint="build the booklet again; if that does not help, the layout leaves the imprint out",
    example="'7 River Street, Exampletown' is missing from 'imprint'",
)
def imprint_missing(case: Case) -> Iterator[Finding]:
    pages = [page for found in case.reading.found if found.chapter.kind == "identity" for page in found.pages]
    page = max(pages, default=None)
    for finding in _lost(case, "identity"):
        yield replace(finding, page=finding.page or page)


@check(
    "notice-missing",
    why="What readers must know first of a booklet, for example that it is a sample, is for its cover.",
    hint="the layout must print the notice on the cover, and again in the imprint",
    example="'This is a sample for the tests of the checks.' is not on the cover",
)
def notice_missing(case: Case) -> Iterator[Finding]:
    told = [found for found in case.reading.found if found.chapter.name == "notice"]
    lost = {missing.piece for missing in case.reading.missing}
    for piece in dict.fromkeys(found.piece for found in told):
        places = [found for found in told if found.piece == piece]
        if piece not in lost and not any(1 in found.pages for found in places):
            message = f"'{_excerpt(piece.text)}' is not on the cover"
            yield Finding(message, piece.where, letters=places[0].letters)


@check(
    "page-code",
    why="A loose page must say what it belongs to.",
    hint="the layout's page margins must print the code with the version",
    example="Page 1 does not show HI900 and version 1.1",
)
def page_code(case: Case) -> Iterator[Finding]:
    booklet, words = case.sourced.booklet, case.words
    mark = words["folio_code"].format(code=booklet.code, version=booklet.version)
    code, edition, *_ = edition_lines(booklet, words)
    for number in range(1, case.facts.pages + 1):
        shown = "\n".join(p.text for p in (*case.facts.furniture, *case.facts.passages) if p.page == number)
        if not _stands_in(shown, mark) and not (_stands_in(shown, code) and _stands_in(shown, edition)):
            yield Finding(
                f"Page {number} does not show {booklet.code} and version {booklet.version}", page=number
            )


def _stands_in(text: str, line: str) -> bool:
    return re.search(spaced(line), text) is not None


@check(
    "folio",
    why="Page references and loose pages need true page numbers.",
    hint="the layout's page margins must print the page's number on all pages but the covers",
    example="Page 14 does not show its number",
)
def folio(case: Case) -> Iterator[Finding]:
    for number, words in margin_words(case):
        other = wrong_folio(case, number, words)
        if other is not None:
            instead = f", but {other}" if other else ""
            yield Finding(f"Page {number} does not show its number{instead}", page=number)
    inside = tuple(str(number) for number in range(2, case.facts.pages))
    covers = case.words["front_cover"], case.words["back_cover"]
    if case.facts.pages > 1 and case.facts.labels != (covers[0], *inside, covers[1]):
        yield Finding("The file's page labels are not the printed page numbers")


@check(
    "metadata",
    why="Programs that file, find and replace editions read the file's metadata.",
    hint="build the booklet again",
    example="The metadata has nextreview '2029-11-23', but the source '2029-11-22'",
)
def metadata(case: Case) -> Iterator[Finding]:
    booklet, day = case.sourced.booklet, case.sourced.booklet.published
    days = {"published": f"{day}", "xmp:CreateDate": f"{day}", "xmp:ModifyDate": f"{day}"}
    wanted = (
        dict.fromkeys(("Title", "dc:title"), booklet.title),
        dict.fromkeys(("Author", "dc:creator"), case.sourced.house.name),
        dict.fromkeys(("Subject", "dc:description"), booklet.subtitle or booklet.title),
        {"booklet": booklet.id},
        {"code": booklet.code},
        {"edition": booklet.version},
        {"language": booklet.language},
        days | dict.fromkeys(("CreationDate", "ModDate"), f"D:{day:%Y%m%d}"),
        {"nextreview": str(booklet.next_review)},
    )
    for together in wanted:
        found = {key: case.facts.metadata.get(key, "") for key in together}
        wrong = [key for key, value in together.items() if found[key] != " ".join(value.split())]
        if wrong:
            shown = ", ".join(f"{key} '{found[key]}'" for key in wrong)
            yield Finding(f"The metadata has {shown}, but the source '{together[wrong[0]]}'")


@check(
    "language",
    why="A screen reader pronounces the text by the file's language.",
    hint="build the booklet again",
    example="The file's language is not named; it should be 'en-GB'",
)
def language(case: Case) -> Iterator[Finding]:
    if case.facts.language != case.sourced.booklet.language:
        named = f"is '{case.facts.language}'" if case.facts.language else "is not named"
        yield Finding(f"The file's language {named}; it should be '{case.sourced.booklet.language}'")
    own, letters = case.sourced.booklet.language, case.facts.letters
    other = {letter: one.piece.language for one in case.reading.found for letter in one.letters}
    tagged: dict[int, str] = {}
    for tag in case.facts.spoken:
        expected = {other.get(one) or own for one in tag.letters if not letters.blank[one]}
        # What is in another's tag may have one of its own.
        tagged |= {letter: tag.language for letter in tag.letters if letter not in tagged and tag.language}
        if tag.language and expected - {tag.language}:
            words, should = _excerpt(letters.text(tag.letters), 40), min(expected - {tag.language})
            message = f"'{words}' is tagged as '{tag.language}', not '{should}'"
            yield Finding(message, page=tag.page, letters=tag.letters)
    for one in case.reading.found:
        if one.piece.language and not any(letter in tagged for letter in one.letters):
            message = f"'{_excerpt(one.piece.text, 40)}' is not tagged as '{one.piece.language}'"
            yield Finding(message, one.piece.where, letters=one.letters)


@check(
    "released-otherwise",
    why="Who has a version in hand must be able to trust that everybody's copy of it says the same.",
    hint="give it the next version, or put back what was released, which is in `releases/`",
    example="Version 1.1 was released on 2026-11-23, and said something else",
)
def released_otherwise(case: Case) -> Iterator[Finding]:
    booklet, released = case.sourced.booklet, case.sourced.released
    if released and released.content != case.sourced.content:
        message = f"Version {booklet.version} was released on {released.entry.day}, and said something else"
        yield Finding(message, booklet.at("version"))


@check(
    WITHDRAWN,
    why="What was withdrawn may harm who reads it.",
    hint="give it the next version, once it is right",
    example="Version 1.1 was withdrawn on 2026-11-23: a dose is wrong",
)
def released_withdrawn(case: Case) -> Iterator[Finding]:
    booklet, released = case.sourced.booklet, case.sourced.released
    if released and released.state is State.WITHDRAWN:
        message = f"Version {booklet.version} was withdrawn on {released.since}: {released.reason}"
        yield Finding(message, booklet.at("version"))


@check(
    "released-superseded",
    why="Who prints an old version hands out what has been corrected since.",
    hint="give it the next version, or build the current one with --released",
    example="Version 1.1 was superseded on 2026-11-23 by 1.2",
    severity=Severity.WARNING,
)
def released_superseded(case: Case) -> Iterator[Finding]:
    booklet, released = case.sourced.booklet, case.sourced.released
    if released and released.state is State.SUPERSEDED:
        message = f"Version {booklet.version} was superseded on {released.since} by {released.superseded_by}"
        yield Finding(message, booklet.at("version"))


@check(
    "clinic-draft",
    why="Nobody has signed it off yet, and a clinic may take it for the version that readers should have.",
    hint="build the current version with --released",
    example="Version 1.1 was not released; 1.0 is current",
    severity=Severity.WARNING,
)
def clinic_draft(case: Case) -> Iterator[Finding]:
    booklet, current = case.sourced.booklet, case.sourced.current
    if case.sourced.clinic and current and not case.sourced.released:
        message = f"Version {booklet.version} was not released; {current} is current"
        yield Finding(message, booklet.at("version"))


@check(
    "review-past",
    why="Information whose review is overdue may be wrong by now.",
    hint="review the booklet, then give it a new version, `published` and `next_review`",
    example="The review was due on 2029-11-23",
)
def review_past(case: Case) -> Iterator[Finding]:
    booklet = case.sourced.booklet
    if booklet.next_review < case.today:
        yield Finding(f"The review was due on {booklet.next_review}", booklet.at("next_review"))


@check(
    "review-far",
    why="Patient information is reviewed at least every three years.",
    hint="set `next_review` at most three years after `published`",
    example="The next review (2030-11-23) is over three years after publication",
    severity=Severity.WARNING,
)
def review_far(case: Case) -> Iterator[Finding]:
    booklet = case.sourced.booklet
    if booklet.next_review - booklet.published > LONGEST_REVIEW:
        message = f"The next review ({booklet.next_review}) is over three years after publication"
        yield Finding(message, booklet.at("next_review"))
    elif booklet.next_review - case.today > LONGEST_REVIEW:
        yield Finding(
            f"The next review ({booklet.next_review}) is over three years away", booklet.at("next_review")
        )
