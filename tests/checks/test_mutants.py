"""Does every check catch what it is for, and nothing else?

A folder here is named by the code of a check; each file in it is a mutant of one sound booklet, in
booklet/. What it may say:

    language:  the translation that it is of; else it is of the master
    clinic:    is it of a clinic's edition: `beside` the national one, or `alone`?
    source:    what stands otherwise in the source from the outset: [{replace, with, file}]
    printed:   what stood otherwise in the source when it was printed, so that the PDF is wrong
    judged:    what stands otherwise in the source since it was printed
    css:       rules that the layout had beside its own
    template:  files of the layout that were others: {path: content}
    grey:      was it printed without colour, should it be? a list of `printed` and `judged`
    recipe:    what the layout's layout.yaml says otherwise: {key: value}
    spoil:     what was done to the finished PDF: {a function of spoiling.py: its arguments}
    released:  what the register says of its version: {state, reason, replaced_by, words: `same` or `other`}
    current:   the version that is current
    today:     the day of the check
    expect:    what the check says: {says, line_of, file, page_of, over, beside, count}; or `nothing`
    also:      how often other checks speak, who are right too: {code: count}

A page is named by words that stand on it: in `page_of`, and where `spoil` asks for a page. `over` are
the words over which the report marks the finding, `beside` are words that it leaves unmarked.
"""

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from spoiling import spoiled

from booklet.bind import print_edition
from booklet.checks import CHECKS
from booklet.checks.reading import bare
from booklet.inspect import Facts, inspect_pdf
from booklet.judge import judge
from booklet.layout import Layout, layout_for
from booklet.problem import Problem, Severity, Where
from booklet.register import Edition, Entry, State
from booklet.source import Source, Sourced

HERE = Path(__file__).parent
PUBLISHER, TRANSLATED = HERE / "booklet", HERE / "arabic"
PROJECT = HERE.parent.parent
BOOKLET = "source/booklets/everything/booklet.yaml"
TRANSLATION = "ar"
CLINIC = "riverside"
TODAY = date(2026, 11, 23)
MUTANTS = sorted(HERE.glob("*/*.yaml"))


@dataclass(frozen=True)
class Sound:
    """The booklet as it should be."""

    sourced: Sourced
    layout: Layout
    pdf: bytes
    facts: Facts
    national: Facts | None = None


def source(folder: Path, booklet: str = "everything", language: str = "", clinic: str = "") -> Sourced:
    read = Source(folder).edition(booklet, language, clinic)
    assert read.value, read.problems
    return read.value


def layout(sourced: Sourced, *roots: Path, grey: bool = False) -> Layout:
    loaded = layout_for(sourced, "a5-booklet", (*roots, PROJECT), grey=grey)
    assert loaded.value, loaded.problems
    return loaded.value


def printed(sourced: Sourced, on: Layout) -> bytes:
    words = on.words(sourced.booklet.language)
    assert words.value
    made = print_edition(sourced, on, words.value)
    assert made.value, made.problems
    return made.value


def facts_of(pdf: bytes) -> Facts:
    read = inspect_pdf(pdf)
    assert read.value, read.problems
    return read.value


@pytest.fixture(scope="session")
def sound() -> Sound:
    sourced = source(PUBLISHER)
    plain = layout(sourced)
    pdf = printed(sourced, plain)
    return Sound(sourced, plain, pdf, facts_of(pdf))


