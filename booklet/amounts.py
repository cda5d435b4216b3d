"""Which numbers, doses, dates, telephone numbers and addresses does a text say, and which mean the same?

A figure is a number with its unit or with what it counts, and with nothing else of the text. How often
(`a day`) is a figure of its own, so that words between a dose and its times change neither. Numbers in
words, what is counted, how often, weekdays and months alone are read in English only.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

from . import english
from .language import in_words, number_signs, runs_on, words_behind_numbers
from .units import ABROAD, ADDRESS, CODE, IN_WORDS, PHONE, in_plain_digits, numbers

#: Signs of units in every language, as they are written; what stands here twice is told apart by case.
_SIGNS = (
    *("pg", "ng", "μg", "µg", "ug", "mcg", "mg", "g", "kg", "nl", "μl", "µl", "ml", "mL", "cl", "dl", "dL"),
    *(
        "l",
        "L",
        "nmol",
        "μmol",
        "µmol",
        "mmol",
        "mol",
        "mEq",
        "IU",
        "kU",
        "MU",
        "mU",
        "U",
        "bpm",
        "Hz",
        "kHz",
    ),
    *("MHz", "Bq", "kBq", "MBq", "mBq", "GBq", "mCi", "Ci", "mGy", "cGy", "Gy", "μSv", "µSv", "mSv", "Sv"),
    *("cal", "kcal", "J", "kJ", "MJ", "mmHg", "cmH2O", "Pa", "hPa", "kPa", "mbar", "bar", "dB", "mV", "V"),
    *("W", "nm", "μm", "µm", "mm", "cm", "m", "km", "mm²", "cm²", "m²", "m2", "mm³", "cm³", "m³"),
    *("tsp", "tbsp", "oz", "fl oz", "lb", "lbs", "°C", "ºC", "°F", "°", "%", "٪", "‰"),
    *("h", "min", "d"),
)
_MEANT = {"mL": "ml", "L": "l", "dL": "dl", "U": "unit", "lbs": "lb", "m2": "m²", "ºC": "°C", "٪": "%"}
_MEANT |= {"ug": "μg", "mcg": "μg", "h": "hour", "min": "minute", "d": "day"}
_LASTING = frozenset({"second", "minute", "hour", "day", "week", "month", "year", "fortnight"})
_TIMES = _LASTING | {*english.SPANS.values()}

#: All spaces are one space to a reader; what only parts words is nothing.
_SPACES = re.compile(r"[ \t\n\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")
_FRACTIONS = "¼-¾⅐-⅞"
#: Behind a word; raised digits may be a note's.
_END = r"(?![^\W⁰¹²³⁴-⁹]|['’](?!s\b)[^\W\d_])"
#: Behind a sign in Latin letters, where other scripts have no space.
_SIGN_END = r"(?![A-Za-zÀ-\u024f\u1e00-\u1eff]|['’][^\W\d_])"
_DASH = "[-‐‑–—−]"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it stands in a text with what belongs to it, a telephone number, a date or an address.

    Two that mean the same have one `meaning`: 5 mg and five milligrams, 1000 and 1,000, ½ and half.
    """

    kind: str
    """number, measure, frequency, date, telephone or address."""
    said: str
    meaning: tuple[Any, ...]
    is_sure: bool = True
    """False of words that may be no number, such as `one`."""
    goes_on: bool = False
    """Does it say of the figure right before it how often? Then `said` begins with that."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A figure by its place in a text, and whether it may be an end of a range."""

    figure: Figure
    start: int
    end: int
    is_end: bool = False


def figures(text: str, language: str) -> tuple[Figure, ...]:
    """The figures of a text in a language, as they follow one another."""
    seen = _SPACES.sub(" ", _UNSEEN.sub("", text))
    found = [_read(one, language) for one in _figure(language).finditer(seen)]
    return tuple(one.figure for one in _going_on(tuple(_ranges(found, seen, language)), seen))


def is_english(language: str) -> bool:
    """Is it a kind of English?"""
    return language.partition("-")[0] == "en"


# --- How is a figure written? ---------------------------------------------------------------


def _any(words: Iterable[str]) -> str:
    """A pattern of words, the longest first, in letters of either size."""
    return f"(?i:{'|'.join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))})"


