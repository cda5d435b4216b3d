"""What does a booklet's file say, text by text? What is translated, and what must stay as it is.

A text has the same name in a booklet and in its translations: the keys that lead to it, with a
section's own id, and the numbers of blocks and items counted from 1.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .blocks import Mapped, Sequenced
from .language import in_words, number_signs, runs_on, words_behind_numbers
from .problem import Where
from .prose import Listing, Paragraph, Prose, Scalar, links

#: Keys whose values are no words, and are the same in every language.
FIXED = frozenset(
    {"kind", "tone", "width", "phone", "web", "email", "count", "of", "lines", "row_headers", "code"}
)
#: Keys that a translation has of its own: what it is, and which file it draws.
OWN = frozenset(
    {
        *("language", "version", "translation_of", "published", "next_review", "layouts"),
        *("cover", "image", "id", "quality_mark", "conditions"),
    }
)

#: What a translation has in the place of a text that is not translated yet.
PLACEHOLDER = "…"

#: Digits of a number with its sign, and what may stand between them: a point, a comma, a stroke, or a
#: space that groups.
_NUMBER = re.compile(r"(?:(?<![\w.,:/–-])[-−])?\d+(?:[.,:/\u066b\u066c][0-9]+|[ \u00a0\u202f]\d+)*")
_SPACED = re.compile(r"\d{1,3}(?:([ \u00a0\u202f])\d{3})(?:\1\d{3})*")
#: Decimals without a zero before them: .5, and ,5 where a comma is the sign for it.
_POINT_FIRST = re.compile(r"(?<![^\s(<>≤≥±~≈=£$€–—/-])\.(?=\d)")
_COMMA_FIRST = re.compile(_POINT_FIRST.pattern.replace(r"\.", ","))
_SPACES = " \u00a0\u202f"
#: A telephone number begins with 0, and is one number however its digits are grouped.
PHONE = re.compile(r"0(?:[ \u00a0\u202f]?\d){8,}")
#: With the sign of a country before it.
ABROAD = r"\+\d(?:[ \u00a0\u202f()-]{0,2}\d){6,}"
_RAISED = re.compile("[⁰¹²³⁴-⁹]+")
_HOUR = re.compile(r"(?<![\d:.])(\d{1,2})(?:[.:]00)?\s?([ap])\.?m\b")
_COMPARED = re.compile(r"([<>≤≥±])\s?(\d+(?:[.,]\d+)?)")
#: Letters and digits that name something, such as CG151; written so in every language.
CODE = re.compile(r"(?<![A-Za-z\d])[A-Z]{2,}\d{2,}(?![A-Za-z])")
_FRACTION = re.compile(r"(\d)([¼-¾])")
IN_WORDS = {"ml": "ml", "l": "l", "mcg": "μg", "percent": "%", "per cent": "%"} | {
    f"{word}{s}": sign
    for word, sign in {
        "microgram": "μg",
        "milligram": "mg",
        "gram": "g",
        "kilogram": "kg",
        "millilitre": "ml",
        "litre": "l",
        "millimetre": "mm",
        "centimetre": "cm",
        "metre": "m",
    }.items()
    for s in ("", "s")
}
_SIGNS = (
    rf"[ \u00a0\u202f]?({'|'.join(sorted(IN_WORDS, key=len, reverse=True))}"
    r"|mg|μg|kg|g|mmol|IU|mL|L|mm|cm|m|°C|°F|%)(?![A-Za-zÀ-\u024f\u1e00-\u1eff])"
)
_MEASURE = re.compile(rf"(?<=\d){_SIGNS}", re.IGNORECASE)
_END = r"(\d+(?:[.,]\d+)?)"
#: A range in English, and two numbers in any language, with a dash or a word or two between them.
_RANGE = re.compile(rf"(?<![\d.,-]){_END}(?:[ap]m)?\s?(?:[-‐‑–—−]|to|or)\s?(?={_END}(?![\d-]))")
_NEAR = re.compile(rf"(?<![\d.,-]){_END}\s?[^\d\s.,;:]+\s?(?:[^\d\s.,;:]+\s)?(?={_END}(?![\d-]))")
_SIGNED = re.compile(
    r"(\d+(?:[.,]\d+)?)[ \u00a0\u202f]?(mg|μg|mcg|kg|g|ml|l)(?![A-Za-zÀ-\u024f\u1e00-\u1eff])", re.IGNORECASE
)
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[^\s@]{1,64}@[^\s@]{1,255}\.\w+")
#: English words that stand for a number, or for how often.
COUNTING = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|"
    r"sixty|ninety|hundred|thousand|once|twice|thrice|half|quarter|double|hourly|daily|weekly|fortnightly|"
    r"monthly|yearly)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A text with its name and its place; `fixed` where it must be the same in every language."""

    name: str
    text: Scalar
    where: Where
    fixed: bool = False

    @property
    def prose(self) -> Prose:
        """The text as Markdown."""
        return Prose.read(self.text)


