"""How are versions released and withdrawn, and what was released handed out and shown?"""

import argparse
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from . import fresh
from .console import (
    FAILED,
    PASSED,
    UNREADABLE,
    as_typed,
    console_on,
    grave,
    refuse,
    refuse_port,
    unknown_booklets,
)
from .options import PROGRAM, folder_of, roots_of, today_of

if TYPE_CHECKING:
    from .problem import Outcome
    from .released import Seal
    from .store import Address, Store


def release(asked: argparse.Namespace, out: TextIO) -> int:
    """Release a version of a booklet."""
    from .batch import start

    start("booklet.release")
    from . import report
    from .release import Wanted, release
    from .shelf import left_behind
    from .source import Source

    source = Source(asked.root)
    unknown = unknown_booklets([asked.id], source)
    if unknown:
        return refuse(unknown, asked, out)
    master = source.booklet(asked.id)
    if asked.version is None and master.value is None:
        return refuse(master.problems, asked, out)
    version = asked.version or (master.value.booklet.version if master.value else "")
    seal = _seal(asked)
    if seal.value is None and (asked.sign or seal.problems):
        return refuse(seal.problems, asked, out)
    shop, shown = _shop(asked)
    done = release(Wanted(roots_of(asked), asked.id, version, today_of(asked)), shop, seal.value)
    if done.value:
        done = replace(done, problems=done.problems + left_behind(shop, asked.id))
    if asked.json:
        out.write(report.release_as_data(done))
    else:
        report.show_problems(grave(done.problems), roots_of(asked), console_on(out))
        report.show_release(done.value, shown, console_on(out))
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
    return seal_of(Path(asked.sign), password, today_of(asked))


def change_state(asked: argparse.Namespace, out: TextIO) -> int:
    """Withdraw a released version, or say that it is under review, or current again."""
    from . import report
    from .register import State
    from .shelf import left_behind
    from .states import Change, change

    states = {"withdraw": State.WITHDRAWN, "review": State.REVIEW, "confirm": State.CURRENT}
    shop, shown = _shop(asked)
    said = asked.id, asked.version, states[asked.kind], today_of(asked), tuple(asked.language)
    stock = asked.stock if asked.kind == "withdraw" else None
    done = change(Change(*said, asked.reason or "", stock or ""), shop, roots_of(asked))
    if done.value is None:
        return refuse(done.problems, asked, out)
    if asked.json:
        out.write(report.register_as_data(done.value.register))
    else:
        report.show_register(done.value.register, console_on(out), asked.id)
        if done.value.notice:
            out.write(f"\nThe notice for all who hand it out: {shown / done.value.notice}\n")
        report.show_problems(left_behind(shop, asked.id), roots_of(asked), console_on(out))
    return PASSED


def releases(asked: argparse.Namespace, out: TextIO) -> int:
    """List, verify or export what was released, or say what has become of it."""
    kinds = {
        "list": _list,
        "verify": _verify,
        "export": _export,
        "review": change_state,
        "confirm": change_state,
    }
    return kinds[asked.kind](asked, out)


def _list(asked: argparse.Namespace, out: TextIO) -> int:
    from . import report
    from .register import read_register

    register = read_register(_shop(asked)[0])
    if register.value is None:
        return refuse(register.problems, asked, out)
    if asked.json:
        out.write(report.register_as_data(register.value))
    else:
        report.show_register(register.value, console_on(out))
    return PASSED


def _verify(asked: argparse.Namespace, out: TextIO) -> int:
    from . import report
    from .states import verify

    shop, shown = _shop(asked)
    verified = verify(shop, asked.head or "")
    if asked.json:
        out.write(report.verified_as_data(verified))
    else:
        report.show_problems(verified.problems, (), console_on(out))
        report.show_verified(verified, shown, console_on(out))
    return FAILED if any(problem.severity == "error" for problem in verified.problems) else PASSED


