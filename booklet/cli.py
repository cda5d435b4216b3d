"""What can be typed, and what happens then?"""

import argparse
import difflib
import errno
import io
import itertools
import os
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TextIO

from . import fresh
from .set_up import interrupt_on_signals

if TYPE_CHECKING:
    from rich.console import Console

    from .batch import Workers
    from .build import Memory, Request
    from .cluster import Cluster
    from .judge import Judged
    from .make import Job, Made
    from .printing import Edition, PrintFile
    from .problem import Outcome, Problem
    from .released import Seal
    from .source import Source
    from .store import Address, Store

PASSED, FAILED, UNREADABLE = 0, 1, 2

#: The place for which `print` makes sheets; all others are profiles of print shops.
DESK = "desk"

#: Paper that an office printer takes, in grams a square metre.
LIGHTEST, HEAVIEST = 40, 300

_RELEASE_HELP = "where the editions go; with --cluster also s3://bucket/prefix or file:///folder"

SIZE_HELP = "large print in this size of type: 14 to 28"

PROGRAM = fresh.program()

_EPILOG = f"""\
examples:
  {PROGRAM}
      build and check every booklet in source/
  {PROGRAM} my-booklet
      only this one
  {PROGRAM} check my-booklet
      check the finished PDFs again, without building
  {PROGRAM} print my-booklet --for desk
      make sheets for a clinic's printer, to fold and staple
  {PROGRAM} new my-booklet
      begin a new booklet, ready to build
  {PROGRAM} --root ../my-clinic
      build another publisher's folder

Exit status: 0 all is well, 1 a check failed, 2 something cannot be read.
"""


def main(argv: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Run a command; returns its exit status."""
    asked = _parser().parse_args(_command_first(sys.argv[1:] if argv is None else argv))
    commands = {
        "build": build,
        "check": check,
        "print": print_for,
        "changed": changed,
        "schema": schema,
        "new": new,
        "translation": translation,
        "release": release,
        "withdraw": change_state,
        "releases": releases,
        "bag": bag,
        "catalogue": catalogue,
        "serve": serve,
        "test": test,
    }
    command = commands[asked.command]
    if argv is None:
        interrupt_on_signals()
    stream = out or sys.stdout or io.StringIO()  # there is none where the caller closed it
    fresh.write_safely(stream)
    try:
        asked.root = Path(asked.root or fresh.default_root()).resolve()
        status = command(asked, stream)
        stream.flush()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was finished is whole; run the same command to go on.\n")
        return 130
    except BrokenPipeError:
        # Nobody reads on, as with `| head`: Python would complain once more when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        sys.stderr.write(f"Stopped: {error.strerror or error}: {error.filename or 'a file'}\n")
        return UNREADABLE
    return status


def _command_first(words: Sequence[str]) -> list[str]:
    """The arguments with the command in front, where options stand before it; build where there is none."""
    if words[:1] and words[0] in ("-h", "--help"):
        return list(words)
    at = 0
    while at < len(words) and words[at].startswith("--"):
        at += 1 if "=" in words[at] or words[at] == "--json" else 2
    if at < len(words) and words[at] in fresh.COMMANDS:
        return [*words[at:], *words[:at]]
    return ["build", *words]


def _shared(
    out: "Callable[[str], str | Address]", metavar: str = "DIR", where: str = "where the editions go"
) -> argparse.ArgumentParser:
    """The options of the commands that build and check."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--root", metavar="DIR", help="the publisher's folder, which holds source/ (default: this project)"
    )
    shared.add_argument(
        "--out",
        metavar=metavar,
        type=out,
        help=f"{where} (default: dist/ in the publisher's folder)",
    )
    shared.add_argument(
        "--today",
        metavar="DATE",
        type=_day,
        default=None,
        help="check dates as if today were DATE (2026-11-23)",
    )
    shared.add_argument("--json", action="store_true", help="print the result as JSON")
    return shared


def _parser() -> argparse.ArgumentParser:
    shared = _shared(_out)
    release = _shared(_release, "DIR|ADDRESS", _RELEASE_HELP)
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Turns the booklets in source/ into checked, accessible PDFs in dist/.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    _add_build(commands.add_parser("build", parents=[release], help="build and check booklets (the default)"))
    _add_print(commands.add_parser("print", parents=[shared], help="make sheets of a booklet for a printer"))
    one = commands.add_parser("check", parents=[shared], help="check finished PDFs against the source")
    one.add_argument("what", nargs="+", metavar="ID|FILE.pdf", help="a booklet's id, or a PDF file")
    one.add_argument(
        "--booklet", metavar="ID", help="which booklet the PDF files should be, whatever their metadata say"
    )
    one.add_argument(
        "--report", metavar="DIR", help="write report.html there, which shows the findings on their pages"
    )
    _add_changed(commands.add_parser("changed", parents=[shared], help="tell what has changed in a booklet"))
    one = commands.add_parser("schema", help="print the JSON Schema of a source file, for your editor")
    one.add_argument("what", choices=["booklet", "house", "clinic"], help="which kind of file")
    one.add_argument("--root", help=argparse.SUPPRESS)
    one = commands.add_parser("new", help="begin a new booklet: a commented starter that builds")
    one.add_argument("id", metavar="ID", help="its name: small letters, digits and hyphens")
    one.add_argument("--root", metavar="DIR", help="the publisher's folder (default: this project)")
    one.add_argument(
        "--today", metavar="DATE", type=_day, default=None, help="the day of publication (default: today)"
    )
    _add_translation(commands.add_parser("translation", help="begin, follow and exchange translations"))
    _add_release(commands)
    _add_serve(commands.add_parser("serve", help="show the catalogue in public/ on this machine"))
    one = commands.add_parser("test", help="run the project's own tests: python3 make_booklet.py test")
    one.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    one.set_defaults(root=None)
    return parser


