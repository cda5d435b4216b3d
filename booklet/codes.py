"""Which codes stand for the letters of a whole file, and what fonts does it need for them?

Each part of a file has codes of its own (see `glyphs`). Where parts are joined, whatever is drawn for
some letters keeps its code if no part before it has given that to others.
"""

import hashlib
import io
import re
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import count, takewhile

from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent

from .faces import Part, subset
from .pdffile import LEVEL, Item, text

#: Glyph space (ISO 32000-1, 9.2.4): widths and kerning are in thousandths of the type's size.
THOUSAND = 1000

#: Arguments of a component are distances, rounded to the grid (OpenType 1.9, glyf, component flags).
_DISTANCES = 0x0002 | 0x0004

#: What sets a font in a stream, and what shows codes in it (ISO 32000-1, 9.3.1 and 9.4.3).
_SHOWN = re.compile(rb"/(\w+) \S+ Tf|\[((?:<[0-9a-f]{4}>-?\d*)+)\] TJ")
_CODE = re.compile(rb"<([0-9a-f]{4})>")


@dataclass(slots=True)
class Codes:
    """The codes of one font; those that are no glyph of it begin behind its last."""

    first: int
    texts: dict[int, str] = field(default_factory=dict)
    made: dict[tuple[tuple[Part, ...], str], int] = field(default_factory=dict)
    widths: dict[int, int] = field(default_factory=dict)
    """How far each code that was made moves on, in units of the font."""

    def of(self, parts: tuple[Part, ...], text: str, width: int) -> int:
        """The code of what is drawn for a text; `width` is in units of the font."""
        if len(parts) == 1 and not (parts[0].right or parts[0].up):
            glyph = parts[0].glyph
            if self.texts.setdefault(glyph, text) == text:
                return glyph
        return self.make(parts, text, width)

    def make(self, parts: tuple[Part, ...], text: str, width: int) -> int:
        """The code of what has to be put together from glyphs."""
        key = parts, text
        if key not in self.made:
            self.made[key] = code = self.first + len(self.made)
            self.widths[code] = width
        return self.made[key]


@dataclass(frozen=True, slots=True)
class Used:
    """What a part shows in a font: the font as WeasyPrint describes it, and codes of the part's own."""

    key: str
    """What the part's streams call it; the same font has the same in all parts."""
    name: bytes
    family: str
    flags: int
    ascent: int
    descent: int
    upem: int
    """Units of the font in its size."""
    count: int
    """How many glyphs it has."""
    program: bytes = field(repr=False)
    """The font file."""
    widths: Mapping[int, int] = field(repr=False)
    """How far each glyph moves on, in thousandths of the size."""
    texts: Mapping[int, str] = field(repr=False)
    """The codes that are glyphs."""
    made: tuple[tuple[tuple[Part, ...], str, int], ...] = field(repr=False)
    """The others, in the order of their codes: their glyphs, text, and width in units of the font."""


@dataclass(slots=True)
class Joined:
    """A font of a whole file."""

    font: Used
    codes: Codes
    widths: dict[int, int] = field(default_factory=dict)
    """How far each glyph moves on, in thousandths of the size."""
    _files: tuple[bytes, bytes, bytes] | None = None
    _length: int = 0

    @property
    def glyphs(self) -> set[int]:
        """The glyphs that are shown, alone or in others."""
        return {*self.codes.texts, *(part.glyph for parts, _ in self.codes.made for part in parts)}

    @property
    def tag(self) -> bytes:
        """Six letters that tell one subset of a font from others (ISO 32000-1, 9.6.4)."""
        shown = repr((sorted(self.codes.texts.items()), list(self.codes.made))).encode()
        digest = hashlib.md5(self.font.name + shown, usedforsecurity=False).digest()
        return bytes(65 + byte % 26 for byte in digest[:6])

    def finish(self) -> None:
        """Pack it: nothing more is added. The whole font file is kept no longer."""
        self._files = self._packed()
        self.font = replace(self.font, program=self.font.program[:4])

    def objects(self, first: int, name: bytes = b"") -> Iterator[Item]:
        """The objects of the font, numbered from `first`; `name` is another one than the font's own.

        The first is the font (ISO 32000-1, 9.7.6, Type 0), the others are its CIDFont (9.7.4), descriptor
        (9.8), program (9.9) and the texts of its codes (9.10.3).
        """
        font, name = self.font, name or self.font.name
        if self._files is None:
            self._files = self._packed()
        program, texts, widths = self._files
        open_type = font.program[:4] == b"OTTO"
        yield Item(
            b"<</Type /Font/Subtype /Type0/BaseFont %s/Encoding /Identity-H/DescendantFonts [%d 0 R]"
            b"/ToUnicode %d 0 R>>" % (name, first + 1, first + 4)
        )
        yield Item(
            b"<</Type /Font/Subtype /CIDFontType%d/BaseFont %s"
            b"/CIDSystemInfo <</Registry (Adobe)/Ordering (Identity)/Supplement 0>>"
            b"/CIDToGIDMap /Identity/W [%s]/FontDescriptor %d 0 R>>"
            % (0 if open_type else 2, name, widths, first + 2)
        )
        widest = max((self.widths[glyph] for glyph in self.glyphs if glyph in self.widths), default=0)
        yield Item(
            b"<</Type /FontDescriptor/FontName %s/FontFamily %s/Flags %d"
            b"/FontBBox [0 %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d"
            b"/StemV 80/StemH 80/FontFile%d %d 0 R>>"
            % (
                *(name, text(font.family), font.flags, font.descent, widest),
                *(font.ascent, font.ascent, font.descent, font.ascent),
                *(3 if open_type else 2, first + 3),
            )
        )
        kind = b"/Subtype /OpenType" if open_type else b"/Length1 %d" % self._length
        yield Item(b"<<%s/Filter /FlateDecode" % kind, program)
        yield Item(b"<</Filter /FlateDecode", texts)

    def _packed(self) -> tuple[bytes, bytes, bytes]:
        """Its program and the texts of its codes, packed, and its widths."""
        codes = self.codes
        made = tuple((parts, code, codes.widths[code]) for (parts, _), code in codes.made.items())
        program = _program(self.font.program, frozenset(self.glyphs), codes.first, made)
        self._length = len(program)
        texts = codes.texts | {code: said for (_, said), code in codes.made.items()}
        lines = b"\n".join(_to_unicode(texts))
        widths = b" ".join(_widths(self, self.glyphs))
        return zlib.compress(program, LEVEL), zlib.compress(lines, LEVEL), widths

    def add(self, part: Used) -> dict[int, int]:
        """Take in what a part shows; told is which of its codes are others in the file."""
        self.widths |= part.widths
        others: dict[int, int] = {}
        for glyph, said in part.texts.items():
            if self.codes.texts.setdefault(glyph, said) != said:
                width = round(part.widths[glyph] * part.upem / THOUSAND)
                others[glyph] = self.codes.make((Part(glyph),), said, width)
        for own, (parts, said, width) in enumerate(part.made, part.count):
            code = self.codes.make(parts, said, width)
            if code != own:
                others[own] = code
        return others


