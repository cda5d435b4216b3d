"""What is in a shop, for those who look for it? Every released version in every language, with its files."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from .problem import Outcome, Problem, Where
from .register import Edition, Entry, Register, State, read_register
from .released import (
    MANIFEST,
    PRESS,
    EditionFile,
    FileSaid,
    InLanguage,
    Kept,
    Manifest,
    folder_of,
    read_manifest,
)
from .states import notice_file
from .store import Folder, Store, write_whole

#: A booklet's id, a version and a language.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """A booklet's version in a language, as it was released, and what has become of it."""

    edition: Edition
    manifest: Manifest

    @property
    def key(self) -> Key:
        """What names it."""
        return self.booklet, self.version, self.language

    @property
    def booklet(self) -> str:
        """The booklet's id."""
        return self.manifest.booklet

    @property
    def version(self) -> str:
        """EDITION.REVISION."""
        return self.manifest.version

    @property
    def language(self) -> str:
        """BCP 47."""
        return self.edition.language

    @property
    def state(self) -> State:
        """What a reader may do with it."""
        return self.edition.state

    @property
    def text(self) -> InLanguage:
        """Its title, dates and signatures."""
        return self.manifest.languages[self.language]

    @property
    def files(self) -> tuple[EditionFile, ...]:
        """Its PDFs, for readers and for printers."""
        return tuple(one for one in self.manifest.editions if one.language == self.language)

    @property
    def folder(self) -> str:
        """Where its files are in the shop."""
        return folder_of(self.booklet, self.version)

    def said(self, file: EditionFile) -> FileSaid:
        """The size and the SHA-256 of one of its files."""
        return self.manifest.files[file.file]


@dataclass(frozen=True)
class Shelf:
    """All that was released in a shop."""

    store: Store
    register: Register
    manifests: Mapping[tuple[str, str], Manifest]
    """By booklet and version."""

    @cached_property
    def held(self) -> tuple[Held, ...]:
        """Every version in every language, in the order of release."""
        editions = self.register.editions.items()
        return tuple(Held(one, self.manifests[booklet, version]) for (booklet, version, _), one in editions)

    @property
    def current(self) -> tuple[Held, ...]:
        """What readers should have."""
        return tuple(one for one in self.held if one.state in (State.CURRENT, State.REVIEW))

    def of(self, booklet: str) -> tuple[Held, ...]:
        """All versions of a booklet."""
        return tuple(one for one in self.held if one.booklet == booklet)

    def file(self, held: Held, name: str) -> bytes:
        """A file of a release; a DamagedError where it is not as it was released."""
        data = self.store.read(f"{held.folder}/{name}")
        if data is None or FileSaid.of(data) != held.manifest.files[name]:
            raise DamagedError(f"{held.folder}/{name}")
        return data

    def notice(self, held: Held) -> str:
        """Where the notice of a withdrawn version is in the shop; empty where there is none."""
        entry = self._withdrawal(held)
        languages = entry.languages if entry else ()
        return notice_file(held.booklet, held.version, languages, held.edition.entry) if entry else ""

    def notice_said(self, held: Held) -> str:
        """The SHA-256 of that notice."""
        entry = self._withdrawal(held)
        return entry.notice if entry else ""

    def notice_bytes(self, held: Held) -> bytes:
        """The notice of a withdrawn version; a DamagedError where it is not as it was written."""
        name = self.notice(held)
        data = self.store.read(name) if name else None
        if data is None or FileSaid.of(data).sha256 != self.notice_said(held):
            raise DamagedError(name)
        return data

    def _withdrawal(self, held: Held) -> Entry | None:
        """By what a version was withdrawn, with a notice."""
        return self._withdrawals.get((held.booklet, held.version, held.language))

    @cached_property
    def _withdrawals(self) -> dict[tuple[str, str, str], Entry]:
        noticed = (entry for entry in self.register.entries if entry.notice)
        return {(one.booklet, one.version, language): one for one in noticed for language in one.languages}

    @contextmanager
    def kept(self, held: Held) -> Iterator[Kept]:
        """A release on this machine, all files of which are as they were released, while it is needed."""
        if isinstance(self.store, Folder):
            for name in held.manifest.files:
                self.file(held, name)
            yield Kept(self.store.path / held.folder, held.manifest)
            return
        with TemporaryDirectory(prefix="booklet-kept-") as folder:
            for name in held.manifest.files:
                if name.startswith(f"{PRESS}/"):
                    write_whole(Path(folder) / name, self.file(held, name))
            yield Kept(Path(folder), held.manifest)


class DamagedError(Exception):
    """A file is not as it was released; its text is the file's name."""

    @property
    def problem(self) -> Problem:
        """What is told of it."""
        hint = "run `releases verify`, and put back what it names from a copy"
        return Problem("release-damaged", "It is not as it was released", Where(str(self)), hint)


def read_shelf(store: Store) -> Outcome[Shelf]:
    """All that was released in a shop; without a value where the register or a manifest is damaged."""
    register = read_register(store)
    if register.value is None:
        return Outcome(None, register.problems)
    manifests: dict[tuple[str, str], Manifest] = {}
    problems: list[Problem] = []
    for booklet, version in register.value.versions:
        folder, entry = folder_of(booklet, version), register.value.release(booklet, version)
        read = read_manifest(store.read(f"{folder}/{MANIFEST}"), folder, entry.manifest if entry else "")
        problems += read.problems
        if read.value:
            manifests[booklet, version] = read.value
    return Outcome(None if problems else Shelf(store, register.value, manifests), tuple(problems))