def _add_build(one: argparse.ArgumentParser) -> None:
    one.add_argument("ids", nargs="*", metavar="ID", help="which booklets (default: all)")
    one.add_argument("--layout", metavar="NAME", help="only this layout, whether or not the booklet lists it")
    one.add_argument("--size", metavar="POINTS", type=_size, help=SIZE_HELP)
    one.add_argument("--ink", choices=["low"], help="also without colour, for little ink")
    one.add_argument("--language", metavar="LANG", help="only this language, for example cy")
    one.add_argument(
        "--cluster",
        metavar="ADDRESS",
        type=_cluster,
        help="make them on a Dask cluster: its scheduler (tcp://host:8786), or local",
    )
    one.add_argument(
        "--released",
        action="store_true",
        help="only what is current of the releases, whatever the source says today",
    )
    whose = one.add_mutually_exclusive_group()
    whose.add_argument("--clinic", metavar="ID", action="append", help="also with this clinic's details")
    whose.add_argument("--all-clinics", action="store_true", help="also with the details of each clinic")


def _add_translation(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", metavar="what", required=True)
    shared = _shared(_out)
    one = kinds.add_parser("new", parents=[shared], help="begin one: the master's texts as comments")
    one.add_argument("id", metavar="ID", help="which booklet")
    one.add_argument("language", metavar="LANG", help="into which language, for example cy")
    one = kinds.add_parser("status", parents=[shared], help="what each master has changed since")
    one.add_argument("ids", nargs="*", metavar="ID", help="which booklets (default: all)")
    one.add_argument("--language", metavar="LANG", help="only this language")
    one = kinds.add_parser("export", parents=[shared], help="write a file for translators' tools")
    one.add_argument("id", metavar="ID", help="which booklet")
    one.add_argument("language", metavar="LANG", help="which language")
    one.add_argument("--format", choices=["xliff", "po"], default="xliff", help="XLIFF 2 (default) or PO")
    one.add_argument("--changed", action="store_true", help="only what the master has changed since")
    one = kinds.add_parser("import", parents=[shared], help="take in such a file, translated")
    one.add_argument("id", metavar="ID", help="which booklet")
    one.add_argument("language", metavar="LANG", help="which language")
    one.add_argument("file", metavar="FILE", help="the translated file: .xlf or .po")


def _add_release(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    shop = argparse.ArgumentParser(add_help=False)
    shop.add_argument("--root", metavar="DIR", help="the publisher's folder (default: this project)")
    shop.add_argument(
        "--shop",
        metavar="DIR|ADDRESS",
        type=_release,
        help="where releases are kept: a folder, s3://bucket/prefix or file:///folder (default: releases/)",
    )
    shop.add_argument(
        "--today", metavar="DATE", type=_day, default=None, help="the day of it (default: today)"
    )
    shop.add_argument("--json", action="store_true", help="print the result as JSON")
    one = commands.add_parser("release", parents=[shop], help="make a version one that never changes")
    one.add_argument("id", metavar="ID", help="which booklet")
    one.add_argument(
        "version", metavar="VERSION", nargs="?", help="which version (default: that of booklet.yaml)"
    )
    one.add_argument(
        "--sign",
        metavar="KEY.p12",
        help="sign the editions for readers (PAdES) with this key",
    )
    one.add_argument("--sign-password-file", metavar="FILE", help="its first line is the password of KEY.p12")
    one = commands.add_parser("bag", parents=[shop], help="pack all that an assessor asks for")
    one.add_argument("id", metavar="ID", help="which booklet")
    one.add_argument(
        "version", metavar="VERSION", nargs="?", default="", help="which version (default: the current one)"
    )
    one.add_argument(
        "--out", metavar="DIR", type=_out, help="where it goes (default: dist/ in the publisher's folder)"
    )
    _add_catalogue(
        commands.add_parser("catalogue", parents=[shop], help="write a site with all that was released")
    )
    one = commands.add_parser("withdraw", parents=[shop], help="say that a released version must not be used")
    _add_change(one, needs_reason=True)
    one.add_argument("--stock", metavar="TEXT", type=_told, help="what to do with printed copies")
    one.set_defaults(kind="withdraw")
    parser = commands.add_parser("releases", help="list, verify, export and review what was released")
    kinds = parser.add_subparsers(dest="kind", metavar="what", required=True)
    kinds.add_parser("list", parents=[shop], help="every version, and what has become of it")
    one = kinds.add_parser("verify", parents=[shop], help="is every byte as it was released?")
    one.add_argument("--head", metavar="SHA256", type=_head, help="a head that was published: is it there?")
    one = kinds.add_parser("export", parents=[shop], help="a zip of what is current, or has changed")
    which = one.add_mutually_exclusive_group(required=True)
    which.add_argument("--current", action="store_true", help="every PDF for readers of all that is current")
    which.add_argument("--since", metavar="DATE", type=_day, help="what was released or withdrawn since then")
    one.add_argument("--out", metavar="FILE.zip", type=_out, help="where it goes (default: into dist/)")
    _add_change(kinds.add_parser("review", parents=[shop], help="say that a version is under review"), True)
    _add_change(
        kinds.add_parser("confirm", parents=[shop], help="say that it was reviewed, and holds"), False
    )


def _add_catalogue(one: argparse.ArgumentParser) -> None:
    one.add_argument("--out", metavar="DIR", help="where the site goes (default: public/)")
    one.add_argument(
        "--editions", action="store_true", help="lead to where `serve --editions` makes clinics' editions"
    )


def _add_change(one: argparse.ArgumentParser, needs_reason: bool) -> None:
    one.add_argument("id", metavar="ID", help="which booklet")
    one.add_argument("version", metavar="VERSION", help="which version")
    one.add_argument(
        "--language", metavar="LANG", action="append", default=[], help="only in this language (default: all)"
    )
    one.add_argument("--reason", metavar="TEXT", type=_told, required=needs_reason, help="why")


def _add_serve(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--port", type=_port, default=8000, help="where it is shown (default: 8000; 0 takes any that is free)"
    )
    one.add_argument(
        "--public", metavar="DIR", help="what is shown (default: public/ in the publisher's folder)"
    )
    one.add_argument("--root", metavar="DIR", help="the publisher's folder (default: this project)")
    one.add_argument(
        "--editions",
        action="store_true",
        help="at /editions/ clinics type their details, and get a released booklet with them",
    )
    one.add_argument(
        "--today", metavar="DATE", type=_day, default=None, help="check dates as if today were DATE"
    )


def _add_print(one: argparse.ArgumentParser) -> None:
    one.add_argument("ids", nargs="+", metavar="ID", help="which booklets")
    one.add_argument(
        "--for",
        dest="place",
        metavar="PLACE",
        required=True,
        help="desk: A4 sheets for a clinic's printer, to fold and staple; or a print shop's profile in "
        "layouts/print/, for example coated-single",
    )
    one.add_argument("--layout", metavar="NAME", help="which layout (default: the booklet's first)")
    one.add_argument("--size", metavar="POINTS", type=_size, help=SIZE_HELP)
    one.add_argument("--ink", choices=["low"], help="without colour, for little ink")
    one.add_argument("--language", metavar="LANG", help="only this language, for example cy")
    one.add_argument("--clinic", metavar="ID", help="with this clinic's details")
    desk = one.add_argument_group("for the desk")
    desk.add_argument(
        "--paper",
        metavar="GRAMS",
        type=_paper,
        help="the paper's weight, a square metre: thick sheets push the inner ones outwards (default: 80)",
    )
    desk.add_argument(
        "--signatures", action="store_true", help="in groups of a few sheets, each folded by itself"
    )
    desk.add_argument("--marks", action="store_true", help="with marks to fold by, and each sheet's number")
    desk.add_argument("--instructions", action="store_true", help="with a page that says how to print them")


def _add_changed(one: argparse.ArgumentParser) -> None:
    one.add_argument("id", metavar="ID", help="which booklet")
    one.add_argument(
        "--since",
        metavar="VERSION|DIR",
        required=True,
        help="since which version: one in releases/, or a publisher's folder that has it",
    )
    one.add_argument("--language", metavar="LANG", help="in which language, for example cy")
    one.add_argument("--layout", metavar="NAME", help="in which layout (default: the booklet's first)")
    one.add_argument("--bars", action="store_true", help="also a proof with bars beside all that has changed")


def _paper(text: str) -> int:
    if text.isascii() and text.isdigit() and LIGHTEST <= int(text[:4]) <= HEAVIEST:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{text}' is no paper's weight; write 80, for 80 grams a square metre")


#: A notice has room for so many letters.
LONGEST_REASON = 400


def _told(text: str) -> str:
    if any(letter.isalpha() for letter in text) and len(text) <= LONGEST_REASON and text.isprintable():
        return text
    raise argparse.ArgumentTypeError(f"write it in words, in one line of at most {LONGEST_REASON} letters")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no date; write 2026-11-23") from None


def _head(text: str) -> str:
    digits = text.casefold().rstrip("….")
    if re.fullmatch(r"[0-9a-f]{8,64}", digits):
        return digits
    raise argparse.ArgumentTypeError(f"'{text}' is no SHA-256; write at least its first 8 digits")


def _out(text: str) -> str:
    if fresh.is_address(text):
        raise argparse.ArgumentTypeError("that is an address; only build --cluster writes to one")
    return text


def _release(text: str) -> "str | Address":
    """A folder's name, or an address; what is wrong with it may hold a password, so it is not repeated."""
    from .store import address_of

    try:
        return address_of(text) if fresh.is_address(text) else text
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _size(text: str) -> int:
    if text.isascii() and text.isdigit() and text.lstrip("0") == text:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{text}' is no size; write whole points, for example 18")


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text[:6]) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{text}' is no port; write 8000, or 0 for any that is free")


def _cluster(text: str) -> str:
    if text == "local" or re.fullmatch(r"(tcp|tls)://[^/\s]+:\d{1,5}", text):
        return text
    raise argparse.ArgumentTypeError(
        f"'{text}' is no cluster; write tcp://host:8786, tls://host:8786 or local"
    )


def build(asked: argparse.Namespace, out: TextIO) -> int:
    """Build and check the editions that were asked for."""
    if not asked.cluster:
        _start_workers()
    from . import report
    from .build import Memory, Request, jobs_of
    from .source import Source

    started = time.time_ns()
    source = Source(asked.root)
    clinics = source.clinics if asked.all_clinics else tuple(dict.fromkeys(asked.clinic or ()))
    unknown = _not_released(asked, source) if asked.released else _unknown(asked.ids, source)
    wrong = [*unknown, *_no_clinics(clinics, source), *_needs_cluster(asked)]
    if wrong:
        return _refuse(wrong, asked, out)
    request = Request(
        _roots(asked.root),
        _folder(asked),
        tuple(asked.ids),
        asked.layout or "",
        asked.language or "",
        _today(asked),
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
        return _refuse([_nothing_to_do(asked)], asked, out)
    console = _console(out)
    made, gone = _made(jobs, memory, None if asked.json else console)
    if not asked.released:
        memory.keep_answer(made)
    if asked.json:
        out.write(report.as_data(made, request.address or _shown(request.out), gone))
    else:
        _show(made, request, console)
        report.show_gone(gone, request.address or _shown(request.out), console)
    return _status(made)


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


def print_for(asked: argparse.Namespace, out: TextIO) -> int:
    """Make the editions that were asked for, and the files for a printer."""
    _start_workers()
    from . import report
    from .build import Memory, Request, jobs_to_print
    from .printing import prints_of
    from .source import Source

    started = time.time_ns()
    source = Source(asked.root)
    wrong = [*_unknown(asked.ids, source), *_no_clinics([asked.clinic] if asked.clinic else [], source)]
    printer, faults, black = _printer(asked)
    if wrong or printer is None:
        return _refuse(wrong or faults, asked, out)
    grey = bool(asked.ink) or black
    size = asked.size or 0
    clinics = (asked.clinic,) if asked.clinic else ()
    chosen = tuple(asked.ids), asked.layout or "", asked.language or "", _today(asked), size, grey, clinics
    request = Request(_roots(asked.root), _folder(asked), *chosen)
    _make_ready(request.out)
    jobs = jobs_to_print(request, source)
    if not jobs:
        return _refuse([_nothing_to_do(asked)], asked, out)
    console = _console(out)
    made, gone = _made(jobs, Memory(request, source, started), None if asked.json else console)
    place = asked.place if asked.place == DESK else f"press-{asked.place}"
    prints = [prints_of(one, place, printer) for one in made]
    if asked.json:
        out.write(report.prints_as_data(prints, _shown(request.out), gone))
    else:
        report.show_problems((p for one in prints for p in one.problems), request.roots, console)
        files = [file for one in prints for file in one.files]
        out.writelines(f"{says}: {_shown(request.out / file)}\n" for file, says in files)
        report.show_gone(gone, _shown(request.out), console)
    if not all(one.readable for one in made):
        return UNREADABLE
    return PASSED if all(one.files for one in prints) else FAILED


def changed(asked: argparse.Namespace, out: TextIO) -> int:
    """Tell what has changed in a booklet since an earlier version, and write it down."""
    from . import report
    from .bars import write_proof
    from .changes import changes_since, write_changes
    from .layout import layout_for, layouts_of
    from .source import Source
    from .translation import missing_language

    source = Source(asked.root)
    language = "" if asked.language == source.outline(asked.id).language else asked.language or ""
    unknown = _unknown([asked.id], source) or missing_language(source, asked.id, language)
    if unknown:
        return _refuse(unknown if isinstance(unknown, list) else [unknown], asked, out)
    found = changes_since(source, asked.id, language, asked.since)
    roots = _roots(asked.root)
    name = asked.layout or layouts_of(source.outline(asked.id, language), roots)[0]
    layout = layout_for(found.value.now if found.value else None, name, roots)
    words = layout.value.words(found.value.language) if layout.value and found.value else None
    if found.value is None or layout.value is None or words is None or words.value is None:
        faults = found.problems or layout.problems or (words.problems if words else ())
        return _refuse(faults, asked, out)
    files = write_changes(found.value, layout.value, words.value, _folder(asked))
    if asked.bars:
        proof = write_proof(found.value, layout.value, words.value, _folder(asked))
        if proof.value is None:
            return _refuse(proof.problems, asked, out)
        files += proof.value
    faults = proof.problems if asked.bars else ()
    if asked.json:
        told = {"files": [str(_shown(path)) for path in files], "problems": [one.as_data() for one in faults]}
        out.write(report.as_json(found.value.as_data() | told))
        return PASSED
    report.show_problems(faults, roots, _console(out))
    report.show_changes(found.value, _console(out))
    out.write("\n")
    out.writelines(f"wrote {_shown(path)}\n" for path in files)
    return PASSED


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
    shop = load_shop(asked.place, _roots(asked.root))
    if shop.value is None:
        return None, shop.problems, False
    for name in ("paper", "signatures", "marks", "instructions"):
        if getattr(asked, name):
            message = f"--{name} is for the desk; a print shop's profile says what it needs."
            fault = Problem("wrong-value", message, hint=f"look at layouts/print/{asked.place}.yaml")
            return None, [fault], False
    return partial(print_in_shop, shop=shop.value), (), shop.value.profile.colours == "black"


def _review(folders: "Iterable[PurePosixPath]", memory: "Memory") -> None:
    """Write the report.html of versions."""
    from . import review

    review.keep(folders, memory.request.out, memory.request.roots, memory.store)


def _show(made: "Sequence[Made]", request: "Request", console: "Console") -> None:
    """Print the problems and the table; advice is for the editor's quiet hour: the reports hold it."""
    from . import report
    from .problem import Severity

    grave = (p for one in made for p in one.problems if p.severity is not Severity.ADVICE)
    report.show_problems(grave, request.roots, console)
    report.show_table(made, request.address or _shown(request.out), console)


def _make_ready(folder: Path) -> None:
    """Make a folder that can be written to, or say so before the work is done."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, "Nothing can be written there", str(folder))


#: So often, in seconds, what was made is written down, so that whatever ends the program costs no more;
#: but only in so small a part of the time, since the list of what was made grows.
KEEP_EVERY = 10.0
KEEPING = 0.05


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
    with _progress(console, len(waiting)) as advance:
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


#: What makes editions. Workers load it while this process reads what is asked of them.
WORK = "booklet.make"


def _start_workers(work: str = WORK) -> None:
    from .batch import start

    start(work)


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


@contextmanager
def _progress(console: "Console | None", total: int) -> Iterator[Callable[[str], None]]:
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


def check(asked: argparse.Namespace, out: TextIO) -> int:
    """Check finished PDFs against the source."""
    from . import report, review

    wrong = list(_not_to_be_checked(asked))
    if wrong:
        return _refuse(wrong, asked, out)
    folder = Path(asked.report).resolve() if asked.report else None
    if folder:
        _make_ready(folder)
    console, roots = _console(out), _roots(asked.root)
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
            out.write(f"\nThe report is {_shown(folder / 'report.html')}\n")
        elif problems:
            out.write("\nhint: --report DIR writes a report that shows the findings on their pages\n")
    if any(one.sourced is None for one in judged):
        return UNREADABLE
    return FAILED if any(problem.severity == "error" for problem in problems) else PASSED


def _judge_all(asked: argparse.Namespace, console: "Console | None") -> "list[Judged]":
    """What is found out about the PDFs; progress goes to the console, if there is one."""
    from .batch import AHEAD, Workers, run_all
    from .judge import Judged, Question, judge_file
    from .problem import Problem

    paths = dict.fromkeys(path for word in asked.what for path in _pdfs(word, _folder(asked)))
    questions = [Question(path, _roots(asked.root), _today(asked), asked.booklet or "") for path in paths]

    def failed(question: Question, why: str, hint: str) -> Judged:
        message = f"The PDF could not be checked: {why}"
        return Judged(question, (Problem("pdf-unreadable", message, hint=hint, pdf=question.path.name),))

    judged: dict[Question, Judged] = {}
    workers = Workers("booklet.judge")
    with _progress(console, len(questions)) as advance:
        for one in run_all(judge_file, questions, failed, workers, AHEAD * workers.count):
            judged[one.question] = one
            advance(one.question.path.name)
    return [judged[question] for question in questions]


def schema(asked: argparse.Namespace, out: TextIO) -> int:
    """Print the JSON Schema of booklet.yaml, house.yaml or a clinic's file."""
    from .blocks import Written
    from .model import Booklet, Clinic, House
    from .report import as_json

    kinds: dict[str, type[Written]] = {"booklet": Booklet, "house": House, "clinic": Clinic}
    kind = kinds[asked.what]
    out.write(
        as_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **kind.model_json_schema()})
    )
    return PASSED


