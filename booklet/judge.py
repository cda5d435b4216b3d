"""Is this PDF the booklet that it should be? Reads, compares, and never lays out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from .checks import CHECKS, Case, run_checks
from .enlarge import enlarged
from .inspect import Facts, inspect_pdf
from .layout import Layout, layout_for, layouts_of
from .problem import NOWHERE, Outcome, Problem
from .prose import ODD
from .register import SHOP
from .released import Kept, kept_release
from .source import ID, Source, Sourced
from .waive import named, waived

LONGEST_MESSAGE = 400

#: What says in a file that it is a proof, and which one.
PROOF = "proof"


@dataclass(frozen=True, slots=True)
class Question:
    """A PDF on disk to be judged; `roots` are the publisher's folder and the project's."""

    path: Path
    roots: tuple[Path, ...]
    today: date
    booklet: str = ""
    """The id of the booklet that it should be; empty where its metadata are to tell."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found out about a PDF on disk, as far as it could be read and recognised."""

    question: Question
    problems: tuple[Problem, ...]
    facts: Facts | None = None
    sourced: Sourced | None = None


def judge(
    facts: Facts, sourced: Sourced, layout: Layout, today: date, national: Facts | None = None
) -> tuple[Problem, ...]:
    """All problems of a finished PDF; `national` is the edition that a clinic's one is to be like."""
    words = layout.words(sourced.booklet.language)
    if PROOF in facts.metadata:
        return (_is_proof(facts),)
    if words.value is None:
        return words.problems
    own = enlarged(sourced, layout), words.value, layout.recipe, layout.faces
    case = Case(*own, facts, today, layout.grey, national)
    found = tuple(named(run_checks(case), sourced.booklet))
    kept = waived(found, sourced, {code: check.severity for code, check in CHECKS.items()})
    return tuple(replace(problem, message=_shown(problem.message)) for problem in kept)


def judge_file(asked: Question) -> Judged:
    """All problems of a PDF on disk."""
    name = asked.path.name
    try:
        data = asked.path.read_bytes()
    except OSError as error:
        problem = Problem(
            "pdf-unreadable", f"{name} cannot be read: {error.strerror}", hint="look at the name"
        )
        return Judged(asked, _named((problem,), name))
    facts = inspect_pdf(data)
    if facts.value is None:
        return Judged(asked, _named(facts.problems, name))
    if PROOF in facts.value.metadata:
        return Judged(asked, _named((_is_proof(facts.value),), name), facts.value)
    found = identify(facts.value, asked.roots, asked.booklet)
    if found.value is None:
        return Judged(asked, _named(found.problems, name), facts.value)
    national = _national(asked.path, found.value[0].clinic_id)
    problems = judge(facts.value, *found.value, asked.today, national)
    return Judged(asked, _named(problems, name), facts.value, found.value[0])


def _is_proof(facts: Facts) -> Problem:
    message = f"This is proof {facts.metadata[PROOF]} of a booklet: it is no edition, and not for patients"
    return Problem("pdf-proof", message, hint="check the edition that was built, or build it")


def _national(path: Path, clinic: str) -> Facts | None:
    """The edition without the clinic's details, where it is kept beside the one with them."""
    beside = path.with_name(path.name.replace(f"--{clinic}.", ".", 1))
    if not clinic or beside == path or not beside.is_file():
        return None
    return inspect_pdf(beside.read_bytes()).value


def identify(facts: Facts, roots: tuple[Path, ...], booklet: str = "") -> Outcome[tuple[Sourced, Layout]]:
    """The booklet and the layout that a PDF is of.

    Its metadata tell both. Where the `booklet` is named (an id of source/), they need not: then
    what they leave open is the booklet's own language, and the layout that it is built in first.
    """
    source, booklet_id = Source(roots[0]), booklet or facts.metadata.get("booklet", "")
    name = facts.metadata.get("layout", "")
    if not booklet and (booklet_id not in source.ids or not ID.fullmatch(name)):
        hint = "say which booklet it should be with --booklet ID, or name a file that this project made"
        message = f"The PDF's metadata name no booklet of source/ (booklet: '{booklet_id}', layout: '{name}')"
        return Outcome(None, (Problem("pdf-unknown", message, NOWHERE, hint),))
    kept = _released(facts, source, booklet_id)
    if kept:
        return _identified_as(facts, kept, source, booklet_id)
    translation = _translation(facts, source, booklet_id)
    size, grey = _points(facts.metadata.get("size", "")), facts.metadata.get("ink", "") == "low"
    clinic = facts.metadata.get("clinic", "")
    sourced = source.edition(booklet_id, translation, clinic if ID.fullmatch(clinic) else "")
    layout: Outcome[Layout] = Outcome(None)
    if ID.fullmatch(name):
        layout = layout_for(sourced.value, name, roots, size, grey=grey)
    if booklet and layout.value is None:
        named = layouts_of(source.outline(booklet_id, translation), roots)
        layout = layout_for(sourced.value, next(iter(named), "base"), roots)
    if sourced.value is None or layout.value is None:
        return Outcome(None, sourced.problems + layout.problems)
    return Outcome((sourced.value, layout.value))


def _released(facts: Facts, source: Source, booklet_id: str) -> Kept | None:
    """The release that a PDF is of, where the source says another version by now, or cannot be read."""
    version, register = facts.metadata.get("edition", ""), source.register.value
    entry = register.release(booklet_id, version) if register else None
    now = source.booklet(booklet_id, _translation(facts, source, booklet_id)).value
    if entry is None or (now and now.booklet.version == version):
        return None
    return kept_release(source.root / SHOP, entry).value


def _identified_as(
    facts: Facts, kept: Kept, source: Source, booklet_id: str
) -> Outcome[tuple[Sourced, Layout]]:
    """The text and the layout of a PDF as they were released; a clinic's details as they are today."""
    old, name = Source(kept.roots[0]), facts.metadata.get("layout", "")
    national = old.booklet(booklet_id, _translation(facts, old, booklet_id))
    clinic = facts.metadata.get("clinic", "")
    read = source.with_clinic(national, clinic) if ID.fullmatch(clinic) else national
    size, grey = _points(facts.metadata.get("size", "")), facts.metadata.get("ink", "") == "low"
    layout = layout_for(read.value, name, kept.roots, size, grey=grey) if ID.fullmatch(name) else None
    if read.value is None or layout is None or layout.value is None:
        return Outcome(None, read.problems + (layout.problems if layout else ()))
    register, booklet = source.register.value, read.value.booklet
    released = register.edition(booklet_id, booklet.version, booklet.language) if register else None
    return Outcome((replace(read.value, released=released), layout.value))


def _points(said: str) -> int:
    """The size that a file's metadata name; 0 where they name none."""
    return int(said) if re.fullmatch(r"[1-9]\d?", said) else 0


def _translation(facts: Facts, source: Source, booklet_id: str) -> str:
    """Which file of the booklet is in the PDF's language? The master, where none is."""
    found = (source.file_in(booklet_id, one) for one in (facts.metadata.get("language", ""), facts.language))
    return next((name for name in found if name is not None), "")


def _named(problems: Iterable[Problem], name: str) -> tuple[Problem, ...]:
    return tuple(replace(problem, pdf=name, message=_shown(problem.message)) for problem in problems)


def _shown(message: str) -> str:
    """The message without what a foreign file may smuggle into it to mislead a terminal."""
    plain = ODD.sub("\ufffd", message.encode("utf-8", "replace").decode())
    return plain if len(plain) <= LONGEST_MESSAGE else plain[: LONGEST_MESSAGE - 1] + "…"
