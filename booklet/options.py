"""What can be typed, and which folders and day are meant by it?

Knows no command's work.
"""

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from . import fresh

if TYPE_CHECKING:
    from .store import Address

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
  {PROGRAM} proof my-booklet --pdf
      make a proof for reviewers, with room for their remarks
  {PROGRAM} new my-booklet
      begin a new booklet, ready to build
  {PROGRAM} --root ../my-clinic
      build another publisher's folder

Exit status: 0 all is well, 1 a check failed, 2 something cannot be read.
"""

_RELEASE_HELP = "where the editions go; with --cluster also s3://bucket/prefix or file:///folder"

_SIZE_HELP = "large print in this size of type: 14 to 28"

#: Paper that an office printer takes, in grams a square metre.
LIGHTEST, HEAVIEST = 40, 300

#: A notice has room for so many letters.
LONGEST_REASON = 400


def command_first(words: Sequence[str]) -> list[str]:
    """The arguments with the command in front, where options stand before it; build where there is none."""
    if words[:1] and words[0] in ("-h", "--help"):
        return list(words)
    at = 0
    while at < len(words) and words[at].startswith("--"):
        at += 1 if "=" in words[at] or words[at] == "--json" else 2
    if at < len(words) and words[at] in fresh.COMMANDS:
        return [*words[at:], *words[:at]]
    return ["build", *words]


def parser() -> argparse.ArgumentParser:
    """What reads the command line: `command` is the command's name, and `kind` what it is to do."""
    shared, shop = _shared(_out), _shop()
    release = _shared(_release, "DIR|ADDRESS", _RELEASE_HELP)
    whole = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Turns the booklets in source/ into checked, accessible PDFs in dist/.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = whole.add_subparsers(dest="command", metavar="command", required=True).add_parser
    _add_build(add("build", parents=[release], help="build and check booklets (the default)"))
    _add_print(add("print", parents=[shared], help="make sheets of a booklet for a printer"))
    _add_check(add("check", parents=[shared], help="check finished PDFs against the source"))
    _add_changed(add("changed", parents=[shared], help="tell what has changed in a booklet"))
    _add_remarks(add("remarks", help="what readers of a proof have to say, kept beside the booklet"))
    _add_schema(add("schema", help="print the JSON Schema of a source file, for your editor"))
    _add_new(add("new", help="begin a new booklet: a commented starter that builds"))
    _add_translation(add("translation", help="begin, follow and exchange translations"))
    _add_release(add("release", parents=[shop], help="make a version one that never changes"))
    _add_bag(add("bag", parents=[shop], help="pack all that an assessor asks for"))
    _add_catalogue(add("catalogue", parents=[shop], help="write a site with all that was released"))
    _add_withdraw(add("withdraw", parents=[shop], help="say that a released version must not be used"))
    _add_releases(add("releases", help="list, verify, export and review what was released"), shop)
    _add_serve(add("serve", help="show the catalogue in public/ on this machine"))
    _add_proof(
        add(
            "proof", parents=[shared], help="show the pages while their files are edited, or as a proof (PDF)"
        )
    )
    _add_test(add("test", help="run the project's own tests: python3 make_booklet.py test"))
    return whole


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


def _shop() -> argparse.ArgumentParser:
    """The options of the commands for what is released."""
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
    return shop


def _add_build(one: argparse.ArgumentParser) -> None:
    one.add_argument("ids", nargs="*", metavar="ID", help="which booklets (default: all)")
    one.add_argument("--layout", metavar="NAME", help="only this layout, whether or not the booklet lists it")
    one.add_argument("--size", metavar="POINTS", type=_size, help=_SIZE_HELP)
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
    one.add_argument("--size", metavar="POINTS", type=_size, help=_SIZE_HELP)
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


def _add_check(one: argparse.ArgumentParser) -> None:
    one.add_argument("what", nargs="+", metavar="ID|FILE.pdf", help="a booklet's id, or a PDF file")
    one.add_argument(
        "--booklet", metavar="ID", help="which booklet the PDF files should be, whatever their metadata say"
    )
    one.add_argument(
        "--report", metavar="DIR", help="write report.html there, which shows the findings on their pages"
    )


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


def _add_remarks(whole: argparse.ArgumentParser) -> None:
    add = whole.add_subparsers(dest="kind", metavar="what", required=True).add_parser
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--root", metavar="DIR", help="the publisher's folder (default: this project)")
    shared.add_argument("--json", action="store_true", help="print the result as JSON")
    on = argparse.ArgumentParser(add_help=False, parents=[shared])
    on.add_argument("id", metavar="ID", help="which booklet")
    on.add_argument("--language", metavar="LANG", help="in which language, for example cy")
    dated = argparse.ArgumentParser(add_help=False)
    dated.add_argument("--today", metavar="DATE", type=_day, default=None, help="the day (default: today)")
    add("list", parents=[on], help="every remark, and where it hangs now")
    one = add("add", parents=[on, dated], help="put one more into remarks.yaml")
    one.add_argument("--section", metavar="ID", required=True, help="the section that it is about")
    one.add_argument("--quote", metavar="TEXT", default="", help="a paragraph of it, or some words of that")
    one.add_argument("--name", metavar="NAME", type=_told, required=True, help="who makes it")
    one.add_argument("--role", metavar="ROLE", type=_told, required=True, help="in which role")
    one.add_argument("remark", metavar="REMARK", type=_told, help="what is to be said")
    one = add("done", parents=[on], help="say that what it asks for is done")
    one.add_argument("number", metavar="NUMBER", type=_number, help="which remark")
    one = add("decline", parents=[on], help="say that nothing is changed, and why")
    one.add_argument("number", metavar="NUMBER", type=_number, help="which remark")
    one.add_argument("--why", metavar="TEXT", type=_told, required=True, help="why not")
    one = add("import", parents=[shared, dated], help="read what was written on a proof, in any PDF reader")
    one.add_argument("file", metavar="FILE.pdf", help="the proof, as it came back")


