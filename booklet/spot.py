"""What does a clinic get that types its details? An edition made on the spot, of what was released.

This is a worker's part. Nothing is written, and of what was typed nothing is remembered.
"""

import gc
import io
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image

from .bind import forget_panels
from .make import Checked, Job, Reprint
from .model import Clinic
from .problem import Box, Outcome, Problem, Severity
from .register import SHOP, Edition
from .released import kept_release
from .typed import Details, Fault, details

#: So many editions are kept at hand by each worker: as they were released, and read.
AT_HAND = 24

#: How large a panel is shown, in pixels for each point, and how much of the page around it, in points: above
#: and below are other words, of which no half should be seen.
PIXELS_PER_POINT, BESIDE, ABOVE = 2, 14, 3

#: What each edition is tried with before clinics ask for theirs.
SAMPLE = details({"name": "Sample"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A form of a released edition; `roots` are the publisher's folder and the project's."""

    roots: tuple[Path, ...]
    released: Edition
    layout: str
    points: int
    grey: bool
    today: date

    @property
    def job(self) -> Job:
        """The national edition. No folder is named in which anything could be written."""
        booklet = self.released.entry.booklet
        return Job(
            self.roots,
            Path(),
            booklet,
            "",
            self.layout,
            self.today,
            size=self.points,
            grey=self.grey,
        )


@dataclass(frozen=True, slots=True)
class Picture:
    """A panel as it is printed (PNG), so many pixels wide and high, on a page of the booklet."""

    data: bytes
    width: int
    height: int
    page: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it: the file and its name, or a picture of the panel; neither where it failed."""

    faults: tuple[Fault, ...] = ()
    others: tuple[Problem, ...] = ()
    """What is wrong and not with what was typed."""
    name: str = ""
    pdf: bytes = b""
    picture: Picture | None = None


#: The editions at hand, those that were asked for last at the end.
_EDITIONS: OrderedDict[str, Reprint] = OrderedDict()


def begin(wanted: tuple[Wanted, ...]) -> None:
    """Have these editions at hand."""
    for one in wanted[:AT_HAND]:
        _reprint(one)
    forget_panels()
    gc.collect()
    gc.freeze()


def at_hand() -> int:
    """How many editions are at hand; asked for only to have workers begin before clinics come."""
    return len(_EDITIONS)


def answer(wanted: Wanted, typed: Details, *, shown: bool) -> Answer:
    """Make an edition with what was typed; `shown` is whether its panel alone is wanted, as a picture."""
    clinic = typed.read()
    if clinic.value is None or typed.long:
        return Answer((*typed.long, *typed.faults(clinic.problems)))
    try:
        return _answer(wanted, typed, clinic.value, shown=shown)
    finally:
        forget_panels()


def _answer(wanted: Wanted, typed: Details, clinic: Clinic, *, shown: bool) -> Answer:
    reprint = _reprint(wanted)
    if reprint.value is None:
        return Answer(others=reprint.problems)
    made = reprint.value.edition(clinic, typed.id)
    problems = made.made.problems
    faults = typed.faults(problems)
    others = tuple(one for one in problems if one.severity is Severity.ERROR and one.where.file != typed.file)
    if not made.made.passed:
        return Answer(faults, others)
    if shown:
        return Answer(faults, picture=_picture(made))
    return Answer(faults, name=made.made.name, pdf=made.pdf)


def _reprint(wanted: Wanted) -> Outcome[Reprint]:
    """An edition as it was released, whose page was looked at whole with a sample of a clinic's details."""
    key = repr((wanted.job, wanted.released))
    if key not in _EDITIONS:
        release = kept_release(wanted.roots[0] / SHOP, wanted.released.entry)
        if release.value is None:
            return Outcome(None, release.problems)
        made = Reprint(wanted.job, release.value, wanted.released)
        sample = SAMPLE.read().value
        if made.faults or sample is None:
            return Outcome(None, made.faults)
        made.edition(sample, SAMPLE.id)
        _EDITIONS[key] = made
        while len(_EDITIONS) > AT_HAND:
            _EDITIONS.popitem(last=False)
    _EDITIONS.move_to_end(key)
    return Outcome(_EDITIONS[key])


def _picture(made: Checked) -> Picture | None:
    """The part of the page that has the clinic's details, drawn from the very file."""
    if made.place is None:
        return None
    number, box = made.place
    document = pdfium.PdfDocument(made.pdf)
    try:
        page = document[number - 1]
        bitmap = page.render(scale=PIXELS_PER_POINT, crop=_around(box, page.get_size()))
        image: Image.Image = bitmap.to_pil().convert("RGB")
        page.close()
    finally:
        document.close()
    data = io.BytesIO()
    image.save(data, "PNG", compress_level=4)
    return Picture(data.getvalue(), image.width, image.height, number)


def _around(box: Box, size: tuple[float, float]) -> tuple[float, float, float, float]:
    """What is cut off a page, left, below, right and above, so that a box is left and some of its ground."""
    left, top, right, bottom = box
    level, upright = (left, size[0] - right), (size[1] - bottom, top)
    (left, right), (below, above) = (
        [max(0.0, side - around) for side in sides] for sides, around in ((level, BESIDE), (upright, ABOVE))
    )
    return left, below, right, above
