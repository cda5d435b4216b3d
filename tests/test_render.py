"""Does a page show only what it was given, in fonts of its own, as an accessible PDF?"""

import io
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import page as validation
import pytest
from command import PROJECT, settings
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from booklet.assemble import About, Printed, assemble
from booklet.batch import Limits, Workers, run_all
from booklet.inspect import inspect_pdf
from booklet.layout import Layout, load_layout
from booklet.render import Laid, Press, RefusedError, Style, engine, shared_libraries

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
SECTION = '<h1 id="top">Title</h1>'


def base() -> Layout:
    """The base layout, for its fonts."""
    layout = load_layout("base", (PROJECT,)).value
    assert layout
    return layout


def press(css: str = "", pictures: Mapping[str, bytes] | None = None) -> Press:
    """A press with the project's fonts and little style."""
    return Press(_style(css), pictures or {})


@cache
def _style(css: str) -> Style:
    layout = base()
    faces = layout.css.partition("/*")[0]
    plain = 'html { font: 12pt "Atkinson Hyperlegible Next" } img { width: 3cm }'
    style = Style(f"{faces}\n{plain}\n{css}", layout.assets)
    assert style.warnings == ()
    return style


def document(body: str) -> str:
    """A document of its own."""
    return (
        '<!DOCTYPE html><html lang="en-GB"><head><title>Trial</title>'
        '<meta name="author" content="The House"><meta name="code" content="HI900"></head>'
        f"<body>{body}</body></html>"
    )


def printed(body: str, css: str = "", pictures: Mapping[str, bytes] | None = None) -> Printed:
    """The document as a PDF."""
    laid = press(css, pictures).lay_out(document(body), 1)
    assert laid.warnings == ()
    return finished(laid)


def finished(laid: Laid) -> Printed:
    """The PDF of a document that was laid out."""
    about = About(b"0123456789abcdef", ("Front", "Back"), {"top": "The title"})
    made = assemble([laid.carved("1", grey=False)], about)
    return replace(made, warnings=(*laid.heard, *made.warnings))


def reader(made: Printed) -> PdfReader:
    """The PDF, taken apart."""
    return PdfReader(io.BytesIO(made.pdf))


# --- What may be fetched -------------------------------------------------------------------


ELSEWHERE = (
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "//example.org/x.png",
    "http://example.org/x.png",
    "https://example.org/x.png",
    "ftp://example.org/x.png",
    "data:image/png;base64,iVBORw0KGgo=",
    "../x.png",
    "pictures/../../x.png",
    "pictures%2fx.svg",
    "..%2f..%2fetc/passwd",
    "/etc/passwd",
    "http://book.invalid/other.svg",
    "http://book.invalid@example.org/x.svg",
    "http://book.invalid:8080/pictures/x.svg",
    "pictures/x.svg?y",
)


@pytest.mark.parametrize("address", ELSEWHERE)
@pytest.mark.parametrize(
    "form",
    [
        '<img src="{}" alt="x">',
        '<p style="background: url({})">x</p>',
        '<link rel="stylesheet" href="{}">',
        '<object data="{}">x</object>',
        '<embed src="{}">',
        "<style>@import url({})</style>",
        "<style>@font-face {{ font-family: x; src: url({}) }}</style>",
    ],
)
def test_nothing_but_the_booklets_own_files_is_fetched(form: str, address: str) -> None:
    body = document(SECTION + form.format(address))
    with pytest.raises(RefusedError, match="none of the booklet's own files"):
        press(pictures={"pictures/x.svg": DRAWING}).lay_out(body, 1)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_a_drawing_that_fetches_something_is_not_drawn_and_told(address: str) -> None:
    image = f'<image width="9" height="9" href="{address}"/>'.encode()
    drawing = DRAWING.replace(b"<rect", image + b"<rect")
    laid = press(pictures={"pictures/x.svg": drawing}).lay_out(
        document(SECTION + '<img src="pictures/x.svg" alt="A square">'), 1
    )
    assert finished(laid).warnings == ("Failed to render SVG image http://book.invalid/pictures/x.svg",)


def test_the_booklets_own_pictures_are_printed() -> None:
    made = printed(
        SECTION + '<img src="pictures/x.svg" alt="A square">', pictures={"pictures/x.svg": DRAWING}
    )
    facts = inspect_pdf(made.pdf).value
    assert facts
    assert [picture.alt for picture in facts.pictures] == ["A square"]


