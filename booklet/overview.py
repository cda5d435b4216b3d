"""How does each booklet stand? The list of all says so as it changes: state, findings, remarks, sign-offs."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from datetime import date
from pathlib import Path
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .answers import Pages
from .layout import layouts_of
from .problem import Severity
from .reviewing import Text, text_of
from .source import Source
from .view import Wanted, counted

#: In seconds: who has asked for the list within so long still sees it, as it asks again with each finding.
INTEREST = 30.0

Counts = Counter[Severity]


class Row(NamedTuple):
    """A booklet in the language of one of its files. Without `findings` nobody has looked yet."""

    text: Text
    tag: str
    findings: Counts | None


class Overview:
    """The list, and what the checks have found in each booklet in its first layout."""

    def __init__(
        self,
        pages: Pages,
        roots: tuple[Path, ...],
        today: Callable[[], date],
        workers: Executor,
        tell: Callable[[], None],
    ) -> None:
        self._pages, self.roots, self.today, self.workers = pages, roots, today, workers
        self._found: dict[tuple[str, str], Counts] = {}
        self._tell, self._asked = tell, 0.0
        self._checking: asyncio.Task[None] | None = None
        self._changes = 0

    def routes(self) -> list[Route]:
        """What is shown where."""
        return [Route("/", self._pages.told(self.shown))]

    def changed(self, paths: Iterable[str]) -> None:
        """Forget what was found in booklets that have changed; who sees the list asks for it again."""
        self._changes += 1
        folder = self.roots[0] / "source" / "booklets"
        for path in map(Path, paths):
            # What is beside the booklets is in all of them.
            inside = path.is_relative_to(folder) and path.relative_to(folder).parts
            gone = [one for one in self._found if not inside or one[0] == inside[0]]
            for one in gone:
                del self._found[one]
        self._tell()

    async def shown(self, _: Request) -> Response:
        """All booklets; what is not known of them yet is looked for now."""
        self._asked = asyncio.get_running_loop().time()
        if self._checking is None or self._checking.done():
            self._checking = asyncio.get_running_loop().create_task(self._check())
        rows = await run_in_threadpool(lambda: list(self._rows()))
        return self._pages.page("list.html", rows=rows, today=self.today())

    def _rows(self) -> Iterator[Row]:
        source = Source(self.roots[0])
        for booklet in source.ids:
            for language in source.translations(booklet):
                text = text_of(source, booklet, language, self.today())
                tag = source.outline(booklet, language).language
                yield Row(text, tag, self._found.get((booklet, language)))

    async def _check(self) -> None:
        """Check what has not been checked, one booklet after the other, while anybody looks."""
        while asyncio.get_running_loop().time() - self._asked < INTEREST:
            wanted = await run_in_threadpool(self._next)
            if wanted is None:
                return
            before = self._changes
            try:
                found = await asyncio.wrap_future(self.workers.submit(counted, wanted, self.today()))
            except Exception:
                # A worker that was lost: there is something in it that no check can cope with.
                found = Counter({Severity.ERROR: 1})
            # What has changed meanwhile is looked at once more.
            if self._changes == before:
                self._found[wanted.booklet, wanted.language] = found
                self._tell()

    def _next(self) -> Wanted | None:
        source = Source(self.roots[0])
        for booklet in source.ids:
            for language in source.translations(booklet):
                if (booklet, language) not in self._found:
                    layouts = layouts_of(source.outline(booklet, language), self.roots)
                    return Wanted(self.roots, booklet, language, layouts[0])
        return None
