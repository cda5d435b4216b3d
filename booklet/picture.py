"""Is a picture's file safe to draw, how large is it, and which words does it draw?

Pictures are hostile until they have been looked at.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError, tostring
from xml.etree.ElementTree import fromstring as parse_xml

from PIL import Image, ImageFile, ImageOps

MAX_BYTES = 20_000_000
MAX_SVG_BYTES = 2_000_000
MAX_PIXELS = 60_000_000
MAX_ELEMENTS = 20_000
MAX_DEPTH = 64

#: The next line of a label stands no lower than so many times its size, and a capital is so high.
LINES, CAPITAL = 1.35, 0.7

#: In points: sizes are rounded.
SLACK = 0.05

_FORBIDDEN = {"script", "foreignObject", "iframe", "object", "embed", "audio", "video", "set"}
_UNDRAWN = {"defs", "symbol", "title", "desc", "metadata", "style", "clipPath", "mask", "pattern", "marker"}
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")


def faults(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """What is wrong with a picture: message and hint, one pair for each fault."""
    if len(data) > MAX_BYTES:
        yield f"'{name}' is larger than {MAX_BYTES // 1_000_000} MB", "save it smaller"
    elif name.endswith(".svg"):
        yield from _svg_faults(name, data)
    else:
        yield from _raster_faults(name, data)


def _raster_faults(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    wanted = "PNG" if name.endswith(".png") else "JPEG"
    try:
        with _strict_reading():
            found = _looked_at(Image.open(BytesIO(data), formats=["PNG", "JPEG"]), name, wanted)
    except Image.DecompressionBombError:
        found = f"'{name}' has far too many pixels", "scale it down"
    except Exception:
        # Pillow's readers raise whatever a broken file brings about.
        found = f"'{name}' cannot be read as a picture", f"save it as {wanted} again"
    yield from [found] if found else []


@contextmanager
def _strict_reading() -> Iterator[None]:
    """Let Pillow refuse half a picture, which WeasyPrint tells it to take, and keep its warnings."""
    lenient = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _looked_at(picture: Image.Image, name: str, wanted: str) -> tuple[str, str] | None:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        return f"'{name}' has {width} × {height} pixels, which is too many", "scale it down"
    if picture.format != wanted:
        return f"'{name}' is a {picture.format} file by its content", "give it the right ending"
    if picture.mode == "CMYK":
        return (
            f"'{name}' has the colours of a printing press (CMYK)",
            "save it with the colours of a screen (RGB)",
        )
    picture.load()
    return None


def size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG or JPEG file without faults."""
    return Image.open(BytesIO(data), formats=["PNG", "JPEG"]).size


def greyed(name: str, data: bytes) -> bytes:
    """A picture without faults, its pixels without colour; a drawing (SVG) is left as it is."""
    if name.endswith(".svg"):
        return data
    picture = ImageOps.exif_transpose(Image.open(BytesIO(data), formats=["PNG", "JPEG"]))
    see_through = "A" in picture.getbands() or "transparency" in picture.info
    made = BytesIO()
    if name.endswith(".png"):
        picture.convert("LA" if see_through else "L").save(made, "PNG")
    else:
        picture.convert("L").save(made, "JPEG", quality=92)
    return made.getvalue()


