#!/usr/bin/env python3
"""How fast is the press, beside other engines and beside itself?

`.venv/bin/python bench/speed.py` measures all, `bench/speed.py a c` what these letters stand for. The other
engines are in the extra `bench` (`.venv/bin/python -m pip install -r requirements-bench.lock`); what is not
there is left out and said so. `--rounds N` says how often each is timed, `--write` puts the figures into
docs/speed.md. Ends with 1 where an aim is missed.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

import measures  # noqa: E402 - found by the line above
from measures import Bench, Row  # noqa: E402

PAGE = PROJECT / "docs/speed.md"
BEGINS, ENDS = "<!-- The figures are written by `bench/speed.py --write`. -->\n", "<!-- Here they end. -->\n"

MEASURES: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "a": measures.one_booklet,
    "b": measures.all_editions,
    "c": measures.one_more_edition,
    "d": measures.nothing,
    "e": measures.checker,
    "f": measures.memory,
    "g": measures.growth,
    "h": measures.edit,
}

HEAD = "| what | figure | n | aim | |\n|---|--:|--:|--:|---|\n"
VERDICTS = {True: "reached", False: "missed", None: ""}


def main() -> int:
    """Print the figures; 1 where an aim is missed."""
    asked = _arguments()
    found: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), asked.rounds)
        for letter in asked.letters or MEASURES:
            sys.stdout.write(f"{MEASURES[letter].__doc__}\n")
            found[letter] = []
            for row in MEASURES[letter](bench):
                found[letter].append(row)
                sys.stdout.write(_line(row))
                sys.stdout.flush()
    if asked.write:
        _write(found)
    return int(any(row.reached is False for rows in found.values() for row in rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast is the press?")
    parser.add_argument("letters", nargs="*", metavar="LETTER", help=f"{', '.join(MEASURES)}; default: all")
    parser.add_argument("--rounds", type=int, default=9, help="how often each thing is timed (default: 9)")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/speed.md")
    asked = parser.parse_args()
    for letter in asked.letters:
        if letter not in MEASURES:
            parser.error(f"there is no measure '{letter}'")
    return asked


def _line(row: Row) -> str:
    """A figure as it is printed."""
    aim = f"(aim: {row.aim}) {VERDICTS[row.reached]}" if row.aim else ""
    return f"  {row.what:<62} {row.figure:>10}  n={row.n:<4} {aim}".rstrip() + "\n"


def _write(found: dict[str, list[Row]]) -> None:
    """Put the figures between the marks in the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGINS)
    table = [f"\n{os.cpu_count()} cores, {processor()}; Python {platform.python_version()}.\n"]
    for letter, rows in found.items():
        table.append(
            f"\n{MEASURES[letter].__doc__}\n\n| what | figure | n | aim | |\n|---|--:|--:|--:|---|\n"
        )
        table += (
            f"| {row.what} | {row.figure} | {row.n} | {row.aim} | {VERDICTS[row.reached]} |\n" for row in rows
        )
    PAGE.write_text(
        before + BEGINS + "".join(table) + "\n" + ENDS + rest.partition(ENDS)[2], encoding="utf-8"
    )


def processor() -> str:
    """What the processor is called; its kind where the system does not tell more."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