def new(asked: argparse.Namespace, out: TextIO) -> int:
    """Begin a new booklet, and a publisher's folder where there is none."""
    from .source import ID
    from .starter import write_starter

    if asked.id in fresh.COMMANDS:
        sys.stderr.write(f"'{asked.id}' is the name of a command; a booklet needs another.\n")
        return UNREADABLE
    if not ID.fullmatch(asked.id):
        sys.stderr.write(
            f"'{asked.id}' is no id: use small letters, digits and hyphens, and begin with a letter.\n"
        )
        return UNREADABLE
    if (asked.root / "source" / "booklets" / asked.id).exists():
        sys.stderr.write(f"There is a booklet '{asked.id}' already.\n")
        return UNREADABLE
    out.writelines(f"wrote {_shown(path)}\n" for path in write_starter(asked.root, asked.id, _today(asked)))
    out.write(f"Write your text into it, then: {PROGRAM} {asked.id}\n")
    return PASSED


def translation(asked: argparse.Namespace, out: TextIO) -> int:
    """Begin a translation, tell what its master has changed, or exchange it with translators' tools."""
    from .source import Source

    source = Source(asked.root)
    named = asked.ids if asked.kind == "status" else [asked.id]
    unknown = _unknown(named, source) if named or not source.ids else []
    if unknown:
        return _refuse(unknown, asked, out)
    masters = [source.booklet(name) for name in named or source.ids if len(source.translations(name)) > 1]
    masters += [source.booklet(asked.id)] if asked.kind == "new" else []
    faulty = [problem for master in masters if master.value is None for problem in master.problems]
    if faulty:
        return _refuse(faulty, asked, out)
    kinds = {
        "new": _begin_translation,
        "status": _tell_translations,
        "export": _export_translation,
        "import": _import_translation,
    }
    return kinds[asked.kind](asked, source, out)


