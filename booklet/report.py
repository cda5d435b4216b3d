"""How is what was found shown: on a terminal, as data, and kept beside the editions?"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from .differences import FIGURES, LABELS, Change, Differences, Kind, Op, said_of, shortened
from .judge import Judged
from .make import Made
from .model import Remark
from .printing import Prints
from .problem import NOWHERE, Outcome, Problem, Severity, worst
from .register import Register, State
from .released import Released, folder_of, manifest_bytes
from .remarks import Anchor
from .source import file_bytes
from .states import Verified
from .store import Address, write_whole
from .translation import State as Translation

#: How much of a long source line is shown.
LINE_SHOWN = 160

#: How much of a reason is shown in a table.
WHY_SHOWN = 60

#: How many files that were taken away are named on a terminal.
GONE_SHOWN = 5

#: The list of a report.json that names the editions of which the national one's findings are said, too.
ALIKE = "as_the_national_edition"

#: What a report.json says of a file, whose name it has as `pdf`.
Entry = Mapping[str, Any]

_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.ADVICE: "cyan"}


def verdict(made: Made) -> str:
    """A word or two for the table."""
    if not made.readable:
        return "not made"
    return judgement(made.problems) + (", unchanged" if made.unchanged else "")


def judgement(problems: Iterable[Problem]) -> str:
    """How many errors, warnings and pieces of advice there are."""
    severities = [problem.severity for problem in problems]
    errors, warnings = severities.count(Severity.ERROR), severities.count(Severity.WARNING)
    advised = severities.count(Severity.ADVICE)
    told = [_counted(errors, "error")] if errors else ["passed"]
    told += [_counted(warnings, "warning")] if warnings else []
    told += [f"{advised} × advice"] if advised else []
    return ", ".join(told)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def show_problems(problems: Iterable[Problem], roots: Sequence[Path], console: Console) -> None:
    """Each problem once: message, place, the source line with a mark below it, and the hint."""
    for problem in dict.fromkeys(problems):
        for line in _lines(problem, roots):
            console.print(line, soft_wrap=True)
        console.print()


def _lines(problem: Problem, roots: Sequence[Path]) -> Iterator[Text]:
    yield Text.assemble(
        (f"{problem.severity}[{problem.code}]", _STYLE[problem.severity]), f": {visible(problem.message)}"
    )
    if problem.pdf:
        yield Text(f"  in {visible(problem.pdf)}" + (f", page {problem.page}" if problem.page else ""))
    where = problem.where
    if where.file:
        yield Text(f"  --> {visible(str(where))}")
        # What a publisher's folder lacks may be the project's, but never the texts in source/.
        holders = roots[:1] if where.file.startswith("source/") else roots
        line = next(filter(None, (source_line(root, where.file, where.line) for root in holders)), "")
        if line:
            margin = " " * len(str(where.line))
            start = max(0, where.column - LINE_SHOWN // 2) if len(line) > LINE_SHOWN else 0
            yield Text(f"  {where.line} | {visible(line)[start : start + LINE_SHOWN]}")
            yield Text(f"  {margin} | {' ' * (where.column - 1 - start)}^")
    if problem.hint:
        first, *others = problem.hint.split("\n")
        yield Text.assemble("  ", ("hint", "bold"), f": {visible(first)}")
        yield from (Text(f"    {visible(line)}") for line in others)


def source_line(root: Path, file: str, number: int) -> str:
    """One line of a file below the root; empty where there is none, or a link leads out of the root."""
    text = (file_bytes(root, file) or b"").decode("utf-8", "replace")
    lines = text.removeprefix("\ufeff").split("\n")
    return lines[number - 1].rstrip() if 0 < number <= len(lines) else ""


def visible(text: str) -> str:
    """The text without what would move a terminal's cursor; every character keeps its place."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)


