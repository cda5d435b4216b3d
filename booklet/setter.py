"""Who sets the pages of one view? A process of its own, so that no source can harm the studio.

It keeps what it laid out. One that takes too long, or too much memory, is ended, and another begins anew.
"""

import gc
import multiprocessing
import os
import resource
import signal
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


class EndedError(LostError):
    """Somebody, or the machine, has ended the process."""


class StaleError(Exception):
    """There is no answer, because a newer question was to come."""


class _SupersededError(BaseException):
    """What is being set is wanted no more; nothing on the way may take it for a fault."""


#: What a newer change makes useless.
GIVEN_UP = (View.look, View.edition, View.confirm)


class _Desk:
    """Where one thing after the other is done, until nobody asks any more."""

    def __init__(self, view: View) -> None:
        self.view, self.can_stop = view, False
        signal.signal(signal.SIGUSR1, self._stop)

    def _stop(self, *_: object) -> None:
        if self.can_stop:
            self.can_stop = False
            raise _SupersededError

    def answer(self, what: Callable[[View], Any]) -> tuple[str, Any]:
        """What is told of it: `done`, `lost` and why, or `stale`."""
        try:
            try:
                self.can_stop = what in GIVEN_UP
                return "done", what(self.view)
            finally:
                self.can_stop = False
        except _SupersededError:
            return "stale", ""
        except MemoryError:
            return "lost", "it needs too much memory: look for a picture or a table that is far too large"
        except RecursionError:
            return "lost", "it is nested too deeply: look for lists within lists"
        except Exception as error:
            return "lost", f"a fault of the program ({type(error).__name__}: {error})"


def _work(wanted: Wanted, pipe: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    desk = _Desk(View(wanted))
    # Garbage is taken away while nobody waits.
    gc.disable()
    with suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        while True:
            if not pipe.poll(IDLE):
                gc.collect()
            pipe.send(desk.answer(pipe.recv()))


class Setter:
    """A view, and the process that sets its pages; it begins when something is asked for."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self._one_at_a_time = threading.Lock()
        self._process: Any = None
        self._pipe: Connection | None = None
        self._hears = False

    def ask(self, what: Callable[[View], T]) -> T:
        """What the view answers.

        A LostError where it cannot, and where `end` was called meanwhile; a StaleError after `supersede`.
        """
        with self._one_at_a_time:
            pipe = self._begin()
            try:
                pipe.send(what)
                if not pipe.poll(PATIENCE):
                    self.end()
                    raise LostError(f"it took longer than {PATIENCE:.0f} seconds")
                told, answer = pipe.recv()
                self._hears = True
            except (EOFError, OSError):
                self._pipe = None
                raise EndedError("its process was ended") from None
        if told == "stale":
            raise StaleError
        if told == "lost":
            raise LostError(str(answer))
        found: T = answer
        return found

    def _begin(self) -> Connection:
        if self._pipe is None or not self._process.is_alive():
            context = multiprocessing.get_context("forkserver")
            self._pipe, other = context.Pipe()
            self._hears = False
            self._process = context.Process(target=_work, args=(self.wanted, other), daemon=True)
            self._process.start()
            other.close()
        return self._pipe

    def supersede(self) -> None:
        """Give up what is being set, because it has changed; what has been laid out before is kept.

        Nothing happens where it is done already, or where the process has only begun.
        """
        if self._hears and self._process.is_alive():
            os.kill(self._process.pid, signal.SIGUSR1)

    def end(self) -> None:
        """End the process; what it is doing gets a LostError."""
        if self._process is not None:
            self._process.kill()
            self._process.join()


def picture(key: str, scale: float) -> Callable[[View], bytes]:
    """What to ask for a page's picture (PNG)."""
    return partial(View.picture, key=key, scale=scale)