def _begin_translation(asked: argparse.Namespace, source: "Source", out: TextIO) -> int:
    from .source import LANGUAGE_FILE
    from .translation import begin

    if not LANGUAGE_FILE.fullmatch(f"booklet.{asked.language}.yaml"):
        sys.stderr.write(f"'{asked.language}' is no language's tag; write cy, or zh-Hant.\n")
        return UNREADABLE
    if asked.language in source.translations(asked.id):
        sys.stderr.write(f"'{asked.id}' has a translation into '{asked.language}' already.\n")
        return UNREADABLE
    if asked.language == source.outline(asked.id).language:
        sys.stderr.write(f"'{asked.id}' is in '{asked.language}' itself.\n")
        return UNREADABLE
    unprintable = _not_printable(asked)
    if unprintable:
        return _refuse(unprintable, asked, out)
    out.writelines(
        f"wrote {_shown(path)}\n" for path in begin(source, asked.id, asked.language, _today(asked))
    )
    out.write(f"Translate the texts in them, then: {PROGRAM} {asked.id} --language {asked.language}\n")
    return PASSED


def _not_printable(asked: argparse.Namespace) -> "tuple[Problem, ...]":
    """What the layouts lack for a language: a family that has its letters, or the fixed words."""
    from .layout import load_layout

    layout = load_layout("base", _roots(asked.root), language=asked.language)
    return layout.problems if layout.value is None else layout.value.words(asked.language).problems


