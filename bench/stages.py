"""What do an edition and a job cost, in time, memory and bytes? What `capacity` reckons with.

Times are in seconds, sizes in bytes. All figures are of one machine and one run.
"""

import os
import pickle
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
from engines import LAYOUT, PROJECT, TODAY, Engine, resident
from measures import Bench, _failed, _timed
from rich.console import Console

from booklet import make, report, review
from booklet.batch import AHEAD, Workers, run_all
from booklet.build import Memory, Request, jobs_of, together, versions
from booklet.cluster import LOCAL, Cluster
from booklet.make import Job, Made
from booklet.source import Source

Work = Callable[[Sequence[Job]], tuple[Made, ...]]


@dataclass(frozen=True)
class Stages:
    """What a worker does."""

    start: float
    """A process that is ready to work."""
    laid_out: float
    checked: float
    """The national booklet, of 32 pages."""
    panel: float
    """A clinic's panel that was in no booklet yet: laid out, proven, and its edition made."""
    read: float
    made: float
    written: float
    proven: float
    """A further edition with it."""
    edition: int
    """The bytes of an edition."""
    memory: int
    """The most that a worker had after a booklet with its clinics' editions."""

    @property
    def national(self) -> float:
        """What a group of editions costs, however many they are."""
        return self.laid_out + self.checked

    @property
    def further(self) -> float:
        """What an edition costs whose panel is known."""
        return self.read + self.made + self.written + self.proven


def stages(bench: Bench, memory: int) -> Stages:
    """The stages, each a median; `memory` was told by the workers."""
    known, new = list(_editions(bench, "library-2")), list(_editions(bench, "library-3", afresh=True))
    out = bench.fresh()
    (one,) = make.make([_job(bench, out, "library-4", "")])
    read, made, written, proven = (statistics.median(column) for column in zip(*known[1:], strict=True))
    national = list(_nationals(bench))
    return Stages(
        start=statistics.median(_start() for _ in range(bench.rounds)),
        laid_out=statistics.median(found["render"] for found in national),
        checked=statistics.median(found["check"] for found in national),
        panel=statistics.median(map(sum, new[1:])),
        read=read,
        made=made,
        written=written,
        proven=proven,
        edition=(out / one.pdf).stat().st_size,
        memory=memory,
    )


def _editions(bench: Bench, booklet: str, *, afresh: bool = False) -> Iterator[tuple[float, ...]]:
    """Seconds of each stage of clinics' editions; the panels are known unless they are proven afresh."""
    source = Source(bench.folders.publisher)
    if not afresh:
        list(_editions(bench, "library-1", afresh=True))
    else:
        make._PROVEN.clear()
    national = make._ready(_job(bench, bench.fresh(), booklet, ""), source)
    series = make._Series(national, TODAY).run
    run = series.value if series else None
    assert run
    yield from (_timed(national, run, who, source) for who in source.clinics[: 4 * bench.rounds])


def _job(bench: Bench, out: Path, booklet: str, clinic: str) -> Job:
    return Job((bench.folders.publisher, PROJECT), out, booklet, "", LAYOUT, TODAY, clinic=clinic)


def _nationals(bench: Bench) -> Iterator[dict[str, float]]:
    engine = Engine("render and check", bench.folders)
    engine.print(0)
    yield from (engine.print(number) for number in range(1, bench.rounds + 1))
    engine.end()


def _start() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import booklet.make"], check=True, cwd=PROJECT)
    return time.perf_counter() - began


# Jobs without work ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Empty:
    """What a job costs that does nothing, by an executor; memory is that of the client."""

    jobs: int
    first: float
    last: float
    """Seconds for each of the first and the last tenth of them, with both workers at it."""
    before: int
    after: int
    """The client's memory after the first tenth and after the last."""
    sent: int = 0
    """Bytes for each that went over the network, both ways."""
    known: int = 0
    """How many tasks the scheduler still knows at the end."""


@dataclass(frozen=True)
class Bundles:
    """The bytes that a cluster is sent."""

    once: int
    texts: int
    booklet: int


def nothing(jobs: Sequence[Job]) -> tuple[Made, ...]:
    """A job that makes nothing."""
    return tuple(Made(job, ()) for job in jobs)


def by_dask(bench: Bench, count: int) -> tuple[Empty, Bundles]:
    """Jobs through all that a build with `--cluster local` does; its scheduler is in the client's process."""
    cluster = Cluster(LOCAL)
    job = _job(bench, bench.fresh(), "library-1", "")
    sizes = {
        (root, name): sum(map(len, bundle.files.values()))
        for root in job.roots
        for name, bundle in cluster._parts(root, job)
    }
    here: Any = cluster._client.cluster
    seen: list[tuple[int, int]] = []
    empty = _empty(cluster, job, count, lambda: seen.append((len(here.scheduler.tasks), _over_network())))
    # The bundles went in the first tenth.
    sent = (seen[-1][1] - seen[0][1]) * 10 // (9 * count)
    looks = sum(size for (_, name), size in sizes.items() if name == "looks")
    bundles = Bundles(looks, sizes[job.roots[0], "texts"], sizes[job.roots[0], f"booklet {job.booklet}"])
    return replace(empty, sent=sent, known=seen[-1][0]), bundles


