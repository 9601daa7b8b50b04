"""Hand every event to every subscriber of this process, and let no slow one hold up or fill up the others."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from app_backend.events.event import Event


class End(StrEnum):
    """Why a subscription ended."""

    SLOW = "slow"
    CONNECTION_LOST = "connection lost"
    SHUTDOWN = "shutdown"


class Subscription:
    """One reader's place in the hub: a bounded queue of events, and why it ended when it has."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._events: deque[Event] = deque()
        self._something = asyncio.Event()
        self._end: End | None = None

    async def next(self) -> Event | End:
        """Wait for the next event, or for the end. An end comes at once, even before waiting events."""
        await self._something.wait()
        if self._end is not None:
            return self._end
        event = self._events.popleft()
        if not self._events:
            self._something.clear()
        return event

    def put(self, event: Event) -> None:
        """Queue an event; a reader too slow for the queue's size loses its place."""
        if len(self._events) >= self._size:
            self.end(End.SLOW)
        elif self._end is None:
            self._events.append(event)
            self._something.set()

    def end(self, why: End) -> None:
        """End the subscription and drop what waits."""
        self._end = self._end or why
        self._events.clear()
        self._something.set()


class Hub:
    """The subscriptions of this process; all of them end when the listener may have lost events."""

    def __init__(self, *, queue_size: int) -> None:
        self._queue_size = queue_size
        self._subscriptions: set[Subscription] = set()
        self._listening = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._subscriptions)

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """Take part from now on until the block ends."""
        subscription = Subscription(self._queue_size)
        if self._closed:
            subscription.end(End.SHUTDOWN)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def listening(self) -> None:
        """Wait until events arrive from the database (or the hub is closed)."""
        await self._listening.wait()

    def connected(self) -> None:
        """Note that LISTEN is active: from here on nothing is missed."""
        self._listening.set()

    def disconnected(self) -> None:
        """Note that events may be lost: every subscription ends, so that its reader starts afresh."""
        if not self._closed:
            self._listening.clear()
        self._end_all(End.CONNECTION_LOST)

    def publish(self, event: Event) -> None:
        """Hand an event to every subscriber."""
        for subscription in list(self._subscriptions):
            subscription.put(event)

    def close(self) -> None:
        """End every subscription, and those yet to come."""
        self._closed = True
        self._end_all(End.SHUTDOWN)
        self._listening.set()

    def _end_all(self, why: End) -> None:
        for subscription in self._subscriptions:
            subscription.end(why)
