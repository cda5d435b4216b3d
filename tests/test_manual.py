"""Are the reference pages those that the docstrings give?"""

from pathlib import Path

import pytest

from booklet import manual
from booklet.blocks import KINDS
from booklet.checks import CHECKS

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize("name", manual.pages())
def test_a_reference_page_is_the_one_that_the_docstrings_give(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")

    assert written == manual.pages()[name], "run: python -m booklet.manual"


def test_every_kind_of_block_and_every_check_has_an_entry() -> None:
    pages = manual.pages()

    assert all(f"### `{kind}`" in pages["source-format.md"] for kind in KINDS)
    assert all(f"## `{code}` (" in pages["checks.md"] for code in CHECKS)


def test_every_key_is_explained() -> None:
    rows = [line for line in manual.source_format().splitlines() if line.startswith("| `")]

    assert len(rows) > 60
    assert [row for row in rows if row.endswith("|  |")] == []
