"""What does a language bring with it?"""

from datetime import date

import pytest

from booklet.language import direction, grouped, listed, name_of, script_name, script_of, written_day

DAY = date(2018, 8, 6)


@pytest.mark.parametrize(
    ("language", "script", "way"),
    [
        ("en-GB", "Latn", "ltr"),
        ("cy", "Latn", "ltr"),
        ("ar", "Arab", "rtl"),
        ("fa", "Arab", "rtl"),
        ("ckb", "Arab", "rtl"),
        ("he-IL", "Hebr", "rtl"),
        ("ur", "Arab", "rtl"),
        ("pa", "Guru", "ltr"),
        ("pa-Arab", "Arab", "rtl"),
        ("zh", "Hans", "ltr"),
        ("zh-Hant", "Hant", "ltr"),
        ("zh-TW", "Hant", "ltr"),
        ("uk", "Cyrl", "ltr"),
        # CLDR has no Klingon, and no such tag.
        ("tlh", "Latn", "ltr"),
        ("not a tag", "Latn", "ltr"),
    ],
)
def test_a_language_has_a_script_and_a_direction(language: str, script: str, way: str) -> None:
    assert (script_of(language), direction(language)) == (script, way)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en-GB", "6 August 2018"),
        ("en-US", "August 6, 2018"),
        ("cy", "6 Awst 2018"),
        ("ar", "6 أغسطس 2018"),
        ("zh-Hans", "2018年8月6日"),
        ("tlh", "August 6, 2018"),
    ],
)
def test_a_day_is_written_as_the_language_writes_it(language: str, written: str) -> None:
    assert written_day(DAY, language) == written


@pytest.mark.parametrize("language", ["ar", "fa", "ur", "bn", "hi", "pa", "ta", "gu", "zh-Hant", "th"])
def test_dates_and_numbers_have_the_digits_of_medicine_packs(language: str) -> None:
    written = written_day(DAY, language) + grouped(10_000, language)
    assert {"2", "0", "1"} <= set(written)
    assert all(letter.isascii() for letter in written if letter.isdecimal())


@pytest.mark.parametrize(
    ("language", "written"), [("en-GB", "10,000"), ("ar", "10,000"), ("pl", "10\u00a0000"), ("vi", "10.000")]
)
def test_a_large_number_is_grouped_as_the_language_groups_it(language: str, written: str) -> None:
    assert grouped(10_000, language) == written


def test_languages_and_scripts_have_english_names() -> None:
    assert [name_of(one) for one in ("am", "zh-Hant", "tlh")] == ["Amharic", "Chinese (Traditional)", "tlh"]
    assert [script_name(one) for one in ("Ethi", "Zzzx")] == ["Ethiopic", "Zzzx"]


@pytest.mark.parametrize(
    ("language", "line"), [("en", "a, b"), ("ar", "a، b"), ("zh-Hans", "a，b"), ("bn", "a, b")]
)
def test_a_line_is_listed_with_the_commas_of_its_script(language: str, line: str) -> None:
    assert listed(("a", "b"), language) == line
