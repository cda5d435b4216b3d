"""Do parts that were laid out apart make the same pages as one whole, with true numbers?"""

import io
import re
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pypdfium2
import pytest
from command import PROJECT
from PIL import Image
from pypdf import PdfReader

from booklet.assemble import About, assemble
from booklet.crossrefs import Crossrefs
from booklet.layout import load_layout
from booklet.paginate import MAX_ROUNDS, Sheet, lay_out_all
from booklet.prose import PAGE_OF
from booklet.render import Laid, Press, Style
from booklet.typeset import Part

CSS = """
@page { size: 60mm 60mm; margin: 10mm; @bottom-center { content: counter(page); font: 8pt "Atkinson Hyperlegible Next" } }
@page :left { margin-left: 14mm }
html { font: 10pt "Atkinson Hyperlegible Next" }
.new { break-before: page }
"""  # noqa: E501 - style
CHAPTERS = (
    '<h1 id="one">One</h1>' + "<p>Words that fill some lines of a page, again and again.</p>" * 9,
    '<h1 id="two">Two</h1><p>Few <a href="https://example.org">words</a>.</p>',
    '<h1 id="three">Three</h1>' + "<p>More words that fill some lines of a page.</p>" * 7,
    '<h1 id="four">Four</h1><table><tr><th scope="col">A</th></tr><tr><td>1</td></tr></table>',
)


@pytest.fixture(scope="module")
def press() -> Press:
    """A press for small pages."""
    layout = load_layout("base", (PROJECT,)).value
    assert layout
    return Press(Style(layout.css.partition("/*")[0] + CSS, layout.assets), {})


def document(body: str) -> str:
    """A document of its own."""
    return f'<!DOCTYPE html><html lang="en"><head><title>Trial</title></head><body>{body}</body></html>'


def assembled(press: Press, parts: Sequence[Part], multiple_of: int = 1) -> tuple[Sheet, ...]:
    """The parts on their pages."""
    sheets = lay_out_all(
        parts, press, lambda pages: -(-pages // multiple_of) * multiple_of, right_to_left=False
    )
    assert sheets.value, sheets.problems
    return sheets.value


def pdf(sheets: Sequence[Sheet]) -> bytes:
    """The parts as one PDF."""
    return assemble(
        [sheet.carved(grey=False) for sheet in sheets], About(b"0123456789abcdef", ("Front", "Back"), {})
    ).pdf


def texts(data: bytes) -> list[list[str]]:
    """The words of each page."""
    return [page.extract_text().split() for page in PdfReader(io.BytesIO(data)).pages]


def pictures(data: bytes) -> list[bytes]:
    """The pixels of each page."""
    return [page.render(scale=2).to_pil().tobytes() for page in pypdfium2.PdfDocument(data)]


def outline(data: bytes) -> list[tuple[str, int | None]]:
    """The bookmarks with their pages."""
    reader = PdfReader(io.BytesIO(data))
    marks = cast("list[Any]", reader.outline)
    return [(str(mark.title), reader.get_destination_page_number(mark)) for mark in marks]


# --- Apart and together --------------------------------------------------------------------


def test_parts_laid_out_apart_and_joined_are_one_whole_to_the_pixel(press: Press) -> None:
    apart = pdf(assembled(press, [Part(str(n), document(text)) for n, text in enumerate(CHAPTERS)]))
    body = "".join(f'<div class="new">{text}</div>' for text in CHAPTERS)
    whole = pdf([Sheet(Part("whole", ""), 1, press.lay_out(document(body), 1))])
    assert len(texts(whole)) > len(CHAPTERS)
    assert texts(apart) == texts(whole)
    assert outline(apart) == outline(whole)
    assert pictures(apart) == pictures(whole)


def test_letters_that_share_a_glyph_read_back_in_every_part(press: Press) -> None:
    # A space that does not break has the glyph of a space; whichever comes first in a part keeps its code.
    told = ["a b", "a\u00a0b c", "a b\u00a0c d", "\u00a0 "]
    parts = [Part(str(n), document(f"<p>x{text}x</p>")) for n, text in enumerate(told)]
    data = pdf(assembled(press, parts))
    read = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]
    for text, words in zip(told, read, strict=True):
        assert f"x{text}x" in words


def test_words_that_look_like_references_stay_words(press: Press) -> None:
    said = r"12 0 R (3 0 R) \ ) 4 0 R"
    link = f'<p><a href="#one">there</a></p><p><img src="ball.svg" alt="{said}"></p>'
    own = Press(press.style, {"ball.svg": BALL})
    sheets = assembled(own, [Part("a", document(link)), Part("b", document(CHAPTERS[0]))])
    carved = [sheet.carved(grey=False) for sheet in sheets]
    data = assemble(carved, About(b"0" * 16, (said, "Back"), {"one": said})).pdf
    reader = PdfReader(io.BytesIO(data))
    assert reader.page_labels[0] == said
    assert [link["/Contents"] for link in reader.pages[0].annotations or ()] == [said]
    alts = [found.get_object().get("/Alt") for found in elements(reader)]
    assert said in alts


BALL = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="9"/></svg>'


def elements(reader: PdfReader) -> list[Any]:
    """All tags of a file."""
    waiting, found = [cast("Any", reader.root_object)["/StructTreeRoot"]], []
    while waiting:
        tag = waiting.pop().get_object()
        found.append(tag)
        kids = tag.get("/K", [])
        waiting += [kid for kid in kids if not isinstance(kid.get_object(), int)]
    return found


