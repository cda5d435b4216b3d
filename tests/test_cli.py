"""Does the command do what its help says, and tell what is wrong as a compiler would?"""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from command import PROJECT, TODAY, build, command, run, run_apart, settings
from json_schema import KEYWORDS, breaches, subschemas
from publisher import BOOKLET, BOOKLET_FILE, HOUSE_FILE, block, changed, with_block, write_publisher
from pypdf import PdfReader

from booklet import fresh

FLU = changed(changed(BOOKLET, "code: HI900", "code: HI901"), "title: All about colds", "title: Flu")
FLU_FILE = "source/booklets/flu/booklet.yaml"
AMERICAN_FILE = "source/booklets/colds/booklet.en-US.yaml"
AMERICAN = 'translation_of: "1.0"\n' + changed(BOOKLET, "language: en-GB", "language: en-US")
UNREADABLE = changed(BOOKLET, "version:", "versoin:")
PDF = "colds/1.0/colds-1.0-en-GB-a5-booklet.pdf"
COLUMNS = ("booklet", "version", "language", "layout", "pages", "verdict", "file")


# --- Exit status and results ---------------------------------------------------------------


def test_a_build_that_passes_ends_with_0_and_shows_a_table(tmp_path: Path) -> None:
    ran = build(write_publisher(tmp_path))
    *_, heading, row = ran.out.rstrip().split("\n")
    assert (ran.status, ran.err) == (0, "")
    assert tuple(heading.split()) == COLUMNS
    assert row.split() == ["colds", "1.0", "en-GB", "a5-booklet", "4", "passed", str(tmp_path / "dist" / PDF)]
    assert (tmp_path / "dist" / PDF).read_bytes().startswith(b"%PDF-")


def test_a_failed_check_ends_with_1(tmp_path: Path) -> None:
    ran = build(write_publisher(tmp_path), "--today", "2029-11-24")
    assert ran.status == 1
    assert "error[review-past]: The review was due on 2029-11-23" in ran.out
    assert re.search(r"colds .* 2 errors .*\.rejected\.pdf", ran.out)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["cold"], "There is no booklet 'cold'.\nhint: did you mean 'colds'?"),
        (["zebra"], "There is no booklet 'zebra'.\nhint: known: colds"),
        (["zebra", "lion"], "There is no booklet 'lion'."),
        (["--language", "cy"], "No booklet has the language 'cy'."),
    ],
)
def test_a_name_that_means_nothing_ends_with_2(tmp_path: Path, words: list[str], told: str) -> None:
    ran = build(write_publisher(tmp_path), *words)
    assert (ran.status, ran.out) == (2, "")
    assert told in ran.err
    asked_as_data = build(tmp_path, *words, "--json")
    assert asked_as_data.status == 2
    assert asked_as_data.data["problems"][0]["message"] in ran.err


def test_options_may_stand_before_the_command(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)

    assert "1 of 1" in run("--root", root, "--today", TODAY, "build", "colds").out
    assert run(f"--root={root}", "--json", "check", "colds", "--today", TODAY).status == 0
    # A value is no command, whatever it is.
    assert "build/colds/1.0" in run("--root", root, "--today", TODAY, "--out", root / "build", "colds").out


def test_an_unknown_layout_ends_with_2_and_names_those_there_are(tmp_path: Path) -> None:
    ran = build(write_publisher(tmp_path), "--layout", "a6")
    assert ran.status == 2
    assert "error[unknown-layout]: There is no layout 'a6'" in ran.out
    assert "hint: known: a4-leaflet, a5-booklet, dl-leaflet, large-print" in ran.out


def test_a_source_that_cannot_be_read_ends_with_2(tmp_path: Path) -> None:
    ran = build(write_publisher(tmp_path, UNREADABLE))
    assert ran.status == 2
    assert re.search(r"colds +– +– +a5-booklet +– +not made +–", ran.out)


