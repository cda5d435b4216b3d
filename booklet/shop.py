"""How is an edition printed by a print shop? As files that keep what its profile asks for."""

from collections.abc import Iterator
from dataclasses import replace

from .bind import print_edition
from .impose import page_count, page_size
from .language import direction
from .layout import MILLIMETRE
from .preflight_press import preflight_press
from .press import COVER_PAGES, Plan, Sheets, Shop, files_of
from .printing import Edition, PrintFile, page_beside
from .problem import Outcome, Problem
from .typeset import typeset_spine


def print_in_shop(edition: Edition, shop: Shop) -> Outcome[tuple[PrintFile, ...]]:
    """The files for a print shop; without a value where they fail their preflight."""
    width, height = page_size(edition.pdf, 1)
    plan = Plan(
        shop.profile,
        (width / MILLIMETRE, height / MILLIMETRE),
        page_count(edition.pdf),
        direction(edition.sourced.booklet.language) == "rtl",
        edition.layout.recipe.panels or (),
    )
    thin = tuple(_too_thin(plan))
    if thin:
        return Outcome(None, thin)
    bled = print_edition(edition.sourced, replace(edition.layout, bleed=plan.laid_bleed), edition.words)
    if bled.value is None:
        return Outcome(None, bled.problems)
    made = files_of(bled.value, plan, shop, _spine(edition, plan))
    wrong = tuple(
        replace(problem, pdf=_name(edition, shop, file))
        for file, problem in preflight_press(made, edition.pdf, plan, shop)
    )
    files = tuple(PrintFile(_kind(shop, file), made[file.kind], _says(file)) for file in plan.files)
    return Outcome(None if wrong else files, (*bled.problems, *wrong))


def _too_thin(plan: Plan) -> Iterator[Problem]:
    """What is wrong where there are too few pages for a cover of its own, or to be glued."""
    spine, pages = plan.profile.spine, len(plan.order)
    if plan.panels:
        return
    least = spine.least_pages if spine else COVER_PAGES + 1
    if plan.profile.cover == "apart" and pages < least:
        what = "be glued" if spine else "have a cover of its own"
        message = f"{pages} pages are too few to {what}: it takes {least}"
        yield Problem("press-thin", message, hint="print it with a profile whose cover is `within`")


def _kind(shop: Shop, file: Sheets) -> str:
    return f"press-{shop.name}" + (f".{file.kind}" if file.kind else "")


def _name(edition: Edition, shop: Shop, file: Sheets) -> str:
    booklet = edition.sourced.booklet
    return f"{booklet.id}-{booklet.version}-{booklet.language}-{edition.layout.form}.{_kind(shop, file)}.pdf"


def _says(file: Sheets) -> str:
    spine = f", with a spine of {file.spine:g} mm" if file.spine else ""
    return f"{len(file.sides)} pages{spine}"


def _spine(edition: Edition, plan: Plan) -> bytes:
    """What is printed on the back of a glued booklet; nothing where it has none."""
    if not plan.spine:
        return b""
    layout = replace(edition.layout, bleed=plan.laid_bleed)
    html = typeset_spine(edition.sourced, layout, edition.words, (plan.spine, plan.trim[1]))
    return page_beside(html, layout, grey=layout.grey)
