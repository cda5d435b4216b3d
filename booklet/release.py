"""How does a version become one that never changes? Built clean, checked, signed off, kept, registered."""

import hashlib
import importlib.metadata
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from . import review
from .batch import AHEAD, Workers, run_all
from .blocks import Flag, Identifier, Number, Written
from .desk import Desk, print_at_desk
from .differences import differences, said_of
from .impose import page_count, page_size
from .inspect import inspect_pdf
from .layout import has_sizes, layout_for, layout_names, layouts_of
from .make import Job, Made, make_kept
from .press import load_shop
from .printing import Prints, prints_of
from .problem import Outcome, Problem, Severity, Where
from .register import FOLDER, Entry, Register, State, append, number_of, read_register
from .released import (
    MANIFEST,
    PRESS,
    PROJECT,
    EditionFile,
    FileSaid,
    InLanguage,
    Manifest,
    Released,
    Seal,
    Signature,
    Signed,
    damage,
    folder_of,
    manifest_bytes,
    read_manifest,
    type_file,
)
from .remarks import Hooks, in_short
from .report import keep
from .shelf import DamagedError, read_shelf
from .shop import print_in_shop
from .sign_offs import standing, why_void
from .source import Source, Sourced, file_beside, file_bytes, read_file
from .store import Folder, Store, write_whole
from .texts import places

T = TypeVar("T")
R = TypeVar("R")

#: What a release holds beside the layouts that a booklet names; the publisher's own file comes first.
OFFERED = "layouts/releases.yaml"

#: In points: a page that is no wider fits on half a sheet of A4 (ISO 216), and is printed at a desk so.
HALF_SHEET = 150 * 72 / 25.4

#: So many files that are others are named.
NAMED = 8

#: What decides over a release's bytes, and over what is known of them.
LIBRARIES = (
    *("weasyprint", "pydyf", "fonttools", "uharfbuzz", "jinja2", "pillow", "babel", "pyyaml"),
    *("pypdf", "pypdfium2", "page-validation"),
)

#: The place for which sheets are made at a clinic's desk.
DESK = "desk"


class Offered(Written):
    """releases.yaml: what a release holds of each booklet, beside the layouts that it names."""

    sizes: tuple[Number, ...] = ()
    """Large print in these sizes, in points."""
    grey: Flag = False
    """Also without colour?"""
    desk: Flag = False
    """Also as sheets for a clinic's printer?"""
    profiles: tuple[Identifier, ...] = ()
    """Also as files for print shops, by the names of their profiles."""


@dataclass(frozen=True)
class Wanted:
    """A version that is to be released."""

    roots: tuple[Path, ...]
    booklet: str
    version: str
    today: date

    @cached_property
    def source(self) -> Source:
        """What the editors have written."""
        return Source(self.roots[0])

    @cached_property
    def texts(self) -> dict[str, Outcome[Sourced]]:
        """The booklet and its translations in this version, by the names of their files."""
        read = {
            name: self.source.booklet(self.booklet, name) for name in self.source.translations(self.booklet)
        }
        return {
            name: one
            for name, one in read.items()
            if one.value is None or one.value.booklet.version == self.version
        }

    @cached_property
    def sourced(self) -> dict[str, Sourced]:
        """Those that can be read."""
        return {name: one.value for name, one in self.texts.items() if one.value}

    @property
    def contents(self) -> dict[str, str]:
        """The digest of what each says, by language."""
        return {one.booklet.language: one.content for one in self.sourced.values()}


def release(wanted: Wanted, shop: Store, seal: Seal | None = None) -> Outcome[Released]:
    """Release a version, or say why not. An OSError where the shop cannot be read or written.

    Where there is a seal, the editions for readers are signed with it.
    """
    faults = tuple(problem for one in wanted.texts.values() if one.value is None for problem in one.problems)
    if faults:
        return Outcome(None, faults)
    register = read_register(shop)
    if register.value is None:
        return Outcome(None, register.problems)
    refused = (*_late(wanted, register.value), *_unlike(wanted, register.value, shop))
    refused = refused or (*_unsigned(wanted), *_remarked(wanted))
    forms = offered(wanted.roots)
    if refused or forms.value is None:
        return Outcome(None, refused or forms.problems)
    with tempfile.TemporaryDirectory(prefix="booklet-release-") as folder:
        built = _built(wanted, forms.value, Path(folder))
    if built.value is None:
        return Outcome(None, built.problems)
    published = _published(wanted, shop, built.value, seal)
    return Outcome(published.value, published.problems or built.problems)


