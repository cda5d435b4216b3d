"""What do the workers of a build make once for all of them?

It is kept in a folder of the build's own, which nobody else can open and which goes with it.
"""

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from .store import write_whole

T = TypeVar("T")

#: Where this process finds what the others have made; nothing where it works alone.
_FOLDER: list[Path] = []


def share(folder: Path) -> None:
    """Share what is made with the processes that were given the same folder, which must be theirs alone."""
    _FOLDER[:] = [folder]


def made_once(key: bytes, make: Callable[[], T]) -> T:
    """What `make` gives, which is the same in every process; the key names it. None is made again."""
    if not _FOLDER:
        return make()
    path = _FOLDER[0] / hashlib.sha256(key).hexdigest()
    if path.is_file():
        made: T = pickle.loads(path.read_bytes())  # noqa: S301 - it is from a process of this build
        return made
    made = make()
    if made is not None:
        write_whole(path, pickle.dumps(made))
    return made
