"""What is measured of the press, and against what? One function for each of the letters of `speed`.

Each returns rows. Where two things are compared they were timed in turn, in one run.
"""

import gc
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from unittest.mock import patch

import nothing_to_do
from content import booklet, clinic, write_folder
from engines import LAYOUT, PROJECT, TODAY, Engine, Folders, cold_command, is_there, surroundings
from markup import panel, write_stock

from booklet import make
from booklet.batch import AHEAD, Workers, run_all
from booklet.bind import Bound, bind
from booklet.build import Request, jobs_of, together
from booklet.make import Job, Made
from booklet.source import Source
from booklet.store import write_whole

BOOKLETS, CLINICS = 12, 200
OTHERS = ("stock WeasyPrint", "Typst", "Prince", "Chromium")


@dataclass(frozen=True)
class Row:
    """A figure: what it is of, how many times it was taken, and what it should be."""

    what: str
    figure: str
    n: int
    aim: str = ""
    reached: bool | None = None
    """None where nothing was aimed at."""


def at_most(what: str, value: float, aim: float, n: int, unit: str = "") -> Row:
    """A figure that should not be above its aim."""
    return Row(what, f"{value:.3g}{unit}", n, f"at most {aim:g}{unit}", value <= aim)


@dataclass
class Bench:
    """The folder that all is measured in, with the booklets written into it where they are needed."""

    base: Path
    rounds: int

    @cached_property
    def folders(self) -> Folders:
        """Twelve booklets of 32 pages, for the press and for others."""
        folders = Folders(self.base / "booklets")
        contents = [booklet(seed) for seed in range(BOOKLETS)]
        write_folder(folders.publisher, contents, CLINICS)
        for number, content in enumerate(contents):
            write_stock(folders.stock(number), content)
        return folders

    def fresh(self) -> Path:
        """A new folder."""
        return Path(tempfile.mkdtemp(dir=self.base))


# (a) One booklet ---------------------------------------------------------------------------------


def one_booklet(bench: Bench) -> Iterator[Row]:
    """(a) One booklet, warm and cold, against others."""
    others = [name for name in OTHERS if is_there(name)]
    yield from (Row(f"{name}: not here", "–", 0) for name in OTHERS if name not in others)
    warm = _warm(["the press", "the press, checked", *others], bench)
    yield from _told("warm", warm, bench.rounds)
    press, stock = warm["the press"], warm["stock WeasyPrint"]
    yield at_most("warm, one core: the press / stock WeasyPrint", press / stock, 0.6, bench.rounds)
    yield Row("warm, two cores: the press / stock WeasyPrint", "not built", 0, "at most 0.4")
    yield Row("checked: the press / Typst or Prince and veraPDF", "veraPDF: not here", 0, "at most 0.5")
    cold = _cold(["the press", *others], bench)
    yield from _told("cold", cold, bench.rounds)
    ratio = cold["the press"] / cold["stock WeasyPrint"]
    yield Row("cold, checked and with reports: the press / stock WeasyPrint", f"{ratio:.2f}", bench.rounds)


def _told(how: str, medians: dict[str, float], rounds: int) -> Iterator[Row]:
    for name, seconds in medians.items():
        yield Row(f"{how}: {name}", f"{seconds * 1000:.0f} ms", rounds)


def _warm(names: Sequence[str], bench: Bench) -> dict[str, float]:
    """Medians in seconds of a booklet that is another each time, after two that are not counted."""
    engines = [Engine(name, bench.folders) for name in names]
    times: dict[str, list[float]] = {name: [] for name in names}
    for number in range(bench.rounds + 2):
        for engine in engines:
            found = engine.print(number % BOOKLETS)
            times[engine.name] += [found["wall"]] if number > 1 else []
    for engine in engines:
        engine.end()
    return {name: statistics.median(taken) for name, taken in times.items()}


