"""How does HTML become pages, and pages a PDF? The only user of WeasyPrint."""

import logging
import os
import re
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.etree.ElementTree import tostring

# System fonts must never reach a booklet, so Pango is shown an empty configuration before it loads.
os.environ["FONTCONFIG_FILE"] = str(Path(__file__).with_name("fontconfig.xml"))

import fontTools
import pydyf

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "No fonts configured in FontConfig", UserWarning)
    import weasyprint
    from weasyprint import CSS, HTML
    from weasyprint.document import Document, Page
    from weasyprint.matrix import Matrix
    from weasyprint.pdf import generate_pdf
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from . import glyphs, quicken
from .carve import PANEL, Anchor, Carved, Mark, Told, carve, object_of
from .colours import to_grey
from .crossrefs import UNKNOWN, Crossrefs, put_in, targets
from .faces import SUBSETTER
from .looks import look_of


def _saying_more(build: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """WeasyPrint's function for tags, with the languages that elements have (ISO 14289-1, 7.2).

    The place of a clinic's details is named, with its box (ISO 32000-1, 14.8.5.4.3).
    """

    def build_saying_more(box: Any, parent: Any, pdf: pydyf.PDF, page: int, *arguments: Any) -> Iterator[Any]:
        element = getattr(box, "element", None)
        # The file itself says that of the whole document.
        language = "" if element is None or element.tag == "html" else element.get("lang", "")
        panel = element is not None and element.get("id") == PANEL
        for tag in build(box, parent, pdf, page, *arguments):
            # Where the tag of an item is made together with that of its text, the item's will do.
            if language and tag["S"] != "/LBody":
                tag["Lang"] = pydyf.String(language)
            if panel:
                tag["T"] = pydyf.String(PANEL)
            if panel or tag["S"] == "/Figure":
                height = object_of(pdf, pdf.page_references[page])["TrimBox"][3]
                tag["A"] = pydyf.Dictionary({"O": "/Layout", "BBox": _place(box, height)})
            yield tag

    return build_saying_more


def _place(box: Any, height: float) -> pydyf.Array:
    """Where a box of WeasyPrint's stands on a page of that height, in points from its foot."""
    left, top = box.border_box_x() * PER_PIXEL, box.border_box_y() * PER_PIXEL
    right, bottom = left + box.border_width() * PER_PIXEL, top + box.border_height() * PER_PIXEL
    return pydyf.Array([left, height - bottom, right, height - top])


def _unresolved(pages: Sequence[Page]) -> Iterator[tuple[list[Any], list[Any]]]:
    """The links of each page, in place of those that lead to a page of the same part; see `assemble`."""
    for page in pages:
        yield page.links, []


def _no_fonts(*_: Any) -> pydyf.Dictionary:
    """The fonts of a part, which have to wait for those of the others."""
    return pydyf.Dictionary()


def _no_outlines(*_: Any) -> None:
    """The bookmarks of a part, which have to wait for those of the others."""


for holder, name, function in quicken.PLACES:
    setattr(holder, name, function)
weasyprint.pdf.resolve_links = _unresolved
weasyprint.pdf.build_fonts_dictionary = _no_fonts
weasyprint.pdf.add_outlines = _no_outlines
weasyprint.draw.text.draw_first_line = glyphs.draw_line
weasyprint.svg.text = glyphs.in_one(weasyprint.svg.text)
weasyprint.pdf.tags._build_box_tree = _saying_more(weasyprint.pdf.tags._build_box_tree)
weasyprint.svg.TAGS |= dict.fromkeys(("a", "text", "textPath", "tspan"), weasyprint.svg.text)

#: CSS pixels in points.
PER_PIXEL = 0.75

#: Nothing is ever fetched from here: the name says that it cannot exist (RFC 2606, section 2).
BASE_URL = "http://book.invalid/"

_LIBRARIES = "pango|pangoft2|harfbuzz|harfbuzz-subset|fontconfig|freetype|fribidi|glib|gobject|z"

_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
}
VARIANT = "pdf/a-2a"

#: How WeasyPrint writes a part: tagged, for PDF/A-2a (ISO 19005-2).
_OPTIONS = weasyprint.DEFAULT_OPTIONS | {
    "pdf_variant": VARIANT,
    "pdf_version": "1.7",
    "pdf_tags": True,
    "output_intent": "srgb",
    "custom_metadata": True,
}


#: No numbers of pages.
EMPTY: Mapping[str, int] = MappingProxyType({})


