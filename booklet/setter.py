"""Who sets the pages of one view? A process of its own, so that no source can harm the studio.

It keeps what it laid out. One that takes too long, or too much memory, is ended, and another begins anew.
"""

import gc
import multiprocessing
import resource
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from .view import View, Wanted

T = TypeVar("T")

#: In bytes, and in seconds: what a change may take.
MEMORY, PATIENCE = 3 * 1024**3, 40.0


#: In seconds: after so long without a question nobody is waiting.
IDLE = 0.5


class LostError(Exception):
    """Why there is no answer, in words for an editor."""


def _work(wanted: Wanted, pipe: Connection) -> None:
    """Do what is asked for, one thing after the other, until nobody asks any more."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    view = View(wanted)
    # Garbage is taken away while nobody waits.
    gc.disable()
    with suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        while True:
            if not pipe.poll(IDLE):
                gc.collect()
            what = pipe.recv()
            try:
                pipe.send((True, what(view)))
            except MemoryError:
                pipe.send(
                    (False, "it needs too much memory: look for a picture or a table that is far too large")
                )
            except RecursionError:
                pipe.send((False, "it is nested too deeply: look for lists within lists"))
            except Exception as error:
                pipe.send((False, f"a fault of the program ({type(error).__name__}: {error})"))


class Setter:
    """A view, and the process that sets its pages; it begins when something is asked for."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self._one_at_a_time = threading.Lock()
        self._process: Any = None
        self._pipe: Connection | None = None

    def ask(self, what: Callable[[View], T]) -> T:
        """What the view answers; a LostError where it cannot, and where `end` was called meanwhile."""
        with self._one_at_a_time:
            pipe = self._begin()
            try:
                pipe.send(what)
                if not pipe.poll(PATIENCE):
                    self.end()
                    raise LostError(f"it took longer than {PATIENCE:.0f} seconds")
                done, answer = pipe.recv()
            except (EOFError, OSError):
                self._pipe = None
                raise LostError("its process was ended") from None
        if not done:
            raise LostError(str(answer))
        found: T = answer
        return found

    def _begin(self) -> Connection:
        if self._pipe is None or not self._process.is_alive():
            context = multiprocessing.get_context("forkserver")
            self._pipe, other = context.Pipe()
            self._process = context.Process(target=_work, args=(self.wanted, other), daemon=True)
            self._process.start()
            other.close()
        return self._pipe

    def end(self) -> None:
        """End the process; what it is doing gets a LostError."""
        if self._process is not None:
            self._process.kill()
            self._process.join()


def picture(key: str, scale: float) -> Callable[[View], bytes]:
    """What to ask for a page's picture (PNG)."""
    return partial(View.picture, key=key, scale=scale)
