"""Is every picture printed where it belongs, whole, once, large enough and true; and lines to write on?"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from ..blocks import Block, Figure, Statistic
from ..figures import Shape
from ..model import every_block
from ..picture import size, words_of
from ..problem import NOWHERE, Severity, Where
from ..qr import code_alt
from ..tags import Picture
from . import Case, Finding, check
from .reading import bare
from .words import _excerpt

#: A picture whose longer side is shorter than this, in points, is a speck: 10 mm, a logo's 5 mm.
LEAST_LENGTH, LEAST_LOGO = 28.3, 14.2

#: How much of what a picture paints must be seen, and how much of a shape for the shape to count.
SEEN, SHAPE_SEEN = 0.97, 0.8

#: How far a picture's lines may reach over the page's edge, in points.
OVER_EDGE = 2

#: A colour with less light than this, of 255, is dark.
DARK = 128

#: More points than a page is high.
FAR = 20_000.0

#: By how much of its length a bar may be wrong: a thin one is drawn a little longer to be seen.
BAR_SLIP = 0.015

#: So many dots on an inch are good for a layout that asks for fewer, because it is not for print.
GOOD_ENOUGH = 150


@check(
    "picture-unseen",
    why="A picture that is hidden, cut off, a speck, or away from its caption leaves the words without it.",
    hint="look at the page; if the picture's file is sound, the layout loses or covers it",
    example="The picture 'The medicine looks like this.' is hidden, all but 81%",
)
def picture_unseen(case: Case) -> Iterator[Finding]:
    pictures = _Pictures(case)
    for block in _blocks(case):
        alts, name = _alts(block, case), _name(block)
        picture = pictures.take(alts)
        if picture:
            pages = _pages_of(case, block.at("caption"))
            yield from _faults(case, picture, name, block.where, LEAST_LENGTH)
            if pages and picture.page not in pages:
                message = f"{name} is on page {picture.page}, but its words on page {min(pages)}"
                yield Finding(message, block.where, picture.page, box=picture.drawing.box)
        elif pictures.taken & alts:
            yield Finding(f"{name} is printed fewer times than it is written", block.where)
    for picture in pictures.twice():
        message = f"The picture '{_excerpt(picture.alt)}' is printed once more than it is written"
        yield Finding(message, page=picture.page, box=picture.drawing.box)
    yield from _logos(case)


@check(
    "picture-words",
    why="Labels say what a drawing shows: one that is lost or another makes it tell something else.",
    hint="build the booklet again; if that does not help, look at the picture's file",
    example="The picture 'The medicine looks like this.' does not say 'A ball'",
)
def picture_words(case: Case) -> Iterator[Finding]:
    files = {asset.name: asset.data for asset in case.sourced.assets if asset.name.endswith(".svg")}
    pictures = _Pictures(case)
    for block in _blocks(case):
        picture = pictures.take(_alts(block, case))
        if picture and picture.drawing.box:
            # People of a statistic and photographs have no words.
            file = files.get(block.image) if isinstance(block, Figure) else None
            wanted = words_of(file) if file else ()
            for fault in _misread(wanted, case.facts.letters.text(picture.letters)):
                yield Finding(f"{_name(block)} {fault}", block.where, picture.page, box=picture.drawing.box)


def _misread(wanted: Iterable[str], drawn: str) -> Iterator[str]:
    """How the words of a drawing differ from those of its file, which are mostly drawn in its order."""
    there, strange, missing = bare(drawn), "", list[str]()
    for words in wanted:
        before, found, behind = there.partition(bare(words))
        if found:
            strange, there = f"{strange}{before}\n", behind
        else:
            missing.append(words)
    strange += there
    for words in missing:
        if bare(words) not in strange:
            yield f"does not say '{_excerpt(words)}'"
        strange = strange.replace(bare(words), "", 1)
    if strange.strip("\n"):
        yield f"says '{_excerpt(strange)}', which its file does not"


@check(
    "picture-stray",
    why="A picture that nobody put into the source was reviewed by nobody, and may say what is not so.",
    hint="build the booklet again; a layout's own decoration belongs into its style sheets",
    example="The picture 'A party hat' is none of the source's",
)
def picture_stray(case: Case) -> Iterator[Finding]:
    house = case.sourced.house
    alts = [_alts(block, case) for block in _blocks(case)]
    known = {bare(house.name)}.union(*alts)
    if case.sourced.clinic:
        known.add(bare(case.sourced.clinic.name))
    if house.quality_mark:
        known.add(bare(house.quality_mark.scheme))  # `mark-forbidden` looks at that one
    known.add(bare(code_alt(case.sourced.booklet, house, case.words)))  # and `qr-wrong` at this
    there = {bare(picture.alt) for picture in case.facts.pictures}
    # Where a picture has lost its alt text, `alt-missing` tells it.
    renamed = sum(there.isdisjoint(said) for said in alts)
    strange = (one for one in case.facts.pictures if one.alt.strip() and bare(one.alt) not in known)
    for picture in islice(strange, renamed, None):
        message = f"The picture '{_excerpt(picture.alt)}' is none of the source's"
        yield Finding(message, page=picture.page, box=picture.drawing.box)
    tagged = {(picture.page, tag) for picture in case.facts.pictures for tag in picture.tags}
    cover, covers = _pixels_of_cover(case), (1, case.facts.pages)
    for image in case.facts.images:
        decoration = image.page in covers and sorted(image.pixels) == cover
        if (image.page, image.tag) not in tagged and not decoration:
            yield Finding("A photograph lies on the page that no tag holds", page=image.page, box=image.box)


def _pixels_of_cover(case: Case) -> list[int]:
    """The sides in pixels of the photograph under the cover's words, if it has one: no tag holds it."""
    name = case.sourced.booklet.cover or ""
    data = (one.data for one in case.sourced.assets if one.name == name)
    # It may be printed as it was turned in the camera.
    return [] if name.endswith(".svg") else next((sorted(size(one)) for one in data), [])