@dataclass(frozen=True, slots=True)
class Built:
    """All that a release holds."""

    editions: tuple[EditionFile, ...]
    files: Mapping[str, bytes]


# --- What stands against it -----------------------------------------------------------------------


def _late(wanted: Wanted, register: Register) -> Iterator[Problem]:
    """What is wrong where later versions were released, or where there is none of that number."""
    where = _where(wanted)
    if not wanted.sourced:
        message = f"No text of '{wanted.booklet}' has the version {wanted.version}"
        yield Problem("unknown-version", message, where, "look at `version` in booklet.yaml")
    for language in wanted.contents:
        for (booklet, version, other), one in register.editions.items():
            later = number_of(version) > number_of(wanted.version)
            if (booklet, other) == (wanted.booklet, language) and later:
                message = f"{version} was released on {one.entry.day}, and {wanted.version} comes before it"
                yield Problem("version-order", message, where, _next(wanted, register))


def _unlike(wanted: Wanted, register: Register, shop: Store) -> Iterator[Problem]:
    """What is wrong where the version was released with other words."""
    entry = register.release(wanted.booklet, wanted.version)
    if entry is None:
        return
    for language in wanted.contents.keys() - entry.languages.keys():
        message = f"{wanted.version} was released on {entry.day} without {language}"
        hint = f"give the translation {_next_version(wanted, register)}, and release that"
        yield Problem("already-released", message, _where(wanted, language), hint)
    others = [
        one
        for one in wanted.contents
        if entry.languages.get(one, wanted.contents[one]) != wanted.contents[one]
    ]
    if others:
        message = (
            f"{wanted.version} was released on {entry.day}, and says something else now: {', '.join(others)}"
        )
        hint = "\n".join((_next(wanted, register), *_changed(wanted, shop, others)))
        yield Problem("already-released", message, _where(wanted, others[0]), hint)


def _changed(wanted: Wanted, shop: Store, languages: Sequence[str]) -> Iterator[str]:
    """In a few lines what is another now in the first of some languages."""
    name = next((n for n, one in wanted.sourced.items() if one.booklet.language == languages[0]), None)
    shelf = read_shelf(shop).value
    held = shelf and next((one for one in shelf.of(wanted.booklet) if one.version == wanted.version), None)
    if name is None or not shelf or not held:
        return
    try:
        with shelf.kept(held) as kept:
            before = Source(kept.roots[0]).booklet(wanted.booklet, name).value
    except DamagedError as error:
        yield f"what that was cannot be told: {error} is not as it was released"
        return
    if before:
        found = differences(before, wanted.sourced[name])
        yield from (
            f"{said_of(swap)}: {', '.join(place.title for place in where)}" for swap, where in found.swaps
        )
        for place, changes in found.by_place:
            counts = Counter(str(change.kind) for change in changes)
            yield f"{place.title}: {', '.join(f'{count} {kind}' for kind, count in counts.items())}"
        yield f"`changed {wanted.booklet} --since {wanted.version}` shows it all"


def _next(wanted: Wanted, register: Register) -> str:
    """What the next version may be called."""
    return f"what was released never changes; make it {_next_version(wanted, register)}"


def _next_version(wanted: Wanted, register: Register) -> str:
    """The line that the next version has."""
    numbers = [number_of(version) for booklet, version in register.versions if booklet == wanted.booklet]
    edition, revision = max(numbers)
    return f'version: "{edition}.{revision + 1}"'


def _where(wanted: Wanted, language: str = "") -> Where:
    """The line with the version, in the file of a language or in the first."""
    every = wanted.sourced.values()
    first = next((one for one in every if one.booklet.language == language), next(iter(every), None))
    return first.booklet.at("version") if first else Where(f"source/booklets/{wanted.booklet}/booklet.yaml")


