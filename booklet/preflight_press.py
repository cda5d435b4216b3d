"""Does a file for a print shop keep what its profile promises? Proven from the finished file alone.

Its pages are compared with those of the edition; its colours are read from every stream, and its inks
from its plates, as a press would make them.
"""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream, DictionaryObject, StreamObject

from .checks import JOINED
from .checks.reading import bare
from .impose import Place
from .inspect import Facts, inspect_pdf
from .layout import MILLIMETRE
from .letters import letter_of
from .preflight import OFF, Pixels, same_picture
from .press import Plan, Sheets, Shop
from .problem import Problem
from .separation import DARK, as_pages, plates

#: How far a letter or a box may be from where it should be, in points.
NEAR = 0.5

#: How light the middles of two squares of 6 points may be, of 255, where both are in inks: words differ by
#: 20 on the samples, and by 41 where fine lines lie otherwise between the pixels.
LIKE_IN_INK = 60

#: On a cover, where a picture may lie otherwise at the fold: by 62 on the samples.
LIKE_ON_COVER = 90

#: The bleed that an edition's cover is laid out with, in millimetres, as base's page.css has it.
BLEED = 3.0

#: Plates are looked at with so many pixels a point.
SCALE = 1.0

#: What is less ink than this, of one, is paper; and so many pixels at the edge without ink are a fault.
PAPER, MOST_UNPAINTED = 0.02, 3

#: So much more ink than the limit, of one, may be measured: inks are whole steps of 255.
ROUNDED = 0.02

#: Operators that set a colour (ISO 32000-1, 8.6.8), by the space that they set it in.
_SPACES = {
    b"g": "/DeviceGray",
    b"G": "/DeviceGray",
    b"rg": "/DeviceRGB",
    b"RG": "/DeviceRGB",
    b"k": "/DeviceCMYK",
    b"K": "/DeviceCMYK",
}
_NAMED, _SHOWN = (b"cs", b"CS"), (b"Tj", b"TJ", b"'", b'"')

#: What a standard forbids: transparency (ISO 15930-4, 6.20).
_WITHOUT_TRANSPARENCY = "PDF/X-1a:2003"

#: What an editor can do.
_HINTS = {
    "press-transparent": "save pictures on white, and drawings without opacity; or print with a profile of "
    "PDF/X-4"
}

#: The standard that is named in the XMP, too (ISO 15930-7, 6.13).
_IDENTIFIED = "X-4"


def preflight_press(
    files: Mapping[str, bytes], edition: bytes, plan: Plan, shop: Shop
) -> Iterator[tuple[Sheets, Problem]]:
    """What is wrong with each of the files that a print shop gets of an edition."""
    own = inspect_pdf(edition).value
    if own is None:
        raise ValueError("an edition that passed its checks can be read")
    pictures = _in_inks(edition, shop)
    for file in plan.files:
        pdf = files[file.kind]
        found = inspect_pdf(pdf)
        for problem in found.problems:
            yield file, problem
        if found.value is None:
            continue
        wrong = tuple(_of_file(pdf, found.value, file, plan, shop))
        for problem in wrong:
            yield file, problem
        # Where pages are missing, or of another size, they differ in all the rest.
        if not {"press-count", "press-box"} & {problem.code for problem in wrong}:
            looks = _looks(_pictures(pdf), file, pictures, plan)
            for problem in (*_pages(found.value, file, own, plan), *looks):
                yield file, problem


