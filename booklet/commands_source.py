"""How are booklets begun, compared with earlier versions, and translated?"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from .console import FAILED, PASSED, UNREADABLE, as_typed, console_on, refuse, unknown_booklets
from .fresh import COMMANDS
from .options import PROGRAM, folder_of, roots_of, today_of

if TYPE_CHECKING:
    from .problem import Problem
    from .source import Source


def new(asked: argparse.Namespace, out: TextIO) -> int:
    """Begin a new booklet, and a publisher's folder where there is none."""
    from .source import ID
    from .starter import write_starter

    if asked.id in COMMANDS:
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
    out.writelines(
        f"wrote {as_typed(path)}\n" for path in write_starter(asked.root, asked.id, today_of(asked))
    )
    out.write(f"Write your text into it, then: {PROGRAM} {asked.id}\n")
    return PASSED


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
    unknown = unknown_booklets([asked.id], source) or missing_language(source, asked.id, language)
    if unknown:
        return refuse(unknown if isinstance(unknown, list) else [unknown], asked, out)
    found = changes_since(source, asked.id, language, asked.since)
    roots = roots_of(asked)
    name = asked.layout or layouts_of(source.outline(asked.id, language), roots)[0]
    layout = layout_for(found.value.now if found.value else None, name, roots)
    words = layout.value.words(found.value.language) if layout.value and found.value else None
    if found.value is None or layout.value is None or words is None or words.value is None:
        faults = found.problems or layout.problems or (words.problems if words else ())
        return refuse(faults, asked, out)
    files = write_changes(found.value, layout.value, words.value, folder_of(asked))
    if asked.bars:
        proof = write_proof(found.value, layout.value, words.value, folder_of(asked))
        if proof.value is None:
            return refuse(proof.problems, asked, out)
        files += proof.value
    faults = proof.problems if asked.bars else ()
    if asked.json:
        told = {
            "files": [str(as_typed(path)) for path in files],
            "problems": [one.as_data() for one in faults],
        }
        out.write(report.as_json(found.value.as_data() | told))
        return PASSED
    report.show_problems(faults, roots, console_on(out))
    report.show_changes(found.value, console_on(out))
    out.write("\n")
    out.writelines(f"wrote {as_typed(path)}\n" for path in files)
    return PASSED


def translation(asked: argparse.Namespace, out: TextIO) -> int:
    """Begin a translation, tell what its master has changed, or exchange it with translators' tools."""
    from .source import Source

    source = Source(asked.root)
    named = asked.ids if asked.kind == "status" else [asked.id]
    unknown = unknown_booklets(named, source) if named or not source.ids else []
    if unknown:
        return refuse(unknown, asked, out)
    masters = [source.booklet(name) for name in named or source.ids if len(source.translations(name)) > 1]
    masters += [source.booklet(asked.id)] if asked.kind == "new" else []
    faulty = [problem for master in masters if master.value is None for problem in master.problems]
    if faulty:
        return refuse(faulty, asked, out)
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
        return refuse(unprintable, asked, out)
    out.writelines(
        f"wrote {as_typed(path)}\n" for path in begin(source, asked.id, asked.language, today_of(asked))
    )
    out.write(f"Translate the texts in them, then: {PROGRAM} {asked.id} --language {asked.language}\n")
    return PASSED


def _not_printable(asked: argparse.Namespace) -> "tuple[Problem, ...]":
    """What the layouts lack for a language: a family that has its letters, or the fixed words."""
    from .layout import load_layout

    layout = load_layout("base", roots_of(asked), language=asked.language)
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
        show_translations(states, console_on(out))
    return FAILED if any(one.is_stale or one.untranslated for one in states) else PASSED


def _export_translation(asked: argparse.Namespace, source: "Source", out: TextIO) -> int:
    from .exchange import FORMATS, to_file
    from .store import write_whole
    from .translation import keep, missing_language, state

    missing = missing_language(source, asked.id, asked.language)
    if missing:
        return refuse([missing], asked, out)
    kept, found = keep(source, asked.id), state(source, asked.id, asked.language)
    data = to_file(found, asked.format, source.outline(asked.id).language, changed=asked.changed)
    name = f"{asked.id}-{found.master}-{asked.language}{FORMATS[asked.format]}"
    path = folder_of(asked) / asked.id / found.master / name
    write_whole(path, data)
    out.writelines(f"wrote {as_typed(one)}\n" for one in (kept, path) if one)
    return PASSED


def _import_translation(asked: argparse.Namespace, source: "Source", out: TextIO) -> int:
    from .exchange import from_file
    from .source import Source
    from .translation import missing_language, settle, state, take_in

    missing = missing_language(source, asked.id, asked.language)
    if missing:
        return refuse([missing], asked, out)
    read = from_file(Path(asked.file), asked.language)
    if read.value is None:
        return refuse(read.problems, asked, out)
    before = state(source, asked.id, asked.language)
    taken = take_in(source, asked.id, asked.language, read.value)
    if taken.value is None:
        return refuse(taken.problems, asked, out)
    open_ = [one for one in before.changed if one.master and one.id not in read.value]
    settled = None if open_ or taken.problems else settle(source, asked.id, asked.language)
    changed = dict.fromkeys((*taken.value, *((settled,) if settled else ())))
    out.writelines(f"wrote {as_typed(path)}\n" for path in changed)
    left = state(Source(asked.root), asked.id, asked.language).untranslated
    out.write(f"{len(read.value)} paragraphs taken in, {left} not translated yet.\n")
    return refuse(taken.problems, asked, out) if taken.problems else PASSED