@cache
def _figure(language: str) -> re.Pattern[str]:
    """A figure in a text; the group that matched says which kind it is."""
    kinds = [
        rf"(?P<address>{ADDRESS.pattern})",
        rf"(?P<telephone>{ABROAD}|{PHONE.pattern})",
        rf"(?P<code>{CODE.pattern})",
        *(_english_figures() if is_english(language) else ()),
        rf"(?P<amount>{_amount(language)})",
        rf"(?P<rate> ?/ ?(?:{_any(_times(language))}){_end(language)})",
    ]
    return re.compile("|".join(kinds))


def _english_figures() -> Iterator[str]:
    """What English has beside amounts: how often, which one of several, weekdays, months, and noon."""
    time, noun = _any(_times("en")), _any(_nouns())
    lasting = "|".join(rf"(?<=\b{word} )" for word in english.LASTING)
    nth = "|".join(english.ORDINALS)
    every = rf"(?i:per|each|every(?: (?:other|{nth}))?|on alternate)"
    yield rf"(?P<often>\b(?:{_any(english.OFTEN)}|{every} {time}){_END})"
    yield (rf"(?P<by>(?:(?<=/)|\b)(?!{lasting})(?i:an?) {time}{_END}(?! {_any(english.FOLLOWING)}\b))")
    which = rf"(?:{_any(english.ORDINALS)}|\d+(?i:st|nd|rd|th))"
    yield rf"(?P<nth>\b{which}[ -](?:{_gap()} )?(?:{noun}|{time}){_END})"
    days = _any_case([*english.WEEKDAYS, *(f"{day}s" for day in english.WEEKDAYS)])
    short = _any_case(set(english.SHORT_DAYS) - english.UNCLEAR)
    unclear = "|".join(sorted(set(english.SHORT_DAYS) & english.UNCLEAR))
    behind = "|".join(rf"(?<={word})" for word in (r"\bto ", r"\bor ", r"\band ", r"\bon ", "[-–—]"))
    beside = rf"(?:{behind})(?:{unclear})|(?:{unclear})(?=[-–—:]| to | \d)"
    yield rf"(?P<day>\b(?:{days}|{short})\b|(?:{beside})\b)"
    months = _any_case(set(english.MONTHS) - english.UNCLEAR)
    may = "|".join(sorted(set(english.MONTHS) & english.UNCLEAR))
    dated = r"(?: \d{1,2}(?:st|nd|rd|th)?\b(?![.,]?\d| ?[ap]\.?m\b))?(?:,? \d{4}\b)?"
    yield rf"(?P<month>\b(?:{months}|(?<=[\w,] )(?:{may})|(?:{may})(?= \d|$))\b{dated})"
    yield r"(?P<clock>\b(?i:noon|midnight|midday)\b)"


