"""How is one edition made? Read, typeset, laid out, joined, checked, and only then written."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from weakref import WeakKeyDictionary

from .assemble import Panel, Spot, UnfitError
from .bind import Bound, Edition, National, Standing, bind, standing_of, standing_type, with_clinic
from .blocks import Local
from .carve import PANEL
from .chapters import chapters, panel
from .checks.identity import WITHDRAWN
from .checks.plain import ReadingAge, reading_ages
from .glimpse import PageLook, PanelLook, glimpse, split
from .impose import is_print_file
from .inspect import Facts, inspect_pdf
from .judge import judge
from .layout import Layout, form_of, layout_for, visible
from .model import Clinic, House
from .pdffile import HEAD
from .problem import NOWHERE, Box, Outcome, Problem, Severity, worst
from .prose import Piece
from .register import SHOP
from .register import Edition as Released
from .released import FileSaid, Kept, kept_release
from .render import engine, shared_libraries
from .shared import made_once
from .source import Source, Sourced
from .store import Folder, Store

#: How many letters that the fonts lack are told of one piece of text.
LETTERS_TOLD = 5


@dataclass(frozen=True, slots=True)
class Job:
    """One edition to be made: a booklet in a language and a layout.

    `roots` are the publisher's folder and the project's; `out` is where editions are kept.
    """

    roots: tuple[Path, ...]
    out: Path
    booklet: str
    language: str
    layout: str
    today: date
    size: int = 0
    """The reader's size of type in points; 0 for the layout's own."""
    grey: bool = False
    """Without colour, and with little ink?"""
    clinic: str = ""
    """Whose details stand in it; empty for the national edition."""
    released: str = ""
    """The version that is meant, as it was released; empty for what the source says today."""

    @property
    def form(self) -> str:
        """What the table calls it."""
        return form_of(self.layout, self.size, grey=self.grey) + (f"--{self.clinic}" if self.clinic else "")


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a job. `pdf` is the file, relative to `out`; `pages` is 0 where there is none."""

    job: Job
    problems: tuple[Problem, ...]
    pdf: str = ""
    version: str = ""
    language: str = ""
    pages: int = 0
    digest: str = ""
    inputs: tuple[tuple[str, ...], ...] = ()
    """Every file that it was made from, in groups that other editions share."""
    absent: tuple[str, ...] = ()
    """Where a file would take precedence over one of these, if there were one."""
    engine: tuple[str, ...] = ()
    ages: tuple[ReadingAge, ...] = ()
    ink: tuple[float, ...] = ()
    """The share of each page that one ink would cover, all inks together."""
    notes: tuple[str, ...] = ()
    """What the report says that is no problem."""
    valid_until: date | None = None
    """The last day on which the verdict holds."""
    unchanged: bool = False
    """Was it made before, and found up to date?"""
    stamp: str = ""
    """What changes with the file."""

    @property
    def name(self) -> str:
        """The file's name, whether it passed or was rejected."""
        return Path(self.pdf).name.replace(".rejected.pdf", ".pdf")

    @property
    def national(self) -> str:
        """The name of the national edition's file: what is said of both is said in its name, once."""
        clinic = self.job.clinic
        return self.name.removesuffix(f"--{clinic}.pdf") + ".pdf" if clinic else self.name

    @property
    def readable(self) -> bool:
        """Could the source be read?"""
        return bool(self.pages)

    def with_problems(self, problems: tuple[Problem, ...]) -> "Made":
        """The same, with further problems."""
        return replace(self, problems=self.problems + problems)

    @property
    def passed(self) -> bool:
        """Was the edition made, with no error found?"""
        return self.readable and worst(self.problems) is not Severity.ERROR


def make(jobs: Sequence[Job]) -> tuple[Made, ...]:
    """Make editions that differ in nothing but the clinic, and write those that pass their checks."""
    first = replace(jobs[0], clinic="")
    source = Source(first.roots[0])
    if first.released:
        series = _of_version(first, source)
        return tuple(replace(series.made(job, source), job=job) for job in jobs)
    national = _Series(_ready(first, source), first.today)
    # What was released is laid out no more: clinics' details are put into what is kept of it.
    clinics = (_reprint(national.ready, first) if any(job.clinic for job in jobs) else None) or national
    return tuple((clinics if job.clinic else national).made(job, source) for job in jobs)


