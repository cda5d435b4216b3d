"""How does a translation begin, follow its master, and travel to translators' tools and back?"""

import io
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publisher import BOOKLET, BOOKLET_FILE, FILES, SHARED_FILE, block, changed, with_block, write_publisher
from pypdf import PdfReader
from translate.storage.pypo import pofile
from translate.storage.xliff2 import Xliff2File

from booklet.cli import main
from booklet.source import Source
from booklet.translation import joined, paragraphs
from booklet.units import codes, may_be_missing, measures, numbers, quantities, turned
from booklet.yamlfile import read_yaml, replaced

PROJECT = Path(__file__).parents[1]
TODAY = date(2026, 11, 28)
CHINESE = (
    "如果您的体温达到38°C或更高，请立即致电0808 808 00 00。不要等到早晨！大多数感冒（普通感冒）会自行好转，"
    * 4
)
WELSH = "source/booklets/colds/booklet.cy.yaml"
KEPT = "source/booklets/colds/translated-from/1.0.yaml"
TABLE = "{kind: table, caption: Your dose, header: [Weight, Dose], rows: [[40 kg, 2.5 mg], [50 kg, 5 mg]]}"
RICH = with_block(
    "|\n          Take **2** tablets & rest.\n\n          - first [link](https://example.org/a)\n"
    "          - second & item\n\n          The “end”: it's over.",
    with_block(block("contacts"), with_block(TABLE, with_block("{kind: shared, id: emergency}"))),
)


def run(root: Path, *words: str) -> tuple[int, str]:
    """What a command says, and its status."""
    out = io.StringIO()
    status = main([*words, "--root", str(root)], out)
    return status, out.getvalue()


def begun(folder: Path) -> Path:
    """A publisher's folder with a translation that has just begun."""
    root = write_publisher(folder, RICH, files=FILES)
    status, _ = run(root, "translation", "new", "colds", "cy", "--today", str(TODAY))
    assert status == 0
    return root


def exported(root: Path, *words: str) -> Path:
    """The file that an export writes."""
    status, said = run(root, "translation", "export", "colds", "cy", *words)
    assert status == 0
    return Path(said.splitlines()[-1].removeprefix("wrote "))


def translated(root: Path, form: str = "xliff", say: Callable[[str], str] = "Cymraeg: {}".format) -> Path:
    """The folder with a translation that a tool has made: each text with a word before it."""
    path = exported(root, "--format", form)
    store = (Xliff2File if form == "xliff" else pofile).parsestring(path.read_bytes())
    for unit in store.units:
        if form == "xliff":
            unit.target = say(unit.source)
            unit.xmlelement.set("state", "final")
        elif not unit.isheader():
            unit.target = say(unit.source)
            unit.markfuzzy(False)
    path.write_bytes(bytes(store))
    status, said = run(root, "translation", "import", "colds", "cy", str(path))
    assert status == 0
    assert said.endswith(", 0 not translated yet.\n")
    return root


# --- It begins -----------------------------------------------------------------------------


def test_a_translation_begins_with_the_masters_structure_and_its_texts_as_comments(tmp_path: Path) -> None:
    root = begun(tmp_path)
    text = (root / WELSH).read_text(encoding="utf-8")
    assert text.startswith("# booklet.yaml in Welsh. ")
    assert "# All about colds\ntitle: …\n" in text
    assert 'language: cy\ntranslation_of: "1.0"\n' in text
    assert f"published: {TODAY}\n" in text
    assert "# Weight | Dose\n" in text or "# Weight\n" in text
    assert "      - kind: shared\n        id: emergency\n" in text
    assert (root / "source/house.cy.yaml").is_file()
    assert (root / "source/shared/emergency.cy.yaml").is_file()
    tree = read_yaml(text.encode(), WELSH)
    assert tree.problems == ()


def test_what_is_not_translated_yet_is_told_with_what_the_master_says(tmp_path: Path) -> None:
    root = begun(tmp_path)
    outcome = Source(root).booklet("colds", "cy")
    assert outcome.value is None
    assert Counter(problem.code for problem in outcome.problems).keys() == {"not-translated"}
    first = outcome.problems[0]
    assert (first.where.file, first.hint) == (WELSH, "the master says: All about colds")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "colds", "cy"), "'colds' has a translation into 'cy' already"),
        (("new", "colds", "../x"), "'../x' is no language's tag"),
        (("new", "flu", "cy"), "There is no booklet 'flu'"),
        (("export", "colds", "pl"), "'colds' has no translation into 'pl'"),
        (("import", "colds", "pl", "x.po"), "'colds' has no translation into 'pl'"),
    ],
)
def test_what_cannot_be_done_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    root = begun(tmp_path)
    assert run(root, "translation", *words)[0] == 2
    assert said in capsys.readouterr().err


