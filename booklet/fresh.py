"""Has anything changed since the last build?

Standard library only, and little of it: the door asks this before it enters .venv, and an answer
for 500 editions must cost no more than 20 ms above an empty start of the interpreter. So the
manifest is lines of text, and a file is hashed only where its size or time differs.
"""

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

TYPE = "booklet manifest 1"
NAME = ".manifest"
COMMANDS = ("build", "check", "schema", "new", "test")

#: A file that changed this shortly before the build began, in nanoseconds, may have changed
#: while it was read: file systems tell times only so finely.
STILL = 50_000_000


class Target:
    """An edition as it was last made: its file, until when its verdict holds, and its inputs."""

    __slots__ = ("inputs", "key", "pdf", "row", "until")

    def __init__(self, key: str, pdf: str, until: str, row: str, inputs: "tuple[str, ...]") -> None:
        self.key, self.pdf, self.until, self.row, self.inputs = key, pdf, until, row, inputs


class Manifest:
    """What is known of the files, editions and requests of the builds so far.

    `files` holds for each path its size and time, and the digest of its content; a folder's
    digest is that of the names in it.
    """

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, str]] = {}
        self.targets: dict[str, Target] = {}
        self.requests: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def knows(self, path: str) -> bool:
        """Is the file as it was? Its content decides where size or time differ."""
        stamp, digest = self.files.get(path, ("", ""))
        now = stamp_of(path)
        if now == stamp:
            return now != ""
        if not now or digest_of(path) != digest:
            return False
        self.files[path] = now, digest
        return True

    def holds(self, target: Target, today: str) -> bool:
        """Is the edition there, unchanged, and made from what is there now?"""
        if target.until and target.until < today:
            return False
        return self.knows(target.pdf) and all(map(self.knows, target.inputs))

    def answer(self, request: str, today: str) -> "list[Target] | None":
        """The editions of a request that was made before, where nothing has changed."""
        keys, folders = self.requests.get(request, ((), ()))
        targets = [self.targets[key] for key in keys if key in self.targets]
        if not targets or len(targets) != len(keys):
            return None
        if any(target.until and target.until < today for target in targets):
            return None
        paths = {target.pdf for target in targets}.union(folders, *(target.inputs for target in targets))
        return targets if all(map(self.knows, paths)) else None

    def note(self, paths: "Iterable[str]") -> None:
        """Remember files and folders as they are now."""
        for path in paths:
            stamp = stamp_of(path)
            if self.files.get(path, ("", ""))[0] != stamp:
                self.files[path] = stamp, digest_of(path)


def stamp_of(path: str) -> str:
    """Size and time of a file or folder; empty where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"


def digest_of(path: str) -> str:
    """SHA-256 of a file's content, or of the names in a folder."""
    import hashlib

    try:
        if os.path.isdir(path):
            return hashlib.sha256("\0".join(sorted(os.listdir(path))).encode()).hexdigest()
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def changed_since(path: str, moment: int) -> bool:
    """Was the file changed after a moment (nanoseconds), or so shortly before that nobody can tell?"""
    try:
        return os.stat(path).st_mtime_ns > moment - STILL
    except OSError:
        return True