def make_kept(job: Job) -> tuple[Made, bytes]:
    """Make a national edition; returned with it is what later clinics' editions are made of.

    That is empty where it failed, or where they have to be laid out whole.
    """
    ready = _ready(job, Source(job.roots[0]))
    if ready.means is None:
        return ready.made, b""
    bound = bind(ready.means.sourced, ready.means.layout, ready.means.words)
    made = _Series(ready, job.today, bound).made(job, Source(job.roots[0]))
    try:
        return made, standing_type(bound.value) if bound.value and made.passed else b""
    except UnfitError:
        return made, b""


@dataclass(frozen=True, slots=True)
class _Means:
    """What an edition is made from; `words` are the layout's fixed ones."""

    sourced: Sourced
    layout: Layout
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is known of an edition before it is made; without means it cannot be."""

    made: Made
    means: _Means | None = None

    @property
    def sourced(self) -> Outcome[Sourced]:
        """What it says."""
        return Outcome(self.means.sourced if self.means else None)

    def with_clinic(self, job: Job, read: Outcome[Sourced]) -> "_Ready":
        """The same of a clinic's edition, of which nothing but the details is looked at again.

        `read` is what it says with them.
        """
        own = read.problems
        if read.value is None or self.means is None:
            return _Ready(Made(job, self.made.problems + own))
        sourced, layout, words = read.value, self.means.layout, self.means.words
        pieces = panel(sourced, words)
        if any(_missing_letters(pieces, layout)):
            roots = self.made.job.roots
            layout = layout_for(sourced, job.layout, roots, job.size, grey=job.grey).value or layout
        more = () if layout is self.means.layout else _of_layout(layout)
        details = (str(job.roots[0] / file) for file in sourced.files[len(self.means.sourced.files) :])
        inputs = (*self.made.inputs[0], *details), *self.made.inputs[1:], *more
        missing = tuple(_missing_letters(pieces, layout))
        made = replace(self.made, job=job, pdf=edition_path(sourced, layout), inputs=inputs)
        made = made.with_problems(own + missing)
        return _Ready(made, None if missing else _Means(sourced, layout, words))


@dataclass(frozen=True, slots=True)
class Checked:
    """An edition that was made and checked, and not written. Its PDF is empty where it could not be made."""

    made: Made
    pdf: bytes = b""
    place: tuple[int, Box] | None = None
    """The page of the clinic's details, from 1, and where they are on it."""


@dataclass(frozen=True)
class _Series:
    """A national edition, and the clinics' editions that are made of it.

    It is laid out once it is asked for, or was `bound` before.
    """

    ready: _Ready
    today: date
    bound: Outcome[Bound] | Outcome[Standing] | None = None

    def made(self, job: Job, source: Source) -> Made:
        """Make an edition, and write it where it passes its checks."""
        ready = self.ready
        if job.clinic:
            ready = ready.with_clinic(job, source.with_clinic(ready.sourced, job.clinic))
        checked = self.checked(ready)
        if not job.clinic:
            checked = replace(
                checked, made=checked.made.with_problems(tuple(_other_bytes(ready, checked.pdf)))
            )
        # The file of that name that is built today may be another than the one that was released.
        shared = {} if job.clinic and ready.means and ready.means.sourced.released else self._named
        return _written(checked.made, checked.pdf, shared) if checked.pdf else checked.made

    def checked(self, ready: _Ready) -> Checked:
        """Make an edition and check it; nothing is written."""
        if ready.means is None or self.run is None:
            return Checked(ready.made)
        run = self.run.value
        edition = run.edition(ready.means) if run else Outcome(None, self.run.problems)
        if run is None or edition.value is None:
            return Checked(ready.made.with_problems(edition.problems))
        verdict = run.judged(edition.value, ready.means)
        made = ready.made.with_problems(edition.problems + verdict.problems)
        made = replace(made, pages=verdict.pages, ink=verdict.ink)
        return Checked(made, edition.value.pdf, _place_of(edition.value, verdict))

    @cached_property
    def run(self) -> "Outcome[_Run] | None":
        """Its editions while they are checked; None where it cannot be read."""
        means = self.ready.means
        if means is None:
            return None
        bound = self.bound or bind(means.sourced, means.layout, means.words)
        return Outcome(_Run(bound.value, self.today) if bound.value else None, bound.problems)

    @cached_property
    def _named(self) -> Mapping[Problem, Problem]:
        """What is said of the national edition, and how it is told: in the name of its file."""
        run = self.run.value if self.run else None
        said = (*self.ready.made.problems, *(run.national.problems + run.verdict.problems if run else ()))
        return {problem: replace(problem, pdf=self.ready.made.name) for problem in said}


