"""How does HTML become pages, and pages a PDF? The only user of WeasyPrint."""

import logging
import os
import re
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# System fonts must never reach a booklet, so Pango is shown an empty configuration before it loads.
os.environ["FONTCONFIG_FILE"] = str(Path(__file__).with_name("fontconfig.xml"))

import fontTools
import pydyf

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "No fonts configured in FontConfig", UserWarning)
    import weasyprint
    from weasyprint import CSS, HTML
    from weasyprint.document import Document, Page
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from . import glyphs
from .colours import to_grey
from .prose import readable

#: The id of the place of a clinic's details, and the title of its tag (ISO 32000-1, 14.7.2, T).
PANEL = "_panel"


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
                height = _object(pdf, pdf.page_references[page])["TrimBox"][3]
                tag["T"] = pydyf.String(PANEL)
                tag["A"] = pydyf.Dictionary({"O": "/Layout", "BBox": _place(box, height)})
            yield tag

    return build_saying_more


def _place(box: Any, height: float) -> pydyf.Array:
    """Where a box of WeasyPrint's stands on a page of that height, in points from its foot."""
    left, top = box.border_box_x() * PER_PIXEL, box.border_box_y() * PER_PIXEL
    right, bottom = left + box.border_width() * PER_PIXEL, top + box.border_height() * PER_PIXEL
    return pydyf.Array([left, height - bottom, right, height - top])


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
AMBIGUOUS_END = re.compile(rb"([^\r]\r)\n(endstream)")


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

    @property
    def pages(self) -> Sequence[Page]:
        """The pages, in order."""
        return tuple(self.document.pages)

    @property
    def room(self) -> float:
        """How high the place of a clinic's details is, in points; 0 where it is not on one page alone."""
        places = [page.anchors[PANEL] for page in self.pages if PANEL in page.anchors]
        return round((places[0][3] - places[0][1]) * PER_PIXEL, 3) if len(places) == 1 else 0