def _any_case(words: Iterable[str]) -> str:
    """A pattern of words as they are written."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


def _end(language: str) -> str:
    """What may not stand behind a word: a letter, but where words have no spaces between them."""
    return "" if runs_on(language) else _END


def _gap() -> str:
    """A word or two between a number and what it counts, such as `white` in 2 white tablets."""
    words = [*english.APART, *english.OFTEN, *english.TIMES, *english.SMALL, *english.TENS, *english.SCALES]
    word = rf"(?!(?:{_any(words)})\b)[^\W\d_]+(?:-[^\W\d_]+)*"
    return rf"(?:{word}(?: {word})??)"


@cache
def _amount(language: str) -> str:
    """A number with its unit, or with what it counts."""
    end = _end(language)
    unit = rf"(?:{_signs(_SIGNS)}{_SIGN_END}|(?:{_any(_unit_names(language))}){end}(?: \d{{4}}(?!\d))?)"
    halves = r"(?i:[ap]m\b|[ap]\.m\b\.?)"
    per = rf" ?/ ?(?:{_signs(_no_times())}{_SIGN_END})"
    every, number, noun = "", _number(language), ""
    if is_english(language):
        nouns = rf"(?:{_any(_nouns())}){_END}"
        per += rf"|(?: ?/ ?| per )(?:{nouns}|{_signs(_no_times())}{_SIGN_END}|{_any(_units_only())}{_END})"
        # The Act of 2010 protects people, and not so many.
        gap = rf"(?<!\b19\d\d)(?<!\b20\d\d) {_gap()} "
        noun = rf"(?:[ -](?P<noun>{nouns})|(?(unit)(?!)|{gap}(?P<other>{nouns})))?"
        every = rf"(?P<every>(?i:every) )?(?:(?P<bound>{_any(english.BOUNDS)}) )?"
    behind = rf"(?:[ -]?(?P<unit>{halves}|{unit}))?(?P<per>(?:{per})*)"
    return rf"{every}(?P<number>{number}){behind}{noun}"


def _signs(signs: Iterable[str]) -> str:
    """A pattern of signs; those of one letter only as they are written, for 5 A is no time."""
    listed = tuple(signs)
    long, short = ([sign for sign in listed if (len(sign) > 1) == is_long] for is_long in (True, False))
    return f"(?:{_any(long)}|{_any_case(short)})"


def _no_times() -> list[str]:
    return [sign for sign in _SIGNS if _MEANT.get(sign) not in _TIMES]


def _number(language: str) -> str:
    """A number in digits, with a fraction or a power of ten, or in words."""
    decimal = r"[.,]" if number_signs(language)[0] == "," else r"\."
    grouped = r"\d+ [1-3]/[2-4](?!\d)|\d+(?: \d{3,})+(?!\d)|\d+(?:[.,:·/\u066b\u066c]\d+)*"
    digits = rf"(?:(?<![\w.,:/–-])[-−])?(?:{grouped}|(?<![^\s(<>≤≥±~≈=£$€–—/-]){decimal}\d+)"
    power = r"(?: ?[×x*] ?10(?:[⁻⁺]?[⁰¹²³⁴-⁹]+|\^[-−]?\d+))"
    raised = r"(?<![\d.,])10(?:[⁻⁺]?[⁰¹²³⁴-⁹]+|\^[-−]?\d+)"
    number = rf"(?:[<>≤≥±~≈£$€] ?)?(?:{raised}|{digits}(?: ?[{_FRACTIONS}])?{power}?|[{_FRACTIONS}])"
    if not is_english(language):
        return "|".join((rf"(?:{number}", *map(re.escape, in_words(language)))) + ")"
    scale = rf"(?: {_any(english.SCALES)}\b)?"
    return rf"(?:{number}(?:(?:st|nd|rd|th)\b|(?<=[{_FRACTIONS}]){_of_one()})?{scale}|{_in_words()})"


def _of_one() -> str:
    """What may stand between a part and of what it is: half of a tablet, half an hour."""
    counted = rf"(?:{_any(_nouns())}|{_any(_unit_names('en'))})\b"
    return rf"(?: of)?(?: (?:an?|the))?(?= {counted})"


def _in_words() -> str:
    """A number in English words: two, twenty-five, a dozen, one and a half, three quarters of a."""
    below = rf"(?:{_any(english.TENS)}(?:[ -]{_any(english.ONES)})?|{_any(english.SMALL)})\b"
    many = (
        rf"(?:(?:{below}|(?i:an?)) )?{_any(english.SCALES)}\b(?: {_any(english.SCALES)}\b)*(?: and {below})?"
    )
    half = r"(?: and (?i:a half|a quarter|three quarters)\b)?"
    of_one = _of_one()
    third = r"(?:(?:one|a)[ -]third|two[ -]thirds)(?= of\b)"
    part = rf"(?:(?:one|an?|three)[ -])?(?:half|quarters?)\b(?:{of_one})?|{third}(?:{of_one})?"
    lasting = "|".join(rf"(?<=\b{word} )" for word in english.LASTING)
    time = _any(_times("en"))
    one = rf"an?(?= (?:{_any(english.DOSES)})\b)|(?:{lasting})an?(?= {time}\b)"
    one += rf"|an?(?= {time} {_any(english.FOLLOWING)}\b)"
    return rf"\b(?:(?i:{part})|{many}|{below}{half}|(?<!\bat )(?:{_any(english.TIMES)})\b|(?i:{one})\b)"


# --- What do the words in it mean? ----------------------------------------------------------


@cache
def _times(language: str) -> dict[str, str]:
    """The language's words for times, with what is meant."""
    known = {word: meant for word, meant in words_behind_numbers(language).items() if meant in _TIMES}
    return known | (english.SPANS if is_english(language) else {"h": "hour", "min": "minute", "d": "day"})