def _other_bytes(ready: _Ready, pdf: bytes) -> Iterator[Problem]:
    """What is to be known where a version that was released comes out otherwise, though it says the same."""
    job, sourced = ready.made.job, ready.sourced.value
    released = sourced.released if sourced else None
    release = kept_release(job.roots[0] / SHOP, released.entry).value if released and pdf else None
    if not sourced or not released or not release or released.content != sourced.content:
        return
    form = released.language, job.layout, job.size, job.grey, ""
    for one in release.manifest.editions:
        same = (one.language, one.layout, one.points, one.grey, one.place) == form
        if same and release.manifest.unsigned[one.file] != FileSaid.of(pdf):
            message = (
                f"Version {released.entry.version} was released, and this is another file that says the same"
            )
            hint = (
                "build it with --released, or give it the next version: layout, fonts or program have changed"
            )
            yield Problem("released-other-file", message, hint=hint, severity=Severity.WARNING)


def _reprint(ready: _Ready, job: Job) -> _Series | None:
    """The edition as it was released, where its version was; None where it was not."""
    released = ready.means.sourced.released if ready.means else None
    if released is None:
        return None
    release = kept_release(job.roots[0] / SHOP, released.entry)
    if release.value is None:
        return _Series(_Ready(ready.made.with_problems(release.problems)), job.today)
    # What is written today says which version it is.
    return _as_released(job, release.value, released, ready.made.inputs[:1])


def _of_version(job: Job, source: Source) -> _Series:
    """The edition of a version that was released, whatever the source says today."""
    register = source.register.value
    entry = register.release(job.booklet, job.released) if register else None
    if register is None or entry is None:
        message = f"{job.released} of '{job.booklet}' was not released"
        faults = source.register.problems or (Problem("unknown-version", message),)
        return _Series(_Ready(Made(job, faults)), job.today)
    release = kept_release(job.roots[0] / SHOP, entry)
    if release.value is None:
        return _Series(_Ready(Made(job, release.problems)), job.today)
    language = Source(release.value.roots[0]).outline(job.booklet, job.language).language
    released = register.edition(job.booklet, job.released, language)
    assert released  # noqa: S101 - the register and the manifest say the same
    return _as_released(job, release.value, released)


def _as_released(
    job: Job, release: Kept, released: Released, grounds: tuple[tuple[str, ...], ...] = ()
) -> _Series:
    """An edition of a release; `grounds` are the files that say which."""
    roots = release.roots
    old = _ready(replace(job, roots=roots), Source(roots[0]))
    if old.means is None:
        return _Series(old, job.today)
    means = replace(old.means, sourced=replace(old.means.sourced, released=released))
    inputs = (*old.made.inputs, *grounds)
    absent = (*old.made.absent, str(job.roots[0] / SHOP / job.booklet))
    made = replace(old.made, inputs=inputs, absent=absent)
    standing = standing_of(release, means.sourced, means.layout, means.words)
    return _Series(_Ready(made, means), job.today, Outcome(standing) if standing else None)


