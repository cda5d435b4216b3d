"""Is a picture's file safe to draw? Pictures are hostile until they have been looked at."""

import warnings
from collections.abc import Iterator
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError
from xml.etree.ElementTree import fromstring as parse_xml

from PIL import Image

MAX_BYTES = 20_000_000
MAX_SVG_BYTES = 2_000_000
MAX_PIXELS = 60_000_000
MAX_ELEMENTS = 20_000
MAX_DEPTH = 64

_FORBIDDEN = {"script", "foreignObject", "iframe", "object", "embed", "audio", "video", "animate", "set"}
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
        with warnings.catch_warnings():
            # Pillow warns of very large pictures; here the size is judged below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(data), formats=["PNG", "JPEG"])
        width, height = picture.size
        if width * height > MAX_PIXELS:
            yield f"'{name}' has {width} × {height} pixels, which is too many", "scale it down"
            return
        if picture.format != wanted:
            yield f"'{name}' is a {picture.format} file by its content", "give it the right ending"
            return
        picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        yield f"'{name}' cannot be read as a picture", f"save it as {wanted} again"


def _svg_faults(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    if len(data) > MAX_SVG_BYTES:
        yield f"'{name}' is larger than {MAX_SVG_BYTES // 1_000_000} MB", "simplify the drawing"
        return
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or data[:2] in (b"\xfe\xff", b"\xff\xfe"):
        yield f"'{name}' has a DOCTYPE or is not UTF-8", "save it as plain SVG in UTF-8"
        return
    try:
        root = parse_xml(data)  # noqa: S314 - a DOCTYPE, and with it every entity, was refused above
    except (ParseError, ValueError) as error:
        yield f"'{name}' is no well-formed SVG: {error}", "save it as plain SVG again"
        return
    yield from _drawing_faults(name, root)


def _drawing_faults(name: str, root: Element) -> Iterator[tuple[str, str]]:
    if _local(root) != "svg":
        yield f"'{name}' is XML, but no SVG", "save it as plain SVG"
        return
    if not root.get("viewBox"):
        yield f"'{name}' has no viewBox", "give the <svg> element a viewBox"
    if _depth(root) > MAX_DEPTH or _drawn(root, root, {}) > MAX_ELEMENTS:
        yield f"'{name}' is too complicated to draw", "simplify the drawing"
    for element in root.iter():
        yield from _element_faults(name, element)


def _element_faults(name: str, element: Element) -> Iterator[tuple[str, str]]:
    if _local(element) in _FORBIDDEN:
        yield f"'{name}' holds <{_local(element)}>", "export the drawing without it"
    for key, value in element.attrib.items():
        outside = key in _HREFS and not value.startswith(("#", "data:image/png", "data:image/jpeg"))
        if outside or key.startswith("on") or _fetches(value):
            yield f"'{name}' refers to something outside itself: {value[:60]}", "embed it in the drawing"
    if _local(element) == "style" and (_fetches(element.text or "") or "@import" in (element.text or "")):
        yield f"'{name}' has a style that refers to something outside", "embed it in the drawing"


def _fetches(style: str) -> bool:
    """Does a style fetch anything but a part of the drawing itself?"""
    return any(not part.lstrip(" '\"").startswith("#") for part in style.split("url(")[1:])


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _depth(element: Element) -> int:
    depth, row = 0, [element]
    while row and depth <= MAX_DEPTH:
        depth, row = depth + 1, [child for parent in row for child in parent]
    return depth


def _drawn(element: Element, root: Element, known: dict[str, int]) -> int:
    """How many elements are drawn when each <use> is followed; stops soon after the limit."""
    if _local(element) == "use":
        name = next((element.get(key, "") for key in _HREFS if element.get(key)), "")[1:]
        if name not in known:
            known[name] = MAX_ELEMENTS + 1  # a ring of <use> never ends
            target = next((e for e in root.iter() if e.get("id") == name), None)
            known[name] = 0 if target is None else _drawn(target, root, known)
        return 1 + known[name]
    total = 1
    for child in element:
        total += _drawn(child, root, known)
        if total > MAX_ELEMENTS:
            break
    return total
