#!/usr/bin/env python3
"""What do editions, sheets and files for printers look like? Draws the pictures of docs/ and the README.

Run it with the project's own Python: `.venv/bin/python bench/pictures.py`.
"""

import io
import sys
import tempfile
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from booklet.cli import main as run  # noqa: E402 - found by the line above

LEAFLET, BOOKLET = "checking-your-temperature", "acute-lymphoblastic-leukaemia"
PUNCTURE, CHEMOTHERAPY = "having-a-lumbar-puncture", "starting-chemotherapy"

#: The samples pass their checks on this day.
TODAY = "2026-11-28"

#: Each picture with what is drawn from left to right: how a file is named, and its pages, counted from 1
#: or back from -1.
PICTURES: dict[str, tuple[tuple[str, tuple[int, ...]], ...]] = {
    "pages": (
        (f"{BOOKLET}-1.0-en-GB-a5-booklet.pdf", (1, 7)),
        (f"{CHEMOTHERAPY}-1.0-en-GB-a5-booklet.pdf", (26,)),
    ),
    "pages-ar": ((f"{LEAFLET}-1.0-ar-a5-booklet.pdf", (4, 3, 1)),),
    "pages-long-ar": ((f"{BOOKLET}-1.0-ar-a5-booklet.pdf", (9, 8)),),
    "pages-bn": ((f"{LEAFLET}-1.0-bn-a5-booklet.pdf", (1, 3, 4)),),
    "pages-cy": ((f"{LEAFLET}-1.0-cy-dl-leaflet.pdf", (1, 2, 3)),),
    "offers": ((f"{BOOKLET}-1.0-en-GB-a5-booklet.pdf", (-1,)),),
    "clinic": (
        (f"{PUNCTURE}-1.0-en-GB-a5-booklet.pdf", (-2,)),
        (f"{PUNCTURE}-1.0-en-GB-a5-booklet--riverside.pdf", (-2,)),
    ),
    "desk": ((f"{PUNCTURE}-1.0-en-GB-a5-booklet.desk.pdf", (3,)),),
    "desk-instructions": ((f"{PUNCTURE}-1.0-en-GB-a5-booklet.desk.pdf", (1,)),),
    "leaflet": ((f"{LEAFLET}-1.0-en-GB-dl-leaflet.desk.pdf", (1,)),),
    "press-cover": ((f"{CHEMOTHERAPY}-1.0-en-GB-a5-booklet.press-glued.cover.pdf", (1,)),),
    "press-spread": ((f"{PUNCTURE}-1.0-en-GB-a5-booklet.press-coated-spreads.pdf", (1,)),),
}
#: What makes the files.
COMMANDS = (
    ("build",),
    ("build", PUNCTURE, "--clinic", "riverside"),
    ("print", PUNCTURE, "--for", "desk", "--instructions"),
    ("print", LEAFLET, "--for", "desk", "--language", "en-GB"),
    ("print", CHEMOTHERAPY, "--for", "glued"),
    ("print", PUNCTURE, "--for", "coated-spreads"),
)
#: Pixels in a point, and between two pages.
SCALE, GAP = 1.15, 12
#: Colours of a picture: text on flat grounds needs no more.
COLOURS = 64
BEHIND = (214, 218, 216)


def main() -> None:
    """Draw every picture."""
    with tempfile.TemporaryDirectory() as folder:
        for words in COMMANDS:
            run([*words, "--root", str(PROJECT), "--out", folder, "--today", TODAY], io.StringIO())
        for name, shown in PICTURES.items():
            drawn = [page for file, pages in shown for page in _drawn(next(Path(folder).rglob(file)), pages)]
            width = sum(page.width for page in drawn) + GAP * (len(drawn) + 1)
            picture = Image.new("RGB", (width, max(page.height for page in drawn) + 2 * GAP), BEHIND)
            at = GAP
            for page in drawn:
                picture.paste(page, (at, GAP))
                at += page.width + GAP
            path = PROJECT / "docs" / "pictures" / f"{name}.png"
            picture.quantize(COLOURS).save(path, optimize=True)
            sys.stdout.write(f"wrote {path.relative_to(PROJECT)}\n")


def _drawn(pdf: Path, pages: tuple[int, ...]) -> list[Image.Image]:
    with pdfium.PdfDocument(pdf) as document:
        places = [page - 1 if page > 0 else len(document) + page for page in pages]
        scale = min(SCALE, SCALE * 640 / document[places[0]].get_width())
        return [document[place].render(scale=scale).to_pil() for place in places]


if __name__ == "__main__":
    main()
