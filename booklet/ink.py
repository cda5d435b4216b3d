"""How much ink does a page take, and has it colour?"""

from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium

#: Coarse: only how much is covered is asked, not by what.
PIXELS_PER_POINT = 0.5
MAX_PIXELS = 1_000_000

#: How far red, green and blue must differ, of 255, to be seen as a colour.
LEAST_COLOUR = 4


@dataclass(frozen=True, slots=True)
class Ink:
    """What a page takes of all inks together: 1 is a page that one ink covers whole."""

    share: float
    coloured: bool


def read_ink(page: pdfium.PdfPage) -> Ink:
    """The ink of a page as it is drawn.

    An estimate: what cyan, magenta and yellow have in common is printed black (ISO 32000-1, 10.3.5).
    """
    width, height = page.get_size()
    scale = min(PIXELS_PER_POINT, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
    pixels = page.render(scale=scale, prefer_bgrx=True).to_numpy()
    blue, green, red = (np.ascontiguousarray(pixels[..., channel]) for channel in range(3))
    lightest = np.maximum(np.maximum(blue, green), red)
    darkest = np.minimum(np.minimum(blue, green), red)
    # Of black 255 less the lightest; of each other ink, what its colour lacks besides.
    taken = 255 + 2 * lightest.mean() - blue.mean() - green.mean() - red.mean()
    return Ink(float(taken / 255), bool((lightest - darkest).max(initial=0) >= LEAST_COLOUR))
