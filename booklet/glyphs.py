"""How is a line of text drawn, so that each letter reads back from the PDF as it was typed?

WeasyPrint gives each glyph one text for good: that of the place where it is drawn first. In scripts
whose letters join, change places or share parts, other places then read back as other words. Here
whatever is drawn for some letters has a code of its own: where a single glyph with a single text
will not do, a glyph is put together from the font's own (OpenType 1.9, glyf, composite glyphs).
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from weasyprint.text.ffi import ffi, pango

from .bidi import END, RIGHT_TO_LEFT, runs_leftwards
from .codes import THOUSAND, Codes, Used
from .faces import Part, together

#: Pango's units in a point (PANGO_SCALE).
PANGO_UNITS = 1024

_logger = logging.getLogger("weasyprint")


@dataclass(slots=True)
class _Cluster:
    """Letters that are drawn together, by glyphs that are each so far right and up, in Pango's units."""

    text: str
    glyphs: list[tuple[int, int, int]] = field(default_factory=list)
    width: int = 0


@dataclass(slots=True)
class _Run:
    """Text in one font, size and direction, while it is drawn."""

    stream: Any
    item: Any
    font: Any
    size: float
    codes: Codes
    shown: str = ""

    def codes_of(self, text: bytes) -> str:
        """The codes of the run's part of a line's text, with the kerning between them."""
        right_to_left = bool(self.item.item.analysis.level % 2)
        begin = self.item.item.offset
        letters = text[begin : begin + self.item.item.length]
        if letters.isascii() and self.item.glyphs.num_glyphs == len(letters) and not right_to_left:
            plain = self._plain(letters)
            if plain is not None:
                return plain
        for cluster in _clusters(self.item, text):
            parts = tuple(self._parts(cluster))
            if parts and right_to_left:
                # A reader turns the codes around, but not what one code says.
                for letter in reversed(cluster.text[1:]):
                    self._show(self.codes.of((), letter, 0), 0)
                self._show(self._code(parts, cluster, cluster.text[:1]), cluster.width)
            elif parts:
                self._show(self._code(parts, cluster, cluster.text), cluster.width)
        return self.shown

    def _plain(self, letters: bytes) -> str | None:
        """The codes of letters that are each drawn by a glyph where it belongs; None where some are not.

        That is most text, and what was shown before is shown alike.
        """
        glyphs, clusters = self.item.glyphs.glyphs, self.item.glyphs.log_clusters
        known: dict[tuple[int, int, int, float], str] = vars(self.font).setdefault("shown", {})
        shown = []
        for index, letter in enumerate(letters):
            glyph, place = glyphs[index].glyph, glyphs[index].geometry
            width = place.width
            if clusters[index] != index or place.x_offset or place.y_offset or not width:
                return None
            key = letter, glyph, width, self.size
            if key not in known:
                if glyph == pango.PANGO_GLYPH_EMPTY or glyph & pango.PANGO_GLYPH_UNKNOWN_FLAG:
                    return None
                cluster = _Cluster(chr(letter), [(glyph, 0, 0)], width)
                code = self._code(tuple(self._parts(cluster)), cluster, cluster.text)
                known[key] = self._shown(code, width)
            shown.append(known[key])
        return "".join(shown)

    def _parts(self, cluster: _Cluster) -> Iterator[Part]:
        unit = self.font.upem / (self.size * PANGO_UNITS)
        for drawn, right, up in cluster.glyphs:
            glyph = drawn
            if drawn & pango.PANGO_GLYPH_UNKNOWN_FLAG:
                codes = " ".join(f"U+{ord(letter):04X}" for letter in cluster.text)
                _logger.warning("no glyph for %r (%s) in %s", cluster.text, codes, self.font.family)
                glyph = 0
            self._measure(glyph)
            # What WeasyPrint keeps of the font are the glyphs in this.
            self.font.to_unicode.setdefault(glyph, cluster.text)
            yield Part(glyph, round(right * unit), -round(up * unit))

    def _measure(self, glyph: int) -> None:
        """Note a glyph's own width, as WeasyPrint does."""
        if glyph not in self.font.widths:
            logical = self.stream.logical_rect
            font = self.item.item.analysis.font
            pango.pango_font_get_glyph_extents(font, glyph, self.stream.ink_rect, logical)
            self.font.widths[glyph] = round(self._thousandths(logical.width))

    def _code(self, parts: tuple[Part, ...], cluster: _Cluster, text: str) -> int:
        width = round(cluster.width * self.font.upem / (self.size * PANGO_UNITS))
        # A font has no glyph that moves back; what is missing to it is set as kerning.
        return self.codes.of(parts, text, max(width, 0))

    def _show(self, code: int, width: int) -> None:
        self.shown += self._shown(code, width)

    def _shown(self, code: int, width: int) -> str:
        """A code as a stream has it; `width` is how far it moves on here, in Pango's units."""
        widths, upem = self.codes.widths, self.font.upem
        own = widths[code] * THOUSAND / upem if code in widths else self.font.widths[code]
        kerning = int(own - self._thousandths(width))
        return f"<{code:04x}>{kerning or ''}"

    def _thousandths(self, width: int) -> float:
        return width * THOUSAND / (self.size * PANGO_UNITS)


