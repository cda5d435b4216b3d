"""Does a released version stay as it is, whatever happens, and are clinics' editions made of it alone?"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from command import PROJECT, Ran, build, run, run_apart, settings
from publisher import BOOKLET_FILE, CLINIC, HOUSE, changed, write_publisher
from test_target import S3, s3, server  # noqa: F401 - fixtures

from booklet.inspect import inspect_pdf
from booklet.register import Register, read_register
from booklet.release import publish
from booklet.released import InLanguage, Manifest
from booklet.store import Folder

DAY = "2026-11-29"
SIGN_OFFS = "source/booklets/colds/sign-offs.yaml"
RELEASED = "releases/colds/1.0"
PDF = "colds-1.0-en-GB-a5-booklet.pdf"
OWN = "colds-1.0-en-GB-a5-booklet--riverside.pdf"
FILES = {
    "source/clinics/riverside.yaml": CLINIC,
    "layouts/releases.yaml": "desk: true\n",
}
SIGNED_HOUSE = HOUSE + "sign_off_roles: [clinical, editorial]\n"


def release(root: Path, *words: object) -> Ran:
    return run("release", "colds", "--root", root, *(() if "--today" in words else ("--today", DAY)), *words)


def digest_asked(ran: Ran) -> str:
    found = re.search(r"digest: ([0-9a-f]{64})", ran.out)
    assert found, ran
    return found[1]


def sign(root: Path, roles: tuple[str, ...] = ("clinical", "editorial"), **others: str) -> None:
    """Write the sign-offs that `release` asks for, as it prints them."""
    asked = release(root)
    assert asked.status == 1
    said = {"version": '"1.0"', "name": "Ann Bell", "date": DAY, "digest": digest_asked(asked)} | others
    rest = ", ".join(f"{key}: {value}" for key, value in said.items())
    lines = "".join(f"  - {{role: {role}, {rest}}}\n" for role in roles)
    (root / SIGN_OFFS).write_text(f"sign_offs:\n{lines}", encoding="utf-8")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publisher that has released a booklet."""
    root = write_publisher(tmp_path_factory.mktemp("once") / "house", house=SIGNED_HOUSE, files=FILES)
    sign(root)
    ran = release(root)
    assert ran.status == 0, ran
    return root


@pytest.fixture
def root(once: Path, tmp_path: Path) -> Path:
    shutil.copytree(once, tmp_path / "house")
    return tmp_path / "house"


def edit(root: Path, old: str, new: str, file: str = BOOKLET_FILE) -> None:
    path = root / file
    path.write_text(changed(path.read_text(encoding="utf-8"), old, new), encoding="utf-8")


