"""Is this PDF the booklet that it says it is? Reads, compares, and never lays out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from .checks import CHECKS, Case, run_checks
from .inspect import Facts, inspect_pdf
from .layout import Layout, load_layout
from .problem import NOWHERE, Outcome, Problem
from .prose import ODD
from .source import ID, Source, Sourced
from .waive import named, waived

LONGEST_MESSAGE = 400


@dataclass(frozen=True, slots=True)
class Question:
    """A PDF on disk to be judged; `roots` are the publisher's folder and the project's."""

    path: Path
    roots: tuple[Path, ...]
    today: date


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found out about a PDF on disk, as far as it could be read and recognised."""

    question: Question
    problems: tuple[Problem, ...]
    facts: Facts | None = None
    sourced: Sourced | None = None


def judge(facts: Facts, sourced: Sourced, layout: Layout, today: date, name: str) -> tuple[Problem, ...]:
    """All problems of a finished PDF; `name` is how the problems call the file."""
    words = layout.words(sourced.booklet.language)
    if words.value is None:
        return _named(words.problems, name)
    case = Case(sourced, words.value, layout.recipe, layout.faces, facts, today, name)
    found = tuple(named(run_checks(case), sourced.booklet))
    return _named(waived(found, sourced, CHECKS), name)


def judge_file(asked: Question) -> Judged:
    """All problems of a PDF on disk; its metadata tell which booklet and layout it is of."""
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
    found = identify(facts.value, asked.roots)
    if found.value is None:
        return Judged(asked, _named(found.problems, name), facts.value)
    problems = judge(facts.value, *found.value, asked.today, name)
    return Judged(asked, problems, facts.value, found.value[0])


def identify(facts: Facts, roots: tuple[Path, ...]) -> Outcome[tuple[Sourced, Layout]]:
    """The booklet and the layout that a PDF's metadata name."""
    booklet_id, name = facts.metadata.get("booklet", ""), facts.metadata.get("layout", "")
    source = Source(roots[0])
    if booklet_id not in source.ids or not ID.fullmatch(name):
        hint = "check files that this project made, beside the source they were made from"
        message = f"The PDF's metadata name no booklet of source/ (booklet: '{booklet_id}', layout: '{name}')"
        return Outcome(None, (Problem("pdf-unknown", message, NOWHERE, hint),))
    language = facts.metadata.get("language", "")
    translated = language if language in source.translations(booklet_id) else ""
    sourced, layout = source.booklet(booklet_id, translated), load_layout(name, roots)
    if sourced.value is None or layout.value is None:
        return Outcome(None, sourced.problems + layout.problems)
    return Outcome((sourced.value, layout.value))


def _named(problems: Iterable[Problem], name: str) -> tuple[Problem, ...]:
    return tuple(replace(problem, pdf=name, message=_shown(problem.message)) for problem in problems)


def _shown(message: str) -> str:
    """The message without what a foreign file may smuggle into it to mislead a terminal."""
    plain = ODD.sub("\ufffd", message.encode("utf-8", "replace").decode())
    return plain if len(plain) <= LONGEST_MESSAGE else plain[: LONGEST_MESSAGE - 1] + "…"
