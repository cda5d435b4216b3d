"""What have its readers written on a proof, and about which of its paragraphs?

Annotations (ISO 32000-1, 12.5.6) as Acrobat, Okular, Preview and others write them into the file. The
proof itself has with it, as `proof.json`, where each paragraph stands.
"""

import hashlib
import io
import json
import logging
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError
from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from .blocks import Identifier
from .model import Language, Version
from .problem import Box, Outcome, Problem, UnreadableError
from .remarks import Note, Part, lines, plain_line

#: No proof is larger, in bytes; nor what it says of itself; nor has it more pages or annotations.
MAX_BYTES, MAX_SAID, MAX_PAGES, MAX_ANNOTATIONS = 200_000_000, 20_000_000, 2_000, 5_000

#: The attached file that says what stands where.
SAID = "proof.json"

#: What marks on words say by themselves, without any.
WORDLESS = {
    "/Highlight": "(highlighted)",
    "/Underline": "(underlined)",
    "/Squiggly": "(underlined with a wavy line)",
    "/StrikeOut": "(struck out)",
    "/Caret": "(something is missing here)",
}
#: What says nothing without words.
WORDED = frozenset(
    {"/Text", "/FreeText", "/Ink", "/Square", "/Circle", "/Line", "/Polygon", "/PolyLine", "/Stamp"}
)

#: Who has given no name, and in which role remarks on a proof are made.
NOBODY, ROLE = "(no name given)", "reviewer"

_DAY = re.compile(r"(?:D:)?(\d{4})(\d\d)(\d\d)")

Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Place(BaseModel):
    page: int
    box: tuple[Finite, Finite, Finite, Finite]


class _Block(BaseModel):
    section: Annotated[str, Field(min_length=1)]
    quote: str
    boxes: tuple[_Place, ...]


class _Proof(BaseModel):
    """What a proof says of itself."""

    format: Literal[1]
    booklet: Identifier
    language: Language
    version: Version
    proof: Annotated[int, Field(ge=1, lt=10**9)]
    blocks: tuple[_Block, ...]

    @cached_property
    def by_page(self) -> Mapping[int, list[tuple[Box, _Block]]]:
        """What stands on each page."""
        found: dict[int, list[tuple[Box, _Block]]] = {}
        for block in self.blocks:
            for place in block.boxes:
                found.setdefault(place.page, []).append((place.box, block))
        return found

    def nearest(self, page: int, x: float, y: float) -> _Block:
        """The block at a point of a page, or nearest to it; where several are, the smallest."""
        near = min(self.by_page, key=lambda other: (abs(other - page), other))
        if near < page:
            return max(self.by_page[near], key=lambda placed: placed[0][3])[1]
        if near > page:
            return min(self.by_page[near], key=lambda placed: placed[0][1])[1]
        boxes = [box for box, _ in self.by_page[near]]
        beside = not min(box[0] for box in boxes) <= x <= max(box[2] for box in boxes)
        return min(self.by_page[near], key=lambda placed: _far(placed[0], x, y, beside))[1]


def _far(box: Box, x: float, y: float, beside: bool) -> tuple[float, float, float]:
    """How far a point is from a box, and the box's area: what is less is nearer.

    Of what stands beside all text the height alone counts: a short line is not further than a long one.
    """
    across, along = max(box[0] - x, x - box[2], 0.0), max(box[1] - y, y - box[3], 0.0)
    area = (box[2] - box[0]) * (box[3] - box[1])
    return (along, across, area) if beside else (math.hypot(across, along), 0.0, area)


@dataclass(frozen=True, slots=True)
class Asked:
    """A proof that came back, and the day of annotations that have none."""

    path: Path
    today: date


@dataclass(frozen=True, slots=True)
class Annotations:
    """What was written on a proof; `wordless` counts drawings and notes that say nothing."""

    booklet: str
    language: str
    notes: tuple[Note, ...]
    wordless: int


@dataclass(frozen=True, slots=True)
class _Annotation:
    """An annotation; `key` is its object, and `answers` that of the one that it belongs to."""

    key: int
    answers: int
    page: int
    point: tuple[float, float]
    part: Part