def _tell_translations(asked: argparse.Namespace, source: "Source", out: TextIO) -> int:
    from .report import as_json, show_translations
    from .translation import state

    states = [
        state(source, booklet, language)
        for booklet in asked.ids or source.ids
        for language in source.translations(booklet)
        if language and asked.language in (None, language)
    ]
    if asked.json:
        out.write(as_json({"translations": [one.as_data() for one in states]}))
    else:
        show_translations(states, _console(out))
    return FAILED if any(one.is_stale or one.untranslated for one in states) else PASSED


def _export_translation(asked: argparse.Namespace, source: "Source", out: TextIO) -> int:
    from .exchange import FORMATS, to_file
    from .store import write_whole
    from .translation import keep, missing_language, state

    missing = missing_language(source, asked.id, asked.language)
    if missing:
        return _refuse([missing], asked, out)
    kept, found = keep(source, asked.id), state(source, asked.id, asked.language)
    data = to_file(found, asked.format, source.outline(asked.id).language, changed=asked.changed)
    name = f"{asked.id}-{found.master}-{asked.language}{FORMATS[asked.format]}"
    path = _folder(asked) / asked.id / found.master / name
    write_whole(path, data)
    out.writelines(f"wrote {_shown(one)}\n" for one in (kept, path) if one)
    return PASSED


