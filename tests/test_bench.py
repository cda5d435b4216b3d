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

from content import booklet, write_folder
from markup import FONTS, STOCK, to_html, to_typst, write_stock

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
