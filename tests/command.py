"""The command as a person meets it: words in; exit status, text and files out."""

import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from booklet import cli

PROJECT = Path(__file__).resolve().parent.parent

#: A day on which all booklets of the tests are in date.
TODAY = "2026-11-24"


@dataclass(frozen=True)
class Ran:
    """How a run of the command ended, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The output as JSON."""
        return json.loads(self.out)

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each booklet, of a build with --json."""
        return {edition["booklet"]: edition["verdict"] for edition in self.data["editions"]}

    @property
    def codes(self) -> list[str]:
        """The codes of the problems, of a run with --json."""
        return [problem["code"] for problem in self.data["problems"]]


def run(*words: object) -> Ran:
    """Run the command in this process."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = cli.main([str(word) for word in words], out)
        except SystemExit as end:
            status = int(end.code or 0)
    return Ran(status, out.getvalue(), err.getvalue())


def build(root: Path, *words: object) -> Ran:
    """Build a publisher's booklets, on a day on which they are in date."""
    today = () if "--today" in words else ("--today", TODAY)
    return run("build", "--root", root, *today, *words)


def command(*words: object) -> list[str]:
    """The command line that starts the command in a process of its own."""
    return [sys.executable, "-P", "-m", "booklet.cli", *map(str, words)]


def settings(project: Path = PROJECT, **more: str) -> dict[str, str]:
    """The environment of such a process."""
    return {**os.environ, "PYTHONPATH": str(project), **more}


def run_apart(*words: object, project: Path = PROJECT, **more: str) -> Ran:
    """Run the command in a process of its own; `more` is put into its environment."""
    ran = subprocess.run(
        command(*words), env=settings(project, **more), capture_output=True, text=True, check=False
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)
