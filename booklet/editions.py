"""How does a clinic get its edition on the spot? It types its details into a page, sees them, downloads.

Pages below /editions/, for `serve`. They set no cookie, and keep and log nothing of what is typed. The work
is done by processes of their own, within limits; who asks too much is told to come again.
"""

import asyncio
import base64
import math
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from itertools import groupby, islice
from pathlib import Path
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from .answers import PAGE_HEADERS, Pages, RefusalError, body_of, check_origin, fields_of
from .batch import LOST, Limits, Workers
from .language import direction, own_name
from .layout import form_of
from .problem import Severity, UnreadableError
from .register import FOLDER as REGISTER
from .register import SHOP, Edition, Entry, Register, State, read_register
from .released import MANIFEST, EditionFile, Manifest, folder_of, read_manifest
from .rows import named
from .serve import HEADERS, disposition
from .shelf import outdated, translated
from .spot import Answer, Wanted, answer, at_hand, begin
from .store import Folder
from .told import LABELS, tell
from .typed import CONTACTS, FIELDS, contact_field, details

#: So many forms of one browser are taken at once, and so many a second after that.
AT_ONCE, A_SECOND = 120, 60
#: Of so many browsers is known when they asked last.
BROWSERS = 10_000

#: So many forms are worked on, or wait for it.
AT_WORK = 32

#: What one of them may take; a page that has to be laid out again takes seconds.
LIMITS = Limits(memory=3 * 1024**3, cpu_seconds=30, wall_seconds=40)
#: A worker that begins takes as long as a hundred forms.
FORMS_PER_PROCESS = 3_000

#: A worker has the first forms of so many booklets at hand when it begins; each takes it seconds.
WARM = 8

#: What else a form says: which edition, and whether the panel is to be shown, or the file sent.
EDITION, DO = "edition", "do"
SHOW, SEND = "show", "send"
KNOWN = {*FIELDS, EDITION, DO}

#: The folder in layouts/ with the pages.
PAGES = "editions"

#: A page may have its picture in itself: nothing is kept that a browser could ask for again.
FORM_HEADERS = PAGE_HEADERS | {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace("img-src", "img-src data:")
}

_MISSING = 404, "There is no such booklet here", "Look at the address, or choose a booklet from the list."
_BUSY = (
    "Too many are asking",
    "Wait a moment, go back, and press the button again.",
)
_LOST = "It could not be made", "Try again. If that does not help, take out what is unusual."


@dataclass(frozen=True, slots=True)
class Offer:
    """A released version of a booklet in a language, and the forms in which a clinic can have it."""

    released: Edition
    manifest: Manifest

    @property
    def path(self) -> str:
        """Where its form is."""
        return path_of(self.released)

    @property
    def title(self) -> str:
        """What the booklet is called."""
        return self.manifest.languages[self.released.language].title

    @property
    def forms(self) -> dict[str, EditionFile]:
        """Its editions for readers, by their forms; the layouts' own come first."""
        own = (one for one in self.manifest.editions if one.language == self.released.language)
        read = sorted((one for one in own if not one.place), key=lambda one: (one.grey, one.points))
        return {form_of(one.layout, one.points, grey=one.grey): one for one in read}


def path_of(edition: Edition, version: str = "") -> str:
    """Where the form of an edition is, or of another version of it."""
    return f"/editions/{edition.entry.booklet}/{version or edition.entry.version}/{edition.language}/"


def _newer(edition: Edition) -> str:
    """Where the form is of what takes an edition's place; empty where nothing does."""
    return path_of(edition, edition.replaced_by) if edition.replaced_by else ""