def _cold(names: Sequence[str], bench: Bench) -> dict[str, float]:
    """Medians in seconds of a process that prints one booklet, after one that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in names}
    for number in range(bench.rounds + 1):
        for name in names:
            command = cold_command(name, bench.folders, number % BOOKLETS)
            began = time.perf_counter()
            quiet = {"stdin": subprocess.DEVNULL, "capture_output": True, "env": surroundings()}
            subprocess.run(command, check=True, **quiet)  # noqa: S603
            times[name] += [time.perf_counter() - began] if number else []
    return {name: statistics.median(taken) for name, taken in times.items()}


# (b) All editions --------------------------------------------------------------------------------


def all_editions(bench: Bench) -> Iterator[Row]:
    """(b) Twelve booklets for 200 clinics from nothing, against Typst and Prince kept warm."""
    count = BOOKLETS * CLINICS
    rounds = max(1, bench.rounds // 3)
    bare, checked, others = [], [], {name: [] for name in ("Typst", "Prince") if is_there(name)}
    for _ in range(rounds):
        bare.append(_editions(bench, make_unchecked))
        checked.append(_editions(bench, make.make))
        for name, taken in others.items():
            taken.append(_others_editions(name, bench))
    ours, proven = statistics.median(bare), statistics.median(checked)
    yield Row(f"{count} editions and the national ones, checks apart", f"{ours:.1f} s", rounds)
    yield Row("the same, checked", f"{proven:.1f} s", rounds)
    for name, aim in (("Typst", 0.25), ("Prince", 0.05)):
        if name not in others:
            yield Row(f"{name}: not here", "–", 0)
            continue
        taken = statistics.median(others[name])
        yield Row(f"{name}, reckoned from {BOOKLETS} × {1 + SAMPLE}", f"{taken:.1f} s", rounds)
        yield at_most(f"checks apart: the press / {name}", ours / taken, aim, rounds)
        yield Row(f"checked: the press / {name}", f"{proven / taken:.2f}", rounds)


def make_unchecked(jobs: Sequence[Job]) -> tuple[Made, ...]:
    """What `make` does, but for the checks."""
    good = make._Verdict((), pages=1)
    with patch.object(make._Run, "judged", lambda *_: good), patch.object(make._Run, "verdict", good):
        return make.make(jobs)


def _editions(bench: Bench, work: Callable[[Sequence[Job]], tuple[Made, ...]]) -> float:
    """Seconds for all editions in a fresh folder, by as many workers as there are cores."""
    roots = bench.folders.publisher, PROJECT
    out = bench.fresh()
    began = time.perf_counter()
    source = Source(roots[0])
    request = Request(roots, out, layout=LAYOUT, today=TODAY, clinics=source.clinics, all_clinics=True)
    workers = Workers("booklet.make")
    groups = together(jobs_of(request, source), workers.count)
    done = [one for made in run_all(work, groups, _failed, workers, AHEAD * workers.count) for one in made]
    taken = time.perf_counter() - began
    assert len(done) == BOOKLETS * (CLINICS + 1)
    assert all(one.passed for one in done), next(one.problems for one in done if not one.passed)
    shutil.rmtree(out)
    return taken


def _failed(jobs: Sequence[Job], why: str, hint: str) -> tuple[Made, ...]:
    raise SystemExit(f"{jobs[0].booklet}: {why} ({hint})")


#: So many clinics' editions of each booklet are printed by other engines, which would take minutes for all.
SAMPLE = 20


def _others_editions(name: str, bench: Bench) -> float:
    """Seconds that all editions would take another engine, warm in two processes.

    The first edition of each booklet is timed apart: an engine may print the others faster.
    """
    engines = [Engine(name, bench.folders) for _ in range(2)]
    began = time.perf_counter()
    _by_two(engines, range(1), bench)
    first = time.perf_counter() - began
    _by_two(engines, range(1, 1 + SAMPLE), bench)
    further = time.perf_counter() - began - first
    for engine in engines:
        engine.end()
    return first + further / SAMPLE * (CLINICS - 1)


def _by_two(engines: Sequence[Engine], clinics: range, bench: Bench) -> None:
    """Each engine prints every other booklet for these clinics, both at once, and writes the editions."""

    def share(which: int) -> None:
        for number in range(which, BOOKLETS, len(engines)):
            for who in clinics:
                details = clinic(who)
                more = {"clinic": json.dumps(details), "panel": panel(details)}
                keep = bench.base / f"{engines[which].name}-{number}-{who}.pdf"
                engines[which].print(number, keep=str(keep), **more)

    with ThreadPoolExecutor() as both:
        list(both.map(share, range(len(engines))))


# (c) One more edition ----------------------------------------------------------------------------


def one_more_edition(bench: Bench) -> Iterator[Row]:
    """(c) A clinic's edition of a booklet that is at hand, against writing the same bytes."""
    out = bench.fresh()
    source = Source(bench.folders.publisher)
    clinics = source.clinics[: 4 * bench.rounds]
    times: list[tuple[float, ...]] = []
    # The panels are laid out and proven in another booklet.
    for name in ("library-1", "library-2"):
        national = make._ready(Job((source.root, PROJECT), out, name, "", LAYOUT, TODAY), source)
        assert national.means
        series = make._Series(national, TODAY).run
        run = series.value if series else None
        assert run
        times = [_timed(national, run, who, source) for who in clinics]
    # The first pays for what all of a booklet's editions share.
    read, made, written, checked = (
        statistics.median(column) * 1000 for column in zip(*times[1:], strict=True)
    )
    n = len(times) - 1
    yield Row("its details read", f"{read:.2f} ms", n)
    yield Row("its bytes made", f"{made:.2f} ms", n)
    yield Row("its bytes written", f"{written:.2f} ms", n)
    yield at_most("made and written / written", (made + written) / written, 2, n)
    yield at_most("checked, the panel and the booklet proven before", checked, 5, n, " ms")