def _pages_of(case: Case, where: Where) -> set[int]:
    """The pages on which the words stand that were written at a place."""
    return {page for found in case.reading.found if found.piece.where == where for page in found.pages}


class _Pictures:
    """The pictures of a file that belong to no block yet."""

    def __init__(self, case: Case) -> None:
        self.waiting = [(bare(picture.alt), picture) for picture in case.facts.pictures]
        self.taken: set[str] = set()

    def take(self, alts: set[str]) -> Picture | None:
        """The first picture that says one of the alt texts; it is another's no more."""
        found = next((one for one in self.waiting if one[0] in alts), None)
        if found is None:
            return None
        self.waiting.remove(found)
        self.taken.add(found[0])
        return found[1]

    def twice(self) -> Iterator[Picture]:
        """The pictures that are left of those that were taken."""
        return (picture for alt, picture in self.waiting if alt in self.taken)


def _blocks(case: Case) -> Iterator[Figure | Statistic]:
    every = (*every_block(case.sourced.booklet), *case.sourced.house.how_we_can_help)
    return (block for block in every if isinstance(block, Figure | Statistic))


def _alts(block: Block, case: Case) -> set[str]:
    """What the picture of a block may say; that of a statistic is one of people, or a bar."""
    if isinstance(block, Statistic):
        return {_said(block, case, "people_alt"), _said(block, case, "bar_alt")}
    return {bare(block.alt)} if isinstance(block, Figure) else set()


def _said(block: Statistic, case: Case, word: str) -> str:
    return bare(block.stated(case.words[word], case.sourced.booklet.language))


def _name(block: Figure | Statistic) -> str:
    if isinstance(block, Figure):
        return f"The picture '{_excerpt(block.caption)}'"
    return f"The picture of {block.count} in {block.of}"


def _faults(case: Case, picture: Picture, name: str, where: Where, least: float) -> Iterator[Finding]:
    """What keeps a picture from being seen; the first fault is told, because others follow from it."""
    box, seen = picture.drawing.box, picture.drawing.seen
    width, height = case.facts.sizes[picture.page - 1]
    if box is None:
        yield Finding(f"{name} is not drawn", where, picture.page)
    elif min(box[0], box[1], width - box[2], height - box[3]) < -OVER_EDGE:
        yield Finding(f"{name} reaches over the page's edge", where, picture.page, box=box)
    elif seen < SEEN:
        message = f"{name} is hidden" + (f", all but {seen:.0%}" if seen else "")
        yield Finding(message, where, picture.page, box=box)
    elif picture.drawing.overpainted:
        yield Finding(f"{name} is painted over by a sheet of its own", where, picture.page, box=box)
    elif max(box[2] - box[0], box[3] - box[1]) < least:
        size = " × ".join(f"{length / 72 * 25.4:.0f}" for length in (box[2] - box[0], box[3] - box[1]))
        yield Finding(f"{name} is only {size} mm large", where, picture.page, box=box)


def _logos(case: Case) -> Iterator[Finding]:
    """The publisher's logo is on a cover, and the mark's wherever its statement stands."""
    house, covers = case.sourced.house, {1, case.facts.pages}
    mark = house.quality_mark if house.statement_for(case.sourced.booklet) else None
    named = [(house.logo, house.name, house.at("logo"), covers)]
    if mark:
        named.append((mark.logo, mark.scheme, mark.at("logo"), {*range(1, case.facts.pages + 1)}))
    clinic = case.sourced.clinic
    if clinic:
        places = {panel.page for panel in case.facts.panels}
        named.append((clinic.logo, clinic.name, clinic.at("logo"), places))
    for logo, alt, where, pages in named:
        if not logo:
            continue
        shown = [p for p in case.facts.pictures if bare(p.alt) == bare(alt) and p.page in pages]
        if not shown:
            yield Finding(f"The logo '{alt}' is not printed where it belongs", where)
        for picture in shown:
            yield from _faults(case, picture, f"The logo '{alt}'", where, LEAST_LOGO)


@check(
    "picture-coarse",
    why="Below 300 dots on an inch a printed picture looks blurred, and its labels cannot be read.",
    hint="use a larger picture, or a drawing (svg)",
    example="A picture is printed with 50 dots on an inch; it needs 300",
)
def picture_coarse(case: Case) -> Iterator[Finding]:
    needed = case.recipe.resolution or 0
    yield from _coarse(case, 0, needed, f"it needs {needed}")


