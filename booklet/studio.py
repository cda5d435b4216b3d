"""How do editors see the printed pages while they type? A page in their browser that follows their files.

Each view (a booklet in a language and a form) has a process that sets its pages, and lays out again only
what was changed. What the checks say of it comes a little later, from another process.
"""

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from watchfiles import awatch

from .answers import Pages, RefusalError
from .batch import Workers, start
from .comparing import Comparing
from .language import direction, name_of, own_name
from .layout import layout_names, layouts_of, sizes_of
from .overview import Overview
from .problem import Problem, Severity
from .reviewing import Reviewing, new_token
from .rows import named
from .serve import Guarded, OnlyHere
from .setter import EndedError, LostError, Setter, StaleError, picture
from .source import Source, file_bytes
from .view import Block, Hung, Judged, Seen, View, Wanted, judged

#: In milliseconds: how long the watcher waits for further changes of the same moment, and how often it looks.
SETTLED, STEP = 40, 5

#: In milliseconds: how often it looks whether a folder was replaced.
LOOKED_FOR = 1000

#: In seconds: pages that are given up for newer ones are so no longer than this after the last.
SEEN_AT_LEAST = 3.0

#: In seconds: so long after new pages the checks begin.
PICTURES_FIRST = 0.2

#: In seconds: how often an empty line tells a browser that it is still connected.
STILL_THERE = 15.0

#: In seconds: a browser asks again after so long.
LONGEST_WAIT = 20.0

#: So many views are kept; the one that was looked at longest ago goes. A tab whose view has gone gets another
#: with the next change. While tabs wait for more of them, there are no more than so many.
VIEWS, MOST_VIEWS = 6, 12

#: Lines of the source that are shown above and below the one that was asked for.
AROUND = 12

#: The folder in layouts/ with the pages.
PAGES = "studio"

_MISSING = (
    404,
    "There is no such page here",
    "Look at the address, or choose a booklet from the list.",
    0,
    "/",
)
_CROWDED = "Too many pages are being set", "Close some tabs of the studio, and load this page again."
_BUSY = "The page is not there now", "It is being set again: look once more in a moment."

#: How grave a finding is, in words for an editor.
SAID = {Severity.ERROR: "Error", Severity.WARNING: "Warning", Severity.ADVICE: "Advice"}


@dataclass
class Shown:
    """What is known of a view, and who waits for news of it."""

    setter: Setter
    seen: Seen = field(default_factory=lambda: Seen(()))
    """The last pages that could be laid out."""
    faults: tuple[Problem, ...] = ()
    """Why the source cannot be laid out as it is now; none where it can."""
    lost: str = ""
    judged: Judged | None = None
    changed: tuple[int, ...] = ()
    """The pages that the last change changed, from 1."""
    told: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    """When the tabs had news last."""
    turn: int = 0
    """How often it was set; what belongs to an earlier turn is told no more."""
    busy: bool = False
    again: bool = False
    ended: bool = False
    """Was the process ended when it was asked last?"""
    awaited: bool = False
    """Is more to be told of the last change?"""
    checking: Any = None
    number: int = 0
    """The number of what was told last, which no other view has; 0 before there is anything to tell."""
    waiting: int = 0
    """So many tabs wait for news of it now."""
    fresh: asyncio.Event = field(default_factory=asyncio.Event)
    """Set as soon as there is more to tell; another one takes its place then."""

    async def after(self, number: int) -> bool:
        """Wait until there is something to tell that is not this; is there, before a browser gives up?"""
        self.waiting += 1
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_WAIT):
                    while self.number in (0, number):
                        await self.fresh.wait()
        finally:
            self.waiting -= 1
        return self.number not in (0, number)

    def news(self) -> str:
        """What a tab is told (JSON)."""
        findings = self.faults or (self.judged.problems if self.judged else ())
        said = {
            "number": self.number,
            "title": self.seen.title,
            "version": self.seen.version,
            "pages": [list(page) for page in self.seen.pages],
            "changed": list(self.changed),
            "outline": [list(heading) for heading in self.seen.outline],
            "stale": bool(self.faults or self.lost),
            "lost": self.lost,
            "checked": self.judged is not None,
            "more": self.awaited,
            "findings": [_finding(one) for one in findings],
            "blocks": [_block(block) for block in (self.judged.blocks if self.judged else ())],
            "remarks": [_remark(one) for one in (self.judged.remarks if self.judged else ())],
        }
        return json.dumps(said)


def _finding(problem: Problem) -> dict[str, Any]:
    return problem.as_data() | {"said": SAID[problem.severity]}


