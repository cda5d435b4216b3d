"""Is the English as plain as patients need it? Advice only: figures help to choose what to look at.

The rules are those of the NHS content style guide; each is told at its line, for the editor to judge.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import textstat_rs as textstat

from ..blocks import Terms
from ..chapters import Chapter
from ..model import Booklet, every_block
from ..problem import Severity, Where
from ..prose import PAGE_TOKEN, Piece
from . import Case, Finding, check
from .words import _excerpt

#: NHS content guide: about 20 words in a sentence, three sentences in a paragraph, and a reading
#: age of 9 to 11 years, or 14 where it must be. English pupils are five years older than their grade.
MOST_WORDS, MOST_SENTENCES, OLDEST, YEARS_BEFORE_GRADE = 20, 3, 14, 5

#: Text of fewer words has no figure worth the name.
LEAST_WORDS = 60

#: Abbreviations that readers know better than their long forms.
KNOWN = frozenset(
    [
        "NHS",
        "UK",
        "GP",
        "GPs",
        "A&E",
        "DNA",
        "HIV",
        "AIDS",
        "TV",
        "ID",
        "AM",
        "PM",
        "COVID",
        "MRI",
        "CT",
        "OK",
    ]
)

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]*[A-Z0-9])")


@dataclass(frozen=True, slots=True)
class ReadingAge:
    """How old one must be to read a text: as it stands, and with its clinical terms set apart."""

    name: str
    where: Where
    words: int
    age: float
    age_apart: float

    def as_data(self) -> dict[str, object]:
        """The figures as report.json keeps them."""
        return {
            "section": self.name,
            "file": self.where.file,
            "line": self.where.line,
            "words": self.words,
            "age": self.age,
            "without_terms": self.age_apart,
        }


def reading_ages(booklet: Booklet, told: Sequence[Chapter]) -> Iterator[ReadingAge]:
    """The figures of each section that is long enough, then those of the whole booklet; English alone."""
    if booklet.language.partition("-")[0] != "en":
        return
    terms = _clinical_terms(booklet)
    every: list[str] = []
    for chapter in told:
        if not chapter.section or chapter.title is None:
            continue
        text = _as_text(chapter.pieces)
        every.append(text)
        yield from _measured(chapter.title.text, chapter.title.where, text, terms)
    yield from _measured(booklet.title, booklet.where, " ".join(every), terms)


def _measured(name: str, where: Where, text: str, terms: re.Pattern[str] | None) -> Iterator[ReadingAge]:
    count = len(text.split())
    if count >= LEAST_WORDS:
        apart = terms.sub("word", text) if terms else text
        yield ReadingAge(name, where, count, _age(text), _age(apart))


def _age(text: str) -> float:
    """The age by the Flesch–Kincaid grade (Kincaid and others, 1975)."""
    textstat.set_lang("en_GB")
    return round(max(textstat.flesch_kincaid_grade(text), 0) + YEARS_BEFORE_GRADE, 1)


def _clinical_terms(booklet: Booklet) -> re.Pattern[str] | None:
    """Words that the booklet explains: they are counted apart, because they must be there."""
    terms = [glossed.term for glossed in booklet.glossary]
    terms += [item.term for block in every_block(booklet) if isinstance(block, Terms) for item in block.items]
    words = {word for term in terms for word in re.findall(r"[\w-]{4,}", term)}
    if not words:
        return None
    every = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.compile(rf"\b(?:{every})(?:s|es)?\b", re.IGNORECASE)


def _as_text(pieces: Sequence[Piece]) -> str:
    """Running text; what ends without a stop, as items of lists do, is a sentence of its own."""
    texts = (_said(piece) for piece in pieces)
    return " ".join(text if text[-1:] in ".!?:" else text + "." for text in texts if text)


def _said(piece: Piece) -> str:
    """A piece without page references, stock codes and addresses, which nobody reads aloud."""
    text = re.sub(r" ?\([^()]*(?:\ue000|\b[A-Z]+\d\d+\b)[^()]*\)", "", piece.text)
    text = re.sub(r" ?\((?:[\w-]+\.)+\w{2,}[^()]*\)", "", PAGE_TOKEN.sub("", text))
    return " ".join(text.split())


def _english(case: Case) -> bool:
    return case.sourced.booklet.language.partition("-")[0] == "en"


def _pieces(case: Case) -> Iterator[Piece]:
    """The pieces that the booklet's editor wrote, in English; none in another language."""
    if _english(case):
        for chapter in case.chapters:
            if chapter.section or chapter.name in ("about", "at a glance", "glossary"):
                yield from (piece for piece in chapter.pieces if re.search(r"[^\W\d_]", piece.text))


