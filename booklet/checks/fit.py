"""Can every letter be seen: whole, large and plain enough, and on its own?"""

import unicodedata
from collections.abc import Iterator
from itertools import groupby, islice, pairwise

import numpy as np
from numpy.typing import NDArray

from ..bidi import runs_leftwards, stretches_of
from ..inspect import SAME_SIDE
from ..language import direction
from ..layout import MILLIMETRE, Sizes
from ..letters import Letters, letter_of
from ..problem import NOWHERE, Box, Severity, Where
from ..tags import Cell
from . import Case, Finding, check
from .reading import pattern
from .words import APART, _excerpt

#: Nearer to the page's edge than this many points (5 mm) an office printer prints nothing.
UNPRINTABLE = 14.17

#: Contrast that normal text needs at the least, and at best (WCAG 2.2, 1.4.3 and 1.4.6).
LEAST_CONTRAST, GOOD_CONTRAST = 4.5, 7.0

#: What is measured from pixels is a little less than what was chosen.
MEASURED = 0.1

#: A letter or digit has at least so much of its word's contrast: an "i" of 10 points has 0.59.
ALONE = 0.5

#: How far the feet of two digits of a number may differ, in parts of their size: 0.2 in old-style ones.
UNLEVEL = 0.3

#: In Nastaliq a word begins less than so many times its size above the line that it slopes down to; lines
#: are further apart.
SLOPE = 1.5
#: Its quote marks stand as high.
QUOTES = [ord(mark) for mark in "“”‘’"]

#: Further than so many times its size no line of a paragraph stands below the one before it.
FAR = 3.0

#: What may be taken for a letter or its part is at most so wide and high, in parts of the type's size, no
#: further from a letter than this, and so far above or below it. Icons and tick boxes are larger.
SPECK, BESIDE, LEVEL = (0.7, 0.95), 0.4, 0.15

#: A line under words is so many times as long as it is thick, and crosses letters no higher than in this
#: part of them.
UNDERLINE, UNDER = 3, 0.4

#: How much of the smaller of two letters the other may cover: neighbours, and others.
NEIGHBOURS, OTHERS = 0.5, 0.3

#: A stretch of text is compared with so many before it; a page has some hundred.
MOST_COMPARED = 500


def _marked(case: Case, marks: NDArray[np.bool_]) -> Iterator[tuple[str, Where, tuple[int, ...]]]:
    """The marked letters as text, with their piece's place: one for each block, drawing or line, and page."""
    letters, owners, drawn, found = case.facts.letters, case.owners, case.drawn, case.reading.found
    places = np.flatnonzero(marks & ~letters.blank).tolist()

    def whose(index: int) -> tuple[int, str]:
        """The page, and what the letter belongs to: a fault of a block is told once."""
        owner, picture = int(owners[index]), int(drawn[index])
        if owner < 0:
            return case.page_of(index), f"picture {picture}" if picture >= 0 else f"run {letters.run[index]}"
        block = case.blocks.name(found[owner].piece.where)
        # What is shared has one place in the source, but may be printed in two sections.
        one = f"{found[owner].chapter.id} {block}" if "/" in block else f"piece {owner}"
        return case.page_of(index), one

    for _, group in groupby(sorted(places, key=whose), key=whose):
        which = tuple(group)
        owner, picture = int(owners[which[0]]), int(drawn[which[0]])
        where = found[owner].piece.where if owner >= 0 else NOWHERE
        if picture >= 0:
            where = case.where_of(case.facts.pictures[picture])
        yield _quoted(case, which), where, which


def _quoted(case: Case, which: tuple[int, ...]) -> str:
    """The marked letters, with the spaces between them."""
    letters, owners, said, last = case.facts.letters, case.owners, "", which[0]
    for index in which:
        gap = range(last + 1, index)
        if (len(gap) == 1 and letters.blank[gap[0]]) or owners[index] != owners[last]:
            said += " "
        elif gap:
            said += " … "
        said += letters.letter(index)
        last = index
    return _excerpt(said)


def _word_of(case: Case) -> NDArray[np.int32]:
    """For each letter the number of its word: it ends at a space, or where another run begins."""
    letters = case.facts.letters
    ends = letters.blank | np.append(letters.run[1:] != letters.run[:-1], True)
    return np.concatenate([[0], np.cumsum(ends)[:-1]]).astype(np.int32)[: len(letters)]


