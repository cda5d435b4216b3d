"""Are all words of the source in the PDF, once, in order, and none besides?"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, groupby

import numpy as np

from ..blocks import Steps, Table
from ..chapters import edition_lines
from ..letters import letter_of
from ..model import every_block
from ..picture import words_of
from . import Case, Finding, check
from .reading import Missing, bare, first_difference, pattern, spaced

#: Between two words: the least gap, in parts of the type's size, with a space in the text and without.
LEAST_GAP, LEAST_SPACE = 0.03, 0.3
#: The widest gap between two letters of a word; '11' has 0.21.
MOST_GAP = 0.45
#: What an address has inside: it may break anywhere.
ADDRESS = re.compile(r"\w[./@]\w")
#: What the words begin with that stand on sheets for printing or beside a booklet, and on none of its pages.
SHEETS = ("desk_", "changes_", "proof_")
#: The fixed words that stand only where the source asks for them: titles, and what is said under them.
TITLES = frozenset({"about", "at_a_glance", "glossary", "information", "local", "formats"})
LABELS = frozenset(
    {
        *("produced", "reviewed", "approved", "sources", "feedback", "disclaimer"),
        *("local_hint", "local_name", "local_team", "local_day", "local_urgent"),
        *("key_points", "checklist", "questions", "info", "tip", "warning", "urgent"),
    }
)
#: Lines are at least so many times the type's size apart.
APART = 0.8

#: What a layout may print before an item without a number; not a dash, which a number takes for a minus.
BULLETS = frozenset("•·‣◦▪")
#: The first and the last of the digits that Arabic has of its own (code points).
ARABIC_DIGITS = (0x0660, 0x0669)
SPACES = [ord(space) for space in " \u00a0\u2009\u202f"]


def _excerpt(text: str, length: int = 70) -> str:
    shown = re.sub(r"\s+", " ", re.sub("\ue000.*?\ue001", "…", text)).strip()
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def _told(missing: Sequence[Missing]) -> str:
    first, last = missing[0], missing[-1]
    from_ = f" from '{first.chapter.name}'" if first.index >= 0 else ""
    if len(missing) > 1:
        more = f"{len(missing) - 1} more up to " if len(missing) > 2 else ""
        both = f"'{_excerpt(first.piece.text)}' and {more}'{_excerpt(last.piece.text)}'"
        return f"{both} are missing{from_}"
    message = f"'{_excerpt(first.piece.text)}' is missing{from_}"
    if first.near:
        at = first_difference(bare(first.piece.text), first.near)
        message += f"; in its place stands '…{first.near[max(at - 12, 0) : at + 24]}…'"
    return message


def _together(missing: Iterable[Missing]) -> Iterator[list[Missing]]:
    """Runs of pieces that follow one another in a chapter, all of them gone, or all on one other page."""
    run: list[Missing] = []
    every = list(missing)
    order = list(dict.fromkeys(one.chapter.name for one in every))
    for one in sorted(every, key=lambda one: (order.index(one.chapter.name), one.index)):
        if run and not _goes_on(run[-1], one):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _goes_on(one: Missing, other: Missing) -> bool:
    follows = one.chapter.name == other.chapter.name and one.index + 1 == other.index
    return follows and one.elsewhere == other.elsewhere and not (one.near or other.near)


def _lost(case: Case, kind: str) -> Iterator[Finding]:
    missing = [one for one in case.reading.missing if one.chapter.kind == kind]
    for one in missing:
        if one.elsewhere is not None and kind != "words":
            message = f"'{_excerpt(one.piece.text)}' stands on page {one.elsewhere}, in another's place"
            yield Finding(message, one.piece.where, one.elsewhere, one.letters)
    for run in _together(one for one in missing if one.elsewhere is None):
        yield Finding(_told(run), run[0].piece.where, run[0].page, _all_letters(run))


def _all_letters(run: Iterable[Missing]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(one.letters for one in run)))


@check(
    "words-missing",
    why="A lost line of patient information can harm: every word of the source must be on the paper.",
    hint="build the booklet again; if that does not help, the layout hides or cuts this text",
    example="'12 in 1,000' is missing from 'What it does'; in its place stands '…13in1,000…'",
)
def words_missing(case: Case) -> Iterator[Finding]:
    yield from _lost(case, "words")


@check(
    "words-order",
    why="Steps and warnings read in another order than the editor's say something else.",
    hint="build the booklet again; if that does not help, the layout moves this text",
    example="'Evening' stands out of order, on page 7",
)
def words_order(case: Case) -> Iterator[Finding]:
    moved = (one for one in case.reading.missing if one.elsewhere and one.chapter.kind == "words")
    for run in _together(moved):
        first, page = run[0].piece, run[0].elsewhere
        more = f" and {len(run) - 1} more after it" if len(run) > 1 else ""
        message = f"'{_excerpt(first.text)}'{more} stands out of order, on page {page}"
        yield Finding(message, first.where, page, _all_letters(run))


@check(
    "words-spacing",
    why="Where a space is lost or too many, '20 11' reads as '2011', and 'nowhere' as 'now here'.",
    hint="build the booklet again; if that does not help, the layout's spacing is at fault",
    example="Letters run together in 'It may take2 weeks befo'",
)
def words_spacing(case: Case) -> Iterator[Finding]:
    letters, found = case.facts.letters, case.reading.found
    before, behind, space, level = case.joints
    left, right = letters.box[before], letters.box[behind]
    gap = np.maximum(right[:, 0] - left[:, 2], left[:, 0] - right[:, 2]) / np.maximum(letters.size[before], 1)
    same_run = letters.run[before] == letters.run[behind]
    # Where a run ends, pdfium leaves out its last space.
    next_to = same_run & (behind - before == 1)
    joined = space & level
    joined &= gap < np.where(next_to, LEAST_SPACE, LEAST_GAP)
    between = letters.code[np.minimum(before + 1, len(letters) - 1)]
    # In Nastaliq a word hangs over the one before it: there the space itself tells them apart.
    hanging = case.joined[behind] & same_run & np.isin(between, SPACES)
    joined &= ~hanging
    torn = ~space & same_run
    torn &= np.where(next_to, gap > MOST_GAP, np.isin(between, SPACES))
    # A sign of Chinese is as wide as a letter, whatever part of that it fills.
    wide = [code for code in np.unique(letters.code).tolist() if _has_no_spaces(letter_of(code))]
    torn &= ~(np.isin(letters.code[before], wide) | np.isin(letters.code[behind], wide))
    # A number in Arabic digits runs the other way than what is beside it, and so begins at its far end.
    digits = (letters.code >= ARABIC_DIGITS[0]) & (letters.code <= ARABIC_DIGITS[-1])
    torn &= digits[before] == digits[behind]
    for joint in np.flatnonzero(torn & case.joined[before] & case.joined[behind]).tolist():
        torn[joint] = not _reached_below(case, joint)
    for marks, fault in ((joined, "run together"), (torn, "fall apart")):
        for owner, group in groupby(np.flatnonzero(marks).tolist(), key=lambda at: case.owners[before[at]]):
            at = list(group)
            said = f"'{_with_neighbours(case, int(before[at[0]]))}'"
            more = f", and at {len(at) - 1} more places" if len(at) > 1 else ""
            which = tuple(int(side[index]) for index in at for side in (before, behind))
            yield Finding(f"Letters {fault} in {said}{more}", found[owner].piece.where, letters=which)


def _reached_below(case: Case, joint: int) -> bool:
    """Does a later letter of the word fill a gap in it? In Nastaliq its last may run back below others."""
    letters, (before, behind, space, _) = case.facts.letters, case.joints
    left, right = letters.box[before[joint], 0], letters.box[behind[joint], 2]
    for later in range(joint + 1, len(before)):
        if space[later] or before[later] != behind[later - 1]:
            return False
        reach = float(letters.box[behind[later], 2])
        if right < reach and left - reach <= MOST_GAP * letters.size[before[joint]]:
            return True
    return False


@check(
    "word-broken",
    why="A word that goes on in the next line without a hyphen reads as two, and half a number as another.",
    hint="the layout gives this text too narrow a place; a soft hyphen (U+00AD) says where a long word may "
    "end its line",
    example="'tablet.' is broken between two lines",
)
def word_broken(case: Case) -> Iterator[Finding]:
    letters, found = case.facts.letters, case.reading.found
    before, behind, space, level = case.joints
    for index in np.flatnonzero(~space & ~level).tolist():
        one, other = int(before[index]), int(behind[index])
        piece = found[case.owners[one]]
        word = _word_around(piece.letters, one, {behind for _, behind in piece.joints})
        said = letters.text(word)
        pair = letters.letter(one), letters.letter(other)
        number = _in_number(*pair) and not any(map(str.isalpha, said))
        # The point of a raised digit stands lower, but not by a line.
        number &= bool(abs(letters.box[other, 3] - letters.box[one, 3]) > APART * letters.size[one])
        unspaced = any(map(_has_no_spaces, pair))
        if number or (all(map(str.isalnum, pair)) and not ADDRESS.search(said) and not unspaced):
            yield Finding(f"'{_excerpt(said)}' is broken between two lines", piece.piece.where, letters=word)


def _has_no_spaces(letter: str) -> bool:
    """Is it of a script that writes words without spaces, so that lines end between any two of them?

    Those are Chinese and its neighbours (UAX 11: wide), Thai and Lao, Burmese and Khmer.
    """
    unspaced = any(
        first <= letter <= last for first, last in ("\u0e00\u0eff", "\u1000\u109f", "\u1780\u17ff")
    )
    return unspaced or unicodedata.east_asian_width(letter) in "WF"


def _in_number(one: str, other: str) -> bool:
    """Do two letters of a word belong to a number: a digit, and its point, comma or another digit?"""
    return (one.isdecimal() and (other in ".,·" or other.isdecimal())) or (one in ".,·" and other.isdecimal())


def _word_around(letters: Sequence[int], one: int, begins: set[int]) -> tuple[int, ...]:
    """The letters of the word that a letter belongs to; each word but the first begins with one of some."""
    at = letters.index(one)
    first = next((i for i in range(at, 0, -1) if letters[i] in begins), 0)
    last = next((i for i in range(at + 1, len(letters)) if letters[i] in begins), len(letters))
    return tuple(letters[first:last])


def _with_neighbours(case: Case, letter: int) -> str:
    """Some of the line around a letter, as it stands there."""
    letters = case.facts.letters
    near = range(max(letter - 12, 0), min(letter + 13, len(letters)))
    return _excerpt(letters.text(index for index in near if letters.run[index] == letters.run[letter]))


@check(
    "words-stray",
    why="Words that nobody wrote in the source were reviewed by nobody.",
    hint="build the booklet again; fixed words of a layout belong in its words/ folder",
    example="'Draft' stands in the margin of page 5, but is no title",
)
def words_stray(case: Case) -> Iterator[Finding]:
    spare, labels, steps, notes = _spare(case), _labels(case), _step_numbers(case), bare(case.words["notes"])
    written = {page for found in case.reading.found for page in found.pages}
    headers = _repeated_headers(case)
    told = {missing.letters for missing in case.reading.missing if missing.near}  # `words-missing` shows it
    for rest in case.reading.left_over:
        role, text = rest.passage.role, rest.text
        known = rest.alone and (
            (role == "Lbl" and text in labels)
            # A layout may write a colon behind each term.
            or (role == "LBody" and not rest.first and text == ":")
            # `list-number` looks at their order.
            or (role == "LBody" and rest.first and (text in BULLETS or text.rstrip(".)") in steps))
            or (role == "TH" and rest.letters in headers)
            # The layout fills up with as many such pages as it needs.
            or (text == notes and rest.passage.page not in written)
            or _taken(text, spare)
        )
        if not known and rest.letters not in told:
            whole = bare(rest.passage.text) == text
            shown = ("" if whole else f"'{_excerpt(text, 40)}' in ") + f"'{_excerpt(rest.passage.text)}'"
            message = f"{shown} stands neither in the source nor in the layout's words"
            yield Finding(message, page=rest.passage.page, letters=rest.letters)
    titles = _margin_texts(case)
    for number, words in margin_words(case):
        folio, stray = str(number), list(words)
        # Once more, behind "1 in 2", it would make another number. A title may be a number, too.
        for _ in range(2 if folio in titles else 1):
            if folio in stray:
                stray.remove(folio)
        instead = wrong_folio(case, number, words)
        if instead in stray:
            stray.remove(instead)  # `folio` tells it
        if stray:
            message = f"'{_excerpt(' '.join(stray))}' stands in the margin of page {number}, but is no title"
            margin = (p for p in case.facts.furniture if p.page == number)
            said = (p.letters for p in margin if any(word in p.text for word in stray))
            yield Finding(message, page=number, letters=tuple(chain.from_iterable(said)))


def margin_words(case: Case) -> Iterator[tuple[int, list[str]]]:
    """For each page the words outside the text that are neither a title nor the edition."""
    known = "|".join(map(spaced, sorted(_margin_texts(case), key=len, reverse=True)))
    lines: dict[int, list[str]] = {number: [] for number in range(1, case.facts.pages + 1)}
    for passage in case.facts.furniture:
        lines[passage.page].append(passage.text)
    for number, texts in lines.items():
        yield number, re.sub(known, partial(_if_folio, str(number)), " ".join(texts)).split()


def wrong_folio(case: Case, number: int, words: Sequence[str]) -> str | None:
    """What a page shows for its number, where that is another, or nothing; None where all is well."""
    if str(number) in words or not 1 < number < case.facts.pages:
        return None
    return next(filter(str.isdecimal, words), "")


def _if_folio(folio: str, title: re.Match[str]) -> str:
    """Leave a title that reads as the page's number: it may be that."""
    return folio if title[0] == folio else " "


