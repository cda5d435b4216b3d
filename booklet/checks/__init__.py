"""Does the finished PDF say what the source says? One family of checks a module.

A check is one decorated function: it yields what it found, and its code, severity, why and hint
stand beside it. Checks see the source, the layouts' words and the PDF's facts, and nothing else.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ..inspect import Facts
from ..problem import NOWHERE, Problem, Severity, Where
from ..source import Sourced
from .reading import Reading, read_along


@dataclass(frozen=True)
class Case:
    """One PDF, and what it should be."""

    sourced: Sourced
    words: Mapping[str, str]
    families: tuple[str, ...]
    """The font families that fonts/ holds."""
    matter: frozenset[str]
    """What the layout prints besides the sections, by the names of its `order`."""
    facts: Facts
    today: date
    pdf: str = ""

    @cached_property
    def reading(self) -> Reading:
        """The source's words, each with its place in the PDF."""
        return read_along(self.sourced, self.words, self.facts)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; the rest of the problem is the check's own."""

    message: str
    where: Where = NOWHERE
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A check with its manual: why it exists and what to do when it finds something."""

    code: str
    severity: Severity
    why: str
    hint: str
    find: Callable[[Case], Iterator[Finding]]

    def run(self, case: Case) -> Iterator[Problem]:
        """The problems that this check has with the case."""
        for found in self.find(case):
            where = found.where if found.where.file else _booklet(case)
            yield Problem(self.code, found.message, where, self.hint, self.severity, case.pdf, found.page)


CHECKS: dict[str, Check] = {}


def check(
    code: str, *, why: str, hint: str, severity: Severity = Severity.ERROR
) -> Callable[[Callable[[Case], Iterator[Finding]]], Callable[[Case], Iterator[Finding]]]:
    """Register a function as the check of that code."""

    def register(find: Callable[[Case], Iterator[Finding]]) -> Callable[[Case], Iterator[Finding]]:
        CHECKS[code] = Check(code, severity, why, hint, find)
        return find

    return register


def run_checks(case: Case) -> Iterator[Problem]:
    """Everything that all checks find."""
    for one in CHECKS.values():
        yield from one.run(case)


def _booklet(case: Case) -> Where:
    return case.sourced.booklet.where


for _module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_module}")
