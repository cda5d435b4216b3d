"""What a booklet, its publisher and a clinic are: no files, no HTML, no clock."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    PrivateAttr,
    StringConstraints,
    Tag,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from .blocks import (
    Block,
    Contact,
    Content,
    Day,
    Email,
    Flag,
    Heading,
    Identifier,
    Line,
    Local,
    Number,
    Phone,
    Picture,
    Voice,
    Web,
    Written,
    plain_words,
    telephone,
)
from .language import listed, own_name, same_to_read
from .prose import Paragraph, Piece, Prose, Reference


def _version(value: object) -> object:
    if isinstance(value, str) and not _is_version(value):
        raise PydanticCustomError("version_form", "This is no version")
    return value


def _is_version(text: str) -> bool:
    # 01.0 would be another version than 1.0, and the same number.
    return bool(re.fullmatch(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})", text))


def _digest(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch("[0-9a-f]{64}", value):
        raise PydanticCustomError("digest_form", "This is no digest")
    return value


def _code(value: object) -> object:
    if isinstance(value, str) and not all(c.isascii() and (c.isalnum() or c in "-_./") for c in value):
        raise PydanticCustomError("code_form", "This is no stock code")
    return value


Subtitle = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=160),
    AfterValidator(plain_words),
]
#: So many letters a remark may have, and what it is about.
LONGEST_REMARK = 20_000
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_REMARK)]
Version = Annotated[Line, BeforeValidator(_version)]
Digest = Annotated[Line, BeforeValidator(_digest)]
Code = Annotated[Line, BeforeValidator(_code)]
Language = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
]


class Glossed(Written):
    """A word of the glossary."""

    term: Line
    """The word or name."""
    meaning: Prose
    """What it means, in Markdown."""


class Person(Written):
    """Somebody who answers for the booklet; the name may be left out where a post is given."""

    name: Line | None = None
    """For example Dr Ann Bell."""
    post: Line | None = None
    """For example Consultant Haematologist."""
    capacity: Annotated[Line | None, Field(validate_default=True)] = None
    """In what role, for example Senior Medical Editor."""

    @field_validator("capacity")
    @classmethod
    def _somebody(cls, capacity: str | None, info: ValidationInfo) -> str | None:
        if all(name in info.data and not info.data[name] for name in ("name", "post")):
            raise PydanticCustomError("person", "Somebody needs a name or a post")
        return capacity

    def line(self, language: str) -> str:
        """The person as one line, as the language lists: name, post, capacity."""
        return listed((part for part in (self.name, self.post, self.capacity) if part), language)


def _who(value: Any) -> str:
    return GROUP if isinstance(value, str) else PERSON


#: The two forms of a reviewer; no key can be mistaken for them.
PERSON, GROUP = "a person", "a group"
Reviewer = Annotated[Annotated[Person, Tag(PERSON)] | Annotated[Line, Tag(GROUP)], Discriminator(_who)]


class Credits(Written):
    """Who made, reviewed and approved the booklet."""

    produced_by: Line
    """The team that wrote, revised and edited it."""
    approved_by: Annotated[tuple[Person, ...], Field(min_length=1)]
    """One or more people, each with name or post."""
    reviewers: Annotated[tuple[Reviewer, ...], Field(min_length=1)]
    """People, or groups as plain text, for example 'people living with the condition'."""
    sources: tuple[Prose, ...] = ()
    """References, one Markdown text each."""
    sources_on_request: Line | None = None
    """Where to ask for the sources, for example an e-mail address."""
    conflicts: Line | None = None
    """Conflicts of interest, for example 'none declared'."""

    def reviewer_lines(self, language: str) -> tuple[str, ...]:
        """Each reviewer as one line, as the language lists."""
        return tuple(r if isinstance(r, str) else r.line(language) for r in self.reviewers)


class Section(Written):
    """A section; it has content, or sections, or both."""

    id: Identifier
    """Unique in the booklet; links lead to it as #id."""
    title: Heading
    """The section's heading."""
    content: Content = ()
    """A list of blocks, or one Markdown text."""
    sections: Annotated[tuple["Section", ...], Field(validate_default=True)] = ()
    """The sections within it, up to three levels in all."""

    @field_validator("sections")
    @classmethod
    def _not_empty(cls, sections: tuple["Section", ...], info: ValidationInfo) -> tuple["Section", ...]:
        if not sections and info.data.get("content") == ():
            raise PydanticCustomError("empty_section", "This section is empty", {"at": "id"})
        return sections

    def walk(self, level: int = 1) -> Iterator[tuple[int, "Section"]]:
        """This section and all below it, with their levels, in reading order."""
        yield level, self
        for section in self.sections:
            yield from section.walk(level + 1)

    def says(self, voice: Voice) -> Iterator[Piece]:
        """What a reader must meet of the section's own title and blocks, in order."""
        yield self.piece(self.title)
        for block in self.content:
            yield from block.says(voice)