def tree(folder: Path) -> dict[str, bytes]:
    """Every file that is not hidden."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return {name: data for name, data in found.items() if not any(p.startswith(".") for p in name.split("/"))}


def register(root: Path) -> Register:
    read = read_register(Folder(root / "releases"))
    assert read.value, read.problems
    return read.value


# --- Signed off ----------------------------------------------------------------------------


def test_nothing_is_released_that_nobody_signed(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, house=SIGNED_HOUSE, files=FILES)
    ran = release(root)
    assert ran.status == 1
    assert "not signed off: clinical, editorial" in ran.out
    assert f'  - {{version: "1.0", role: editorial, name: …, date: {DAY}, digest:' in ran.out
    assert not (root / "releases/colds").exists()


VOID = {
    "one role": ({"roles": ("clinical",)}, "not signed off: editorial"),
    "another version": ({"version": '"0.9"'}, "not signed off: clinical, editorial"),
    "another digest": ({"digest": "0" * 64}, "(editorial), but it has changed since"),
    "a day to come": ({"date": "2026-11-30"}, "(clinical), but that day has not come"),
    "a role that is not asked for": (
        {"roles": ("clinical", "catering")},
        "house.yaml has no role 'catering'",
    ),
    "nobody's name": ({"name": "…"}, "(clinical), but that is nobody's name"),
}


@pytest.mark.parametrize(("how", "told"), VOID.values(), ids=VOID)
def test_a_sign_off_that_does_not_hold_is_told(how: dict[str, Any], told: str, tmp_path: Path) -> None:
    root = write_publisher(tmp_path, house=SIGNED_HOUSE, files=FILES)
    sign(root, **how)
    ran = release(root)
    assert ran.status == 1
    assert told in ran.out
    assert not (root / "releases/colds").exists()


def test_a_changed_comma_voids_all_sign_offs(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, house=SIGNED_HOUSE, files=FILES)
    sign(root)
    edit(root, "Most colds go", "Most colds, go")
    ran = release(root)
    assert (ran.status, ran.out.count("but it has changed since")) == (1, 2)
    assert "releases" not in {path.name for path in root.iterdir()} or not (root / "releases/colds").exists()


def test_a_house_must_say_who_signs(tmp_path: Path) -> None:
    ran = release(write_publisher(tmp_path, files=FILES))
    assert ran.status == 1
    assert "house.yaml does not say who signs off" in ran.out


# --- What a release holds -------------------------------------------------------------------


def test_a_release_holds_the_editions_and_all_that_they_were_made_from(once: Path) -> None:
    files = tree(once / RELEASED)
    manifest = json.loads(files.pop("manifest.json"))
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert {name: one["sha256"] for name, one in manifest["files"].items()} == hashes
    assert all(one["size"] == len(files[name]) for name, one in manifest["files"].items())
    assert (
        {name for name in files if name.endswith(".pdf")}
        == {
            PDF,
            PDF.replace(".pdf", ".desk.pdf"),
        }
        == {one["file"] for one in manifest["editions"]}
    )
    for name in (BOOKLET_FILE, "source/house.yaml", SIGN_OFFS):
        assert files[f"press/{name}"] == (once / name).read_bytes()
    text = manifest["languages"]["en-GB"]
    assert (text["title"], text["published"], text["next_review"]) == (
        *("All about colds", "2026-11-23", "2029-11-23"),
    )
    assert [(one["role"], one["name"], one["day"]) for one in text["signed"]] == [
        ("clinical", "Ann Bell", DAY),
        ("editorial", "Ann Bell", DAY),
    ]
    assert manifest["libraries"]["weasyprint"]
    assert (manifest["code"], manifest["released"], manifest["replaces"]) == ("HI900", DAY, {})
    read, sheets = manifest["editions"]
    assert (read["pages"], read["place"], read["warnings"]) == (4, "", 0)
    assert (sheets["pages"], sheets["place"], sheets["says"]) == (2, "desk", "1 sheet of paper")
    entry = register(once).release("colds", "1.0")
    assert entry
    assert entry.manifest == hashlib.sha256((once / RELEASED / "manifest.json").read_bytes()).hexdigest()


def test_the_released_edition_is_the_one_that_build_makes(root: Path) -> None:
    assert build(root, "--today", DAY).status == 0
    assert (root / "dist/colds/1.0" / PDF).read_bytes() == (root / RELEASED / PDF).read_bytes()


def test_a_version_that_was_released_in_another_layout_is_told_of(root: Path) -> None:
    words = "--root", root, "--today", DAY, "--json"
    assert run("build", *words).data["problems"] == []
    shutil.copytree(PROJECT / "layouts/a5-booklet", root / "layouts/a5-booklet")
    css = root / "layouts/a5-booklet/page.css"
    css.write_text(css.read_text(encoding="utf-8") + "h1 { letter-spacing: 0.1pt }\n", encoding="utf-8")
    ran = run("build", *words)
    (told,) = ran.data["problems"]
    assert (ran.status, told["code"], told["severity"]) == (0, "released-other-file", "warning")
    assert told["message"] == "Version 1.0 was released, and this is another file that says the same"
    assert told["pdf"] == PDF
    assert (root / "dist/colds/1.0" / PDF).read_bytes() != (root / RELEASED / PDF).read_bytes()


def test_fixed_words_of_the_publishers_own_are_signed_told_and_kept(root: Path) -> None:
    own = root / "layouts/base/words/en.yaml"
    own.parent.mkdir(parents=True)
    shutil.copy2(PROJECT / "layouts/base/words/en.yaml", own)
    text = own.read_text(encoding="utf-8")
    edit(root, 'version: "1.0"', 'version: "1.1"')
    sign(root, version='"1.1"')
    edit(root, "urgent: Get help now", "urgent: Read this later", "layouts/base/words/en.yaml")
    ran = release(root)
    assert (ran.status, "clinical), but it has changed since" in ran.out) == (1, True), ran
    own.write_text("# Ours.\n" + text, encoding="utf-8")
    assert release(root).status == 0
    assert (root / "releases/colds/1.1/press/layouts/base/words/en.yaml").read_bytes() == own.read_bytes()
    edit(root, "urgent: Get help now", "urgent: Read this later", "layouts/base/words/en.yaml")
    told = run("changed", "colds", "--since", "1.1", "--root", root, "--today", DAY, "--bars").out
    assert "Words of the layouts\n  reworded" in told
    assert "[-Get help now-]{+Read this later+}" in told


def test_releasing_again_changes_nothing(root: Path) -> None:
    before = tree(root / "releases")
    ran = release(root, "--today", "2026-12-24", "--json")
    assert (ran.status, ran.data["new"], ran.data["release"]["released"]) == (0, False, DAY)
    assert tree(root / "releases") == before


def test_other_words_under_a_released_version_are_refused(root: Path) -> None:
    before = tree(root / "releases")
    edit(root, "go away", "do go away")
    ran = release(root)
    assert ran.status == 1
    assert f"1.0 was released on {DAY}, and says something else now: en-GB" in ran.out
    assert "What a cold is: 1 reworded" in ran.out
    assert "`changed colds --since 1.0` shows it all" in ran.out
    assert 'make it version: "1.1"' in ran.out
    assert tree(root / "releases") == before


def test_another_look_under_a_released_version_is_refused_with_what_differs(root: Path) -> None:
    before = tree(root / "releases")
    own = root / "layouts/a5-booklet"
    shutil.copytree(PROJECT / "layouts/a5-booklet", own)
    with (own / "page.css").open("a", encoding="utf-8") as sheet:
        sheet.write("h2 { letter-spacing: .1pt }\n")
    ran = release(root)
    assert ran.status == 1
    assert f"1.0 was released on {DAY} with other files: {PDF.replace('.pdf', '.desk.pdf')}, {PDF}" in ran.out
    assert tree(root / "releases") == before


def test_an_earlier_version_comes_too_late(root: Path) -> None:
    edit(root, 'version: "1.0"', 'version: "0.10"')
    ran = release(root)
    assert ran.status == 1
    assert f"1.0 was released on {DAY}, and 0.10 comes before it" in ran.out


def test_an_edition_that_fails_its_checks_is_not_released(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, house=SIGNED_HOUSE, files=FILES)
    sign(root)
    ran = release(root, "--today", "2029-12-01")
    assert ran.status == 1
    assert "error[review-past]" in ran.out
    assert not (root / "releases/colds").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [(("flu",), "no booklet 'flu'"), (("colds", "1.7"), "No text of 'colds' has the version 1.7")],
)
def test_what_is_not_there_cannot_be_released(words: tuple[str, ...], told: str, root: Path) -> None:
    ran = run("release", *words, "--root", root)
    assert ran.status > 0
    assert told in ran.out + ran.err


# --- The checker knows what was released -----------------------------------------------------


def test_the_checker_refuses_other_words_under_a_released_version(root: Path) -> None:
    edit(root, "go away", "do go away")
    ran = build(root, "--today", DAY, "--json")
    assert (ran.status, ran.codes) == (1, ["released-otherwise"])
    edit(root, 'version: "1.0"', 'version: "1.1"')
    assert build(root, "--today", DAY).status == 0


def test_a_released_file_is_checked_as_what_it_was(root: Path) -> None:
    build(root, "--today", DAY, "--all-clinics")
    edit(root, 'version: "1.0"', 'version: "1.1"')
    edit(root, "go away", "never go away")
    files = [root / RELEASED / PDF, root / "dist/colds/1.0" / OWN]
    ran = run("check", *files, "--root", root, "--today", DAY, "--json")
    assert (ran.status, ran.codes) == (0, [])
    # Other words are found, of that version too.
    other = build(root, "--today", DAY, "--out", root / "other")
    assert other.status == 0
    assert withdraw(root).status == 0
    gone = run("check", *files, "--root", root, "--today", DAY, "--json")
    assert (gone.status, set(gone.codes)) == (1, {"released-withdrawn"})


def test_a_damaged_register_stops_a_build(root: Path) -> None:
    path = root / "releases/register/000001.json"
    path.write_bytes(path.read_bytes().replace(b"HI900", b"HI901"))
    ran = build(root, "--today", DAY, "--json")
    assert (ran.status, ran.codes) == (2, ["register-damaged"])


# --- Clinics' editions -----------------------------------------------------------------------


def test_a_clinics_edition_is_made_of_released_bytes_alone(root: Path) -> None:
    assert build(root, "--today", DAY, "--all-clinics").status == 0
    wanted = (root / "dist/colds/1.0" / OWN).read_bytes()
    # Whatever the source and the layouts say today:
    edit(root, "go away", "never go away")
    own = root / "layouts/a5-booklet"
    shutil.copytree(PROJECT / "layouts/a5-booklet", own)
    with (own / "page.css").open("a", encoding="utf-8") as sheet:
        sheet.write("p { color: #333; letter-spacing: .05pt }\n")
    ran = build(root, "--today", DAY, "--all-clinics", "--out", root / "other", "--json")
    verdicts = {Path(one["file"]).name: one["passed"] for one in ran.data["editions"]}
    assert verdicts == {PDF.replace(".pdf", ".rejected.pdf"): False, OWN: True}
    assert (root / "other/colds/1.0" / OWN).read_bytes() == wanted
    facts = inspect_pdf(wanted).value
    assert facts
    assert facts.failures == {"PDF/UA-1": (), "PDF/A-2a": ()}


def test_clinics_have_the_current_release_while_the_next_version_is_written(root: Path) -> None:
    assert build(root, "--today", DAY, "--all-clinics").status == 0
    wanted = {name: (root / "dist/colds/1.0" / name).read_bytes() for name in (PDF, OWN)}
    path = root / BOOKLET_FILE
    # The next version is half written, and cannot even be read.
    path.write_text(path.read_text(encoding="utf-8") + "sections: [\n", encoding="utf-8")
    words = ("--released", "--all-clinics", "--today", DAY, "--json")
    ran = build(root, *words, "--out", root / "other")
    assert ran.status == 0, ran
    assert {Path(one["file"]).name for one in ran.data["editions"]} == {PDF, OWN}
    made = {path.name: path.read_bytes() for path in (root / "other/colds/1.0").glob("*.pdf")}
    assert made == wanted
    again = build(root, *words, "--out", root / "other")
    assert {one["verdict"] for one in again.data["editions"]} == {"passed, unchanged"}
    edit(root, "020 7946 0000", "020 7946 0999", "source/clinics/riverside.yaml")
    third = build(root, "--released", "--today", DAY, "--json", "--out", root / "other")
    assert [Path(name).name for name in third.data["taken_away"]] == [OWN]


def test_only_what_is_current_is_built_as_released(root: Path) -> None:
    assert build(root, "flu", "--released").status == 2
    assert withdraw(root).status == 0
    ran = build(root, "--released")
    assert ran.status == 2
    assert "Nothing was released in" in ran.err or "No version of" in ran.err


def test_details_that_do_not_fit_are_laid_out_from_what_was_released(root: Path) -> None:
    contact = "  - {name: A desk with quite a long name, phone: 020 7946 0000, hours: all day long}\n"
    edit(root, CLINIC, CLINIC + contact * 12, "source/clinics/riverside.yaml")
    edit(root, "go away", "never go away")
    build(root, "--today", DAY, "--all-clinics")
    made = inspect_pdf(next((root / "dist/colds/1.0").glob("*--riverside*.pdf")).read_bytes()).value
    assert made
    text = " ".join(passage.text for passage in made.passages)
    assert "Most colds go away by themselves" in text
    assert text.count("A desk with quite a long name") == 12


def test_a_clinics_name_may_have_letters_that_the_booklet_has_not(root: Path) -> None:
    edit(root, "Riverside Day Unit", "Szpital w Łodzi, Nguyễn Ward, Ψ unit", "source/clinics/riverside.yaml")
    shutil.rmtree(root / "layouts", ignore_errors=True)
    ran = build(root, "--today", DAY, "--all-clinics")
    assert ran.status == 0, ran


def test_no_clinics_edition_is_made_of_a_damaged_release(root: Path) -> None:
    path = root / RELEASED / "press/source/house.yaml"
    path.write_bytes(path.read_bytes() + b"\n")
    ran = build(root, "--today", DAY, "--all-clinics", "--json")
    assert ran.status == 2
    assert ran.codes == ["release-damaged"]
    assert not (root / "dist/colds/1.0" / OWN).exists()


def test_a_build_without_clinics_keeps_the_editions_of_a_release(root: Path) -> None:
    build(root, "--today", DAY, "--all-clinics")
    own = root / "layouts/a5-booklet"
    shutil.copytree(PROJECT / "layouts/a5-booklet", own)
    with (own / "page.css").open("a", encoding="utf-8") as sheet:
        sheet.write("h2 { letter-spacing: .1pt }\n")
    ran = build(root, "--today", DAY, "--json")
    assert (ran.status, ran.data["taken_away"]) == (0, [])
    assert (root / "dist/colds/1.0" / OWN).exists()


def test_a_withdrawn_version_is_made_no_more_and_what_was_made_goes(root: Path) -> None:
    build(root, "--today", DAY, "--all-clinics")
    run("print", "colds", "--for", "desk", "--root", root, "--today", DAY)
    folder = root / "dist/colds/1.0"
    assert {path.name for path in folder.glob("*.pdf")} == {PDF, OWN, PDF.replace(".pdf", ".desk.pdf")}
    assert withdraw(root).status == 0
    ran = build(root, "--today", DAY, "--all-clinics", "--json")
    assert ran.status == 1
    assert set(ran.codes) == {"released-withdrawn"}
    assert not any(one["passed"] for one in ran.data["editions"])
    assert all(path.name.endswith(".rejected.pdf") for path in folder.glob("*.pdf"))


# --- What becomes of it ----------------------------------------------------------------------


def withdraw(root: Path, *words: object) -> Ran:
    why = ("--reason", "The number on page 3 leads to a shop.")
    return run("withdraw", "colds", "1.0", "--root", root, "--today", "2026-12-01", *why, *words)


def states(root: Path) -> dict[str, str]:
    ran = run("releases", "list", "--root", root, "--json")
    return {f"{one['version']} {one['language']}": one["state"] for one in ran.data["editions"]}


def test_a_version_is_withdrawn_with_a_notice(root: Path) -> None:
    before = tree(root / "releases")
    ran = withdraw(root, "--stock", "Send all copies back to us.")
    assert ran.status == 0
    assert "withdrawn" in ran.out
    name = "colds/colds-1.0-withdrawn.pdf"
    assert name in ran.out
    facts = inspect_pdf((root / "releases" / name).read_bytes()).value
    assert facts
    assert (facts.pages, facts.failures) == (1, {"PDF/UA-1": (), "PDF/A-2a": ()})
    text = " ".join(passage.text for passage in facts.passages)
    for said in (
        "All about colds",
        "HI900",
        "edition 1.0",
        "1 December 2026",
        "leads to a shop",
        "back to us",
    ):
        assert said in text
    # What was there stays as it was.
    assert before.items() < tree(root / "releases").items()
    assert states(root) == {"1.0 en-GB": "withdrawn"}
    again = withdraw(root)
    assert again.status == 2
    assert "1.0 in en-GB is withdrawn since 2026-12-01" in again.err
    assert run("releases", "verify", "--root", root).status == 0


def test_a_reason_is_needed_and_fits_on_the_notice(root: Path) -> None:
    for reason in ("", " … ", "two\nlines", "why " * 200):
        ran = run("withdraw", "colds", "1.0", "--root", root, "--reason", reason)
        assert ran.status == 2
        assert "write it in words, in one line" in ran.err
    assert len(register(root).entries) == 1


def test_a_withdrawn_version_goes_when_the_next_one_is_built(root: Path) -> None:
    build(root, "--today", DAY, "--all-clinics")
    mine = root / "dist/colds/1.0/colds-1.0-en-GB-notes.pdf"
    mine.write_bytes(b"%PDF-1.7 somebody's own")
    assert withdraw(root).status == 0
    edit(root, 'version: "1.0"', 'version: "1.1"')
    ran = build(root, "--today", DAY, "--json")
    assert ran.status == 0
    assert {Path(name).name for name in ran.data["taken_away"]} == {PDF, OWN}
    assert list((root / "dist/colds/1.0").glob("*.pdf")) == [mine]


@pytest.mark.usefixtures("still")
def test_the_next_version_is_not_taken_for_the_released_one(root: Path) -> None:
    build(root, "--today", DAY, "--all-clinics")
    edit(root, 'version: "1.0"', 'version: "1.1"')
    ran = build(root, "--today", DAY, "--all-clinics", "--json")
    assert {one["version"] for one in ran.data["editions"]} == {"1.1"}
    assert ran.status == 0


def test_a_reason_in_brackets_is_printed_as_it_is(root: Path) -> None:
    words = ("colds", "1.0", "--root", root, "--today", "2026-12-01")
    ran = run("releases", "review", *words, "--reason", "See [/b] page [3]")
    assert (ran.status, "See [/b] page [3]" in ran.out) == (0, True), ran
    assert "See [/b] page [3]" in run("releases", "list", "--root", root).out


def test_a_version_is_reviewed_and_confirmed(root: Path) -> None:
    words = ("colds", "1.0", "--root", root, "--today", "2026-12-01")
    assert run("releases", "review", *words, "--reason", "A reader asked.").status == 0
    assert states(root) == {"1.0 en-GB": "under review"}
    assert run("releases", "confirm", *words).status == 0
    assert states(root) == {"1.0 en-GB": "current"}
    assert run("releases", "confirm", *words).status == 2
    early = run(
        "releases", "review", "colds", "1.0", "--root", root, "--today", "2026-11-30", "--reason", "x"
    )
    assert early.status == 2
    assert "which is later" in early.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("colds", "1.4"), "1.4 of 'colds' was not released"),
        (("flu", "1.0"), "1.0 of 'flu' was not released"),
        (("colds", "1.0", "--language", "cy"), "1.0 was not released in 'cy'"),
    ],
)
def test_only_what_was_released_is_withdrawn(words: tuple[str, ...], told: str, root: Path) -> None:
    ran = run("withdraw", *words, "--root", root, "--reason", "x")
    assert ran.status == 2
    assert told in ran.err
    assert len(register(root).entries) == 1


def test_a_later_version_supersedes_the_one_before(root: Path) -> None:
    edit(root, "go away", "do go away")
    edit(root, 'version: "1.0"', 'version: "1.1"')
    sign(root, version='"1.1"')
    before = tree(root / "releases")
    ran = release(root, "--json")
    assert ran.status == 0, ran
    assert ran.data["release"]["replaces"] == {"en-GB": "1.0"}
    assert states(root) == {"1.0 en-GB": "superseded", "1.1 en-GB": "current"}
    assert before.items() < tree(root / "releases").items()
    gone = withdraw(root)
    assert gone.status == 0
    page = inspect_pdf((root / "releases/colds/colds-1.0-withdrawn.pdf").read_bytes()).value
    assert page
    assert "Edition 1.1, with the same code." in " ".join(passage.text for passage in page.passages)


# --- Verified --------------------------------------------------------------------------------


def verify(root: Path, *words: object) -> Ran:
    return run("releases", "verify", "--root", root, "--json", *words)


def test_one_changed_byte_anywhere_is_found_and_named(root: Path) -> None:
    withdraw(root)
    assert verify(root).data["problems"] == []
    for path in sorted(
        path for path in (root / "releases").rglob("*") if path.is_file() and path.stat().st_size
    ):
        data, at = path.read_bytes(), path.stat().st_size // 2
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        ran = verify(root)
        assert ran.status == 1
        assert [one["file"] for one in ran.data["problems"]] == [
            path.relative_to(root / "releases").as_posix()
        ]
        path.write_bytes(data)
    assert verify(root).status == 0


def test_a_missing_file_a_stray_one_and_an_unfinished_release_are_named(root: Path) -> None:
    (root / RELEASED / PDF).unlink()
    (root / RELEASED / "extra.txt").write_text("mine")
    (root / "releases/colds/2.0").mkdir()
    (root / "releases/colds/2.0/half.pdf").write_bytes(b"%PDF")
    ran = verify(root)
    found = {one["file"]: (one["code"], one["severity"]) for one in ran.data["problems"]}
    assert found == {
        f"colds/1.0/{PDF}": ("release-damaged", "error"),
        "colds/1.0/extra.txt": ("release-stray", "error"),
        "colds/2.0": ("release-unfinished", "warning"),
    }


def test_a_register_that_is_lost_is_no_empty_one(root: Path) -> None:
    shutil.rmtree(root / "releases/register")
    ran = verify(root)
    assert (ran.status, ran.codes) == (1, ["register-missing"])
    # Nothing takes the place of what was released, but the same.
    before = tree(root / "releases")
    assert "There are releases, but no register" in release(root, "--today", "2026-12-24").out
    assert tree(root / "releases") == before
    assert release(root).status == 0
    assert before.items() < tree(root / "releases").items()


def test_a_head_that_was_published_shows_that_the_end_was_cut_off(root: Path) -> None:
    first = register(root).head
    withdraw(root)
    head = register(root).head
    assert [verify(root, "--head", one).status for one in (first, head)] == [0, 0]
    assert [verify(root, "--head", one).status for one in (head.upper(), f"{head[:16]}…")] == [0, 0]
    for one in ("", "0", head[:7], "zz" * 32):
        ran = verify(root, "--head", one)
        assert (ran.status, f"'{one}' is no SHA-256; write at least its first 8 digits" in ran.err) == (
            2,
            True,
        )
    (root / "releases/register/000002.json").unlink()
    (root / "releases/colds/colds-1.0-withdrawn.pdf").unlink()
    assert verify(root).status == 0
    ran = verify(root, "--head", head)
    assert (ran.status, ran.codes) == (1, ["register-cut"])


# --- Whatever happens ------------------------------------------------------------------------

ABOUT = InLanguage("Colds", "", date(2026, 11, 23), date(2029, 11, 23), "a" * 64)
SMALL = Manifest("colds", "1.0", "HI900", date(2026, 11, 29), {}, {"en-GB": ABOUT}, (), {}, {})
SMALL_FILES = {"colds.pdf": b"one", "press/source/house.yaml": b"two"}
#: Ends a process right before the call of that number to what changes a disk, for every number in turn.
KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_release import SMALL, SMALL_FILES, publish
from booklet.register import read_register
from booklet.store import Folder
def counted(name, left):
    right = getattr(os, name)
    def call(*args, **named):
        left[0] -= 1
        if not left[0]:
            os._exit(77)
        return right(*args, **named)
    setattr(os, name, call)
def child(step):
    left = [step]
    for name in ("open", "link", "rename", "replace", "unlink", "mkdir", "fsync", "rmdir", "chmod", "close"):
        counted(name, left)
    shop = Folder(Path(sys.argv[1]) / str(step))
    with shop.claim():
        publish(shop, read_register(shop).value, SMALL, SMALL_FILES)
    os._exit(0)
for step in range(1, 1000):
    pid = os.fork()
    if not pid:
        try:
            child(step)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(step, code, flush=True)
    if code != 77:
        break
"""