@cache
def _unit_names(language: str) -> dict[str, str]:
    """The language's words for units, times and months, with what is meant."""
    known = words_behind_numbers(language) | IN_WORDS
    if not is_english(language):
        return known
    short = {month.casefold(): name for month, name in english.SHORT_MONTHS.items()}
    return known | english.SPANS | english.UNIT_NAMES | _several(english.UNIT_NAMES) | short


def _several(names: dict[str, str]) -> dict[str, str]:
    return {f"{name}s": sign for name, sign in names.items() if not name.endswith("s")}


@cache
def _units_only() -> dict[str, str]:
    """English words for units that are neither times nor months."""
    gone = {*_TIMES, *english.MONTHS}
    return {word: meant for word, meant in _unit_names("en").items() if meant not in gone}


@cache
def _nouns() -> dict[str, str]:
    """What is counted in English, one and several, with one."""
    return {name: one for one, several in english.COUNTED.items() for name in (one, several)}


@cache
def _meanings(language: str) -> dict[str, str]:
    """All words that may stand behind a number, in small letters, with what is meant."""
    signs = {sign.casefold(): _MEANT.get(sign, sign) for sign in reversed(_SIGNS)}
    nouns = _nouns() if is_english(language) else {}
    return signs | nouns | _unit_names(language)


def _meant(word: str, language: str) -> str:
    """What a unit or a noun means; signs are told apart by case where that matters."""
    word = word.replace("µ", "μ")
    if word in _SIGNS:
        return _MEANT.get(word, word)
    return _meanings(language).get(word.casefold(), word.casefold())


def _value(said: str, language: str) -> str:
    """A number in one form, whether it is in digits or in words; as a fraction where it is not whole."""
    sign = said[0] if said[0] in "<>≤≥±~≈£$€" else ""
    rest = said.removeprefix(sign).strip()
    exact = _exact(rest, language)
    return sign + (rest if exact is None else str(exact))


def _exact(said: str, language: str) -> Fraction | str | None:
    """The number itself; a text where it is none that can be reckoned with, such as 120/80."""
    if is_english(language):
        said = re.sub(rf"(?<=\d)(?:st|nd|rd|th)\b|(?<=[{_FRACTIONS}])[a-z ]+$", "", said)
        head, _, scale = said.rpartition(" ")
        if scale.casefold() in english.SCALES and head[-1:].isdecimal():
            return _product(_exact(head, language), english.SCALES[scale.casefold()])
        if said[-1].isalpha():
            return sum((_of_words(part.split()) for part in said.casefold().split(" and ")), Fraction())
    return _in_digits(said, language)


def _product(number: Fraction | str | None, times: int) -> Fraction | str:
    return number * times if isinstance(number, Fraction) else f"{number} × {times}"


def _of_words(words: Sequence[str]) -> Fraction:
    """A number in English words, without `and`."""
    whole, number = Fraction(), Fraction()
    for word in re.split(r"[ -]", " ".join(words)):
        if word in english.SCALES:
            number = (number or Fraction(1)) * english.SCALES[word]
            if number >= 1000:
                whole, number = whole + number, Fraction()
        elif word in english.PARTS:
            number = (number or Fraction(1)) / english.PARTS[word]
        else:
            number += int(english.TIMES.get(word, (english.SMALL | english.TENS).get(word, 0)))
    return whole + number or Fraction(int(words[0] in ("a", "an")))


def _in_digits(said: str, language: str) -> Fraction | str:
    """A number in digits; what is no decimal stays as it is, but for its digits and groups."""
    if said in in_words(language):
        return in_words(language)[said]
    whole, _, part_said = said.partition(" ")
    if re.fullmatch(r"\d+ [1-3]/[2-4]", said):
        return int(whole) + Fraction(part_said)
    part = Fraction(0)
    if re.search(f"[{_FRACTIONS}]$", said):
        part = Fraction(unicodedata.numeric(said[-1])).limit_denominator(20)
        said = said[:-1].strip()
        if not said:
            return part
    base, times, power = re.sub(r"\s?[×x*]\s?10(?=[⁰¹²³⁴-⁹⁻⁺^])", "×10", said).partition("×10")
    if not times and re.search("[⁰¹²³⁴-⁹^]", base):
        return in_plain_digits(base).replace("−", "-")
    number = _decimal(base, language) if not re.fullmatch(r"\d+:(?!\d\d$)\d+", base) else base
    number = number + part if isinstance(number, Fraction) else number
    return f"{number}×10{in_plain_digits(power).replace('−', '-')}" if times else number