def _unsigned(wanted: Wanted) -> Iterator[Problem]:
    """Who has not signed off what is there now."""
    for name, sourced in wanted.sourced.items():
        roles = sourced.house.sign_off_roles
        if not roles:
            hint = "write, for example, sign_off_roles: [clinical, editorial]"
            yield Problem(
                "not-signed", "house.yaml does not say who signs off", Where("source/house.yaml"), hint
            )
            return
        read = wanted.source.sign_offs(wanted.booklet, name)
        if read.value is None:
            yield from read.problems
            continue
        standings = standing(sourced, read.value, wanted.today)
        missing = [one.role for one in standings if not one.holds]
        where = Where(file_beside(wanted.booklet, name, "sign-offs"))
        for one in read.value:
            if one.version == wanted.version and one.role not in roles:
                why = why_void(one, sourced, wanted.today)
                yield Problem("sign-off-void", why, one.at("role"), f"it has: {', '.join(roles)}")
        for one, why in (void for held in standings if not held.holds for void in held.void):
            message = f"{one.name} signed {wanted.version} off on {one.date} ({one.role}), but {why}"
            yield Problem("sign-off-void", message, one.at("digest"), "have what it says now read and signed")
        if missing:
            lines = "\n".join(_line(role, wanted, sourced) for role in missing)
            message = (
                f"{wanted.version} in {sourced.booklet.language} is not signed off: {', '.join(missing)}"
            )
            hint = f"once they have read it, put in this file, with the names:\nsign_offs:\n{lines}"
            yield Problem("not-signed", message, where, hint)


def _remarked(wanted: Wanted) -> Iterator[Problem]:
    """Which remarks on the version nobody has answered."""
    for name, sourced in wanted.sourced.items():
        read = wanted.source.remarks(wanted.booklet, name)
        yield from read.problems if read.value is None else ()
        hooks = Hooks(places(sourced))
        words = f"{wanted.booklet} {{}}{f' --language {sourced.booklet.language}' if name else ''}"
        for one in read.value or ():
            if not one.is_open or one.version != wanted.version:
                continue
            at = hooks.of(one)
            message = f"Remark {one.id} is open: {in_short(one.remark)} ({one.name}, {one.role}; {at.told})"
            done = words.format(one.id)
            hint = f"`remarks done {done}` once it is, or `remarks decline {done} --why TEXT`"
            yield Problem("open-remark", message, one.at("state"), hint)


def _line(role: str, wanted: Wanted, sourced: Sourced) -> str:
    """What somebody writes to sign."""
    said = f'version: "{wanted.version}", role: {role}, name: …, date: {wanted.today}'
    return f"  - {{{said}, digest: {sourced.content}}}"


def _signed(wanted: Wanted, name: str) -> tuple[Signed, ...]:
    """The sign-offs of a text that hold."""
    signed = wanted.source.sign_offs(wanted.booklet, name).value or ()
    sourced = wanted.sourced[name]
    return tuple(
        Signed(one.role, one.name, one.date)
        for one in signed
        if one.version == wanted.version and not why_void(one, sourced, wanted.today)
    )


# --- What it holds --------------------------------------------------------------------------------


def offered(roots: tuple[Path, ...]) -> Outcome[Offered]:
    """What a release holds, as the publisher says, or the project."""
    root = next((root for root in roots if file_bytes(root, OFFERED) is not None), roots[-1])
    return read_file(root, OFFERED, Offered.model_validate).outcome


