"""Which editions have to be made, and what is remembered of those that were?"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path

from . import fresh
from .layout import has_sizes, layout_names, layouts_of
from .make import Job, Made
from .problem import Severity
from .report import kept
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
    size: int = 0
    """The reader's size of type, in points; then only layouts that have sizes are meant."""
    grey: bool = False
    """Also without colour?"""
    clinics: tuple[str, ...] = ()
    """Whose editions are meant, beside the national one."""
    all_clinics: bool = False
    """Are these all that there are?"""
    cluster: str = ""
    """Where they are made: a scheduler's address, or `local`; empty for processes without one."""

    @property
    def line(self) -> str:
        """The request as the manifest calls it."""
        size, ink = str(self.size or ""), "low" if self.grey else ""
        asked = {"layout": self.layout, "size": size, "ink": ink, "language": self.language}
        asked["clinic"] = fresh.ALL if self.all_clinics else " ".join(self.clinics)
        return fresh.request_of(self.ids, asked, str(self.roots[0]), str(self.out))


def jobs_of(request: Request, source: Source) -> list[Job]:
    """One job for each booklet, language and layout; without colour beside the one with it.

    Those of clinics follow the national one.
    """
    sized = {name for name in layout_names(request.roots) if request.size and has_sizes(name, request.roots)}
    return [
        Job(request.roots, request.out, booklet, translation, layout, request.today, request.size, grey, who)
        for booklet in dict.fromkeys(request.ids or source.ids)
        for translation in source.translations(booklet)
        if request.language in ("", source.outline(booklet, translation).language)
        for layout in _layouts(request, source, booklet, translation)
        if not request.size or request.layout or layout in sized
        for grey in ((False, True) if request.grey else (False,))
        for who in ("", *(clinic for clinic in request.clinics if _prints(source, clinic, booklet)))
    ]


def _prints(source: Source, clinic: str, booklet: str) -> bool:
    """Does the clinic print the booklet?"""
    read = source.clinic(clinic).value
    # Where its file has faults, each of its editions tells them.
    return read is None or read.booklets is None or booklet in read.booklets


def jobs_to_print(request: Request, source: Source) -> list[Job]:
    """One job for each booklet and language: in one layout, with colour or without it.

    It is the clinic's edition, where one is named.
    """
    first = {(job.booklet, job.language): job.layout for job in reversed(jobs_of(request, source))}
    look = request.grey, next(iter(request.clinics), "")
    return [
        job
        for job in jobs_of(request, source)
        if (job.grey, job.clinic) == look and job.layout == first[job.booklet, job.language]
    ]


#: A worker is given no fewer editions at a time where there are more: it lays out and checks the national
#: one for them, which takes as long as 10 to 18 panels that it has not proven yet (docs/capacity.md).
FEWEST = 25

#: And no more than these, whose PDFs of 150 kB it sends back at once.
MOST = 250


def together(jobs: Sequence[Job], workers: int) -> list[tuple[Job, ...]]:
    """The jobs in groups that differ in nothing but the clinic: most of their pages are laid out once.

    A group that is more than a worker's share of all jobs is done in even parts.
    """
    groups: dict[Job, list[Job]] = {}
    for job in jobs:
        groups.setdefault(replace(job, clinic=""), []).append(job)
    share = min(max(math.ceil(len(jobs) / workers), FEWEST), MOST)
    return [part for group in groups.values() for part in _parts(group, math.ceil(len(group) / share))]


def _parts(group: Sequence[Job], count: int) -> Iterator[tuple[Job, ...]]:
    """A group in so many parts, of which none has more than one job more than another."""
    size, rest = divmod(len(group), count)
    jobs = iter(group)
    yield from (tuple(islice(jobs, size + (number < rest))) for number in range(count))


def _layouts(request: Request, source: Source, booklet: str, translation: str) -> tuple[str, ...]:
    if request.layout:
        return (request.layout,)
    return layouts_of(source.outline(booklet, translation), request.roots)


