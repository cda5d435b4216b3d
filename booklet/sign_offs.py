"""Who has signed a version off, and who signs it now?

A sign-off holds for what was read, to the comma: it has the digest of that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .entries import Entries
from .model import SignOff
from .problem import Outcome, Problem, Where
from .prose import one_line
from .source import Source, Sourced, file_beside, read_sign_offs


def is_name(text: str) -> bool:
    """Is it somebody's name, and not what stands in its place until it is known?"""
    return any(letter.isalpha() for letter in text)


def why_void(one: SignOff, sourced: Sourced, today: date) -> str:
    """Why a sign-off of this version does not hold, in a few words; empty where it does."""
    if one.role not in sourced.house.sign_off_roles:
        return f"house.yaml has no role '{one.role}' that signs off"
    if not is_name(one.name):
        return "that is nobody's name"
    if one.date > today:
        return "that day has not come"
    return "" if one.digest == sourced.content else "it has changed since"


@dataclass(frozen=True, slots=True)
class Standing:
    """A role that signs, and its sign-offs of the version: one that holds, and those that do not."""

    role: str
    holds: SignOff | None
    void: tuple[tuple[SignOff, str], ...]
    """Each with the reason why."""


def standing(sourced: Sourced, signed: Sequence[SignOff], today: date) -> tuple[Standing, ...]:
    """How far the version is signed off, role by role."""
    own = [(one, why_void(one, sourced, today)) for one in signed if one.version == sourced.booklet.version]
    return tuple(
        Standing(
            role,
            next((one for one, why in own if one.role == role and not why), None),
            tuple((one, why) for one, why in own if one.role == role and why),
        )
        for role in sourced.house.sign_off_roles
    )


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody who has read a version says: that it may be released as it was then."""

    version: str
    role: str
    name: str
    date: date
    digest: str


def sign(source: Source, booklet: str, language: str, word: Word) -> Outcome[SignOff]:
    """Write a sign-off behind those that are there, if it is for what the source says now.

    An OSError where it cannot be written.
    """
    file = file_beside(booklet, language, "sign-offs")
    kept = Entries(source.root, file, "sign_offs", read_sign_offs)
    with kept.alone():
        now = Source(source.root)
        read, before = now.booklet(booklet, language), now.sign_offs(booklet, language)
        if read.value is None or before.value is None:
            return Outcome(None, read.problems if read.value is None else before.problems)
        fault = _fault(word, read.value, before.value, file)
        if fault:
            return Outcome(None, (fault,))
        said = {"version": word.version, "role": word.role, "name": one_line(word.name)}
        added = kept.add(before.value, [{**said, "date": word.date, "digest": word.digest}])
        return Outcome(added.value[-1] if added.value else None, added.problems)


def _fault(word: Word, sourced: Sourced, signed: Sequence[SignOff], file: str) -> Problem | None:
    """Why it cannot be signed so."""
    booklet, roles = sourced.booklet, sourced.house.sign_off_roles
    held = {one.role: one.holds for one in standing(sourced, signed, word.date)}
    where = Where(file)
    if word.role not in roles:
        message = f"house.yaml has no role '{word.role}' that signs off"
        return Problem("sign-off-void", message, where, f"it has: {', '.join(roles) or 'none'}")
    if not is_name(word.name):
        return Problem("sign-off-void", "A sign-off needs somebody's name", where, "type your own")
    if (word.version, word.digest) != (booklet.version, sourced.content):
        message, hint = "The text has changed since you read it", "read what it says now, and sign that"
        return Problem("sign-off-void", message, where, hint)
    if sourced.released:
        message = f"{booklet.version} is released: nobody can sign it any more"
        return Problem("sign-off-void", message, where, "what is new gets a new version")
    other = held[word.role]
    if other:
        message = f"{other.name} has signed as {word.role} on {other.date}"
        return Problem("sign-off-void", message, other.where, "nothing is to be done")
    return None
