#!/usr/bin/env python3
"""The door: is there anything to do, and is this machine ready to do it?

`python3 make_booklet.py …` answers at once where nothing has changed. Otherwise `booklet.set_up`
sees to it that `.venv` holds what the lock file lists, and hands over to `booklet.cli`, or for
`python3 make_booklet.py test …` to pytest.

No syntax newer than Python 3.6, so that an older Python gets as far as the sentence below. Python
keeps no compiled form of this file, so it is short: a run with nothing to do should cost no more
than it must.
"""

import os
import sys

if sys.version_info < (3, 11):
    sys.stderr.write(
        "make_booklet.py needs Python 3.11 or newer; this is Python {}.{}, at {}.\n"
        "Install a newer Python and name it in the command, for example:\n"
        "    python3.11 make_booklet.py\n".format(*sys.version_info[:2], sys.executable)
    )
    sys.exit(2)

HERE = os.path.dirname(os.path.realpath(__file__))


def main(arguments: list[str]) -> int:
    """Which exit status is left to give, where nothing was handed over?"""
    # Python leaves this folder out where PYTHONSAFEPATH is set.
    if HERE not in sys.path:
        sys.path.insert(0, HERE)
    if arguments[:1] != ["test"]:
        from booklet import fresh

        status = fresh.answered(arguments)
        if status is not None:
            return status
    from booklet import set_up

    return set_up.enter(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
