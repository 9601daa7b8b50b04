"""Places given out in turn: however much one sender has waiting, another's next one comes first."""

from __future__ import annotations

import asyncio
from collections import Counter, deque

from app_backend.errors import Overloaded


class Turns:
    """A number of places for which senders wait, each in a line of their own.

    A place that comes free goes to the sender whose last one was given out longest ago. Nobody has more than
    `per_sender` places at once, even if all others are free: so whoever comes next finds one. At most
    `queue_size` wait, and of one sender at most half of that. `None` stands for ourselves, without a limit.
    """

    def __init__(self, places: int, *, per_sender: int, queue_size: int) -> None:
        self.waiting = 0
        self._free = places
        self._per_sender = per_sender
        self._queue_size = queue_size
        self._taken: Counter[str | None] = Counter()
        self._lines: dict[str | None, deque[asyncio.Future[None]]] = {}
        # The number of each sender's last turn, while they wait or have a place.
        self._last: dict[str | None, int] = {}
        self._turn = 0

    async def acquire(self, sender: str | None) -> None:
        """Wait for a place; raises `Overloaded` where too many wait already."""
        line = self._lines.setdefault(sender, deque())
        if self.waiting >= self._queue_size or (sender and 2 * len(line) >= max(2, self._queue_size)):
            self._forget(sender)
            raise Overloaded(f"{self.waiting} pictures are waiting already")
        turn = asyncio.get_running_loop().create_future()
        line.append(turn)
        self.waiting += 1
        self._give_out()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release(sender)
            else:
                line.remove(turn)
                self.waiting -= 1
                self._forget(sender)
            raise

    def release(self, sender: str | None) -> None:
        """Give a place back."""
        self._free += 1
        self._taken[sender] -= 1
        self._give_out()
        self._forget(sender)

    def _give_out(self) -> None:
        while self._free and (ready := [each for each in self._lines if self._may(each)]):
            sender = min(ready, key=lambda each: self._last.get(each, 0))
            self._lines[sender].popleft().set_result(None)
            self.waiting -= 1
            self._free -= 1
            self._taken[sender] += 1
            self._turn += 1
            self._last[sender] = self._turn
            self._forget(sender)

    def _may(self, sender: str | None) -> bool:
        return bool(self._lines[sender]) and (sender is None or self._taken[sender] < self._per_sender)

    def _forget(self, sender: str | None) -> None:
        """Keep nothing of a sender who neither waits nor has a place."""
        if not self._lines.get(sender, True):
            del self._lines[sender]
        if not self._taken[sender]:
            del self._taken[sender]
            if sender not in self._lines:
                self._last.pop(sender, None)
