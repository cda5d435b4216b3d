"""How are editions built, printed and checked, from the words to the last line that is said?"""

import argparse
import difflib
import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TextIO

from .console import (
    FAILED,
    PASSED,
    UNREADABLE,
    as_typed,
    console_on,
    grave,
    progress,
    refuse,
    unknown_booklets,
)
from .options import folder_of, roots_of, today_of

if TYPE_CHECKING:
    from rich.console import Console

    from .batch import Workers
    from .build import Memory, Request
    from .cluster import Cluster
    from .judge import Judged
    from .make import Job, Made
    from .printing import Edition, PrintFile
    from .problem import Outcome, Problem
    from .source import Source
    from .store import Address, Store

#: The place for which `print` makes sheets; all others are profiles of print shops.
DESK = "desk"

#: What makes editions. Workers load it while this process reads what is asked of them.
WORK = "booklet.make"

#: So often, in seconds, what was made is written down, so that whatever ends the program costs no more;
#: but only in so small a part of the time, since the list of what was made grows.
KEEP_EVERY = 10.0
KEEPING = 0.05


def build(asked: argparse.Namespace, out: TextIO) -> int:
    """Build and check the editions that were asked for."""
    if not asked.cluster:
        from .batch import start

        start(WORK)
    from . import report
    from .build import Memory, Request, jobs_of
    from .source import Source

    started = time.time_ns()
    source = Source(asked.root)
    clinics = source.clinics if asked.all_clinics else tuple(dict.fromkeys(asked.clinic or ()))
    unknown = _not_released(asked, source) if asked.released else unknown_booklets(asked.ids, source)
    wrong = [*unknown, *_no_clinics(clinics, source), *_needs_cluster(asked)]
    if wrong:
        return refuse(wrong, asked, out)
    request = Request(
        roots_of(asked),
        folder_of(asked),
        tuple(asked.ids),
        asked.layout or "",
        asked.language or "",
        today_of(asked),
        asked.size or 0,
        bool(asked.ink),
        clinics,
        asked.all_clinics,
        asked.cluster or "",
        asked.released,
        None if isinstance(asked.out, str) else asked.out,
    )
    _make_ready(request.out)
    memory = Memory(request, source, started, _opened(request.address))
    jobs = jobs_of(request, source)
    if not jobs:
        return refuse([_nothing_to_do(asked)], asked, out)
    console = console_on(out)
    made, gone = _made(jobs, memory, None if asked.json else console)
    if not asked.released:
        memory.keep_answer(made)
    if asked.json:
        out.write(report.as_data(made, request.address or as_typed(request.out), gone))
    else:
        _show(made, request, console)
        report.show_gone(gone, request.address or as_typed(request.out), console)
    return _status(made)


def _not_released(asked: argparse.Namespace, source: "Source") -> "list[Problem]":
    """What is wrong where nothing of what was asked for is current, or a release is damaged."""
    from .problem import Problem
    from .register import SHOP
    from .released import kept_release

    register = source.register
    if register.value is None:
        return list(register.problems)
    current = [one for one in register.value.editions.values() if one.state in ("current", "under review")]
    meant = [one for one in current if not asked.ids or one.entry.booklet in asked.ids]
    missing = set(asked.ids) - {one.entry.booklet for one in meant}
    wrong = [Problem("unknown-booklet", f"No version of '{name}' is current.") for name in sorted(missing)]
    if not meant and not wrong:
        wrong = [Problem("unknown-booklet", f"Nothing was released in {source.root / SHOP}.")]
    faults = (fault for one in meant for fault in kept_release(source.root / SHOP, one.entry).problems)
    return wrong + list(dict.fromkeys(faults))