def test_a_link_to_nothing_is_told(press: Press) -> None:
    sheets = assembled(press, [Part("a", document('<p><a href="#nowhere">there</a></p>'))])
    printed = assemble([sheet.carved(grey=False) for sheet in sheets], About(b"0" * 16, ("", ""), {}))
    assert printed.warnings == ("No anchor #nowhere for internal URI reference",)


def test_a_picture_that_many_parts_have_is_in_the_file_once(press: Press) -> None:
    own = Press(press.style, {"dots.png": _dots()})
    parts = [Part(str(n), document(f'<p>{n} <img src="dots.png" alt="Dots"></p>')) for n in range(3)]
    reader = PdfReader(io.BytesIO(pdf(assembled(own, parts))))
    drawn = {page["/Resources"]["/XObject"].values().__iter__().__next__().idnum for page in reader.pages}  # type: ignore[index]
    assert len(drawn) == 1


def _dots() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((9, 9), 90).convert("RGBA").save(out, "png")
    return out.getvalue()


def test_what_has_not_changed_is_not_laid_out_again(press: Press) -> None:
    html = document(CHAPTERS[0])
    laid = press.lay_out(html, 1)
    assert press.lay_out(html, 1) is laid
    assert press.lay_out(html, 3) is not laid


# --- Numbers -------------------------------------------------------------------------------


def long_text(lines: int) -> str:
    """So many paragraphs of one line."""
    return "<p>Line.</p>" * lines


def test_numbers_are_true_after_as_many_rounds_as_it_takes(press: Press) -> None:
    listed = ("one", "two", "three", "four", "unheard-of")
    contents = "".join(f"<p>{name}: {PAGE_OF.format(name)}</p>" for name in listed)
    chapters = [Part(str(n), document(text)) for n, text in enumerate(CHAPTERS)]
    sheets = assembled(press, [Part("contents", document("<h1>Contents</h1>" + contents)), *chapters])
    words = " ".join(word for page in texts(pdf(sheets))[:2] for word in page)
    said = {name: int(number) for name, number in re.findall(r"([\w-]+): (\d+)", words)}
    true = {name: page for sheet in sheets for name, page in sheet.laid.anchors.items()}
    assert said == {**true, "unheard-of": 88}
    assert len(set(true.values())) == 4


def test_a_number_that_grows_by_a_digit_and_pushes_a_line_over_is_put_right(press: Press) -> None:
    """The target is behind as many pages as the reference's own length decides."""
    pushing = f"<p>{('x' + PAGE_OF.format('end') + ' ') * 60}</p>"
    parts = [
        Part("a", document(f"<h1>A</h1>{pushing}")),
        Part("b", document("<h1>B</h1>" + long_text(60))),
        Part("c", document('<h1 id="end">C</h1>')),
    ]
    sheets = assembled(press, parts)
    data = pdf(sheets)
    page = sheets[-1].laid.anchors["end"]
    assert texts(data)[page - 1][:1] == ["C"]
    said = {word for words in texts(data) for word in words if re.fullmatch(r"x\d+", word)}
    assert said == {f"x{page}"}


@pytest.mark.parametrize("chapters", [1, 2, 3, 4])
def test_pages_are_filled_up_to_a_multiple_before_the_last(press: Press, chapters: int) -> None:
    parts = [
        *(Part(str(n), document(text)) for n, text in enumerate(CHAPTERS[:chapters])),
        Part("notes", document("<p>Notes</p>"), fill=True),
        Part("back", document(f'<p id="back">Back {PAGE_OF.format("back")}</p>')),
    ]
    sheets = assembled(press, parts, 4)
    pages = texts(pdf(sheets))
    assert len(pages) % 4 == 0
    assert pages[-1][:2] == ["Back", str(len(pages))]
    filled = [words[0] for words in pages].count("Notes")
    assert filled < 4
    assert [sheet.first for sheet in sheets] == sorted({sheet.first for sheet in sheets})


def test_without_pages_to_fill_with_the_number_stays_as_it_is(press: Press) -> None:
    assert len(assembled(press, [Part("one", document(CHAPTERS[1]))], 4)) == 1


# --- What never settles --------------------------------------------------------------------


class _Stubborn:
    """A press whose first part has one page more where the next part is said to be on page 2."""

    def __init__(self) -> None:
        self.rounds = 0

    def lay_out(
        self, html: str, first_page: int, numbers: Mapping[str, int], *, right_to_left: bool = False
    ) -> Laid:
        assert not right_to_left
        self.rounds += html.startswith("first")
        count = 2 if html.startswith("first") and numbers.get("next") == 2 else 1
        pages = SimpleNamespace(pages=[None] * count)
        anchors = {"next": first_page} if html == "next" else {}
        return Laid(cast("Any", pages), anchors, (), Crossrefs({}, {}, ()))


def test_numbers_that_never_settle_are_told() -> None:
    stubborn = _Stubborn()
    parts = [Part("first", f"first: {PAGE_OF.format('next')}"), Part("next", "next")]
    outcome = lay_out_all(parts, cast("Press", stubborn), int, right_to_left=False)
    assert outcome.value is None
    (problem,) = outcome.problems
    assert problem.code == "page-numbers-unsettled"
    assert f"in {MAX_ROUNDS} rounds" in problem.message
    assert problem.hint
