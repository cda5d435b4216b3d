"""Does a translation say all that its master says, with the same numbers, and in its own language?

A master that has moved on since is another matter: then only that is told.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from ..language import has_dual
from ..problem import Severity, Where
from ..units import (
    Unit,
    codes,
    in_order,
    may_be_missing,
    measures,
    numbers,
    quantities,
    shape,
    targets,
    texts_of,
    turned,
    words,
)
from . import Case, Finding, check
from .words import _excerpt

#: What a translation says in its own way: who made it, and that it is one.
OWN_WORDS = ("notice", "credits/")

#: Where a sentence ends.
_SENTENCE = re.compile(r"(?<=[.!?।۔。؟])\s+")

#: So many words in a row that are the master's were left there by mistake; names have fewer.
LEFT_IN_A_ROW = 6


def _pairs(case: Case) -> Iterator[tuple[Unit, Unit]]:
    """Each text of a translation with its master's, where both have it."""
    if _follows(case):
        theirs = {unit.name: unit for unit in _master_units(case)}
        yield from ((unit, theirs[unit.name]) for unit in case.sourced.units if unit.name in theirs)


def _follows(case: Case) -> bool:
    """Is it a translation of the master as it is now?"""
    master = case.sourced.master
    return master is not None and case.sourced.booklet.translation_of == master.version


def _master_units(case: Case) -> Sequence[Unit]:
    return case.sourced.master.units if case.sourced.master else ()


def _is_own(unit: Unit) -> bool:
    return unit.name.startswith(OWN_WORDS)


@check(
    "translation-ahead",
    why="A translation of a version that never was can be compared with nothing.",
    hint="write the master's version in `translation_of`",
    example="This translates version 1.3, and the master is 1.1",
)
def translation_ahead(case: Case) -> Iterator[Finding]:
    booklet, master = case.sourced.booklet, case.sourced.master
    if master and _parts(booklet.translation_of or "") > _parts(master.version):
        said = f"the master is {master.version}" if master.version else "there is no master"
        message = f"This translates version {booklet.translation_of}, and {said}"
        yield Finding(message, booklet.at("translation_of"))


