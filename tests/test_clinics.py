"""Has a clinic's edition its details, and is all else as in the national one?"""

import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np
import pypdfium2 as pdfium
import pytest
from command import PROJECT, TODAY, build, run
from publisher import BOOKLET, CLINIC, block, changed, with_block, write_publisher
from pypdf import PageObject, PdfReader, PdfWriter

from booklet import fresh
from booklet.assemble import Local, Panel
from booklet.bind import bind, stand, standing_type, with_clinic
from booklet.build import Request, jobs_of
from booklet.carve import PANEL
from booklet.inspect import Facts, inspect_pdf
from booklet.judge import judge
from booklet.layout import layout_for
from booklet.make import Job, Made, make
from booklet.pdffile import HEAD
from booklet.problem import Outcome, Problem
from booklet.source import Source, Sourced
from booklet.store import write_whole
from booklet.tags import PANEL as PANEL_TOLD
from booklet.typeset import typeset_panel

FLU_FILE = "source/booklets/flu/booklet.yaml"
FLU = changed(changed(BOOKLET, "code: HI900", "code: HI901"), "title: All about colds", "title: Flu")
URGENT = """\
urgent:
  text: If you cannot breathe, call us.
  phone: 020 7946 0999
  hours: Day and night
note: Bring **this booklet** with you.
"""
LOCAL = with_block("kind: local", with_block("Before the place.")) + "      - Behind the place.\n"
CLINICS = {
    "source/clinics/riverside.yaml": CLINIC + URGENT,
    "source/clinics/hilltop.yaml": CLINIC.replace("Riverside", "Hilltop") + "booklets: [flu]\n",
}
NAMES = {
    ("colds", ""),
    ("colds", "riverside"),
    ("flu", ""),
    ("flu", "riverside"),
    ("flu", "hilltop"),
}


def publisher(folder: Path, booklet: str = BOOKLET, **files: str) -> Path:
    return write_publisher(folder, booklet, files={FLU_FILE: FLU, **CLINICS, **files})


def editions(root: Path) -> set[tuple[str, str]]:
    """The booklet and the clinic of every edition in dist/."""
    names = [path.stem.partition("-a5-booklet") for path in root.glob("dist/*/*/*.pdf")]
    return {(name.partition("-1.0")[0], rest.removeprefix("--")) for name, _, rest in names}


def words_in(facts: Facts, which: Sequence[int]) -> str:
    return "".join(facts.letters.text(which).split())


def made(root: Path, layout: str, *, size: int = 0, grey: bool = False) -> tuple[Facts, Facts, bytes, bytes]:
    """The national edition of colds and that of Riverside: facts and bytes of both."""
    day = date.fromisoformat(TODAY)
    jobs = [
        Job((root, PROJECT), root / "dist", "colds", "", layout, day, size, grey, clinic)
        for clinic in ("", "riverside")
    ]
    done = make(jobs)
    assert all(one.passed for one in done), [problem.message for one in done for problem in one.problems]
    assert not any(problem.code.startswith("clinic") for one in done for problem in one.problems)
    national, own = ((root / "dist" / one.pdf).read_bytes() for one in done)
    facts = [inspect_pdf(pdf).value for pdf in (national, own)]
    assert facts[0]
    assert facts[1]
    return facts[0], facts[1], national, own


def pixels(pdf: bytes) -> list[np.ndarray]:
    with pdfium.PdfDocument(pdf) as document:
        return [page.render(scale=1.5).to_numpy().astype(int) for page in document]


FORMS = [
    ("a5-booklet", 0, False),
    ("a4-leaflet", 0, True),
    ("dl-leaflet", 0, False),
    ("large-print", 18, False),
]


@pytest.mark.parametrize(("layout", "size", "grey"), FORMS)
@pytest.mark.parametrize("booklet", [BOOKLET, LOCAL], ids=["inside the cover", "in a section"])
def test_the_page_differs_in_the_clinics_place_alone(
    booklet: str, layout: str, size: int, tmp_path: Path, *, grey: bool
) -> None:
    national, own, before, after = made(publisher(tmp_path, booklet), layout, size=size, grey=grey)
    (place,), (panel,) = national.panels, own.panels
    assert place.page == panel.page
    assert panel.box == pytest.approx(place.box, abs=0.01)
    for number, (one, other) in enumerate(zip(pixels(before), pixels(after), strict=True), 1):
        differs = np.abs(one - other).max(axis=2) > 0
        if number == panel.page:
            assert differs.any()
            # The bar of the box at its head goes over both edges of the page.
            differs[int(panel.box[1] * 1.5) - 2 : int(panel.box[3] * 1.5) + 2] = False
        assert not differs.any()


LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><path fill="#005b96" d="M0 0h4v2h-4z"/></svg>'
)
FULL = CLINIC + URGENT + "logo: clinics/river.svg\n"