def units(tree: Mapped) -> tuple[Unit, ...]:
    """All texts of a booklet's tree, in its order."""
    return tuple(_units(tree, ""))


def _units(value: Any, name: str, key: str = "") -> Iterator[Unit]:
    if key in OWN and not isinstance(value, Mapped):
        return
    if isinstance(value, Mapped):
        for inner in value:
            yield from _units(value[inner], f"{name}/{inner}".lstrip("/"), inner)
    elif isinstance(value, Sequenced):
        for number, item in enumerate(value, 1):
            own = item.get("id") if key == "sections" and isinstance(item, Mapped) else None
            yield from _units(item, f"{name}/{own or number}")
    elif isinstance(value, Scalar) and value.strip():
        yield Unit(name, value, value.where, key in FIXED)


def numbers(text: str, language: str) -> Counter[str]:
    """The numbers of a text in a language, in whatever digits and however grouped they are written.

    Addresses and codes are left out.
    """
    said = _FRACTION.sub(r"\1 \2", CODE.sub(" ", ADDRESS.sub(" ", text)))
    plain = in_plain_digits(said).replace("\u2044", "/")
    if runs_on(language):
        # There, a date's month is a number, and not in words.
        plain = re.sub(r"(?<!\d)\d{1,2}\s?月(?=\s?\d)", " ", plain)
    signs = number_signs(language)
    if signs[0] == ",":
        plain = _COMMA_FIRST.sub("0,", plain)
    return Counter(part for found in _NUMBER.findall(plain) for part in _numbers(found, *signs))


def may_be_missing(text: str, master: str, language: str) -> tuple[Counter[str], Counter[str]]:
    """What numbers a master in English may have more than a text, and the text more than it.

    A language may write 1 or 2 as a word, and the hours after noon from 13 to 24.
    """
    words, more = in_words(language), Counter[str]()
    missing = Counter(number for word, number in words.items() for _ in range(text.count(word)))
    for hour, half in _HOUR.findall(in_plain_digits(master)):
        missing[hour] += 1
        more[str(int(hour) % 12 + (12 if half == "p" else 0))] += 1
    return missing, more


def in_plain_digits(text: str) -> str:
    """A text in the digits 0 to 9; those that are raised stand behind a ^, and .5 is 0.5."""
    composed = unicodedata.normalize("NFKC", _RAISED.sub(r"^\g<0>", text))
    digits = "".join(str(unicodedata.decimal(letter, letter)) for letter in composed)
    return _POINT_FIRST.sub("0.", digits)


