"""How far a long command is, on one line of a terminal."""

import time

from django.core.management.base import OutputWrapper

SECONDS = 0.2  # between two lines


class Progress:
    """Call it with what is done and how much of it; nothing is shown where nobody looks."""

    def __init__(self, out: OutputWrapper, verbosity: int):
        self._out = out
        self._shown = bool(verbosity) and out.isatty()
        self._next = 0.0

    def __call__(self, what: str, done: int) -> None:
        if self._shown and time.monotonic() >= self._next:
            self._next = time.monotonic() + SECONDS
            self._out.write(f"\r\033[K{what} {done:,}", ending="")
            self._out.flush()

    def end(self) -> None:
        if self._shown:
            self._out.write("\r\033[K", ending="")
