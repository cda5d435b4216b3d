"""Does the code on the back cover lead to the page that tells whether this very edition is current?"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..figures import Grey
from ..qr import Matrix, code_alt, edition_address, modules
from ..tags import Picture
from . import Case, Finding, check
from .reading import bare

#: Millimetres in a point, and the least that a module may measure: what cheap printers and old telephones
#: still tell apart.
POINT, LEAST_MODULE = 25.4 / 72, 0.4

#: A dark module is no lighter than this, and a light one no darker, of 255.
DARK, LIGHT = 50, 230

#: Where a module is looked at, in parts of its width: at nine points of its middle.
POINTS = (0.25, 0.5, 0.75)


@check(
    "qr-wrong",
    why="Who scans the code must be told of this edition: another's page may call an old copy current.",
    hint="build the booklet again; if that does not help, the layout drops, changes or covers the code",
    example="The QR code is not on the back cover",
)
def qr_wrong(case: Case) -> Iterator[Finding]:
    address = edition_address(case.sourced.booklet, case.sourced.house)
    if not address:
        return
    where = case.sourced.house.at("catalogue")
    alt = bare(code_alt(case.sourced.booklet, case.sourced.house, case.words))
    codes = [picture for picture in case.facts.pictures if bare(picture.alt) == alt]
    codes = [code for code in codes if code.page == case.facts.pages and code.drawing.box]
    if not codes:
        yield Finding("The QR code is not on the back cover", where, case.facts.pages)
    matrix = modules(address)
    for code in codes:
        fault = _fault(code, matrix)
        if fault:
            yield Finding(f"The QR code {fault}", where, code.page, box=code.drawing.box)


def _fault(code: Picture, matrix: Matrix) -> str:
    """What keeps a code from being read as that matrix; empty where nothing does."""
    left, _, right, _ = code.drawing.box or (0, 0, 0, 0)
    size = (right - left) * POINT / len(matrix)
    if size < LEAST_MODULE - 0.005:
        return f"has modules of {size:.2f} mm; {LEAST_MODULE} mm are needed"
    if code.drawing.square is None:
        return "is not square, or reaches over the page's edge"
    wrong = int(_wrong(code.drawing.square, np.array(matrix)).sum())
    return f"differs in {wrong} of its {len(matrix) ** 2} modules from that of this edition" if wrong else ""


def _wrong(square: Grey, dark: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which modules are not dark, or light, all over their middle?"""
    size = len(dark)
    at = (np.arange(size)[:, None] + POINTS).ravel() / size
    rows, columns = ((at * length).astype(int) for length in square.shape)
    seen = square[np.ix_(rows, columns)].reshape(size, len(POINTS), size, len(POINTS)).swapaxes(1, 2)
    darkest, lightest = seen.min(axis=(2, 3)), seen.max(axis=(2, 3))
    wrong: NDArray[np.bool_] = np.where(dark, lightest > DARK, darkest < LIGHT)
    return wrong
