"""What do other programs read of the catalogue? Data, news, a stock list, reviews, and zips to take along."""

import calendar
import csv
import hashlib
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal

import icalendar
from pydantic import BaseModel, ConfigDict, Field

from .model import House
from .parcel import Parcel, by_month, current
from .prose import one_line
from .register import NOTHING, Entry, State
from .released import EditionFile
from .shelf import Held, Shelf
from .states import notice_file

#: The folder of the feeds in the catalogue, and their names in it.
FOLDER = "feeds"
DATA, SCHEMA, NEWS, STOCK, REVIEWS = (
    *("catalogue.json", "catalogue.schema.json", "atom.xml", "stock.csv", "reviews.ics"),
)
CURRENT, CHANGED = "current.zip", "changed/{}.zip"

#: So many months before its next review an edition is in the calendar, and on the day itself.
AHEAD = (6, 3, 0)


@dataclass(frozen=True, slots=True)
class Site:
    """Where the catalogue is."""

    base: str
    """Its address, without a slash at its end; empty where it is not known."""

    @classmethod
    def of(cls, house: House) -> "Site":
        """The house's."""
        return cls((house.catalogue or "").rstrip("/"))

    def address(self, path: str) -> str:
        """The address of a file of the catalogue; without a base it holds in the folder of the feeds."""
        return f"{self.base}/{path}" if self.base else f"../{path}"

    def page(self, held: Held) -> str:
        """The address of the page that says whether a copy is current (see `qr.edition_address`)."""
        parts = [held.manifest.code, held.version]
        return self.address("/".join(parts + ([held.language] if held.text.translation_of else [])) + "/")


def feeds(shelf: Shelf, house: House) -> Iterator[tuple[str, bytes | Parcel]]:
    """Every feed by its path in the catalogue; the zips come as parcels, which are still to be written.

    The same shelf gives the same bytes. Writing a parcel may raise a DamagedError.
    """
    site = Site.of(house)
    months = by_month(shelf)
    texts = {
        DATA: catalogue_json(shelf, house, list(months)),
        SCHEMA: catalogue_schema(site),
        NEWS: atom(shelf, house),
        STOCK: stock_csv(shelf),
        REVIEWS: reviews_ics(shelf, house),
    }
    yield from ((f"{FOLDER}/{name}", data) for name, data in texts.items())
    yield f"{FOLDER}/{CURRENT}", current(shelf)
    yield from ((f"{FOLDER}/{CHANGED.format(month)}", parcel) for month, parcel in months.items())


