"""How is an edition printed at a clinic's desk? As sheets for its printer, folded and stapled by hand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .impose import (
    FOURS,
    MOST_IN_FOLD,
    SHEETS_END,
    Extras,
    Plan,
    Side,
    impose,
    page_count,
    panels_of,
    sides_of,
)
from .layout import MILLIMETRE, Layout, load_layout
from .make import Made, style_of, write_whole
from .preflight import preflight
from .problem import Outcome, Problem, Severity
from .render import Press, write_pdf
from .source import Source, Sourced
from .typeset import direction, typeset_desk

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


@dataclass(frozen=True, slots=True)
class Edition:
    """A finished edition, and what it was made from."""

    pdf: bytes
    sourced: Sourced
    layout: Layout
    words: Mapping[str, str]


def sides_for(edition: Edition, desk: Desk) -> tuple[Side, ...]:
    """Both sides of every sheet that a copy takes."""
    recipe, right_bound = edition.layout.recipe, direction(edition.sourced.booklet.language) == "rtl"
    if recipe.panels:
        return panels_of(recipe.panels, right_bound=right_bound)
    cover_last = BACK_COVER in (recipe.order or ((),))[-1]
    pages = page_count(edition.pdf)
    return sides_of(pages, right_bound=right_bound, signatures=desk.signatures, cover_last=cover_last)


def print_at_desk(edition: Edition, desk: Desk) -> Outcome[bytes]:
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
    return Outcome(None if wrong else imposed, (*wrong, *_thick(sides)))


@dataclass(frozen=True, slots=True)
class Sheets:
    """What became of the sheets of an edition."""

    edition: Made
    problems: tuple[Problem, ...]
    pdf: str = ""
    """The file, relative to the folder of editions; empty where there is none."""
    count: int = 0
    """How many sheets of paper a copy takes."""


def sheets_of_edition(made: Made, desk: Desk) -> Sheets:
    """Make and write the sheets of an edition that passed its checks."""
    job = made.job
    grave = tuple(problem for problem in made.problems if problem.severity is not Severity.ADVICE)
    sourced = Source(job.roots[0]).booklet(job.booklet, job.language).value
    layout = load_layout(job.layout, job.roots, job.size, grey=job.grey).value
    words = layout.words(sourced.booklet.language).value if layout and sourced else None
    if not made.passed or not sourced or not layout or not words:
        message = f"'{job.booklet}' has failed its checks, so there are no sheets of it"
        return Sheets(made, (*grave, Problem("not-printed", message, hint="mend what the checks found")))
    edition = Edition((job.out / made.pdf).read_bytes(), sourced, layout, words)
    printed = print_at_desk(edition, desk)
    path = made.pdf.removesuffix(".pdf") + SHEETS_END
    problems = tuple(replace(problem, pdf=Path(path).name) for problem in printed.problems)
    if printed.value is None:
        return Sheets(made, (*grave, *problems))
    write_whole(job.out / path, printed.value)
    return Sheets(made, (*grave, *problems), path, len(sides_for(edition, desk)) // 2 + desk.instructions)


def _thick(sides: tuple[Side, ...]) -> Iterator[Problem]:
    """A warning where too many sheets are folded together."""
    deepest = max(side.depth for side in sides) + 1
    if deepest > MOST_IN_FOLD:
        message = f"{deepest} sheets ({deepest * FOURS} pages) in one fold spring open and are hard to staple"
        hint = "add --signatures: groups of a few sheets, each folded by itself"
        yield Problem("sheets-thick", message, hint=hint, severity=Severity.WARNING)


def _page(kind: str, edition: Edition, sides: tuple[Side, ...]) -> bytes:
    html = typeset_desk(edition.sourced, edition.layout, edition.words, kind, sides)
    laid = Press(style_of(edition.layout), {}).lay_out(html, 1)
    return write_pdf([laid], b"0" * 32, ("", ""), {}, grey=True).pdf
