"""What is measured of the press, and against what? One function for each of the letters of `speed`.

Each returns rows. Where two things are compared they were timed in turn, in one run.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

import nothing_to_do
from content import booklet, clinic, write_folder
from engines import LAYOUT, PROJECT, TODAY, Engine, Folders, cold_command, is_there, surroundings
from markup import panel, write_stock

from booklet import make
from booklet.batch import AHEAD, Workers, run_all
from booklet.bind import Bound, bind
from booklet.build import Request, jobs_of, together
from booklet.layout import layout_for
from booklet.make import Job, Made
from booklet.source import Source

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
    bench.folders.publisher.exists()
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
    with patch.object(make._Run, "judged", lambda *_: make._Verdict((), pages=1)):
        return make.make(jobs)


def _editions(bench: Bench, work: Callable[[Sequence[Job]], tuple[Made, ...]]) -> float:
    """Seconds for all editions in a fresh folder, by as many workers as there are cores."""
    roots = bench.folders.publisher, PROJECT
    out = bench.fresh()
    began = time.perf_counter()
    source = Source(roots[0])
    request = Request(roots, out, layout=LAYOUT, today=TODAY, clinics=source.clinics, all_clinics=True)
    workers = Workers("booklet.make")
    groups = together(jobs_of(request, source))
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
    _by_two(engines, [(number, 0) for number in range(BOOKLETS)], bench)
    first = time.perf_counter() - began
    _by_two(engines, [(number, who) for number in range(BOOKLETS) for who in range(1, 1 + SAMPLE)], bench)
    further = time.perf_counter() - began - first
    for engine in engines:
        engine.end()
    return first + further / SAMPLE * (CLINICS - 1)


def _by_two(engines: Sequence[Engine], editions: Sequence[tuple[int, int]], bench: Bench) -> None:
    """Each engine prints every other booklet's editions, both at once, and writes them."""
    shares = [[edition for edition in editions if edition[0] % 2 == which] for which in (0, 1)]
    for pair in zip(*shares, strict=True):
        for engine, (number, who) in zip(engines, pair, strict=True):
            details = clinic(who)
            more = {"clinic": json.dumps(details), "panel": panel(details)}
            engine.begin(number, keep=str(bench.base / f"{engine.name}-{number}-{who}.pdf"), **more)
        for engine in engines:
            engine.done()


# (c) One more edition ----------------------------------------------------------------------------


def one_more_edition(bench: Bench) -> Iterator[Row]:
    """(c) A clinic's edition of a booklet that is at hand, against writing the same bytes."""
    out = bench.fresh()
    source = Source(bench.folders.publisher)
    first, second = (_bound(bench, source, f"library-{number}") for number in (1, 2))
    run = make._Run(second, TODAY)
    for who in source.clinics:  # the panels are laid out and proven in another booklet
        _edition(first, source, "library-1", who)
    made, written, plain, judged = [], [], [], []
    for number, who in enumerate(source.clinics):
        began = time.perf_counter()
        edition, sourced, layout = _edition(second, source, "library-2", who)
        at_hand = time.perf_counter()
        make.write_whole(out / f"{who}.pdf", edition.pdf)
        there = time.perf_counter()
        make.write_whole(out / f"{who}-plain.pdf", edition.pdf)
        again = time.perf_counter()
        run.judged(edition, sourced, layout)
        if number > 1:  # the first pays for what all of a booklet's editions share
            made.append(at_hand - began)
            written.append(there - began)
            plain.append(again - there)
            judged.append(time.perf_counter() - again)
    n, ms = len(made), 1000
    whole, bare = statistics.median(written) * ms, statistics.median(plain) * ms
    yield Row("an edition's bytes", f"{statistics.median(made) * ms:.2f} ms", n)
    yield Row("the bytes made and written", f"{whole:.2f} ms", n)
    yield Row("the same bytes written", f"{bare:.2f} ms", n)
    yield at_most("made and written / written", whole / bare, 2, n)
    yield Row("checked, the panel proven here", f"{statistics.median(judged) * ms:.2f} ms", n)


def _bound(bench: Bench, source: Source, name: str) -> Bound:
    sourced = source.booklet(name).value
    assert sourced
    layout = layout_for(sourced, LAYOUT, (bench.folders.publisher, PROJECT)).value
    assert layout
    words = layout.words(sourced.booklet.language).value
    assert words
    bound = bind(sourced, layout, words).value
    assert bound
    return bound


def _edition(bound: Bound, source: Source, name: str, who: str) -> tuple[Any, Any, Any]:
    """As `make` has it done: the clinic's file is read, and its details take their place."""
    sourced = source.edition(name, "", who).value
    assert sourced
    layout = layout_for(sourced, LAYOUT, (bound.layout.roots)).value
    assert layout
    edition = bound.with_clinic(sourced, layout).value
    assert edition
    assert edition.panel
    return edition, sourced, layout
