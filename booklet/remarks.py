"""What have the readers of a version to say, and about which of its paragraphs as they are now?

Remarks are kept in remarks.yaml beside booklet.yaml. Editors change that file too: so a remark is put
behind what is there, or one line of it is changed, and all else stays as it is.
"""

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from .entries import Entries, as_kept
from .model import LONGEST_REMARK, Remark
from .problem import NOWHERE, Outcome, Problem, Where
from .prose import one_line
from .source import Source, file_beside, read_remarks
from .texts import Place, Said
from .yamlfile import plain_text, read_yaml, replaced

#: Texts that are less alike are others: the share of letters that both have in one order.
ALIKE = 0.6

#: So many letters of a paragraph tell it from others.
TELLING = 2_000

#: So many letters of a remark are shown where many are.
SHORT = 80

#: So many letters are kept of a name.
LONGEST_NAME = 200

#: What stands where a text was cut.
CUT = " […]"


def plain_line(text: str) -> str:
    """A text as it is compared and kept, as YAML is read: in one line, and nothing that cannot be seen."""
    return one_line(text.replace("\u00b5", "\u03bc").encode(errors="replace").decode())


def lines(text: str) -> str:
    """A remark as it is kept: its lines that are not empty, and of a very long one the beginning."""
    found = (plain_line(line) for line in text.splitlines())
    plain = "\n".join(line for line in found if line)
    return plain if len(plain) <= LONGEST_REMARK else plain[: LONGEST_REMARK - len(CUT)].strip() + CUT


def in_short(text: str) -> str:
    """The beginning of a text, in one line and in quotation marks."""
    plain = plain_line(text)
    return f"“{plain if len(plain) <= SHORT else plain[:SHORT].strip() + '…'}”"


# --- Where it hangs ---------------------------------------------------------------------------------


class Hold(StrEnum):
    """By what a remark hangs on the text as it is now."""

    QUOTE = "quote"
    ELSEWHERE = "elsewhere"
    ALIKE = "alike"
    SECTION = "section"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The paragraph, or the section, that a remark is about; neither where both are gone."""

    hold: Hold
    place: Place | None = None
    said: Said | None = None

    @property
    def where(self) -> Where:
        """Where that is in the source."""
        first = self.place.items[0].said[0].where if self.place and self.place.items[0].said else NOWHERE
        return self.said.where if self.said else first

    @property
    def told(self) -> str:
        """In a few words, where a remark hangs."""
        at = f"{self.where.file}:{self.where.line}" if self.where.line else ""
        said = {
            Hold.QUOTE: at,
            Hold.ELSEWHERE: f"now in {at}",
            Hold.ALIKE: f"{at}, which was reworded",
            Hold.SECTION: f"the section at {at}",
            Hold.LOST: "what it is about is gone",
        }
        return said[self.hold]


class Hooks:
    """All that remarks can hang on."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = {place.id: place for place in places}
        self._texts: dict[str, dict[str, Anchor]] = {
            place.id: {_telling(said.text): Anchor(Hold.QUOTE, place, said) for said in _said_last(place)}
            for place in places
        }

    def of(self, remark: Remark) -> Anchor:
        """Where a remark hangs: by its quote, by what is most like it, or by its section."""
        quote, own = _telling(remark.quote or ""), self._texts.get(remark.section, {})
        if quote and quote in own:
            return own[quote]
        for texts in self._texts.values() if quote else ():
            if quote in texts:
                return Anchor(Hold.ELSEWHERE, texts[quote].place, texts[quote].said)
        near = difflib.get_close_matches(quote, own, 1, ALIKE) if quote else []
        if near:
            return Anchor(Hold.ALIKE, own[near[0]].place, own[near[0]].said)
        place = self.places.get(remark.section)
        return Anchor(Hold.SECTION, place) if place else Anchor(Hold.LOST)

    def quoted(self, section: str, words: str) -> Said | None:
        """The first paragraph of a section that is, or else has in it, some words."""
        own, words = self._texts.get(section, {}), _telling(words)
        found = own.get(words) or next((one for text, one in own.items() if words in text), None)
        return found.said if found and words else None


def _said_last(place: Place) -> Iterator[Said]:
    """What a place says, from its end: of two that are the same the first is kept."""
    yield from (said for item in reversed(place.items) for said in reversed(item.said))


def _telling(text: str) -> str:
    return plain_line(text)[:TELLING].strip()


