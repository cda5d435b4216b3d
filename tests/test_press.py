"""Does a print shop get what its profile promises, and is that proven from the finished files?"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pytest
from command import PROJECT, TODAY, build, run
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from publisher import block, changed, with_block, write_publisher
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ContentStream,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from test_desk import Picture, folded, unlike

from booklet.bind import print_edition
from booklet.layout import MILLIMETRE, layout_for
from booklet.preflight_press import preflight_press
from booklet.press import Plan, Shop, files_of, load_shop, shop_names
from booklet.printing import Edition
from booklet.problem import Problem
from booklet.separation import PLATES, BlackInk, FourInks, plates
from booklet.shop import print_in_shop
from booklet.source import Source

#: Single pages with bleed, marks and no transparency.
STRICT = "strict"
PROFILES = ("black-only", "coated-single", "coated-spreads", "uncoated-apart")
WORDS = "It may take 2 weeks before you notice a change."
SIDES = 148.0, 210.0

#: A cover with a gradient that bleeds on all sides.
COVER = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 154 216" width="154mm" height="216mm">
<title>Evening</title><defs><linearGradient id="g"><stop offset="0" stop-color="#00543c"/>
<stop offset="1" stop-color="#a3123f"/></linearGradient></defs>
<rect width="154" height="216" fill="url(#g)"/></svg>"""


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A booklet of twenty pages with a photograph, and a gradient on its cover."""
    root = tmp_path_factory.mktemp("press")
    shutil.copytree(PROJECT / "tests/checks/booklet", root, dirs_exist_ok=True)
    folder = root / "source/booklets/everything"
    shades = np.linspace(0, 255, 1800, dtype=np.uint8)
    rows = np.stack(
        [np.tile(shades, (1200, 1)), np.full((1200, 1800), 90), np.tile(shades[::-1], (1200, 1))], axis=2
    )
    Image.fromarray(rows.astype(np.uint8)).save(folder / "photograph.png")
    (folder / "cover.svg").write_text(COVER, encoding="utf-8")
    text = (folder / "booklet.yaml").read_text(encoding="utf-8")
    text = changed(text, "image: ball.svg", "image: photograph.png")
    (folder / "booklet.yaml").write_text("cover: cover.svg\n" + text, encoding="utf-8")
    assert build(root, "everything", "--ink", "low").status == 0
    return root


class Printed:
    """An edition with its files for a shop."""

    def __init__(self, root: Path, shop: Shop, language: str = "en-GB") -> None:
        grey = shop.profile.colours == "black"
        self.edition, self.shop = edition_of(root, language, grey=grey), shop
        outcome = print_in_shop(self.edition, shop)
        assert outcome.value, outcome.problems
        assert outcome.problems == ()
        self.files = {file.kind: file.pdf for file in outcome.value}
        self.says = {file.kind: file.says for file in outcome.value}
        self.plan = Plan(shop.profile, SIDES, pages_of(self.edition.pdf), language == "ar")

    def problems(self, pdf: bytes, number: int = 0) -> list[Problem]:
        """What the preflight says of one of the files, as it is now."""
        files = dict(zip((file.kind for file in self.plan.files), self.files.values(), strict=True))
        files[self.plan.files[number].kind] = pdf
        found = preflight_press(files, self.edition.pdf, self.plan, self.shop)
        return [problem for file, problem in found if file is self.plan.files[number]]


def edition_of(root: Path, language: str = "en-GB", *, grey: bool = False) -> Edition:
    sourced = Source(root).booklet("everything").value
    layout = layout_for(sourced, "a5-booklet", (root, PROJECT), grey=grey).value
    assert sourced
    assert layout
    words = layout.words("en-GB").value
    assert words
    pdf = next(root.glob(f"dist/everything/*/*-a5-booklet{'-grey' if grey else ''}.pdf")).read_bytes()
    turned = replace(sourced, booklet=sourced.booklet.model_copy(update={"language": language}))
    return Edition(pdf, turned, layout, words)


def shop(name: str, **other: object) -> Shop:
    loaded = load_shop(name, (PROJECT,)).value
    assert loaded
    return replace(loaded, profile=loaded.profile.model_copy(update=other))


@pytest.fixture(scope="module")
def printed(publisher: Path) -> Callable[[str], Printed]:
    strict = shop("coated-single", standard="PDF/X-1a:2003", marks=True)
    return cache(lambda name: Printed(publisher, strict if name == STRICT else shop(name)))


def pages_of(pdf: bytes) -> int:
    return len(PdfReader(BytesIO(pdf)).pages)


def box(page: Any, name: str) -> tuple[float, ...]:
    """A box of a page, in millimetres."""
    return tuple(round(float(side) / MILLIMETRE, 1) for side in page[name])


def operators(pdf: bytes) -> set[bytes]:
    """All operators of all streams that draw; but for the one that chooses a gradient."""
    reader, found = PdfReader(BytesIO(pdf)), set[bytes]()
    for number in range(1, int(reader.trailer["/Size"])):  # type: ignore[call-overload]
        one = reader.get_object(number)
        if isinstance(one, StreamObject) and one.get("/Subtype") == "/Form":
            steps = ContentStream(one, None).operations
            found |= {operator for operands, operator in steps if operands[:1] != ["/Pattern"]}
    return found


# --- What the profiles promise ------------------------------------------------------------------


def test_the_project_has_profiles_that_differ_as_shops_do() -> None:
    names = shop_names((PROJECT,))
    assert set(PROFILES) < set(names)
    profiles = [shop(name).profile for name in names]
    assert {profile.bleed for profile in profiles} == {0, 3, 5}
    for key in ("pages", "cover", "marks", "standard", "colours", "ink_limit", "intent"):
        assert len({str(getattr(profile, key)) for profile in profiles}) > 1, key


@pytest.mark.parametrize("name", PROFILES)
def test_every_box_is_that_of_the_profile(printed: Callable[[str], Printed], name: str) -> None:
    made = printed(name)
    bleed, slug = made.shop.profile.bleed, 9 if made.shop.profile.marks else 0
    for kind, pdf in made.files.items():
        wide = SIDES[0] * (2 if "cover" in kind or made.shop.profile.pages == "spreads" else 1)
        for page in PdfReader(BytesIO(pdf)).pages:
            edge = bleed + slug
            assert box(page, "/MediaBox") == (0, 0, round(wide + 2 * edge, 1), 210 + 2 * edge)
            assert box(page, "/TrimBox") == (edge, edge, edge + wide, edge + 210)
            assert box(page, "/BleedBox") == (slug, slug, edge + wide + bleed, edge + 210 + bleed)


@pytest.mark.parametrize("name", PROFILES)
def test_all_colours_are_inks(printed: Callable[[str], Printed], name: str) -> None:
    made = printed(name)
    colours = {b"g", b"G", b"rg", b"RG", b"k", b"K", b"sc", b"SC", b"cs", b"CS"}
    inks = {b"g", b"G"} if name == "black-only" else {b"k", b"K"}
    for pdf in made.files.values():
        assert operators(pdf) & colours <= inks
        spaces = {image.get("/ColorSpace") for image in images(pdf)}
        assert spaces <= ({"/DeviceGray"} if name == "black-only" else {"/DeviceCMYK"})
    assert any(images(pdf) for pdf in made.files.values())


def images(pdf: bytes) -> list[Any]:
    reader = PdfReader(BytesIO(pdf))
    found = [reader.get_object(number) for number in range(1, int(reader.trailer["/Size"]))]  # type: ignore[call-overload]
    return [one for one in found if isinstance(one, StreamObject) and one.get("/Subtype") == "/Image"]


@pytest.mark.parametrize("name", PROFILES)
def test_the_file_says_which_standard_it_keeps_and_for_which_paper(
    printed: Callable[[str], Printed], name: str
) -> None:
    made = printed(name)
    for pdf in made.files.values():
        reader = PdfReader(BytesIO(pdf))
        known: Any = reader.metadata
        assert known["/GTS_PDFXVersion"] == made.shop.profile.standard
        assert known["/Trapped"] == "/False"
        assert known["/CreationDate"] == known["/ModDate"] == "D:20261123"
        assert pdf.startswith(b"%PDF-1.4" if "X-1a" in made.shop.profile.standard else b"%PDF-1.6")
        intents: Any = reader.root_object["/OutputIntents"]
        (intent,) = intents
        assert intent["/OutputConditionIdentifier"] == made.shop.profile.intent.condition
        profile = intent["/DestOutputProfile"].get_data()
        assert profile[12:20] == b"prtrCMYK"
        assert (b"pdfxid:GTS_PDFXVersion>PDF/X-4<" in pdf) == (made.shop.profile.standard == "PDF/X-4")
        assert not [page for page in reader.pages if "/Annots" in page]
        assert "/StructTreeRoot" not in reader.root_object


@pytest.mark.parametrize("name", PROFILES)
def test_qpdf_finds_nothing_wrong(printed: Callable[[str], Printed], name: str, tmp_path: Path) -> None:
    if shutil.which("qpdf") is None:
        pytest.skip("qpdf is not installed")
    for pdf in printed(name).files.values():
        path = tmp_path / "press.pdf"
        path.write_bytes(pdf)
        ran = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")


def drawn(pdf: bytes) -> list[Picture]:
    """Each page, at a pixel a point."""
    document = pdfium.PdfDocument(pdf)
    return [page.render(scale=1).to_numpy()[..., :3].astype(np.float32) for page in document]


def trimmed(pdf: bytes, plan: Plan) -> list[Picture]:
    """What is left of each page when it is cut."""
    edge = round(plan.edge * MILLIMETRE)
    return [page[edge : page.shape[0] - edge, edge : page.shape[1] - edge] for page in drawn(pdf)]


def test_spreads_that_are_cut_and_folded_give_the_pages_in_order(printed: Callable[[str], Printed]) -> None:
    made = printed("coated-spreads")
    (pdf,) = made.files.values()
    pages = [
        page.render(scale=1).to_numpy()[..., :3].astype(np.float32)
        for page in pdfium.PdfDocument(made.edition.pdf)
    ]
    cut = folded(trimmed(pdf, made.plan))
    assert len(cut) == len(pages)
    for number, page in enumerate(cut):
        nearest = min(range(len(pages)), key=lambda other: unlike(page, pages[other]))
        assert unlike(page, pages[number]) <= unlike(page, pages[nearest]) + 0.5, number


def test_a_booklet_that_is_read_from_right_to_left_is_bound_on_its_right(publisher: Path) -> None:
    edition, spreads = edition_of(publisher), shop("coated-spreads")
    plan = Plan(spreads.profile, SIDES, pages_of(edition.pdf), right_bound=True)
    bled = print_edition(edition.sourced, replace(edition.layout, bleed=plan.laid_bleed), edition.words).value
    assert bled
    (pdf,) = files_of(bled, plan, spreads, b"").values()
    cut, pages = folded(trimmed(pdf, plan), right_bound=True), drawn(edition.pdf)
    for number, page in enumerate(cut):
        nearest = min(range(len(pages)), key=lambda other: unlike(page, pages[other]))
        assert unlike(page, pages[number]) <= unlike(page, pages[nearest]) + 0.5, number
    apart = Plan(shop("uncoated-apart").profile, SIDES, 20, right_bound=True)
    assert [side.pages for side in apart.files[0].sides] == [(1, 20), (19, 2)]


def test_single_pages_are_the_editions_in_order(printed: Callable[[str], Printed]) -> None:
    made = printed("coated-single")
    (pdf,) = made.files.values()
    assert [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages] == [
        page.extract_text() for page in PdfReader(BytesIO(made.edition.pdf)).pages
    ]


def test_a_cover_apart_has_the_four_outer_pages(printed: Callable[[str], Printed]) -> None:
    made = printed("uncoated-apart")
    assert {kind: pages_of(pdf) for kind, pdf in made.files.items()} == {
        "press-uncoated-apart.cover": 2,
        "press-uncoated-apart.inside": 16,
    }
    cover, inside = made.plan.files
    assert [side.pages for side in cover.sides] == [(20, 1), (2, 19)]
    assert [side.pages[0] for side in inside.sides] == list(range(3, 19))


def test_blank_pages_fill_up_before_the_back_cover() -> None:
    plan = Plan(shop("coated-spreads").profile, SIDES, 6, right_bound=False)
    assert plan.order == (1, 2, 3, 4, 5, None, None, 6)
    assert [side.pages for side in plan.files[0].sides] == [(6, 1), (2, None), (None, 3), (4, 5)]
    eights = shop("coated-single", multiple_of=8).profile
    assert Plan(eights, SIDES, 6, right_bound=False).order == (1, 2, 3, 4, 5, None, None, 6)
    assert Plan(shop("coated-single").profile, SIDES, 6, right_bound=False).order == tuple(range(1, 7))


def test_a_spine_is_as_wide_as_the_pages_are_thick(publisher: Path) -> None:
    glued = shop("glued")
    thick = shop(
        "glued",
        spine=glued.profile.spine.model_copy(update={"least_pages": 20}),  # type: ignore[union-attr]
        thickness=0.6,
    )
    made = Printed(publisher, thick)
    # 16 pages are 8 leaves, and the cover has two of 0.3 mm.
    assert made.plan.spine == pytest.approx(8 * 0.6 + 0.6)
    assert "a spine of 5.4 mm" in made.says["press-glued.cover"]
    cover = made.files["press-glued.cover"]
    page = PdfReader(BytesIO(cover)).pages[0]
    assert box(page, "/TrimBox")[2] - box(page, "/TrimBox")[0] == pytest.approx(2 * 148 + 5.4, abs=0.11)
    back = plates(cover, 1)[0].sum(axis=2)
    middle = round((made.plan.edge + 148 + 0.5) * MILLIMETRE)
    edge = round((made.plan.edge - 2) * MILLIMETRE)
    assert back[edge:-edge, middle].min() > 1.5
    thin = Printed(
        publisher,
        replace(thick, profile=thick.profile.model_copy(update={"thickness": glued.profile.thickness})),
    )
    assert thin.plan.spine < 5
    plain = PdfReader(BytesIO(thin.files["press-glued.cover"])).pages[0].extract_text()
    assert page.extract_text().count("All about your medicine") == plain.count("All about your medicine") + 1


def test_what_is_too_thin_to_be_glued_is_refused(publisher: Path) -> None:
    outcome = print_in_shop(edition_of(publisher), shop("glued"))
    assert outcome.value is None
    (told,) = outcome.problems
    assert (told.code, told.message) == ("press-thin", "20 pages are too few to be glued: it takes 48")


def test_the_same_edition_gives_the_same_files(publisher: Path, printed: Callable[[str], Printed]) -> None:
    assert Printed(publisher, shop("coated-single")).files == printed("coated-single").files


# --- Inks -----------------------------------------------------------------------------------------


def four_inks(limit: int = 300) -> FourInks:
    return FourInks((PROJECT / "layouts/print/icc/coated.icc").read_bytes(), limit)


def test_paper_stays_white_and_dark_grey_is_black_alone() -> None:
    inks = four_inks()
    assert inks.of(1, 1, 1) == (0, 0, 0, 0)
    assert inks.of(0, 0, 0) == inks.of(0.106, 0.149, 0.133) == (0, 0, 0, 1)
    cyan, magenta, yellow, _ = inks.of(0, 0.33, 0.235)
    assert cyan > yellow > magenta
    assert BlackInk().of(1, 1, 1) == (1,)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=20), st.integers(150, 320))
def test_no_colour_takes_more_ink_than_the_limit(colours: list[tuple[int, int, int]], limit: int) -> None:
    inks = four_inks(limit)
    picture = Image.fromarray(np.array([colours], np.uint8))
    assert inks.picture(picture).astype(int).sum(axis=2).max() <= limit / 100 * 255
    for red, green, blue in colours[:3]:
        assert sum(inks.of(red / 255, green / 255, blue / 255)) <= limit / 100 + 1e-6


@pytest.mark.skipif(shutil.which("gs") is None, reason="Ghostscript is not installed")
@pytest.mark.parametrize("name", ["coated-single", "uncoated-apart"])
def test_the_plates_are_those_that_ghostscript_makes(
    printed: Callable[[str], Printed], name: str, tmp_path: Path
) -> None:
    pdf = next(iter(printed(name).files.values()))
    path = tmp_path / "press.pdf"
    path.write_bytes(pdf)
    options = ["-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-sDEVICE=tiffsep", "-r72", "-dLastPage=2"]
    subprocess.run(
        ["gs", *options, f"-sOutputFile={tmp_path}/p%d.tif", path], check=True, capture_output=True
    )
    for number, page in enumerate(plates(pdf, 1)[:2], 1):
        for ink, plate in zip(PLATES, np.moveaxis(page, 2, 0), strict=True):
            shown = 1 - np.asarray(Image.open(tmp_path / f"p{number}({ink.title()}).tif")) / 255
            high, wide = (min(a, b) for a, b in zip(shown.shape, plate.shape, strict=True))
            # By squares: Ghostscript draws no grey at the edges of letters.
            squares = [
                part[: high // 24 * 24, : wide // 24 * 24].reshape(high // 24, 24, -1, 24).mean(axis=(1, 3))
                for part in (shown, plate)
            ]
            # A page's height is no whole number of points: lines may be a pixel off.
            assert np.median(np.abs(squares[0] - squares[1])) < 0.02
            assert np.abs(squares[0] - squares[1]).mean() < 0.04


# --- The preflight, and what it must catch --------------------------------------------------------


def spoilt(pdf: bytes, change: Callable[[PdfWriter], None]) -> bytes:
    writer = PdfWriter(clone_from=BytesIO(pdf))
    writer.pdf_header = PdfReader(BytesIO(pdf)).pdf_header
    change(writer)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def contents(page: int, edit: Callable[[bytes], bytes]) -> Callable[[PdfWriter], None]:
    """A change of what a page draws."""

    def change(writer: PdfWriter) -> None:
        old = writer.pages[page].get_contents()
        assert old is not None
        stream = DecodedStreamObject()
        stream.set_data(edit(old.get_data()))
        writer.pages[page][NameObject("/Contents")] = writer._add_object(stream)

    return change


def form(page: int, edit: Callable[[bytes], bytes]) -> Callable[[PdfWriter], None]:
    """A change of a page of the edition that it draws."""

    def change(writer: PdfWriter) -> None:
        held: Any = writer.pages[page]["/Resources"]["/XObject"]  # type: ignore[index]
        one = next(iter(held.values())).get_object()
        stream = DecodedStreamObject()
        data = edit(one.get_data())
        assert data != one.get_data()
        stream.set_data(data)
        stream.update(one)
        for key in ("/Filter", "/DecodeParms"):
            stream.pop(key, None)
        held[NameObject(next(iter(held)))] = writer._add_object(stream)

    return change


def no_box(name: str, sides: tuple[float, ...] | None) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        if sides is None:
            del writer.pages[2][name]
        else:
            writer.pages[2][NameObject(name)] = ArrayObject(map(FloatObject, sides))

    return change


def resources(key: str, value: DictionaryObject) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        held: Any = writer.pages[1]["/Resources"]
        held[NameObject(key)] = DictionaryObject({NameObject("/Own"): value})

    return change


def of_catalogue(key: str) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        del writer.root_object[key]

    return change


def of_information(key: str) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        held: Any = writer._info
        del held[key]

    return change


def add_link(writer: PdfWriter) -> None:
    link = DictionaryObject(
        {NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Link")}
    )
    link[NameObject("/Rect")] = ArrayObject(map(FloatObject, (50, 50, 90, 90)))
    action = {
        NameObject("/S"): NameObject("/URI"),
        NameObject("/URI"): TextStringObject("https://example.org"),
    }
    link[NameObject("/A")] = DictionaryObject(action)
    writer.pages[1][NameObject("/Annots")] = ArrayObject([writer._add_object(link)])


def without_fonts(writer: PdfWriter) -> None:
    for one in writer._objects:
        if isinstance(one, DictionaryObject):
            for key in ("/FontFile2", "/FontFile3"):
                one.pop(key, None)


def picture_in(space: str) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        (one,) = [o for o in writer._objects if isinstance(o, StreamObject) and o.get("/Subtype") == "/Image"]
        pixels = np.zeros((int(one["/Height"]), int(one["/Width"]), 3), np.uint8)  # type: ignore[call-overload]
        one._data = DecodedStreamObject()._data
        fresh = DecodedStreamObject()
        fresh.set_data(pixels.tobytes())
        one._data = fresh.flate_encode()._data
        one[NameObject("/ColorSpace")] = NameObject(space)

    return change


def group(writer: PdfWriter) -> None:
    held = DictionaryObject({NameObject("/S"): NameObject("/Transparency")})
    held[NameObject("/CS")] = NameObject("/DeviceRGB")
    writer.pages[1][NameObject("/Group")] = held


def mask(writer: PdfWriter) -> None:
    (one,) = [o for o in writer._objects if isinstance(o, StreamObject) and o.get("/Subtype") == "/Image"]
    veil = DecodedStreamObject()
    veil.set_data(b"\x80")
    veil.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Image")})
    for key, value in (("/Width", 1), ("/Height", 1), ("/BitsPerComponent", 8)):
        veil[NameObject(key)] = NumberObject(value)
    veil[NameObject("/ColorSpace")] = NameObject("/DeviceGray")
    one[NameObject("/SMask")] = writer._add_object(veil)


VEIL = DictionaryObject({NameObject("/ca"): FloatObject(0.5)})
BLEND = DictionaryObject({NameObject("/BM"): NameObject("/Multiply")})
OVERPRINT = DictionaryObject({NameObject("/op"): BooleanObject(True)})
SCREEN = ArrayObject([NameObject("/CalRGB"), DictionaryObject()])

SPOILT: dict[str, tuple[Callable[[PdfWriter], None], str]] = {
    "page-left-out": (lambda w: w.remove_page(3), "press-count"),
    "no-trim": (no_box("/TrimBox", None), "press-box"),
    "trim-too-small": (no_box("/TrimBox", (30, 30, 300, 500)), "press-box"),
    "no-bleed-box": (no_box("/BleedBox", (34, 34, 453, 629)), "press-box"),
    "moved": (contents(1, lambda data: b"1 0 0 1 2 0 cm " + data), "press-page"),
    "covered": (contents(1, lambda data: data + b"\n0 0 0 0 k\n80 80 300 460 re f"), "press-page"),
    "struck-through": (form(1, lambda data: data + b"\n0 0 0 0 k\n0 0 500 400 re f"), "press-page"),
    "drawing-covered": (contents(0, lambda data: data + b"\n0 0 0 0 k\n40 400 380 60 re f"), "press-page"),
    "page-twice": (contents(1, lambda data: data + b"\n" + data.splitlines()[0]), "press-page"),
    "cut-at-the-trim": (
        contents(0, lambda data: b"34.02 34.02 419.53 595.28 re W n " + data),
        "press-bleed",
    ),
    "screen's-colour": (contents(1, lambda data: data + b"\n1 0 0 rg\n1 1 4 4 re f"), "press-colour"),
    "screen's-colour-in-a-form": (form(1, lambda data: data + b"\n1 0 0 RG"), "press-colour"),
    "space-of-its-own": (resources("/ColorSpace", SCREEN), "press-colour"),  # type: ignore[arg-type]
    "picture-of-a-screen": (picture_in("/DeviceRGB"), "press-colour"),
    "too-much-ink": (contents(1, lambda data: data + b"\n1 1 1 1 k\n60 60 2 2 re f"), "press-ink"),
    "words-in-four-inks": (
        form(1, lambda data: data.replace(b"0 0 0 1 k", b"0.5 0.4 0.4 1 k")),
        "press-black",
    ),
    "no-fonts": (without_fonts, "press-font"),
    "veil": (resources("/ExtGState", VEIL), "press-transparent"),
    "blend": (resources("/ExtGState", BLEND), "press-transparent"),
    "mask": (mask, "press-transparent"),
    "overprint": (resources("/ExtGState", OVERPRINT), "press-overprint"),
    "picture-among-operators": (
        form(1, lambda data: data + b"\nBI /W 1 /H 1 /BPC 8 /CS /RGB ID abc EI\n"),
        "press-colour",
    ),
    "group-of-a-screen": (group, "press-colour"),
    "thin-line-of-all-inks": (
        form(1, lambda data: data + b"\n1 1 1 1 K 0.3 w\n60 60 m 90 60 l S"),
        "press-ink",
    ),
    "units-of-its-own": (
        lambda w: w.pages[2].update({NameObject("/UserUnit"): NumberObject(2)}),
        "press-box",
    ),
    "cropped": (no_box("/CropBox", (100, 100, 300, 500)), "press-box"),
    "strip-of-the-bleed": (
        contents(0, lambda data: data + b"\n0 0 0 0 k\n0 631 500 3 re f"),
        "press-bleed",
    ),
    "corner-of-the-bleed": (
        contents(0, lambda data: data + b"\n0 0 0 0 k\n25 629 9 9 re f"),
        "press-bleed",
    ),
    "no-intent": (of_catalogue("/OutputIntents"), "press-intent"),
    "no-standard": (of_information("/GTS_PDFXVersion"), "press-intent"),
    "no-trapping": (of_information("/Trapped"), "press-intent"),
    "another-version": (lambda w: setattr(w, "pdf_header", "%PDF-1.7"), "press-intent"),
    "link": (add_link, "press-active"),
}


@pytest.mark.parametrize(("change", "code"), SPOILT.values(), ids=SPOILT)
def test_the_preflight_catches(
    printed: Callable[[str], Printed], change: Callable[[PdfWriter], None], code: str
) -> None:
    made = printed(STRICT)
    (pdf,) = made.files.values()
    told = made.problems(spoilt(pdf, change))
    assert code in [problem.code for problem in told], told


def test_what_is_only_written_again_passes(printed: Callable[[str], Printed]) -> None:
    for name in PROFILES:
        made = printed(name)
        for number, pdf in enumerate(made.files.values()):
            same = spoilt(pdf, lambda _: None)
            assert made.problems(same, number) == []


def test_a_picture_that_is_too_rough_is_told(printed: Callable[[str], Printed]) -> None:
    made = printed("coated-single")
    rough = replace(made.shop, profile=made.shop.profile.model_copy(update={"resolution": 2400}))
    (pdf,) = made.files.values()
    told = list(preflight_press({"": pdf}, made.edition.pdf, made.plan, rough))
    assert {problem.code for _, problem in told} == {"press-rough"}
    assert "the profile asks for 2400" in told[0][1].message


#: Strong colours, and a white line that crosses the fold: inks show them otherwise than a screen.
LOOP = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 154 216" width="154mm" height="216mm">
<rect width="154" height="216" fill="#00543c"/><circle cx="110" cy="150" r="40" fill="#1a7a5a"/>
<circle cx="40" cy="140" r="20" fill="#f2a0b8"/><circle cx="90" cy="110" r="25" fill="#f6e3a0"/>
<path d="M0 170C30 150 60 190 154 90" fill="none" stroke="#e3f1ea" stroke-width="6"/></svg>"""

