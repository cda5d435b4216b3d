"""Does a job that goes wrong fail alone, within its limits, and leave nothing behind?"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from booklet.batch import Limits, Workers, run_all

MIB = 1024**2
LIMITS = Limits(memory=512 * MIB, cpu_seconds=1, wall_seconds=60)


def work(job: str) -> str:
    """Do what the job's name says."""
    return WORK[job](job)


def _good(job: str) -> str:
    return f"done: {job}"


def _abort(_job: str) -> str:
    os.abort()


def _leave(_job: str) -> str:
    os._exit(3)


def _quit(_job: str) -> str:
    sys.exit("enough")


def _killed(_job: str) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


def _hang(_job: str) -> str:
    while True:
        time.sleep(3600)


def _burn(_job: str) -> str:
    while True:
        pass


def _eat(_job: str) -> str:
    return "x" * (600 * MIB)


def _recurse(job: str) -> str:
    return _recurse(job) + "x"


def _divide(_job: str) -> str:
    return str(1 // 0)


def _open(_job: str) -> str:
    return Path("/no/such/folder").read_text(encoding="utf-8")


def _tell_of_folder(_job: str) -> str:
    with tempfile.NamedTemporaryFile(delete=False) as left:
        Path(os.environ["TMPDIR"], "litter").touch()
        return left.name


WORK = {
    "abort": _abort,
    "burn": _burn,
    "divide": _divide,
    "eat": _eat,
    "folder": _tell_of_folder,
    "good": _good,
    "better": _good,
    "hang": _hang,
    "killed": _killed,
    "leave": _leave,
    "open": _open,
    "quit": _quit,
    "recurse": _recurse,
}


def done(*jobs: str, limits: Limits = LIMITS) -> dict[str, str]:
    """What became of each job."""
    return dict(run_all(named, list(jobs), _failed, Workers("booklet.make", limits), 4))


def named(job: str) -> tuple[str, str]:
    """The job with its result."""
    return job, work(job)


def _failed(job: str, why: str, hint: str) -> tuple[str, str]:
    assert hint
    return job, why


@pytest.mark.parametrize(
    ("job", "why"),
    [
        ("abort", "its process ended with code -6"),
        ("leave", "its process ended with code 3"),
        ("killed", "its process ended with code -9"),
        ("quit", "a fault of the program (SystemExit: enough)"),
        ("hang", "it took longer than 2 seconds"),
        ("burn", "it needed more than 1 seconds of processor time"),
        ("eat", "it needed more than 0.5 GiB of memory"),
        ("recurse", "it is nested too deeply"),
        ("divide", "a fault of the program (ZeroDivisionError: integer division or modulo by zero) in "),
        ("open", "No such file or directory: /no/such/folder"),
    ],
)
def test_a_job_that_goes_wrong_fails_alone_and_says_why(job: str, why: str) -> None:
    limits = replace(LIMITS, wall_seconds=2) if job == "hang" else LIMITS
    results = done(job, "good", "better", limits=limits)
    assert results.pop(job).startswith(why)
    assert results == {"good": "done: good", "better": "done: better"}


def test_a_fault_of_the_program_names_its_place() -> None:
    line = _divide.__code__.co_firstlineno + 1
    assert done("divide")["divide"].endswith(f" in {__file__}, line {line}")


def test_a_workers_temporary_files_are_its_own_and_go_with_it() -> None:
    left = Path(done("folder")["folder"])
    assert left.parent.parent.name.startswith("booklet-")
    assert left.parent.parent.parent == Path(tempfile.gettempdir())
    assert not left.parent.parent.exists()


def test_every_job_has_its_own_share_of_processor_time() -> None:
    jobs = [f"spend-{number}" for number in range(4)]
    assert set(dict(run_all(_spend, jobs, _failed, Workers("booklet.make", LIMITS), 4)).values()) == {"done"}


def _spend(job: str) -> tuple[str, str]:
    """Use up more than half of the share."""
    end = time.process_time() + 0.6
    while time.process_time() < end:
        pass
    return job, "done"


def test_too_long_a_name_for_sockets_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(tmp_path / ("x" * 71))
    monkeypatch.setattr(tempfile, "tempdir", folder)
    with pytest.raises(OSError, match="set TMPDIR to a shorter one") as told:
        done("good")
    assert told.value.filename == folder


def test_no_jobs_are_done_at_once() -> None:
    assert done() == {}


def test_results_come_as_they_are_ready_and_the_rest_can_be_given_up() -> None:
    results = run_all(named, ["good", "hang"], _failed, Workers("booklet.make"), 4)
    assert next(results) == ("good", "done: good")
    started = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < 60


# --- Lost workers, and what waits ----------------------------------------------------------


def _lost_once(job: str) -> tuple[str, str]:
    """End the process, where that was not done yet."""
    marker = Path(job)
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return job, "done"


def test_a_job_that_was_lost_with_its_worker_is_done_once_more(tmp_path: Path) -> None:
    job = str(tmp_path / "marker")
    assert dict(run_all(_lost_once, [job], _failed, Workers("booklet.make", LIMITS), 1)) == {job: "done"}


def _always_lost(job: str) -> tuple[str, str]:
    with Path(job).open("a", encoding="utf-8") as file:
        file.write("x")
    os.kill(os.getpid(), signal.SIGKILL)
    return job, "never"


def test_a_job_that_is_lost_again_is_given_up(tmp_path: Path) -> None:
    job = str(tmp_path / "tries")
    results = dict(run_all(_always_lost, [job], _failed, Workers("booklet.make", LIMITS), 1))
    assert results == {job: "its process ended with code -9"}
    assert Path(job).read_text(encoding="utf-8") == "xx"


def test_a_fault_of_the_program_is_not_tried_again(tmp_path: Path) -> None:
    job = str(tmp_path / "tries")
    results = dict(run_all(_write_and_fail, [job], _failed, Workers("booklet.make", LIMITS), 1))
    assert results[job].startswith("a fault of the program")
    assert Path(job).read_text(encoding="utf-8") == "x"


def _write_and_fail(job: str) -> tuple[str, str]:
    with Path(job).open("a", encoding="utf-8") as file:
        file.write("x")
    raise ValueError


def test_only_so_many_jobs_are_taken_ahead() -> None:
    taken = 0

    def jobs() -> Iterator[str]:
        nonlocal taken
        for number in range(50):
            taken += 1
            yield f"good {number}"

    results = run_all(_echo, jobs(), _failed, ThreadPoolExecutor(2), 4)
    for finished in range(1, 51):
        next(results)
        assert taken <= finished + 4


def _echo(job: str) -> tuple[str, str]:
    return job, job


def test_any_executor_will_do() -> None:
    jobs = [f"good {number}" for number in range(20)]
    assert dict(run_all(_echo, jobs, _failed, ThreadPoolExecutor(3), 6)) == {job: job for job in jobs}


def _write_for_long(job: str) -> tuple[str, str]:
    half = Path(job)
    try:
        half.write_text("half", encoding="utf-8")
        time.sleep(3600)
    finally:
        half.unlink()
    return job, "never"


def _wait_for(job: str) -> tuple[str, str]:
    while not Path(job).exists():
        time.sleep(0.01)
    return job, "there"


def _either(job: tuple[bool, str]) -> tuple[str, str]:
    first, name = job
    return _write_for_long(name) if first else _wait_for(name)


def test_what_a_stopped_worker_has_written_half_is_taken_away(tmp_path: Path) -> None:
    half = tmp_path / "half"
    results = run_all(_either, [(True, str(half)), (False, str(half))], _unheard, Workers("booklet.make"), 2)
    assert next(results) == (str(half), "there")
    results.close()  # type: ignore[attr-defined]
    assert not half.exists()


def _unheard(job: tuple[bool, str], why: str, _hint: str) -> tuple[str, str]:
    return job[1], why
