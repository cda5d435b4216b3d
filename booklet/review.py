"""What did the checker find, shown on the pages themselves?

Writes report.html: each page with findings as a picture with the place marked,
and beside it the message, the source lines, the reason and what to do. It needs no other file.
"""

import base64
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import groupby
from pathlib import Path, PurePosixPath
from statistics import mean
from typing import Any

import pypdfium2 as pdfium
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from PIL import Image

from .checks import CHECKS
from .impose import is_print_file
from .judge import Judged
from .problem import Problem, Severity
from .report import Kept, judgement, kept, source_line, visible
from .store import Store, write_whole

#: Enough to read 12 points on a screen.
PIXELS_PER_POINT = 1.6
MAX_PIXELS = 4_000_000

#: How hard WebP is packed, of 6: a page takes 16 ms, with Pillow's own 4 36 ms, and is 3 % larger.
PACKING = 2

#: How many pixels a WebP picture can be wide or high.
MAX_SIDE = 16_383

#: How many source lines are shown before and behind the one that is meant.
AROUND = 2

#: No more pages than these are drawn for one edition: a file that is not ours can fail on each.
MOST_PAGES = 60


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A PDF on the page: how it is called, what was found in it, and its reading ages as data."""

    name: str
    read: Callable[[], bytes | None]
    problems: tuple[Problem, ...]
    ages: tuple[Mapping[str, object], ...] = ()
    ink: tuple[float, ...] = ()
    """The share of each page that one ink would cover, all inks together."""
    national: str = ""
    """The national edition of which all that is said is said of this one, too; empty where none is."""
    shared: tuple[Problem, ...] = ()
    """That is said of both, and shown there."""


def keep(folders: Iterable[PurePosixPath], out: Path, roots: Sequence[Path], store: Store) -> None:
    """Write the report.html of versions, from their report.json; the PDFs are in the store."""
    for folder in folders:
        title = f"{folder.parent}, version {folder.name}"
        editions = tuple(_editions(out / folder, folder, store))
        write_whole(out / folder / "report.html", review(title, editions, roots).encode())


def keep_judged(judged: Sequence[Judged], folder: Path, roots: Sequence[Path]) -> None:
    """Write the report.html of PDFs that were checked, wherever they are."""
    paths = [one.question.path for one in judged]
    alike = Counter(path.name for path in paths)
    names = [visible(path.name if alike[path.name] == 1 else str(path)) for path in paths]
    files = tuple(
        Reviewed(
            name,
            path.read_bytes,
            one.problems,
            ink=tuple(page.share for page in one.facts.ink) if one.facts else (),
        )
        for name, path, one in zip(names, paths, judged, strict=True)
    )
    title = names[0] if len(names) == 1 else f"{len(names)} files"
    write_whole(folder / "report.html", review(title, files, roots).encode())


def _editions(folder: Path, version: PurePosixPath, store: Store) -> Iterator[Reviewed]:
    """The editions of a version, with what its report.json in the folder says."""
    report = kept(folder)
    pdfs = sorted(name for name in store.names(str(version)) if _is_edition(name))
    whole = {file.replace(".rejected.pdf", ".pdf"): file for file in pdfs}
    # Where a clinic's edition is there alone, it shows what is said of the national one, too.
    alike = {name: report.alike(name) for name in whole}
    whole |= {alike[name]: file for name, file in whole.items() if alike[name] not in ("", *whole)}
    for name, file in sorted(whole.items()):
        ages = tuple(report.entries("reading_ages", name))
        own, national = report.problems(name), alike.get(name, "")
        read = partial(store.read, str(version / file))
        yield Reviewed(name, read, own, ages, _ink_of(report, name), national, report.problems(national))


def _is_edition(name: str) -> bool:
    return name.endswith(".pdf") and not name.startswith(".") and not is_print_file(name)


def _ink_of(report: Kept, name: str) -> tuple[float, ...]:
    """What the report says of an edition's ink."""
    pages = next((entry.get("pages") for entry in report.entries("ink", name)), ())
    return tuple(share for share in pages if isinstance(share, float)) if isinstance(pages, list) else ()


def review(title: str, reviewed: Sequence[Reviewed], roots: Sequence[Path]) -> str:
    """What was found in these PDFs, as one HTML page."""
    editions, first = [], 1
    for one in reviewed:
        editions.append(_edition(one, first, roots))
        first += len(one.problems)
    title = f"{title}: what the checker found"
    summary = judgement(problem for one in reviewed for problem in one.problems)
    ink = [(one.name, mean(one.ink), max(one.ink)) for one in reviewed if one.ink]
    return _template().render(title=title, editions=editions, summary=summary, ink=ink)


