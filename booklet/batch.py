"""How are many jobs done safely? Each in a process of its own kind, within limits of its own.

Knows nothing of the work. A job that crashes, hangs or eats memory fails alone.
"""

import multiprocessing
import os
import resource
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures import TimeoutError as OutOfTime
from typing import TypeVar

from pebble import ProcessExpired, ProcessPool

J = TypeVar("J")
R = TypeVar("R")

MEMORY = 4 * 1024**3
CPU_SECONDS = 300
WALL_SECONDS = 360
JOBS_PER_PROCESS = 40


def run_all(
    work: Callable[[J], R],
    jobs: Sequence[J],
    failed: Callable[[J, str], R],
    preload: str,
) -> Iterator[R]:
    """The results of all jobs, as they come; `failed` makes the result of a job that did not end.

    `preload` names a module that is loaded once, before the workers part.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([preload])
    if not jobs:
        return
    with (
        tempfile.TemporaryDirectory(prefix="booklet-") as folder,
        ProcessPool(
            max_workers=min(os.cpu_count() or 1, len(jobs)),
            max_tasks=JOBS_PER_PROCESS,
            context=context,
            initializer=_settle,
            initargs=(folder,),
        ) as pool,
    ):
        futures: dict[Future[R], J] = {
            pool.schedule(_limited, args=(work, job), timeout=WALL_SECONDS): job for job in jobs
        }
        for future in as_completed(futures):
            try:
                yield future.result()
            except OutOfTime:
                yield failed(futures[future], f"it took longer than {WALL_SECONDS} seconds")
            except ProcessExpired as end:
                yield failed(futures[future], _how_it_ended(end.exitcode))
            except MemoryError:
                yield failed(futures[future], f"it needed more than {MEMORY // 1024**3} GiB of memory")
            except RecursionError:
                yield failed(futures[future], "it is nested too deeply")


def _settle(folder: str) -> None:
    """Give a worker its limits and a folder of its own for temporary files."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    own = tempfile.mkdtemp(dir=folder)
    os.environ["TMPDIR"] = own
    tempfile.tempdir = own


def _limited(work: Callable[[J], R], job: J) -> R:
    """Do a job with its share of processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + CPU_SECONDS, hard))
    return work(job)


def _how_it_ended(code: int) -> str:
    if code == -24:  # SIGXCPU
        return f"it needed more than {CPU_SECONDS} seconds of processor time"
    return f"its process ended with code {code}"
