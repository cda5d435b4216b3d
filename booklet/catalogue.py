"""Which pages has the catalogue, and what do they say? A folder of files that any web server can show.

All that a page says is from the shop and the house. Pages lead to each other by ways, not by addresses, so
that the folder may lie anywhere; only 404.html, which is shown under any address, needs to know where.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from traceback import walk_tb
from typing import Any
from urllib.parse import urlsplit

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .batch import AHEAD, Workers, run_all
from .feeds import feeds
from .language import direction, name_of, own_name, written_day
from .model import House
from .parcel import Parcel
from .problem import Outcome, Problem, Where
from .prose import readable
from .register import Register, State, number_of
from .rows import Row, in_place_of, misnamed, named, page_of, plain, readable_size, reading, rows_of
from .search import lists, telling
from .shelf import DamagedError, Held, Key, Shelf, translated
from .shown import ASSETS, Asked, Job, Shown, show
from .site import HIDDEN, CollisionError, Site, built, site_before
from .web import Banner

#: The folder in layouts/ with its templates. It has no layout.yaml: nobody prints it.
FOLDER = "catalogue"

#: What its pages allow themselves (CSP 3): their own style, script and pictures, and nothing from elsewhere.
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)

#: The language of its own words.
LANGUAGE = "en-GB"

#: So many booklets, or codes, are on a page of a list.
CARDS, CODES = 30, 150

#: What programs may follow, where it is there: its place, its type, its name.
FEEDS = (
    ("feeds/atom.xml", "application/atom+xml", "What is new (Atom)"),
    ("feeds/catalogue.json", "application/json", "All booklets (JSON)"),
    ("feeds/stock.csv", "text/csv", "Stock list (CSV)"),
    ("feeds/reviews.ics", "text/calendar", "Reviews due (iCalendar)"),
    ("feeds/current.zip", "application/zip", "All that is current (zip)"),
)

STATES = tuple(State)

#: In the tag of a language: GB, or 419 for Latin America (BCP 47).
_REGION = re.compile(r"[A-Z]{2}|\d{3}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The shop, the house, where templates are (the publisher's first), and where the site goes."""

    shelf: Shelf
    house: House
    roots: tuple[Path, ...]
    out: Path
    today: date
    editions: bool = False
    """Is there a server that makes clinics' editions? Pages lead to it then."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    booklets: int
    """How many have a current edition."""
    editions: int
    """How many are current, in any language."""
    files: int

    def __str__(self) -> str:
        numbers = (self.booklets, "booklet"), (self.editions, "edition"), (self.files, "file")
        booklets, editions, files = (f"{number} {one}{'' if number == 1 else 's'}" for number, one in numbers)
        return f"{booklets} in {editions}, {files}"

    def as_data(self) -> dict[str, object]:
        """The same as JSON keeps it."""
        return asdict(self)


class _RefusedError(Exception):
    """The site cannot be finished; what is there stays."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = tuple(problems)


def catalogue(wanted: Wanted) -> Outcome[Written]:
    """Write the site, whole or not at all. An OSError where the shop cannot be read or the site written."""
    rows = rows_of(wanted.shelf)
    if not rows:
        hint = "release a booklet first, or say with --shop where they are kept"
        return Outcome(
            None, (Problem("nothing-released", "Nothing has been released there yet.", hint=hint),)
        )
    refused = tuple(misnamed(rows))
    before = site_before(wanted.out)
    if refused or before.value is None:
        return Outcome(None, refused or before.problems)
    try:
        with built(before.value) as site:
            shown = _with_what_is_shown(wanted, rows, site)
            write_pages(wanted, site, shown, dict(feeds(wanted.shelf, wanted.house)))
            return Outcome(_counted(rows, site))
    except (CollisionError, DamagedError) as error:
        return Outcome(None, (error.problem,))
    except _RefusedError as error:
        return Outcome(None, error.problems)
    except TemplateError as error:
        return Outcome(None, (_template_fault(error, wanted.roots),))