# --- It travels ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["xliff", "po"])
def test_a_translation_comes_back_from_a_tool_without_loss(tmp_path: Path, form: str) -> None:
    root = translated(begun(tmp_path), form)
    outcome = Source(root).booklet("colds", "cy")
    assert outcome.value, outcome.problems
    booklet = outcome.value.booklet
    assert booklet.title == "Cymraeg: All about colds"
    markdown = next(unit.text for unit in outcome.value.units if "**2**" in unit.text)
    assert markdown == (
        "Cymraeg: Take **2** tablets & rest.\n\n- Cymraeg: first [link](https://example.org/a)\n"
        "- Cymraeg: second & item\n\nCymraeg: The “end”: it's over.\n"
    )
    assert any(unit.text == "Cymraeg: 2.5 mg" for unit in outcome.value.units)
    mark = outcome.value.house.quality_mark
    assert mark
    assert mark.statement.text.startswith("Cymraeg: This booklet was made with care.")
    # Once more out and in, nothing changes.
    before = {path: path.read_bytes() for path in root.rglob("*.yaml")}
    run(root, "translation", "import", "colds", "cy", str(exported(root, "--format", form)))
    assert {path: path.read_bytes() for path in root.rglob("*.yaml")} == before


def test_the_two_kinds_of_files_hold_the_same(tmp_path: Path) -> None:
    root = translated(begun(tmp_path))
    xliff = Xliff2File.parsestring(exported(root).read_bytes())
    po = pofile.parsestring(exported(root, "--format", "po").read_bytes())
    assert [(u.source, u.target) for u in xliff.units] == [
        (u.source, u.target) for u in po.units if not u.isheader()
    ]


def test_an_xliff_file_has_names_and_notes_where_the_standard_has_them(tmp_path: Path) -> None:
    root = translated(begun(tmp_path))
    moved_on(root)
    text = exported(root, "--changed").read_text(encoding="utf-8")
    assert '<unit id="sections.colds.content.1:1">' in text
    assert text.index("<notes>") < text.index("<segment")
    assert "The master said before: Most colds go away by themselves." in text


def test_what_a_tool_cut_into_segments_comes_back_as_one(tmp_path: Path) -> None:
    root = begun(tmp_path)
    path = exported(root)
    text = path.read_text(encoding="utf-8")
    start = text.index('<unit id="title:1">')
    end = text.index("</unit>", start)
    cut = (
        '<unit id="title:1">'
        '<segment id="a" state="final"><source>All</source><target>Popeth</target></segment>'
        '<segment id="b" state="final"><source>about colds</source><target>am annwyd</target></segment>'
    )
    path.write_text(text[:start] + cut + text[end:], encoding="utf-8")
    run(root, "translation", "import", "colds", "cy", str(path))
    assert 'title: "Popeth am annwyd"\n' in (root / WELSH).read_text(encoding="utf-8")


def test_comments_and_all_that_is_not_translated_anew_stay_as_they_are(tmp_path: Path) -> None:
    root = translated(begun(tmp_path))
    own = root / WELSH
    own.write_text("# mine\n" + own.read_text(encoding="utf-8"), encoding="utf-8")
    path = exported(root, "--format", "po")
    store = pofile.parsestring(path.read_bytes())
    unit = next(unit for unit in store.units if unit.source == "All about colds")
    unit.target = 'Annwyd: "popeth"'
    path.write_bytes(bytes(store))
    before = own.read_text(encoding="utf-8")
    run(root, "translation", "import", "colds", "cy", str(path))
    assert own.read_text(encoding="utf-8") == before.replace(
        'title: "Cymraeg: All about colds"', 'title: "Annwyd: \\"popeth\\""'
    )


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.xlf", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "defines entities"),
        ("x.xlf", b"<xliff", "x.xlf cannot be read"),
        ("x.po", b'msgid "a\nmsgstr', "x.po cannot be read"),
        ("x.xlf", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>".encode("utf-16"), "is not UTF-8 text"),
        ("x.xlf", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>".encode("utf-16-le"), "is not UTF-8 text"),
        ("x.txt", b"", "ends with neither .xlf nor .po"),
        ("x.po", b'msgctxt "nowhere#1"\nmsgid "a"\nmsgstr "b"\n', "no text called 'nowhere#1'"),
    ],
)
def test_a_file_that_is_none_of_these_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, data: bytes, said: str
) -> None:
    root = begun(tmp_path)
    before = (root / WELSH).read_bytes()
    (tmp_path / name).write_bytes(data)
    assert run(root, "translation", "import", "colds", "cy", str(tmp_path / name))[0] == 2
    assert said in capsys.readouterr().err
    assert (root / WELSH).read_bytes() == before