@pytest.fixture(scope="session")
def translated(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """Its translation, which runs from right to left."""
    folder = changed(tmp_path_factory.mktemp("translated"), [], TRANSLATION)
    sourced = source(folder, language=TRANSLATION)
    plain = layout(sourced)
    pdf = printed(sourced, plain)
    return Sound(sourced, plain, pdf, facts_of(pdf))


@pytest.fixture(scope="session")
def of_clinic(sound: Sound) -> Sound:
    """It with a clinic's details."""
    sourced = source(PUBLISHER, clinic=CLINIC)
    plain = layout(sourced)
    pdf = printed(sourced, plain)
    return Sound(sourced, plain, pdf, facts_of(pdf), sound.facts)


def page_of(text: str, facts: Facts) -> int:
    """The first page that says the text."""
    return next(passage.page for passage in facts.passages if bare(text) in bare(passage.text))


def changed(folder: Path, changes: list[dict[str, str]], language: str = "") -> Path:
    """The publisher's folder after some changes, each of a text that stands in its file just once."""
    for part in (PUBLISHER, *((TRANSLATED,) if language else ())):
        shutil.copytree(part, folder, dirs_exist_ok=True)
    for change in changes:
        path = folder / change.get("file", BOOKLET)
        text = path.read_text(encoding="utf-8")
        assert text.count(change["replace"]) == 1, change["replace"]
        path.write_text(text.replace(change["replace"], change["with"]), encoding="utf-8")
    return folder


def other_layout(
    folder: Path, css: str, templates: Mapping[str, str], sourced: Sourced, *, grey: bool
) -> Layout:
    """The layout with more rules and with other files."""
    own = folder / "layouts" / "a5-booklet"
    shutil.copytree(PROJECT / "layouts" / "a5-booklet", own)
    with (own / "page.css").open("a", encoding="utf-8") as sheet:
        sheet.write(css)
    for name, content in templates.items():
        path = own / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return layout(sourced, folder, grey=grey)


def made(mutant: Mapping[str, Any], sound: Sound, folder: Path) -> Facts:
    """What the mutant's PDF says."""
    grey, language = "printed" in mutant.get("grey", ()), mutant.get("language", "")
    clinic = CLINIC if "clinic" in mutant else ""
    if grey or any(key in mutant for key in ("source", "printed", "css", "template")):
        changes = mutant.get("source", []) + mutant.get("printed", [])
        css, templates = mutant.get("css", ""), mutant.get("template", {})
        sourced = source(changed(folder / "printed", changes, language), language=language, clinic=clinic)
        pdf = printed(sourced, other_layout(folder, css, templates, sourced, grey=grey))
    else:
        pdf = sound.pdf
    ways: dict[str, dict[str, Any]] = mutant.get("spoil", {})
    for arguments in ways.values():
        if "page" in arguments:
            arguments["page"] = page_of(arguments["page"], sound.facts)
    return facts_of(spoiled(pdf, ways) if ways else pdf)


def judged(mutant: Mapping[str, Any], facts: Facts, sound: Sound, folder: Path) -> tuple[Problem, ...]:
    changes = mutant.get("source", []) + mutant.get("judged", [])
    language, clinic = mutant.get("language", ""), CLINIC if "clinic" in mutant else ""
    sourced = sound.sourced
    if changes:
        sourced = source(changed(folder / "judged", changes, language), language=language, clinic=clinic)
    if "released" in mutant:
        sourced = replace(sourced, released=released(sourced, **mutant["released"]))
    sourced = replace(sourced, current=mutant.get("current", ""))
    recipe = sound.layout.recipe.model_copy(update=mutant.get("recipe", {}))
    on = replace(sound.layout, recipe=recipe, grey="judged" in mutant.get("grey", ()))
    national = None if mutant.get("clinic") == "alone" else sound.national
    return judge(facts, sourced, on, mutant.get("today", TODAY), national)


def released(sourced: Sourced, state: str, words: str, reason: str = "", replaced_by: str = "") -> Edition:
    """What the register says of the booklet, which was released with the same words or with others."""
    booklet = sourced.booklet
    content = sourced.content if words == "same" else "0" * 64
    about = booklet.id, booklet.version, booklet.code, TODAY, State.CURRENT
    entry = Entry(*about, {booklet.language: content}, "1" * 64)
    return Edition(
        entry,
        booklet.language,
        State(state),
        TODAY,
        reason,
        replaced_by=replaced_by,
        superseded_by=replaced_by,
    )


def where(expect: Mapping[str, Any], folder: Path) -> Where:
    """The line that the finding must name."""
    file = expect.get("file", BOOKLET)
    lines = (folder / file).read_text(encoding="utf-8").split("\n")
    [number] = [number for number, line in enumerate(lines, 1) if expect["line_of"] in line]
    return Where(file, number)


@pytest.mark.parametrize("path", MUTANTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_mutant_is_caught(path: Path, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    mutant = yaml.safe_load(path.read_text(encoding="utf-8"))
    kinds = {"language": "translated", "clinic": "of_clinic"}
    sound: Sound = request.getfixturevalue(next((kinds[key] for key in kinds if key in mutant), "sound"))
    facts = made(mutant, sound, tmp_path)
    problems = judged(mutant, facts, sound, tmp_path)
    told = "\n".join(f"{p.code}: {p.message} ({p.where}, page {p.page})" for p in problems)
    own, expect, codes = path.parent.name, mutant["expect"], Counter(mutant.get("also", {}))
    if expect != "nothing":
        codes[own] += expect.get("count", 1)
        assert any(fits(problem, expect, facts, tmp_path) for problem in problems if problem.code == own), (
            told
        )
    assert Counter(problem.code for problem in problems) == codes, told


def fits(problem: Problem, expect: Mapping[str, Any], facts: Facts, folder: Path) -> bool:
    """Does the problem say what was expected, of that line and page?"""
    source_folder = folder / "judged" if (folder / "judged").exists() else PUBLISHER
    place = where(expect, source_folder) if "line_of" in expect else problem.where
    page = page_of(expect["page_of"], facts) if "page_of" in expect else problem.page
    return (
        expect["says"] in problem.message
        and (problem.where.file, problem.where.line) == (place.file, place.line)
        and problem.page == page
        and ("over" not in expect or lies_over(problem, expect["over"], facts))
        and ("beside" not in expect or not lies_over(problem, expect["beside"], facts))
    )


def lies_over(problem: Problem, words: str, facts: Facts) -> bool:
    """Is one of the finding's places on those words, on its page?"""
    every = (*facts.passages, *facts.furniture)
    passages = (p for p in every if p.page == problem.page and bare(words) in bare(p.text))
    letters = facts.letters.box[list(next(passages).printed)].tolist()
    return any(
        left < right_of and right > left_of and top < foot and bottom > head
        for left, top, right, bottom in letters
        for left_of, head, right_of, foot in problem.boxes
    )


def test_the_sound_booklet_has_no_problem(sound: Sound) -> None:
    assert judged({}, sound.facts, sound, Path()) == ()


def test_the_sound_translation_has_no_problem(translated: Sound) -> None:
    assert judged({"language": TRANSLATION}, translated.facts, translated, Path()) == ()


def test_the_sound_edition_of_a_clinic_has_no_problem(of_clinic: Sound) -> None:
    assert judged({"clinic": "beside"}, of_clinic.facts, of_clinic, Path()) == ()


def test_a_pdf_that_is_only_written_again_has_no_problem(sound: Sound) -> None:
    assert judged({}, facts_of(spoiled(sound.pdf, {})), sound, Path()) == ()


def test_letters_with_many_forms_are_no_problem(tmp_path: Path) -> None:
    # The font has no U+2010, which WeasyPrint sets where it breaks a word at a soft hyphen.
    letters = source(PUBLISHER, "letters")
    on = other_layout(tmp_path, "html { hyphenate-character: '-' }", {}, letters, grey=False)
    facts = facts_of(printed(letters, on))
    found = judge(facts, letters, on, TODAY)
    assert [problem for problem in found if problem.severity is not Severity.ADVICE] == []


def test_every_check_has_a_mutant_that_it_catches() -> None:
    caught = {
        path.parent.name
        for path in MUTANTS
        if yaml.safe_load(path.read_text(encoding="utf-8"))["expect"] != "nothing"
    }
    assert caught == set(CHECKS)
    assert {path.parent.name for path in MUTANTS} == set(CHECKS)


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.code)
def test_every_check_says_why_and_what_to_do(check: Any) -> None:
    assert check.why.endswith(".")
    assert check.hint
    said = [
        yaml.safe_load(path.read_text(encoding="utf-8"))["expect"]
        for path in HERE.glob(f"{check.code}/*.yaml")
    ]
    assert check.example in [expect["says"] for expect in said if expect != "nothing"]
