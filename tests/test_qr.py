"""Does a telephone read on the back cover which edition it is, and a person, too?"""

import re
from itertools import pairwise, takewhile
from pathlib import Path

import pypdfium2 as pdfium
import pytest
import zxingcpp
from command import PROJECT
from publisher import HOUSE, write_publisher

from booklet.bind import print_edition
from booklet.inspect import inspect_pdf
from booklet.layout import layout_for
from booklet.qr import QUIET, modules, outline
from booklet.source import Source

#: What a telephone's picture of a page has, in dots on an inch.
DOTS = 150
HERE = "https://booklets.example.org/HI104/1.0"


def printed(
    root: Path, booklet: str, layout: str, size: int = 0, *, language: str = "", ink: str = ""
) -> bytes:
    """An edition's PDF."""
    sourced = Source(root).booklet(booklet, language).value
    on = layout_for(sourced, layout, (root, PROJECT), size, grey=ink == "low").value
    assert sourced
    assert on
    words = on.words(sourced.booklet.language).value
    assert words
    pdf = print_edition(sourced, on, words).value
    assert pdf
    return pdf


def back_cover(pdf: bytes) -> tuple[list[zxingcpp.Barcode], str]:
    """The codes and the words on it."""
    document = pdfium.PdfDocument(pdf)
    page = document[len(document) - 1]
    picture = page.render(scale=DOTS / 72).to_pil()
    return zxingcpp.read_barcodes(picture), page.get_textpage().get_text_range()


@pytest.mark.parametrize(
    ("layout", "size", "language", "ink", "said"),
    [
        ("a5-booklet", 0, "", "", HERE),
        ("a4-leaflet", 0, "", "low", HERE),
        ("dl-leaflet", 0, "cy", "", f"{HERE}/cy"),
        ("dl-leaflet", 0, "", "low", HERE),
        ("large-print", 28, "", "", HERE),
        ("a5-booklet", 0, "ar", "", f"{HERE}/ar"),
        ("large-print", 28, "ar", "", f"{HERE}/ar"),
    ],
)
def test_another_program_reads_the_code(layout: str, size: int, language: str, ink: str, said: str) -> None:
    pdf = printed(PROJECT, "checking-your-temperature", layout, size, language=language, ink=ink)
    [code], words = back_cover(pdf)
    facts = inspect_pdf(pdf).value
    assert facts
    links = [link for link in facts.links if link.address == said]

    assert (code.text, str(code.format), code.ec_level) == (said, "QR Code", "M")
    assert said.removeprefix("https://") in "".join(words.split())
    assert {link.page for link in links} == {facts.pages}
    assert all(link.tagged for link in links)


def test_a_clinics_edition_has_the_national_code(tmp_path: Path) -> None:
    house = f"{HOUSE}catalogue: https://example.org/booklets/\n"
    clinic = "name: Riverside\n"
    root = write_publisher(tmp_path, house=house, files={"source/clinics/riverside.yaml": clinic})
    sourced = Source(root).edition("colds", "", "riverside").value
    on = layout_for(sourced, "a5-booklet", (root, PROJECT)).value
    assert sourced
    assert on
    words = on.words("en-GB").value
    assert words
    pdf = print_edition(sourced, on, words).value
    assert pdf
    [code], _ = back_cover(pdf)

    assert code.text == "https://example.org/booklets/HI900/1.0"


def test_an_address_is_never_broken_behind_a_hyphen(tmp_path: Path) -> None:
    house = f"{HOUSE}catalogue: https://patient-information.river-side-hospital.example.org/our-booklets\n"
    root = write_publisher(tmp_path, house=house)
    said = "patient-information.river-side-hospital.example.org/our-booklets/HI900/1.0"
    for size in (14, 21, 28):
        [code], words = back_cover(printed(root, "colds", "large-print", size))
        lines = words.splitlines()
        begin = next(number for number, line in enumerate(lines) if line.startswith("patient-"))
        broken = list(takewhile(lambda line: " " not in line, lines[begin:]))

        assert code.text == f"https://{said}"
        assert "".join(broken) == said
        assert len(broken) > 1
        assert all(line.endswith("/") or after.startswith(".") for line, after in pairwise(broken))


def test_without_a_catalogue_there_is_no_code(tmp_path: Path) -> None:
    codes, words = back_cover(printed(write_publisher(tmp_path), "colds", "a5-booklet"))

    assert codes == []
    assert "current" not in words


def test_a_code_is_drawn_module_by_module_with_its_quiet_zone() -> None:
    matrix = modules("https://example.org")
    drawn = set()
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", outline(matrix)):
        drawn |= {(int(x) + step, int(y)) for step in range(int(width))}

    assert drawn == {(x, y) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark}
    assert min(min(place) for place in drawn) == QUIET
    assert max(max(place) for place in drawn) == len(matrix) - 1 - QUIET
