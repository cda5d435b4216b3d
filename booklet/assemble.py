"""How do parts become one file, and how does a clinic's edition come of it? From bytes alone.

Parts are numbered on (ISO 32000-1, 7.3.10) and hung into one tree of pages (7.7.3), one of tags
(14.7.2) with its parent tree (14.7.4.4), one outline (12.3.3) and one list of destinations (12.3.2.3);
each keeps its own resources, but the fonts (9.7), which are those of all.

A file has two stretches. The first is all but the part that holds the clinic's place. A clinic's edition
has the first stretch byte for byte; its second has that part with the place empty, and the clinic's
panel in it: a stream before the page's own (7.8.2), with tags, links and fonts of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, chain, count
from typing import NamedTuple

from .carve import OWN as OWN_NAME
from .carve import (
    RESOURCES,
    Area,
    Called,
    Carved,
    Content,
    Gap,
    LinkKey,
    MarkKey,
    PageKey,
    Pieces,
    Ref,
    Shared,
    Thing,
)
from .codes import join_fonts
from .pdffile import HEAD, Item, Opening, Stretch, array, real, reference, stretch, text

#: The numbers of the objects that all parts share; the pages' are behind them.
(
    CATALOG,
    PAGES,
    METADATA,
    PROFILE,
    COLOURS,
    FONTS,
    ROOT,
    OUTLINES,
    BEFORE,
    BEHIND,
    LINKS,
    INFO,
    DOCUMENT,
    PARENTS,
    OWN,
    OWN_LINKS,
) = range(1, 17)
#: What stands under a number that a file has no object for (ISO 32000-1, 7.3.9).
NULL = Item(b"null")

#: In points: a panel that is no higher than this above its place's room fits it.
SLACK = 0.01

_SHARED = {"pages": PAGES, "document": DOCUMENT, "colours": COLOURS, "profile": PROFILE, "fonts": FONTS}


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished PDF, and what was logged while it was written."""

    pdf: bytes
    page_count: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself beside its parts.

    `identifier` is its ID; `covers` are the labels of its first and last page; `names` say for each id,
    in words, where a link to it leads.
    """

    identifier: bytes
    covers: tuple[str, str]
    names: Mapping[str, str]
    clinic: str = ""
    """Whose edition it is; empty for the national one."""


class UnfitError(Exception):
    """A clinic's details do not fit the place that a booklet has for them."""


def assemble(parts: Sequence[Carved], about: About) -> Printed:
    """One PDF (PDF/A-2a and PDF/UA-1) of parts that follow one another."""
    book = Book(parts, about)
    return Printed(book.national(), len(book.pages), tuple(book.dangling()))


@dataclass(frozen=True, slots=True)
class _Seat:
    """Where a part stands in a file: what its gaps are filled with."""

    numbers: Mapping[int, int]
    """Of its objects, by their indices."""
    page: int
    """The index of its first page."""
    link: int
    """The key of its first link in the parent tree."""
    names: Mapping[str, str]
    marks: int = 0
    right: float = 0
    up: float = 0
    shared: Mapping[str, int] = field(default_factory=lambda: _SHARED)

    def fill(self, pieces: Pieces) -> bytes:
        """An object without gaps."""
        return b"".join([piece if isinstance(piece, bytes) else self._gap(piece) for piece in pieces])

    def _gap(self, gap: Gap) -> bytes:
        match gap:
            case Ref(at):
                filled = reference(self.numbers[at])
            case Shared(name):
                filled = reference(self.shared[name])
            case PageKey(at):
                filled = b"%d" % (self.page + at)
            case LinkKey(at):
                filled = b"%d" % (self.link + at)
            case Called(target):
                filled = text(self.names.get(target, target))
            case MarkKey(at):
                filled = b"%d" % (self.marks + at)
            case Area():
                filled = array(map(real, self.moved(gap)))
        return filled

    def moved(self, area: Area) -> Area:
        """A box of a panel, where the panel stands."""
        left, bottom, right, top = area
        return Area(left + self.right, bottom + self.up, right + self.right, top + self.up)

    def refer(self, indices: Iterable[int]) -> list[bytes]:
        """References to objects of the part."""
        return [reference(self.numbers[index]) for index in indices]


