"""Which editions have to be made, and what is remembered of those that were?"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property, lru_cache, partial
from itertools import islice
from pathlib import Path, PurePosixPath

from . import fresh
from .bind import name_of_clinic, name_of_national
from .impose import is_print_file
from .layout import form_of, form_said, has_sizes, layout_for, layout_names, layouts_of
from .make import Job, Made
from .pdffile import HALF, identifier_of
from .problem import Outcome, Severity
from .register import SHOP, State
from .released import EditionFile, Kept, kept_release
from .render import StyleError
from .report import kept
from .source import ID, Source, Sourced
from .store import Address, Folder, Store, marked

#: What is written beside the editions of a version.
REPORTS = ("report.json", "report.html")


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
    released: bool = False
    """Only versions that are current, as they were released, whatever the source says today?"""
    address: Address | None = None
    """Where editions and reports go; then `out` keeps the reports and what is remembered of them."""

    @property
    def place(self) -> Path | Address:
        """Where the editions are."""
        return self.address or self.out

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
    if request.released:
        return list(_jobs_of_releases(request, source))
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


def _jobs_of_releases(request: Request, source: Source) -> Iterator[Job]:
    """One job for each form that was asked for of each version that is current, and for its clinics."""
    register = source.register.value
    for one in register.editions.values() if register else ():
        booklet, version = one.entry.booklet, one.entry.version
        release = kept_release(source.root / SHOP, one.entry).value
        wanted = request.language in ("", one.language) and (not request.ids or booklet in request.ids)
        if register and release and wanted and register.current(booklet, one.language) == one:
            file = Source(release.roots[0]).file_in(booklet, one.language) or ""
            for form in release.manifest.editions:
                if form.language == one.language and not form.place and _is_asked(request, form):
                    about = booklet, file, form.layout, request.today, form.points, form.grey
                    clinics = (who for who in request.clinics if _prints(source, who, booklet))
                    yield from (
                        Job(request.roots, request.out, *about, clinic, version) for clinic in ("", *clinics)
                    )


def _is_asked(request: Request, form: EditionFile) -> bool:
    """Is a form of a release what was asked for?"""
    if request.layout not in ("", form.layout) or (form.grey and not request.grey):
        return False
    return form.points == request.size or (bool(request.layout) and not request.size)


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
    turned = (_turned(group, number, workers) for number, group in enumerate(groups.values()))
    return [part for group in turned for part in _parts(group, math.ceil(len(group) / share))]


def _turned(group: Sequence[Job], number: int, workers: int) -> Sequence[Job]:
    """A group whose clinics begin elsewhere than in other groups.

    What one worker has laid out and proven of a clinic the others find: so all should not begin with the
    same.
    """
    first = [job for job in group if not job.clinic]
    others = group[len(first) :]
    at = number * len(others) // workers % len(others) if others else 0
    return [*first, *others[at:], *others[:at]]


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
    """The manifest of a folder of editions, or of an address, in the words of jobs.

    `store` is what is kept at the request's address, which is listed once: an OSError where it cannot be,
    or where nothing can be written there.
    """

    def __init__(self, request: Request, source: Source, started: int, store: Store | None = None) -> None:
        self.request = request
        self.source = source
        self.started = started
        self.grounds = dict.fromkeys(_grounds(request, source))
        self.manifest = fresh.load(str(request.out))
        # Editions share most of what they were made from, and jobs come booklet by booklet.
        self._holds = cache(self.manifest.holds)
        self._kept = lru_cache(maxsize=1)(kept)
        self._known_names: dict[Job, bytes] = {}
        self._said = cache(partial(form_said, roots=request.roots))
        self.store = store or Folder(request.out)
        self.there: dict[str, str] = {}
        """What lay at the address before, with its stamps."""
        self.mark = b""
        """By what all who write to the address know that it is the same."""
        if request.address:
            self.there = self.store.listing()
            self.mark = marked(self.store, request.address)
            self.manifest.away = {request.address / name: stamp for name, stamp in self.there.items()}

    @property
    def beside(self) -> tuple[str, ...]:
        """What lay at the address before, but editions that passed."""
        return tuple(filter(_is_beside, self.there))

    def unchanged(self, job: Job) -> Made | None:
        """The edition as it was made before, where nothing that it depends on has changed."""
        target = self.manifest.targets.get(_key(job))
        if target is None or (target.until and target.until < str(job.today)):
            return None
        if not all(map(self._holds, (target.outputs, *target.inputs))):
            return None
        version, language, pages, digest, _ = target.row.split(" ")
        pdf = PurePosixPath(*target.outputs[0].split("/")[-3:])
        report = self._kept((job.out / pdf).parent)
        return Made(
            job,
            report.problems(report.alike(pdf.name)) + report.problems(pdf.name),
            str(pdf),
            version,
            language,
            int(pages),
            digest,
            unchanged=True,
        )

    def expect(self, jobs: Sequence[Job]) -> None:
        """Who was answered without clinics' editions has to look, once there are some, whether they hold."""
        if any(job.clinic for job in jobs):
            self.manifest.requests.clear()
            self._save()

    def keep(self, made: Sequence[Made]) -> None:
        """Remember what was made."""
        new = [one for one in made if not one.unchanged]
        if self.request.address:
            self.manifest.away |= {self.request.address / one.pdf: one.stamp for one in new if one.stamp}
        for one in new:
            self.manifest.targets.pop(_key(one.job), None)
        # What failed is made again each time, and so is what may have changed while it was read.
        changed = cache(self._may_have_changed)
        targets = [
            _target(one, self._outputs(one))
            for one in new
            if one.passed and not any(map(changed, (_program(), *one.inputs)))
        ]
        groups = dict.fromkeys(group for target in targets for group in target.inputs)
        self.manifest.learn(dict.fromkeys(path for group in groups for path in group))
        self.manifest.note(str(self.request.place / one.pdf) for one in new if one.pdf)
        # Two publishers may share a folder of editions, and have booklets of one name.
        self._forget({target.outputs[0] for target in targets})
        self.manifest.targets |= {target.key: target for target in targets}
        self.keep_reports(versions(new))

    def keep_answer(self, made: Sequence[Made]) -> None:
        """Remember that these are all editions of the request."""
        grounds = tuple(self.grounds)
        if self._may_have_changed(tuple(path for path in grounds if Path(path).exists())):
            self.manifest.requests.pop(self.request.line, None)
        else:
            self.manifest.learn(grounds)
            self.manifest.requests[self.request.line] = tuple(_key(one.job) for one in made), grounds
        self._save()

    def take_away_outdated(self, made: Sequence[Made]) -> tuple[str, ...]:
        """Take away editions that say something else than they would now; returns the names.

        They are looked for beside those that were made, or found unchanged: in all forms of a booklet in a
        language of which one passed. What decides over those that may stay becomes a ground of the answer.
        """
        there = {one.pdf: one.passed for one in made}
        versions = {(one.job.booklet, one.job.language): one for one in made if one.passed}
        gone = [
            name
            for one in versions.values()
            for files in self._others(one)
            if not there.get(files[0]) and self._is_outdated(one, files[0])
            for name in files
            if name not in there
        ]
        gone += [name for name in self._withdrawn({one.job.booklet for one in made}) if name not in gone]
        for name in gone:
            self.store.remove(name)
        self._forget({str(self.request.place / name) for name in gone})
        return tuple(gone)

    def _withdrawn(self, booklets: set[str]) -> Iterator[str]:
        """The editions of versions that were withdrawn, with what was made of them."""
        register = self.source.register.value
        for one in register.editions.values() if register else ():
            if one.entry.booklet in booklets and one.state is State.WITHDRAWN:
                folder = PurePosixPath(one.entry.booklet) / one.entry.version
                start = f"{one.entry.booklet}-{one.entry.version}-{one.language}-"
                for files in self._editions(folder, start):
                    form = PurePosixPath(files[0]).stem.removeprefix(start).partition("--")[0]
                    # What bears the name of no form was put there by somebody else.
                    yield from files if self._said(form) else ()

    def _others(self, one: Made) -> Iterator[list[str]]:
        """The editions of a booklet's version in a language, each with what was made of it behind it."""
        yield from self._editions(PurePosixPath(one.pdf).parent, _start(one))

    def _editions(self, folder: PurePosixPath, start: str) -> Iterator[list[str]]:
        """The editions whose names begin so, each with what was made of it behind it."""
        forms: dict[str, list[str]] = {}
        for name in self._names(str(folder)):
            form, _, rest = name.removeprefix(start).partition(".")
            if name.startswith(start) and rest.endswith("pdf"):
                forms.setdefault(form, []).append(str(folder / name))
        for form, files in forms.items():
            edition = str(folder / f"{start}{form}.pdf")
            if edition in files:
                yield [edition, *(name for name in files if name != edition)]

    def _is_outdated(self, one: Made, name: str) -> bool:
        """Was an edition made here that would say something else if it were made now?"""
        whole = PurePosixPath(name).name.removeprefix(_start(one)).removesuffix(".pdf")
        form, _, clinic = whole.partition("--")
        said = self._said(form)
        if said is None or not (ID.fullmatch(clinic) or not clinic):
            return False
        layout, size, grey = said
        job = replace(one.job, layout=layout, size=size, grey=grey, clinic=clinic)
        target = self.manifest.targets.get(_key(job))
        prints = not clinic or (clinic in self.source.clinics and _prints(self.source, clinic, job.booklet))
        if prints and target and all(map(self._holds, target.inputs)):
            self.grounds |= dict.fromkeys(target.inputs[0])
            return False
        identifier = identifier_of(self.store.end(name))
        is_ours = len(identifier) == 2 * HALF
        return is_ours and not (prints and self._names_it(job, identifier)) and not self._is_new(name)

    def _names_it(self, job: Job, identifier: bytes) -> bool:
        """Would an edition have this identifier if it were made now, as far as that can be told?"""
        national = self._named(replace(job, clinic=""))
        edition = self._text(job)
        if job.clinic:
            edition = self.source.with_clinic(edition, job.clinic)
        if national not in (b"", identifier[:HALF]):
            return False
        if edition.value is None:
            return True
        self.grounds |= dict.fromkeys(str(self.source.root / file) for file in edition.value.files)
        return identifier[HALF:] == name_of_clinic(edition.value)

    def _named(self, job: Job) -> bytes:
        """What a national edition's identifier begins with now; empty where that cannot be told."""
        if job not in self._known_names:
            sourced = self._text(job).value
            release = self._release(job)
            if sourced and release:
                form = form_of(job.layout, job.size, grey=job.grey)
                self._known_names[job] = release.name_of(sourced.booklet.language, form)
                return self._known_names[job]
            layout = layout_for(sourced, job.layout, job.roots, job.size, grey=job.grey).value
            words = layout.words(sourced.booklet.language).value if layout and sourced else None
            self._known_names[job] = b""
            with suppress(StyleError):
                if sourced and layout and words:
                    self._known_names[job] = name_of_national(sourced, layout, words)
        return self._known_names[job]

    def _release(self, job: Job) -> Kept | None:
        """The release whose bytes an edition is made of; None where it is made of today's source."""
        register, version = self.source.register.value, job.released
        if not version:
            sourced = self.source.booklet(job.booklet, job.language).value
            version = sourced.booklet.version if sourced and sourced.released else ""
        entry = register.release(job.booklet, version) if register else None
        return kept_release(self.source.root / SHOP, entry).value if entry else None

    def _text(self, job: Job) -> Outcome[Sourced]:
        """What a national edition says."""
        release = self._release(job) if job.released else None
        source = Source(release.roots[0]) if release else self.source
        return source.booklet(job.booklet, job.language)

    def _names(self, folder: str) -> list[str]:
        """What lies in a folder of the store; at an address, what lay there at first."""
        return sorted(self._by_folder.get(folder, ()) if self.request.address else self.store.names(folder))

    @cached_property
    def _by_folder(self) -> dict[str, list[str]]:
        folders: dict[str, list[str]] = {}
        for path in map(PurePosixPath, self.there):
            folders.setdefault(str(path.parent), []).append(path.name)
        return folders

    def _is_new(self, name: str) -> bool:
        """Was the file written after this began, by whomever?"""
        if self.request.address:
            return self._now.get(name) != self.there[name]
        return fresh.changed_since(str(self.request.out / name), self.started)

    @cached_property
    def _now(self) -> dict[str, str]:
        """What lies at the address after all was made."""
        return self.store.listing()

    def keep_reports(self, folders: Iterable[PurePosixPath]) -> None:
        """Put the reports of versions beside their editions, and remember what is there now."""
        reports = [folder / report for folder in folders for report in REPORTS]
        address, away = self.request.address, self.manifest.away
        if address:
            for name in map(str, reports):
                away[address / name] = self.store.write(name, (self.request.out / name).read_bytes())
        self.manifest.note(str(where / report) for where in self._places for report in reports)
        self._save()

    @property
    def _places(self) -> tuple[Path | Address, ...]:
        """Where the reports are kept."""
        return tuple(dict.fromkeys((self.request.place, self.request.out)))

    def _outputs(self, made: Made) -> tuple[str, ...]:
        """The edition, and the reports that it shares with the others of its version."""
        folder = PurePosixPath(made.pdf).parent
        reports = (str(where / (folder / report)) for where in self._places for report in REPORTS)
        return str(self.request.place / made.pdf), *reports

    def _save(self) -> None:
        self.request.out.mkdir(parents=True, exist_ok=True)
        fresh.save(self.manifest, str(self.request.out))

    def _forget(self, pdfs: set[str]) -> None:
        """Forget what was known of files that are others now, or gone."""
        for key, target in list(self.manifest.targets.items()):
            if target.outputs[0] in pdfs:
                del self.manifest.targets[key]

    def _may_have_changed(self, group: tuple[str, ...]) -> bool:
        return any(fresh.changed_since(path, self.started) for path in group)