def _name(shelf: Shelf, *parts: object) -> str:
    """A UUID (RFC 9562, version 8) for something in this shop, which stays when the catalogue moves."""
    first = shelf.register.heads[0] if shelf.register.heads else NOTHING
    number = int(hashlib.sha256("\n".join((first, *map(str, parts))).encode()).hexdigest()[:32], 16)
    number = number & ~(0xF << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62
    return re.sub(r"(.{8})(.{4})(.{4})(.{4})(.{12})", r"\1-\2-\3-\4-\5", f"{number:032x}")


# --- Data -------------------------------------------------------------------------------------------


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class DataFile(_Data):
    """A PDF of an edition."""

    file: str
    """Its name."""
    purpose: Literal["read", "large print", "desk", "print shop"]
    """To read on a screen or on paper; with larger type; sheets for a clinic's printer, to fold and staple;
    for a print shop."""
    layout: str
    points: int
    """The size of its type where it is large print, else 0."""
    grey: bool
    """Is it without colour?"""
    profile: str
    """For which print shop's profile it is; empty where it is for none."""
    pages: int
    size: int
    """In bytes."""
    sha256: str
    address: str | None
    """Where it is; null where the edition was withdrawn, so that its copies can be known and not fetched."""


class DataNotice(_Data):
    """The page that says that an edition was withdrawn, as a PDF."""

    address: str
    sha256: str


class DataEdition(_Data):
    """A version of a booklet in a language, as it was released, and what has become of it."""

    id: str
    """The booklet's id, the same in all versions and languages."""
    code: str
    """The booklet's code, as it is printed on it."""
    version: str
    """EDITION.REVISION, two numbers; 1.10 comes after 1.9."""
    language: str
    """BCP 47."""
    title: str
    subtitle: str
    conditions: tuple[str, ...]
    """What it is about."""
    state: Literal["current", "under review", "superseded", "withdrawn"]
    """Only what is current or under review may be handed out."""
    since: date
    """Since when it has this state."""
    reason: str
    """Why it has this state; often empty."""
    stock: str
    """What to do with printed copies, where the publisher has said that; else empty."""
    replaced_by: str | None
    """The version to use in its place; null where there is none."""
    released: date
    published: date
    next_review: date
    translation_of: str | None
    """The version of the text that it translates; null where it is no translation."""
    original: Literal["superseded", "withdrawn"] | None
    """What has become of that text, where it is for readers no more: ask before you hand it out."""
    page: str
    """Where readers see whether their copy is current."""
    notice: DataNotice | None
    files: tuple[DataFile, ...]


class DataRegister(_Data):
    """What proves that the register of releases has lost nothing: see `releases verify --head`."""

    head: str
    """The SHA-256 of its last entry."""
    count: int
    """How many entries it has."""


class DataMonth(_Data):
    """A zip of all that last changed in a month; those from a month on are all that changed since."""

    month: str
    """As 2026-11."""
    address: str


class DataCatalogue(_Data):
    """All that a publisher has released. Addresses without a scheme are relative to this file.

    Other keys may come; those that are here stay, and mean the same, as long as `format` is the same.
    """

    schema_: str = Field(serialization_alias="$schema")
    format: Literal[1]
    publisher: str
    register_: DataRegister = Field(serialization_alias="register")
    current: str
    """A zip of all PDFs for readers of all editions that are current or under review."""
    changed: tuple[DataMonth, ...]
    """The last month comes first."""
    editions: tuple[DataEdition, ...]
    """Current, superseded and withdrawn ones, in the order of release."""


def catalogue_json(shelf: Shelf, house: House, months: list[str]) -> bytes:
    """Everything as data (RFC 8259)."""
    site, register = Site.of(house), shelf.register
    data = DataCatalogue(
        schema_=site.address(f"{FOLDER}/{SCHEMA}"),
        format=1,
        publisher=one_line(house.name),
        register_=DataRegister(head=register.head, count=len(register.entries)),
        current=site.address(f"{FOLDER}/{CURRENT}"),
        changed=tuple(
            DataMonth(month=month, address=site.address(f"{FOLDER}/{CHANGED.format(month)}"))
            for month in months
        ),
        editions=tuple(_edition(shelf, held, site) for held in shelf.held),
    )
    return data.model_dump_json(by_alias=True, indent=1).encode() + b"\n"


def catalogue_schema(site: Site) -> bytes:
    """The JSON Schema (2020-12) of that."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": site.address(f"{FOLDER}/{SCHEMA}"),
    }
    schema: dict[str, Any] = head | DataCatalogue.model_json_schema(mode="serialization")
    return (json.dumps(schema, ensure_ascii=False, indent=1) + "\n").encode()


def _edition(shelf: Shelf, held: Held, site: Site) -> DataEdition:
    edition, text, original = held.edition, held.text, shelf.outdated(held)
    notice = shelf.notice(held) if held.state is State.WITHDRAWN else ""
    return DataEdition(
        id=held.booklet,
        code=held.manifest.code,
        version=held.version,
        language=held.language,
        title=one_line(text.title),
        subtitle=one_line(text.subtitle),
        conditions=tuple(one_line(one) for one in text.conditions),
        state=held.state.value,
        since=edition.since,
        reason=one_line(edition.reason),
        stock=one_line(edition.stock),
        replaced_by=edition.replaced_by or None,
        released=edition.entry.day,
        published=text.published,
        next_review=text.next_review,
        translation_of=text.translation_of or None,
        original=original.state.value if original else None,
        page=site.page(held),
        notice=DataNotice(address=site.address(notice), sha256=shelf.notice_said(held)) if notice else None,
        files=tuple(_file(held, one, site) for one in held.files),
    )


def _file(held: Held, one: EditionFile, site: Site) -> DataFile:
    said, path = held.said(one), f"{held.folder}/{one.file}"
    return DataFile(
        file=one.file,
        purpose=_purpose(one),
        layout=one.layout,
        points=one.points,
        grey=one.grey,
        profile=one.place.removeprefix("press-") if one.place.startswith("press-") else "",
        pages=one.pages,
        size=said.size,
        sha256=said.sha256,
        address=None if held.state is State.WITHDRAWN else site.address(path),
    )


def _purpose(one: EditionFile) -> Literal["read", "large print", "desk", "print shop"]:
    if one.place:
        return "desk" if one.place == "desk" else "print shop"
    return "large print" if one.points else "read"


# --- News -------------------------------------------------------------------------------------------

#: What an entry of the register is called, and its category.
_NEWS = {
    State.CURRENT: ("Reviewed, and current", "reviewed"),
    State.REVIEW: ("Under review", "under-review"),
    State.WITHDRAWN: ("Withdrawn", "withdrawn"),
}


def atom(shelf: Shelf, house: House) -> bytes:
    """One entry for each release, review and withdrawal, the last first (RFC 4287).

    An entry says what was known on its day, and so never changes.
    """
    site, name = Site.of(house), one_line(house.name)
    entries = shelf.register.entries
    feed = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    _put(feed, "id", f"urn:uuid:{_name(shelf, 'news')}")
    _put(feed, "title", f"{name}: booklets released, reviewed and withdrawn")
    _put(feed, "updated", _moment(max((entry.day for entry in entries), default=date.min)))
    _put(ET.SubElement(feed, "author"), "name", name)
    ET.SubElement(
        feed, "link", rel="self", type="application/atom+xml", href=site.address(f"{FOLDER}/{NEWS}")
    )
    ET.SubElement(feed, "link", rel="alternate", type="text/html", href=site.address(""))
    held = {(one.booklet, one.version, one.language): one for one in shelf.held}
    for number, entry in reversed(list(enumerate(entries, 1))):
        about = [held[entry.booklet, entry.version, language] for language in entry.languages]
        _news(ET.SubElement(feed, "entry"), _name(shelf, "entry", number), entry, about, site)
    ET.indent(feed, " ")
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _put(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _moment(day: date) -> str:
    """A day as RFC 3339 says it."""
    return f"{day.isoformat()}T00:00:00Z"


def _news(into: ET.Element, name: str, entry: Entry, about: list[Held], site: Site) -> None:
    """What was done with a version."""
    first, released = about[0], bool(entry.manifest)
    what, category = ("Released", "released") if released else _NEWS[entry.state]
    _put(into, "id", f"urn:uuid:{name}")
    _put(into, "title", f"{what}: {one_line(first.text.title)} ({entry.code}, version {entry.version})")
    _put(into, "updated", _moment(entry.day))
    ET.SubElement(into, "category", term=category)
    for held in about:
        more = {"rel": "alternate", "type": "text/html", "hreflang": held.language}
        ET.SubElement(into, "link", more, href=site.page(held))
    if entry.notice:
        notice = notice_file(entry.booklet, entry.version, entry.languages, first.edition.entry)
        more = {"rel": "related", "type": "application/pdf", "title": "The notice to send out"}
        ET.SubElement(into, "link", more, href=site.address(notice))
    _put(into, "summary", " ".join(_summary(entry, about)))


def _summary(entry: Entry, about: list[Held]) -> Iterator[str]:
    """What more there is to say, in sentences."""
    yield "In " + ", ".join(f"{held.language}: {one_line(held.text.title)}" for held in about) + "."
    if entry.state is State.WITHDRAWN:
        yield "Do not use it any more."
    replaces = about[0].manifest.replaces if entry.manifest else {}
    for version in dict.fromkeys(replaces.values()):
        yield f"It replaces version {version}."
    if entry.reason:
        yield f"Why: {one_line(entry.reason)}"
    if entry.stock:
        yield f"Printed copies: {one_line(entry.stock)}"


# --- Stock list -------------------------------------------------------------------------------------

_COLUMNS = (
    *("Code", "Title", "Version", "Language", "State", "Since", "What to do with printed copies"),
    *("Replaced by", "Next review", "Pages", "Size in bytes", "File"),
)

#: What a spreadsheet would work out (OWASP, CSV injection), or take for a number or a day.
_COMPUTED = re.compile(r"[=+\-@＝＋－＠].*|[\d.,:/ e+-]*\d[\d.,:/ e+-]*", re.IGNORECASE)


def stock_csv(shelf: Shelf) -> bytes:
    """A line for each edition in each language, for spreadsheets (RFC 4180, UTF-8).

    Its mark of byte order tells Excel that it is UTF-8; without it the letters of most languages are wrong.
    Pages and size are those of the first PDF for readers.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(_COLUMNS)
    rows.writerows(_row(shelf, held) for held in shelf.held)
    return text.getvalue().encode("utf-8-sig")


def _row(shelf: Shelf, held: Held) -> Iterator[str | int]:
    edition = held.edition
    yield from map(_cell, (held.manifest.code, held.text.title))
    yield f"v{held.version}"  # a spreadsheet would make 1.1 of 1.10
    yield from map(_cell, (held.language, held.state))
    yield edition.since.isoformat()
    yield _cell(shelf.copies(held))
    yield f"v{edition.replaced_by}" if edition.replaced_by else ""
    yield held.text.next_review.isoformat()
    first = next((one for one in held.files if not one.place), None)
    yield from (first.pages, held.said(first).size, _cell(first.file)) if first else ("", "", "")


def _cell(text: str) -> str:
    """A text that stays a text in a spreadsheet: an apostrophe in front says so."""
    line = one_line(text)
    return f"'{line}" if _COMPUTED.fullmatch(line) else line


# --- Reviews ----------------------------------------------------------------------------------------


def reviews_ics(shelf: Shelf, house: House) -> bytes:
    """A day in the calendar for each review that is due, and 6 and 3 months before it (RFC 5545).

    A later version moves the days of the one before: an edition's events are named by booklet and language.
    """
    name = f"{one_line(house.name)}: reviews of booklets"
    whole = icalendar.Calendar()
    whole.add("prodid", "-//booklet-press//reviews//EN")
    whole.add("version", "2.0")
    whole.add("name", name)
    whole.add("x-wr-calname", name)
    site, before = Site.of(house), _releases_before(shelf)
    for held in shelf.current:
        for months in AHEAD:
            event = _event(held, months, site)
            event.add("uid", _name(shelf, "review", held.booklet, held.language, months))
            event.add("sequence", before[held.booklet, held.version, held.language])
            whole.add_component(event)
    return bytes(whole.to_ical())


def _event(held: Held, months: int, site: Site) -> icalendar.Event:
    day = held.text.next_review
    due = f"due in {months} months" if months else "due today"
    about = f"{held.manifest.code} {one_line(held.text.title)} ({held.version}, {held.language})"
    event = icalendar.Event()
    event.add("dtstamp", datetime.combine(held.edition.entry.day, time(), UTC))
    event.add("dtstart", _months_before(day, months))
    event.add("summary", f"Review {due}: {about}")
    event.add("description", f"The next review of this version is due on {day}.")
    event.add("transp", "TRANSPARENT")
    if site.base:
        event.add("url", site.page(held))
    return event


def _releases_before(shelf: Shelf) -> dict[tuple[str, str, str], int]:
    """How many versions of a booklet in its language were released before each."""
    counts: dict[tuple[str, str], int] = {}
    found = {}
    for held in shelf.held:
        about = held.booklet, held.language
        found[held.booklet, held.version, held.language] = counts.get(about, 0)
        counts[about] = counts.get(about, 0) + 1
    return found


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last where it has none such."""
    count = day.year * 12 + day.month - 1 - months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
