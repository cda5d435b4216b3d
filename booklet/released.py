"""How is a released version printed again? From what was kept of it, and from nothing else.

A release is a folder `<id>/<version>/` of a shop: the editions, `manifest.json`, and in `press/` all that
they were made from: a publisher's folder with just the files that were read, in `press/project/` those of
the project's own, and in `press/type/` what clinics' editions are made of.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from .pdffile import HALF, identifier_of
from .problem import Outcome, Problem, Where
from .register import Entry
from .store import Folder, Store

#: In a release: what it says of itself; what it was made from; of that, what is the project's; the type.
MANIFEST, PRESS, PROJECT, TYPE = "manifest.json", "press", "project", "type"


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody's word that a version may be released."""

    role: str
    name: str
    day: date


@dataclass(frozen=True, slots=True)
class InLanguage:
    """What a release says in one language."""

    title: str
    subtitle: str
    published: date
    next_review: date
    content: str
    """The digest of what it says (`Sourced.content`)."""
    conditions: tuple[str, ...] = ()
    signed: tuple[Signed, ...] = ()
    translation_of: str = ""


@dataclass(frozen=True, slots=True)
class EditionFile:
    """A PDF for readers or printers."""

    file: str
    language: str
    layout: str
    points: int
    """The reader's size of type; 0 for the layout's own."""
    grey: bool
    place: str
    """For whom it is: `desk`, or `press-` with the name of a print shop's profile; empty for readers."""
    pages: int
    warnings: int = 0
    advice: int = 0
    says: str = ""
    """What the one who prints it should know."""


@dataclass(frozen=True, slots=True)
class FileSaid:
    """A file as it was when it was released; its size is in bytes."""

    sha256: str
    size: int

    @classmethod
    def of(cls, data: bytes) -> "FileSaid":
        """What is said of these bytes."""
        return cls(hashlib.sha256(data).hexdigest(), len(data))


@dataclass(frozen=True, slots=True)
class Signature:
    """By whom the editions for readers were signed: to each the signature was appended."""

    by: str
    """To whom the certificate was given."""
    certificate: str
    """Its SHA-256."""
    before: Mapping[str, FileSaid]
    """What each was before, by its name: that alone is the same whenever it is made."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What manifest.json says of a release."""

    booklet: str
    version: str
    code: str
    released: date
    replaces: Mapping[str, str]
    """The version that was released before, whatever has become of it, by language."""
    languages: Mapping[str, InLanguage]
    editions: tuple[EditionFile, ...]
    libraries: Mapping[str, str]
    """What it was made with, and in which version."""
    files: Mapping[str, FileSaid]
    """Every file of the release but this one, by its path in the release's folder."""
    signature: Signature | None = None

    @property
    def unsigned(self) -> dict[str, FileSaid]:
        """Every file, as it was before it was signed."""
        return {**self.files, **(self.signature.before if self.signature else {})}


@dataclass(frozen=True, slots=True)
class Seal:
    """What signs editions on a day."""

    by: str
    """To whom the certificate was given."""
    certificate: str
    """Its SHA-256."""
    sign: Callable[[bytes], bytes]
    """A PDF with the signature behind it."""


@dataclass(frozen=True, slots=True)
class Released:
    """What became of a release; it is `new`, or was there before with the same bytes."""

    manifest: Manifest
    new: bool


_MANIFEST = TypeAdapter(Manifest)


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as it is written."""
    return _MANIFEST.dump_json(manifest, indent=1) + b"\n"


def folder_of(booklet: str, version: str) -> str:
    """The folder of a release in a shop."""
    return f"{booklet}/{version}"


def read_manifest(data: bytes | None, folder: str, digest: str) -> Outcome[Manifest]:
    """The manifest of a release's folder, if it is the one that the register names by its SHA-256."""
    where = Where(f"{folder}/{MANIFEST}")
    if data is None:
        return Outcome(None, (_damaged(where, "It is missing"),))
    if hashlib.sha256(data).hexdigest() != digest:
        return Outcome(None, (_damaged(where, "It is not the one that was released"),))
    try:
        return Outcome(_MANIFEST.validate_json(data))
    except ValidationError:
        return Outcome(None, (_damaged(where, "It cannot be read by this version of the press"),))


def _damaged(where: Where, message: str) -> Problem:
    hint = "put the whole folder of releases back from a copy; nothing may be edited in it"
    return Problem("release-damaged", message, where, hint)


def type_file(language: str, form: str) -> str:
    """Where the type of an edition is kept in a release."""
    return f"{PRESS}/{TYPE}/{language}-{form}.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """A release in a folder of this machine, whose files are as they were released."""

    folder: Path
    manifest: Manifest

    @property
    def roots(self) -> tuple[Path, ...]:
        """The publisher's folder that it was made from, and the project's."""
        return self.folder / PRESS, self.folder / PRESS / PROJECT

    def name_of(self, language: str, form: str) -> bytes:
        """What the identifier of an edition begins with; empty where this form of it was not released."""
        name = self._file(language, form)
        return identifier_of(Folder(self.folder).end(name))[:HALF] if name in self.manifest.files else b""

    def _file(self, language: str, form: str) -> str:
        return f"{self.manifest.booklet}-{self.manifest.version}-{language}-{form}.pdf"

    def edition(self, language: str, form: str) -> tuple[bytes, bytes]:
        """An edition's PDF and its type; both are empty where this form was not released, or has no type."""
        name, kept = self._file(language, form), type_file(language, form)
        if name not in self.manifest.files or kept not in self.manifest.files:
            return b"", b""
        return (self.folder / name).read_bytes(), (self.folder / kept).read_bytes()


#: So many releases are looked at once, and not again.
RELEASES = 64


def kept_release(shop: Path, entry: Entry) -> Outcome[Kept]:
    """A release in a folder, all files of which are as the register says."""
    return _kept(shop, folder_of(entry.booklet, entry.version), entry.manifest)


@lru_cache(maxsize=RELEASES)
def _kept(shop: Path, name: str, digest: str) -> Outcome[Kept]:
    store = Folder(shop)
    read = read_manifest(store.read(f"{name}/{MANIFEST}"), name, digest)
    wrong = tuple(damage(store, name, read.value)) if read.value else read.problems
    return Outcome(None, wrong) if wrong or not read.value else Outcome(Kept(shop / name, read.value))


def damage(shop: Store, folder: str, manifest: Manifest) -> Iterator[Problem]:
    """The files of a release that are not as they were released."""
    for name, said in manifest.files.items():
        data = shop.read(f"{folder}/{name}")
        if data is None:
            yield _damaged(Where(f"{folder}/{name}"), "It is missing")
        elif FileSaid.of(data) != said:
            yield _damaged(Where(f"{folder}/{name}"), "It is not as it was released")