def versions(made: Iterable[Made]) -> list[PurePosixPath]:
    """The folders of the versions of which something was made."""
    return sorted({PurePosixPath(one.pdf).parent for one in made if one.pdf and not one.unchanged})


def _start(made: Made) -> str:
    """What the names of all editions of a booklet's version in a language begin with."""
    return f"{made.job.booklet}-{made.version}-{made.language}-"


def _target(made: Made, outputs: tuple[str, ...]) -> fresh.Target:
    """What the manifest keeps of an edition."""
    warnings = sum(problem.severity is Severity.WARNING for problem in made.problems)
    row = f"{made.version} {made.language} {made.pages} {made.digest} {warnings}"
    package = Path(__file__).parent
    folders = str(package), str(package / "checks")
    inputs = (*made.inputs, _program(), (*folders, *made.absent))
    return fresh.Target(_key(made.job), str(made.valid_until or ""), row, outputs, inputs)


def _is_beside(name: str) -> bool:
    """Is it no edition that passed, but a failed one or a file for a printer?"""
    return name.endswith(".rejected.pdf") or is_print_file(PurePosixPath(name).name)


def _key(job: Job) -> str:
    which = (job.form, *((job.released,) if job.released else ()))
    return "|".join((str(job.roots[0]), str(job.out), job.booklet, job.language, *which))


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
