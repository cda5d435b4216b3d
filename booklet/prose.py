"""What does a piece of Markdown say, and is all of it allowed?

Editors may write paragraphs, lists, bold, emphasis and links (CommonMark). The rest of
Markdown is refused, each with its line and what to write instead.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .problem import NOWHERE, Where

#: In place of the number of a list's item that has none.
BULLET = -1

#: Digits in groups, as many as a phone number has at the least.
PHONE_NUMBER = re.compile(r"\d(?: ?\d){6,}")

#: A page number that is not known yet: the id it belongs to, between two private characters.
#: No source text can hold them, because the reader refuses private characters.
PAGE_OF = "\ue000{}\ue001"
PAGE_TOKEN = re.compile("\ue000([a-z_][a-z0-9-]*)\ue001")

#: Characters that nobody can see, that turn the reading direction, or that stand for no letter.
ODD = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u200b\u2028-\u202e\u2060-\u2069\ue000-\uf8ff\ufdd0-\ufdef\ufeff"
    "\ufffc-\uffff\U000f0000-\U0010ffff]"
)

#: Where a word may be broken; it is seen only where that happens.
SOFT_HYPHEN = "\u00ad"

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

#: The line below the header of a table of pipes, which CommonMark would print as it stands.
_TABLE = re.compile(r"^ *\|?[ :]*-+[ :]*(\|[ :]*-+[ :]*)+\|? *$|^ *\|[ :]*-+[ :]*\| *$", re.MULTILINE)

#: Where an address leads somewhere: what must stand behind the scheme, and how to write it.
_ADDRESSES = {
    "https:": (r"//[^\s/.]+\.[^\s]+", "write the whole address: https://example.org"),
    "mailto:": (r"[^\s@]+@[^\s@]+\.[^\s@]+", "write the whole address: mailto:name@example.org"),
    "tel:": (r"\+?(?:[-()]|%20)*(?:\d(?:[-()]|%20)*){3,}", "write digits behind it: tel:08088080000"),
}

#: The parser passes over lists that are nested deeper.
_MAX_LISTS = 9


class _Markdown(MarkdownIt):
    """CommonMark in which every link is one, so that the wrong ones can be refused."""

    def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002
        return True


_PARSER = _Markdown("commonmark")


class Scalar(str):
    """A text from a YAML file that knows where it stands.

    `raw` holds the source lines it was written on, the first of which is `where.line`; `span` is where
    it begins and ends in the file's text, with its quotes, or with the mark of a block.
    """

    where: Where
    raw: Sequence[str]
    plain: bool
    span: tuple[int, int]

    @classmethod
    def at(
        cls,
        text: str,
        where: Where,
        raw: Sequence[str] = (),
        *,
        plain: bool = False,
        span: tuple[int, int] = (0, 0),
    ) -> "Scalar":
        """The text with its place; `plain` where it was written without quotes."""
        made = cls(text)
        made.where, made.raw, made.plain, made.span = where, raw, plain, span
        return made

    @cached_property
    def prose(self) -> "Prose":
        """The text as Markdown, which is parsed once however often it is asked for."""
        return Prose(str(self), self.where, tuple(_line_numbers(self)))

    @cached_property
    def placed(self) -> tuple[tuple[Token, Where], ...]:
        """Every token of the Markdown with its place."""
        return tuple(_placing(self.prose, self))

    def place_of(self, snippet: str, after: Where) -> Where | None:
        """The next place of a snippet in the source lines."""
        skipped = max(after.line - self.where.line, 0)
        column = after.column - 1
        for number, line in enumerate(self.raw[skipped:], self.where.line + skipped):
            found = line.find(snippet, column)
            if found >= 0:
                return Where(self.where.file, number, found + 1)
            column = 0
        return None


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
    number: int | None = None
    """Where an item of a list begins with it: the item's number, or BULLET."""


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

    Page numbers stand in `text` as PAGE_OF tokens; `links` are the targets that are live in it;
    `number` is printed before it, where it begins an item of a list: a bullet where it is BULLET; below
    it are so many `lines` to write on. `language` is its own (BCP 47), where it is not the booklet's.
    """

    text: str
    where: Where
    links: tuple[str, ...] = ()
    number: int | None = None
    lines: int = 0
    language: str = ""


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
        return value.prose if isinstance(value, Scalar) else cls(value)

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
    def _parsed(self) -> tuple[list[Token], dict[str, Any]]:
        noted: dict[str, Any] = {}
        return _PARSER.parse(self.text, noted), noted

    @property
    def tokens(self) -> Sequence[Token]:
        """The parser's own tokens."""
        return self._parsed[0]

    @property
    def definitions(self) -> Iterator[tuple[str, Where]]:
        """The addresses that lines such as `[words]: address` give to links; they are not printed."""
        noted = self._parsed[1]
        for line in (*noted.get("references", {}).values(), *noted.get("duplicate_refs", ())):
            yield line["href"], self.line_at(line["map"][0])

    def definition(self, href: str) -> Where | None:
        """Where an address is given to a link apart from its words."""
        return next((where for address, where in self.definitions if address == href), None)

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
        return self.line_at(token.map[0] if token.map else 0)

    def line_at(self, line: int) -> Where:
        """Where in the source file a line of the text begins; the first is line 0."""
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
        ordered, start = opened.type == "ordered_list_open", opened.attrGet("start")
        first = 1 if start is None else int(start)
        items: list[tuple[Paragraph | Listing, ...]] = []
        for token in stream:
            if token.type != "list_item_open":
                break
            item = tuple(self._blocks(stream, until="list_item_close"))
            items.append(_numbered(item, first + len(items) if ordered else BULLET))
        return Listing(tuple(items), ordered, first)