def test_one_bad_booklet_fails_alone(tmp_path: Path) -> None:
    ran = build(write_publisher(tmp_path, UNREADABLE, files={FLU_FILE: FLU}), "--json")
    assert ran.status == 2
    assert ran.verdicts == {"colds": "not made", "flu": "passed"}
    assert list(tmp_path.glob("dist/*/*/*.pdf")) == [tmp_path / "dist/flu/1.0/flu-1.0-en-GB-a5-booklet.pdf"]


def test_the_json_says_what_the_table_says(tmp_path: Path) -> None:
    bad = changed(FLU, "next_review: 2029-11-23", "next_review: 2026-11-23")
    ran = build(write_publisher(tmp_path, files={FLU_FILE: bad}), "--json")
    good, flu = ran.data["editions"]
    pdf = tmp_path / "dist" / PDF
    assert set(COLUMNS) < set(good)
    assert (good["booklet"], good["version"], good["language"]) == ("colds", "1.0", "en-GB")
    assert (good["layout"], good["pages"], good["verdict"], good["file"]) == (
        "a5-booklet",
        4,
        "passed",
        str(pdf),
    )
    assert (flu["verdict"], flu["pages"], flu["file"]) == ("not made", None, None)
    assert [(p["code"], p["file"], p["line"], p["column"]) for p in ran.data["problems"]] == [
        ("wrong-date", FLU_FILE, 6, 1)
    ]


def test_ids_choose_booklets_and_a_doubled_one_is_built_once(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={FLU_FILE: FLU})
    assert build(root, "flu", "flu", "--json").verdicts == {"flu": "passed"}
    assert not (tmp_path / "dist/colds").exists()


def test_language_chooses_editions_and_out_says_where_they_go(tmp_path: Path) -> None:
    root = write_publisher(tmp_path / "house", files={AMERICAN_FILE: AMERICAN})
    ran = build(root, "--language", "en-US", "--out", tmp_path / "elsewhere")
    made = [path.name for path in tmp_path.glob("elsewhere/colds/1.0/*.pdf")]
    assert (ran.status, made) == (0, ["colds-1.0-en-US-a5-booklet.pdf"])
    assert not (root / "dist").exists()


def test_layout_builds_one_that_the_booklet_does_not_list(tmp_path: Path) -> None:
    recipe = "extends: base\ndescription: As large as a hand.\n"
    root = write_publisher(tmp_path, files={"layouts/hand/layout.yaml": recipe})
    ran = build(root, "--layout", "hand", "--json")
    assert [edition["layout"] for edition in ran.data["editions"]] == ["hand"]
    assert (tmp_path / "dist/colds/1.0/colds-1.0-en-GB-hand.pdf").is_file()


def test_size_builds_the_layouts_that_have_sizes(tmp_path: Path) -> None:
    named = changed(BOOKLET, "code: HI900", "code: HI900\nlayouts: [a5-booklet, large-print]")
    ran = build(write_publisher(tmp_path, named), "--size", "20", "--json")
    assert [edition["layout"] for edition in ran.data["editions"]] == ["large-print-20pt"]
    pdf = tmp_path / "dist/colds/1.0/colds-1.0-en-GB-large-print-20pt.pdf"
    assert "'/size': '20'" in str(PdfReader(pdf).metadata)
    assert run("check", pdf, "--root", tmp_path, "--today", TODAY).status == 0


def test_a_size_that_no_layout_has_ends_with_2(tmp_path: Path) -> None:
    ran = build(write_publisher(tmp_path), "--size", "20")
    assert ran.status == 2
    assert "No layout of these booklets has sizes of type, so none can have 20 points." in ran.err
    assert "hint: add --layout large-print" in ran.err