def test_an_attachment_is_not_made() -> None:
    laid = press().lay_out(document(SECTION + '<link rel="attachment" href="file:///etc/passwd">'), 1)
    with pytest.raises(RefusedError):
        finished(laid)


# --- Bombs ---------------------------------------------------------------------------------

LIMITS = Limits(memory=1536 * 1024**2, cpu_seconds=2, wall_seconds=60)
NESTED = "".join(f"<g id='a{n}'>" + f"<use href='#a{n - 1}'/>" * 10 + "</g>" for n in range(1, 9))
GROWING = "".join(f"--a{n}:" + f"var(--a{n - 1})" * 10 + ";" for n in range(1, 10))
BOMBS = {
    "use": f"<svg viewBox='0 0 9 9' width='9' height='9'><path id='a0' d='M0 0h9'/>{NESTED}</svg>",
    "colspan": "<table><tr><td colspan=100000000>x</td></tr></table>",
    "var": "<style>:root{--a0:xxxxxxxxxx;" + GROWING + "} p::before{content:var(--a9)}</style><p>x</p>",
    "depth": "<div>" * 5000 + "x",
}


def lay_out_bomb(name: str) -> tuple[str, str]:
    """Print what never ends."""
    return name, f"{printed(SECTION + BOMBS[name]).page_count} pages"


def _failed(name: str, why: str, hint: str) -> tuple[str, str]:
    assert hint
    return name, why


def test_what_never_ends_is_ended_with_a_reason() -> None:
    results = dict(run_all(lay_out_bomb, list(BOMBS), _failed, Workers("booklet.make", LIMITS), 4))
    told = ("it needed more than", "it took longer than", "it is nested too deeply", "its process ended")
    assert set(results) == set(BOMBS)
    assert all(result.startswith(told) for result in results.values()), results


# --- Fonts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["DejaVu Sans", "serif", "Arial", "no such family"])
def test_no_font_of_the_system_is_ever_used(family: str) -> None:
    made = printed(SECTION + f'<p style="font-family: {family}">Text <b>bold</b> <i>italic</i></p>')
    facts = inspect_pdf(made.pdf).value
    assert facts
    assert {font.name.partition("-")[0] for font in facts.fonts} == {"Atkinson"}
    assert all(font.embedded for font in facts.fonts)


def test_the_system_is_not_even_asked_for_its_fonts() -> None:
    script = (
        "import os, booklet.render\n"
        "from weasyprint.text.ffi import ffi, fontconfig\n"
        "fonts = fontconfig.FcConfigGetFonts(fontconfig.FcInitLoadConfigAndFonts(), fontconfig.FcSetSystem)\n"
        "print(os.environ['FONTCONFIG_FILE'], fonts.nfont)\n"
    )
    own = settings(FONTCONFIG_FILE="/etc/fonts/fonts.conf")
    ran = subprocess.run([sys.executable, "-c", script], env=own, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(PROJECT / "booklet/fontconfig.xml"), "0"]
    assert ran.stderr == ""


def test_a_letter_that_the_fonts_lack_is_a_warning() -> None:
    laid = press().lay_out(document(SECTION + "<p>\u16a0</p>"), 1)
    made = finished(laid)
    assert any("16a0" in text.lower() for text in (*laid.warnings, *made.warnings))


# --- The PDF -------------------------------------------------------------------------------

TABLE = (
    "<table><thead><tr><th scope=col>Age</th><th scope=col>Days</th></tr></thead>"
    "<tbody><tr><th scope=row>Child</th><td>ten</td></tr></tbody></table>"
)
LINKS = (
    '<p><a href="#top">up</a> <a href="https://example.org/a">web</a> '
    '<a href="mailto:a@example.org">mail</a> <a href="tel:0800111222">ring</a></p>'
)


def test_the_file_says_its_title_language_and_metadata() -> None:
    pdf = reader(printed(SECTION))
    root: Any = pdf.root_object
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    known: Any = pdf.metadata
    assert (known["/Title"], known["/Author"], known["/code"]) == ("Trial", "The House", "HI900")


def test_each_header_cell_says_what_it_heads() -> None:
    cells = [tag for tag in _tags(reader(printed(SECTION + TABLE))) if tag.get("/S") == "/TH"]
    assert [_scope(cell) for cell in cells] == ["/Column", "/Column", "/Row"]


