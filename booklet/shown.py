"""What does the catalogue show of a release? Its page for screens, its cover, its words, what is new in it.

This is what takes time, and it is the same as long as the release and its state are.
"""

import hashlib
import io
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image

from .changes import changes_as_html
from .differences import differences
from .problem import Outcome, Problem
from .released import Kept
from .search import words_of
from .shelf import DamagedError, Held, Shelf
from .source import Source, Sourced
from .web import Banner, web_edition

#: In pixels: covers are shown half as wide at the most, and twice as fine on a telephone.
COVER = 360
QUALITY = 80

#: The folder of the files whose names tell their content; the way up from a booklet's page for screens.
ASSETS, UP = "assets", "../../../../"


@dataclass(frozen=True, slots=True)
class Asked:
    """A version in a language, the one before it, and what its page says before all else."""

    held: Held
    before: Held | None
    banner: Banner | None
    pdf: str
    """The name of the PDF that is offered on its page, and whose first page is its picture."""


@dataclass(frozen=True, slots=True)
class Job:
    """A version in all its languages, in a shop, and where templates are."""

    shelf: Shelf
    asked: tuple[Asked, ...]
    roots: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a version in a language."""

    page: str
    """The booklet as a page for screens (HTML)."""
    files: dict[str, bytes]
    """What that page needs, and the cover, by their names in ASSETS."""
    cover: tuple[str, int, int]
    """The name of the cover's picture, its width and height in pixels."""
    words: tuple[str, ...]
    changes: str
    """What has changed since the version before (a part of a page); empty where there is none before."""
    counts: dict[str, int]
    """How many changes there are of each kind."""


def show(job: Job) -> tuple[Job, Outcome[tuple[Shown, ...]]]:
    """All that is shown of a version, in the order of its languages."""
    try:
        with ExitStack() as stack:
            kept = stack.enter_context(job.shelf.kept(job.asked[0].held))
            made = [_shown(one, kept, job) for one in job.asked]
    except DamagedError as damaged:
        return job, Outcome(None, (damaged.problem,))
    problems = tuple(problem for one in made for problem in one.problems)
    shown = tuple(one.value for one in made if one.value)
    return job, Outcome(shown if len(shown) == len(made) else None, problems)


def _shown(asked: Asked, kept: Kept, job: Job) -> Outcome[Shown]:
    sourced = frozen(kept, asked.held.language)
    if sourced.value is None:
        return Outcome(None, sourced.problems)
    # The words are those of the release, the templates those of today, which this program is proven with.
    way = f"{UP}{ASSETS}/"
    made = web_edition(sourced.value, job.roots, asked.banner, folder=way, printed=f"../../{asked.pdf}")
    if made.value is None:
        return Outcome(None, made.problems)
    picture, size = drawn(job.shelf.file(asked.held, asked.pdf))
    name = f"cover.{hashlib.sha256(picture).hexdigest()[:24]}.webp"
    changes, counts = _changes(asked, sourced.value, job.shelf)
    files = {**made.value.files, name: picture}
    return Outcome(Shown(made.value.html, files, (name, *size), words_of(sourced.value), changes, counts))


def frozen(kept: Kept, language: str) -> Outcome[Sourced]:
    """The booklet as it was released, in one of its languages."""
    source, booklet = Source(kept.roots[0]), kept.manifest.booklet
    for name in source.translations(booklet):
        if source.outline(booklet, name).language == language:
            return source.booklet(booklet, name)
    message = f"{booklet} {kept.manifest.version} was not kept in {language}"
    return Outcome(None, (Problem("unknown-language", message, hint="run `releases verify`"),))


def _changes(asked: Asked, now: Sourced, shelf: Shelf) -> tuple[str, dict[str, int]]:
    """What has changed since the version before, as a part of a page, and how many of each kind."""
    if asked.before is None:
        return "", {}
    with shelf.kept(asked.before) as kept:
        before = frozen(kept, asked.held.language).value
    if before is None:
        return "", {}
    found = differences(before, now)
    counts = {kind: number for kind, number in found.counts.items() if number}
    return changes_as_html(found, whole=False), counts


def drawn(pdf: bytes) -> tuple[bytes, tuple[int, int]]:
    """The first page of a PDF as a picture (WebP), with its size in pixels."""
    document = pdfium.PdfDocument(pdf)
    try:
        page = document[0]
        image: Image.Image = page.render(scale=COVER / page.get_size()[0]).to_pil().convert("RGB")
    finally:
        document.close()
    data = io.BytesIO()
    image.save(data, "WEBP", quality=QUALITY, method=6)
    return data.getvalue(), image.size
