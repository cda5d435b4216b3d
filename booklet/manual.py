"""What do the docstrings say, as pages for docs/? `python -m booklet.manual` writes them anew."""

import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from .blocks import KINDS, Listed, Reached, Written
from .checks import CHECKS
from .model import Booklet, Clinic, House, Proofs, Remarks, SignOffs
from .proofread import FINDINGS

_FILES: dict[str, type[Written]] = {
    "booklet.yaml": Booklet,
    "house.yaml": House,
    "clinics/<id>.yaml": Clinic,
    "booklets/<id>/sign-offs.yaml": SignOffs,
    "booklets/<id>/remarks.yaml": Remarks,
    "booklets/<id>/proofs.yaml": Proofs,
}
_NOTE = "<!-- Written by `python -m booklet.manual` from the docstrings. Change those. -->"


def source_format() -> str:
    """The reference of everything that can be written in source/."""
    lines = ["# What can be written in source/", "", _NOTE, ""]
    for file, whole in _FILES.items():
        lines += [f"## {file}", "", *_class(whole), ""]
    lines += ["## Parts of these files", ""]
    for part in _parts():
        lines += [f"### {part.__name__}", "", *_class(part), ""]
    lines += ["## Blocks", "", "A plain text in a list of blocks is short for a `text` block.", ""]
    for name, block in KINDS.items():
        lines += [f"### `{name}`", "", *_class(block), ""]
    return "\n".join(lines).rstrip() + "\n"


def checks() -> str:
    """The reference of everything that the checker can find."""
    lines = ["# What the checker finds", "", _NOTE, ""]
    for check in sorted(CHECKS.values(), key=lambda check: check.code):
        lines += [
            f"## `{check.code}` ({check.severity})",
            "",
            check.why,
            "",
            f"> {check.example}",
            "",
            f"What to do: {check.hint}.",
            "",
        ]
    lines += ["# What is found on a page for screens", ""]
    for code, (why, hint) in sorted(FINDINGS.items()):
        lines += [f"## `{code}` (error)", "", why, "", f"What to do: {hint}.", ""]
    return "\n".join(lines).rstrip() + "\n"


def pages() -> dict[str, str]:
    """The generated pages of docs/, by file name."""
    return {"source-format.md": source_format(), "checks.md": checks()}


def _class(kind: type[Written]) -> Iterator[str]:
    yield (kind.__doc__ or "").strip()
    fields = {name: info for name, info in kind.model_fields.items() if name != "kind"}
    if fields:
        yield ""
        yield "| key | needed | meaning |"
        yield "|---|---|---|"
    for name, info in fields.items():
        need = "required" if info.is_required() else "optional"
        yield f"| `{info.alias or name}` | {need} | {info.description or ''} |"


def _parts() -> list[type[Written]]:
    """The classes below the three files that are no blocks, in the order in which they are met."""
    found: list[type[Written]] = []
    waiting: list[type[Written]] = [*_FILES.values(), *KINDS.values()]
    known = {*waiting, Listed, Reached}
    while waiting:
        for info in waiting.pop(0).model_fields.values():
            for inner in _classes_in(info):
                if inner not in known:
                    known.add(inner)
                    found.append(inner)
                    waiting.append(inner)
    return found


def _classes_in(info: FieldInfo) -> Iterator[type[Written]]:
    waiting: list[object] = [info.annotation]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and not isinstance(one, types.GenericAlias) and issubclass(one, Written):
            yield one
        waiting += typing.get_args(one)


def main() -> None:
    """Write the pages into docs/ of the checkout."""
    folder = Path(__file__).parent.parent / "docs"
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote docs/{name}\n")


if __name__ == "__main__":
    main()