def show_table(made: Sequence[Made], out: Path | Address, console: Console) -> None:
    """One line for each edition."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("booklet", "version", "language", "layout", "pages", "verdict", "file"):
        table.add_column(heading, justify="right" if heading == "pages" else "left", no_wrap=True)
    for one in made:
        style = "green" if one.passed else "bold red"
        file = str(out / one.pdf) if one.pdf and one.pages else "–"
        pages = str(one.pages) if one.pages else "–"
        cells = (one.job.booklet, one.version or "–", one.language or one.job.language or "–", one.job.form)
        _add_row(table, *cells, pages, Text(verdict(one), style=style), file)
    _print_whole(table, console)


def _add_row(table: Table, *cells: str | Text) -> None:
    """Add a line to a table. What stands in brackets in it is no style."""
    table.add_row(*(Text(visible(cell)) if isinstance(cell, str) else cell for cell in cells))


def _print_whole(table: Table, console: Console) -> None:
    """Print a table that a narrow terminal wraps, because a name that is cut is of no use."""
    table.width = Measurement.get(console, console.options.update(max_width=10_000), table).maximum
    console.print(table, soft_wrap=True)


def show_translations(states: Sequence[Translation], console: Console) -> None:
    """One line for each translation, and below them, paragraph by paragraph, what has changed."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("booklet", "language", "translates", "master", "verdict"):
        table.add_column(heading, no_wrap=True)
    for state in states:
        count = len(state.changed)
        changed = f"out of date: {count} paragraph{'' if count == 1 else 's'} changed"
        if not state.known:
            changed = "out of date; what the master said then was not kept"
        left = f"{state.untranslated} not translated yet" if state.untranslated else "up to date"
        verdict = Text(left, style="bold red" if state.untranslated else "green")
        if state.is_stale:
            verdict = Text(changed, style="bold red")
        _add_row(table, state.booklet, state.language, state.translates or "–", state.master, verdict)
    _print_whole(table, console)
    for state in states:
        for one in state.changed if state.is_stale else ():
            console.print()
            console.print(Text(f"{state.booklet}, {state.language}: {one.change}: {one.id}", style="bold"))
            for label, text in (("before", one.before), ("now", one.master), ("translated", one.translated)):
                if text:
                    console.print(Text(f"  {label}: {visible(text)}"))


#: How a terminal shows words that are gone, and those that are new: not by colour alone.
_RUN = {Op.SAME: ("", "", ""), Op.GONE: ("[-", "-]", "red"), Op.NEW: ("{+", "+}", "green")}
_CHANGE = {Kind.ADDED: "green", Kind.REMOVED: "red", Kind.REWORDED: "yellow", Kind.MOVED: "cyan"}


def show_changes(found: Differences, console: Console) -> None:
    """What has changed in a booklet: first its numbers, then place by place."""
    booklet, since = found.now.booklet, found.before.booklet.version
    told = f"{booklet.title} ({booklet.language}), version {booklet.version}: "
    told += (
        f"what has changed since version {since}"
        if found.changes
        else f"nothing has changed since version {since}"
    )
    console.print(Text(visible(told), style="bold"), soft_wrap=True)
    if found.swaps:
        console.print(Text(f"\n{FIGURES}", style="bold"))
    for swap, where in found.swaps:
        named = ", ".join(place.title for place in where)
        console.print(Text(visible(f"  {said_of(swap)}: {named}")), soft_wrap=True)
    for place, changes in found.by_place:
        console.print(Text(f"\n{visible(place.title)}", style="bold"), soft_wrap=True)
        for change in changes:
            console.print(_told_of(change, found.language), soft_wrap=True)


