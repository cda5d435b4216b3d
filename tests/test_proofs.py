"""Does a proof show all that a reviewer needs, and can it never pass for an edition?"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command import TODAY, Ran, build, command, run, settings
from publisher import (
    BOOKLET,
    BOOKLET_FILE,
    DRAWING,
    HOUSE,
    PICTURE_FILE,
    block,
    changed,
    marked,
    with_block,
    write_publisher,
)
from pypdf import PdfReader
from test_changed import MORE, NAME, NOW, put_release

from booklet.checks.reading import bare
from booklet.inspect import Facts, inspect_pdf
from booklet.judge import judge
from booklet.layout import load_layout
from booklet.letters import Letters
from booklet.problem import Where
from booklet.source import Source

FOLDER = "dist/colds/1.1"
LIST = "source/booklets/colds/proofs.yaml"
ROLES = HOUSE + "sign_off_roles: [clinical, lay reader]\n"


def proof(root: Path, *words: object, today: str = TODAY) -> Ran:
    """Make a proof."""
    return run("proof", "colds", "--pdf", "--root", root, "--today", today, *words)


def facts_of(path: Path) -> Facts:
    """What a PDF says."""
    found = inspect_pdf(path.read_bytes())
    assert found.value, found.problems
    return found.value


def data_of(path: Path) -> dict[str, Any]:
    """What is attached to a proof for programs."""
    (held,) = PdfReader(path).attachments["proof.json"]
    data: dict[str, Any] = json.loads(held)
    return data


def text_in(letters: Letters, page: int, box: list[float]) -> str:
    """The letters of a page whose middle is in a box."""
    found = [
        chr(code)
        for code, number, (left, top, right, bottom) in zip(
            letters.code.tolist(), letters.page.tolist(), letters.box.tolist(), strict=True
        )
        if number == page
        and box[0] <= (left + right) / 2 <= box[2]
        and box[1] <= (top + bottom) / 2 <= box[3]
    ]
    return "".join(found)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publisher's folder with a release of 1.0 and a source of 1.1."""
    files = {PICTURE_FILE: DRAWING + "\n"}
    folder = write_publisher(tmp_path_factory.mktemp("proofs"), NOW, ROLES, files)
    put_release(folder, write_publisher(folder / "before", MORE, files={PICTURE_FILE: DRAWING}))
    return folder


@pytest.fixture(scope="module")
def made(root: Path) -> Path:
    """The first proof, with bars."""
    ran = proof(root, "--since", "1.0")
    assert (ran.status, ran.err) == (0, "")
    path = root / FOLDER / f"{NAME}-a5-booklet-proof-1.proof.pdf"
    assert ran.out == f"wrote {root / LIST}\nwrote {path}\n"
    return path


@pytest.fixture(scope="module")
def facts(made: Path) -> Facts:
    """What the first proof says."""
    return facts_of(made)


@pytest.fixture(scope="module")
def edition(root: Path) -> Facts:
    """What the edition itself says."""
    assert build(root, "--out", root / "built").status == 0
    return facts_of(root / f"built/colds/1.1/{NAME}-a5-booklet.pdf")


# --- Its pages -------------------------------------------------------------------------------


def test_every_page_says_that_it_is_a_proof_and_no_tag_does(facts: Facts, edition: Facts) -> None:
    assert facts.pages == edition.pages + 1
    for page in range(1, facts.pages + 1):
        beside = " ".join(passage.text for passage in facts.furniture if passage.page == page)
        assert "PROOF 1, not for patients" in beside
    tagged = [" ".join(passage.text.split()) for passage in facts.passages if passage.page <= edition.pages]
    assert tagged == [" ".join(passage.text.split()) for passage in edition.passages]
    assert facts.failures["PDF/UA-1"] == ()


def test_the_page_is_whole_and_the_sheet_is_wider(facts: Facts, edition: Facts) -> None:
    assert all(size == pytest.approx((842, 595), abs=1) for size in facts.sizes)
    for text in ("Most colds go away", "Take 10 mg", "Call us on"):
        here, there = (
            next(p for p in one.passages if text in " ".join(p.text.split())) for one in (facts, edition)
        )
        assert here.page == there.page
        place = facts.letters.box[here.printed[0]], edition.letters.box[there.printed[0]]
        assert place[0].tolist() == pytest.approx(place[1].tolist(), abs=0.01)
    assert len(facts.links) == len(edition.links)


def labels_beside(facts: Facts, text: str) -> str:
    """What stands in the strip beside the first line of a passage."""
    # Titles stand on the contents page before.
    passage = [p for p in facts.passages if text in " ".join(p.text.split())][-1]
    _, top, _, bottom = facts.letters.box[passage.printed[0]].tolist()
    return bare(text_in(facts.letters, passage.page, [419.6, top - 1, 482, bottom + 1]))