def _best_in_word(case: Case, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """For each letter the highest value in its word: a thin letter counts as its neighbours do."""
    word = _word_of(case)
    best = np.zeros(int(word.max(initial=-1)) + 1, np.float32)
    np.maximum.at(best, word, np.where(case.facts.letters.blank, 0, values))
    return best[word]


def _contrast(case: Case) -> NDArray[np.float32]:
    """For each letter its word's contrast; its own where it is far below that, as under a veil."""
    letters = case.facts.letters
    best = _best_in_word(case, letters.contrast)
    drawn = [code for code in np.unique(letters.code).tolist() if letter_of(code).isalnum()]
    veiled = np.isin(letters.code, drawn) & (letters.contrast < ALONE * best)
    return np.where(veiled, letters.contrast, best).astype(np.float32)


def _whole_words(case: Case, marks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The letters of all words in which some are marked: half a word tells an editor little."""
    return _best_in_word(case, marks.astype(np.float32)) > 0


@check(
    "words-unseen",
    why="Words that are hidden, cut off or as pale as the paper are as good as lost.",
    hint="look at the page; the layout gives this text too little room or contrast",
    example="'I kept a diary of every tablet. Sam, 54' cannot be seen",
)
def words_unseen(case: Case) -> Iterator[Finding]:
    for said, where, which in _marked(case, ~case.facts.letters.seen & (_margin(case) >= 0)):
        yield Finding(f"'{said}' cannot be seen", where, letters=which)


@check(
    "words-cut",
    why="Half a line can be read as another, and half a digit as another digit.",
    hint="look at the page; something covers, cuts or strikes through this text",
    example="'Sam,' is cut, partly covered or struck through",
)
def words_cut(case: Case) -> Iterator[Finding]:
    for said, where, which in _marked(case, _whole_words(case, case.facts.letters.cut)):
        yield Finding(f"'{said}' is cut, partly covered or struck through", where, letters=which)


@check(
    "words-marked",
    why="A dot or a stroke beside a digit is read with it: 45 becomes 4.5, and 8 am 18 am.",
    hint="look at the page; draw nothing so small so near to words, or make it a letter",
    example="Something small is drawn at '54'",
)
def words_marked(case: Case) -> Iterator[Finding]:
    for said, where, which in _marked(case, _whole_words(case, _beside_specks(case))):
        yield Finding(f"Something small is drawn at '{said}'", where, letters=which)


def _beside_specks(case: Case) -> NDArray[np.bool_]:
    """Letters on or beside which something is drawn that is no larger than a letter.

    The line under a link lies at the feet of letters, and reaches no further than they do.
    """
    letters, marks = case.facts.letters, np.zeros(len(case.facts.letters), bool)
    for page, specks in enumerate(case.facts.specks, 1):
        which = np.flatnonzero((letters.page == page) & ~letters.blank & (case.drawn < 0))
        left, top, right, bottom = letters.box[which].T
        size = letters.size[which]
        for x0, y0, x1, y1 in specks:
            middle = (y0 + y1) / 2
            near = (x1 - x0 <= SPECK[0] * size) & (y1 - y0 <= SPECK[1] * size)
            near &= (left - x1 <= BESIDE * size) & (x0 - right <= BESIDE * size)
            near &= (middle > top - LEVEL * size) & (middle < bottom + LEVEL * size)
            if near.any() and not _is_underline((x0, y0, x1, y1), letters.box[which[near]], size[near]):
                marks[which[near]] = True
    return marks


def _is_underline(line: Box, boxes: NDArray[np.float32], size: NDArray[np.float32]) -> bool:
    """Is it a level line at the feet of the letters above it?"""
    left, top, right, bottom = line
    above = (boxes[:, 0] < right) & (boxes[:, 2] > left)
    if not above.any() or bottom - top > (right - left) / UNDERLINE:
        return False
    feet = boxes[above, 3] - UNDER * (boxes[above, 3] - boxes[above, 1])
    reach = BESIDE / 4 * float(size.max())
    within = boxes[above, 0].min() - reach <= left and right <= boxes[above, 2].max() + reach
    return bool(within and (feet <= (top + bottom) / 2).all())


@check(
    "words-off-page",
    why="What reaches over the page's edge is cut away with the paper.",
    hint="make it shorter, or give it room; a table may need fewer columns",
    example="'Evening 4 mg 10 mg 10 mg 15 mg 15 mg 20 mg 20 mg 25 mg 25 mg 30 mg 30…' reaches over the "
    "page's edge",
)
def words_off_page(case: Case) -> Iterator[Finding]:
    for said, where, which in _marked(case, _whole_words(case, _margin(case) < 0)):
        yield Finding(f"'{said}' reaches over the page's edge", where, letters=which)


@check(
    "words-at-edge",
    why="Office printers leave 5 mm of a page blank, and a trimmer's knife strays by 3 mm.",
    hint="keep text at least 5 mm from the page's edge",
    example="'I I' stands within 5 mm of the page's edge",
)
def words_at_edge(case: Case) -> Iterator[Finding]:
    margin = _margin(case)
    for said, where, which in _marked(case, (margin >= 0) & (margin < UNPRINTABLE)):
        yield Finding(f"'{said}' stands within 5 mm of the page's edge", where, letters=which)


def _margin(case: Case) -> NDArray[np.float32]:
    """For each letter how far it is from the nearest edge of its page, in points."""
    letters, sizes = case.facts.letters, np.array(case.facts.sizes, np.float32)
    width, height = sizes[letters.page - 1].T
    left, top, right, bottom = letters.box.T
    margin: NDArray[np.float32] = np.min([left, top, width - right, height - bottom], axis=0)
    return margin


@check(
    "words-overlap",
    why="Lines that are printed over one another cannot be read.",
    hint="look at the page; the layout gives this text a fixed height or place",
    example="'It may take 2 weeks before you notice a change.' is printed twice at one place",
)
def words_overlap(case: Case) -> Iterator[Finding]:
    letters = case.facts.letters
    marks = np.zeros(len(letters), bool)
    for one, other in _overlapping(case):
        marks[[one, other]] = True
    for said, where, which in _marked(case, _whole_words(case, marks)):
        yield Finding(f"'{said}' and other words are printed over one another", where, letters=which)
    for page, (left, top, right, bottom) in case.facts.passed_over:
        middle = (letters.box[:, :2] + letters.box[:, 2:]) / 2
        within = np.all((middle > (left, top)) & (middle < (right, bottom)), axis=1)
        marks = within & (letters.page == page)
        told = list(_marked(case, _whole_words(case, marks))) or [("something", NOWHERE, ())]
        for said, where, which in told:
            box = None if which else (left, top, right, bottom)
            yield Finding(f"'{said}' is printed twice at one place", where, page, which, box)


def _overlapping(case: Case) -> Iterator[tuple[int, int]]:
    """Pairs of letters of which one covers too much of the other."""
    letters = case.facts.letters
    solid = ~letters.blank & (letters.box[:, 2] > letters.box[:, 0]) & (letters.box[:, 3] > letters.box[:, 1])
    places = np.flatnonzero(solid & ~_is_mark(case))
    # The letters of a word reach over each other by their nature.
    joined = case.joined
    for _, run in groupby(places.tolist(), key=lambda index: letters.page[index]):
        which = np.array(list(run), np.int32)
        which = which[np.argsort(letters.box[which, 1], kind="stable")]
        box = letters.box[which]
        area = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
        # Sorted by their tops, only those that begin above another's foot can touch it.
        below = np.searchsorted(box[:, 1], box[:, 3])
        for step in range(1, int((below - np.arange(len(which))).max(initial=1))):
            near = np.flatnonzero(below > np.arange(len(which)) + step)
            a, b = box[near], box[near + step]
            wide = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
            high = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
            share = (
                np.clip(wide, 0, None) * np.clip(high, 0, None) / np.minimum(area[near], area[near + step])
            )
            one, other = which[near], which[near + step]
            share[joined[one] & joined[other] & (letters.run[one] == letters.run[other])] = 0
            beside = np.abs(one - other) == 1
            for index in near[share > np.where(beside, NEIGHBOURS, OTHERS)].tolist():
                pair = int(which[index]), int(which[index + step])
                if not case.is_ligature(*sorted(pair)):
                    yield pair


def _is_mark(case: Case) -> NDArray[np.bool_]:
    """Letters that stand on others by their nature (combining marks)."""
    codes = case.facts.letters.code
    marks = [code for code in np.unique(codes).tolist() if unicodedata.combining(letter_of(code))]
    return np.isin(codes, marks)


@check(
    "words-moved",
    why="The eye reads down the page: a step that is printed above the one before it is done first.",
    hint="look at the page; the layout moves this text",
    example="'Drink a glass of water.' stands above what comes before it",
)
def words_moved(case: Case) -> Iterator[Finding]:
    marks = np.zeros(len(case.facts.letters), bool)
    for letters in _risen(case):
        marks[list(letters)] = True
    for said, where, which in _marked(case, marks):
        yield Finding(f"'{said}' stands above what comes before it", where, letters=which)
    for said, where, which in _marked(case, _whole_words(case, _out_of_line(case))):
        yield Finding(f"A letter of '{said}' stands out of its place in the line", where, letters=which)
    for said, where, which in _marked(case, _whole_words(case, _leaps(case))):
        yield Finding(f"'{said}' stands out of its place in the text", where, letters=which)
    for said, where, which in _marked(case, _margin_in_text(case)):
        yield Finding(f"'{said}' of the page's margin stands in the text", where, letters=which)


def _out_of_line(case: Case) -> NDArray[np.bool_]:
    """Letters that stand before the one they follow in a line, and digits that are raised or lowered.

    Where something is written from right to left, words and numbers may stand in any order, but for those
    of one stretch: "1 mg" is no "mg 1".
    """
    letters = case.facts.letters
    before, behind, space, level = case.joints
    box, size = letters.box, letters.size
    ways = {code: unicodedata.bidirectional(letter_of(code)) for code in np.unique(letters.code).tolist()}
    forwards = [code for code, way in ways.items() if way in ("L", "EN")]
    digits = [code for code in ways if letter_of(code).isdecimal()]
    ahead, digit = np.isin(letters.code, forwards), np.isin(letters.code, digits)
    upright = letters.upright[before] & letters.upright[behind]
    backwards = [code for code, way in ways.items() if way in ("R", "AL")]
    both_ways = np.isin(letters.page[before], np.unique(letters.page[np.isin(letters.code, backwards)]))
    stretches = _stretches(case) if both_ways.any() else np.full(len(letters), -1, np.int32)
    inside = (stretches[before] >= 0) & (stretches[before] == stretches[behind])
    together = level & upright & ~_is_mark(case)[behind] & ~(space & both_ways & ~inside)
    middle = (box[:, 0] + box[:, 2]) / 2
    back = (inside | ahead[before] & ahead[behind]) & (middle[behind] <= middle[before])
    off = np.abs(box[before, 3] - box[behind, 3]) > UNLEVEL * np.minimum(size[before], size[behind])
    raised = digit[before] & digit[behind] & off & ~space
    wrong = together & (back | raised)
    for at in np.flatnonzero(wrong).tolist():
        wrong[at] = not case.is_ligature(int(before[at]), int(behind[at]))
    marks = np.zeros(len(letters), bool)
    marks[before[wrong]] = marks[behind[wrong]] = True
    return marks


def _stretches(case: Case) -> NDArray[np.int32]:
    """For each letter the stretch from left to right that it belongs to, in what runs from right to left."""
    letters, right_to_left = case.facts.letters, direction(case.sourced.booklet.language) == "rtl"
    stretches, number = np.full(len(letters), -1, np.int32), 0
    for found in case.reading.found:
        said, at = letters.text(found.letters), 0
        if not (right_to_left or runs_leftwards(said)):
            continue
        for text in stretches_of(found.piece.text):
            place = pattern(text, found.piece.text).search(said, at)
            if place:
                stretches[list(found.letters[place.start() : place.end()])], at = number, place.end()
            number += 1
    return stretches


def _leaps(case: Case) -> NDArray[np.bool_]:
    """Letters of a paragraph that stand above those before them, or far below.

    A paragraph may go on in another column, where all the rest of it is beside all that was.
    """
    letters, marks = case.facts.letters, np.zeros(len(case.facts.letters), bool)
    for found in case.reading.found:
        every = np.array(found.letters, np.int32)
        every = every[~letters.blank[every] & letters.upright[every]]
        for page in np.unique(letters.page[every]).tolist():
            which = every[letters.page[every] == page]
            left, top, right, foot = letters.box[which].T
            size = letters.size[which][:-1]
            # A quote mark may stand above the comma that it follows, but not by a line.
            up = (foot[1:] <= top[:-1]) & (foot[:-1] - foot[1:] > APART * size)
            # In Nastaliq each word slopes down to the line, on which the next begins high above it.
            run, slopes = letters.run[which], case.joined[which]
            up &= ~((run[1:] == run[:-1]) & slopes[1:] & slopes[:-1])
            quotes = np.isin(letters.code[which], QUOTES)
            up &= ~((slopes[1:] | slopes[:-1] | quotes[1:]) & (foot[:-1] - foot[1:] < SLOPE * size))
            for at in np.flatnonzero(up | (top[1:] - foot[:-1] > FAR * size)).tolist():
                on, back = slice(at + 1, None), slice(at + 1)
                beside = left[on].min() >= right[back].max() or right[on].max() <= left[back].min()
                if not (up[at] and beside):
                    marks[which[at : at + 2]] = True
    return marks


def _margin_in_text(case: Case) -> NDArray[np.bool_]:
    """Letters of the margins that lie within the text of their page.

    Lines may be short: the text is as wide as that of all pages on the same side of the fold.
    """
    letters, marks = case.facts.letters, np.zeros(len(case.facts.letters), bool)
    inner = ~letters.blank & (letters.page > 1) & (letters.page < case.facts.pages)
    tagged = case.roles != ""
    for page in range(2, case.facts.pages):
        text = letters.box[tagged & inner & (letters.page == page)]
        own = np.flatnonzero(~tagged & inner & (letters.page == page))
        if len(text) and len(own):
            like = letters.box[tagged & inner & (letters.page % 2 == page % 2)]
            first = like[:, 0].min(), text[:, 1].min()
            last = like[:, 2].max(), text[:, 3].max()
            middle = (letters.box[own, :2] + letters.box[own, 2:]) / 2
            marks[own[((middle > first) & (middle < last)).all(axis=1)]] = True
    return marks


@check(
    "cell-moved",
    why="A dose that stands in another row or column of a table is taken at another time.",
    hint="look at the page; the layout moves this cell",
    example="'5 mg' stands outside its row or column",
)
def cell_moved(case: Case) -> Iterator[Finding]:
    letters, right_to_left = case.facts.letters, direction(case.sourced.booklet.language) == "rtl"
    cells = [c for c in case.facts.cells if c.table >= 0 and not letters.blank[list(c.letters)].all()]
    for _, table in groupby(cells, key=lambda cell: (cell.page, cell.table)):
        rows = [list(row) for _, row in groupby(table, key=lambda cell: cell.row)]
        moved = _out_of_column(letters, rows, right_to_left=right_to_left)
        for cell in (*_out_of_row(letters, rows), *moved):
            said = _quoted(case, tuple(i for i in cell.letters if not letters.blank[i]))
            owner = int(case.owners[cell.letters[0]])
            where = case.reading.found[owner].piece.where if owner >= 0 else NOWHERE
            yield Finding(f"'{said}' stands outside its row or column", where, letters=cell.letters)


def _frame(letters: Letters, cell: Cell) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is printed in a cell."""
    box = letters.box[[index for index in cell.letters if not letters.blank[index]]]
    left, top = box[:, :2].min(axis=0).tolist()
    right, bottom = box[:, 2:].max(axis=0).tolist()
    return left, top, right, bottom


def _out_of_row(letters: Letters, rows: list[list[Cell]]) -> Iterator[Cell]:
    """Cells that stand beside no other cell of their row."""
    for row in rows:
        frames = [_frame(letters, cell) for cell in row]
        for at, (cell, own) in enumerate(zip(row, frames, strict=True)):
            others = frames[:at] + frames[at + 1 :]
            if others and not any(own[1] < other[3] and own[3] > other[1] for other in others):
                yield cell


def _out_of_column(letters: Letters, rows: list[list[Cell]], *, right_to_left: bool) -> Iterator[Cell]:
    """Cells that reach into the column of those beside them; only where all rows have as many cells."""
    if len({len(row) for row in rows}) != 1:
        return
    columns = list(zip(*rows, strict=True))
    if right_to_left:
        columns.reverse()
    for one, other in pairwise(columns):
        ends = min(_frame(letters, cell)[0] for cell in other)
        moved = [cell for cell in one if _frame(letters, cell)[2] > ends + SAME_SIDE]
        # Where one cell of the other column stands too far left, all of this one reach into it.
        yield from moved if len(moved) < len(one) else [min(other, key=lambda c: _frame(letters, c)[0])]


def _risen(case: Case) -> Iterator[tuple[int, ...]]:
    """The letters of each stretch of the text that stands right above one that comes before it."""
    letters, passages = case.facts.letters, case.facts.passages
    which = np.array([i for p in passages if "Figure" not in p.roles for i in p.printed], np.int32)
    which = which[~letters.blank[which] & letters.upright[which] & (case.owners[which] >= 0)]
    if not len(which):
        return
    begins = np.flatnonzero(np.append(True, letters.run[which][1:] != letters.run[which][:-1]))
    left, top = np.minimum.reduceat(letters.box[which, :2], begins).T
    right, bottom = np.maximum.reduceat(letters.box[which, 2:], begins).T
    page = letters.page[which[begins]]
    stretches = np.split(which, begins[1:])
    for index in range(1, len(begins)):
        before = slice(max(index - MOST_COMPARED, 0), index)
        beneath = (page[before] == page[index]) & (top[before] >= bottom[index])
        beneath &= (left[before] < right[index]) & (right[before] > left[index])
        if beneath.any():
            yield tuple(stretches[index].tolist())


@check(
    "words-small",
    why="Readers of patient information are often old or tired: UKAAF clear print asks for 12 points.",
    hint="the layout's layout.yaml says how small its type may be; look at drawings, too",
    example="'A ball' is printed in 8.6 points; it needs 10.5",
)
def words_small(case: Case) -> Iterator[Finding]:
    letters, least = case.facts.letters, case.recipe.smallest or Sizes(text=0, labels=0)
    running = np.array([found.chapter.title is not None for found in case.reading.found] or [False])
    text = (case.owners >= 0) & running[case.owners] & (case.roles != "Caption")
    needed = np.where(text, least.text, least.labels)
    for said, where, which in _marked(case, letters.size < needed - 0.05):
        size = float(letters.size[list(which)].min())
        message = f"'{said}' is printed in {size:.1f} points; it needs {needed[which[0]]:g}"
        yield Finding(message, where, letters=which)


@check(
    "words-faint",
    why="Text needs a contrast of at least 4.5 to 1 with what is behind it (WCAG 2.2, 1.4.3).",
    hint="use the colours at the top of page.css; in a drawing, dark words on a light ground",
    example="'Sam, 54' has a contrast of 3.5 to 1; it needs 4.5",
)
def words_faint(case: Case) -> Iterator[Finding]:
    contrast = _contrast(case)
    for said, where, which in _marked(case, case.facts.letters.seen & (contrast < LEAST_CONTRAST)):
        worst = float(contrast[list(which)].min())
        yield Finding(
            f"'{said}' has a contrast of {worst:.1f} to 1; it needs {LEAST_CONTRAST}", where, letters=which
        )


@check(
    "words-pale",
    why="A contrast of 7 to 1 helps readers with weak eyes and in poor light (WCAG 2.2, 1.4.6).",
    hint="use darker words, or a lighter ground",
    example="'Sam, 54' has a contrast of 5.4 to 1; 7 is better",
    severity=Severity.ADVICE,
)
def words_pale(case: Case) -> Iterator[Finding]:
    contrast = _best_in_word(case, case.facts.letters.contrast)
    pale = (contrast >= LEAST_CONTRAST) & (contrast < GOOD_CONTRAST - MEASURED) & (case.roles != "Lbl")
    for said, where, which in _marked(case, case.facts.letters.seen & pale):
        worst = float(contrast[list(which)].min())
        message = f"'{said}' has a contrast of {worst:.1f} to 1; {GOOD_CONTRAST:g} is better"
        yield Finding(message, where, letters=which)


@check(
    "words-veiled",
    why="Transparent text prints as a picture or not at all on some machines, and PDF/UA checkers miss it.",
    hint="use plain colours in place of opacity",
    example="'I kept a diary of every tablet. Sam, 54' is drawn with transparency",
)
def words_veiled(case: Case) -> Iterator[Finding]:
    for said, where, which in _marked(case, case.facts.letters.veiled):
        yield Finding(f"'{said}' is drawn with transparency", where, letters=which)


@check(
    "words-turned",
    why="Words that are mirrored, upside down or on their side are hard or impossible to read.",
    hint="look at the page; the layout turns this text",
    example="'I kept a diary of every tablet. Sam, 54' is turned or mirrored",
)
def words_turned(case: Case) -> Iterator[Finding]:
    # In a drawing a label may follow what it names.
    for said, where, which in _marked(case, ~case.facts.letters.upright & (case.drawn < 0)):
        yield Finding(f"'{said}' is turned or mirrored", where, letters=which)


@check(
    "page-size",
    why="A page of another size, or a turned one, stops a printer and a binder.",
    hint="build the booklet again; the layout must give all pages one size, or each panel its own",
    example="Page 10 is 140.9 × 202.9 mm, but page 1 is 148 × 210 mm",
)
def page_size(case: Case) -> Iterator[Finding]:
    cropped = {page for page, name in case.facts.resized if name == "CropBox"}  # `page-box` tells them
    whole = [one for one in enumerate(case.facts.sizes, 1) if one[0] not in cropped]
    for number, size in whole:
        first, usual = whole[0]
        than = f"page {first} is"
        if number <= len(case.recipe.page_sizes):
            width, height = case.recipe.page_sizes[number - 1]
            usual, than = (width * MILLIMETRE, height * MILLIMETRE), "must be"
        if max(abs(size[0] - usual[0]), abs(size[1] - usual[1])) > SAME_SIDE:
            message = f"Page {number} is {_millimetres(size)}, but {than} {_millimetres(usual)}"
            yield Finding(message, page=number)
    for number in case.facts.turned:
        yield Finding(f"Page {number} is turned", page=number)


def _millimetres(size: tuple[float, float]) -> str:
    return " × ".join(f"{side / MILLIMETRE:.1f}".removesuffix(".0") for side in size) + " mm"


@check(
    "page-count",
    why="A folded sheet has so many pages and no more, and a stapled booklet a multiple of four.",
    hint="shorten the text, or build the booklet in a layout with more room: --layout a4-leaflet",
    example="The text takes 20 pages, and the folded sheet has 6: about 1040 words (1305 mm) are too many",
)
def page_count(case: Case) -> Iterator[Finding]:
    pages, panels, where = case.facts.pages, len(case.recipe.panels or ()), case.sourced.booklet.where
    if panels and pages > panels:
        high, words = _too_long(case, panels)
        message = f"The text takes {pages} pages, and the folded sheet has {panels}: about {words} words "
        yield Finding(f"{message}({high} mm) are too many", where, panels)
    elif pages != case.recipe.filled(pages):
        needed = (
            f"the folded sheet has {panels}"
            if panels
            else f"it takes a multiple of {case.recipe.multiple_of}"
        )
        yield Finding(f"There are {pages} pages, and {needed}", where, pages)


@check(
    "back-cover",
    why="Who cannot read the booklet looks on its back for another language, and for whom to call.",
    hint="shorten `formats`, `languages` or `imprint` in house.yaml: the back cover has one page",
    example="'Other formats and languages' stands on page 19, not on the back cover",
)
def back_cover(case: Case) -> Iterator[Finding]:
    # What the order names by itself has pages of its own.
    elsewhere = {{"publisher": "imprint"}.get(name, name) for name in case.order}
    before = (
        found
        for found in case.reading.found
        if found.chapter.kind == "identity"
        and found.chapter.name not in elsewhere
        # The publisher's name may be that of the cover.
        and 1 < min(found.pages) < case.facts.pages
    )
    for found in islice(before, 1):
        message = f"'{_excerpt(found.piece.text)}' stands on page {min(found.pages)}, not on the back cover"
        yield Finding(message, found.piece.where, letters=found.letters)


def _too_long(case: Case, panels: int) -> tuple[int, int]:
    """By about how many millimetres, and words, is a leaflet too long?

    The first page is its cover and the last its back, however many lie between them. What stands on
    those that are too many must go, but for what has room below the last that is not.
    """
    letters, pages = case.facts.letters, range(2, case.facts.pages)
    tagged = case.roles != ""
    words = np.zeros(case.facts.pages + 1)
    for found in case.reading.found:
        on, count = np.unique(letters.page[list(found.letters)], return_counts=True)
        words[on] += len(found.piece.text.split()) * count / max(len(found.letters), 1)
    boxes = [letters.box[tagged & (letters.page == page)] for page in pages]
    feet = {page: float(box[:, 3].max(initial=0)) for page, box in zip(pages, boxes, strict=True)}
    head, foot = min(float(box[:, 1].min(initial=np.inf)) for box in boxes), max(feet.values())
    high = {page: max(feet[page] - head, 1) for page in pages}
    over = sum(high[page] for page in pages if page >= panels) - (foot - feet[panels - 1])
    # What is cut is text, so it is as dense as the page that has the most.
    dense = max(words[page] / high[page] for page in pages)
    return max(5, round(over / MILLIMETRE / 5) * 5), max(10, round(over * dense / 10) * 10)
