"""Is a font told from another by what its glyphs look like, however they are put together?"""

import io
from collections.abc import Callable
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from booklet.faces import drawings

#: Texts by codes: an e, an acute accent, and an e with that accent, which calls both.
TEXTS = {1: "e", 2: "´", 3: "é"}


def _square(left: int, foot: int, side: int) -> Any:
    pen = TTGlyphPen({})
    corners = [(left, foot), (left, foot + side), (left + side, foot + side), (left + side, foot)]
    pen.moveTo(corners[0])
    for corner in corners[1:]:
        pen.lineTo(corner)
    pen.closePath()
    return pen.glyph()


def _font(*, accent: int = 500, up: int = 100) -> bytes:
    """A font whose accent has its foot at a height, is raised by so much in the é."""
    order = [".notdef", "e", "acute", "eacute"]
    glyphs = {".notdef": TTGlyphPen({}).glyph(), "e": _square(50, 0, 400), "acute": _square(100, accent, 90)}
    pen = TTGlyphPen(glyphs)
    pen.addComponent("e", (1, 0, 0, 1, 0, 0))
    pen.addComponent("acute", (1, 0, 0, 1, 150, up))
    built = FontBuilder(1000, isTTF=True)
    built.setupGlyphOrder(order)
    built.setupCharacterMap({})
    built.setupGlyf({**glyphs, "eacute": pen.glyph()})
    built.setupHorizontalMetrics(
        {".notdef": (500, 0), "e": (500, 50), "acute": (300, 100), "eacute": (500, 50)}
    )
    built.setupHorizontalHeader(ascent=800, descent=-200)
    built.setupNameTable({"familyName": "Test"})
    built.setupOS2()
    built.setupPost()
    data = io.BytesIO()
    built.save(data)
    return data.getvalue()


def test_a_glyph_that_calls_others_is_the_same_in_another_file() -> None:
    assert drawings(_font(), TEXTS) == drawings(_font(), TEXTS)
    assert len(set(drawings(_font(), TEXTS).values())) == len(TEXTS)


@pytest.mark.parametrize(
    "other",
    [
        lambda: _font(up=101),
        # Its own bytes are the same: what it calls has changed.
        lambda: _font(accent=501),
    ],
    ids=["raised", "another accent"],
)
def test_a_glyph_that_calls_others_is_another_one_where_they_look_other(other: Callable[[], bytes]) -> None:
    before, after = drawings(_font(), TEXTS), drawings(other(), TEXTS)
    assert before["é"] != after["é"]
    assert before["e"] == after["e"]