def one_line(text: str) -> str:
    """A text for a place that holds a line of plain words: no line breaks, nothing that cannot be seen."""
    return " ".join(ODD.sub("", " ".join(text.replace(SOFT_HYPHEN, "").split())).split())


def _numbered(item: tuple[Paragraph | Listing, ...], number: int) -> tuple[Paragraph | Listing, ...]:
    """What an item of a list holds, with its number at the paragraph that it begins with."""
    if not item or not isinstance(item[0], Paragraph):
        return item
    return replace(item[0], number=number), *item[1:]


def _line_numbers(value: Scalar) -> Iterator[int]:
    """The file's line number of each line of a text, however YAML folded it.

    The words stand in the source in the same order, with little but spaces between them.
    """
    written, at, line = "\n".join(value.raw), value.where.column - 1, value.where.line
    for text in value.split("\n"):
        first = 0
        for word in text.split():
            found = written.find(word, at, at + len(word) + 400)
            if found >= 0:
                line += written.count("\n", at, found)
                first, at = first or line, found + len(word)
        yield first or line


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
    """What in the prose is refused: constructs, links, and what would not be printed."""
    told = dict.fromkeys([*_token_faults(prose, source), *_unused_definitions(prose)])
    yield from told
    if not told and not any(s.text.strip() for paragraph in prose.paragraphs for s in paragraph.spans):
        what, hint = "There is no text in this", "write it, or take it away"
        if any(token.type == "list_item_open" for token, _ in _placed(prose, source)):
            what = "There is only the sign that begins an item of a list"
            hint = "write a word, such as 'none', or a dash that is no hyphen: –"
        yield Fault("empty-value", what, hint, prose.where)


def _token_faults(prose: Prose, source: Scalar | None) -> Iterator[Fault]:
    placed = tuple(_placed(prose, source))
    for index, (token, place) in enumerate(placed):
        if token.type in _REFUSED:
            what, hint = _REFUSED[token.type]
            yield Fault("markdown-refused", f"Markdown may not hold {what} here", hint, place)
        elif token.type == "link_open":
            end = next(i for i, (t, _) in enumerate(placed[index:], index) if t.type == "link_close")
            yield from _link_faults(token, "".join(t.content for t, _ in placed[index:end]), place)
        elif token.type == "inline" and _TABLE.search(token.content):
            hint = "use a block with `kind: table`, which has a caption and header cells"
            yield Fault("markdown-refused", "Markdown may not hold a table here", hint, place)
        elif token.type == "text":
            yield from _text_faults(token.content, place)
        elif token.type == "list_item_open" and token.level == 2 * _MAX_LISTS + 1:
            hint = "write part of it as sections or paragraphs"
            yield Fault("markdown-refused", f"Lists may not be nested {_MAX_LISTS + 1} deep", hint, place)


