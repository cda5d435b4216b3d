"""What does a new booklet begin with? A commented file that builds."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from .fresh import program
from .store import write_whole

_FILES = Path(__file__).with_name("starter_files")
YEARS_TO_REVIEW = 3


def write_starter(root: Path, booklet_id: str, today: date) -> Iterator[Path]:
    """Write a new booklet, and a house.yaml where there is none; yields what was written."""
    house = root / "source" / "house.yaml"
    if not house.exists():
        write_whole(house, _text("house.yaml").encode())
        yield house
    text = _text("booklet.yaml")
    facts = {
        "TITLE": booklet_id.replace("-", " ").capitalize(),
        "CODE": booklet_id.upper(),
        "PUBLISHED": str(today),
        "NEXT_REVIEW": str(_years_later(today)),
    }
    for name, value in facts.items():
        text = text.replace(f"<{name}>", value)
    booklet = root / "source" / "booklets" / booklet_id / "booklet.yaml"
    write_whole(booklet, text.encode())
    yield booklet


def _text(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8").replace("make_booklet.py", program())


def _years_later(day: date) -> date:
    """The same day some years later; for 29 February the day before."""
    try:
        return day.replace(year=day.year + YEARS_TO_REVIEW)
    except ValueError:
        return day.replace(year=day.year + YEARS_TO_REVIEW, day=28)
