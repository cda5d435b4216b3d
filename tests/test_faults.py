"""Does the count of injected faults count only what was really told?"""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "bench"))

from faults import Fault, Tried, places, try_at
from places import BOOKLETS, KINDS, Clean, Kind, Place, Spoiling, clean

from booklet.checks import CHECKS

HIDDEN = "hidden (render mode 3)"


@pytest.fixture(scope="module")
def one() -> Clean:
    return clean(BOOKLETS[0])


def tried(kind: Kind, place: Place, one: Clean) -> Tried:
    return try_at(kind, Fault(one.name, kind.name, 0), place, one)


def test_a_fault_that_is_told_at_its_place_is_caught(one: Clean) -> None:
    found = tried(KINDS[HIDDEN], places(one.name, HIDDEN)[0], one)

    assert found.result == "caught"
    assert "pixels" in found.differs


def test_a_fault_that_changes_nothing_does_not_count(one: Clean) -> None:
    def leave_alone(_: Spoiling) -> None:
        """The file is only written again."""

    found = tried(replace(KINDS[HIDDEN], spoil=leave_alone), places(one.name, HIDDEN)[0], one)

    assert found.result == "no effect"


def test_a_finding_of_another_family_does_not_count(one: Clean) -> None:
    found = tried(replace(KINDS[HIDDEN], family=frozenset({"metadata"})), places(one.name, HIDDEN)[0], one)

    assert found.result.startswith("missed (words-unseen")


@pytest.mark.parametrize("wrong", [{"page": 1}, {"block": "risks/9", "box": (0.0, 0.0, 1.0, 1.0)}])
def test_a_finding_at_another_place_does_not_count(wrong: dict[str, int | str], one: Clean) -> None:
    told_elsewhere = replace(KINDS["other language"], family=frozenset({"language"}))
    place = replace(Place(), **wrong)  # type: ignore[arg-type]

    assert tried(told_elsewhere, replace(place, page=place.page or 2), one).result.startswith("missed")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_family_names_checks_that_there_are(kind: Kind) -> None:
    assert kind.family <= {*CHECKS, "pdf-unreadable"}
