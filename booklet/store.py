"""Where is what was made kept? In a folder, or at an address; here the folder, and what both can do.

A file's name is its path below the folder or the prefix. Nothing is written or removed outside of it.
"""

import errno
import fcntl
import hashlib
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol
from urllib.parse import unquote_to_bytes, urlsplit

#: What an address may begin with.
SCHEMES = ("s3", "file")

#: Amazon's rules for the names of buckets, but for those that look like an IP address.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
#: What can stand in a prefix without being written otherwise: Amazon's "safe characters".
_PREFIX = re.compile(r"[\w!.'()=+@,: -]+", re.ASCII)

#: So many bytes are the end of a file, in which a PDF says what names it.
END = 4096

#: The file that tells one store from another.
MARK = ".press"

#: The file that says that somebody is changing what may be changed by one at a time only.
CLAIM = ".claim"

_WHAT_TO_DO = {
    errno.ENOSPC: "make room there",
    errno.EDQUOT: "make room there",
    errno.EACCES: "ask for the right to write there",
    errno.EPERM: "ask for the right to write there",
    errno.EROFS: "it can only be read; let it be written to",
    errno.EEXIST: "name a folder",
    errno.ENOTDIR: "name a folder",
}


@dataclass(frozen=True, slots=True)
class Address:
    """An address that files can be written to: `s3://bucket/prefix` or `file:///folder`."""

    scheme: str
    place: str
    """The bucket with the prefix, or the folder's path."""

    def __str__(self) -> str:
        return f"s3://{self.place}" if self.scheme == "s3" else Path(self.place).as_uri()

    @property
    def folder(self) -> str:
        """A name for a folder of this address alone."""
        return f"{self.scheme}-{hashlib.sha256(self.place.encode()).hexdigest()[:16]}"

    def __truediv__(self, name: str | PurePosixPath) -> str:
        return f"{self}/{name}"


