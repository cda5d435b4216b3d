"""Does the file keep the standards for accessible and lasting PDFs, with its own fonts and alt texts?"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from ..blocks import Figure, Statistic, Table
from ..inspect import Font
from ..model import every_block
from ..problem import Where
from . import Case, Finding, check
from .reading import Found, bare
from .words import _excerpt

#: Roles whose tags need an alt text, or may have one (ISO 14289-1, 7.3, 7.7 and 7.18.5).
WITH_ALT = ("Figure", "Formula", "Link")


@check(
    "pdf-ua",
    why="PDF/UA-1 (ISO 14289-1) is what lets a screen reader read the booklet.",
    hint="look at the layout; docs/decisions.md tells what WeasyPrint needs",
    example="The link to 'https://www.example.org/more' has no tag (ISO 14289-1, 7.18.5)",
)
def pdf_ua(case: Case) -> Iterator[Finding]:
    yield from _failures(case, "PDF/UA-1")
    for link in case.facts.links:
        if not link.tagged:
            message = f"The link to '{link.address or link.name}' has no tag (ISO 14289-1, 7.18.5)"
            yield Finding(message, page=link.page, box=link.box)


@check(
    "pdf-a",
    why="PDF/A-2a (ISO 19005-2) is what lets the booklet be opened in thirty years.",
    hint="look at the layout; docs/decisions.md tells what WeasyPrint needs",
    example="PDFA2A-DEVICE-RGB-001: DeviceRGB is selected in page 1/DefaultRGB, but the PDF/A-1 output "
    "colour space is None",
)
def pdf_a(case: Case) -> Iterator[Finding]:
    yield from _failures(case, "PDF/A-2a")


def _failures(case: Case, standard: str) -> Iterator[Finding]:
    for failure in case.facts.failures[standard]:
        page = re.search(r"\bpage (\d{1,4})\b", failure)
        yield Finding(failure, page=int(page[1]) if page else None)


@check(
    "font-not-embedded",
    why="Without its own font a page prints with whatever the printer has.",
    hint="build the booklet again",
    example="The font Atkinson-Hyperlegible-Next-Bold is not embedded",
)
def font_not_embedded(case: Case) -> Iterator[Finding]:
    for font in case.facts.fonts:
        if not font.embedded:
            yield Finding(f"The font {font.name} is not embedded", letters=_letters_in(case, font)[:1])


@check(
    "font-foreign",
    why="Only the faces in fonts/ were chosen for legibility and are free to ship.",
    hint="use the families of fonts/, in drawings too",
    example="The font Atkinson-Hyperlegible-Next-Bold is not from fonts/",
)
def font_foreign(case: Case) -> Iterator[Finding]:
    for font in case.facts.fonts:
        odd = {outline for _, outline in case.odd[font.name] if outline}
        strange = any(not any(face.has(outline) for face in case.faces) for outline in odd)
        if font.embedded and (strange or not font.drawings):
            yield Finding(f"The font {font.name} is not from fonts/", letters=_letters_in(case, font)[:1])


@check(
    "glyph-wrong",
    why="Where a file says one letter and draws another, programs read another dose than people do.",
    hint="build the booklet again; if that does not help, use another font: this one cannot be read back",
    example="What reads as '1' is drawn as another letter, in Atkinson-Hyperlegible-Next",
)
def glyph_wrong(case: Case) -> Iterator[Finding]:
    for font in case.facts.fonts:
        for text, outline in case.odd[font.name]:
            if any(face.has(outline) for face in case.faces):
                used = _letters_in(case, font, text)
                yield Finding(
                    f"What reads as '{text}' is drawn as another letter, in {font.name}", letters=used
                )


def _letters_in(case: Case, font: Font, text: str = "") -> tuple[int, ...]:
    """The letters that are set in a font; only those of one text, where it is named."""
    letters = case.facts.letters
    used = letters.font == font.subset
    if text:
        used &= letters.code == ord(text[0])
    return tuple(np.flatnonzero(used).tolist())


@check(
    "alt-missing",
    why="A reader who cannot see a picture has only its alt text.",
    hint="build the booklet again; if that does not help, the layout drops the alt text",
    example="The picture 'The medicine looks like this.' has lost its alt text",
)
def alt_missing(case: Case) -> Iterator[Finding]:
    there = {bare(picture.alt) for picture in case.facts.pictures}
    for block in (*every_block(case.sourced.booklet), *case.sourced.house.how_we_can_help):
        if isinstance(block, Figure) and bare(block.alt) not in there:
            message = f"The picture '{block.caption}' has lost its alt text"
            yield Finding(message, block.where, page=_page_of_block(case, block.where))
        elif isinstance(block, Statistic) and there.isdisjoint(_alts_of(block, case)):
            message = f"The picture of {block.count} in {block.of} has lost its alt text"
            yield Finding(message, block.where, page=_page_of_block(case, block.where))
    for picture in case.facts.pictures:
        if not picture.alt.strip():
            yield Finding("A picture has no alt text", page=picture.page, letters=picture.letters)


def _page_of_block(case: Case, where: Where) -> int | None:
    """The page on which the words of a block begin."""
    block = case.blocks.name(where)
    pages = (found.pages for found in case.reading.found if case.blocks.name(found.piece.where) == block)
    return next((page for page, *_ in pages), None)


@check(
    "alt-useless",
    why="An alt text that is a file's name, or the caption again, tells a blind reader nothing.",
    hint="say in `alt` what a reader who cannot see the picture should know",
    example="The alt text 'The medicine looks like this.' is the caption again",
)
def alt_useless(case: Case) -> Iterator[Finding]:
    captions = {bare(passage.text) for passage in case.facts.passages if passage.role == "Caption"}
    for picture in case.facts.pictures:
        if re.search(r"\.(svg|png|jpe?g|gif|webp)\s*$", picture.alt, re.IGNORECASE):
            yield Finding(f"The alt text '{picture.alt}' is the name of a file", page=picture.page)
        elif bare(picture.alt) in captions:
            yield Finding(f"The alt text '{picture.alt}' is the caption again", page=picture.page)


@check(
    "text-replaced",
    why="Where a tag says another text than its words, a listener hears another dose than readers see.",
    hint="build the booklet again; the layout may give an alt text to pictures, and to other tags none",
    example="A screen reader says 'Take none' in place of 'Your dose depends on your weight. You f…'",
)
def text_replaced(case: Case) -> Iterator[Finding]:
    for tag in case.facts.spoken:
        alt = None if tag.role in WITH_ALT else tag.alt or None
        said = alt if tag.instead is None else tag.instead
        if said is not None:
            words = case.facts.letters.text(tag.letters)
            speech = f"'{_excerpt(said, 40)}'" if said.strip() else "nothing"
            # What replaces words where they are drawn is what pdfium reads, too.
            printed = "what is printed" if bare(words) == bare(said) else f"'{_excerpt(words, 40)}'"
            message = f"A screen reader says {speech} in place of {printed}"
            yield Finding(message, page=tag.page or None, letters=tag.letters)


@check(
    "cell-empty",
    why="A screen reader says nothing at an empty cell, and a header that is empty heads nothing.",
    hint="write a word into the cell, for example 'Test' into the corner, or 'none'",
    example="A cell of a table is empty",
)
def cell_empty(case: Case) -> Iterator[Finding]:
    for page, count in _counted(cell.page for cell in case.facts.cells if cell.empty):
        yield Finding(
            f"{count} of a table's cells are empty" if count > 1 else "A cell of a table is empty", page=page
        )


@check(
    "header-scope",
    why="Only its scope says whether a header cell is that of its row or of its column (ISO 14289-1, 7.5).",
    hint="build the booklet again",
    example="19 header cells do not say whether they head a row or a column",
)
def header_scope(case: Case) -> Iterator[Finding]:
    silent = [c for c in case.facts.cells if c.role == "TH" and c.scope not in ("Row", "Column", "Both")]
    for page, count in _counted(cell.page for cell in silent):
        letters = tuple(index for cell in silent if cell.page == page for index in cell.letters)
        message = f"{count} header cells do not say whether they head a row or a column"
        yield Finding(message, page=page, letters=letters)
    yield from _unheaded(case)


def _unheaded(case: Case) -> Iterator[Finding]:
    """Cells that head something else in the tags than in the source; alike on a page is told once."""
    cells = {letter: cell for cell in case.facts.cells for letter in cell.letters}
    heads, wrong = dict(_heads(case)), dict[tuple[int, str], list[Found]]()
    for found in (found for found in case.reading.found if found.piece.where in heads):
        cell = cells.get(found.letters[0])
        role, scope = (cell.role, cell.scope) if cell else (case.roles[found.letters[0]], "")
        fault = _misheaded(heads[found.piece.where], role, scope)
        if fault:
            wrong.setdefault((found.pages[0], fault), []).append(found)
    for (page, fault), alike in wrong.items():
        letters = tuple(index for found in alike for index in found.letters)
        piece = alike[0].piece
        yield Finding(f"'{_excerpt(piece.text, 40)}' {fault}", piece.where, page=page, letters=letters)


def _misheaded(true: str, role: str, scope: str) -> str:
    """What is wrong with the tag of a cell that heads a row, a column or nothing."""
    if not true:
        return "heads nothing, but is tagged as TH" if role == "TH" else ""
    if role != "TH":
        return f"heads a {true.lower()}, but is tagged as {role}"
    turned = scope in ("Row", "Column") and scope != true
    return f"heads a {true.lower()}, but its tag says {scope}" if turned else ""


def _heads(case: Case) -> Iterator[tuple[Where, str]]:
    """The place of each cell's words in the source, and the scope that it must have; empty for data."""
    for block in every_block(case.sourced.booklet):
        if isinstance(block, Table) and not block.as_lists:
            yield block.at("header"), "Column"
            # Where a row has but one cell, that heads nothing, however it is tagged.
            alone = block.row_headers and len(block.header) == 1
            for row in () if alone else block.rows:
                for number, cell in enumerate(row):
                    scope = "Row" if block.row_headers and not number else ""
                    yield from ((paragraph.where, scope) for paragraph in cell.paragraphs)


