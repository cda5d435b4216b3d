"""How are many jobs done safely? Each in a process of its own kind, within limits of its own.

Knows nothing of the work. A job that crashes, hangs or eats memory fails alone.
"""

import errno
import gc
import math
import multiprocessing
import os
import re
import resource
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from concurrent.futures import TimeoutError as OutOfTime
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import forkserver
from pathlib import Path
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from .shared import share

J = TypeVar("J")
R = TypeVar("R")

#: A process has grown by a sixth after 500 jobs (`bench/speed.py f`), and what it has proven is lost with it.
JOBS_PER_PROCESS = 200

#: So many jobs for each worker are handed out at a time: one is done, the other is at hand.
AHEAD = 2

#: A job is done again where it was lost with its worker, but only so often.
TRIES = 2

#: A socket's path has at most 103 bytes on all systems, of which Python needs 32.
SOCKET_ROOM = 70


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may use."""

    memory: int = 4 * 1024**3
    cpu_seconds: int = 300
    wall_seconds: int = 360


def start(preload: str) -> None:
    """Have a process load a module, while this one goes on: workers will be its copies."""
    _refuse_long_path(tempfile.gettempdir())
    forkserver.set_forkserver_preload([preload])
    forkserver.ensure_running()


class Workers(Executor):
    """Processes, as many as there are cores, of which one may fail alone.

    `preload` names a module that is loaded once, before the workers part. With `begin`, which each does
    first, they share nothing that they make, and none of it reaches a disk.
    """

    def __init__(
        self,
        preload: str,
        limits: Limits = Limits(),
        begin: Callable[[], None] | None = None,
        jobs: int = JOBS_PER_PROCESS,
    ) -> None:
        self.limits = limits
        self.count = os.cpu_count() or 1
        start(preload)
        self._folder = tempfile.TemporaryDirectory(prefix="booklet-")
        self._pool = ProcessPool(
            max_workers=self.count,
            max_tasks=jobs,
            context=multiprocessing.get_context("forkserver"),
            initializer=_settle,
            initargs=(self._folder.name, limits.memory, begin),
        )

    def submit(self, work: Callable[..., R], /, *args: Any, **named: Any) -> Future[R]:
        """Let a worker do it, within the limits."""
        job = partial(work, *args, **named)
        return self._pool.schedule(
            limited, args=(job, self.limits.cpu_seconds), timeout=self.limits.wall_seconds
        )

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers: those that are at work, too, where their work is cancelled."""
        if cancel_futures:
            self._pool.stop()  # type: ignore[no-untyped-call]
        else:
            self._pool.close()  # type: ignore[no-untyped-call]
        if wait or cancel_futures:
            self._pool.join()
            self._folder.cleanup()


def run_all(
    work: Callable[[J], R],
    jobs: Iterable[J],
    failed: Callable[[J, str, str], R],
    executor: Executor,
    ahead: int,
) -> Iterator[R]:
    """The results of all jobs, as they come; at most `ahead` of them are handed out at a time.

    `failed` makes the result of a job that did not end, from the reason and a hint. A job that was lost
    with its worker is done once more.
    """
    limits = executor.limits if isinstance(executor, Workers) else Limits()
    waiting = iter(jobs)
    running: dict[Future[R], tuple[J, int]] = {}
    given_up = True
    try:
        for job in islice(waiting, ahead):
            running[executor.submit(work, job)] = job, 1
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                job, tries = running.pop(future)
                error = future.exception()
                if isinstance(error, LOST) and tries < TRIES:
                    running[executor.submit(work, job)] = job, tries + 1
                    continue
                for following in islice(waiting, 1):
                    running[executor.submit(work, following)] = following, 1
                yield failed(job, *_told(error, limits)) if error else future.result()
        given_up = False
    finally:
        # Nobody waits any more where this is given up: what still runs is stopped.
        executor.shutdown(cancel_futures=given_up)


def _refuse_long_path(folder: str) -> None:
    """The server of the workers listens on a socket below this folder, whose path has little room."""
    if len(os.fsencode(folder)) > SOCKET_ROOM:
        why = "The folder for temporary files has too long a name; set TMPDIR to a shorter one"
        raise OSError(errno.ENAMETOOLONG, why, folder)


class RefusedError(Exception):
    """Why a worker has no result, and what to do about it, in words of its own."""

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why, hint)
        self.told = why, hint


#: How the loss of a worker is told.
LOST = (ProcessExpired, OutOfTime, BrokenExecutor)


def _settle(folder: str, memory: int, begin: Callable[[], None] | None = None) -> None:
    """Give a worker its limits and a folder of its own for temporary files."""
    signal.signal(signal.SIGTERM, _stop)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What is there now is there for good, and garbage is taken away between jobs.
    gc.freeze()
    gc.disable()
    if begin is None:
        common = Path(folder) / "shared"
        common.mkdir(exist_ok=True)
        share(common)
    own = tempfile.mkdtemp(dir=folder)
    os.environ["TMPDIR"] = own
    tempfile.tempdir = own
    if begin is not None:
        begin()
        # Its jobs are so short that to look through all that is left of each would be a tenth of it.
        gc.enable()


class _StoppedError(BaseException):
    """The process is to end: what a job has written half it takes away on the way."""


def _stop(*_: object) -> None:
    if not _AT_WORK:
        os._exit(1)
    raise _StoppedError


#: What this process is doing.
_AT_WORK: list[object] = []


def limited(work: Callable[[], R], cpu_seconds: int) -> R:
    """Do a job with its share of processor time (seconds)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = math.ceil(used.ru_utime + used.ru_stime)
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + cpu_seconds, hard))
    _AT_WORK.append(work)
    try:
        return work()
    except _StoppedError:
        os._exit(1)
    finally:
        _AT_WORK.clear()
        if not gc.isenabled():
            gc.collect()
        # A process may wait for its next job for days, and use a little time meanwhile.
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _told(error: BaseException, limits: Limits) -> tuple[str, str]:
    """Why a job did not end, and what to do about it."""
    too_large = "look for a picture or a table that is far too large"
    told = {
        OutOfTime: (f"it took longer than {limits.wall_seconds} seconds", too_large),
        MemoryError: (f"it needed more than {limits.memory / 1024**3:g} GiB of memory", too_large),
        RecursionError: (
            "it is nested too deeply",
            "look for lists within lists, or a drawing with groups in groups",
        ),
        BrokenExecutor: ("its worker was lost", too_large),
    }
    for kind, words in told.items():
        if isinstance(error, kind):
            return words
    if isinstance(error, RefusedError):
        return error.told
    if isinstance(error, ProcessExpired):
        return _how_it_ended(error.exitcode, limits), too_large
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename}", "look at the folder, its rights and the disk"
    return (
        f"a fault of the program ({type(error).__name__}: {error}){_place(error)}",
        "tell those who look after the program",
    )


def _how_it_ended(code: int, limits: Limits) -> str:
    if -code == signal.SIGXCPU:
        return f"it needed more than {limits.cpu_seconds} seconds of processor time"
    return f"its process ended with code {code}"


def _place(error: BaseException) -> str:
    """Where in the program an error of a worker was raised."""
    places = re.findall(r'File "([^"]+)", line (\d+)', str(error.__cause__))
    return f" in {places[-1][0]}, line {places[-1][1]}" if places else ""
