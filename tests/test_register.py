"""Is the history of releases whole, and is every change in it found?"""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from command import PROJECT, settings
from hypothesis import given
from hypothesis import strategies as st

from booklet.register import (
    FOLDER,
    Entry,
    Register,
    State,
    append,
    as_file,
    file_of,
    in_order,
    number_of,
    read_register,
)
from booklet.store import BusyError, Folder

DAY = date(2026, 11, 29)
FIRST = Entry("colds", "1.0", "HI900", DAY, State.CURRENT, {"en-GB": "a" * 64, "cy": "b" * 64}, "c" * 64)
SECOND = replace(FIRST, version="1.1", languages={"en-GB": "d" * 64}, day=date(2026, 12, 1))
REVIEW = replace(SECOND, manifest="", state=State.REVIEW, reason="A reader has found something.")
GONE = replace(FIRST, manifest="", state=State.WITHDRAWN, reason="A dose is wrong.", stock="Pulp all copies.")


def written(folder: Path, *entries: Entry) -> Register:
    register = Register()
    for entry in entries:
        register = append(Folder(folder), register, entry)
    return register


def problems(folder: Path) -> list[tuple[str, str]]:
    """Where the register is damaged, and how."""
    read = read_register(Folder(folder))
    assert (read.value is None) == bool(read.problems)
    assert {problem.code for problem in read.problems} <= {"register-damaged"}
    return [(problem.where.file.removeprefix(f"{FOLDER}/"), problem.message) for problem in read.problems]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    register = written(tmp_path, FIRST, SECOND, REVIEW, GONE)
    read = read_register(Folder(tmp_path)).value
    assert read == register
    assert read.entries == (FIRST, SECOND, REVIEW, GONE)
    assert read_register(Folder(tmp_path / "nothing")).value == Register()


def test_states_follow_from_the_entries(tmp_path: Path) -> None:
    one = written(tmp_path / "one", FIRST)
    states = {(v, lang): edition.state for (_, v, lang), edition in one.editions.items()}
    assert states == {("1.0", "en-GB"): State.CURRENT, ("1.0", "cy"): State.CURRENT}
    two = written(tmp_path / "two", FIRST, SECOND)
    old, other = two.edition("colds", "1.0", "en-GB"), two.edition("colds", "1.0", "cy")
    assert old
    assert (old.state, old.replaced_by, old.since) == (State.SUPERSEDED, "1.1", SECOND.day)
    # A translation that was not released anew stays current.
    assert other
    assert (other.state, other.replaced_by) == (State.CURRENT, "")
    current = two.current("colds", "en-GB")
    assert current
    assert (current.entry.version, current.content) == ("1.1", "d" * 64)
    all_ = written(tmp_path / "all", FIRST, SECOND, REVIEW, GONE)
    now = [all_.edition("colds", *key) for key in (("1.1", "en-GB"), ("1.0", "en-GB"), ("1.0", "cy"))]
    assert [one.state if one else None for one in now] == [State.REVIEW, State.WITHDRAWN, State.WITHDRAWN]
    gone = now[1]
    assert gone
    assert (gone.reason, gone.stock, gone.replaced_by) == ("A dose is wrong.", "Pulp all copies.", "1.1")
    assert all_.current("colds", "cy") is None
    assert all_.edition("colds", "9.9", "cy") is None


def test_a_withdrawn_version_stays_withdrawn_when_another_is_released(tmp_path: Path) -> None:
    third = replace(FIRST, version="1.2")
    register = written(tmp_path, FIRST, SECOND, GONE, third)
    gone, between = (register.edition("colds", version, "en-GB") for version in ("1.0", "1.1"))
    assert gone
    assert (gone.state, gone.replaced_by) == (State.WITHDRAWN, "1.2")
    assert between
    assert (between.state, between.replaced_by) == (State.SUPERSEDED, "1.2")