def by_pool(bench: Bench, count: int) -> Empty:
    """Jobs through the processes of a build without a cluster."""
    return _empty(Workers("booklet.make"), _job(bench, bench.fresh(), "library-1", ""), count, lambda: None)


def _empty(executor: Cluster | Workers, job: Job, count: int, tenth: Callable[[], None]) -> Empty:
    tenths: list[tuple[float, int]] = []
    jobs = ((replace(job, clinic=f"c{number}"),) for number in range(count))
    results = run_all(nothing, jobs, _failed, executor, AHEAD * executor.count)
    next(results)  # the workers have begun, and have the bundles
    began = time.perf_counter()
    for number, made in enumerate(results, 2):
        assert made[0].job.clinic
        if number % (count // 10) == 0:
            tenths.append((time.perf_counter(), resident()))
            tenth()
    times = [began, *(moment for moment, _ in tenths)]
    first, last = (times[at + 1] - times[at] for at in (0, len(tenths) - 1))
    return Empty(count, first * 10 / count, last * 10 / count, tenths[0][1], tenths[-1][1])


def _over_network() -> int:
    """The bytes that this machine has sent to itself; 0 where that is not told."""
    with suppress(KeyError):
        return int(psutil.net_io_counters(pernic=True)["lo"].bytes_sent)
    return 0


# Few booklets and many clinics ------------------------------------------------------------------


@dataclass(frozen=True)
class Few:
    """Editions of a few booklets for many clinics, a job for each booklet and in parts."""

    booklets: int
    clinics: int
    whole: float
    parts: float
    jobs: int


@dataclass(frozen=True)
class Client:
    """What becomes of 201 results of a booklet where the build was started."""

    reports: float
    remembered: float
    table: float
    report: int
    manifest: int
    result: int
    """The memory that one result takes."""


def few(bench: Bench, booklets: int, clinics: int) -> tuple[Few, tuple[Made, ...], int]:
    """Both ways in turn, the quicker of some; with the editions, and the most memory of a worker."""
    source = Source(bench.folders.publisher)
    ids, names = source.ids[:booklets], source.clinics[:clinics]
    roots, out = (source.root, PROJECT), bench.fresh()
    jobs = jobs_of(Request(roots, out, ids, LAYOUT, today=TODAY, clinics=names), source)
    both = together(jobs, 1), together(jobs, os.cpu_count() or 1)
    times: tuple[list[float], list[float]] = [], []
    for _ in range(max(1, bench.rounds // 2)):
        for groups, taken in zip(both, times, strict=True):
            seconds, made, memory = _timed_jobs(groups, Workers("booklet.make"))
            taken.append(seconds)
    assert len(made) == booklets * (clinics + 1)
    assert all(one.passed for one in made)
    return Few(booklets, clinics, min(times[0]), min(times[1]), len(both[1])), made, memory


def _timed_jobs(groups: Sequence[tuple[Job, ...]], executor: Executor) -> tuple[float, tuple[Made, ...], int]:
    began = time.perf_counter()
    count = os.cpu_count() or 1
    found = list(run_all(make_and_tell, groups, _lost, executor, AHEAD * count))
    taken = time.perf_counter() - began
    return taken, tuple(one for made, _ in found for one in made), max(memory for _, memory in found)


def make_and_tell(jobs: Sequence[Job]) -> tuple[tuple[Made, ...], int]:
    """Make editions; with the most memory that the worker ever had, in bytes."""
    return make.make(jobs), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _lost(jobs: Sequence[Job], why: str, hint: str) -> tuple[tuple[Made, ...], int]:
    raise SystemExit(f"{jobs[0].booklet}: {why} ({hint})")


def client(made: Sequence[Made], bench: Bench) -> Client:
    """The reports of one booklet, its place in the manifest, and its lines of the table."""
    job = made[0].job
    source = Source(job.roots[0])
    clinics = tuple(one.job.clinic for one in made if one.job.clinic)
    request = Request(job.roots, job.out, (job.booklet,), LAYOUT, today=TODAY, clinics=clinics)
    memory = Memory(request, source, time.time_ns())
    moments = [time.perf_counter()]
    report.keep(made, job.out)
    review.keep(versions(made), job.out, job.roots, memory.store)
    moments.append(time.perf_counter())
    memory.keep(made)
    moments.append(time.perf_counter())
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        report.show_table(made, job.out, Console(file=nowhere, width=300))
    moments.append(time.perf_counter())
    reports, remembered, table = (after - before for before, after in pairwise(moments))
    folder = (job.out / made[0].pdf).parent
    size = sum((folder / f"report.{kind}").stat().st_size for kind in ("html", "json"))
    manifest = (job.out / ".manifest").stat().st_size
    return Client(reports, remembered, table, size, manifest, _kept(made, copies=10 * bench.rounds))


def _kept(made: Sequence[Made], copies: int) -> int:
    """The memory that each result takes when it has come from a worker."""
    data, before = pickle.dumps(tuple(made)), resident()
    there = [pickle.loads(data) for _ in range(copies)]  # noqa: S301 - made on the line above
    return (resident() - before) // (len(there) * len(made))