class RefusedError(Exception):
    """A page or a style sheet asks for a file that it may not have."""


class StyleError(Exception):
    """A style sheet cannot be read."""


class _Shelf(URLFetcher):
    """Gives out the booklet's own files and refuses everything else, for good."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=["http"], allow_redirects=False, fail_on_errors=True)
        self.assets = dict(assets)

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        del headers
        path = url.removeprefix(BASE_URL)
        if path == url or path not in self.assets:
            raise FatalURLFetchingError(f"'{url}' is none of the booklet's own files")
        kind = _TYPES.get(Path(path).suffix, "application/octet-stream")
        return URLFetcherResponse(url, self.assets[path], {"Content-Type": kind})


@dataclass(frozen=True)
class Laid:
    """A document on its pages: what each id is printed on (pages from 1), and what was logged."""

    document: Document = field(repr=False)
    anchors: Mapping[str, int]
    warnings: tuple[str, ...]
    crossrefs: Crossrefs = field(repr=False)
    numbers: tuple[tuple[str, int], ...] = ()
    """The pages that it refers to, by the ids of what stands on them."""
    heard: list[str] = field(default_factory=list)
    """What was logged while it was carved."""
    _carved: dict[object, Carved] = field(default_factory=dict, repr=False)

    @property
    def pages(self) -> Sequence[Page]:
        """The pages, in order."""
        return tuple(self.document.pages)

    def carved(self, name: str, *, grey: bool, movable: bool = False) -> Carved:
        """It as bytes that can be joined with others'.

        `name` tells its tables from those of others; `grey` is without colour; `movable` is what can stand
        anywhere on a page.
        """
        key = self.numbers, grey
        if key not in self._carved:
            with _log() as heard:
                self.crossrefs.write(dict(self.numbers))
                self._carved[key] = self._carve(name, grey=grey, movable=movable)
            self.heard[:] = heard
        return self._carved[key]

    def _carve(self, name: str, *, grey: bool, movable: bool) -> Carved:
        document = self.document.copy()
        # It may be carved again, with other numbers or in grey.
        metadata = document.metadata = copy(document.metadata)
        metadata.generate_rdf_metadata = _declaring_both(metadata.generate_rdf_metadata)
        pdf = generate_pdf(document, None, 1, **_OPTIONS)
        if grey:
            to_grey(pdf)
        places = list(_places(document))
        anchors = tuple(
            Anchor(name, page, *place(x, y))
            for page, one, place in places
            for name, (x, y, *_) in one.anchors.items()
        )
        marks = tuple(
            Mark(page, level, title, *place(x, y))
            for page, one, place in places
            for level, title, (x, y), _ in one.bookmarks
        )
        told = Told(tuple(glyphs.used(document.fonts)), anchors, marks)
        return carve(pdf, told, name, movable=movable)

    @property
    def looks(self) -> tuple[bytes, ...]:
        """What tells each page from others of the same style sheet and pictures (see `looks`)."""
        self.crossrefs.write(dict(self.numbers))
        return tuple(look_of(page._page_box) for page in self.pages)

    @property
    def headings(self) -> Iterator[tuple[int, int, str]]:
        """Each entry of the outline: its page, from 0, its level and its title."""
        for index, page in enumerate(self.pages):
            yield from ((index, level, title) for level, title, *_ in page.bookmarks)

    def only(self, which: Sequence[int]) -> "Laid":
        """Some of its pages, which count from 0."""
        document = self.document.copy([self.pages[index] for index in which])
        return replace(self, document=document, heard=[], _carved={})

    @property
    def room(self) -> float:
        """How high the place of a clinic's details is, in points; 0 where it is not on one page alone."""
        places = [page.anchors[PANEL] for page in self.pages if PANEL in page.anchors]
        return round((places[0][3] - places[0][1]) * PER_PIXEL, 6) if len(places) == 1 else 0


class Style:
    """A parsed style sheet with its fonts and icons; good for any number of booklets."""

    def __init__(self, css: str, assets: Mapping[str, bytes]) -> None:
        self.assets = assets
        self.images: dict[Any, Any] = {}
        """Its icons, as far as they were read."""
        self.fonts = FontConfiguration()
        with _log() as heard:
            try:
                self.css = CSS(
                    string=css, base_url=BASE_URL, url_fetcher=_Shelf(assets), font_config=self.fonts
                )
            except (IndexError, ValueError, TypeError, KeyError) as error:
                # WeasyPrint's parser trips over some half-written rules.
                raise StyleError(f"a rule is broken ({type(error).__name__})") from None
        self.warnings = tuple(heard)