def test_a_withdrawn_version_replaces_no_other(tmp_path: Path) -> None:
    gone = replace(SECOND, manifest="", state=State.WITHDRAWN, reason="A dose is wrong.")
    before, after = written(tmp_path / "a", FIRST, SECOND, gone), replace(SECOND, version="1.2")
    first = before.edition("colds", "1.0", "en-GB")
    assert first
    assert (first.state, first.since, first.replaced_by) == (State.SUPERSEDED, SECOND.day, "")
    assert first.why == "1.1, which replaced it, was withdrawn"
    later = written(tmp_path / "b", FIRST, SECOND, gone, after)
    both = [later.edition("colds", version, "en-GB") for version in ("1.0", "1.1")]
    assert [one.replaced_by if one else None for one in both] == ["1.2", "1.2"]


def test_every_changed_byte_is_found_and_named(tmp_path: Path) -> None:
    written(tmp_path, FIRST, SECOND, GONE)
    for number in (1, 2, 3):
        path = tmp_path / FOLDER / file_of(number)
        data = path.read_bytes()
        for at in range(len(data)):
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            found = problems(tmp_path)
            assert found
            assert found[0][0] == path.name, at
        path.write_bytes(data + b" ")
        assert problems(tmp_path)[0][0] == path.name
        path.write_bytes(data)
    assert not problems(tmp_path)


def test_an_entry_that_is_missing_added_or_exchanged_is_found(tmp_path: Path) -> None:
    written(tmp_path, FIRST, SECOND, GONE)
    folder = tmp_path / FOLDER
    data = [(folder / file_of(number)).read_bytes() for number in (1, 2, 3)]
    (folder / file_of(2)).unlink()
    assert problems(tmp_path) == [("000002.json", "The entry 000002.json is missing")]
    (folder / file_of(2)).write_bytes(data[2])
    assert problems(tmp_path)[0] == ("000002.json", "It does not follow the entry before it")
    (folder / file_of(2)).write_bytes(as_file(replace(SECOND, reason="Forged"), "0" * 64)[0])
    assert problems(tmp_path)[0][0] == "000002.json"
    (folder / file_of(2)).write_bytes(data[1])
    (folder / "notes.txt").write_text("mine")
    assert problems(tmp_path) == [("notes.txt", "notes.txt is no entry")]


@pytest.mark.parametrize(
    "entry", [FIRST, replace(GONE, version="7.0"), replace(FIRST, version="2.0", languages={})]
)
def test_an_entry_that_cannot_follow_is_damage(entry: Entry, tmp_path: Path) -> None:
    head = written(tmp_path, FIRST).head
    (tmp_path / FOLDER / file_of(2)).write_bytes(as_file(entry, head)[0])
    assert problems(tmp_path) == [("000002.json", "It is about a version that it cannot be about")]


@given(st.recursive(st.none() | st.booleans() | st.text() | st.integers(), st.lists, max_leaves=5))
def test_what_is_no_entry_is_damage(said: object) -> None:
    data = json.dumps({"previous": said, "entry": said, "sha256": said}).encode()

    class Foreign(Folder):
        def names(self, _folder: str) -> list[str]:
            return [file_of(1)]

        def read(self, _name: str) -> bytes:
            return data

    assert read_register(Foreign(Path("nowhere"))).value is None


def test_two_cannot_write_the_same_entry(tmp_path: Path) -> None:
    register = written(tmp_path, FIRST)
    ours = append(Folder(tmp_path), register, SECOND)
    with pytest.raises(FileExistsError, match="Somebody else has released something"):
        append(Folder(tmp_path), register, GONE)
    assert read_register(Folder(tmp_path)).value == ours


def test_one_at_a_time_holds_the_claim(tmp_path: Path) -> None:
    other = Folder(tmp_path)
    told = pytest.raises(BusyError, match="Somebody else is changing")
    with Folder(tmp_path).claim(), told, other.claim():
        pytest.fail("two hold it")
    with other.claim():
        pass


def test_a_claim_goes_with_who_held_it(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from booklet.store import Folder\n"
        "with Folder(Path(sys.argv[1])).claim(): os._exit(9)"
    )
    ran = subprocess.run([sys.executable, "-c", code, tmp_path], env=settings(PROJECT), check=False)
    assert ran.returncode == 9
    with Folder(tmp_path).claim():
        assert [path.name for path in tmp_path.iterdir()] == [".claim"]


def test_versions_are_numbers() -> None:
    assert in_order(iter(["1.10", "1.9", "10.0", "2.0"])) == ["1.9", "1.10", "2.0", "10.0"]
    assert number_of("3.7") == (3, 7)