def _told_of(change: Change, language: str) -> Text:
    origin = f" {visible(change.origin)}" if change.origin else ""
    told = Text.assemble("  ", (f"{change.kind:<8}", _CHANGE[change.kind]), f"  {change.called}{origin}: ")
    for number, pair in enumerate(change.telling):
        told.append(" · " if number else "")
        label = LABELS.get(pair.key) or visible(pair.column)
        told.append(f"{label}: " if label else "")
        # Words that were added whole need no signs.
        whole = change.kind in (Kind.ADDED, Kind.REMOVED)
        for op, words in shortened(pair.runs(language)):
            begin, end, style = ("", "", "") if whole else _RUN[op]
            told.append(begin + visible(words) + end, style)
    return told


def show_remarks(hung: Iterable[tuple[Remark, Anchor | None]], console: Console) -> None:
    """Each remark with its state, who made it, where it hangs, what it is about, and the answer."""
    for one, anchor in hung:
        style = "bold red" if one.is_open else "green"
        proof = f", proof {one.proof}" if one.proof else ""
        who = f"{one.name}, {one.role}, {one.date}, {one.version}{proof}"
        told = anchor.told if anchor else "the booklet cannot be read"
        head = (f"{one.id} ", "bold"), (one.state, style), visible(f"  {who}; {told}")
        console.print(Text.assemble(*head), soft_wrap=True)
        about = [f"on “{one.quote}”" if one.quote else f"on the section {one.section}"]
        why = [f"why: {one.why}"] if one.why else []
        for line in (*about, *one.remark.splitlines(), *why):
            console.print(Text(f"    {visible(line)}"), soft_wrap=True)


def remark_as_data(remark: Remark, anchor: Anchor | None) -> Mapping[str, Any]:
    """A remark and where it hangs now, as JSON keeps it."""
    where = anchor.where if anchor else NOWHERE
    return remark.model_dump(mode="json", exclude={"mark"}) | {
        "hangs_on": str(anchor.hold) if anchor else None,
        "file": where.file or None,
        "line": where.line or None,
    }


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
        _add_row(
            table,
            booklet.id if booklet else "–",
            booklet.version if booklet else "–",
            pages,
            told,
            str(one.question.path),
        )
    _print_whole(table, console)


def show_gone(gone: Sequence[str], out: Path | Address, console: Console) -> None:
    """Which files were taken away because they were out of date."""
    if not gone:
        return
    what = "1 file that was" if len(gone) == 1 else f"{len(gone)} files that were"
    console.print(f"\nTook away {what} out of date; build again what is still needed:", markup=False)
    for name in gone[:GONE_SHOWN]:
        console.print(visible(f"  {out / name}"), markup=False, soft_wrap=True)
    if len(gone) > GONE_SHOWN:
        console.print(f"  and {len(gone) - GONE_SHOWN} more")


def as_data(made: Sequence[Made], out: Path | Address, gone: Sequence[str]) -> str:
    """The table, the problems, and the files that were taken away, as JSON."""
    editions = [
        {
            "booklet": one.job.booklet,
            "version": one.version or None,
            "language": one.language or None,
            "layout": one.job.form,
            "pages": one.pages or None,
            "verdict": verdict(one),
            "passed": one.passed,
            "file": str(out / one.pdf) if one.pdf and one.pages else None,
            "sha256": one.digest or None,
        }
        for one in made
    ]
    problems = [problem.as_data() for problem in dict.fromkeys(p for one in made for p in one.problems)]
    taken = [str(out / name) for name in gone]
    return as_json({"editions": editions, "problems": problems, "taken_away": taken})


def prints_as_data(prints: Sequence[Prints], out: Path, gone: Sequence[str]) -> str:
    """The files for a printer, and those that were taken away, as JSON."""
    return as_json(
        {
            "prints": [
                {
                    "booklet": one.edition.job.booklet,
                    "language": one.edition.language,
                    "layout": one.edition.job.form,
                    "files": [{"file": str(out / file), "says": says} for file, says in one.files],
                }
                for one in prints
            ],
            "problems": [problem.as_data() for one in prints for problem in one.problems],
            "taken_away": [str(out / name) for name in gone],
        }
    )