def _timed(national: make._Ready, run: make._Run, who: str, source: Source) -> tuple[float, ...]:
    """Seconds to read a clinic's details, to make the edition, to write it and to check it."""
    job = replace(national.made.job, clinic=who)
    began = time.perf_counter()
    means = national.with_clinic(job, source).means
    assert means
    read = time.perf_counter()
    edition = run.edition(means).value
    assert edition
    assert edition.panel
    made = time.perf_counter()
    write_whole(job.out / f"{who}.pdf", edition.pdf)
    written = time.perf_counter()
    run.judged(edition, means)
    return read - began, made - read, written - made, time.perf_counter() - written


# (d) Nothing to do -------------------------------------------------------------------------------


def nothing(bench: Bench) -> Iterator[Row]:
    """(d) Nothing to do over 500 editions: processor time above an empty start, and of others."""
    root, typed = bench.fresh(), bench.folders.stock(0)
    nothing_to_do.write_publisher(root)
    commands = {
        "the press": [sys.executable, str(PROJECT / "make_booklet.py"), "--root", str(root)],
        "an empty start of Python": [sys.executable, "-c", "pass"],
    }
    if shutil.which("make"):
        commands["make, of 500 targets"] = ["/usr/bin/env", "make", "-s", "-C", str(_makefile(bench.fresh()))]
    if is_there("Typst"):
        commands["an unchanged typst compile, of one booklet"] = cold_command("Typst", bench.folders, 0)
    assert typed.is_dir()
    rounds = 4 * bench.rounds + 1
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            times[name] += [nothing_to_do.cpu_ms(command)] if number else []
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    yield from (Row(name, f"{ms:.1f} ms", rounds) for name, ms in medians.items())
    above = medians["the press"] - medians["an empty start of Python"]
    yield at_most("the press above the empty start", above, 20, rounds, " ms")


def _makefile(folder: Path) -> Path:
    """A folder whose Makefile has 500 targets that are up to date, each with two inputs of its own."""
    names = [f"booklet-{number}" for number in range(nothing_to_do.EDITIONS)]
    rules = (f"{name}.pdf: {name}.yaml {name}.svg\n\ttouch {name}.pdf\n" for name in names)
    every = " ".join(f"{name}.pdf" for name in names)
    (folder / "Makefile").write_text(f"all: {every}\n{''.join(rules)}", encoding="utf-8")
    for ending in ("yaml", "svg", "pdf"):
        for name in names:
            (folder / f"{name}.{ending}").write_text(name, encoding="utf-8")
    return folder


# (e) The checker ---------------------------------------------------------------------------------


def checker(bench: Bench) -> Iterator[Row]:
    """(e) The checker against the render of the same booklet, in processor time."""
    engine = Engine("render and check", bench.folders)
    found = [engine.print(number % BOOKLETS) for number in range(bench.rounds + 1)][1:]
    engine.end()
    render, check = (statistics.median(one[what] for one in found) for what in ("render", "check"))
    yield Row("render", f"{render:.2f} s", bench.rounds)
    yield Row("check", f"{check:.2f} s", bench.rounds)
    yield at_most("check / render", check / render, 0.5, bench.rounds)


