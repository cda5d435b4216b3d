"""Are jobs handed out in parts that keep all workers busy, and that make the same editions?"""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from command import PROJECT, TODAY
from hypothesis import given, settings
from hypothesis import strategies as some
from publisher import BOOKLET, CLINIC, write_publisher

from booklet.build import FEWEST, MOST, Request, jobs_of, together
from booklet.make import Job, make
from booklet.source import Source

DAY = date.fromisoformat(TODAY)
#: How many clinics print each booklet.
CLINICS = some.lists(some.integers(0, 600), max_size=4)


def jobs_for(clinics: list[int]) -> list[Job]:
    """The national edition of each booklet, and so many clinics'."""
    return [
        Job((Path("/root"),), Path("/out"), f"booklet-{number}", "", "a5-booklet", DAY, clinic=who)
        for number, count in enumerate(clinics)
        for who in ("", *(f"clinic-{which}" for which in range(count)))
    ]


@settings(deadline=None)
@given(CLINICS, some.integers(1, 300))
def test_every_job_is_done_once_and_national_ones_first(clinics: list[int], workers: int) -> None:
    jobs = jobs_for(clinics)
    done = [job for group in together(jobs, workers) for job in group]
    assert len(done) == len(jobs)
    assert set(done) == set(jobs)
    firsts = {job.booklet: job for job in reversed(done)}
    assert [firsts[job.booklet] for job in jobs if not job.clinic] == [job for job in jobs if not job.clinic]


def test_workers_begin_with_other_clinics() -> None:
    groups = together(jobs_for([100] * 8), 4)
    assert [group[1].clinic for group in groups[:4]] == [f"clinic-{n}" for n in (0, 25, 50, 75)]


@settings(deadline=None)
@given(CLINICS, some.integers(1, 300))
def test_a_group_differs_in_nothing_but_the_clinic(clinics: list[int], workers: int) -> None:
    for group in together(jobs_for(clinics), workers):
        assert len({replace(job, clinic="") for job in group}) == 1


@settings(deadline=None)
@given(CLINICS, some.integers(1, 300))
def test_parts_are_even_and_neither_small_nor_large(clinics: list[int], workers: int) -> None:
    groups = together(jobs_for(clinics), workers)
    sizes: dict[str, list[int]] = {}
    for group in groups:
        sizes.setdefault(group[0].booklet, []).append(len(group))
    for parts in sizes.values():
        assert max(parts) - min(parts) <= 1
        assert max(parts) <= MOST
        assert len(parts) == 1 or min(parts) > FEWEST / 2


@pytest.mark.parametrize(
    ("booklets", "clinics", "workers", "jobs"),
    [
        (1, 200, 2, 2),
        (1, 200, 64, 9),
        (3, 60, 2, 3),
        (12, 200, 2, 12),
        (12, 200, 16, 24),
        (500, 200, 2, 500),
        (500, 200, 256, 500),
        (1, 2_000, 2, 9),
        (5, 0, 2, 5),
    ],
)
def test_no_national_edition_is_laid_out_more_often_than_it_keeps_workers_busy(
    booklets: int, clinics: int, workers: int, jobs: int
) -> None:
    assert len(together(jobs_for([clinics] * booklets), workers)) == jobs


def test_the_bytes_are_the_same_in_whatever_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("east", "north", "west")
    files = {f"source/clinics/{name}.yaml": CLINIC.replace("Riverside", name) for name in names}
    root = write_publisher(tmp_path / "publisher", BOOKLET.replace("2029-11-23", "2033-11-23"), files=files)
    monkeypatch.setattr("booklet.build.FEWEST", 1)
    found = []
    for workers in (1, 2, 4):
        out = tmp_path / str(workers)
        request = Request((root, PROJECT), out, layout="a5-booklet", today=DAY, clinics=names)
        groups = together(jobs_of(request, Source(root)), workers)
        assert len(groups) == workers
        made = [one for group in groups for one in make(group)]
        found.append(
            (
                {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.pdf")},
                Counter(problem for one in made for problem in one.problems),
            )
        )
    assert len(found[0][0]) == 4
    assert found[0][1]
    assert found[0] == found[1] == found[2]
