"""Say something to readers who would else hear nothing for long: one timer for all of them."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import random
from dataclasses import dataclass, field
from typing import Protocol

SPREAD = 0.75
"""How early, at most, a heartbeat may come, as a share of the longest silence."""

RESOLUTION_S = 0.005
"""Who is due within so little is served along: timers are not exact to less, and may come early."""


class Listener(Protocol):
    """Somebody who must not be left in silence."""

    quiet_since: float
    """When it was last given something to say, by the event loop's clock."""

    gone: bool

    def nudge(self) -> None:
        """Be told that it was quiet for long enough."""
        ...


@dataclass(order=True, slots=True)
class _Watch:
    due: float
    number: int
    patience: float = field(compare=False)
    listener: Listener = field(compare=False)


class Heartbeat:
    """Nudges each listener before it was quiet for the time it named."""

    def __init__(self) -> None:
        self._watched: list[_Watch] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = math.inf

    def watch(self, listener: Listener, longest_s: float) -> None:
        """Look after a listener until it is gone."""
        # Everybody hears an event in the same moment: their silences must not end in the same moment, too.
        patience = longest_s * random.uniform(SPREAD, 1)  # noqa: S311 - not a secret
        # Who is served must not be due again in the same moment.
        patience = max(patience, 2 * RESOLUTION_S)
        due = listener.quiet_since + patience
        heapq.heappush(self._watched, _Watch(due, next(self._numbers), patience, listener))
        self._wait()

    def stop(self) -> None:
        """Nudge nobody any more."""
        self._watched.clear()
        self._wait()

    def _wait(self) -> None:
        """Set the timer for the one who is due first."""
        due = self._watched[0].due if self._watched else math.inf
        if self._timer is not None and due != self._timer_due:
            self._timer.cancel()
            self._timer = None
        if self._timer is None and self._watched:
            self._timer = asyncio.get_running_loop().call_at(due, self._beat)
            self._timer_due = due

    def _beat(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        while self._watched and self._watched[0].due <= now + RESOLUTION_S:
            watch = self._watched[0]
            if watch.listener.gone:
                heapq.heappop(self._watched)
                continue
            # An event moves nothing here, as there are many: who had one meanwhile just waits on from there.
            if watch.listener.quiet_since + watch.patience <= now + RESOLUTION_S:
                watch.listener.nudge()
                watch.listener.quiet_since = now
            watch.due = watch.listener.quiet_since + watch.patience
            heapq.heapreplace(self._watched, watch)
        self._wait()
