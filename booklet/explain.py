"""What does a fault that a validator found mean to an editor?"""

import difflib
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from .blocks import KINDS, Mapped, Reading, Written
from .model import GROUP, PERSON
from .problem import Problem
from .yamlfile import place_of

#: What a validator's error means to an editor: (code, message, hint). Messages may name {name},
#: the key; hints may name {about}, the key's own description.
_MEANING: dict[str, tuple[str, str, str]] = {
    "missing": ("missing-key", "`{name}` is missing", "{about}"),
    "string_type": ("wrong-type", "`{name}` must be a text, not {kind}", "{quotes}"),
    "string_too_short": ("empty-value", "`{name}` is empty", "write it, or take the line away"),
    "string_too_long": (
        "too-long",
        "`{name}` is longer than {longest} characters",
        "shorten it; a page has room for no more",
    ),
    "empty_text": ("empty-value", "`{name}` is empty", "write it, or take the line away"),
    "too_short": ("empty-value", "`{name}` needs at least one item", "begin each item with `- `"),
    "tuple_type": ("wrong-type", "`{name}` must be a list, not {kind}", "begin each item with `- `"),
    "model_type": ("wrong-type", "`{name}` must hold keys, not {kind}", "write `key: value` lines below it"),
    "model_attributes_type": (
        "wrong-type",
        "`{name}` must hold keys, not {kind}",
        "write `key: value` lines below it",
    ),
    "int_parsing": ("wrong-type", "`{name}` must be a whole number, not {kind}", "write digits only"),
    "int_type": ("wrong-type", "`{name}` must be a whole number, not {kind}", "write digits only"),
    "int_large": ("wrong-value", "`{name}` is too large a number", "write a smaller number"),
    "greater_than_equal": (
        "wrong-value",
        "`{name}` must be 1 or more",
        "write a whole number from 1 up, in digits only",
    ),
    "less_than_equal": ("wrong-value", "`{name}` must be {most} or less", "write a smaller number"),
    "bool_type": ("wrong-type", "`{name}` must be true or false", "write true or false, nothing else"),
    "bool_parsing": ("wrong-type", "`{name}` must be true or false", "write true or false, nothing else"),
    "literal_error": ("wrong-value", "`{name}` cannot be {kind}", "it can be {expected}"),
    "union_tag_not_found": (
        "missing-key",
        "This block has no `kind`",
        "write `kind:` with one of " + ", ".join(KINDS) + "; a text that holds a colon and a space "
        "must be put in quotes",
    ),
    "no_block": ("wrong-type", "A block must be a text or hold keys, not {kind}", "{quotes}"),
    "union_tag_invalid": ("unknown-kind", "There is no block of the kind '{value}'", "{nearest}"),
    "date_form": ("wrong-date", "`{name}` must be a date", "write year-month-day: 2026-11-23"),
    "date_value": ("wrong-date", "`{name}`: there is no such day", "write year-month-day: 2026-11-23"),
    "date_type": ("wrong-date", "`{name}` must be a date, not {kind}", "write year-month-day: 2026-11-23"),
    "id_form": (
        "wrong-id",
        "`{name}`: '{value}' is no id",
        "use small letters, digits and hyphens, and begin with a letter",
    ),
    "version_form": ("wrong-value", "`{name}`: '{value}' is no version", 'write EDITION.REVISION: "1.0"'),
    "digest_form": ("wrong-value", "`{name}`: '{value}' is no digest", "copy the line that `release` prints"),
    "code_form": ("wrong-value", "`{name}`: '{value}' is no stock code", "use letters, digits and - _ . /"),
    "string_pattern_mismatch": (
        "wrong-value",
        "`{name}`: '{value}' is no language",
        "write, for example, en-GB",
    ),
    "phone_form": (
        "wrong-value",
        "`{name}`: '{value}' is no phone number",
        "write digits and spaces only: 0808 808 00 00; other words belong in `text` or `hours`",
    ),
    "web_form": (
        "wrong-value",
        "`{name}`: '{value}' is no web address",
        "write it whole: https://www.example.org",
    ),
    "email_form": ("wrong-value", "`{name}`: '{value}' is no e-mail address", "write name@example.org"),
    "picture_form": (
        "wrong-value",
        "`{name}`: '{value}' is no picture",
        "name a svg, png or jpg file in the same folder, without spaces, its ending in small letters",
    ),
    "alt_is_caption": (
        "alt-text",
        "`alt` says the same as `caption`",
        "say in `alt` what a reader who cannot see the picture should know",
    ),
    "note_form": (
        "wrong-value",
        "`{name}` must be one paragraph",
        "take the list or the other paragraphs away",
    ),
    "markdown_here": (
        "markdown-refused",
        "`{name}` takes plain words: Markdown would be printed as it stands",
        "take the signs away; bold, emphasis and links belong into running text",
    ),
    "measure_form": ("wrong-value", "`{name}`: '{value}' is no size", "write a number such as 12 or 10.5"),
    "panels_form": (
        "wrong-value",
        "`{name}` must be the widths of six pages that fill both sides of a sheet of 297 mm",
        "write [99.5, 99.5, 99.5, 98, 98, 99.5]: 5, 6 and 1 lie outside, 2, 3 and 4 inside; 4 backs 5",
    ),
    "offered_language": (
        "unknown-language",
        "`{name}`: no language is known by '{value}'",
        "write its tag, for example cy, pl or zh-Hans (BCP 47)",
    ),
    "same_layout": ("wrong-value", "`{name}` names a layout twice", "name each layout once"),
    "table_row": ("table-row", "{text}", "give every row as many cells as the header"),
    "statistic": ("wrong-value", "`count` is larger than `of`", "1 in 7 is `count: 1` and `of: 7`"),
    "person": ("missing-key", "A person needs `name` or `post`", "write at least one of the two"),
    "empty_section": ("empty-section", "This section has no content", "add `content:` or `sections:`"),
    "review_order": ("wrong-date", "`next_review` is not later than `published`", "look at both dates"),
    "certificate_order": ("wrong-date", "The certificate ends before it begins", "look at both dates"),
    "mark_reason": (
        "missing-key",
        "`quality_mark: false` needs `quality_mark_reason`",
        "say why this booklet does not carry the mark",
    ),
    "decline_reason": (
        "missing-key",
        "`state: declined` needs `why`",
        "say why nothing is changed; whoever made the remark will ask",
    ),
}