@pytest.mark.usefixtures("still")
def test_little_ink_makes_another_edition_without_colour_beside_the_first(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    ran = build(root, "--ink", "low", "--json")
    assert [edition["layout"] for edition in ran.data["editions"]] == ["a5-booklet", "a5-booklet-grey"]
    report = json.loads((tmp_path / "dist/colds/1.0/report.json").read_text(encoding="utf-8"))
    colour, grey = (sum(entry["pages"]) / len(entry["pages"]) for entry in report["ink"])
    assert grey < colour / 2
    assert "a5-booklet-grey.pdf</th>" in (tmp_path / "dist/colds/1.0/report.html").read_text(encoding="utf-8")
    again = build(root, "--ink", "low", "--json")
    assert {edition["verdict"] for edition in again.data["editions"]} == {"passed, unchanged"}
    assert fresh.answered(["--root", str(root), "--today", TODAY, "--ink", "low"]) == 0
    assert fresh.answered(["--root", str(root), "--today", TODAY, "--ink", "high"]) is None


@pytest.mark.usefixtures("still")
def test_a_publishers_own_layouts_and_fonts_come_first(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "fonts", tmp_path / "fonts")
    (tmp_path / "fonts/atkinson-hyperlegible-next").rename(tmp_path / "fonts/own")
    files = {
        "layouts/a5-booklet/layout.yaml": "extends: base\ndescription: Ours.\ndefault: true\nfonts: [own]\n",
        "layouts/a5-booklet/page.css": "@page { size: 150mm 212mm }",
    }
    ran = build(write_publisher(tmp_path, files=files), "--json")
    assert (ran.status, ran.codes) == (0, [])
    page = PdfReader(tmp_path / "dist" / PDF).pages[2]
    assert round(page.mediabox.width / 72 * 25.4) == 150
    known = fresh.load(str(tmp_path / "dist")).files
    assert str(tmp_path / "fonts/own/family.yaml") in known
    assert str(PROJECT / "layouts/base/page.css") in known


# --- Progress ------------------------------------------------------------------------------


def test_progress_in_a_pipe_is_plain_lines(tmp_path: Path) -> None:
    ran = build(write_publisher(tmp_path, files={FLU_FILE: FLU}))
    lines = [line for line in ran.out.split("\n") if " of 2: " in line]
    assert sorted(line.partition(": ")[2] for line in lines) == ["colds, a5-booklet", "flu, a5-booklet"]
    assert [line.partition(":")[0] for line in lines] == ["1 of 2", "2 of 2"]
    assert "\x1b" not in ran.out


def test_progress_on_a_terminal_is_a_live_bar(tmp_path: Path) -> None:
    words = command("build", "--root", write_publisher(tmp_path), "--today", TODAY)
    ours, theirs = pty.openpty()
    environment = settings(TERM="xterm-256color", COLUMNS="200", LINES="50")
    with subprocess.Popen(words, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = "".join(_read_terminal(ours))
    os.close(ours)
    assert process.returncode == 0
    assert "━━" in shown
    assert "0/1" in shown
    wiped, table = "\x1b[2K", shown.rpartition("\x1b[2K")[2]
    assert wiped in shown
    assert re.search(r"colds .* passed", re.sub(r"\x1b\[[\d;]*m", "", table))


def _read_terminal(end: int) -> Iterator[str]:
    while True:
        try:
            data = os.read(end, 65536)
        except OSError:  # so Linux says that nobody writes any more
            return
        if not data:
            return
        yield data.decode(errors="replace")


# --- Faults --------------------------------------------------------------------------------


def test_a_fault_is_shown_with_its_line_a_mark_and_a_hint(tmp_path: Path) -> None:
    ran = build(write_publisher(tmp_path, UNREADABLE))
    assert (
        "error[unknown-key]: There is no key `versoin` here\n"
        f"  --> {BOOKLET_FILE}:4:1\n"
        '  4 | versoin: "1.0"\n'
        "    | ^\n"
        "  hint: did you mean `version`?\n"
    ) in ran.out


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    colds = changed(UNREADABLE, "code: HI900", "code: ")
    flu = changed(FLU, "language: en-GB", "language: English!")
    house = "nmae: The House of Health\n"
    ran = build(write_publisher(tmp_path, colds, house, {FLU_FILE: flu}), "--json")
    told = {(problem["file"], problem["code"]) for problem in ran.data["problems"]}
    assert told >= {
        (BOOKLET_FILE, "unknown-key"),
        (BOOKLET_FILE, "missing-key"),
        (BOOKLET_FILE, "empty-value"),
        (FLU_FILE, "wrong-value"),
        (HOUSE_FILE, "unknown-key"),
        (HOUSE_FILE, "missing-key"),
    }
    assert len(ran.data["problems"]) == len({json.dumps(problem) for problem in ran.data["problems"]})


def test_a_long_line_is_shown_around_its_fault(tmp_path: Path) -> None:
    text = changed(BOOKLET, "go away by themselves.", "go " * 100 + "`away` by " + "themselves " * 30)
    ran = build(write_publisher(tmp_path, text))
    line, mark = next(
        (above, below)
        for above, below in zip(ran.out.split("\n"), ran.out.split("\n")[1:], strict=False)
        if below.strip(" |") == "^"
    )
    assert len(line) < 180
    assert line[mark.index("^") :].startswith(("`away`", "away"))


def test_a_source_line_cannot_move_the_terminals_cursor(tmp_path: Path) -> None:
    ran = build(write_publisher(tmp_path, changed(BOOKLET, "title: All", "title: \x1b[2J\tAll")))
    assert "\x1b" not in ran.out
    assert "  1 | title: \ufffd[2J All about colds\n    |        ^\n" in ran.out


def test_a_fault_in_the_projects_own_files_is_shown_with_its_line(tmp_path: Path) -> None:
    files = {"layouts/a5-booklet/layout.yaml": "extends: base\ndescription: Ours.\nlarge: true\n"}
    ran = build(write_publisher(tmp_path, files=files), "--layout", "a5-booklet")
    assert "  --> layouts/a5-booklet/layout.yaml:3:1\n  3 | large: true\n" in ran.out


def test_a_line_is_shown_of_the_publishers_own_file_alone(tmp_path: Path) -> None:
    ran = build(write_publisher(tmp_path, house=None))
    assert "source/house.yaml:1:1" in ran.out
    assert "Macmillan" not in ran.out


def test_a_link_out_of_the_folder_is_not_followed_to_show_a_line(tmp_path: Path) -> None:
    root = write_publisher(tmp_path / "root")
    (tmp_path / "secret").write_text("hidden: words\n", encoding="utf-8")
    (root / "source/booklets/colds/booklet.yaml").unlink()
    (root / "source/booklets/colds/booklet.yaml").symlink_to(tmp_path / "secret")
    ran = build(root)
    assert ran.status == 2
    assert "is no file in the publisher's folder" in ran.out
    assert "hidden" not in ran.out


@pytest.mark.parametrize(
    "pipe", ["source/booklets/z/booklet.yaml", "dist/colds/1.0/report.json", "dist/.manifest"]
)
def test_a_pipe_in_place_of_a_file_holds_nothing_up(tmp_path: Path, pipe: str) -> None:
    root = write_publisher(tmp_path)
    (root / pipe).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(root / pipe)
    ran = run_apart("build", "--root", root, "--today", TODAY)
    assert ran.status == (2 if "source" in pipe else 0), ran
    assert "colds-1.0-en-GB-a5-booklet.pdf" in ran.out


def test_names_cannot_move_the_terminals_cursor(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={"\x1b[31mx.pdf": "junk"})
    ran = run("check", root / "\x1b[31mx.pdf", "--root", root)
    assert "\x1b" not in ran.out
    assert "\ufffd[31mx.pdf" in ran.out


def test_the_output_folder_is_looked_at_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = build(write_publisher(tmp_path / "root"), "--out", tmp_path / "file")
    assert ran.status == 2
    assert ran.err.startswith("Stopped: ")


@pytest.mark.parametrize(
    ("css", "told"),
    [(b"p { content: attr(", "a rule is broken"), (b"\xff\xfe", "not UTF-8")],
)
def test_a_broken_style_sheet_is_told_by_its_name(tmp_path: Path, css: bytes, told: str) -> None:
    root = write_publisher(tmp_path, files={"layouts/mine/layout.yaml": "extends: base\ndescription: x\n"})
    (root / "layouts/mine/page.css").write_bytes(css)
    ran = build(root, "--layout", "mine", "--json")
    [problem] = ran.data["problems"]
    assert (ran.status, problem["code"], problem["file"]) == (2, "style-fault", "layouts/mine/page.css")
    assert told in problem["message"]


def test_what_a_booklet_asks_for_and_no_layout_has_is_told_at_its_line(tmp_path: Path) -> None:
    text = changed("layouts: [a5-booklt]\n" + BOOKLET, "en-GB", "fr")
    [problem] = build(write_publisher(tmp_path, text), "--json").data["problems"]
    assert (problem["code"], problem["file"], problem["line"]) == ("unknown-layout", BOOKLET_FILE, 1)
    assert problem["hint"] == "did you mean 'a5-booklet'?"
    write_publisher(tmp_path, changed(text, "a5-booklt", "a5-booklet"))
    [problem] = build(tmp_path, "--json").data["problems"]
    assert (problem["code"], problem["file"], problem["line"]) == ("unknown-language", BOOKLET_FILE, 4)


# --- Never a traceback ---------------------------------------------------------------------


def test_a_folder_without_a_source_is_told_with_what_to_do(tmp_path: Path) -> None:
    ran = build(tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        f"There is no booklet in {tmp_path}/source/booklets: No such file or directory.\n"
        "hint: make_booklet.py new my-booklet\n"
    )


def test_an_empty_folder_of_booklets_is_told(tmp_path: Path) -> None:
    (tmp_path / "source/booklets").mkdir(parents=True)
    assert build(tmp_path).err.startswith(f"There is no booklet in {tmp_path}/source/booklets.\nhint: ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may read nothing")
def test_a_folder_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    assert build(write_publisher(tmp_path), "--language", "xx").status == 2
    # By now all that the command needs is loaded: the other user may not read the program either.
    tmp_path.chmod(0)
    os.seteuid(65534)
    try:
        ran = build(tmp_path)
    finally:
        os.seteuid(0)
    assert ran.status == 2
    # Python 3.13 looks into folders in another way, so that one or the other sentence tells it.
    assert ran.err.startswith(("Stopped: Permission denied: ", "There is no booklet in "))
    assert "Permission denied" in ran.err
    assert str(tmp_path) in ran.err


def test_a_missing_house_is_told_once(tmp_path: Path) -> None:
    ran = build(write_publisher(tmp_path, house=None, files={FLU_FILE: FLU}), "--json")
    assert ran.status == 2
    assert [(problem["code"], problem["file"]) for problem in ran.data["problems"]] == [
        ("missing-file", HOUSE_FILE)
    ]


def test_a_file_in_the_place_of_the_folder_of_editions_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    ran = build(write_publisher(tmp_path / "house"), "--out", tmp_path / "taken")
    assert ran.status == 2
    assert f"{tmp_path / 'taken'}" in ran.err
    assert ran.err.startswith("Stopped: ")


def test_an_edition_that_cannot_be_written_fails_alone(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={FLU_FILE: FLU, "dist/colds": "in the way"})
    ran = build(root, "--json")
    assert ran.status == 2
    assert ran.verdicts == {"colds": "not made", "flu": "passed"}
    assert ran.codes == ["not-made"]
    assert "dist/colds" in ran.data["problems"][0]["message"]


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"\xff\xfe", b"[]", b'{"problems": 3}', b'{"problems": [3, null]}', b"[" * 100_000],
)
def test_a_damaged_report_is_written_anew(tmp_path: Path, damage: bytes) -> None:
    root = write_publisher(tmp_path, files={"dist/colds/1.0/report.json": damage})
    assert build(root).status == 0
    assert json.loads((root / "dist/colds/1.0/report.json").read_bytes())["problems"] == []