class Reprint:
    """An edition as it was released, of which clinics' editions are made; nothing is written.

    `job` names the release by its booklet, with the layout, size and ink of one of its editions.
    """

    def __init__(self, job: Job, release: Kept, released: Released) -> None:
        language = Source(release.roots[0]).file_in(job.booklet, released.language)
        self.job = replace(job, language=language or "")
        self._series = _as_released(self.job, release, released)

    @property
    def faults(self) -> tuple[Problem, ...]:
        """Why no edition can be made of it; none where that can be."""
        run = self._series.run
        return () if run and run.value else self._series.ready.made.problems + (run.problems if run else ())

    def edition(self, clinic: Clinic, clinic_id: str) -> Checked:
        """A clinic's edition, with all that is said of it."""
        ready = self._series.ready
        sourced = ready.sourced.value
        own = Outcome(replace(sourced, clinic=clinic, clinic_id=clinic_id) if sourced else None)
        return self._series.checked(ready.with_clinic(replace(self.job, clinic=clinic_id), own))


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the checks say of a PDF; it has no pages where it cannot be read."""

    problems: tuple[Problem, ...]
    pages: int = 0
    ink: tuple[float, ...] = ()
    facts: Facts | None = None


@dataclass(frozen=True, slots=True)
class _Proof:
    """A panel that passed, or failed, its checks: how it looks on its page, and what they said of it."""

    looks: PanelLook
    problems: tuple[Problem, ...]
    ink: float


#: What was proven of panels, by their place on a page.
_PROVEN: WeakKeyDictionary[Panel, dict[Spot, _Proof]] = WeakKeyDictionary()


@dataclass
class _Run:
    """The editions of one booklet in one form, while they are checked."""

    bound: National
    today: date
    _page: PageLook | None = None
    """How the page with the clinic's place looks, but for the panel."""

    @cached_property
    def national(self) -> Outcome[Edition]:
        """The national edition."""
        printed = self.bound.national()
        return Outcome(Edition(printed.value) if printed.value else None, printed.problems)

    @cached_property
    def verdict(self) -> _Verdict:
        """What the checks say of the national edition."""
        pdf, bound = self.national.value, self.bound
        means = _Means(bound.sourced, bound.layout, bound.words)
        return self._judged(pdf.pdf, means, None) if pdf else _Verdict(())

    def edition(self, means: _Means) -> Outcome[Edition]:
        """The national edition, or a clinic's."""
        own = means.sourced, means.layout
        return with_clinic(self.bound, *own) if means.sourced.clinic else self.national

    def judged(self, edition: Edition, means: _Means) -> _Verdict:
        """What the checks say of an edition; a clinic's is looked at whole only where that is news."""
        if not means.sourced.clinic:
            return self.verdict
        panel, national = edition.panel, self.verdict
        if (
            panel is None
            or national.facts is None
            or not edition.pdf.startswith(self.bound.local.stretches[0].data, len(HEAD))
        ):
            return self._judged(edition.pdf, means, national.facts)
        local, page = self.bound.local, self.bound.local.number
        spot = local.spot(panel)
        look = split(glimpse(edition.pdf, page), PANEL, spot.marks, local.link_count)
        proofs = _PROVEN.setdefault(panel, {})
        proof = proofs.get(spot)
        if look.page == self._page and (proof is None or proof.looks != look.panel):
            proof = made_once(panel.key + repr(spot).encode(), partial(self._proof, panel, spot, means))
        known = proof and (look.panel, look.page) == (proof.looks, self._page)
        # What is said of a panel in one booklet may be waived in another.
        if proof and known and not (proof.problems and self.bound.sourced.waivers):
            proofs[spot] = proof
            ink = (*national.ink[: page - 1], proof.ink, *national.ink[page:])
            return replace(national, problems=national.problems + proof.problems, ink=ink)
        verdict = self._judged(edition.pdf, means, national.facts)
        own = tuple(one for one in verdict.problems if one not in national.problems)
        if verdict.facts and all(one.where.file.startswith("source/clinics/") for one in own):
            self._page = look.page
            if set(national.problems) <= set(verdict.problems):
                proofs[spot] = _Proof(look.panel, own, verdict.ink[page - 1])
        return verdict

    def _proof(self, panel: Panel, spot: Spot, means: _Means) -> _Proof | None:
        """The proof of a panel on its page alone; None where anything is to be said of it.

        Of that page the checks say some things that are wrong, since the rest of the booklet is missing;
        with a panel that is as it should be they say the same.
        """
        try:
            local, bare = self.bound.alone, self._bare
        except UnfitError:
            return None
        pdf = local.edition(panel, b"")
        verdict = self._judged(pdf, replace(means, sourced=_of_place(means.sourced)), bare.facts)
        if not verdict.facts or set(verdict.problems) != set(bare.problems):
            return None
        looks = split(glimpse(pdf, local.number), PANEL, spot.marks, local.link_count).panel
        return _Proof(looks, (), verdict.ink[local.number - 1])

    @cached_property
    def _bare(self) -> _Verdict:
        """What the checks say of the page without a clinic's details."""
        national = _Means(_of_place(self.bound.sourced), self.bound.layout, self.bound.words)
        return self._judged(self.bound.bare, national, None)

    def _judged(self, pdf: bytes, means: _Means, national: Facts | None) -> _Verdict:
        facts = inspect_pdf(pdf)
        if facts.value is None:
            return _Verdict(facts.problems)
        found = judge(facts.value, means.sourced, means.layout, self.today, national)
        ink = tuple(page.share for page in facts.value.ink)
        return _Verdict(facts.problems + found, facts.value.pages, ink, facts.value)


