"""Is what was found shown in few words, and kept until it is found out anew?"""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from command import TODAY, build
from publisher import BOOKLET, changed, write_publisher
from rich.console import Console

from booklet.make import Job, Made
from booklet.problem import NOWHERE, Problem, Severity, Where, worst
from booklet.report import judgement, keep, show_problems, show_table, source_line, verdict

ERROR = Problem("words-missing", "It is missing", Where("source/a.yaml", 2, 3), "Look")
WARNING = Problem("review-far", "It is far", severity=Severity.WARNING)
ADVICE = Problem("long", "It is long", severity=Severity.ADVICE)
RECIPE = "extends: base\ndescription: As large as a hand.\n"


def job(booklet: str = "colds") -> Job:
    """A job of no importance."""
    return Job((), Path("/out"), booklet, "", "a5-booklet", date.fromisoformat(TODAY))


def shown(*problems: Problem, root: Path = Path("/nowhere")) -> str:
    """What is shown of problems."""
    out = io.StringIO()
    show_problems(problems, (root,), Console(file=out, width=300))
    return out.getvalue()


@pytest.mark.parametrize(
    ("problems", "words"),
    [
        ((), "passed"),
        ((ADVICE,), "passed, 1 × advice"),
        ((WARNING,), "passed, 1 warning"),
        ((WARNING, ADVICE, WARNING), "passed, 2 warnings, 1 × advice"),
        ((WARNING, ERROR), "1 error, 1 warning"),
        ((ERROR, ERROR), "2 errors"),
    ],
)
def test_a_verdict_counts_what_was_found(problems: tuple[Problem, ...], words: str) -> None:
    assert judgement(problems) == words
    assert verdict(Made(job(), problems, pages=4)) == words
    assert verdict(Made(job(), problems)) == "not made"


def test_the_gravest_severity_is_known() -> None:
    assert worst((ADVICE, ERROR, WARNING)) is Severity.ERROR
    assert worst((ADVICE, WARNING)) is Severity.WARNING
    assert worst(()) is None
    assert str(NOWHERE) == ":0:0"


def test_a_problem_is_shown_with_the_file_the_page_and_the_place(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/a.yaml").write_text("title: A\nb: cold\n", encoding="utf-8")
    problem = Problem("words-missing", "It is [missing]", ERROR.where, "Look", pdf="a.pdf", page=7)
    assert shown(problem, root=tmp_path) == (
        "error[words-missing]: It is [missing]\n"
        "  in a.pdf, page 7\n"
        "  --> source/a.yaml:2:3\n"
        "  2 | b: cold\n"
        "    |   ^\n"
        "  hint: Look\n"
        "\n"
    )


def test_what_is_not_known_of_a_problem_is_left_out() -> None:
    assert shown(WARNING) == "warning[review-far]: It is far\n\n"
    assert shown(ERROR) == "error[words-missing]: It is missing\n  --> source/a.yaml:2:3\n  hint: Look\n\n"


def test_the_same_problem_is_shown_once() -> None:
    assert shown(WARNING, WARNING).count("review-far") == 1


def test_a_byte_order_mark_does_not_move_the_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbftitle: A\r\nb: c\r\n")
    assert [source_line(path.parent, path.name, number) for number in (0, 1, 2, 3, 4)] == [
        "",
        "title: A",
        "b: c",
        "",
        "",
    ]


def test_a_table_is_whole_however_narrow_the_terminal() -> None:
    out = io.StringIO()
    made = Made(job("a-booklet-with-a-long-name" * 3), (), pdf="a/1.0/a.pdf", version="1.0", pages=4)
    show_table([made], Path("dist"), Console(file=out, width=40))
    assert "a-booklet-with-a-long-name" * 3 in out.getvalue()
    assert "dist/a/1.0/a.pdf" in out.getvalue()


# --- report.json ---------------------------------------------------------------------------


def report(root: Path) -> dict[str, Any]:
    """The report of the tiny booklet."""
    data: dict[str, Any] = json.loads((root / "dist/colds/1.0/report.json").read_text(encoding="utf-8"))
    return data


def test_a_partial_build_replaces_only_the_findings_of_its_own_files(tmp_path: Path) -> None:
    booklet = changed("layouts: [a5-booklet, hand]\n" + BOOKLET, "2029-11-23", "2033-11-23")
    files = {"layouts/hand/layout.yaml": RECIPE}
    build(write_publisher(tmp_path, booklet, files=files))
    own, other = "colds-1.0-en-GB-hand.pdf", "colds-1.0-en-GB-a5-booklet.pdf"
    before = report(tmp_path)
    assert {problem["pdf"] for problem in before["problems"]} == {own, other}
    before["problems"] = [problem | {"message": "Said before"} for problem in before["problems"]]
    (tmp_path / "dist/colds/1.0/report.json").write_text(json.dumps(before), encoding="utf-8")
    files["layouts/hand/layout.yaml"] += "# another hand\n"
    build(write_publisher(tmp_path, booklet, files=files), "--layout", "hand")
    said = {problem["pdf"]: problem["message"] for problem in report(tmp_path)["problems"]}
    assert said.keys() == {own, other}
    assert said[other] == "Said before" != said[own]
    write_publisher(tmp_path, changed(booklet, "2033-11-23", "2029-11-22"), files=files)
    build(tmp_path, "--layout", "hand")
    assert report(tmp_path)["problems"] == []
    assert not (tmp_path / "dist/colds/1.0" / other).exists()
    build(tmp_path)
    assert report(tmp_path)["problems"] == []


def test_a_report_holds_all_that_is_known_of_a_finding(tmp_path: Path) -> None:
    build(write_publisher(tmp_path), "--today", "2029-11-24")
    finding = next(p for p in report(tmp_path)["problems"] if p["code"] == "review-past")
    assert finding == {
        "code": "review-past",
        "severity": "error",
        "message": "The review was due on 2029-11-23",
        "file": "source/booklets/colds/booklet.yaml",
        "line": 6,
        "column": 1,
        "block": "booklet",
        "boxes": [],
        "pdf": "colds-1.0-en-GB-a5-booklet.pdf",
        "page": None,
        "hint": "review the booklet, then give it a new version, `published` and `next_review`",
    }


def test_a_report_says_what_no_check_can_find(tmp_path: Path) -> None:
    build(write_publisher(tmp_path))
    assert report(tmp_path)["notes"] == [
        "No QR code is printed, because house.yaml names no catalogue.",
        "Nobody is told how to ask for another language, because house.yaml has no languages.",
    ]
    assert report(tmp_path)["made_with"]


def test_an_edition_without_a_file_or_as_it_was_writes_no_report(tmp_path: Path) -> None:
    keep([Made(job(), (ERROR,)), Made(job(), (), pdf="a/1.0/a.pdf", unchanged=True)], tmp_path)
    assert list(tmp_path.iterdir()) == []