def draw_line(stream: Any, textbox: Any, _overflow: str, _ellipsis: str, matrix: Any) -> list[Any]:
    """Draw a line of text; stands in for WeasyPrint's `draw_first_line`, and gives back no emojis.

    Text that overflows is not cut short here, as `text-overflow` and `block-ellipsis` would have it.
    """
    layout = textbox.pango_layout
    # Where there is no size, or nothing to be seen, Pango has no runs.
    if textbox.style["font_size"] < 1e-6 or not textbox.text.strip():
        return []
    pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
    line, _ = layout.get_first_line()
    stream.set_text_matrix(*matrix.values)
    text = layout.text.encode()
    run, shown, last = line.runs[0], "", None
    while run != ffi.NULL:
        font, size = stream.add_font(run.data.item.analysis.font)
        # What is in one font is shown at once: of several texts pdfium would lose the spaces between.
        if (font.hash, size) != last:
            if shown:
                stream.show_text(shown)
            stream.set_font_size(font.hash, size)
            shown, last = "", (font.hash, size)
        shown += _Run(stream, run.data, font, size, _codes_of(font, stream._fonts)).codes_of(text)
        run = run.next
    if shown:
        stream.show_text(shown)
    return []


class _Whole(str):
    """A text of a drawing that is laid out as one: WeasyPrint goes through it letter by letter."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        yield str(self)


#: What places the letters of a drawing's text one by one (SVG 1.1, 10.5).
_PLACES = ("x", "y", "dx", "dy", "rotate")


def in_one(draw_text: Callable[[Any, Any, float], None]) -> Callable[[Any, Any, float], None]:
    """WeasyPrint's function for text in drawings, whose letters join and keep their order."""

    def draw(svg: Any, node: Any, font_size: float) -> None:
        placed = any(len(re.split(r"[\s,]+", node.get(key, "").strip())) > 1 for key in _PLACES)
        spaced = "textLength" in node.attrib or "letter-spacing" in node.attrib
        # A drawing that is printed twice is gone through twice.
        if node.text and not isinstance(node.text, _Whole) and not placed and not spaced:
            leftwards = runs_leftwards(node.text)
            text = f"{RIGHT_TO_LEFT}{node.text}{END}" if leftwards else node.text
            node._etree_node.text = _Whole(text)
        draw_text(svg, node, font_size)

    return draw


def _codes_of(font: Any, fonts: Mapping[Any, Any]) -> Codes:
    """The codes of a font of WeasyPrint's; those of one name share a file, and so their codes."""
    if not hasattr(font, "codes"):
        same = (
            other.codes for other in fonts.values() if other.hash == font.hash and hasattr(other, "codes")
        )
        font.codes = next(same, None) or Codes(font.glyph_count)
    codes: Codes = font.codes
    return codes


def _clusters(item: Any, text: bytes) -> Iterator[_Cluster]:
    """What is drawn together, from left to right (Pango, PangoGlyphString)."""
    begin, end, glyphs = item.item.offset, item.item.offset + item.item.length, item.glyphs
    begins = [begin + glyphs.log_clusters[index] for index in range(glyphs.num_glyphs)]
    order = sorted(set(begins))
    ends = zip(order, [*order[1:], end], strict=True)
    widths = (glyphs.glyphs[index].geometry.width for index in range(glyphs.num_glyphs))
    owner, letters = together(
        {first: text[first:last].decode() for first, last in ends}, zip(begins, widths, strict=True)
    )
    clusters: dict[int, _Cluster] = {}
    for index, first in enumerate(begins):
        cluster = clusters.setdefault(owner[first], _Cluster(letters[owner[first]]))
        glyph, place = glyphs.glyphs[index].glyph, glyphs.glyphs[index].geometry
        if glyph != pango.PANGO_GLYPH_EMPTY:
            cluster.glyphs.append((glyph, cluster.width + place.x_offset, place.y_offset))
        cluster.width += place.width
    yield from clusters.values()


def used(fonts: Mapping[Any, Any]) -> Iterator[Used]:
    """What a document shows in each font of WeasyPrint's."""
    files: dict[str, list[Any]] = {}
    for font in fonts.values():
        files.setdefault(font.hash, []).append(font)
    for same in files.values():
        font = same[0]
        codes = _codes_of(font, fonts)
        yield Used(
            font.hash,
            font.name,
            font.family,
            font.flags,
            font.ascent,
            font.descent,
            font.upem,
            font.glyph_count,
            font.file_content,
            {glyph: width for one in same for glyph, width in one.widths.items()},
            codes.texts,
            tuple((parts, text, codes.widths[code]) for (parts, text), code in codes.made.items()),
        )
