"""What is wrong, where, and what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Severity(StrEnum):
    """How much a problem matters: only an error makes a build fail."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a source file; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Where("", 0, 0)


#: Left, top, right and bottom in points, from a page's top left corner.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `page` counts from 1 in the file `pdf`; `boxes` are its places on that page."""

    code: str
    message: str
    where: Where = NOWHERE
    hint: str = ""
    severity: Severity = Severity.ERROR
    pdf: str = ""
    page: int | None = None
    boxes: tuple[Box, ...] = ()
    block: str = ""
    """The section's id, with the number of the block behind a slash; `booklet` for all else."""

    def as_data(self) -> dict[str, object]:
        """The finding as report.json keeps it."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "message": self.message,
            "file": self.where.file or None,
            "line": self.where.line or None,
            "column": self.where.column or None,
            "block": self.block or None,
            "pdf": self.pdf or None,
            "page": self.page,
            "boxes": [[round(side, 1) for side in box] for box in self.boxes],
            "hint": self.hint,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Problem":
        """The finding that report.json keeps."""
        where = Where(data["file"], data["line"], data["column"]) if data["file"] else NOWHERE
        return cls(
            data["code"],
            data["message"],
            where,
            data["hint"],
            Severity(data["severity"]),
            data["pdf"] or "",
            data["page"],
            tuple((box[0], box[1], box[2], box[3]) for box in data["boxes"]),
            data["block"] or "",
        )


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a stage made, and what it has to say about it; no value where it could not."""

    value: T | None
    problems: tuple[Problem, ...] = ()


class UnreadableError(Exception):
    """Why a finished file cannot be read, in words for its editors."""


def worst(problems: Iterable[Problem]) -> Severity | None:
    """The gravest severity among the problems, or None where there are none."""
    found = {problem.severity for problem in problems}
    return next((severity for severity in Severity if severity in found), None)
