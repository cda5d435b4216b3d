"""Which findings have the editors looked at and let stand?

Only warnings and advice can be waived, whether they fire or not: lost or hidden words, credits, the
quality mark and the identity of an edition never. A waiver that is of no use any more is told, so
that none outlives what it was written for.
"""

from collections.abc import Iterable, Iterator, Mapping
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


#: A warning that cannot be waived either: it is about the quality mark.
NEVER = frozenset({"mark-claimed"})


def waived(
    problems: tuple[Problem, ...], sourced: Sourced, checks: Mapping[str, Severity]
) -> Iterator[Problem]:
    """What is left of the problems, and what is wrong with the waivers themselves.

    `checks` are the codes of all checks, each with how grave its findings are.
    """
    used: set[Waiver] = set()
    refused = NEVER | {code for code, severity in checks.items() if severity is Severity.ERROR}
    for problem in problems:
        waiver = next(
            (w for w in sourced.waivers if (w.code, w.block) == (problem.code, problem.block)), None
        )
        if waiver:
            used.add(waiver)
        if waiver is None or problem.code in refused:
            yield problem
    known = sorted(checks)
    for waiver in sourced.waivers:
        if waiver.code not in known:
            message = f"There is no check '{waiver.code}' to waive"
            yield Problem("waiver-unknown", message, waiver.at("code"), nearest(waiver.code, known, ""))
        elif waiver.code in refused:
            message = f"'{waiver.code}' cannot be waived: only advice and warnings can, and none of the mark"
            yield Problem("waiver-refused", message, waiver.at("code"), "mend what it finds")
        elif waiver not in used:
            message = f"Nothing is left to waive: '{waiver.code}' finds nothing in '{waiver.block}'"
            hint = "take the waiver away, or look in the report for the block's name"
            yield Problem("waiver-unused", message, waiver.where, hint, Severity.WARNING)