def _import_translation(asked: argparse.Namespace, source: "Source", out: TextIO) -> int:
    from .exchange import from_file
    from .source import Source
    from .translation import missing_language, settle, state, take_in

    missing = missing_language(source, asked.id, asked.language)
    if missing:
        return _refuse([missing], asked, out)
    read = from_file(Path(asked.file), asked.language)
    if read.value is None:
        return _refuse(read.problems, asked, out)
    before = state(source, asked.id, asked.language)
    taken = take_in(source, asked.id, asked.language, read.value)
    if taken.value is None:
        return _refuse(taken.problems, asked, out)
    open_ = [one for one in before.changed if one.master and one.id not in read.value]
    settled = None if open_ or taken.problems else settle(source, asked.id, asked.language)
    changed = dict.fromkeys((*taken.value, *((settled,) if settled else ())))
    out.writelines(f"wrote {_shown(path)}\n" for path in changed)
    left = state(Source(asked.root), asked.id, asked.language).untranslated
    out.write(f"{len(read.value)} paragraphs taken in, {left} not translated yet.\n")
    return _refuse(taken.problems, asked, out) if taken.problems else PASSED


def release(asked: argparse.Namespace, out: TextIO) -> int:
    """Release a version of a booklet."""
    _start_workers("booklet.release")
    from . import report
    from .release import Wanted, release
    from .shelf import left_behind
    from .source import Source

    source = Source(asked.root)
    unknown = _unknown([asked.id], source)
    if unknown:
        return _refuse(unknown, asked, out)
    master = source.booklet(asked.id)
    if asked.version is None and master.value is None:
        return _refuse(master.problems, asked, out)
    version = asked.version or (master.value.booklet.version if master.value else "")
    seal = _seal(asked)
    if seal.value is None and (asked.sign or seal.problems):
        return _refuse(seal.problems, asked, out)
    shop, shown = _shop(asked)
    done = release(Wanted(_roots(asked.root), asked.id, version, _today(asked)), shop, seal.value)
    if done.value:
        done = replace(done, problems=done.problems + left_behind(shop, asked.id))
    if asked.json:
        out.write(report.release_as_data(done))
    else:
        report.show_problems(_grave(done.problems), _roots(asked.root), _console(out))
        report.show_release(done.value, shown, _console(out))
    return PASSED if done.value else FAILED


def _seal(asked: argparse.Namespace) -> "Outcome[Seal]":
    """What signs the editions of a release; without a value where they are not to be signed."""
    from .problem import Outcome, Problem

    if not asked.sign:
        message = "--sign-password-file is for the key of --sign."
        wrong = Problem("wrong-value", message, hint="add --sign KEY.p12")
        return Outcome(None, (wrong,) if asked.sign_password_file else ())
    from .sign import seal_of

    password = Path(asked.sign_password_file) if asked.sign_password_file else None
    return seal_of(Path(asked.sign), password, _today(asked))


def releases(asked: argparse.Namespace, out: TextIO) -> int:
    """List or verify what was released, or say what has become of it."""
    if asked.kind in ("review", "confirm"):
        return change_state(asked, out)
    if asked.kind == "export":
        return _export(asked, out)
    from . import report
    from .states import verify

    shop, shown = _shop(asked)
    if asked.kind == "verify":
        verified = verify(shop, asked.head or "")
        if asked.json:
            out.write(report.verified_as_data(verified))
        else:
            report.show_problems(verified.problems, (), _console(out))
            report.show_verified(verified, shown, _console(out))
        return FAILED if any(problem.severity == "error" for problem in verified.problems) else PASSED
    from .register import read_register

    register = read_register(shop)
    if register.value is None:
        return _refuse(register.problems, asked, out)
    if asked.json:
        out.write(report.register_as_data(register.value))
    else:
        report.show_register(register.value, _console(out))
    return PASSED


