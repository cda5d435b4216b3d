"""Does a font of a PDF draw the letters that it says it draws?

A file can say "1" and draw a "7": then programs read another dose than people. So every glyph's
outline is compared with that of the face in fonts/ that it was taken from.
"""

import hashlib
import io
import re
import struct
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

import uharfbuzz
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont, TTLibError
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.tables.otBase import BaseTable

from .problem import UnreadableError

#: Outlines are compared in a thousandth of the type's size.
UNITS = 1000

#: In a ToUnicode map (ISO 32000-1, 9.10.3): pairs of a code and a text, and runs of codes.
_PAIR = re.compile(rb"<([0-9A-Fa-f\s]+)>\s*<([0-9A-Fa-f\s]*)>")
_RUN = re.compile(rb"<([0-9A-Fa-f\s]+)>\s*<([0-9A-Fa-f\s]+)>\s*(?:<([0-9A-Fa-f\s]+)>|\[([^][]*)\])")
#: No text of a code is longer than 512 bytes.
_LONG = re.compile(rb"<[0-9A-Fa-f\s]{1025}")
_TEXT = re.compile(rb"<([0-9A-Fa-f\s]*)>")
MAX_CODES = 0x10000

#: The features (OpenType 1.9, registered features) whose forms are the same letter to a reader: those
#: that every script is shaped with, figures of another width or height, and small capitals. Raised,
#: lowered and fraction's digits are not among them: "20" over a line is another dose.
SAME_LETTER = (
    "ccmp locl rlig calt clig liga rclt rand rvrn isol init medi med2 med3 fina fin2 fin3 stch mset "
    "nukt akhn rphf pref rkrf abvf blwf half pstf vatu cjct cfar pres abvs blws psts haln "
    "ljmo vjmo tjmo vert vrt2 dist lnum onum pnum tnum zero smcp c2sc case"
)

#: What is drawn with the letter before it: marks (Unicode, general category), and what joins letters.
MARKS = ("Mn", "Me")
JOINERS = "\u200c\u200d"


class Part(NamedTuple):
    """A glyph of a font, and how far from a letter's origin it is drawn, in units of the font."""

    glyph: int
    right: int = 0
    up: int = 0


#: The version of what takes letters out of fonts: it decides their bytes in a file.
SUBSETTER: str = uharfbuzz.__version__

#: What a page's letters need no more once they are placed.
_UNUSED = ("BASE", "DSIG", "EBDT", "EBLC", "EBSC", "GPOS", "GSUB", "JSTF", "LTSH", "PCLT", "SVG ")


def subset(program: bytes, glyphs: Collection[int]) -> bytes:
    """A font file with these glyphs alone, under their own numbers, and none behind the last of them."""
    flags = uharfbuzz.SubsetFlags
    own = flags.PASSTHROUGH_UNRECOGNIZED | flags.DESUBROUTINIZE | flags.NO_HINTING
    first = uharfbuzz.SubsetInput()
    first.glyph_set.update(glyphs)
    first.drop_table_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in _UNUSED)
    first.flags = own | flags.RETAIN_GIDS
    face = uharfbuzz.subset(uharfbuzz.Face(program), first)
    second = uharfbuzz.SubsetInput()
    second.glyph_set.update(range(max(glyphs, default=0) + 1))
    second.flags = own
    return bytes(uharfbuzz.subset(face, second).blob.data)


def lettered(program: bytes, text: str) -> bytes:
    """A font file with the letters of a text alone; they join and combine as in the whole one."""
    chosen = uharfbuzz.SubsetInput()
    chosen.unicode_set.update(map(ord, text))
    chosen.flags = uharfbuzz.SubsetFlags.NO_HINTING
    return bytes(uharfbuzz.subset(uharfbuzz.Face(program), chosen).blob.data)


