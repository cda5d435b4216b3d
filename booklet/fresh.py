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

TYPE = "booklet manifest 2"
NAME = ".manifest"
#: The options that say which editions are meant.
CHOOSING = ("layout", "size", "ink", "language", "clinic")
#: The option that stands for `clinic` with each of them, and how the manifest writes it.
ALL_CLINICS, ALL = "--all-clinics", "*"

COMMANDS = (
    "build",
    "check",
    "print",
    "schema",
    "new",
    "translation",
    "release",
    "withdraw",
    "releases",
    "bag",
    "catalogue",
    "serve",
    "changed",
    "proof",
    "remarks",
    "test",
)

#: A file that changed this shortly before the build began, in nanoseconds, may have changed
#: while it was read: file systems tell times only so finely.
STILL = 50_000_000

#: Until when a verdict holds that no day ends, and one that is not there.
FOREVER, NEVER = "9999-12-31", ""


class Target:
    """An edition as it was last made: its files, until when its verdict holds, and its inputs.

    The inputs come in groups, because many editions share most of them. `row` is what the table
    says of it; its last word is the number of warnings.
    """

    __slots__ = ("inputs", "key", "outputs", "row", "until")

    def __init__(
        self,
        key: str,
        until: str,
        row: str,
        outputs: "tuple[str, ...]",
        inputs: "tuple[tuple[str, ...], ...]",
    ) -> None:
        self.key, self.until, self.row, self.outputs, self.inputs = key, until, row, outputs, inputs

    @property
    def warnings(self) -> int:
        """How many warnings the edition has."""
        return int(self.row.rpartition(" ")[2])


class Manifest:
    """What is known of the files, editions and requests of the builds so far.

    `files` holds for each path its stamp and the digest of its content; a folder's digest is that
    of the names in it, and both are empty for what is not there. A request has the keys of its
    editions, and the files and folders that decide which editions these are.
    """

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, str]] = {}
        self.targets: dict[str, Target] = {}
        self.requests: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self.learned = False
        self.away: dict[str, str] = {}
        """The stamps of files at an address, as its listing has them."""

    def stamp(self, path: str) -> str:
        """A file's stamp now; empty where there is none."""
        return self.away.get(path, "") if is_address(path) else stamp_of(path)

    def knows(self, path: str) -> bool:
        """Is the file as it was? Its content decides where the stamp differs."""
        stamp, digest = self.files[path]
        now = self.stamp(path)
        if now == stamp:
            return True
        if not now or is_address(path) or digest_of(path) != digest:
            return False
        self.files[path] = now, digest
        self.learned = True
        return True

    def holds(self, group: "tuple[str, ...]") -> bool:
        """Are all files of a group as they were?"""
        return all(map(self.knows, group))

    def answer(self, request: str, today: str) -> "list[Target] | None":
        """The editions of a request that was made before, where nothing has changed."""
        keys, grounds = self.requests.get(request, ((), ()))
        targets = [self.targets[key] for key in keys if key in self.targets]
        if not targets or len(targets) != len(keys):
            return None
        if any(target.until and target.until < today for target in targets):
            return None
        groups = {group for target in targets for group in (target.outputs, *target.inputs)}
        return targets if all(map(self.knows, set(grounds).union(*groups))) else None

    def note(self, paths: "Iterable[str]") -> "set[str]":
        """Remember files and folders as they are now; returns those that were known otherwise."""
        changed = set()
        for path in paths:
            known, stamp = self.files.get(path), self.stamp(path)
            if known is None or known[0] != stamp:
                self.files[path] = stamp, digest_of(path)
                if known and known[1] != self.files[path][1]:
                    changed.add(path)
        return changed

    def learn(self, paths: "Iterable[str]") -> None:
        """Remember files as they are now, and forget the editions and requests that knew them otherwise."""
        changed = self.note(paths)
        if changed:
            self.targets = {
                key: target
                for key, target in self.targets.items()
                if all(map(changed.isdisjoint, target.inputs))
            }
            self.requests = {
                request: known for request, known in self.requests.items() if changed.isdisjoint(known[1])
            }


def is_address(path: str) -> bool:
    """Is it an address, as `s3://bucket/prefix`, and no path?"""
    return "://" in path


