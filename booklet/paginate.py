"""On which pages do parts stand that refer to each other's pages?

Each part begins a new page and is laid out alone. A part may print the number of a page of another;
so the parts are laid out in rounds, a part again only where the page it begins on has changed, or a
number in its text that needs other room, until nothing changes any more.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .carve import Carved
from .problem import Outcome, Problem
from .render import EMPTY, Laid, Press
from .typeset import Part

MAX_ROUNDS = 8

#: So many words stand on a page of a booklet, headings and pictures taken for words.
WORDS_OF_PAGE = 180

_ID = re.compile(r'\bid="([^"]+)"')
_TAG = re.compile(r"<style>.*?</style>|<[^>]*>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A part on its pages; `first` is its first page's number."""

    part: Part
    first: int
    laid: Laid

    def carved(self, *, grey: bool) -> Carved:
        """It as bytes that can be joined with those of others."""
        return self.laid.carved(str(self.first), grey=grey)


def lay_out_all(
    parts: Sequence[Part],
    press: Press,
    filled: Callable[[int], int],
    before: Mapping[str, int] = EMPTY,
    *,
    right_to_left: bool,
) -> Outcome[tuple[Sheet, ...]]:
    """All parts on their pages, with true numbers; the fill parts are repeated.

    `filled` says to how many pages so many are filled up; `before` are the pages that ids stood on before
    the source was changed.
    """
    guesses = _guessed(parts)
    numbers: dict[str, int] | None = None
    fill = 0
    for _ in range(MAX_ROUNDS):
        sheets: list[Sheet] = []
        for at, part in enumerate(parts):
            for _ in range(fill if part.fill else 1):
                first = _next_page(sheets)
                known = numbers or {**_expected(guesses[at:], first), **before, **numbers_on(sheets)}
                laid = press.lay_out(part.html, first, known, right_to_left=right_to_left)
                sheets.append(Sheet(part, first, laid))
        long = next((s for s in sheets if s.part.fill and len(s.laid.pages) > 1), None)
        if long:
            message = f"The page that fills a booklet up takes {len(long.laid.pages)} pages in this layout"
            hint = f"draw fewer lines, or lower ones, on its page of {long.part.name}"
            return Outcome(None, (Problem("page-numbers-unsettled", message, hint=hint),))
        pages = _next_page(sheets) - 1 - fill
        missing = filled(pages) - pages if any(part.fill for part in parts) else 0
        found = _anchors(parts, sheets, missing - fill)
        if found == numbers and missing == fill:
            return Outcome(tuple(sheets))
        numbers, fill = found, missing
    message = f"The page numbers did not settle in {MAX_ROUNDS} rounds"
    return Outcome(None, (Problem("page-numbers-unsettled", message, hint="add or cut a line of text"),))


@dataclass(frozen=True, slots=True)
class _Guess:
    """About on which pages a part begins and its ids stand, by the words before them."""

    first: int
    pages: Mapping[str, int]


def _guessed(parts: Sequence[Part]) -> list[_Guess]:
    """Guesses for all parts: numbers of as many digits as the true ones will do."""
    guesses: list[_Guess] = []
    begin = 1
    for part in parts:
        page, at, pages = float(begin), 0, dict[str, int]()
        for found in _ID.finditer(part.html):
            page += _words(part.html[at : found.start()]) / WORDS_OF_PAGE
            at = found.start()
            pages[found[1]] = int(page)
        guesses.append(_Guess(begin, pages))
        begin = math.ceil(page + _words(part.html[at:]) / WORDS_OF_PAGE + 0.01)
    return guesses


def _expected(guesses: Sequence[_Guess], first: int) -> dict[str, int]:
    """The pages of parts to come, of which the first begins on a page that is known."""
    off = first - guesses[0].first
    return {name: page + off for guess in reversed(guesses) for name, page in guess.pages.items()}


def _words(html: str) -> int:
    return len(_TAG.sub(" ", html).split())


def numbers_on(sheets: Sequence[Sheet]) -> dict[str, int]:
    """The pages that ids stand on."""
    return _anchors((), sheets, 0)


def _next_page(sheets: Sequence[Sheet]) -> int:
    return sheets[-1].first + len(sheets[-1].laid.pages) if sheets else 1


def _anchors(parts: Sequence[Part], sheets: Sequence[Sheet], more: int) -> dict[str, int]:
    """The pages of all ids, once so many more pages fill it up."""
    filling = next((at for at, part in enumerate(parts) if part.fill), len(parts))
    behind = {id(part) for part in parts[filling + 1 :]}
    found: dict[str, int] = {}
    for sheet in sheets:
        for name, page in sheet.laid.anchors.items():
            found.setdefault(name, page + (more if id(sheet.part) in behind else 0))
    return found
