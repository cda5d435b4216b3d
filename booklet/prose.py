"""What does a piece of Markdown say, and is all of it allowed?

Editors may write paragraphs, lists, bold, emphasis and links (CommonMark). The rest of
Markdown is refused, each with its line and what to write instead.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .problem import NOWHERE, Where

#: A page number that is not known yet: the id it belongs to, between two private characters.
#: No source text can hold them, because the reader refuses private characters.
PAGE_OF = "\ue000{}\ue001"
PAGE_TOKEN = re.compile("\ue000([a-z_][a-z0-9-]*)\ue001")

#: Characters that nobody can see, that turn the reading direction, or that stand for no letter.
ODD = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u200b\u2028-\u202e\u2060-\u2069\ue000-\uf8ff\ufdd0-\ufdef\ufeff"
    "\ufffc-\uffff\U000f0000-\U0010ffff]"
)

LINK_SCHEMES = ("https:", "mailto:", "tel:", "#", "booklet:")

_REFUSED = {
    "html_block": ("raw HTML", "write plain text; use a block of its own for anything else"),
    "html_inline": ("raw HTML", "write plain text; for bold write **word**, for emphasis *word*"),
    "heading_open": ("a heading", "give the section a `title`, or start a new section"),
    "image": ("a picture", "use a block with `kind: figure`, so that it has an alt text"),
    "code_inline": ("code", "take away the backticks; for emphasis write *word*"),
    "code_block": ("code", "take away the spaces in front; four or more make a line code"),
    "fence": ("code", "take away the line of backticks or tildes"),
    "blockquote_open": ("a quotation", "use a block with `kind: quote`, which says who spoke"),
    "hr": ("a rule", "take the line away, or start a new section"),
}

_PARSER = MarkdownIt("commonmark")


class Scalar(str):
    """A text from a YAML file that knows where it stands.

    `raw` holds the source lines it was written on, the first of which is `where.line`.
    """

    where: Where
    raw: Sequence[str]
    plain: bool

    @classmethod
    def at(cls, text: str, where: Where, raw: Sequence[str] = (), *, plain: bool = False) -> "Scalar":
        """The text with its place; `plain` where it was written without quotes."""
        made = cls(text)
        made.where, made.raw, made.plain = where, raw, plain
        return made

    def place_of(self, snippet: str, after: Where | None = None) -> Where:
        """The place of a snippet in the source lines, else where the text begins."""
        start = after or self.where
        for number, line in enumerate(self.raw, self.where.line):
            if number < start.line:
                continue
            column = line.find(snippet, start.column - 1 if number == start.line else 0)
            if snippet and column >= 0:
                return Where(self.where.file, number, column + 1)
        return start


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a text that may not stand there."""

    code: str
    message: str
    hint: str
    where: Where


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style; a line break where `text` is a newline."""

    text: str
    strong: bool = False
    emphasis: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Spans that flow as one paragraph."""

    spans: tuple[Span, ...]
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; each item holds paragraphs and lists."""

    items: tuple[tuple["Paragraph | Listing", ...], ...]
    ordered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Reference:
    """What a link to another booklet prints."""

    title: str
    code: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that a reader must meet, whole and once.

    Page numbers stand in `text` as PAGE_OF tokens; `links` are the targets that are live in it.
    """

    text: str
    where: Where
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prose:
    """Markdown that an editor wrote."""

    text: str
    where: Where = NOWHERE
    lines: tuple[int, ...] = field(default=(), repr=False)

    @classmethod
    def read(cls, value: object) -> "Prose":
        """The prose in a YAML text; refuses what is no text or empty."""
        if isinstance(value, Prose):
            return value
        if not isinstance(value, str):
            raise PydanticCustomError("string_type", "Text is needed here")
        if not value.strip():
            raise PydanticCustomError("empty_text", "There is no text here")
        if isinstance(value, Scalar):
            return cls(str(value), value.where, tuple(_line_numbers(value)))
        return cls(value)

    @classmethod
    def _noted(cls, value: object, info: core_schema.ValidationInfo) -> "Prose":
        prose = cls.read(value)
        if info.context is not None and isinstance(value, Scalar):
            info.context.texts.append(value)
        return prose

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(cls._noted)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1}

    @cached_property
    def tokens(self) -> Sequence[Token]:
        """The parser's own tokens."""
        return _PARSER.parse(self.text)

    @cached_property
    def content(self) -> tuple[Paragraph | Listing, ...]:
        """The paragraphs and lists, in order."""
        stream = iter(self.tokens)
        return tuple(self._blocks(stream, until=""))

    @property
    def paragraphs(self) -> Iterator[Paragraph]:
        """All paragraphs, those inside lists included, in reading order."""
        yield from _paragraphs(self.content)

    def place(self, token: Token) -> Where:
        """Where in the source file a block token begins."""
        line = token.map[0] if token.map else 0
        if line < len(self.lines):
            return Where(self.where.file, self.lines[line], self.where.column if line == 0 else 1)
        return self.where

    def _blocks(self, stream: Iterator[Token], until: str) -> Iterator[Paragraph | Listing]:
        for token in stream:
            if token.type == until:
                return
            if token.type == "inline":
                yield Paragraph(tuple(_spans(token.children or ())), self.place(token))
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                yield self._listing(stream, token)

    def _listing(self, stream: Iterator[Token], opened: Token) -> Listing:
        items: list[tuple[Paragraph | Listing, ...]] = []
        for token in stream:
            if token.type == "list_item_open":
                items.append(tuple(self._blocks(stream, until="list_item_close")))
            else:
                break
        ordered = opened.type == "ordered_list_open"
        return Listing(tuple(items), ordered, int(opened.attrGet("start") or 1) if ordered else 1)


