"""What does a version of a booklet say, place by place and item by item?

A place is a section, or the matter around the sections that a reader meets under one heading. An item
is what an editor moves as a whole: a paragraph, a step, a row of a table, a contact, a box.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from .blocks import Block, Statistic, Table, Text, Written
from .language import headed, written_day
from .model import Person, Section
from .problem import NOWHERE, Where
from .prose import Listing, Paragraph, Prose, Span
from .source import Sourced

#: Keys whose values name pictures.
PICTURES = frozenset({"image", "cover", "logo"})

#: What the items of a block are called, and what the rest of it is.
CALLED = {
    "text": "paragraph",
    "figure": "picture",
    "terms": "term",
    "key_points": "key point",
    "callout": "box",
    "quote": "quotation",
    "table": "row of a table",
    "steps": "step",
    "checklist": "item of a checklist",
    "questions": "question",
    "notes": "lines for notes",
    "statistic": "statistic",
    "organisations": "organisation",
    "contacts": "contact",
    "local": "place of the clinic's details",
}
_HEADS = {
    "table": "head of a table",
    "key_points": "title of key points",
    "checklist": "title of a checklist",
    "questions": "title of questions",
}

#: What stands on the cover, what is said of the edition, and what is in the imprint, key by key.
COVER = ("title", "subtitle", "running_title", "cover", "notice")
EDITION = ("code", "language", "version", "translation_of", "published", "next_review", "layouts")
IMPRINT = ("imprint", "phone", "name", "strapline", "address", "web", "email", "logo", "catalogue")

#: The place of what is said of the edition, which differs from version to version.
OF_EDITION = "_edition"

#: The place of the publisher's own fixed words of layouts, which stand in many places of the pages.
OF_LAYOUTS = "_layouts"


@dataclass(frozen=True, slots=True)
class Said:
    """A paragraph of Markdown, or the value of a key.

    `marked` is the text with its emphasis, its links and the sign of its list, as Markdown; of a picture,
    whose `text` is its file's name, it is the digest. `holder` is the place of the mapping around it, and
    `language` its own (BCP 47), where it is not the booklet's. `column` is the head above a cell of a
    table, but for those that begin its rows.
    """

    key: str
    text: str
    marked: str
    where: Where = field(default=NOWHERE, compare=False)
    holder: Where = field(default=NOWHERE, compare=False)
    language: str = ""
    column: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Item:
    """What an editor moves as a whole. One with a `name` is the only one of that name in its place."""

    called: str
    said: tuple[Said, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A section, by its id, or other matter, whose id begins with `_`.

    `parent` is the id of the section around it.
    """

    id: str
    title: str
    items: tuple[Item, ...]
    parent: str = ""
    is_section: bool = False


def places(sourced: Sourced) -> tuple[Place, ...]:
    """All that a booklet says, in the order of its source; what is empty is left out."""
    read = _Reader(sourced)
    booklet, house = sourced.booklet, sourced.house
    found = [
        Place("_cover", "Cover", tuple(read.by_key(booklet, COVER))),
        Place("_about", "About this booklet", tuple(read.texts(booklet.about, "about"))),
        Place("_at-a-glance", "At a glance", tuple(read.each(booklet.key_points, "key point"))),
        *(place for section in booklet.sections for place in read.sections(section, "")),
        Place("_glossary", "Glossary", tuple(read.each(booklet.glossary, "word"))),
        Place("_help", "How we can help", tuple(read.blocks(house.how_we_can_help))),
        Place("_information", "About our information", tuple(read.information())),
        Place("_formats", "Other formats and languages", tuple(read.formats())),
        Place("_imprint", "Imprint", tuple(read.by_key(house, IMPRINT))),
        Place(OF_LAYOUTS, "Words of the layouts", tuple(read.fixed())),
        Place(OF_EDITION, "This edition", tuple(read.by_key(booklet, EDITION))),
    ]
    return tuple(place for place in found if place.items)