def join_fonts(parts: Sequence[Sequence[Used]]) -> tuple[dict[str, Joined], list[dict[str, dict[int, int]]]]:
    """The fonts of a file of some parts; and for each part, by font, which of its codes are others there."""
    fonts: dict[str, Joined] = {}
    changes = []
    for part in parts:
        others = {}
        for font in part:
            joined = fonts.setdefault(font.key, Joined(font, Codes(font.count)))
            others[font.key] = joined.add(font)
        changes.append({key: codes for key, codes in others.items() if codes})
    return fonts, changes


def recoded(content: bytes, codes: Mapping[str, Mapping[int, int]]) -> bytes:
    """A content stream with other codes: for each font those that change."""
    current: Mapping[int, int] = {}

    def changed(found: re.Match[bytes]) -> bytes:
        nonlocal current
        if found[1] is not None:
            current = codes.get(found[1].decode(), {})
            return found[0]
        return _CODE.sub(lambda code: b"<%04x>" % current.get(int(code[1], 16), int(code[1], 16)), found[0])

    return _SHOWN.sub(changed, content)


def _widths(joined: Joined, glyphs: Collection[int]) -> Iterator[bytes]:
    """How far codes move on (ISO 32000-1, 9.7.4.3), in runs that follow one another."""
    codes = joined.codes
    widths = {glyph: joined.widths.get(glyph, 0) for glyph in glyphs}
    widths |= {code: round(width * THOUSAND / joined.font.upem) for code, width in codes.widths.items()}
    for code in sorted(widths):
        if code - 1 not in widths:
            run = [widths[one] for one in takewhile(widths.__contains__, count(code))]
            yield b"%d [%s]" % (code, b" ".join(b"%d" % width for width in run))


def _to_unicode(texts: Mapping[int, str]) -> Iterator[bytes]:
    """The lines of a map from codes to texts (ISO 32000-1, 9.10.3)."""
    yield b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap"
    yield b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def"
    yield b"/CMapName /Adobe-Identity-UCS def /CMapType 2 def"
    yield b"1 begincodespacerange <0000> <ffff> endcodespacerange"
    codes = sorted(texts)
    for start in range(0, len(codes), 100):
        some = codes[start : start + 100]
        yield b"%d beginbfchar" % len(some)
        yield from (f"<{code:04x}> <{texts[code].encode('utf-16-be').hex()}>".encode() for code in some)
        yield b"endbfchar"
    yield b"endcmap CMapName currentdict /CMap defineresource pop end end"


#: So many font programs are remembered: a booklet that is changed has most of its letters still.
PROGRAMS = 40


@lru_cache(maxsize=PROGRAMS)
def _program(
    program: bytes, used: frozenset[int], first: int, made: tuple[tuple[tuple[Part, ...], int, int], ...]
) -> bytes:
    """A font program with the glyphs that are used, and behind its own those that were put together.

    The latter come with their codes, from `first` on, and their widths.
    """
    program = subset(program, used)
    if not made:
        return program
    font = TTFont(io.BytesIO(program), recalcTimestamp=False)
    glyphs, widths = font["glyf"], font["hmtx"].metrics
    order = list(font.getGlyphOrder())
    # Of the font's last glyphs those that are not used are gone.
    for number in range(len(order), first):
        order.append(f"unused{number}")
        glyphs.glyphs[order[-1]], widths[order[-1]] = Glyph(), (0, 0)
    for parts, code, width in made:
        order.append(f"made{code}")
        glyphs.glyphs[order[-1]], widths[order[-1]] = _composite(parts, order), (width, 0)
    font.setGlyphOrder(order)
    glyphs.glyphOrder = order
    for name in order[first:]:
        glyphs.glyphs[name].recalcBounds(glyphs)
        widths[name] = widths[name][0], getattr(glyphs.glyphs[name], "xMin", 0)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _composite(parts: tuple[Part, ...], order: list[str]) -> Glyph:
    glyph = Glyph()
    if parts:
        glyph.numberOfContours = -1
        glyph.components = []
    for part in parts:
        component = GlyphComponent()
        component.glyphName, component.x, component.y = order[part.glyph], part.right, part.up
        component.flags = _DISTANCES
        glyph.components.append(component)
    return glyph
