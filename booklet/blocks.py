"""Every kind of block that a booklet can hold: its class is its schema, its docstring the manual.

A new kind is a class here and a fragment of the same name in layouts/base/blocks/.
`says` gives what a reader must meet of the block, in order: the checker looks for just that.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

from .language import grouped
from .problem import NOWHERE, Where
from .prose import Paragraph, Piece, Prose, Reference, Scalar, pieces


class Mapped(dict[str, Any]):
    """A YAML mapping that knows where it and each of its keys stand."""

    where: Where = NOWHERE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys_at: dict[str, Where] = {}


class Sequenced(list[Any]):
    """A YAML sequence that knows where it stands."""

    where: Where = NOWHERE


@dataclass(slots=True)
class Reading:
    """What is noted while a file is validated, so that every fault can be placed and explained."""

    classes: dict[int, type["Written"]] = field(default_factory=dict)
    texts: list[Scalar] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Voice:
    """What turns a block into words: the layout's fixed words, and the other booklets' titles."""

    words: Mapping[str, str]
    references: Mapping[str, Reference]
    language: str
    panel: tuple[Piece, ...] = ()
    """What stands in the place of a clinic's details, where a clinic has given them."""

    def prose(self, prose: Prose) -> Iterator[Piece]:
        """The pieces of a Markdown text."""
        return pieces(prose, self.words, self.references)


def _number(value: object) -> object:
    if isinstance(value, str):
        if re.fullmatch(r"\d{10,}", value):
            raise PydanticCustomError("int_large", "This number is too large")
        if not re.fullmatch(r"-?\d{1,9}", value):
            raise PydanticCustomError("int_type", "A whole number is needed here")
        return int(value)
    return value


def _flag(value: object) -> object:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise PydanticCustomError("bool_type", "Write true or false")
        return value == "true"
    return value


def _day(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            raise PydanticCustomError("date_form", "A date is needed here")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("date_value", "There is no such day") from None
    return value


def _phone(value: str) -> str:
    if not re.fullmatch(r"\+?(?=(?:\D*\d){3})[\d ()-]{3,24}", value):
        raise PydanticCustomError("phone_form", "This is no phone number")
    return value


def _web(value: str) -> str:
    if not re.fullmatch(r"https://[^\s\"'<>\\]+\.[^\s\"'<>\\]+", value):
        raise PydanticCustomError("web_form", "A web address is needed here")
    return value


def is_email(value: str) -> bool:
    """Is the text an e-mail address?"""
    return bool(re.fullmatch(r"[^\s@<>\"'()?&/:]+@[^\s@<>\"'()?&/:]+\.[A-Za-z]{2,}", value))


def _email(value: str) -> str:
    if not is_email(value):
        raise PydanticCustomError("email_form", "This is no e-mail address")
    return value


def _picture(value: str) -> str:
    if not PICTURE.fullmatch(value):
        raise PydanticCustomError("picture_form", "This is no name of a picture file")
    return value


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]*", value):
        raise PydanticCustomError("id_form", "This is no id")
    return value


PICTURE = re.compile(r"(?=.{1,200}\Z)(?:[\w-][\w.-]*/)*[\w-][\w.-]*\.(?:svg|png|jpe?g)", re.ASCII)


