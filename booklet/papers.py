"""What do the papers of a job bag say? Each is a page of HTML that needs no other file, on paper as well."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pydantic import Field

from .blocks import Flag, Identifier, Line, Web, Written
from .checks.plain import LEAST_WORDS
from .language import name_of
from .prose import Prose
from .register import Entry
from .released import MANIFEST, EditionFile, Manifest
from .shelf import Held, Shelf
from .source import Sourced

#: The paper to begin with; the SHA-256 of every other file, as `sha256sum -c` reads it.
FIRST, SUMS = "START-HERE.html", "SHA256SUMS"

#: How a register and its releases are compared with what it says.
COMPARED = "Who has the publisher’s releases compares all entries, and every released byte, with"

#: What a criterion may name.
Part = Literal[
    "sources",
    "editions",
    "sign-offs",
    "check-report",
    "readability",
    "evidence",
    "what-changed",
    "history",
]

#: What each part is called, where it begins, and what it is.
PARTS: Mapping[str, tuple[str, str, str]] = {
    "criteria": ("Criteria", "criteria.html", "What bears on each here, and what only people can answer"),
    "sources": ("Sources", f"{FIRST}#sources", "The texts, pictures and settings that it was made from"),
    "editions": ("Editions", f"{FIRST}#editions", "Every PDF for readers and printers, as it was released"),
    "sign-offs": ("Sign-offs", "sign-offs.html", "Who signed this version off, in which role, and when"),
    "check-report": (
        "Check report",
        "check-report/report.html",
        "What the checks found, on pictures of the pages",
    ),
    "readability": ("Readability", "readability.html", "Reading ages, section by section"),
    "evidence": (
        "Evidence",
        "evidence.html",
        "Sources, reviewers, approvers, conflicts of interest and dates",
    ),
    "what-changed": (
        "What has changed",
        "what-changed.html",
        "What is otherwise than in the version before, with a proof",
    ),
    "history": ("History", "history.html", "What became of each version, and how to verify it"),
}


class Bearing(Written):
    """What in a bag bears on a criterion."""

    part: Part
    """The part of the bag."""
    says: Line
    """What is to be seen in it."""


class Criterion(Written):
    """One of the criteria of a scheme."""

    id: Identifier
    """Names it in links."""
    title: Line
    """As the scheme calls it."""
    summary: Line
    """What it is about, in our own words."""
    in_bag: tuple[Bearing, ...] = ()
    """What in the bag bears on it."""
    asks: tuple[Line, ...] = Field(min_length=1)
    """What only people can answer."""


class Criteria(Written):
    """criteria.yaml: by what a job bag is laid out."""

    scheme: Line
    """The quality mark."""
    version: Line
    """Of the criteria, or the day on which they were published."""
    source: Web
    """Where they were published."""
    checked: Flag = False
    """Has somebody compared this file with the scheme's requirements in force?"""
    note: Line
    """What is known of this file, and what is not."""
    criteria: tuple[Criterion, ...]
    """In the scheme's order."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Some words; they may lead somewhere, and be in a language of their own (BCP 47)."""

    text: str
    href: str = ""
    language: str = ""
    kind: Literal["", "day", "hash"] = ""
    """How it is set: in one line, or small and broken anywhere."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of each row names it."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: texts, a list, a table, questions with room for answers; each may be missing."""

    id: str
    title: str
    texts: tuple[str, ...] = ()
    items: tuple[tuple[Cell, ...], ...] = ()
    table: Table | None = None
    asks: tuple[str, ...] = ()
    listed: str = ""
    """What is said above the list."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of HTML in a bag."""

    file: str
    title: str
    lead: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """What a version says in a language, and where it is in the shop."""

    held: Held
    sourced: Sourced
    before: Held | None
    """The version before, in that language."""

    @property
    def language(self) -> str:
        """Its language."""
        return self.held.language

    @property
    def called(self) -> str:
        """The language in English, with its code."""
        return f"{name_of(self.language)} ({self.language})"