# --- It follows ----------------------------------------------------------------------------


def moved_on(root: Path) -> None:
    """The master has a new version: a text changed, one is new, one is gone."""
    path = root / BOOKLET_FILE
    text = changed(path.read_text(encoding="utf-8"), 'version: "1.0"', 'version: "1.1"')
    text = changed(text, "Most colds go away by themselves.", "Most colds go away within 10 days.")
    line = next(line for line in text.split("\n") if "second & item" in line)
    text = changed(text, line, line + "\n" + line.replace("second & item", "third item"))
    path.write_text(text, encoding="utf-8")


def test_a_translation_that_has_just_begun_is_not_up_to_date(tmp_path: Path) -> None:
    status, said = run(begun(tmp_path), "translation", "status")
    assert status == 1
    assert re.search(r"\d+ not translated yet", said)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("he", "No family in fonts/ prints Hebrew ('he')"),
        ("sv", "no fixed words in the language 'sv'"),
        ("en-GB", "'colds' is in 'en-GB' itself."),
    ],
)
def test_a_translation_that_could_not_be_printed_is_not_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, said: str
) -> None:
    root = write_publisher(tmp_path, RICH, files=FILES)
    assert run(root, "translation", "new", "colds", language)[0] == 2
    assert said in capsys.readouterr().err
    assert not list(root.glob("source/booklets/colds/booklet.*.yaml"))


def test_another_shared_block_than_the_masters_is_told(tmp_path: Path) -> None:
    other = FILES[SHARED_FILE]
    root = write_publisher(tmp_path, RICH, files=FILES | {"source/shared/other.yaml": other})
    assert run(root, "translation", "new", "colds", "cy", "--today", str(TODAY))[0] == 0
    path = root / WELSH
    path.write_text(changed(path.read_text("utf-8"), "id: emergency", "id: other"), encoding="utf-8")
    (problem,) = [one for one in Source(root).booklet("colds", "cy").problems if one.code == "not-as-master"]
    assert problem.message == "The master has no block 'other' here"


def test_a_block_that_is_put_in_leaves_those_behind_it_as_they_were(tmp_path: Path) -> None:
    root = translated(begun(tmp_path))
    path = root / BOOKLET_FILE
    text = changed(path.read_text("utf-8"), 'version: "1.0"', 'version: "1.1"')
    line = next(line for line in text.split("\n") if "Most colds go away" in line)
    path.write_text(
        changed(text, line, line[: line.index("-")] + "- A text at the head.\n" + line), encoding="utf-8"
    )
    (told,) = json.loads(run(root, "translation", "status", "--json")[1])["translations"]
    assert [(one["change"], one["now"]) for one in told["changed"]] == [("new", "A text at the head.")]
    whole = pofile.parsestring(exported(root, "--format", "po").read_bytes())
    texts = {str(unit.source): str(unit.target) for unit in whole.units if not unit.isheader()}
    assert texts.pop("A text at the head.") == ""
    assert all(target == f"Cymraeg: {said}" for said, target in texts.items())


def test_a_file_of_another_kind_is_not_taken_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = begun(tmp_path)
    path = tmp_path / "other.xlf"
    path.write_text("<a/>", encoding="utf-8")
    assert run(root, "translation", "import", "colds", "cy", str(path))[0] == 2
    assert "other.xlf cannot be read" in capsys.readouterr().err


def test_a_translation_that_follows_its_master_is_up_to_date(tmp_path: Path) -> None:
    root = translated(begun(tmp_path))
    status, said = run(root, "translation", "status")
    assert status == 0
    assert "up to date" in said


