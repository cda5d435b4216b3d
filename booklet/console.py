"""What does a command say to whoever typed it, and with which status does it end?"""

import argparse
import difflib
import itertools
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from . import fresh
from .options import PROGRAM

if TYPE_CHECKING:
    from rich.console import Console

    from .problem import Problem
    from .source import Source

PASSED, FAILED, UNREADABLE = 0, 1, 2


def console_on(out: TextIO) -> "Console":
    """What shows tables and colours where the result goes."""
    from rich.console import Console

    # What is piped into a file must not be cut to a terminal's width.
    return Console(file=out, highlight=False, width=None if out.isatty() else 300)


@contextmanager
def progress(console: "Console | None", total: int) -> Iterator[Callable[[str], None]]:
    """What to call after each step: a live bar on a terminal, plain lines elsewhere."""
    from .report import visible

    if console is None or not console.is_terminal:
        count = itertools.count(1)

        def line(what: str) -> None:
            if console is not None:
                console.print(f"{next(count)} of {total}: {visible(what)}", markup=False)

        yield line
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    what, rate = TextColumn("{task.description}"), TextColumn("{task.fields[rate]}")
    columns = (what, BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Working", total=total, rate="")
        started, count = time.monotonic(), itertools.count(1)

        def further(what: str) -> None:
            rate = next(count) / max(time.monotonic() - started, 1e-3)
            bar.update(task, advance=1, description=visible(what), rate=f"{rate:.3g}/s")

        yield further


def refuse(problems: "Sequence[Problem]", asked: argparse.Namespace, out: TextIO) -> int:
    """Say why nothing of what was asked for can be done."""
    if asked.json:
        from . import report

        out.write(report.as_json({"problems": [problem.as_data() for problem in problems]}))
    for problem in problems:
        place = f"{problem.where}: " if problem.where.line else ""
        sys.stderr.write(f"{place}{problem.message}\n" + (f"hint: {problem.hint}\n" if problem.hint else ""))
    return UNREADABLE


def unknown_booklets(ids: list[str], source: "Source") -> "list[Problem]":
    """What is wrong with ids that name no booklet."""
    from .problem import Problem

    folder = source.folder / "booklets"
    if not source.ids:
        message = f"There is no booklet in {folder}{_why_unreadable(folder)}."
        return [Problem("unknown-booklet", message, hint=f"{PROGRAM} new my-booklet")]
    problems = []
    for name in ids:
        if name not in source.ids:
            near = difflib.get_close_matches(name, (*source.ids, *fresh.COMMANDS), 1)
            hint = f"did you mean '{near[0]}'?" if near else "known: " + ", ".join(source.ids)
            problems.append(Problem("unknown-booklet", f"There is no booklet '{name}'.", hint=hint))
    return problems


def _why_unreadable(folder: Path) -> str:
    try:
        list(folder.iterdir())
    except OSError as error:
        return f": {error.strerror}"
    return ""


def grave(problems: "Iterable[Problem]") -> "Iterator[Problem]":
    """What is more than advice."""
    from .problem import Severity

    return (problem for problem in problems if problem.severity is not Severity.ADVICE)


def as_typed(path: Path) -> Path:
    """The path as a person would type it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def refuse_port(port: int, error: OSError) -> int:
    """Say why a port cannot be used."""
    why = f"Port {port} cannot be used: {error.strerror}."
    sys.stderr.write(f"{why}\nhint: --port 0 takes any that is free\n")
    return UNREADABLE