@check(
    "picture-rough",
    why="On a screen, too, a picture of less than 150 dots on an inch looks blurred once it is enlarged.",
    hint="use a larger picture, or a drawing (svg)",
    example="A picture is printed with 50 dots on an inch; 150 are better",
    severity=Severity.ADVICE,
)
def picture_rough(case: Case) -> Iterator[Finding]:
    yield from _coarse(case, case.recipe.resolution or 0, GOOD_ENOUGH, f"{GOOD_ENOUGH} are better")


def _coarse(case: Case, least: int, dots: int, asked: str) -> Iterator[Finding]:
    """The pictures made of pixels that have at least so many dots on an inch, and fewer than others."""
    for image in case.facts.images:
        if least - 0.5 <= image.dots_per_inch < dots - 0.5:
            message = f"A picture is printed with {image.dots_per_inch:.0f} dots on an inch; {asked}"
            shown = (p for p in case.facts.pictures if p.page == image.page and image.tag in p.tags)
            where = next((case.where_of(picture) for picture in shown), NOWHERE)
            yield Finding(message, where, image.page, box=image.box)


@check(
    "statistic-picture",
    why="People remember the picture of a risk longer than its numbers: both must say the same.",
    hint="the layout must fill as many people, or as much of the bar, as are counted, in a dark colour",
    example="The picture of 2 in 7 has 1 of 7 shapes filled in",
)
def statistic_picture(case: Case) -> Iterator[Finding]:
    pictures = _Pictures(case)
    for block in _blocks(case):
        picture = pictures.take(_alts(block, case))
        if picture is None or not isinstance(block, Statistic) or not picture.drawing.shapes:
            continue
        shapes = [shape for shape in picture.drawing.shapes if shape.seen >= SHAPE_SEEN]
        filled = [shape for shape in shapes if _is_dark(shape)]
        if bare(picture.alt) == _said(block, case, "bar_alt"):
            share = _share(filled, shapes)
            true, shown = abs(share - block.count / block.of) <= BAR_SLIP, f"{share:.0%} of its bar"
        else:
            # A person may be drawn as several shapes.
            true = len(filled) * block.of == block.count * len(shapes) and len(shapes) % block.of == 0
            shown = f"{len(filled)} of {len(shapes)} shapes"
        if not true:
            message = f"{_name(block)} has {shown} filled in"
            yield Finding(message, block.where, picture.page, box=picture.drawing.box)


def _is_dark(shape: Shape) -> bool:
    if shape.fill is None:
        return False
    # What the eye takes for light (ITU-R BT.601, 2.5.1).
    red, green, blue = shape.fill
    return 0.299 * red + 0.587 * green + 0.114 * blue < DARK


def _share(filled: Sequence[Shape], every: Sequence[Shape]) -> float:
    """How much of the length that shapes take up is filled, along their longer side."""
    wide, high = _extent(every)
    part = _extent(filled)
    return part[0] / wide if wide > high else part[1] / max(high, 1)


def _extent(shapes: Sequence[Shape]) -> tuple[float, float]:
    """How wide and how high shapes are together, in points."""
    if not shapes:
        return 0.0, 0.0
    lefts, tops, rights, bottoms = zip(*(shape.box for shape in shapes), strict=True)
    return float(max(rights) - min(lefts)), float(max(bottoms) - min(tops))


@check(
    "lines-missing",
    why="Lines to write on are there to be used: an answer needs the room that the editor gave it.",
    hint="the layout must draw as many lines as `lines` says",
    example="Below 'May I drink alcohol?' stand 0 lines to write on; the source asks for 1",
    severity=Severity.WARNING,
)
def lines_missing(case: Case) -> Iterator[Finding]:
    letters, tagged = case.facts.letters, case.roles != ""
    text = np.flatnonzero(tagged & ~letters.blank)
    boxes, tops = letters.box[text], _down(letters.page[text], letters.box[text, 1])
    rules = [(page, box) for page, boxes in enumerate(case.facts.rules, 1) for box in boxes]
    for found in (found for found in case.reading.found if found.piece.lines):
        which = list(found.letters)
        foot = _down(letters.page[which], letters.box[which, 3]).max()
        left, right = letters.box[which, 0].min(), letters.box[which, 2].max()
        # What stands beside the words, in another column, ends no lines below them.
        column = (boxes[:, 0] < right) & (boxes[:, 2] > left)
        below = tops[column & (tops >= foot)].min(initial=np.inf)
        under = (_down(page, box[3]) for page, box in rules if box[0] < right and box[2] > left)
        drawn = sum(foot < rule < below for rule in under)
        if drawn < found.piece.lines:
            title, asked = _excerpt(found.piece.text, 50), found.piece.lines
            message = f"Below '{title}' stand {drawn} lines to write on; the source asks for {asked}"
            yield Finding(message, found.piece.where, letters=found.letters)


def _down(page: Any, depth: Any) -> Any:
    """How far down the booklet something is, its pages hung one below the other."""
    return page * FAR + depth