def _template_fault(error: TemplateError, roots: Sequence[Path]) -> Problem:
    """What is wrong in a template, at the innermost of its lines that was reached."""
    folders = {str(root / "layouts" / FOLDER): root for root in roots}
    lines = ((frame.f_code.co_filename, number) for frame, number in walk_tb(error.__traceback__))
    reached = [(Path(name), number) for name, number in lines if str(Path(name).parent) in folders]
    if isinstance(error, TemplateSyntaxError) and error.filename:
        reached.append((Path(error.filename), error.lineno))
    path, line = reached[-1] if reached else (Path(FOLDER), 1)
    where = Where(f"layouts/{FOLDER}/{path.name}", line)
    return Problem(
        "wrong-template",
        f"A template cannot be filled: {error.message}",
        where,
        "compare it with the project's own",
    )


def _counted(rows: Sequence[Row], site: Site) -> Written:
    offered = [row for row in rows if row.is_offered]
    files = sum(not name.startswith(f"{HIDDEN}/") for name in site.files)
    return Written(len({row.held.booklet for row in offered}), len(offered), files)


# --- What takes time: pages for screens, covers, words, changes -------------------------------------


def _with_what_is_shown(wanted: Wanted, rows: Sequence[Row], site: Site) -> tuple[Row, ...]:
    """The rows, with what is shown of each; made by workers where it is not there from the last time."""
    program = _program(wanted.roots)
    held = {row.key: row.held for row in rows}
    shown = [row for row in rows if row.state is not State.WITHDRAWN]
    asked = {row.key: _asked(wanted.shelf, row, held) for row in shown}
    memos = {key: _memo(program, one) for key, one in asked.items()}
    known = {key: memo for key in asked if (memo := _remembered(site, memos[key])) is not None}
    for one, made in _made(wanted, [one for key, one in asked.items() if key not in known]):
        known[one.held.key] = _keep(site, memos[one.held.key], one.held, made)
    return tuple(_row(row, known.get(row.key)) for row in rows)


def _asked(shelf: Shelf, row: Row, held: Mapping[Key, Held]) -> Asked:
    """What is to be shown of a version, of all that are held."""
    before = held[row.held.booklet, row.before, row.language] if row.before else None
    name = reading(row.held).file
    return Asked(row.held, before, _banner(shelf, row), name)


def _banner(shelf: Shelf, row: Row) -> Banner | None:
    """What the page for screens says before all else."""
    up, since = "../../../../", written_day(row.held.edition.since, LANGUAGE)
    if row.state is State.REVIEW:
        text = f"This booklet is under review since {since}."
        return Banner("review", text, up + row.address, "What that means", LANGUAGE)
    if row.state is State.SUPERSEDED:
        now = in_place_of(shelf, row)
        gone = "" if row.held.edition.replaced_by else f" {_sentence(row.held.edition.succession)}"
        text = f"This is version {row.version}, which was superseded on {since}.{gone}"
        link = f"Go to version {now.entry.version}" if now else "See all versions"
        return Banner("superseded", text, up + row.page, link, LANGUAGE)
    original = shelf.outdated(row.held)
    if original:
        text = f"Ask before you use it. It was {translated(original.edition)}."
        return Banner("review", text, up + row.address, "What that means", LANGUAGE)
    return None


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _program(roots: Sequence[Path]) -> str:
    """The digest of all that decides how a release is shown, but for the release."""
    own = [path for path in Path(__file__).parent.rglob("*") if path.suffix in (".py", ".html")]
    layouts = (root / "layouts" / name for root in roots for name in ("base", "web"))
    digest = hashlib.sha256()
    for path in (*sorted(own), *(path for folder in layouts for path in sorted(folder.rglob("*")))):
        if path.is_file():
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _memo(program: str, asked: Asked) -> str:
    """Where it is remembered what is shown of a version: at another place where anything is another."""
    releases = [one.edition.entry.manifest for one in (asked.held, asked.before) if one]
    said = program, releases, asked.held.language, asked.banner, asked.pdf
    return f"{HIDDEN}/shown/{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}.json"


@dataclass(frozen=True, slots=True)
class _Known:
    """What is shown of a version, but for the files that are in the site."""

    cover: tuple[str, int, int]
    words: tuple[str, ...]
    changes: str
    counts: dict[str, int]


def _page(held: Held) -> str:
    return f"{held.folder}/{held.language}/read/index.html"


