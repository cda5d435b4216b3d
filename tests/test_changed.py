"""Does `changed` tell, on a terminal, a screen, paper and a proof, what is another now?"""

import re
import shutil
from datetime import date
from io import BytesIO
from pathlib import Path
from textwrap import indent

import numpy as np
import pytest
from command import Ran, build, run
from playwright.sync_api import Browser
from publisher import (
    BLOCKS,
    BOOKLET,
    BOOKLET_FILE,
    DRAWING,
    FILES,
    HOUSE,
    PICTURE_FILE,
    block,
    changed,
    with_block,
    write_publisher,
)
from pypdf import PdfReader
from test_review import assert_everybody_can_use_it, browser, needs_chromium

from booklet.checks.reading import bare
from booklet.impose import is_print_file
from booklet.inspect import Facts, inspect_pdf
from booklet.register import Register
from booklet.release import publish
from booklet.released import FileSaid, InLanguage, Manifest
from booklet.store import Folder

__all__ = ["browser"]

MORE = (
    BOOKLET
    + """\
      - Take 5 mg of zinc each night, with a glass of water, until you feel well again.
      - You can go to work when your temperature has been normal for a whole day.
      - kind: steps
        items: [Wet your hands, Use soap, Dry them well]
      - kind: figure
        image: ball.svg
        alt: A round ball
        caption: The virus
  - id: help
    title: When to get <help>
    content:
      - Call us on 020 7946 0000 at any time of the day or night.
"""
)
NOW = MORE
for old, new in (
    ('version: "1.0"', 'version: "1.1"'),
    ("Take 5 mg", "Take 10 mg"),
    ("020 7946 0000", "020 7946 0101"),
    ("Wet your hands, Use soap, Dry", "Wet your hands, Dry"),
    ("until you feel well again.", "until you feel well again.\n      - Keep the window open at night."),
    ("      - You can go to work when your temperature has been normal for a whole day.\n", ""),
    (
        "night.\n",
        "night.\n      - You can go to work when your temperature has been normal for a whole day.\n",
    ),
):
    NOW = changed(NOW, old, new) if old != "night.\n" else NOW.removesuffix(old) + new
NAME = "colds-1.1-en-GB"
FOLDER = "dist/colds/1.1"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publisher's folder with a release of 1.0 and a source of 1.1."""
    folder = write_publisher(tmp_path_factory.mktemp("shop"), NOW, files={PICTURE_FILE: DRAWING + "\n"})
    put_release(folder, write_publisher(folder / "before", MORE, files={PICTURE_FILE: DRAWING}))
    return folder


def put_release(folder: Path, before: Path) -> None:
    """Put another folder's source into a publisher's releases, as version 1.0 of colds."""
    paths = [path for path in sorted((before / "source").rglob("*")) if path.is_file()]
    files = {f"press/{path.relative_to(before)}": path.read_bytes() for path in paths}
    said = {name: FileSaid.of(data) for name, data in files.items()}
    day = date(2026, 11, 23)
    text = InLanguage("All about colds", "", day, date(2029, 11, 23), "0" * 64)
    manifest = Manifest("colds", "1.0", "HI900", day, {}, {"en-GB": text}, (), {}, said)
    publish(Folder(folder / "releases"), Register(), manifest, files)


@pytest.fixture(scope="module")
def ran(root: Path) -> Ran:
    """The command, with a proof."""
    return run("changed", "colds", "--since", "1.0", "--bars", "--root", root)


# --- On a terminal, and as data -------------------------------------------------------------


def test_the_numbers_are_told_first_then_place_by_place(ran: Ran, root: Path) -> None:
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == (
        "All about colds (en-GB), version 1.1: what has changed since version 1.0\n"
        "\n"
        "Numbers, doses, dates, telephone numbers and addresses\n"
        "  5 mg is now 10 mg: What a cold is\n"
        "  020 7946 0000 is now 020 7946 0101: When to get <help>\n"
        "\n"
        "What a cold is\n"
        "  reworded  paragraph: Take [-5-]{+10+} mg of zinc each night, with a glass of water, "
        "until you feel well again.\n"
        "  added     paragraph: Keep the window open at night.\n"
        "  removed   step: Use soap\n"
        "  reworded  picture: ball.svg {+drawn anew+} · The virus\n"
        "\n"
        "When to get <help>\n"
        "  reworded  paragraph: Call us on [-020 7946 0000-]{+020 7946 0101+} at any time of the day "
        "or night.\n"
        "  moved     paragraph from ‘What a cold is’: You can go to work when your temperature "
        "has been normal for a whole day.\n"
        "\n"
        "This edition\n"
        "  reworded  version: [-1.0-]{+1.1+}\n"
        "\n"
        f"wrote {root}/{FOLDER}/{NAME}-changes-since-1.0.html\n"
        f"wrote {root}/{FOLDER}/{NAME}-changes-since-1.0.pdf\n"
        f"wrote {root}/{FOLDER}/{NAME}-a5-booklet-bars-since-1.0.proof.pdf\n"
    )