class Style:
    """A parsed style sheet with its fonts and icons; good for any number of booklets."""

    def __init__(self, css: str, assets: Mapping[str, bytes]) -> None:
        self.assets = assets
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
        self._images: dict[str, Any] = {}
        self._laid: dict[tuple[str, int, bool], Laid] = {}

    def add(self, pictures: Mapping[str, bytes]) -> None:
        """Have further pictures at hand."""
        self._shelf.assets |= pictures

    def lay_out(self, html: str, first_page: int, *, right_to_left: bool = False) -> Laid:
        """The document on pages of which the first has the number `first_page`."""
        key = html, first_page, right_to_left
        if key not in self._laid:
            self._laid[key] = self._lay_out(*key)
        return self._laid[key]

    def _lay_out(self, html: str, first_page: int, right_to_left: bool) -> Laid:
        side = "left" if (first_page % 2 == 0) != right_to_left else "right"
        start = f"@page:first{{counter-reset:page {first_page}}}html{{break-before:{side}}}"
        for number, (width, height) in enumerate(self.sizes[first_page - 1 :], 1):
            start += f"@page:nth({number}){{size:{width}mm {height}mm}}"
        with _log() as heard:
            document = HTML(string=html, base_url=BASE_URL, url_fetcher=self._shelf).render(
                stylesheets=[self.style.css, CSS(string=start, font_config=self.style.fonts)],
                font_config=self.style.fonts,
                cache=self._images,
                pdf_variant=VARIANT,
            )
        anchors: dict[str, int] = {}
        for number, page in enumerate(document.pages, first_page):
            for name in page.anchors:
                anchors.setdefault(name, number)
        return Laid(document, anchors, tuple(heard))


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished PDF, and what was logged while it was written."""

    pdf: bytes
    page_count: int
    warnings: tuple[str, ...]


def write_pdf(
    documents: Sequence[Laid],
    identifier: bytes,
    covers: tuple[str, str],
    names: Mapping[str, str],
    *,
    grey: bool = False,
) -> Printed:
    """One PDF (PDF/A-2a and PDF/UA-1) of all pages.

    `identifier` becomes the file's ID; `covers` are the labels of the first and the last page;
    `names` say for each id, in words, where a link to it leads; `grey` is without colour.
    """
    pages = [page for laid in documents for page in laid.pages]
    joined = documents[0].document.copy(pages)
    joined.metadata.generate_rdf_metadata = _declaring_both(joined.metadata.generate_rdf_metadata)

    padding: list[pydyf.Array] = []

    def finish(document: Document, pdf: pydyf.PDF) -> None:
        glyphs.write_codes(pdf, document.fonts)
        if grey:
            to_grey(pdf)
        _gather_items(pdf)
        _scope_headers(pdf)
        _name_links(pdf, names)
        _label_pages(pdf, len(pages), covers)
        _object(pdf, pdf.catalog["Metadata"]).compress = False  # page-validation reads it plain
        for unused in padding:
            pdf.add_object(unused)
        pdf.objects = [_Packed(o) if isinstance(o, pydyf.Stream) else o for o in pdf.objects]

    # The object stream is made after `finish`; where its end is ambiguous, another object changes it.
    while True:
        with _log() as heard:
            made = joined.write_pdf(
                finisher=finish, pdf_identifier=identifier, pdf_variant=VARIANT, custom_metadata=True
            )
        if not AMBIGUOUS_END.search(made):
            break
        padding = [pydyf.Array() for _ in range(len(padding) + 1)]
    return Printed(made, len(pages), tuple(heard))


class _Packed(pydyf.Stream):
    """A stream packed once: pydyf packs each twice, for the file and for its ID.

    A stream that ends in a carriage return would seem one byte shorter than its /Length, because
    the line feed before `endstream` makes an end of line of both (ISO 32000-1, 7.3.8.1).
    """

    def __init__(self, stream: pydyf.Stream) -> None:
        super().__init__(stream.stream, stream.extra, stream.compress)
        self.number, self.generation, self.free = stream.number, stream.generation, stream.free
        self._packed = AMBIGUOUS_END.sub(b"\\1\r\n\\2", stream.data)

    @property
    def data(self) -> bytes:
        """The stream as it stands in the file."""
        return self._packed


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


def _object(pdf: pydyf.PDF, reference: bytes) -> Any:
    """The object behind a reference such as b"12 0 R"."""
    return pdf.objects[int(reference.split()[0])]


def _scope_headers(pdf: pydyf.PDF) -> None:
    """Say of each header cell whether it heads its row or its column (ISO 14289-1, 7.5)."""
    for cell in pdf.objects:
        if isinstance(cell, dict) and cell.get("S") == "/TH":
            row = _object(pdf, cell["P"])
            kinds = {_object(pdf, kid)["S"] for kid in row["K"] if isinstance(kid, bytes)}
            cell["A"]["Scope"] = "/Row" if "/TD" in kinds else "/Column"


def _gather_items(pdf: pydyf.PDF) -> None:
    """Put all of a list item behind its label into one LBody (ISO 32000-1, 14.8.4.3.3).

    WeasyPrint tags only an item's first lines so, and leaves what else it holds beside them.
    """
    for item in [one for one in pdf.objects if isinstance(one, pydyf.Dictionary) and one.get("S") == "/LI"]:
        kids = [(kid, _object(pdf, kid)) for kid in item["K"]]
        labels = [kid for kid, part in kids if part["S"] == "/Lbl"]
        parts = [(kid, part) for kid, part in kids if part["S"] != "/Lbl"]
        if [part["S"] for _, part in parts] in ([], ["/LBody"]):
            continue
        body = pydyf.Dictionary({"Type": "/StructElem", "S": "/LBody", "Pg": item["Pg"], "P": item.reference})
        pdf.add_object(body)
        for _, part in parts:
            part["S"] = "/NonStruct" if part["S"] == "/LBody" else part["S"]
            part["P"] = body.reference
        body["K"] = pydyf.Array(kid for kid, _ in parts)
        item["K"] = pydyf.Array([*labels, body.reference])


def _name_links(pdf: pydyf.PDF, names: Mapping[str, str]) -> None:
    """Say in words where each link leads (ISO 14289-1, 7.18.5)."""
    for link in pdf.objects:
        if isinstance(link, dict) and link.get("Subtype") == "/Link":
            if "Dest" in link:
                target = link["Dest"].string
                link["Contents"] = pydyf.String(names.get(target, target))
            else:
                link["Contents"] = pydyf.String(readable(link["A"]["URI"].string))


def _label_pages(pdf: pydyf.PDF, count: int, covers: tuple[str, str]) -> None:
    """Make a reader's page numbers those that are printed (ISO 32000-1, 12.4.2)."""
    first, last = (pydyf.Dictionary({"P": pydyf.String(cover)}) for cover in covers)
    nums = [0, first]
    if count > 2:
        nums += [1, pydyf.Dictionary({"S": "/D", "St": 2})]
    if count > 1:
        nums += [count - 1, last]
    pdf.catalog["PageLabels"] = pydyf.Dictionary({"Nums": pydyf.Array(nums)})


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
