#!/usr/bin/env python3
"""How large, how plain and how long are the lines of each layout, measured from finished files?

Prints a table; `--write` puts it into docs/layouts.md.
Run it with the project's own Python: `.venv/bin/python bench/layout_figures.py`.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from booklet.bind import print_edition  # noqa: E402
from booklet.inspect import Facts, inspect_pdf  # noqa: E402 - found by the line above
from booklet.layout import layout_for  # noqa: E402
from booklet.source import Source  # noqa: E402

BOOKLET, FOLDED = "starting-chemotherapy", "checking-your-temperature"
FORMS = (
    ("a5-booklet", 0),
    ("a4-leaflet", 0),
    ("dl-leaflet", 0),
    ("large-print", 14),
    ("large-print", 18),
    ("large-print", 28),
)

#: Of the text's passages these run on over several lines.
RUNNING = {"P", "LBody"}

HEAD = """# The layouts in figures

<!-- Written by `bench/layout_figures.py --write`. -->

Measured from the finished files of the longest sample, and of the folded one, letter by letter. A page is
in millimetres, type in points; a line is what stands on one line of running text that fills it, in
letters and spaces, as the middle one and as one in twenty is longer; contrast is that of the palest word
(WCAG 2.2: 4.5 is needed, 7 is good). Clear print asks for 12 points, large print for 16 at least (UKAAF),
and lines for 60 to 70 letters (RNIB); in large print they must be shorter.

"""


def edition(name: str, size: int, *, grey: bool) -> tuple[str, Facts]:
    """What a form is called, and the sample in it, inspected."""
    sourced = Source(PROJECT).booklet(FOLDED if name == "dl-leaflet" else BOOKLET).value
    assert sourced
    form = layout_for(sourced, name, (PROJECT,), size, grey=grey).value
    assert form
    words = form.words(sourced.booklet.language).value
    assert words
    pdf = print_edition(sourced, form, words).value
    assert pdf
    facts = inspect_pdf(pdf).value
    assert facts
    return form.form, facts


def lines(facts: Facts) -> Iterator[int]:
    """How many letters and spaces each full line of running text has: all but the last of a paragraph."""
    tops = facts.letters.box[:, 3]
    for passage in facts.passages:
        if passage.role in RUNNING:
            printed = list(passage.printed)
            breaks = [i for i in range(1, len(printed)) if tops[printed[i]] > tops[printed[i - 1]] + 6]
            begins = [0, *breaks]
            yield from (end - begin for begin, end in zip(begins, breaks, strict=False) if end - begin > 1)


def row(name: str, facts: Facts) -> str:
    """One line of the table."""
    letters = facts.letters
    solid = ~letters.blank & letters.seen
    wide, high = (side / 72 * 25.4 for side in facts.sizes[0])
    sizes = Counter(np.round(letters.size[solid], 1).tolist())
    full = sorted(lines(facts))
    words = np.concatenate(
        [[0], np.cumsum(letters.blank | np.append(letters.run[1:] != letters.run[:-1], True))[:-1]]
    )
    best = np.zeros(int(words.max()) + 1, np.float32)
    np.maximum.at(best, words, np.where(solid, letters.contrast, 0))
    palest = float(best[best > 0].min())
    figures = (
        f"{wide:.0f} × {high:.0f}",
        f"{facts.pages}",
        f"{sizes.most_common(1)[0][0]:g}",
        f"{min(sizes):g}",
        f"{full[len(full) // 2]}",
        f"{full[len(full) * 19 // 20]}",
        f"{palest:.1f}",
    )
    return f"| {name} | " + " | ".join(figures) + " |"


def main() -> int:
    """Print the table, and write it where that is asked for."""
    rows = [
        "| layout | page | pages | text | smallest | middle line | long line | contrast |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, size in FORMS:
        for grey in (False, True):
            rows.append(row(*edition(name, size, grey=grey)))
    sys.stdout.write("\n".join(rows) + "\n")
    if "--write" in sys.argv[1:]:
        text = HEAD + "\n".join(rows) + "\n"
        (PROJECT / "docs" / "layouts.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