def test_what_the_master_has_changed_since_is_told_paragraph_by_paragraph(tmp_path: Path) -> None:
    root = translated(begun(tmp_path))
    moved_on(root)
    status, said = run(root, "translation", "status")
    assert status == 1
    assert "out of date: 2 paragraphs changed" in said
    assert "before: Most colds go away by themselves." in said
    assert "now: Most colds go away within 10 days." in said
    assert "translated: Cymraeg: Most colds go away by themselves." in said
    (told,) = json.loads(run(root, "translation", "status", "--json")[1])["translations"]
    assert (told["translates"], told["master"], told["stale"], told["known"]) == ("1.0", "1.1", True, True)
    kinds = Counter(one["change"] for one in told["changed"])
    assert kinds == {"changed": 1, "new": 1}
    codes_ = [problem.code for problem in Source(root).booklet("colds", "cy").problems]
    assert codes_ == []


def test_only_what_has_changed_goes_out_and_the_version_follows_when_it_is_back(tmp_path: Path) -> None:
    root = translated(begun(tmp_path))
    moved_on(root)
    path = exported(root, "--changed", "--format", "po")
    store = pofile.parsestring(path.read_bytes())
    units = [unit for unit in store.units if not unit.isheader()]
    assert len(units) == 2
    assert [unit.isfuzzy() for unit in units].count(True) == 1
    # What is still marked as unsure is not taken in, and so the version stays.
    run(root, "translation", "import", "colds", "cy", str(path))
    assert 'translation_of: "1.0"' in (root / WELSH).read_text(encoding="utf-8")
    whole = pofile.parsestring(exported(root, "--format", "po").read_bytes())
    for unit in whole.units:
        if not unit.isheader():
            unit.target = f"Newydd: {unit.source}"
            unit.markfuzzy(False)
    path.write_bytes(bytes(whole))
    run(root, "translation", "import", "colds", "cy", str(path))
    assert 'translation_of: "1.1"' in (root / WELSH).read_text(encoding="utf-8")
    assert (root / KEPT.replace("1.0", "1.1")).is_file()
    assert run(root, "translation", "status")[0] == 0


def test_a_paragraph_that_is_new_leaves_those_behind_it_with_their_translations(tmp_path: Path) -> None:
    root = translated(begun(tmp_path))
    moved_on(root)
    whole = pofile.parsestring(exported(root, "--format", "po").read_bytes())
    told = {str(unit.source): str(unit.target) for unit in whole.units if not unit.isheader()}
    assert told["third item"] == ""
    assert told["The “end”: it's over."].endswith("The “end”: it's over.")


@pytest.mark.parametrize("form", ["po", "xliff"])
def test_a_file_of_an_older_master_or_in_another_language_is_not_taken_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    root = translated(begun(tmp_path))
    path = exported(root, "--format", form)
    polish = tmp_path / f"polish{path.suffix}"
    text = path.read_text(encoding="utf-8").replace("Language: cy", "Language: pl")
    polish.write_text(text.replace('trgLang="cy"', 'trgLang="pl"'), encoding="utf-8")
    moved_on(root)
    before = (root / WELSH).read_bytes()
    for file, said in {
        path: "the master says 'Most colds go away within 10 days.'",
        polish: "is a translation into 'pl', not into 'cy'",
    }.items():
        assert run(root, "translation", "import", "colds", "cy", str(file))[0] == 2
        assert said in capsys.readouterr().err
        assert (root / WELSH).read_bytes() == before


def test_where_the_masters_words_were_not_kept_that_is_told(tmp_path: Path) -> None:
    root = translated(begun(tmp_path))
    moved_on(root)
    (root / KEPT).unlink()
    assert "was not kept" in run(root, "translation", "status")[1]


def test_a_text_that_has_no_place_is_told_and_the_others_are_taken_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = translated(begun(tmp_path))
    path = exported(root, "--format", "po")
    text = (root / WELSH).read_text(encoding="utf-8")
    text = changed(text, '            hours: "Cymraeg: all day"\n', "")
    (root / WELSH).write_text(changed(text, '"Cymraeg: What a cold is"', "x"), encoding="utf-8")
    assert run(root, "translation", "import", "colds", "cy", str(path))[0] == 2
    assert f"{WELSH} has no place for the text 'sections/colds/content/" in capsys.readouterr().err
    assert '"Cymraeg: What a cold is"' in (root / WELSH).read_text(encoding="utf-8")


