"""How does a translation begin, what has its master changed since, and how do texts go out and in?

A translation has three kinds of files, each beside its master: the booklet's own, the house's and
those of shared blocks. What the master said when it was translated is kept beside the booklet, in
translated-from/<version>.yaml, so that changes can be told later.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from .blocks import Mapped, Sequenced
from .language import name_of
from .problem import NOWHERE, Outcome, Problem
from .prose import Scalar
from .source import HOUSE_WORDS, Source, file_bytes, missing_file
from .store import write_whole
from .units import FIXED, PLACEHOLDER, Unit, units
from .yamlfile import read_yaml, replaced, written

#: Between the paragraphs and items of a text: white space, with the sign that begins an item.
_BETWEEN = re.compile(r"(\s*\n[ \t]*\n\s*(?:(?:[-*+]|\d+[.)])[ \t]+)?|\s*\n\s*(?:[-*+]|\d+[.)])[ \t]+)")
#: The name of a text in a list of blocks.
_BLOCK = re.compile(r"(.*?content)/(\d+)(.*)")
_FIRST = re.compile(r"\s*(?:[-*+]|\d+[.)])[ \t]+|\s*")


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the master, and that of a translation, by their places in the publisher's folder.

    `name` is what its texts' names begin with: nothing for the booklet's own.
    """

    name: str
    master: str
    own: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, or an item, of a text: what the master says now, what it said, and its translation.

    `before` and `translated` are empty where there is none.
    """

    name: str
    number: int
    master: str
    before: str
    translated: str

    @property
    def id(self) -> str:
        """What it is called in files for translators."""
        return f"{self.name}#{self.number}"

    @property
    def change(self) -> str:
        """What became of it since it was translated: new, changed or gone; empty where nothing did."""
        if self.master == self.before:
            return ""
        return "gone" if not self.master else "changed" if self.before else "new"


@dataclass(frozen=True, slots=True)
class Taken:
    """A paragraph that a translator has sent back, and what was translated."""

    source: str
    translated: str


@dataclass(frozen=True, slots=True)
class State:
    """A translation and its master: the versions, and every paragraph of both."""

    booklet: str
    language: str
    translates: str
    master: str
    paragraphs: tuple[Paragraph, ...]
    known: bool
    """Was kept what the master said when it was translated?"""

    @property
    def is_stale(self) -> bool:
        """Has the master another version now?"""
        return self.translates != self.master

    def as_data(self) -> dict[str, Any]:
        """The state with what has changed, as JSON keeps it."""
        return {
            "booklet": self.booklet,
            "language": self.language,
            "translates": self.translates,
            "master": self.master,
            "stale": self.is_stale,
            "known": self.known,
            "untranslated": self.untranslated,
            "changed": [
                {"id": one.id, "change": one.change, "before": one.before, "now": one.master}
                for one in self.changed
            ],
        }

    @property
    def untranslated(self) -> int:
        """How many of the master's paragraphs have no translation."""
        return sum(bool(one.master) and not one.translated for one in self.paragraphs)

    @property
    def changed(self) -> tuple[Paragraph, ...]:
        """The paragraphs that the master has changed since."""
        return tuple(one for one in self.paragraphs if one.change)


def paragraphs(text: str) -> tuple[list[str], list[str]]:
    """The paragraphs and items of a text, each in one line, and what stands before and between them."""
    first = _FIRST.match(text)
    begin = first[0] if first else ""
    pieces = _BETWEEN.split(text[len(begin) :].rstrip())
    return [" ".join(piece.split()) for piece in pieces[::2]], [begin, *pieces[1::2]]


def joined(pieces: Sequence[str], between: Sequence[str]) -> str:
    """The text that `paragraphs` took apart."""
    return "".join(sign + piece for sign, piece in zip(between, pieces, strict=True))


def documents(source: Source, booklet_id: str, language: str) -> tuple[Document, ...]:
    """The files of a booklet's master, with those of its translation, whether or not they are there."""
    folder = f"source/booklets/{booklet_id}"
    found = [Document("", f"{folder}/booklet.yaml", f"{folder}/booklet.{language}.yaml")]
    found.append(Document("house/", "source/house.yaml", f"source/house.{language}.yaml"))
    names = dict.fromkeys(_shared_names(_tree(source, found[0].master)))
    names |= dict.fromkeys(_shared_names(_tree(source, found[1].master)))
    found += (
        Document(f"shared/{name}/", f"source/shared/{name}.yaml", f"source/shared/{name}.{language}.yaml")
        for name in names
    )
    return tuple(found)


