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
from .language import number_signs, script_of, words_of_time
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
        *("cover", "image", "id", "quality_mark"),
    }
)

#: What a translation has in the place of a text that is not translated yet.
PLACEHOLDER = "…"

#: Digits of a number with its sign, and what may stand between them: a point, a comma, a stroke, or a
#: space that groups.
_NUMBER = re.compile(r"(?:(?<![\w.,:/–-])[-−])?\d+(?:[.,:/\u066b\u066c][0-9]+|[ \u00a0\u202f]\d+)*")
_SPACED = re.compile(r"\d{1,3}(?:([ \u00a0\u202f])\d{3})(?:\1\d{3})*")
_SPACES = " \u00a0\u202f"
#: Letters and digits that name something, such as CG151; written so in every language.
_CODE = re.compile(r"(?<![A-Za-z\d])[A-Z]{2,}\d{2,}(?![A-Za-z])")
_FRACTION = re.compile(r"(\d)([¼-¾])")
_IN_WORDS = {"ml": "ml", "l": "l", "mcg": "μg", "percent": "%", "per cent": "%"} | {
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
_MEASURE = re.compile(
    rf"(?<=\d)[ \u00a0\u202f]?({'|'.join(sorted(_IN_WORDS, key=len, reverse=True))}"
    r"|mg|μg|kg|g|mmol|IU|mL|L|mm|cm|m|°C|°F|%)(?![A-Za-z])",
    re.IGNORECASE,
)
_END = r"(\d+(?:[.,]\d+)?)"
#: A range in English, and two numbers in any language, with a dash or a word or two between them.
_RANGE = re.compile(rf"(?<![\d.,-]){_END}(?:[ap]m)?\s?(?:[-‐‑–—−]|to|or)\s?(?={_END}(?![\d-]))")
_NEAR = re.compile(rf"(?<![\d.,-]){_END}\s?[^\d\s.,;:]+\s?(?:[^\d\s.,;:]+\s)?(?={_END}(?![\d-]))")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+")


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
    said = _FRACTION.sub(r"\1 \2", _CODE.sub(" ", _ADDRESS.sub(" ", text)))
    plain = _plain(said).replace("\u2044", "/")
    signs = number_signs(language)
    return Counter(part for found in _NUMBER.findall(plain) for part in _numbers(found, *signs))


def _plain(text: str) -> str:
    """A text in the digits 0 to 9."""
    composed = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in composed)


def _numbers(found: str, decimal: str, group: str) -> Iterator[str]:
    """A number, or several that stand one behind the other, in one form."""
    if _SPACED.fullmatch(found):
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
        # Some languages write half past eight with a point.
        yield found.replace(",", ".").replace(":", ".")


def measures(text: str) -> set[str]:
    """The units behind the numbers of a text, by their signs in Latin letters: mg, ml, °C, %."""
    plain = _plain(text).replace("٪", "%")
    return {_IN_WORDS.get(unit.casefold(), unit) for unit in _MEASURE.findall(plain)}


def turned(text: str, master: str) -> list[tuple[str, str]]:
    """The ranges of a master in English, such as 5 to 10, that a text has the other way round."""
    theirs, mine = _RANGE.findall(_plain(master)), _NEAR.findall(_plain(text))
    return [ends for ends in theirs if ends[::-1] in mine and ends not in mine and ends[::-1] not in theirs]


def times(text: str, language: str) -> set[tuple[str, str]]:
    """The times of a text: each number that has a word of time behind it, with its unit."""
    known = words_of_time(language)
    word = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    # Where words have no spaces between them, the next one follows at once.
    end = "" if script_of(language) in ("Hans", "Hant", "Thai") else r"(?!\w)"
    found = re.findall(rf"(\d+)[ \u00a0\u202f-]?({word}){end}", _plain(text).casefold())
    return {(number, known[said]) for number, said in found}


def codes(text: str) -> Counter[str]:
    """The codes of a text, such as CG151."""
    return Counter(_CODE.findall(_ADDRESS.sub(" ", text)))


def targets(unit: Unit) -> Counter[str]:
    """Where the links of a text lead, and the addresses that are printed in it."""
    printed = (found.rstrip(".,:;!?)»”’") for text in texts_of(unit) for found in _ADDRESS.findall(text))
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
    return re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", _ADDRESS.sub(" ", text).casefold())