def plain_words(value: str) -> str:
    """The text, where it holds no Markdown."""
    if re.search(r"\*\*|\]\(|~~|`", value):
        raise PydanticCustomError("markdown_here", "Markdown would be printed as it stands")
    return value


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(plain_words)]
#: A heading that fits into the page's header, in two lines at the most.
Heading = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=90), AfterValidator(plain_words)
]
Number = Annotated[int, Field(ge=1), BeforeValidator(_number)]
Lines = Annotated[int, Field(ge=1, le=200), BeforeValidator(_number)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[date, BeforeValidator(_day)]
Phone = Annotated[Line, AfterValidator(_phone)]
Web = Annotated[Line, AfterValidator(_web)]
Email = Annotated[Line, AfterValidator(_email)]
Picture = Annotated[str, AfterValidator(_picture)]
Identifier = Annotated[str, AfterValidator(_identifier)]


class Written(BaseModel):
    """Something that an editor wrote as a YAML mapping; it knows its place in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    _where: Where = PrivateAttr(default=NOWHERE)
    _keys_at: Mapping[str, Where] = PrivateAttr(default_factory=dict)

    @property
    def where(self) -> Where:
        """Where the mapping begins in its source file."""
        return self._where

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that were written."""
        return tuple(self._keys_at)

    def at(self, key: str) -> Where:
        """Where a key stands in the source file; the mapping's own place where it is left out."""
        return self._keys_at.get(key, self._where)

    @model_validator(mode="wrap")
    @classmethod
    def _place(cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        if isinstance(info.context, Reading):
            info.context.classes[id(value)] = cls
        if not isinstance(value, Mapped):
            return handler(value)
        # A key with nothing behind it is a slip, where the key may be left out as well.
        made = handler({key: "" if entry is None else entry for key, entry in value.items()})
        made._where, made._keys_at = value.where, value.keys_at
        return made

    def piece(self, text: str, *links: str, key: str = "") -> Piece:
        """A run of words that belongs to this mapping, or to one of its keys."""
        return Piece(text, self.at(key) if key else self.where, links)


class Block(Written):
    """A block of a section."""

    kind: str

    def says(self, _voice: Voice) -> Iterator[Piece]:
        """What a reader must meet, in order."""
        return iter(())

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        made = handler(schema)
        # The key that names the kind explains it, for editors' completion.
        handler.resolve_ref_schema(made)["properties"]["kind"]["description"] = cls.__doc__
        return made


class Text(Block):
    """Running text in Markdown: paragraphs and lists. A plain string is short for it."""

    kind: Literal["text"]
    markdown: Prose
    """Paragraphs, lists, bold, emphasis and links."""

    def says(self, voice: Voice) -> Iterator[Piece]:
        yield from voice.prose(self.markdown)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


class Figure(Block):
    """A picture with its caption."""

    kind: Literal["figure"]
    image: Picture
    """The picture's file, beside booklet.yaml: svg, png or jpg. In large print, the labels of an svg become
    letters, with a key below it; texts right below one another are the lines of one label."""
    alt: Line
    """What the picture shows, for readers who cannot see it. Not the caption again."""
    caption: Line
    """Printed below the picture."""
    code: Line | None = None
    """The picture's stock code, printed small."""
    credit: Line | None = None
    """Who made the picture, printed small."""
    width: Literal["full", "half", "third"] = "full"
    """How much of the column's width it takes."""
    _labels: tuple[tuple[str, str], ...] = PrivateAttr(default=())

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """The letters that stand in the picture for its labels, each with its label: its key."""
        return self._labels

    def with_key(self, image: str, labels: tuple[tuple[str, str], ...]) -> Self:
        """The figure with another picture, whose labels stand below it."""
        made = self.model_copy(update={"image": image})
        made._labels = labels
        return made

    @field_validator("caption")
    @classmethod
    def _alt_says_more(cls, caption: str, info: ValidationInfo) -> str:
        if _words(info.data.get("alt", "")) == _words(caption):
            raise PydanticCustomError("alt_is_caption", "The alt text is the caption again", {"at": "alt"})
        return caption

    def says(self, _voice: Voice) -> Iterator[Piece]:
        yield self.piece(self.caption, key="caption")
        for key, small in (("code", self.code), ("credit", self.credit)):
            if small:
                yield self.piece(small, key=key)
        for letter, label in self.labels:
            yield self.piece(f"{letter} {label}", key="image")


class Term(Written):
    """A term with its explanation."""

    term: Line
    """The word or name."""
    text: Prose
    """What it means, in Markdown."""


class Terms(Block):
    """Terms, each with its explanation, for example treatments."""

    kind: Literal["terms"]
    items: Annotated[tuple[Term, ...], Field(min_length=1)]
    """The terms, each with `term` and `text`."""

    def says(self, voice: Voice) -> Iterator[Piece]:
        for item in self.items:
            yield item.piece(item.term)
            yield from voice.prose(item.text)


class Listed(Block):
    """A block that is a list of short Markdown items, with or without a title."""

    title: Line | None = None
    """Stands in place of the usual title."""
    items: Annotated[tuple[Prose, ...], Field(min_length=1)]
    """One short Markdown text each."""

    def says(self, voice: Voice) -> Iterator[Piece]:
        yield self.piece(self.title or voice.words[self.kind], key="title")
        for item in self.items:
            yield from voice.prose(item)


class KeyPoints(Listed):
    """A shaded box with the points to remember."""

    kind: Literal["key_points"]


class Checklist(Listed):
    """Things to tick off, each with a box."""

    kind: Literal["checklist"]


class Questions(Listed):
    """Questions to ask, with lines to write the answers on."""

    kind: Literal["questions"]
    lines: Lines = 2
    """How many lines to write on below each question."""

    def says(self, voice: Voice) -> Iterator[Piece]:
        yield self.piece(self.title or voice.words[self.kind], key="title")
        for item in self.items:
            *before, last = voice.prose(item)
            yield from (*before, replace(last, lines=self.lines))


class Steps(Block):
    """Numbered steps."""

    kind: Literal["steps"]
    items: Annotated[tuple[Prose, ...], Field(min_length=1)]
    """One step each, in Markdown."""

    def says(self, voice: Voice) -> Iterator[Piece]:
        for number, item in enumerate(self.items, 1):
            first, *more = voice.prose(item)
            # What begins with a list has its own marker first.
            yield replace(first, number=number) if isinstance(item.content[0], Paragraph) else first
            yield from more


class Callout(Block):
    """A box that stands out. Its tone is shown by label, icon and shape."""

    kind: Literal["callout"]
    tone: Literal["info", "tip", "warning", "urgent"]
    """How pressing it is."""
    title: Line
    """What the box is about."""
    content: Prose
    """What the box says, in Markdown."""

    def says(self, voice: Voice) -> Iterator[Piece]:
        yield self.piece(voice.words[self.tone], key="tone")
        yield self.piece(self.title, key="title")
        yield from voice.prose(self.content)


class Quote(Block):
    """Somebody's words, set large."""

    kind: Literal["quote"]
    text: Prose
    """The words themselves, in Markdown, without quotation marks."""
    who: Line
    """Who said it."""

    def says(self, voice: Voice) -> Iterator[Piece]:
        yield from voice.prose(self.text)
        yield self.piece(self.who, key="who")


class Table(Block):
    """A table with header cells; long tables repeat the header on each page."""

    kind: Literal["table"]
    caption: Line
    """What the table shows; printed above it."""
    header: Annotated[tuple[Line, ...], Field(min_length=1)]
    """The heading of each column."""
    rows: Annotated[tuple[Annotated[tuple[Prose, ...], Field(min_length=1)], ...], Field(min_length=1)]
    """Each row is a list with a Markdown text for every column."""
    row_headers: Flag = False
    """Is the first cell of each row its header?"""
    _as_lists: bool = PrivateAttr(default=False)

    @property
    def as_lists(self) -> bool:
        """Is it printed as a list for each row, because its columns would be too narrow?"""
        return self._as_lists

    def in_lists(self) -> Self:
        """The table, printed as a list for each row."""
        made = self.model_copy()
        made._as_lists = True
        return made

    @field_validator("rows")
    @classmethod
    def _rows_are_regular(
        cls, rows: tuple[tuple[Prose, ...], ...], info: ValidationInfo
    ) -> tuple[tuple[Prose, ...], ...]:
        columns = len(info.data.get("header", rows[0]))
        message = "This row has {cells} cells, but the header has {columns}"
        ragged = [
            InitErrorDetails(
                type=PydanticCustomError("table_row", message, {"cells": len(row), "columns": columns}),
                loc=(number,),
                input=row,
            )
            for number, row in enumerate(rows)
            if len(row) != columns and "header" in info.data
        ]
        if ragged:
            raise ValidationError.from_exception_data("rows", ragged)
        return rows

    def says(self, voice: Voice) -> Iterator[Piece]:
        yield self.piece(self.caption, key="caption")
        for cell in () if self.as_lists else self.header:
            yield self.piece(cell, key="header")
        for row in self.rows:
            for head, text in zip(self.header, row, strict=True):
                first, *rest = voice.prose(text)
                if self.as_lists:
                    label = voice.words["of_column"].format(column=head)
                    if first.number is None:
                        first = replace(first, text=f"{label} {first.text}")
                    else:
                        yield self.piece(label, key="header")
                yield first
                yield from rest


class Notes(Block):
    """Lines for the reader's own notes."""

    kind: Literal["notes"]
    title: Line
    """What the lines are for."""
    lines: Lines
    """How many lines to write on."""

    def says(self, _voice: Voice) -> Iterator[Piece]:
        yield replace(self.piece(self.title), lines=self.lines)


class Statistic(Block):
    """A natural frequency such as 1 in 7, with a picture of people (a bar above 100)."""

    kind: Literal["statistic"]
    count: Number
    """How many it happens to: the 1 in "1 in 7"."""
    of: Number
    """Out of how many: the 7 in "1 in 7"."""
    text: Prose
    """The sentence that says what is counted."""

    @field_validator("of")
    @classmethod
    def _whole_of_part(cls, whole: int, info: ValidationInfo) -> int:
        if info.data.get("count", 0) > whole:
            raise PydanticCustomError("statistic", "The count is larger than the whole", {"at": "count"})
        return whole

    def stated(self, pattern: str, language: str) -> str:
        """A fixed word such as "{count} in {of}" with both numbers, as the language writes them."""
        return pattern.format(count=grouped(self.count, language), of=grouped(self.of, language))

    def says(self, voice: Voice) -> Iterator[Piece]:
        yield self.piece(self.stated(voice.words["out_of"], voice.language))
        yield from voice.prose(self.text)


def telephone(number: str) -> str:
    """The tel: address of a printed number."""
    return "tel:" + re.sub(r"[^\d+]", "", number)


class Reached(Written):
    """Someone to turn to."""

    name: Line
    """Who or what it is."""
    phone: Phone | None = None
    """Printed as it is written here, for example 0808 808 00 00."""
    web: Web | None = None
    """Begins with https://"""
    email: Email | None = None
    """For example help@example.org."""

    def ways(self) -> Iterator[Piece]:
        """The addresses, in the order in which they are printed."""
        if self.web:
            yield self.piece(self.web.removeprefix("https://").removesuffix("/"), self.web, key="web")
        if self.email:
            yield self.piece(self.email, f"mailto:{self.email}", key="email")


class Organisation(Reached):
    """An organisation that helps."""

    text: Prose
    """What it does for the reader, in Markdown."""
    address: Line | None = None
    """Where it is, or where to write to."""

    def says(self, voice: Voice) -> Iterator[Piece]:
        """What a reader must meet, in order."""
        yield self.piece(self.name)
        yield from voice.prose(self.text)
        if self.phone:
            yield self.piece(self.phone, telephone(self.phone), key="phone")
        yield from self.ways()
        if self.address:
            yield self.piece(self.address, key="address")


class Contact(Reached):
    """A way to get help."""

    text: Prose | None = None
    """What one gets there, in Markdown."""
    hours: Line | None = None
    """When somebody answers, for example 7 days a week, 8am to 8pm."""

    def says(self, voice: Voice) -> Iterator[Piece]:
        """What a reader must meet, in order."""
        yield self.piece(self.name)
        if self.text:
            yield from voice.prose(self.text)
        if self.phone:
            yield self.piece(self.phone, telephone(self.phone), key="phone")
        if self.hours:
            yield self.piece(self.hours, key="hours")
        yield from self.ways()


class Organisations(Block):
    """A directory of organisations."""

    kind: Literal["organisations"]
    items: Annotated[tuple[Organisation, ...], Field(min_length=1)]
    """The organisations, each with `name` and `text`."""

    def says(self, voice: Voice) -> Iterator[Piece]:
        for item in self.items:
            yield from item.says(voice)


class Contacts(Block):
    """Ways to get help, with numbers and opening hours."""

    kind: Literal["contacts"]
    items: Annotated[tuple[Contact, ...], Field(min_length=1)]
    """The ways to get help, each with `name`."""

    def says(self, voice: Voice) -> Iterator[Piece]:
        for item in self.items:
            yield from item.says(voice)


class Shared(Block):
    """A block that is kept once, in source/shared/<id>.yaml, for many booklets."""

    kind: Literal["shared"]
    id: Identifier
    """The name of the file in source/shared/, without .yaml."""


class Local(Block):
    """The place of a clinic's own details; without it they stand inside the back cover."""

    kind: Literal["local"]

    def says(self, voice: Voice) -> Iterator[Piece]:
        yield self.piece(voice.words["local"])
        yield from local_panel(voice, self.where)


def local_panel(voice: Voice, where: Where) -> Iterator[Piece]:
    """What stands in the place of a clinic's details, below its heading: its own, or lines to write on."""
    if voice.panel:
        yield from voice.panel
        return
    for key in ("local_hint", "local_urgent", "local_name", "local_team", "local_day"):
        yield Piece(voice.words[key], where)


KINDS: dict[str, type[Block]] = {
    kind.model_fields["kind"].annotation.__args__[0]: kind  # type: ignore[union-attr]
    for parent in (Block, Listed)
    for kind in parent.__subclasses__()
    if kind is not Listed
}


class _OrText:
    """Adds the plain string, which is short for a text block, to the schema of a block."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        text = {"type": "string", "minLength": 1, "description": Text.__doc__}
        return {"anyOf": [text, handler(schema)]}


def _as_block(value: object) -> object:
    if isinstance(value, str):
        if not value.strip():
            raise PydanticCustomError("empty_text", "There is no text here")
        block = Mapped(kind="text", markdown=value)
        block.where = getattr(value, "where", NOWHERE)
        return block
    return value


if TYPE_CHECKING:
    AnyBlock = Block
else:
    AnyBlock = Annotated[
        Annotated[reduce(or_, KINDS.values()), Field(discriminator="kind")],
        BeforeValidator(_as_block),
        _OrText(),
    ]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class _OrProse:
    """Adds the plain Markdown text, which is short for a list of one, to the schema."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        text = {"type": "string", "minLength": 1, "description": Text.__doc__}
        return {"anyOf": [text, handler(schema)]}


Content = Annotated[tuple[AnyBlock, ...], BeforeValidator(_as_list), _OrProse()]
