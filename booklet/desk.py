"""How is an edition printed at a clinic's desk? As sheets for its printer, folded and stapled by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .impose import (
    FOURS,
    MOST_IN_FOLD,
    Extras,
    Plan,
    Side,
    impose,
    page_count,
    panels_of,
    sides_of,
)
from .language import direction
from .layout import MILLIMETRE
from .preflight import preflight
from .printing import Edition, PrintFile, page_beside
from .problem import Outcome, Problem, Severity
from .typeset import typeset_desk

#: How many cubic centimetres a gram of office paper takes: 80 g/m² are 0.1 mm thick.
BULK = 1.3

#: The last matter of a layout that has an outside at its end.
BACK_COVER = "back-cover"


@dataclass(frozen=True, slots=True)
class Desk:
    """What is asked for."""

    paper: int = 80
    """In grams a square metre."""
    signatures: bool = False
    """In groups of sheets, each folded by itself?"""
    marks: bool = False
    """With marks to fold by, and to see whether both sides meet?"""
    instructions: bool = False
    """With a page before the others that says how to print them?"""

    @property
    def creep(self) -> float:
        """How much further out each sheet lies than the one around it, in points."""
        return self.paper * BULK / 1000 * MILLIMETRE


def sides_for(edition: Edition, desk: Desk) -> tuple[Side, ...]:
    """Both sides of every sheet that a copy takes."""
    recipe, right_bound = edition.layout.recipe, direction(edition.sourced.booklet.language) == "rtl"
    if recipe.panels:
        return panels_of(recipe.panels, right_bound=right_bound)
    cover_last = BACK_COVER in (recipe.order or ((),))[-1]
    pages = page_count(edition.pdf)
    return sides_of(pages, right_bound=right_bound, signatures=desk.signatures, cover_last=cover_last)


def print_at_desk(edition: Edition, desk: Desk) -> Outcome[tuple[PrintFile, ...]]:
    """The sheets of an edition; without a value where they fail their preflight."""
    sides = sides_for(edition, desk)
    plan = Plan(sides, desk.creep, desk.marks, desk.instructions)
    note = edition.words["desk_note_panels" if edition.layout.recipe.panels else "desk_note"]
    extras = Extras(_page("note", edition, sides), note)
    if desk.marks:
        extras = replace(extras, marks=_page("marks", edition, sides))
    if desk.instructions:
        extras = replace(extras, instructions=_page("instructions", edition, sides))
    imposed = impose(edition.pdf, plan, extras)
    wrong = tuple(preflight(imposed, edition.pdf, plan, edition.layout.recipe.smallest))
    count = len(sides) // 2 + desk.instructions
    sheets = PrintFile("desk", imposed, f"{count} sheets of paper" if count > 1 else "1 sheet of paper")
    return Outcome(None if wrong else (sheets,), (*wrong, *_thick(sides)))


def _thick(sides: tuple[Side, ...]) -> Iterator[Problem]:
    """A warning where too many sheets are folded together."""
    deepest = max(side.depth for side in sides) + 1
    if deepest > MOST_IN_FOLD:
        message = f"{deepest} sheets ({deepest * FOURS} pages) in one fold spring open and are hard to staple"
        hint = "add --signatures: groups of a few sheets, each folded by itself"
        yield Problem("sheets-thick", message, hint=hint, severity=Severity.WARNING)


def _page(kind: str, edition: Edition, sides: tuple[Side, ...]) -> bytes:
    return page_beside(
        typeset_desk(edition.sourced, edition.layout, edition.words, kind, sides), edition.layout
    )
