"""Where a command's output goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Streams:
    """A command's standard output and standard error."""

    stdout: Callable[[bytes], None]
    stderr: Callable[[bytes], None]

    def out(self, text: str) -> None:
        """Write a line, or several."""
        self.stdout(f"{text}\n".encode(errors="surrogateescape"))

    def err(self, text: str) -> None:
        """Write a line to standard error."""
        self.stderr(f"{text}\n".encode(errors="surrogateescape"))
