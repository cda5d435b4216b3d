"""Where does a reader learn whether a copy is current? At its edition's address, printed and as a QR code.

Lengths are in modules, the squares of a code (ISO/IEC 18004, QR code).
"""

from collections.abc import Iterator, Mapping
from itertools import groupby

import segno

from .model import Booklet, House
from .prose import readable

#: What must stay white around a code (ISO/IEC 18004, 6.3.8).
QUIET = 4

Matrix = tuple[tuple[bool, ...], ...]


def edition_address(booklet: Booklet, house: House) -> str:
    """Where the house's catalogue tells whether an edition is current; empty where it has none."""
    if not house.catalogue:
        return ""
    parts = [house.catalogue.rstrip("/"), booklet.code, booklet.version]
    # The master's language needs no name: its address is the shortest.
    return "/".join(parts + ([booklet.language] if booklet.translation_of else []))


def code_alt(booklet: Booklet, house: House, words: Mapping[str, str]) -> str:
    """What the code says to who cannot see it; empty where there is none."""
    address = edition_address(booklet, house)
    return words["qr_alt"].format(address=readable(address)) if address else ""


def modules(address: str) -> Matrix:
    """The rows of the code that says an address, which modules are dark? Its quiet zone is all around.

    A code of level M can be read with 15% of it soiled. It is always as large as the address asks for.
    """
    code = segno.make_qr(address, error="m", boost_error=False)
    return tuple(tuple(map(bool, row)) for row in code.matrix_iter(border=QUIET))


def outline(matrix: Matrix) -> str:
    """The dark modules as one path (SVG 2, 9.3): drawn as one, they have no seams between them."""
    return "".join(_runs(matrix))


def _runs(matrix: Matrix) -> Iterator[str]:
    """A rectangle for each run of dark modules in a row."""
    for y, row in enumerate(matrix):
        x = 0
        for dark, run in groupby(row):
            width = len(list(run))
            if dark:
                yield f"M{x} {y}h{width}v1h-{width}z"
            x += width


def printed(address: str) -> str:
    """An address as it is printed, without https://, with signs that say where its line may end.

    That is behind a slash and before a dot of the host; never behind a hyphen, which would then read as one
    that the line's end has made, nor in a version.
    """
    host, *path = readable(address).replace("-", "-\u2060").split("/")
    return "/\u200b".join([host.replace(".", "\u200b."), *path])
