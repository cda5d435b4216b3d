"""Do the sheets for a clinic's printer fold to the booklet, and are they proven from the file?"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pytest
from command import PROJECT, TODAY, Ran, build, run
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from publisher import BOOKLET, changed, write_publisher
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from booklet.desk import Desk, print_at_desk
from booklet.impose import MOST_IN_SIGNATURE, SHEET, Plan, Side, panels_of, sides_of
from booklet.layout import MILLIMETRE, Sizes, layout_for
from booklet.preflight import preflight
from booklet.printing import Edition
from booklet.problem import Severity
from booklet.source import Source

Picture = NDArray[np.float32]

#: The middle colours of squares of so many pixels are compared.
SQUARE = 8


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """A booklet of twenty pages."""
    root = tmp_path_factory.mktemp("desk")
    shutil.copytree(PROJECT / "tests/checks/booklet", root, dirs_exist_ok=True)
    assert build(root, "everything").status == 0
    return edition_of(root, "everything")


def edition_of(root: Path, booklet: str = "colds", layout: str = "a5-booklet") -> Edition:
    sourced = Source(root).booklet(booklet).value
    loaded = layout_for(sourced, layout, (root, PROJECT)).value
    assert sourced
    assert loaded
    words = loaded.words(sourced.booklet.language).value
    assert words
    pdf = next(root.glob(f"dist/{booklet}/*/*-{layout}.pdf")).read_bytes()
    return Edition(pdf, sourced, loaded, words)


def sheets(edition: Edition, desk: Desk | None = None) -> bytes:
    printed = print_at_desk(edition, desk or Desk())
    assert printed.value, printed.problems
    assert printed.problems == ()
    (file,) = printed.value
    return file.pdf


def pages_of(pdf: bytes) -> int:
    return len(PdfReader(BytesIO(pdf)).pages)


def pictures(pdf: bytes) -> list[Picture]:
    """What a printer prints of each page, at a pixel a point."""
    flags = pdfium.raw.FPDF_ANNOT | pdfium.raw.FPDF_PRINTING
    return [drawn(page, flags) for page in pdfium.PdfDocument(pdf)]


def drawn(page: pdfium.PdfPage, flags: int) -> Picture:
    width, height = (round(side) for side in page.get_size())
    bitmap = pdfium.PdfBitmap.new_native(width, height, pdfium.raw.FPDFBitmap_BGR)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    pdfium.raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags)
    picture: Picture = bitmap.to_numpy().astype(np.float32)
    return picture


def folded(sides: Sequence[Picture], *, right_bound: bool = False) -> list[Picture]:
    """The pages of one signature that is printed on both sides, turned on the short edge and folded.

    The left half of a sheet's back lies behind the right half of its front. The outermost sheet is
    first; then each leaf is read from its front to its back.
    """
    fold = sides[0].shape[1] // 2
    leaves = [(front[:, fold:], back[:, :fold]) for front, back in pairs(sides)]
    others = [(back[:, fold:], front[:, :fold]) for front, back in reversed(pairs(sides))]
    if right_bound:
        leaves = [(front[:, :fold], back[:, fold:]) for front, back in pairs(sides)]
        others = [(back[:, :fold], front[:, fold:]) for front, back in reversed(pairs(sides))]
    return [page for leaf in leaves + others for page in leaf]


def pairs(sides: Sequence[Picture]) -> list[tuple[Picture, Picture]]:
    return list(zip(sides[::2], sides[1::2], strict=True))


def squares(picture: Picture) -> Picture:
    rows, columns = (length // SQUARE for length in picture.shape[:2])
    cut = picture[: rows * SQUARE, : columns * SQUARE]
    middles: Picture = cut.reshape(rows, SQUARE, columns, SQUARE, 3).mean(axis=(1, 3))
    return middles


def unlike(one: Picture, other: Picture) -> float:
    """How far two pictures differ; their sides, which a fold or a cut may take, are left out."""
    height, width = (min(a, b) for a, b in zip(one.shape[:2], other.shape[:2], strict=True))
    return float(
        np.abs(
            squares(one[8 : height - 8, 8 : width - 8]) - squares(other[8 : height - 8, 8 : width - 8])
        ).mean()
    )


def test_sheets_that_are_folded_and_cut_give_the_pages_in_order(edition: Edition) -> None:
    made, pages = folded(pictures(sheets(edition))), pictures(edition.pdf)
    assert len(made) == len(pages) == 20
    for number, page in enumerate(made):
        nearest = min(range(len(pages)), key=lambda other: unlike(page, pages[other]))
        # The pages for notes are alike but for their numbers.
        assert unlike(page, pages[number]) <= unlike(page, pages[nearest]) + 0.5
        assert unlike(page, pages[number]) < 3


def test_a_booklet_that_is_bound_on_the_right_folds_so(edition: Edition) -> None:
    arabic = edition.sourced.booklet.model_copy(update={"language": "ar"})
    turned = replace(edition, sourced=replace(edition.sourced, booklet=arabic))
    made, pages = folded(pictures(sheets(turned)), right_bound=True), pictures(edition.pdf)
    assert [unlike(page, pages[number]) < 3 for number, page in enumerate(made)] == [True] * len(pages)


@pytest.fixture(scope="module")
def leaflet(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """A leaflet of one sheet that is folded in three."""
    root = write_publisher(tmp_path_factory.mktemp("leaflet"))
    assert build(root, "--layout", "dl-leaflet").status == 0
    return edition_of(root, layout="dl-leaflet")


def folded_in_three(sides: Sequence[Picture], *, right_bound: bool = False) -> list[Picture]:
    """The pages of a sheet that is printed on both sides, turned on the short edge and folded in three.

    What is folded in is at the left of the outside, or at its right; it lies behind the inside's last page.
    """
    outside, inside = (side[:, ::-1] if right_bound else side for side in sides)
    millimetre = outside.shape[1] / 297
    one, two = (round(fold * millimetre) for fold in (98, 197.5))
    three, four = (round(fold * millimetre) for fold in (99.5, 199))
    cover, back, flap = outside[:, two:], outside[:, one:two], outside[:, :one]
    for front, behind in (
        (cover, inside[:, :three]),
        (back, inside[:, three:four]),
        (flap, inside[:, four:]),
    ):
        assert abs(front.shape[1] - behind.shape[1]) <= 1
    pages = [cover, inside[:, :three], inside[:, three:four], inside[:, four:], flap, back]
    return [page[:, ::-1] if right_bound else page for page in pages]


@pytest.mark.parametrize("language", ["en-GB", "ar"])
def test_a_leaflet_that_is_folded_in_three_gives_its_pages_in_order(leaflet: Edition, language: str) -> None:
    booklet = leaflet.sourced.booklet.model_copy(update={"language": language})
    edition = replace(leaflet, sourced=replace(leaflet.sourced, booklet=booklet))
    made = folded_in_three(pictures(sheets(edition)), right_bound=language == "ar")
    pages = pictures(leaflet.pdf)
    assert [round(page.shape[1] / MILLIMETRE, 0) for page in pages] == [99, 99, 99, 98, 98, 99]
    assert [unlike(page, pages[number]) < 3 for number, page in enumerate(made)] == [True] * 6
    assert unlike(made[1], pages[2]) > 3


def test_a_leaflets_marks_stand_at_its_folds(leaflet: Edition) -> None:
    plain, marked = pictures(sheets(leaflet)), pictures(sheets(leaflet, Desk(marks=True)))
    for one, other, folds in zip(plain, marked, ((98, 197.5), (99.5, 199)), strict=True):
        columns = np.flatnonzero(np.abs(one - other).max(axis=(0, 2)) > 60) / MILLIMETRE
        for fold in folds:
            assert np.abs(columns - fold).min() < 1
        assert max(min(abs(column - fold) for fold in folds) for column in columns) < 2


def test_a_leaflets_instructions_say_how_to_fold_it(leaflet: Edition) -> None:
    told = PdfReader(BytesIO(sheets(leaflet, Desk(instructions=True)))).pages[0]
    text = " ".join(told.extract_text().split())
    assert "Sheets of A4 paper to load: 1, beside this one." in text
    assert "Fold page 4 in, and page 2 over it." in text
    assert "taple" not in text
    (note,) = PdfReader(BytesIO(sheets(leaflet))).pages[0].annotations or []
    assert "then fold in three" in note.get_object()["/Contents"]


def test_a_leaflets_panel_that_is_another_is_told(leaflet: Edition) -> None:
    plan = Plan(panels_of(leaflet.layout.recipe.panels or (), right_bound=False), Desk().creep)
    found = list(preflight(spoilt(sheets(leaflet), swap_forms), leaflet.pdf, plan, None))
    assert {problem.code for problem in found} == {"sheet-page"}
    assert "The left panel of sheet 1, back, does not show page 2 as it is" in found[0].message


def test_signatures_are_folded_one_by_one() -> None:
    sides = sides_of(60, right_bound=False, signatures=True, cover_last=True)
    depths = [side.depth for side in sides if side.front]
    assert depths == [*range(8), *range(7)]
    assert sides[0].pages == (32, 1)
    assert sides[16].pages == (60, 33)


@given(st.integers(1, 200), st.booleans(), st.booleans(), st.booleans())
def test_every_page_lies_on_the_sheets_just_once(
    pages: int, right_bound: bool, signatures: bool, cover_last: bool
) -> None:
    sides = sides_of(pages, right_bound=right_bound, signatures=signatures, cover_last=cover_last)
    laid = [page for side in sides for page in side.pages]
    assert sorted(page for page in laid if page) == list(range(1, pages + 1))
    assert len(laid) == -(-pages // 4) * 4
    assert max(side.depth for side in sides) < (MOST_IN_SIGNATURE if signatures else len(sides))
    if cover_last and not signatures:
        outside = sides[0].pages[1 if right_bound else 0]
        assert outside == pages


def test_blank_pages_come_before_the_back_cover() -> None:
    sides = sides_of(6, right_bound=False, signatures=False, cover_last=True)
    assert [side.pages for side in sides] == [(6, 1), (2, None), (None, 3), (4, 5)]
    sides = sides_of(6, right_bound=False, signatures=False, cover_last=False)
    assert [side.pages for side in sides] == [(None, 1), (2, None), (6, 3), (4, 5)]


@pytest.mark.parametrize(("paper", "shift"), [(80, 0.104), (160, 0.208)])
def test_inner_pages_lie_nearer_to_the_fold(edition: Edition, paper: int, shift: float) -> None:
    pdf = sheets(edition, Desk(paper=paper))
    there = [left_of_folio(pdf, side, page) for side, page in ((1, 2), (3, 4))]
    own = [left_of_folio(edition.pdf, page - 1, page) for page in (2, 4)]
    moved = [one - other for one, other in zip(there, own, strict=True)]
    assert (moved[1] - moved[0]) / MILLIMETRE == pytest.approx(shift, abs=0.002)


def left_of_folio(pdf: bytes, index: int, folio: int) -> float:
    """Where the number of a page at the left begins, in points; it is the lowest that is found."""
    text = pdfium.PdfDocument(pdf)[index].get_textpage()
    found = text.search(str(folio), match_whole_word=True)
    boxes: list[tuple[float, float]] = []
    while (at := found.get_next()) is not None:
        left, bottom, *_ = text.get_charbox(at[0])
        boxes.append((bottom, left))
    return min(box for box in boxes if box[1] < SHEET[0] / 2)[1]


def test_the_sheets_are_a4_and_their_text_can_be_searched(edition: Edition) -> None:
    reader = PdfReader(BytesIO(sheets(edition)))
    boxes = [page.mediabox for page in reader.pages]
    assert {(round(box.width), round(box.height)) for box in boxes} == {(842, 595)}
    assert "It may take 2 weeks before you notice a change." in "".join(
        page.extract_text() for page in reader.pages
    )
    wanted = reader.root_object["/ViewerPreferences"]
    assert (wanted["/PrintScaling"], wanted["/Duplex"]) == ("/None", "/DuplexFlipShortEdge")  # type: ignore[index]


def test_the_first_sheet_says_on_the_screen_how_to_print_it(edition: Edition) -> None:
    pdf = sheets(edition)
    page = pdfium.PdfDocument(pdf)[0]
    plain, shown = drawn(page, 0), drawn(page, pdfium.raw.FPDF_ANNOT)
    changed_rows = np.flatnonzero(np.abs(shown - plain).max(axis=(1, 2)) > 60)
    assert len(changed_rows)
    assert changed_rows.max() < 5 * MILLIMETRE
    assert np.array_equal(plain, drawn(page, pdfium.raw.FPDF_ANNOT | pdfium.raw.FPDF_PRINTING))
    notes: list[Any] = list(PdfReader(BytesIO(pdf)).pages[0].annotations or [])
    assert ["flip on the short edge, at 100%" in note.get_object()["/Contents"] for note in notes] == [True]


def test_instructions_take_a_sheet_of_their_own(edition: Edition) -> None:
    plain, told = sheets(edition), sheets(edition, Desk(instructions=True))
    assert pages_of(told) == pages_of(plain) + 2
    pages = PdfReader(BytesIO(told)).pages
    assert "How to print this booklet" in pages[0].extract_text()
    assert f"Sheets of A4 paper to load: {pages_of(plain) // 2}, beside this one." in pages[0].extract_text()
    assert pages[1].extract_text() == ""
    assert all(np.array_equal(a, b) for a, b in zip(pictures(told)[2:], pictures(plain), strict=True))


def test_marks_meet_on_both_sides_and_cover_no_words(edition: Edition) -> None:
    plain, marked = pictures(sheets(edition)), pictures(sheets(edition, Desk(marks=True)))
    for number, (one, other) in enumerate(zip(plain, marked, strict=True)):
        rows, columns = np.nonzero(np.abs(one - other).max(axis=2) > 60)
        assert len(rows), number
        assert np.minimum(rows, one.shape[0] - rows).min() >= 5 * MILLIMETRE - 1
        assert np.abs(columns - SHEET[0] / 2).min() < 2
    pages = PdfReader(BytesIO(sheets(edition, Desk(marks=True)))).pages
    assert "Sheet 2, back" in pages[3].extract_text()


def thicker(edition: Edition, pages: int) -> Edition:
    """The edition with its pages over and over, up to so many."""
    writer, own = PdfWriter(), PdfReader(BytesIO(edition.pdf)).pages
    for number in range(pages):
        writer.add_page(own[number % len(own)])
    written = BytesIO()
    writer.write(written)
    return replace(edition, pdf=written.getvalue())


def test_too_many_sheets_in_one_fold_are_told_with_the_way_out(edition: Edition) -> None:
    assert print_at_desk(thicker(edition, 64), Desk()).problems == ()
    thick = thicker(edition, 68)
    (told,) = print_at_desk(thick, Desk()).problems
    assert (told.code, told.severity) == ("sheets-thick", Severity.WARNING)
    assert told.message.startswith("17 sheets (68 pages)")
    assert "--signatures" in told.hint
    assert print_at_desk(thick, Desk(signatures=True)).problems == ()


def test_pages_that_become_too_small_are_refused_with_their_size(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    assert build(root, "--layout", "a4-leaflet").status == 0
    printed = print_at_desk(edition_of(root, layout="a4-leaflet"), Desk())
    assert printed.value is None
    assert [problem.code for problem in printed.problems] == ["sheet-small"]
    assert "in 9.9 points, and needs 14" in printed.problems[0].message


# --- The preflight, and what it must catch ----------------------------------------------------


def spoilt(pdf: bytes, change: Callable[[PdfWriter], None]) -> bytes:
    writer = PdfWriter(clone_from=BytesIO(pdf))
    change(writer)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def contents(writer: PdfWriter, page: int, edit: Callable[[bytes], bytes]) -> None:
    old = writer.pages[page].get_contents()
    assert old is not None
    stream = DecodedStreamObject()
    stream.set_data(edit(old.get_data()))
    writer.pages[page][NameObject("/Contents")] = writer._add_object(stream)


def swap_forms(writer: PdfWriter) -> None:
    held = writer.pages[1]["/Resources"]["/XObject"]  # type: ignore[index]
    first, second, *_ = held.keys()
    held[first], held[second] = held.raw_get(second), held.raw_get(first)


def turn(writer: PdfWriter) -> None:
    writer.pages[1].mediabox.upper_right = SHEET[1], SHEET[0]


def drop(writer: PdfWriter) -> None:
    writer.remove_page(3)


SPOILT = {
    "two-pages-change-places": (swap_forms, "sheet-page"),
    "page-left-out": (lambda w: contents(w, 2, lambda data: data[: data.index(b"\n")]), "sheet-page"),
    "moved": (lambda w: contents(w, 1, lambda data: b"1 0 0 1 3 0 cm " + data), "sheet-page"),
    "over-the-edge": (lambda w: contents(w, 1, lambda data: b"1 0 0 1 -40 0 cm " + data), "sheet-edge"),
    "covered": (
        lambda w: contents(w, 1, lambda data: data + b"\n1 1 1 rg 60 60 120 460 re f"),
        "sheet-page",
    ),
    "something-added": (
        lambda w: contents(w, 2, lambda data: data + b"\n0 0 0 rg 90 20 30 8 re f"),
        "sheet-page",
    ),
    "smaller": (lambda w: contents(w, 1, lambda data: b"0.9 0 0 0.9 0 0 cm " + data), "sheet-small"),
    "upright": (turn, "sheet-size"),
    "side-left-out": (drop, "sheet-count"),
}


@pytest.mark.parametrize(("change", "code"), SPOILT.values(), ids=SPOILT)
def test_the_preflight_catches(edition: Edition, change: Callable[[PdfWriter], None], code: str) -> None:
    pdf, plan = sheets(edition), plan_of(edition)
    least = edition.layout.recipe.smallest
    assert list(preflight(spoilt(pdf, lambda _: None), edition.pdf, plan, least)) == []
    found = list(preflight(spoilt(pdf, change), edition.pdf, plan, least))
    assert code in [problem.code for problem in found]
    assert all(problem.page for problem in found)


def plan_of(edition: Edition) -> Plan:
    sides = sides_of(pages_of(edition.pdf), right_bound=False, signatures=False, cover_last=True)
    return Plan(sides, Desk().creep)


def test_a_page_of_another_edition_is_told(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    assert build(root).status == 0
    before = edition_of(root)
    write_publisher(tmp_path, changed(BOOKLET, "Most colds go away by themselves.", "Most colds do not."))
    assert build(root).status == 0
    found = list(
        preflight(sheets(before), edition_of(root).pdf, plan_of(before), Sizes(text="12", labels="10"))
    )
    assert {problem.code for problem in found} == {"sheet-page"}


# --- The command ------------------------------------------------------------------------------


def printed(root: Path, *words: str) -> Ran:
    return run("print", "colds", "--for", "desk", "--root", root, "--today", TODAY, *words)


def test_the_command_makes_the_edition_and_its_sheets(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    ran = printed(root, "--json")
    assert ran.status == 0
    (made,) = ran.data["prints"]
    path = root / "dist/colds/1.0/colds-1.0-en-GB-a5-booklet.desk.pdf"
    assert [Path(file["file"]).resolve() for file in made["files"]] == [path.resolve()]
    assert path.is_file()
    assert (pages_of(path.read_bytes()), made["files"][0]["says"]) == (2, "1 sheet of paper")
    assert path.with_name("colds-1.0-en-GB-a5-booklet.pdf").is_file()
    assert "2 sheets of paper: " in printed(root, "--instructions").out


def test_without_colour_only_that_edition_is_imposed(tmp_path: Path) -> None:
    ran = printed(write_publisher(tmp_path), "--ink", "low", "--json")
    assert [made["layout"] for made in ran.data["prints"]] == ["a5-booklet-grey"]


def test_the_first_layout_of_the_booklet_is_printed(tmp_path: Path) -> None:
    text = BOOKLET.replace("language:", "layouts: [a5-booklet, large-print]\nlanguage:", 1)
    ran = printed(write_publisher(tmp_path, text), "--json")
    assert [made["layout"] for made in ran.data["prints"]] == ["a5-booklet"]


def test_sheets_of_a_booklet_that_fails_are_not_made(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    ran = run("print", "colds", "--for", "desk", "--root", root, "--today", "2040-01-01", "--json")
    assert ran.status == 1
    assert "not-printed" in ran.codes
    assert list(root.glob("dist/**/*.desk.pdf")) == []


def test_sheets_of_a_former_edition_are_taken_away(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    assert printed(root).status == 0
    write_publisher(tmp_path, changed(BOOKLET, "Most colds go away by themselves.", "Most colds go away."))
    assert build(root).status == 0
    assert list(root.glob("dist/**/*.desk.pdf")) == []


@pytest.mark.parametrize("paper", ["0", "39", "301", "80g", "-80", "８０", "9" * 5000])
def test_a_paper_that_is_none_is_told(tmp_path: Path, paper: str) -> None:
    ran = printed(write_publisher(tmp_path), f"--paper={paper}")
    assert ran.status == 2
    assert "is no paper's weight" in ran.err


def test_what_cannot_be_printed_is_told(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    assert "did you mean 'colds'" in run("print", "cold", "--for", "desk", "--root", root).err
    assert "has the language 'cy'" in printed(root, "--language", "cy").err
    assert printed(root, "--layout", "a6").status == 2
    assert run("print", "colds", "--root", root).status == 2


def test_sheets_are_no_edition_to_check(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    printed(root)
    assert run("check", "colds", "--root", root, "--today", TODAY).status == 0
    path = next(root.glob("dist/**/*.desk.pdf"))
    ran = run("check", path, "--root", root)
    assert ran.status == 2
    assert "is for a printer, and was checked when it was made" in ran.err


def test_the_same_edition_gives_the_same_sheets(edition: Edition) -> None:
    assert sheets(edition, Desk(marks=True)) == sheets(edition, Desk(marks=True))


def test_a_side_knows_its_sheet() -> None:
    assert sides_of(4, right_bound=True, signatures=False, cover_last=True) == (
        Side(1, True, (1, 4)),
        Side(1, False, (3, 2)),
    )