def _add_schema(one: argparse.ArgumentParser) -> None:
    one.add_argument("what", choices=["booklet", "house", "clinic"], help="which kind of file")
    one.add_argument("--root", help=argparse.SUPPRESS)


def _add_new(one: argparse.ArgumentParser) -> None:
    one.add_argument("id", metavar="ID", help="its name: small letters, digits and hyphens")
    one.add_argument("--root", metavar="DIR", help="the publisher's folder (default: this project)")
    one.add_argument(
        "--today", metavar="DATE", type=_day, default=None, help="the day of publication (default: today)"
    )


def _add_translation(whole: argparse.ArgumentParser) -> None:
    kinds = whole.add_subparsers(dest="kind", metavar="what", required=True)
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


def _add_release(one: argparse.ArgumentParser) -> None:
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


def _add_bag(one: argparse.ArgumentParser) -> None:
    one.add_argument("id", metavar="ID", help="which booklet")
    one.add_argument(
        "version", metavar="VERSION", nargs="?", default="", help="which version (default: the current one)"
    )
    one.add_argument(
        "--out", metavar="DIR", type=_out, help="where it goes (default: dist/ in the publisher's folder)"
    )


def _add_catalogue(one: argparse.ArgumentParser) -> None:
    one.add_argument("--out", metavar="DIR", help="where the site goes (default: public/)")
    one.add_argument(
        "--editions", action="store_true", help="lead to where `serve --editions` makes clinics' editions"
    )


def _add_withdraw(one: argparse.ArgumentParser) -> None:
    _add_change(one, needs_reason=True)
    one.add_argument("--stock", metavar="TEXT", type=_told, help="what to do with printed copies")
    one.set_defaults(kind="withdraw")


def _add_releases(whole: argparse.ArgumentParser, shop: argparse.ArgumentParser) -> None:
    add = whole.add_subparsers(dest="kind", metavar="what", required=True).add_parser
    add("list", parents=[shop], help="every version, and what has become of it")
    one = add("verify", parents=[shop], help="is every byte as it was released?")
    one.add_argument("--head", metavar="SHA256", type=_head, help="a head that was published: is it there?")
    _add_export(add("export", parents=[shop], help="a zip of what is current, or has changed"))
    review = add("review", parents=[shop], help="say that a version is under review")
    _add_change(review, needs_reason=True)
    confirm = add("confirm", parents=[shop], help="say that it was reviewed, and holds")
    _add_change(confirm, needs_reason=False)


def _add_export(one: argparse.ArgumentParser) -> None:
    which = one.add_mutually_exclusive_group(required=True)
    which.add_argument("--current", action="store_true", help="every PDF for readers of all that is current")
    which.add_argument("--since", metavar="DATE", type=_day, help="what was released or withdrawn since then")
    one.add_argument("--out", metavar="FILE.zip", type=_out, help="where it goes (default: into dist/)")


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


def _add_proof(one: argparse.ArgumentParser) -> None:
    one.add_argument("id", nargs="?", metavar="ID", help="which booklet (default: all, in the browser)")
    one.add_argument("--pdf", action="store_true", help="as a PDF, with room for remarks beside each page")
    one.add_argument(
        "--since",
        metavar="VERSION|DIR",
        help="with bars beside all that has changed since a version in releases/, or a publisher's folder",
    )
    one.add_argument("--layout", metavar="NAME", help="in which layout (default: the booklet's first)")
    one.add_argument("--size", metavar="POINTS", type=_size, help=_SIZE_HELP)
    one.add_argument("--language", metavar="LANG", help="in which language, for example cy")
    one.add_argument(
        "--port", type=_port, default=8010, help="where it is shown (default: 8010; 0 takes any that is free)"
    )
    one.add_argument("--no-browser", action="store_true", help="open no browser")


def _add_test(one: argparse.ArgumentParser) -> None:
    one.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    one.set_defaults(root=None)


def _paper(text: str) -> int:
    if text.isascii() and text.isdigit() and LIGHTEST <= int(text[:4]) <= HEAVIEST:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{text}' is no paper's weight; write 80, for 80 grams a square metre")


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


def _number(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text[:10])
    raise argparse.ArgumentTypeError(f"'{text}' is no number of a remark; `remarks list` shows them")


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


def roots_of(asked: argparse.Namespace) -> tuple[Path, ...]:
    """The publisher's folder, then the project's, which has what the publisher's lacks."""
    return tuple(dict.fromkeys((asked.root, Path(fresh.project()).resolve())))


def folder_of(asked: argparse.Namespace) -> Path:
    """The folder of editions; for an address that of their reports, and of what is remembered of them."""
    from .store import Address

    dist: Path = asked.root / "dist"
    if isinstance(asked.out, Address):
        return dist / ".sent" / asked.out.folder
    return Path(asked.out).resolve() if asked.out else dist


def today_of(asked: argparse.Namespace) -> date:
    """The day that counts as today."""
    return asked.today or date.today()  # noqa: TID251 - here the clock is read