def together(
    begins: Mapping[int, str], widths: Iterable[tuple[int, int]]
) -> tuple[dict[int, int], dict[int, str]]:
    """The clusters of a text that are drawn together: marks, and letters below others, with those before.

    `begins` has the text of each cluster by where it begins, in order; `widths` how far each of their
    glyphs moves on. Told are for each the beginning of the one that it goes with, and for those the text
    of all.
    """
    moved: Counter[int] = Counter()
    for begin, width in widths:
        moved[begin] += width
    owners: dict[int, int] = {}
    texts: dict[int, str] = {}
    for begin, text in begins.items():
        # What only orders how the line is set is not said.
        said = "".join(one for one in text if one in JOINERS or unicodedata.category(one) != "Cf")
        marks = all(one in JOINERS or unicodedata.category(one) in MARKS for one in said)
        joined = texts and (marks or not moved[begin])
        owners[begin] = next(reversed(texts)) if joined else begin
        texts[owners[begin]] = texts.get(owners[begin], "") + said
    return owners, texts


def words_of(text: str) -> Iterator[str]:
    """The words of a text: letters and marks, and what joins them."""
    for is_word, letters in groupby(text, lambda one: one in JOINERS or unicodedata.category(one)[0] in "LM"):
        if is_word:
            yield "".join(letters)


def texts_of_codes(cmap: bytes) -> dict[int, str]:
    """The text that a ToUnicode map gives to each code; an UnreadableError where it has too many."""
    found: dict[int, str] = {}
    if _LONG.search(cmap):
        raise UnreadableError("a font gives a code a text that is far too long")
    for count, (code, text) in enumerate(chain(_pairs(cmap), _runs(cmap))):
        if count >= MAX_CODES:
            raise UnreadableError(f"a font gives texts to more than {MAX_CODES} codes")
        found[code] = text
    return found


def _pairs(cmap: bytes) -> Iterator[tuple[int, str]]:
    for block in _blocks(cmap, b"bfchar"):
        for code, text in _PAIR.findall(block):
            yield _number(code), _utf16(text)


def _runs(cmap: bytes) -> Iterator[tuple[int, str]]:
    for block in _blocks(cmap, b"bfrange"):
        for first, last, text, several in _RUN.findall(block):
            texts, start = _TEXT.findall(several), _utf16(text) or "\0"
            for step, code in enumerate(range(_number(first), _number(last) + 1)):
                if several:
                    yield code, _utf16(texts[step]) if step < len(texts) else ""
                else:
                    yield code, start[:-1] + chr((ord(start[-1]) + step) % 0x110000)


def _blocks(cmap: bytes, kind: bytes) -> Iterator[bytes]:
    """What stands between the operators that begin and end a kind of entries."""
    for begun in cmap.split(b"begin" + kind)[1:]:
        entries, end, _ = begun.partition(b"end" + kind)
        if end:
            yield entries


def _number(digits: bytes) -> int:
    return int(b"".join(digits.split()) or b"0", 16)


def _utf16(digits: bytes) -> str:
    compact = b"".join(digits.split())
    return bytes.fromhex(compact.decode() + "0" * (len(compact) % 2)).decode("utf-16-be", "replace")


def drawings(program: bytes, texts: Mapping[int, str]) -> Mapping[str, frozenset[str]]:
    """For each text the outlines of its glyphs in an embedded font program, whose codes are glyphs."""
    return _drawings(program, tuple(texts.items()))


#: So many font programs of files are remembered: those of a booklet are in each of its clinics' editions.
PROGRAMS = 40


