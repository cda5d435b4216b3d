"""How does a folder become the public one, so that no reader ever meets a half of it?

A site is put together in a folder beside, of new files and of those of the site before, and then takes its
place in one step. In `.catalogue/` it has the list of its files: what is not in it nobody here has written.
"""

import ctypes
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from .problem import Outcome, Problem, Where
from .released import FileSaid
from .store import safe_name

#: Where a site keeps what it knows of itself; no server shows it.
HIDDEN = ".catalogue"
LIST = f"{HIDDEN}/files.json"
FORM = "catalogue 1"

#: So many files that are not the site's are named.
NAMED = 5

#: Linux: two names exchange what they stand for, in one step (renameat2(2)).
_HERE, _EXCHANGE = -100, 2


@dataclass(frozen=True, slots=True)
class Before:
    """The site that is there: its files, each with its SHA-256 and its stamp, and what it was copied from."""

    folder: Path
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    """The stamps of the shop's files, as they were when these were copied, by the places of the copies."""

    def has(self, name: str, sha256: str) -> bool:
        """Is this file there with that content, and has nobody touched it since?"""
        known = self.files.get(name)
        return known is not None and known[0] == sha256 and known[1] == _stamp(self.folder / name)


def site_before(folder: Path) -> Outcome[Before]:
    """The site in a folder; without a value where that holds anything that no catalogue wrote."""
    there = sorted(_everything(folder)) if os.path.lexists(folder) else []
    if not there:
        return Outcome(Before(folder))
    files, origins = _known(folder)
    strange = [name for name in there if name not in files and name != LIST]
    if not strange:
        return Outcome(Before(folder, files, origins))
    named = ", ".join(strange[:NAMED]) + (f" and {len(strange) - NAMED} more" if len(strange) > NAMED else "")
    message = f"The folder {folder} holds what no catalogue has written: {named}"
    hint = "name another folder with --out, or take these files away"
    return Outcome(None, (Problem("foreign-files", message, hint=hint),))


def _everything(folder: Path) -> Iterator[str]:
    """All that is not a folder below a folder, or its own name where it is none."""
    if folder.is_symlink() or not folder.is_dir():
        yield folder.name
        return
    for at, folders, names in os.walk(folder):
        links = (name for name in folders if Path(at, name).is_symlink())
        yield from (os.path.relpath(Path(at, name), folder) for name in (*names, *links))


