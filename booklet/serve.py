"""How is public/ shown to a browser on this machine, and nothing else than public/?

Starlette's FileResponse writes files and parts of them. Its StaticFiles is not used: its ETags are made
of times, it follows links and shows hidden files, and it opens a file again by name after it has looked
at its size, so that a file which is replaced meanwhile arrives with the other's length.
"""

import errno
import hashlib
import os
import re
import resource
import socket
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import quote, unquote_to_bytes

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOST = "127.0.0.1"

#: What every answer says, but the two words to what is no request at all.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

#: What a file is, by the end of its name. The machine's own list (/etc/mime.types) differs from one to the
#: next. Starlette adds the charset to text/.
TYPES = {
    ".css": "text/css",
    ".csv": "text/csv",
    ".htm": "text/html",
    ".html": "text/html",
    ".ico": "image/vnd.microsoft.icon",
    ".ics": "text/calendar",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml; charset=utf-8",
    ".zip": "application/zip",
}
ATOM = {"atom.xml": "application/atom+xml; charset=utf-8"}
UNKNOWN = "application/octet-stream"

#: What is saved or shown under its own name.
DISPOSITIONS = {".pdf": "inline", ".zip": "attachment"}

INDEX, NOT_FOUND = "index.html", "404.html"

#: A name that may be asked for: not hidden, and neither `.` nor `..`.
_NAME = re.compile(r"[^.\x00-\x1f\x7f/\\][^\x00-\x1f\x7f/\\]*")

#: The digits in `style.1f3a9c07.css`; whether they are the file's own is compared.
_HASHED = re.compile(r"\.([0-9a-f]{8,64})\.\w+")

#: `0-99`, `100-` or `-100`: the first and the last byte, or how many at the end.
_SPAN = re.compile(r"(?=.*[0-9])([0-9]{0,18})-([0-9]{0,18})")

#: A pipe is opened without waiting for its writer, and a link is not followed.
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

#: What the system says of a name under which there is no file.
_MISSING = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EMLINK, errno.ENAMETOOLONG, errno.ENXIO}

Stamp = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """An open file of the folder: what is told of it stays true, whatever becomes of its name."""

    file: FileIO
    name: str
    status: os.stat_result
    digest: str
    """SHA-256 of its content, in hexadecimal."""

    @property
    def etag(self) -> str:
        """The same content has the same tag, on every machine."""
        return f'"{self.digest[:32]}"'

    @property
    def type(self) -> str:
        """Its media type."""
        return ATOM.get(self.name) or TYPES.get(PurePosixPath(self.name).suffix.lower(), UNKNOWN)

    @property
    def headers(self) -> dict[str, str]:
        """How long it may be kept, and under which name."""
        hashed = _HASHED.search(self.name)
        forever = hashed is not None and self.digest.startswith(hashed[1])
        headers = {
            "ETag": self.etag,
            "Cache-Control": "public, max-age=31536000, immutable" if forever else "no-cache",
        }
        kind = DISPOSITIONS.get(PurePosixPath(self.name).suffix.lower())
        return headers | ({"Content-Disposition": disposition(kind, self.name)} if kind else {})