def test_killed_at_every_step_a_release_is_there_or_it_is_not(tmp_path: Path) -> None:
    words = [sys.executable, "-c", KILLED, str(tmp_path), str(PROJECT / "tests")]
    ran = subprocess.run(words, env=settings(PROJECT), check=True, capture_output=True, text=True)
    steps = [tuple(map(int, line.split())) for line in ran.stdout.splitlines()]
    assert steps[-1][1] == 0, ran.stderr
    assert len(steps) > 20
    whole, outcomes = {"manifest.json", *SMALL_FILES}, []
    for step, _ in steps:
        shop = Folder(tmp_path / str(step))
        read = read_register(shop).value
        assert read is not None
        there = set(tree(shop.path / "colds/1.0"))
        assert there in (set(), whole)
        assert not read.entries or there == whole
        outcomes.append(bool(read.entries))
        # The next one goes through, whatever was left behind.
        if not read.entries:
            with shop.claim():
                publish(shop, read, SMALL, SMALL_FILES)
            assert set(tree(shop.path / "colds/1.0")) == whole
            assert not verify_problems(shop.path)
    assert outcomes == sorted(outcomes)
    assert {False, True} == set(outcomes)


def verify_problems(shop: Path) -> list[str]:
    """What `releases verify` says of a shop, but that a small release lists no files."""
    ran = run("releases", "verify", "--shop", shop, "--json")
    return [one["file"] for one in ran.data["problems"] if one["code"] != "release-stray"]