def _decimal(digits: str, language: str) -> Fraction | str:
    """5, 0.5 or 1/2 as a number; a telephone number or 120/80 as a text."""
    said = " ".join(numbers(digits.replace("·", number_signs(language)[0]), language).elements())
    # Longer ones are no amounts.
    whole = re.fullmatch(r"-?(?:0|[1-9]\d{0,19})(?:\.\d{1,20})?|[1-3]/[2-4]", said)
    return Fraction(said) if whole else said


# --- Which figures does a text say? ---------------------------------------------------------


def _read(found: re.Match[str], language: str) -> _Read:
    """What was found, as a figure; its kind is the first group that matched."""
    kind = next(name for name in _KINDS if found.groupdict().get(name) is not None)
    figure = _amount_read(found, language) if kind == "amount" else _other(kind, found[0], language)
    return _Read(figure, found.start(), found.end(), kind == "amount")


_KINDS = ("address", "telephone", "code", "often", "by", "nth", "day", "month", "clock", "amount", "rate")


def _other(kind: str, said: str, language: str) -> Figure:
    """A figure that is no amount."""
    if kind == "address":
        said = said.rstrip(".,:;!?)»”’")
        return Figure(kind, said, (said,))
    if kind == "telephone":
        return Figure(kind, said, (re.sub(r"[^\d+]", "", in_plain_digits(said)),))
    if kind in ("day", "clock"):
        return Figure("date", said, (english.SHORT_DAYS.get(said, said).casefold().removesuffix("s"),))
    if kind == "month":
        name, *days = said.replace(",", "").split()
        return Figure("date", said, (*(re.sub(r"\D", "", day) for day in days), name))
    if kind == "nth":
        which, what = re.split("[ -]", said)[0], re.split("[ -]", said)[-1]
        number = english.ORDINALS.get(which.casefold()) or re.sub(r"\D", "", which)
        # The first may be any: the first of all, my first time.
        return Figure("number", said, (number, "nth", _meant(what, language)), is_sure=number != "1")
    return Figure("number", said, (said,)) if kind == "code" else _how_often(kind, said, language)


#: How many times a time goes by: every other day, every third day.
_EVERY = {"other": "2", "alternate": "2"} | english.ORDINALS


def _how_often(kind: str, said: str, language: str) -> Figure:
    """Once in a time: daily, every day, a day, /day; and every other day."""
    *before, time = re.split(r"[ /]+", said.strip(" /").casefold())
    meant = english.OFTEN.get(time) or _times(language).get(time, time)
    if before and before[-1] in _EVERY:
        return Figure("frequency", said, ("every", _EVERY[before[-1]], meant))
    if meant == "fortnight":
        return Figure("frequency", said, ("every", "2", "week"))
    return Figure("frequency", said.strip(" "), ("/", meant), is_sure=kind != "by")


def _amount_read(found: re.Match[str], language: str) -> Figure:
    """A number with its unit, or with what it counts."""
    group, word = found.groupdict(), found["number"].casefold()
    value, unit = _value(found["number"], language), found["unit"] or ""
    value = english.BOUNDS.get((group.get("bound") or "").casefold(), "") + value
    meant = tuple(_units(unit, found["per"], group.get("noun") or group.get("other"), language))
    if not meant and re.fullmatch(r"\d+[.:]\d*[1-9]0+", word):
        # Chapter 1.10 is not chapter 1.1.
        value = word.replace(":", ".")
    if word in english.TIMES and is_english(language):
        return Figure("frequency", found[0], (value, "time", *meant), is_sure=word != "once")
    if meant and not set(meant).isdisjoint(english.MONTHS):
        return Figure("date", found[0], (value, *meant[::-1]))
    if group.get("every") and meant and meant[0] in _TIMES:
        return Figure("frequency", found[0], ("every", value, *meant))
    is_lasting = bool(meant) and meant[0] in _LASTING
    sure = is_lasting or (bool(meant) if word == "one" else word not in ("a", "an"))
    kind = "frequency" if meant == ("time",) else "measure" if unit or found["per"] else "number"
    return Figure(kind, found[0], (value, *meant), is_sure=sure)