def read_annotations(asked: Asked) -> Outcome[Annotations]:
    """What was written on a proof, or why it cannot be read."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        return Outcome(_read(asked))
    except UnreadableError as error:
        why, hint = str(error), "name a proof that came back from its readers"
    except (PyPdfError, RecursionError) as error:
        why, hint = f"it is damaged ({type(error).__name__})", "have it sent again"
    except Exception as error:
        # A broken file can break a parser anywhere, but a fault of our own must not pass for one.
        why = f"it is damaged, or a fault of the program ({type(error).__name__})"
        hint = "have it sent again; if others can read it, pass this message on"
    message = f"{asked.path.name} cannot be taken for a proof: {why}"
    return Outcome(None, (Problem("pdf-unreadable", message, hint=hint),))


def _read(asked: Asked) -> Annotations:
    if not asked.path.is_file():
        raise UnreadableError("it is no file" if asked.path.exists() else "there is no such file")
    if asked.path.stat().st_size > MAX_BYTES:
        raise UnreadableError(f"it is larger than {MAX_BYTES // 1_000_000} MB")
    data = asked.path.read_bytes()
    if b"%PDF-" not in data[:1024]:
        raise UnreadableError("it is no PDF" if data else "it is empty")
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        raise UnreadableError("it is encrypted")
    if len(reader.pages) > MAX_PAGES:
        raise UnreadableError(f"it has more than {MAX_PAGES} pages")
    proof = _proof(reader)
    found = tuple(_annotations(reader, proof, asked.today))
    threads = _threads(found)
    notes = tuple(_note(thread, proof) for thread in threads if any(one.part.text for one in thread))
    return Annotations(proof.booklet, proof.language, notes, len(threads) - len(notes))


def _proof(reader: PdfReader) -> _Proof:
    """What the proof says of itself."""
    attached = reader.attachments
    if SAID not in attached:
        raise UnreadableError(f"no {SAID} is attached to it; it is no proof, or was printed into a new file")
    data = attached[SAID][0]
    if len(data) > MAX_SAID:
        raise UnreadableError(f"its {SAID} is larger than {MAX_SAID // 1_000_000} MB")
    try:
        proof = _Proof.model_validate_json(data)
    except ValidationError as error:
        at = ".".join(map(str, error.errors()[0]["loc"])) or "its form"
        raise UnreadableError(f"its {SAID} is not as it should be: look at {plain_line(at)}") from None
    if not proof.by_page:
        raise UnreadableError(f"its {SAID} does not say where anything stands")
    return proof


# --- Annotations ------------------------------------------------------------------------------------


def _annotations(reader: PdfReader, proof: _Proof, today: date) -> Iterator[_Annotation]:
    """The annotations that people made, in the order of the pages."""
    count = 0
    for number, page in enumerate(reader.pages, 1):
        listed = page.get("/Annots", ArrayObject()).get_object()
        for raw in listed if isinstance(listed, ArrayObject) else ():
            count += 1
            if count > MAX_ANNOTATIONS:
                raise UnreadableError(f"it has more than {MAX_ANNOTATIONS} annotations")
            one = raw.get_object()
            # What says that somebody agrees, or has seen it, is no remark (12.5.6.3).
            if isinstance(one, DictionaryObject) and "/StateModel" not in one:
                kind = str(one.get("/Subtype", ""))
                if kind in WORDLESS or kind in WORDED:
                    key = raw.idnum if isinstance(raw, IndirectObject) else -count
                    yield _annotation(one, key, page, number, _part(one, kind, number, proof, today))


def _annotation(one: DictionaryObject, key: int, page: PageObject, number: int, part: Part) -> _Annotation:
    answered = one.raw_get("/IRT") if "/IRT" in one else None
    answers = answered.idnum if isinstance(answered, IndirectObject) else 0
    x, y = _point(one)
    left, top = float(page.mediabox.left), float(page.mediabox.top)
    return _Annotation(key, answers, number, (x - left, top - y), part)


def _part(one: DictionaryObject, kind: str, number: int, proof: _Proof, today: date) -> Part:
    """What an annotation says, who says it, and what tells it from others."""
    name, said = plain_line(_text(one, "/T")) or NOBODY, lines(_text(one, "/Contents"))
    place = [number, kind, [round(side) for side in _numbers(one, "/Rect")], proof.version, proof.proof]
    facts = json.dumps([_text(one, "/NM") or place, name, said])
    mark = hashlib.sha256(facts.encode(errors="replace")).hexdigest()[:16]
    return Part(name, _day(_text(one, "/M")) or today, said or WORDLESS.get(kind, ""), mark)


def _point(one: DictionaryObject) -> tuple[float, float]:
    """What an annotation points to: its first words, the end of its line, or its own middle."""
    corners = _numbers(one, "/QuadPoints")[:8]
    if len(corners) < 8:
        line = _numbers(one, "/CL")
        if len(line) >= 4:
            return line[0], line[1]
        corners = _numbers(one, "/Rect")[:4] or [0.0, 0.0]
    across, along = corners[::2], corners[1::2] or [0.0]
    return (min(across) + max(across)) / 2, (min(along) + max(along)) / 2


def _numbers(one: DictionaryObject, key: str) -> list[float]:
    """A list of numbers; none where it is no such list."""
    listed = one.get(key, ArrayObject()).get_object()
    if not isinstance(listed, ArrayObject):
        return []
    try:
        found = [float(number.get_object()) for number in listed[:8]]
    except (TypeError, ValueError, OverflowError):
        return []
    return found if all(math.isfinite(number) and abs(number) < 1e9 for number in found) else []


def _text(one: DictionaryObject, key: str) -> str:
    """A text, whichever way it was encoded (7.9.2.2)."""
    value = one.get(key, "")
    value = value.get_object() if isinstance(value, IndirectObject) else value
    return (
        value.decode(errors="replace")
        if isinstance(value, bytes)
        else value
        if isinstance(value, str)
        else ""
    )


def _day(text: str) -> date | None:
    """The day of a time (7.9.4), as it was where somebody wrote it."""
    found = _DAY.match(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


# --- Remarks ----------------------------------------------------------------------------------------


def _threads(found: Iterable[_Annotation]) -> list[list[_Annotation]]:
    """Each annotation with the answers to it, and to these; from the top of each page down."""
    by_key = {one.key: one for one in found}
    threads: dict[int, list[_Annotation]] = {}
    for one in by_key.values():
        first, passed = one, {one.key}
        while first.answers in by_key and first.answers not in passed:
            first = by_key[first.answers]
            passed.add(first.key)
        # Where answers go round in a ring, each stands for itself.
        first = one if first.answers in passed else first
        threads.setdefault(first.key, []).append(one)
    ordered = (sorted(thread, key=lambda one: one.key != key) for key, thread in threads.items())
    return sorted(ordered, key=lambda thread: (thread[0].page, thread[0].point[1], thread[0].point[0]))


def _note(thread: list[_Annotation], proof: _Proof) -> Note:
    """The remark that an annotation is, with what was answered."""
    first = thread[0]
    block = proof.nearest(first.page, *first.point)
    parts = tuple(one.part for one in thread if one.part.text)
    return Note(proof.version, ROLE, block.section, block.quote, parts, proof.proof)
