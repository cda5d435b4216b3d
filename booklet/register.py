"""What was released, and what has become of it? A register that is appended to, and never edited.

Each entry is a file, numbered from 1, that has the SHA-256 of the one before it and its own. So one changed
byte, and one entry too few or too many, is found and named; who knows the last one's SHA-256, the head,
finds also that the end is missing.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter, ValidationError

from .problem import Outcome, Problem, Where
from .store import Store

#: The folder of a publisher in which releases are kept.
SHOP = "releases"

#: The folder of the entries.
FOLDER = "register"

#: What the first entry has in the place of the SHA-256 of the one before it.
NOTHING = "0" * 64

_NAME = re.compile(r"\d{6}\.json")
_HINT = "put the whole folder back from a copy; nothing may be edited in it"


class State(StrEnum):
    """What a reader may do with a released edition."""

    CURRENT = "current"
    REVIEW = "under review"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done with a version on a day. Without a `manifest` no release, but a change of its state."""

    booklet: str
    version: str
    code: str
    day: date
    state: State
    languages: Mapping[str, str]
    """The digest of what it says (`Sourced.content`), by language."""
    manifest: str = ""
    """The SHA-256 of a release's manifest.json."""
    reason: str = ""
    stock: str = ""
    """What is to be done with printed copies."""
    notice: str = ""
    """The SHA-256 of a withdrawal's notice."""


_ENTRY = TypeAdapter(Entry)


@dataclass(frozen=True, slots=True)
class Edition:
    """A booklet's version in a language, as it stands in the register."""

    entry: Entry
    """By which it was released."""
    language: str
    state: State
    since: date
    reason: str = ""
    stock: str = ""
    replaced_by: str = ""
    """The version that is current in its place; empty where there is none."""
    superseded_by: str = ""
    """The version that took its place, whatever has become of that; empty where none did."""

    @property
    def is_for_readers(self) -> bool:
        """Should readers have it?"""
        return self.state in (State.CURRENT, State.REVIEW)

    @property
    def why(self) -> str:
        """Why it has its state, in short; empty where that need not be said."""
        return self.reason or self.succession

    @property
    def succession(self) -> str:
        """What has taken its place."""
        if self.replaced_by:
            return f"replaced by {self.replaced_by}"
        if self.state is State.SUPERSEDED:
            return f"{self.superseded_by}, which replaced it, was withdrawn"
        return ""

    @property
    def content(self) -> str:
        """The digest of what it says."""
        return self.entry.languages[self.language]


@dataclass(frozen=True)
class Register:
    """All entries, in their order."""

    entries: tuple[Entry, ...] = ()
    heads: tuple[str, ...] = ()
    """The SHA-256 of each."""

    @property
    def head(self) -> str:
        """The SHA-256 of the last one."""
        return self.heads[-1] if self.heads else NOTHING

    def edition(self, booklet: str, version: str, language: str) -> Edition | None:
        """A version in a language; None where it was not released."""
        return self.editions.get((booklet, version, language))

    def release(self, booklet: str, version: str) -> Entry | None:
        """The entry by which a version was released."""
        return self._releases.get((booklet, version))

    @property
    def versions(self) -> Iterable[tuple[str, str]]:
        """The booklets and versions that were released, in that order."""
        return self._releases.keys()

    def current(self, booklet: str, language: str) -> Edition | None:
        """What readers should have: the version that was released last, unless it was withdrawn."""
        return self._last.get((booklet, language))

    def latest(self, booklet: str, language: str) -> Edition | None:
        """The version that was released last, whatever has become of it."""
        found = (
            one for one in self.editions.values() if (one.entry.booklet, one.language) == (booklet, language)
        )
        return max(found, key=lambda one: number_of(one.entry.version), default=None)

    @cached_property
    def _releases(self) -> dict[tuple[str, str], Entry]:
        return {(entry.booklet, entry.version): entry for entry in self.entries if entry.manifest}

    @cached_property
    def _last(self) -> dict[tuple[str, str], Edition]:
        return {
            (one.entry.booklet, one.language): one for one in self.editions.values() if one.is_for_readers
        }

    @cached_property
    def editions(self) -> dict[tuple[str, str, str], Edition]:
        """Every version in every language, by booklet, version and language, in the order of release."""
        found: dict[tuple[str, str, str], Edition] = {}
        versions: dict[tuple[str, str], list[str]] = {}
        for entry in self.entries:
            for language in entry.languages:
                key = entry.booklet, entry.version, language
                others = versions.setdefault((entry.booklet, language), [])
                if entry.manifest:
                    _supersede(found, entry, language, others)
                    others.append(entry.version)
                    found[key] = Edition(entry, language, entry.state, entry.day)
                else:
                    one, since = found[key], entry.day
                    said = entry.reason, entry.stock, one.replaced_by, one.superseded_by
                    found[key] = Edition(one.entry, language, entry.state, since, *said)
                if entry.state is State.WITHDRAWN:
                    _replace_no_more(found, entry, language, others)
        return found


