"""Do the engines that the press is timed against print the same words?"""

import re
import sys
from collections import Counter
from collections.abc import Iterable
from html import unescape
from pathlib import Path

import pytest
from command import PROJECT
from pypdfium2 import PdfDocument

sys.path.insert(0, str(PROJECT / "bench"))

from capacity import MARK, Measured, Plan, _page
from content import booklet, write_folder
from markup import FONTS, STOCK, to_html, to_typst, write_stock
from measures import Bench
from stages import Client, Few, Stages, by_dask, by_pool

from booklet.batch import AHEAD, JOBS_PER_PROCESS
from booklet.build import FEWEST, MOST
from booklet.chapters import chapters
from booklet.layout import layout_for
from booklet.source import Source

CONTENT = booklet(0)

#: What engines count for themselves stands in none of the sources.
PAGE = re.compile(r"\(page [^)]*\)")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """The words that a reader of the press's booklet must meet."""
    root = write_folder(tmp_path_factory.mktemp("publisher"), [CONTENT])
    sourced = Source(root).booklet(CONTENT.id).value
    assert sourced
    layout = layout_for(sourced, "a5-booklet", (root, PROJECT)).value
    assert layout
    told = list(chapters(sourced, layout.words("en-GB").value or {}))
    titles = [chapter.title.text for chapter in told if chapter.title]
    return words([*titles, *(piece.text for chapter in told for piece in chapter.pieces)])


def words(texts: Iterable[str]) -> Counter[str]:
    """How often each word stands there."""
    return Counter(PAGE.sub(" ", " ".join(" ".join(texts).split())).split())


def test_the_html_holds_the_words_of_the_source(source: Counter[str]) -> None:
    printed = words([unescape(re.sub(r"<[^>]*>", " ", to_html(CONTENT)))])

    assert source.total() > 4000
    assert not missing(source, printed)


def test_what_typst_prints_holds_the_words_of_the_source(source: Counter[str], tmp_path: Path) -> None:
    typst = pytest.importorskip("typst", reason="the extra `bench` is not installed")
    folder = write_stock(tmp_path, CONTENT)

    pdf = typst.compile(
        str(folder / "booklet.typ"),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )

    printed = words(page.get_textpage().get_text_bounded() for page in PdfDocument(pdf))
    assert not missing(source, printed)


def missing(source: Counter[str], printed: Counter[str]) -> Counter[str]:
    """The words of the source that were printed less often; a mark beside a word does not count."""
    return bare(source) - bare(printed)


def bare(counted: Counter[str]) -> Counter[str]:
    """The words without the marks before and behind them."""
    found: Counter[str] = Counter()
    for word, times in counted.items():
        found[re.sub(r"^\W+|\W+$", "", word)] += times
    del found[""]
    return found


def test_the_kept_booklet_is_the_one_that_is_written() -> None:
    assert (STOCK / "booklet.html").read_text(encoding="utf-8") == to_html(CONTENT)
    assert (STOCK / "booklet.typ").read_text(encoding="utf-8") == to_typst(CONTENT)


# --- Capacity ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """What is measured with a few jobs; all that takes long is made up."""
    bench = Bench(tmp_path_factory.mktemp("bench"), 1)
    dask, bundles = by_dask(bench, 20)
    pool = by_pool(bench, 20)
    made_up = Stages(1, 1.5, 1.5, 0.2, 0.001, 0.001, 0.001, 0.004, 150_000, 300_000_000)
    found = (Few(1, 200, 44, 24, 2), Few(3, 60, 40, 40, 3))
    return Measured(made_up, dask, pool, bundles, found, Client(0.6, 0.1, 0.1, 2_000_000, 90_000, 4_000))


def test_jobs_that_do_nothing_go_through_both_executors(measured: Measured) -> None:
    assert measured.dask.sent > 100
    assert measured.bundles.once > 10_000_000 > measured.bundles.texts > measured.bundles.booklet > 1000
    for one in (measured.dask, measured.pool):
        assert one.jobs == 20
        assert 0 < one.last < 10
    # The scheduler forgets what was done: it knows the bundles and what is under way.
    assert measured.dask.known < 20


def test_more_cores_take_less_time_until_the_client_is_the_slowest(measured: Measured) -> None:
    plan = Plan(500, 200, measured)
    assert plan.editions == 100_500
    walls = [plan.wall(cores) for cores in (1, 2, 8, 64, 10_000)]
    assert walls == sorted(walls, reverse=True)
    assert plan.wall(10_000) >= plan.client
    assert plan.work(2) >= 500 * 3 + 100_000 * 0.007


def test_the_plan_has_the_constants_of_the_program(measured: Measured) -> None:
    page = (PROJECT / "docs/capacity.md").read_text(encoding="utf-8")
    for name, value in (
        ("editions in a job, at least", FEWEST),
        ("editions in a job, at most", MOST),
        ("jobs handed out for each worker", AHEAD),
        ("jobs for each process of the pool", JOBS_PER_PROCESS),
    ):
        assert f"| {name} | {value} |" in page
    told = "".join(_page(measured))
    assert "| a worker starts |" in told
    heads = re.findall(r"^### .*", told, re.MULTILINE)
    assert heads == re.findall(r"^### .*", page.partition(MARK)[2], re.MULTILINE)
