#!/usr/bin/env python3
"""How many cores, how much memory, network and storage do 100,000 editions take, and a hundred times that?

`.venv/bin/python bench/capacity.py` measures what each stage costs, and what a job costs that does nothing,
and reckons the rest; it takes about 20 minutes, most of them for 100,000 jobs through the scheduler.
`--jobs N` sends fewer, `--rounds N` says how often each stage is timed, `--write` puts all into
docs/capacity.md.
"""

import argparse
import math
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
# The server of the pool's workers loads the press before they part.
os.environ["PYTHONPATH"] = os.pathsep.join((str(PROJECT), str(PROJECT / "bench")))

from measures import Bench  # noqa: E402 - found by the lines above
from speed import BEGINS, ENDS, processor  # noqa: E402
from stages import Bundles, Client, Empty, Few, Stages, by_dask, by_pool, client, few, stages  # noqa: E402

from booklet.batch import AHEAD, JOBS_PER_PROCESS  # noqa: E402
from booklet.build import FEWEST, MOST  # noqa: E402

PAGE = PROJECT / "docs/capacity.md"
JOBS = 100_000

#: What is planned for: booklets, and clinics that print each of them.
PLANS = ((500, 200), (5_000, 2_000))
CORES = (2, 8, 64, 256)

#: A gigabit network, in bytes a second.
NETWORK = 125e6


@dataclass(frozen=True)
class Measured:
    """All that was measured."""

    stages: Stages
    dask: Empty
    pool: Empty
    bundles: Bundles
    few: tuple[Few, ...]
    client: Client


@dataclass(frozen=True)
class Plan:
    """What editions of so many booklets for so many clinics take, reckoned from what was measured."""

    booklets: int
    clinics: int
    measured: Measured

    @property
    def editions(self) -> int:
        """Clinics' editions, and the national ones."""
        return self.booklets * (self.clinics + 1)

    def jobs(self, cores: int) -> int:
        """As `together` makes them."""
        share = min(max(math.ceil(self.editions / cores), FEWEST), MOST)
        return self.booklets * math.ceil((self.clinics + 1) / share)

    def work(self, cores: int) -> float:
        """Seconds of all workers together: each proves the panels that it meets for the first time."""
        found, jobs = self.measured.stages, self.jobs(cores)
        proven = min(cores * self.clinics, self.booklets * self.clinics)
        fixed = cores * found.start + jobs * found.national
        return fixed + self.editions * found.further + proven * (found.panel - found.further)

    @property
    def client(self) -> float:
        """Seconds of the one process that takes in a cluster's editions, and writes reports."""
        found = self.measured
        a_group = found.client.reports + found.client.remembered + found.client.table
        a_booklet = a_group * (self.clinics + 1) / (found.few[0].clinics + 1)
        return self.booklets * a_booklet + self.editions * found.stages.written

    def wall(self, cores: int) -> float:
        """Seconds by the clock: all that is done and a last job alone; the client's at the least."""
        last = self.measured.stages.national + MOST * self.measured.stages.further
        return max((self.work(cores) + self.client) / cores + last, self.client)


