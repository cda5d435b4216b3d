"""Do numbers, links and bookmarks lead where they say?"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import chain
from urllib.parse import unquote

import numpy as np

from ..bidi import MIRRORED, runs_leftwards
from ..inspect import Link
from ..problem import NOWHERE, Box, Where
from ..prose import BULLET, readable
from . import Case, Finding, check
from .reading import HEADINGS, bare, spaced
from .words import BULLETS, _excerpt, _said_of_edition

#: A link may land this far above its heading, in points: at the top of what the heading opens.
ABOVE = 120

#: The words of an item begin within so many characters of their passage.
LABEL = 20

#: Contents list the sections above this level.
LISTED = 3

LIVE = ("https://", "mailto:", "tel:")


@check(
    "page-reference",
    why="A page number that leads to the wrong page leaves a reader without help.",
    hint="build the booklet again",
    example="'You can go on with your usual dose (pag…' says page 8, but it is page 7",
)
def page_reference(case: Case) -> Iterator[Finding]:
    for found in case.reading.found:
        for target, number in found.numbers:
            true = case.reading.heading_pages.get(target)
            if true is not None and number != true:
                message = f"'{_excerpt(found.piece.text, 40)}' says page {number}, but it is page {true}"
                yield Finding(message, found.piece.where, letters=found.letters)


@check(
    "contents-page",
    why="The contents page is how most readers find their way.",
    hint="build the booklet again",
    example="'How much to take 8' should say page 7",
)
def contents_page(case: Case) -> Iterator[Finding]:
    for post in case.reading.signposts:
        true = case.reading.heading_pages.get(post.to.id)
        if true is not None and post.number != true:
            message = f"'{_excerpt(post.passage.text, 60)}' should say page {true}"
            yield Finding(message, page=post.passage.page, letters=post.passage.printed)


@check(
    "contents-incomplete",
    why="A section that the contents page leaves out is hard to find.",
    hint="the layout's contents page must list every section of the first two levels",
    example="The contents page does not list 'How much to take'",
)
def contents_incomplete(case: Case) -> Iterator[Finding]:
    listed = {p.to.id: p.passage.page for p in case.reading.signposts if p.under == "_contents"}
    page = min(listed.values(), default=case.reading.heading_pages.get("_contents"))
    for level, section in case.sourced.booklet.walk():
        page = listed.get(section.id, page)
        if "contents" in case.order and level < LISTED and section.id not in listed:
            yield Finding(f"The contents page does not list '{section.title}'", section.where, page)


@check(
    "contents-order",
    why="A contents page that is in another order than the booklet, or says a thing twice, misleads.",
    hint="the layout's lists of sections must follow the source, each section once",
    example="'How much to take' is listed behind 'When things go wrong'",
)
def contents_order(case: Case) -> Iterator[Finding]:
    places = {letter: i for i, p in enumerate(case.facts.passages) for letter in p.letters[:1]}
    listed: set[tuple[str, str]] = set()
    last: dict[str, tuple[int, str]] = {}
    for post in case.reading.signposts:
        heading = case.reading.heading_letters.get(post.to.id)
        title = post.to.title.text if post.to.title else ""
        letters = post.passage.printed
        if (post.under, post.to.id) in listed:
            yield Finding(f"'{_excerpt(title)}' is listed once more than it is written", letters=letters)
        elif heading:
            place, (before, other) = places.get(heading[0], 0), last.get(post.under, (0, ""))
            if place < before:
                message = f"'{_excerpt(title)}' is listed behind '{_excerpt(other)}'"
                yield Finding(message, letters=letters)
            last[post.under] = place, title
        listed.add((post.under, post.to.id))


@check(
    "running-title",
    why="Readers leaf by the title above the text; that of another section sends them astray.",
    hint="the layout's header must name the booklet, or a section that the page is in",
    example="The header of page 7 says 'When things go wrong', which is elsewhere",
)
def running_title(case: Case) -> Iterator[Finding]:
    booklet = case.sourced.booklet
    anywhere = {booklet.title, booklet.running_title or booklet.title, *_said_of_edition(case)}
    titles = {section.title for _, section in booklet.walk()} | {
        heading.text for heading in case.reading.headings
    }
    known = re.compile("|".join(map(spaced, sorted(titles | anywhere, key=len, reverse=True))))
    at_home, here = {*map(_plain, anywhere)}, _titles_of_pages(case)
    for passage in case.facts.furniture:
        for match in known.finditer(passage.text):
            folio = str(passage.page)  # a title may be a number, too
            if _plain(match[0]) not in at_home | here[passage.page] | {folio}:
                message = f"The header of page {passage.page} says '{_excerpt(match[0])}', which is elsewhere"
                yield Finding(message, page=passage.page, letters=passage.letters[slice(*match.span())])


def _titles_of_pages(case: Case) -> dict[int, set[str]]:
    """For each page the headings that it is under, or that begin on it."""
    here: dict[int, set[str]] = {}
    under: dict[str, str] = {}
    headings = [passage for passage in case.facts.passages if passage.role in HEADINGS]
    for number in range(1, case.facts.pages + 1):
        here[number] = set(under.values())
        for heading in (h for h in headings if h.page == number):
            under = {role: title for role, title in under.items() if role < heading.role}
            under[heading.role] = _plain(heading.text)
            here[number].add(under[heading.role])
    return here


def _plain(text: str) -> str:
    """The text without white space and hyphens: a soft one is seen only where it ends a line.

    Where text runs from right to left, brackets are read either way: see `pattern`.
    """
    plain = bare(text).replace("-", "").replace("\u00ad", "")
    return plain.translate(_ONE_WAY) if runs_leftwards(plain) else plain


#: Of each pair of brackets, one for both.
_ONE_WAY = {ord(one): min(one, other) for one, other in MIRRORED.items()}


@check(
    "list-number",
    why="Steps and lists are referred to by their numbers; a wrong one leads to the wrong step.",
    hint="build the booklet again; if that does not help, the layout counts in its own way",
    example="'a rash' has the number '1.', but is number 2",
)
def list_number(case: Case) -> Iterator[Finding]:
    listed = [found for found in case.reading.found if found.piece.number is not None]
    before = _Before(case) if listed else None
    for found in listed:
        printed = bare(case.facts.letters.text(before.letters(found.letters[0]))) if before else ""
        number = found.piece.number
        if number == BULLET:
            wrong, wanted = printed not in BULLETS, "an item with a bullet"
        else:
            wrong, wanted = not re.fullmatch(rf"0*{number}[.)]?", printed), f"number {number}"
        if wrong:
            missing = "no bullet" if number == BULLET else "no number"
            shown = f"the number '{_excerpt(printed, 20)}'" if printed else missing
            message = f"'{_excerpt(found.piece.text, 40)}' has {shown}, but is {wanted}"
            yield Finding(message, found.piece.where, letters=found.letters)
        elif before and not before.is_level(found.letters[0]):
            message = f"The '{_excerpt(printed, 20)}' of '{_excerpt(found.piece.text, 40)}' stands elsewhere"
            yield Finding(message, found.piece.where, letters=found.letters)


class _Before:
    """What is printed before the words of a list's item: in its label, or in its own passage."""

    def __init__(self, case: Case) -> None:
        every, self.passages = case.facts.letters, case.facts.passages
        self.box, self.page, self.blank = every.box, every.page, every.blank
        self.passage_of = {letter: i for i, p in enumerate(self.passages) for letter in p.letters[:LABEL]}

    def letters(self, letter: int) -> tuple[int, ...]:
        """What stands before a letter that begins an item; none where nothing does."""
        index = self.passage_of.get(letter)
        if index is None:
            return ()
        passage, label = self.passages[index], self.passages[index - 1]
        inside = [i for i in passage.letters[: passage.letters.index(letter)] if i >= 0 and not self.blank[i]]
        if inside or not index or label.role != "Lbl":
            return tuple(inside)
        return tuple(i for i in label.printed if not self.blank[i])

    def is_level(self, letter: int) -> bool:
        """Does it stand beside the letter?"""
        for index in self.letters(letter)[:1]:
            (_, top, _, foot), (_, own_top, _, own_foot) = self.box[[index, letter]].tolist()
            return bool(self.page[index] == self.page[letter] and top < own_foot and foot > own_top)
        return True


