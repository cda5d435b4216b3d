"""Which findings have the editors looked at and let stand?

Only warnings and advice can be waived: lost or hidden words, credits, the quality mark and the
identity of an edition never. A waiver that is of no use any more is told, so that none outlives
what it was written for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .chapters import Blocks
from .explain import nearest
from .model import Booklet, Waiver
from .problem import Problem, Severity
from .source import Sourced


def named(problems: Iterable[Problem], booklet: Booklet) -> Iterator[Problem]:
    """The problems with the names of their blocks."""
    blocks = Blocks(booklet)
    return (replace(problem, block=blocks.name(problem.where)) for problem in problems)


def waived(problems: tuple[Problem, ...], sourced: Sourced, codes: Iterable[str]) -> Iterator[Problem]:
    """What is left of the problems, and what is wrong with the waivers themselves."""
    used: set[Waiver] = set()
    for problem in problems:
        waiver = next(
            (w for w in sourced.waivers if (w.code, w.block) == (problem.code, problem.block)), None
        )
        if waiver:
            used.add(waiver)
        if waiver is None or problem.severity is Severity.ERROR:
            yield problem
    refused = {problem.code for problem in problems if problem.severity is Severity.ERROR}
    known = sorted(codes)
    for waiver in sourced.waivers:
        if waiver.code not in known:
            message = f"There is no check '{waiver.code}' to waive"
            yield Problem("waiver-unknown", message, waiver.at("code"), nearest(waiver.code, known, ""))
        elif waiver.code in refused:
            message = f"'{waiver.code}' is an error, and errors cannot be waived"
            yield Problem("waiver-refused", message, waiver.at("code"), "mend what it found")
        elif waiver not in used:
            message = f"Nothing is left to waive: '{waiver.code}' finds nothing in '{waiver.block}'"
            hint = "take the waiver away, or look in the report for the block's name"
            yield Problem("waiver-unused", message, waiver.where, hint, Severity.WARNING)