def _svg_faults(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    if len(data) > MAX_SVG_BYTES:
        yield f"'{name}' is larger than {MAX_SVG_BYTES // 1_000_000} MB", "simplify the drawing"
        return
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or not _is_utf8(data):
        yield f"'{name}' has a DOCTYPE or is not UTF-8", "save it as plain SVG in UTF-8"
        return
    try:
        root = parse_xml(data)  # noqa: S314 - a DOCTYPE, and with it every entity, was refused above
    except (ParseError, ValueError) as error:
        yield f"'{name}' is no well-formed SVG: {error}", "save it as plain SVG again"
        return
    yield from _drawing_faults(name, root)


def _is_utf8(data: bytes) -> bool:
    """Is the file read as UTF-8? In another encoding a DOCTYPE would not show."""
    declared = re.match(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""", data.removeprefix(b"\xef\xbb\xbf"))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in data and (declared is None or declared[1].lower() == b"utf-8")


def _drawing_faults(name: str, root: Element) -> Iterator[tuple[str, str]]:
    if _local(root) != "svg":
        yield f"'{name}' is XML, but no SVG", "save it as plain SVG"
        return
    if not _has_size(root):
        yield f"'{name}' has no viewBox", 'give the <svg> element one, for example viewBox="0 0 118 96"'
    if _depth(root) > MAX_DEPTH or _Drawn(root).count > MAX_ELEMENTS:
        yield f"'{name}' is too complicated to draw", "simplify the drawing"
    for element in root.iter():
        yield from _element_faults(name, element)


def _has_size(root: Element) -> bool:
    numbers = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    form = r"[-+]?(\d+\.?\d*|\.\d+)"
    if len(numbers) != 4 or not all(re.fullmatch(form, number, re.ASCII) for number in numbers):
        return False
    return float(numbers[2]) > 0 and float(numbers[3]) > 0


def _element_faults(name: str, element: Element) -> Iterator[tuple[str, str]]:
    local = _local(element)
    if local in _FORBIDDEN or local.startswith("animate"):
        yield f"'{name}' holds <{local}>", "export the drawing without it"
    for key, value in element.attrib.items():
        if key in _HREFS and value.startswith("data:"):
            hint = "export the drawing without it, or use the PNG or JPEG file itself"
            yield f"'{name}' holds another picture", hint
        elif (key in _HREFS and not value.startswith("#")) or key.startswith("on") or _fetches(value):
            what = f"'{name}' refers to something outside itself: {key.rpartition('}')[2]}={value[:60]}"
            yield what, "export the drawing without it"
    if local == "style" and _fetches("".join(element.itertext())):
        yield f"'{name}' has a style that refers to something outside", "export the drawing without it"


def _fetches(style: str) -> bool:
    """Does a style fetch anything but a part of the drawing itself?"""
    # A backslash can hide any word from a reader of styles.
    style = style.lower()
    outside = any(not part.lstrip(" '\"").startswith("#") for part in style.split("url(")[1:])
    return outside or "@import" in style or "\\" in style


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _depth(element: Element) -> int:
    depth, row = 0, [element]
    while row and depth <= MAX_DEPTH:
        depth, row = depth + 1, [child for parent in row for child in parent]
    return depth


def words_of(data: bytes) -> Iterator[str]:
    """Each run of words that a drawing (an SVG file without faults) shows, in the file's order."""
    waiting = [parse_xml(data)]  # noqa: S314 - a DOCTYPE was refused when the source was read
    while waiting:
        element = waiting.pop()
        if _local(element) == "text" and not _is_hidden(element):
            yield from filter(str.strip, element.itertext())
        elif _local(element) not in _UNDRAWN and not _is_hidden(element):
            waiting += reversed(element)


@dataclass(frozen=True, slots=True)
class _Label:
    """A text of a drawing, and how it is set; lengths are in its own units."""

    element: Element
    said: str
    x: float
    y: float
    anchor: str
    weight: str
    size: float | None
    """The type's size; none where a style sheet says it, which is not read."""
    scale: float
    """So many units of the drawing are one of its own."""

    def goes_on(self, above: "_Label") -> bool:
        """Is it the next line of the same label?"""
        alike = (self.x, self.anchor, self.size, self.scale) == (
            above.x,
            above.anchor,
            above.size,
            above.scale,
        )
        return alike and 0 < self.y - above.y <= LINES * (self.size or 0)


def keyed(data: bytes, points: float, least: float) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """A drawing (an SVG file without faults) whose small labels are letters, and what each stands for.

    A unit of the drawing is printed as so many `points`; labels of less than `least` points are small.
    """
    root = parse_xml(data)  # noqa: S314 - a DOCTYPE was refused when the source was read
    small = [one for one in _labels(root) if (one.size or 0) * one.scale * points < least - SLACK]
    labels: list[list[_Label]] = []
    for one in small:
        if labels and one.goes_on(labels[-1][-1]):
            labels[-1].append(one)
        else:
            labels.append([one])
    parents = {child: parent for parent in root.iter() for child in parent}
    key = []
    for number, lines in enumerate(labels):
        first, letter = lines[0], _letter(number)
        size = least / points / first.scale
        # Where its name is bold and more is said below, a line leads to the name.
        last = [line for line in lines if line.weight == first.weight][-1]
        middle = (first.y + last.y - CAPITAL * (first.size or size)) / 2
        _reword(first.element, letter, first.x, middle + CAPITAL * size / 2, size)
        for line in lines[1:]:
            parents[line.element].remove(line.element)
        key.append((letter, " ".join(line.said for line in lines)))
    return tostring(root), tuple(key)


def _letter(number: int) -> str:
    """The name of a label: A to Z, then AA and so on."""
    before, own = divmod(number, 26)
    return (_letter(before - 1) if before else "") + chr(ord("A") + own)


def _reword(element: Element, said: str, x: float, y: float, size: float) -> None:
    """Let a text of a drawing be a bold letter at a place, in its own units."""
    style = f"{element.get('style', '')};font-size:{size:.3f}px;font-weight:700"
    kept = {
        key: element.attrib[key] for key in ("fill", "font-family", "text-anchor") if key in element.attrib
    }
    transform = {"transform": element.attrib["transform"]} if "transform" in element.attrib else {}
    element.clear()
    element.text = said
    element.attrib.update(kept | transform | {"style": style.lstrip(";"), "x": f"{x:.3f}", "y": f"{y:.3f}"})


def _labels(root: Element) -> Iterator[_Label]:
    """The texts that a drawing shows, in the file's order."""
    waiting: list[tuple[Element, float, float | None, str, str]] = [(root, 1.0, None, "", "")]
    while waiting:
        element, scale, size, anchor, weight = waiting.pop()
        if _local(element) in _UNDRAWN or _is_hidden(element):
            continue
        scale *= _scale(element.get("transform", ""))
        size = _length(_set(element, "font-size")) or size
        anchor = _set(element, "text-anchor") or anchor
        weight = _set(element, "font-weight") or weight
        if _local(element) == "text":
            places = ([_number(one.get(side)) for one in element.iter()] for side in "xy")
            x, y = (next((n for n in numbers if n is not None), 0.0) for numbers in places)
            sizes = (_length(_set(one, "font-size")) for one in element.iter())
            said = " ".join(" ".join(element.itertext()).split())
            if said:
                smallest = min((one for one in sizes if one), default=size)
                yield _Label(element, said, x, y, anchor, weight, smallest, scale)
        else:
            waiting += ((child, scale, size, anchor, weight) for child in reversed(element))


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


def _scale(transform: str) -> float:
    """By how much a transform enlarges (SVG 1.1, 7.6)."""
    scale = 1.0
    for name, said in re.findall(r"(scale|matrix)\s*\(([^)]*)\)", transform):
        numbers = [float(number) for number in re.findall(r"[-+]?\d*\.?\d+(?:e[-+]?\d+)?", said, re.ASCII)]
        if name == "scale" and numbers:
            scale *= abs(numbers[0] * numbers[-1]) ** 0.5
        elif name == "matrix" and len(numbers) == 6:
            scale *= abs(numbers[0] * numbers[3] - numbers[1] * numbers[2]) ** 0.5
    return scale


def view_box(data: bytes) -> tuple[float, float]:
    """The width and height of a drawing (an SVG file without faults), in its own units."""
    root = parse_xml(data)  # noqa: S314 - a DOCTYPE was refused when the source was read
    _, _, width, height = map(float, re.split(r"[\s,]+", root.get("viewBox", "").strip()))
    return width, height


def _is_hidden(element: Element) -> bool:
    style = re.sub(r"\s", "", element.get("style", ""))
    told = {f"{key}:{element.get(key)}" for key in ("display", "visibility")} | set(style.split(";"))
    return not told.isdisjoint({"display:none", "visibility:hidden"})


class _Drawn:
    """How many elements are drawn when each <use> is followed; the count stops soon after the limit."""

    def __init__(self, root: Element) -> None:
        self.places = {element.get("id"): element for element in reversed(list(root.iter()))}
        self.known: dict[str, int] = {}
        self.count = self._of(root, 0)

    def _of(self, element: Element, level: int) -> int:
        if level > 4 * MAX_DEPTH:
            return MAX_ELEMENTS + 1
        total = 1
        if _local(element) == "use":
            href = next((element.get(key, "") for key in _HREFS if element.get(key)), "")
            total += self._of_named(href.removeprefix("#"), level + 1)
        for child in element:
            if total > MAX_ELEMENTS:
                break
            total += self._of(child, level + 1)
        return total

    def _of_named(self, name: str, level: int) -> int:
        if name not in self.known:
            self.known[name] = MAX_ELEMENTS + 1  # a ring of <use> never ends
            self.known[name] = self._of(self.places[name], level) if name in self.places else 0
        return self.known[name]