def test_a_folder_in_the_place_of_the_report_is_told(tmp_path: Path) -> None:
    (tmp_path / "dist/colds/1.0/report.json").mkdir(parents=True)
    ran = build(write_publisher(tmp_path))
    assert ran.status == 2
    assert "report.json" in ran.err


def test_a_template_that_cannot_be_filled_is_told_with_its_line(tmp_path: Path) -> None:
    files = {
        "layouts/hand/layout.yaml": "extends: base\ndescription: As large as a hand.\n",
        "layouts/hand/matter/cover.html": "<h1>{{ booklet.title }}</h1>\n<p>{{ booklet.slogan }}</p>\n",
    }
    ran = build(write_publisher(tmp_path, files=files), "--layout", "hand")
    assert ran.status == 2
    assert "error[template-fault]" in ran.out
    assert "slogan" in ran.out
    assert "  --> layouts/hand/matter/cover.html:2:1\n  2 | <p>{{ booklet.slogan }}</p>\n" in ran.out


def test_a_terminal_without_the_letters_still_gets_an_answer(tmp_path: Path) -> None:
    root = write_publisher(tmp_path / "präß", UNREADABLE)
    ran = run_apart("build", "--root", root, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert ran.status == 2
    assert "unknown-key" in ran.out
    assert ran.err == ""


def test_a_reader_that_goes_away_is_no_fault() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = command("schema", "booklet")
    ran = subprocess.run(words, stdout=writer, stderr=subprocess.PIPE, env=settings(), text=True, check=False)
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (141, "")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_is_at_once_and_keeps_what_was_finished(tmp_path: Path, how: signal.Signals) -> None:
    short = Path(tempfile.mkdtemp())  # a socket's path has little room
    names = [f"cold-{number}" for number in range(8)]
    files = {
        f"source/booklets/{name}/booklet.yaml": changed(BOOKLET, "code: HI900", f"code: {name}")
        for name in names
    }
    root = write_publisher(tmp_path / "root", booklet=None, files=files)
    words = command("build", "--root", root, "--today", TODAY)
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=settings(PYTHONUNBUFFERED="1", TMPDIR=str(short)),
        start_new_session=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("1 of 8: ")
        # Ctrl-C goes to all that a terminal started, the others to the command alone.
        (os.killpg if how is signal.SIGINT else os.kill)(process.pid, how)
        _, told = process.communicate()
    short.rmdir()
    assert process.returncode == 130
    assert told == "Stopped. What was finished is whole; run the same command to go on.\n"
    made = {path.parts[-3] for path in root.glob("dist/*/1.0/*.pdf")}
    assert 0 < len(made) < len(names)
    assert all(path.read_bytes().rstrip().endswith(b"%%EOF") for path in root.glob("dist/*/1.0/*.pdf"))
    again = build(root, "--json").verdicts
    assert set(again.values()) == {"passed", "passed, unchanged"}
    assert {name for name, verdict in again.items() if verdict == "passed, unchanged"} <= made


# --- check ---------------------------------------------------------------------------------


def test_check_reads_finished_files_again(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    build(root)
    for word in ("colds", root / "dist" / PDF):
        ran = run("check", word, "--root", root, "--today", TODAY)
        assert ran.status == 0
        assert ran.out.split("\n")[-3].split() == ["booklet", "version", "pages", "verdict", "file"]
        assert ran.out.split("\n")[-2].split() == ["colds", "1.0", "4", "passed", str(root / "dist" / PDF)]


def test_check_finds_a_source_that_says_something_else_by_now(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    build(root)
    (root / BOOKLET_FILE).write_text(changed(BOOKLET, "by themselves", "in a week"), encoding="utf-8")
    ran = run("check", "colds", "--root", root, "--today", TODAY, "--json")
    assert ran.status == 1
    assert "words-missing" in ran.codes
    assert [problem["file"] for problem in ran.data["problems"]].count(BOOKLET_FILE) > 0
    assert {problem["pdf"] for problem in ran.data["problems"]} == {Path(PDF).name}


def test_check_of_what_is_no_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "folder.pdf").mkdir()
    ran = run("check", tmp_path / "folder.pdf", "--root", write_publisher(tmp_path))
    assert (ran.status, ran.err) == (2, f"'{tmp_path}/folder.pdf' is there, but it is no file.\n")


@pytest.mark.parametrize("word", ["zebra", "zebra.pdf", "../colds", "*", ".pdf", ""])
def test_check_of_nothing_ends_with_2(tmp_path: Path, word: str) -> None:
    ran = run("check", word, "--root", write_publisher(tmp_path))
    assert (ran.status, ran.out) == (2, "")
    assert f"There is no file '{word}', and no edition of a booklet '{word}'" in ran.err


def test_check_of_what_is_no_booklet_ends_with_2_and_of_the_others_goes_on(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={"junk.pdf": "%PDF-1.7 junk"})
    build(root)
    ran = run("check", root / "junk.pdf", "colds", "--root", root, "--today", TODAY)
    assert ran.status == 2
    assert "error[pdf-unreadable]" in ran.out
    assert re.search(r"– +– +– +not checked +\S+junk\.pdf", ran.out)
    assert re.search(r"colds +1\.0 +4 +passed", ran.out)


def test_check_of_a_file_that_names_no_booklet_as_one_that_is_named(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={FLU_FILE: FLU})
    build(root)
    for name, booklet in {PDF: "flu", PDF.replace("colds", "flu"): "colds"}.items():
        ran = run("check", root / "dist" / name, "--booklet", booklet, "--root", root, "--today", TODAY)
        assert ran.status == 1
        assert f"but the source '{booklet}'" in ran.out
        assert re.search(rf"{booklet} +1\.0 +4 +\d+ errors", ran.out)
    ran = run("check", root / "dist" / PDF, "--booklet", "colds", "--root", root, "--today", TODAY, "--json")
    assert (ran.status, ran.codes) == (0, [])


@pytest.mark.parametrize(
    ("word", "booklet", "told"),
    [
        (PDF, "cold", "There is no booklet 'cold'.\nhint: did you mean 'colds'?\n"),
        (PDF, "", "There is no booklet ''.\nhint: known: colds\n"),
        (
            "colds",
            "colds",
            (
                "--booklet says which booklet a PDF file should be, and 'colds' is no PDF file.\n"
                "hint: check FILE.pdf --booklet colds\n"
            ),
        ),
    ],
)
def test_a_booklet_that_no_file_can_be_ends_with_2(
    tmp_path: Path, word: str, booklet: str, told: str
) -> None:
    root = write_publisher(tmp_path, files={f"dist/{PDF}": "%PDF-1.7 junk"})
    named = root / "dist" / PDF if word == PDF else word
    ran = run("check", named, "--booklet", booklet, "--root", root)
    assert (ran.status, ran.out, ran.err) == (2, "", told)
    asked_as_data = run("check", named, "--booklet", booklet, "--root", root, "--json")
    assert asked_as_data.data["problems"][0]["message"] in told


def test_check_leaves_rejected_files_alone(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    build(root, "--today", "2030-01-01")
    assert run("check", "colds", "--root", root).status == 2


# --- schema --------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["booklet", "house", "clinic"])
def test_schema_prints_a_json_schema_that_explains_itself(what: str) -> None:
    ran = run("schema", what)
    schema = ran.data
    assert ran.status == 0
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["type"] == "object"
    assert schema["description"]
    for part in subschemas(schema):
        assert set(part) <= KEYWORDS, part
        assert "$ref" not in part or part["$ref"].removeprefix("#/$defs/") in schema["$defs"]


def test_the_booklets_keep_to_the_schema() -> None:
    schema = run("schema", "booklet").data
    paths = sorted(PROJECT.glob("source/booklets/*/booklet.yaml"))
    assert len(paths) >= 3
    for path in paths:
        assert list(breaches(_as_an_editor_reads(path), schema, schema)) == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (with_block(block("questions", items="[Why]")), None),
        (UNREADABLE, "version"),
        (with_block(block("questions", items="[Why]", lines="0")), "content"),
        (with_block(block("callout", tone="shrill")), "content"),
        (changed(BOOKLET, "language: en-GB", "language: English"), "language"),
    ],
)
def test_a_faulty_booklet_does_not_keep_to_the_schema(tmp_path: Path, text: str, key: str | None) -> None:
    schema = run("schema", "booklet").data
    path = tmp_path / "booklet.yaml"
    path.write_text(text, encoding="utf-8")
    assert next(breaches(_as_an_editor_reads(path), schema, schema), None) == key


def test_the_house_keeps_to_the_schema_and_a_faulty_one_does_not() -> None:
    schema = run("schema", "house").data
    house = _as_an_editor_reads(PROJECT / "source/house.yaml")
    assert list(breaches(house, schema, schema)) == []
    assert list(breaches({**house, "nmae": "x"}, schema, schema)) == ["nmae"]
    assert list(breaches({**house, "name": 3}, schema, schema)) == ["name"]


class _Editor(yaml.SafeLoader):
    """YAML as an editor's plug-in reads it: dates are texts."""


_Editor.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if not tag.endswith(":timestamp")]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _as_an_editor_reads(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), _Editor)