def _remembered(site: Site, name: str) -> _Known | None:
    """What is known of a version from the last time, if all of it is still there as it was."""
    sha256 = site.before.files.get(name, ("", ""))[0]
    if not site.before.has(name, sha256):
        return None
    said: Any = json.loads((site.before.folder / name).read_bytes())
    if not all(site.before.has(file, digest) for file, digest in said["files"].items()):
        return None
    if not all(site.again(file, digest) for file, digest in (*said["files"].items(), (name, sha256))):
        return None
    return _Known(tuple(said["cover"]), tuple(said["words"]), said["changes"], said["counts"])


def _keep(site: Site, memo: str, held: Held, shown: Shown) -> _Known:
    """Put what is shown of a version into the site, and remember it for the next time."""
    site.put(_page(held), shown.page.encode())
    for name, data in shown.files.items():
        site.share(f"{ASSETS}/{name}", data)
    names = (_page(held), *(f"{ASSETS}/{name}" for name in shown.files))
    known = _Known(shown.cover, shown.words, shown.changes, shown.counts)
    said = {
        "files": {name: site.files[name] for name in names},
        "cover": known.cover,
        "words": known.words,
        "changes": known.changes,
        "counts": known.counts,
    }
    site.put(memo, json.dumps(said, ensure_ascii=False).encode())
    return known


def _made(wanted: Wanted, asked: Sequence[Asked]) -> Iterator[tuple[Asked, Shown]]:
    """What workers make of versions."""
    groups: dict[str, list[Asked]] = {}
    for one in asked:
        groups.setdefault(one.held.folder, []).append(one)
    if not groups:
        return
    # A worker needs the store alone: with all manifests each job would be as large as the shop.
    shelf = replace(wanted.shelf, register=Register(), manifests={})
    jobs = [Job(shelf, tuple(group), wanted.roots) for group in groups.values()]
    workers = Workers("booklet.shown")
    problems: list[Problem] = []
    for job, shown in run_all(show, jobs, _not_shown, workers, AHEAD * workers.count):
        problems += shown.problems if shown.value is None else ()
        if shown.value and not problems:
            yield from zip(job.asked, shown.value, strict=True)
    if problems:
        raise _RefusedError(problems)


def _not_shown(job: Job, why: str, hint: str) -> tuple[Job, Outcome[tuple[Shown, ...]]]:
    held = job.asked[0].held
    message = f"{held.booklet} {held.version} could not be shown: {why}"
    return job, Outcome(None, (Problem("not-made", message, hint=hint),))


def _row(row: Row, known: _Known | None) -> Row:
    """The row with what is shown of it."""
    if known is None:
        return row
    name, width, height = known.cover
    changes = f"{row.held.folder}/{row.language}/changes/" if known.changes else ""
    cover = f"{ASSETS}/{name}", width, height
    return replace(
        row, cover=cover, words=known.words, changes=changes, counts=known.counts, told=known.changes
    )


# --- Pages -------------------------------------------------------------------------------------------


def write_pages(
    wanted: Wanted, site: Site, rows: tuple[Row, ...], others: Mapping[str, bytes | Parcel]
) -> None:
    """Put all pages, the files that they lead to, and others for programs into a site."""
    for name, made in others.items():
        if isinstance(made, bytes):
            site.put(name, made)
        else:
            said = made.changes, [(one.name, one.sha256) for one in made.files]
            site.fill(name, hashlib.sha256(repr(said).encode()).hexdigest(), made.write)
    _Pages(wanted, site, rows).write()


@dataclass(frozen=True)
class _List:
    """A list on one page or several: where the first is, the folder of the others, and what it says."""

    first: str
    others: str
    heading: str
    lead: str
    listed: str
    """What is said above the list itself."""
    languages: Sequence[tuple[str, str, int]] = ()
    """Each with its list and the number of booklets in it."""
    here: str = "home"
    size: int = CARDS


