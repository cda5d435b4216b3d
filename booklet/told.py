"""How is a fault told to a clinic, which sees a form and knows of no file behind it?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .problem import Severity
from .typed import CONTACT, CONTACTS, FIELDS, Fault, contact_field

#: What the fields of the urgent line and of a contact are called.
KEYS = {"text": "What to call about", "phone": "Telephone", "hours": "When somebody answers"}

#: What each field is called on the form.
LABELS = {
    "name": "Name of the clinic",
    "address": "Address",
    **{f"urgent-{key}": label for key, label in KEYS.items()},
    **{
        contact_field(number, key): KEYS.get(key, "Who or what")
        for number in range(1, CONTACTS + 1)
        for key in CONTACT
    },
    "note": "A short note",
}

#: What a fault comes to: its code, the fields, what is told, and what to do. The first that fits is taken.
#: {quoted} is what the problem's own message quotes, {what} what it says that a text may not hold.
_MEANING = (
    ("empty-value", "urgent-.*", "{field} is empty", "Fill in all three fields of this line, or none."),
    (
        "empty-value",
        "contact-.*",
        "{field} is empty",
        "Say who or what answers, or leave the fields beside it empty, too.",
    ),
    ("empty-value", "note", "{field} has no words", "Write some, or leave it empty."),
    ("empty-value", ".*", "{field} is empty", "Write it as your patients know it."),
    (
        "wrong-value",
        ".*-phone",
        "{field} is no phone number",
        "Write digits and spaces only, for example 0808 808 00 00.",
    ),
    ("wrong-value", "note", "{field} is more than one paragraph", "Take lists and empty lines away."),
    (
        "markdown-refused",
        "note",
        "{field} cannot hold {what}",
        "Write plain words. For bold write **word**, for a link [words](https://example.org).",
    ),
    ("markdown-refused", ".*", "{field} takes plain words", "Take signs such as * _ # [ ] away."),
    (
        "dead-link|link-refused",
        ".*",
        "{field} has a link that leads nowhere",
        "Write [words](https://example.org), [words](mailto:name@example.org) or [words](tel:08088080000).",
    ),
    (
        "yaml-character",
        ".*",
        "{field} holds a sign that cannot be seen",
        "Such signs come along with copied text: delete the text, and type it.",
    ),
    (
        "letter-missing",
        ".*",
        "{field} has letters that this booklet cannot print: {quoted}",
        "Use other letters, or write it in words.",
    ),
    (
        "word-broken",
        ".*",
        "{field} has a word that is too long for a line: {quoted}",
        "Shorten it, or put a space or a hyphen into it.",
    ),
    (
        "clinic-moved",
        ".*",
        "{message}",
        "Look through the pages from there on, or shorten your details.",
    ),
    ("too-long", ".*", "{field} is too long. {message}", "Shorten it."),
)
#: Letters that no font has, and words that are broken.
_QUOTED = re.compile(r"(?<!\w)'(.+?)'(?= \(U\+| is broken)")

_REFUSED = re.compile(r"hold (.+) here")

_OTHERWISE = "Write it in another way. If that does not help, tell the publisher of the booklet."


@dataclass(frozen=True, slots=True)
class Told:
    """What is wrong with a field, or to be noted of it, and what to do; `field` is empty for the form."""

    field: str
    text: str
    hint: str
    severity: Severity


def tell(faults: Sequence[Fault]) -> tuple[Told, ...]:
    """The faults as a clinic is told them, in the order of the form, and each once."""
    order = {name: at for at, name in enumerate(("", *FIELDS))}
    # A note that holds what it cannot is no paragraph either: that need not be told, too.
    noted = {fault.problem.code for fault in faults if fault.field == "note"}
    needless = ("note", "wrong-value") if len(noted) > 1 else None
    own = (one for one in faults if (one.field, one.problem.code) != needless)
    return tuple(sorted(dict.fromkeys(map(_told, own)), key=lambda one: order[one.field]))


def _told(fault: Fault) -> Told:
    problem = fault.problem
    text, hint = next(_meanings(fault), ("{field}: {message}", _OTHERWISE))
    what = _REFUSED.search(problem.message)
    facts = {
        "field": _title(fault.field),
        "message": re.sub(r"`(\w+)`", lambda found: f"‘{KEYS.get(found[1], found[1])}’", problem.message),
        "quoted": " ".join(f"‘{one}’" for one in _QUOTED.findall(problem.message)),
        "what": what[1] if what else "such a link",
    }
    return Told(fault.field, text.format_map(facts), hint, problem.severity)


def _meanings(fault: Fault) -> Iterator[tuple[str, str]]:
    for codes, fields, text, hint in _MEANING:
        if re.fullmatch(codes, fault.problem.code) and re.fullmatch(fields, fault.field):
            yield text, hint


def _title(field: str) -> str:
    """A field by its name, and where several have that name by its part of the form, too."""
    if not field:
        return "What you typed"
    part, _, _ = field.rpartition("-")
    of = {"": "", "urgent": " (whom to call at once)", "contact-1": " (contact)"}
    return f"‘{LABELS[field]}’" + of.get(part, f" ({part.replace('-', ' ')})")
