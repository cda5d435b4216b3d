"""What has changed between two versions, for an editor's eye? A page with both beside one another.

Comparing takes seconds, so it is done by workers, once for all tabs that ask for the same; what came of it is
kept for a while.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .answers import Pages, RefusalError
from .compare import NOW, Asked, Compared, Row, compared, picture
from .layout import layout_names, sizes_of
from .problem import Problem
from .register import SHOP, in_order
from .source import Source
from .view import Wanted

#: So many comparisons are kept; the one that was looked at longest ago goes.
KEPT = 4

#: What can be shown.
SHOWN = ("words", "pixels")

#: Pixels for each point of pictures: of a plain screen, and of a sharp one.
SCALES = (2, 4)

_MISSING = 404, "There is no such page here", "Look at the address, or choose a booklet from the list."
_GONE = 404, "There is no such picture", "Load the page again: what it shows has changed."
_LOST = Problem(
    "compare-lost",
    "The two versions could not be compared: it took too long, or too much memory",
    hint="look for a picture or a table that is far too large, and load this page again",
)

#: What is asked for, and what the files were like then.
_Key = tuple[Asked, tuple[tuple[str, int, int], ...]]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be compared, if there is anything, and what can be chosen."""

    asked: Asked | None
    versions: tuple[str, ...]
    """The released ones in the language, the latest first."""
    show: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that follow one another: all have something to show, or none has."""

    rows: tuple[Row, ...]
    plain: bool

    @property
    def others(self) -> int:
        """How many of the rows are not the same to the pixel."""
        return sum(not row.same for row in self.rows)


@dataclass(frozen=True, slots=True)
class Count:
    """What has changed, in numbers."""

    found: Compared

    @property
    def places(self) -> int:
        """In how many places of pages that both have other words stand."""
        return len({one.number for row in self._both for one in row.words})

    @property
    def pages(self) -> int:
        """On how many pages these are."""
        return sum(bool(row.words) for row in self._both)

    @property
    def drawn(self) -> int:
        """How many things are other ones beside the words."""
        return sum(len(row.drawn) for row in self._both)

    @property
    def new(self) -> int:
        """How many pages were put in."""
        return sum(row.old is None for row in self.found.rows)

    @property
    def gone(self) -> int:
        """How many pages were taken out."""
        return sum(row.new is None for row in self.found.rows)

    @property
    def others(self) -> int:
        """How many pages differ, though in nothing that is told."""
        return sum(not (row.same or row.words or row.drawn) for row in self._both)

    @property
    def all(self) -> int:
        """How many pages the new version has."""
        return sum(row.new is not None for row in self.found.rows)

    @property
    def _both(self) -> list[Row]:
        return [row for row in self.found.rows if row.old and row.new]


class Comparing:
    """The pages on which two versions are compared."""

    def __init__(
        self, pages: Pages, roots: tuple[Path, ...], wanted: Callable[[Request], Wanted], workers: Executor
    ) -> None:
        self._pages, self.roots, self._wanted, self.workers = pages, roots, wanted, workers
        self._kept: dict[_Key, Future[Compared]] = {}

    def routes(self) -> list[Route]:
        """What is shown where."""
        told, page = self._pages.told, "/booklets/{booklet}/compare"
        return [Route(page, told(self.shown)), Route(page + "/{key}.png", told(self.picture))]

    async def shown(self, request: Request) -> Response:
        """Two versions beside one another."""
        choice = await run_in_threadpool(self._choice, request)
        found = await self._compared(choice.asked) if choice.asked else Compared(choice.problems)
        told = await run_in_threadpool(self._told, request, choice, found)
        return self._pages.page("compare.html", choice=choice, found=found, **told)

    def _told(self, request: Request, choice: Choice, found: Compared) -> dict[str, Any]:
        wanted, source = self._wanted(request), Source(self.roots[0])
        languages = source.translations(wanted.booklet)
        form = {"language": wanted.language, "layout": wanted.layout, "points": wanted.points or ""}
        form |= {"ink": "low" if wanted.grey else ""}
        query = {key: said for key, said in form.items() if said}
        both = {"old": choice.asked.old, "new": choice.asked.new} if choice.asked else {}
        return {
            "wanted": wanted,
            "tag": source.outline(wanted.booklet, wanted.language).language,
            "languages": [(one, source.outline(wanted.booklet, one).language) for one in languages],
            "layouts": layout_names(self.roots),
            "sizes": sizes_of(wanted.layout, self.roots),
            "query": urlencode(query),
            "picked": urlencode(query | both),
            "groups": list(_groups(found)),
            "count": Count(found),
            "scales": SCALES,
            "now": NOW,
        }

    def _choice(self, request: Request) -> Choice:
        """What is asked for; a RefusalError where there is none such."""
        wanted, asked = replace(self._wanted(request), clinic=""), request.query_params
        source, show = Source(self.roots[0]), asked.get("show") or SHOWN[0]
        if show not in SHOWN:
            raise RefusalError(*_MISSING)
        register = source.register
        if register.value is None:
            return Choice(None, (), show, register.problems)
        tag = source.outline(wanted.booklet, wanted.language).language
        if not tag:
            # Nobody knows in which language it is, so as to find its releases.
            return Choice(None, (), show, source.booklet(wanted.booklet, wanted.language).problems)
        editions = register.value.editions
        found = in_order(
            version for booklet, version, language in editions if (booklet, language) == (wanted.booklet, tag)
        )
        old, new = asked.get("old") or (found[-1] if found else ""), asked.get("new") or NOW
        if not {old, new} <= {*found, NOW, ""}:
            raise RefusalError(*_MISSING)
        return Choice(Asked(wanted, old, new) if old else None, tuple(reversed(found)), show)

    async def _compared(self, asked: Asked) -> Compared:
        """Both versions as they are now; who asks for what is being compared waits for the same."""
        key = asked, await run_in_threadpool(_state, asked)
        if key not in self._kept:
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept))).cancel()
            self._kept[key] = self.workers.submit(compared, asked)
        self._kept[key] = self._kept.pop(key)
        future = self._kept[key]
        try:
            # Who goes away stops nobody else's.
            return await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            if not future.cancelled():
                raise
        except Exception:
            self._kept.pop(key, None)
        return Compared((_LOST,))

    async def picture(self, request: Request) -> Response:
        """A page's picture, which is the same for ever: its address is made of what it shows."""
        scale, key = request.query_params.get("scale", str(SCALES[0])), request.path_params["key"]
        if scale not in map(str, SCALES):
            raise RefusalError(*_MISSING)
        choice = await run_in_threadpool(self._choice, request)
        found = self._holding(key)
        if found is None and choice.asked:
            found = await self._compared(choice.asked)
        if found is None or found.versions is None or key not in found.pictures:
            raise RefusalError(*_GONE)
        how, pdfs = found.pictures[key], [version.pdf for version in found.versions]
        own, other = pdfs[how.new], pdfs[not how.new] if how.pale else b""
        try:
            drawn = self.workers.submit(picture, own, other, how, float(scale))
            data = await asyncio.wrap_future(drawn)
        except Exception:
            raise RefusalError(503, _LOST.message, _LOST.hint) from None
        headers = {"Cache-Control": "private, max-age=86400, immutable"}
        return Response(data, headers=headers, media_type="image/png")

    def _holding(self, key: str) -> Compared | None:
        """A comparison that is done, and has the picture."""
        done = (
            one for one in self._kept.values() if one.done() and not one.cancelled() and not one.exception()
        )
        return next((one.result() for one in done if key in one.result().pictures), None)