class _Pages:
    """Writes all pages of a site."""

    def __init__(self, wanted: Wanted, site: Site, rows: tuple[Row, ...]) -> None:
        self.wanted, self.site, self.rows = wanted, site, rows
        self.shelf = wanted.shelf
        self.folders = [folder for root in wanted.roots if (folder := root / "layouts" / FOLDER).is_dir()]
        self.environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader([str(folder) for folder in self.folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.stamps = wanted.shelf.store.listing()

    def write(self) -> None:
        """Write them."""
        self._downloads()
        self._lists()
        for row in self.rows:
            self._address(row)
            if row.changes:
                self._fill(row.changes, "changes.html", f"What changed in {row.title}", row=row)
        for rows in _grouped(self.rows, lambda row: row.page).values():
            self._booklet(rows)
        for rows in _grouped(self.rows, lambda row: f"{row.code}/{row.version}").values():
            self._version(rows)
        for rows in _grouped(self.rows, lambda row: row.code).values():
            self._code(rows)
        self._fill("about/", "about.html", "About this catalogue", here="about", register=self.shelf.register)
        # An address that is none may lie in any folder: only the site's own place leads home from there.
        base = urlsplit(self.wanted.house.catalogue or "/").path.rstrip("/") + "/"
        self._fill(
            "404.html",
            "missing.html",
            "There is no such page",
            home=base,
            example=f"{self.example.code}/{self.example.version}",
            script=self._asset("missing.js", self._own("missing.js")),
            hidden=True,
        )
        self.site.put("register.json", _register(self.shelf.register))

    # Files

    def _downloads(self) -> None:
        """The PDFs of all versions that were not withdrawn, and the notices of those that were."""
        for row in self.rows:
            for _, _, offers in row.groups:
                for offer in offers:
                    self._copy(row.held, offer.name, offer.href)
            if self._notice(row):
                self.site.share(self._notice(row), self.shelf.notice_bytes(row.held))

    def _notice(self, row: Row) -> str:
        """The place of the notice that a version is withdrawn; empty where there is none."""
        return self.shelf.notice(row.held) if row.state is State.WITHDRAWN else ""

    def _copy(self, held: Held, name: str, href: str) -> None:
        stamp = self.stamps.get(href, "")
        self.site.copy(href, held.manifest.files[name], stamp, partial(self.shelf.file, held, name))

    def _asset(self, name: str, data: bytes) -> str:
        """Put a file whose name tells its content into the site; its place."""
        stem, _, kind = name.rpartition(".")
        path = f"{ASSETS}/{stem}.{hashlib.sha256(data).hexdigest()[:24]}.{kind}"
        self.site.share(path, data)
        return path

    def _own(self, *names: str) -> bytes:
        """What is in files of the templates' folders, the publisher's first; nothing of those not there."""
        found = (
            next(filter(Path.is_file, (folder / name for folder in self.folders)), None) for name in names
        )
        return b"\n".join(path.read_bytes() for path in found if path)

    @cached_property
    def example(self) -> Row:
        """The version whose code is shown to readers who look for theirs."""
        return min(self.rows, key=lambda row: STATES.index(row.state))

    @cached_property
    def shortest(self) -> dict[str, str]:
        """What each language is called by: English, where there is no other English in the catalogue."""
        languages = sorted({row.language for row in self.rows})
        short = {
            one: "-".join(part for part in one.split("-") if not _REGION.fullmatch(part)) for one in languages
        }
        alike = Counter(short.values())
        return {one: short[one] if alike[short[one]] == 1 else one for one in languages}

    # Lists

    def _lists(self) -> None:
        """The lists of all that is current, in all languages and in each, and of all codes."""
        current = sorted((row for row in self.rows if row.is_offered), key=_by_title)
        languages = [
            (language, f"in/{language}/", len(rows))
            for language, rows in sorted(_grouped(current, lambda row: row.language).items(), key=_by_name)
        ]
        shown = languages if len(languages) > 1 else []
        heading, lead = (
            "Find a booklet",
            f"Information from {self.wanted.house.name} to read, download and print.",
        )
        home = _List("", "all/", heading, lead, "All booklets", shown)
        self._list(home, current)
        for language, path, _ in languages:
            own = [row for row in current if row.language == language]
            self._list(
                replace(
                    home, first=path, others=path, listed=f"Booklets in {name_of(self.shortest[language])}"
                ),
                own,
            )
        lead = "The code and the version are on the back cover, for example "
        lead += f"{self.example.code}, version {self.example.version}."
        codes = _List("codes/", "codes/", "Is my copy current?", lead, "All codes", here="codes", size=CODES)
        self._list(codes, sorted(self.rows, key=_by_code))

    def _list(self, kind: _List, rows: Sequence[Row]) -> None:
        """The pages of a list."""
        parts = [rows[at : at + kind.size] for at in range(0, len(rows), kind.size)] or [[]]
        paths = [
            kind.first if number == 1 else f"{kind.others}{number}/" for number in range(1, len(parts) + 1)
        ]
        for number, part in enumerate(parts, 1):
            title = kind.heading if number == 1 and not kind.first else f"{kind.listed}, page {number}"
            said = {"rows": part, "page": number, "pages": list(_pages(number, paths))}
            looks = {"index": self.index, "script": self.script, "options": self.found_by}
            self._fill(paths[number - 1], "list.html", title, **vars(kind), **said, **looks)

    @cached_property
    def script(self) -> str:
        """The place of the script that looks for booklets."""
        return self._asset("find.js", self._own("find.js"))

    @cached_property
    def found_by(self) -> dict[str, Any]:
        """What find.js needs to know of all versions."""
        rows = sorted(self.rows, key=_by_title)
        leads = telling([(row.language, row.words if row.is_offered else ()) for row in rows])
        words = [(begin, self._asset("words.txt", data)) for begin, data in lists(leads).items()]
        return _index(rows, words, self.shortest)

    @cached_property
    def index(self) -> str:
        """The place of that."""
        data = json.dumps(self.found_by, ensure_ascii=False, separators=(",", ":"))
        return self._asset("booklets.json", data.encode())

    # A booklet

    def _booklet(self, rows: Sequence[Row]) -> None:
        """The page of a booklet in a language."""
        row, first = rows[0], rows[0]
        latest = [group[0] for group in self.by_language[first.held.booklet]]
        self._fill(
            first.page,
            "booklet.html",
            first.title,
            row=row,
            one=first.held,
            groups=first.groups if first.is_offered else (),
            languages=latest,
            versions=rows,
            original=self.shelf.outdated(first.held),
            editions=self.wanted.editions,
            today=self.wanted.today,
        )

    @cached_property
    def by_language(self) -> dict[str, list[list[Row]]]:
        """The rows of each booklet, language by language, the latest version first."""
        booklets = _grouped(self.rows, lambda row: row.held.booklet)
        return {
            name: list(_grouped(rows, lambda row: row.language).values()) for name, rows in booklets.items()
        }

    # Is my copy current?

    def _address(self, row: Row) -> None:
        """The page of a version in a language, and what was withdrawn in the place of its text."""
        pages = [row.address, *([row.read] if row.state is State.WITHDRAWN else [])]
        for path in pages:
            self._standing(path, row)

    def _version(self, rows: Sequence[Row]) -> None:
        """The page that the code of the booklet's own language leads to."""
        own = next((row for row in rows if row.main), None)
        path = f"{rows[0].code}/{rows[0].version}/"
        if own:
            self._standing(path, own)
            return
        said = {"one": None, "code": rows[0].code, "version": rows[0].version, "others": rows}
        self._fill(path, "address.html", f"{rows[0].code}, version {rows[0].version}", here="codes", **said)

    def _standing(self, path: str, row: Row) -> None:
        """What may be done with copies of a version."""
        now = in_place_of(self.shelf, row)
        others = [
            one
            for group in self.by_language[row.held.booklet]
            for one in group
            if one.version == row.version and one.language != row.language
        ]
        name = self._notice(row)
        size = readable_size(len(self.shelf.notice_bytes(row.held))) if name else ""
        self._fill(
            path,
            "address.html",
            f"{row.code}, version {row.version}: {row.state}",
            here="codes",
            one=row.held,
            row=row,
            page=page_of(row.held.booklet, row.language, main=row.main),
            now=Held(now, self.shelf.manifests[row.held.booklet, now.entry.version]) if now else None,
            others=others,
            notice={"href": name, "size": size} if name else None,
            groups=row.groups if row.state is State.SUPERSEDED else (),
            original=self.shelf.outdated(row.held),
            copies=self.shelf.copies(row.held),
        )

    def _code(self, rows: Sequence[Row]) -> None:
        """The page of a code without a version, where it is not the booklet's own page."""
        code = rows[0].code
        if code.lower() != rows[0].held.booklet:
            said = {"code": code, "others": sorted(rows, key=_by_code)}
            self._fill(f"{code}/", "code.html", f"{code}: all versions", here="codes", **said)

    # A page

    def _fill(self, path: str, template: str, title: str, **said: Any) -> None:
        """Write a page; `path` ends with a slash where it is a folder's."""
        name = path if path.endswith(".html") else f"{path}index.html"
        frame = self.frame | {"home": "../" * name.count("/"), "title": title, "here": "", "hidden": False}
        html = self.environment.get_template(template).render(**(frame | said))
        self.site.put(name, html.encode())

    @cached_property
    def frame(self) -> dict[str, Any]:
        """What every page says."""
        return {
            "house": self.wanted.house,
            "policy": POLICY,
            "sheet": self._asset("site.css", self._own("site.css", "own.css")),
            "icon": self._asset("icon.svg", self._own("icon.svg")),
            "feeds": [feed for feed in FEEDS if feed[0] in self.site.files],
            "direction": direction,
            "own_name": lambda language: own_name(self.shortest[language]),
            "name_of": lambda language: name_of(self.shortest[language]),
            "plain": plain,
            "translated": translated,
            "shown_address": readable,
            "day": partial(written_day, language=LANGUAGE),
        }


def _grouped(rows: Iterable[Row], of: Callable[[Row], str]) -> dict[str, list[Row]]:
    """The rows that have something in common, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(of(row), []).append(row)
    return found


def _by_title(row: Row) -> tuple[object, ...]:
    """What readers should have before all else."""
    edition, revision = number_of(row.version)
    return row.title.casefold(), row.language, row.held.booklet, STATES.index(row.state), -edition, -revision


def _by_code(row: Row) -> tuple[object, ...]:
    edition, revision = number_of(row.version)
    return row.code, -edition, -revision, not row.main, row.language


def _by_name(language: tuple[str, list[Row]]) -> tuple[int, str]:
    """The language with the most booklets first."""
    return -len(language[1]), name_of(language[0])


def _pages(number: int, paths: Sequence[str]) -> Iterator[tuple[int | None, str, str]]:
    """The pages of a list that one of them leads to: the first, the last and those beside it."""
    before = 0
    for other, path in enumerate(paths, 1):
        if other in (1, len(paths)) or abs(other - number) <= 2:
            if other > before + 1:
                yield None, "", ""
            yield other, path, str(other)
            before = other


def _index(
    rows: Sequence[Row], words: Sequence[tuple[str, str]], called: Mapping[str, str]
) -> dict[str, Any]:
    """What find.js needs to know of all versions; words by what they begin with."""
    languages = sorted({row.language for row in rows})
    layouts = sorted({layout for row in rows for layout in row.layouts})
    conditions = sorted({condition for row in rows for condition in row.conditions})
    covers = sorted({row.cover for row in rows if row.cover})
    numbers = {name: at for names in (languages, layouts) for at, name in enumerate(names)}
    meant, drawn = (
        {name: at for at, name in enumerate(conditions)},
        {one: at for at, one in enumerate(covers, 1)},
    )
    return {
        "languages": [
            [tag, own_name(called[tag]) or tag, name_of(called[tag]), direction(tag)] for tag in languages
        ],
        "layouts": [named(layout) for layout in layouts],
        "conditions": conditions,
        "states": [state.value.capitalize() for state in STATES],
        "covers": covers,
        "words": words,
        "booklets": [
            [
                *(row.title, row.subtitle, row.code, row.version),
                *(numbers[row.language], STATES.index(row.state)),
                [numbers[layout] for layout in row.layouts],
                [meant[condition] for condition in row.conditions],
                *(row.held.booklet, int(row.main), drawn[row.cover] if row.cover else 0, row.pages),
            ]
            for row in rows
        ],
    }


def _register(register: Register) -> bytes:
    """Head and count of the register, and the head after each entry."""
    said = {"head": register.head, "count": len(register.entries), "heads": register.heads}
    return (json.dumps(said, indent=1) + "\n").encode()