def _at(case: Case, piece: Piece, message: str) -> Finding:
    """What is to be said of a piece, with its place on the page."""
    found = (found.letters for found in case.reading.found if found.piece == piece)
    return Finding(message, piece.where, letters=next(found, ()))


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text) if sentence.strip()]


@check(
    "reading-age",
    why="Many adults read as an eleven-year-old does; NHS content aims at 9 to 11 years, 14 at most.",
    hint="shorten sentences, and use everyday words; terms of the glossary are not counted",
    example="'What it does' asks for a reading age of 25.5, without the terms that are explained (25.6 "
    "with them)",
    severity=Severity.ADVICE,
)
def reading_age(case: Case) -> Iterator[Finding]:
    for reading in reading_ages(case.sourced.booklet, case.chapters):
        if reading.age_apart > OLDEST:
            message = (
                f"'{_excerpt(reading.name, 50)}' asks for a reading age of {reading.age_apart:g}, "
                f"without the terms that are explained ({reading.age:g} with them)"
            )
            yield Finding(message, reading.where)


@check(
    "long-sentence",
    why="Sentences of more than 20 words are lost on tired readers.",
    hint="make two of it, or a list",
    example="'It may take a week or more, or even a month or more, before…' has 21 words",
    severity=Severity.ADVICE,
)
def long_sentence(case: Case) -> Iterator[Finding]:
    for piece in _pieces(case):
        for sentence in _sentences(_said(piece)):
            count = len(sentence.split())
            if count > MOST_WORDS:
                yield _at(case, piece, f"'{_excerpt(sentence, 60)}' has {count} words")


@check(
    "long-paragraph",
    why="A paragraph of more than three sentences looks like work.",
    hint="begin a new paragraph where the thought changes",
    example="'It works. It works slowly. You may wait. Then you notice a …' has 4 sentences",
    severity=Severity.ADVICE,
)
def long_paragraph(case: Case) -> Iterator[Finding]:
    for piece in _pieces(case):
        count = len(_sentences(_said(piece)))
        if count > MOST_SENTENCES:
            yield _at(case, piece, f"'{_excerpt(piece.text, 60)}' has {count} sentences")