class Press:
    """Lays out the documents of one booklet, in one style, with its pictures, and keeps them.

    `sizes` are the widths and heights of its first pages in millimetres, where the style sheet does
    not say them.
    """

    def __init__(
        self, style: Style, pictures: Mapping[str, bytes], sizes: Sequence[tuple[float, float]] = ()
    ) -> None:
        self.style, self.sizes = style, sizes
        self._shelf = _Shelf({**style.assets, **pictures})
        self._images = dict(style.images)
        self._laid: dict[tuple[str, int, bool], Laid] = {}
        self._before: dict[tuple[str, int, bool], Laid] = {}

    def again(self) -> "Press":
        """A press for the same booklet, changed: it has what this one laid out, as long as it is used."""
        press = Press(self.style, self._shelf.assets, self.sizes)
        press._before, press._images = self._laid, self._images
        return press

    def add(self, pictures: Mapping[str, bytes]) -> None:
        """Have further pictures at hand."""
        self._shelf.assets |= pictures

    def lay_out(
        self, html: str, first_page: int, numbers: Mapping[str, int] = EMPTY, *, right_to_left: bool = False
    ) -> Laid:
        """The document on pages of which the first has the number `first_page`.

        `numbers` are the pages that its tokens refer to (see `crossrefs`); it is laid out again only where
        they do not fit the room of those that it was laid out with.
        """
        key = html, first_page, right_to_left
        own = {target: numbers.get(target, UNKNOWN) for target in targets(html)}
        laid = self._laid.get(key) or self._before.get(key)
        if laid is None or not laid.crossrefs.fit(own):
            laid = self._lay_out(html, first_page, own, right_to_left=right_to_left)
        self._laid[key] = laid
        return laid if dict(laid.numbers) == own else replace(laid, numbers=tuple(own.items()))

    def shell_of(self, html: str) -> tuple[str, bool]:
        """A document of which all is gone but the empty place of a clinic's details and what it is in.

        Nothing in it is of the booklet alone. Told is also whether anything follows the place.
        """
        root = self._parsed(html).etree_element
        head = root.find("head")
        head[:] = [element for element in head if element.tag == "style"]
        place, followed = _alone(root)
        place.attrib.pop("style", None)
        place[:] = []
        place.text = MARK
        for element in root.iter():
            for name in [name for name in element.attrib if name.startswith("data-") or name == "id"]:
                if element is not place:
                    del element.attrib[name]
        return tostring(root, encoding="unicode", method="html"), followed

    def lay_out_panel(self, shell: str, panel: str, page: str) -> Laid:
        """A clinic's details alone on a page; `page` is the style sheet that makes it."""
        return self._rendered(self._parsed(shell.replace(MARK, panel)), [page])

    def _parsed(self, html: str) -> HTML:
        return HTML(string=html, base_url=BASE_URL, url_fetcher=self._shelf)

    def _lay_out(
        self, html: str, first_page: int, numbers: Mapping[str, int], *, right_to_left: bool
    ) -> Laid:
        side = "left" if (first_page % 2 == 0) != right_to_left else "right"
        start = f"@page:first{{counter-reset:page {first_page}}}html{{break-before:{side}}}"
        for number, (width, height) in enumerate(self.sizes[first_page - 1 :], 1):
            start += f"@page:nth({number}){{size:{width}mm {height}mm}}"
        return self._rendered(self._parsed(html), [start], first_page, numbers)

    def _rendered(
        self, parsed: HTML, css: Sequence[str], first_page: int = 1, numbers: Mapping[str, int] = EMPTY
    ) -> Laid:
        holders = put_in(parsed.etree_element, numbers) if numbers else {}
        with _log() as heard:
            sheets = [CSS(string=sheet, font_config=self.style.fonts) for sheet in css]
            document = parsed.render(
                stylesheets=[self.style.css, *sheets],
                font_config=self.style.fonts,
                cache=self._images,
                pdf_variant=VARIANT,
            )
        icons = {url for url in self._images if url.removeprefix(BASE_URL) in self.style.assets}
        self.style.images |= {url: self._images[url] for url in icons}
        anchors: dict[str, int] = {}
        for number, page in enumerate(document.pages, first_page):
            for name in page.anchors:
                anchors.setdefault(name, number)
        crossrefs = Crossrefs(numbers, holders, document.pages)
        return Laid(document, anchors, tuple(heard), crossrefs, tuple(numbers.items()))