@dataclass(frozen=True, slots=True)
class _Put:
    """A part in a file, with the number behind its last."""

    seat: _Seat
    items: dict[int, Item]
    pictures: tuple[int, ...]
    next: int


class Book:
    """A national edition, of which clinics' editions are made."""

    def __init__(self, parts: Sequence[Carved], about: About) -> None:
        self.parts, self.about = parts, about
        *self.firsts, total = accumulate((len(part.pages) for part in parts), initial=0)
        self.pages = range(OWN_LINKS + 1, OWN_LINKS + 1 + total)
        self.held = next((at for at, part in enumerate(parts) if part.places), len(parts) - 1)
        self.fonts, self._codes = join_fonts([part.fonts for part in parts])
        self._images: dict[Item, int] = {}
        self._items: dict[int, Item] = {}
        self._next, self._link = self.pages.stop, total
        self._tops: list[list[bytes]] = [[] for _ in parts]
        self._tags: list[list[bytes]] = [[] for _ in parts]
        links: list[bytes] = []
        for at, part in enumerate(parts):
            if at != self.held:
                put = self._put(part, self._codes[at], at, self._next)
                self._next, self._link = put.next, self._link + len(part.links)
                self._items |= put.items
                self._images |= {put.items[n]: n for n in put.pictures}
                self._tops[at] = put.seat.refer(part.tops)
                self._tags[at] = [array(put.seat.refer(tags)) for tags in part.parents]
                links += put.seat.refer(part.links)
        self._write_shared(links)
        self._holder = self._number()

    @cached_property
    def first(self) -> Stretch:
        """All that every edition has byte for byte."""
        return stretch(self._items, self._holder, len(HEAD))

    @cached_property
    def opening(self) -> Opening:
        """What the file of every edition begins with."""
        return Opening([self.first])

    @property
    def held_part(self) -> Carved:
        """The part that has the clinic's place."""
        return self.parts[self.held]

    def national(self) -> bytes:
        """The edition as its parts are."""
        part = self.held_part
        put = self.put(part, self._codes[self.held])
        tags = [array(put.seat.refer(some)) for some in part.parents]
        items = put.items | _trees(
            self.present, (put.seat.page, self._link), tags, put.seat.refer(part.links)
        )
        items |= {
            INFO: _info(self.about_it, self.about.clinic),
            DOCUMENT: self.document(put.seat.refer(part.tops)),
        }
        second = stretch(items, put.next, len(self.opening.data))
        return self.opening.whole(second, CATALOG, INFO, self.about.identifier)

    @property
    def about_it(self) -> bytes:
        """The document information, without its end."""
        return self.parts[0].shell.info

    @property
    def present(self) -> tuple[int, ...]:
        """The kids of the parent tree that are not the held part's, by their numbers."""
        return tuple(number for number in (BEFORE, BEHIND, LINKS) if self._items[number] != NULL)

    def dangling(self) -> Iterator[str]:
        """What is wrong with links that lead nowhere."""
        there = {anchor.name for part in self.parts for anchor in part.anchors}
        for target in dict.fromkeys(target for part in self.parts for target in part.targets):
            if target not in there:
                yield f"No anchor #{target} for internal URI reference"

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def put(self, part: Carved, codes: Mapping[str, Mapping[int, int]]) -> _Put:
        """Put a part in the place of the held one."""
        return self._put(part, codes, self.held, self._next)

    def codes_in(self, part: Carved) -> dict[str, dict[int, int]]:
        """Which codes of a part are others in the file; an UnfitError where its fonts lack some."""
        changes = {}
        for font in part.fonts:
            joined = self.fonts.get(font.key)
            had = joined and (len(joined.codes.texts), len(joined.codes.made))
            others = joined.add(font) if joined else {}
            if joined is None or had != (len(joined.codes.texts), len(joined.codes.made)):
                raise UnfitError
            changes[font.key] = others
        return {key: codes for key, codes in changes.items() if codes}

    def _put(self, part: Carved, codes: Mapping[str, Mapping[int, int]], at: int, number: int) -> _Put:
        """Put a part in the place of that index into the file, its objects numbered from `number`."""
        first = self.firsts[at]
        numbers = {index: self.pages[first + page] for page, index in enumerate(part.pages)}
        seat = _Seat(numbers, first, self._link, self.about.names)
        items: dict[int, Item] = {}
        # A picture's mask stands behind it.
        pictures = [index for index, thing in enumerate(part.things) if thing.image]
        known = dict(self._images)
        for index in reversed(pictures):
            item = _item(part.things[index], seat, {})
            if item not in known:
                known[item], items[number] = number, item
                number += 1
            numbers[index] = known[item]
        own = tuple(items)
        for index in range(len(part.things)):
            if index not in numbers:
                numbers[index] = number
                number += 1
        for index, thing in enumerate(part.things):
            if not thing.image:
                items[numbers[index]] = _item(thing, seat, codes)
        return _Put(seat, items, own, number)

    def document(self, tops: Sequence[bytes]) -> Item:
        """The tag of the whole (ISO 32000-1, 14.8.4.2), with those of the held part in their place."""
        every = [*self._tops]
        every[self.held] = [*tops]
        kids = array(chain.from_iterable(every))
        return Item(b"<</Type /StructElem/S /Document/K %s/P %s>>" % (kids, reference(ROOT)))

    def _write_shared(self, links: Sequence[bytes]) -> None:
        """Put what is of no part into the file."""
        shell, count = self.parts[0].shell, len(self.pages)
        self._write_fonts()
        tags = [one for some in self._tags for one in some]
        begin = self.firsts[self.held]
        behind = begin + len(self.held_part.pages)
        kids = {
            BEFORE: _kid(0, tags[:begin]),
            BEHIND: _kid(behind, tags[begin:]),
            LINKS: _kid(count, links),
        }
        self._items |= kids
        intent = b"<</Type /OutputIntent/S /GTS_PDFA1/OutputConditionIdentifier (sRGB2014.icc)"
        intent += b"/Info (sRGB2014.icc)/DestOutputProfile %s>>" % reference(PROFILE)
        catalog = [
            b"<</Type /Catalog/Pages %s/Lang %s" % (reference(PAGES), shell.language),
            b"/Names <</Dests <</Names %s>>>>" % array(self._destinations()),
            b"/StructTreeRoot %s" % reference(ROOT),
            b"/ViewerPreferences <</DisplayDocTitle true>>/MarkInfo <</Marked true>>",
            b"/OutputIntents [%s]/Metadata %s" % (intent, reference(METADATA)),
            b"/PageLabels <</Nums %s>>" % array(_labels(count, self.about.covers)),
        ]
        self._items[OUTLINES] = NULL
        if self._write_outlines():
            catalog.append(b"/Outlines %s" % reference(OUTLINES))
        kids_of_root = reference(PARENTS), reference(DOCUMENT)
        pages = array(map(reference, self.pages)), count
        self._items |= {
            CATALOG: Item(b"".join([*catalog, b">>"])),
            PAGES: Item(b"<</Type /Pages/Kids %s/Count %d>>" % pages),
            METADATA: Item(b"<</Type /Metadata/Subtype /XML", shell.xmp),
            PROFILE: Item(b"<</N %d/Filter /FlateDecode" % shell.components, shell.profile),
            COLOURS: Item(_Seat({}, 0, 0, {}).fill(shell.colours)),
            ROOT: Item(b"<</Type /StructTreeRoot/ParentTree %s/K [%s]>>" % kids_of_root),
        }

    def _write_fonts(self) -> None:
        """Put the fonts into the file; streams call them by their keys (ISO 32000-1, 9.2.2)."""
        fonts = []
        for key, joined in self.fonts.items():
            fonts.append(b"/%s %s" % (key.encode(), reference(self._next)))
            for item in joined.objects(self._next):
                self._items[self._number()] = item
        self.named_fonts = b"".join(fonts)
        self._items[FONTS] = Item(b"<<%s>>" % self.named_fonts)

    def _destinations(self) -> Iterator[bytes]:
        """The places of all ids by their names, in order (ISO 32000-1, 12.3.2.3)."""
        places: dict[str, bytes] = {}
        for part, first in zip(self.parts, self.firsts, strict=True):
            for anchor in part.anchors:
                place = self._place(first + anchor.page, anchor.x, anchor.y)
                places.setdefault(anchor.name, place)
        for name in sorted(places):
            yield text(name) + b" " + places[name]

    def _place(self, page: int, x: float, y: float) -> bytes:
        """A place on a page (ISO 32000-1, 12.3.2.2)."""
        return b"[%s /XYZ %s %s 0]" % (reference(self.pages[page]), real(x), real(y))

    def _write_outlines(self) -> bool:
        """Put the bookmarks into the file (ISO 32000-1, 12.3.3), if there are any."""
        marks = [
            (mark.level, mark.title, self._place(first + mark.page, mark.x, mark.y))
            for part, first in zip(self.parts, self.firsts, strict=True)
            for mark in part.marks
        ]
        numbers = [self._number() for _ in marks]
        above: list[int] = []
        kids: dict[int, list[int]] = {-1: []}
        parents = []
        for at, (level, _, _) in enumerate(marks):
            while above and marks[above[-1]][0] >= level:
                above.pop()
            parents.append(above[-1] if above else -1)
            kids[parents[-1]].append(at)
            kids[at] = []
            above.append(at)
        shown = [0] * len(marks)
        for at in reversed(range(len(marks))):
            shown[at] = sum(1 + shown[kid] for kid in kids[at])
        for at, (_, title, place) in enumerate(marks):
            siblings = kids[parents[at]]
            where = siblings.index(at)
            parent = numbers[parents[at]] if parents[at] >= 0 else OUTLINES
            item = [b"<</Title %s/Dest %s/Parent %s" % (text(title), place, reference(parent))]
            if where:
                item.append(b"/Prev %s" % reference(numbers[siblings[where - 1]]))
            if where + 1 < len(siblings):
                item.append(b"/Next %s" % reference(numbers[siblings[where + 1]]))
            if kids[at]:
                first, last = numbers[kids[at][0]], numbers[kids[at][-1]]
                item.append(b"/First %s/Last %s/Count %d" % (reference(first), reference(last), shown[at]))
            self._items[numbers[at]] = Item(b"".join([*item, b">>"]))
        if marks:
            first, last = numbers[kids[-1][0]], numbers[kids[-1][-1]]
            count = sum(1 + shown[kid] for kid in kids[-1])
            ends = reference(first), reference(last), count
            self._items[OUTLINES] = Item(b"<</Type /Outlines/First %s/Last %s/Count %d>>" % ends)
        return bool(marks)