def _built(wanted: Wanted, forms: Offered, folder: Path) -> Outcome[Built]:
    """All that a release holds, built in a folder from a copy of what was read, and of nothing else."""
    inputs = _inputs(wanted, forms)
    for name, data in inputs.items():
        write_whole(folder / name, data)
    copied = replace(wanted, roots=(folder / PRESS, folder / PRESS / PROJECT))
    if copied.contents != wanted.contents:
        hint = "run the same command again"
        return Outcome(None, (Problem("not-made", "The source changed meanwhile", _where(wanted), hint),))
    out = folder / "dist"
    jobs = list(dict.fromkeys(_jobs(copied, forms, out)))
    made = list(_in_order(jobs, run_all(make_kept, jobs, _not_made, *_workers()), lambda one: one[0].job))
    problems = tuple(dict.fromkeys(problem for one, _ in made for problem in one.problems))
    if not all(one.passed for one, _ in made):
        return Outcome(None, problems)
    tasks = [_Task(one, place, wanted.roots) for one, _ in made for place in _places(one, forms)]
    prints = list(_in_order(tasks, run_all(_printed, tasks, _not_printed, *_workers()), lambda one: one[0]))
    if not all(one.files for _, one in prints):
        return Outcome(None, tuple(problem for _, one in prints for problem in one.problems))
    keep([one for one, _ in made], out)
    version = PurePosixPath(folder_of(wanted.booklet, wanted.version))
    review.keep([version], out, copied.roots, Folder(out))
    types = {type_file(one.language, one.job.form): kept for one, kept in made if kept}
    files = {path.name: path.read_bytes() for path in sorted((out / version).iterdir())}
    editions = (
        *(_read(one) for one, _ in made),
        *(file for task, one in prints for file in _sheets(task, one)),
    )
    return Outcome(Built(editions, files | inputs | types), problems)


def _workers() -> tuple[Workers, int]:
    workers = Workers("booklet.release")
    return workers, AHEAD * workers.count


def _in_order(asked: Sequence[T], found: Iterable[R], of: Callable[[R], T]) -> Iterator[R]:
    """What was found, in the order in which it was asked for."""
    by_job = {of(one): one for one in found}
    yield from (by_job[one] for one in asked)


def _inputs(wanted: Wanted, forms: Offered) -> dict[str, bytes]:
    """All that the editions are made from, and fonts in reserve for clinics, by their places in a release."""
    root = wanted.roots[0]
    found: dict[str, bytes] = {}
    for name, sourced in wanted.sourced.items():
        signed = file_beside(wanted.booklet, name, "sign-offs")
        for file in (*sourced.files, signed):
            found[f"{PRESS}/{file}"] = file_bytes(root, file) or b""
        for job in _jobs(wanted, forms, Path()):
            layout = layout_for(sourced, job.layout, wanted.roots, job.size, grey=job.grey).value
            for path in (*layout.files, *layout.reserve) if layout else ():
                if path.is_file():
                    found[_place_of(path, wanted.roots)] = path.read_bytes()
    return found


def _place_of(path: Path, roots: tuple[Path, ...]) -> str:
    """Where a layout's file is kept in a release: those of the publisher's apart from the project's."""
    root = next(
        root for root in roots if path.is_relative_to(root / "layouts") or path.is_relative_to(root / "fonts")
    )
    folder = PRESS if root == roots[0] else f"{PRESS}/{PROJECT}"
    return f"{folder}/{path.relative_to(root).as_posix()}"


def _jobs(wanted: Wanted, forms: Offered, out: Path) -> Iterator[Job]:
    """One job for each text and form."""
    sized = [layout for layout in layout_names(wanted.roots) if has_sizes(layout, wanted.roots)]
    large = [(layout, size, False) for layout in sized for size in forms.sizes]
    for name in wanted.sourced:
        layouts = layouts_of(wanted.source.outline(wanted.booklet, name), wanted.roots)
        own = [layout for layout in layouts if not (forms.sizes and layout in sized)]
        inks = (False, True) if forms.grey else (False,)
        for layout, size, grey in (*((layout, 0, grey) for layout in own for grey in inks), *large):
            yield Job(wanted.roots, out, wanted.booklet, name, layout, wanted.today, size, grey)


def _places(made: Made, forms: Offered) -> Iterator[str]:
    """For whom sheets are made of an edition."""
    if made.job.size or made.job.grey:
        return
    if forms.desk and page_size((made.job.out / made.pdf).read_bytes(), 1)[0] <= HALF_SHEET:
        yield DESK
    yield from forms.profiles


