"""Standard output and error with a redactor in front."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from journeys.redaction.known import redacted


class _Redacted:
    """A stream that writes everything without secrets, and is the stream it was given in all else."""

    def __init__(self, stream: TextIO) -> None:
        self.bare = stream

    def write(self, text: str) -> int:
        self.bare.write(redacted(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bare, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.bare)


def redact_streams() -> None:
    """Keep secrets out of what this process prints from now on, to its very end."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        # Without a console there is none, as in a service.
        if stream is not None and not isinstance(stream, _Redacted):
            setattr(sys, name, _Redacted(stream))


@contextmanager
def redacted_streams() -> Iterator[None]:
    """Keep secrets out of what is printed in the context."""
    before = sys.stdout, sys.stderr
    redact_streams()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def bare(stream: TextIO) -> TextIO:
    """Return the stream behind, for the few lines that are there to hand somebody a secret."""
    return cast(TextIO, getattr(stream, "bare", stream))
