"""Are remarks kept beside the booklet, found again where the text went, and in the way of a release?"""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from command import Ran, command, run, settings
from publisher import BOOKLET, BOOKLET_FILE, HOUSE, assert_told, changed, marked, write_publisher

from booklet.source import Source

FILE = "source/booklets/colds/remarks.yaml"
SAID = "Most colds go away by themselves."
KEPT = f"""\
# Read by Ann in the train.
remarks:
  - id: 4   # hers
    version: "1.0"
    name: Ann Bell
    role: clinical
    date: 2026-11-20
    section: colds
    quote: {SAID}
    remark: |
      All colds do.

      Say so.
    state: open  # ask Sam
  # the next is short
  - {{id: 2, version: "1.0", name: Sam, role: lay reader, date: 2026-11-21, section: colds,
     remark: "Too short, I think", state: open}}
# the end"""
DAY = ("--today", "2026-11-29")
BY = ("--name", "Ann Bell", "--role", "clinical")
HOUSE_SIGNED = HOUSE + "sign_off_roles: [clinical]\n"


def remarks(root: Path, kind: str, *words: object) -> Ran:
    return run("remarks", kind, "colds", "--root", root, *words)


def add(root: Path, remark: str = "All colds do.", *words: object) -> Ran:
    about = () if "--section" in words else ("--section", "colds", "--quote", "go away")
    return remarks(root, "add", *about, *BY, *DAY, *words, remark)


def listed(root: Path, *words: object) -> list[dict[str, Any]]:
    ran = remarks(root, "list", "--json", *words)
    assert ran.status == 0, ran
    found: list[dict[str, Any]] = ran.data["remarks"]
    return found


def kept(root: Path) -> str:
    return (root / FILE).read_bytes().decode()


# --- Read ----------------------------------------------------------------------------------


def test_remarks_are_read(tmp_path: Path) -> None:
    read = Source(write_publisher(tmp_path, files={FILE: KEPT})).remarks("colds").value
    assert read
    assert [(one.id, one.name, one.role, one.state) for one in read] == [
        (4, "Ann Bell", "clinical", "open"),
        (2, "Sam", "lay reader", "open"),
    ]
    assert read[0].remark == "All colds do.\n\nSay so."
    assert read[0].at("state").line == KEPT.split("\n").index("    state: open  # ask Sam") + 1
    assert Source(write_publisher(tmp_path / "none")).remarks("colds").value == ()


FAULTS = [
    ("    date: 2026-11-20", "    ▸date: soon", "wrong-date", "`date` must be a date", "year-month-day"),
    ("    role: clinical\n", "    ▸rol: clinical\n", "unknown-key", "no key `rol`", "did you mean `role`"),
    ("    state: open ", "    ▸state: declined ", "missing-key", "needs `why`", "nothing is changed"),
    ("    state: open ", "    ▸state: shut ", "wrong-value", "`state` cannot be 'shut'", "'declined'"),
    ("{id: 2", "{▸id: 4", "wrong-value", "two remarks 4; the other begins in line 3", "a number of its own"),
    ("  - id: 4", "  - ▸id: 0", "wrong-value", "`id` must be 1 or more", "digits"),
    ("    section: colds\n", "    section: ▸&a colds\n", "yaml-anchor", "not allowed", "quotes"),
    ("    name: Ann Bell", '    name: ▸"A\\u202Enn"', "yaml-character", "U+202E", "delete it"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault[3] for fault in FAULTS])
def test_faulty_remarks_are_told_and_left_as_they_are(fault: tuple[str, ...], tmp_path: Path) -> None:
    right, wrong, code, message, hint = fault
    text = changed(KEPT, right, wrong)
    root = write_publisher(tmp_path, files={FILE: text})
    read = Source(root).remarks("colds")
    assert read.value is None
    found = [problem for problem in read.problems if "`role` is missing" not in problem.message]
    assert_told(found, code, marked(text, FILE), message, hint)
    before = kept(root)
    for ran in (remarks(root, "list"), add(root), remarks(root, "done", 4)):
        assert ran.status == 2
        assert message in ran.err
    assert kept(root) == before


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    root = write_publisher(tmp_path / "house")
    (tmp_path / "elsewhere.yaml").write_text(KEPT, encoding="utf-8")
    (root / FILE).symlink_to(tmp_path / "elsewhere.yaml")
    for ran in (remarks(root, "list"), add(root)):
        assert ran.status == 2
        assert "put the file itself there, not a link to it" in ran.err
    assert (tmp_path / "elsewhere.yaml").read_text(encoding="utf-8") == KEPT


# --- Written -------------------------------------------------------------------------------