@pytest.mark.parametrize("is_link", [False, True])
def test_a_file_that_is_not_in_the_folder_is_told_and_nothing_is_taken_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], is_link: bool
) -> None:
    root = translated(begun(tmp_path / "mine"))
    path = exported(root, "--format", "po")
    text = (root / WELSH).read_text(encoding="utf-8")
    (root / WELSH).write_text(changed(text, '"Cymraeg: All about colds"', "x"), encoding="utf-8")
    before = (root / WELSH).read_bytes()
    shared = root / "source/shared/emergency.cy.yaml"
    away = shared.rename(tmp_path / "away.yaml")
    if is_link:
        shared.symlink_to(away)
    assert run(root, "translation", "import", "colds", "cy", str(path))[0] == 2
    assert "emergency.cy.yaml" in capsys.readouterr().err
    assert (root / WELSH).read_bytes() == before


# --- Its parts -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("One\ntwo.\n\n- three\n- four\n  more\n\nEnd\n", ["One two.", "three", "four more", "End"]),
        ("1. x\n2. y", ["x", "y"]),
        ("Plain", ["Plain"]),
        ("a\n\n  - b\n\n    c", ["a", "b", "c"]),
        ("5 - 3 is 2", ["5 - 3 is 2"]),
    ],
)
def test_a_text_is_taken_apart_into_paragraphs_and_items(text: str, pieces: list[str]) -> None:
    found, between = paragraphs(text)
    assert found == pieces
    assert " ".join(joined(found, between).split()) == " ".join(text.split())


@settings(deadline=None)
@given(st.text(alphabet="ab .-*\n1", max_size=60).filter(str.strip))
def test_a_text_is_put_together_from_its_paragraphs(text: str) -> None:
    found, between = paragraphs(text)
    assert joined(found, between).split() == text.split()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("37.5°C", "٣٧٫٥", True),
        ("37.5", "3.75", False),
        ("1,000 people", "1.000", False),
        ("1.125 mg", "1,125 mg", False),
        ("12,00,000", "1,200,000", True),
        ("¾ or 1½", "3/4, 1 1/2", True),
        ("−20°C", "20°C", False),
        ("3/4", "3.4", False),
        ("1,000", "1.0", False),
        ("0808 808 00 00", "0808 808 00 00", True),
        ("0808 808 00 00", "0808 808 00 01", False),
        ("2 or 3", "3 neu 2", True),
        ("8:30", "8.30", True),
        ("see https://example.org/1", "see www.example.org/2", True),
        ("১২ ঘণ্টা", "12 hours", True),
        ("10⁹ per litre", "10^9 y litr", True),
        ("10⁹ per litre", "109 y litr", False),
        ("020 7946 0998", "020 794 60998", True),
        ("020 7946 0998", "020 0998 7946", False),
        ("at 8", "8.00", True),
    ],
)
def test_numbers_are_the_same_in_any_digits_and_grouping(one: str, other: str, same: bool) -> None:
    assert (numbers(one, "en") == numbers(other, "cy")) is same


def test_each_language_has_its_own_signs_in_numbers() -> None:
    for language, text in {"pl": "1\u00a0000, 37,5 i 1,125", "de": "1.000, 37,5 und 1,125"}.items():
        assert numbers(text, language) == numbers("1,000, 37.5 and 1.125", "en")
    assert numbers("1.125", "de") != numbers("1.125", "en")


def test_decimals_may_begin_with_their_sign() -> None:
    assert numbers("Take .5 mg or .25 mg", "en") == numbers("Prenez ,5 mg ou 0,25 mg", "fr")
    assert numbers("Take .5 mg", "en") != numbers("Prenez 5 mg", "fr")
    assert numbers("No.5 and 1.5 and p.5", "en") == numbers("No 5 et 1,5 et p 5", "fr")
    assert numbers("Take one ,5 more", "en") == Counter({"5": 1})


def test_units_are_known_by_their_signs_and_by_english_words() -> None:
    assert measures("2 tablets of 5 micrograms, 2.5mL, 50% at 37.5°C") == {"μg", "ml", "%", "°C"}
    assert measures("٥ mg أو 1 g") == {"mg", "g"}
    assert measures("3 gün, 2 lần") == set()


