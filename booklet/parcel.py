"""What do distribution teams take along? All that is current, or has changed, as a zip that proves itself."""

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import BinaryIO

from .prose import one_line
from .register import State
from .shelf import DamagedError, Held, Shelf, translated

#: What `sha256sum -c` reads, and what has become of each edition.
SUMS, CHANGES = "SHA256SUMS", "CHANGES.txt"

#: The first day that a zip can say. With a day of its own each zip would be another one.
_DAY = (1980, 1, 1, 0, 0, 0)

#: What the name of a file in a zip is made of, so that it neither leads out nor breaks a line of SUMS.
_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Packed:
    """A file of a zip; it is read when it is written, and must be as its SHA-256 says."""

    name: str
    sha256: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A zip that is not written yet."""

    files: tuple[Packed, ...]
    changes: str = ""
    """The text of CHANGES; there is none in a zip of what is current."""

    def write(self, file: BinaryIO) -> None:
        """Write the zip, one file of it at a time; the same files give the same bytes.

        A DamagedError where one is not as it was released.
        """
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as whole:
            for one in sorted((*self._own(), *self.files), key=lambda one: one.name):
                entry = zipfile.ZipInfo(one.name, _DAY)
                entry.create_system, entry.external_attr = 3, 0o100644 << 16
                whole.writestr(entry, one.read())

    def _own(self) -> Iterator[Packed]:
        """What is written for this zip alone."""
        own = (_text(CHANGES, self.changes),) if self.changes else ()
        sums = "".join(f"{one.sha256}  {one.name}\n" for one in sorted((*own, *self.files), key=_named))
        yield from (*own, _text(SUMS, sums))


def _named(one: Packed) -> str:
    return one.name


def _text(name: str, text: str) -> Packed:
    data = text.encode()
    return Packed(name, hashlib.sha256(data).hexdigest(), lambda: data)


def current(shelf: Shelf) -> Parcel:
    """Every PDF for readers of all that is current."""
    return Parcel(tuple(file for held in shelf.current for file in _reading(shelf, held)))


def changed(shelf: Shelf, since: date) -> Parcel | None:
    """What was released, superseded, withdrawn or reviewed on a day or later; None where nothing was."""
    found = [held for held in shelf.held if held.edition.since >= since]
    return _parcel(shelf, found, f"What has changed since {since}") if found else None


def by_month(shelf: Shelf) -> dict[str, Parcel]:
    """What has changed, by the month (2026-11) in which it changed last, from the last one to the first.

    Each edition is in one of them, so that the months from a day on are all that has changed since.
    """
    months: dict[str, list[Held]] = {}
    for held in shelf.held:
        months.setdefault(held.edition.since.isoformat()[:7], []).append(held)
    title = "What changed in {}, and has not changed since"
    return {
        month: _parcel(shelf, months[month], title.format(month)) for month in sorted(months, reverse=True)
    }


def _parcel(shelf: Shelf, changed: Iterable[Held], title: str) -> Parcel:
    """Of what may be used its PDFs, of what was withdrawn the notice, of the rest a word in CHANGES."""
    files = {one.name: one for held in changed for one in _changed_files(shelf, held)}
    return Parcel(tuple(files.values()), _changes(shelf, list(changed), title))


def _changed_files(shelf: Shelf, held: Held) -> Iterator[Packed]:
    if held.edition.is_for_readers:
        yield from _reading(shelf, held)
    elif held.state is State.WITHDRAWN and shelf.notice(held):
        name = _safe(shelf.notice(held))
        yield Packed(name, shelf.notice_said(held), partial(shelf.notice_bytes, held))


def _reading(shelf: Shelf, held: Held) -> Iterator[Packed]:
    """The PDFs for readers, without those for printers."""
    for one in held.files:
        if not one.place:
            name = _safe(f"{held.booklet}/{one.file}")
            yield Packed(name, held.said(one).sha256, partial(shelf.file, held, one.file))


def _safe(name: str) -> str:
    """The name of a file in a zip; a DamagedError where the press gives none such."""
    if not _NAME.fullmatch(name):
        raise DamagedError(name)
    return name


# --- In words ---------------------------------------------------------------------------------------

_HEADINGS = {
    State.WITHDRAWN: "WITHDRAWN: do not use any more",
    State.SUPERSEDED: "SUPERSEDED: a later version took its place",
    State.REVIEW: "UNDER REVIEW: may be used meanwhile",
    State.CURRENT: "CURRENT: released, or reviewed and found to hold",
}


def _changes(shelf: Shelf, changed: list[Held], title: str) -> str:
    """What has become of each edition, as plain text; what must not be used comes first."""
    lines = [title]
    for state, heading in _HEADINGS.items():
        there = [held for held in changed if held.state is state]
        lines += ["", heading, ""] if there else []
        lines += [line for held in there for line in _lines(shelf, held)]
    return "\n".join(lines) + "\n"


def _lines(shelf: Shelf, held: Held) -> Iterator[str]:
    edition = held.edition
    title = one_line(held.text.title)
    yield f"{edition.since}  {held.manifest.code} {held.version} {held.language}  {title}"
    original = shelf.outdated(held)
    said = {
        "Ask before you use it": f"it was {translated(original.edition)}" if original else "",
        "Why": edition.reason or ("" if edition.replaced_by else edition.succession),
        "Printed copies": edition.stock,
        "Use instead": edition.replaced_by and f"version {edition.replaced_by}",
        "Notice": shelf.notice(held) if held.state is State.WITHDRAWN else "",
    }
    yield from (f"    {key}: {one_line(text)}" for key, text in said.items() if text)