class Booklet(Written):
    """One booklet, as its booklet.yaml has it."""

    title: Heading
    """The booklet's name, on the cover."""
    subtitle: Subtitle | None = None
    """On the cover, below the title."""
    running_title: Heading | None = None
    """In the page header; default: the title."""
    code: Code
    """The stock code, unique in source/; translations share their master's."""
    language: Language
    """BCP 47, for example en-GB."""
    version: Version
    """EDITION.REVISION, for example "1.0"."""
    published: Day
    """The day of publication, year-month-day: 2026-11-23."""
    next_review: Day
    """The day by which it is looked through again; later than `published`."""
    layouts: Annotated[tuple[Identifier, ...], Field(min_length=1)] | None = None
    """Names of layouts; default: those that say `default: true`."""
    cover: Picture | None = None
    """The cover's illustration, an svg beside booklet.yaml; decoration, so it has no alt text."""
    notice: Prose | None = None
    """A status notice: on the cover and in the imprint."""
    about: Prose | None = None
    """'About this booklet': whom it is for, how to use it."""
    key_points: tuple[Prose, ...] = ()
    """'At a glance': a few short points."""
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]
    """The text of the booklet: at least one section."""
    glossary: tuple[Glossed, ...] = ()
    """Words that are explained near the end, each with `term` and `meaning`."""
    credits: Credits
    """Who wrote, reviewed and approved it, and from which sources."""
    conditions: tuple[Line, ...] = ()
    """What it is about, for the catalogue's readers to find it by: names of conditions or treatments."""
    quality_mark: Flag = True
    """Print the house's quality-mark statement?"""
    quality_mark_reason: Annotated[Line | None, Field(validate_default=True)] = None
    """Needed where `quality_mark` is false."""
    translation_of: Version | None = None
    """In a translation: the master's version that it translates."""

    _id: str = PrivateAttr(default="")
    _references: dict[str, Reference] = PrivateAttr(default_factory=dict)

    @property
    def id(self) -> str:
        """The name of the booklet's folder."""
        return self._id

    @property
    def references(self) -> dict[str, Reference]:
        """The other booklets that this one links to, by id."""
        return self._references

    @field_validator("layouts")
    @classmethod
    def _each_once(cls, layouts: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if layouts and len(set(layouts)) < len(layouts):
            raise PydanticCustomError("same_layout", "A layout is named twice")
        return layouts

    @field_validator("next_review")
    @classmethod
    def _dates_follow(cls, day: date, info: ValidationInfo) -> date:
        if "published" in info.data and day <= info.data["published"]:
            raise PydanticCustomError("review_order", "The next review is not later than `published`")
        return day

    @field_validator("quality_mark_reason")
    @classmethod
    def _mark_has_reason(cls, reason: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("quality_mark") is False and not reason:
            raise PydanticCustomError(
                "mark_reason", "`quality_mark: false` needs a reason", {"at": "quality_mark"}
            )
        return reason

    @property
    def has_parts(self) -> bool:
        """Do some top-level sections open a page of their own?"""
        return any(section.sections for section in self.sections)

    def walk(self) -> Iterator[tuple[int, Section]]:
        """Every section with its level (1 to 3), in reading order."""
        for section in self.sections:
            yield from section.walk()

    @property
    def has_local_place(self) -> bool:
        """Does the booklet say itself where a clinic's details go?"""
        return any(isinstance(block, Local) for _, s in self.walk() for block in s.content)


class Certificate(Written):
    """The days for which a quality mark was granted, both included."""

    first: Annotated[Day, Field(alias="from")]
    """The first day."""
    last: Annotated[Day, Field(alias="to")]
    """The last day."""

    @field_validator("last")
    @classmethod
    def _in_order(cls, last: date, info: ValidationInfo) -> date:
        if "first" in info.data and last < info.data["first"]:
            raise PydanticCustomError("certificate_order", "The certificate ends before it begins")
        return last

    def covers(self, day: date) -> bool:
        """Is the day one of the certificate's?"""
        return self.first <= day <= self.last


class QualityMark(Written):
    """The publisher's quality mark. A passing check never grants it."""

    scheme: Line
    """For example PIF TICK."""
    holder: Line
    """To whom it was granted."""
    certificate: Certificate
    """From which day to which day it holds; both are included."""
    statement: Prose
    """Printed word for word in 'About our information'."""
    logo: Picture | None = None
    """The mark's picture; only the certificate's holder may supply it."""


class Offer(Written):
    """How to ask for a booklet in another language, said in that language."""

    language: Language
    """The language (BCP 47): ar, or zh-Hans where the script must be told."""
    text: Line
    """One line, with the telephone number or the address."""

    @field_validator("language")
    @classmethod
    def _known(cls, language: str) -> str:
        if not own_name(language):
            raise PydanticCustomError("offered_language", "No such language")
        return language

    @property
    def name(self) -> str:
        """What its speakers call the language."""
        return own_name(self.language)


class House(Written):
    """What all booklets of the publisher share."""

    name: Line
    """The publisher's name."""
    strapline: Line | None = None
    """A few words that go with the name."""
    address: Line | None = None
    """The publisher's postal address."""
    web: Web | None = None
    """The publisher's website; begins with https://"""
    email: Email | None = None
    """Where to write to the publisher, for example hello@example.org."""
    phone: Phone | None = None
    """The publisher's number, printed as it is written here."""
    logo: Picture | None = None
    """A picture in source/, for example house/logo.svg."""
    quality_mark: QualityMark | None = None
    """The quality mark that the publisher holds, with its statement."""
    how_we_can_help: Content = ()
    """Blocks, usually contacts; they close every booklet."""
    formats: Prose | None = None
    """Other formats and languages, and how to ask for them."""
    languages: tuple[Offer, ...] = ()
    """The main languages of the readers: how to ask for a booklet in each, said in it. A booklet prints
    all but the one in its own language."""
    feedback: Prose | None = None
    """How to tell the publisher what readers think."""
    disclaimer: Prose | None = None
    """What the booklets cannot do, for example replace advice."""
    imprint: Prose | None = None
    """Legal lines and charity numbers."""
    catalogue: Web | None = None
    """Where a page tells of each edition whether it is current, for example https://example.org/booklets. Its
    address is printed on the back cover, and as a QR code; without `catalogue` neither is."""
    sign_off_roles: tuple[Line, ...] = ()
    """The roles that sign an edition off before its release."""

    def offers_in(self, booklet: Booklet) -> tuple[Offer, ...]:
        """The offers of languages that this booklet prints."""
        return tuple(o for o in self.languages if not same_to_read(o.language, booklet.language))

    def statement_for(self, booklet: Booklet) -> Prose | None:
        """The mark's statement, where this booklet prints it."""
        mark = self.quality_mark
        if mark and booklet.quality_mark and mark.certificate.covers(booklet.published):
            return mark.statement
        return None


class Waiver(Written):
    """A finding that the editors have looked at and let stand. Errors cannot be waived."""

    code: Line
    """The finding's code, for example long-sentence."""
    block: Line
    """Where it stands, as the report names it: a section's id, a slash and the block's number."""
    reason: Line
    """Why it may stand."""


class Waivers(Written):
    """waivers.yaml, beside booklet.yaml (waivers.<lang>.yaml beside a translation)."""

    waivers: Annotated[tuple[Waiver, ...], Field(min_length=1)]
    """Each with `code`, `block` and `reason`."""


class SignOff(Written):
    """Somebody's word that a version may be released, as it was when its content had this digest."""

    version: Version
    """The version that was read."""
    role: Line
    """One of the `sign_off_roles` of house.yaml."""
    name: Line
    """Who signs."""
    date: Day
    """On which day."""
    digest: Digest
    """What `release` prints: it is another one as soon as a comma has changed."""


class SignOffs(Written):
    """sign-offs.yaml, beside booklet.yaml (sign-offs.<lang>.yaml beside a translation)."""

    sign_offs: Annotated[tuple[SignOff, ...], Field(min_length=1)]
    """Each with `version`, `role`, `name`, `date` and `digest`."""


class Remark(Written):
    """What somebody who read a version has to say about a paragraph of it."""

    id: Number
    """Its number, which no other remark of the file has."""
    version: Version
    """The version that was read."""
    proof: Number | None = None
    """The number of the proof that was read."""
    name: Words
    """Who has read it."""
    role: Words
    """In which role, for example clinical."""
    date: Day
    """On which day it was said."""
    section: Words
    """The section's id; other matter has names that begin with `_`, such as `_cover`."""
    quote: Words | None = None
    """The paragraph as it read then, in plain words; without it the remark is about the whole section."""
    remark: Words
    """What is to be said, in plain words, in one line or several."""
    state: Literal["open", "done", "declined"]
    """open, done or declined; what is open stops the release of that version."""
    why: Annotated[Words | None, Field(validate_default=True)] = None
    """Needed where it was declined."""
    mark: Words | None = None
    """Written by `remarks import`, which knows by it what it has read already."""

    @property
    def is_open(self) -> bool:
        """Has nobody answered it yet?"""
        return self.state == "open"

    @field_validator("why")
    @classmethod
    def _decline_has_reason(cls, why: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("state") == "declined" and not why:
            raise PydanticCustomError("decline_reason", "What is declined needs a reason", {"at": "state"})
        return why


class Remarks(Written):
    """remarks.yaml, beside booklet.yaml (remarks.<lang>.yaml beside a translation)."""

    remarks: Annotated[tuple[Remark, ...], Field(min_length=1)]
    """Each with `id`, `version`, `name`, `role`, `date`, `section`, `quote`, `remark` and `state`."""


class Proof(Written):
    """A proof that was made: a PDF for editors and reviewers, never for patients."""

    version: Version
    """The version that it shows."""
    proof: Number
    """Its number, which counts up within a version."""
    date: Day
    """The day on which it was first made."""
    layout: Line
    """Its layout, with the size of its type where that was chosen."""
    digest: Digest
    """That of what it says, as in sign-offs."""
    since: Version | None = None
    """The version since which its bars show what has changed."""


class Proofs(Written):
    """proofs.yaml, beside booklet.yaml (proofs.<lang>.yaml beside a translation); `proof` writes it."""

    proofs: tuple[Proof, ...]
    """Each with `version`, `proof`, `date`, `layout` and `digest`."""


class Urgent(Written):
    """Whom to call at once."""

    text: Line
    """Whom to call, and about what."""
    phone: Phone
    """The number, printed as it is written here."""
    hours: Line
    """When somebody answers, for example day and night."""

    def says(self) -> Iterator[Piece]:
        """What a reader must meet, in order."""
        yield self.piece(self.text, key="text")
        yield self.piece(self.phone, telephone(self.phone), key="phone")
        yield self.piece(self.hours, key="hours")


class Clinic(Written):
    """A clinic's own details. They fill its panel and change nothing else."""

    name: Line
    """The clinic's name."""
    address: Line | None = None
    """Where it is."""
    contacts: tuple[Contact, ...] = ()
    """How to reach it, each with `name`."""
    logo: Picture | None = None
    """A picture in source/, for example clinics/riverside.svg."""
    note: Prose | None = None
    """One short paragraph, in Markdown."""
    urgent: Urgent | None = None
    """Printed first and largest."""
    booklets: tuple[Identifier, ...] | None = None
    """The booklets that the clinic prints; default: all."""

    @property
    def has_phone(self) -> bool:
        """Does one of its contacts have a telephone?"""
        return any(contact.phone for contact in self.contacts)

    def says(self, voice: Voice, language: str) -> Iterator[Piece]:
        """What a reader must meet in its panel, in order: where it gives nothing, lines to write on stay.

        Its own words are in `language`; empty where that is the booklet's.
        """
        own = [self.piece(self.name, key="name")]
        if self.address:
            own.append(self.piece(self.address, key="address"))
        own += (piece for contact in self.contacts for piece in contact.says(voice))
        own += voice.prose(self.note) if self.note else ()
        urgent = tuple(self.urgent.says()) if self.urgent else ()
        yield self.piece(voice.words["urgent" if urgent else "local_urgent"])
        yield from (replace(piece, language=language) for piece in (*urgent, *own))
        yield self.piece(voice.words["local_team"])
        if not self.has_phone:
            yield self.piece(voice.words["local_day"])

    @field_validator("note")
    @classmethod
    def _one_paragraph(cls, note: Prose | None) -> Prose | None:
        if note and not (len(note.content) == 1 and isinstance(note.content[0], Paragraph)):
            raise PydanticCustomError("note_form", "A note is one paragraph")
        return note


def every_block(booklet: Booklet) -> Iterator[Block]:
    """All blocks of all sections, in reading order."""
    for _, section in booklet.walk():
        yield from section.content


def every_prose(written: object) -> Iterator[Prose]:
    """All Markdown texts in a booklet, house or clinic, however deep."""
    if isinstance(written, Prose):
        yield written
    elif isinstance(written, Written):
        for name in type(written).model_fields:
            yield from every_prose(getattr(written, name))
    elif isinstance(written, tuple):
        for item in written:
            yield from every_prose(item)
