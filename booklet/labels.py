"""How can the labels of a drawing be as large as a reader needs?

A label grows away from the line that leads to it, where it has room. Where it has none it becomes a
letter, which stands at the end of that line; what the letters stand for is printed below the drawing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, pairwise
from math import hypot, radians
from xml.etree.ElementTree import Element, tostring
from xml.etree.ElementTree import fromstring as parse_xml

import numpy as np
from fontTools.misc.transform import Identity, Transform
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import PathBuilder, parse_path
from numpy.typing import NDArray

from .faces import FaceFile
from .picture import UNDRAWN, is_hidden, local_name
from .problem import Box

#: In parts of the type's size: how high capitals are; how far apart lines are, at the most in a drawing,
#: and where they are made larger; how far from a label the line may end that leads to it.
CAPITAL, FURTHEST, PITCH, NEAR = 0.7, 1.25, 1.2, 0.9

#: The ends of two lines that differ by no more than so much of its size are as near to a label.
ALIKE = 0.3

#: Between what is made larger and its neighbours there is so much of its size.
AIR = 0.15

#: What places or spaces the letters of a text, one by one.
SET = {"dx", "dy", "rotate", "textLength", "lengthAdjust", "letter-spacing", "word-spacing"}

#: So many points of each stretch of an outline are looked at, and of a drawing; and so many of its labels.
STEPS, MOST_POINTS, MOST_LABELS = 24, 200_000, 200

#: In points: sizes are rounded.
SLACK = 0.05

Point = tuple[float, float]
Faces = tuple[FaceFile, FaceFile]


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of a drawing; its place and size are in the coordinates of the element."""

    element: Element
    said: str
    at: Point
    anchor: str
    weight: str
    size: float | None
    """None where it is not said in units."""
    whole: Transform
    """From the element's coordinates to the drawing's."""

    @property
    def scale(self) -> float:
        """By how much it is enlarged."""
        return float(_area(self.whole) ** 0.5)

    def box(self, faces: Faces) -> Box:
        """What it takes up in the drawing."""
        size = self.size or 0.0
        (x, y), wide = self.at, faces[self.weight not in ("", "normal", "400")].width(self.said) * size
        left = x - {"middle": wide / 2, "end": wide}.get(self.anchor, 0)
        corners = [self.whole.transformPoint(p) for p in ((left, y - CAPITAL * size), (left + wide, y))]
        xs, ys = zip(*corners, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def goes_on(self, above: "_Text") -> bool:
        """Is it the next line of the same label?"""
        alike = (self.anchor, self.size, self.whole) == (above.anchor, above.size, above.whole)
        # Numbers below one another are those of an axis.
        alike = alike and not re.fullmatch(r"[\d.,%−-]+", self.said)
        down = self.at[1] - above.at[1]
        return alike and self.at[0] == above.at[0] and 0 < down <= FURTHEST * (self.size or 0)


def keyed(
    data: bytes, points: float, least: float, faces: Faces
) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """A drawing (an SVG file without faults) without small labels, and the names that stand for some.

    They are letters, and numbers where no word of the drawing is in Latin letters.

    A unit of the drawing is printed as so many `points`; labels of less than `least` points are small.
    `faces` are those that it is drawn in, plain and bold.
    """
    root = parse_xml(data)  # noqa: S314 - a DOCTYPE was refused when the source was read
    texts = list(_texts(root))
    small = [t for t in texts if (t.size or 0) * t.scale * points < least - SLACK]
    if not small:
        return data, ()
    others = [t.box(faces) for t in texts if t not in small]
    outlines = list(_outlines(root))
    ends = [end for part, line in outlines if line for end in (part[0], part[-1])]
    drawn = np.array([point for part, _ in outlines for point in part]).reshape(-1, 2)
    whole = len(drawn) < MOST_POINTS  # of what is drawn besides nothing is known
    labels = [_Label(lines, [line.box(faces) for line in lines], ends) for lines in _labels(small)]
    if len(labels) > MOST_LABELS:
        return data, ()
    parents = {child: parent for parent in root.iter() for child in parent}
    edge, size = view_box(data), least / points
    key: list[tuple[str, str]] = []
    free = _free_names({word for text in texts for word in text.said.split()})
    for number, label in enumerate(labels):
        said = [line.said for line in label.lines]
        place = label.place(said, size, faces)
        around = [*others, *(other.box for other in labels[number + 1 :])]
        if not (whole and _has_room(label.box, place.box, size, (edge, around, drawn))):
            key.append((next(free), " ".join(said)))
            said = [key[-1][0]]
            place = label.place(said, size, faces).within(edge, AIR * size)
        others.append(place.box)
        for line, shown, at in zip(label.lines, said, place.feet, strict=False):
            _reword(line, shown, at, place.anchor, size)
        for line in label.lines[len(said) :]:
            parents[line.element].remove(line.element)
    return tostring(root), tuple(key)


def _free_names(words: set[str]) -> Iterator[str]:
    """Names that no word of a drawing has: beside 'B cells' a B would be taken for them.

    To who reads no Latin letters a number says more.
    """
    latin = any(one.isascii() and one.isalpha() for word in words for one in word)
    names = map(_letter, count()) if latin else map(str, count(1))
    return (name for name in names if name not in words)


def view_box(data: bytes) -> Box:
    """What a drawing (an SVG file without faults) shows, in its own units."""
    root = parse_xml(data)  # noqa: S314 - a DOCTYPE was refused when the source was read
    left, top, width, height = map(float, re.split(r"[\s,]+", root.get("viewBox", "").strip()))
    return left, top, left + width, top + height


# --- Reading a drawing ----------------------------------------------------------------------


def _walk(root: Element) -> Iterator[tuple[Element, Transform, dict[str, str]]]:
    """What is drawn, in the file's order, with its transform and what it says of itself or inherits."""
    # Which rule of a style sheet is whose is not read: any text may be as small as the smallest.
    rules = " ".join(text for one in root.iter() if local_name(one) == "style" for text in one.itertext())
    sizes = re.findall(r"font-size\s*:\s*(\d*\.?\d+)px", rules, re.ASCII)
    told: dict[str, str] = {"font-size": min(sizes, key=float)} if sizes else {}
    waiting: list[tuple[Element, Transform, dict[str, str]]] = [(root, Identity, told)]
    while waiting:
        element, whole, style = waiting.pop()
        if local_name(element) in UNDRAWN or is_hidden(element):
            continue
        whole = whole.transform(_transform(element.get("transform", "")))
        own = {key: _set(element, key) for key in ("font-size", "font-weight", "text-anchor", "fill")}
        if not _area(whole):
            continue  # it is drawn without width or height
        style = style | {key: value for key, value in own.items() if value}
        yield element, whole, style
        if local_name(element) != "text":
            waiting += ((child, whole, style) for child in reversed(element))


def _texts(root: Element) -> Iterator[_Text]:
    for element, whole, style in _walk(root):
        said = " ".join(" ".join(element.itertext()).split()) if local_name(element) == "text" else ""
        placed = [one for one in element if one.get("x") and one.get("y")] if said else []
        # An export may set each line, or each label, as a part of one text with a place of its own.
        if len(placed) > 1 and len(placed) == len(element) and not (element.text or "").strip():
            for one in placed:
                own = {key: _set(one, key) for key in style}
                yield _text(one, whole, style | {key: value for key, value in own.items() if value})
        elif said:
            yield _text(element, whole, style)


def _text(element: Element, whole: Transform, style: dict[str, str]) -> _Text:
    said = " ".join(" ".join(element.itertext()).split())
    places = ([_number(one.get(side)) for one in element.iter()] for side in "xy")
    x, y = (next((n for n in numbers if n is not None), 0.0) for numbers in places)
    sizes = (_length(_set(one, "font-size")) for one in element.iter())
    size = min((one for one in sizes if one), default=_length(style.get("font-size", "")))
    anchor, weight = style.get("text-anchor", "start"), style.get("font-weight", "")
    return _Text(element, said, (x, y), anchor, weight, size, whole)


def _labels(texts: list[_Text]) -> list[list[_Text]]:
    """The lines of each label."""
    labels: list[list[_Text]] = []
    for one in texts:
        if labels and one.goes_on(labels[-1][-1]):
            labels[-1].append(one)
        else:
            labels.append([one])
    return labels


def _outlines(root: Element) -> Iterator[tuple[list[Point], bool]]:
    """Points along each part of what is drawn, as many as are looked at; and is it an open line?"""
    left = MOST_POINTS
    for element, whole, style in _walk(root):
        # The library reads no transforms but one kind.
        plain = Element(local_name(element), {k: v for k, v in element.attrib.items() if k != "transform"})
        unfilled = style.get("fill") == "none" or local_name(element) == "line"
        for part in _parts(plain):
            points = [whole.transformPoint(point) for point in part[:left]]
            yield points, unfilled and points[0] != points[-1]
            left -= len(points)
            if not left:
                return


def _parts(shape: Element) -> Iterator[list[Point]]:
    """Points along each part of a shape; none where it is broken."""
    builder, pen, part = PathBuilder(), RecordingPen(), list[Point]()
    try:
        builder.add_path_from_element(shape)
        for path in builder.paths:
            parse_path(path, pen)
    except Exception:
        # The library raises whatever a broken path brings about.
        return
    for how, points in pen.value[: MOST_POINTS // STEPS]:
        if how == "moveTo":
            part = [*points]
        elif how == "closePath":
            yield [*part, *_along([part[-1], part[0]]), part[0]]
        elif how == "endPath":
            yield part
        else:
            part += _along([part[-1], *points])


def _along(control: list[Point]) -> Iterator[Point]:
    """Points along a line or a Bézier curve with these control points, without its first."""
    for step in range(1, STEPS + 1):
        points = control
        while len(points) > 1:
            points = [
                (x0 + (x1 - x0) * step / STEPS, y0 + (y1 - y0) * step / STEPS)
                for (x0, y0), (x1, y1) in pairwise(points)
            ]
        yield points[0]


def _transform(said: str) -> Transform:
    """A transform as an attribute has it (SVG 1.1, 7.6)."""
    whole = Identity
    for name, inside in re.findall(r"(\w+)\s*\(([^)]*)\)", said):
        n = [float(number) for number in re.findall(r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?", inside, re.ASCII)]
        if name == "matrix" and len(n) == 6:
            whole = whole.transform(n)
        elif name == "translate" and n:
            whole = whole.translate(*n[:2])
        elif name == "scale" and n:
            whole = whole.scale(n[0], n[-1])
        elif name == "rotate" and n:
            x, y = n[1:3] if len(n) == 3 else (0.0, 0.0)
            whole = whole.translate(x, y).rotate(radians(n[0])).translate(-x, -y)
    return whole


def _area(whole: Transform) -> float:
    """By how much a transform enlarges an area."""
    xx, xy, yx, yy, _, _ = whole
    return float(abs(xx * yy - xy * yx))


def _set(element: Element, key: str) -> str:
    """What an element says of itself, in its style or as an attribute; empty where it says nothing."""
    style = re.search(rf"(?:^|;)\s*{key}\s*:\s*([^;]+)", element.get("style", ""))
    return (style[1] if style else element.get(key, "")).strip()


def _length(said: str) -> float | None:
    """A length in units; none where it is in others, or nothing."""
    number = re.fullmatch(r"(\d*\.?\d+)(?:px)?", said, re.ASCII)
    return float(number[1]) if number else None


def _number(said: str | None) -> float | None:
    number = re.match(r"\s*([-+]?\d*\.?\d+)", said or "", re.ASCII)
    return float(number[1]) if number else None


# --- Placing what is larger -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the lines of a label stand: what they take up, and the foot of each at its anchor."""

    box: Box
    anchor: str
    feet: tuple[Point, ...]

    def within(self, edge: Box, air: float) -> "_Place":
        """The place, moved into the drawing, and so far from its edge."""
        box = self.box
        across = max(edge[0] + air - box[0], 0) - max(box[2] + air - edge[2], 0)
        down = max(edge[1] + air - box[1], 0) - max(box[3] + air - edge[3], 0)
        moved = box[0] + across, box[1] + down, box[2] + across, box[3] + down
        return _Place(moved, self.anchor, tuple((x + across, y + down) for x, y in self.feet))


class _Label:
    """A label of one line or more, and the line that leads to it."""

    def __init__(self, lines: list[_Text], boxes: list[Box], ends: list[Point]) -> None:
        self.lines = lines
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        self.box: Box = min(lefts), min(tops), max(rights), max(bottoms)
        near = [
            (_away(box, end), number, end)
            for number, box in enumerate(boxes)
            for end in ends
            if _away(box, end) <= NEAR * (lines[0].size or 0) * lines[0].scale
        ]
        self.at, self.lead, self.side = 0, ((lefts[0] + rights[0]) / 2, 0.0), ""
        if near:
            _, self.at, self.lead = min(near)
            self.side = _side(boxes[self.at], self.lead)
            nearest = min(away for away, _, _ in near) + ALIKE * (lines[0].size or 0) * lines[0].scale
            if len({end for away, _, end in near if away <= nearest}) > 1:
                self.side = ""  # where several lines end, none of them may lead to it
        self.row = boxes[self.at]

    def place(self, said: list[str], size: float, faces: Faces) -> _Place:
        """Where it stands with other words, in bold and in a size: as far from its line's end as it is."""
        wide = max(faces[True].width(line) for line in said) * size
        x = {"left": self.row[0], "right": self.row[2], "": (self.box[0] + self.box[2]) / 2}.get(
            self.side, self.lead[0]
        )
        anchor = {"left": "start", "right": "end"}.get(self.side, "middle")
        left = x - {"start": 0, "end": wide, "middle": wide / 2}[anchor]
        high, pitch = CAPITAL * size, PITCH * size
        whole = high + pitch * (len(said) - 1)
        if self.side in ("left", "right"):
            top = self.lead[1] - high / 2 - pitch * min(self.at, len(said) - 1)
        elif self.side == "above":
            top = self.box[1]
        elif self.side == "below":
            top = self.box[3] - whole
        else:
            top = (self.box[1] + self.box[3] - whole) / 2
        feet = tuple((x, top + high + pitch * number) for number in range(len(said)))
        return _Place((left, top, left + wide, top + whole), anchor, feet)


def _away(box: Box, end: Point) -> float:
    left, top, right, bottom = box
    return hypot(max(left - end[0], end[0] - right, 0), max(top - end[1], end[1] - bottom, 0))


def _side(box: Box, end: Point) -> str:
    """On which side of a box does a line end?"""
    left, top, right, bottom = box
    away = {"left": left - end[0], "right": end[0] - right, "above": top - end[1], "below": end[1] - bottom}
    return max(away, key=away.__getitem__)


def _has_room(was: Box, box: Box, size: float, around: tuple[Box, list[Box], NDArray[np.float64]]) -> bool:
    """Does it lie within the drawing, clear of other labels and of what it did not stand on before?"""
    edge, others, drawn = around
    air = AIR * size
    left, top, right, bottom = box[0] - air, box[1] - air, box[2] + air, box[3] + air
    inside = edge[0] <= left and edge[1] <= top and right <= edge[2] and bottom <= edge[3]
    clear = all(left >= one[2] or right <= one[0] or top >= one[3] or bottom <= one[1] for one in others)
    return bool(inside and clear and not (_on(box, drawn) & ~_on(was, drawn)).any())


def _on(box: Box, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points lie in a box?"""
    x, y = points.T
    there: NDArray[np.bool_] = (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
    return there


def _letter(number: int) -> str:
    """The name of a label: A to Z, then AA and so on."""
    before, own = divmod(number, 26)
    return (_letter(before - 1) if before else "") + chr(ord("A") + own)


def _reword(text: _Text, said: str, at: Point, anchor: str, size: float) -> None:
    """Let a text say something in bold, at a place of the drawing."""
    element = text.element
    x, y = text.whole.inverse().transformPoint(at)
    larger = f"font-size:{size / text.scale:.3f}px;font-weight:700;text-anchor:{anchor}"
    style = ";".join(filter(None, (element.get("style", ""), larger)))
    kept = {key: value for key, value in element.attrib.items() if key not in SET}
    element.clear()
    element.text = said
    element.attrib.update(kept | {"style": style, "x": f"{x:.3f}", "y": f"{y:.3f}"})
