"""What have readers of a version to say, and what was answered?"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from .console import PASSED, console_on, refuse, unknown_booklets
from .options import today_of

if TYPE_CHECKING:
    from .annotated import Annotations
    from .model import Remark
    from .problem import Outcome, Problem
    from .remarks import Hooks
    from .source import Source


def remarks(asked: argparse.Namespace, out: TextIO) -> int:
    """List the remarks on a booklet, add one or those on a proof, or answer one."""
    from .source import Source
    from .translation import missing_language

    source = Source(asked.root)
    if asked.kind == "import":
        return _import(asked, source, out)
    unknown = unknown_booklets([asked.id], source)
    if unknown:
        return refuse(unknown, asked, out)
    asked.language = "" if asked.language == source.outline(asked.id).language else asked.language or ""
    missing = missing_language(source, asked.id, asked.language)
    if missing:
        return refuse([missing], asked, out)
    kinds = {"list": _list, "add": _add, "done": _close, "decline": _close}
    return kinds[asked.kind](asked, source, out)


def _list(asked: argparse.Namespace, source: "Source", out: TextIO) -> int:
    read = source.remarks(asked.id, asked.language)
    if read.value is None:
        return refuse(read.problems, asked, out)
    if not read.value and not asked.json:
        out.write(f"Nobody has made a remark on '{asked.id}'.\n")
        return PASSED
    return _tell(read.value, asked, source, out)


def _add(asked: argparse.Namespace, source: "Source", out: TextIO) -> int:
    from .remarks import Hooks, Note, Part, add
    from .texts import places

    read = source.booklet(asked.id, asked.language)
    if read.value is None:
        return refuse(read.problems, asked, out)
    hooks = Hooks(places(read.value))
    said = hooks.quoted(asked.section, asked.quote)
    fault = _fault(asked, hooks, found=said is not None or not asked.quote)
    if fault:
        return refuse([fault], asked, out)
    part = Part(asked.name, today_of(asked), asked.remark)
    quote = said.text if said else ""
    note = Note(read.value.booklet.version, asked.role, asked.section, quote, (part,))
    added = add(source, asked.id, asked.language, [note])
    if added.value is None:
        return refuse(added.problems, asked, out)
    return _tell(added.value, asked, source, out)


def _fault(asked: argparse.Namespace, hooks: "Hooks", found: bool) -> "Problem | None":
    """Why a remark can be about nothing there."""
    from .explain import nearest
    from .problem import Problem

    if asked.section not in hooks.places:
        message = f"'{asked.id}' has no section '{asked.section}'"
        return Problem("unknown-section", message, hint=nearest(asked.section, list(hooks.places), ""))
    message = f"The section '{asked.section}' of '{asked.id}' does not say that"
    hint = "copy some words of one paragraph, as they are printed"
    return None if found else Problem("unknown-quote", message, hint=hint)


def _close(asked: argparse.Namespace, source: "Source", out: TextIO) -> int:
    from .remarks import close

    why = asked.why if asked.kind == "decline" else ""
    done = close(source, asked.id, asked.language, asked.number, why)
    if done.value is None:
        return refuse(done.problems, asked, out)
    return _tell([done.value], asked, source, out)


def _import(asked: argparse.Namespace, source: "Source", out: TextIO) -> int:
    from .problem import Problem
    from .remarks import add

    read = _annotations(asked)
    if read.value is None:
        return refuse(read.problems, asked, out)
    asked.id, language = read.value.booklet, read.value.language
    unknown = unknown_booklets([asked.id], source)
    if unknown:
        return refuse(unknown, asked, out)
    asked.language = source.file_in(asked.id, language)
    if asked.language is None:
        message = f"{Path(asked.file).name} is a proof of '{asked.id}' in '{language}', which is not there"
        return refuse([Problem("unknown-language", message)], asked, out)
    added = add(source, asked.id, asked.language, read.value.notes)
    if added.value is None:
        return refuse(added.problems, asked, out)
    status = _tell(added.value, asked, source, out)
    if not asked.json:
        known, wordless = len(read.value.notes) - len(added.value), read.value.wordless
        told = f"{len(added.value)} added, {known} known already"
        out.write(told + (f"; {wordless} without words passed over.\n" if wordless else ".\n"))
    return status


def _annotations(asked: argparse.Namespace) -> "Outcome[Annotations]":
    """What is written on a proof, read where a hostile file can do no harm."""
    from .annotated import Asked, read_annotations
    from .batch import Limits, Workers, run_all
    from .problem import Outcome, Problem

    def failed(question: Asked, why: str, hint: str) -> "Outcome[Annotations]":
        message = f"{question.path.name} cannot be read: {why}"
        return Outcome(None, (Problem("pdf-unreadable", message, hint=hint),))

    workers = Workers("booklet.annotated", Limits(memory=2 * 1024**3, cpu_seconds=60, wall_seconds=90))
    questions = [Asked(Path(asked.file).resolve(), today_of(asked))]
    (read,) = run_all(read_annotations, questions, failed, workers, 1)
    return read


def _tell(remarks: "Sequence[Remark]", asked: argparse.Namespace, source: "Source", out: TextIO) -> int:
    """Show remarks, and where they hang now."""
    from . import report
    from .remarks import Hooks
    from .texts import places

    now = source.booklet(asked.id, asked.language).value
    hooks = Hooks(places(now)) if now else None
    hung = [(one, hooks.of(one) if hooks else None) for one in remarks]
    if asked.json:
        out.write(report.as_json({"remarks": [report.remark_as_data(*both) for both in hung]}))
    else:
        report.show_remarks(hung, console_on(out))
    return PASSED
