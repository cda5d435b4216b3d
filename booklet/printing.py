"""What becomes of an edition that is printed? Files for a printer, made from what passed its checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from .assemble import About, assemble
from .bind import style_of
from .impose import is_print_file
from .layout import Layout, layout_for
from .make import Made
from .problem import Outcome, Problem, Severity
from .render import Press
from .source import Source, Sourced
from .store import write_whole


@dataclass(frozen=True, slots=True)
class Edition:
    """A finished edition, and what it was made from."""

    pdf: bytes
    sourced: Sourced
    layout: Layout
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PrintFile:
    """A file for a printer."""

    kind: str
    """What its name has behind the edition's: `desk`, or `press-glued.cover`."""
    pdf: bytes
    says: str
    """What the one who prints it should know: how many pages, or sheets of paper."""


@dataclass(frozen=True, slots=True)
class Prints:
    """What became of the files for a printer of one edition."""

    edition: Made
    problems: tuple[Problem, ...]
    files: tuple[tuple[str, str], ...] = ()
    """Each file, relative to the folder of editions, and what it says; none where they failed."""


def prints_of(made: Made, place: str, printer: Callable[[Edition], Outcome[tuple[PrintFile, ...]]]) -> Prints:
    """Make and write the files for one place, of an edition that passed its checks."""
    job = made.job
    grave = tuple(problem for problem in made.problems if problem.severity is not Severity.ADVICE)
    sourced = Source(job.roots[0]).edition(job.booklet, job.language, job.clinic).value
    layout = layout_for(sourced, job.layout, job.roots, job.size, grey=job.grey).value
    words = layout.words(sourced.booklet.language).value if layout and sourced else None
    if not made.passed or not sourced or not layout or not words:
        message = f"'{job.booklet}' has failed its checks, so it is not printed"
        return Prints(made, (*grave, Problem("not-printed", message, hint="mend what the checks found")))
    path = job.out / made.pdf
    for old in path.parent.iterdir():
        if is_print_file(old.name, path.stem, place):
            old.unlink()
    printed = printer(Edition(path.read_bytes(), sourced, layout, words))
    problems = tuple(replace(problem, pdf=problem.pdf or path.name) for problem in printed.problems)
    files = []
    for file in printed.value or ():
        own = path.with_name(f"{path.stem}.{file.kind}.pdf")
        write_whole(own, file.pdf)
        files.append((str(own.relative_to(job.out)), file.says))
    return Prints(made, (*grave, *problems), tuple(files))


def page_beside(html: str, layout: Layout, *, grey: bool = True) -> bytes:
    """A PDF of what is printed beside an edition's pages, in the layout's style."""
    laid = Press(style_of(layout), {}).lay_out(html, 1)
    labels = "1", str(len(laid.document.pages))
    return assemble([laid.carved("", grey=grey)], About(b"0" * 32, labels, {})).pdf