def _parts(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


@check(
    "translation-stale",
    severity=Severity.WARNING,
    why="A reader of a translation has what the master said before: a dose may have changed since.",
    hint="`translation status` lists what has changed; until it is translated, say in `notice` which edition "
    "this translates, and which is newer",
    example="This translates version 1.1, and the master is 1.2",
)
def translation_stale(case: Case) -> Iterator[Finding]:
    booklet, master = case.sourced.booklet, case.sourced.master
    if master and _parts(booklet.translation_of or "") < _parts(master.version):
        message = f"This translates version {booklet.translation_of}, and the master is {master.version}"
        yield Finding(message, booklet.at("translation_of"))


@check(
    "translation-unsaid",
    why="Who reads a translation of an older edition must know that there is a newer one.",
    hint="name both editions in `notice`, or translate what has changed: `translation status` lists it",
    example="The notice does not say that this translates edition 1.1, and that there is 1.2",
)
def translation_unsaid(case: Case) -> Iterator[Finding]:
    booklet, master = case.sourced.booklet, case.sourced.master
    for _ in translation_stale(case):
        said = numbers(booklet.notice.text if booklet.notice else "", "en")
        versions = booklet.translation_of or "", master.version if master else ""
        if not all(numbers(version, "en") <= said for version in versions):
            message = f"The notice does not say that this translates edition {versions[0]}, and that there is"
            yield Finding(f"{message} {versions[1]}", booklet.at("notice" if booklet.notice else "language"))


@check(
    "translation-parity",
    why="A section, an item or a cell that was not translated is missing for those readers alone.",
    hint="translate what the master has here, in the same place and form",
    example="The master has one more text here: 'Sit down.'",
)
def translation_parity(case: Case) -> Iterator[Finding]:
    if not _follows(case):
        return
    mine = {unit.name: unit for unit in case.sourced.units}
    theirs = {unit.name: unit for unit in _master_units(case)}
    last = case.sourced.booklet.where
    for name, unit in theirs.items():
        if name in mine:
            last = mine[name].where
        elif not _is_own(unit):
            yield Finding(f"The master has one more text here: '{_excerpt(unit.text)}'", last)
    for name, unit in mine.items():
        if name not in theirs and not _is_own(unit):
            yield Finding(f"The master has no such text: '{_excerpt(unit.text)}'", unit.where)
    for own, other in _pairs(case):
        if not own.fixed and not _is_own(own) and shape(own) != shape(other):
            built, master = _built(own), _built(other)
            yield Finding(f"'{_excerpt(own.text, 40)}' has {built}, and the master {master}", own.where)


def _built(unit: Unit) -> str:
    """A text's paragraphs and items, in words."""
    counts: Counter[str] = Counter()

    def count(shapes: Sequence[object]) -> None:
        for one in shapes:
            if isinstance(one, tuple):
                counts["item"] += len(one[1])
                for item in one[1]:
                    count([inner for inner in item if isinstance(inner, tuple)])
            else:
                counts["paragraph"] += 1

    count(shape(unit))
    return " and ".join(f"{number} {what}{'' if number == 1 else 's'}" for what, number in counts.items())


@check(
    "translation-numbers",
    why="A wrong digit in a dose, a temperature or a telephone number can harm, and no reviewer of one "
    "language sees it.",
    hint="write each number as the master does, in digits of either kind",
    example="The master has 1.5 here, and this text 15",
)
def translation_numbers(case: Case) -> Iterator[Finding]:
    for where, own, other in _counted(case):
        mine, theirs = _numbers(case, own, other)
        yield from _differing(where, mine + _in_dual(case, mine, theirs), theirs)
        units = list(_other_units(case, where, own, other))
        # In words, a unit is the translator's.
        added = measures(own) - measures(other)
        if added and not units:
            yield Finding(f"The master has no {', '.join(sorted(added))} here", where)
        for low, high in turned(own, other):
            yield Finding(f"The master has {low} to {high} here, and this text {high} to {low}", where)
        yield from units


def _other_units(case: Case, where: Where, own: str, other: str) -> Iterator[Finding]:
    """A number that has another unit, month or sign than in the master, where both are known."""
    master = case.sourced.master
    theirs = quantities(other, master.language if master else "en")
    mine = quantities(own, case.sourced.booklet.language)
    for number, unit in sorted(mine - theirs):
        if meant := [its for same, its in sorted(theirs - mine) if same == number]:
            message = f"The master has '{number} {meant[0]}' here, and this text '{number} {unit}'"
            yield Finding(message, where)


@check(
    "translation-dual",
    severity=Severity.WARNING,
    why="Arabic says two by a word's form, which no program compares: it may as well say one, or many.",
    hint="write 2; where that reads oddly, look whether the word says two, and let the warning stand",
    example="The master has 2 here, and this text no digit for it",
)
def translation_dual(case: Case) -> Iterator[Finding]:
    for where, own, other in _counted(case):
        if _in_dual(case, *_numbers(case, own, other)):
            yield Finding("The master has 2 here, and this text no digit for it", where)


def _counted(case: Case) -> Iterator[tuple[Where, str, str]]:
    """The paragraphs whose numbers must be the same; whole texts, where they are not built alike."""
    for own, other in _pairs(case):
        if not own.fixed and not own.name.startswith("notice"):
            mine, theirs = texts_of(own), texts_of(other)
            alike = shape(own) == shape(other)
            for text, its in zip(mine, theirs, strict=True) if alike else [(own.text, other.text)]:
                yield own.where, text, its


def _numbers(case: Case, own: str, other: str) -> tuple[Counter[str], Counter[str]]:
    master = case.sourced.master
    language = case.sourced.booklet.language
    theirs, mine = numbers(other, master.language if master else "en"), numbers(own, language)
    missing, more = may_be_missing(own, other, language)
    return mine + ((theirs - mine) & missing) - ((mine - theirs) & more), theirs


def _in_dual(case: Case, mine: Counter[str], theirs: Counter[str]) -> Counter[str]:
    """The twos of the master that may be in the form of a word: they are missing, and nothing else is."""
    missing = theirs - mine
    alone = set(missing) == {"2"} and not mine - theirs
    return missing if alone and has_dual(case.sourced.booklet.language) else Counter()


def _differing(where: Where, mine: Counter[str], theirs: Counter[str]) -> Iterator[Finding]:
    missing, added = ", ".join((theirs - mine).elements()), ", ".join((mine - theirs).elements())
    if missing and added:
        yield Finding(f"The master has {missing} here, and this text {added}", where)
    elif missing or added:
        said = f"The master has {missing} here too" if missing else f"The master has no {added} here"
        yield Finding(said, where)


@check(
    "translation-addresses",
    why="A telephone number, a web address, a link or a code that differs leads somewhere else.",
    hint="copy it from the master",
    example="The master has here: 020 7946 0998",
)
def translation_addresses(case: Case) -> Iterator[Finding]:
    for own, other in _pairs(case):
        if own.fixed and own.text != other.text:
            yield Finding(f"The master has here: {other.text}", own.where)
        elif not own.fixed and not own.name.startswith("notice"):
            yield from _differing(own.where, targets(own), targets(other))
            yield from _differing(own.where, codes(own.text), codes(other.text))


@check(
    "translation-order",
    severity=Severity.WARNING,
    why="Where two telephone numbers or links change places, each leads to the other's end.",
    hint="look whether each stands with its own words; where the language needs this order, let it stand",
    example="The master has the telephone numbers and links of this text in another order",
)
def translation_order(case: Case) -> Iterator[Finding]:
    for own, other in _pairs(case):
        mine, theirs = in_order(own), in_order(other)
        if not own.fixed and mine != theirs and sorted(mine) == sorted(theirs):
            message = "The master has the telephone numbers and links of this text in another order"
            yield Finding(message, own.where)


@check(
    "translation-left",
    severity=Severity.WARNING,
    why="A sentence that was left in the master's language says nothing to these readers.",
    hint="translate it; names may stay as they are",
    example="This is still in the master's language: 'My diary'",
)
def translation_left(case: Case) -> Iterator[Finding]:
    for own, other in _pairs(case):
        if own.fixed or own.name.startswith("credits/"):
            continue
        theirs = [words(said) for text in texts_of(other) for said in _SENTENCE.split(text)]
        left = [
            said
            for text in texts_of(own)
            for said in _SENTENCE.split(text)
            if len(words(said)) > 1 and words(said) in theirs and not _is_name(said)
        ]
        mine, whole = words(own.text), words(other.text)
        longest = SequenceMatcher(None, mine, whole, autojunk=False).find_longest_match()
        if not left and longest.size >= LEFT_IN_A_ROW:
            left = [" ".join(mine[longest.a : longest.a + longest.size])]
        for said in left[:1]:
            yield Finding(f"This is still in the master's language: '{_excerpt(said)}'", own.where)


def _is_name(text: str) -> bool:
    """Does each of its words begin with a capital letter, but for short ones?"""
    said = [word for word in text.split() if word[0].isalpha()]
    long = [word for word in said if len(word) > 3]
    return all(word[0].isupper() for word in long or said)