def _of_file(pdf: bytes, facts: Facts, file: Sheets, plan: Plan, shop: Shop) -> Iterator[Problem]:
    """What is wrong with a file by itself."""
    reader = PdfReader(BytesIO(pdf))
    if facts.pages != len(file.sides):
        yield Problem("press-count", f"The file has {facts.pages} pages; it takes {len(file.sides)}", page=1)
        return
    boxes = (*_boxes(reader, file, plan), *_resized(facts))
    yield from boxes
    if boxes:
        return
    coloured = list(_colours(reader, shop))
    yield from coloured
    if all(problem.code != "press-colour" for problem in coloured):
        yield from _inks(pdf, plan)
    yield from _declared(reader, facts, shop)
    for font in facts.fonts:
        if not font.embedded:
            yield Problem("press-font", f"The font '{font.name}' is not in the file")
    least = shop.profile.resolution
    for image in facts.images:
        # A picture's pixels are whole, so its dots on an inch are a little off.
        if round(image.dots_per_inch) < least:
            message = f"A picture has {image.dots_per_inch:.0f} dots on an inch; the profile asks for {least}"
            yield Problem("press-rough", message, page=image.page)


def _pictures(pdf: bytes) -> list[Pixels]:
    """Each page at a pixel a point, without colour: inks have not all that a screen has."""
    document = pdfium.PdfDocument(pdf)
    try:
        drawn = [page.render(scale=1, grayscale=True) for page in document]
        return [one.to_numpy().reshape(one.height, one.width, 1).repeat(3, axis=2) for one in drawn]
    finally:
        document.close()


def _in_inks(edition: bytes, shop: Shop) -> list[Pixels]:
    """The edition's pages as they look in the shop's inks, which are drawn as `_pictures` draws them."""
    document = pdfium.PdfDocument(edition)
    try:
        screen = [page.render(scale=1).to_pil() for page in document]
    finally:
        document.close()
    return _pictures(as_pages([shop.inks.picture(one) for one in screen], shop.inks))


def _looks(sheets: list[Pixels], file: Sheets, pages: list[Pixels], plan: Plan) -> Iterator[Problem]:
    """Does each page look as the edition's, as far as inks look like a screen's colours?"""
    edge = plan.edge * MILLIMETRE
    for number, (sheet, side) in enumerate(zip(sheets, file.sides, strict=True), 1):
        for page, x, (left, right) in plan.placed(side):
            place = Place(edge + x, edge, 1.0, edge + left, edge + right)
            within = LIKE_IN_INK, OFF
            if page == 1:
                # The cover's picture is as much larger as the bleed is, so that it reaches the edge.
                within = LIKE_ON_COVER, OFF + round(abs(plan.laid_bleed - BLEED) * MILLIMETRE)
            if not same_picture(sheet, pages[page - 1], place, marks=False, within=within):
                yield Problem("press-page", f"Page {number} does not look as page {page} does", page=number)


def _boxes(reader: PdfReader, file: Sheets, plan: Plan) -> Iterator[Problem]:
    """Are MediaBox, BleedBox and TrimBox those of the profile (ISO 15930-4, 6.8)?"""
    high, edge, bleed = (part * MILLIMETRE for part in (plan.trim[1], plan.edge, plan.profile.bleed))
    for number, (page, side) in enumerate(zip(reader.pages, file.sides, strict=True), 1):
        wide = side.width * MILLIMETRE
        for name, around in (("/MediaBox", edge), ("/BleedBox", bleed), ("/TrimBox", 0.0)):
            wanted = edge - around, edge - around, edge + wide + around, edge + high + around
            there = tuple(float(part) for part in page.get(name, ()))
            if len(there) != 4 or max(abs(a - b) for a, b in zip(there, wanted, strict=True)) > NEAR:
                told = ", ".join(f"{part / MILLIMETRE:.1f}" for part in there) or "missing"
                yield Problem("press-box", f"The {name[1:]} of page {number} is {told} mm", page=number)


def _resized(facts: Facts) -> Iterator[Problem]:
    """What cuts or scales a page besides the boxes that a profile asks for."""
    for number, name in facts.resized:
        if name not in ("BleedBox", "TrimBox"):
            yield Problem("press-box", f"{name} of page {number} cuts or scales the page", page=number)