# (f) Memory --------------------------------------------------------------------------------------

#: So many jobs are done by a worker that is not replaced meanwhile.
JOBS = 500


def memory(bench: Bench) -> Iterator[Row]:
    """(f) The memory of one worker over 500 jobs, each another small booklet, rendered and checked."""
    folders = Folders(bench.fresh())
    write_folder(folders.publisher, [booklet(seed, sections=3) for seed in range(JOBS)])
    engine = Engine("the press, checked", folders)
    taken = [engine.print(number)["memory"] / 1024**2 for number in range(JOBS)]
    engine.end()
    first, last = statistics.median(taken[:10]), statistics.median(taken[-10:])
    yield Row("the first ten jobs", f"{first:.0f} MiB", 10)
    yield Row(f"the last ten of {JOBS}", f"{last:.0f} MiB", 10)
    yield at_most("last / first", last / first, 1.2, JOBS)


# (g) Growth --------------------------------------------------------------------------------------

#: So many sections make about 8, 16, … 256 pages.
SIZES = (2, 5, 20, 46, 98, 212)


def growth(bench: Bench) -> Iterator[Row]:
    """(g) How the time for a booklet grows with its pages, up to 256."""
    folders = Folders(bench.fresh())
    for number, sections in enumerate(SIZES):
        content = booklet(number, sections)
        write_folder(folders.publisher, [content])
    engine = Engine("the press", folders)
    engine.print(1)
    rounds = max(1, bench.rounds // 3)
    found = [[engine.print(number, count=True) for number in range(len(SIZES))] for _ in range(rounds)]
    engine.end()
    a_page = []
    for ofsize in zip(*found, strict=True):
        pages = int(ofsize[0]["pages"])
        a_page.append(statistics.median(one["wall"] for one in ofsize) / pages * 1000)
        yield Row(f"{pages} pages, for each", f"{a_page[-1]:.1f} ms", rounds)
    apart = abs(a_page[-1] / a_page[2] - 1)
    yield at_most("a page of the longest / one of the third, above or below 1", apart, 0.15, rounds)


# (h) An edit -------------------------------------------------------------------------------------

#: A sentence that stands in many sections, and what is written in its place.
EDIT = "There is no need to book", "You need not book"


def edit(bench: Bench) -> Iterator[Row]:
    """(h) A sentence changed in one part of a booklet of 32 pages, against all of it laid out again."""
    folders = Folders(bench.fresh())
    write_folder(folders.publisher, [booklet(0)])
    file = folders.publisher / "source/booklets/library-1/booklet.yaml"
    text = file.read_text(encoding="utf-8")
    places = [found.start() for found in re.finditer(EDIT[0], text)]
    before, _ = _bound(folders.publisher, None)
    times: list[tuple[float, float]] = []
    for number in range(bench.rounds + 1):
        # One sentence is as it was again, and another is not.
        at = places[number * len(places) // (bench.rounds + 2)]
        text = text.replace(EDIT[1], EDIT[0])
        file.write_text(text[:at] + text[at:].replace(*EDIT, 1), encoding="utf-8")
        text = file.read_text(encoding="utf-8")
        whole, anew = _bound(folders.publisher, None)
        before, changed = _bound(folders.publisher, before)
        times.append((anew, changed))
        assert before.national() == whole.national()
    anew, changed = (statistics.median(taken) for taken in zip(*times[1:], strict=True))
    yield Row("the booklet read and laid out anew", f"{anew * 1000:.0f} ms", bench.rounds)
    yield Row("read and laid out where it is changed", f"{changed * 1000:.0f} ms", bench.rounds)
    yield at_most("changed / anew, the same bytes", changed / anew, 0.3, bench.rounds)


def _bound(root: Path, before: Bound | None) -> tuple[Bound, float]:
    """The booklet with its PDF, and the seconds of processor time that it took."""
    gc.collect()
    began = time.process_time()
    source = Source(root)
    means = make._ready(Job((root, PROJECT), root, "library-1", "", LAYOUT, TODAY), source).means
    assert means
    bound = bind(means.sourced, means.layout, means.words, before).value
    assert bound
    bound.national()
    return bound, time.process_time() - began
