"""Is a picture's file safe to draw, how large is it, and which words does it draw?

Pictures are hostile until they have been looked at.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError
from xml.etree.ElementTree import fromstring as parse_xml

from PIL import Image, ImageFile, ImageOps

MAX_BYTES = 20_000_000
MAX_SVG_BYTES = 2_000_000
MAX_PIXELS = 60_000_000
MAX_ELEMENTS = 20_000
MAX_DEPTH = 64

_FORBIDDEN = {"script", "foreignObject", "iframe", "object", "embed", "audio", "video", "set"}
#: What is defined in a drawing, and not drawn where it stands.
UNDRAWN = {"defs", "symbol", "title", "desc", "metadata", "style", "clipPath", "mask", "pattern", "marker"}
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
    if local_name(root) != "svg":
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
    local = local_name(element)
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


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
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
        if local_name(element) == "text" and not is_hidden(element):
            yield from filter(str.strip, element.itertext())
        elif local_name(element) not in UNDRAWN and not is_hidden(element):
            waiting += reversed(element)


def is_hidden(element: Element) -> bool:
    """Does an element say that it is not shown?"""
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
        if local_name(element) == "use":
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