def _pages(facts: Facts, file: Sheets, edition: Facts, plan: Plan) -> Iterator[Problem]:
    """Does each page of the file show the edition's pages that belong there, letter by letter?"""
    letters, own = facts.letters, edition.letters
    for number, side in enumerate(file.sides, 1):
        # pdfium makes up spaces, and not the same ones where a page lies elsewhere.
        there = np.flatnonzero((letters.page == number) & ~letters.blank)
        begin = 0
        for page, x, _ in plan.placed(side):
            wanted = np.flatnonzero((own.page == page) & ~own.blank)
            here = there[begin : begin + len(wanted)]
            begin += len(wanted)
            shift = np.array([plan.edge * MILLIMETRE + x, plan.edge * MILLIMETRE] * 2, np.float32)
            if not _same(facts, here, edition, wanted, shift):
                yield Problem("press-page", f"Page {number} does not show page {page} as it is", page=number)
        more = letters.text(there[begin:])
        on_spine = edition.metadata.get("Title", "") if file.spine and side.front else ""
        if bare(more) not in ("", bare(on_spine)):
            yield Problem("press-page", f"Page {number} has words that the edition has not", page=number)


def _same(
    facts: Facts, here: NDArray[Any], edition: Facts, wanted: NDArray[Any], shift: NDArray[np.float32]
) -> bool:
    letters, own = facts.letters, edition.letters
    if len(here) != len(wanted) or not np.array_equal(letters.code[here], own.code[wanted]):
        return False
    moved = np.abs(letters.box[here] - own.box[wanted] - shift).max(initial=0)
    seen = letters.seen[here][own.seen[wanted]].all()
    # A comma is so small that the rounding of inks counts.
    signs = [code for code in np.unique(own.code[wanted]).tolist() if not letter_of(code).isalnum()]
    codes = own.code[wanted]
    cut = letters.cut[here] & ~own.cut[wanted] & ~np.isin(codes, signs)
    # Letters that join share their edges' pixels: what covers words covers more than one.
    beside = np.zeros_like(cut)
    beside[1:] |= cut[:-1]
    beside[:-1] |= cut[1:]
    cut &= beside | (codes < JOINED[0]) | (codes > JOINED[1])
    return bool(moved <= NEAR and seen and not cut.any())


def _inks(pdf: bytes, plan: Plan) -> Iterator[Problem]:
    """Is there no more ink than the limit anywhere, and is the bleed painted to its edge?"""
    edge, bleed = (round(part * MILLIMETRE * SCALE) for part in (plan.edge, plan.profile.bleed))
    for number, page in enumerate(plates(pdf, SCALE), 1):
        inks = page.sum(axis=2)
        rows, columns = inks.shape
        inside = inks[edge - bleed : rows - edge + bleed, edge - bleed : columns - edge + bleed]
        most = float(inside.max(initial=0))
        if most > plan.profile.ink_limit / 100 + ROUNDED:
            message = f"{most * 100:.0f} % of ink lie on one another; the limit is {plan.profile.ink_limit} %"
            yield Problem("press-ink", message, page=number)
        if bleed:
            yield from _bleed(inside > PAPER, bleed, number)


def _bleed(painted: NDArray[np.bool_], bleed: int, number: int) -> Iterator[Problem]:
    """Where colour reaches the trim, does it go on to the edge of the bleed?"""
    for name, sides in (
        ("top", painted),
        ("foot", painted[::-1]),
        ("left", painted.T),
        ("right", painted.T[::-1]),
    ):
        # A pixel may lie on the line itself.
        at_trim, bled = sides[bleed + 1], sides[1:bleed].all(axis=0)
        missing = int((at_trim & ~bled)[bleed:-bleed].sum())
        corner = sides[1 : bleed - 1, 1 : bleed - 1]
        missing += int(sides[bleed + 1, bleed + 1] and (~corner).sum())
        if missing > MOST_UNPAINTED:
            long = missing / SCALE / MILLIMETRE
            message = f"Colour ends at the trim, at the {name} of page {number}, on {long:.0f} mm"
            yield Problem("press-bleed", message, page=number)