@check(
    "link-missing",
    why="On a screen, a link that is not live cannot be followed.",
    hint="build the booklet again; if that does not help, the layout drops the link",
    example="'the website of' is tagged as a link, but is not live",
)
def link_missing(case: Case) -> Iterator[Finding]:
    live, told = _Live(case), set[int]()
    for index, found in enumerate(case.reading.found):
        for href in found.piece.links:
            if not href.startswith("booklet:") and not live.take(href, found.letters):
                told.add(index)
                yield Finding(f"The link to {href} is not live", found.piece.where, letters=found.letters)
    for post in case.reading.signposts:
        letters = post.passage.printed
        if not live.take(f"#{post.to.id}", letters):
            yield Finding(f"The link to #{post.to.id} is not live", letters=letters)
    # A link that goes on in another line is a tag and a link in each: one of them may be lost.
    for letters in case.facts.linked:
        owner = int(case.owners[list(letters)].max(initial=-1))
        if owner >= 0 and owner not in told and not _lies_on(case, letters):
            message = f"'{_excerpt(case.facts.letters.text(letters))}' is tagged as a link, but is not live"
            yield Finding(message, case.reading.found[owner].piece.where, letters=letters)


def _lies_on(case: Case, letters: tuple[int, ...]) -> bool:
    """Does a link lie over some of the letters, which are those of one page?"""
    page = case.page_of(letters[0])
    boxes = tuple(case.boxes(letters, page))
    return any(link.page == page and _touch(link.box, box) for link in case.facts.links for box in boxes)


