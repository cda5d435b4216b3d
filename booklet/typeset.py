"""How does a booklet become HTML? Each part of it is a document of its own.

The only user of Jinja for booklets. Templates come from the layout's folders alone; numbers of
pages stand in the HTML as PAGE_OF tokens, because only `assemble` knows them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from traceback import extract_tb
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .bidi import isolated
from .blocks import Callout, is_email, telephone
from .impose import Side
from .language import direction, headed, own_name, written_day
from .layout import Layout, picture_path
from .model import Booklet, House, Section, every_block
from .problem import NOWHERE, Outcome, Problem, Where
from .prose import PAGE_OF, Span, readable, spoken, unbroken
from .qr import code_alt, edition_address, modules, outline, printed
from .source import Sourced

#: Top-level matter that `order` may name beside the files in matter/.
BODY, FILL = "body", "notes"

#: What templates are told of the booklet itself, and of its publisher.
OF_BOOKLET = {"booklet", "house", "statement", "offers", "numbers", "boxes", "address", "code_alt"}

#: The matter that begins a page in a leaflet too.
LAST = (FILL, "local", "back-cover")

#: The boxes that 'About this booklet' explains, in its order.
BOXES = ("urgent", "warning", "tip", "info", "key_points", "questions", "checklist")


@dataclass(frozen=True, slots=True)
class Part:
    """An HTML document that begins a new page. `fill` repeats as often as pages are missing."""

    name: str
    html: str
    fill: bool = False


@cache
def _environment(folders: tuple[Path, ...]) -> ImmutableSandboxedEnvironment:
    loader = FileSystemLoader([str(folder) for folder in folders])
    return ImmutableSandboxedEnvironment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def typeset(
    sourced: Sourced, layout: Layout, words: Mapping[str, str], room: float = 0, *, empty: bool = False
) -> Outcome[tuple[Part, ...]]:
    """The booklet's parts, in order, or what is wrong with a template.

    The place of a clinic's details takes as much `room` (points in height) as the lines to write them on
    do, or more; it may be left `empty`.
    """
    try:
        return Outcome(tuple(_parts(sourced, layout, words, {"room": room, "empty": empty})))
    except TemplateError as error:
        return Outcome(None, (_template_fault(error, layout),))


def typeset_screen(
    sourced: Sourced, layout: Layout, words: Mapping[str, str], own: Mapping[str, Any]
) -> Outcome[str]:
    """The whole booklet as one page for screens, or what is wrong with a template.

    Links inside it say no page; `own` is what its templates are told besides.
    """
    behind = _behind(words, sourced)
    context = _context(sourced, layout, words) | {
        # Each box says what it is: a key to their shapes is for leafing.
        "boxes": (),
        "behind": lambda span: "" if span.href.startswith("#") else behind(span),
        **own,
    }
    try:
        return Outcome(_filled("page.html", context, layout))
    except TemplateError as error:
        return Outcome(None, (_template_fault(error, layout),))


def typeset_desk(
    sourced: Sourced, layout: Layout, words: Mapping[str, str], kind: str, sides: Sequence[Side]
) -> str:
    """What is printed beside an edition's pages at a desk: its `note`, `marks` or `instructions`."""
    sheets = {side.sheet: side.depth for side in sides}
    begins = [sheet for sheet, depth in sheets.items() if depth == 0]
    ends = [*(begin - 1 for begin in begins[1:]), len(sheets)]
    context = {
        "booklet": sourced.booklet,
        "layout": layout,
        "words": words,
        "direction": direction(sourced.booklet.language),
        "kind": kind,
        "sides": sides,
        "sheets": len(sheets),
        "groups": [f"{first}–{last}" for first, last in zip(begins, ends, strict=True)],
    }
    return _filled("desk.html", context, layout)


def typeset_spine(
    sourced: Sourced, layout: Layout, words: Mapping[str, str], size: tuple[float, float]
) -> str:
    """The back of a glued booklet; its width and height are in millimetres."""
    context = {
        "booklet": sourced.booklet,
        "layout": layout,
        "words": words,
        "direction": direction(sourced.booklet.language),
        "width": size[0],
        "height": size[1],
    }
    return _filled("spine.html", context, layout)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a withdrawal's notice says."""

    titles: Sequence[tuple[str, str]]
    """What the booklet is called, behind each language."""
    code: str
    version: str
    day: date
    reason: str
    stock: str
    """What to do with printed copies; empty for what is always right."""
    replaced_by: str
    """The version to use in its place; empty where there is none."""


def typeset_withdrawn(
    about: Withdrawn, house: House, layout: Layout, words: Mapping[str, str], language: str
) -> str:
    """The notice that a version is withdrawn, as a page."""
    context = {
        "about": about,
        "house": house,
        "layout": layout,
        "words": words,
        "language": language,
        "direction": direction(language),
        "direction_of": direction,
        "day": lambda day: written_day(day, language),
        "own_name": own_name,
        "unbroken": unbroken,
    }
    return _filled("withdrawn.html", context, layout)


def typeset_beside(
    template: str, sourced: Sourced, layout: Layout, words: Mapping[str, str], told: Mapping[str, Any]
) -> str:
    """A page that belongs to no edition, and what its template is told besides the booklet."""
    context = {
        "booklet": sourced.booklet,
        "house": sourced.house,
        "layout": layout,
        "words": words,
        "direction": direction(sourced.booklet.language),
        "isolated": isolated,
        **told,
    }
    return _filled(template, context, layout)


def _filled(template: str, context: Mapping[str, Any], layout: Layout) -> str:
    """A page; where it is written from right to left, with all marked up that is not."""
    html = _environment(layout.folders).get_template(template).render(context)
    return isolated(html) if context["direction"] == "rtl" else html


