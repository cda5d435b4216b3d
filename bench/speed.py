#!/usr/bin/env python3
"""How fast is the press, beside other engines and beside itself?

`.venv/bin/python bench/speed.py` measures all, `speed.py a c` what these letters stand for. The other
engines are in the extra `bench` (`pip install -r requirements-bench.lock`); what is not there is left out
and said so. `--rounds N` sets how often each is timed, `--write` puts the table into docs/speed.md.
Ends with 1 where an aim is missed.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

import measures  # noqa: E402 - found by the line above
from measures import Bench, Row  # noqa: E402

MEASURES: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "a": measures.one_booklet,
    "b": measures.all_editions,
    "c": measures.one_more_edition,
}


def main() -> int:
    """Print the figures; 1 where an aim is missed."""
    parser = argparse.ArgumentParser(description="How fast is the press?")
    parser.add_argument("letters", nargs="*", metavar="LETTER", help=f"of {' '.join(MEASURES)}; default: all")
    parser.add_argument("--rounds", type=int, default=9, help="how often each thing is timed")
    parser.add_argument("--write", action="store_true", help="put the table into docs/speed.md")
    asked = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), asked.rounds)
        for letter in asked.letters or MEASURES:
            measure = MEASURES[letter]
            sys.stdout.write(f"{measure.__doc__}\n")
            for row in measure(bench):
                sys.stdout.write(line(row))
                sys.stdout.flush()
                missed = missed or row.reached is False
    return int(missed)


def line(row: Row) -> str:
    """A figure as it is printed."""
    verdict = {True: "reached", False: "missed", None: ""}[row.reached]
    aim = f"({row.aim}) {verdict}" if row.aim else ""
    return f"  {row.what:<62} {row.figure:>10}  n={row.n:<4} {aim}\n"


if __name__ == "__main__":
    sys.exit(main())
