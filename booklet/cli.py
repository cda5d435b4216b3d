"""Which command was typed, and how does it end?"""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from . import (
    commands_build,
    commands_proof,
    commands_release,
    commands_remarks,
    commands_source,
    fresh,
)
from .console import UNREADABLE
from .options import command_first, parser
from .set_up import interrupt_on_signals


def test(_asked: argparse.Namespace, _out: TextIO) -> int:
    """Say where the tests are run: the door hands them to pytest before it comes to this."""
    sys.stderr.write("The tests belong to the project's folder: python3 make_booklet.py test\n")
    return UNREADABLE


_COMMANDS: dict[str, Callable[[argparse.Namespace, TextIO], int]] = {
    "build": commands_build.build,
    "check": commands_build.check,
    "print": commands_build.print_for,
    "changed": commands_source.changed,
    "proof": commands_proof.proof,
    "remarks": commands_remarks.remarks,
    "schema": commands_source.schema,
    "new": commands_source.new,
    "translation": commands_source.translation,
    "release": commands_release.release,
    "withdraw": commands_release.change_state,
    "releases": commands_release.releases,
    "bag": commands_release.bag,
    "catalogue": commands_release.catalogue,
    "serve": commands_release.serve,
    "test": test,
}


def main(argv: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Run a command; returns its exit status."""
    asked = parser().parse_args(command_first(sys.argv[1:] if argv is None else argv))
    if argv is None:
        interrupt_on_signals()
    stream = out or sys.stdout or io.StringIO()  # there is none where the caller closed it
    fresh.write_safely(stream)
    try:
        asked.root = Path(asked.root or fresh.default_root()).resolve()
        status = _COMMANDS[asked.command](asked, stream)
        stream.flush()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was finished is whole; run the same command to go on.\n")
        return 130
    except BrokenPipeError:
        # Nobody reads on, as with `| head`: Python would complain once more when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        sys.stderr.write(f"Stopped: {error.strerror or error}: {error.filename or 'a file'}\n")
        return UNREADABLE
    return status


if __name__ == "__main__":
    sys.exit(main())