def both_ways(root: Path, layout: str, *, size: int = 0, grey: bool = False) -> tuple[bytes, bytes]:
    """Riverside's edition of colds: assembled, and laid out from the first page to the last."""
    sourced = Source(root).edition("colds", "", "riverside").value
    assert sourced
    form = layout_for(sourced, layout, (root, PROJECT), size, grey=grey).value
    assert form
    words = form.words("en-GB").value
    assert words
    bound = bind(sourced.national, form, words).value
    assert bound
    edition, whole = with_clinic(bound, sourced, form), bound.laid_out_whole(sourced, form)
    assert (edition.problems, whole.problems) == ((), ())
    assert edition.value
    assert edition.value.panel
    assembled = edition.value.pdf
    assert whole.value
    national = bound.national().value
    assert national
    # All but the part with the place is the same byte for byte.
    assert assembled.startswith(bound.book.first.data, len(HEAD))
    assert national.startswith(bound.book.first.data, len(HEAD))
    assert assembled != whole.value
    for pdf in (assembled, whole.value, national):
        reader = PdfReader(io.BytesIO(pdf))
        # No number is left free.
        assert all(
            reader.get_object(number) is not None for number in range(1, cast("int", reader.trailer["/Size"]))
        )
        assert [name for page in reader.pages for name in unnamed(page)] == []
    return assembled, whole.value


@pytest.mark.parametrize(("layout", "size", "grey"), FORMS)
def test_of_type_that_was_kept_an_edition_has_the_same_bytes(
    layout: str, size: int, tmp_path: Path, *, grey: bool
) -> None:
    clinic = {"source/clinics/riverside.yaml": FULL, "source/clinics/river.svg": LOGO}
    root = publisher(tmp_path, LOCAL, **clinic)
    sourced = Source(root).edition("colds", "", "riverside").value
    assert sourced
    form = layout_for(sourced, layout, (root, PROJECT), size, grey=grey).value
    assert form
    words = form.words("en-GB").value
    assert words
    bound = bind(sourced.national, form, words).value
    assert bound
    pdf = bound.national().value
    assert pdf
    kept = standing_type(bound)
    standing = stand(kept, pdf, sourced.national, form, words)
    ours, theirs = (with_clinic(one, sourced, form).value for one in (standing, bound))
    assert ours
    assert theirs
    assert ours.panel
    assert ours.pdf == theirs.pdf
    assert standing.bare == bound.bare
    panel = ours.panel
    assert standing.alone.edition(panel, b"") == bound.alone.edition(panel, b"")
    # Another file's bytes are not taken for those of the edition.
    assert with_clinic(stand(kept, pdf[::-1], sourced.national, form, words), sourced, form).value != ours
    with pytest.raises(ValueError, match="validation"):
        stand(kept[:-9], pdf, sourced.national, form, words)


def unnamed(page: PageObject) -> Iterator[str]:
    """What a page's streams call that its resources do not have (ISO 32000-1, 7.8.3)."""
    resources = cast("Any", page["/Resources"])
    content = page.get_contents()
    assert content is not None
    kinds = {b"gs": "/ExtGState", b"Do": "/XObject", b"sh": "/Shading", b"scn": "/Pattern", b"Tf": "/Font"}
    for name, kind in re.findall(rb"(/[^\s/]+)(?: [\d.]+)? (gs|Do|sh|scn|Tf)\s", content.get_data()):
        if name.decode() not in resources.get(kinds[kind], {}):
            yield f"{name.decode()} {kind.decode()}"


def in_reading_order(facts: Facts) -> tuple[list[tuple[object, ...]], np.ndarray]:
    """The words with their pages, tags and fonts; and the place and the size of each letter."""
    letters = facts.letters
    every = [*facts.passages, *sorted(facts.furniture, key=lambda one: (one.page, one.text))]
    fonts = [[letters.font[at].rpartition("+")[2] for at in one.printed] for one in every]
    words: list[tuple[object, ...]] = [
        (one.page, one.roles, one.text, names) for one, names in zip(every, fonts, strict=True)
    ]
    order = [at for one in every for at in one.printed]
    return words, np.column_stack([letters.box[order], letters.size[order]])


@pytest.mark.parametrize(("layout", "size", "grey"), FORMS)
@pytest.mark.parametrize("booklet", [BOOKLET, LOCAL], ids=["inside the cover", "in a section"])
def test_an_assembled_edition_is_the_one_that_is_laid_out_whole(
    booklet: str, layout: str, size: int, tmp_path: Path, *, grey: bool
) -> None:
    clinic = {"source/clinics/riverside.yaml": FULL, "source/clinics/river.svg": LOGO}
    root = publisher(tmp_path, booklet, **clinic)
    assembled, whole = both_ways(root, layout, size=size, grey=grey)
    ours, theirs = inspect_pdf(assembled).value, inspect_pdf(whole).value
    assert ours
    assert theirs
    assert ours.failures == {"PDF/UA-1": (), "PDF/A-2a": ()}
    (words, places), (expected_words, expected_places) = in_reading_order(ours), in_reading_order(theirs)
    assert words == expected_words
    assert np.abs(places - expected_places).max() < 0.01
    for link, expected in zip(ours.links, theirs.links, strict=True):
        assert link.box == pytest.approx(expected.box, abs=0.01)
        assert replace(link, box=expected.box) == expected
    same = ("pages", "sizes", "bookmarks", "labels", "metadata", "language", "notes", "actions", "leaks")
    for name in same:
        assert getattr(ours, name) == getattr(theirs, name), name
    for picture, other in zip(ours.pictures, theirs.pictures, strict=True):
        assert (picture.page, picture.alt) == (other.page, other.alt)
        assert picture.drawing.box == pytest.approx(other.drawing.box, abs=0.01)
    for drawn, wanted in zip(pixels(assembled), pixels(whole), strict=True):
        assert np.abs(drawn - wanted).max() <= 1


@pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf is not there")
def test_qpdf_finds_nothing_wrong_in_an_assembled_edition(tmp_path: Path) -> None:
    path = tmp_path / "assembled.pdf"
    path.write_bytes(both_ways(publisher(tmp_path / "house"), "a5-booklet")[0])
    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_tables_in_two_parts_and_in_a_panel_keep_their_headers_apart(tmp_path: Path) -> None:
    table = block("table")
    booklet = (
        with_block(table, with_block("Words.")) + "  - {id: more, title: More, content: [{kind: local}]}\n"
    )
    assembled, _ = both_ways(publisher(tmp_path, booklet), "a5-booklet")
    ids = re.findall(rb"/ID \(([^)]+)\)", unpacked(assembled))
    assert ids
    assert len(ids) == len(set(ids))


def unpacked(pdf: bytes) -> bytes:
    """All objects of a file in the open."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_the_details_stand_in_their_place_in_order(tmp_path: Path) -> None:
    _, own, _, _ = made(publisher(tmp_path), "a5-booklet")
    told = "Get help now|If you cannot breathe, call us.|020 7946 0999|Day and night|Riverside Day Unit|"
    told += "1 River Street|Ward desk|020 7946 0000|Bring this booklet with you.|My key worker or nurse"
    assert words_in(own, own.panels[0].letters) == told.replace(" ", "").replace("|", "")
    size = {p.text.strip(): own.letters.size[p.printed[0]] for p in own.passages if p.printed}
    assert size["020 7946 0999"] > 1.3 * size["020 7946 0000"]
    phones = {link.address for link in own.links if link.page == own.panels[0].page}
    assert phones == {"tel:02079460999", "tel:02079460000"}
    assert own.metadata["clinic"] == "riverside"


@pytest.mark.parametrize("layout", ["a5-booklet", "a4-leaflet"])
@pytest.mark.parametrize("language", ["ar", "bn"])
def test_details_in_another_language_and_direction_pass_the_checks(
    language: str, layout: str, tmp_path: Path
) -> None:
    national = Job(
        (PROJECT, PROJECT), tmp_path, "checking-your-temperature", language, layout, date(2026, 11, 28)
    )
    made = make([national, replace(national, clinic="riverside")])
    assert [[problem.message for problem in one.problems] for one in made] == [[], []]
    facts = inspect_pdf((tmp_path / made[1].pdf).read_bytes()).value
    assert facts
    assert "020 7946 0101" in facts.letters.text(facts.panels[0].letters)


def test_both_ends_call_the_place_alike() -> None:
    assert PANEL == PANEL_TOLD


def test_where_nobody_is_named_to_call_there_are_lines_to_write_on(tmp_path: Path) -> None:
    bare = "name: Riverside Day Unit\n"
    _, own, _, _ = made(publisher(tmp_path, **{"source/clinics/riverside.yaml": bare}), "a5-booklet")
    assert words_in(own, own.panels[0].letters) == (
        "Urgent,dayornight:whomtocallRiversideDayUnitMykeyworkerornurseDaytimephonenumber"
    )
    lines = [box for box in own.rules[own.panels[0].page - 1] if box[2] - box[0] > 300]
    assert len(lines) == 4


def test_each_clinic_has_the_booklets_that_it_prints(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    assert build(root, "--all-clinics").status == 0
    assert editions(root) == NAMES


def test_only_the_clinics_that_are_named_are_printed(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    assert build(root, "--clinic", "riverside", "colds").status == 0
    assert editions(root) == {("colds", ""), ("colds", "riverside")}


def test_an_edition_alone_is_that_of_a_batch(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    assert build(root, "colds", "--clinic", "riverside").status == 0
    path = root / "dist/colds/1.0/colds-1.0-en-GB-a5-booklet--riverside.pdf"
    together = path.read_bytes()
    job = Job((root, PROJECT), root / "alone", "colds", "", "a5-booklet", date.fromisoformat(TODAY))
    [alone] = make([replace(job, clinic="riverside")])
    assert (root / "alone" / alone.pdf).read_bytes() == together


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("riversid", "There is no clinic 'riversid'"),
        ("../riverside", "There is no clinic '../riverside'"),
        ("", "There is no clinic ''"),
    ],
)
def test_a_clinic_that_is_not_there_is_told(tmp_path: Path, named: str, says: str) -> None:
    ran = build(publisher(tmp_path), "--clinic", named)
    assert ran.status == 2
    assert says in ran.err
    assert not (tmp_path / "dist").exists()


def test_a_fault_in_a_clinics_file_is_told_with_its_line(tmp_path: Path) -> None:
    root = publisher(tmp_path, **{"source/clinics/riverside.yaml": CLINIC + "adress: 2 Street\n"})
    ran = build(root, "--all-clinics")
    assert ran.status == 2
    assert ran.out.count("source/clinics/riverside.yaml:6:1") == 1
    assert "did you mean `address`?" in ran.out
    assert editions(root) == {("colds", ""), ("flu", ""), ("flu", "hilltop")}
    (report,) = root.glob("dist/colds/*/report.json")
    told = json.loads(report.read_text(encoding="utf-8"))
    # Nothing is said of the edition that was not made in the name of one that was.
    assert [entry["pdf"] for entry in told["ink"]] == ["colds-1.0-en-GB-a5-booklet.pdf"]
    assert not [problem for problem in told["problems"] if "clinics" in (problem["file"] or "")]


DESK = "  - name: Ward {0}\n    phone: 020 7946 00{0}\n    hours: Monday to Friday, 8am to 6pm\n"
TOO_LONG = CLINIC + "".join(DESK.format(number) for number in range(10, 30))


def test_details_that_do_not_fit_are_told(tmp_path: Path) -> None:
    root = publisher(tmp_path, **{"source/clinics/riverside.yaml": TOO_LONG})
    ran = build(root, "colds", "--clinic", "riverside")
    assert ran.status == 0
    assert "warning[clinic-moved]: The clinic's details do not fit their place" in ran.out
    assert "source/clinics/riverside.yaml:1:1" in ran.out


def test_where_the_lines_take_two_pages_the_details_are_laid_out_again(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    ran = build(root, "colds", "--clinic", "riverside", "--layout", "large-print", "--size", "24")
    assert ran.status == 0
    assert "warning[clinic-moved]" in ran.out


def test_an_edition_of_a_clinic_is_checked_from_its_file(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    assert build(root, "colds", "--clinic", "riverside").status == 0
    path = root / "dist/colds/1.0/colds-1.0-en-GB-a5-booklet--riverside.pdf"
    assert run("check", path, "--root", root, "--today", TODAY).status == 0
    alone = tmp_path / "alone.pdf"
    shutil.copy(path, alone)
    ran = run("check", alone, "--root", root, "--today", TODAY)
    assert "national-missing" in ran.out
    (root / "source/clinics/riverside.yaml").write_text(CLINIC, encoding="utf-8")
    ran = run("check", path, "--root", root, "--today", TODAY)
    assert ran.status == 1
    assert "words-stray" in ran.out


def test_a_clinics_edition_is_printed_at_its_desk(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    ran = run("print", "colds", "--for", "desk", "--clinic", "riverside", "--root", root, "--today", TODAY)
    assert ran.status == 0, ran.out
    assert (root / "dist/colds/1.0/colds-1.0-en-GB-a5-booklet--riverside.desk.pdf").is_file()


def test_a_clinics_edition_goes_to_a_print_shop(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    place = "coated-single"
    ran = run("print", "colds", "--for", place, "--clinic", "riverside", "--root", root, "--today", TODAY)
    assert ran.status == 0, ran.out
    assert (root / f"dist/colds/1.0/colds-1.0-en-GB-a5-booklet--riverside.press-{place}.pdf").is_file()


def test_a_change_of_a_clinic_makes_its_editions_again_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "STILL", 0)
    root = publisher(tmp_path)
    assert build(root, "--all-clinics").status == 0
    words = ["--root", str(root), "--today", TODAY, "--all-clinics"]
    assert fresh.answered(words) == 0
    (root / "source/clinics/hilltop.yaml").write_text(CLINIC + "booklets: [flu]\n", encoding="utf-8")
    assert fresh.answered(words) is None
    before = {path: path.stat().st_mtime_ns for path in root.glob("dist/*/*/*.pdf")}
    assert build(root, "--all-clinics").status == 0
    again = {path.stem for path, stamp in before.items() if path.stat().st_mtime_ns != stamp}
    assert again == {"flu-1.0-en-GB-a5-booklet--hilltop"}
    (root / "source/clinics/new.yaml").write_text(CLINIC, encoding="utf-8")
    assert fresh.answered(words) is None
    assert build(root, "--all-clinics").status == 0
    assert editions(root) == NAMES | {("colds", "new"), ("flu", "new")}


def test_the_report_tells_clinics_apart(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    assert build(root, "colds", "--clinic", "riverside").status == 0
    ran = run("build", "colds", "--clinic", "riverside", "--root", root, "--today", TODAY, "--json")
    told = [edition["layout"] for edition in json.loads(ran.out)["editions"]]
    assert told == ["a5-booklet", "a5-booklet--riverside"]


NORTHSIDE = {"source/clinics/northside.yaml": (CLINIC + URGENT).replace("Riverside", "Northside")}


@pytest.mark.usefixtures("still")
def test_what_is_said_of_the_national_edition_is_told_once(tmp_path: Path) -> None:
    text = with_block("Very long sentences are hard, " * 30 + "they are.", BOOKLET)
    files = {"source/clinics/riverside.yaml": TOO_LONG, **NORTHSIDE}
    root = write_publisher(tmp_path, changed(text, "2029-11-23", "2033-11-23"), files=files)
    first = build(root, "--all-clinics", "--json")
    verdicts = [edition["verdict"] for edition in first.data["editions"]]
    national = "colds-1.0-en-GB-a5-booklet.pdf"
    (report,) = root.glob("dist/colds/*/report.json")
    told = json.loads(report.read_text(encoding="utf-8"))
    shared = [problem for problem in told["problems"] if problem["pdf"] == national]
    assert len(shared) > 1
    assert {problem["pdf"] for problem in told["problems"]} == {national, national[:-4] + "--riverside.pdf"}
    assert told["problems"] == first.data["problems"]
    assert {age["pdf"] for age in told["reading_ages"]} == {national}
    html = report.with_suffix(".html").read_text(encoding="utf-8")
    assert f"Nothing was found but what is shown of {national}." in html
    # The editions are remembered with all that is said of them.
    again = build(root, "--all-clinics", "--json")
    assert [one["verdict"] for one in again.data["editions"]] == [f"{one}, unchanged" for one in verdicts]
    assert {json.dumps(one) for one in again.data["problems"]} == {
        json.dumps(one) for one in told["problems"]
    }


def test_a_clinics_edition_that_is_there_alone_shows_all_that_is_said_of_it(tmp_path: Path) -> None:
    root = publisher(tmp_path, changed(BOOKLET, "2029-11-23", "2033-11-23"))
    words = ("print", "colds", "--for", "desk", "--clinic", "riverside")
    assert run(*words, "--root", root, "--today", TODAY).status == 0
    assert ("colds", "") not in editions(root)
    (html,) = root.glob("dist/colds/*/report.html")
    assert "<code>review-far</code>" in html.read_text(encoding="utf-8")


def test_an_edition_that_cannot_be_written_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        if "--riverside" in path.name:
            raise OSError(28, "No space left on device", str(path))
        write_whole(path, data)

    monkeypatch.setattr("booklet.store.write_whole", full)
    done = all_made(publisher(tmp_path, **NORTHSIDE), "colds")
    assert [one.readable for one in done] == [True, False, True]
    (problem,) = (problem for problem in done[1].problems if problem.code == "not-made")
    assert "'colds' could not be written: No space left on device; make room there" in problem.message
    assert editions(tmp_path) == {("colds", ""), ("colds", "northside")}


# --- What is out of date -------------------------------------------------------------------

ALL_MADE = {("colds", "riverside"), ("flu", "riverside"), ("flu", "hilltop")}
RIVERSIDE = "source/clinics/riverside.yaml"


def of_clinics(root: Path) -> set[tuple[str, str]]:
    return {(booklet, clinic) for booklet, clinic in editions(root) if clinic and "." not in clinic}


def answered(root: Path) -> bool:
    """Is a build without clinics answered at once, because nothing has changed?"""
    return fresh.answered(["--root", str(root), "--today", TODAY]) == 0


def reported(root: Path, booklet: str) -> str:
    """What both reports of a booklet say."""
    folder = root / "dist" / booklet / "1.0"
    return (folder / "report.json").read_text() + (folder / "report.html").read_text()


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("left", [False, True], ids=["the booklet is corrected", "a clinic has left"])
def test_no_clinics_edition_stays_that_is_out_of_date(tmp_path: Path, *, left: bool) -> None:
    root = publisher(tmp_path)
    assert build(root, "--all-clinics").status == 0
    if left:
        (root / "source/clinics/hilltop.yaml").unlink()
        ran = build(root, "--all-clinics")
        booklet, clinic = gone = ("flu", "hilltop")
    else:
        publisher(tmp_path, changed(BOOKLET, "go away by themselves", "go away soon"))
        ran = build(root)
        booklet, clinic = gone = ("colds", "riverside")
    assert ran.status == 0
    assert of_clinics(root) == ALL_MADE - {gone}
    assert "Took away 1 file that was out of date" in ran.out
    assert f"{booklet}-1.0-en-GB-a5-booklet--{clinic}.pdf" in ran.out
    assert f"--{clinic}.pdf" not in reported(root, booklet)
    assert build(root).status == 0
    assert answered(root)
    build(root, "--all-clinics")
    assert of_clinics(root) == ALL_MADE - ({gone} if left else set())


@pytest.mark.usefixtures("still")
def test_a_clinics_new_number_takes_away_what_has_the_old_one(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    assert build(root, "--all-clinics").status == 0
    assert run("print", "flu", "--for", "desk", "--clinic", "riverside", "--root", str(root)).status == 0
    assert build(root).status == 0
    assert answered(root)
    (root / RIVERSIDE).write_text(CLINICS[RIVERSIDE].replace("020 7946 0999", "020 7946 0998"))
    assert not answered(root)
    # One of its editions is made again, which must not make the other look new.
    assert build(root, "colds", "--clinic", "riverside").status == 0
    ran = build(root, "--json")
    assert of_clinics(root) == ALL_MADE - {("flu", "riverside")}
    assert {Path(path).name for path in json.loads(ran.out)["taken_away"]} == {
        "flu-1.0-en-GB-a5-booklet--riverside.desk.pdf",
        "flu-1.0-en-GB-a5-booklet--riverside.pdf",
    }
    assert {path.name for path in root.glob("dist/flu/1.0/*.pdf")} == {
        "flu-1.0-en-GB-a5-booklet.pdf",
        "flu-1.0-en-GB-a5-booklet--hilltop.pdf",
    }


@pytest.mark.usefixtures("still")
def test_what_says_the_same_stays(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    assert build(root, "--all-clinics").status == 0
    beside = root / "dist/flu/1.0/flu-1.0-en-GB-a5-booklet--notes.txt"
    beside.write_text("Mine.")
    (root / RIVERSIDE).touch()
    for forgotten in (False, True):
        if forgotten:
            (root / "dist" / fresh.NAME).unlink()
        ran = build(root)
        assert (ran.status, "Took away" in ran.out) == (0, False)
        assert of_clinics(root) == ALL_MADE
        assert beside.exists()


def test_of_an_edition_that_fails_the_last_good_one_stays_while_the_booklet_does(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    assert build(root, "--all-clinics").status == 0
    (root / RIVERSIDE).write_text(CLINICS[RIVERSIDE].replace("020 7946 0999", "call us"))
    assert build(root, "--all-clinics").status == 2
    assert of_clinics(root) == ALL_MADE
    publisher(tmp_path, changed(BOOKLET, "go away by themselves", "go away soon"))
    (root / RIVERSIDE).write_text(CLINICS[RIVERSIDE].replace("020 7946 0999", "call us"))
    assert build(root, "--all-clinics").status == 2
    assert of_clinics(root) == ALL_MADE - {("colds", "riverside")}


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize(
    "way", ["a faulty file in between", "a print", "another build at once", "a build that was stopped"]
)
def test_what_is_not_remembered_is_not_trusted(tmp_path: Path, way: str) -> None:
    root = publisher(tmp_path)
    assert build(root).status == 0
    if way == "a print":
        assert run("print", "flu", "--for", "desk", "--clinic", "riverside", "--root", str(root)).status == 0
    elif way == "a build that was stopped":
        make([one for one in jobs_of_all(root) if one.booklet == "flu"])
    else:
        before = (root / "dist" / fresh.NAME).read_bytes()
        assert build(root, "--all-clinics").status == 0
        if way == "another build at once":
            (root / "dist" / fresh.NAME).write_bytes(before)
            assert build(root, "colds", "--clinic", "riverside").status == 0
        else:
            (root / RIVERSIDE).write_text(CLINICS[RIVERSIDE].replace("phone:", "fone:"))
            assert build(root, "--all-clinics").status == 2
    (root / RIVERSIDE).write_text(CLINICS[RIVERSIDE].replace("020 7946 0999", "020 7946 0998"))
    assert way == "a build that was stopped" or not answered(root)
    build(root)
    assert ("flu", "riverside") not in of_clinics(root)
    assert ("colds", "riverside") not in of_clinics(root)


def jobs_of_all(root: Path) -> list[Job]:
    clinics = tuple(Source(root).clinics)
    request = Request((root, PROJECT), root / "dist", today=date.fromisoformat(TODAY), clinics=clinics)
    return jobs_of(request, Source(root))


@pytest.mark.usefixtures("still")
def test_other_forms_of_what_was_corrected_are_taken_away_too(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    others = [("--ink", "low"), ("--layout", "large-print", "--size", "18")]
    for other in others:
        assert build(root, "colds", "--clinic", "riverside", *other).status == 0
    assert build(root).status == 0
    assert len(list(root.glob("dist/colds/1.0/*.pdf"))) == 6
    publisher(tmp_path, changed(BOOKLET, "go away by themselves", "go away soon"))
    assert "Took away 5 files that were out of date" in build(root).out
    assert [path.name for path in root.glob("dist/colds/1.0/*.pdf")] == ["colds-1.0-en-GB-a5-booklet.pdf"]


def test_a_form_whose_layout_cannot_be_read_stays(tmp_path: Path) -> None:
    root = publisher(tmp_path, **{"layouts/mine/layout.yaml": "extends: a5-booklet\ndescription: x\n"})
    assert build(root, "colds", "--layout", "mine", "--clinic", "riverside").status == 0
    (root / "layouts/mine/page.css").write_bytes(b"\xff")
    assert build(root, "colds").status == 0
    assert len(list(root.glob("dist/colds/1.0/*-mine*.pdf"))) == 2


@pytest.mark.usefixtures("still")
def test_a_damaged_national_edition_takes_no_other_with_it(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    assert build(root, "--all-clinics").status == 0
    national = root / "dist/flu/1.0/flu-1.0-en-GB-a5-booklet.pdf"
    before = national.read_bytes()
    national.write_bytes(before[:3000] + b"x" + before[3001:])
    (national.parent / "flu-1.0-en-GB-a5-booklet--folder.pdf").mkdir()
    (national.parent / "flu-1.0-en-GB-a5-booklet--mine.pdf").write_bytes(b"%PDF-1.7 of somebody else")
    ran = build(root)
    assert (ran.status, "Took away" in ran.out) == (0, False), ran.err
    assert national.read_bytes() == before
    assert of_clinics(root) > ALL_MADE


def test_a_print_of_what_was_corrected_takes_away_too(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    assert build(root, "--all-clinics").status == 0
    publisher(tmp_path, changed(BOOKLET, "go away by themselves", "go away soon"))
    ran = run("print", "colds", "--for", "desk", "--root", str(root))
    assert (ran.status, "Took away 1 file" in ran.out) == (0, True)
    assert {clinic for booklet, clinic in editions(root) if booklet == "colds"} == {"", ".desk"}


# --- What is proven once -------------------------------------------------------------------

BOTH = ("riverside", "northside")


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, int]]:
    """The booklet, the clinic and the pages of each file that is checked; nothing is proven at first."""
    looked: list[tuple[str, str, int]] = []

    def noted(facts: Facts, sourced: Sourced, *others: Any) -> tuple[Problem, ...]:
        looked.append((sourced.booklet.id, sourced.clinic_id, facts.pages))
        return judge(facts, sourced, *others)

    monkeypatch.setattr("booklet.make.judge", noted)
    monkeypatch.setattr("booklet.make._PROVEN", WeakKeyDictionary())
    return looked


def all_made(root: Path, booklet: str) -> tuple[Made, ...]:
    day = date.fromisoformat(TODAY)
    clinics = ("", *BOTH)
    return make(
        [Job((root, PROJECT), root / "dist", booklet, "", "a5-booklet", day, clinic=one) for one in clinics]
    )


def test_a_panel_that_was_proven_is_not_looked_at_whole_again(
    tmp_path: Path, looked_at: list[tuple[str, str, int]]
) -> None:
    root = publisher(tmp_path, **NORTHSIDE)
    colds, flu = all_made(root, "colds"), all_made(root, "flu")
    whole = colds[0].pages
    assert looked_at == [
        *(("colds", clinic, whole) for clinic in ("", BOTH[0])),
        # A further panel is proven on its page alone.
        *(("colds", clinic, 1) for clinic in ("", BOTH[1])),
        # The page of another booklet is looked at with one of the panels.
        *(("flu", clinic, whole) for clinic in ("", BOTH[0])),
    ]
    assert all(one.passed for one in (*colds, *flu))
    assert {one.pages for one in flu} == {flu[0].pages}
    assert flu[1].ink == pytest.approx(flu[2].ink, abs=0.01)


def test_panels_of_other_shapes_are_not_looked_at_whole_either(
    tmp_path: Path, looked_at: list[tuple[str, str, int]]
) -> None:
    # One icon less than the other clinic has, and one elsewhere.
    northside = CLINIC.replace("Riverside", "Northside").replace("address: 1 River Street\n", "") + URGENT
    northside = northside.replace("020 7946 0000\n", "020 7946 0000\n    hours: Day and night\n")
    root = publisher(tmp_path, **{"source/clinics/northside.yaml": northside})
    made = [one for booklet in ("colds", "flu") for one in all_made(root, booklet)]
    assert all(one.passed for one in made), [one.problems for one in made]
    whole = made[0].pages
    assert [one for one in looked_at if one[2] != 1] == [
        (booklet, clinic, whole) for booklet in ("colds", "flu") for clinic in ("", BOTH[0])
    ]


def test_what_is_said_of_a_panel_is_said_of_it_in_every_booklet(
    tmp_path: Path, looked_at: list[tuple[str, str, int]]
) -> None:
    clinic = NORTHSIDE["source/clinics/northside.yaml"].replace("Day and night", "8.30am to 6pm")
    flu = changed(changed(LOCAL, "code: HI900", "code: HI901"), "title: All about colds", "title: Flu")
    files = {FLU_FILE: flu, "source/clinics/northside.yaml": clinic}
    root = publisher(tmp_path, LOCAL, **files)
    said = [
        {(one.code, one.message, one.where, one.pdf) for one in all_made(root, booklet)[2].problems}
        for booklet in ("colds", "flu")
    ]
    assert not any(one[:2] == ("flu", "northside") for one in looked_at)
    assert said[0]
    assert {one[:3] for one in said[0]} == {one[:3] for one in said[1]}
    assert {one[3] for one in said[1]} == {"flu-1.0-en-GB-a5-booklet--northside.pdf"}


@pytest.mark.parametrize("order", [("colds", "flu"), ("flu", "colds")])
@pytest.mark.usefixtures("looked_at")
def test_what_one_booklet_waives_is_told_in_another(order: tuple[str, str], tmp_path: Path) -> None:
    spoken = {f"source/clinics/{one}.yaml": CLINIC.replace("020 7946 0000", "02079460000") for one in BOTH}
    waived = "waivers:\n  - code: style-phone\n    block: booklet\n    reason: It is the clinics' own way.\n"
    root = publisher(tmp_path, **spoken, **{"source/booklets/flu/waivers.yaml": waived})
    told = {
        (booklet, one.job.clinic): [
            p.code for p in one.problems if p.code in ("style-phone", "waiver-unused")
        ]
        for booklet in order
        for one in all_made(root, booklet)
    }
    assert told == {
        ("colds", ""): [],
        **{("colds", clinic): ["style-phone"] for clinic in BOTH},
        ("flu", ""): ["waiver-unused"],
        **{("flu", clinic): [] for clinic in BOTH},
    }


def test_what_is_not_as_it_was_proven_is_looked_at_whole(
    tmp_path: Path, looked_at: list[tuple[str, str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = publisher(tmp_path, **NORTHSIDE)
    all_made(root, "colds")
    right, panels = Local.edition, list[Panel]()

    def exchanged(local: Local, panel: Panel, identifier: bytes) -> bytes:
        """The panel of the clinic before."""
        panels.append(panel)
        return right(local, panels[0], identifier)

    monkeypatch.setattr(Local, "edition", exchanged)
    made = all_made(root, "flu")
    assert looked_at[-1] == ("flu", "northside", made[0].pages)
    assert [one.passed for one in made] == [True, True, False]
    assert any("Northside" in problem.message for problem in made[2].problems)


@pytest.mark.parametrize(
    "spoilt",
    [
        ("020 7946 0999", "020 7946 0998", "words-missing"),
        ('href="tel:02079460999"', 'href="tel:02079460998"', "link"),
        ('class="urgent-text"', 'style="font-size: 7pt"', "words-small"),
        ('class="urgent-text"', 'style="color: #bbb"', "words-faint"),
        ('<p class="urgent-text"', '<p lang="fr"', "language"),
    ],
)
def test_a_panel_that_is_wrong_is_told_after_one_that_was_right(
    tmp_path: Path,
    looked_at: list[tuple[str, str, int]],
    monkeypatch: pytest.MonkeyPatch,
    spoilt: tuple[str, str, str],
) -> None:
    root = publisher(tmp_path, **NORTHSIDE)
    right, wrong, code = spoilt

    def typeset(sourced: Sourced, *others: Any) -> Outcome[str]:
        html = typeset_panel(sourced, *others).value
        assert html
        assert right in html
        return Outcome(html.replace(right, wrong) if sourced.clinic_id == BOTH[1] else html)

    monkeypatch.setattr("booklet.bind.typeset_panel", typeset)
    _, first, second = all_made(root, "colds")
    assert first.passed
    assert looked_at[-1] == ("colds", BOTH[1], first.pages)
    assert any(problem.code.startswith(code) for problem in second.problems), second.problems


def test_a_fault_in_the_template_of_the_details_is_told(tmp_path: Path) -> None:
    """It may use nothing of the booklet: the details are laid out once for all of them."""
    root = publisher(tmp_path, **{"layouts/own/layout.yaml": "extends: a5-booklet\ndescription: Own.\n"})
    template = root / "layouts/own/matter/clinic.html"
    template.parent.mkdir()
    template.write_text("<p>{{ clinic.name }}\n{{ booklet.title }}</p>", encoding="utf-8")
    ran = build(root, "colds", "--layout", "own", "--clinic", "riverside")
    assert ran.status != 0
    assert "template-fault" in ran.out
    assert "layouts/own/matter/clinic.html:2" in ran.out


@pytest.mark.usefixtures("still")
def test_what_editions_share_is_looked_at_once_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = publisher(tmp_path, **NORTHSIDE)
    assert build(root, "--all-clinics").status == 0
    looked: list[str] = []

    def noted(path: str) -> str:
        looked.append(path)
        return stamp_of(path)

    stamp_of = fresh.stamp_of
    monkeypatch.setattr(fresh, "stamp_of", noted)
    again = build(root, "--all-clinics", "--json")
    assert all(edition["verdict"].endswith("unchanged") for edition in again.data["editions"])
    assert len(again.data["editions"]) == 7
    shared = [path for path in looked if path.startswith(str(PROJECT / "layouts/base/blocks/"))]
    assert shared
    assert len(shared) == len(set(shared))