def test_of_two_releases_at_once_one_wins_and_the_other_is_told(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, house=SIGNED_HOUSE, files=FILES)
    sign(root)
    shop = Folder(root / "releases")
    with shop.claim():
        busy = run_apart("release", "colds", "--root", root, "--today", DAY)
    assert busy.status == 2
    assert "Somebody else is changing the releases there" in busy.err
    assert not tree(root / "releases")
    runs: list[Ran] = []
    both = [
        threading.Thread(
            target=lambda: runs.append(run_apart("release", "colds", "--root", root, "--today", DAY))
        )
        for _ in range(2)
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    told = sorted("is released" in one.out for one in runs)
    assert told == [False, True]
    assert len(register(root).entries) == 1
    assert verify(root).status == 0


# --- An object store -------------------------------------------------------------------------


def test_a_release_in_a_bucket_is_the_one_in_a_folder(once: Path, s3: S3) -> None:  # noqa: F811
    words = ("--root", once, "--shop", s3.address)
    ran = run_apart("release", "colds", *words, "--today", DAY)
    assert ran.status == 0, ran
    assert s3.objects() == tree(once / "releases")
    again = run_apart("release", "colds", *words, "--json")
    assert (again.status, again.data["new"]) == (0, False)
    gone = run_apart("withdraw", "colds", "1.0", "--reason", "It is wrong.", *words)
    assert gone.status == 0, gone
    assert f"{s3.address}/colds/colds-1.0-withdrawn.pdf" in gone.out
    assert run_apart("releases", "verify", *words).status == 0
    # A changed byte there is found, too.
    s3.put(f"colds/1.0/{PDF}", b"%PDF-1.7 forged")
    damaged = run_apart("releases", "verify", *words, "--json")
    assert [one["file"] for one in damaged.data["problems"]] == [f"colds/1.0/{PDF}"]


def test_in_a_bucket_too_one_at_a_time_changes_what_is_there(once: Path, s3: S3) -> None:  # noqa: F811
    for name, data in tree(once / "releases").items():
        if not name.startswith("colds/1.0/press/project"):
            s3.put(name, data)
    words = ("colds", "1.0", "--reason", "A reader asked.", "--shop", s3.address, "--root", once)
    s3.put(".claim", b"another-machine 12")
    busy = run_apart("releases", "review", *words)
    assert busy.status == 2
    assert "Somebody else (another-machine 12) is changing the releases" in busy.err
    s3.delete(".claim")
    # Who takes himself for alone meets the entry that another has written meanwhile.
    s3.put("register/000002.json", b"{}")
    assert run_apart("releases", "review", *words).status == 2
    s3.delete("register/000002.json")
    assert run_apart("releases", "review", *words).status == 0
    assert set(s3.objects()) >= {"register/000002.json"}