def _export(asked: argparse.Namespace, out: TextIO) -> int:
    """Write a zip of what is current, or has changed."""
    from .parcel import changed, current
    from .report import as_json
    from .shelf import DamagedError, read_shelf
    from .store import write_whole_by

    shelf = read_shelf(_shop(asked)[0])
    if shelf.value is None:
        return _refuse(shelf.problems, asked, out)
    name = "current.zip" if asked.current else f"changed-since-{asked.since}.zip"
    path = Path(asked.out).resolve() if asked.out else asked.root / "dist" / name
    try:
        parcel = current(shelf.value) if asked.current else changed(shelf.value, asked.since)
        if parcel:
            write_whole_by(path, parcel.write)
    except DamagedError as error:
        return _refuse([error.problem], asked, out)
    if asked.json:
        files = [one.name for one in parcel.files] if parcel else []
        out.write(as_json({"zip": str(_shown(path)) if parcel else None, "files": files}))
    elif parcel:
        out.write(f"wrote {_shown(path)}; PDFs in it: {len(parcel.files)}\n")
    else:
        out.write(f"Nothing has changed since {asked.since}.\n")
    return PASSED


def bag(asked: argparse.Namespace, out: TextIO) -> int:
    """Pack the job bag of a released version."""
    from . import report
    from .bag import bag
    from .papers import FIRST
    from .shelf import read_shelf
    from .store import write_whole

    shelf = read_shelf(_shop(asked)[0])
    if shelf.value is None:
        return _refuse(shelf.problems, asked, out)
    packed = bag(shelf.value, _roots(asked.root), asked.id, asked.version)
    if packed.value is None:
        return _refuse(packed.problems, asked, out)
    path = _folder(asked) / packed.value.name
    write_whole(path, packed.value.packed)
    if asked.json:
        out.write(report.as_json({"file": str(_shown(path)), "files": sorted(packed.value.files)}))
    else:
        out.write(f"wrote {_shown(path)}: open {FIRST} in it\n")
    return PASSED


def change_state(asked: argparse.Namespace, out: TextIO) -> int:
    """Withdraw a released version, or say that it is under review, or current again."""
    from . import report
    from .register import State
    from .shelf import left_behind
    from .states import Change, change

    states = {"withdraw": State.WITHDRAWN, "review": State.REVIEW, "confirm": State.CURRENT}
    shop, shown = _shop(asked)
    said = asked.id, asked.version, states[asked.kind], _today(asked), tuple(asked.language)
    stock = asked.stock if asked.kind == "withdraw" else None
    done = change(Change(*said, asked.reason or "", stock or ""), shop, _roots(asked.root))
    if done.value is None:
        return _refuse(done.problems, asked, out)
    if asked.json:
        out.write(report.register_as_data(done.value.register))
    else:
        report.show_register(done.value.register, _console(out), asked.id)
        if done.value.notice:
            out.write(f"\nThe notice for all who hand it out: {shown / done.value.notice}\n")
        report.show_problems(left_behind(shop, asked.id), _roots(asked.root), _console(out))
    return PASSED


def _shop(asked: argparse.Namespace) -> "tuple[Store, Path | Address]":
    """Where releases are kept, and what that is called."""
    from .register import SHOP
    from .store import Address, Folder

    if isinstance(asked.shop, Address) and asked.shop.scheme == "s3":
        from .bucket import opened

        return opened(asked.shop), asked.shop
    if isinstance(asked.shop, Address):
        return Folder(Path(asked.shop.place), asked.shop), asked.shop
    folder = Path(asked.shop).resolve() if asked.shop else asked.root / SHOP
    return Folder(folder), _shown(folder)


def _grave(problems: "Iterable[Problem]") -> "Iterator[Problem]":
    """What is more than advice."""
    from .problem import Severity

    return (problem for problem in problems if problem.severity is not Severity.ADVICE)


def catalogue(asked: argparse.Namespace, out: TextIO) -> int:
    """Write the site of all that was released."""
    _start_workers("booklet.shown")
    from . import report
    from .catalogue import Wanted, catalogue
    from .shelf import read_shelf
    from .source import Source

    shop, _ = _shop(asked)
    shelf, house = read_shelf(shop), Source(asked.root).house
    if shelf.value is None or house.value is None:
        return _refuse(shelf.problems + house.problems, asked, out)
    folder = (Path(asked.out) if asked.out else asked.root / "public").resolve()
    wanted = Wanted(shelf.value, house.value, _roots(asked.root), folder, _today(asked), asked.editions)
    done = catalogue(wanted)
    if done.value is None:
        return _refuse(done.problems, asked, out)
    if asked.json:
        out.write(report.as_json(done.value.as_data() | {"folder": str(_shown(folder))}))
    else:
        out.write(f"{done.value}, in {_shown(folder)}. To look at it: {_serving(asked, folder)}\n")
    return PASSED


def _serving(asked: argparse.Namespace, folder: Path) -> str:
    """The command that shows a site which was written as this was asked for."""
    places = {"--root": asked.root} if asked.root != Path(fresh.default_root()).resolve() else {}
    places |= {"--public": folder} if asked.out else {}
    words = [word for option, place in places.items() for word in (option, str(_shown(place)))]
    return shlex.join([PROGRAM, "serve", *words, *(["--editions"] if asked.editions else [])])