def _places(document: Document) -> Iterator[tuple[int, Page, Callable[[float, float], tuple[float, float]]]]:
    """Each page with its index, and what turns a place on it (in pixels) into points from its foot."""
    for index, page in enumerate(document.pages):
        matrix = Matrix(PER_PIXEL, 0, 0, -PER_PIXEL, 0, page.height * PER_PIXEL)
        yield index, page, matrix.transform_point


def room_on(page: Page) -> float:
    """How far it is from the head of a clinic's place down to the foot of the page's text, in points."""
    box = page._page_box
    foot: float = box.content_box_y() + box.height - page.anchors[PANEL][1]
    return foot * PER_PIXEL


def _alone(root: Any) -> tuple[Any, bool]:
    """The place in a document, out of which all else is taken; and did anything follow the place?"""
    parents = {child: parent for parent in root.iter() for child in parent}
    place = next(element for element in root.iter() if element.get("id") == PANEL)
    inner, followed = place, False
    while inner.tag != "body":
        outer = parents[inner]
        followed = followed or bool((inner.tail or "").strip()) or outer[-1] is not inner
        outer.text = inner.tail = None
        outer[:] = [inner]
        inner = outer
    return place, followed


#: What stands in the place of a clinic's details, before they do.
MARK = "\ue000"

#: Higher than any panel, in CSS pixels.
ENDLESS = 20_000

_MARGIN_BOXES = [
    f"@{side}-{place}"
    for side, places in {
        "top": ("left-corner", "left", "center", "right", "right-corner"),
        "bottom": ("left-corner", "left", "center", "right", "right-corner"),
        "left": ("top", "middle", "bottom"),
        "right": ("top", "middle", "bottom"),
    }.items()
    for place in places
]


def bare_page(page: Page) -> str:
    """A style sheet for a page as wide as that one, with its margins, and with nothing in them."""
    box = page._page_box
    margins = (box.margin_top, box.margin_right, box.margin_bottom, box.margin_left)
    sides = " ".join(f"{side}px" for side in margins)
    size = f"{box.margin_width()}px {ENDLESS}px"
    empty = "".join(f"{name} {{ content: none !important }}" for name in _MARGIN_BOXES)
    return f"@page {{ size: {size} !important; margin: {sides} !important; {empty} }}"


@contextmanager
def _log() -> Iterator[list[str]]:
    """Collects what WeasyPrint logs as warnings or worse: each of them is a fault of the page."""
    heard: list[str] = []
    logger = logging.getLogger("weasyprint")

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    ear = Ear(logging.WARNING)
    logger.addHandler(ear)
    try:
        yield heard
    except FatalURLFetchingError as error:
        raise RefusedError(str(error)) from None
    finally:
        logger.removeHandler(ear)


def _declaring_both(generate: Callable[..., bytes]) -> Callable[..., bytes]:
    """XMP that names PDF/UA-1 beside PDF/A, with the schema PDF/A asks for (ISO 19005-2, 6.6.2.3)."""

    def generate_both(*arguments: Any) -> bytes:
        return generate(*arguments).replace(b"</rdf:RDF>", _UA_DECLARATION + b"</rdf:RDF>")

    return generate_both


_UA_DECLARATION = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about=""
    xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
    xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>part</pdfaProperty:name>
      <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
      <pdfaProperty:category>internal</pdfaProperty:category>
      <pdfaProperty:description>Part of ISO 14289 that the file follows</pdfaProperty:description>
    </rdf:li></rdf:Seq></pdfaSchema:property>
  </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


def engine() -> tuple[str, ...]:
    """What decides the bytes of a PDF, with versions; libraries by their files' names."""
    packages = (
        f"weasyprint {weasyprint.__version__}",
        f"pydyf {pydyf.__version__}",
        f"fonttools {fontTools.version}",
        f"uharfbuzz {SUBSETTER}",
        f"zlib {zlib.ZLIB_RUNTIME_VERSION}",
    )
    return (*packages, *(Path(library).name for library in shared_libraries()))


def shared_libraries() -> tuple[str, ...]:
    """The system's libraries that were loaded to make the pages; empty where that is not told."""
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(sorted(set(re.findall(rf"(/\S*/lib(?:{_LIBRARIES})[-.\d]*\.so\S*)$", maps, re.MULTILINE))))
