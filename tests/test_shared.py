"""Is what one worker has made found by the others, and is it the same?"""

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from datetime import date
from pathlib import Path

import pytest
from command import PROJECT, TODAY
from publisher import CLINIC, write_publisher

from booklet import shared
from booklet.batch import Workers, run_all
from booklet.make import Job, Made, make
from booklet.shared import made_once, share


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    share(tmp_path)
    yield tmp_path
    shared._FOLDER.clear()


def test_a_thing_is_made_once(folder: Path) -> None:
    made = [made_once(b"key", lambda: "first"), made_once(b"key", lambda: "second")]
    assert made == ["first", "first"]
    assert made_once(b"another", lambda: "third") == "third"
    assert len(list(folder.iterdir())) == 2


def test_nothing_is_no_answer(folder: Path) -> None:
    answers: Iterator[str | None] = iter((None, "now"))
    assert made_once(b"key", lambda: next(answers)) is None
    assert made_once(b"key", lambda: next(answers)) == "now"
    assert len(list(folder.iterdir())) == 1


def test_a_process_alone_shares_nothing() -> None:
    made = iter("ab")
    assert made_once(b"key", lambda: next(made)) == "a"
    assert made_once(b"key", lambda: next(made)) == "b"


def make_and_look(jobs: tuple[Job, ...]) -> tuple[tuple[Made, ...], int, int, str]:
    """Editions; by which process, how many things lay in the folder before, and who may open it."""
    (folder,) = shared._FOLDER
    there, mode = len(list(folder.iterdir())), oct(folder.parent.stat().st_mode)[-3:]
    return make(jobs), os.getpid(), there, mode


def _failed(group: tuple[Job, ...], why: str, hint: str) -> tuple[tuple[Made, ...], int, int, str]:
    pytest.fail(f"{group[0].booklet}: {why}; {hint}")


def test_what_other_workers_made_gives_the_same_bytes(tmp_path: Path) -> None:
    names = ("east", "north", "west")
    files = {f"source/clinics/{name}.yaml": CLINIC.replace("Riverside", name) for name in names}
    root = write_publisher(tmp_path / "publisher", files=files)

    def group(out: Path, who: tuple[str, ...]) -> tuple[Job, ...]:
        day = date.fromisoformat(TODAY)
        roots = root, PROJECT
        return tuple(Job(roots, out, "colds", "", "a5-booklet", day, clinic=clinic) for clinic in who)

    alone = make(group(tmp_path / "alone", ("", *names)))
    executor: Executor = Workers("booklet.make", jobs=1)
    # One job after the other, each in a process of its own.
    parts = [group(tmp_path / f"part-{n}", ("", *names)) for n in range(4)]
    done = list(run_all(make_and_look, parts, _failed, executor, 1))
    assert all(one.digest for one in alone)
    assert len({process for _, process, _, _ in done}) == len(parts)
    for made, _, _, mode in done:
        assert [one.digest for one in made] == [one.digest for one in alone]
        assert [one.problems for one in made] == [one.problems for one in alone]
        assert mode == "700"
    # Three panels and three proofs; of the first clinic the whole edition is looked at.
    assert [there for _, _, there, _ in done][:2] == [0, 5]
    assert {there for _, _, there, _ in done[1:]} == {5}