def serve(asked: argparse.Namespace, out: TextIO) -> int:
    """Show public/ on this machine until Ctrl-C."""
    folder = Path(asked.public).absolute() if asked.public else asked.root / "public"
    if not folder.is_dir():
        sys.stderr.write(f"There is no folder {_shown(folder)} to show.\nhint: {PROGRAM} catalogue\n")
        return UNREADABLE
    from .problem import UnreadableError
    from .serve import HOST, listening, run

    try:
        listener = listening(asked.port)
    except OSError as error:
        why = f"Port {asked.port} cannot be used: {error.strerror}."
        sys.stderr.write(f"{why}\nhint: --port 0 takes any that is free\n")
        return UNREADABLE
    port = listener.getsockname()[1]
    out.write(f"{_shown(folder)} is shown at http://{HOST}:{port}/ until Ctrl-C.\n")
    out.flush()
    if not asked.editions:
        run(folder, listener)
        return PASSED
    from .editions import pages

    try:
        with pages(_roots(asked.root), lambda: _today(asked)) as routes:
            run(folder, listener, routes)
    except UnreadableError as error:
        sys.stderr.write(f"{error}\nhint: {PROGRAM} releases verify\n")
        return UNREADABLE
    return PASSED


def test(_asked: argparse.Namespace, _out: TextIO) -> int:
    """Say where the tests are run: the door hands them to pytest before it comes to this."""
    sys.stderr.write("The tests belong to the project's folder: python3 make_booklet.py test\n")
    return UNREADABLE


def _refuse(problems: "Sequence[Problem]", asked: argparse.Namespace, out: TextIO) -> int:
    """Say why nothing of what was asked for can be done."""
    if asked.json:
        from . import report

        out.write(report.as_json({"problems": [problem.as_data() for problem in problems]}))
    for problem in problems:
        place = f"{problem.where}: " if problem.where.line else ""
        sys.stderr.write(f"{place}{problem.message}\n" + (f"hint: {problem.hint}\n" if problem.hint else ""))
    return UNREADABLE


def _nothing_to_do(asked: argparse.Namespace) -> "Problem":
    """Why no edition is what was asked for."""
    from .problem import Problem

    if asked.size:
        message = f"No layout of these booklets has sizes of type, so none can have {asked.size} points."
        return Problem("wrong-size", message, hint="add --layout large-print")
    return Problem("unknown-language", f"No booklet has the language '{asked.language}'.")


def _needs_cluster(asked: argparse.Namespace) -> "list[Problem]":
    """What is wrong with an address where no workers are named that write to it."""
    from .problem import Problem
    from .store import Address

    if not isinstance(asked.out, Address) or asked.cluster:
        return []
    message = f"{asked.out} is an address, and only the workers of a cluster write to one."
    return [Problem("wrong-value", message, hint="add --cluster local, or --cluster tcp://scheduler:8786")]


def _unknown(ids: list[str], source: "Source") -> "list[Problem]":
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


def _why_unreadable(folder: Path) -> str:
    try:
        list(folder.iterdir())
    except OSError as error:
        return f": {error.strerror}"
    return ""


def _not_to_be_checked(asked: argparse.Namespace) -> "Iterator[Problem]":
    """What is wrong with the words that say what is to be checked."""
    from .impose import is_print_file
    from .problem import Problem
    from .source import Source

    if asked.booklet is not None:
        yield from _unknown([asked.booklet], Source(asked.root))
    for word in asked.what:
        if is_print_file(Path(word).name):
            hint = "check the edition, whose name ends with its layout"
            message = f"'{word}' is no edition: it is for a printer, and was checked when it was made, "
            message += "or shows what has changed."
            yield Problem("wrong-value", message, hint=hint)
        elif _pdfs(word, _folder(asked)):
            if asked.booklet and not _is_pdf(word):
                hint = f"check FILE.pdf --booklet {asked.booklet}"
                message = f"--booklet says which booklet a PDF file should be, and '{word}' is no PDF file."
                yield Problem("wrong-value", message, hint=hint)
        elif os.path.lexists(word):
            yield Problem("unknown-booklet", f"'{word}' is there, but it is no file.")
        else:
            message = f"There is no file '{word}', and no edition of a booklet '{word}' in {_folder(asked)}."
            yield Problem("unknown-booklet", message)


def _is_pdf(word: str) -> bool:
    return word.lower().endswith(".pdf")


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


def _roots(root: Path) -> tuple[Path, ...]:
    """The publisher's folder, then the project's, which has what the publisher's lacks."""
    return tuple(dict.fromkeys((root, Path(fresh.project()).resolve())))


def _folder(asked: argparse.Namespace) -> Path:
    """The folder of editions; for an address that of their reports, and of what is remembered of them."""
    from .store import Address

    dist: Path = asked.root / "dist"
    if isinstance(asked.out, Address):
        return dist / ".sent" / asked.out.folder
    return Path(asked.out).resolve() if asked.out else dist


def _opened(address: "Address | None") -> "Store | None":
    """What is kept at an address."""
    if address is None:
        return None
    from .bucket import opened

    return opened(address)


def _today(asked: argparse.Namespace) -> date:
    return asked.today or date.today()  # noqa: TID251 - here the clock is read


def _shown(path: Path) -> Path:
    """The path as a person would type it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _console(out: TextIO) -> "Console":
    from rich.console import Console

    # What is piped into a file must not be cut to a terminal's width.
    return Console(file=out, highlight=False, width=None if out.isatty() else 300)


def _status(made: "Sequence[Made]") -> int:
    if not all(one.readable for one in made):
        return UNREADABLE
    return PASSED if all(one.passed for one in made) else FAILED


if __name__ == "__main__":
    sys.exit(main())