def test_what_a_language_says_in_a_word_may_be_missing_as_a_digit() -> None:
    assert may_be_missing("每两小时", "every 2 hours", "zh-Hans")[0]["2"] == 1
    assert may_be_missing("ساعة واحدة", "1 hour", "ar")[0]["1"] == 1
    assert may_be_missing("od 8 do 20", "8am to 8pm", "pl") == (Counter({"8": 2}), Counter({"8": 1, "20": 1}))
    assert numbers("2026年5月5日", "zh-Hans") == numbers("5 May 2026", "en")


@pytest.mark.parametrize(
    ("master", "text", "is_turned"),
    [
        ("5–10 days", "١٠–٥ أيام", True),
        ("5–10 days", "٥–١٠ أيام", False),
        ("2 or 3 tablets", "3 neu 2 dabled", True),
        ("2 or 3 tablets", "2 neu 3 tabled", False),
        ("9am to 5pm", "من 5 مساءً إلى 9 صباحًا", True),
        ("9am to 5pm", "od 9 do 17", False),
        ("1 in 10 people", "10 kişiden 1", False),
        ("Call 020 7946 0998 or 0999", "0999 أو 020 7946 0998", False),
        ("5 to 10, or 10 to 5", "10–5, 5–10", False),
    ],
)
def test_a_range_that_is_turned_round_is_told(master: str, text: str, is_turned: bool) -> None:
    assert bool(turned(text, master)) is is_turned


def test_a_number_has_its_unit_of_time_in_each_language() -> None:
    same = {
        *(("ar", "كل ٤ ساعات لمدة 11 يومًا"), ("cy", "bob 4 awr am 11 diwrnod")),
        *(("zh-Hans", "每4小时一次，持续11天。"), ("pl", "co 4 godziny przez 11 dni")),
        *(("bn", "৪ ঘণ্টা, ১১ দিন"), ("de", "alle 4 Stunden, 11 Tage")),
    }
    for language, text in same:
        assert quantities(text, language) == quantities("every 4 hours for 11 days", "en"), language
    assert quantities("5 ml, 10 litres, 5 March", "en") == quantities("5 ml, 10 litr, 5 Mawrth", "cy")
    assert quantities("< 36", "en") != quantities("> 36", "en")
    assert quantities("5 mg for 10 days", "en") != quantities("10 mg am 5 diwrnod", "cy")
    assert quantities("5 daylight hours, a 24-hour line", "en") == {("24", "hour")}


def test_codes_are_told_from_words_and_doses() -> None:
    assert codes("CG151, B12, 500mg, NICE, HI104 وSC039907") == Counter(["CG151", "HI104", "SC039907"])


@settings(deadline=None)
@given(st.text(alphabet="aé :#'\"\n-|>[]{}&*!%@`,?…ع", min_size=1, max_size=40).filter(lambda t: t.strip()))
def test_any_text_can_be_put_in_the_place_of_another(text: str) -> None:
    data = b'# top\na: old  # why\nb: [x, "y"]\nc: |\n  one\n  two\n\nd: end\n'
    tree = read_yaml(data, "f").value
    assert tree
    new = replaced(data, [(tree["a"], text), (tree["b"][1], text), (tree["c"], text.strip())])
    again = read_yaml(new, "f").value
    assert again
    assert again["a"] == again["b"][1] == text.rstrip("\n")
    assert [line.rstrip() for line in again["c"].split("\n")] == [
        line.rstrip() for line in (text.strip() + "\n").split("\n")
    ]
    assert (again["b"][0], again["d"]) == ("x", "end")
    assert new.startswith(b"# top\n")


def test_a_master_that_cannot_be_read_is_told_and_not_taken_for_an_empty_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = translated(begun(tmp_path))
    path = root / BOOKLET_FILE
    path.write_text("title: [", encoding="utf-8")
    for words in (("status",), ("export", "colds", "cy"), ("new", "colds", "pl")):
        assert run(root, "translation", *words)[0] == 2
        assert "This is not YAML" in capsys.readouterr().err