def _export(asked: argparse.Namespace, out: TextIO) -> int:
    """Write a zip of what is current, or has changed."""
    from .parcel import changed, current
    from .report import as_json
    from .shelf import DamagedError, read_shelf
    from .states import nothing_released
    from .store import write_whole_by

    shelf = read_shelf(_shop(asked)[0])
    if shelf.value is None:
        return refuse(shelf.problems, asked, out)
    if not shelf.value.held:
        return refuse([nothing_released()], asked, out)
    name = "current.zip" if asked.current else f"changed-since-{asked.since}.zip"
    path = Path(asked.out).resolve() if asked.out else asked.root / "dist" / name
    try:
        parcel = current(shelf.value) if asked.current else changed(shelf.value, asked.since)
        if parcel:
            write_whole_by(path, parcel.write)
    except DamagedError as error:
        return refuse([error.problem], asked, out)
    if asked.json:
        files = [one.name for one in parcel.files] if parcel else []
        out.write(as_json({"zip": str(as_typed(path)) if parcel else None, "files": files}))
    elif parcel:
        out.write(f"wrote {as_typed(path)}; PDFs in it: {len(parcel.files)}\n")
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
        return refuse(shelf.problems, asked, out)
    packed = bag(shelf.value, roots_of(asked), asked.id, asked.version)
    if packed.value is None:
        return refuse(packed.problems, asked, out)
    path = folder_of(asked) / packed.value.name
    write_whole(path, packed.value.packed)
    if asked.json:
        out.write(report.as_json({"file": str(as_typed(path)), "files": sorted(packed.value.files)}))
    else:
        out.write(f"wrote {as_typed(path)}: open {FIRST} in it\n")
    return PASSED


def catalogue(asked: argparse.Namespace, out: TextIO) -> int:
    """Write the site of all that was released."""
    from .batch import start

    start("booklet.shown")
    from . import report
    from .catalogue import Wanted, catalogue
    from .shelf import read_shelf
    from .source import Source

    shop, _ = _shop(asked)
    shelf, house = read_shelf(shop), Source(asked.root).house
    if shelf.value is None or house.value is None:
        return refuse(shelf.problems + house.problems, asked, out)
    folder = (Path(asked.out) if asked.out else asked.root / "public").resolve()
    wanted = Wanted(shelf.value, house.value, roots_of(asked), folder, today_of(asked), asked.editions)
    done = catalogue(wanted)
    if done.value is None:
        return refuse(done.problems, asked, out)
    if asked.json:
        out.write(report.as_json(done.value.as_data() | {"folder": str(as_typed(folder))}))
    else:
        out.write(f"{done.value}, in {as_typed(folder)}. To look at it: {_serving(asked, folder)}\n")
    return PASSED


def _serving(asked: argparse.Namespace, folder: Path) -> str:
    """The command that shows a site which was written as this was asked for."""
    places = {"--root": asked.root} if asked.root != Path(fresh.default_root()).resolve() else {}
    places |= {"--public": folder} if asked.out else {}
    words = [word for option, place in places.items() for word in (option, str(as_typed(place)))]
    return shlex.join([PROGRAM, "serve", *words, *(["--editions"] if asked.editions else [])])


def serve(asked: argparse.Namespace, out: TextIO) -> int:
    """Show public/ on this machine until Ctrl-C."""
    folder = Path(asked.public).absolute() if asked.public else asked.root / "public"
    if not folder.is_dir():
        sys.stderr.write(f"There is no folder {as_typed(folder)} to show.\nhint: {PROGRAM} catalogue\n")
        return UNREADABLE
    from .problem import UnreadableError
    from .serve import address_of, listening, run

    try:
        listener = listening(asked.port)
    except OSError as error:
        return refuse_port(asked.port, error)
    out.write(f"{as_typed(folder)} is shown at {address_of(listener)} until Ctrl-C.\n")
    out.flush()
    if not asked.editions:
        run(folder, listener)
        return PASSED
    from .editions import pages

    try:
        with pages(roots_of(asked), lambda: today_of(asked)) as routes:
            run(folder, listener, routes)
    except UnreadableError as error:
        sys.stderr.write(f"{error}\nhint: {PROGRAM} releases verify\n")
        return UNREADABLE
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
    return Folder(folder), as_typed(folder)
