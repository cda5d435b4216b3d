"""How are many jobs done safely? Each in a process of its own kind, within limits of its own.

Knows nothing of the work. A job that crashes, hangs or eats memory fails alone.
"""

import errno
import math
import multiprocessing
import os
import re
import resource
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures import TimeoutError as OutOfTime
from dataclasses import dataclass
from typing import TypeVar

from pebble import ProcessExpired, ProcessPool

J = TypeVar("J")
R = TypeVar("R")

JOBS_PER_PROCESS = 40

#: A socket's path has at most 103 bytes on all systems, of which Python needs 32.
SOCKET_ROOM = 70


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may use."""

    memory: int = 4 * 1024**3
    cpu_seconds: int = 300
    wall_seconds: int = 360


def run_all(
    work: Callable[[J], R],
    jobs: Sequence[J],
    failed: Callable[[J, str, str], R],
    preload: str,
    limits: Limits = Limits(),
) -> Iterator[R]:
    """The results of all jobs, as they come.

    `failed` makes the result of a job that did not end, from the reason and a hint.
    `preload` names a module that is loaded once, before the workers part.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([preload])
    if not jobs:
        return
    _refuse_long_path(tempfile.gettempdir())
    with (
        tempfile.TemporaryDirectory(prefix="booklet-") as folder,
        ProcessPool(
            max_workers=min(os.cpu_count() or 1, len(jobs)),
            max_tasks=JOBS_PER_PROCESS,
            context=context,
            initializer=_settle,
            initargs=(folder, limits.memory),
        ) as pool,
    ):
        futures: dict[Future[R], J] = {
            pool.schedule(_limited, args=(work, job, limits.cpu_seconds), timeout=limits.wall_seconds): job
            for job in jobs
        }
        try:
            for future in as_completed(futures):
                error = future.exception()
                yield failed(futures[future], *_told(error, limits)) if error else future.result()
        except BaseException:
            # Nobody waits any more: what still runs is stopped, not waited for.
            pool.stop()  # type: ignore[no-untyped-call]
            raise


def _refuse_long_path(folder: str) -> None:
    """The server of the workers listens on a socket below this folder, whose path has little room."""
    if len(os.fsencode(folder)) > SOCKET_ROOM:
        why = "The folder for temporary files has too long a name; set TMPDIR to a shorter one"
        raise OSError(errno.ENAMETOOLONG, why, folder)


def _settle(folder: str, memory: int) -> None:
    """Give a worker its limits and a folder of its own for temporary files."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    own = tempfile.mkdtemp(dir=folder)
    os.environ["TMPDIR"] = own
    tempfile.tempdir = own


def _limited(work: Callable[[J], R], job: J, cpu_seconds: int) -> R:
    """Do a job with its share of processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = math.ceil(used.ru_utime + used.ru_stime)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + cpu_seconds, hard))
    return work(job)


def _told(error: BaseException, limits: Limits) -> tuple[str, str]:
    """Why a job did not end, and what to do about it."""
    too_large = "look for a picture or a table that is far too large"
    if isinstance(error, OutOfTime):
        return f"it took longer than {limits.wall_seconds} seconds", too_large
    if isinstance(error, MemoryError):
        return f"it needed more than {limits.memory / 1024**3:g} GiB of memory", too_large
    if isinstance(error, RecursionError):
        return "it is nested too deeply", "look for lists within lists, or a drawing with groups in groups"
    if isinstance(error, ProcessExpired):
        return _how_it_ended(error.exitcode, limits), too_large
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename}", "look at the folder, its rights and the disk"
    kind, place = type(error).__name__, _place(error)
    return f"a fault of the program ({kind}: {error}){place}", "tell those who look after the program"


def _how_it_ended(code: int, limits: Limits) -> str:
    if -code == signal.SIGXCPU:
        return f"it needed more than {limits.cpu_seconds} seconds of processor time"
    return f"its process ended with code {code}"


def _place(error: BaseException) -> str:
    """Where in the program an error of a worker was raised."""
    places = re.findall(r'File "([^"]+)", line (\d+)', str(error.__cause__))
    return f" in {places[-1][0]}, line {places[-1][1]}" if places else ""