def _rank(problem: Problem) -> tuple[int, int, str, int]:
    """Page by page, the whole file first, and on each the gravest first."""
    return problem.page or 0, list(Severity).index(problem.severity), problem.where.file, problem.where.line


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True
    ).get_template("review.html")


def _edition(one: Reviewed, first: int, roots: Sequence[Path]) -> dict[str, Any]:
    numbered = list(enumerate(sorted(one.problems, key=_rank), first))
    groups = [(page, list(items)) for page, items in groupby(numbered, key=lambda item: item[1].page or 0)]
    pictures = _pictures(one.read, [page for page, _ in groups if page][:MOST_PAGES])
    sheets = [_sheet(page, items, pictures, roots) for page, items in groups]
    summary = judgement(one.problems + one.shared)
    shown = {"name": one.name, "summary": summary, "national": one.national}
    return {**shown, "sheets": sheets, "ages": one.ages}


def _sheet(
    page: int,
    items: Sequence[tuple[int, Problem]],
    pictures: Mapping[int, dict[str, Any]],
    roots: Sequence[Path],
) -> dict[str, Any]:
    picture = pictures.get(page)
    marks = (
        [mark for number, problem in items for mark in _marks(number, problem, picture)] if picture else []
    )
    boxed = {mark["number"] for mark in marks}
    findings = [_finding(number, problem, roots) | {"boxed": number in boxed} for number, problem in items]
    shown = {key: picture[key] if picture else "" for key in ("picture", "width", "height")}
    return {"page": page, "marks": marks, "findings": findings, **shown}


def _finding(number: int, problem: Problem, roots: Sequence[Path]) -> dict[str, Any]:
    check = CHECKS.get(problem.code)
    return {
        "number": number,
        "severity": str(problem.severity),
        "code": problem.code,
        "message": problem.message,
        "file": problem.where.file,
        "line": problem.where.line,
        "block": problem.block,
        "lines": list(_lines(problem, roots)),
        "why": check.why if check else "",
        "hint": _sentence(problem.hint),
    }


def _sentence(hint: str) -> str:
    """A hint as a sentence of its own."""
    return hint[:1].upper() + hint[1:] + ("" if hint.endswith((".", "?", ":")) else ".") if hint else ""


def _lines(problem: Problem, roots: Sequence[Path]) -> Iterator[tuple[int, str]]:
    """The source line that is meant, with those around it."""
    where = problem.where
    if not where.file or (where.line, where.column) == (1, 1):
        return  # the file as a whole is meant
    holders = roots[:1] if where.file.startswith("source/") else roots
    root = next((root for root in holders if (root / where.file).is_file()), roots[0])
    around = range(max(where.line - AROUND, 1), where.line + AROUND + 1)
    lines = [(number, source_line(root, where.file, number)) for number in around]
    if any(text for _, text in lines):
        yield from lines


def _marks(number: int, problem: Problem, picture: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The finding's boxes in hundredths of the page; the first bears its number."""
    wide, high = picture["points"]
    for index, (left, top, right, bottom) in enumerate(problem.boxes):
        x, y = min(max(left - 1, 0), wide), min(max(top - 1, 0), high)
        yield {
            "number": number,
            "first": index == 0,
            "code": problem.code,
            "severity": str(problem.severity),
            "left": round(100 * x / wide, 2),
            "top": round(100 * y / high, 2),
            "width": round(100 * max(min(right + 1, wide) - x, 0) / wide, 2),
            "height": round(100 * max(min(bottom + 1, high) - y, 0) / high, 2),
        }


def _pictures(read: Callable[[], bytes | None], pages: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Pictures of pages, which an HTML page can hold; none of a file that cannot be drawn."""
    drawn: dict[int, dict[str, Any]] = {}
    pdf = read() if pages else None
    if pdf is None:
        return drawn  # what has broken the checker need not be opened
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError:
        return drawn
    try:
        for number in pages:
            if number <= len(document):
                drawn[number] = _picture(document[number - 1])
    finally:
        document.close()
    return drawn


def _picture(page: pdfium.PdfPage) -> dict[str, Any]:
    page.set_rotation(0)
    wide, high = page.get_size()
    scale = min(PIXELS_PER_POINT, (MAX_PIXELS / max(wide * high, 1)) ** 0.5, MAX_SIDE / max(wide, high))
    image: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    data = io.BytesIO()
    image.save(data, "WEBP", quality=80, method=PACKING)
    address = "data:image/webp;base64," + base64.b64encode(data.getvalue()).decode()
    return {"picture": address, "width": image.width, "height": image.height, "points": (wide, high)}
