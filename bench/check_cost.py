#!/usr/bin/env python3
"""What does the checker cost, beside the rendering of the same booklet?

Renders and checks a booklet in turn, in one process that has loaded everything, and prints the
medians and their ratio. The aim: at most 0.5 of the render's time for a booklet of 32 pages.
Run it with the project's own Python: `.venv/bin/python bench/check_cost.py`.
"""

import statistics
import sys
import time
from datetime import date
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from booklet.bind import print_edition  # noqa: E402
from booklet.inspect import inspect_pdf  # noqa: E402 - found by the line above
from booklet.judge import judge  # noqa: E402
from booklet.layout import layout_for  # noqa: E402
from booklet.source import Source  # noqa: E402

BOOKLET, LAYOUT, ROUNDS, AIM = "acute-lymphoblastic-leukaemia", "a5-booklet", 7, 0.5


def main() -> int:
    """Print the figures; 1 where the aim is missed."""
    sourced = Source(PROJECT).booklet(BOOKLET).value
    layout = layout_for(sourced, LAYOUT, (PROJECT,)).value
    assert sourced
    assert layout
    words = layout.words(sourced.booklet.language).value
    assert words
    renders, checks = [], []
    for _ in range(ROUNDS + 1):
        began = time.process_time()
        pdf = print_edition(sourced, layout, words).value
        rendered = time.process_time()
        assert pdf
        facts = inspect_pdf(pdf).value
        assert facts
        judge(facts, sourced, layout, date(2026, 11, 24))
        renders.append(rendered - began)
        checks.append(time.process_time() - rendered)
    # The first round reads the fonts and the dictionary.
    render, check = statistics.median(renders[1:]), statistics.median(checks[1:])
    sys.stdout.write(
        f"{BOOKLET}, {facts.pages} pages, medians of {ROUNDS} rounds\n"
        f"render: {render:.2f} s of processor time\n"
        f"check:  {check:.2f} s\n"
        f"ratio:  {check / render:.2f} (aim: at most {AIM})\n"
    )
    return int(check / render > AIM)


if __name__ == "__main__":
    sys.exit(main())