def load(out: str) -> Manifest:
    """The manifest of a folder of editions; an empty one where it is missing or damaged."""
    manifest = Manifest()
    try:
        with open(os.path.join(out, NAME), encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().split("\n")
        if lines[0] != TYPE or lines[-1] != "end":
            return manifest
        _parse(lines[1:-1], manifest)
    except (OSError, ValueError, IndexError):
        return Manifest()
    return manifest


def _parse(lines: "list[str]", manifest: Manifest) -> None:
    paths: list[str] = []
    sets: list[tuple[str, ...]] = []
    for line in lines:
        kind, *values = line.split("\t")
        if kind == "file":
            path, stamp, digest = values
            paths.append(path)
            manifest.files[path] = stamp, digest
        elif kind == "set":
            sets.append(tuple(paths[int(index)] for index in values))
        elif kind == "edition":
            key, pdf, until, row, *inputs = values
            joined = tuple(path for index in inputs for path in sets[int(index)])
            manifest.targets[key] = Target(key, paths[int(pdf)], until, row, joined)
        else:
            request, folders, *keys = values
            manifest.requests[request] = tuple(keys), sets[int(folders)]


def save(manifest: Manifest, out: str) -> None:
    """Write the manifest, whole or not at all."""
    index = {path: str(number) for number, path in enumerate(manifest.files)}
    lines = [TYPE]
    lines += ["\t".join(("file", path, *known)) for path, known in manifest.files.items()]
    sets: dict[tuple[str, ...], int] = {}
    groups = [target.inputs for target in manifest.targets.values()]
    groups += [folders for _, folders in manifest.requests.values()]
    for group in groups:
        if group not in sets:
            sets[group] = len(sets)
            lines.append("\t".join(("set", *(index[path] for path in group))))
    for target in manifest.targets.values():
        at = index[target.pdf], target.until, target.row, str(sets[target.inputs])
        lines.append("\t".join(("edition", target.key, *at)))
    for request, (keys, folders) in manifest.requests.items():
        lines.append("\t".join(("request", request, str(sets[folders]), *keys)))
    path = os.path.join(out, NAME)
    with open(path + ".new", "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write("\n".join((*lines, "end")))
    os.replace(path + ".new", path)


def answered(arguments: "list[str]", root: str = "") -> "int | None":
    """Say that nothing has changed, where that is so; None where there may be work to do."""
    asked = _asked(arguments)
    if asked is None:
        return None
    out, request = _where(asked, root)
    manifest = load(out)
    targets = manifest.answer(request, asked.get("today") or time.strftime("%Y-%m-%d"))
    if targets is None:
        return None
    count = len(targets)
    what = "1 edition is" if count == 1 else f"{count} editions are"
    sys.stdout.write(f"Nothing has changed: {what} up to date and checked, in {os.path.relpath(out)}\n")
    return 0


def project() -> str:
    """The folder that holds the project's own layouts/ and fonts/: a checkout, or the package."""
    package = os.path.dirname(os.path.abspath(__file__))
    checkout = os.path.dirname(package)
    return checkout if os.path.isdir(os.path.join(checkout, "layouts")) else os.path.join(package, "project")


def default_root() -> str:
    """The publisher's folder where none is named: the checkout, or for a package the current one."""
    return project() if os.path.isdir(os.path.join(project(), "source")) else os.getcwd()


def request_of(ids: "Iterable[str]", layout: str, language: str, root: str) -> str:
    """A build's request in one line."""
    return "|".join((os.path.abspath(root), " ".join(sorted(set(ids))), layout, language))


def _where(asked: "dict[str, str]", root: str) -> "tuple[str, str]":
    """The folder of editions, and the request, that the arguments mean."""
    folder = asked.get("root") or root or default_root()
    out = asked.get("out") or os.path.join(folder, "dist")
    ids = asked.get("ids", "").split()
    return out, request_of(ids, asked.get("layout", ""), asked.get("language", ""), folder)


def _asked(arguments: "list[str]") -> "dict[str, str] | None":
    """The options of a plain build; None for everything else, which argparse shall read."""
    options = ("layout", "language", "out", "root", "today")
    found: dict[str, str] = {}
    ids: list[str] = []
    words = iter(arguments)
    for number, word in enumerate(words):
        if word in COMMANDS[1:] and not ids:
            return None
        if word.startswith("-"):
            name, equals, value = word.removeprefix("--").partition("=")
            if not word.startswith("--") or name not in options or name in found:
                return None
            found[name] = value if equals else next(words, "")
        elif not (word == "build" and number == 0):
            ids.append(word)
    found["ids"] = " ".join(ids)
    return found