def links(prose: Prose, source: Scalar | None = None) -> Iterator[tuple[str, Where]]:
    """Where each link of the prose leads, and where it stands."""
    for token, place in _placed(prose, source):
        if token.type == "link_open":
            yield _href(token), place


def _placed(prose: Prose, source: Scalar | None) -> Iterable[tuple[Token, Where]]:
    """Every token with its place; that of its block, where the source does not show its own."""
    return source.placed if source is not None else _placing(prose, None)


def _placing(prose: Prose, source: Scalar | None) -> Iterator[tuple[Token, Where]]:
    after = prose.where
    for block in prose.tokens:
        start = prose.place(block)
        after = behind_link = max(after, start, key=lambda place: (place.line, place.column))
        for token in (block, *(block.children or ())):
            sign = _sign(token)
            found = source.place_of(sign, after) if sign and source is not None else None
            if token.type == "link_open":
                # Its words stand before its address, so the address is passed only at its end.
                behind_link = Where(found.file, found.line, found.column + 1) if found else after
                found = found or prose.definition(_href(token))
            elif token.type == "link_close":
                after = behind_link
            elif found:
                # Code ends with the sign that it began with.
                length = 2 * len(sign) + len(token.content) if token.type == "code_inline" else len(sign)
                after = Where(found.file, found.line, found.column + length)
            yield token, found or start


def _sign(token: Token) -> str:
    """How a token that matters begins in the source; nothing for the rest."""
    if token.type == "link_open":
        return "<" if token.markup == "autolink" else f"]({_href(token)}"
    if token.type in ("html_block", "html_inline", "code_block"):
        return token.content.strip().partition("\n")[0]
    if token.type == "text":
        return "](" if "](" in token.content else ""
    # An underlined heading begins with its own words; a rule may have spaces between its marks.
    shown = {"image": "![", "heading_open": token.markup.strip("=-"), "hr": token.markup[:1]}
    return shown.get(token.type, token.markup if token.type in _REFUSED else "")


def _href(token: Token) -> str:
    return str(token.attrGet("href") or "")


def _link_faults(token: Token, words: str, place: Where) -> Iterator[Fault]:
    href = _href(token)
    scheme = next((scheme for scheme in LINK_SCHEMES if href.startswith(scheme)), "")
    if not scheme:
        hint = "write https:, mailto:, tel:, #section-id or booklet:other-booklet"
        if href.startswith(("http:", "www.")):
            hint = "begin it with https://"
        yield Fault("link-refused", f"A link may not lead to '{href}'", hint, place)
    form, hint = _ADDRESSES.get(scheme, (".*", ""))
    if not re.fullmatch(form, href.removeprefix(scheme)):
        yield Fault("dead-link", f"The link '{href}' leads nowhere", hint, place)
    if not words.strip():
        yield Fault("link-refused", "A link needs words that can be read", "write [words](address)", place)
    if token.attrGet("title"):
        hint = "take the words in quotes behind the address away"
        yield Fault("markdown-refused", "A link's title would not be printed", hint, place)


def _text_faults(text: str, place: Where) -> Iterator[Fault]:
    if "](" in text or re.search(r"\] \((?:https?:|mailto:|tel:|#|booklet:)", text):
        hint = "write [words](address), without a space in the address"
        yield Fault("link-refused", "This link cannot be read", hint, place)
    if "~~" in text:
        yield Fault(
            "markdown-refused", "Markdown may not hold crossed-out text here", "take the ~~ away", place
        )
    for character in ODD.findall(text):
        yield Fault("yaml-character", odd_message(character), "delete it", place)


def odd_message(character: str) -> str:
    """What is wrong with an odd character."""
    return f"The character U+{ord(character):04X} is invisible or not meant for text"


def _unused_definitions(prose: Prose) -> Iterator[Fault]:
    used = {href for href, _ in links(prose)}
    message = "This line would not be printed: it defines a link that nothing uses"
    for href, where in prose.definitions:
        if href not in used:
            yield Fault("markdown-refused", message, "to print it, write \\[ in place of [", where)


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
        links = tuple(span.href for span in paragraph.spans if span.href)
        yield Piece(text, paragraph.where, links, paragraph.number)


def unbroken(text: str) -> str:
    """The text, in which phone numbers stay in one line."""
    return PHONE_NUMBER.sub(lambda found: found[0].replace(" ", "\u00a0"), text)