def test_the_lines_of_the_source_stand_beside_its_texts(facts: Facts) -> None:
    lines = NOW.split("\n")
    for text in ("Most colds go away", "Take 10 mg", "When to get", "Call us on", "Wet your hands"):
        line = next(number for number, line in enumerate(lines, 1) if text in line)
        assert labels_beside(facts, text) == str(line), text
    statement = next(n for n, line in enumerate(ROLES.split("\n"), 1) if "made with care" in line)
    assert labels_beside(facts, "This booklet was made with care") == f"house:{statement}"


def test_there_is_room_for_remarks_beside_each_page(facts: Facts) -> None:
    for number in range(1, facts.pages):
        assert "Remarks" in text_in(facts.letters, number, [482, 0, 842, 60])
    told = text_in(facts.letters, 1, [482, 0, 842, 80])
    for text in ("HI900", "edition1.1", "24November2026", f"page1of{facts.pages}", "Bars:changedsince1.0"):
        assert text in bare(told)
    assert bare(told).count("PROOF1") == 1


def test_bars_stand_beside_what_changed(made: Path, facts: Facts) -> None:
    contents = [list(page["/Contents"])[-1] for page in PdfReader(made).pages]  # type: ignore[call-overload]
    drawn = [one.get_object().get_data().decode() for one in contents]
    assert all(page.startswith("\nQ /Artifact BMC") and page.endswith("EMC") for page in drawn)
    for text, changes in (("Take 10 mg", True), ("Call us on", True), ("Most colds", False)):
        passage = next(p for p in facts.passages if text in " ".join(p.text.split()))
        boxes = facts.letters.box[list(passage.printed)]
        middle = facts.sizes[0][1] - float((boxes[:, 1].min() + boxes[:, 3].max()) / 2)
        bars = re.findall(r"[\d.]+ ([\d.]+) [\d.]+ ([\d.]+) re f", drawn[passage.page - 1])
        assert any(float(y) < middle < float(y) + float(high) for y, high in bars) == changes, text


def test_each_role_signs_on_the_last_page(facts: Facts, root: Path) -> None:
    last = [passage for passage in facts.passages if passage.page == facts.pages]
    text = " ".join(" ".join(passage.text.split()) for passage in last)
    sourced = Source(root).booklet("colds").value
    assert sourced
    for said in ("Sign-off", "PROOF 1", "edition 1.1", "Role Name Date Signature", "clinical", "lay reader"):
        assert said in text
    assert sourced.content in bare(text)
    assert {passage.text.strip(): passage.role for passage in last}["Sign-off"] == "H1"
    assert {passage.role for passage in last} >= {"TH"}
    assert facts.labels[-2:] == ("Back cover", "Sign-off")


def test_a_page_of_another_size_and_a_language_from_right_to_left(tmp_path: Path) -> None:
    arabic = changed(BOOKLET, "language: en-GB", "language: ar")
    own = write_publisher(tmp_path, arabic, ROLES)
    assert proof(own, "--layout", "a4-leaflet").status == 0
    (path,) = own.glob("dist/colds/1.0/*-a4-leaflet-proof-1.proof.pdf")
    facts, data = facts_of(path), data_of(path)
    assert all(size == pytest.approx((1191, 842), abs=1) for size in facts.sizes)
    (colds,) = [one for one in data["blocks"] if one["quote"] == "Most colds go away by themselves."]
    # The page is on the right, its strip and the column on its left.
    assert colds["boxes"][0]["box"][0] > 1191 - 595
    assert "نسخة" in "".join(passage.text for passage in facts.furniture)
    top, bottom = colds["boxes"][0]["box"][1::2]
    strip = text_in(facts.letters, colds["boxes"][0]["page"], [500, top - 2, 596, bottom + 2])
    assert bare(strip) == str(colds["line"])


# --- What programs are told ------------------------------------------------------------------


def test_the_data_have_the_places_of_all_texts(made: Path, facts: Facts, root: Path) -> None:
    data = data_of(made)
    blocks = data.pop("blocks")
    sourced = Source(root).booklet("colds").value
    assert sourced
    about = {"booklet": "colds", "language": "en-GB", "version": "1.1", "proof": 1, "layout": "a5-booklet"}
    assert data == {"format": 1, **about, "digest": sourced.content}
    quotes = {said["quote"]: said for said in blocks}
    line = next(n for n, text in enumerate(NOW.split("\n"), 1) if "Take 10 mg" in text)
    dose = quotes["Take 10 mg of zinc each night, with a glass of water, until you feel well again."]
    assert (dose["section"], dose["file"], dose["line"]) == ("colds", BOOKLET_FILE, line)
    read = 0
    for said in blocks:
        there = "".join(text_in(facts.letters, one["page"], one["box"]) for one in said["boxes"])
        if said["quote"] != "A round ball":
            assert bare(said["quote"].removeprefix("https://")) in bare(there), said
            read += 1
    assert read > 15
    assert quotes["A round ball"]["boxes"]


