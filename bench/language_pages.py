#!/usr/bin/env python3
"""What do the samples look like in other languages? Draws the pictures of docs/languages.md.

Run it with the project's own Python: `.venv/bin/python bench/language_pages.py`.
"""

import sys
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from booklet.layout import layout_for  # noqa: E402 - found by the line above
from booklet.make import print_edition  # noqa: E402
from booklet.source import Source  # noqa: E402

LEAFLET, BOOKLET = "checking-your-temperature", "acute-lymphoblastic-leukaemia"

#: Each picture with a booklet, its language and layout, and its pages from left to right; the last
#: page of a booklet is -1.
PICTURES = {
    "pages-ar": (LEAFLET, "ar", "a5-booklet", (4, 3, 1)),
    "pages-long-ar": (BOOKLET, "ar", "a5-booklet", (9, 8)),
    "pages-bn": (LEAFLET, "bn", "a5-booklet", (1, 3, 4)),
    "pages-cy": (LEAFLET, "cy", "dl-leaflet", (1, 2, 3)),
    "offers": (BOOKLET, "", "a5-booklet", (-1,)),
}
#: Pixels in a point, and between two pages.
SCALE, GAP = 1.15, 12
#: Colours of a picture: text on flat grounds needs no more.
COLOURS = 64
BEHIND = (214, 218, 216)


def main() -> None:
    """Draw every picture."""
    for name, (booklet, language, layout, pages) in PICTURES.items():
        drawn = _drawn(_printed(booklet, language, layout), pages)
        width = sum(page.width for page in drawn) + GAP * (len(drawn) + 1)
        picture = Image.new("RGB", (width, max(page.height for page in drawn) + 2 * GAP), BEHIND)
        at = GAP
        for page in drawn:
            picture.paste(page, (at, GAP))
            at += page.width + GAP
        path = PROJECT / "docs" / "pictures" / f"{name}.png"
        picture.quantize(COLOURS).save(path, optimize=True)
        sys.stdout.write(f"wrote {path.relative_to(PROJECT)}\n")


def _printed(booklet: str, language: str, name: str) -> bytes:
    sourced = Source(PROJECT).booklet(booklet, language).value
    assert sourced
    layout = layout_for(sourced, name, (PROJECT,)).value
    assert layout
    words = layout.words(sourced.booklet.language).value
    assert words
    pdf = print_edition(sourced, layout, words).value
    assert pdf
    return pdf


def _drawn(pdf: bytes, pages: tuple[int, ...]) -> list[Image.Image]:
    with pdfium.PdfDocument(pdf) as document:
        count = len(document)
        return [document[(page - 1) % (count + 1) % count].render(scale=SCALE).to_pil() for page in pages]


if __name__ == "__main__":
    main()
