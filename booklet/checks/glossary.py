"""Does the glossary explain the words that the booklet uses, and each of them once?"""

import re
from collections.abc import Iterator

from ..model import Glossed
from ..problem import Severity
from . import Case, Finding, check
from .plain import _english, _short_forms

#: What ends an English word in one of its forms, and not in another.
_ENDING = re.compile(r"(?:ies|s|y)$")


@check(
    "glossary-unused",
    why="A glossary that explains words which the booklet does not use hides those that it does.",
    hint="take the word out of the glossary, or write it as the text does",
    example="'Biopsy (Bx)' is explained, but not used",
    severity=Severity.ADVICE,
)
def glossary_unused(case: Case) -> Iterator[Finding]:
    glossary = case.sourced.booklet.glossary
    if not glossary or not _english(case):
        return
    told = (c for c in case.chapters if c.section or c.name in ("about", "at a glance"))
    text = " ".join(piece.text for chapter in told for piece in chapter.pieces).casefold()
    for glossed in glossary:
        others = " ".join(other.meaning.text for other in glossary if other is not glossed).casefold()
        if not any(re.search(rf"\b{re.escape(stem)}", f"{text} {others}") for stem in _stems(glossed)):
            yield Finding(f"'{glossed.term}' is explained, but not used", glossed.at("term"))


def _stems(glossed: Glossed) -> list[str]:
    """What a text must hold to use a term: the term or what it has in brackets, in any number."""
    forms = [re.sub(r"\s*\([^()]*\)", "", glossed.term), *re.findall(r"\(([^()]+)\)", glossed.term)]
    return [_ENDING.sub("", form.strip().casefold()) for form in forms if form.strip()]


@check(
    "glossary-twice",
    why="Of two explanations a reader finds one, and may miss what the other says.",
    hint="make one entry of the two",
    example="'Dose' is explained twice",
    severity=Severity.WARNING,
)
def glossary_twice(case: Case) -> Iterator[Finding]:
    seen: set[str] = set()
    for glossed in case.sourced.booklet.glossary:
        names = {_ENDING.sub("", glossed.term.casefold()), *map(str.casefold, _short_forms(glossed.term))}
        if names & seen:
            yield Finding(f"'{glossed.term}' is explained twice", glossed.at("term"))
        seen |= names
