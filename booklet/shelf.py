"""What is in a shop, for those who look for it? Every released version in every language, with its files."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from .language import name_of
from .problem import Outcome, Problem, Severity, Where
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

#: What to do with copies of a withdrawn version where the publisher says no more: as its notice says.
RECYCLE = "Take all copies out of racks and store rooms, and recycle them. Delete saved files."

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
        return tuple(one for one in self.held if one.edition.is_for_readers)

    def of(self, booklet: str) -> tuple[Held, ...]:
        """All versions of a booklet."""
        return tuple(one for one in self.held if one.booklet == booklet)

    def outdated(self, held: Held) -> Held | None:
        """The version that it was translated from, where that is for readers no more; else None."""
        found = outdated(held.edition, held.manifest, self.register, self._manifest)
        return Held(found, self._manifest(found.entry)) if found else None

    def copies(self, held: Held) -> str:
        """What to do with printed copies, in English: as the publisher has said, or as their state says."""
        edition, original = held.edition, self.outdated(held)
        if edition.stock:
            return edition.stock
        if edition.state is State.WITHDRAWN:
            return RECYCLE
        if edition.state is State.SUPERSEDED:
            new = edition.replaced_by
            return (
                f"Hand out version {new} in their place." if new else "Hand out no more of them; ask first."
            )
        if original:
            return f"Ask before you hand them out: they were {translated(original.edition)}."
        review = edition.state is State.REVIEW
        return "Hand them out; they are under review." if review else "Hand them out."

    def _manifest(self, entry: Entry) -> Manifest:
        return self.manifests[entry.booklet, entry.version]

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


def translated(original: Edition) -> str:
    """What is to be known of a translation whose original is for readers no more."""
    language = name_of(original.language.partition("-")[0])
    what = f"translated from version {original.entry.version} in {language}"
    if original.state is State.WITHDRAWN:
        return f"{what}, which was withdrawn"
    return f"{what}, which was superseded by {original.superseded_by}"


def outdated(
    edition: Edition, manifest: Manifest, register: Register, manifest_of: Callable[[Entry], Manifest]
) -> Edition | None:
    """The version that a translation was made from, where that is for readers no more; else None.

    `manifest` is the translation's; `manifest_of` finds that of another release.
    """
    version = manifest.languages[edition.language].translation_of
    entry = register.release(manifest.booklet, version) if version else None
    if entry is None:
        return None
    languages = manifest_of(entry).languages
    written = next((name for name, one in languages.items() if not one.translation_of), "")
    found = register.edition(manifest.booklet, version, written)
    return found if found and not found.is_for_readers else None


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


def left_behind(store: Store, booklet: str) -> tuple[Problem, ...]:
    """Warnings of a booklet's translations that readers have, though what they are of is gone."""
    shelf = read_shelf(store).value
    found = [(one, shelf.outdated(one)) for one in shelf.current if one.booklet == booklet] if shelf else []
    hint = "release it anew, or withdraw it; until then the catalogue says to ask before it is handed out"
    return tuple(
        Problem(
            "translation-behind",
            f"{one.version} in {one.language} was {translated(original.edition)}",
            Where(f"{one.folder}/{MANIFEST}"),
            hint,
            Severity.WARNING,
        )
        for one, original in found
        if original
    )