def _units(unit: str, per: str, noun: str | None, language: str) -> Iterator[str]:
    """What a unit means, what it is in one of, and what is counted."""
    if re.fullmatch(r"[ap]\.?m\.?", unit, re.IGNORECASE):
        yield f"{unit[0].casefold()}m"
    elif unit:
        dated = re.fullmatch(r"(.+?) (\d{4})", unit)
        yield _meant(dated[1] if dated else unit, language)
        yield from (dated[2],) if dated else ()
    for one in filter(None, re.split(r" ?/ ?| per ", per)):
        yield from ("/", _meant(one, language))
    if noun:
        yield _meant(noun, language)


def _ranges(found: Sequence[_Read], text: str, language: str) -> Iterator[_Read]:
    """5 to 10 minutes and 1 in 7 people are one figure each; 2 tablets and 5 ml are two."""
    words = ("to", "or", "and", *_OF) if is_english(language) else ()
    between = re.compile(rf" ?{_DASH} ?|(?: (?:{'|'.join(words) or '(?!)'}) )")
    told: list[_Read] = []
    for one in found:
        sign = text[told[-1].end : one.start] if told else ""
        if told and between.fullmatch(sign) and _is_range(told[-1], one, sign.strip()):
            told[-1] = _range(told[-1], one, sign.strip(), text)
        else:
            told.append(one)
    yield from told


#: Between how many and of how many.
_OF = ("in", "out of")


def _is_range(low: _Read, high: _Read, sign: str) -> bool:
    """Are two numbers its ends? Those of two units are not, nor is 2 in 24 hours a part of them."""
    if not (low.is_end and high.is_end) or high.figure.said.casefold().startswith("every "):
        return False
    first, second = low.figure.meaning, high.figure.meaning
    unit = first[2:] if first[0] == "every" else first[1:]
    if sign in _OF:
        return not unit and second[-1] not in _TIMES
    return not unit or unit == second[1:]


def _range(low: _Read, high: _Read, sign: str, text: str) -> _Read:
    """Two ends as one figure; the second one's unit is the first one's, too, but in 1 in 10 people."""
    said, kinds = text[low.start : high.end], {low.figure.kind, high.figure.kind}
    first, second = low.figure.meaning, high.figure.meaning
    if first[0] == "every":
        first = first[1:]
    if sign not in _OF and len(first) == 1:
        first = (*first, *second[1:])
    meaning = (*first, "/" if sign in _OF else "–", *second)
    if low.figure.said.casefold().startswith("every ") and second[-1] in _TIMES:
        return _Read(Figure("frequency", said, ("every", *meaning)), low.start, high.end)
    return _Read(Figure("date" if "date" in kinds else high.figure.kind, said, meaning), low.start, high.end)


def _going_on(found: Sequence[_Read], text: str) -> Iterator[_Read]:
    """How often goes on from the figure right before it; 4-hourly is one figure."""
    told: list[_Read] = []
    for one in found:
        before = told[-1] if told else None
        between = text[before.end : one.start] if before else ""
        if before is None or not _is_how_often(one.figure) or between not in ("", " ", "-"):
            told.append(one)
        elif _is_bare(before.figure) and (one.figure.said.casefold() == "hourly" or between == "-"):
            told[-1] = _every(before, one, text)
        else:
            said = text[before.start : one.end]
            figure = replace(one.figure, said=said, is_sure=True, goes_on=True)
            told.append(replace(one, figure=figure, start=before.start))
    yield from told


def _every(before: _Read, one: _Read, text: str) -> _Read:
    """4-hourly is every 4 hours; 2 weekly, without a hyphen, is 2 a week."""
    time = one.figure.meaning[-1]
    ends = ((end,) if end == "–" else (end, time) for end in before.figure.meaning)
    meaning = ("every", *(part for end in ends for part in end))
    return _Read(Figure("frequency", text[before.start : one.end], meaning), before.start, one.end)


def _is_bare(figure: Figure) -> bool:
    """Is it a number, or two, without a unit?"""
    return figure.kind == "number" and figure.meaning[-1][-1:].isdecimal()


def _is_how_often(figure: Figure) -> bool:
    return figure.kind == "frequency" and figure.meaning[0] in ("/", "every")
