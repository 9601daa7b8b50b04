"""Lets Ctrl-C wait for the moment in which something is started, so that it is known and can be stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interruption_held_back() -> Iterator[None]:
    """Hold SIGINT back until the block ends; it then does what it would have done.

    Where no handler of Python's listens, or in another thread than the main one, nothing is held back.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return
    came = False

    def note(_signal: int, _frame: object) -> None:
        nonlocal came
        came = True

    # Not by blocking the signal: what is started would be born deaf to it.
    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)
