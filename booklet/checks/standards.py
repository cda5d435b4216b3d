"""Does the file keep the standards for accessible and lasting PDFs, with its own fonts and alt texts?"""

from collections.abc import Iterator, Mapping

from ..blocks import Figure, Statistic
from ..model import every_block
from . import Case, Finding, check
from .reading import bare


@check(
    "pdf-ua",
    why="PDF/UA-1 (ISO 14289-1) is what lets a screen reader read the booklet.",
    hint="look at the layout; docs/decisions.md tells what WeasyPrint needs",
)
def pdf_ua(case: Case) -> Iterator[Finding]:
    yield from map(Finding, case.facts.failures["PDF/UA-1"])


@check(
    "pdf-a",
    why="PDF/A-2a (ISO 19005-2) is what lets the booklet be opened in thirty years.",
    hint="look at the layout; docs/decisions.md tells what WeasyPrint needs",
)
def pdf_a(case: Case) -> Iterator[Finding]:
    yield from map(Finding, case.facts.failures["PDF/A-2a"])


@check(
    "font-not-embedded",
    why="Without its own font a page prints with whatever the printer has.",
    hint="build the booklet again",
)
def font_not_embedded(case: Case) -> Iterator[Finding]:
    for font in case.facts.fonts:
        if not font.embedded:
            yield Finding(f"The font {font.name} is not embedded")


@check(
    "font-foreign",
    why="Only the faces in fonts/ were chosen for legibility and are free to ship.",
    hint="use the families of fonts/, in drawings too",
)
def font_foreign(case: Case) -> Iterator[Finding]:
    known = tuple(name.replace(" ", "-") for name in case.families)
    for font in case.facts.fonts:
        if not font.name.replace(" ", "-").startswith(known):
            yield Finding(f"The font {font.name} is not from fonts/")


@check(
    "alt-missing",
    why="A reader who cannot see a picture has only its alt text.",
    hint="build the booklet again; if that does not help, the layout drops the alt text",
)
def alt_missing(case: Case) -> Iterator[Finding]:
    there = {bare(picture.alt) for picture in case.facts.pictures}
    for block in every_block(case.sourced.booklet):
        if isinstance(block, Figure) and bare(block.alt) not in there:
            yield Finding(f"The picture '{block.caption}' has lost its alt text", block.where)
        elif isinstance(block, Statistic) and there.isdisjoint(_alts_of(block, case.words)):
            message = f"The picture of {block.count} in {block.of} has lost its alt text"
            yield Finding(message, block.where)
    for picture in case.facts.pictures:
        if not picture.alt.strip():
            yield Finding("A picture has no alt text", page=picture.page)


def _alts_of(block: Statistic, words: Mapping[str, str]) -> set[str]:
    """What the picture of a statistic may say: it is one of people, or a bar."""
    return {bare(words[key].format(count=block.count, of=block.of)) for key in ("people_alt", "bar_alt")}