def _tree(source: Source, file: str) -> Mapped:
    """A file's tree; of the house's, what is translated. Empty where it cannot be read."""
    tree = read_yaml(file_bytes(source.root, file) or b"", file).value or Mapped()
    if Path(file).name.partition(".")[0] != "house":
        return tree
    kept = Mapped({key: value for key, value in tree.items() if key in HOUSE_WORDS})
    mark = kept.get("quality_mark")
    if isinstance(mark, Mapped):
        kept["quality_mark"] = Mapped({key: mark[key] for key in ("statement",) if key in mark})
    return kept


def _shared_names(tree: Any) -> Iterator[str]:
    if isinstance(tree, Mapped) and tree.get("kind") == "shared":
        yield str(tree.get("id"))
    elif isinstance(tree, dict | list):
        for inner in tree.values() if isinstance(tree, dict) else tree:
            yield from _shared_names(inner)


def _texts(source: Source, found: Sequence[Document], *, own: bool) -> dict[str, Unit]:
    """The texts of a master's files, or of a translation's own, by their names."""
    texts: dict[str, Unit] = {}
    for document in found:
        for unit in units(_tree(source, document.own if own else document.master)):
            if not unit.fixed and unit.text != PLACEHOLDER:
                texts[document.name + unit.name] = unit
    return texts


def kept_file(booklet_id: str, version: str) -> str:
    """Where it is kept what a version of a booklet said when it was translated."""
    return f"source/booklets/{booklet_id}/translated-from/{version}.yaml"


def keep(source: Source, booklet_id: str) -> Path | None:
    """Keep what the master says now; what was written, or None where this version was kept before."""
    found = documents(source, booklet_id, "")
    tree = _tree(source, found[0].master)
    path = source.root / kept_file(booklet_id, str(tree.get("version")))
    if path.exists():
        return None
    lines = ["# What the master said when it was translated. Written by the program; leave it as it is."]
    for name, unit in _texts(source, found, own=False).items():
        lines.append(f"{written(name, 2)}: {written(unit.text, 2)}")
    write_whole(path, ("\n".join(lines) + "\n").encode())
    return path


def begin(source: Source, booklet_id: str, language: str, today: date) -> Iterator[Path]:
    """Write the files of a new translation that are not there; yields what was written.

    Each has the master's structure, its texts as comments, and a sign in the place of each.
    """
    path = keep(source, booklet_id)
    if path:
        yield path
    for document in documents(source, booklet_id, language):
        own = source.root / document.own
        tree = _tree(source, document.master)
        if own.exists() or not tree:
            continue
        head = f"# {document.master.rpartition('/')[2]} in {name_of(language)}. "
        lines = [f"{head}Write each text in the place of {PLACEHOLDER}, below what it says in the master."]
        if not document.name:
            version = str(tree.get("version"))
            facts = {"language": language, "translation_of": version, "published": str(today)}
            tree = _with(tree, facts)
        lines += _empty(tree, "")
        write_whole(own, ("\n".join(lines) + "\n").encode())
        yield own


def _with(tree: Mapped, facts: Mapping[str, str]) -> Mapped:
    """The tree with other facts of its own."""
    made = Mapped()
    for key, value in tree.items():
        made[key] = Scalar.at(facts[key], NOWHERE) if key in facts else value
        if key == "language":
            made["translation_of"] = Scalar.at(facts["translation_of"], NOWHERE)
    return made


#: What stands in a translation as it does in the master, beside what is fixed.
_COPIED = FIXED | {
    *("language", "version", "translation_of", "published", "next_review", "cover", "image", "id"),
    *("quality_mark", "kind"),
}


def _empty(tree: Mapped, indent: str) -> Iterator[str]:
    """The lines of a tree with a sign in the place of each text."""
    for name, value in tree.items():
        if isinstance(value, Mapped):
            yield f"{indent}{name}:"
            yield from _empty(value, indent + "  ")
        elif isinstance(value, Sequenced):
            yield f"{indent}{name}:"
            copied = name == "layouts"
            yield from _empty_items(value, indent + "  ", copied=copied)
        elif value is not None:
            yield from _empty_text(f"{name}: ", str(value), indent, copied=name in _COPIED)