def test_as_data_it_says_the_same(root: Path) -> None:
    data = run(
        "changed", "colds", "--since", root / "releases/colds/1.0/press", "--root", root, "--json"
    ).data
    assert (data["booklet"], data["since"], data["version"]) == ("colds", "1.0", "1.1")
    assert data["counts"] == {"added": 1, "removed": 1, "reworded": 3, "moved": 1}
    assert data["figures"][0] == {"kind": "measure", "before": "5 mg", "now": "10 mg", "places": ["colds"]}
    (text,) = data["changes"][0]["texts"]
    assert ["gone", "5"] in text["words"]
    assert text["now"].startswith("Take 10 mg of zinc")
    assert [Path(name).suffix for name in data["files"]] == [".html", ".pdf"]


def test_nothing_has_changed_is_no_failure(root: Path, tmp_path: Path) -> None:
    same = run("changed", "colds", "--since", root, "--root", root, "--out", tmp_path)
    assert same.status == 0
    assert "nothing has changed since version 1.1" in same.out
    (html,) = tmp_path.glob("colds/1.1/*.html")
    assert "Nothing has changed." in html.read_text(encoding="utf-8")
    (pdf,) = tmp_path.glob("colds/1.1/*.pdf")
    assert "Nothing has changed." in PdfReader(pdf).pages[0].extract_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("colds", "--since", "0.9"), "There is no release 0.9 of 'colds'"),
        (("colds", "--since", "../.."), "'../..' is no version, and no publisher's folder"),
        (("colds", "--since", "1.0\n"), "is no version, and no publisher's folder"),
        (("colds", "--since", ""), "is no version, and no publisher's folder"),
        (("fever", "--since", "1.0"), "There is no booklet 'fever'."),
        (("../colds", "--since", "1.0"), "There is no booklet '../colds'."),
        (("colds", "--since", "1.0", "--language", "cy"), "'colds' has no translation into 'cy'"),
        (("colds", "--since", "1.0", "--layout", "a9"), "There is no layout 'a9'"),
        (("colds",), "the following arguments are required: --since"),
    ],
)
def test_what_cannot_be_read_is_told(
    root: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    refused = run("changed", *words, "--root", root, "--out", tmp_path / "out")
    assert refused.status == 2
    assert message in refused.err
    assert not (tmp_path / "out").exists()


def test_faults_of_the_earlier_version_are_told_as_its_own(root: Path, tmp_path: Path) -> None:
    write_publisher(tmp_path, MORE + "colour: red\n", files={PICTURE_FILE: DRAWING})
    refused = run("changed", "colds", "--since", tmp_path, "--root", root)
    assert refused.status == 2
    assert "In the earlier version: There is no key `colour` here" in refused.err


def test_a_release_that_is_a_link_to_elsewhere_is_not_read(tmp_path: Path) -> None:
    write_publisher(tmp_path / "theirs", MORE, files={PICTURE_FILE: DRAWING})
    own = write_publisher(tmp_path / "own", NOW, files={PICTURE_FILE: DRAWING})
    (own / "releases/colds/1.0").mkdir(parents=True)
    (own / "releases/colds/1.0/press").symlink_to(tmp_path / "theirs")
    refused = run("changed", "colds", "--since", "1.0", "--root", own)
    assert (refused.status, refused.out) == (2, "")
    assert "There is no release 1.0" in refused.err


def test_a_release_that_was_changed_is_not_read(tmp_path: Path) -> None:
    own = write_publisher(tmp_path / "own", NOW, files={PICTURE_FILE: DRAWING})
    put_release(own, write_publisher(tmp_path / "before", MORE, files={PICTURE_FILE: DRAWING}))
    file = own / "releases/colds/1.0/press/source/booklets/colds/booklet.yaml"
    file.write_text(MORE.replace("5 mg", "6 mg"), encoding="utf-8")
    refused = run("changed", "colds", "--since", "1.0", "--root", own)
    assert (refused.status, refused.out) == (2, "")
    assert "It is not as it was released" in refused.err


def test_no_booklet_can_have_the_commands_name(tmp_path: Path) -> None:
    refused = run("new", "changed", "--root", tmp_path)
    assert (refused.status, refused.err) == (
        2,
        "'changed' is the name of a command; a booklet needs another.\n",
    )


# --- On a screen ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(ran: Ran, root: Path) -> Path:
    """The page of HTML."""
    assert ran.status == 0
    return root / FOLDER / f"{NAME}-changes-since-1.0.html"


def test_the_page_marks_words_with_elements_and_needs_nothing_else(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    assert "When to get &lt;help&gt;" in html
    assert "<help>" not in html
    assert '<del lang="en-GB"><bdi>5 mg</bdi></del> is now <ins lang="en-GB"><bdi>10 mg</bdi></ins>' in html
    assert re.search(r"<del><span[^>]*>removed: </span>Use soap</del>", html)
    assert not re.search(r"\b(?:src|srcset|action)=|url\(|@import|<script|<link", html)
    assert re.findall(r'href="([^#"][^"]*)"', html) == []


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_page(browser: Browser, page: Path, scheme: str) -> None:
    opened = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    opened.goto(page.as_uri())
    assert_everybody_can_use_it(opened)


@needs_chromium
def test_a_number_leads_to_its_place(browser: Browser, page: Path) -> None:
    opened = browser.new_page()
    opened.goto(page.as_uri())
    opened.get_by_role("link", name="When to get <help>").focus()
    opened.keyboard.press("Enter")
    opened.wait_for_url("**#help")
    assert opened.locator("#help").inner_text() == "When to get <help>"


# --- On paper -------------------------------------------------------------------------------


def facts_of(path: Path) -> Facts:
    """What a PDF says; it keeps PDF/UA-1."""
    facts = inspect_pdf(path.read_bytes()).value
    assert facts
    assert facts.failures["PDF/UA-1"] == ()
    return facts


def test_the_pages_for_the_booklet_are_tagged_and_in_its_form(ran: Ran, root: Path) -> None:
    assert ran.status == 0
    facts = facts_of(root / FOLDER / f"{NAME}-changes-since-1.0.pdf")
    assert facts.failures["PDF/A-2a"] == ()
    assert {(round(wide), round(high)) for wide, high in facts.sizes} == {(420, 595)}
    assert facts.labels == tuple(str(number) for number in range(1, facts.pages + 1))
    said = [(passage.role, " ".join(passage.text.split())) for passage in facts.passages]
    assert said[:2] == [("P", "All about colds"), ("H1", "What has changed since version 1.0")]
    assert ("H2", "Numbers that have changed") in said
    text = " ".join(words for _, words in said)
    assert "5 mg is now 10 mg" in text
    assert "Take 5 10 mg of zinc" in text
    assert "Another picture" in text


def test_long_lists_run_on_over_pages_in_any_language(root: Path, tmp_path: Path) -> None:
    many = "".join(f"      - Paragraph {n} says something that it did not say before.\n" for n in range(60))
    arabic = changed(changed(NOW, "language: en-GB", "language: ar"), '"1.1"', '"2.0"') + many
    own = write_publisher(tmp_path, arabic, files={PICTURE_FILE: DRAWING})
    assert run("changed", "colds", "--since", root, "--root", own).status == 0
    facts = facts_of(own / "dist/colds/2.0/colds-2.0-ar-changes-since-1.1.pdf")
    assert facts.pages > 3
    assert facts.language == "ar"


def test_what_is_gone_is_printed_in_its_own_script(tmp_path: Path) -> None:
    offer = '  - {language: zh-Hans, text: "请致电 020 7946 0000。"}\n'
    own = write_publisher(tmp_path / "now")
    before = write_publisher(tmp_path / "before", house=f"{HOUSE}languages:\n{offer}")
    assert run("changed", "colds", "--since", before, "--root", own).status == 0
    facts = facts_of(own / "dist/colds/1.0/colds-1.0-en-GB-changes-since-1.0.pdf")
    assert any("请致电" in passage.text for passage in facts.passages)
    assert any("SC" in font.name for font in facts.fonts)


# --- Change bars ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def proofs(ran: Ran, root: Path) -> tuple[Path, Path]:
    """The edition and the proof of it."""
    assert ran.status == 0
    assert build(root).status == 0
    edition = root / FOLDER / f"{NAME}-a5-booklet.pdf"
    return edition, edition.with_name(f"{edition.stem}-bars-since-1.0.proof.pdf")


def letters_of(path: Path) -> list[tuple[int, int, float, float, float, float]]:
    """Every letter with its page and its box, sorted."""
    letters = facts_of(path).letters
    boxes = np.round(letters.box, 2).tolist()
    return sorted(zip(letters.page.tolist(), letters.code.tolist(), *zip(*boxes, strict=True), strict=True))


def test_bars_move_no_letter(proofs: tuple[Path, Path]) -> None:
    edition, proof = map(letters_of, proofs)
    pages = {letter[0] for letter in edition}
    left = list(proof)
    for letter in edition:
        left.remove(letter)
    assert len(edition) > 500
    # All that is there besides is the line on each page.
    line = sorted("PROOF,notforpatients;changedsince1.0")
    for page in pages:
        assert (
            sorted(chr(letter[1]) for letter in left if letter[0] == page and chr(letter[1]).strip()) == line
        )
    assert proof != edition


def drawn(path: Path) -> list[str]:
    """What is drawn over each page: bars as `re`, signs of what was removed as `m … l … l`."""
    reader = PdfReader(BytesIO(path.read_bytes()))
    contents = (page["/Contents"] for page in reader.pages)
    return [list(streams)[-1].get_object().get_data().decode() for streams in contents]  # type: ignore[call-overload]


def test_bars_stand_beside_what_changed_in_the_outer_margin(proofs: tuple[Path, Path]) -> None:
    edition, proof = proofs
    facts = facts_of(edition)
    lines = {
        text: next(p for p in facts.passages if text in " ".join(p.text.split()))
        for text in ("Take 10 mg", "Keep the window", "Most colds", "Call us on", "You can go to work")
    }
    for text, passage in lines.items():
        boxes = facts.letters.box[list(passage.printed)]
        middle = facts.sizes[0][1] - float((boxes[:, 1].min() + boxes[:, 3].max()) / 2)
        bars = re.findall(r"([\d.]+) ([\d.]+) [\d.]+ ([\d.]+) re f", drawn(proof)[passage.page - 1])
        beside = [x for x, y, high in bars if float(y) < middle < float(y) + float(high)]
        assert bool(beside) == (text != "Most colds"), text
        edge = boxes[:, 0].min() if passage.page % 2 == 0 else boxes[:, 2].max()
        outside = [float(x) < edge if passage.page % 2 == 0 else float(x) > edge for x in beside]
        assert all(outside), text


def test_every_kind_of_block_has_its_bar(tmp_path: Path) -> None:
    blocks = "".join(f"      - {indent(block(kind), ' ' * 8)[8:]}\n" for kind in BLOCKS if kind != "shared")
    new = BOOKLET + "  - id: all\n    title: All kinds\n    content:\n" + blocks
    own = write_publisher(tmp_path / "now", new, files=dict(FILES))
    before = write_publisher(tmp_path / "before", BOOKLET)
    assert run("changed", "colds", "--since", before, "--root", own, "--bars").status == 0
    (proof,) = own.glob("dist/colds/1.0/*.proof.pdf")
    facts, pages = facts_of(proof), drawn(proof)
    bars = {
        number: re.findall(r"[\d.]+ ([\d.]+) [\d.]+ ([\d.]+) re f", page)
        for number, page in enumerate(pages, 1)
    }
    unmarked = []
    for passage in facts.passages:
        boxes = facts.letters.box[list(passage.printed)]
        middle = facts.sizes[passage.page - 1][1] - float((boxes[:, 1].min() + boxes[:, 3].max()) / 2)
        if not any(float(y) <= middle <= float(y) + float(high) for y, high in bars[passage.page]):
            unmarked.append(bare(passage.text))
    told = " | ".join(unmarked)
    for text in (
        *(
            "Rest and drink.",
            "The virus",
            "A very small germ",
            "Remember",
            "Keep warm",
            "Good to know",
            "Honey",
        ),
        *(
            "I slept a lot.",
            "Days ill",
            "Adult",
            "Use soap",
            "Lemons",
            "May I work?",
            "My symptoms",
            "1 in 7",
        ),
        *("colds.example.org", "0800 111 222", "help@example.org", "1 High Street", "All kinds"),
    ):
        assert any(bare(text) in bare(passage.text) for passage in facts.passages), text
        assert bare(text) not in told
    assert bare("Most colds go away by themselves.") in told


def test_a_sign_shows_where_something_was_removed(proofs: tuple[Path, Path]) -> None:
    edition, proof = proofs
    facts = facts_of(edition)
    wet, dry = (next(p for p in facts.passages if text in p.text) for text in ("Wet your", "Dry them"))
    (sign,) = [
        found
        for page in drawn(proof)
        for found in re.findall(r"m [\d.]+ ([\d.]+) l [\d.]+ [\d.]+ l h f", page)
    ]
    down = facts.sizes[0][1] - float(sign)
    assert facts.letters.box[wet.printed[-1]][3] < down < facts.letters.box[dry.printed[0]][3]


def test_bars_and_line_are_artifacts(proofs: tuple[Path, Path]) -> None:
    _, proof = proofs
    tagged = " ".join(passage.text for passage in facts_of(proof).passages)
    assert "PROOF" not in tagged
    assert all(page.startswith("\nQ /Artifact BMC") and page.endswith("EMC") for page in drawn(proof))


def test_the_checker_takes_neither_for_an_edition(
    proofs: tuple[Path, Path], root: Path, tmp_path: Path
) -> None:
    for path in (proofs[1], root / FOLDER / f"{NAME}-changes-since-1.0.pdf"):
        assert is_print_file(path.name)
        refused = run("check", path, "--root", root)
        assert refused.status == 2
        assert "is no edition" in refused.err
        # By another name it is no edition either.
        other = tmp_path / "renamed.pdf"
        other.write_bytes(path.read_bytes())
        assert "pdf-unknown" in run("check", other, "--root", root, "--json").out
    checked = run("check", "colds", "--root", root, "--today", "2026-11-24", "--json")
    assert checked.status == 0
    assert "since" not in (root / FOLDER / "report.html").read_text(encoding="utf-8").replace("since-", "")


def test_a_proof_is_in_the_layout_that_is_asked_for(root: Path, tmp_path: Path) -> None:
    words = ("changed", "colds", "--since", "1.0", "--bars", "--root", root, "--out", tmp_path)
    ran = run(*words, "--layout", "dl-leaflet")
    assert (ran.status, "error[" in ran.out) == (0, False), ran
    (proof,) = tmp_path.glob("colds/1.1/*-dl-leaflet-bars-since-1.0.proof.pdf")
    facts_of(proof)


def test_the_faults_of_a_proof_are_told(root: Path, tmp_path: Path) -> None:
    house = shutil.copytree(root, tmp_path / "house")
    path = house / BOOKLET_FILE
    long = "go away by themselves. " + "That is more than a leaflet has room for. " * 200
    path.write_text(
        path.read_text(encoding="utf-8").replace("go away by themselves.", long), encoding="utf-8"
    )
    ran = run("changed", "colds", "--since", "1.0", "--bars", "--root", house, "--layout", "dl-leaflet")
    assert (ran.status, "error[" in ran.out, ".proof.pdf" in ran.out) == (0, True, True), ran


def test_a_cell_of_a_table_is_told_with_the_head_above_it(tmp_path: Path) -> None:
    text = with_block(block("table"))
    before = write_publisher(tmp_path / "before", text)
    own = write_publisher(tmp_path / "now", changed(text, "[Child, ten]", "[Child, 12]"))
    ran = run("changed", "colds", "--since", before, "--root", own)
    assert "row of a table: Child · Days: [-ten-]{+12+}" in ran.out
    (page,) = own.glob("dist/colds/1.0/*-changes-since-1.0.html")
    assert "Days: <del>" in page.read_text(encoding="utf-8")
    facts = facts_of(page.with_suffix(".pdf"))
    assert any("Days: ten 12" in " ".join(passage.text.split()) for passage in facts.passages)
