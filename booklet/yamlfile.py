"""What does a YAML file say, and where does each word of it stand?

Every scalar stays the text that was written (`no`, `1.10` and `12:30` are no booleans, numbers
or times); the model decides what it means. Anchors, aliases, tags, duplicate keys, odd characters
and files that are too large or too deep are refused.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from .blocks import Mapped, Sequenced
from .problem import NOWHERE, Outcome, Problem, Severity, Where
from .prose import ODD, Scalar, odd_message

MAX_BYTES = 2_000_000
MAX_DEPTH = 40

#: What to do about what the parser says; otherwise one can only look.
_SLIPS = {
    "end of stream": "a quotation mark was opened and not closed",
    "document indicator": "a quotation mark was opened and not closed",
    "',' or": "close the bracket; to begin a text with a bracket, put it in quotes",
    "cannot start any token": "a text that begins with @, ` or % must be put in quotes",
    "alphabetic or numeric": "a text that begins with * or & must be put in quotes",
    "comment or line break": "begin the text on the next line; to begin a text with > or |, put it in quotes",
    "escape": "write \\\\ for a backslash, or put the text in single quotes",
    "expected ':'": "write a key, a colon and a space: title: …; or indent the line, if it goes on a text",
    "entries are not allowed": "begin the list on the next line; to begin a text with -, put it in quotes",
    "document start": "take the line `...` away",
}
_LOOK = "look at the indentation here and in the line above, and for the space behind each colon"

#: A text that begins with a quote; a line that begins with a key; a text that begins as a link does.
_OPENED = re.compile(r""" *(?:- +)*(?:[\w-]+: +)?(["'])""")
_KEY = re.compile(r" *(?:- +)?[\w-]+:(?: |$)")
_BRACKET = re.compile(r" *(?:- +)*(?:[\w-]+: +)?(?=!?\[[^\]]*\]\()(?:!|\[)")

#: A text that needs no quotes.
_PLAIN = re.compile(r"\d{4}-\d\d-\d\d|[^\W\d_][\w.,;!?()’‘–/+%°-]*(?: [\w.,;!?()’‘–/+%°-]+)*")

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _TooDeepError(Exception):
    """The nesting goes below MAX_DEPTH."""


def read_yaml(data: bytes, file: str) -> Outcome[Mapped]:
    """The mapping that a YAML file holds, and everything that is wrong with its form."""
    whole = Where(file)
    if len(data) > MAX_BYTES:
        return _refused("yaml-too-large", "The file is larger than 2 MB", whole, "split it into several")
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").split("\n")
        place = Where(file, len(before), len(before[-1]) + 1)
        return _refused("yaml-encoding", "The file is not UTF-8 text", place, "save it as UTF-8")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Keyboards write the micro sign, and fonts have the letter mu, which Unicode takes for the same.
    text = text.replace("\u00b5", "\u03bc")
    odd = tuple(_odd_characters(text, file))
    # Without those characters the rest can still be read, and its own faults be told.
    read = _Reader(ODD.sub("", text), file).read()
    return Outcome(read.value, odd + read.problems)


def plain_text(data: bytes) -> str:
    """A file's text as its scalars' spans count it."""
    text = data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return ODD.sub("", text)


def written(text: str, indent: int) -> str:
    """A text as the value of a key: plain or in quotes, or a block, so many spaces deep, if it has lines."""
    if "\n" in text.strip("\n"):
        return _block(text, indent)
    return text if _PLAIN.fullmatch(text) and text != "null" else json.dumps(text, ensure_ascii=False)


def _block(text: str, indent: int) -> str:
    lines = (" " * indent + line if line.strip() else "" for line in text.strip("\n").split("\n"))
    return "|\n" + "\n".join(lines)


def replaced(data: bytes, changes: Sequence[tuple[Scalar, str]]) -> bytes:
    """A file with other texts in the place of some of its own, and all else as it was."""
    text = plain_text(data)
    for scalar, new in sorted(changes, key=lambda change: -change[0].span[0]):
        start, end = scalar.span
        if text[start] in "|>":
            indent = len(scalar.raw[0]) - len(scalar.raw[0].lstrip())
            old = text[start:end]
            put = _block(new, indent) + old[len(old.rstrip("\n")) :]
        else:
            put = json.dumps(new.rstrip("\n"), ensure_ascii=False)
        text = text[:start] + put + text[end:]
    return text.encode()


def _refused(code: str, message: str, where: Where, hint: str) -> Outcome[Mapped]:
    return Outcome(None, (Problem(code, message, where, hint),))


def _odd_characters(text: str, file: str) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        for match in ODD.finditer(line):
            yield _odd(match[0], Where(file, number, match.start() + 1))


def _odd(character: str, where: Where) -> Problem:
    return Problem("yaml-character", odd_message(character), where, "delete it")


class _Reader:
    """Builds the tree of one file from the parser's events."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.lines = text.split("\n")
        self.problems: list[Problem] = []
        self.events = yaml.parse(text, Loader=_LOADER)

    def read(self) -> Outcome[Mapped]:
        try:
            tree = self._document()
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
            tree = None
        except yaml.YAMLError as error:
            self._add("yaml-syntax", f"This is not YAML: {error}", Where(self.file), "")
            tree = None
        except _TooDeepError:
            tree = None
        if tree is not None and not isinstance(tree, Mapped):
            where = getattr(tree, "where", Where(self.file))
            hint = "begin the first line with a key and a colon: title: …"
            self._add("wrong-type", "The file must hold `key: value` lines", where, hint)
            tree = None
        return Outcome(tree, tuple(self.problems))

    def _document(self) -> Any:
        next(self.events)
        tree = None
        if isinstance(next(self.events), yaml.DocumentStartEvent):
            tree = self._node(next(self.events), 1)
            self._nothing_follows()
        if tree is None and not self.problems:
            self._add("yaml-empty", "The file is empty", Where(self.file), "write `key: value` lines")
        return tree

    def _nothing_follows(self) -> None:
        next(self.events)
        event = next(self.events)
        if isinstance(event, yaml.DocumentStartEvent):
            where = self._where(event)
            self._add("yaml-syntax", "A second document begins here", where, "take the line `---` away")

    def _node(self, event: Any, depth: int) -> Any:
        where = self._where(event)
        self._refuse_marks(event, where)
        if depth > MAX_DEPTH and isinstance(event, yaml.CollectionStartEvent):
            self._add("yaml-too-deep", f"Nested deeper than {MAX_DEPTH} levels", where, "flatten it")
            raise _TooDeepError
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(where, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(where, depth)
        if isinstance(event, yaml.AliasEvent):
            return None
        return self._scalar(event, where)

    def _refuse_marks(self, event: Any, where: Where) -> None:
        if isinstance(event, yaml.AliasEvent):
            hint = "write the text out; a block for many booklets belongs in source/shared/"
            self._add("yaml-alias", f"An alias (*{event.anchor}) is not allowed", where, hint)
        elif event.anchor:
            hint = "take the & and its name away; to begin a text with &, put it in quotes"
            self._add("yaml-anchor", f"An anchor (&{event.anchor}) is not allowed", where, hint)
        if getattr(event, "tag", None):
            hint = "take the ! and its name away; to begin a text with !, put it in quotes"
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._add("yaml-tag", f"A tag ({tag}) is not allowed", where, hint)

    def _mapping(self, where: Where, depth: int) -> Mapped:
        made = Mapped()
        made.where = where
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key_where = self._where(event)
            key = self._node(event, depth + 1)
            value = self._node(next(self.events), depth + 1)
            if not isinstance(key, str):
                hint = "begin the line with a word and a colon: title: …"
                self._add("wrong-type", "A key must be a plain word", key_where, hint)
            elif key in made:
                first = made.keys_at[key].line
                hint = f"it stands in line {first} already; keep one of the two"
                self._add("yaml-duplicate-key", f"The key `{key}` stands twice", key_where, hint)
            else:
                made[str(key)] = value
                made.keys_at[str(key)] = key_where
        return made

    def _sequence(self, where: Where, depth: int) -> Sequenced:
        made = Sequenced()
        made.where = where
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            made.append(self._node(event, depth + 1))
        return made

    def _scalar(self, event: Any, where: Where) -> Scalar | None:
        plain = event.style in (None, "")
        if plain:
            self._tell_comment(event)
        if plain and event.value in ("", "~", "null"):
            return None
        # What is written as \\u202E becomes a character only here.
        self.problems += (_odd(character, where) for character in ODD.findall(event.value))
        text = ODD.sub("", event.value)
        first, last = event.start_mark.line, event.end_mark.line
        if event.style in ("|", ">") and text.strip():
            # The text itself begins on the line below the mark.
            first, where = first + 1, Where(self.file, first + 2, 1)
        span = event.start_mark.index, event.end_mark.index
        return Scalar.at(text, where, self.lines[first : last + 1], plain=plain, span=span)

    def _tell_comment(self, event: Any) -> None:
        """A remark right behind a text was perhaps meant as part of it: nobody would miss it."""
        line, column = event.end_mark.line, event.end_mark.column
        remark = re.match(
            r" ?#.*" if event.value else r" *#.*", self.lines[line][column:] if line < len(self.lines) else ""
        )
        if remark and column:
            hint = "to print it, put the whole text in quotes; before a remark write two spaces"
            where = Where(self.file, line + 1, column + 1 + remark[0].index("#"))
            message = f"'{remark[0].strip()[:40]}' is taken for a remark, and not printed"
            self.problems.append(Problem("yaml-remark", message, where, hint, Severity.WARNING))

    def _where(self, event: Any) -> Where:
        mark = event.start_mark
        return Where(self.file, mark.line + 1, mark.column + 1)

    def _add(self, code: str, message: str, where: Where, hint: str) -> None:
        self.problems.append(Problem(code, message, where, hint))

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        what = error.problem or error.context or "it cannot be read"
        # The parser notices late what was never closed: it is shown where it was opened.
        late = any(sign in what for sign in ("end of stream", "document indicator", "',' or", "expected ':'"))
        mark = (error.context_mark if late else None) or error.problem_mark or error.context_mark
        where = Where(self.file)
        if mark:
            where = Where(self.file, min(mark.line + 1, len(self.lines)), mark.column + 1)
        hint = _syntax_hint(what, self.lines[where.line - 1])
        slip = next(self._slips(where.line), None)
        if slip:
            where, hint = slip
        self._add("yaml-syntax", f"This is not YAML: {what}", where, hint)

    def _slips(self, until: int) -> Iterator[tuple[Where, str]]:
        """Where, up to a line, a quote was never closed, or a text begins with a bracket.

        The parser takes all up to the next quote for the text, and complains only there.
        """
        for number, line in enumerate(self.lines[:until], 1):
            opened = _OPENED.match(line)
            follows = next((other for other in self.lines[number:] if other.strip()), "")
            if opened and not _closed(opened[1], line[opened.end() :]) and _KEY.match(follows):
                yield Where(self.file, number, opened.end()), "a quotation mark was opened and not closed"
            bracket = _BRACKET.match(line)
            if bracket and number >= until - 1:
                hint = "a text that begins with a bracket or an exclamation mark must be put in quotes"
                yield Where(self.file, number, bracket.end()), hint


def _closed(quote: str, rest: str) -> bool:
    """Is a quote closed in the rest of its line?"""
    return quote in (rest.replace("''", "") if quote == "'" else re.sub(r"\\\\.", "", rest))


def _syntax_hint(what: str, line: str) -> str:
    """What to do about a line that cannot be read: the likeliest slip first."""
    if "tab" in what or re.match(r" *\t", line):
        return "indent with spaces, never with tabs"
    if "mapping values" in what and re.search(r": .*: ", line):
        return "a text that holds a colon and a space must be put in quotes"
    if "expected key" in what and re.search(r""": *(["'[{])|- *(["'[{])""", line):
        return "put the whole text in quotes of the other kind, because it begins with a quote or a bracket"
    return next((hint for sign, hint in _SLIPS.items() if sign in what), _LOOK)


def place_of(tree: Any, path: tuple[str | int, ...]) -> tuple[Where, Any]:
    """The place of what `path` leads to, and the mapping whose key it is.

    Steps that the tree does not have are passed over, and so is the kind of a block, which a
    validator's path names behind the block.
    """
    where, holder = getattr(tree, "where", NOWHERE), tree
    for before, step in zip((0, *path), path, strict=False):
        if isinstance(tree, Mapped) and not (isinstance(before, int) and tree.get("kind") == step):
            holder = tree
            if step in tree:
                where, tree = tree.keys_at.get(str(step), tree.where), tree[str(step)]
        elif isinstance(tree, Sequenced) and isinstance(step, int) and step < len(tree):
            where, tree = getattr(tree[step], "where", tree.where), tree[step]
    return where, holder
