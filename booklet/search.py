"""By which words is a booklet found? The words of texts as files that a browser can search.

A word leads to numbers of booklets, in lists by the first letters of words, so that a browser fetches the
one list that it needs. `find.js` folds and divides in the same way what a reader types.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .source import Sourced
from .texts import places

#: What readers do not look for a booklet by: what the house says in all of them, and about the edition.
SILENT = frozenset({"_help", "_information", "_formats", "_imprint", "_layouts", "_edition"})

#: Letters and digits of signs that have no spaces between words: Thai, Japanese, Chinese (Unicode blocks).
_RUN_ON = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")

#: Accents (Combining Diacritical Marks), and the vowel signs of Arabic and Hebrew that are seldom typed.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]")
#: What may stand in a word and is no letter: the soft hyphen, joiners, and signs of direction.
_UNSEEN = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

#: In bytes: a longer list is divided by one more letter, but by no more than DEEPEST letters.
LONGEST, DEEPEST = 48_000, 4

#: Words in more than this part of a language's booklets lead nowhere; so many booklets must there be.
COMMON, FEW = 0.5, 8

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def folded(text: str) -> str:
    """The text in small letters, without accents."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", _UNSEEN.sub("", text))).lower()


def words_in(text: str) -> Iterator[str]:
    """The words of a text, folded; of what has no spaces between words each two signs."""
    kept = (sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in folded(text))
    for word in "".join(kept).split():
        spaced = _RUN_ON.sub(" ", word)
        yield from spaced.split()
        for run in _RUN_ON.findall(word):
            yield from (run[at : at + 2] for at in range(max(len(run) - 1, 1)))


def words_of(sourced: Sourced) -> tuple[str, ...]:
    """All words of a booklet that somebody may look for, in alphabetical order."""
    said = (
        one
        for place in places(sourced)
        if place.id not in SILENT
        for item in place.items
        for one in item.said
    )
    return tuple(sorted({word for one in said for word in words_in(one.text) if len(word) > 1}))


def telling(found: Sequence[tuple[str, Iterable[str]]]) -> dict[str, list[int]]:
    """Which booklets have a word? By their places in the sequence, of language and words.

    A word that more than half of the booklets of a language have tells nothing in that language.
    """
    counts: dict[str, Counter[str]] = {}
    number = Counter(language for language, _ in found)
    for language, words in found:
        counts.setdefault(language, Counter()).update(words)
    leads: dict[str, list[int]] = {}
    for at, (language, words) in enumerate(found):
        most = number[language] * COMMON if number[language] >= FEW else number[language]
        for word in words:
            if counts[language][word] <= most:
                leads.setdefault(word, []).append(at)
    return leads


def lists(leads: Mapping[str, Sequence[int]]) -> dict[str, bytes]:
    """The words in lists, by the letters that all words of a list begin with.

    A line is a word and the numbers of its booklets, each but the first as its distance from the one
    before, in digits of base 36.
    """
    lines = {word: f"{word} {' '.join(_distances(leads[word]))}\n" for word in sorted(leads)}
    return dict(_divided("", lines))


def _distances(numbers: Iterable[int]) -> Iterator[str]:
    before = 0
    for number in numbers:
        yield _short(number - before)
        before = number


def _short(number: int) -> str:
    """A number in base 36, as JavaScript's parseInt reads it."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _divided(begin: str, lines: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """A list, or where that is too long one for each letter that may follow."""
    data = "".join(lines.values()).encode()
    if len(data) <= LONGEST or len(begin) == DEEPEST:
        yield begin, data
        return
    parts: dict[str, dict[str, str]] = {}
    for word, line in lines.items():
        parts.setdefault(word[: len(begin) + 1], {})[word] = line
    for part, own in parts.items():
        # The word that is no longer than the letters themselves has a list of its own.
        yield from [(part, "".join(own.values()).encode())] if part == begin else _divided(part, own)