class _Live:
    """The links of a file that no words have been found for yet."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.waiting: dict[tuple[int, str], list[Link]] = {}
        for link in case.facts.links:
            self.waiting.setdefault((link.page, _target(link)), []).append(link)

    def take(self, href: str, letters: tuple[int, ...]) -> bool:
        """Does a link with that target lie over one of the letters? It is another's no more."""
        for page in sorted({self.case.page_of(index) for index in letters}):
            waiting = self.waiting.get((page, unquote(href)), [])
            boxes = tuple(self.case.boxes(letters, page))
            link = next((link for link in waiting if any(_touch(link.box, box) for box in boxes)), None)
            if link:
                waiting.remove(link)
                return True
        return False


def _target(link: Link) -> str:
    return unquote(link.address or f"#{link.name}")


def _touch(one: Box, other: Box) -> bool:
    """Do two boxes share some of the page?"""
    return max(one[0], other[0]) < min(one[2], other[2]) and max(one[1], other[1]) < min(one[3], other[3])


@check(
    "link-stray",
    why="A link that nobody wrote can lead a worried reader anywhere.",
    hint="build the booklet again; if that does not help, the layout adds the link",
    example="A link to 'https://evil.example.org' lies where nobody wrote one",
)
def link_stray(case: Case) -> Iterator[Finding]:
    pieces = [found.piece for found in case.reading.found]
    pieces += [missing.piece for missing in case.reading.missing]
    written = {unquote(href) for piece in pieces for href in piece.links}
    ids = {f"#{section.id}" for _, section in case.sourced.booklet.walk()}
    for link in case.facts.links:
        target = _target(link)
        # A heading of the layout's own has an id that no section can have.
        known = target in written or target in ids or target.startswith("#_")
        if link.address and not link.address.startswith(LIVE):
            continue  # `link-scheme` tells it
        if not known or not _under(case, link):
            yield Finding(f"A link to '{target}' lies where nobody wrote one", page=link.page, box=link.box)


@check(
    "link-said",
    why="A screen reader says a link's description; another one leads a listener astray.",
    hint="build the booklet again; a link is described by the title or the address that it leads to",
    example="The link to 'https://www.example.org/more' is described as 'Take none'",
)
def link_said(case: Case) -> Iterator[Finding]:
    titles = {c.id: c.title.text for c in case.chapters if c.title}
    for link in case.facts.links:
        letters = _under(case, link)
        owner = int(case.owners[letters].max(initial=-1))
        written = case.reading.found[owner].piece.links if owner >= 0 else (_target(link),)
        if not link.said.strip() or _target(link) not in map(unquote, written):
            continue  # `pdf-ua` tells that it has no description, `link-missing` that it is another
        true = {link.address, readable(link.address)} if link.address else {titles.get(link.name, link.said)}
        printed = bare(case.facts.letters.text(letters))
        if bare(link.said) not in map(bare, true) and bare(link.said).casefold() not in printed.casefold():
            message = f"The link to '{_target(link)}' is described as '{_excerpt(link.said, 40)}'"
            yield Finding(message, page=link.page, box=link.box)


def _under(case: Case, link: Link) -> list[int]:
    """The letters whose middle is under a link."""
    letters = case.facts.letters
    first, last = np.searchsorted(letters.page, (link.page, link.page + 1))
    middle = (letters.box[first:last, :2] + letters.box[first:last, 2:]) / 2
    under = np.all((middle > link.box[:2]) & (middle < link.box[2:]), axis=1)
    found: list[int] = (first + np.flatnonzero(under)).tolist()
    return found


@check(
    "note-stray",
    why="Notes, stamps and fields that lie on the pages were reviewed by nobody, and may hide words.",
    hint="build the booklet again; take the file as it comes from the press, not one that was annotated",
    example="A FreeText lies on page 5",
)
def note_stray(case: Case) -> Iterator[Finding]:
    for page, kind, box in case.facts.notes:
        yield Finding(f"A {kind or 'thing without a name'} lies on page {page}", page=page, box=box)


@check(
    "link-dead",
    why="A link must land where its words say.",
    hint="build the booklet again",
    example="The link 'how-much' does not land at its heading on page 7",
)
def link_dead(case: Case) -> Iterator[Finding]:
    for link in case.facts.links:
        if link.address:
            continue
        true, heading = case.reading.heading_pages.get(link.name), case.reading.heading_letters.get(link.name)
        if not link.to_page or (true and link.to_page != true):
            target = f"to page {link.to_page}" if link.to_page else "nowhere"
            message = f"The link '{link.name}' leads {target}"
            yield Finding(message, page=link.page, box=link.box)
        elif heading and link.to_top is not None:
            top, bottom = (case.facts.letters.box[list(heading), side] for side in (1, 3))
            if not top.min() - ABOVE <= link.to_top <= bottom.max():
                message = f"The link '{link.name}' does not land at its heading on page {true}"
                yield Finding(message, page=link.page, box=link.box)


