"""What becomes of a released version later, and is all of it still as it was released?"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .layout import load_layout
from .printing import page_beside
from .problem import Outcome, Problem, Severity, Where
from .register import FOLDER, NOTHING, Edition, Entry, Register, State, append, number_of, read_register
from .released import MANIFEST, damage, folder_of, read_manifest
from .source import Source
from .store import CLAIM, MARK, Store
from .typeset import Withdrawn, typeset_withdrawn

#: What a withdrawal's notice looks like.
NOTICE_LAYOUT = "a4-leaflet"

#: From which states another may follow. What was withdrawn stays so: only a new version is better.
_FROM = {
    State.REVIEW: (State.CURRENT,),
    State.CURRENT: (State.REVIEW,),
    State.WITHDRAWN: (State.CURRENT, State.REVIEW, State.SUPERSEDED),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be said of a version from a day on; no `languages` mean all in which it was released."""

    booklet: str
    version: str
    state: State
    day: date
    languages: tuple[str, ...] = ()
    reason: str = ""
    stock: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """The register, and the notice's place where there is one."""

    register: Register
    notice: str = ""


def change(asked: Change, shop: Store, roots: tuple[Path, ...]) -> Outcome[Changed]:
    """Say that a version is under review, current again, or withdrawn; the last with a notice."""
    with shop.claim():
        read = read_register(shop)
        if read.value is None:
            return Outcome(None, read.problems)
        meant = _meant(asked, read.value)
        wrong = tuple(_cannot(asked, meant, read.value))
        if wrong:
            return Outcome(None, wrong)
        contents = {one.language: one.content for one in meant}
        said = asked.booklet, asked.version, meant[0].entry.code, asked.day, asked.state, contents
        if asked.state is not State.WITHDRAWN:
            entry = Entry(*said, reason=asked.reason)
            return Outcome(Changed(append(shop, read.value, entry)))
        pdf = _notice(asked, meant, shop, roots)
        if pdf.value is None:
            return Outcome(None, pdf.problems)
        name = notice_file(asked.booklet, asked.version, contents, meant[0].entry)
        shop.write(name, pdf.value)
        digest = hashlib.sha256(pdf.value).hexdigest()
        entry = Entry(*said, reason=asked.reason, stock=asked.stock, notice=digest)
        return Outcome(Changed(append(shop, read.value, entry), name))


def notice_file(booklet: str, version: str, languages: Iterable[str], entry: Entry) -> str:
    """Where a withdrawal's notice is kept in a shop, of some of the languages of a release, or of all."""
    some = sorted(languages)
    which = "" if some == sorted(entry.languages) else f"-{'-'.join(some)}"
    return f"{booklet}/{booklet}-{version}{which}-withdrawn.pdf"


def _meant(asked: Change, register: Register) -> list[Edition]:
    """The editions that are to have another state."""
    entry = register.release(asked.booklet, asked.version)
    languages = asked.languages or (tuple(entry.languages) if entry else ())
    found = (register.edition(asked.booklet, asked.version, language) for language in languages)
    there = [one for one in found if one]
    able = [one for one in there if one.state in _FROM[asked.state]]
    return there if asked.languages else able or there


def _cannot(asked: Change, meant: Sequence[Edition], register: Register) -> Iterator[Problem]:
    entry = register.release(asked.booklet, asked.version)
    if entry is None:
        known = ", ".join(version for booklet, version in register.versions if booklet == asked.booklet)
        message = f"{asked.version} of '{asked.booklet}' was not released"
        yield Problem("unknown-version", message, hint=f"released: {known or 'no version'}")
        return
    for language in set(asked.languages) - {one.language for one in meant}:
        message = f"{asked.version} was not released in '{language}'"
        yield Problem("unknown-language", message, hint=f"released in: {', '.join(entry.languages)}")
    for one in meant:
        if one.state not in _FROM[asked.state]:
            message = f"{asked.version} in {one.language} is {one.state} since {one.since}"
            *first, last = _FROM[asked.state]
            able = f"{', '.join(first)} or {last}" if first else last
            hint = f"only what is {able} can be {asked.state}"
            yield Problem("wrong-state", message, hint=hint)
        elif asked.day < one.since and asked.state is not State.WITHDRAWN:
            message = f"{asked.version} in {one.language} is {one.state} since {one.since}, which is later"
            yield Problem("wrong-day", message, hint="look at --today")


