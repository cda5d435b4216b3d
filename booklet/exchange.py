"""How do texts travel to translators' tools and back? As XLIFF 2 and as PO, by translate-toolkit."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from translate.storage.pypo import pofile, pounit
from translate.storage.xliff2 import SEGMENT_SEPARATOR, Xliff2File, Xliff2Unit

from .problem import NOWHERE, Outcome, Problem
from .translation import Paragraph, State, Taken

#: The formats, with how their files' names end.
FORMATS = {"xliff": ".xlf", "po": ".po"}
MAX_BYTES = 20_000_000

#: XLIFF 2.0 (4.3.1.13): an id may not have a slash or a hash; what stands in their places no key has.
_TO_ID, _FROM_ID = str.maketrans("/#", ".:"), str.maketrans(".:", "/#")


def to_file(state: State, form: str, source_language: str, *, changed: bool) -> bytes:
    """The paragraphs of a translation as a file; where it is asked, only what the master has changed."""
    wanted = [one for one in (state.changed if changed else state.paragraphs) if one.master]
    made: bytes = (_xliff if form == "xliff" else _po)(state, wanted, source_language)
    return made


def _note(one: Paragraph) -> str:
    return f"The master said before: {one.before}" if one.change == "changed" else ""


def _is_ready(one: Paragraph) -> bool:
    """Is it translated, and does the master still say what was translated?"""
    return bool(one.translated) and not one.change


def _xliff(state: State, wanted: Iterable[Paragraph], source_language: str) -> bytes:
    made = Xliff2File(sourcelanguage=source_language, targetlanguage=state.language)
    for one in wanted:
        unit = Xliff2Unit(one.master)
        unit.setid(one.id.translate(_TO_ID))
        if one.translated:
            unit.target = one.translated
        unit.xmlelement.set("state", "translated" if _is_ready(one) else "initial")
        made.addunit(unit)
        if _note(one):
            # The toolkit would put it into the segment, where XLIFF 2.0 (4.2.2.4) has none.
            holder = unit.getunitelement()
            notes = holder.makeelement(unit.namespaced("notes"))
            note = holder.makeelement(unit.namespaced("note"))
            note.text = _note(one)
            notes.append(note)
            holder.insert(0, notes)
    return bytes(made)


def _po(state: State, wanted: Iterable[Paragraph], _source_language: str) -> bytes:
    made = pofile()
    made.init_headers(charset="UTF-8", encoding="8bit", language=state.language)
    for one in wanted:
        unit = pounit(one.master)
        unit.setcontext(one.id)
        unit.target = one.translated
        unit.markfuzzy(bool(one.translated) and not _is_ready(one))
        if _note(one):
            unit.addnote(_note(one), origin="developer")
        made.addunit(unit)
    return bytes(made)


def from_file(path: Path, language: str) -> Outcome[dict[str, Taken]]:
    """The translated paragraphs of a file, by their ids; those that are not ready are left out.

    A file that says that it is for another `language` is refused.
    """
    data = path.read_bytes()
    if len(data) > MAX_BYTES or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return _refused(f"{path.name} is too large, or defines entities")
    if not _is_utf8(data):
        return _refused(f"{path.name} is not UTF-8 text")
    form = next((name for name, end in FORMATS.items() if path.name.endswith(end)), "")
    if not form:
        return _refused(f"{path.name} ends with neither {' nor '.join(FORMATS.values())}")
    try:
        said, rows = (_from_xliff if form == "xliff" else _from_po)(data)
        found = {name: Taken(_plain(source), _plain(text)) for name, source, text in rows}
    except Exception as error:  # whatever a parser says of a broken file
        return _refused(
            f"{path.name} cannot be read: {(str(error).splitlines() or ['it is of another kind'])[0][:100]}"
        )
    if said and said.casefold().replace("_", "-") != language.casefold():
        return _refused(f"{path.name} is a translation into '{said}', not into '{language}'")
    return Outcome({name: one for name, one in found.items() if one.translated})


def _plain(text: str) -> str:
    return " ".join(text.split())


def _is_utf8(data: bytes) -> bool:
    """Is it text that can hide nothing from a look at its bytes?"""
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _refused(message: str) -> Outcome[dict[str, Taken]]:
    hint = "take in what `translation export` has written, after it was translated"
    return Outcome(None, (Problem("translation-unreadable", message, NOWHERE, hint),))


def _from_xliff(data: bytes) -> tuple[str, list[tuple[str, str, str]]]:
    """The file's language, and each paragraph's id, its source and its translation."""
    units: dict[str, list[Any]] = {}
    file = Xliff2File.parsestring(data)
    for unit in file.units:
        # A tool may have cut a text into segments.
        units.setdefault(str(unit.getid()).partition(SEGMENT_SEPARATOR)[0], []).append(unit)
    rows = []
    for name, some in units.items():
        if all(unit.target and unit.xmlelement.get("state") != "initial" for unit in some):
            source, text = (
                " ".join(str(getattr(unit, key)) for unit in some) for key in ("source", "target")
            )
            rows.append((name.translate(_FROM_ID), source, text))
    return str(file.gettargetlanguage() or ""), rows


def _from_po(data: bytes) -> tuple[str, list[tuple[str, str, str]]]:
    file = pofile.parsestring(data)
    rows = [
        (re.sub(r"\s", "", unit.getcontext()), str(unit.source), str(unit.target))
        for unit in file.units
        if not unit.isheader() and unit.target and not unit.isfuzzy()
    ]
    return str(file.parseheader().get("Language", "")), rows