def show_release(done: Released | None, shop: Path | Address, console: Console) -> None:
    """One line for each file of a release for readers and printers, and where they are."""
    if done is None:
        return
    said = done.manifest
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("file", "pages", "size"):
        table.add_column(heading, justify="left" if heading == "file" else "right", no_wrap=True)
    for one in said.editions:
        _add_row(table, one.file, str(one.pages), f"{said.files[one.file].size / 1000:,.0f} kB")
    _print_whole(table, console)
    what = "is released" if done.new else f"was released on {said.released} with the same bytes"
    what += f", signed by {visible(said.signature.by)}" if said.signature else ""
    where = shop / folder_of(said.booklet, said.version)
    console.print(
        f"\n{said.booklet} {said.version} {what}: {visible(str(where))}", markup=False, soft_wrap=True
    )


def release_as_data(done: Outcome[Released]) -> str:
    """What became of a release, as JSON."""
    problems = [problem.as_data() for problem in done.problems]
    if done.value is None:
        return as_json({"release": None, "new": False, "problems": problems})
    manifest = json.loads(manifest_bytes(done.value.manifest))
    return as_json({"release": manifest, "new": done.value.new, "problems": problems})


def show_register(register: Register, console: Console, booklet: str = "") -> None:
    """One line for each version in each language, of a booklet or of all; and the head."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("booklet", "version", "language", "code", "state", "since", "why"):
        table.add_column(heading, no_wrap=True)
    for one in register.editions.values():
        if booklet in ("", one.entry.booklet):
            style = {State.CURRENT: "green", State.WITHDRAWN: "bold red"}.get(one.state, "yellow")
            about = one.entry.booklet, one.entry.version, one.language, one.entry.code
            why = one.why
            why = why if len(why) <= WHY_SHOWN else why[: WHY_SHOWN - 1] + "…"
            _add_row(table, *about, Text(one.state, style=style), str(one.since), why)
    _print_whole(table, console)
    console.print(f"\n{len(register.entries)} entries, head {register.head}", markup=False, soft_wrap=True)


def register_as_data(register: Register) -> str:
    """Every version in each language, with the head, as JSON."""
    editions = [
        {
            "booklet": one.entry.booklet,
            "version": one.entry.version,
            "language": one.language,
            "code": one.entry.code,
            "released": str(one.entry.day),
            "state": one.state,
            "since": str(one.since),
            "reason": one.reason or None,
            "stock": one.stock or None,
            "replaced_by": one.replaced_by or None,
        }
        for one in register.editions.values()
    ]
    return as_json({"editions": editions, "entries": len(register.entries), "head": register.head})


def show_verified(verified: Verified, shop: Path | Address, console: Console) -> None:
    """What was compared, and the head."""
    if verified.register:
        count, wrong = len(verified.register.entries), sum(p.severity == "error" for p in verified.problems)
        what = f"{_counted(wrong, 'error')}" if wrong else "all is as it was released"
        console.print(
            f"{visible(str(shop))}: {count} entries, {verified.files} files: {what}", soft_wrap=True
        )
        console.print(f"head {verified.register.head}", soft_wrap=True)


def verified_as_data(verified: Verified) -> str:
    """What was found in a shop, as JSON."""
    register = verified.register
    return as_json(
        {
            "entries": len(register.entries) if register else None,
            "head": register.head if register else None,
            "files": verified.files,
            "problems": [problem.as_data() for problem in verified.problems],
        }
    )


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
        before, names = kept(folder), {one.name for one in editions}
        data: dict[str, object] = {
            key: list(_beside_others(before.lists.get(key, {}), names, entries))
            for key, entries in _told(editions)
        }
        data["notes"] = sorted({note for one in editions for note in one.notes})
        data["made_with"] = editions[0].engine
        write_whole(folder / "report.json", as_json(data).encode())


def forget(names: Iterable[str], out: Path) -> None:
    """Take what is said of files that are there no longer out of their versions' report.json."""
    folders: dict[Path, set[str]] = {}
    for path in map(PurePosixPath, names):
        folders.setdefault(out / path.parent, set()).add(path.name.replace(".rejected.pdf", ".pdf"))
    for folder, gone in folders.items():
        data = {
            key: [one for one in said if not (isinstance(one, dict) and one.get("pdf") in gone)]
            if isinstance(said, list)
            else said
            for key, said in _read(folder).items()
        }
        write_whole(folder / "report.json", as_json(data).encode())