def test_the_data_are_attached_as_the_files_own(made: Path) -> None:
    files: Any = PdfReader(made).root_object["/AF"]
    (said,) = [one.get_object() for one in files]
    assert (said["/AFRelationship"], said["/F"], said["/UF"]) == ("/Data", "proof.json", "proof.json")


# --- Its number ------------------------------------------------------------------------------


def test_numbers_count_up_and_stay(tmp_path: Path) -> None:
    own = write_publisher(tmp_path, BOOKLET)

    def made() -> list[str]:
        return sorted(path.name for path in own.glob("dist/colds/1.*/*.proof.pdf"))

    first = proof(own, "--json").data
    assert (first["proof"], first["version"], first["problems"]) == (1, "1.0", [])
    path = own / "dist/colds/1.0/colds-1.0-en-GB-a5-booklet-proof-1.proof.pdf"
    assert first["files"] == [str(own / LIST), str(path)]
    data, kept = path.read_bytes(), (own / LIST).read_bytes()
    # The same on a later day is the same proof, byte for byte.
    assert proof(own, "--json", today="2026-12-01").data["files"] == [str(path)]
    assert (path.read_bytes(), (own / LIST).read_bytes()) == (data, kept)
    assert proof(own, "--layout", "dl-leaflet", "--json").data["proof"] == 2
    text = changed(BOOKLET, "Most colds", "All colds")
    write_publisher(own, text)
    assert proof(own, "--json").data["proof"] == 3
    assert len(made()) == 3
    # What was made before has its number still.
    write_publisher(own, BOOKLET)
    assert proof(own, "--json").data["proof"] == 1
    write_publisher(own, changed(text, 'version: "1.0"', 'version: "1.1"'))
    assert proof(own, "--json").data["proof"] == 1
    found = Source(own).proofs("colds").value or ()
    assert [(one.version, one.proof, one.layout) for one in found] == [
        ("1.0", 1, "a5-booklet"),
        ("1.0", 2, "dl-leaflet"),
        ("1.0", 3, "a5-booklet"),
        ("1.1", 1, "a5-booklet"),
    ]


def test_two_proofs_that_are_made_at_once_have_two_numbers(tmp_path: Path) -> None:
    own = write_publisher(tmp_path)
    layouts = ("a5-booklet", "dl-leaflet")
    words = [("proof", "colds", "--pdf", "--root", own, "--layout", one, "--json") for one in layouts]
    begun = [
        subprocess.Popen(command(*one), env=settings(), stdout=subprocess.PIPE, cwd=own) for one in words
    ]
    told = [json.loads(one.communicate(timeout=300)[0]) for one in begun]
    assert sorted(one["proof"] for one in told) == [1, 2]
    assert sorted(one.proof for one in Source(own).proofs("colds").value or ()) == [1, 2]


def test_what_editors_wrote_into_the_list_of_proofs_stays(tmp_path: Path) -> None:
    own = write_publisher(tmp_path)
    assert proof(own).status == 0
    text = "# Proof 1 went to the ward.\n" + (own / LIST).read_text(encoding="utf-8")
    (own / LIST).write_text(text, encoding="utf-8")
    assert proof(own, "--layout", "dl-leaflet").status == 0
    assert (own / LIST).read_text(encoding="utf-8").startswith(text)


def test_a_faulty_list_of_proofs_is_told_with_its_line(tmp_path: Path) -> None:
    text = "proofs:\n  - version: 1.0\n    ▸proof: many\n    date: 2026-11-24\n    layout: a5-booklet\n"
    text += f"    digest: {'0' * 64}\n"
    own = write_publisher(tmp_path, files={LIST: text})
    ran = proof(own)
    assert (ran.status, ran.out) == (2, "")
    where = marked(text, LIST)
    assert str(Where(LIST, where.line, where.column)) in ran.err
    assert not list(own.glob("dist/**/*.pdf"))
    assert (own / LIST).read_text(encoding="utf-8") == text.replace("▸", "")


# --- What it is not --------------------------------------------------------------------------


