"""How does a program write into a list that editors write, too? An entry is put behind what is there.

All else in the file stays as it is, to the letter.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

from .blocks import Written
from .problem import Outcome, Problem, Where
from .source import file_bytes
from .store import write_whole
from .yamlfile import plain_text, read_yaml, written

T = TypeVar("T", bound=Written)


def as_kept(entry: Written) -> dict[str, Any]:
    """The keys of an entry, without those that were left out."""
    return entry.model_dump(exclude_none=True)


@dataclass(frozen=True, slots=True)
class Entries(Generic[T]):
    """The entries that a file, whose name is relative to the publisher's folder, has under its only key."""

    root: Path
    file: str
    key: str
    read: Callable[[bytes, str], Outcome[tuple[T, ...]]]
    """What reads the entries that a file of this name would hold."""

    @property
    def data(self) -> bytes | None:
        """The file as it is; None where there is none."""
        return file_bytes(self.root, self.file)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only program that changes a file of this folder; whoever comes later waits.

        The folder itself is locked, so that nothing is left in it.
        """
        handle = os.open((self.root / self.file).parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def add(self, before: Sequence[T], new: Sequence[Mapping[str, Any]]) -> Outcome[tuple[T, ...]]:
        """Write new ones behind those that are there; returns all. An OSError where it cannot be written."""
        text = self._with(new)
        if text is None:
            message = "The entries stand in brackets"
            hint = f"begin each on a line of its own, below `{self.key}:`"
            return Outcome(None, (Problem("wrong-value", message, Where(self.file), hint),))
        return self.write(text, [*map(as_kept, before), *map(dict, new)])

    def write(self, text: str, wanted: Sequence[Mapping[str, Any]]) -> Outcome[tuple[T, ...]]:
        """Write the file, but only if what is read of it is what it should say; returns that."""
        before = self.data or b""
        mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
        data = mark + text.replace("\n", "\r\n" if b"\r\n" in before else "\n").encode()
        found = self.read(data, self.file)
        if found.value is None:
            return found
        if [as_kept(one) for one in found.value] != list(wanted):
            message = "The file is written in a way in which no program can change it"
            return Outcome(None, (Problem("wrong-value", message, Where(self.file), "change it by hand"),))
        write_whole((self.root / self.file).resolve(), data)
        return found

    def _with(self, new: Sequence[Mapping[str, Any]]) -> str | None:
        """The file's text with more entries behind its own; None where those are in brackets."""
        text, indent, data = f"{self.key}:\n", 2, self.data
        if data is not None:
            tree: Any = read_yaml(data, self.file).value
            where, text = tree[self.key].where, plain_text(data)
            indent = where.column - 1
            if text.split("\n")[where.line - 1][indent : indent + 1] != "-":
                return None
            text += "" if text.endswith("\n") else "\n"
        return text + "".join(_lines_of(entry, indent) for entry in new)


def _lines_of(entry: Mapping[str, Any], indent: int) -> str:
    """An entry in YAML, so many spaces deep."""
    keys = (
        f"{key}: {value if isinstance(value, int | date) else written(value, indent + 4)}"
        for key, value in entry.items()
    )
    return " " * indent + "- " + f"\n{' ' * (indent + 2)}".join(keys) + "\n"