class Panel:
    """A clinic's details, laid out alone; good for every booklet that has room for them.

    `key` names all that it was made from.
    """

    def __init__(self, carved: Carved, clinic: str, key: bytes) -> None:
        self.carved, self.clinic, self.key = replace(carved, fonts=()), clinic, key
        self.place = carved.places[0]
        self.fonts, _ = join_fonts([carved.fonts])
        for font in self.fonts.values():
            font.finish()
        leaf = carved.leaves[0]
        self.content = carved.things[leaf.content].content or Content(b"")
        apart = {*self.place.above, *carved.pages, leaf.content, carved.drawing}
        self.things = [index for index in range(len(carved.things)) if index not in apart]

    @property
    def height(self) -> float:
        """In points."""
        return self.place.box.top - self.place.box.bottom


class Spot(NamedTuple):
    """Where a panel stands: so far right and up of where it was laid out, its marks behind so many others."""

    right: float
    up: float
    marks: int


@dataclass(frozen=True)
class Local:
    """A booklet whose place for a clinic's details is empty, ready for them; nothing but bytes and numbers.

    Where not said otherwise, bytes are references to objects.
    """

    stretches: tuple[Stretch, ...]
    """What every edition begins with: all but the part with the place, and that part with it empty."""
    about: bytes
    """The document information, without its end."""
    present: tuple[int, ...]
    """The other parts' kids of the parent tree, by their numbers."""
    keys: tuple[int, int]
    """Those in the parent tree of the part's first page and of its first link."""
    next: int
    """The number of the first object behind those that are there."""
    room: float
    """How high a panel may be, in points."""
    box: Area
    marks: int
    """How many marked contents the page has."""
    number: int
    """The number of the page, from 1."""
    page: int
    """The number of its object."""
    tag: int
    content: bytes
    own_links: tuple[bytes, ...]
    """The links of the page."""
    tags: tuple[tuple[bytes, ...], ...]
    """For each page of the part the tags of its marked contents."""
    links: tuple[bytes, ...]
    """The tag of each link of the part."""
    fonts: bytes
    """The fonts by their names."""
    rest: tuple[bytes, bytes]
    """The dictionaries of the page and of the tag, without what a panel changes, and without ends."""
    drawn: Mapping[str, bytes]
    """What the page draws with, by kinds and without ends."""

    @classmethod
    def of(cls, book: Book, empty: Carved, room: float) -> "Local":
        """That of a book and its part with the empty place, which is as high as `room` or may grow to it."""
        place = empty.places[0]
        leaf = empty.leaves[place.page]
        put = book.put(empty, book.codes_in(empty))
        seat = put.seat
        page, tag = (seat.numbers[at] for at in (empty.pages[place.page], place.tag))
        items = {number: item for number, item in put.items.items() if number not in (page, tag)}
        items[DOCUMENT] = book.document(seat.refer(empty.tops))
        return cls(
            stretches=(book.first, stretch(items, put.next, len(book.opening.data))),
            about=book.about_it,
            present=book.present,
            keys=(seat.page, seat.link),
            next=put.next + 1,
            room=room,
            box=place.box,
            marks=leaf.marks,
            number=seat.page + place.page + 1,
            page=page,
            tag=tag,
            content=seat.refer([leaf.content])[0],
            own_links=tuple(seat.refer(leaf.links)),
            tags=tuple(tuple(seat.refer(tags)) for tags in empty.parents),
            links=tuple(seat.refer(empty.links)),
            fonts=book.named_fonts,
            rest=(seat.fill(leaf.rest), seat.fill(place.rest)),
            drawn={kind: seat.fill(pieces) for kind, pieces in empty.resources.items()},
        )

    @cached_property
    def opening(self) -> Opening:
        """What the file of every edition begins with."""
        return Opening(self.stretches)

    @property
    def link_count(self) -> int:
        """How many links the page has of its own."""
        return len(self.own_links)

    def spot(self, panel: Panel) -> Spot:
        """Where the panel stands on the page."""
        box, own = self.box, panel.place.box
        return Spot(round(box.left - own.left, 6), round(box.top - own.top, 6), self.marks)

    def edition(self, panel: Panel, identifier: bytes) -> bytes:
        """The clinic's edition; an UnfitError where the panel is too high."""
        if panel.height > self.room + SLACK:
            raise UnfitError
        spot = self.spot(panel)
        take = count(self.next)
        numbers = {panel.carved.pages[0]: self.page, panel.place.tag: self.tag}
        numbers |= {index: next(take) for index in panel.things}
        content, drawing, fonts = next(take), next(take), next(take)
        seat = _Seat(
            numbers,
            self.number - 1,
            self.keys[1] + len(self.links),
            {},
            spot.marks,
            spot.right,
            spot.up,
            _SHARED | {"fonts": fonts},
        )
        items = {numbers[index]: _item(panel.carved.things[index], seat, {}) for index in panel.things}
        named = []
        for key, joined in panel.fonts.items():
            first, name = next(take), b"/%s+%s" % (joined.tag, joined.font.name.partition(b"+")[2])
            named.append((key.encode(), reference(first)))
            items |= {
                number: item
                for item, number in zip(joined.objects(first, name), chain([first], take), strict=False)
            }
        items |= {
            INFO: _info(self.about, panel.clinic),
            content: Item(b"<</Filter /FlateDecode", panel.content.moved(*spot)),
            fonts: Item(b"<<%s>>" % b"".join(b"/%s %s" % font for font in named)),
            drawing: self._resources(panel, seat, named),
            self.page: self._page(panel, seat, content, drawing),
            self.tag: self._tag(panel, seat),
        }
        at = self.number - 1 - self.keys[0]
        tags = [*self.tags]
        tags[at] = (*tags[at], *seat.refer(panel.carved.parents[0]))
        links = [*self.links, *seat.refer(panel.carved.links)]
        items |= _trees(self.present, self.keys, [*map(array, tags)], links)
        third = stretch(items, next(take), len(self.opening.data))
        return self.opening.whole(third, CATALOG, INFO, identifier)

    def _page(self, panel: Panel, seat: _Seat, content: int, drawing: int) -> Item:
        """The page (ISO 32000-1, 7.7.3.3); the panel is drawn first, as it would be were it empty."""
        contents = array([reference(content), self.content])
        links = [*self.own_links, *seat.refer(panel.carved.leaves[0].links)]
        annotations = b"/Annots %s" % array(links) if links else b""
        parts = self.rest[0], contents, reference(drawing), annotations
        return Item(b"%s/Contents %s/Resources %s%s>>" % parts)

    def _tag(self, panel: Panel, seat: _Seat) -> Item:
        """The tag of the place, with the panel's in it."""
        left, bottom, right, top = self.box
        box = left, min(bottom, top - panel.height), right, top
        parts = self.rest[1], array(seat.refer(panel.place.kids)), array(map(real, box))
        return Item(b"%s/K %s/A <</O /Layout/BBox %s>>>>" % parts)

    def _resources(self, panel: Panel, seat: _Seat, fonts: Iterable[tuple[bytes, bytes]]) -> Item:
        """What the page and the panel draw with (ISO 32000-1, 7.8.3); the panel's names are its own."""
        kinds = b"".join(
            b"/%s <<%s%s>>" % (kind.encode(), self.drawn[kind], seat.fill(panel.carved.resources[kind]))
            for kind in RESOURCES
        )
        named = b"".join(b"/%s%s %s" % (OWN_NAME.encode(), key, number) for key, number in fonts)
        parts = kinds, reference(COLOURS), self.fonts, named
        return Item(b"<<%s/ColorSpace %s/Font <<%s%s>>>>" % parts)


