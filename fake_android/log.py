"""A phone's log: what its apps print, and the errors that nothing in them catches."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from flutter_bridge import LogEntry

MOST: Final = 5_000
"""How many lines are kept, the last ones."""

LONGEST: Final = 4_000
"""Characters of one line; Android cuts its payload so."""

PRIORITIES: Final = {"error": "E", "assert": "E", "warning": "W", "debug": "D"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `at` in Unix seconds, whose it is, and how grave (Android's letter)."""

    at: float
    package: str
    priority: str
    text: str
    tag: str = "flutter"


class Log:
    """The log of one phone."""

    def __init__(self) -> None:
        self._lines: deque[Line] = deque(maxlen=MOST)
        self._written = 0
        self._more = asyncio.Event()

    def print(self, package: str, entry: LogEntry) -> None:
        """Write down what an app's page said, a line of its own for each."""
        for text in entry.text.splitlines():
            priority = PRIORITIES.get(entry.level, "I")
            self._lines.append(Line(entry.at, package, priority, text[:LONGEST]))
            self._written += 1
        self._more.set()
        self._more = asyncio.Event()

    def clear(self) -> None:
        """Forget all of it."""
        self._lines.clear()

    def lines(self) -> list[Line]:
        """Return what is kept."""
        return list(self._lines)

    async def follow(self) -> AsyncGenerator[Line, None]:
        """Yield what is kept, and then what comes; who reads too slowly misses some, as on a phone."""
        read = self._written - len(self._lines)
        while True:
            more = self._more
            new = min(self._written - read, len(self._lines))
            read = self._written
            for line in self.lines()[len(self._lines) - new :]:
                yield line
            if read == self._written:
                await more.wait()