def _counted(pages: Iterable[int]) -> list[tuple[int, int]]:
    """How often each page is named."""
    return sorted(Counter(pages).items())


@check(
    "page-box",
    why="A box inside the page's own, or another unit, has a viewer or a printer cut or scale the page.",
    hint="build the booklet again; the layout must give pages no bleed and no marks",
    example="The TrimBox of page 10 is not the whole page",
)
def page_box(case: Case) -> Iterator[Finding]:
    for page, name in case.facts.resized:
        message = f"The {name} of page {page} is not the whole page"
        yield Finding(f"Page {page} has units of its own" if name == "UserUnit" else message, page=page)


@check(
    "tags-in-form",
    why="Marked content inside a form (an XObject) is reached by no tag of the page: readers skip it.",
    hint="build the booklet again; do not draw tagged text inside drawings",
    example="'TipKeep a diaryWrite down how you feel.…' is tagged inside a form",
)
def tags_in_form(case: Case) -> Iterator[Finding]:
    letters = case.facts.letters
    for page in np.unique(letters.page[letters.inner]).tolist():
        which = tuple(np.flatnonzero(letters.inner & (letters.page == page)).tolist())
        yield Finding(f"'{_excerpt(letters.text(which), 40)}' is tagged inside a form", letters=which)


@check(
    "file-leak",
    why="Names of folders tell strangers of the machine that made the file, and lead nowhere.",
    hint="build the booklet again; give links whole addresses",
    example="The file names a folder of the machine that made it: /home/editor/booklets",
)
def file_leak(case: Case) -> Iterator[Finding]:
    for leak in case.facts.leaks:
        yield Finding(f"The file names a folder of the machine that made it: {leak}")


def _alts_of(block: Statistic, case: Case) -> set[str]:
    """What the picture of a statistic may say: it is one of people, or a bar."""
    language = case.sourced.booklet.language
    return {bare(block.stated(case.words[key], language)) for key in ("people_alt", "bar_alt")}