def _of_place(sourced: Sourced) -> Sourced:
    """The booklet without what says nothing of the clinic's place.

    What is not expected on the page cannot be mistaken for what a panel says, and is not read again for
    every panel.
    """
    booklet = sourced.booklet
    held = tuple(
        top
        for top in booklet.sections
        if any(isinstance(block, Local) for _, section in top.walk() for block in section.content)
    )
    rest = {"sections": held, "about": None, "key_points": (), "glossary": ()}
    return replace(sourced, booklet=booklet.model_copy(update=rest))


def _ready(job: Job, source: Source) -> _Ready:
    """A national edition, before it is made."""
    read = source.booklet(job.booklet, job.language)
    layout = layout_for(read.value, job.layout, job.roots, job.size, grey=job.grey)
    if read.value is None or layout.value is None:
        return _Ready(Made(job, read.problems + tuple(_placed(layout.problems, read.value, job))))
    sourced = read.value
    words = layout.value.words(sourced.booklet.language)
    if words.value is None:
        return _Ready(Made(job, read.problems + tuple(_placed(words.problems, sourced, job))))
    told = tuple(chapters(sourced, words.value))
    pieces = [piece for one in told for piece in (*([one.title] if one.title else []), *one.pieces)]
    missing = tuple(_missing_letters(pieces, layout.value))
    made = Made(
        job,
        read.problems + missing,
        pdf=edition_path(sourced, layout.value),
        version=sourced.booklet.version,
        language=sourced.booklet.language,
        inputs=(_of_source(sourced, job.roots[0]), *_of_layout(layout.value)),
        absent=(*map(str, layout.value.absent), *(str(job.roots[0] / file) for file in sourced.absent)),
        engine=engine(),
        ages=tuple(reading_ages(sourced.booklet, told)),
        notes=_notes(sourced.house),
        valid_until=_valid_until(sourced, job.today),
    )
    return _Ready(made, None if missing else _Means(sourced, layout.value, words.value))


def _placed(problems: Iterable[Problem], sourced: Sourced | None, job: Job) -> Iterator[Problem]:
    """The problems; of a layout or a language that only the booklet asks for, at the booklet's own line."""
    booklet = sourced.booklet if sourced else None
    for problem in problems:
        where = problem.where
        if booklet and problem.code == "unknown-layout" and job.layout in (booklet.layouts or ()):
            where = booklet.at("layouts")
        elif booklet and where is NOWHERE and problem.code in ("unknown-language", "language-without-font"):
            where = booklet.at("language")
        yield replace(problem, where=where)


def _missing_letters(pieces: Iterable[Piece], layout: Layout) -> Iterator[Problem]:
    """What the fonts cannot print: it would become a box, or nothing, on the paper."""
    for piece in pieces:
        # Where a line is in another script, the first few tell which one.
        letters = [letter for letter in sorted(visible(piece.text)) if ord(letter) not in layout.letters]
        if letters:
            named = ", ".join(f"'{letter}' (U+{ord(letter):04X})" for letter in letters[:LETTERS_TOLD])
            more = f" and {len(letters) - LETTERS_TOLD} more" if len(letters) > LETTERS_TOLD else ""
            what = "letter" if len(letters) == 1 else "letters"
            message = f"The layout's fonts have no {what} {named}{more}"
            hint = "write it in words or with other letters, or use a layout whose fonts have it"
            yield Problem("letter-missing", message, piece.where, hint)


