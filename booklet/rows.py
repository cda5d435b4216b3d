"""What is told of each released edition: where its pages are, and which of its files are for what?

All addresses are ways from the catalogue's first page, without a `/` in front.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .problem import Problem
from .register import Edition, State, number_of
from .released import EditionFile
from .shelf import Held, Key, Shelf

#: Folders of the catalogue's own; no booklet may have their names.
OWN = frozenset({"about", "all", "assets", "codes", "editions", "feeds", "in", "register.json", "404.html"})

#: What may stand between the slashes of a code, so that a server shows it, and no disk knows it otherwise.
_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?<!\.)")

#: The place of the files for an office printer.
DESK = "desk"

#: Signs of direction: in a title they would turn round what stands behind it (UAX 9).
_SIGNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

#: What files are for, with a word for who does not know.
PURPOSES = {
    "screen": ("Read on screen", "Opens on a computer, tablet or telephone."),
    "clinic": ("Print at the clinic", "For an office printer."),
    "large": ("Large print", "For people who see little, on A4."),
    "ink": ("Little ink", "Without colour, for any printer."),
    "shop": ("Send to the print shop", "With bleed, marks and inks as the profile asks for."),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A file as it is offered."""

    label: str
    name: str
    href: str
    pages: int
    size: str
    sha256: str


@dataclass(frozen=True)
class Row:
    """A version in a language, and what its pages say of it."""

    held: Held
    main: bool
    """Is its language the one that the booklet was written in?"""
    cover: tuple[str, int, int] | None = None
    """The picture's place, its width and height in pixels; None where the version was withdrawn."""
    changes: str = ""
    """Where it is told what has changed; empty where there is none before."""
    counts: Mapping[str, int] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    """Of its text, folded."""
    told: str = ""
    """What has changed since the version before, as a part of a page."""

    @property
    def key(self) -> Key:
        """What names it."""
        return self.held.key

    @property
    def title(self) -> str:
        """On the cover."""
        return self.held.text.title

    @property
    def subtitle(self) -> str:
        """Below the title; empty where there is none."""
        return self.held.text.subtitle

    @property
    def language(self) -> str:
        """BCP 47."""
        return self.held.language

    @property
    def code(self) -> str:
        """The stock code of this version."""
        return self.held.manifest.code

    @property
    def version(self) -> str:
        """EDITION.REVISION."""
        return self.held.version

    @property
    def state(self) -> State:
        """What a reader may do with it."""
        return self.held.state

    @property
    def is_offered(self) -> bool:
        """Should readers have it?"""
        return self.held.edition.is_for_readers

    @property
    def before(self) -> str:
        """The version before; empty where it is the first."""
        return self.held.manifest.replaces.get(self.language, "")

    @property
    def conditions(self) -> tuple[str, ...]:
        """What it is about."""
        return self.held.text.conditions

    @property
    def pages(self) -> int:
        """Of the edition that is read most."""
        return reading(self.held).pages

    @property
    def layouts(self) -> tuple[str, ...]:
        """The layouts that readers can have it in."""
        return tuple(sorted({one.layout for one in self.held.files if not one.place}))

    @property
    def page(self) -> str:
        """The page of the booklet in its language."""
        return page_of(self.held.booklet, self.language, main=self.main)

    @property
    def address(self) -> str:
        """Where it is told whether a copy is current."""
        return f"{self.code}/{self.version}/{self.language}/"

    @property
    def read(self) -> str:
        """The booklet as a page for screens."""
        return f"{self.held.folder}/{self.language}/read/"

    @property
    def href(self) -> str:
        """Where a list leads to."""
        return self.page if self.is_offered else self.address

    @cached_property
    def groups(self) -> tuple[tuple[str, str, tuple[Offer, ...]], ...]:
        """Its files by what they are for, each group with its name and a word; none of what was withdrawn."""
        if self.state is State.WITHDRAWN:
            return ()
        found: dict[str, list[Offer]] = {}
        for file in self.held.files:
            found.setdefault(_purpose(file), []).append(_offer(self.held, file))
        return tuple((*PURPOSES[one], tuple(found[one])) for one in PURPOSES if one in found)


