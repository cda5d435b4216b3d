"""What has somebody typed into a form, and what would a clinic's file say for it?

It becomes the text of such a file, which is read as any other, and never written.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .model import Clinic
from .problem import Outcome, Problem
from .source import read_details

#: So many contacts have room on a form.
CONTACTS = 4

#: In characters: what a field may hold, and the note.
LONGEST, LONGEST_NOTE = 200, 600

#: The letters of a name that name the file, too, at the most.
LONGEST_ID = 40

URGENT = ("text", "phone", "hours")
CONTACT = ("name", "phone", "hours")


def contact_field(number: int, key: str) -> str:
    """The field of a contact, which are counted from 1."""
    return f"contact-{number}-{key}"


#: The names of all fields, in the order of a clinic's file.
FIELDS = (
    "name",
    "address",
    *(f"urgent-{key}" for key in URGENT),
    *(contact_field(number, key) for number in range(1, CONTACTS + 1) for key in CONTACT),
    "note",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field; with the whole form where it names none."""

    field: str
    problem: Problem


@dataclass(frozen=True)
class Details:
    """The text of a clinic's file, and which of its lines are of which field."""

    id: str
    text: str
    fields: Mapping[int, str]
    long: tuple[Fault, ...]
    """The fields that hold more than there is room for."""

    @property
    def file(self) -> str:
        """What the file would be called."""
        return f"source/clinics/{self.id}.yaml"

    def read(self) -> Outcome[Clinic]:
        """The clinic."""
        return read_details(self.text.encode(), self.file)

    def faults(self, problems: tuple[Problem, ...]) -> tuple[Fault, ...]:
        """Those of the problems that are about what was typed."""
        own = (problem for problem in problems if problem.where.file == self.file)
        return tuple(Fault(self.fields.get(problem.where.line, ""), problem) for problem in own)


def _long(typed: Mapping[str, str]) -> Iterator[Fault]:
    for name in FIELDS:
        number, most = len(typed.get(name, "")), LONGEST_NOTE if name == "note" else LONGEST
        if number > most:
            message = f"It has {number} letters, and there is room for {most}"
            yield Fault(name, Problem("too-long", message, hint="shorten it"))


@dataclass
class _Lines:
    """A file's lines while they are written."""

    typed: Mapping[str, str]
    lines: list[str] = field(default_factory=list)
    fields: dict[int, str] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Was anything typed into one of these fields?"""
        return any(self.typed.get(name) for name in names)

    def put(self, name: str, start: str) -> None:
        """Write a field behind its key. A text of JSON is one of YAML, whatever stands in it."""
        self.lines.append(start + json.dumps(self.typed.get(name, ""), ensure_ascii=False))
        self.fields[len(self.lines)] = name


def details(typed: Mapping[str, str]) -> Details:
    """What was typed, as a clinic's file would say it; what is empty is left out where it may be."""
    lines = _Lines(typed)
    lines.put("name", "name: ")
    if lines.has("address"):
        lines.put("address", "address: ")
    if lines.has(*(f"urgent-{key}" for key in URGENT)):
        lines.lines.append("urgent:")
        for key in URGENT:
            lines.put(f"urgent-{key}", f"  {key}: ")
    contacts = [number for number in range(1, CONTACTS + 1) if lines.has(*_names(number))]
    if contacts:
        lines.lines.append("contacts:")
    for number in contacts:
        lines.put(contact_field(number, "name"), "  - name: ")
        for key in CONTACT[1:]:
            if lines.has(contact_field(number, key)):
                lines.put(contact_field(number, key), f"    {key}: ")
    if lines.has("note"):
        lines.put("note", "note: ")
    return Details(
        id_of(typed.get("name", "")), "\n".join([*lines.lines, ""]), lines.fields, tuple(_long(typed))
    )


def _names(number: int) -> Iterator[str]:
    return (contact_field(number, key) for key in CONTACT)


def id_of(name: str) -> str:
    """A clinic's id made of its name: small letters, digits and hyphens, the first a letter."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")
    own = words if words[:1].isalpha() else f"clinic-{words}".rstrip("-")
    return own[:LONGEST_ID].rstrip("-")