def test_a_booklet_in_chinese_passes_its_checks_and_breaks_its_lines_well(tmp_path: Path) -> None:
    text = changed(BOOKLET, "language: en-GB", "language: zh-Hans")
    text = changed(text, "Most colds go away by themselves.", CHINESE)
    words = (PROJECT / "layouts/base/words/zh-Hans.yaml").read_text(encoding="utf-8")
    root = write_publisher(tmp_path, text, files={"layouts/base/words/zh-Hans.yaml": words})
    out = io.StringIO()
    assert main(["colds", "--root", str(root), "--today", str(TODAY)], out) == 0, out.getvalue()
    (path,) = root.glob("dist/colds/*/*.pdf")
    lines = [line for page in PdfReader(path).pages for line in page.extract_text().split("\n")]
    assert sum(line[:1] in "如请不大" for line in lines) >= 1
    # Signs that end a phrase do not begin a line, nor do those that begin one end it (W3C clreq, 3.1.3).
    assert not [line for line in lines if line.strip()[:1] in tuple("，。！）、；：")]
    assert not [line for line in lines if line.strip()[-1:] == "（"]


def test_latin_letters_that_are_drawn_as_one_are_no_overlap(tmp_path: Path) -> None:
    text = changed(BOOKLET, "language: en-GB", "language: vi")
    text = changed(text, "Most colds go away by themselves.", "Uống thuốc finasteride, filgrastim (Pfizer).")
    words = (PROJECT / "layouts/base/words/en.yaml").read_text(encoding="utf-8")
    words = words.replace("Contents", "Mục lục ỡ, ặ, ỗ, Ứ")
    root, out = write_publisher(tmp_path, text, files={"layouts/base/words/vi.yaml": words}), io.StringIO()
    assert main(["colds", "--root", str(root), "--today", str(TODAY)], out) == 0, out.getvalue()


def test_a_name_with_letters_of_another_language_is_printed(tmp_path: Path) -> None:
    text = changed(BOOKLET, "Most colds go away by themselves.", "Ask Dr Nguyễn Văn Ưng.")
    root, out = write_publisher(tmp_path, text), io.StringIO()
    assert main(["colds", "--root", str(root), "--today", str(TODAY)], out) == 0, out.getvalue()
    (path,) = root.glob("dist/colds/*/*.pdf")
    assert "Ask Dr Nguyễn Văn Ưng." in "".join(page.extract_text() for page in PdfReader(path).pages)


RICH_ARABIC = changed(
    changed(BOOKLET, "language: en-GB", "language: ar"),
    "Most colds go away by themselves.",
    "خذ **5** mg أو 50 mg/m² من Oncovin® ثم 10⁹/L و CO₂ أو (020) 7946 0000 من ٥–١٠ حبات.",
)


def test_signs_of_chemistry_are_printed_in_arabic(tmp_path: Path) -> None:
    root, out = write_publisher(tmp_path, RICH_ARABIC), io.StringIO()
    assert main(["colds", "--root", str(root), "--today", str(TODAY)], out) == 0, out.getvalue()


#: Thai words, which are written without spaces between them.
THAI = (
    *("ถ้า", "คุณ", "มี", "ไข้", "สูง", "โปรด", "โทรศัพท์", "หา", "เรา", "ทันที"),
    *("อย่า", "รอ", "จน", "ถึง", "ตอน", "เช้า", "และ", "ดื่ม", "น้ำ", "มาก", "มาก"),
) * 6


def test_thai_lines_end_between_words(tmp_path: Path) -> None:
    text = changed(BOOKLET, "language: en-GB", "language: th")
    text = changed(text, "Most colds go away by themselves.", "".join(THAI))
    words = (PROJECT / "layouts/base/words/en.yaml").read_text(encoding="utf-8")
    root, out = write_publisher(tmp_path, text, files={"layouts/base/words/th.yaml": words}), io.StringIO()
    assert main(["colds", "--root", str(root), "--today", str(TODAY)], out) == 0, out.getvalue()
    (path,) = root.glob("dist/colds/*/*.pdf")
    lines = [line for page in PdfReader(path).pages for line in page.extract_text().split("\n")]
    thai = [line.strip() for line in lines if re.fullmatch("[\u0e00-\u0e7f]+", line.strip())]
    ends = set(itertools.accumulate(map(len, THAI)))
    assert "".join(thai) == "".join(THAI)
    assert len(thai) > 5
    assert set(itertools.accumulate(map(len, thai))) <= ends


