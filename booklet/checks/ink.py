"""Does an edition that is to have no colour and little ink keep to that?"""

from collections.abc import Iterator

from . import Case, Finding, check

#: A page of text takes a twentieth of what would cover it; this is what a page of tables takes.
MOST_INK = 0.15


@check(
    "ink-colour",
    why="A printer without colours makes of two colours one grey, and what they tell apart is lost.",
    hint="build it again with --ink low; a layout's grey.css says how it looks without colour",
    example="Page 6 has colour, though the edition is to be grey",
)
def ink_colour(case: Case) -> Iterator[Finding]:
    for number, ink in enumerate(case.facts.ink, 1):
        if case.grey and ink.coloured:
            yield Finding(f"Page {number} has colour, though the edition is to be grey", page=number)


@check(
    "ink-heavy",
    why="Whole areas of ink empty a clinic's printer, curl its paper and come out in stripes.",
    hint="the layout's grey.css must make grounds white, and set them off by outlines",
    example="Page 7 takes 22% ink, though the edition is to take little",
)
def ink_heavy(case: Case) -> Iterator[Finding]:
    photographs = [0.0] * case.facts.pages
    for image in case.facts.images:
        left, top, right, bottom = image.box
        width, height = case.facts.sizes[image.page - 1]
        photographs[image.page - 1] += (right - left) * (bottom - top) / (width * height)
    for number, ink in enumerate(case.facts.ink, 1):
        # An editor's photograph may be dark, and says what it says by that.
        if case.grey and ink.share > MOST_INK + photographs[number - 1]:
            message = f"Page {number} takes {ink.share:.0%} ink, though the edition is to take little"
            yield Finding(message, page=number)