@dataclass(slots=True)
class Packing:
    """A bag while it is packed."""

    shelf: Shelf
    criteria: Criteria
    texts: tuple[Text, ...]
    files: dict[str, bytes] = field(default_factory=dict)
    changes: list[tuple[Cell, ...]] = field(default_factory=list)
    """What is said of what has changed, with links to it."""

    @property
    def manifest(self) -> Manifest:
        """Of the release."""
        return self.texts[0].held.manifest

    @property
    def report(self) -> Any:
        """What the checks found, as data."""
        return json.loads(self.files["check-report/report.json"])


def papers(packing: Packing) -> dict[str, bytes]:
    """Every paper, by its name in the bag."""
    made = (_first, _criteria, _sign_offs, _readability, _evidence, _changes, _history)
    about = {"about": packing.texts[0], "first": FIRST}
    pages = (make(packing) for make in made)
    return {page.file: _template().render(page=page, **about).encode() for page in pages}


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template("papers.html")


def _row(*cells: Cell | str | int | date) -> tuple[Cell, ...]:
    return tuple(
        cell if isinstance(cell, Cell) else Cell(str(cell), kind="day" if isinstance(cell, date) else "")
        for cell in cells
    )


def _sign_offs(packing: Packing) -> Page:
    """Who signed."""
    lead = (
        "A version is released only when everybody who has to sign has signed just this text: each signature "
        "names the digest of all texts and pictures, which is another as soon as a comma has changed."
    )
    return Page("sign-offs.html", "Sign-offs", lead, tuple(map(_signed, packing.texts)))


def _signed(text: Text) -> Section:
    said = text.held.text
    rows = tuple(_row(one.role, one.name, one.day) for one in said.signed)
    table = Table(f"Who signed, {text.language}", ("Role", "Name", "Day"), rows)
    texts = (f"Digest of what was signed: {said.content}",)
    return Section(text.language, text.called, texts, table=table)


def _readability(packing: Packing) -> Page:
    """Reading ages."""
    lead = (
        "How old one must be to read a text, by the Flesch–Kincaid grade: as it stands, and with the terms "
        "that the booklet explains set apart. The figures help to choose what to look at; they judge nothing."
        f" Sections of fewer than {LEAST_WORDS} words have none; the last line is all sections together."
    )
    sections = tuple(_ages(packing, text) for text in packing.texts)
    return Page("readability.html", "Readability", lead, sections)


def _ages(packing: Packing, text: Text) -> Section:
    """The ages of one language, which are the same in all its forms."""
    files = {file.file for file in text.held.files}
    found = [one for one in packing.report["reading_ages"] if one["pdf"] in files]
    first = [one for one in found if one["pdf"] == found[0]["pdf"]]
    if not first:
        texts = ("There are no figures: they are worked out for English, from some lines of text on.",)
        return Section(text.language, text.called, texts)
    heads = "Section", "Words", "Age", "Without explained terms"
    rows = (_row(one["section"], one["words"], one["age"], one["without_terms"]) for one in first)
    return Section(text.language, text.called, table=Table("Reading ages", heads, tuple(rows)))


def _evidence(packing: Packing) -> Page:
    """What it rests on, and who answers for it."""
    sections = (section for text in packing.texts for section in (_facts(text), _sources(text)))
    return Page("evidence.html", "Evidence", "", tuple(sections))