def _empty_items(items: Sequenced, indent: str, *, copied: bool) -> Iterator[str]:
    for item in items:
        if isinstance(item, Mapped):
            lines = list(_empty(item, indent + "  "))
            first = next((at for at, line in enumerate(lines) if not line.lstrip().startswith("#")), 0)
            yield from (line[2:] for line in lines[:first])
            yield f"{indent}- {lines[first].lstrip()}"
            yield from lines[first + 1 :]
        elif isinstance(item, Sequenced):
            cells = [str(cell) for cell in item]
            yield from (f"{indent}# {line}" for line in " | ".join(cells).split("\n"))
            yield f"{indent}- [{', '.join(PLACEHOLDER for _ in cells)}]"
        elif item is not None:
            yield from _empty_text("- ", str(item), indent, copied=copied)


def _empty_text(before: str, text: str, indent: str, *, copied: bool) -> Iterator[str]:
    if copied:
        yield f"{indent}{before}{written(text, len(indent) + 2)}"
        return
    yield from (f"{indent}# {line}".rstrip() for line in text.strip().split("\n"))
    if "\n" in text.strip():
        yield f"{indent}{before}|"
        yield f"{indent}  {PLACEHOLDER}"
    else:
        yield f"{indent}{before}{PLACEHOLDER}"


def state(source: Source, booklet_id: str, language: str) -> State:
    """How a translation stands to its master."""
    found = documents(source, booklet_id, language)
    tree, own_tree = _tree(source, found[0].master), _tree(source, found[0].own)
    translates = str(own_tree.get("translation_of", ""))
    master, own = (_texts(source, found, own=own) for own in (False, True))
    name = kept_file(booklet_id, translates)
    data = file_bytes(source.root, name)
    kept = (read_yaml(data, name).value if data else None) or Mapped()
    before: Mapping[str, str] = {key: str(text) for key, text in kept.items()}
    version = str(tree.get("version", ""))
    if translates == version and data is None:
        before = {key: unit.text for key, unit in master.items()}
    known = data is not None or translates == version
    now = {key: unit.text for key, unit in master.items()}
    mine = {key: unit.text for key, unit in own.items()}
    was = _old_names(now, before)
    # Until blocks are put in and taken out in the translation, too, it has those that the master had.
    names = {key: old or key for key, old in was.items()} if _counts(own) == _counts(before) else {}
    rows = [
        row
        for key, old in was.items()
        for row in _rows(key, now[key], before.get(old, ""), mine.get(names.get(key, key), ""))
    ]
    gone = [key for key in before if key not in was.values()]
    rows += [row for key in gone for row in _rows(key, "", before[key], mine.get(key, ""))]
    return State(booklet_id, language, translates, version, tuple(rows), known)


def _place(name: str) -> tuple[str, str, str]:
    """A text's list of blocks, its block's number in it, and its name in that block; else empty."""
    found = _BLOCK.fullmatch(name)
    return (found[1], found[2], found[3]) if found else ("", "", name)


def _counts(names: Iterable[str]) -> dict[str, int]:
    """How many blocks with texts each list of blocks has."""
    blocks = {_place(name)[:2] for name in names}
    return Counter(parent for parent, _ in blocks if parent)


def _old_names(now: Mapping[str, str], then: Mapping[str, str]) -> dict[str, str]:
    """What each text was called before blocks were put in or taken out; empty where it is new."""
    old = {name: name if name in then else "" for name in now}
    for parent in dict.fromkeys(_place(name)[0] for name in now if _place(name)[0]):
        mine, theirs = _blocks_of(parent, now), _blocks_of(parent, then)
        said, before = ([tuple(block.items()) for block in some.values()] for some in (mine, theirs))
        was: dict[str, str] = {}
        for _, begin, end, first, last in SequenceMatcher(None, said, before, autojunk=False).get_opcodes():
            was |= dict(zip([*mine][begin:end], [*theirs][first:last], strict=False))
        for number, block in mine.items():
            for key in block:
                name = f"{parent}/{was.get(number, '')}{key}"
                old[f"{parent}/{number}{key}"] = name if number in was and name in then else ""
    return old