def _no_clinics(clinics: "Sequence[str]", source: "Source") -> "list[Problem]":
    """What is wrong with ids that name no clinic."""
    from .problem import Problem

    problems = []
    for name in clinics:
        if name not in source.clinics:
            near = difflib.get_close_matches(name, source.clinics, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"write source/clinics/{name}.yaml"
            problems.append(Problem("unknown-clinic", f"There is no clinic '{name}'.", hint=hint))
    return problems


def _needs_cluster(asked: argparse.Namespace) -> "list[Problem]":
    """What is wrong with an address where no workers are named that write to it."""
    from .problem import Problem
    from .store import Address

    if not isinstance(asked.out, Address) or asked.cluster:
        return []
    message = f"{asked.out} is an address, and only the workers of a cluster write to one."
    return [Problem("wrong-value", message, hint="add --cluster local, or --cluster tcp://scheduler:8786")]


def _nothing_to_do(asked: argparse.Namespace) -> "Problem":
    """Why no edition is what was asked for."""
    from .problem import Problem

    if asked.size:
        message = f"No layout of these booklets has sizes of type, so none can have {asked.size} points."
        return Problem("wrong-size", message, hint="add --layout large-print")
    return Problem("unknown-language", f"No booklet has the language '{asked.language}'.")


def _opened(address: "Address | None") -> "Store | None":
    """What is kept at an address."""
    if address is None:
        return None
    from .bucket import opened

    return opened(address)


def _make_ready(folder: Path) -> None:
    """Make a folder that can be written to, or say so before the work is done."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, "Nothing can be written there", str(folder))


def _made(
    jobs: "list[Job]", memory: "Memory", console: "Console | None"
) -> "tuple[list[Made], tuple[str, ...]]":
    """What became of the jobs, remembered, and the files of clinics that are gone, as they were outdated."""
    from . import report
    from .build import versions

    done: dict[Job, Made] = {}
    kept: set[Job] = set()

    def keep() -> None:
        new = [done[job] for job in jobs if job in done and job not in kept]
        report.keep(new, memory.request.out)
        _review(versions(new), memory)
        memory.keep(new)
        kept.update(one.job for one in new)

    try:
        _make_all(jobs, memory, console, done, keep)
    finally:
        # What was finished before a Ctrl-C need not be made again.
        keep()
    made = [done[job] for job in jobs]
    gone = memory.take_away_outdated(made)
    if gone:
        folders = sorted({PurePosixPath(name).parent for name in gone})
        there = {one.name for one in made if one.pages}
        report.forget((name for name in gone if PurePosixPath(name).name not in there), memory.request.out)
        _review(folders, memory)
        memory.keep_reports(folders)
    return made, gone


def _make_all(
    jobs: "list[Job]",
    memory: "Memory",
    console: "Console | None",
    done: "dict[Job, Made]",
    keep: Callable[[], None],
) -> None:
    """Put all editions into `done` as they come, and keep them now and then.

    Progress goes to the console, if there is one.
    """
    from .batch import AHEAD, run_all
    from .build import together
    from .make import make

    done.update({job: known for job in jobs if (known := memory.unchanged(job))})
    waiting = [job for job in jobs if job not in done]
    if not waiting:
        return
    memory.expect(waiting)
    workers, next_time = _workers(memory), time.monotonic() + KEEP_EVERY
    with progress(console, len(waiting)) as advance:
        groups = together(waiting, workers.count)
        for made in run_all(make, groups, _not_made, workers, AHEAD * workers.count):
            for one in made:
                done[one.job] = one
                advance(f"{one.job.booklet}, {one.job.form}")
            now = time.monotonic()
            if now > next_time:
                keep()
                took = time.monotonic() - now
                next_time = now + took + max(KEEP_EVERY, took / KEEPING)


def _workers(memory: "Memory") -> "Workers | Cluster":
    """Processes of this machine, or the workers of a cluster."""
    request = memory.request
    if not request.cluster:
        from .batch import Workers

        return Workers(WORK)
    from .cluster import Cluster, Target

    target = Target(request.address, memory.mark, memory.beside) if request.address else None
    return Cluster(request.cluster, target)


def _not_made(jobs: "Sequence[Job]", why: str, hint: str) -> "tuple[Made, ...]":
    from .make import Made
    from .problem import Problem

    problem = Problem("not-made", f"'{jobs[0].booklet}' could not be made: {why}", hint=hint)
    return tuple(Made(job, (problem,)) for job in jobs)


def _review(folders: "Iterable[PurePosixPath]", memory: "Memory") -> None:
    """Write the report.html of versions."""
    from . import review

    review.keep(folders, memory.request.out, memory.request.roots, memory.store)


def _show(made: "Sequence[Made]", request: "Request", console: "Console") -> None:
    """Print the problems and the table; advice is for the editor's quiet hour: the reports hold it."""
    from . import report

    report.show_problems(grave(p for one in made for p in one.problems), request.roots, console)
    report.show_table(made, request.address or as_typed(request.out), console)


def _status(made: "Sequence[Made]") -> int:
    if not all(one.readable for one in made):
        return UNREADABLE
    return PASSED if all(one.passed for one in made) else FAILED


def print_for(asked: argparse.Namespace, out: TextIO) -> int:
    """Make the editions that were asked for, and the files for a printer."""
    from .batch import start

    start(WORK)
    from . import report
    from .build import Memory, Request, jobs_to_print
    from .printing import prints_of
    from .source import Source

    started = time.time_ns()
    source = Source(asked.root)
    wrong = [
        *unknown_booklets(asked.ids, source),
        *_no_clinics([asked.clinic] if asked.clinic else [], source),
    ]
    printer, faults, black = _printer(asked)
    if wrong or printer is None:
        return refuse(wrong or faults, asked, out)
    grey = bool(asked.ink) or black
    size = asked.size or 0
    clinics = (asked.clinic,) if asked.clinic else ()
    chosen = tuple(asked.ids), asked.layout or "", asked.language or "", today_of(asked), size, grey, clinics
    request = Request(roots_of(asked), folder_of(asked), *chosen)
    _make_ready(request.out)
    jobs = jobs_to_print(request, source)
    if not jobs:
        return refuse([_nothing_to_do(asked)], asked, out)
    console = console_on(out)
    made, gone = _made(jobs, Memory(request, source, started), None if asked.json else console)
    place = asked.place if asked.place == DESK else f"press-{asked.place}"
    prints = [prints_of(one, place, printer) for one in made]
    if asked.json:
        out.write(report.prints_as_data(prints, as_typed(request.out), gone))
    else:
        report.show_problems((p for one in prints for p in one.problems), request.roots, console)
        files = [file for one in prints for file in one.files]
        out.writelines(f"{says}: {as_typed(request.out / file)}\n" for file, says in files)
        report.show_gone(gone, as_typed(request.out), console)
    if not all(one.readable for one in made):
        return UNREADABLE
    return PASSED if all(one.files for one in prints) else FAILED


def _printer(
    asked: argparse.Namespace,
) -> "tuple[Callable[[Edition], Outcome[tuple[PrintFile, ...]]] | None, Sequence[Problem], bool]":
    """What makes the files for the place that was asked for, or why there is none; in black alone?"""
    from .desk import Desk, print_at_desk
    from .press import load_shop
    from .problem import Problem
    from .shop import print_in_shop

    if asked.place == DESK:
        desk = Desk(asked.paper or 80, asked.signatures, asked.marks, asked.instructions)
        return partial(print_at_desk, desk=desk), (), False
    shop = load_shop(asked.place, roots_of(asked))
    if shop.value is None:
        return None, shop.problems, False
    for name in ("paper", "signatures", "marks", "instructions"):
        if getattr(asked, name):
            message = f"--{name} is for the desk; a print shop's profile says what it needs."
            fault = Problem("wrong-value", message, hint=f"look at layouts/print/{asked.place}.yaml")
            return None, [fault], False
    return partial(print_in_shop, shop=shop.value), (), shop.value.profile.colours == "black"


def check(asked: argparse.Namespace, out: TextIO) -> int:
    """Check finished PDFs against the source."""
    from . import report, review

    wrong = list(_not_to_be_checked(asked))
    if wrong:
        return refuse(wrong, asked, out)
    folder = Path(asked.report).resolve() if asked.report else None
    if folder:
        _make_ready(folder)
    console, roots = console_on(out), roots_of(asked)
    judged = _judge_all(asked, None if asked.json else console)
    if folder:
        report.keep_judged(judged, folder)
        review.keep_judged(judged, folder, roots)
    problems = [problem for one in judged for problem in one.problems]
    if asked.json:
        out.write(report.judged_as_data(judged))
    else:
        report.show_problems(problems, roots, console)
        report.show_judged(judged, console)
        if folder:
            out.write(f"\nThe report is {as_typed(folder / 'report.html')}\n")
        elif problems:
            out.write("\nhint: --report DIR writes a report that shows the findings on their pages\n")
    if any(one.sourced is None for one in judged):
        return UNREADABLE
    return FAILED if any(problem.severity == "error" for problem in problems) else PASSED


def _not_to_be_checked(asked: argparse.Namespace) -> "Iterator[Problem]":
    """What is wrong with the words that say what is to be checked."""
    from .impose import is_print_file
    from .problem import Problem
    from .source import Source

    if asked.booklet is not None:
        yield from unknown_booklets([asked.booklet], Source(asked.root))
    for word in asked.what:
        if is_print_file(Path(word).name):
            hint = "check the edition, whose name ends with its layout"
            message = f"'{word}' is no edition: it is for a printer, and was checked when it was made, "
            message += "or is a proof, or shows what has changed."
            yield Problem("wrong-value", message, hint=hint)
        elif _pdfs(word, folder_of(asked)):
            if asked.booklet and not _is_pdf(word):
                hint = f"check FILE.pdf --booklet {asked.booklet}"
                message = f"--booklet says which booklet a PDF file should be, and '{word}' is no PDF file."
                yield Problem("wrong-value", message, hint=hint)
        elif os.path.lexists(word):
            yield Problem("unknown-booklet", f"'{word}' is there, but it is no file.")
        else:
            message = (
                f"There is no file '{word}', and no edition of a booklet '{word}' in {folder_of(asked)}."
            )
            yield Problem("unknown-booklet", message)


def _judge_all(asked: argparse.Namespace, console: "Console | None") -> "list[Judged]":
    """What is found out about the PDFs; progress goes to the console, if there is one."""
    from .batch import AHEAD, Workers, run_all
    from .judge import Judged, Question, judge_file
    from .problem import Problem

    paths = dict.fromkeys(path for word in asked.what for path in _pdfs(word, folder_of(asked)))
    questions = [Question(path, roots_of(asked), today_of(asked), asked.booklet or "") for path in paths]

    def failed(question: Question, why: str, hint: str) -> Judged:
        message = f"The PDF could not be checked: {why}"
        return Judged(question, (Problem("pdf-unreadable", message, hint=hint, pdf=question.path.name),))

    judged: dict[Question, Judged] = {}
    workers = Workers("booklet.judge")
    with progress(console, len(questions)) as advance:
        for one in run_all(judge_file, questions, failed, workers, AHEAD * workers.count):
            judged[one.question] = one
            advance(one.question.path.name)
    return [judged[question] for question in questions]


def _pdfs(word: str, folder: Path) -> list[Path]:
    """The PDFs that a word of the command means: a file, or all editions of a booklet's id."""
    from .impose import is_print_file
    from .source import ID

    if _is_pdf(word):
        return [Path(word)] if Path(word).is_file() else []
    if not ID.fullmatch(word):
        return []
    found = (path for path in folder.glob(f"{word}/*/*.pdf") if not path.name.endswith(".rejected.pdf"))
    return sorted(path for path in found if not is_print_file(path.name))


def _is_pdf(word: str) -> bool:
    return word.lower().endswith(".pdf")