class Memory:
    """The manifest of a folder of editions, in the words of jobs."""

    def __init__(self, request: Request, source: Source, started: int) -> None:
        self.request = request
        self.started = started
        self.grounds = _grounds(request, source)
        self.manifest = fresh.load(str(request.out))
        # Editions share most of what they were made from, and jobs come booklet by booklet.
        self._holds = cache(self.manifest.holds)
        self._kept = lru_cache(maxsize=1)(kept)

    def unchanged(self, job: Job) -> Made | None:
        """The edition as it was made before, where nothing that it depends on has changed."""
        target = self.manifest.targets.get(_key(job))
        if target is None or (target.until and target.until < str(job.today)):
            return None
        if not all(map(self._holds, (target.outputs, *target.inputs))):
            return None
        version, language, pages, digest, _ = target.row.split(" ")
        pdf = Path(target.outputs[0])
        report = self._kept(pdf.parent)
        return Made(
            job,
            report.problems(report.alike(pdf.name)) + report.problems(pdf.name),
            str(pdf.relative_to(job.out)),
            version,
            language,
            int(pages),
            digest,
            unchanged=True,
        )

    def keep(self, made: Sequence[Made]) -> None:
        """Remember what was made."""
        new = [one for one in made if not one.unchanged]
        for one in new:
            self.manifest.targets.pop(_key(one.job), None)
        # What failed is made again each time, and so is what may have changed while it was read.
        changed = cache(self._may_have_changed)
        targets = [
            _target(one) for one in new if one.passed and not any(map(changed, (_program(), *one.inputs)))
        ]
        groups = dict.fromkeys(group for target in targets for group in target.inputs)
        self.manifest.learn(dict.fromkeys(path for group in groups for path in group))
        self.manifest.note(path for one in new if one.pdf for path in _outputs(one))
        self._forget_what_was_written_over({target.outputs[0] for target in targets})
        self.manifest.targets |= {target.key: target for target in targets}
        self._save()

    def keep_answer(self, made: Sequence[Made]) -> None:
        """Remember that these are all editions of the request."""
        there = tuple(path for path in self.grounds if Path(path).exists())
        if self._may_have_changed(there):
            self.manifest.requests.pop(self.request.line, None)
        else:
            self.manifest.learn(self.grounds)
            self.manifest.requests[self.request.line] = tuple(_key(one.job) for one in made), self.grounds
        self._save()

    def _save(self) -> None:
        self.request.out.mkdir(parents=True, exist_ok=True)
        fresh.save(self.manifest, str(self.request.out))

    def _forget_what_was_written_over(self, pdfs: set[str]) -> None:
        """Two publishers may share a folder of editions, and have booklets of one name."""
        for key, target in list(self.manifest.targets.items()):
            if target.outputs[0] in pdfs:
                del self.manifest.targets[key]

    def _may_have_changed(self, group: tuple[str, ...]) -> bool:
        return any(fresh.changed_since(path, self.started) for path in group)


def _target(made: Made) -> fresh.Target:
    """What the manifest keeps of an edition."""
    warnings = sum(problem.severity is Severity.WARNING for problem in made.problems)
    row = f"{made.version} {made.language} {made.pages} {made.digest} {warnings}"
    package = Path(__file__).parent
    folders = str(package), str(package / "checks")
    inputs = (*made.inputs, _program(), (*folders, *made.absent))
    return fresh.Target(_key(made.job), str(made.valid_until or ""), row, _outputs(made), inputs)


def _outputs(made: Made) -> tuple[str, ...]:
    """The edition, and the reports that it shares with the others of its version."""
    pdf = made.job.out / made.pdf
    return str(pdf), str(pdf.with_name("report.json")), str(pdf.with_name("report.html"))


def _key(job: Job) -> str:
    return "|".join((str(job.roots[0]), str(job.out), job.booklet, job.language, job.form))


@cache
def _program() -> tuple[str, ...]:
    """The program's own files, and the lock that its libraries come from."""
    package = Path(__file__).parent
    files = [path for path in sorted(package.rglob("*")) if path.suffix in (".py", ".xml")]
    lock = Path(fresh.project()) / "requirements.lock"
    return tuple(map(str, (*files, *([lock] if lock.is_file() else []))))


def _grounds(request: Request, source: Source) -> tuple[str, ...]:
    """The files and folders that decide which editions a request means."""
    booklets = source.folder / "booklets"
    grounds = [] if request.ids else [booklets]
    folder = source.folder / "clinics"
    grounds += [folder] if request.all_clinics else []
    grounds += (folder / f"{clinic}.yaml" for clinic in request.clinics)
    for name in dict.fromkeys(request.ids or source.ids):
        grounds += [booklets / name, *sorted(booklets.glob(f"{name}/booklet*.yaml"))]
    for root in request.roots:
        grounds += [root / "layouts", *sorted(root.glob("layouts/*/layout.yaml"))]
    return tuple(map(str, grounds))