# --- How it is kept ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody said at once: a remark, or an answer to one. `mark` tells it from all others."""

    name: str
    date: date
    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark that has no number yet, with the answers to it."""

    version: str
    role: str
    section: str
    quote: str
    parts: tuple[Part, ...]
    proof: int | None = None


def add(source: Source, booklet: str, language: str, notes: Sequence[Note]) -> Outcome[tuple[Remark, ...]]:
    """Put remarks behind those that are there; returns the new ones.

    What has a mark that is there is passed over: of a note of which an answer alone is new, that is added.
    An OSError where it cannot be written.
    """
    kept = _kept(source, booklet, language)
    with kept.alone():
        before = Source(source.root).remarks(booklet, language)
        if before.value is None:
            return before
        known = {mark for one in before.value for mark in (one.mark or "").split()}
        number = max((one.id for one in before.value), default=0)
        entries: list[dict[str, Any]] = []
        for note in notes:
            parts = tuple({part.mark or part: part for part in note.parts if part.mark not in known}.values())
            known |= {part.mark for part in parts if part.mark}
            if parts:
                entries.append(_entry(note, parts, number + len(entries) + 1))
        if not entries:
            return Outcome(())
        read = kept.add(before.value, entries)
        return Outcome(read.value[len(before.value) :] if read.value else None, read.problems)


def _kept(source: Source, booklet: str, language: str) -> Entries[Remark]:
    return Entries(source.root, file_beside(booklet, language, "remarks"), "remarks", read_remarks)


def close(source: Source, booklet: str, language: str, number: int, why: str = "") -> Outcome[Remark]:
    """Say that a remark is done; or, with the reason why not, declined.

    An OSError where it cannot be written.
    """
    kept = _kept(source, booklet, language)
    with kept.alone():
        data = kept.data
        before = Source(source.root).remarks(booklet, language)
        if before.value is None:
            return Outcome(None, before.problems)
        at = next((at for at, one in enumerate(before.value) if one.id == number), None)
        if at is None or data is None:
            return Outcome(None, (_unknown(number, before.value, kept.file),))
        wanted = [as_kept(one) for one in before.value]
        wanted[at] |= {"state": "declined", "why": plain_line(why)} if why else {"state": "done"}
        if wanted[at] == as_kept(before.value[at]):
            return Outcome(before.value[at])
        text = _with_state(data, kept.file, at, wanted[at]["state"], plain_line(why))
        read = kept.write(text, wanted)
        return Outcome(read.value[at] if read.value else None, read.problems)


def _unknown(number: int, remarks: Sequence[Remark], file: str) -> Problem:
    """What is wrong with a number that no remark has."""
    known = ", ".join(str(one.id) for one in remarks if one.is_open)
    hint = f"open are: {known}" if known else "none is open"
    return Problem("unknown-remark", f"There is no remark {number}", Where(file), hint)


def _entry(note: Note, parts: Sequence[Part], number: int) -> dict[str, Any]:
    """The keys of a remark as they are written; answers follow it, each with its name."""
    answers = (f"{plain_line(part.name)}: {part.text}" for part in parts[1:])
    entry = {
        "id": number,
        "version": note.version,
        "proof": note.proof,
        "name": plain_line(parts[0].name)[:LONGEST_NAME].strip(),
        "role": plain_line(note.role),
        "date": parts[0].date,
        "section": plain_line(note.section)[:LONGEST_NAME].strip(),
        "quote": _telling(note.quote),
        "remark": lines("\n".join((parts[0].text, *answers))),
        "state": "open",
        "mark": " ".join(part.mark for part in parts if part.mark),
    }
    return {key: value for key, value in entry.items() if value not in (None, "")}


def _with_state(data: bytes, file: str, at: int, state: str, why: str) -> str:
    """The file's text with another state of a remark, and the reason for it."""
    tree = _tree_of(data, file, at)
    if why and tree.get("why"):
        data, why = replaced(data, [(tree["why"], why)]), ""
        tree = _tree_of(data, file, at)
    text = plain_text(data)
    start, end = tree["state"].span
    line = text.find("\n", end)
    rest = text[end:] if line < 0 else text[end:line]
    if not why:
        return text[:start] + state + text[end:]
    said = f"why: {json.dumps(why, ensure_ascii=False)}"
    if text.split("\n")[tree.where.line - 1][tree.where.column - 1] == "{":
        return f"{text[:start]}{state}, {said}{text[end:]}"
    indent = " " * (tree.keys_at["state"].column - 1)
    return f"{text[:start]}{state}{rest}\n{indent}{said}{text[end + len(rest) :]}"


def _tree_of(data: bytes, file: str, at: int) -> Any:
    """A remark with the places of its words."""
    tree: Any = read_yaml(data, file).value
    return tree["remarks"][at]
