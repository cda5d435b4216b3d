"""Is nothing made again without need, and everything that has changed?"""

import os
import shutil
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from command import PROJECT, TODAY, build, run_apart, settings
from publisher import (
    BOOKLET,
    BOOKLET_FILE,
    DRAWING,
    HOUSE_FILE,
    PICTURE_FILE,
    block,
    changed,
    with_block,
    write_publisher,
)

from booklet import fresh
from booklet.build import Memory, Request, jobs_of
from booklet.source import Source

COLDS = with_block(block("shared"), with_block(block("figure"), with_block("See [flu](booklet:flu).")))
FLU = changed(changed(BOOKLET, "code: HI900", "code: HI901"), "title: All about colds", "title: Flu")
FLU_FILE = "source/booklets/flu/booklet.yaml"
SHARED_FILE = "source/shared/emergency.yaml"
PDF = "dist/colds/1.0/colds-1.0-en-GB-a5-booklet.pdf"
REPORT = "dist/colds/1.0/report.json"
FONT_FILE = "fonts/atkinson-hyperlegible-next/AtkinsonHyperlegibleNext_400Regular.ttf"
BOTH = {"colds", "flu"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publisher's folder with layouts and fonts of its own and two booklets, just built.

    The tests leave it as they found it.
    """
    files = {FLU_FILE: FLU, PICTURE_FILE: DRAWING, SHARED_FILE: block("callout")}
    root = write_publisher(tmp_path_factory.mktemp("built"), COLDS, files=files)
    for folder in ("layouts", "fonts"):
        shutil.copytree(PROJECT / folder, root / folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fresh, "STILL", 0)
        assert build(root).status == 0
    return root


def answered(root: Path, *words: object) -> bool:
    """Is the run answered at once, because nothing has changed?"""
    today = () if "--today" in words else ("--today", TODAY)
    status = fresh.answered(["--root", str(root), *today, *map(str, words)])
    assert status in (0, None)
    return status == 0


def made_again(root: Path, *ids: str, today: str = TODAY) -> set[str]:
    """The booklets of which a build would make an edition again."""
    request = Request((root, PROJECT), root / "dist", ids, today=date.fromisoformat(today))
    source = Source(root)
    memory = Memory(request, source, time.time_ns())
    return {job.booklet for job in jobs_of(request, source) if not memory.unchanged(job)}


def test_what_was_made_before_the_program_was_killed_is_not_made_again(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, BOOKLET, files={FLU_FILE: FLU})
    script = f"""
import os, signal
from booklet import batch, cli, commands_build, fresh
commands_build.KEEP_EVERY = fresh.STILL = 0
whole = batch.run_all
def killed(*asked):
    yield next(whole(*asked))
    os.kill(os.getpid(), signal.SIGKILL)
batch.run_all = killed
cli.main(["build", "--root", {str(root)!r}, "--today", {TODAY!r}])
"""
    ended = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL
    assert len(list(root.glob("dist/*/*/*.pdf"))) >= 1
    assert len(made_again(root)) == 1


# --- Nothing has changed -------------------------------------------------------------------


def test_a_warning_is_not_forgotten(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, changed(BOOKLET, "2029-11-23", "2033-11-23"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fresh, "STILL", 0)
        assert build(root, "--json").verdicts == {"colds": "passed, 1 warning"}
    again = build(root, "--json")
    assert again.verdicts == {"colds": "passed, 1 warning, unchanged"}
    assert again.codes == ["review-far"]
    ran = subprocess.run(
        [sys.executable, PROJECT / "make_booklet.py", "--root", root, "--today", TODAY],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.endswith("dist (1 warning is in the report.json beside them)\n")


@pytest.mark.parametrize(("output", "status"), [("/dev/full", 2), ("pipe", 141)])
def test_an_answer_that_nobody_can_read_is_no_traceback(built: Path, output: str, status: int) -> None:
    command = f'"{sys.executable}" -u "{PROJECT}/make_booklet.py" --root "{built}" --today {TODAY}'
    shell = (
        f"{command} > /dev/full"
        if output == "/dev/full"
        else f"{{ sleep 1; {command}; }} | true; exit ${{PIPESTATUS[0]}}"
    )
    ran = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert ran.returncode == status
    assert "Traceback" not in ran.stderr


def test_a_second_run_says_that_nothing_has_changed(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(built)
    said = f"Nothing has changed: 2 editions are up to date and checked, in {built / 'dist'}\n"
    assert capsys.readouterr().out == said
    assert made_again(built) == set()
    assert build(built, "--json").verdicts == {"colds": "passed, unchanged", "flu": "passed, unchanged"}


def test_the_folder_is_named_as_one_would_type_it(
    built: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(built)
    assert fresh.answered(["build", "--root=.", f"--today={TODAY}"]) == 0
    assert capsys.readouterr().out.endswith(", in dist\n")


def test_an_answer_needs_no_current_folder(
    built: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    assert answered(built)


def test_an_answer_imports_nothing_but_a_little_of_the_standard_library(built: Path) -> None:
    _start(PROJECT / "make_booklet.py", "--root", built, "--today", TODAY)  # Python may write its caches
    told, imported = _start(PROJECT / "make_booklet.py", "--root", built, "--today", TODAY)
    _, always = _start("-c", "")
    assert told.startswith("Nothing has changed: 2 editions")
    for_the_day = {"datetime", "_datetime", "math", "operator", "_operator"}  # which --today asks for
    assert imported - always - for_the_day == {"booklet", "booklet.fresh", "zlib"}


def _start(*words: object) -> tuple[str, set[str]]:
    """What Python says when it is started with these words, and the modules that it imports."""
    others = ("PYTHON", "COVERAGE")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    line = [sys.executable, "-X", "importtime", *map(str, words)]
    ran = subprocess.run(line, capture_output=True, text=True, env=plain, check=True)
    return ran.stdout, {each.rpartition("|")[2].strip() for each in ran.stderr.splitlines()[1:]}


# --- Something has changed -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "stale"),
    [
        (BOOKLET_FILE, {"colds"}),
        (PICTURE_FILE, {"colds"}),
        (SHARED_FILE, {"colds"}),
        (FLU_FILE, BOTH),  # colds prints its title
        (HOUSE_FILE, BOTH),
        ("layouts/a5-booklet/layout.yaml", BOTH),
        ("layouts/a5-booklet/page.css", BOTH),
        ("layouts/base/page.css", BOTH),
        ("layouts/base/words/en.yaml", BOTH),
        ("layouts/base/matter/cover.html", BOTH),
        ("layouts/base/icons/tip.svg", BOTH),
        ("fonts/atkinson-hyperlegible-next/family.yaml", BOTH),
        (FONT_FILE, BOTH),
    ],
)
def test_a_changed_file_is_noticed_by_what_depends_on_it(built: Path, file: str, stale: set[str]) -> None:
    path = built / file
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    assert not answered(built)
    assert made_again(built) == stale
    path.write_bytes(before)
    assert answered(built)
    assert made_again(built) == set()


@pytest.mark.parametrize(
    ("file", "text", "stale"),
    [
        ("source/booklets/sneezes/booklet.yaml", changed(BOOKLET, "HI900", "HI902"), {"sneezes"}),
        ("source/booklets/colds/booklet.en-US.yaml", 'translation_of: "1.0"\n' + COLDS, {"colds"}),
        ("layouts/base/icons/new.svg", DRAWING, BOTH),
        ("layouts/a5-booklet/blocks/text.html", "", BOTH),
        ("layouts/base/words/en-GB.yaml", "contents: What is inside\n", BOTH),
        ("layouts/hand/layout.yaml", "extends: base\ndescription: Small.\ndefault: true\n", BOTH),
        ("fonts/atkinson-hyperlegible-next/more.ttf", "", BOTH),
    ],
)
def test_a_new_file_is_noticed(built: Path, file: str, text: str, stale: set[str]) -> None:
    path = built / file
    new_folder = not path.parent.exists()
    write_publisher(built, None, None, {file: text})
    assert not answered(built)
    assert made_again(built) == stale
    path.unlink()
    if new_folder:
        path.parent.rmdir()
    assert answered(built)


@pytest.mark.parametrize("file", ["source/booklets/sneezes/notes.txt", "layouts/base/.page.css.swp"])
def test_a_file_that_means_nothing_makes_no_edition_again(built: Path, file: str) -> None:
    write_publisher(built, None, None, {file: "scribble"})
    assert made_again(built) == set()
    (built / file).unlink()
    if "sneezes" in file:
        (built / file).parent.rmdir()


@pytest.mark.usefixtures("still")
def test_layouts_that_a_publisher_begins_to_have_are_noticed(tmp_path: Path) -> None:
    build(write_publisher(tmp_path))
    assert answered(tmp_path)
    recipe = "extends: base\ndescription: Ours.\ndefault: true\n"
    write_publisher(tmp_path, files={"layouts/a5-booklet/layout.yaml": recipe})
    assert not answered(tmp_path)
    assert made_again(tmp_path) == {"colds"}


def test_a_changed_program_is_noticed(tmp_path: Path) -> None:
    press, root = tmp_path / "press", write_publisher(tmp_path / "house")
    for folder in ("booklet", "layouts", "fonts"):
        shutil.copytree(PROJECT / folder, press / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "requirements.lock", press)
    assert run_apart("build", "--root", root, "--today", TODAY, project=press).status == 0
    for file in ("booklet/problem.py", "booklet/fontconfig.xml", "requirements.lock"):
        path = press / file
        before = path.read_bytes()
        assert _answered_by(press, root)
        path.write_bytes(before + b"\n")
        assert not _answered_by(press, root)
        path.write_bytes(before)
    (press / "booklet/checks/new.py").touch()
    assert not _answered_by(press, root)


def _answered_by(press: Path, root: Path) -> bool:
    ask = f"from booklet import fresh; print(fresh.answered(['--root', {str(root)!r}, '--today', '{TODAY}']))"
    words = [sys.executable, "-P", "-c", ask]
    ran = subprocess.run(words, env=settings(press), capture_output=True, text=True, check=True)
    return ran.stdout.split("\n")[-2] == "0"


# --- The editions themselves ---------------------------------------------------------------


def _remove(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _edit_in_secret(path: Path) -> None:
    """Change one byte, and leave size and date as they were."""
    found, data = path.stat(), path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("spoil", [_remove, _cut, _edit_in_secret])
@pytest.mark.parametrize("file", [PDF, REPORT])
def test_a_spoiled_edition_is_made_again(built: Path, file: str, spoil: Callable[[Path], None]) -> None:
    before = (built / file).read_bytes()
    spoil(built / file)
    assert not answered(built)
    assert build(built, "--json").verdicts == {"colds": "passed", "flu": "passed, unchanged"}
    assert (built / file).read_bytes() == before
    assert answered(built)


def test_what_was_only_touched_is_not_made_again_and_not_hashed_twice(built: Path) -> None:
    path = built / BOOKLET_FILE
    os.utime(path)
    known = fresh.load(str(built / "dist")).files[str(path)]
    assert known[0] != fresh.stamp_of(str(path))
    assert answered(built)
    assert fresh.load(str(built / "dist")).files[str(path)] == (fresh.stamp_of(str(path)), known[1])


def test_an_answer_does_not_depend_on_being_remembered(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(built / BOOKLET_FILE)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", _refuse)
        assert answered(built)
    assert [path.name for path in (built / "dist").iterdir() if path.name.startswith(".")] == [".manifest"]


def _refuse(*_paths: object) -> None:
    raise OSError(28, "No space left on device")


# --- Days ----------------------------------------------------------------------------------


def test_the_end_of_the_certificate_is_noticed(built: Path) -> None:
    assert answered(built, "--today", "2027-05-31")
    assert not answered(built, "--today", "2027-06-01")
    assert made_again(built, today="2027-06-01") == BOTH


@pytest.mark.usefixtures("still")
def test_the_review_day_is_noticed(tmp_path: Path) -> None:
    text = "quality_mark: false\nquality_mark_reason: A draft.\n" + BOOKLET
    build(write_publisher(tmp_path, text, "name: The House of Health\n"))
    assert answered(tmp_path, "--today", "2029-11-23")
    assert not answered(tmp_path, "--today", "2029-11-24")


@pytest.mark.usefixtures("still")
def test_what_failed_is_made_again_each_time(tmp_path: Path) -> None:
    write_publisher(tmp_path, files={FLU_FILE: changed(FLU, "2029-11-23", "2027-01-31")})
    for _ in range(2):
        ran = build(tmp_path, "--today", "2027-02-01", "--json")
        assert (ran.status, ran.codes) == (1, ["review-past"])
        assert not answered(tmp_path, "--today", "2027-02-01")
    assert ran.verdicts == {"colds": "passed, unchanged", "flu": "1 error"}
    assert not answered(tmp_path, "flu", "--today", "2026-11-24")


@pytest.mark.usefixtures("still")
def test_a_failing_layout_does_not_make_the_other_be_made_again(tmp_path: Path) -> None:
    files = {"layouts/hand/layout.yaml": "extends: base\ndescription: As large as a hand.\n"}
    write_publisher(tmp_path, "layouts: [a5-booklet, hand]\n" + BOOKLET, files=files)
    verdicts = []
    for hidden in ("h2", "li", "p"):
        (tmp_path / "layouts/hand/page.css").write_text(hidden + " { display: none }", encoding="utf-8")
        ran = build(tmp_path, "--json")
        verdicts.append([edition["verdict"] for edition in ran.data["editions"]])
        assert ran.status == 1
    assert [first for first, _ in verdicts] == ["passed", "passed, unchanged", "passed, unchanged"]
    assert all("error" in second for _, second in verdicts)


# --- The manifest --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damaged",
    [
        lambda data: data[:0],
        lambda data: b"\xff\xfe" + data,
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"2027-05-31", b"2097-05-31"),
        lambda data: data + b"\nrequest\tx",
        lambda data: data.replace(fresh.TYPE.encode(), b"booklet manifest 0"),
        lambda data: b"\n".join((*data.split(b"\n", 2)[:1], b"many", data.split(b"\n", 2)[2])),
    ],
)
def test_a_damaged_manifest_is_worth_nothing(built: Path, damaged: Callable[[bytes], bytes]) -> None:
    path = built / "dist/.manifest"
    whole = path.read_bytes()
    path.write_bytes(damaged(whole))
    assert path.read_bytes() != whole
    assert not answered(built)
    assert made_again(built) == BOTH
    path.write_bytes(whole)
    assert answered(built)


def test_a_manifest_of_the_right_sum_but_the_wrong_form_is_worth_nothing(tmp_path: Path) -> None:
    for text in (b"", b"a\tb\nc\nd", b"a\nb\nc\ngroup\t7", b"a\nb\nc\nedition\tkey", b"a\nb\nc\nwhat\tever"):
        whole = b"%s\n%d\n%s" % (fresh.TYPE.encode(), zlib.crc32(text), text)
        (tmp_path / fresh.NAME).write_bytes(whole)
        assert fresh.load(str(tmp_path)).targets == {}
        assert not answered(tmp_path, "--out", tmp_path)


@pytest.mark.usefixtures("still")
def test_a_folder_in_the_place_of_the_manifest_is_told(tmp_path: Path) -> None:
    (tmp_path / "dist/.manifest").mkdir(parents=True)
    ran = build(write_publisher(tmp_path))
    assert ran.status == 2
    assert ran.err.startswith("Stopped: ")
    assert ".manifest" in ran.err


@pytest.mark.usefixtures("still")
def test_names_that_break_lines_are_made_again_rather_than_confused(tmp_path: Path) -> None:
    root = write_publisher(tmp_path / "tab\tand\nline")
    assert build(root).status == 0
    assert not answered(root)
    assert build(root, "--json").verdicts == {"colds": "passed"}


# --- Several requests ----------------------------------------------------------------------


@pytest.mark.usefixtures("still")
def test_two_requests_do_not_disturb_one_another(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={FLU_FILE: FLU})
    assert build(root, "flu", "--json").verdicts == {"flu": "passed"}
    assert answered(root, "flu")
    assert not answered(root)
    assert build(root, "--json").verdicts == {"colds": "passed", "flu": "passed, unchanged"}
    assert answered(root)
    assert answered(root, "flu")
    assert not answered(root, "colds")  # never asked for alone
    assert not answered(root, "--language", "en-GB")


@pytest.mark.usefixtures("still")
def test_one_booklet_made_anew_does_not_hide_that_the_others_are_stale(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={FLU_FILE: FLU})
    build(root)
    house = root / HOUSE_FILE
    house.write_text(house.read_text(encoding="utf-8") + "phone: 0800 111 222\n", encoding="utf-8")
    assert build(root, "flu", "--json").verdicts == {"flu": "passed"}
    assert answered(root, "flu")
    assert not answered(root)
    assert build(root, "--json").verdicts == {"colds": "passed", "flu": "passed, unchanged"}
    assert answered(root)


@pytest.mark.usefixtures("still")
def test_one_booklet_made_anew_does_not_hide_a_new_layout_from_the_others(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={FLU_FILE: FLU})
    build(root)
    recipe = "extends: base\ndescription: As large as a hand.\ndefault: true\n"
    write_publisher(tmp_path, files={FLU_FILE: FLU, "layouts/hand/layout.yaml": recipe})
    build(root, "flu")
    assert answered(root, "flu")
    assert not answered(root)
    assert made_again(root) == {"colds"}


@pytest.mark.usefixtures("still")
def test_two_publishers_with_one_folder_of_editions_are_not_confused(tmp_path: Path) -> None:
    out = tmp_path / "editions"
    one = write_publisher(tmp_path / "one")
    other = write_publisher(tmp_path / "other", changed(BOOKLET, "by themselves", "in a week"))
    assert build(one, "--out", out, "--json").verdicts == {"colds": "passed"}
    assert not answered(other, "--out", out)
    assert build(other, "--out", out, "--json").verdicts == {"colds": "passed"}
    assert not answered(one, "--out", out)


def test_a_copy_of_the_editions_is_not_taken_for_the_editions(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built / "dist", tmp_path / "copy")
    assert not answered(built, "--out", tmp_path / "copy")
    ran = build(built, "--out", tmp_path / "copy", "--json")
    assert ran.verdicts == {"colds": "passed", "flu": "passed"}


def test_a_link_to_the_publishers_folder_is_the_folder(built: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(built)
    assert answered(tmp_path / "link")


# --- While it is read ----------------------------------------------------------------------


def test_a_file_that_may_have_changed_while_it_was_read_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "STILL", 3600 * 10**9)
    root = write_publisher(tmp_path)
    for path in root.rglob("*.yaml"):
        os.utime(path, (0, 0))  # as if moved here from elsewhere
    assert build(root, "--json").verdicts == {"colds": "passed"}
    assert not answered(root)
    assert build(root, "--json").verdicts == {"colds": "passed"}


def test_a_file_changed_before_the_build_is_known_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    changed_at = path.stat().st_ctime_ns
    assert fresh.changed_since(str(path), changed_at)
    assert not fresh.changed_since(str(path), changed_at + fresh.STILL + 1)
    assert fresh.changed_since(str(tmp_path / "gone"), changed_at + fresh.STILL + 1)


# --- What is asked -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["check", "colds"],
        ["build", "build"],
        ["schema", "booklet"],
        ["new", "colds"],
        ["test"],
        ["--help"],
        ["-h"],
        ["--json"],
        ["--layout"],
        ["--layout", "a5-booklet", "--layout", "a5-booklet"],
        ["--today", "today"],
        ["--today", "2026-02-30"],
        ["--today"],
    ],
)
def test_everything_but_a_plain_build_is_left_to_the_command(built: Path, words: list[str]) -> None:
    assert fresh.answered(words) is None
    assert fresh.answered(["--root", str(built), *words]) is None


@pytest.mark.parametrize(
    "words",
    [
        ["build", "--today", TODAY],
        ["--today", TODAY, "build"],
        [f"--today={TODAY}"],
        ["--today", TODAY.replace("-", "")],
    ],
)
def test_the_ways_to_ask_for_a_plain_build_are_the_same(built: Path, words: list[str]) -> None:
    assert fresh.answered([*words, "--root", str(built)]) == 0
    assert fresh.answered(["--root", str(built), *words]) == 0