# --- Help and words ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--help"], ["usage: make_booklet.py", "build", "check", "schema", "new", "test", "Exit status: 0"]),
        (
            ["build", "--help"],
            [
                "--layout NAME",
                "--size POINTS",
                "--ink {low}",
                "--language LANG",
                "--out DIR",
                "--root DIR",
                "--today DATE",
            ],
        ),
        (["colds", "--help"], ["usage: make_booklet.py build"]),
        (["check", "--help"], ["ID|FILE.pdf", "a booklet's id, or a PDF file"]),
        (["schema", "--help"], ["{booklet,house,clinic}"]),
        (["new", "--help"], ["small letters, digits and hyphens"]),
    ],
)
def test_help_tells_what_can_be_typed(words: list[str], told: list[str]) -> None:
    ran = run(*words)
    assert ran.status == 0
    assert [text for text in told if text not in ran.out] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["build", "--today", "tomorrow"], "'tomorrow' is no date; write 2026-11-23"),
        (["--out", "ftp://shop/dist"], "only addresses that begin with s3:// or file:/// can be written to"),
        (["--today", "2026-02-30"], "'2026-02-30' is no date; write 2026-11-23"),
        (["--layuot", "x"], "--layuot"),
        (["--size", "18pt"], "'18pt' is no size; write whole points, for example 18"),
        (["--ink", "high"], "invalid choice: 'high'"),
        (["schema", "leaflet"], "leaflet"),
        (["check"], "ID|FILE.pdf"),
        (["new"], "ID"),
    ],
)
def test_a_word_that_cannot_be_typed_there_ends_with_2(words: list[str], told: str) -> None:
    ran = run(*words)
    assert ran.status == 2
    assert told in ran.err
    assert fresh.answered(words) is None


@pytest.mark.parametrize("name", ["check", "new"])
def test_an_option_may_have_a_commands_name_for_its_value(tmp_path: Path, name: str) -> None:
    root = write_publisher(tmp_path / "house")
    ran = run("--root", root, "--today", TODAY, "--out", tmp_path / name, "colds")
    assert ran.status == 0
    assert (tmp_path / name / PDF).is_file()


def test_the_tests_are_run_from_the_project() -> None:
    assert "python3 make_booklet.py test" in run("test", "tests/test_cli.py").err