@dataclass(frozen=True, slots=True)
class _Task:
    """An edition that is printed for somebody."""

    made: Made
    place: str
    roots: tuple[Path, ...]


def _printed(task: _Task) -> tuple[_Task, Prints]:
    """The files for a printer."""
    if task.place == DESK:
        return task, prints_of(task.made, DESK, partial(print_at_desk, desk=Desk()))
    shop = load_shop(task.place, task.roots)
    if shop.value is None:
        return task, Prints(task.made, shop.problems)
    return task, prints_of(task.made, f"press-{task.place}", partial(print_in_shop, shop=shop.value))


def _not_made(job: Job, why: str, hint: str) -> tuple[Made, bytes]:
    message = f"'{job.booklet}' could not be made: {why}"
    return Made(job, (Problem("not-made", message, hint=hint),)), b""


def _not_printed(task: _Task, why: str, hint: str) -> tuple[_Task, Prints]:
    message = f"'{task.made.job.booklet}' could not be printed for {task.place}: {why}"
    return task, Prints(task.made, (Problem("not-made", message, hint=hint),))


def _read(made: Made) -> EditionFile:
    """What is said of an edition to read."""
    severities = [problem.severity for problem in made.problems]
    counts = severities.count(Severity.WARNING), severities.count(Severity.ADVICE)
    layout, size, grey = made.job.layout, made.job.size, made.job.grey
    return EditionFile(made.name, made.language, layout, size, grey, "", made.pages, *counts)


def _sheets(task: _Task, prints: Prints) -> Iterator[EditionFile]:
    """What is said of the files for a printer."""
    made, place = task.made, task.place if task.place == DESK else f"press-{task.place}"
    for file, says in prints.files:
        pages = page_count((made.job.out / file).read_bytes())
        name, job = PurePosixPath(file).name, made.job
        yield EditionFile(name, made.language, job.layout, job.size, job.grey, place, pages, says=says)


# --- Released --------------------------------------------------------------------------------------


def _published(wanted: Wanted, shop: Store, built: Built, seal: Seal | None) -> Outcome[Released]:
    """Put a release into the shop, where that version is not there yet."""
    with shop.claim():
        register = read_register(shop)
        if register.value is None:
            return Outcome(None, register.problems)
        refused = tuple(_late(wanted, register.value))
        if refused:
            return Outcome(None, refused)
        before = register.value.release(wanted.booklet, wanted.version)
        if before:
            return _compared(wanted, shop, built, register.value, seal)
        signed = _sealed(built, seal) if seal else {}
        faults = tuple(problem for name, pdf in signed.items() for problem in _spoilt(name, pdf))
        if faults:
            return Outcome(None, faults)
        manifest = _manifest(wanted, built, register.value)
        if seal:
            manifest = _with_signature(manifest, seal, signed)
        lost = tuple(_without_register(shop, manifest)) if not register.value.entries else ()
        if lost:
            return Outcome(None, lost)
        publish(shop, register.value, manifest, {**built.files, **signed})
        return Outcome(Released(manifest, new=True))


def _without_register(shop: Store, manifest: Manifest) -> Iterator[Problem]:
    """What is wrong where there are releases, but no register: a first release that was broken off has one.

    That one may have been a real release, too, so that only the same files may take its place.
    """
    own = f"{folder_of(manifest.booklet, manifest.version)}/{MANIFEST}"
    there = [name for name in shop.listing() if name.count("/") == 2 and name.endswith(f"/{MANIFEST}")]
    same = there == [own] and shop.read(own) == manifest_bytes(manifest)
    if there and not same:
        folders = ", ".join(name.removesuffix(f"/{MANIFEST}") for name in there[:NAMED])
        message = f"There are releases, but no register of them: {folders}"
        hint = "put the whole folder back from a copy; take away a first release that was broken off"
        yield Problem("register-missing", message, Where(FOLDER), hint)


def _sealed(built: Built, seal: Seal) -> dict[str, bytes]:
    """The editions for readers, signed, by their names."""
    return {one.file: seal.sign(built.files[one.file]) for one in built.editions if not one.place}


