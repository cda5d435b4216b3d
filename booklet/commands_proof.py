"""How does an editor see what will be printed: in a browser, or as a proof for those who read it first?"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from urllib.parse import urlencode

from .console import PASSED, UNREADABLE, as_typed, console_on, refuse, refuse_port, unknown_booklets
from .options import PROGRAM, folder_of, roots_of, today_of

if TYPE_CHECKING:
    from .differences import Differences
    from .model import Proof
    from .problem import Outcome, Problem
    from .proofs import Draft
    from .source import Source, Sourced


def proof(asked: argparse.Namespace, out: TextIO) -> int:
    """Show the pages, or make a proof of them (PDF)."""
    return _make(asked, out) if asked.pdf else _show(asked, out)


def _show(asked: argparse.Namespace, out: TextIO) -> int:
    """Show the pages in a browser while their files are edited, until Ctrl-C."""
    import webbrowser

    from .serve import address_of, listening, until_stopped
    from .source import Source
    from .studio import site

    if not (asked.root / "source").is_dir():
        sys.stderr.write(
            f"There is no folder {as_typed(asked.root / 'source')}.\nhint: {PROGRAM} new my-booklet\n"
        )
        return UNREADABLE
    source = Source(asked.root)
    language = _language(asked, source)
    faults = _unshown(asked, source, language)
    if faults:
        return refuse(faults, asked, out)
    try:
        listener = listening(asked.port)
    except OSError as error:
        return refuse_port(asked.port, error)
    address = address_of(listener) + _page(asked, language)
    out.write(f"The pages are shown at {address} until Ctrl-C. Save a file, and they follow.\n")
    out.flush()
    with site(roots_of(asked), lambda: today_of(asked)) as app:
        if not asked.no_browser:
            webbrowser.open(address)
        until_stopped(app, listener, lifespan="on")
    return PASSED


def _unshown(asked: argparse.Namespace, source: "Source", language: str) -> "Sequence[Problem]":
    """Why there is no such page to open first."""
    from .layout import layout_for, layouts_of
    from .problem import Problem

    if asked.since:
        return [Problem("wrong-value", "Bars are drawn on a proof alone", hint="add --pdf")]
    faults = _unknown(asked, source, language) if asked.id else []
    if faults or not asked.id:
        return faults
    name = asked.layout or layouts_of(source.outline(asked.id, language), roots_of(asked))[0]
    layout = layout_for(None, name, roots_of(asked), asked.size or 0)
    return () if layout.value else layout.problems


def _page(asked: argparse.Namespace, language: str) -> str:
    """The page that is opened first, behind the address of all."""
    chosen = {"language": language, "layout": asked.layout, "points": asked.size}
    query = urlencode({key: value for key, value in chosen.items() if value})
    return f"booklets/{asked.id}/{'?' if query else ''}{query}" if asked.id else ""


def _make(asked: argparse.Namespace, out: TextIO) -> int:
    """Make the next proof of a booklet, or again the one that says and shows the same."""
    from .problem import Problem
    from .source import Source

    source = Source(asked.root)
    if not asked.id:
        hint = f"{PROGRAM} proof {' or '.join(source.ids) or 'ID'} --pdf"
        return refuse([Problem("unknown-booklet", "A proof is one of one booklet", hint=hint)], asked, out)
    language = _language(asked, source)
    unknown = _unknown(asked, source, language)
    if unknown:
        return refuse(unknown, asked, out)
    made = _written(asked, source, language)
    if made.value is None:
        return refuse(made.problems, asked, out)
    _tell(*made.value, made.problems, asked, out)
    return PASSED


def _written(
    asked: argparse.Namespace, source: "Source", language: str
) -> "Outcome[tuple[Proof, Sequence[Path]]]":
    """Make the proof and write it, and down that there is one; the files."""
    from .entries import as_kept
    from .problem import Outcome
    from .proofs import entries, make_proof
    from .store import write_whole

    known = entries(source, asked.id, language)
    # Who makes another proof at the same time waits, and gets the next number.
    with known.alone():
        before = source.proofs(asked.id, language)
        if before.value is None:
            return Outcome(None, before.problems)
        draft = _draft(asked, source, language, before.value)
        made = make_proof(draft.value) if draft.value else None
        if draft.value is None or made is None or made.value is None:
            return Outcome(None, made.problems if made else draft.problems)
        # The number is taken first, so that it never stands for two proofs.
        files, entry = [], draft.value.entry
        if entry not in before.value:
            added = known.add(before.value, [as_kept(entry)])
            if added.value is None:
                return Outcome(None, added.problems)
            files.append(source.root / known.file)
        files.append(folder_of(asked) / draft.value.file)
        write_whole(files[-1], made.value)
    return Outcome((entry, files), made.problems)


def _tell(
    entry: "Proof",
    files: "Sequence[Path]",
    problems: "Sequence[Problem]",
    asked: argparse.Namespace,
    out: TextIO,
) -> None:
    """Say what was written, and what is wrong with the edition that the proof shows."""
    from . import report

    if asked.json:
        told = {
            "proof": entry.proof,
            "version": entry.version,
            "digest": entry.digest,
            "files": [str(as_typed(file)) for file in files],
            "problems": [one.as_data() for one in problems],
        }
        out.write(report.as_json(told))
        return
    report.show_problems(problems, roots_of(asked), console_on(out))
    out.writelines(f"wrote {as_typed(file)}\n" for file in files)


def _draft(
    asked: argparse.Namespace, source: "Source", language: str, kept: "Sequence[Proof]"
) -> "Outcome[Draft]":
    """What the proof is made of, with its number, which follows those of the proofs that were made."""
    from .layout import layout_for, layouts_of
    from .problem import Outcome
    from .proofs import Draft, numbered

    read, found = _read(asked, source, language)
    name = asked.layout or layouts_of(source.outline(asked.id, language), roots_of(asked))[0]
    layout = layout_for(read.value, name, roots_of(asked), asked.size or 0)
    if read.value is None or layout.value is None:
        return Outcome(None, read.problems if read.value is None else layout.problems)
    words = layout.value.words(read.value.booklet.language)
    if words.value is None:
        return Outcome(None, words.problems)
    since = found.before.booklet.version if found else None
    entry = numbered(kept, read.value, layout.value, since, today_of(asked))
    return Outcome(Draft(read.value, layout.value, words.value, entry, found))


def _read(
    asked: argparse.Namespace, source: "Source", language: str
) -> "tuple[Outcome[Sourced], Differences | None]":
    """What a booklet says, and what has changed in it, if that is asked for."""
    from .changes import changes_since
    from .problem import Outcome

    if not asked.since:
        return source.booklet(asked.id, language), None
    found = changes_since(source, asked.id, language, asked.since)
    return Outcome(found.value.now if found.value else None, found.problems), found.value


def _language(asked: argparse.Namespace, source: "Source") -> str:
    """The language as files are named by it: the booklet's own has none."""
    own = source.outline(asked.id).language if asked.id in source.ids else ""
    return "" if asked.language in (None, own) else asked.language


def _unknown(asked: argparse.Namespace, source: "Source", language: str) -> "list[Problem]":
    """What is wrong with the booklet and the language that are named."""
    from .translation import missing_language

    missing = None if asked.id not in source.ids else missing_language(source, asked.id, language)
    return unknown_booklets([asked.id], source) or ([missing] if missing else [])
