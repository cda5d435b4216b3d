"""How is what was found shown: on a terminal, as data, and kept beside the editions?"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .judge import Judged
from .make import Made, write_whole
from .problem import Problem, Severity, worst

_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.ADVICE: "cyan"}


def verdict(made: Made) -> str:
    """A word or two for the table."""
    if not made.readable:
        return "not made"
    return "passed, unchanged" if made.unchanged else judgement(made.problems)


def judgement(problems: Iterable[Problem]) -> str:
    """How many errors, or else warnings, there are."""
    severities = [problem.severity for problem in problems]
    errors, warnings = severities.count(Severity.ERROR), severities.count(Severity.WARNING)
    if errors:
        return _counted(errors, "error")
    return f"passed, {_counted(warnings, 'warning')}" if warnings else "passed"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def show_problems(problems: Iterable[Problem], root: Path, console: Console) -> None:
    """Each problem once: message, place, the source line with a mark below it, and the hint."""
    for problem in dict.fromkeys(problems):
        for line in _lines(problem, root):
            console.print(line, soft_wrap=True)
        console.print()


def _lines(problem: Problem, root: Path) -> Iterator[Text]:
    yield Text.assemble(
        (f"{problem.severity}[{problem.code}]", _STYLE[problem.severity]), f": {problem.message}"
    )
    if problem.pdf:
        yield Text(f"  in {problem.pdf}" + (f", page {problem.page}" if problem.page else ""))
    where = problem.where
    if where.file:
        yield Text(f"  --> {where}")
        line = source_line(root / where.file, where.line)
        if line:
            margin = " " * len(str(where.line))
            yield Text(f"  {where.line} | {line}")
            yield Text(f"  {margin} | {' ' * (where.column - 1)}^")
    if problem.hint:
        yield Text.assemble("  ", ("hint", "bold"), f": {problem.hint}")


def source_line(path: Path, number: int) -> str:
    """One line of a file, at most 200 characters of it; empty where there is none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return ""
    return lines[number - 1][:200].rstrip() if 0 < number <= len(lines) else ""


def show_table(made: Sequence[Made], out: Path, console: Console) -> None:
    """One line for each edition."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("booklet", "version", "language", "layout", "pages", "verdict", "file"):
        table.add_column(heading, justify="right" if heading == "pages" else "left", no_wrap=True)
    for one in made:
        style = "green" if one.passed else "bold red"
        file = str(out / one.pdf) if one.pdf and one.pages else "–"
        pages = str(one.pages) if one.pages else "–"
        cells = (one.job.booklet, one.version or "–", one.language or one.job.language or "–", one.job.layout)
        table.add_row(*cells, pages, Text(verdict(one), style=style), file)
    console.print(table, soft_wrap=True)


def show_judged(judged: Sequence[Judged], console: Console) -> None:
    """One line for each PDF that was checked."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("booklet", "version", "pages", "verdict", "file"):
        table.add_column(heading, justify="right" if heading == "pages" else "left", no_wrap=True)
    for one in judged:
        booklet = one.sourced.booklet if one.sourced else None
        pages = str(one.facts.pages) if one.facts else "–"
        style = "bold red" if worst(one.problems) is Severity.ERROR else "green"
        told = Text(judgement(one.problems) if booklet else "not checked", style=style)
        table.add_row(
            booklet.id if booklet else "–",
            booklet.version if booklet else "–",
            pages,
            told,
            str(one.question.path),
        )
    console.print(table, soft_wrap=True)


def as_data(made: Sequence[Made], out: Path) -> str:
    """The table and the problems as JSON."""
    editions = [
        {
            "booklet": one.job.booklet,
            "version": one.version or None,
            "language": one.language or None,
            "layout": one.job.layout,
            "pages": one.pages or None,
            "verdict": verdict(one),
            "passed": one.passed,
            "file": str(out / one.pdf) if one.pdf and one.pages else None,
            "sha256": one.digest or None,
        }
        for one in made
    ]
    problems = [problem.as_data() for problem in dict.fromkeys(p for one in made for p in one.problems)]
    return as_json({"editions": editions, "problems": problems})


def as_json(data: object) -> str:
    """JSON as a person can read it."""
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def keep(made: Sequence[Made], out: Path) -> None:
    """Write each version's report.json; findings of files that were not made again stay in it."""
    folders: dict[Path, list[Made]] = {}
    for one in made:
        if one.pdf and not one.unchanged:
            folders.setdefault((out / one.pdf).parent, []).append(one)
    for folder, editions in folders.items():
        path = folder / "report.json"
        names = {Path(one.pdf).name.replace(".rejected.pdf", ".pdf") for one in editions}
        kept = [entry for entry in _kept(path) if entry.get("pdf") and entry["pdf"] not in names]
        fresh = [problem.as_data() for problem in dict.fromkeys(p for one in editions for p in one.problems)]
        notes = sorted({note for one in editions for note in one.notes})
        data = {"problems": kept + fresh, "notes": notes, "made_with": editions[0].engine}
        write_whole(path, as_json(data).encode())


def _kept(path: Path) -> list[dict[str, object]]:
    try:
        problems = json.loads(path.read_text(encoding="utf-8"))["problems"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [entry for entry in problems if isinstance(entry, dict)] if isinstance(problems, list) else []