def _blocks_of(parent: str, texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The blocks of a list by their numbers, each with its texts."""
    blocks: dict[str, dict[str, str]] = {}
    for name, text in texts.items():
        place, number, key = _place(name)
        if place == parent:
            blocks.setdefault(number, {})[key] = text
    return blocks


def _rows(name: str, master: str, before: str, own: str) -> Iterator[Paragraph]:
    """The paragraphs of a text now, then those that are gone, each with what it was and its translation."""
    now, then, mine = (paragraphs(text)[0] if text else [] for text in (master, before, own))
    was: dict[int, int] = {}
    for _, begin, end, first, last in SequenceMatcher(None, now, then, autojunk=False).get_opcodes():
        was |= dict(zip(range(begin, end), range(first, last), strict=False))
    gone = [number for number in range(len(then)) if number not in was.values()]
    for number, at in enumerate((*(was.get(here) for here in range(len(now))), *gone)):
        yield Paragraph(
            name,
            number + 1,
            master=now[number] if number < len(now) else "",
            before="" if at is None else then[at],
            translated=mine[at] if at is not None and at < len(mine) else "",
        )


def take_in(
    source: Source, booklet_id: str, language: str, taken: Mapping[str, Taken]
) -> Outcome[list[Path]]:
    """Put translated paragraphs, by their ids, in their places; what was written.

    A text of which a paragraph is missing stays as it is, and one that the translation's file has no
    place for is told. Nothing is written where the master no longer says what was translated.
    """
    found = documents(source, booklet_id, language)
    rows = state(source, booklet_id, language).paragraphs
    known = {row.id: " ".join(row.master.split()) for row in rows}
    for name, one in taken.items():
        message = f"The booklet has no text called '{name}'"
        if known.get(name):
            message = f"'{name}' translates '{one.source}', and the master says '{known[name]}'"
        if one.source != known.get(name):
            hint = "export it again: its master has changed since this file was made"
            return Outcome(None, (Problem("translation-unknown", message, NOWHERE, hint),))
    texts = {name: one.translated for name, one in taken.items()}
    made: dict[Path, bytes] = {}
    homeless: list[Problem] = []
    for document in found:
        own = {unit.name: unit.text for unit in units(_tree(source, document.own))}
        wanted = [
            (unit.name, new)
            for unit in units(_tree(source, document.master))
            if (new := _translated(document.name + unit.name, unit.text, texts)) is not None
        ]
        data = file_bytes(source.root, document.own)
        if data is None and wanted:
            return Outcome(None, (missing_file(source.root, document.own),))
        homeless += (_homeless(document, name) for name, _ in wanted if name not in own)
        changes = [
            (own[name], new) for name, new in wanted if name in own and new.strip() != own[name].strip()
        ]
        if data and changes:
            made[source.root / document.own] = replaced(data, changes)
    for path, whole in made.items():
        write_whole(path, whole)
    return Outcome(list(made), tuple(homeless))


def _homeless(document: Document, name: str) -> Problem:
    message = f"{document.own} has no place for the text '{name}'"
    hint = f"write {PLACEHOLDER} there, in the place that it has in the master, and import the file once more"
    return Problem("translation-unknown", message, NOWHERE, hint)


def settle(source: Source, booklet_id: str, language: str) -> Path | None:
    """Make the translation one of the master's version, where all that has changed was translated."""
    path = source.root / documents(source, booklet_id, language)[0].own
    tree = _tree(source, str(path.relative_to(source.root)))
    version = str(_tree(source, f"source/booklets/{booklet_id}/booklet.yaml").get("version"))
    said = tree.get("translation_of")
    if not isinstance(said, Scalar) or said == version:
        return None
    write_whole(path, replaced(path.read_bytes(), [(said, version)]))
    keep(source, booklet_id)
    return path


def _translated(name: str, master: str, texts: Mapping[str, str]) -> str | None:
    """A text from its translated paragraphs; None where one is missing."""
    pieces, between = paragraphs(master)
    own = [texts.get(f"{name}#{number}", "") for number in range(1, len(pieces) + 1)]
    return joined(own, between) + ("\n" if "\n" in master else "") if all(own) else None


def missing_language(source: Source, booklet_id: str, language: str) -> Problem | None:
    """Why there is no such translation to be looked at."""
    if language in source.translations(booklet_id):
        return None
    message = f"'{booklet_id}' has no translation into '{language}'"
    return Problem(
        "unknown-language", message, NOWHERE, f"begin one: translation new {booklet_id} {language}"
    )