def _template_fault(error: TemplateError, layout: Layout) -> Problem:
    """The fault, in the line of the last template that was being filled."""
    places = [(frame.filename, frame.lineno or 1) for frame in extract_tb(error.__traceback__)]
    if isinstance(error, TemplateSyntaxError) and error.filename:
        places.append((error.filename, error.lineno))
    inside = [place for place in places if any(Path(place[0]).is_relative_to(f) for f in layout.folders)]
    where = Where(*inside[-1]) if inside else NOWHERE
    root = next((root for root in layout.roots if Path(where.file).is_relative_to(root)), None)
    if root:
        where = Where(str(Path(where.file).relative_to(root)), where.line)
    hint = "templates may use what layouts/base/ uses"
    return Problem("template-fault", f"The template cannot be filled: {error}", where, hint)


def typeset_panel(sourced: Sourced, layout: Layout, words: Mapping[str, str]) -> Outcome[str]:
    """A clinic's details alone, or what is wrong with a template.

    It is told of nothing that is of the booklet, but for the languages: in all booklets they are the same.
    """
    ours = _context(sourced, layout, words)
    context = {name: told for name, told in ours.items() if name not in OF_BOOKLET}
    try:
        return Outcome(_filled("matter/clinic.html", context, layout))
    except TemplateError as error:
        return Outcome(None, (_template_fault(error, layout),))


def _parts(sourced: Sourced, layout: Layout, words: Mapping[str, str], own: dict[str, Any]) -> Iterator[Part]:
    context = _context(sourced, layout, words) | own
    for name, matter, sections in _plan(sourced, layout):
        parts = {"name": name, "matter": matter, "sections": sections}
        html = _filled("page.html", context | parts, layout)
        yield Part(name, html, fill=name == FILL)


def _context(sourced: Sourced, layout: Layout, words: Mapping[str, str]) -> dict[str, Any]:
    """What all templates are told."""
    booklet = sourced.booklet
    pictures = {asset.name: picture_path(asset) for asset in sourced.assets}
    return {
        "booklet": booklet,
        "house": sourced.house,
        "clinic": sourced.clinic,
        "clinic_language": sourced.clinic_language,
        "room": 0,
        "empty": False,
        "statement": sourced.house.statement_for(booklet),
        "offers": sourced.house.offers_in(booklet),
        "address": edition_address(booklet, sourced.house),
        "code_alt": code_alt(booklet, sourced.house, words),
        "modules": modules,
        "outline": outline,
        "printed": printed,
        "direction_of": direction,
        "headed": headed,
        "isolated": isolated,
        "layout": layout,
        "words": words,
        "direction": direction(booklet.language),
        "picture": pictures.__getitem__,
        "page_of": PAGE_OF.format,
        "day": lambda day: written_day(day, booklet.language),
        "behind": _behind(words, sourced),
        "unbroken": unbroken,
        "readable": readable,
        "telephone": telephone,
        "is_email": is_email,
        "numbers": _part_numbers(booklet.sections),
        "boxes": _boxes_used(booklet),
    }


def _plan(sourced: Sourced, layout: Layout) -> list[tuple[str, tuple[str, ...], tuple[Section, ...]]]:
    """Name, matter and sections of each part: the body is cut where a part opens."""
    booklet = sourced.booklet
    plan: list[tuple[str, tuple[str, ...], tuple[Section, ...]]] = []
    for ordered in layout.recipe.order or ():
        matter = tuple(name for name in ordered if name != "local" or not booklet.has_local_place)
        if BODY in matter and booklet.has_parts:
            plan += [
                ("opening" if run[0].sections else "body", matter, run) for run in _runs(booklet.sections)
            ]
        elif matter:
            plan.append((matter[0], matter, booklet.sections if BODY in matter else ()))
    return plan if booklet.has_parts else _run_on(plan)


def _run_on(
    plan: list[tuple[str, tuple[str, ...], tuple[Section, ...]]],
) -> list[tuple[str, tuple[str, ...], tuple[Section, ...]]]:
    """A leaflet, which has no parts, runs on: all between its cover and its last pages is one.

    Where a layout gives the cover no page of its own, that is the head of it.
    """
    cover = [step for step in plan[:1] if step[1] == ("cover",)]
    middle = [step for step in plan[len(cover) :] if step[0] not in LAST]
    matter = tuple(name for step in middle for name in step[1])
    sections = tuple(section for step in middle for section in step[2])
    return [*cover, ("leaflet", matter, sections), *(step for step in plan if step[0] in LAST)]


def _runs(sections: tuple[Section, ...]) -> list[tuple[Section, ...]]:
    """The top-level sections that are laid out together: each part alone, others side by side."""
    runs: list[tuple[Section, ...]] = []
    for section in sections:
        if section.sections or not runs or runs[-1][0].sections:
            runs.append(())
        runs[-1] += (section,)
    return runs


def _part_numbers(sections: tuple[Section, ...]) -> dict[str, int]:
    opening = [section for section in sections if section.sections]
    return {section.id: number for number, section in enumerate(opening, 1)}


def _boxes_used(booklet: Booklet) -> tuple[str, ...]:
    """The kinds of boxes, and tones of callouts, that the booklet has: its key explains them."""
    used = {block.tone if isinstance(block, Callout) else block.kind for block in every_block(booklet)}
    return tuple(name for name in BOXES if name in used)


def _behind(words: Mapping[str, str], sourced: Sourced) -> Callable[[Span], str]:
    return lambda span: spoken(span, words, sourced.booklet.references)
