"""One expectation of a block, as a journey has it in hand: others come after it, or are timed from it."""

from __future__ import annotations

from typing import Protocol

from journeys.commits import CommitOf, Tap
from journeys.errors import UsageError
from journeys.expectations import Stillness
from journeys.surface import Surface


class Block(Protocol):
    """The block it belongs to."""

    def expect(
        self,
        wanted: object,
        *,
        on: Surface,
        since: Tap | CommitOf | Handle | None = None,
        after: Handle | None = None,
    ) -> Handle:
        """Expect something on a surface."""
        ...


class Handle:
    """What `expect()` returns: `change.expect(x, on=a).then(y, on=b)`, or `since=change.expect(x, on=a)`."""

    def __init__(
        self,
        block: Block,
        wanted: object,
        on: Surface,
        *,
        since: Tap | CommitOf | Handle | None,
        after: Handle | None,
    ) -> None:
        self._block = block
        self.wanted = wanted
        self.on = on
        self.since = since
        self.after = after

    def __repr__(self) -> str:
        return f"<{self.wanted} on {self.on!r}>"

    def then(self, wanted: object, *, on: Surface, since: Tap | CommitOf | Handle | None = None) -> Handle:
        """Expect something else, which must appear after this one; returns the handle of that."""
        return self._block.expect(wanted, on=on, since=since, after=self)

    def check_as_moment_for(self, block: Block, word: str) -> None:
        """Make sure that it is a moment of this block; raises `UsageError` where it isn't."""
        where = f"{self.on.actor}'s {self.on.name}"
        if self._block is not block:
            raise UsageError(
                f"{word} has a handle of another block, that of {where}: expect it in this block"
            )
        if isinstance(self.wanted, Stillness):
            raise UsageError(
                f"{word} has the handle of what stays ({where}): there is no moment at which it came"
            )