def _facts(text: Text) -> Section:
    booklet, house = text.sourced.booklet, text.sourced.house
    credit, mark = booklet.credits, text.sourced.house.quality_mark
    own, reason = text.language, booklet.quality_mark_reason

    def said(words: str | None) -> Cell:
        return Cell(words, language=own) if words else Cell("nothing is said of them")

    rows = [
        _row("Title", Cell(booklet.title, language=own)),
        _row("Publisher", Cell(house.name, language=own)),
        _row("Produced by", Cell(credit.produced_by, language=own)),
        *(_row("Approved by", Cell(one.line(own), language=own)) for one in credit.approved_by),
        *(_row("Reviewed by", Cell(one, language=own)) for one in credit.reviewer_lines(own)),
        _row("Conflicts of interest", said(credit.conflicts)),
        *([_row("Why it has no quality mark", said(reason))] if reason else []),
        _row("Published", booklet.published),
        _row("Next review", booklet.next_review),
    ]
    if mark:
        holds = f"{mark.scheme}, {mark.holder}, from {mark.certificate.first} to {mark.certificate.last}"
        rows.append(_row("Certificate, as the publisher states it", holds))
    table = Table(f"Who answers for it, and when, {own}", ("What", "As it says"), tuple(rows))
    return Section(own, text.called, table=table)


def _sources(text: Text) -> Section:
    """The references, as they are written."""
    credit = text.sourced.booklet.credits
    none = ("The booklet names none." if not credit.sources else "",)
    asked = (f"Where to ask for them: {credit.sources_on_request}",) if credit.sources_on_request else ()
    items = tuple(tuple(_spoken(source, text.language)) for source in credit.sources)
    said = tuple(filter(None, (*none, *asked)))
    return Section(f"{text.language}-sources", f"Sources, {text.called}", said, items)


def _spoken(source: Prose, language: str) -> Iterator[Cell]:
    """A text of several paragraphs in one line; addresses on the web lead there."""
    for paragraph in source.paragraphs:
        for span in paragraph.spans:
            yield Cell(span.text, span.href if span.href.startswith("https:") else "", language)
        yield Cell(" ")


def _changes(packing: Packing) -> Page:
    """What is otherwise than before."""
    lead = "Worked out from the texts of both versions as they were released, and not from anybody's notes."
    section = Section("languages", "By language", items=tuple(packing.changes))
    return Page("what-changed.html", "What has changed", lead, (section,))


def _history(packing: Packing) -> Page:
    """What became of each version."""
    shelf, booklet = packing.shelf, packing.manifest.booklet
    rows = tuple(
        _row(f"{one.version} {one.language}", one.manifest.released, one.state, one.edition.since, _why(one))
        for one in shelf.of(booklet)
    )
    heads = "Version", "Released", "State", "Since", "Why"
    states = Section("states", "Versions", table=Table("What has become of each version", heads, rows))
    register = shelf.register
    numbered = zip(range(1, len(register.entries) + 1), register.entries, register.heads, strict=True)
    entries = tuple(_entry(*one) for one in numbered if one[1].booklet == booklet)
    heads = "Entry", "Day", "Version", "What was said", "Its SHA-256"
    table = Table("Entries of the register about this booklet", heads, entries)
    count, head = len(register.entries), register.head
    said = (
        f"When this bag was packed the register had {count} entries, and this head: {head}",
        f"Each entry has the SHA-256 of the one before. {COMPARED}: releases verify --head {head}",
        f"Every file of this bag is compared with: sha256sum -c {SUMS}",
    )
    return Page("history.html", "History", "", (states, Section("register", "Register", said, table=table)))


def _why(held: Held) -> str:
    one = held.edition
    return "; ".join(filter(None, (one.reason, one.stock, one.succession)))


def _entry(number: int, entry: Entry, digest: str) -> tuple[Cell, ...]:
    what = "released" if entry.manifest else "; ".join(filter(None, (entry.state, entry.reason, entry.stock)))
    about = f"{entry.version} {', '.join(entry.languages)}"
    return _row(number, entry.day, about, what, Cell(digest, kind="hash"))