def _place_of(edition: Edition, verdict: _Verdict) -> tuple[int, Box] | None:
    """Where a clinic's details are: a panel may be higher than the lines in whose place it stands."""
    panels = verdict.facts.panels if verdict.facts else ()
    if not panels:
        return None
    left, top, right, bottom = panels[0].box
    height = edition.panel.height if edition.panel else 0
    return panels[0].page, (left, top, right, max(bottom, top + height))


def _written(made: Made, pdf: bytes, named: Mapping[Problem, Problem]) -> Made:
    """Put the PDF in its place, or beside it where it failed.

    Where all that is said of the national edition is said of this one, too, it need not be told again.
    """
    shared = named if named.keys() <= set(made.problems) else {}
    problems = tuple(shared.get(problem) or replace(problem, pdf=made.name) for problem in made.problems)
    made = replace(made, problems=problems, digest=hashlib.sha256(pdf).hexdigest())
    kept = Folder(made.job.out)
    try:
        return place(kept, made, pdf, kept.names(str(PurePosixPath(made.pdf).parent)))
    except OSError as error:
        return not_written(made, error)


def not_written(made: Made, error: OSError) -> Made:
    """What became of an edition that could not be written; it costs no other."""
    message = f"'{made.job.booklet}' could not be written: {error.strerror}: {error.filename}"
    problem = Problem("not-made", message, hint="what was written before stays as it was")
    return replace(made.with_problems((problem,)), pdf="", pages=0, digest="")


def place(kept: Store, made: Made, pdf: bytes, beside: Sequence[str]) -> Made:
    """Write an edition, or beside its place where it failed; returns it with its name now, and its stamp.

    What is no longer true goes, of the names that lie `beside` it: an older failure, and what was made
    for a printer.
    """
    path = PurePosixPath(made.pdf).with_name(made.name)
    rejected = path.with_suffix(".rejected.pdf")
    if not made.passed:
        stamp = kept.write(str(rejected), pdf)
        # The last good one stays, unless nobody may use that any more.
        gone = [path.name, *(old for old in beside if is_print_file(old, path.stem))]
        for old in gone if any(problem.code == WITHDRAWN for problem in made.problems) else ():
            kept.remove(str(path.with_name(old)))
        return replace(made, pdf=str(rejected), stamp=stamp)
    # What was made for a printer of what the edition was before would be printed for it.
    printed = [old for old in beside if is_print_file(old, path.stem)]
    gone = [] if not printed or kept.read(str(path)) == pdf else printed
    stamp = kept.write(str(path), pdf)
    for old in (*gone, *(old for old in beside if old == rejected.name)):
        kept.remove(str(path.with_name(old)))
    return replace(made, pdf=str(path), stamp=stamp)


def edition_path(sourced: Sourced, layout: Layout) -> str:
    """Where an edition is kept, relative to the folder of editions."""
    booklet = sourced.booklet
    form = layout.form + (f"--{sourced.clinic_id}" if sourced.clinic else "")
    name = f"{booklet.id}-{booklet.version}-{booklet.language}-{form}.pdf"
    return f"{booklet.id}/{booklet.version}/{name}"


def _notes(house: House) -> tuple[str, ...]:
    notes = []
    if not house.catalogue:
        notes.append("No QR code is printed, because house.yaml names no catalogue.")
    if not house.languages:
        notes.append("Nobody is told how to ask for another language, because house.yaml has no languages.")
    return tuple(notes)


def _of_source(sourced: Sourced, root: Path) -> tuple[str, ...]:
    """The publisher's files that an edition is made from."""
    return tuple(str(root / file) for file in sourced.files)


def _of_layout(layout: Layout) -> tuple[tuple[str, ...], ...]:
    """The files that it is made with, which other editions share."""
    return ((*map(str, layout.files), *shared_libraries()),)


def _valid_until(sourced: Sourced, today: date) -> date | None:
    """The next day after which the checks may say something else."""
    mark = sourced.house.quality_mark
    days = [sourced.booklet.next_review, *([mark.certificate.last] if mark else [])]
    return min((day for day in days if day >= today), default=None)
