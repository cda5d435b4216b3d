"""Is a booklet the same whether its cross-references were guessed right or put right afterwards?"""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from command import PROJECT
from pypdf import PdfReader
from test_assemble import BALL, document, elements

from booklet.assemble import About, assemble
from booklet.bind import Bound, bind
from booklet.layout import Layout, layout_for, load_layout
from booklet.paginate import numbers_on
from booklet.prose import PAGE_OF
from booklet.render import Laid, Press, Style
from booklet.source import Source

CSS = """
@page { size: 60mm 60mm; margin: 5mm }
html { font: 10pt "Atkinson Hyperlegible Next" }
.even { font-variant-numeric: tabular-nums }
.pg { position: absolute; inset-inline-end: 0 }
.wide { width: 20mm }
.filled { text-align: justify }
li { position: relative }
"""
PAGE = PAGE_OF.format("there")
LONG = "Some words that are long enough to fill more than a line of the page, to the right."


@pytest.fixture
def press() -> Press:
    layout = load_layout("base", (PROJECT,)).value
    assert layout
    return Press(Style(layout.css.partition("/*")[0] + CSS, layout.assets), {})


def pdf(laid: Laid) -> bytes:
    """Its page as a file."""
    return assemble([laid.carved("1", grey=False)], About(b"0" * 32, ("", ""), {})).pdf


@pytest.mark.parametrize(
    ("body", "before", "after", "again"),
    [
        (f'<p>See <span class="even">(page {PAGE})</span>. {LONG}</p>', 12, 71, False),
        (f'<p class="even">{LONG} <a href="#x">There</a> <b>on {PAGE}</b>, and 12 more.</p>', 12, 34, False),
        (f'<ul><li>There <span class="pg">{PAGE}</span></ul>', 9, 10, False),
        (f'<ul><li>There <span class="pg">{PAGE}</span></ul>', 111, 8, False),
        (f'<ul dir="rtl"><li>There <span class="pg">{PAGE}</span></ul>', 9, 10, False),
        # The digits are not as wide as one another, or the number has one more.
        (f"<p>See (page {PAGE}). {LONG}</p>", 11, 48, True),
        (f'<p class="even">See (page {PAGE}). {LONG}</p>', 9, 10, True),
        # Which number is the page's? And its line is filled.
        (f'<p class="even">12 are on {PAGE}.</p>', 12, 34, True),
        (f'<p class="even">{PAGE_OF.format("here")} or {PAGE}</p>', 12, 34, True),
        (f'<p class="even filled">See {PAGE}, {LONG}</p>', 12, 34, True),
        (f'<ul><li>There <span class="pg wide">{PAGE}</span></ul>', 9, 10, True),
    ],
)
def test_another_number_is_drawn_as_if_it_had_been_there(
    press: Press, body: str, before: int, after: int, again: bool
) -> None:
    html = document(f'{body}<p id="x">{LONG}</p>')
    numbers = {"here": 7}
    first = press.lay_out(html, 1, numbers | {"there": before})
    begun = pdf(first)
    other = press.lay_out(html, 1, numbers | {"there": after})
    assert (other.document is not first.document) is again
    anew = Press(press.style, {}).lay_out(html, 1, numbers | {"there": after})
    assert pdf(other) == pdf(anew) != begun
    assert pdf(press.lay_out(html, 1, numbers | {"there": before})) == begun


def test_a_number_that_is_not_drawn_is_true_too(press: Press) -> None:
    own = Press(press.style, {"ball.svg": BALL})
    html = document(f'<p>A picture <img src="ball.svg" alt="as on page {PAGE}"></p>')
    for page in (12, 34):
        reader = PdfReader(io.BytesIO(pdf(own.lay_out(html, 1, {"there": page}))))
        assert f"as on page {page}" in [tag.get("/Alt") for tag in elements(reader)]


@pytest.fixture
def guessed(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The numbers that a booklet is first laid out with, where there are any."""
    numbers: dict[str, int] = {}
    lay_out = Press.lay_out

    def told(press: Press, html: str, first: int, known: Mapping[str, int], **others: Any) -> Laid:
        return lay_out(press, html, first, numbers or known, **others)

    monkeypatch.setattr(Press, "lay_out", told)
    return numbers


def bound(folder: Path, booklet: str, language: str, layout: str) -> Bound:
    sourced = Source(folder).booklet(booklet, language).value
    assert sourced
    found = layout_for(sourced, layout, (folder,)).value
    assert isinstance(found, Layout)
    words = found.words(sourced.booklet.language).value
    assert words
    made = bind(sourced, found, words).value
    assert made
    return made


@pytest.mark.parametrize(
    ("language", "layout"), [("", "a5-booklet"), ("ar", "a5-booklet"), ("", "large-print")]
)
def test_a_booklet_is_that_of_one_whose_numbers_were_known(
    guessed: dict[str, int], language: str, layout: str
) -> None:
    made = bound(PROJECT, "acute-lymphoblastic-leukaemia", language, layout)
    assert any(sheet.laid.numbers != tuple(sheet.laid.crossrefs.numbers.items()) for sheet in made.sheets)
    guessed |= numbers_on(made.sheets)
    known = bound(PROJECT, "acute-lymphoblastic-leukaemia", language, layout)
    assert all(sheet.laid.numbers == tuple(sheet.laid.crossrefs.numbers.items()) for sheet in known.sheets)
    assert known.national().value == made.national().value