def _notice(asked: Change, meant: Sequence[Edition], shop: Store, roots: tuple[Path, ...]) -> Outcome[bytes]:
    """A page that says that a version is withdrawn, why, and what to do with it."""
    folder, house = folder_of(asked.booklet, asked.version), Source(roots[0]).house
    read = read_manifest(shop.read(f"{folder}/{MANIFEST}"), folder, meant[0].entry.manifest)
    if read.value is None or house.value is None:
        return Outcome(None, read.problems + house.problems)
    # It is for those who hand booklets out: they read the language that the booklet was written in.
    language = next(name for name, one in read.value.languages.items() if not one.translation_of)
    layout = load_layout(NOTICE_LAYOUT, roots, language=language)
    words = layout.value.words(language) if layout.value else Outcome(None)
    if layout.value is None or words.value is None:
        return Outcome(None, layout.problems + words.problems)
    about = Withdrawn(
        [(one.language, read.value.languages[one.language].title) for one in meant],
        *(read.value.code, asked.version, asked.day, asked.reason, asked.stock),
        max((one.replaced_by for one in meant if one.replaced_by), key=number_of, default=""),
    )
    html = typeset_withdrawn(about, house.value, layout.value, words.value, language)
    return Outcome(page_beside(html, layout.value, grey=False))


# --- Is all as it was? ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in a shop: its register, if that is whole, and all that is wrong."""

    register: Register | None
    problems: tuple[Problem, ...]
    files: int = 0
    """How many files were compared."""


def verify(shop: Store, head: str = "") -> Verified:
    """Compare all that was released with what the register says; `head` is one that was published."""
    read = read_register(shop)
    register = read.value
    if register is None:
        return Verified(None, read.problems)
    problems = list(_cut(register, head))
    there = dict.fromkeys(name for name in shop.listing() if not name.startswith(f"{FOLDER}/"))
    if not register.entries and not there:
        problems.append(nothing_released())
    known: set[str] = set()
    for entry in register.entries:
        folder = folder_of(entry.booklet, entry.version)
        if entry.manifest:
            manifest = read_manifest(shop.read(f"{folder}/{MANIFEST}"), folder, entry.manifest)
            problems += manifest.problems
            known |= {f"{folder}/{MANIFEST}"}
            if manifest.value:
                problems += damage(shop, folder, manifest.value)
                known |= {f"{folder}/{name}" for name in manifest.value.files}
            else:
                # Which files belong to it nobody knows then.
                known |= {name for name in there if name.startswith(f"{folder}/")}
        elif entry.notice:
            first = register.release(entry.booklet, entry.version) or entry
            name = notice_file(entry.booklet, entry.version, entry.languages, first)
            problems += _notice_damage(shop, name, entry)
            known.add(name)
    problems += _strays([name for name in there if name not in known], register)
    return Verified(register, tuple(problems), len(known))


def nothing_released() -> Problem:
    """What is told of a shop without a release."""
    hint = "look at --shop, or release something first"
    return Problem("nothing-released", "Nothing was released here", Where(FOLDER), hint)


def _cut(register: Register, head: str) -> Iterator[Problem]:
    """What is wrong where a head that was published is none of this register's."""
    known = (NOTHING, *register.heads)
    if head and not any(one.startswith(head) for one in known):
        message = f"No entry has the SHA-256 {head}: the end of the register is missing, or was written anew"
        hint = "put the whole folder back from a copy; nothing may be edited in it"
        yield Problem("register-cut", message, Where(FOLDER), hint)


def _notice_damage(shop: Store, name: str, entry: Entry) -> Iterator[Problem]:
    data = shop.read(name)
    hint = "put the whole folder of releases back from a copy; nothing may be edited in it"
    if data is None:
        yield Problem("release-damaged", "It is missing", Where(name), hint)
    elif hashlib.sha256(data).hexdigest() != entry.notice:
        yield Problem("release-damaged", "It is not as it was written", Where(name), hint)


def _strays(names: Sequence[str], register: Register) -> Iterator[Problem]:
    """Files that belong to no release: a release that was broken off, or something that was put there."""
    unfinished: dict[str, int] = {}
    for name in names:
        folder = "/".join(name.split("/")[:2])
        booklet, _, version = folder.partition("/")
        if name.count("/") > 1 and not register.release(booklet, version):
            unfinished[folder] = unfinished.get(folder, 0) + 1
        elif name not in (CLAIM, MARK):
            hint = "take it away"
            yield Problem("release-stray", "It belongs to no release", Where(name), hint)
    if unfinished and not register.entries:
        message = f"There are releases, but no register of them: {', '.join(unfinished)}"
        hint = "put the whole folder back from a copy; nothing may be edited in it"
        yield Problem("register-missing", message, Where(FOLDER), hint)
        return
    for folder in unfinished:
        message, hint = "This was never released", "release it again, or take the folder away"
        yield Problem("release-unfinished", message, Where(folder), hint, Severity.WARNING)