def _margin_texts(case: Case) -> set[str]:
    booklet = case.sourced.booklet
    sections = {section.title for _, section in booklet.walk()}
    cover = (asset.data for asset in case.sourced.assets if asset.name == booklet.cover)
    drawn = {words for data in cover if str(booklet.cover).endswith(".svg") for words in words_of(data)}
    return {
        *drawn,
        *sections,
        booklet.running_title or booklet.title,
        *_said_of_edition(case),
        *_plain_words(case, but=LABELS),
    }


def _said_of_edition(case: Case) -> set[str]:
    booklet, words = case.sourced.booklet, case.words
    code = words["folio_code"].format(code=booklet.code, version=booklet.version)
    return {code, *edition_lines(booklet, words)}


def _plain_words(case: Case, but: Collection[str]) -> set[str]:
    """The layout's words that stand by themselves, but for those with some keys."""
    pages = {key: form for key, form in case.words.items() if not key.startswith(SHEETS)}
    return {form for key, form in pages.items() if "{" not in form and key not in but}


def _spare(case: Case) -> list[re.Pattern[str]]:
    """What the layout may print beside the source's pieces, once each, with or without a colon."""
    booklet, house, words = case.sourced.booklet, case.sourced.house, case.words
    said = {bare(piece.text) for chapter in case.chapters for piece in chapter.pieces}
    # A cover may name the help line by the title of its pages.
    said |= {
        bare(chapter.title.text) for chapter in case.chapters if chapter.title and chapter.matter != "help"
    }
    # "Reviewed by" above other names, or "Get help now" above a tip, would say what is not so.
    own = _plain_words(case, but=TITLES | LABELS | {"notes"})
    texts = {text for text in own if bare(text) not in said} | _said_of_edition(case)
    texts |= {house.name, house.strapline or house.name, booklet.title, booklet.subtitle or booklet.title}
    parts = sum(bool(section.sections) for section in booklet.sections)
    texts |= {words["part"].format(number=number) for number in range(1, parts + 1)}
    return [re.compile(f"(?:{pattern(text).pattern}):?") for text in sorted(texts)]


