"""What do reviewers write in a browser? Remarks on paragraphs, answers to them, and sign-offs.

All of it goes into plain files beside the booklet, with the version, the day, and, of a sign-off, the digest
of what was read. A form is taken only from the studio's own pages, which have its token in them.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from .answers import PAGE_HEADERS, Pages, RefusalError, body_of, check_origin, fields_of
from .model import Remark
from .problem import Outcome, Problem
from .remarks import Anchor, Hooks, Note, Part, add, close, lines, plain_line
from .sign_offs import Standing, Word, sign, standing
from .source import Source, Sourced
from .texts import OF_EDITION, OF_LAYOUTS, Place, places

#: What each form says, beside the token.
REMARK = ("section", "quote", "words", "name", "role", "remark")
"""A whole paragraph as it was read, which may read otherwise by now, or some words of one."""
ANSWER = ("state", "why")
SIGN_OFF = ("role", "name", "version", "digest", "read")

#: So many letters has a name, or a role.
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Text:
    """A booklet in the language of one of its files, as it is now, and what was written about it."""

    booklet: str
    language: str
    """As its file is named; empty for the booklet's own."""
    sourced: Sourced | None
    problems: tuple[Problem, ...]
    remarks: tuple[tuple[Remark, Anchor | None], ...]
    """Open ones come first."""
    standings: tuple[Standing, ...]
    places: tuple[Place, ...]

    @property
    def query(self) -> str:
        """What its addresses end with."""
        return f"?{urlencode({'language': self.language})}" if self.language else ""


def text_of(source: Source, booklet: str, language: str, today: date) -> Text:
    """What is to be reviewed, and what was written about it."""
    read, remarks = source.booklet(booklet, language), source.remarks(booklet, language)
    signed = source.sign_offs(booklet, language)
    said = places(read.value) if read.value else ()
    hooks = Hooks(said)
    hung = [(one, hooks.of(one) if said else None) for one in remarks.value or ()]
    faults = () if read.value else read.problems
    return Text(
        booklet,
        language,
        read.value,
        faults + remarks.problems + signed.problems,
        tuple(sorted(hung, key=lambda both: (not both[0].is_open, both[0].id))),
        standing(read.value, signed.value or (), today) if read.value else (),
        tuple(place for place in said if place.id not in (OF_EDITION, OF_LAYOUTS)),
    )