def test_a_remark_is_added_and_listed(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    assert "Nobody has made a remark" in remarks(root, "list").out
    ran = add(root, "Say 'all': null, # and so on")
    assert ran.status == 0, ran
    assert kept(root) == (
        'remarks:\n  - id: 1\n    version: "1.0"\n    name: Ann Bell\n    role: clinical\n'
        f"    date: 2026-11-29\n    section: colds\n    quote: {SAID}\n"
        "    remark: \"Say 'all': null, # and so on\"\n    state: open\n"
    )
    line = BOOKLET[: BOOKLET.index(SAID)].count("\n") + 1
    shown = remarks(root, "list").out
    assert f"1 open  Ann Bell, clinical, 2026-11-29, 1.0; {BOOKLET_FILE}:{line}" in shown
    assert "Say 'all': null, # and so on" in shown
    assert listed(root)[0] | {"hangs_on": "quote", "line": line, "file": BOOKLET_FILE} == listed(root)[0]


@pytest.mark.parametrize("form", ["plain", "windows", "with a mark", "not indented"])
def test_what_editors_wrote_stays_as_it_is(form: str, tmp_path: Path) -> None:
    forms = {
        "plain": KEPT.encode(),
        "windows": KEPT.replace("\n", "\r\n").encode(),
        "with a mark": b"\xef\xbb\xbf" + KEPT.encode(),
        "not indented": KEPT.replace("\n  ", "\n").encode(),
    }
    root = write_publisher(tmp_path, files={FILE: forms[form]})
    assert add(root).status == 0
    assert remarks(root, "done", 2).status == 0
    assert remarks(root, "decline", 4, "--why", "Some last: see page 3").status == 0
    read = Source(root).remarks("colds").value
    assert read
    assert [(one.id, one.state, one.why) for one in read] == [
        (4, "declined", "Some last: see page 3"),
        (2, "done", None),
        (5, "open", None),
    ]
    after, end = kept(root), "\r\n" if form == "windows" else "\n"
    indent = "  " if form == "not indented" else "    "
    expected = changed(
        forms[form].decode(),
        "state: open  # ask Sam",
        f'state: declined  # ask Sam{end}{indent}why: "Some last: see page 3"',
    )
    expected = changed(expected, "state: open}", "state: done}")
    assert after.startswith(expected)
    assert after.count("\n") == after.count(end)
    assert remarks(root, "decline", 4, "--why", "No room").status == 0
    assert kept(root) == changed(after, "Some last: see page 3", "No room")


def test_a_reason_is_put_into_a_remark_in_brackets(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={FILE: KEPT})
    assert remarks(root, "decline", 2, "--why", "No, it is not").status == 0
    assert kept(root) == changed(KEPT, "state: open}", 'state: declined, why: "No, it is not"}')


def test_what_is_done_is_done(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={FILE: KEPT})
    assert remarks(root, "done", 4).status == remarks(root, "done", 4).status == 0
    assert kept(root) == changed(KEPT, "state: open  # ask", "state: done  # ask")
    ran = remarks(root, "done", 7)
    assert ran.status == 2
    assert "There is no remark 7" in ran.err
    assert "open are: 2" in ran.err


BRACKETS = """\
remarks: [{id: 1, version: "1.0", name: A, role: b, date: 2026-11-20, section: s, remark: c, state: open}]
"""
UNCHANGEABLE = {
    "a list in brackets": (
        BRACKETS,
        "stand in brackets",
    ),
    "an end of the document": (f"{KEPT}\n...\n", "This is not YAML"),
}


@pytest.mark.parametrize(("text", "told"), UNCHANGEABLE.values(), ids=UNCHANGEABLE)
def test_a_file_that_cannot_be_added_to_is_left(text: str, told: str, tmp_path: Path) -> None:
    root = write_publisher(tmp_path, files={FILE: text})
    ran = add(root)
    assert (ran.status, kept(root)) == (2, text)
    assert told in ran.err


REFUSED = {
    "no such section": (("--section", "cold"), "no section 'cold'", "did you mean 'colds'"),
    "no such words": (("--section", "colds", "--quote", "flu"), "does not say that", "as they are printed"),
}


@pytest.mark.parametrize(("words", "told", "hint"), REFUSED.values(), ids=REFUSED)
def test_a_remark_needs_something_to_be_about(
    words: tuple[str, ...], told: str, hint: str, tmp_path: Path
) -> None:
    root = write_publisher(tmp_path)
    ran = add(root, "Why?", *words)
    assert ran.status == 2
    assert told in ran.err
    assert hint in ran.err
    assert not (root / FILE).exists()


def test_all_remarks_that_are_made_at_once_are_kept(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    words = ("remarks", "add", "colds", "--root", root, "--section", "colds", *BY, *DAY)
    started = [subprocess.Popen(command(*words, f"Remark {n}"), env=settings()) for n in range(4)]
    assert [one.wait() for one in started] == [0] * 4
    found = listed(root)
    assert sorted(one["remark"] for one in found) == [f"Remark {n}" for n in range(4)]
    assert [one["id"] for one in found] == [1, 2, 3, 4]
    assert sorted(path.name for path in (root / FILE).parent.iterdir()) == ["booklet.yaml", "remarks.yaml"]


def test_a_translation_has_remarks_of_its_own(tmp_path: Path) -> None:
    welsh = changed(BOOKLET, "en-GB", "cy") + 'translation_of: "1.0"\n'
    root = write_publisher(tmp_path, files={"source/booklets/colds/booklet.cy.yaml": welsh})
    assert add(root, "Yes", "--language", "cy").status == 0
    assert (root / FILE).with_name("remarks.cy.yaml").exists()
    assert len(listed(root, "--language", "cy")) == 1
    assert listed(root) == []
    ran = remarks(root, "list", "--language", "fr")
    assert (ran.status, "no translation into 'fr'" in ran.err) == (2, True)


# --- Where they hang -----------------------------------------------------------------------

OTHER = """\
  - id: other
    title: Other things
    content:
      - Rest, and drink enough.
"""
TEXTS = {
    "as it was": (changed(BOOKLET, SAID, f"▸{SAID}") + OTHER, "quote"),
    "emphasised": (changed(BOOKLET, SAID, f"▸'**{SAID}**'") + OTHER, "quote"),
    "moved": (changed(BOOKLET, SAID, "They pass.") + OTHER + f"      - ▸{SAID}\n", "elsewhere"),
    "reworded": (changed(BOOKLET, SAID, "▸Nearly all colds go away by themselves.") + OTHER, "alike"),
    "written anew": (
        changed(changed(BOOKLET, SAID, "They pass."), "title: What a cold is", "▸title: What a cold is"),
        "section",
    ),
    "gone": (changed(changed(BOOKLET, SAID, "They pass."), "- id: colds", "- id: flu"), "lost"),
}


@pytest.mark.parametrize(("text", "hold"), TEXTS.values(), ids=TEXTS)
def test_a_remark_is_found_again(text: str, hold: str, tmp_path: Path) -> None:
    found = listed(write_publisher(tmp_path, text, files={FILE: KEPT}))[0]
    assert found["hangs_on"] == hold
    assert found["line"] == (marked(text).line if hold != "lost" else None)


# --- Released ------------------------------------------------------------------------------


def test_open_remarks_stop_a_release(tmp_path: Path) -> None:
    root = write_publisher(tmp_path, house=HOUSE_SIGNED, files={FILE: KEPT})
    ran = run("release", "colds", "--root", root, *DAY, "--json")
    found = [one for one in ran.data["problems"] if one["code"] == "open-remark"]
    assert ran.status == 1
    lines = [KEPT[: KEPT.index(part)].count("\n") + 1 for part in ("state: open  #", "state: open}")]
    assert [(one["file"], one["line"]) for one in found] == [(FILE, line) for line in lines]
    where = f"{BOOKLET_FILE}:{BOOKLET[: BOOKLET.index(SAID)].count(chr(10)) + 1}"
    said = f"Remark 4 is open: “All colds do. Say so.” (Ann Bell, clinical; {where})"
    assert found[0]["message"] == said
    assert "`remarks done colds 4`" in found[0]["hint"]
    assert remarks(root, "done", 4).status == remarks(root, "decline", 2, "--why", "It is not").status == 0
    answered = run("release", "colds", "--root", root, *DAY, "--json")
    assert [one["code"] for one in answered.data["problems"]] == ["not-signed"]


def test_remarks_on_another_version_stop_nothing(tmp_path: Path) -> None:
    files = {FILE: KEPT.replace('version: "1.0"', 'version: "0.9"')}
    root = write_publisher(tmp_path, house=HOUSE_SIGNED, files=files)
    ran = run("release", "colds", "--root", root, *DAY, "--json")
    assert [one["code"] for one in ran.data["problems"]] == ["not-signed"]


def test_faulty_remarks_stop_a_release(tmp_path: Path) -> None:
    files = {FILE: changed(KEPT, "2026-11-20", "soon")}
    root = write_publisher(tmp_path, house=HOUSE_SIGNED, files=files)
    ran = run("release", "colds", "--root", root, *DAY, "--json")
    assert ran.status == 1
    assert {one["code"] for one in ran.data["problems"]} == {"not-signed", "wrong-date"}