def _groups(found: Compared) -> Iterator[Group]:
    """The rows in order, those with nothing to show apart."""

    def is_plain(row: Row) -> bool:
        alone = row.old is None or row.new is None
        return not (alone or row.words or row.drawn)

    yield from (Group(tuple(rows), plain) for plain, rows in groupby(found.rows, key=is_plain))


def _state(asked: Asked) -> tuple[tuple[str, int, int], ...]:
    """What the files are like that both versions are made of: size, and time of change in nanoseconds."""
    own, project = asked.wanted.roots[0], asked.wanted.roots[-1]
    folders = [own / "layouts", project / "layouts", own / SHOP / "register"]
    folders += [own / SHOP / asked.wanted.booklet / version for version in {asked.old, asked.new} - {NOW}]
    if NOW in (asked.old, asked.new):
        # Other booklets are none of its business.
        others = (path for path in (own / "source").iterdir() if path.name != "booklets")
        folders += [own / "source/booklets" / asked.wanted.booklet, *others]
    files = chain.from_iterable([path, *path.rglob("*")] for path in folders)
    return tuple(sorted(set(_stated(files))))


def _stated(files: Iterable[Path]) -> Iterator[tuple[str, int, int]]:
    for path in files:
        # What is saved just now may be away for a moment.
        with suppress(OSError):
            said = path.stat()
            yield str(path), said.st_size, said.st_mtime_ns