def stamp_of(path: str) -> str:
    """Size and times of a file or folder; empty where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def digest_of(path: str) -> str:
    """SHA-256 of a file's content, or of the names in a folder but hidden ones and caches."""
    import hashlib

    try:
        if os.path.isdir(path):
            names = sorted(name for name in os.listdir(path) if name[0] != "." and name != "__pycache__")
            return hashlib.sha256("\0".join(names).encode(errors="surrogateescape")).hexdigest()
        if not os.path.isfile(path):
            return ""  # a pipe would wait for its writer for good
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def changed_since(path: str, moment: int) -> bool:
    """Was the file changed after a moment (nanoseconds), or so shortly before that nobody can tell?

    A file that was moved or copied here with an old date shows it by its change time.
    """
    try:
        found = os.stat(path)
    except OSError:
        return True
    return max(found.st_mtime_ns, found.st_ctime_ns) > moment - STILL


def load(out: str) -> Manifest:
    """The manifest of a folder of editions; an empty one where it is missing or damaged."""
    manifest = Manifest()
    try:
        _parse(_read(out), manifest)
    except (OSError, ValueError, LookupError):
        return Manifest()
    return manifest


def _read(out: str) -> str:
    """The manifest's text; a ValueError where it is damaged."""
    import zlib

    path = os.path.join(out, NAME)
    if not os.path.isfile(path):
        raise ValueError  # a pipe would wait for its writer for good
    with open(path, "rb") as file:
        first, checksum, text = file.read().split(b"\n", 2)
    if first.decode() != TYPE or int(checksum) != zlib.crc32(text):
        raise ValueError
    return text.decode(errors="surrogateescape")


def _parse(text: str, manifest: Manifest) -> None:
    columns, rest = text.split("\n", 3)[:3], text.split("\n")[3:]
    paths, stamps, digests = (column.split("\t") for column in columns)
    manifest.files = dict(zip(paths, zip(stamps, digests, strict=True), strict=True))
    groups: list[tuple[str, ...]] = []
    for line in rest:
        kind, *values = line.split("\t")
        if kind == "group":
            groups.append(tuple([paths[int(index)] for index in values]))
        elif kind == "edition":
            key, until, row, outputs, *inputs = values
            joined = tuple([groups[int(index)] for index in inputs])
            manifest.targets[key] = Target(key, until, row, groups[int(outputs)], joined)
        else:
            request, _, _, grounds, *keys = values
            manifest.requests[request] = tuple(keys), groups[int(grounds)]


def save(manifest: Manifest, out: str) -> None:
    """Write the manifest, whole or not at all."""
    import zlib

    text = "\n".join(_lines(manifest)).encode(errors="surrogateescape")
    path = os.path.join(out, NAME)
    new = f"{path}.{os.getpid()}"
    try:
        with open(new, "wb") as file:
            file.write(b"%s\n%d\n%s" % (TYPE.encode(), zlib.crc32(text), text))
        os.replace(new, path)
    except OSError:
        if os.path.exists(new):
            os.unlink(new)
        raise


def _lines(manifest: Manifest) -> "Iterable[str]":
    """Paths, stamps and digests in a line each; then the groups of paths, editions and requests."""
    targets = manifest.targets
    groups = dict.fromkeys(group for t in targets.values() for group in (t.outputs, *t.inputs))
    groups |= dict.fromkeys(grounds for _, grounds in manifest.requests.values())
    paths = dict.fromkeys(path for group in groups for path in group)
    yield "\t".join(paths)
    yield "\t".join([manifest.files[path][0] for path in paths])
    yield "\t".join([manifest.files[path][1] for path in paths])
    index = {path: str(number) for number, path in enumerate(paths)}
    at = {group: str(number) for number, group in enumerate(groups)}
    for group in groups:
        yield "\t".join(("group", *(index[path] for path in group)))
    for t in targets.values():
        numbers = (at[group] for group in (t.outputs, *t.inputs))
        yield "\t".join(("edition", t.key, t.until, t.row, *numbers))
    for request, (keys, grounds) in manifest.requests.items():
        until = [targets[key].until or FOREVER if key in targets else NEVER for key in keys]
        warnings = sum(targets[key].warnings for key in keys if key in targets)
        yield "\t".join(("request", request, min(until, default=NEVER), str(warnings), at[grounds], *keys))


def answered(arguments: "list[str]") -> "int | None":
    """Say that nothing has changed, where that is so; None where there may be work to do."""
    asked = _asked(arguments)
    if asked is None:
        return None
    out, request = _where(asked)
    today = asked.get("today") or time.strftime("%Y-%m-%d")
    count, warnings = _count_at_once(out, request, today) or _count(out, request, today) or (0, 0)
    if not count:
        return None
    what = "1 edition is" if count == 1 else f"{count} editions are"
    warned = f" ({_warned(warnings)} in the report.json beside them)" if warnings else ""
    return _say(f"Nothing has changed: {what} up to date and checked, in {_shown(out)}{warned}\n")