class Reviewing:
    """The page of a booklet's remarks and sign-offs, and the forms on it."""

    def __init__(self, pages: Pages, root: Path, today: Callable[[], date], token: str) -> None:
        self._pages, self.root, self.today, self.token = pages, root, today, token

    def routes(self) -> list[Route]:
        """What is shown and written where."""
        told, page = self._pages.told, "/booklets/{booklet}/remarks"
        return [
            Route(page, told(self.shown), methods=["GET"]),
            Route(page, told(self.remark), methods=["POST"]),
            Route(page + "/{number:int}", told(self.answer), methods=["POST"]),
            Route("/booklets/{booklet}/sign-offs", told(self.sign), methods=["POST"]),
            # Who loads the address of a form that was refused.
            Route(page + "/{number:int}", told(self.back), methods=["GET"]),
            Route("/booklets/{booklet}/sign-offs", told(self.back), methods=["GET"]),
        ]

    async def shown(self, request: Request) -> Response:
        """All remarks and sign-offs, and the forms for more."""
        return await self._shown(*_named(request, Source(self.root)))

    async def back(self, request: Request) -> Response:
        """Lead to the page that the forms are on."""
        return RedirectResponse(_address(*_named(request, Source(self.root))), 303, PAGE_HEADERS)

    async def _shown(
        self,
        booklet: str,
        language: str,
        faults: Sequence[Problem] = (),
        typed: Mapping[str, str] | None = None,
        at: int = 0,
    ) -> Response:
        work = partial(text_of, Source(self.root), booklet, language, self.today())
        told: dict[str, Any] = {"text": await run_in_threadpool(work), "faults": faults}
        status = 422 if faults else 200
        return self._pages.page("remarks.html", status, typed=typed or {}, at=at, token=self.token, **told)

    async def remark(self, request: Request) -> Response:
        """Write a remark on a paragraph, or on a section."""
        return await self._written(request, REMARK, self._remark)

    def _remark(self, source: Source, booklet: str, language: str, said: Mapping[str, str]) -> Outcome[str]:
        read = source.booklet(booklet, language)
        if read.value is None:
            return Outcome(None, read.problems)
        section, hooks = said["section"], Hooks(places(read.value))
        found = hooks.quoted(section, said["words"])
        empty = next((name for name in ("name", "role", "remark") if not said[name]), "")
        if empty:
            return _refused("missing-key", f"A remark needs a {empty}", "fill in what is empty")
        if section not in hooks.places:
            return _refused("unknown-section", "That section is not there any more", "load the page again")
        if said["words"] and not found:
            hint = "copy some words of one paragraph, as they are printed"
            return _refused("unknown-quote", "That section does not say that", hint)
        part = Part(said["name"], self.today(), said["remark"])
        quote = found.text if found else said["quote"]
        note = Note(read.value.booklet.version, said["role"], section, quote, (part,))
        # Who presses a button twice means it once.
        twice = [one for one in source.remarks(booklet, language).value or () if _is_same(one, note)]
        if twice:
            return Outcome(f"#remark-{twice[0].id}")
        added = add(source, booklet, language, [note])
        return Outcome(f"#remark-{added.value[0].id}" if added.value else None, added.problems)

    async def answer(self, request: Request) -> Response:
        """Say that a remark is done, or declined and why."""
        return await self._written(request, ANSWER, self._answer, request.path_params["number"])

    def _answer(
        self, source: Source, booklet: str, language: str, said: Mapping[str, str], number: int
    ) -> Outcome[str]:
        declined = said["state"] == "declined"
        if declined and not said["why"]:
            return _refused("missing-key", "What is declined needs a reason", "say why nothing is changed")
        closed = close(source, booklet, language, number, said["why"] if declined else "")
        return Outcome(f"#remark-{number}" if closed.value else None, closed.problems)

    async def sign(self, request: Request) -> Response:
        """Sign a version off, as it was read."""
        return await self._written(request, SIGN_OFF, self._sign)

    def _sign(self, source: Source, booklet: str, language: str, said: Mapping[str, str]) -> Outcome[str]:
        if said["read"] != "yes":
            return _refused("sign-off-void", "Say that you have read it", "tick the box, and sign again")
        word = Word(said["version"], said["role"], said["name"], self.today(), said["digest"])
        signed = sign(source, booklet, language, word)
        return Outcome("#sign-offs" if signed.value else None, signed.problems)

    async def _written(
        self, request: Request, known: Sequence[str], write: Callable[..., Outcome[str]], *more: int
    ) -> Response:
        """Do what a form says, and show the page again."""
        body = await body_of(request)
        check_origin(request, "/")
        fields = fields_of(body, ("token", *known))
        if not hmac.compare_digest(fields.pop("token", "").encode(), self.token.encode()):
            told = (
                "The studio was begun anew since this page was shown. Go back, load it again, and repeat it."
            )
            raise RefusalError(403, "This page is out of date", told)
        said = {name: fields.get(name, "") for name in known}
        booklet, language = _named(request, Source(self.root))
        if max(len(said.get(name, "")) for name in ("name", "role")) > LONGEST_NAME:
            raise RefusalError(400, "That is too long", f"A name has at most {LONGEST_NAME} letters.")
        try:
            done = await run_in_threadpool(write, Source(self.root), booklet, language, said, *more)
        except OSError as error:
            raise RefusalError(500, "It cannot be written", f"{error.strerror}: {error.filename}") from None
        if done.value is None:
            return await self._shown(booklet, language, done.problems, said, *more)
        return RedirectResponse(_address(booklet, language) + done.value, 303, PAGE_HEADERS)


def _is_same(remark: Remark, note: Note) -> bool:
    """Does a remark that is open say what somebody is about to say once more?"""
    (part,) = note.parts
    own = (
        note.version,
        note.role,
        note.section,
        plain_line(note.quote),
        part.name,
        part.date,
        lines(part.text),
    )
    said = remark.version, remark.role, remark.section, remark.quote or ""
    return remark.is_open and (*said, remark.name, remark.date, remark.remark) == own


def new_token() -> str:
    """What a page elsewhere cannot know (256 bits)."""
    return secrets.token_urlsafe(32)


def _address(booklet: str, language: str) -> str:
    query = f"?{urlencode({'language': language})}" if language else ""
    return f"/booklets/{booklet}/remarks{query}"


def _refused(code: str, message: str, hint: str) -> Outcome[str]:
    return Outcome(None, (Problem(code, message, hint=hint),))


def _named(request: Request, source: Source) -> tuple[str, str]:
    """The booklet, and the language as its file is named."""
    booklet, language = request.path_params["booklet"], request.query_params.get("language", "")
    if booklet not in source.ids or language not in source.translations(booklet):
        raise RefusalError(404, "There is no such booklet here", "Choose one from the list.", link="/")
    return booklet, language