def _numbers(found: str, decimal: str, group: str) -> Iterator[str]:
    """A number, or several that stand one behind the other, in one form."""
    if _SPACED.fullmatch(found) or PHONE.fullmatch(found):
        yield re.sub(r"\D", "", found)
    elif any(space in found for space in _SPACES):
        # A telephone number, or a list without commas: its groups of digits, each as it is.
        for part in re.split(f"[{_SPACES}]", found):
            yield from _numbers(part, decimal, group)
    else:
        found = found.replace("\u066c", "").replace("\u066b", decimal).replace("−", "-")
        sign, other = re.escape(group), re.escape(decimal)
        if re.fullmatch(rf"-?\d{{1,3}}(?:{sign}\d{{2,3}})*{sign}\d{{3}}(?:{other}\d+)?", found):
            found = found.replace(group, "")
        # Some languages write half past eight with a point, and eight o'clock as 8.00.
        yield re.sub(r"(?<=\d)\.00$", "", found.replace(",", ".").replace(":", "."))


def measures(text: str) -> set[str]:
    """The units behind the numbers of a text, by their signs in Latin letters: mg, ml, °C, %."""
    plain = in_plain_digits(text).replace("٪", "%")
    return {IN_WORDS.get(unit.casefold(), unit) for unit in _MEASURE.findall(plain)}


def turned(text: str, master: str) -> list[tuple[str, str]]:
    """The ranges of a master in English, such as 5 to 10, that a text has the other way round."""
    theirs, mine = _RANGE.findall(in_plain_digits(master)), _NEAR.findall(in_plain_digits(text))
    return [ends for ends in theirs if ends[::-1] in mine and ends not in mine and ends[::-1] not in theirs]


def quantities(text: str, language: str) -> set[tuple[str, str]]:
    """The numbers of a text with the unit or the month behind them, or with a sign such as < before."""
    known, plain = words_behind_numbers(language), in_plain_digits(text)
    word = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    # Where words have no spaces between them, the next one follows at once.
    end = "" if runs_on(language) else r"(?!\w)"
    found = re.findall(rf"(\d+)[ \u00a0\u202f-]?({word}){end}", plain.casefold())
    signs = [(number, IN_WORDS.get(sign.casefold(), sign)) for number, sign in _SIGNED.findall(plain)]
    compared = [(number, sign) for sign, number in _COMPARED.findall(plain)]
    return {*((number, known[said]) for number, said in found), *signs, *compared}


def in_order(unit: Unit) -> list[str]:
    """The telephone numbers and links of a text as they follow one another."""
    phones = [
        re.sub(r"\D", "", found) for found in PHONE.findall(in_plain_digits(ADDRESS.sub(" ", unit.text)))
    ]
    return [*phones, *(href for href, _ in links(unit.prose))]


def codes(text: str) -> Counter[str]:
    """The codes of a text, such as CG151."""
    return Counter(CODE.findall(ADDRESS.sub(" ", text)))


def targets(unit: Unit) -> Counter[str]:
    """Where the links of a text lead, and the addresses that are printed in it."""
    printed = (found.rstrip(".,:;!?)»”’") for text in texts_of(unit) for found in ADDRESS.findall(text))
    return Counter(href for href, _ in links(unit.prose)) + Counter(printed)


def shape(unit: Unit) -> tuple[Any, ...]:
    """How a text is built: its paragraphs and its lists, with their items."""
    return tuple(_shapes(unit.prose.content))


def _shapes(content: Iterable[Paragraph | Listing]) -> Iterator[Any]:
    for block in content:
        if isinstance(block, Paragraph):
            yield "p"
        else:
            yield ("ol" if block.ordered else "ul"), tuple(tuple(_shapes(item)) for item in block.items)


def texts_of(unit: Unit) -> tuple[str, ...]:
    """The paragraphs of a text, those of its lists too, without markup."""
    return tuple("".join(span.text for span in paragraph.spans) for paragraph in unit.prose.paragraphs)


def words(text: str) -> list[str]:
    """The words of a text in small letters, without numbers, signs and addresses."""
    return re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", ADDRESS.sub(" ", text).casefold())