def _taken(text: str, spare: list[re.Pattern[str]]) -> bool:
    """Is the text one of those to spare? Then it is so no more."""
    form = next((form for form in spare if form.fullmatch(text)), None)
    if form:
        spare.remove(form)
    return form is not None


def _labels(case: Case) -> set[str]:
    """What may stand before the items of lists: bullets, and the numbers that the source counts to."""
    numbers = {f.piece.number for f in case.reading.found} | {m.piece.number for m in case.reading.missing}
    return {*BULLETS, ":", *(f"{number}{end}" for number in numbers for end in ".)")}


def _step_numbers(case: Case) -> set[str]:
    """The numbers that may stand before steps, as many as the longest list of them has."""
    blocks = (*every_block(case.sourced.booklet), *case.sourced.house.how_we_can_help)
    most = max((len(block.items) for block in blocks if isinstance(block, Steps)), default=0)
    return {str(number) for number in range(1, most + 1)}


def _repeated_headers(case: Case) -> set[tuple[int, ...]]:
    """The letters of each cell of a header that a table repeats where it goes on over a page.

    Only a header that is whole, and in its order, says what stands in the columns below it.
    """
    blocks = every_block(case.sourced.booklet)
    headers = [
        [bare(cell) for cell in block.header if bare(cell)] for block in blocks if isinstance(block, Table)
    ]
    rests = [rest for rest in case.reading.left_over if rest.passage.role == "TH" and rest.alone]
    found: set[tuple[int, ...]] = set()
    at = 0
    while at < len(rests):
        page = rests[at].passage.page
        there = [rest for rest in rests[at:] if rest.passage.page == page]
        size = next((len(h) for h in headers if h and [rest.text for rest in there[: len(h)]] == h), 0)
        found |= {rest.letters for rest in there[:size]}
        at += max(size, 1)
    return found
