"""What does a site answer that takes forms? Its pages and files, or why it refuses; all from its own pages.

A page elsewhere can have a browser send a form, but not from the right origin, and it cannot read an answer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from .serve import TYPES

Handler = Callable[[Request], Awaitable[Response]]

#: In bytes: more than all fields have room for, in any script.
MOST_BYTES = 65_536
#: In bytes: of what is longer, so much is heard before it is refused.
MOST_HEARD = 1_000_000
#: In seconds: a form that takes longer to arrive is not waited for.
LONGEST_ARRIVAL = 10

#: Its own origin is told to the site itself, so that a form of another page can be told from it.
PAGE_HEADERS = {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"}

_UNREADABLE = 400, "This form cannot be read", "Use the page's own fields."


class RefusalError(Exception):
    """Why a request is not answered as it was meant, with the status of HTTP."""

    def __init__(self, status: int, title: str, told: str, again: int = 0, link: str = "") -> None:
        super().__init__(title)
        self.status, self.title, self.told, self.again, self.link = status, title, told, again, link


class Pages:
    """The pages of a site, and the files that these ask for, which lie in one folder of layouts/."""

    def __init__(
        self, folder: Path, told: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        self._headers = PAGE_HEADERS | dict(headers or {})
        self._environment = Environment(
            loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._environment.globals |= told
        files = sorted(path for path in folder.iterdir() if path.suffix in (".css", ".js", ".svg"))
        self.files = {path.name: self._file(path.read_bytes(), TYPES[path.suffix]) for path in files}

    def _file(self, data: bytes, kind: str) -> Handler:
        async def send(_: Request) -> Response:
            return Response(data, media_type=kind, headers={"Cache-Control": "no-cache"})

        return send

    def page(
        self, name: str, status: int = 200, more: Mapping[str, str] | None = None, **told: Any
    ) -> Response:
        """A page; `more` are headers."""
        html = self._environment.get_template(name).render(**told)
        return Response(html, status, {**self._headers, **(more or {})}, media_type="text/html")

    def told(self, answer: Handler) -> Handler:
        """The answer, or the page that says why it is refused."""

        async def show(request: Request) -> Response:
            try:
                return await answer(request)
            except RefusalError as error:
                more = {"Retry-After": str(error.again)} if error.again else {}
                return self.page("refused.html", error.status, more, error=error)
            except ClientDisconnect:
                return Response(status_code=400)

        return show


async def body_of(request: Request) -> bytes:
    """What a request brings along, if that is not too much."""
    found, length = b"", 0
    try:
        async with asyncio.timeout(LONGEST_ARRIVAL):
            # A browser that is cut short while it sends does not see the answer.
            async for piece in request.stream():
                length += len(piece)
                found += piece if length <= MOST_BYTES else b""
                if length > MOST_HEARD:
                    break
        if length > MOST_BYTES:
            told = "A form has at most 64 kB. Go back, and shorten what you typed."
            raise RefusalError(413, "That is too much", told)
    except TimeoutError:
        raise RefusalError(408, "That took too long", "The form did not arrive within 10 seconds.") from None
    return found


def check_origin(request: Request, home: str) -> None:
    """Refuse what is not from one of the site's pages: another page could have it sent unseen."""
    headers = request.headers
    own = f"http://{headers['host']}"
    site = headers.getlist("sec-fetch-site")
    if headers.getlist("origin") != [own] or site not in ([], ["same-origin"]):
        raise RefusalError(403, "This form is not from here", f"Use the page at {own}{home}.")
    kind, _, more = headers.get("content-type", "").partition(";")
    charset = more.strip().lower().replace('"', "")
    if kind.strip().lower() != "application/x-www-form-urlencoded" or charset not in ("", "charset=utf-8"):
        raise RefusalError(415, "This is no form", "Use the page's own buttons.")


def fields_of(body: bytes, known: Collection[str]) -> dict[str, str]:
    """The fields of a form (HTML, 4.10.21): each is known, and comes once."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=len(known),
        )
    except ValueError:
        raise RefusalError(*_UNREADABLE) from None
    found = {name: text.replace("\r\n", "\n").strip() for name, text in pairs}
    if len(found) < len(pairs) or not found.keys() <= set(known):
        raise RefusalError(*_UNREADABLE)
    return found