#: It fades, which takes a mask of greys.
FADING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200"><defs><radialGradient id="r">
<stop offset="0" stop-color="#ff0"/><stop offset="1" stop-color="#080" stop-opacity=".3"/></radialGradient>
</defs><circle cx="200" cy="100" r="80" fill="url(#r)"/></svg>"""


@pytest.mark.parametrize(
    ("picture", "drawing", "names"),
    [
        ("cover.svg", LOOP, ("coated-spreads", "uncoated-apart", "coated-single")),
        ("ball.svg", FADING, ("coated-single",)),
    ],
)
def test_an_edition_that_passed_is_printed(
    tmp_path: Path, picture: str, drawing: str, names: tuple[str, ...]
) -> None:
    shutil.copytree(PROJECT / "tests/checks/booklet", tmp_path, dirs_exist_ok=True)
    folder = tmp_path / "source/booklets/everything"
    text = (folder / "booklet.yaml").read_text(encoding="utf-8")
    (folder / picture).write_text(drawing, encoding="utf-8")
    if picture == "cover.svg":
        (folder / "booklet.yaml").write_text(f"cover: {picture}\n{text}", encoding="utf-8")
    assert build(tmp_path, "everything").status == 0
    for name in names:
        Printed(tmp_path, shop(name))


# --- Profiles and the command ---------------------------------------------------------------------


PROFILE = (PROJECT / "layouts/print/coated-single.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        (changed(PROFILE, "bleed: 3", "bleed: 9"), "`bleed` must be 5 or less"),
        (changed(PROFILE, "pages: single", "pages: heaps"), "`pages` cannot be"),
        (changed(PROFILE, "coated.icc", "none.icc"), "none.icc is no ICC profile of a press"),
        (changed(PROFILE, "coated.icc", "README.md"), "README.md is no ICC profile of a press"),
        (PROFILE + "spine: {least_pages: 40, cover: 0.3}\n", "`spine` needs `cover: apart`"),
        (PROFILE + "foil: true\n", "There is no key `foil`"),
    ],
)
def test_a_faulty_profile_is_told(tmp_path: Path, profile: str, message: str) -> None:
    root = write_publisher(tmp_path, files={"layouts/print/ours.yaml": profile})
    ran = run("print", "colds", "--for", "ours", "--root", root)
    assert ran.status == 2
    assert message in ran.err


def test_a_publisher_has_profiles_of_its_own(tmp_path: Path) -> None:
    ours = changed(PROFILE, "marks: false", "marks: true")
    root = write_publisher(tmp_path, files={"layouts/print/ours.yaml": ours})
    ran = run("print", "colds", "--for", "ours", "--root", root, "--today", TODAY, "--json")
    assert ran.status == 0
    (made,) = ran.data["prints"]
    assert [Path(file["file"]).name for file in made["files"]] == [
        "colds-1.0-en-GB-a5-booklet.press-ours.pdf"
    ]
    assert made["files"][0]["says"] == f"{pages_of(Path(made['files'][0]['file']).read_bytes())} pages"


def test_files_for_a_shop_follow_the_edition(tmp_path: Path) -> None:
    long = with_block(block("notes", lines="60"))
    root = write_publisher(tmp_path, long)
    ran = run("print", "colds", "--for", "uncoated-apart", "--root", root, "--today", TODAY)
    assert (ran.status, ran.out.count("pages")) == (0, 2)
    for_shop = sorted(path.name for path in root.glob("dist/**/*.press-*.pdf"))
    assert for_shop == [
        f"colds-1.0-en-GB-a5-booklet.press-uncoated-apart.{part}.pdf" for part in ("cover", "inside")
    ]
    assert run("print", "colds", "--for", "desk", "--root", root, "--today", TODAY).status == 0
    assert len(list(root.glob("dist/**/*.press-*.pdf"))) == 2
    assert run("check", next(root.glob("dist/**/*.press-*.pdf")), "--root", root).status == 2
    assert run("check", "colds", "--root", root, "--today", TODAY).status == 0
    write_publisher(tmp_path, changed(long, "Most colds go away by themselves.", "Most colds go away."))
    assert build(root).status == 0
    assert list(root.glob("dist/**/*.press-*.pdf")) == []


def test_black_alone_prints_the_edition_without_colour(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    ran = run("print", "colds", "--for", "black-only", "--root", root, "--today", TODAY, "--json")
    assert [made["layout"] for made in ran.data["prints"]] == ["a5-booklet-grey"]


def test_large_print_is_printed_in_the_reader_s_size(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    large = ("--layout", "large-print", "--size", "22")
    ran = run("print", "colds", "--for", "coated-single", *large, "--root", root, "--today", TODAY, "--json")
    assert [made["layout"] for made in ran.data["prints"]] == ["large-print-22pt"]
    (file,) = root.glob("dist/**/*-large-print-22pt.press-coated-single.pdf")
    sizes = {round(float(page.trimbox.width)) for page in PdfReader(file).pages}
    assert sizes == {595}
    ran = run("print", "colds", "--for", "coated-single", "--size", "22", "--root", root)
    assert (ran.status, "No layout of these booklets has sizes" in ran.err) == (2, True)


def test_what_no_shop_can_print_is_told(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    ran = run("print", "colds", "--for", "nowhere", "--root", root)
    assert (ran.status, "known: desk, black-only, coated-single" in ran.err) == (2, True)
    (root / "layouts").mkdir()
    (root / "layouts/out.yaml").write_text(PROFILE, encoding="utf-8")
    ran = run("print", "colds", "--for", "../out", "--root", root)
    assert (ran.status, "There is no profile '../out'" in ran.err) == (2, True)
    ran = run("print", "colds", "--for", "coated-single", "--marks", "--root", root)
    assert (ran.status, "--marks is for the desk" in ran.err) == (2, True)
    ran = run("print", "colds", "--for", "glued", "--root", root, "--today", TODAY)
    assert (ran.status, "press-thin" in ran.out) == (1, True)
    assert list(root.glob("dist/**/*.press-*.pdf")) == []
    ran = run("print", "colds", "--for", "coated-single", "--root", root, "--today", "2040-01-01")
    assert (ran.status, "not-printed" in ran.out) == (1, True)


def test_a_leaflet_goes_to_a_shop_as_its_two_sides(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    words = (
        "print",
        "colds",
        "--layout",
        "dl-leaflet",
        "--for",
        "uncoated-apart",
        "--root",
        root,
        "--today",
        TODAY,
    )
    assert run(*words).status == 0
    (path,) = root.glob("dist/**/*.press-uncoated-apart.pdf")
    pages = PdfReader(path).pages
    assert [round(box(page, "/TrimBox")[2] - box(page, "/TrimBox")[0]) for page in pages] == [297, 297]


@pytest.mark.parametrize(("language", "layout"), [("en-GB", "dl-leaflet"), ("ar", "a5-booklet")])
def test_letters_that_join_and_spaces_that_nobody_typed_are_no_fault(
    language: str, layout: str, tmp_path: Path
) -> None:
    words = ("--for", "coated-single", "--language", language, "--layout", layout, "--out", tmp_path)
    ran = run("print", "checking-your-temperature", "--root", PROJECT, "--today", TODAY, *words)
    assert ran.status == 0, ran.out