class Site:
    """A folder as a browser may see it, and the digests of the files that were asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digests: dict[tuple[str, ...], tuple[Stamp, str]] = {}

    def answer(self, request: Request) -> Response:
        """What is sent for a request; an OSError or a ValueError where there is no such file."""
        found = self.find(request.scope["raw_path"])
        if isinstance(found, str):
            query = request.scope["query_string"].decode("ascii", "replace")
            return RedirectResponse(found + (f"?{query}" if query else ""))
        if _is_known(request.headers.get("if-none-match"), found.etag):
            found.file.close()
            return Response(status_code=304, headers=found.headers)
        return Download(found)

    def find(self, target: bytes) -> Found | str:
        """The file at a path as it was sent, or the path of the folder that was meant.

        An OSError where there is none, a ValueError where the path is not one.
        """
        *folders, name = names_of(target)
        try:
            return self.open(*folders, name or INDEX)
        except IsADirectoryError:
            self.open(*folders, name, INDEX).file.close()
            return "/" + "/".join(quote(one, safe="") for one in (*folders, name, ""))

    def open(self, *names: str) -> Found:
        """A file by the names of its folders and its own; an OSError where there is none to show."""
        at = _opened(self._folder, names)
        try:
            status = _status(at)
            digest = self._digest(names, at, status)
            return Found(FileIO(at), names[-1], status, digest)
        except BaseException:
            os.close(at)
            raise

    def _digest(self, names: tuple[str, ...], at: int, status: os.stat_result) -> str:
        """SHA-256 of a file; read only where it is another than the last time."""
        times = status.st_mtime_ns, status.st_ctime_ns
        stamp = status.st_dev, status.st_ino, status.st_size, *times
        known = self._digests.get(names)
        if known is None or known[0] != stamp:
            with FileIO(at, closefd=False) as file:
                known = stamp, hashlib.file_digest(file, "sha256").hexdigest()
            self._digests[names] = known
        return known[1]


def _opened(folder: Path, names: Sequence[str]) -> int:
    """The descriptor of what lies under these names.

    It is opened step by step, so that no link leads out of the folder, also none that is made just then.
    """
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for name in names:
        above = at
        try:
            at = os.open(name, _OPEN, dir_fd=above)
        finally:
            os.close(above)
    return at


def _status(at: int) -> os.stat_result:
    """What the system knows of an open file; an OSError where it is a folder, a device or a pipe."""
    status = os.fstat(at)
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "a folder")
    if not stat.S_ISREG(status.st_mode):
        raise FileNotFoundError(errno.ENOENT, "a device or a pipe")
    return status


def names_of(target: bytes) -> list[str]:
    """The names in a path as it was sent; the last is empty where it ends in `/`. Otherwise a ValueError."""
    names = [unquote_to_bytes(part).decode() for part in target.removeprefix(b"/").split(b"/")]
    if not target.startswith(b"/") or not all(map(_NAME.fullmatch, [*names[:-1], names[-1] or INDEX])):
        raise ValueError(target)
    return names


def disposition(kind: str, name: str) -> str:
    """The header that says under which name a file is kept (RFC 6266; RFC 8187 for what is not ASCII)."""
    plain = re.sub(r"[^ !#-$&-\[\]-~]", "_", name)
    exact = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'{kind}; filename="{plain}"{exact}'


def spans_of(asked: str, size: int) -> str:
    """Those of the asked parts of a file that there are, or all where there are none of them.

    Empty where it is not a list of parts: then the whole file is the answer (RFC 9110, 14.2), for
    which Starlette would find fault with the request.
    """
    unit, _, spans = asked.lower().partition("=")
    found = [_SPAN.fullmatch(span.strip()) for span in spans.split(",")]
    pairs = [(one[1], one[2]) for one in found if one]
    backwards = any(first and last and int(first) > int(last) for first, last in pairs)
    if unit != "bytes" or backwards or len(pairs) < len(found):
        return ""
    there = [pair for pair in pairs if (int(pair[0]) < size if pair[0] else int(pair[1]) and size)]
    return "bytes=" + ",".join(map("-".join, there or pairs))


class Download(FileResponse):
    """A file, or parts of it, by way of its descriptor: another under its name is another answer's.

    What is no longer than a piece is read at once, which answers three times as many requests.
    """

    chunk_size = 256 * 1024

    def __init__(self, found: Found, status_code: int = 200) -> None:
        at, self.found, size = found.file.fileno(), found, found.status.st_size
        super().__init__(f"/dev/fd/{at}", status_code, found.headers, found.type, stat_result=found.status)
        self.body = os.pread(at, size, 0) if size <= self.chunk_size else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        spans = self._spans(Request(scope)) if scope["method"] == "GET" else ""
        asked = [(b"range", spans.encode())] if spans else []
        with self.found.file:
            if self.body and not asked:
                await Response.__call__(self, scope, receive, send)
            else:
                await super().__call__({**scope, "headers": asked}, receive, send)

    def _spans(self, request: Request) -> str:
        """The parts that are asked for, of this very file."""
        asked = request.headers
        same = asked.get("if-range", self.found.etag) == self.found.etag
        return spans_of(asked.get("range", ""), self.found.status.st_size) if same else ""


def _is_known(asked: str | None, etag: str) -> bool:
    """Has the browser a file already, by what it says in If-None-Match?"""
    tags = [tag.strip().removeprefix("W/") for tag in (asked or "").split(",")]
    return etag in tags or tags == ["*"]


class OnlyHere:
    """Answers only who asked for this machine: a foreign name that leads here comes from a foreign page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        hosts = Request(scope).headers.getlist("host")
        port = f":{scope['server'][1]}"
        own = {f"{name}{port}" for name in (HOST, "localhost", "[::1]")}
        app = self.app
        if len(hosts) != 1:
            app = PlainTextResponse("A request names one host.\n", 400)
        elif hosts[0].lower() not in own and hosts[0].lower() + ":80" not in own:
            app = PlainTextResponse(f"This is http://{HOST}{port}/ and no other host.\n", 421)
        await app(scope, receive, send)


