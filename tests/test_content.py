"""Are the project's own booklets complete, sound, and true about themselves?"""

import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import page as validation
import pytest
from command import PROJECT, TODAY, run
from pypdf import PdfReader

from booklet.blocks import KINDS
from booklet.inspect import Facts, inspect_pdf
from booklet.model import every_block, every_prose
from booklet.source import Source, Sourced

STAPLED = ("acute-lymphoblastic-leukaemia", "having-a-lumbar-puncture", "starting-chemotherapy")

#: A sheet that is folded in three has no contents, and names no pages.
FOLDED = "checking-your-temperature"
IDS = (*STAPLED, FOLDED)


@cache
def sourced(booklet: str) -> Sourced:
    """A booklet of the project's."""
    outcome = Source(PROJECT).booklet(booklet)
    assert outcome.value, outcome.problems
    return outcome.value


@cache
def data(folder: Path, booklet: str) -> bytes:
    """The booklet's edition."""
    (path,) = (path for path in folder.glob(f"{booklet}/*/*-en-GB-*.pdf"))
    return path.read_bytes()


@cache
def facts(folder: Path, booklet: str) -> Facts:
    """What the edition says."""
    found = inspect_pdf(data(folder, booklet)).value
    assert found
    return found


def reader(folder: Path, booklet: str) -> PdfReader:
    """The edition, taken apart."""
    return PdfReader(io.BytesIO(data(folder, booklet)))


def words(folder: Path, booklet: str) -> str:
    """All words of the edition, with single spaces between them."""
    return re.sub(r"\s+", " ", " ".join(passage.text for passage in facts(folder, booklet).passages))


# --- All of them -----------------------------------------------------------------------------


def test_the_projects_booklets_are_built_and_nothing_is_wrong_with_them(editions: Path) -> None:
    answer = json.loads((editions / "answer.json").read_text(encoding="utf-8"))
    assert answer["problems"] == []
    assert answer["status"] == 0
    assert {edition["booklet"] for edition in answer["editions"]} == set(IDS)
    counts = {edition["booklet"]: edition["pages"] for edition in answer["editions"]}
    assert counts.pop(FOLDED) == 6
    assert all(pages % 4 == 0 for pages in counts.values())


def test_the_finished_files_pass_when_they_are_checked_again(editions: Path) -> None:
    ran = run("check", *IDS, "--root", PROJECT, "--out", editions, "--today", TODAY, "--json")
    assert (ran.status, ran.codes) == (0, [])


@pytest.mark.parametrize("booklet", IDS)
def test_both_standards_for_accessible_and_lasting_files_are_kept(editions: Path, booklet: str) -> None:
    for profile in (validation.ValidationProfile.PDF_UA_1, validation.ValidationProfile.PDF_A_2A):
        assert validation.validate_pdf_bytes(data(editions, booklet), profile=profile).failures == []


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
@pytest.mark.parametrize("booklet", IDS)
def test_qpdf_finds_nothing_wrong_with_the_files_structure(
    editions: Path, booklet: str, tmp_path: Path
) -> None:
    path = tmp_path / "edition.pdf"
    path.write_bytes(data(editions, booklet))
    ran = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "No syntax or stream encoding errors found" in ran.stdout


@pytest.mark.parametrize("booklet", IDS)
def test_the_file_says_which_edition_it_is(editions: Path, booklet: str) -> None:
    written, root = sourced(booklet).booklet, reader(editions, booklet).root_object
    known: Any = reader(editions, booklet).metadata
    assert known["/Title"] == written.title
    assert known["/Author"] == sourced(booklet).house.name
    assert (known["/code"], known["/edition"], known["/booklet"]) == (written.code, written.version, booklet)
    assert (known["/published"], known["/nextreview"]) == (str(written.published), str(written.next_review))
    assert known["/CreationDate"].startswith("D:" + str(written.published).replace("-", ""))
    assert str(root["/Lang"]) == written.language


@pytest.mark.parametrize("booklet", IDS)
def test_no_link_is_silent_and_every_link_is_printable(editions: Path, booklet: str) -> None:
    links = 0
    for page in reader(editions, booklet).pages:
        annotations: Any = page.get("/Annots", [])
        for annotation in (each.get_object() for each in annotations):
            assert annotation["/F"] == 4
            assert annotation["/Contents"].strip()
            assert not annotation["/Contents"].startswith(("http", "mailto:", "tel:", "#"))
            links += 1
    assert links > (10 if booklet in STAPLED else 4)


@pytest.mark.parametrize("booklet", IDS)
def test_bookmarks_lead_to_every_heading(editions: Path, booklet: str) -> None:
    found = facts(editions, booklet)
    marks = {(re.sub(r"\s+", " ", mark.title), mark.page) for mark in found.bookmarks}
    headings = {
        (re.sub(r"\s+", " ", passage.text).strip(), passage.page)
        for passage in found.passages
        if re.fullmatch("H[1-6]", passage.role)
    }
    assert marks <= headings
    # What stands on the back cover needs no bookmark.
    assert {page for _, page in headings - marks} <= {found.pages}