def _colours(reader: PdfReader, shop: Shop) -> Iterator[Problem]:
    """Has every object the profile's inks, small dark type black alone, and is nothing transparent?"""
    allowed = {"/DeviceGray"} if shop.profile.colours == "black" else {"/DeviceGray", "/DeviceCMYK"}
    told: set[tuple[str, str]] = set()
    for number, page in enumerate(reader.pages, 1):
        for code, message in _faults(page, page["/Resources"], allowed, shop, set()):
            if (code, message) not in told:
                told.add((code, message))
                yield Problem(code, message, page=number, hint=_HINTS.get(code, ""))


def _faults(
    drawn: Any, resources: Any, allowed: set[str], shop: Shop, seen: set[int]
) -> Iterator[tuple[str, str]]:
    """What is wrong with a page, form or pattern and with all that it draws."""
    if id(drawn) in seen:
        return
    seen.add(id(drawn))
    contents = drawn.get_contents() if isinstance(drawn, PageObject) else ContentStream(drawn, None)
    yield from _wrong_operators(contents, allowed)
    if not isinstance(drawn, PageObject):  # whose marks to cut by are in all inks
        yield from _too_much_ink(contents, shop.profile.ink_limit)
    yield from _wrong_group(drawn.get("/Group"), allowed, shop)
    for state in _held(resources, "/ExtGState"):
        yield from _wrong_state(state, shop)
    for shading in _held(resources, "/Shading"):
        yield from _wrong_space(shading, "gradient", allowed)
    for space in _held(resources, "/ColorSpace"):
        yield "press-colour", f"A colour space of its own ({str(space)[:20]}) is defined"
    for one in (*_held(resources, "/XObject"), *_held(resources, "/Pattern")):
        if one.get("/Subtype") == "/Image":
            yield from _wrong_picture(one, allowed, shop)
        elif "/Shading" in one:
            yield from _wrong_space(one["/Shading"], "gradient", allowed)
        elif isinstance(one, StreamObject):
            yield from _faults(one, one.get("/Resources", resources), allowed, shop, seen)


def _held(resources: Any, kind: str) -> list[Any]:
    found = resources.get_object().get(kind)
    return [one.get_object() for one in found.get_object().values()] if found is not None else []


def _wrong_operators(contents: Any, allowed: set[str]) -> Iterator[tuple[str, str]]:
    """Colours in another space, and dark words that are not in black alone."""
    fill: tuple[float, ...] = (0.0,)
    stack: list[tuple[float, ...]] = []
    for operands, operator in contents.operations if contents is not None else ():
        space = _SPACES.get(operator)
        if space and space not in allowed:
            yield "press-colour", f"A colour is set in {space[1:]}"
        elif operator in _NAMED and str(operands[0]) not in {*allowed, "/Pattern"}:
            yield "press-colour", f"A colour is set in {str(operands[0])[1:]}"
        if operator == b"q":
            stack.append(fill)
        elif operator == b"Q" and stack:
            fill = stack.pop()
        elif operator in (b"g", b"k"):
            fill = tuple(float(part) for part in operands)
        elif operator in _SHOWN and len(fill) == 4 and fill[3] > 1 - DARK and sum(fill[:3]) > 0:
            yield "press-black", "Black words are printed in more inks than black"


def _too_much_ink(contents: Any, limit: int) -> Iterator[tuple[str, str]]:
    """Colours of too much ink, which plates hardly tell of a thin line; and pictures among the operators."""
    for operands, operator in contents.operations if contents is not None else ():
        ink = sum(map(float, operands)) if operator in (b"k", b"K") else 0.0
        if ink > limit / 100 + ROUNDED:
            yield "press-ink", f"A colour takes {ink:.0%} of ink; the limit is {limit} %"
        if operator == b"INLINE IMAGE":
            yield "press-colour", "A picture stands among the operators, where its colours are its own"