def _written(case: Case, rules: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """What matches a rule, each with what to write instead."""
    for piece in _pieces(case):
        said = _said(piece)
        for rule, instead in rules:
            for match in re.finditer(rule, said):
                yield _at(case, piece, f"'{match[0]}': {instead}")


@check(
    "style-date",
    why="Dates in figures are read differently in other countries.",
    hint="write dates like 6 August 2018",
    example="'06/08/2018': write the month as a word: 6 August 2018",
    severity=Severity.ADVICE,
)
def style_date(case: Case) -> Iterator[Finding]:
    rules = (
        (r"\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b", "write the month as a word: 6 August 2018"),
        (r"\b\d{4}-\d{2}-\d{2}\b", "write the month as a word: 6 August 2018"),
        (rf"\b\d{{1,2}}(?:st|nd|rd|th) (?:of )?(?:{_MONTHS})\b", "write it without st, nd, rd, th: 6 August"),
        (rf"\b(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?\b(?! \d{{4}})", "write the day first: 6 August"),
    )
    yield from _written(case, rules)


@check(
    "style-time",
    why="Times in one form are found and compared at a glance.",
    hint="write times like 5:30pm, 9am, midnight",
    example="'5.30pm': write a colon: 5:30pm",
    severity=Severity.ADVICE,
)
def style_time(case: Case) -> Iterator[Finding]:
    rules = (
        (r"\b\d{1,2}\.\d{2} ?(?:am|pm)\b", "write a colon: 5:30pm"),
        (r"\b\d{1,2}(?::\d{2})? (?:am|pm|a\.m\.|p\.m\.)", "write it without a space or stops: 5:30pm"),
        (r"\b(?:1[3-9]|2[0-3]):[0-5]\d\b", "write it by the 12-hour clock: 5:30pm"),
        (r"\b\d{1,2}:00(?:am|pm)\b", "leave the minutes out: 5pm"),
    )
    yield from _written(case, rules)


@check(
    "style-number",
    why="Figures are understood faster than words, and long ones need their commas.",
    hint="write 2 for two, and 1,000 for 1000",
    example="'one in seven': write it in figures: 1 in 7",
    severity=Severity.ADVICE,
)
def style_number(case: Case) -> Iterator[Finding]:
    numbers = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|fifty|hundred"
    counted = "days?|weeks?|months?|years?|hours?|minutes?|times|people|tablets?|doses?"
    rules = (
        (rf"\b(?:one|{numbers}) in (?:{numbers})\b", "write it in figures: 1 in 7"),
        (rf"(?<!one or )\b(?:{numbers}) (?:{counted})\b", "write the number in figures"),
        # Not years, and not parts of longer numbers.
        (r"(?<![\d.,/:-])(?!1[89]\d\d\b|20\d\d\b)\d{4,6}(?![\d.,/:-]|\d* \d{3})", "write a comma: 1,000"),
        (r"\bper ?cent\b", "write %"),
    )
    yield from _written(case, rules)


@check(
    "style-phone",
    why="A number in groups is dialled with fewer slips.",
    hint="write phone numbers in groups, like 020 7450 4000",
    example="'02079460999': write it in groups: 020 7450 4000",
    severity=Severity.ADVICE,
)
def style_phone(case: Case) -> Iterator[Finding]:
    rules = ((r"(?<!\d)0\d{9,10}(?!\d)", "write it in groups: 020 7450 4000"),)
    yield from _written(case, rules)
    if _english(case):
        for found in case.reading.found:
            if re.fullmatch(r"0\d{9,10}", found.piece.text):
                message = f"'{found.piece.text}': write it in groups: 020 7450 4000"
                yield Finding(message, found.piece.where, letters=found.letters)


@check(
    "abbreviation",
    why="An abbreviation that nobody explained shuts the reader out.",
    hint="write its long form first, with the abbreviation in brackets, or put it in the glossary",
    example="'MRD' is not explained where it is first used",
    severity=Severity.ADVICE,
)
def abbreviation(case: Case) -> Iterator[Finding]:
    explained = {word for glossed in case.sourced.booklet.glossary for word in _short_forms(glossed.term)}
    explained |= set(_short_forms(case.sourced.booklet.title)) | KNOWN
    for piece in _pieces(case):
        text = _said(piece)
        for match in re.finditer(r"(?<![\w&-])[A-Z][A-Z&]+[A-Z]s?(?![\w-])", text):
            word = match[0]
            if word in explained or word.rstrip("s") in explained:
                continue
            explained |= {word, word.rstrip("s")}
            in_brackets = text[: match.start()].endswith("(") or text[match.end() :].startswith(" (")
            if not in_brackets:
                yield _at(case, piece, f"'{word}' is not explained where it is first used")


def _short_forms(text: str) -> list[str]:
    return re.findall(r"\b[A-Z][A-Z&]*[A-Z]\b", text)