class Shelf:
    """What has been released, as it is now."""

    def __init__(self, shop: Path) -> None:
        self._store = Folder(shop)
        self._read: tuple[tuple[str, ...], Register] = (), Register()
        self._manifests: dict[str, Manifest] = {}

    @property
    def register(self) -> Register:
        """The register, read again where there is more of it."""
        names = tuple(self._store.names(REGISTER))
        if names != self._read[0]:
            read = read_register(self._store)
            if read.value is None:
                told = "The list of what was released cannot be read."
                raise RefusalError(503, "No edition can be made now", told)
            self._read = names, read.value
        return self._read[1]

    def offer(self, booklet: str, version: str, language: str) -> Offer:
        """An edition, whatever has become of it."""
        edition = self.register.edition(booklet, version, language)
        if edition is None:
            raise RefusalError(*_MISSING)
        return Offer(edition, self._manifest(edition.entry))

    def _manifest(self, entry: Entry) -> Manifest:
        if entry.manifest not in self._manifests:
            folder = folder_of(entry.booklet, entry.version)
            read = read_manifest(self._store.read(f"{folder}/{MANIFEST}"), folder, entry.manifest)
            if read.value is None:
                raise RefusalError(503, "No edition can be made now", "This release is damaged.")
            self._manifests[entry.manifest] = read.value
        return self._manifests[entry.manifest]

    def outdated(self, offer: Offer) -> Edition | None:
        """The version that it was translated from, where that is for readers no more; else None."""
        return outdated(offer.released, offer.manifest, self.register, self._manifest)

    @property
    def current(self) -> list[Offer]:
        """What readers should have, by titles."""
        editions = (one for one in self.register.editions.values() if one.is_for_readers)
        return sorted((Offer(one, self._manifest(one.entry)) for one in editions), key=lambda one: one.title)


class Rate:
    """How much each browser asks: so many forms at once, and then so many a second."""

    def __init__(self) -> None:
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, browser: str, now: float) -> int:
        """Count a form; in how many seconds it may come again where that is too soon, else 0."""
        spent, before = self._spent.pop(browser, (0.0, now))
        spent = max(0.0, spent - (now - before) * A_SECOND)
        fits = spent + 1 <= AT_ONCE
        self._spent[browser] = (spent + 1 if fits else spent), now
        if len(self._spent) > BROWSERS:
            self._spent.popitem(last=False)
        return 0 if fits else math.ceil((spent + 1 - AT_ONCE) / A_SECOND)


async def _to_folder(request: Request) -> Response:
    """Lead to the page whose address was typed without its last slash."""
    return RedirectResponse(quote(request.scope["path"], safe="/") + "/", headers=FORM_HEADERS)


def _spoken(fields: Mapping[str, str]) -> str:
    """What a picture of the panel says, in its order."""
    order = sorted(FIELDS, key=lambda name: not name.startswith("urgent-"))
    return ". ".join(fields[name].rstrip(".") for name in order if fields.get(name))


def _named(form: EditionFile) -> str:
    """What a form of a booklet is called."""
    said = [named(form.layout)]
    said += [f"{form.points} points"] if form.points else []
    said += ["without colour"] if form.grey else []
    return ", ".join([*said, f"{form.pages} pages" if form.pages > 1 else "1 page"])