def explain(error: ValidationError, tree: Mapped, reading: Reading) -> Iterator[Problem]:
    """A validator's errors, in the editors' words, at the editors' lines."""
    for fault in error.errors(include_url=False):
        context = fault.get("ctx", {})
        path = _path_of(fault["loc"], fault["type"], context)
        where, holder = place_of(tree, path)
        name, owner = _key_name(path), reading.classes.get(id(holder))
        value = holder.get("kind") if fault["type"] == "union_tag_invalid" else fault["input"]
        kind = _kind_of_fault(fault["type"], value)
        if kind == "extra_forbidden":
            yield Problem("unknown-key", f"There is no key `{name}` here", where, _known_keys(name, owner))
            continue
        if kind == "too_short" and value:
            continue  # the list lacks only what is wrong itself, and told for itself
        code, message, hint = _MEANING.get(kind, ("wrong-value", "{text}", ""))
        if code == "empty-value" and _is_cell(path):
            message, hint = "A cell is empty", "write a word, for example 'none': readers skip what is empty"
        facts = {
            "name": name,
            "kind": _name_kind(value),
            "value": _short(value, 60),
            "text": fault["msg"],
            "expected": str(context.get("expected", "")),
            "most": str(context.get("le", "")),
            "longest": str(context.get("max_length", "")),
            "nearest": nearest(_short(value, 60), list(KINDS), ""),
            "about": _about(name, owner),
            "quotes": _why_no_text(value),
        }
        yield Problem(code, message.format_map(facts), where, hint.format_map(facts))


def _is_cell(path: tuple[str | int, ...]) -> bool:
    """Does the path lead to one cell of a table?"""
    in_row = len(path) > 2 and path[-3] == "rows" and isinstance(path[-2], int)
    return isinstance(path[-1], int) and (in_row or path[-2] == "header")


def _path_of(path: tuple[str | int, ...], kind: str, context: dict[str, Any]) -> tuple[str | int, ...]:
    """The way to the key that is at fault, where the validator names another."""
    if kind == "union_tag_invalid":
        return (*path, "kind")
    return (*path[:-1], str(context["at"])) if "at" in context else path


def _kind_of_fault(kind: str, value: object) -> str:
    """The fault's name in the table of meanings: what is empty is just that, whatever was wanted."""
    code = _MEANING.get(kind, ("", "", ""))[0]
    if (value is None or value == "") and code.startswith(("wrong-", "unknown-", "empty-")):
        return "empty_text"
    if kind == "union_tag_invalid" and not isinstance(value, str):
        return "string_type"
    if kind == "union_tag_not_found" and not isinstance(value, dict):
        return "no_block"
    return kind


def _key_name(path: tuple[str | int, ...]) -> str:
    """The key that a path ends in; for an item of a list, the list's."""
    names = [step for step in path if isinstance(step, str) and step not in (PERSON, GROUP)]
    return " ".join(names[-1].split()) if names else "file"


def _short(value: object, length: int) -> str:
    return " ".join(str(value).split())[:length]


def _name_kind(value: object) -> str:
    if isinstance(value, dict):
        return "keys"
    return "a list" if isinstance(value, list) else f"'{_short(value, 40)}'"


def _why_no_text(value: object) -> str:
    """How a text may have come to be read as something else."""
    if isinstance(value, dict):
        return "a text that holds a colon and a space must be put in quotes"
    return "write one text; if it begins with a bracket or a hyphen, put it in quotes"


def _fields(owner: type[Written] | None) -> dict[str, str]:
    """The keys of a class with their descriptions."""
    fields = owner.model_fields if owner else {}
    return {info.alias or name: info.description or "" for name, info in fields.items()}


def _about(name: str, owner: type[Written] | None) -> str:
    return _fields(owner).get(name, "") or f"write `{name}: …`"


def _known_keys(name: str, owner: type[Written] | None) -> str:
    keys = list(_fields(owner))
    near = difflib.get_close_matches(name, keys, 1, 0.5)
    return f"did you mean `{near[0]}`?" if near else "known keys: " + ", ".join(keys)


def nearest(word: str, known: list[str], prefix: str) -> str:
    """A hint: the known word that is most like this one, or else all of them."""
    near = difflib.get_close_matches(word, known, 1, 0.5)
    if near:
        return f"did you mean '{prefix}{near[0]}'?"
    return "known: " + ", ".join(prefix + name for name in known[:20]) if known else "there is none yet"
