"""Does a new booklet build and pass at once, wherever it is begun?"""

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from command import PROJECT, TODAY, build, run, run_apart, settings
from publisher import BOOKLET_FILE, HOUSE_FILE, write_publisher

from booklet.starter import write_starter

NEW_FILE = "source/booklets/my-booklet/booklet.yaml"


def test_a_new_booklet_in_an_empty_folder_builds_and_passes(tmp_path: Path) -> None:
    ran = run("new", "my-booklet", "--root", tmp_path, "--today", TODAY)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == (
        f"wrote {tmp_path / HOUSE_FILE}\n"
        f"wrote {tmp_path / NEW_FILE}\n"
        "Write your text into it, then: make_booklet.py my-booklet\n"
    )
    built = build(tmp_path, "--json")
    assert (built.status, built.verdicts, built.codes) == (0, {"my-booklet": "passed"}, [])


def test_a_new_booklet_beside_the_projects_own_builds_and_passes(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "source", tmp_path / "source")
    house = (tmp_path / HOUSE_FILE).read_bytes()
    assert run("new", "my-booklet", "--root", tmp_path, "--today", TODAY).out.startswith("wrote ")
    built = build(tmp_path, "my-booklet", "--json")
    assert (built.status, built.codes) == (0, [])
    assert (tmp_path / HOUSE_FILE).read_bytes() == house


def test_the_starter_explains_itself(tmp_path: Path) -> None:
    list(write_starter(tmp_path, "my-booklet", date.fromisoformat(TODAY)))
    for file in (HOUSE_FILE, NEW_FILE):
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert text.count("#") > 5
        assert "<" not in text.replace("<ID>", "")
    assert "title: My booklet\n" in text
    assert "code: MY-BOOKLET " in text


def test_the_next_review_is_three_years_later_on_a_leap_day_too(tmp_path: Path) -> None:
    for today, review in (("2026-11-24", "2029-11-24"), ("2028-02-29", "2031-02-28")):
        list(write_starter(tmp_path / today, "my-booklet", date.fromisoformat(today)))
        text = (tmp_path / today / NEW_FILE).read_text(encoding="utf-8")
        assert f"published: {today}\n" in text
        assert f"next_review: {review} " in text


@pytest.mark.parametrize("name", ["My-Booklet", "1st", "-a", "a b", "a/b", "..", "ä", "a_b", "a\n"])
def test_a_name_that_is_no_id_is_refused(tmp_path: Path, name: str) -> None:
    ran = run("new", "--root", tmp_path, "--", name)
    assert ran.status == 2
    assert "use small letters, digits and hyphens, and begin with a letter" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_booklet_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    before = (write_publisher(tmp_path) / BOOKLET_FILE).read_bytes()
    ran = run("new", "colds", "--root", tmp_path)
    assert (ran.status, ran.err) == (2, "There is a booklet 'colds' already.\n")
    assert (tmp_path / BOOKLET_FILE).read_bytes() == before


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "source").touch()
    ran = run("new", "my-booklet", "--root", tmp_path)
    assert ran.status == 2
    assert ran.err.startswith("Stopped: ")
    assert str(tmp_path / "source") in ran.err


def test_a_name_that_is_too_long_for_a_folder_is_told(tmp_path: Path) -> None:
    ran = run("new", "a" * 300, "--root", tmp_path)
    assert ran.status == 2
    assert "File name too long" in ran.err


def test_an_installed_package_works_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With pip, layouts/ and fonts/ come along inside the package."""
    package = tmp_path / "site/booklet"
    shutil.copytree(PROJECT / "booklet", package, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("layouts", "fonts"):
        shutil.copytree(PROJECT / folder, package / "project" / folder)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    made = run_apart("new", "my-booklet", project=package.parent)
    assert (made.status, made.err) == (0, "")
    assert made.out == (
        "wrote source/house.yaml\n"
        "wrote source/booklets/my-booklet/booklet.yaml\n"
        "Write your text into it, then: make-booklet my-booklet\n"
    )
    assert "make_booklet.py" not in (home / NEW_FILE).read_text(encoding="utf-8")
    built, again = installed("my-booklet", package=package), installed("my-booklet", package=package)
    assert built.returncode == 0, built.stdout
    assert again.stdout == "Nothing has changed: 1 edition is up to date and checked, in dist\n"
    assert (home / "dist/my-booklet/1.0/my-booklet-1.0-en-GB-a5-booklet.pdf").is_file()


def installed(*words: str, package: Path) -> "subprocess.CompletedProcess[str]":
    """Run the command that pip installs."""
    script = "import sys; from booklet.fresh import main; sys.exit(main())"
    line = [sys.executable, "-P", "-c", script, *words]
    return subprocess.run(line, env=settings(package.parent), capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["build", "check", "new"])
def test_a_booklet_cannot_have_the_name_of_a_command(tmp_path: Path, name: str) -> None:
    ran = run("new", name, "--root", tmp_path)
    assert (ran.status, list(tmp_path.iterdir())) == (2, [])
    assert f"'{name}' is the name of a command" in ran.err


def test_a_mistyped_command_is_told_what_was_meant(tmp_path: Path) -> None:
    write_publisher(tmp_path)
    ran = run("chekc", "--root", tmp_path)
    assert ran.status == 2
    assert "did you mean 'check'?" in ran.err