def _block(block: Block) -> dict[str, Any]:
    said = {"section": block.section, "quote": block.quote} if block.section else {}
    lines = [[page, *box] for page, box in block.lines]
    return {"file": block.where.file, "line": block.where.line, "lines": lines} | said


def _remark(one: Hung) -> dict[str, Any]:
    remark = one.remark
    by = f"{remark.name}, {remark.role}, {remark.date}"
    return {"number": remark.id, "said": remark.remark, "by": by, "at": one.told, "block": one.block}


class Studio:
    """The views of a publisher's booklets."""

    def __init__(self, roots: tuple[Path, ...], today: Callable[[], date], workers: Executor) -> None:
        self.roots, self.today, self.workers = roots, today, workers
        self.views: dict[Wanted, Shown] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._browsers: set[asyncio.Queue[str]] = set()
        self._numbers = itertools.count(1)
        told = {"direction": direction, "own_name": own_name, "name_of": name_of, "named": named}
        self._pages = Pages(roots[-1] / "layouts" / PAGES, told)
        self._token = new_token()
        self._overview = Overview(self._pages, roots, today, workers, lambda: self._announce("list"))

    # What changes

    async def watch(self) -> None:
        """Set the pages of every view anew when a file is saved, until this is cancelled."""
        while True:
            folders = self._folders()
            async for changes in awatch(
                *folders, debounce=SETTLED, step=STEP, rust_timeout=LOOKED_FOR, yield_on_timeout=True
            ):
                # A folder that was put in the place of another has to be watched anew.
                moved = self._folders() != folders
                if changes or moved:
                    await self._follow(
                        [*(path for _, path in changes), *(map(str, folders) if moved else ())]
                    )
                if moved:
                    break

    def _folders(self) -> dict[Path, int]:
        """What is watched, by what tells a folder from another of its name."""
        asked = (root / name for root in self.roots for name in ("source", "layouts"))
        return {path: path.stat().st_ino for path in asked if path.is_dir()}

    async def _follow(self, paths: Sequence[str]) -> None:
        # A process reads style sheets and fonts once.
        anew = any(Path(path).is_relative_to(root / "layouts") for path in paths for root in self.roots)
        self._announce("files")
        self._overview.changed(paths)
        for shown in list(self.views.values()):
            if anew:
                await run_in_threadpool(shown.setter.end)
            self._start(shown)

    def _start(self, shown: Shown) -> None:
        """Set a view's pages anew; where that is being done, once more after that."""
        # Who saves again and again sees something from time to time.
        if not shown.busy or asyncio.get_running_loop().time() - shown.told < SEEN_AT_LEAST:
            shown.setter.supersede()
        if shown.busy:
            shown.again = True
            return
        shown.busy = shown.awaited = True
        task = asyncio.get_running_loop().create_task(self._set(shown))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _set(self, shown: Shown) -> None:
        shown.turn = turn = shown.turn + 1
        try:
            while True:
                shown.again = False
                await self._look(shown)
                if not shown.again:
                    break
        finally:
            shown.busy = False
        if not shown.faults and not shown.lost:
            await self._check(shown, turn)
        if shown.turn == turn:
            shown.awaited = False
            self._tell(shown)

    async def _look(self, shown: Shown) -> None:
        if shown.checking is not None:
            shown.checking.cancel()
        before = shown.seen
        try:
            seen = await run_in_threadpool(shown.setter.ask, View.look)
        except StaleError:
            shown.again = True
            return
        except LostError as error:
            # What ended the process may have had nothing to do with the source: once more, and then no more.
            kept = self.views.get(shown.setter.wanted) is shown
            if isinstance(error, EndedError) and kept and not shown.ended:
                shown.ended = shown.again = True
                return
            shown.lost = str(error)
        else:
            shown.ended = False
            shown.lost, shown.faults = "", () if seen.pages else seen.problems
            if seen.pages:
                shown.seen = seen
                shown.changed = tuple(_changed(before, seen)) if before.pages else ()
                # What is written beside the text, such as a remark, changes no page.
                shown.judged = shown.judged if seen.pages == before.pages else None
        self._tell(shown)

    async def _check(self, shown: Shown, turn: int) -> None:
        # The pictures that the browsers ask for now go first.
        await asyncio.sleep(PICTURES_FIRST)
        if shown.turn != turn:
            return
        try:
            made = await run_in_threadpool(shown.setter.ask, View.edition)
            seen = await run_in_threadpool(shown.setter.ask, View.confirm)
        except StaleError:
            return
        except EndedError:
            return
        except LostError as error:
            if shown.turn == turn:
                shown.lost = str(error)
            return
        if made.value is None or shown.turn != turn:
            return
        if seen.pages != shown.seen.pages:
            more = _changed(shown.seen, seen)
            shown.seen, shown.changed = seen, tuple(sorted({*shown.changed, *more}))
            self._tell(shown)
        wanted = shown.setter.wanted
        shown.checking = self.workers.submit(judged, wanted, made.value, self.today())
        # One that was cancelled, or was lost with its worker, says nothing: the next change has another.
        with suppress(Exception, asyncio.CancelledError):
            found = await asyncio.wrap_future(shown.checking)
            if shown.turn == turn:
                shown.judged = found

    def view(self, wanted: Wanted) -> Shown:
        """A view, which is begun where it is not there yet."""
        if wanted not in self.views:
            self._make_room()
            self.views[wanted] = Shown(Setter(wanted))
            self._start(self.views[wanted])
        self.views[wanted] = self.views.pop(wanted)
        return self.views[wanted]

    def _make_room(self) -> None:
        """Let views go that nobody waits for; a RefusalError where there are too many others."""
        idle = [wanted for wanted, shown in self.views.items() if not shown.waiting]
        for wanted in idle[: max(len(self.views) - VIEWS + 1, 0)]:
            self.views.pop(wanted).setter.end()
        if len(self.views) >= MOST_VIEWS:
            raise RefusalError(503, *_CROWDED)

    # What is shown

    def routes(self) -> list[Route]:
        """What is shown where."""
        told = self._pages.told
        return [
            *self._overview.routes(),
            Route("/news", self.line),
            Route("/booklets/{booklet}/", told(self.booklet)),
            Route("/booklets/{booklet}/news", told(self.news)),
            Route("/booklets/{booklet}/pictures/{key}", told(self.picture)),
            Route("/booklets/{booklet}/source", told(self.source)),
            *Reviewing(self._pages, self.roots[0], self.today, self._token).routes(),
            *Comparing(self._pages, self.roots, self._wanted, self.workers).routes(),
            *(Route(f"/{name}", file) for name, file in self._pages.files.items()),
        ]

    def _wanted(self, request: Request) -> Wanted:
        """The view that is asked for; a RefusalError where there is none such."""
        source, asked = Source(self.roots[0]), request.query_params
        booklet = request.path_params["booklet"]
        language, clinic = asked.get("language", ""), asked.get("clinic", "")
        if booklet not in source.ids or language not in source.translations(booklet):
            raise RefusalError(*_MISSING)
        layouts = layouts_of(source.outline(booklet, language), self.roots)
        layout = asked.get("layout") or layouts[0]
        if layout not in layout_names(self.roots) or (clinic and clinic not in source.clinics):
            raise RefusalError(*_MISSING)
        # Who chooses another layout has the size of the one before in the same form.
        points, sizes = asked.get("points") or "0", sizes_of(layout, self.roots)
        points = points if sizes else "0"
        if points != "0" and points not in map(str, sizes):
            raise RefusalError(*_MISSING)
        return Wanted(self.roots, booklet, language, layout, int(points), asked.get("ink") == "low", clinic)

    async def booklet(self, request: Request) -> Response:
        """The pages of a booklet, with what is found on them."""
        wanted = await run_in_threadpool(self._wanted, request)
        source = Source(self.roots[0])
        house = source.house.value
        return self._pages.page(
            "booklet.html",
            wanted=wanted,
            shown=self.view(wanted),
            # With the layout by name: where the source cannot be read, nobody knows which is the first.
            query=_query(wanted),
            tag=source.outline(wanted.booklet, wanted.language).language,
            languages=[
                (one, source.outline(wanted.booklet, one).language)
                for one in source.translations(wanted.booklet)
            ],
            layouts=layout_names(self.roots),
            sizes=sizes_of(wanted.layout, self.roots),
            clinics=source.clinics,
            roles=house.sign_off_roles if house else (),
            token=self._token,
        )

    async def news(self, request: Request) -> Response:
        """What is known of a view, as soon as it is not what the browser has; nothing if that takes long."""
        wanted = await run_in_threadpool(self._wanted, request)
        shown, known = self.view(wanted), request.query_params.get("after", "0")
        if not re.fullmatch(r"[0-9]{1,15}", known):
            raise RefusalError(*_MISSING)
        if not await shown.after(int(known)):
            return Response(status_code=204)
        return Response(shown.news(), headers={"Cache-Control": "no-store"}, media_type="application/json")

    async def line(self, _: Request) -> Response:
        """A word as often as files or the list have changed (server-sent events, HTML Standard 9.2)."""
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(self._line(), media_type="text/event-stream", headers=headers)

    async def _line(self) -> AsyncIterator[str]:
        words: asyncio.Queue[str] = asyncio.Queue()
        self._browsers.add(words)
        try:
            yield ":\n\n"
            while True:
                try:
                    yield f"data: {await asyncio.wait_for(words.get(), STILL_THERE)}\n\n"
                except TimeoutError:
                    yield ":\n\n"
        finally:
            self._browsers.discard(words)

    def _announce(self, word: str) -> None:
        for browser in self._browsers:
            browser.put_nowait(word)

    def _tell(self, shown: Shown) -> None:
        shown.told, shown.number = asyncio.get_running_loop().time(), next(self._numbers)
        shown.fresh.set()
        shown.fresh = asyncio.Event()

    async def picture(self, request: Request) -> Response:
        """A page's picture, which is the same for ever: its address is made of what it shows."""
        wanted = await run_in_threadpool(self._wanted, request)
        scale = request.query_params.get("scale", "2")
        if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,4})?", scale):
            raise RefusalError(*_MISSING)
        asked = picture(request.path_params["key"], max(float(scale), 0.2))
        try:
            data = await run_in_threadpool(self.view(wanted).setter.ask, asked)
        except LostError:
            raise RefusalError(503, *_BUSY) from None
        if not data:
            raise RefusalError(*_MISSING)
        headers = {"Cache-Control": "private, max-age=86400, immutable"}
        return Response(data, headers=headers, media_type="image/png")

    async def source(self, request: Request) -> Response:
        """Some lines of a file that a booklet is made of."""
        wanted = await run_in_threadpool(self._wanted, request)
        return Response(
            await run_in_threadpool(partial(self._lines, wanted, request.query_params)),
            headers={"Cache-Control": "no-store"},
            media_type="application/json",
        )

    def _lines(self, wanted: Wanted, asked: Any) -> str:
        file, line = asked.get("file", ""), asked.get("line", "1")
        path = Path(file)
        if (
            path.suffix != ".yaml"
            or ".." in path.parts
            or path.parts[:1] != ("source",)
            or not re.fullmatch(r"[0-9]{1,9}", line)
        ):
            raise RefusalError(*_MISSING)
        data = file_bytes(wanted.roots[0], file)
        if data is None:
            raise RefusalError(*_MISSING)
        lines = data.decode("utf-8", "replace").split("\n")
        first = max(int(line) - AROUND, 1)
        told = lines[first - 1 : int(line) + AROUND]
        return json.dumps({"file": file, "path": str(wanted.roots[0] / file), "first": first, "lines": told})