@lru_cache(maxsize=PROGRAMS)
def _drawings(program: bytes, texts: tuple[tuple[int, str], ...]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    try:
        with TTFont(io.BytesIO(program), lazy=True) as font:
            outlines, names = _Outlines(font), font.getGlyphOrder()
            for code, text in texts:
                drawn = outlines.of(names[code]) if code < len(names) else ""
                found.setdefault(text, set()).add(drawn)
    except (
        TTLibError,
        KeyError,
        AttributeError,
        AssertionError,
        IndexError,
        ValueError,
        TypeError,
        struct.error,
    ):
        return unread(dict(texts))
    return {text: frozenset(outlines) for text, outlines in found.items()}


def unread(texts: Mapping[int, str]) -> dict[str, frozenset[str]]:
    """What a font draws that cannot be read: nothing that is known."""
    return {text: frozenset({"?"}) for text in texts.values()}


#: So many outlines are remembered, by their font's scale, their programs and their bearings: a clinic's
#: details bring fonts of their own, whose glyphs were all in others before.
GLYPHS = 20_000
#: Of a glyph that calls more others than that, the outline is not remembered.
CALLED = 8
_KNOWN: dict[tuple[float, bytes, int], str] = {}


class _Outlines:
    """The outlines of a font's glyphs, each as a short digest; empty for a glyph without ink."""

    def __init__(self, font: TTFont) -> None:
        self.font, self.names = font, font.getGlyphOrder()
        self.glyf = font["glyf"] if "glyf" in font and "fvar" not in font else None
        self.bearings = font["hmtx"].metrics if self.glyf else {}
        # A font with other units to its em prints the same outlines in another size.
        self.scale = UNITS / font["head"].unitsPerEm

    @cached_property
    def glyphs(self) -> Any:
        """The glyphs, to be drawn."""
        return self.font.getGlyphSet()

    def of(self, *names: str, at: Sequence[tuple[int, int]] = ((0, 0),)) -> str:
        """The outline of a glyph, or of several that are drawn as one, each so far right and up."""
        alone = len(names) == 1 and tuple(at) == ((0, 0),)
        program = self._program(names[0]) if alone else b""
        if not program:
            return self._drawn(names, at)
        # A glyph is drawn from its left side bearing on (OpenType, hmtx).
        key = self.scale, program, self.bearings[names[0]][1]
        if key not in _KNOWN:
            if len(_KNOWN) >= GLYPHS:
                _KNOWN.clear()
            _KNOWN[key] = self._drawn(names, at)
        return _KNOWN[key]

    def _program(self, name: str) -> bytes:
        """What draws a glyph of a TrueType font, and those that it calls; empty where that is not told.

        So it is of a glyph that was taken apart, and of one that calls others that call others.
        """
        data = self._data(name)
        if not _is_composite(data):
            return data
        called = [self.names[glyph] for glyph in islice(_called(data), CALLED + 1)]
        programs = [self._data(one) for one in called]
        if len(called) > CALLED or not all(programs) or any(map(_is_composite, programs)):
            return b""
        return repr((data, programs)).encode()

    def _data(self, name: str) -> bytes:
        data: bytes = getattr(self.glyf.glyphs.get(name), "data", b"") if self.glyf else b""
        return data

    def _drawn(self, names: Sequence[str], at: Sequence[tuple[int, int]]) -> str:
        strokes: list[tuple[str, list[tuple[float, float] | None]]] = []
        for name, (right, up) in zip(names, at, strict=True):
            pen = DecomposingRecordingPen(self.glyphs)
            self.glyphs[name].draw(pen)
            for how, several in pen.value:
                strokes.append((how, [one and (one[0] + right, one[1] + up) for one in several]))
        points = [point for _, several in strokes for point in several if point is not None]
        if not points:
            return ""
        # Where a glyph stands beside its origin is another matter than what it looks like.
        left, scale = min(x for x, _ in points), self.scale
        drawn = [
            (how, [point and ((point[0] - left) * scale, point[1] * scale) for point in several])
            for how, several in strokes
        ]
        return hashlib.sha256(repr(drawn).encode()).hexdigest()[:24]


def _is_composite(program: bytes) -> bool:
    """Does a glyph call others? Then its number of contours is below nought (OpenType 1.9, glyf)."""
    return program[:1] >= b"\x80"


def _called(program: bytes) -> Iterator[int]:
    """The numbers of the glyphs that a composite calls (OpenType 1.9, glyf, composite glyphs)."""
    at, more = 10, True
    while more:
        flags, glyph = struct.unpack_from(">HH", program, at)
        yield glyph
        # Behind them are two places, of two bytes each or of one, and what the glyph is scaled by.
        scale = 2 if flags & 0x8 else 4 if flags & 0x40 else 8 if flags & 0x80 else 0
        at += 4 + (4 if flags & 0x1 else 2) + scale
        more = bool(flags & 0x20)


#: So many font files are kept as far as they were read: more than fonts/ has.
FILES = 200


def face_file(path: Path) -> "FaceFile":
    """A font file as it is now; read once, for all layouts that have it."""
    found = path.stat()
    return _face_file(path, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@lru_cache(maxsize=FILES)
def _face_file(path: Path, *_stamp: int) -> "FaceFile":
    return FaceFile(path)


@dataclass
class FaceFile:
    """A font file of a family, read as far as it is asked for."""

    path: Path
    _known: dict[str, str] = field(default_factory=dict, repr=False)
    _together: dict[tuple[Part, ...], str] = field(default_factory=dict, repr=False)

    @cached_property
    def _font(self) -> Any:
        # From memory: nobody would close the file.
        return TTFont(io.BytesIO(self.path.read_bytes()), lazy=True)

    @cached_property
    def _outlines(self) -> _Outlines:
        return _Outlines(self._font)

    @cached_property
    def _shaper(self) -> Any:
        return uharfbuzz.Font(uharfbuzz.Face(self.path.read_bytes()))

    @cached_property
    def letters(self) -> Mapping[int, str]:
        """The face's glyph for each letter (code point)."""
        return dict(self._font.getBestCmap())

    def width(self, text: str) -> float:
        """How wide a text is printed, in parts of the type's size; a letter that it lacks is as wide as 1."""
        known, advances = self.letters, self._font["hmtx"]
        units = self._font["head"].unitsPerEm
        return sum(
            advances[known[code]][0] / units if code in known else 1.0
            for code in map(ord, unicodedata.normalize("NFC", text))
        )

    def draws(self, text: str, outline: str) -> bool:
        """Is this how the face draws the letter? Of the spaces it may have none but U+0020."""
        if text.isspace():
            return not outline
        letter = unicodedata.normalize("NFC", text)
        name = self.letters.get(ord(letter)) if len(letter) == 1 else None
        return name is not None and self._outline(name) == outline

    def may_draw(self, text: str, outline: str) -> bool:
        """Is it another form of the letter that reads the same, or a ligature of several?"""
        return any(self._outline(name) == outline for name in self._forms.get(text, ()))

    def shaped(self, words: Iterable[str], language: str) -> Iterator[tuple[str, str]]:
        """What is drawn for each letter of some words, as HarfBuzz joins and places their glyphs.

        Told are texts and outlines. In words that are written from right to left, what is drawn for
        several letters is that of the first; nothing is drawn for the others. Words with letters that
        the face has not are left out.
        """
        font = self._shaper
        order = self._font.getGlyphOrder()
        for word in words:
            if not all(map(self._has_letter, unicodedata.normalize("NFC", word))):
                continue
            right_to_left, clusters = _shape(font, word, language)
            for text, parts in clusters:
                drawn = self._drawn(tuple(parts), order)
                if right_to_left:
                    yield text[:1], drawn
                    yield from ((letter, "") for letter in text[1:])
                else:
                    yield text, drawn

    def _has_letter(self, letter: str) -> bool:
        """Has the face the letter, or its parts?"""
        parts = unicodedata.normalize("NFD", letter)
        return letter in JOINERS or ord(letter) in self.letters or self.letters.keys() >= set(map(ord, parts))

    def _drawn(self, parts: tuple[Part, ...], order: Sequence[str]) -> str:
        if parts not in self._together:
            names, places = [order[part.glyph] for part in parts], [part[1:] for part in parts]
            self._together[parts] = self._outlines.of(*names, at=places)
        return self._together[parts]

    def has(self, outline: str) -> bool:
        """Is the outline one of the face's at all?"""
        return any(self._outline(name) == outline for name in self._font.getGlyphOrder())

    def _outline(self, name: str) -> str:
        if name not in self._known:
            self._known[name] = self._outlines.of(name)
        return self._known[name]

    @cached_property
    def _forms(self) -> dict[str, set[str]]:
        """For every letter and ligature the glyphs that read the same."""
        texts: dict[str, set[str]] = {}
        for code, name in self.letters.items():
            texts.setdefault(name, set()).add(chr(code))
        # A form may be that of another form: small steps until nothing is new.
        for _ in range(3):
            for name, text in list(self._substituted(texts)):
                texts.setdefault(name, set()).add(text)
        forms: dict[str, set[str]] = {}
        for name, said in texts.items():
            for text in said:
                forms.setdefault(text, set()).add(name)
        return forms

    def _substituted(self, texts: Mapping[str, set[str]]) -> Iterator[tuple[str, str]]:
        """Glyphs that stand for others by the font's own rules (GSUB: single, alternate, ligature)."""
        for rule in self._rules:
            for name, other in getattr(rule, "mapping", {}).items():
                for form in (other,) if isinstance(other, str) else other:
                    yield from ((form, text) for text in texts.get(name, ()))
            for name, others in getattr(rule, "alternates", {}).items():
                yield from ((form, text) for form in others for text in texts.get(name, ()))
            for name, ligatures in getattr(rule, "ligatures", {}).items():
                for ligature in ligatures:
                    parts = [min(texts.get(part, {""}), key=len) for part in (name, *ligature.Component)]
                    yield ligature.LigGlyph, "".join(parts)

    @cached_property
    def _rules(self) -> list[Any]:
        """The rules of all lookups that a feature for the same letter uses, itself or through others."""
        table = self._font["GSUB"].table if "GSUB" in self._font else None
        if not table or not table.LookupList or not table.FeatureList:
            return []
        lookups = table.LookupList.Lookup
        records = [one for one in table.FeatureList.FeatureRecord if one.FeatureTag in SAME_LETTER.split()]
        numbers = sorted({number for record in records for number in record.Feature.LookupListIndex})
        rules: list[Any] = []
        # What is added while it is gone through is gone through, too.
        for number in numbers:
            for sub in lookups[number].SubTable:
                rules.append(getattr(sub, "ExtSubTable", sub))
                numbers += set(_named(rules[-1])) - set(numbers)
        return rules


def _shape(font: Any, word: str, language: str) -> tuple[bool, list[tuple[str, list[Part]]]]:
    """Does a word run from right to left, and by which glyphs are its letters drawn?"""
    buffer = uharfbuzz.Buffer()
    buffer.cluster_level = uharfbuzz.BufferClusterLevel.MONOTONE_CHARACTERS
    buffer.add_str(word)
    buffer.guess_segment_properties()
    buffer.language = language
    uharfbuzz.shape(font, buffer)
    order = sorted({info.cluster for info in buffer.glyph_infos})
    begins = {one: word[one:end] for one, end in zip(order, [*order[1:], len(word)], strict=True)}
    glyphs = list(zip(buffer.glyph_infos, buffer.glyph_positions, strict=True))
    owners, texts = together(begins, ((info.cluster, place.x_advance) for info, place in glyphs))
    clusters: dict[int, list[Part]] = {}
    widths: dict[int, int] = {}
    for info, place in glyphs:
        owner = owners[info.cluster]
        part = Part(info.codepoint, widths.get(owner, 0) + place.x_offset, place.y_offset)
        clusters.setdefault(owner, []).append(part)
        widths[owner] = widths.get(owner, 0) + place.x_advance
    return buffer.direction == "rtl", [(texts[owner], parts) for owner, parts in clusters.items()]


def _named(rule: Any) -> Iterator[int]:
    """The lookups that a rule for a context names, however deep in its tables."""
    if isinstance(rule, otTables.SubstLookupRecord):
        yield rule.LookupListIndex
    for part in rule.iterSubTables() if isinstance(rule, BaseTable) else ():
        yield from _named(part.value)