def _supersede(
    found: dict[tuple[str, str, str], Edition], entry: Entry, language: str, earlier: list[str]
) -> None:
    """Say of all earlier versions what is current in their place."""
    for version in earlier:
        one = found[entry.booklet, version, language]
        withdrawn = one.state is State.WITHDRAWN
        state, since = (one.state, one.since) if withdrawn else (State.SUPERSEDED, entry.day)
        since = one.since if one.state is State.SUPERSEDED else since
        found[entry.booklet, version, language] = replace(
            one, state=state, since=since, replaced_by=entry.version, superseded_by=entry.version
        )


def _replace_no_more(
    found: dict[tuple[str, str, str], Edition], entry: Entry, language: str, others: list[str]
) -> None:
    """Say of no version that a withdrawn one is current in its place."""
    for version in others:
        one = found[entry.booklet, version, language]
        if one.replaced_by == entry.version:
            found[entry.booklet, version, language] = replace(one, replaced_by="")


@dataclass(slots=True)
class _Chain:
    """Entries while they are read."""

    entries: list[Entry] = field(default_factory=list)
    heads: list[str] = field(default_factory=lambda: [NOTHING])
    problems: list[Problem] = field(default_factory=list)
    known: set[tuple[str, str, str]] = field(default_factory=set)


def read_register(store: Store) -> Outcome[Register]:
    """The register of a shop; without a value where anything in it is not as it was written."""
    chain = _Chain()
    names = sorted(store.names(FOLDER))
    for number, name in enumerate((name for name in names if _NAME.fullmatch(name)), 1):
        if name != file_of(number):
            chain.problems.append(_damaged(f"The entry {file_of(number)} is missing", number))
            break
        _add(chain, number, store.read(f"{FOLDER}/{name}") or b"")
        if chain.problems:
            break
    strays = (name for name in names if not _NAME.fullmatch(name) and not name.startswith("."))
    chain.problems += (
        Problem("register-damaged", f"{name} is no entry", Where(f"{FOLDER}/{name}"), "take it away")
        for name in strays
    )
    problems = tuple(chain.problems)
    return Outcome(None if problems else Register(tuple(chain.entries), tuple(chain.heads[1:])), problems)


def _add(chain: _Chain, number: int, data: bytes) -> None:
    """Read an entry, or note what is wrong with it."""
    read = _read(data)
    if read is None:
        chain.problems.append(_damaged("It is no entry, or some of it was changed", number))
        return
    entry, before, own = read
    keys = {(entry.booklet, entry.version, language) for language in entry.languages}
    fits = not keys & chain.known if entry.manifest else keys <= chain.known
    if before != chain.heads[-1]:
        chain.problems.append(_damaged("It does not follow the entry before it", number))
    elif not keys or not fits:
        chain.problems.append(_damaged("It is about a version that it cannot be about", number))
    else:
        chain.entries.append(entry)
        chain.heads.append(own)
        chain.known |= keys


def _read(data: bytes) -> tuple[Entry, str, str] | None:
    """An entry, the SHA-256 of the one before, and its own; None where it is not as it was written."""
    try:
        said: Any = json.loads(data)
        entry = _ENTRY.validate_python(said["entry"])
        before, own = str(said["previous"]), str(said["sha256"])
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError):
        return None
    return (entry, before, own) if as_file(entry, before)[0] == data else None


def as_file(entry: Entry, before: str) -> tuple[bytes, str]:
    """An entry as it is written, behind the one with that SHA-256; and its own SHA-256."""
    said = {"previous": before, "entry": _ENTRY.dump_python(entry, mode="json", exclude_defaults=True)}
    own = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return (json.dumps(said | {"sha256": own}, ensure_ascii=False, indent=1) + "\n").encode(), own


def file_of(number: int) -> str:
    """The name of an entry's file."""
    return f"{number:06}.json"


def _damaged(message: str, number: int) -> Problem:
    return Problem("register-damaged", message, Where(f"{FOLDER}/{file_of(number)}"), _HINT)


def append(store: Store, register: Register, entry: Entry) -> Register:
    """The register with one more entry, which is written: whole, or not at all.

    A FileExistsError where somebody else has appended one.
    """
    data, own = as_file(entry, register.head)
    name = f"{FOLDER}/{file_of(len(register.entries) + 1)}"
    if not store.create(name, data):
        raise FileExistsError(17, "Somebody else has released something meanwhile", name)
    return Register((*register.entries, entry), (*register.heads, own))


def in_order(versions: Iterator[str]) -> list[str]:
    """Versions from the first to the last: 1.9 before 1.10."""
    return sorted(versions, key=number_of)


def number_of(version: str) -> tuple[int, int]:
    """A version's edition and revision as numbers."""
    edition, _, revision = version.partition(".")
    return int(edition), int(revision)