def _known(folder: Path) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """What a site knows of itself; nothing where the list is none."""
    try:
        said: Any = json.loads((folder / LIST).read_bytes())
        files = {str(name): (str(one[0]), str(one[1])) for name, one in said["files"].items()}
        origins = {str(name): str(stamp) for name, stamp in said["origins"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return {}, {}
    return (files, origins) if said["form"] == FORM else ({}, {})


def _stamp(path: Path) -> str:
    """Size and time of change of a plain file; empty where there is none."""
    try:
        found = path.stat(follow_symlinks=False)
    except OSError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"


class CollisionError(Exception):
    """Two pages have one address."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one, other)
        self.names = one, other

    @property
    def problem(self) -> Problem:
        """What is told of it."""
        one, other = self.names
        message = f"Two pages would have the address {one}" + (f", or {other}" if one != other else "")
        hint = "give one of the booklets another code; a disk may take capitals for small letters"
        return Problem("address-taken", message, Where(one), hint)


class Site:
    """A site while it is put together."""

    def __init__(self, folder: Path, before: Before) -> None:
        self.folder = folder
        self.before = before
        self._files: dict[str, str] = {}
        self._origins: dict[str, str] = {}
        self._taken: dict[str, str] = {}

    def put(self, name: str, data: bytes) -> None:
        """A page or another file; a CollisionError where another has its place, also on a careless disk."""
        self._claim(name)
        sha256 = hashlib.sha256(data).hexdigest()
        if not self._linked(name, sha256):
            self._place(name).write_bytes(data)
        self._files[name] = sha256

    def share(self, name: str, data: bytes) -> None:
        """A file whose name tells its content, which several pages need."""
        if name not in self._files:
            self.put(name, data)

    def again(self, name: str, sha256: str) -> bool:
        """Take a file over from the site before; False where it is not there as it was."""
        if self._files.get(name) == sha256:
            return True
        if not self.before.has(name, sha256):
            return False
        self._claim(name)
        if self._linked(name, sha256):
            self._files[name] = sha256
        return name in self._files

    def copy(self, name: str, said: FileSaid, stamp: str, read: Callable[[], bytes]) -> None:
        """A file of the shop, read only where its stamp is another one than it was."""
        same = bool(stamp) and self.before.origins.get(name) == stamp
        if not (same and self.again(name, said.sha256)):
            self.put(name, read())
        self._origins[name] = stamp

    def fill(self, name: str, stamp: str, write: Callable[[BinaryIO], object]) -> None:
        """A file too large to be held, written only where its stamp is another than the last time."""
        before = self.before.files.get(name, ("", ""))[0]
        if self.before.origins.get(name) != stamp or not self.again(name, before):
            self._claim(name)
            with self._place(name).open("w+b") as file:
                write(file)
                file.seek(0)
                self._files[name] = hashlib.file_digest(file, "sha256").hexdigest()
        self._origins[name] = stamp

    def _claim(self, name: str) -> None:
        """Take the place of a file, and its folders'; neither may be the other for anybody."""
        parts = safe_name(name).lower().split("/")
        for end in range(1, len(parts)):
            folder = "/".join(parts[:end])
            if self._taken.setdefault(folder, "") != "":
                raise CollisionError(name, self._taken[folder])
        own = "/".join(parts)
        if own in self._taken and (self._taken[own] != name or name in self._files):
            raise CollisionError(name, self._taken[own] or own)
        self._taken[own] = name

    def _linked(self, name: str, sha256: str) -> bool:
        """Give the same file of the site before a new name: it keeps its time, and takes no room."""
        if self.before.has(name, sha256):
            with suppress(OSError):
                os.link(self.before.folder / name, self._place(name))
                return True
        return False

    def _place(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def finish(self) -> None:
        """Write down which files are the site's."""
        said = {
            "form": FORM,
            "files": {name: (sha, _stamp(self.folder / name)) for name, sha in sorted(self._files.items())},
            "origins": dict(sorted(self._origins.items())),
        }
        self._place(LIST).write_text(json.dumps(said, indent=0), encoding="utf-8")

    @property
    def files(self) -> Mapping[str, str]:
        """Its files, each with its SHA-256."""
        return self._files


@contextmanager
def built(before: Before) -> Iterator[Site]:
    """A site in a folder beside the one that is there, which it replaces when all has gone well."""
    out = before.folder
    out.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        site = Site(new, before)
        yield site
        site.finish()
        new.chmod(0o755)
        # What is moved must be on the disk before its name is.
        os.sync()
        _exchange(new, out)
    finally:
        # The new one where it is not whole, else the old.
        shutil.rmtree(new, ignore_errors=True)


def _exchange(new: Path, old: Path) -> None:
    """Give two folders each other's name, or the new one that of the old where there is none yet."""
    if not old.exists():
        new.rename(old)
        return
    move = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if move and move(_HERE, os.fsencode(new), _HERE, os.fsencode(old), _EXCHANGE) == 0:
        return
    failed = ctypes.get_errno() if move else errno.ENOSYS
    if failed not in (errno.ENOSYS, errno.EINVAL):
        raise OSError(failed, os.strerror(failed), str(old))
    # A disk that cannot do it in one step: for a moment there is no site, but never half a one.
    aside = new.with_name(f"{new.name}.old")
    old.rename(aside)
    new.rename(old)
    aside.rename(new)