def _info(about: bytes, clinic: str) -> Item:
    """The document information (ISO 32000-1, 14.3.3), with the clinic whose edition it is."""
    own = b"/clinic %s" % text(clinic) if clinic else b""
    return Item(b"%s%s>>" % (about, own))


def _trees(
    present: Iterable[int], keys: tuple[int, int], tags: Sequence[bytes], links: Sequence[bytes]
) -> dict[int, Item]:
    """The parent tree with what the held part has in it (ISO 32000-1, 14.7.4.4 and 7.9.7).

    `keys` are those of its first page and its first link; other kids are `present`.
    """
    own = {OWN: _kid(keys[0], tags), OWN_LINKS: _kid(keys[1], links)}
    there = {*present, *(number for number, kid in own.items() if kid != NULL)}
    order = [number for number in (BEFORE, OWN, BEHIND, LINKS, OWN_LINKS) if number in there]
    return own | {PARENTS: Item(b"<</Kids %s>>" % array(map(reference, order)))}


def _item(thing: Thing, seat: _Seat, codes: Mapping[str, Mapping[int, int]]) -> Item:
    """An object of a part in its seat."""
    content = thing.content.with_codes(codes) if thing.content else None
    return Item(seat.fill(thing.pieces), content)


def _kid(first: int, values: Sequence[bytes]) -> Item:
    """A part of the parent tree: values by keys that follow one another (ISO 32000-1, 7.9.7)."""
    if not values:
        return NULL
    nums = array(b"%d %s" % (key, value) for key, value in enumerate(values, first))
    return Item(b"<</Limits [%d %d]/Nums %s>>" % (first, first + len(values) - 1, nums))


def _labels(count: int, covers: tuple[str, str]) -> Iterator[bytes]:
    """What makes a reader's page numbers those that are printed (ISO 32000-1, 12.4.2)."""
    first, last = (b"<</P %s>>" % text(cover) for cover in covers)
    yield b"0 %s" % first
    if count > 2:
        yield b"1 <</S /D/St 2>>"
    if count > 1:
        yield b"%d %s" % (count - 1, last)
