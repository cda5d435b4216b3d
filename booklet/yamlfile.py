"""What does a YAML file say, and where does each word of it stand?

Every scalar stays the text that was written (`no`, `1.10` and `12:30` are no booleans, numbers
or times); the model decides what it means. Anchors, aliases, tags, duplicate keys, odd characters
and files that are too large or too deep are refused.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from .blocks import Mapped, Sequenced
from .problem import NOWHERE, Outcome, Problem, Where
from .prose import Scalar

MAX_BYTES = 2_000_000
MAX_DEPTH = 40

_ODD = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x84\\x86-\\x9f\u202a-\u202e\u2066-\u2069\ue000-\uf8ff\ufeff\ufffc-\uffff"
    "\U000f0000-\U0010ffff]"
)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _TooDeep(Exception):
    """The nesting goes below MAX_DEPTH."""


def read_yaml(data: bytes, file: str) -> Outcome[Mapped]:
    """The mapping that a YAML file holds, and everything that is wrong with its form."""
    whole = Where(file)
    if len(data) > MAX_BYTES:
        return _refused("yaml-too-large", "The file is larger than 2 MB", whole, "split it into several")
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        place = Where(file, data.count(b"\n", 0, error.start) + 1)
        return _refused("yaml-encoding", "The file is not UTF-8 text", place, "save it as UTF-8")
    text = text.replace("\r\n", "\n")
    odd = tuple(_odd_characters(text, file))
    return Outcome(None, odd) if odd else _Reader(text, file).read()


def _refused(code: str, message: str, where: Where, hint: str) -> Outcome[Mapped]:
    return Outcome(None, (Problem(code, message, where, hint),))


def _odd_characters(text: str, file: str) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        for match in _ODD.finditer(line):
            name = f"U+{ord(match[0]):04X}"
            message = f"The character {name} is invisible or not meant for text"
            yield Problem("yaml-character", message, Where(file, number, match.start() + 1), "delete it")


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
        except _TooDeep:
            tree = None
        if tree is not None and not isinstance(tree, Mapped):
            self._add("wrong-type", "The file must hold `key: value` lines", Where(self.file), "")
            tree = None
        return Outcome(tree, tuple(self.problems))

    def _document(self) -> Any:
        for event in self.events:
            if isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
                continue
            if isinstance(event, yaml.StreamEndEvent):
                self._add("yaml-empty", "The file is empty", Where(self.file), "write `key: value` lines")
                return None
            tree = self._node(event, 1)
            self._nothing_follows()
            return tree
        return None

    def _nothing_follows(self) -> None:
        next(self.events)
        event = next(self.events)
        if isinstance(event, yaml.DocumentStartEvent):
            where = self._where(event)
            self._add("yaml-syntax", "A second document begins here", where, "take the line `---` away")

    def _node(self, event: Any, depth: int) -> Any:
        where = self._where(event)
        self._refuse_marks(event, where)
        if depth > MAX_DEPTH:
            self._add("yaml-too-deep", f"Nested deeper than {MAX_DEPTH} levels", where, "flatten it")
            raise _TooDeep
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
            self._add("yaml-tag", f"A tag ({event.tag}) is not allowed", where, hint)

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
                self._add("wrong-type", "A key must be a plain word", key_where, "")
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
        if plain and event.value in ("", "~", "null"):
            return None
        first, last = event.start_mark.line, event.end_mark.line
        if event.style in ("|", ">"):
            # The text itself begins on the line below the mark.
            first, where = first + 1, Where(self.file, first + 2, 1)
        return Scalar.at(event.value, where, self.lines[first : last + 1], plain=plain)

    def _where(self, event: Any) -> Where:
        mark = event.start_mark
        return Where(self.file, mark.line + 1, mark.column + 1)

    def _add(self, code: str, message: str, where: Where, hint: str) -> None:
        self.problems.append(Problem(code, message, where, hint))

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        where = Where(self.file, mark.line + 1, mark.column + 1) if mark else Where(self.file)
        line = self.lines[where.line - 1] if where.line <= len(self.lines) else ""
        what = error.problem or error.context or "it cannot be read"
        self._add("yaml-syntax", f"This is not YAML: {what}", where, _syntax_hint(what, line))


def _syntax_hint(what: str, line: str) -> str:
    if "\t" in line:
        return "indent with spaces, never with tabs"
    if "mapping values are not allowed" in what or re.search(r": .*: ", line):
        return "a text that holds a colon and a space must be put in quotes"
    if "did not find expected key" in what or "block" in what:
        return "look at the indentation of this line and the one before it"
    if "quoted scalar" in what or "end of stream" in what:
        return "a quotation mark was opened and not closed"
    return "look at the quotation marks and the indentation around this line"


def place_of(tree: Any, path: tuple[str | int, ...]) -> tuple[Where, Any]:
    """The place of what `path` leads to, and the last mapping or sequence on the way.

    Steps that the tree does not have are passed over, because a validator's path also names
    the kinds of blocks.
    """
    where, holder = getattr(tree, "where", NOWHERE), tree
    for step in path:
        if isinstance(tree, Mapped) and step in tree:
            where, holder, tree = tree.keys_at.get(str(step), tree.where), tree, tree[str(step)]
        elif isinstance(tree, Sequenced) and isinstance(step, int) and step < len(tree):
            where, holder, tree = getattr(tree[step], "where", tree.where), tree, tree[step]
    return where, tree if isinstance(tree, (Mapped, Sequenced)) else holder