def _told(editions: Sequence[Made]) -> Iterator[tuple[str, Iterable[Entry]]]:
    """The lists of a report.json. What is said of a national edition is not said of each clinic's again."""
    yield "problems", (one.as_data() for one in dict.fromkeys(p for one in editions for p in one.problems))
    yield ALIKE, ({"pdf": one.name, "national": one.national} for one in editions if _is_alike(one))
    ages = dict.fromkeys((age, one.national) for one in editions for age in one.ages)
    yield "reading_ages", (age.as_data() | {"pdf": national} for age, national in ages)
    yield "ink", ({"pdf": one.name, "pages": [round(share, 3) for share in one.ink]} for one in editions)


def _beside_others(
    before: Mapping[str, Sequence[Entry]], names: set[str], entries: Iterable[Entry]
) -> Iterator[Entry]:
    """The entries of files that were made, behind those of files that were not made again."""
    others = [entry for name, said in before.items() if name not in names for entry in said]
    yield from others
    # Of a national edition that was not made again much has been said before.
    yield from (entry for entry in entries if entry["pdf"] in names or entry not in others)


def _is_alike(one: Made) -> bool:
    """Is what is said of the national edition said of this one, too?"""
    return one.name != one.national and any(problem.pdf == one.national for problem in one.problems)


def keep_judged(judged: Sequence[Judged], folder: Path) -> None:
    """Write the report.json of PDFs that were checked."""
    # The name of a file may hold bytes that are no text: JSON has them by their numbers.
    write_whole(folder / "report.json", judged_as_data(judged).encode(errors="backslashreplace"))


def judged_as_data(judged: Sequence[Judged]) -> str:
    """The problems of PDFs that were checked, as JSON."""
    return as_json({"problems": [problem.as_data() for one in judged for problem in one.problems]})


@dataclass(frozen=True, slots=True)
class Kept:
    """A report.json: its lists of entries, each by the name of the file that it is about."""

    lists: Mapping[str, Mapping[str, Sequence[Entry]]]
    said: Mapping[str, tuple[Problem, ...]]

    def entries(self, key: str, name: str) -> Sequence[Entry]:
        """What a list says of a file."""
        return self.lists.get(key, {}).get(name, ())

    def alike(self, name: str) -> str:
        """The national edition of which all that is said is said of this one, too; empty where none is."""
        return next((str(entry.get("national")) for entry in self.entries(ALIKE, name)), "")

    def problems(self, name: str) -> tuple[Problem, ...]:
        """What is said in a file's name."""
        return self.said.get(name, ())


def kept(folder: Path) -> Kept:
    """What the report.json of a folder says; nothing where the file is missing or damaged."""
    lists: dict[str, dict[str, list[Entry]]] = {}
    for key, entries in _read(folder).items():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("pdf"), str) and entry["pdf"]:
                lists.setdefault(key, {}).setdefault(entry["pdf"], []).append(entry)
    told = lists.get("problems", {})
    return Kept(lists, {name: tuple(_problems(entries)) for name, entries in told.items()})


def _read(folder: Path) -> dict[str, Any]:
    path = folder / "report.json"
    try:
        # A pipe would wait for its writer for good.
        data = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _problems(entries: Iterable[Entry]) -> Iterator[Problem]:
    for entry in entries:
        try:
            yield Problem.from_data(entry)
        except (KeyError, TypeError, ValueError):
            continue