def _changed(before: Seen, seen: Seen) -> Iterator[int]:
    known = {page.key for page in before.pages}
    return (number for number, page in enumerate(seen.pages, 1) if page.key not in known)


def _query(wanted: Wanted) -> str:
    """What a view's addresses end with."""
    said = {"language": wanted.language, "layout": wanted.layout, "points": wanted.points}
    said |= {"ink": "low" if wanted.grey else "", "clinic": wanted.clinic}
    return urlencode({key: text for key, text in said.items() if text})


class FromHere:
    """Answers nothing that a page elsewhere asks for, but a link to a page (Fetch Metadata, 2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app
        if scope["type"] == "http":
            asked = Request(scope)
            said = [asked.headers.get(f"sec-fetch-{name}", "") for name in ("site", "mode", "dest")]
            link = asked.method == "GET" and said[1:] == ["navigate", "document"]
            if said[0] not in ("", "none", "same-origin") and not link:
                app = PlainTextResponse("This is asked for from elsewhere.\n", 403)
        await app(scope, receive, send)


def application(studio: Studio) -> Starlette:
    """The studio as a site for this machine alone."""

    @asynccontextmanager
    async def watched(_: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(studio.watch())
        try:
            yield
        finally:
            watching.cancel()
            for shown in studio.views.values():
                shown.setter.end()

    return Starlette(
        routes=studio.routes(),
        middleware=[Middleware(OnlyHere), Middleware(FromHere), Middleware(Guarded)],
        lifespan=watched,
    )


@contextmanager
def site(roots: tuple[Path, ...], today: Callable[[], date]) -> Iterator[Starlette]:
    """The studio, with processes for its checks while it is needed."""
    start("booklet.compare")
    workers = Workers("booklet.compare")
    try:
        yield application(Studio(roots, today, workers))
    finally:
        workers.shutdown(cancel_futures=True)