def _wrong_group(group: Any, allowed: set[str], shop: Shop) -> Iterator[tuple[str, str]]:
    """A group that blends in another space, or at all (ISO 32000-1, 11.6.6)."""
    if group is None:
        return
    space = str(group.get_object().get("/CS", "/DeviceGray"))
    if space not in allowed:
        yield "press-colour", f"A group has the colours of {space[1:21]}"
    if shop.profile.standard == _WITHOUT_TRANSPARENCY:
        yield "press-transparent", f"A group is transparent, which {_WITHOUT_TRANSPARENCY} forbids"


def _wrong_space(shading: Any, what: str, allowed: set[str]) -> Iterator[tuple[str, str]]:
    space = str(shading.get_object().get("/ColorSpace"))
    if space not in allowed:
        yield "press-colour", f"A {what} has the colours of {space[1:21]}"


def _wrong_picture(one: Any, allowed: set[str], shop: Shop) -> Iterator[tuple[str, str]]:
    yield from _wrong_space(one, "picture", allowed)
    if ("/SMask" in one or "/Mask" in one) and shop.profile.standard == _WITHOUT_TRANSPARENCY:
        yield "press-transparent", f"A picture is transparent, which {_WITHOUT_TRANSPARENCY} forbids"


def _wrong_state(state: Any, shop: Shop) -> Iterator[tuple[str, str]]:
    """A graphics state that blends, or lets what is below show through (ISO 32000-1, 8.6.7 and 11.6.4.4)."""
    if any(str(state.get(name)) == "True" for name in ("/op", "/OP")):
        yield "press-overprint", "Something is printed over what lies below it; what is white would vanish"
    veils = any(float(state.get(name, 1)) != 1 for name in ("/ca", "/CA"))
    blends = state.get("/BM", "/Normal") not in ("/Normal", "/Compatible")
    if (veils or blends or state.get("/SMask", "/None") != "/None") and (
        shop.profile.standard == _WITHOUT_TRANSPARENCY
    ):
        yield "press-transparent", f"Something is transparent, which {_WITHOUT_TRANSPARENCY} forbids"


def _declared(reader: PdfReader, facts: Facts, shop: Shop) -> Iterator[Problem]:
    """Does the file say which standard it keeps, for which paper, and is there nothing to click?"""
    info: Mapping[str, Any] = reader.metadata or {}
    version = reader.pdf_header
    wanted = "%PDF-1.4" if shop.profile.standard == _WITHOUT_TRANSPARENCY else "%PDF-1.6"
    intents = reader.root_object.get("/OutputIntents", ())
    intent = next((one.get_object() for one in intents), DictionaryObject())
    profile = intent.get("/DestOutputProfile")
    missing = [
        name
        for name, there in (
            ("the standard", info.get("/GTS_PDFXVersion") == shop.profile.standard),
            ("its version of PDF", version == wanted),
            ("whether it is trapped", str(info.get("/Trapped")) == "/False"),
            ("its title", bool(info.get("/Title"))),
            ("its dates", bool(info.get("/CreationDate")) and bool(info.get("/ModDate"))),
            ("its identifier", "/ID" in reader.trailer),
            ("its identification", _IDENTIFIED not in shop.profile.standard or _identifies(reader)),
            ("the paper", intent.get("/OutputConditionIdentifier") == shop.profile.intent.condition),
            ("the kind of intent", intent.get("/S") == "/GTS_PDFX"),
            ("the colours of the paper", profile is not None and profile.get_data() == shop.icc),
        )
        if not there
    ]
    for name in missing:
        yield Problem("press-intent", f"The file does not say {name} as {shop.profile.standard} asks")
    if facts.notes or facts.links or facts.actions:
        yield Problem("press-active", "The file has links, notes or actions, which no press can print")


def _identifies(reader: PdfReader) -> bool:
    """Does the XMP name the standard?"""
    metadata: Any = reader.root_object.get("/Metadata")
    return metadata is not None and b"GTS_PDFXVersion>PDF/X-4<" in metadata.get_data()