def application(folder: Path, routes: Sequence[BaseRoute] = ()) -> Starlette:
    """The folder as a site; `routes` go before its files."""
    site = Site(folder)

    async def show(request: Request) -> Response:
        try:
            return await run_in_threadpool(site.answer, request)
        except (ValueError, OSError) as error:
            raise _refusal(error) from None

    async def tell_missing(_: Request, __: Exception) -> Response:
        try:
            return await run_in_threadpool(lambda: Download(site.open(NOT_FOUND), 404))
        except OSError:
            return PlainTextResponse("There is no such page.\n", 404)

    app = Starlette(
        routes=[*routes, Route("/{path:path}", show)],
        middleware=[Middleware(OnlyHere)],
        exception_handlers={404: tell_missing},
    )
    app.router.redirect_slashes = False
    return app


def _refusal(error: Exception) -> HTTPException:
    """What is answered where a file cannot be opened."""
    if isinstance(error, PermissionError):
        return HTTPException(403, "This file may not be read.\n")
    if isinstance(error, OSError) and error.errno not in _MISSING:
        return HTTPException(503, "This file cannot be read now.\n")
    return HTTPException(404)


#: As many files as the server may have open, where the system lets it.
MOST_FILES = 10_000


def listening(port: int) -> socket.socket:
    """A socket of this machine that waits for browsers; 0 is any free port. An OSError where it is taken."""
    # Only of a socket that says it is TCP does asyncio send the last piece of an answer at once; of any
    # other it waits up to 40 ms for the browser to say that it has the first.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def address_of(listener: socket.socket) -> str:
    """What a browser on this machine is to be led to."""
    host, port = listener.getsockname()
    return f"http://{host}:{port}/"


def _allow_many_files() -> None:
    """Take more open files than the usual 1,024: a browser's download takes three."""
    own, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    if own < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


class Guarded:
    """Every answer says HEADERS; what it says of its own in their place stands."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_all(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, text in HEADERS.items():
                    headers.setdefault(name, text)
            await send(message)

        await self.app(scope, receive, send_all)


def run(folder: Path, listener: socket.socket, routes: Sequence[BaseRoute] = ()) -> None:
    """Show a folder, and what is answered at `routes`, until Ctrl-C."""
    _allow_many_files()
    until_stopped(Guarded(application(folder, routes)), listener)


def until_stopped(app: ASGIApp, listener: socket.socket, *, lifespan: Literal["on", "off"] = "off") -> None:
    """Answer browsers until Ctrl-C; with `lifespan` the site is told when that begins and ends."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="critical",  # a browser that goes away is no news, and a traceback is for no reader
        http="h11",
        lifespan=lifespan,
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