def _line_numbers(value: Scalar) -> Iterator[int]:
    """The file's line number of each line of a text, however YAML folded it."""
    place = value.where
    for line in value.split("\n"):
        start = line.strip()[:16]
        place = value.place_of(start, Where(place.file, place.line, 1)) if start else place
        yield place.line


def _paragraphs(content: Sequence[Paragraph | Listing]) -> Iterator[Paragraph]:
    for block in content:
        if isinstance(block, Paragraph):
            yield block
        else:
            for item in block.items:
                yield from _paragraphs(item)


def _spans(tokens: Sequence[Token]) -> Iterator[Span]:
    """The styled runs of an inline token, neighbours of one style joined."""
    runs = groupby(_runs(tokens), lambda span: (span.strong, span.emphasis, span.href, span.text == "\n"))
    for (strong, emphasis, href, _), spans in runs:
        yield Span("".join(span.text for span in spans), strong, emphasis, href)


def _runs(tokens: Sequence[Token]) -> Iterator[Span]:
    """The runs as the parser cuts them; a link is one, whatever styles are inside it."""
    strong = emphasis = 0
    href, words = "", ""
    for token in tokens:
        if token.type in ("strong_open", "strong_close"):
            strong += token.nesting
        elif token.type in ("em_open", "em_close"):
            emphasis += token.nesting
        elif token.type == "link_open":
            href, words = str(token.attrGet("href") or ""), ""
        elif token.type == "link_close":
            yield Span(words, bool(strong), bool(emphasis), href)
            href = ""
        elif href:
            words += " " if token.type == "softbreak" else token.content
        elif token.type == "hardbreak":
            yield Span("\n")
        elif token.type == "softbreak" or token.content:
            yield Span(token.content or " ", bool(strong), bool(emphasis))


def faults(prose: Prose, source: Scalar | None = None) -> Iterator[Fault]:
    """What in the prose is refused: constructs, and links of a kind that is not allowed."""
    for block in prose.tokens:
        for token in (block, *(block.children or ())):
            place = prose.place(block)
            if token.type in _REFUSED:
                what, hint = _REFUSED[token.type]
                line = (token.content or token.markup).strip().split("\n")[0]
                if source is not None:
                    place = source.place_of(line, Where(place.file, place.line, 1))
                yield Fault("markdown-refused", f"Markdown may not hold {what} here", hint, place)
            elif token.type == "link_open":
                href = str(token.attrGet("href") or "")
                if source is not None:
                    place = source.place_of(href, Where(place.file, place.line, 1))
                yield from _link_faults(href, place)


def _link_faults(href: str, place: Where) -> Iterator[Fault]:
    if not href.startswith(LINK_SCHEMES) or href in LINK_SCHEMES:
        hint = "write https:, mailto:, tel:, #section-id or booklet:other-booklet"
        if href.startswith("http:"):
            hint = "write https: in place of http:"
        yield Fault("link-refused", f"A link may not lead to '{href}'", hint, place)


def readable(href: str) -> str:
    """An address as one reads it on paper: without scheme, query of a mail, or last slash."""
    scheme, _, rest = href.partition(":")
    if scheme == "mailto":
        return rest.partition("?")[0]
    return rest.removeprefix("//").removesuffix("/")


def spoken(span: Span, words: Mapping[str, str], references: Mapping[str, Reference]) -> str:
    """What stands on paper behind a link's own words, with the space before it; often nothing."""
    if span.href.startswith("#"):
        return " " + words["page_reference"].format(page=PAGE_OF.format(span.href[1:]))
    if span.href.startswith("booklet:"):
        other = references[span.href.removeprefix("booklet:")]
        form = "booklet_code" if other.title in span.text else "booklet_reference"
        return " " + words[form].format(title=other.title, code=other.code)
    if span.href and not _shows(span.text, span.href):
        return f" ({readable(span.href)})"
    return ""


def _shows(text: str, href: str) -> bool:
    """Do the link's own words show its address already?"""
    if href.startswith("tel:"):
        # A number may be linked with its country code and printed without it.
        return re.sub(r"\D", "", href)[-6:] in re.sub(r"\D", "", text)
    return re.sub(r"\s", "", readable(href)) in re.sub(r"\s", "", text)


def pieces(prose: Prose, words: Mapping[str, str], references: Mapping[str, Reference]) -> Iterator[Piece]:
    """What a reader must meet of the prose: one piece for each paragraph."""
    for paragraph in prose.paragraphs:
        text = "".join(span.text + spoken(span, words, references) for span in paragraph.spans)
        yield Piece(text, paragraph.where, tuple(s.href for s in paragraph.spans if s.href))


def written_day(day: date, words: Mapping[str, str]) -> str:
    """The day as the language writes it, for example 6 August 2018."""
    month = words["months"].split()[day.month - 1]
    return words["date"].format(day=day.day, month=month, year=day.year)
