"""How does it look on a screen and on paper, what has changed in a booklet?

A page of HTML that needs nothing from elsewhere, and pages in the layout's style, to lay into a booklet.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from .bidi import isolated
from .differences import FIGURES, LABELS, Change, Differences, Kind, Pair, Swap, differences, shortened
from .language import direction, listed
from .layout import Layout, layout_for
from .printing import page_beside
from .problem import Outcome, Problem
from .register import SHOP
from .released import kept_release
from .source import Source
from .store import write_whole
from .texts import OF_EDITION, PICTURES, Place
from .typeset import typeset_beside

#: What nobody sees on paper, by its key.
UNSEEN = frozenset({"alt", "lines", "row_headers", "running_title", "width"})

#: The fixed words that head the matter around the sections.
_HEADED = {
    "_cover": "front_cover",
    "_about": "about",
    "_at-a-glance": "at_a_glance",
    "_glossary": "glossary",
    "_help": "how_we_can_help",
    "_information": "information",
    "_formats": "formats",
}


def earlier(source: Source, booklet: str, since: str) -> Outcome[Path]:
    """The publisher's folder of an earlier version: a release's, by its number, or one that is named."""
    if re.fullmatch(r"\d{1,9}\.\d{1,9}", since):
        register, shop = source.register, source.root / SHOP
        if register.value is None:
            return Outcome(None, register.problems)
        entry = register.value.release(booklet, since)
        if entry:
            release = kept_release(shop, entry)
            return Outcome(release.value.roots[0] if release.value else None, release.problems)
        message = f"There is no release {since} of '{booklet}' in {shop}."
        hint = "name a version that was released, or a publisher's folder, which holds source/"
        return Outcome(None, (Problem("unknown-release", message, hint=hint),))
    folder = Path(since).resolve()
    if since and (folder / "source").is_dir():
        return Outcome(folder)
    message = f"'{since}' is no version, and no publisher's folder: there is no source/ in it."
    return Outcome(None, (Problem("unknown-release", message, hint="write --since 1.0, or --since FOLDER"),))


def changes_since(source: Source, booklet: str, language: str, since: str) -> Outcome[Differences]:
    """What has changed in a booklet, in the language of one of its files.

    Without a value where one of the versions cannot be read.
    """
    now, folder = source.booklet(booklet, language), earlier(source, booklet, since)
    if now.value is None or folder.value is None:
        return Outcome(None, now.problems if now.value is None else folder.problems)
    before = Source(folder.value).booklet(booklet, language)
    if before.value is None:
        told = (replace(one, message=f"In the earlier version: {one.message}") for one in before.problems)
        return Outcome(None, tuple(told))
    return Outcome(differences(before.value, now.value))


def write_changes(
    found: Differences, layout: Layout, words: Mapping[str, str], out: Path
) -> tuple[Path, ...]:
    """Write the page of HTML and the pages of PDF into the folder of editions; their places."""
    booklet, since = found.now.booklet, found.before.booklet.version
    name = f"{booklet.id}-{booklet.version}-{booklet.language}-changes-since-{since}"
    path = out / booklet.id / booklet.version / name
    html, pdf = path.with_name(f"{name}.html"), path.with_name(f"{name}.pdf")
    write_whole(html, changes_as_html(found).encode())
    write_whole(pdf, changes_as_pdf(found, layout, words))
    return html, pdf


@cache
def _template(name: str) -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template(name)


def changes_as_html(found: Differences, *, whole: bool = True) -> str:
    """What has changed, as one HTML page; or what is to be read of it, for a page with a look of its own."""
    booklet = found.now.booklet
    return _template("changes.html" if whole else "changed.html").render(
        booklet=booklet,
        since=found.before.booklet.version,
        direction=direction(booklet.language),
        direction_of=direction,
        isolated=isolated,
        counts={kind: number for kind, number in found.counts.items() if number},
        figures=FIGURES,
        swaps=found.swaps,
        places=found.by_place,
        labels=LABELS,
    )


def changes_as_pdf(found: Differences, layout: Layout, words: Mapping[str, str]) -> bytes:
    """What has changed for a reader, as pages in the layout's style."""
    seen = [(place, tuple(_on_paper(found, changes, words))) for place, changes in found.by_place]
    told = {
        "since": found.before.booklet.version,
        "swaps": [_swap(swap, where, words, found) for swap, where in found.swaps],
        "places": [
            (_title(place, words, found), changes)
            for place, changes in seen
            if changes and place.id != OF_EDITION
        ],
    }
    layout = _for_both(found, layout)
    html = typeset_beside("changes.html", found.now, layout, words, told)
    return page_beside(html, layout, grey=layout.grey)


def _for_both(found: Differences, layout: Layout) -> Layout:
    """The layout with the families that what is gone is written in, too."""
    before = layout_for(found.before, layout.name, layout.roots, layout.size, grey=layout.grey).value
    if before is None:
        return layout
    families = dict.fromkeys((*layout.families, *before.families))
    others = dict.fromkeys((*layout.others, *before.others))
    return replace(layout, families=tuple(families), others=tuple(others))


def _swap(
    swap: Swap, where: Sequence[Place], words: Mapping[str, str], found: Differences
) -> tuple[str, str]:
    """What a number was and is, and where."""
    form = words["changes_new"] if not swap.before else words["changes_gone"]
    form = words["changes_now"] if swap.before and swap.now else form
    named = listed((_title(place, words, found) for place in where), found.language)
    return form.format(before=swap.before, now=swap.now), named


def _title(place: Place, words: Mapping[str, str], found: Differences) -> str:
    """What a reader knows a place by; of the imprint it is the publisher's name."""
    if place.is_section:
        return place.title
    return words[_HEADED[place.id]] if place.id in _HEADED else found.now.house.name


def _on_paper(
    found: Differences, changes: tuple[Change, ...], words: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """The changes that are seen on paper, each with its runs of words."""
    for change in changes:
        pairs = [pair for pair in change.telling if pair.key not in UNSEEN]
        if any(map(_is_seen, pairs)) or (change.kind is Kind.MOVED and pairs):
            yield {"kind": str(change.kind), "texts": [_text(pair, words, found.language) for pair in pairs]}


def _is_seen(pair: Pair) -> bool:
    """Does it differ for a reader of paper? Emphasis alone is no news; links are told with the numbers."""
    same = pair.before and pair.now and pair.before.text == pair.now.text
    return pair.differs and (pair.key in PICTURES or not same)


def _text(pair: Pair, words: Mapping[str, str], language: str) -> dict[str, Any]:
    """A text as its template shows it; a box has its kind in the layout's words."""
    runs = shortened(pair.runs(language))
    if pair.key == "tone":
        runs = tuple((op, words[said]) for op, said in runs)
    tongue = pair.language or language
    own = {
        "column": pair.column,
        "language": tongue,
        "direction": direction(tongue),
        "is_picture": pair.key in PICTURES,
    }
    return own | {"runs": [(str(op), said) for op, said in runs]}