class Editions:
    """The pages; `today` tells the day for the checks."""

    def __init__(self, roots: tuple[Path, ...], today: Callable[[], date], workers: Executor) -> None:
        self.roots, self.today, self.workers = roots, today, workers
        self.shelf, self.rate = Shelf(roots[0] / SHOP), Rate()
        self.at_work = 0
        told = {
            "own_name": own_name,
            "direction": direction,
            "path_of": path_of,
            "form_named": _named,
            "translated": translated,
            "labels": LABELS,
            "contact_field": contact_field,
        }
        self._pages = Pages(roots[-1] / "layouts" / PAGES, told, FORM_HEADERS)

    @cached_property
    def routes(self) -> list[BaseRoute]:
        """What is shown where."""
        edition = "/editions/{booklet}/{version}/{language}/"
        told = self._pages.told
        return [
            Route("/editions/", told(self.index)),
            *(Route(path.rstrip("/"), _to_folder) for path in ("/editions/", edition)),
            *(Route(f"/editions/{name}", page) for name, page in self._pages.files.items()),
            Route(edition, told(self.form), methods=["GET"]),
            Route(edition, told(self.made), methods=["POST"]),
        ]

    async def index(self, _: Request) -> Response:
        """All booklets that a clinic can have."""
        return self._pages.page("list.html", offers=await run_in_threadpool(lambda: self.shelf.current))

    async def form(self, request: Request) -> Response:
        """The form of an edition, empty."""
        offer = await self._offer(request)
        return self._form(offer, {EDITION: next(iter(offer.forms))}, Answer())

    async def _offer(self, request: Request) -> Offer:
        names = request.path_params
        offer = await run_in_threadpool(
            self.shelf.offer, names["booklet"], names["version"], names["language"]
        )
        if offer.released.state is State.WITHDRAWN or not offer.forms:
            newer = _newer(offer.released)
            raise RefusalError(410, "This edition was withdrawn", offer.released.reason, link=newer)
        return offer

    async def made(self, request: Request) -> Response:
        """The panel in the page, or the file, of what was typed."""
        body = await body_of(request)
        browser = request.client.host if request.client else ""
        again = self.rate.wait(browser, asyncio.get_running_loop().time())
        if again:
            raise RefusalError(429, *_BUSY, again)
        check_origin(request, "/editions/")
        fields = fields_of(body, KNOWN)
        offer = await self._offer(request)
        asked = offer.forms.get(fields.get(EDITION, ""))
        if asked is None or fields.get(DO) not in (SHOW, SEND):
            raise RefusalError(400, "This form cannot be read", "Use the page's own fields.")
        wanted = Wanted(self.roots, offer.released, asked.layout, asked.points, asked.grey, self.today())
        got = await self._answer(wanted, fields)
        if got.pdf:
            headers = FORM_HEADERS | {"Content-Disposition": disposition("attachment", got.name)}
            return Response(got.pdf, headers=headers, media_type="application/pdf")
        return self._form(offer, fields, got)

    async def _answer(self, wanted: Wanted, fields: Mapping[str, str]) -> Answer:
        """What a worker makes of it."""
        if self.at_work >= AT_WORK:
            raise RefusalError(503, *_BUSY, 2)
        self.at_work += 1
        try:
            typed = details(fields)
            work = self.workers.submit(answer, wanted, typed, shown=fields[DO] == SHOW)
            return await asyncio.wrap_future(work)
        except LOST:
            raise RefusalError(503, *_LOST, 2) from None
        except Exception:
            raise RefusalError(500, *_LOST) from None
        finally:
            self.at_work -= 1

    def _form(self, offer: Offer, fields: Mapping[str, str], got: Answer) -> Response:
        told = tell(got.faults)
        wrong = [one for one in told if one.severity is Severity.ERROR]
        failed = not (got.pdf or got.picture) and bool(got.faults or got.others)
        picture = got.picture and base64.b64encode(got.picture.data).decode()
        return self._pages.page(
            "form.html",
            422 if failed else 200,
            offer=offer,
            others=self._languages(offer),
            newer=_newer(offer.released),
            original=self.shelf.outdated(offer),
            alt=f"Page {got.picture.page}: {_spoken(fields)}" if got.picture else "",
            typed={name: fields.get(name, "") for name in FIELDS},
            chosen=fields.get(EDITION, ""),
            wrong=wrong,
            beside={name: list(some) for name, some in groupby(wrong, lambda one: one.field)},
            noted=[one for one in told if one.severity is not Severity.ERROR],
            failed=failed,
            got=got,
            picture=picture,
            contacts=range(1, CONTACTS + 1),
            further=any(fields.get(name) for name in FIELDS if re.match(r"contact-[^1]", name)),
        )

    def _languages(self, offer: Offer) -> list[Edition]:
        """The other languages of the same version."""
        entry, register = offer.released.entry, self.shelf.register
        found = (register.edition(entry.booklet, entry.version, one) for one in entry.languages)
        return [one for one in found if one and one.language != offer.released.language]


@contextmanager
def pages(roots: tuple[Path, ...], today: Callable[[], date]) -> Iterator[Sequence[BaseRoute]]:
    """The pages, and processes for them that have what is current at hand.

    An UnreadableError where it is not known what was released.
    """
    try:
        current = Shelf(roots[0] / SHOP).current
    except RefusalError as error:
        raise UnreadableError(error.told) from None
    forms = ((one.released, form) for one in current for form in list(one.forms.values())[:1])
    wanted = tuple(
        Wanted(roots, released, form.layout, form.points, form.grey, today())
        for released, form in islice(forms, WARM)
    )
    workers = Workers("booklet.spot", LIMITS, partial(begin, wanted), FORMS_PER_PROCESS)
    workers.submit(at_hand)
    try:
        yield Editions(roots, today, workers).routes
    finally:
        workers.shutdown(cancel_futures=True)