@pytest.mark.parametrize("booklet", STAPLED)
def test_the_contents_and_all_references_name_true_pages(editions: Path, booklet: str) -> None:
    written, text = sourced(booklet).booklet, words(editions, booklet)
    marked = {mark.title: mark.page for mark in facts(editions, booklet).bookmarks}
    pages = {section.id: marked[section.title] for _, section in written.walk()}
    for level, section in written.walk():
        if level < 3:
            assert re.search(rf"{re.escape(section.title)} ?{pages[section.id]}\b", text), section.title
    references = [
        span
        for prose in every_prose(written)
        for paragraph in prose.paragraphs
        for span in paragraph.spans
        if span.href.startswith("#")
    ]
    assert references
    for span in references:
        assert f"{span.text} (page {pages[span.href[1:]]})" in text


@pytest.mark.parametrize("booklet", STAPLED)
def test_links_inside_the_booklet_land_on_their_headings(editions: Path, booklet: str) -> None:
    found = facts(editions, booklet)
    marked = {mark.title: mark.page for mark in found.bookmarks}
    pages = {section.id: marked[section.title] for _, section in sourced(booklet).booklet.walk()}
    inside = [link for link in found.links if not link.address]
    assert {link.name for link in inside} >= {section.id for section in sourced(booklet).booklet.sections}
    for link in inside:
        assert link.to_page == pages.get(link.name, link.to_page)
        assert 1 < link.to_page < found.pages


@pytest.mark.parametrize("booklet", IDS)
def test_only_the_projects_fonts_are_used(editions: Path, booklet: str) -> None:
    fonts = facts(editions, booklet).fonts
    # Noto's are for the lines in other languages.
    assert {font.name.partition("-")[0] for font in fonts} == {"Atkinson", "Noto"}
    assert all(font.embedded for font in fonts)


# --- Pages ---------------------------------------------------------------------------------


def body_pages(found: Facts) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """The pages between the covers that have words, with their passages: role and text."""
    for number in range(2, found.pages):
        passages = [(p.role, p.text.strip()) for p in found.passages if p.page == number and p.text.strip()]
        if passages:
            yield number, passages


@pytest.mark.parametrize("booklet", IDS)
def test_no_heading_is_the_last_thing_on_its_page(editions: Path, booklet: str) -> None:
    for number, passages in body_pages(facts(editions, booklet)):
        assert not re.fullmatch("H[1-6]", passages[-1][0]), (number, passages[-1][1])


@pytest.mark.parametrize("booklet", IDS)
def test_no_page_between_the_covers_is_empty(editions: Path, booklet: str) -> None:
    found = facts(editions, booklet)
    assert [number for number, _ in body_pages(found)] == list(range(2, found.pages))


# --- What is in them -----------------------------------------------------------------------


def test_the_longest_booklet_has_every_kind_of_block_and_many_pages(editions: Path) -> None:
    written = sourced("starting-chemotherapy")
    used = {block.kind for block in every_block(written.booklet)}
    # `shared` has become the block that it names.
    assert set(KINDS) - {"shared"} <= used
    assert any(file.startswith("source/shared/") for file in written.files)
    assert facts(editions, "starting-chemotherapy").pages >= 32


KEY_FACTS = (
    "Acute lymphoblastic leukaemia (ALL)",
    "about 800 people a year",
    "after the age of 75",
    "Men get ALL a little more often than women",
    "bone marrow",
    "Lymphoid stem cells",
    "Myeloid stem cells",
    "How blood cells divide",
    "MACD261",
    "B-lymphoblastic leukaemia",
    "T-lymphoblastic leukaemia",
    "Philadelphia positive ALL",
    "tyrosine kinase inhibitor",
    "Down’s syndrome",
    "radiation",
    "Too few red blood cells",
    "Too few platelets",
    "haematologist",
    "Lumbar puncture",
    "Steroids",
    "cytotoxic drugs",
    "Intrathecal chemotherapy",
    "stem cell transplant",
    "radiotherapy",
    "Clinical trials",
    "minimal residual disease",
    "remission",
    "relapse",
    "late effects",
    "menopause",
    "0808 808 00 00",
    "8am to 8pm",
    "ACLT (African Caribbean Leukaemia Trust)",
    "Anthony Nolan",
    "Blood Cancer UK",
    "Macmillan Cancer Support’s Cancer Information Development team",
    "Dr Anne Parker, Consultant Haematologist, Senior Medical Editor",
)


@pytest.mark.parametrize("fact", KEY_FACTS)
def test_every_fact_of_the_reference_is_on_the_paper(editions: Path, fact: str) -> None:
    assert fact.casefold() in words(editions, "acute-lymphoblastic-leukaemia").casefold()


@pytest.mark.parametrize("booklet", IDS)
def test_the_credits_the_mark_and_the_dates_are_on_the_paper(editions: Path, booklet: str) -> None:
    written, text = sourced(booklet), words(editions, booklet)
    for line in (
        written.booklet.credits.produced_by,
        *written.booklet.credits.reviewer_lines("en-GB"),
        *(person.line("en-GB") for person in written.booklet.credits.approved_by),
        f"Code: {written.booklet.code}",
        f"Edition {written.booklet.version}",
        f"Published: {_day(written.booklet.published)}",
        f"Next review: {_day(written.booklet.next_review)}",
        written.house.name,
    ):
        assert line in text
    assert (written.house.statement_for(written.booklet) is not None) == written.booklet.quality_mark


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