def _criteria(packing: Packing) -> Page:
    """What bears on each criterion, and what is left to people."""
    data = packing.criteria
    unsure = "" if data.checked else " This list was not compared with the scheme’s requirements in force."
    lead = (
        "This paper promises no approval, and answers nothing: it says where in this bag to look, and asks "
        f"what the bag cannot know. The boxes are for people to tick.{unsure}"
    )
    about = Section(
        "about",
        f"{data.scheme}, version {data.version}",
        (data.note,),
        ((Cell("Where they were published: "), Cell(data.source, data.source)),),
    )
    sections = (_criterion(number, one) for number, one in enumerate(data.criteria, 1))
    return Page("criteria.html", "The criteria", lead, (about, *sections))


def _criterion(number: int, one: Criterion) -> Section:
    items = tuple((_link(bearing.part), Cell(f": {bearing.says}")) for bearing in one.in_bag)
    title = f"{number}. {one.title}"
    return Section(one.id, title, (one.summary,), items, asks=one.asks, listed="In this bag")


def _link(part: str) -> Cell:
    return Cell(*PARTS[part][:2])


def _first(packing: Packing) -> Page:
    """The list of all that is in the bag."""
    manifest = packing.manifest
    states = (f"{text.language} {text.held.state} since {text.held.edition.since}" for text in packing.texts)
    seal = manifest.signature
    signed = f" Its PDFs for readers are signed by {seal.by}." if seal else ""
    lead = (
        "What was recorded of how this version came to be. It approves nothing: that is for people to do. "
        f"When this bag was packed, the version was: {', '.join(states)}.{signed}"
    )
    parts = tuple(_row(_link(name), what) for name, (*_, what) in PARTS.items())
    others = (
        _row(Cell(MANIFEST, MANIFEST), "What the release says of itself, with every file's SHA-256"),
        _row(Cell("criteria.yaml", "criteria.yaml"), "The criteria as data"),
        _row(Cell(SUMS, SUMS), "The SHA-256 of every other file in this bag"),
    )
    contents = Table("All that is in this bag", ("Part", "What it is"), (*parts, *others))
    return Page(
        FIRST,
        "Job bag",
        lead,
        (
            Section("contents", "Contents", table=contents),
            _editions(packing),
            _listing(packing, "sources", "Sources", "What it was made from, as its editors wrote it"),
            _listing(
                packing, "sign-offs", "Sign-offs", "As they were written; sign-offs.html has what holds"
            ),
            _listing(packing, "what-changed", "What has changed", "In each language"),
            _listing(packing, "check-report", "Check report", "For people to read, and as data"),
            _listing(packing, "history", "Register", "What was written down of this booklet, entry by entry"),
        ),
    )


def _editions(packing: Packing) -> Section:
    files = packing.manifest.files
    rows = tuple(
        _row(
            Cell(one.file, f"editions/{one.file}"),
            *(one.language, _form(one), _for_whom(one), one.pages, _checks(one)),
            Cell(files[one.file].sha256, kind="hash"),
        )
        for one in packing.manifest.editions
    )
    heads = "File", "Language", "Form", "For", "Pages", "Checks", "SHA-256"
    return Section("editions", "Editions", table=Table("Every PDF of the release", heads, rows))


def _form(one: EditionFile) -> str:
    size = f"type of {one.points} points" if one.points else ""
    return ", ".join(filter(None, (one.layout, size, "without colour" if one.grey else "")))


def _checks(one: EditionFile) -> str:
    return f"passed, warnings: {one.warnings}" if one.warnings else "passed"


def _for_whom(one: EditionFile) -> str:
    if not one.place:
        return "readers"
    return "a clinic’s printer" if one.place == "desk" else one.place.removeprefix("press-")


def _listing(packing: Packing, folder: str, title: str, text: str) -> Section:
    """The files of a folder."""
    names = sorted(name for name in packing.files if name.startswith(f"{folder}/"))
    items = tuple((Cell(name.removeprefix(f"{folder}/"), name),) for name in names)
    said = (f"{text}.",) if items else ("There is nothing in it.",)
    return Section(folder, title, said, items)
