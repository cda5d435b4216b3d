"""What does a language bring with it: its script, its direction, its dates and its numbers?

All of it is from CLDR, the Unicode consortium's common locale data, by way of Babel. Numbers are in
the digits 0 to 9 in every language, as on packs of medicine and on telephones.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, get_month_names
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol
from babel.units import format_unit

_ENGLISH, _BRITISH = Locale("en"), Locale("en", "GB")

#: Units as CLDR calls them, with what they are called here: their signs, or their names in English.
_UNITS = {f"duration-{name}": name for name in ("second", "minute", "hour", "day", "week", "month", "year")}
_UNITS |= {"mass-microgram": "μg", "mass-milligram": "mg", "mass-gram": "g", "mass-kilogram": "kg"}
_UNITS |= {"volume-milliliter": "ml", "volume-liter": "l"}
_UNITS |= {"length-millimeter": "mm", "length-centimeter": "cm", "length-meter": "m"}
#: A number of each plural form that a language of CLDR has.
_PLURALS = (0, 1, 2, 3, 5, 11, 100, 1.5)


@cache
def _locale(language: str) -> Locale | None:
    """The locale of a language (BCP 47); None where CLDR has none."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def direction(language: str) -> str:
    """The writing direction of a language: rtl or ltr; ltr where the language is unknown."""
    known = _locale(language)
    return "rtl" if known and known.text_direction == "rtl" else "ltr"


def script_of(language: str) -> str:
    """The script that a language is written in (ISO 15924); Latn where the language is unknown."""
    known = _locale(language)
    if known is None:
        return "Latn"
    # For example ar_Arab_EG (UTS 35, likely subtags).
    return known.script or str(get_global("likely_subtags")[known.language].split("_")[1])


def name_of(language: str) -> str:
    """The language's English name; its tag where it has none."""
    known = _locale(language)
    return (known and known.get_display_name(_ENGLISH)) or language


def has_dual(language: str) -> bool:
    """Does a word's form alone say that there are two? In Arabic it does; a digit beside it is odd."""
    return language.partition("-")[0] == "ar"


def own_name(language: str) -> str:
    """What its speakers call the language, for example Cymraeg; empty where CLDR does not know it."""
    name = (known.get_display_name() if (known := _locale(language)) else None) or ""
    return name[:1].upper() + name[1:]


def same_to_read(language: str, other: str) -> bool:
    """Do readers of one language read the other? Those of en-US read en-GB; those of zh-Hant not zh-Hans."""
    return (language.partition("-")[0], script_of(language)) == (other.partition("-")[0], script_of(other))


def headed(heading: str, text: str, language: str) -> str:
    """A text behind a heading on the same line, with the colon of the language's script."""
    colon = "\uff1a" if script_of(language) in ("Hans", "Hant") else ": "
    return heading + colon + text


def script_name(script: str) -> str:
    """The script's English name; its code where it has none."""
    return str(_ENGLISH.scripts.get(script, script))


def listed(parts: Iterable[str], language: str) -> str:
    """Parts of a line with the commas of the language's script between them."""
    comma = {"Arab": "\u060c ", "Hans": "\uff0c", "Hant": "\uff0c"}.get(script_of(language), ", ")
    return comma.join(parts)


def written_day(day: date, language: str) -> str:
    """The day as the language writes it, for example 6 August 2018."""
    return format_date(day, "long", _locale(language) or _ENGLISH)


def grouped(number: int, language: str) -> str:
    """The number as the language writes it, for example 1,000 or 1 000."""
    return format_decimal(number, locale=_locale(language) or _ENGLISH)


def number_signs(language: str) -> tuple[str, str]:
    """The signs before decimals and between groups of digits, for example a point and a comma."""
    known = _locale(language) or _ENGLISH
    return get_decimal_symbol(known), get_group_symbol(known)


@cache
def words_behind_numbers(language: str) -> dict[str, str]:
    """The language's words for units and months, in small letters, with what is meant by each.

    For example hours: hour; milligrams: mg; March: March. Forms that CLDR lacks are missing.
    """
    known = _locale(language) or _ENGLISH
    words = {
        re.sub(r"[\d.,\u066b]+", "", format_unit(number, unit, "long", locale=locale)): meant
        for unit, meant in _UNITS.items()
        for number in _PLURALS
        # Litres are liters in America.
        for locale in (known, *((_BRITISH,) if known.language == "en" else ()))
    }
    english = get_month_names("wide", locale=_ENGLISH)
    for context in ("format", "stand-alone"):
        words |= {name: english[month] for month, name in get_month_names("wide", context, known).items()}
    return {word.strip().casefold(): meant for word, meant in words.items()}


def in_words(language: str) -> dict[str, str]:
    """Words that stand for 1 or 2 where a digit would be odd, with the digit."""
    if language.partition("-")[0] == "zh":
        return {"两": "2", "兩": "2"}
    return {"واحد": "1"} if language.partition("-")[0] == "ar" else {}


def runs_on(language: str) -> bool:
    """Has the language's script no spaces between words?"""
    return script_of(language) in ("Hans", "Hant", "Thai")