def address_of(text: str) -> Address:
    """An address, or a ValueError that says what is wrong with it; it never repeats a password."""
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError("that is no address; write s3://bucket/prefix or file:///folder") from None
    if parts.scheme not in SCHEMES:
        raise ValueError("only addresses that begin with s3:// or file:/// can be written to")
    if "@" in parts.netloc:
        raise ValueError(
            "an address has no name or password in it; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if parts.query or parts.fragment:
        raise ValueError("an address has no ? and no #; in file:///folder write %3F and %23")
    return _bucket(parts.netloc, parts.path) if parts.scheme == "s3" else _local(parts.netloc, parts.path)


def _bucket(bucket: str, path: str) -> Address:
    if not _BUCKET.fullmatch(bucket) or ".." in bucket:
        raise ValueError("that names no bucket; write s3://bucket/prefix")
    parts = path.strip("/").split("/") if path.strip("/") else []
    for part in parts:
        if part in ("", ".", "..") or not _PREFIX.fullmatch(part):
            raise ValueError(
                "a prefix is made of letters, digits and - _ . between single slashes, without . or .. alone"
            )
    return Address("s3", "/".join((bucket, *parts)))


def _local(host: str, path: str) -> Address:
    if host not in ("", "localhost"):
        raise ValueError("a folder's address has three slashes: file:///folder")
    folder = os.fsdecode(unquote_to_bytes(path))
    if not folder.isprintable() or ".." in PurePosixPath(folder).parts or not folder.strip("/"):
        raise ValueError("that names no folder; write file:///folder, without ..")
    return Address("file", "/" + "/".join(part for part in folder.split("/") if part not in ("", ".")))


class Store(Protocol):
    """Files by their names. Whatever cannot be done raises an OSError whose text says what to do."""

    def listing(self) -> dict[str, str]:
        """All files but hidden ones, each with its stamp: what changes with its content."""

    def names(self, folder: str) -> list[str]:
        """The names of the files right in a folder, without it."""

    def read(self, name: str) -> bytes | None:
        """A file's content; None where there is no such file."""

    def end(self, name: str) -> bytes:
        """The last bytes of a file, END at the most."""

    def write(self, name: str, data: bytes) -> str:
        """Write a file so that nobody ever sees a part of it, and see that it is there; returns its stamp."""

    def remove(self, name: str) -> None:
        """Take a file away, if it is there."""

    def create(self, name: str, data: bytes) -> bool:
        """Write a file, whole, where there is none; was there none?"""

    def put_in(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Put files into a new folder, in their order; what was there before goes."""

    def claim(self) -> AbstractContextManager[None]:
        """Be the only one that changes what must not be changed by two; a BusyError where somebody is."""


class BusyError(OSError):
    """Somebody else is changing the store."""


class Folder:
    """A folder of this machine, or one that is mounted here; `shown` is what it is called in messages."""

    def __init__(self, path: Path, shown: Address | None = None) -> None:
        self.path = path
        self._shown = shown or path

    def listing(self) -> dict[str, str]:
        """All files but hidden ones, with size and time of change (nanoseconds)."""
        with self._told(""):
            there = _files(self.path) if self.path.is_dir() else ()
            return {str(path.relative_to(self.path)): _stamp(path) for path in there}

    def names(self, folder: str) -> list[str]:
        """The names of the plain files right in a folder; none where there is no folder."""
        path = self.path / safe_name(folder)
        with self._told(folder):
            return [one.name for one in os.scandir(path) if one.is_file()] if path.is_dir() else []

    def read(self, name: str) -> bytes | None:
        """A file's content; None where there is no such plain file."""
        path = self.path / safe_name(name)
        with self._told(name):
            return path.read_bytes() if path.is_file() else None

    def end(self, name: str) -> bytes:
        """The last bytes of a file."""
        with self._told(name), (self.path / safe_name(name)).open("rb") as file:
            file.seek(-min(END, file.seek(0, os.SEEK_END)), os.SEEK_END)
            return file.read()

    def write(self, name: str, data: bytes) -> str:
        """Write a file beside its place, and move it there; returns size and time of change."""
        path = self.path / safe_name(name)
        with self._told(name):
            write_whole(path, data)
            if path.stat().st_size != len(data):
                raise OSError(errno.EIO, "It is not there as it was written", str(path))
            return _stamp(path)

    def remove(self, name: str) -> None:
        """Take a file away, if it is there."""
        with self._told(name):
            (self.path / safe_name(name)).unlink(missing_ok=True)

    def create(self, name: str, data: bytes) -> bool:
        """Write a file beside its place, and give it its name where that is free (POSIX link())."""
        path = self.path / safe_name(name)
        with self._told(name):
            path.parent.mkdir(parents=True, exist_ok=True)
            with _beside(path, lambda file: file.write(data)) as new:
                try:
                    os.link(new, path)
                except FileExistsError:
                    return False
            _keep(path.parent)
        return True

    def put_in(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Put files into a new folder beside its place, and move it there."""
        path = self.path / safe_name(folder)
        with self._told(folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            new = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
            try:
                for name, data in files.items():
                    write_whole(new / safe_name(name), data)
                new.chmod(0o755)
                shutil.rmtree(path, ignore_errors=True)
                new.rename(path)
                _keep(path.parent)
            except BaseException:
                shutil.rmtree(new, ignore_errors=True)
                raise

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Hold a lock, which goes with the process, however that ends."""
        path = self.path / CLAIM
        with self._told(CLAIM):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                why = "Somebody else is changing the releases there; run the same command again"
                raise BusyError(errno.EBUSY, why, str(self._shown)) from None
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            advice = _WHAT_TO_DO.get(error.errno or 0, "look whether it is there, or mounted")
            why = f"{error.strerror or error}; {advice}, then run the same command again"
            raise OSError(error.errno, why, str(self._shown / name if name else self._shown)) from None


def _files(folder: Path) -> Iterator[Path]:
    """All plain files below a folder, but hidden ones."""
    for entry in os.scandir(folder):
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        elif entry.is_file():
            yield Path(entry.path)


def _stamp(path: Path) -> str:
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns}"


def marked(store: Store, shown: Address) -> bytes:
    """A store's mark, which is put there where it has none: who sees the same mark sees the same store.

    It is written each time, so that who may not write is told so before any work is done.
    """
    mark = store.read(MARK) or hashlib.sha256(f"{platform.node()}|{shown}".encode()).hexdigest().encode()
    store.write(MARK, mark)
    return mark


def safe_name(name: str) -> str:
    """A file's name below a folder; a ValueError where it may lead out."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
        raise ValueError(f"'{name}' leads out of its folder")
    return name


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees a part of it."""
    write_whole_by(path, lambda file: file.write(data))


def write_whole_by(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file that may be too large for the memory, so that nobody ever sees a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _beside(path, write) as new:
        new.replace(path)


@contextmanager
def _beside(path: Path, write: Callable[[BinaryIO], object]) -> Iterator[Path]:
    """A file beside the place of another, written, kept by the disk, and gone afterwards."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _keep(folder: Path) -> None:
    """Have the disk keep the names in a folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