def test_the_checker_refuses_it_by_its_name_and_by_its_metadata(
    made: Path, root: Path, tmp_path: Path
) -> None:
    refused = run("check", made, "--root", root)
    assert refused.status == 2
    assert "is no edition" in refused.err
    other = tmp_path / f"{NAME}-a5-booklet.pdf"
    shutil.copy(made, other)
    for words in ((), ("--booklet", "colds")):
        ran = run("check", other, "--root", root, "--json", *words)
        assert (ran.status, ran.codes) == (2, ["pdf-proof"])
    assert "proof 1" in run("check", other, "--root", root).out


def test_what_a_build_and_a_release_judge_by_refuses_it(facts: Facts, root: Path) -> None:
    sourced, layout = Source(root).booklet("colds").value, load_layout("a5-booklet", (root, Path.cwd())).value
    assert sourced
    assert layout
    codes = [one.code for one in judge(facts, sourced, layout, sourced.booklet.published)]
    assert codes == ["pdf-proof"]


def test_a_release_takes_no_file_and_no_proof_stands_in_it(made: Path, root: Path) -> None:
    before = run("releases", "verify", "--root", root)
    assert run("release", made, "--root", root).status == 2
    assert run("release", made.name, "--root", root).status == 2
    assert run("releases", "verify", "--root", root) == before
    assert not list((root / "releases").rglob("*proof*"))


def test_a_build_leaves_proofs_alone(root: Path, made: Path) -> None:
    own, data = root / "dist", made.read_bytes()
    assert build(root).status == 0
    assert made.read_bytes() == data
    checked = run("check", "colds", "--root", root, "--today", TODAY, "--json")
    assert checked.status == 0
    assert "proof" not in (own / "colds/1.1/report.html").read_text(encoding="utf-8").lower()


def test_a_draft_with_errors_has_a_proof_and_they_are_told(tmp_path: Path) -> None:
    long = "go away by themselves. " + "That is more than a leaflet has room for. " * 200
    own = write_publisher(tmp_path, changed(BOOKLET, "go away by themselves.", long))
    ran = proof(own, "--layout", "dl-leaflet")
    assert (ran.status, "error[" in ran.out, ".proof.pdf" in ran.out) == (0, True, True), ran


# --- What cannot be done ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--pdf",), "proof colds --pdf"),
        (("colts", "--pdf"), "did you mean 'colds'"),
        (("colts", "--no-browser"), "did you mean 'colds'"),
        (("colds", "--no-browser", "--language", "cy"), "cy"),
        (("colds", "--no-browser", "--layout", "no-layout"), "no-layout"),
        (("colds", "--no-browser", "--size", "18"), "--layout large-print"),
        (("colds", "--no-browser", "--since", "1.0"), "--pdf"),
        (("../colds", "--pdf"), "There is no booklet"),
        (("colds", "--pdf", "--language", "cy"), "cy"),
        (("colds", "--pdf", "--since", "0.9"), "no release 0.9"),
        (("colds", "--pdf", "--layout", "no-layout"), "no-layout"),
        (("colds", "--pdf", "--size", "18"), "--layout large-print"),
    ],
)
def test_what_cannot_be_done_is_told(words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    own = write_publisher(tmp_path)
    ran = run("proof", *words, "--root", own)
    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err
    assert not (own / "dist").exists()
    assert not (own / LIST).exists()


def test_a_table_has_one_label_for_the_texts_of_a_line(tmp_path: Path) -> None:
    own = write_publisher(tmp_path, with_block(block("table")))
    assert proof(own).status == 0
    (path,) = own.glob("dist/colds/1.0/*.proof.pdf")
    facts = facts_of(path)
    passage = next(p for p in facts.passages if p.text.strip() == "Child")
    _, top, _, bottom = facts.letters.box[passage.printed[0]].tolist()
    label = bare(text_in(facts.letters, passage.page, [419.6, top - 1, 482, bottom + 1]))
    assert label.isdigit()


def test_large_print_and_a_translation_have_proofs_of_their_own(tmp_path: Path) -> None:
    welsh = BOOKLET.replace("language: en-GB", "language: cy").replace("Most colds", "Mae annwyd")
    files = {BOOKLET_FILE.replace(".yaml", ".cy.yaml"): 'translation_of: "1.0"\n' + welsh}
    own = write_publisher(tmp_path, files=files)
    assert proof(own, "--layout", "large-print", "--size", "20").status == 0
    (path,) = own.glob("dist/colds/1.0/*-large-print-20pt-proof-1.proof.pdf")
    assert path.is_file()
    ran = proof(own, "--language", "cy", "--json")
    assert (ran.status, ran.data["proof"]) == (0, 1), ran
    assert (own / LIST.replace(".yaml", ".cy.yaml")).is_file()