class _Reader:
    """Takes the model of a version apart."""

    def __init__(self, sourced: Sourced) -> None:
        self.sourced = sourced
        self.language = sourced.booklet.language
        self.digests = {asset.name: asset.digest for asset in sourced.assets}

    def fixed(self) -> Iterator[Item]:
        """The publisher's own words of layouts."""
        for key, word in self.sourced.fixed.items():
            yield Item("word", (Said(key, word, word),), key)

    def sections(self, section: Section, parent: str) -> Iterator[Place]:
        """A section and those in it."""
        title = Item(
            "title", tuple(self.values(section.title, "title", section.at("title"), section)), "title"
        )
        yield Place(section.id, section.title, (title, *self.blocks(section.content)), parent, True)
        for inner in section.sections:
            yield from self.sections(inner, section.id)

    def blocks(self, content: Iterable[Block]) -> Iterator[Item]:
        """The items of blocks."""
        for block in content:
            called = CALLED[block.kind]
            if isinstance(block, Text):
                yield from self.texts(block.markdown, "markdown")
                continue
            listed = "rows" if isinstance(block, Table) else "items"
            head = tuple(self.of(block, skipped=("kind", listed)))
            if not hasattr(block, listed):
                # Of the place of a clinic's details nothing is said but that it is there.
                yield Item(called, head or (self.line("kind", called, block.where, block),))
                continue
            if head:
                yield Item(_HEADS.get(block.kind, called), head)
            if isinstance(block, Table):
                yield from (Item(called, tuple(self.cells(row, block))) for row in block.rows)
            else:
                yield from self.each(getattr(block, listed), called, block)

    def cells(self, row: Sequence[Prose], table: Table) -> Iterator[Said]:
        """The texts of a table's row."""
        for head, cell in zip(("", *table.header[1:]), row, strict=True):
            said = self.values(cell, "items", table.at("items"), table)
            yield from (replace(one, column=head) for one in said)

    def each(
        self, values: Iterable[object], called: str, holder: Written | None = None, key: str = "items"
    ) -> Iterator[Item]:
        """An item of each value."""
        for value in values:
            if isinstance(value, Written) and not isinstance(value, Person):
                yield Item(called, tuple(self.of(value)))
            else:
                where = holder.at(key) if holder else NOWHERE
                yield Item(called, tuple(self.values(value, "items", where, holder)))

    def texts(self, prose: Prose | None, key: str) -> Iterator[Item]:
        """An item of each paragraph."""
        for paragraph, sign in _paragraphs(prose.content, "") if prose else ():
            said = _said(key, paragraph, sign, prose.where if prose else NOWHERE)
            yield Item("item of a list" if sign.strip() else "paragraph", (said,))

    def by_key(self, written: Written, keys: Sequence[str]) -> Iterator[Item]:
        """An item of each key that has a value."""
        for key in keys:
            said = tuple(self.values(getattr(written, key), key, written.at(key), written))
            if said:
                yield Item(key.replace("_", " "), said, key)

    def information(self) -> Iterator[Item]:
        """Who made and reviewed the booklet, from what, and what stands beside that."""
        booklet, house, credit = self.sourced.booklet, self.sourced.house, self.sourced.booklet.credits
        yield from self.by_key(credit, ("produced_by",))
        yield from self.each(credit.reviewers, "reviewer", credit, "reviewers")
        yield from self.each(credit.approved_by, "who approved it", credit, "approved_by")
        yield from self.by_key(credit, ("conflicts", "sources_on_request"))
        yield from self.each(credit.sources, "source")
        statement = house.statement_for(booklet)
        if statement and house.quality_mark:
            said = tuple(self.values(statement, "statement", statement.where, house.quality_mark))
            logo = self.values(house.quality_mark.logo, "logo", house.quality_mark.where, None)
            yield Item("quality mark", (*said, *logo), "quality_mark")
        yield from self.by_key(booklet, ("quality_mark_reason",))
        yield from self.by_key(house, ("feedback", "disclaimer"))

    def formats(self) -> Iterator[Item]:
        """Other formats, and the offers of languages that are printed."""
        yield from self.texts(self.sourced.house.formats, "formats")
        for offer in self.sourced.house.offers_in(self.sourced.booklet):
            text = headed(offer.name, offer.text, offer.language)
            said = Said("text", text, text, offer.where, offer.where, offer.language)
            yield Item("language", (said,), offer.language)

    def of(self, written: Written, skipped: Sequence[str] = ()) -> Iterator[Said]:
        """All that a mapping says."""
        if isinstance(written, Statistic):
            yield self.line("count", written.stated("{count} in {of}", self.language), written.where, written)
            skipped = (*skipped, "count", "of")
        for key in type(written).model_fields:
            if key not in skipped:
                yield from self.values(getattr(written, key), key, written.at(key), written)

    def values(self, value: object, key: str, where: Where, holder: Written | None) -> Iterator[Said]:
        """The texts of a value, paragraph by paragraph; none of what is left out or false."""
        if isinstance(value, Prose):
            around = holder.where if holder else value.where
            yield from (
                _said(key, paragraph, sign, around) for paragraph, sign in _paragraphs(value.content, "")
            )
        elif isinstance(value, Person):
            yield self.line(key, value.line(self.language), value.where, value)
        elif isinstance(value, tuple):
            for inner in value:
                yield from self.values(inner, key, where, holder)
        elif isinstance(value, date):
            yield self.line(key, written_day(value, self.language), where, holder)
        elif value not in (None, False):
            text = str(value)
            marked = self.digests.get(text, text) if key in PICTURES else text
            yield Said(key, text, marked, where, holder.where if holder else where)

    def line(self, key: str, text: str, where: Where, holder: Written | None) -> Said:
        """A text without Markdown."""
        return Said(key, text, text, where, holder.where if holder else where)


def _paragraphs(content: Sequence[Paragraph | Listing], sign: str) -> Iterator[tuple[Paragraph, str]]:
    """The paragraphs, each with the sign of the list that it begins an item of."""
    for block in content:
        if isinstance(block, Paragraph):
            yield block, sign if block.number is not None else " " * len(sign)
        else:
            own = " " * len(sign) + (f"{block.start}. " if block.ordered else "- ")
            for item in block.items:
                yield from _paragraphs(item, own)


def _said(key: str, paragraph: Paragraph, sign: str, holder: Where) -> Said:
    text = "".join(span.text for span in paragraph.spans)
    return Said(key, text, sign + "".join(map(_marked, paragraph.spans)), paragraph.where, holder)


def _marked(span: Span) -> str:
    text = f"[{span.text}]({span.href})" if span.href else span.text
    sign = "*" * (2 * span.strong + span.emphasis)
    return f"{sign}{text}{sign}"
