"""Hand every event to every reader of this process, and let no slow one hold up or fill up the others."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
import math
import random
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from app_backend.events.changes import CommittedEvent

WOKEN_AT_ONCE = 128
"""How many readers are woken before the event loop looks after everything else, requests above all."""


class End(StrEnum):
    """Why a subscription ended."""

    SLOW = "slow"
    CONNECTION_LOST = "connection lost"
    SHUTDOWN = "shutdown"


class Silence:
    """Nothing happened for so long that a reader has to be told that we are still here."""


class Subscription:
    """One reader's place in the hub: a bounded queue of events, and why it ended when it has."""

    def __init__(self, size: int) -> None:
        self.quiet_since = asyncio.get_running_loop().time()
        self.gone = False
        self._size = size
        self._events: deque[CommittedEvent] = deque()
        self._silent = False
        self._end: End | None = None
        self._waiting: asyncio.Future[None] | None = None

    @property
    def end_reason(self) -> End | None:
        """Why it ended; None while it goes on."""
        return self._end

    async def next(self) -> CommittedEvent | End | Silence:
        """Wait for the next event, for the end, or until there was silence for too long.

        An end comes at once, even before waiting events.
        """
        # Neither a task nor a timer for a wait: with thousands of readers these are what costs.
        while not (self._events or self._silent or self._end):
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        self._silent = False
        if self._end is not None:
            return self._end
        return self._events.popleft() if self._events else Silence()

    def note_sent(self) -> None:
        """Note that the reader is being told something now."""
        self.quiet_since = asyncio.get_running_loop().time()

    def put(self, event: CommittedEvent) -> None:
        """Queue an event, for which its reader is to be woken then; a reader too slow loses its place."""
        if len(self._events) >= self._size:
            self.end(End.SLOW)
        elif self._end is None:
            self._events.append(event)

    def wake(self) -> None:
        """Let a reader who waits look what there is."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def nudge(self) -> None:
        """End a silence that was too long."""
        self._silent = True
        self.wake()

    def end(self, why: End) -> None:
        """End the subscription and drop what waits."""
        self._end = self._end or why
        self._events.clear()
        self.wake()


class Hub:
    """The subscriptions of this process; all of them end when the listener may have lost events."""

    def __init__(self, *, queue_size: int) -> None:
        self._queue_size = queue_size
        # In the order of their coming, as a dict keeps it.
        self._subscriptions: dict[Subscription, None] = {}
        self._heartbeat = Heartbeat()
        self._to_wake: deque[Subscription] = deque()
        self._listening = asyncio.Event()
        self._closed = False
        self.ended: Counter[str] = Counter()
        """How many subscriptions were ended by us, and why; the others' readers left by themselves."""

    def __len__(self) -> int:
        return len(self._subscriptions)

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Everybody who takes part now."""
        return tuple(self._subscriptions)

    @contextmanager
    def subscribe(self, *, longest_silence_s: float = math.inf) -> Iterator[Subscription]:
        """Take part from now on until the block ends, and never be left without a word for too long."""
        subscription = Subscription(self._queue_size)
        if self._closed:
            subscription.end(End.SHUTDOWN)
        self._subscriptions[subscription] = None
        if not math.isinf(longest_silence_s):
            self._heartbeat.watch(subscription, longest_silence_s)
        try:
            yield subscription
        finally:
            subscription.gone = True
            if subscription.end_reason is not None:
                self.ended[subscription.end_reason.value] += 1
            del self._subscriptions[subscription]

    @property
    def is_listening(self) -> bool:
        """Whether events arrive from the database (or the hub is closed)."""
        return self._listening.is_set()

    async def wait_until_listening(self) -> None:
        """Wait until events arrive from the database (or the hub is closed)."""
        await self._listening.wait()

    def note_connected(self) -> None:
        """Note that LISTEN is active: from here on nothing is missed."""
        self._listening.set()

    def note_disconnected(self) -> None:
        """Note that events may be lost: every subscription ends, so that its reader starts afresh."""
        if not self._closed:
            self._listening.clear()
        self._end_all(End.CONNECTION_LOST)

    def publish(self, event: CommittedEvent) -> None:
        """Hand an event to every subscriber."""
        for subscription in self._subscriptions:
            subscription.put(event)
        waking = bool(self._to_wake)
        self._to_wake.extend(self._subscriptions)
        if not waking:
            self._wake_some()

    def close(self) -> None:
        """End every subscription, and those yet to come."""
        self._closed = True
        self._end_all(End.SHUTDOWN)
        self._heartbeat.stop()
        self._listening.set()

    def _wake_some(self) -> None:
        """Wake the next few, and come back for the others after what else the event loop has to do."""
        for _ in range(min(WOKEN_AT_ONCE, len(self._to_wake))):
            self._to_wake.popleft().wake()
        if self._to_wake:
            asyncio.get_running_loop().call_soon(self._wake_some)

    def _end_all(self, why: End) -> None:
        for subscription in self._subscriptions:
            subscription.end(why)


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


Render = Callable[[CommittedEvent], bytes | None]
"""Turns an event into what one reader gets, or into None where it isn't meant for that reader."""


def encode(event: str, data: Any, *, event_id: str | None = None) -> bytes:
    """Return one server-sent event."""
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


READY = encode("ready", {})
STILL_HERE = b": still here\n\n"


async def stream(hub: Hub, render: Render, *, heartbeat_s: float) -> AsyncGenerator[bytes, None]:
    """Yield `ready` once nothing can be missed any more, then every event, and `closed` at the end.

    A comment comes after `heartbeat_s` seconds of silence at most: so both sides notice a dead connection.
    """
    with hub.subscribe(longest_silence_s=heartbeat_s) as subscription:
        while not hub.is_listening:
            try:
                await asyncio.wait_for(hub.wait_until_listening(), heartbeat_s)
            except TimeoutError:
                yield b": waiting for the database\n\n"
        yield READY
        while True:
            event = await subscription.next()
            if isinstance(event, Silence):
                yield STILL_HERE
                continue
            if isinstance(event, End):
                yield encode("closed", {"reason": event.value})
                return
            rendered = render(event)
            if rendered is not None:
                subscription.note_sent()
                yield rendered
