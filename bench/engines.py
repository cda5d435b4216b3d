"""How are the press and other engines kept warm while they are timed? Each in a process of its own.

`Engine` starts one and has it print a booklet at a time; run as a script this file is such a process.
What is done there is timed there: seconds by the clock and of processor time, with that of any process
that the engine starts and ends.
"""

import importlib.util
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

TODAY = date(2026, 11, 24)
LAYOUT = "a5-booklet"
CHROMIUM = shutil.which("chromium")

#: Prints the booklet of a number; returns the PDF, or what was found out beside it.
Printer = Callable[[int], "bytes | Mapping[str, float]"]


@dataclass(frozen=True)
class Folders:
    """Where the booklets are: our publisher's folder, and a folder for each for other engines."""

    base: Path

    @property
    def publisher(self) -> Path:
        """The folder that holds source/."""
        return self.base / "publisher"

    @property
    def out(self) -> Path:
        """Where editions go."""
        return self.base / "dist"

    def stock(self, number: int) -> Path:
        """The folder of one booklet for other engines."""
        return self.base / f"stock-{number}"


class Engine:
    """A process in which an engine is warm."""

    def __init__(self, name: str, folders: Folders) -> None:
        self.name = name
        command = [sys.executable, __file__, name, str(folders.base)]
        self.process = subprocess.Popen(  # noqa: S603 - this very file
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=surroundings()
        )

    def end(self) -> None:
        """Let the process go."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()

    def begin(self, number: int, **more: Any) -> None:
        """Have it print a booklet, without waiting for it."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"number": number, **more}) + "\n")
        self.process.stdin.flush()

    def done(self) -> dict[str, float]:
        """What was found out of the booklet that was begun: `wall` and `cpu` in seconds, and more."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the process of {self.name} ended before its answer")
        found: dict[str, float] = json.loads(line)
        return found

    def print(self, number: int, **more: Any) -> dict[str, float]:
        """Print a booklet and wait for it."""
        self.begin(number, **more)
        return self.done()


def surroundings() -> dict[str, str]:
    """What a process finds around it, without what the press hides from itself: the system's fonts."""
    return {name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"}


def is_there(name: str) -> bool:
    """Can this engine be run here?"""
    if name == "Chromium":
        return CHROMIUM is not None and importlib.util.find_spec("playwright") is not None
    package = {"Typst": "typst", "Prince": "prince_pdf"}.get(name)
    return package is None or importlib.util.find_spec(package) is not None


# The press --------------------------------------------------------------------------------------


def _as_worker(work: Callable[[], Any]) -> Any:
    """Do it as a worker of the press does its jobs."""
    from booklet.batch import Limits, limited

    return limited(work, Limits().cpu_seconds)


def _sourced(folders: Folders, number: int) -> Any:
    from booklet.layout import layout_for
    from booklet.source import Source

    sourced = Source(folders.publisher).booklet(f"library-{number + 1}").value
    assert sourced
    layout = layout_for(sourced, LAYOUT, (folders.publisher, PROJECT)).value
    assert layout
    words = layout.words(sourced.booklet.language).value
    assert words
    return sourced, layout, words


def _press(folders: Folders, number: int) -> bytes:
    from booklet.bind import bind

    bound = bind(*_sourced(folders, number)).value
    assert bound
    pdf = bound.national().value
    assert pdf
    return pdf


def _checked(folders: Folders, number: int) -> bytes:
    """Rendered, checked and written, as `build` has it done."""
    from booklet.make import Job, make

    roots = folders.publisher, PROJECT
    (made,) = make([Job(roots, folders.out, f"library-{number + 1}", "", LAYOUT, TODAY)])
    assert made.passed, made.problems
    return (made.job.out / made.pdf).read_bytes()


def _render_and_check(folders: Folders, number: int) -> Mapping[str, float]:
    """Both, timed apart in seconds of processor time."""
    from booklet.bind import bind
    from booklet.inspect import inspect_pdf
    from booklet.judge import judge

    began = time.process_time()
    sourced, layout, words = _sourced(folders, number)
    bound = bind(sourced, layout, words).value
    pdf = bound.national().value if bound else None
    rendered = time.process_time()
    assert pdf
    facts = inspect_pdf(pdf).value
    assert facts
    judge(facts, sourced, layout, TODAY)
    return {"render": rendered - began, "check": time.process_time() - rendered, "pages": facts.pages}


def _ours(work: Callable[[Folders, int], Any], folders: Folders) -> Printer:
    from booklet.batch import Limits, _settle

    _settle(tempfile.mkdtemp(dir=folders.base), Limits().memory)
    import booklet.make  # noqa: F401 - as the workers' server does

    return lambda number: _as_worker(partial(work, folders, number))


# Others -----------------------------------------------------------------------------------------


def _stock(folders: Folders) -> Printer:
    """WeasyPrint as its documentation shows it."""
    import weasyprint

    return lambda number: weasyprint.HTML(str(folders.stock(number) / "booklet.html")).write_pdf(
        pdf_variant="pdf/ua-1"
    )


def _typst(folders: Folders) -> Printer:
    import typst

    compiler = typst.Compiler(
        str(folders.stock(0) / "booklet.typ"),
        root=str(folders.base),
        font_paths=[str(folders.stock(0) / "fonts")],
        ignore_system_fonts=True,
    )

    def one(number: int) -> bytes:
        path = folders.stock(number) / "booklet.typ"
        if "clinic" in MORE:
            path.with_name("clinic.json").write_text(MORE["clinic"], encoding="utf-8")
        return compiler.compile(str(path), format="pdf", pdf_standards=["ua-1"])

    return one


#: What was asked for beside the number.
MORE: dict[str, Any] = {}


def _prince(folders: Folders) -> Printer:
    """Kept running, and given its jobs by its control interface."""
    import prince_pdf

    process = subprocess.Popen(  # noqa: S603 - the package's own engine
        prince_pdf.command("--control"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    put, got = process.stdin, process.stdout

    def chunk() -> tuple[bytes, bytes]:
        tag, length = got.readline().split()
        data = got.read(int(length))
        got.read(1)
        return tag, data

    chunk()

    def one(number: int) -> bytes:
        path = folders.stock(number) / "booklet.html"
        if "panel" in MORE:
            from markup import PLACE

            before, _, rest = path.read_text(encoding="utf-8").partition(PLACE[0])
            path = path.with_name("clinic.html")
            path.write_text(before + MORE["panel"] + rest.partition(PLACE[1])[2], encoding="utf-8")
        job = {
            "input": {"src": str(path), "type": "html"},
            "pdf": {"pdf-profile": "PDF/UA-1"},
            "job-resource-count": 0,
        }
        text = json.dumps(job).encode()
        put.write(b"job %d\n%s\n" % (len(text), text))
        put.flush()
        tag, data = chunk()
        assert tag == b"pdf", data
        chunk()
        return data

    return one


def _chromium(folders: Folders) -> Printer:
    from playwright.sync_api import sync_playwright

    browser = sync_playwright().start().chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    page = browser.new_page()

    def one(number: int) -> bytes:
        page.goto((folders.stock(number) / "booklet.html").as_uri())
        return page.pdf(prefer_css_page_size=True, tagged=True, outline=True, print_background=True)

    return one


ENGINES: dict[str, Callable[[Folders], Printer]] = {
    "the press": partial(_ours, _press),
    "the press, checked": partial(_ours, _checked),
    "render and check": partial(_ours, _render_and_check),
    "stock WeasyPrint": _stock,
    "Typst": _typst,
    "Prince": _prince,
    "Chromium": _chromium,
}


def cold_command(name: str, folders: Folders, number: int) -> list[str]:
    """The command that prints a booklet from a standing start, and ends."""
    html = str(folders.stock(number) / "booklet.html")
    pdf = str(folders.base / "cold.pdf")
    if name == "the press":
        fresh = tempfile.mkdtemp(dir=folders.base)
        options = ["--root", str(folders.publisher), "--out", fresh, "--today", TODAY.isoformat()]
        return [sys.executable, str(PROJECT / "make_booklet.py"), "build", f"library-{number + 1}", *options]
    if name == "stock WeasyPrint":
        return [sys.executable, "-m", "weasyprint", "--pdf-variant", "pdf/ua-1", html, pdf]
    if name == "Typst":
        code = (
            "import sys, typst; typst.compile(sys.argv[1], output=sys.argv[2], font_paths=[sys.argv[3]], "
            'ignore_system_fonts=True, pdf_standards=["ua-1"])'
        )
        typ = str(folders.stock(number) / "booklet.typ")
        return [sys.executable, "-c", code, typ, pdf, str(folders.stock(number) / "fonts")]
    if name == "Prince":
        import prince_pdf

        return prince_pdf.command("--pdf-profile=PDF/UA-1", html, "-o", pdf)
    assert CHROMIUM
    return [CHROMIUM, "--headless", "--no-sandbox", "--no-pdf-header-footer", f"--print-to-pdf={pdf}", html]


def _used() -> float:
    """Processor time so far, in seconds, of this process and those that it has ended."""
    mine, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return mine.ru_utime + mine.ru_stime + ended.ru_utime + ended.ru_stime


def pages_of(pdf: bytes) -> int:
    """How many pages it has."""
    from pypdfium2 import PdfDocument

    return len(PdfDocument(pdf))


def resident() -> int:
    """The memory of this process, in bytes; 0 where that is not told."""
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize()
    return 0


def main() -> int:
    """Print booklets as long as numbers come."""
    name, base = sys.argv[1:]
    printer = ENGINES[name](Folders(Path(base)))
    for line in sys.stdin:
        MORE.clear()
        MORE.update(json.loads(line))
        wall, cpu = time.perf_counter(), _used()
        result = printer(MORE["number"])
        found: dict[str, float] = {"wall": time.perf_counter() - wall, "cpu": _used() - cpu}
        if isinstance(result, bytes):
            found["memory"] = resident()
            if "keep" in MORE:
                Path(MORE["keep"]).write_bytes(result)
            if MORE.get("count"):
                found["pages"] = pages_of(result)
        else:
            found |= result
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
