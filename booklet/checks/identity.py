"""Is it plain on every page, and to every program, which edition this is?"""

from collections.abc import Iterator
from datetime import timedelta

from ..problem import Severity
from . import Case, Finding, check
from .reading import bare
from .words import _lost

#: A review after more than this is too late (PIF: at least every three years).
LONGEST_REVIEW = timedelta(days=3 * 366)


@check(
    "imprint-missing",
    why="A reader must be able to tell the edition, its dates and its publisher from the paper.",
    hint="build the booklet again; if that does not help, the layout leaves the imprint out",
)
def imprint_missing(case: Case) -> Iterator[Finding]:
    yield from _lost(case, "identity")


@check(
    "page-code",
    why="A loose page must say what it belongs to.",
    hint="the layout's page margins must print the code with the version",
)
def page_code(case: Case) -> Iterator[Finding]:
    booklet = case.sourced.booklet
    mark = bare(case.words["folio_code"].format(code=booklet.code, version=booklet.version))
    lines = {
        bare(case.words["code"].format(code=booklet.code)),
        bare(case.words["edition"].format(version=booklet.version)),
    }
    for number, furniture in enumerate(case.facts.furniture, 1):
        shown = bare(furniture) + "\0".join(bare(p.text) for p in case.facts.passages if p.page == number)
        if mark not in shown and not all(line in shown for line in lines):
            yield Finding(
                f"Page {number} does not show {booklet.code} and version {booklet.version}", page=number
            )


@check(
    "folio",
    why="Page references and loose pages need true page numbers.",
    hint="the layout's page margins must print the page's number on all pages but the covers",
)
def folio(case: Case) -> Iterator[Finding]:
    for number, furniture in enumerate(case.facts.furniture, 1):
        if 1 < number < case.facts.pages and str(number) not in furniture.split():
            yield Finding(f"Page {number} does not show its number", page=number)
    expected = tuple(str(number) for number in range(2, case.facts.pages))
    if case.facts.labels[1:-1] != expected:
        yield Finding("The file's page labels are not the printed page numbers")


@check(
    "metadata",
    why="Programs that file, find and replace editions read the file's metadata.",
    hint="build the booklet again",
)
def metadata(case: Case) -> Iterator[Finding]:
    booklet = case.sourced.booklet
    wanted = {
        "Title": booklet.title,
        "booklet": booklet.id,
        "code": booklet.code,
        "edition": booklet.version,
        "language": booklet.language,
        "published": str(booklet.published),
        "nextreview": str(booklet.next_review),
    }
    for key, value in wanted.items():
        found = case.facts.metadata.get(key, "")
        if found != value:
            yield Finding(f"The metadata has {key} '{found}', but the source '{value}'")


@check(
    "language",
    why="A screen reader pronounces the text by the file's language.",
    hint="build the booklet again",
)
def language(case: Case) -> Iterator[Finding]:
    if case.facts.language != case.sourced.booklet.language:
        yield Finding(
            f"The file's language is '{case.facts.language}', not '{case.sourced.booklet.language}'"
        )


@check(
    "review-past",
    why="Information whose review is overdue may be wrong by now.",
    hint="review the booklet, then give it a new version, `published` and `next_review`",
)
def review_past(case: Case) -> Iterator[Finding]:
    booklet = case.sourced.booklet
    if booklet.next_review < case.today:
        yield Finding(f"The review was due on {booklet.next_review}", booklet.where)


@check(
    "review-far",
    why="Patient information is reviewed at least every three years.",
    hint="set `next_review` at most three years after `published`",
    severity=Severity.WARNING,
)
def review_far(case: Case) -> Iterator[Finding]:
    booklet = case.sourced.booklet
    if booklet.next_review - booklet.published > LONGEST_REVIEW:
        yield Finding(
            f"The next review ({booklet.next_review}) is over three years after publication", booklet.where
        )