def _spoilt(name: str, pdf: bytes) -> Iterator[Problem]:
    """What is wrong with a signed edition that was right before."""
    facts = inspect_pdf(pdf)
    yield from (replace(problem, pdf=name) for problem in facts.problems)
    for standard, rules in facts.value.failures.items() if facts.value else ():
        for rule in rules:
            message = f"Signed, the edition breaks a rule of {standard}: {rule}"
            yield Problem("signature-fault", message, hint="release it without --sign", pdf=name)


def _with_signature(manifest: Manifest, seal: Seal, signed: Mapping[str, bytes]) -> Manifest:
    """The manifest of the same release, signed."""
    before = {name: manifest.files[name] for name in signed}
    files = {**manifest.files, **{name: FileSaid.of(pdf) for name, pdf in signed.items()}}
    return replace(manifest, files=files, signature=Signature(seal.by, seal.certificate, before))


def publish(shop: Store, register: Register, manifest: Manifest, files: Mapping[str, bytes]) -> Register:
    """Put the files of a release into the shop, which is claimed, and then its entry into the register."""
    data = manifest_bytes(manifest)
    shop.put_in(folder_of(manifest.booklet, manifest.version), {**files, MANIFEST: data})
    contents = {language: one.content for language, one in manifest.languages.items()}
    digest = hashlib.sha256(data).hexdigest()
    about = manifest.booklet, manifest.version, manifest.code, manifest.released
    return append(shop, register, Entry(*about, State.CURRENT, contents, digest))


def _compared(
    wanted: Wanted, shop: Store, built: Built, register: Register, seal: Seal | None
) -> Outcome[Released]:
    """The release that is there, if it has the same bytes but for signatures; else what differs."""
    entry = register.release(wanted.booklet, wanted.version)
    assert entry  # noqa: S101 - asked for where it is there
    folder = folder_of(wanted.booklet, wanted.version)
    old = read_manifest(shop.read(f"{folder}/{MANIFEST}"), folder, entry.manifest)
    if old.value is None:
        return Outcome(None, old.problems)
    damaged = tuple(damage(shop, folder, old.value))
    if damaged:
        return Outcome(None, damaged)
    new = {name: FileSaid.of(data) for name, data in built.files.items()}
    was = old.value.unsigned
    # A translation may have a later version by now.
    whole = set(wanted.contents) == set(entry.languages)
    names = {*new, *was} if whole else {name for name in new if not name.startswith("report.")}
    others = sorted(name for name in names if new.get(name) != was.get(name))
    if seal and not old.value.signature and not others:
        message = f"{wanted.version} was released on {entry.day} without a signature"
        return Outcome(None, (Problem("already-released", message, _where(wanted), _next(wanted, register)),))
    if not others:
        return Outcome(Released(old.value, new=False))
    named = ", ".join(others[:NAMED]) + (f" and {len(others) - NAMED} more" if len(others) > NAMED else "")
    message = f"{wanted.version} was released on {entry.day} with other files: {named}"
    return Outcome(None, (Problem("already-released", message, _where(wanted), _next(wanted, register)),))


def _manifest(wanted: Wanted, built: Built, register: Register) -> Manifest:
    code = next(iter(wanted.sourced.values())).booklet.code
    before = {language: register.latest(wanted.booklet, language) for language in wanted.contents}
    return Manifest(
        wanted.booklet,
        wanted.version,
        code,
        wanted.today,
        {language: one.entry.version for language, one in before.items() if one},
        {sourced.booklet.language: _in_language(wanted, name) for name, sourced in wanted.sourced.items()},
        built.editions,
        {name: importlib.metadata.version(name) for name in LIBRARIES},
        {name: FileSaid.of(data) for name, data in built.files.items()},
    )


def _in_language(wanted: Wanted, name: str) -> InLanguage:
    sourced = wanted.sourced[name]
    booklet = sourced.booklet
    said = booklet.title, booklet.subtitle or "", booklet.published, booklet.next_review, sourced.content
    return InLanguage(*said, booklet.conditions, _signed(wanted, name), booklet.translation_of or "")
