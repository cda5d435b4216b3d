"""Which editions have to be made, and what is remembered of those that were?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from . import fresh
from .layout import default_layouts
from .make import Job, Made
from .source import Source


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for. `ids` empty means all; empty `layout` and `language` mean those named."""

    roots: tuple[Path, ...]
    out: Path
    ids: tuple[str, ...] = ()
    layout: str = ""
    language: str = ""
    today: date = date.max

    @property
    def line(self) -> str:
        """The request as the manifest calls it."""
        return fresh.request_of(self.ids, self.layout, self.language, str(self.roots[0]))


def jobs_of(request: Request, source: Source) -> list[Job]:
    """One job for each booklet, language and layout."""
    return [
        Job(request.roots, request.out, booklet, translation, layout, request.today)
        for booklet in request.ids or source.ids
        for translation in source.translations(booklet)
        if request.language in ("", source.outline(booklet, translation).language)
        for layout in _layouts(request, source, booklet, translation)
    ]


def _layouts(request: Request, source: Source, booklet: str, translation: str) -> tuple[str, ...]:
    if request.layout:
        return (request.layout,)
    return source.outline(booklet, translation).layouts or default_layouts(request.roots)


class Memory:
    """The manifest of a folder of editions, in the words of jobs."""

    def __init__(self, request: Request, started: int) -> None:
        self.request = request
        self.started = started
        self.manifest = fresh.load(str(request.out))

    def unchanged(self, job: Job) -> Made | None:
        """The edition as it was made before, where nothing that it depends on has changed."""
        target = self.manifest.targets.get(_key(job))
        if target is None or not self.manifest.holds(target, str(job.today)):
            return None
        version, language, pages, digest = target.row.split(" ")
        pdf = str(Path(target.pdf).relative_to(job.out))
        return Made(job, (), pdf, version, language, int(pages), digest, unchanged=True)

    def keep(self, made: Sequence[Made], source: Source) -> None:
        """Remember what was made, so that it is not made again without need."""
        for one in made:
            if not one.unchanged:
                self._keep_one(one)
        folders = _folders(source, self.request.roots)
        self.manifest.note(folders)
        self.manifest.requests[self.request.line] = tuple(_key(one.job) for one in made), folders
        self.request.out.mkdir(parents=True, exist_ok=True)
        fresh.save(self.manifest, str(self.request.out))

    def _keep_one(self, one: Made) -> None:
        key = _key(one.job)
        self.manifest.targets.pop(key, None)
        inputs = (*_program(), *one.inputs)
        # What failed is made again each time, and so is what may have changed while it was read.
        if one.passed and not any(fresh.changed_since(path, self.started) for path in inputs):
            pdf = str(one.job.out / one.pdf)
            row = f"{one.version} {one.language} {one.pages} {one.digest}"
            self.manifest.targets[key] = fresh.Target(key, pdf, str(one.valid_until or ""), row, inputs)
            self.manifest.note((pdf, *inputs))


def _key(job: Job) -> str:
    return f"{job.booklet}|{job.language}|{job.layout}"


def _program() -> tuple[str, ...]:
    """The program's own files, and the lock that its libraries come from."""
    package = Path(__file__).parent
    lock = Path(fresh.project()) / "requirements.lock"
    return (*map(str, sorted(package.rglob("*.py"))), *([str(lock)] if lock.is_file() else []))


def _folders(source: Source, roots: tuple[Path, ...]) -> tuple[str, ...]:
    """The folders in which a new file could mean a new edition."""
    booklets = source.folder / "booklets"
    folders = [booklets, *(booklets / name for name in source.ids)]
    folders += [folder for root in roots for folder in (root / "layouts", root / "fonts")]
    return tuple(str(folder) for folder in folders if folder.is_dir())