URDU = """\
title: بخار ناپنا
subtitle: گھر پر، کیموتھراپی کے دوران
code: HI001
language: ur
version: "1.0"
published: 2026-11-23
next_review: 2029-11-23
notice: یہ ایک نمونہ ہے۔ کسی نے اس کا جائزہ نہیں لیا۔
sections:
  - id: call
    title: کب فون کریں
    content:
      - kind: callout
        tone: urgent
        title: فوراً مشورے کی لائن پر فون کریں
        content: |
          دن ہو یا رات، فون کریں اگر:

          - آپ کا درجۂ حرارت 37.5°C یا اس سے زیادہ ہے
          - آپ کا درجۂ حرارت 36°C سے کم ہے
          - آپ کو کپکپی ہو رہی ہے۔

          آپ کے خون کے کینسر کی دوا کی خوراک کے بارے میں ڈاکٹر سے پوچھیں۔ کیا آپ ٹھیک ہیں؟

          صبح تک انتظار نہ کریں۔
      - kind: steps
        items: [گرم یا ٹھنڈے مشروب کے بعد 30 منٹ انتظار کریں۔, ڈیجیٹل تھرمامیٹر استعمال کریں۔]
      - kind: table
        caption: خوراک
        header: [وزن, صبح]
        rows: [[40 kg, 2.5 mg], [50 kg, 5 mg]]
credits:
  produced_by: نمونے کی ٹیم
  approved_by: [{post: ڈاکٹر, capacity: منظوری نہیں}]
  reviewers: [کوئی نہیں]
quality_mark: false
quality_mark_reason: یہ نمونہ ہے۔
"""


#: Doses, numbers and signs as they stand in Arabic and in Urdu, in titles, lists and running text.
DOSES = {
    "ar": (
        "الجرعة (1 mg)",
        "خذ ½ حبة، ثم 1½ حبة، أو 2 mg. 3 مرات في اليوم. حرارتك ≥ 38 °C أو أعلى.",
        "اتصل بالرقم 999. 24 ساعة في اليوم، أو +44 20 7946 0998.",
    ),
    "ur": (
        "خوراک (1 mg)",
        "دن میں دو بار 1 mg لیں، پھر ہر 8 گھنٹے بعد 2.5 mg/kg، پھر ”2 mg“ پھر (10 ml)۔",
        "020 7946 0998 پر (یا +44 20 7946 0998) کسی بھی وقت کال کریں۔",
    ),
}


@pytest.mark.parametrize("language", DOSES)
@pytest.mark.parametrize("size", ["", "22", "28"])
def test_doses_in_titles_lists_and_text_from_right_to_left_pass_their_checks(
    tmp_path: Path, language: str, size: str
) -> None:
    title, *said = DOSES[language]
    items = ", ".join(f"'{text}'" for text in said)
    text = changed(
        with_block(f"{{kind: steps, items: [{items}]}}"), "language: en-GB", f"language: {language}"
    )
    text = changed(changed(text, "What a cold is", title), "Most colds go away by themselves.", said[0])
    root, out = write_publisher(tmp_path, text), io.StringIO()
    layout = ["--layout", "large-print", "--size", size] if size else []
    main(["build", "colds", "--root", str(root), "--today", str(TODAY), *layout], out)
    found = [line for line in out.getvalue().split("\n") if "[words-" in line or "[contents" in line]
    assert not found, out.getvalue()
    (path,) = root.glob("dist/colds/1.0/*.pdf")
    # Above the text, too, the dose reads as it should.
    assert any("1\u00a0mg" in page.extract_text() for page in PdfReader(path).pages)


def test_a_booklet_in_urdu_whose_letters_slope_passes_its_checks(tmp_path: Path) -> None:
    root, out = write_publisher(tmp_path, URDU), io.StringIO()
    for layout in ("a5-booklet", "a4-leaflet", "large-print"):
        words = ["build", "colds", "--layout", layout, "--root", str(root), "--today", str(TODAY)]
        assert main(words, out) == 0, out.getvalue()


def test_the_docs_name_every_family_and_show_a_page_of_each_sample() -> None:
    text = (PROJECT / "docs" / "languages.md").read_text(encoding="utf-8")
    shown = {path: Path(path).stem.rpartition("-")[2] for path in re.findall(r"\]\((pictures/\S+?)\)", text)}
    assert all((PROJECT / "docs" / path).is_file() for path in shown)
    source = Source(PROJECT)
    languages = {name for one in source.ids for name in source.translations(one) if name}
    assert languages <= set(shown.values())
    families = {path.parent.name for path in PROJECT.glob("fonts/*/family.yaml")}
    assert families == set(re.findall(r"`((?:noto|atkinson)[a-z-]+)`", text))