def page_of(booklet: str, language: str, *, main: bool) -> str:
    """The page of a booklet in a language; that of its own language is the booklet's."""
    return f"{booklet}/" if main else f"{booklet}/{language}/"


def reading(held: Held) -> EditionFile:
    """The file that is read most: in the booklet's first layout, in colour, as it is."""
    return min(held.files, key=lambda one: (bool(one.place), bool(one.points), one.grey))


def named(layout: str) -> str:
    """A layout's name for readers: `a5-booklet` is A5 booklet."""
    words = layout.replace("-", " ")
    return re.sub(r"^([AB]\d|Dl)\b", lambda found: found[0].upper(), words[:1].upper() + words[1:])


def plain(text: str) -> str:
    """The text without signs of direction, for where no element can keep them in."""
    return _SIGNS.sub("", text)


def readable_size(size: int) -> str:
    """A file's size as people say it."""
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(round(size / 1000), 1)} kB"


def _purpose(file: EditionFile) -> str:
    if file.place:
        return "clinic" if file.place == DESK else "shop"
    if file.points or file.layout == "large-print":
        return "large"
    if file.grey:
        return "ink"
    return "clinic" if file.layout == "a4-leaflet" else "screen"


def _offer(held: Held, file: EditionFile) -> Offer:
    said = held.said(file)
    label = f"{file.points} point" if file.points else named(file.layout)
    if file.place:
        way = "sheets of A4 to fold" if file.place == DESK else named(file.place.removeprefix("press-"))
        label = f"{label}, {way}"
    if file.grey and _purpose(file) != "ink":
        label += ", without colour"
    href = f"{held.folder}/{file.file}"
    return Offer(label, file.file, href, file.pages, readable_size(said.size), said.sha256)


def rows_of(shelf: Shelf) -> tuple[Row, ...]:
    """One for each version in each language, in the order of their booklets, codes and versions."""
    booklets: dict[str, list[Held]] = {}
    for one in shelf.held:
        booklets.setdefault(one.booklet, []).append(one)
    mains = {booklet: _main(held) for booklet, held in booklets.items()}
    rows = (Row(one, one.language == mains[one.booklet]) for one in shelf.held)
    return tuple(sorted(rows, key=_order))


def _order(row: Row) -> tuple[object, ...]:
    edition, revision = number_of(row.version)
    return row.held.booklet, not row.main, row.language, -edition, -revision


def _main(held: Sequence[Held]) -> str:
    """The language that a booklet was written in; that of its first release where only translations are."""
    own = [one.language for one in held if not one.text.translation_of]
    return (own or [one.language for one in held])[-1]


def in_place_of(shelf: Shelf, row: Row) -> Edition | None:
    """What readers should have in place of a version; None where there is nothing."""
    return shelf.register.current(row.held.booklet, row.language)


def misnamed(rows: Iterable[Row]) -> Iterator[Problem]:
    """Codes and ids that cannot be addresses, or are those of something else."""
    ids = {row.held.booklet for row in rows}
    for booklet, code in sorted({(row.held.booklet, row.code) for row in rows}):
        first = code.partition("/")[0].lower()
        if booklet in OWN:
            message = f"The catalogue has pages of its own in {booklet}/, which is the id of a booklet"
            yield Problem("address-taken", message, hint="release it under another id")
        if not all(_PART.fullmatch(part) for part in code.split("/")):
            message = f"The code {code} of '{booklet}' cannot stand in an address"
            hint = "what stands between its slashes is not empty, and does not begin or end with a dot"
            yield Problem("wrong-code", message, hint=hint)
        elif first in OWN or (first in ids and first != booklet):
            what = "the catalogue's own pages" if first in OWN else f"the booklet '{first}'"
            message = f"The code {code} of '{booklet}' would have the address of {what}"
            yield Problem("address-taken", message, hint="release the next version with another code")