def _warned(warnings: int) -> str:
    return "1 warning is" if warnings == 1 else f"{warnings} warnings are"


def _say(text: str) -> int:
    """Write an answer to whoever reads it; returns the exit status."""
    if sys.stdout is None:
        return 0
    write_safely(sys.stdout)
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Nobody reads on: Python would complain once more when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.stderr.write(f"Stopped: {error.strerror}\n")
        return 2
    return 0


def _count_at_once(out: str, request: str, today: str) -> "tuple[int, int] | None":
    """How many editions and warnings the request has, where no file of the manifest has even a new stamp.

    Most of what the manifest says need not be taken apart for this.
    """
    try:
        text = _read(out)
        known = text[text.rindex(f"\nrequest\t{request}\t") + 1 :].partition("\n")[0]
        _, _, until, warnings, _, *keys = known.split("\t")
        paths, stamps, _ = text.split("\n", 2)
    except (OSError, ValueError):
        return None
    if until < today or "\t".join(map(stamp_of, paths.split("\t"))) != stamps:
        return None
    return len(keys), int(warnings)


def _count(out: str, request: str, today: str) -> "tuple[int, int] | None":
    """How many editions and warnings the request has, where none of its own files has changed."""
    manifest = load(out)
    targets = manifest.answer(request, today)
    if targets and manifest.learned:
        _save_quietly(manifest, out)
    return (len(targets), sum(target.warnings for target in targets)) if targets else None


def _shown(path: str) -> str:
    """The path as a person would type it."""
    try:
        near = os.path.relpath(path)
    except OSError:
        return path
    return path if near.startswith("..") else near


def _save_quietly(manifest: Manifest, out: str) -> None:
    """Spare the next run what this one learned about files that only seemed to have changed."""
    try:
        save(manifest, out)
    except OSError:
        return


def write_safely(stream: object) -> None:
    """Let a name that the terminal cannot show be written by its number, in place of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace")


def project() -> str:
    """The folder that holds the project's own layouts/ and fonts/: a checkout, or the package."""
    package = os.path.dirname(os.path.abspath(__file__))
    return os.path.join(package, "project") if _installed() else os.path.dirname(package)


def program() -> str:
    """What is typed to run the press, here or where it was installed."""
    return "make-booklet" if _installed() else "make_booklet.py"


def _installed() -> bool:
    """Did pip put the package here? Then it has the layouts and fonts in it."""
    return os.path.isdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "project"))


def default_root() -> str:
    """The publisher's folder where none is named: the checkout, or for a package the current one."""
    return project() if os.path.isdir(os.path.join(project(), "source")) else os.getcwd()


def request_of(ids: "Iterable[str]", asked: "dict[str, str]", root: str, out: str) -> str:
    """A build's request in one line; `asked` are the options that choose editions."""
    folders = os.path.realpath(root), os.path.realpath(out)
    return "|".join((*folders, " ".join(sorted(set(ids))), *(asked.get(name, "") for name in CHOOSING)))


def _where(asked: "dict[str, str]") -> "tuple[str, str]":
    """The folder of editions, and the request, that the arguments mean."""
    folder = asked.get("root") or default_root()
    out = asked.get("out") or os.path.join(folder, "dist")
    ids = asked["ids"].split()
    return out, request_of(ids, asked, folder, out)


def _asked(arguments: "list[str]") -> "dict[str, str] | None":
    """The options of a plain build; None for everything else, which argparse shall read."""
    options = (*CHOOSING, "out", "root", "today")
    found: dict[str, str] = {}
    ids: list[str] = []
    words, commands = iter(arguments), 0
    for word in words:
        if word in COMMANDS and not ids:
            commands += 1
            if word != "build" or commands > 1:
                return None
            continue
        if word == ALL_CLINICS and "clinic" not in found:
            found["clinic"] = ALL
            continue
        if word.startswith("-"):
            name, equals, value = word[2:].partition("=")
            value = value if equals else next(words, "")
            if not word.startswith("--") or name not in options or name in found or not value:
                return None
            found[name] = value
        else:
            ids.append(word)
    found["ids"] = " ".join(ids)
    if is_address(found.get("out", "")):
        return None  # what is there has to be looked at
    return found if "today" not in found or _set_day(found) else None


def _set_day(found: "dict[str, str]") -> bool:
    """Is `today` a date? Then it is written as the manifest writes dates."""
    from datetime import date

    try:
        found["today"] = date.fromisoformat(found["today"]).isoformat()
    except ValueError:
        return False
    return True


def main() -> int:
    """The installed command: what the door does in a checkout."""
    status = answered(sys.argv[1:])
    if status is not None:
        return status
    from . import cli

    return cli.main()
