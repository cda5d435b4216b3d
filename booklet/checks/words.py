"""Are all words of the source in the PDF, once, in order, and none besides?"""

import re
from collections.abc import Iterator

from ..blocks import Table
from ..model import every_block
from . import Case, Finding, check
from .reading import Missing, bare, first_difference


def _excerpt(text: str, length: int = 70) -> str:
    shown = re.sub(r"\s+", " ", re.sub("\ue000.*?\ue001", "…", text)).strip()
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def _told(missing: Missing) -> str:
    wanted = bare(missing.piece.text)
    message = f"'{_excerpt(missing.piece.text)}' is missing from '{missing.chapter.name}'"
    if missing.near:
        at = first_difference(wanted, missing.near)
        message += f"; in its place stands '…{missing.near[max(at - 12, 0) : at + 24]}…'"
    return message


def _lost(case: Case, kind: str) -> Iterator[Finding]:
    for missing in case.reading.missing:
        if missing.chapter.kind == kind and missing.elsewhere is None:
            yield Finding(_told(missing), missing.piece.where, missing.page)


@check(
    "words-missing",
    why="A lost line of patient information can harm: every word of the source must be on the paper.",
    hint="build the booklet again; if that does not help, the layout hides or cuts this text",
)
def words_missing(case: Case) -> Iterator[Finding]:
    yield from _lost(case, "words")


@check(
    "words-order",
    why="Steps and warnings read in another order than the editor's say something else.",
    hint="build the booklet again; if that does not help, the layout moves this text",
)
def words_order(case: Case) -> Iterator[Finding]:
    for missing in case.reading.missing:
        if missing.elsewhere is not None:
            message = f"'{_excerpt(missing.piece.text)}' stands out of order, on page {missing.elsewhere}"
            yield Finding(message, missing.piece.where, missing.elsewhere)


@check(
    "words-stray",
    why="Words that nobody wrote in the source were reviewed by nobody.",
    hint="build the booklet again; fixed words of a layout belong in its words/ folder",
)
def words_stray(case: Case) -> Iterator[Finding]:
    known = _known(case)
    for passage, rest in case.reading.left_over:
        if not known.fullmatch(rest):
            message = f"'{_excerpt(passage.text)}' stands neither in the source nor in the layout's words"
            yield Finding(message, page=passage.page)


def _known(case: Case) -> re.Pattern[str]:
    """What may stand beside the source's own words: the layout's words, titles and numbers."""
    booklet, house = case.sourced.booklet, case.sourced.house
    texts = [booklet.title, booklet.subtitle or "", house.name, house.strapline or "", booklet.code]
    texts += [section.title for _, section in booklet.walk()]
    # A table that goes on over a page repeats its header.
    texts += [cell for block in every_block(booklet) if isinstance(block, Table) for cell in block.header]
    for form in case.words.values():
        texts.append(form.format_map({"code": booklet.code, "version": booklet.version} | _ANYTHING))
        texts += re.split(r"\{\w+\}", form)
    bares = sorted({bare(text) for text in texts if bare(text)}, key=len, reverse=True)
    return re.compile("(?:" + "|".join(map(re.escape, bares)) + r"|\d+|[•:·])*")


_ANYTHING = dict.fromkeys(
    (
        "number",
        "where",
        "conflicts",
        "reason",
        "date",
        "page",
        "title",
        "count",
        "of",
        "day",
        "month",
        "year",
    ),
    "",
)