def _tags(pdf: PdfReader) -> list[DictionaryObject]:
    """The structure elements, in reading order."""

    def walk(tag: Any) -> list[DictionaryObject]:
        found = tag.get_object()
        if not isinstance(found, DictionaryObject) or ("/S" not in found and "/K" not in found):
            return []
        kids = found.get("/K", [])
        kids = kids.get_object() if hasattr(kids, "get_object") else kids
        inner = kids if isinstance(kids, list) else [kids]
        return [found, *(each for kid in inner for each in walk(kid))]

    return walk(pdf.root_object["/StructTreeRoot"])


def _scope(cell: DictionaryObject) -> str:
    attributes: Any = cell["/A"]
    return str(attributes.get_object().get("/Scope"))


def test_each_link_is_printable_and_says_in_words_where_it_leads() -> None:
    page: Any = reader(printed(SECTION + LINKS)).pages[0]
    links = [link.get_object() for link in page["/Annots"]]
    assert [link["/Contents"] for link in links] == [
        "The title", "example.org/a", "a@example.org", "0800111222"
    ]  # fmt: skip
    assert {link["/F"] for link in links} == {4}
    assert {link["/Subtype"] for link in links} == {"/Link"}


def test_page_labels_are_the_printed_numbers_and_the_covers_have_names() -> None:
    pages = '<div style="break-before: page">x</div>'
    for count, labels in ((1, ["Front"]), (2, ["Front", "Back"]), (4, ["Front", "2", "3", "Back"])):
        pdf = reader(printed(SECTION + pages * (count - 1)))
        assert (len(pdf.pages), pdf.page_labels) == (count, labels)


def test_both_standards_are_declared_and_kept() -> None:
    made = printed(SECTION + TABLE + LINKS)
    root: Any = reader(made).root_object
    metadata = root["/Metadata"]
    xmp = metadata.get_data().decode()
    assert re.search(r'pdfaid:part="2"', xmp) or "<pdfaid:part>2<" in xmp
    assert re.search(r'pdfaid:conformance="A"', xmp) or "<pdfaid:conformance>A<" in xmp
    assert 'pdfuaid:part="1"' in xmp
    assert "/Filter" not in metadata
    for profile in (validation.ValidationProfile.PDF_UA_1, validation.ValidationProfile.PDF_A_2A):
        assert validation.validate_pdf_bytes(made.pdf, profile=profile).failures == []


@pytest.mark.parametrize("number", [181, 774, 1034, 610, 698, 869])
def test_no_stream_ends_where_its_length_is_in_doubt(number: int) -> None:
    """These titles gave streams (the last three: the object stream) that end in a carriage return."""
    made = printed(f"<h1>{number}</h1>").pdf
    for stream in re.finditer(rb"/Length (\d+)[^>]*>>\nstream\n", made):
        end = stream.end() + int(stream[1])
        assert re.match(rb"\r?\nendstream", made[end : end + 12])
        assert not made[:end].endswith(b"\r") or made[end : end + 1] == b"\r"
    assert validation.validate_pdf_bytes(made, profile=validation.ValidationProfile.PDF_A_2A).failures == []


def test_a_first_page_has_the_number_and_the_side_that_it_is_told() -> None:
    css = (
        "@page { @bottom-left { content: counter(page) } }"
        "@page :left { size: 10cm } @page :right { size: 20cm }"
    )
    for first in (1, 2, 7, 8):
        laid = press(css).lay_out(document(SECTION + '<p style="break-before: page" id="next">x</p>'), first)
        made = finished(laid)
        widths = [round(float(page.mediabox.width) / 72 * 2.54) for page in reader(made).pages]
        assert widths == ([10, 20] if first % 2 == 0 else [20, 10])
        assert laid.anchors == {"top": first, "next": first + 1}
        assert reader(made).pages[1].extract_text().split() == ["x", str(first + 1)]


def test_what_is_logged_is_heard_by_its_own_document_only() -> None:
    faulty = press().lay_out(document(SECTION + '<p style="colour: red">x</p>'), 1)
    assert len(faulty.warnings) == 1
    assert press().lay_out(document(SECTION), 1).warnings == ()


def test_the_versions_of_what_decides_the_bytes_are_known() -> None:
    names = [part.split()[0] for part in engine()[:5]]
    assert names == ["weasyprint", "pydyf", "fonttools", "uharfbuzz", "zlib"]
    if sys.platform == "linux":
        found = {Path(library).name.partition(".so")[0] for library in shared_libraries()}
        assert {"libpango-1.0", "libharfbuzz", "libfontconfig"} <= found
        assert all(Path(library).is_file() for library in shared_libraries())