@check(
    "link-scheme",
    why="Links to files, scripts or unprotected pages can harm the reader, or show where the file was made.",
    hint="use https:, mailto: or tel:; where nobody wrote a link, build the booklet again",
    example="A link leads to '/Launch'",
)
def link_scheme(case: Case) -> Iterator[Finding]:
    for link in case.facts.links:
        if link.address and not link.address.startswith(LIVE):
            yield Finding(f"A link leads to '{link.address}'", page=link.page, box=link.box)
    for page, name in case.facts.actions:
        yield Finding(f"The file does more than to follow its links: {name}", page=page or None)


@check(
    "bookmarks",
    why="Bookmarks are the contents page of a screen reader.",
    hint="build the booklet again; every heading needs its bookmark, and no other",
    example="The bookmark 'How much to take' is not that of a heading there",
)
def bookmarks(case: Case) -> Iterator[Finding]:
    marks = [(_plain(mark.title), mark.page) for mark in case.facts.bookmarks]
    headings = case.reading.headings
    printed = [(_plain(heading.text), heading.page) for heading in headings]
    same = SequenceMatcher(None, marks, printed, autojunk=False).get_opcodes()
    for how, first, last, begin, end in same:
        if how == "equal":
            continue
        for heading in headings[begin:end]:
            title, where = _titled(case, heading.text)
            message = f"'{title}' has no bookmark to page {heading.page} in its place"
            yield Finding(message, where, heading.page, heading.printed)
        # A renamed bookmark is told once, as the heading's that lacks it.
        for mark in case.facts.bookmarks[first + min(end - begin, last - first) : last]:
            yield Finding(
                f"The bookmark '{_excerpt(mark.title)}' is not that of a heading there",
                _titled(case, mark.title)[1],
                mark.page or None,
                letters=_words_on(case, mark.title, mark.page),
            )
    if marks == printed:
        yield from _wrongly_nested(case)


def _wrongly_nested(case: Case) -> Iterator[Finding]:
    """Bookmarks that hang under others than their headings; those under the title may hang under none."""
    headings = case.reading.headings
    printed = _nesting([int(heading.role[1:] or 0) for heading in headings])
    nested = _nesting([mark.level for mark in case.facts.bookmarks])
    for heading, above, over in zip(headings, printed, nested, strict=True):
        top = above is None or headings[above].role == "H1"
        if over != above and not (over is None and top):
            title, where = _titled(case, heading.text)
            under = "no other" if over is None else f"'{_excerpt(case.facts.bookmarks[over].title)}'"
            message = f"The bookmark '{title}' hangs under {under}"
            yield Finding(message, where, heading.page, heading.printed)


def _nesting(ranks: Sequence[int]) -> Iterator[int | None]:
    """For each rank the index of that which it is under: the last before it that is smaller."""
    open_: list[int] = []
    for index, rank in enumerate(ranks):
        while open_ and ranks[open_[-1]] >= rank:
            open_.pop()
        yield open_[-1] if open_ else None
        open_.append(index)


@check(
    "heading-level",
    why="A listener tells by its heading's level whether a section is a part of the one before.",
    hint="build the booklet again; the layout must tag the sections' headings H2, H3 and H4 by their levels",
    example="'How much to take' is tagged as H4, but its level in the booklet is that of H3",
)
def heading_level(case: Case) -> Iterator[Finding]:
    for level, section in case.sourced.booklet.walk():
        letters = case.reading.heading_letters.get(section.id)
        role, true = case.roles[letters[0]] if letters else "", f"H{level + 1}"
        if letters and role != true:
            message = f"'{section.title}' is tagged as {role}, but its level in the booklet is that of {true}"
            yield Finding(message, section.where, letters=letters)


def _words_on(case: Case, text: str, page: int) -> tuple[int, ...]:
    """The letters of the passage that says the text on the page."""
    there = (p for p in case.facts.passages if p.page == page and bare(p.text) == bare(text))
    return tuple(chain.from_iterable(passage.printed for passage in there))


def _titled(case: Case, heading: str) -> tuple[str, Where]:
    """The title and the place of the section of that heading, if it is one's."""
    sections = (s for _, s in case.sourced.booklet.walk() if bare(s.title) == bare(heading))
    section = next(sections, None)
    return (section.title, section.where) if section else (_excerpt(heading), NOWHERE)