def main() -> int:
    """Measure, reckon and tell."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), asked.rounds)
        _say("a few booklets")
        one, made, memory = few(bench, 1, 200)
        three, _, further = few(bench, 3, 60)
        _say("the client")
        kept = client(made, bench)
        _say("stages")
        found = stages(bench, max(memory, further))
        _say(f"{asked.jobs:,} jobs that do nothing")
        dask, bundles = by_dask(bench, asked.jobs)
        pool = by_pool(bench, max(asked.jobs // 5, 10))
    measured = Measured(found, dask, pool, bundles, (one, three), kept)
    text = "".join(_page(measured))
    sys.stdout.write(text)
    if asked.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
        PAGE.write_text(before + MARK + text + ENDS + rest.partition(ENDS)[2], encoding="utf-8")
    return 0


MARK = BEGINS.replace("speed", "capacity")


def _say(what: str) -> None:
    sys.stderr.write(f"{what} …\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What do 100,000 editions take?")
    parser.add_argument(
        "--jobs", type=int, default=JOBS, help=f"so many empty jobs, ten at the least (default: {JOBS})"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each stage is timed (default: 5)")
    parser.add_argument("--write", action="store_true", help="put all into docs/capacity.md")
    asked = parser.parse_args()
    if asked.jobs < 10:
        parser.error("ten jobs at the least")
    return asked


def _page(measured: Measured) -> Iterator[str]:
    """What stands between the marks of the page."""
    yield f"\n{os.cpu_count()} cores, {processor()}; Python {platform.python_version()}.\n"
    yield from _table("Measured: each stage, on one core", ("stage", "cost"), _stages(measured))
    yield from _table("Measured: a job that does nothing", ("", "Dask", "pool"), _empty(measured))
    yield from _table(
        "Measured: a few booklets, in whole groups and in parts",
        ("booklets × clinics", "whole", "in parts", "jobs", "parts / whole"),
        _few(measured),
    )
    for booklets, clinics in PLANS:
        plan = Plan(booklets, clinics, measured)
        title = f"Reckoned: {booklets:,} booklets × {clinics:,} clinics, {plan.editions:,} editions"
        yield from _table(title, ("cores", "jobs", "core-hours", "workers", "client", "in all"), _times(plan))
        yield from _table("", ("for all of them", ""), _sizes(plan))
    yield "\n"


def _table(title: str, heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"\n### {title}\n\n" if title else "\n"
    yield f"| {' | '.join(heads)} |\n|---|{'--:|' * (len(heads) - 1)}\n"
    yield from (f"| {' | '.join(row)} |\n" for row in rows)


def _stages(measured: Measured) -> Iterator[tuple[str, ...]]:
    found, kept, bundles = measured.stages, measured.client, measured.bundles
    yield "a worker starts", _time(found.start)
    yield "a national booklet of 32 pages laid out and written", _time(found.laid_out)
    yield "… checked", _time(found.checked)
    yield "a new panel laid out, proven and put into a booklet", _time(found.panel)
    yield "a further edition: its details read", _time(found.read)
    yield "… its bytes made", _time(found.made)
    yield "… written, with fsync", _time(found.written)
    yield "… checked", _time(found.proven)
    yield "an edition", _size(found.edition)
    yield "layouts and fonts, sent once", _size(bundles.once)
    yield "texts of 12 booklets and 200 clinics, sent once", _size(bundles.texts)
    yield "pictures of a booklet, sent with its first job", _size(bundles.booklet)
    yield "the most memory of a worker", _size(found.memory)
    yield "client: reports of a booklet with 200 clinics", _time(kept.reports)
    yield "client: its place in the manifest", _time(kept.remembered)
    yield "client: its lines of the table", _time(kept.table)
    yield "its reports", _size(kept.report)
    yield "its place in the manifest", _size(kept.manifest)
    yield "client: memory of an edition's result", _size(kept.result)


def _empty(measured: Measured) -> Iterator[tuple[str, ...]]:
    both = measured.dask, measured.pool
    yield "jobs", *(f"{one.jobs:,}" for one in both)
    yield "each of the first tenth", *(_time(one.first) for one in both)
    yield "each of the last tenth", *(_time(one.last) for one in both)
    yield "the client's memory after the first tenth", *(_size(one.before) for one in both)
    yield "… and after the last", *(_size(one.after) for one in both)
    yield "sent for each, all ways", _size(measured.dask.sent), "–"
    yield "tasks that the scheduler knows at the end", str(measured.dask.known), "–"
    job = measured.stages.national + measured.few[0].clinics * measured.stages.further
    cores = os.cpu_count() or 1
    shares = (one.last * cores / job for one in both)
    yield "of a job of 201 editions", *(f"{share:.2%}" for share in shares)


def _few(measured: Measured) -> Iterator[tuple[str, ...]]:
    for one in measured.few:
        ratio = f"{one.parts / one.whole:.2f}"
        yield f"{one.booklets} × {one.clinics}", _time(one.whole), _time(one.parts), str(one.jobs), ratio


def _times(plan: Plan) -> Iterator[tuple[str, ...]]:
    for cores in CORES:
        work = plan.work(cores)
        times = (work / cores, plan.client, plan.wall(cores))
        yield f"{cores}", f"{plan.jobs(cores):,}", f"{work / 3600:.2f}", *map(_time, times)


def _sizes(plan: Plan) -> Iterator[tuple[str, ...]]:
    found, kept = plan.measured.stages, plan.measured.client
    a_booklet = (plan.clinics + 1) / (plan.measured.few[0].clinics + 1)
    editions, cores = plan.editions * found.edition, max(CORES)
    yield f"memory of workers, on {cores} cores", _size(cores * found.memory)
    yield "memory of the client, for results", _size(plan.editions * kept.result)
    yield "memory of results under way on a worker, at the most", _size(AHEAD * MOST * found.edition)
    yield f"network: layouts and fonts to {cores} workers", _size(cores * plan.measured.bundles.once)
    yield "network: editions back to the client", _size(editions)
    yield "… which takes a gigabit network", _time(editions / NETWORK)
    yield "storage: editions", _size(editions)
    yield "storage: reports", _size(round(plan.booklets * kept.report * a_booklet))
    yield "storage: manifest", _size(round(plan.booklets * kept.manifest * a_booklet))
    yield "files in a folder", f"{plan.clinics + 3:,}"
    yield "files", f"{plan.editions + 2 * plan.booklets:,}"
    yield "processes of the pool, each for so many jobs", f"{plan.jobs(2) // JOBS_PER_PROCESS:,}"


def _time(seconds: float) -> str:
    if seconds < 0.1:
        return f"{seconds * 1000:.2g} ms"
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _size(count: float) -> str:
    for power, unit in ((4, "TB"), (3, "GB"), (2, "MB"), (1, "kB")):
        if count >= 1000**power:
            return f"{count / 1000**power:.3g} {unit}"
    return f"{count:.0f} B"


if __name__ == "__main__":
    sys.exit(main())
