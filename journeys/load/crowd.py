"""A crowd of virtual users on one event loop: they join, think, act, and hold streams open."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx

from flutter_bridge import is_loopback
from journeys.documents import one_line
from journeys.errors import JourneysError, UsageError
from journeys.load.records import LoadRecord
from journeys.load.streams import EventStream
from journeys.load.virtual_user import ANSWER_LIMIT_S, RequestFailed, VirtualUser
from journeys.load.workload import Activity, Workload, name_of

_KEEP_IDLE_S = 2.0
"""How long an idle connection is kept: servers close theirs after 5 seconds or more."""

_BEAT_S = 0.05
"""How often the loop is asked whether it is on time."""


class Crowd:
    """Virtual users of one workload at one target; `record` is the step that is being noted."""

    def __init__(self, workload: Workload, url: str, *, seed: int = 0) -> None:
        self.record = LoadRecord()
        self._workload = workload
        self._url = url
        self._seed = seed
        self._users: list[VirtualUser] = []
        self._ready: list[VirtualUser] = []
        self._clients: list[httpx.AsyncClient] = []
        self._streams: list[EventStream] = []
        self._events_before = self._lost_before = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._problem: BaseException | None = None
        self._random = random.Random(seed)  # noqa: S311 - repeats itself on purpose
        # One for all: reading the system's certificates takes its time.
        self._tls = ssl.create_default_context()

    @property
    def people(self) -> int:
        """How many are there and have entered."""
        return len(self._ready)

    @property
    def open_streams(self) -> int:
        """How many event streams are open now."""
        return sum(stream.is_open for stream in self._streams)

    def check(self) -> None:
        """Raise what a workload's own code failed with, as `UsageError`."""
        if self._problem is not None:
            raise self._problem

    async def grow(self, people: int, *, per_second: float) -> None:
        """Have users join until there are `people`, so many a second, and wait until they have entered."""
        began, missing = time.monotonic(), people - len(self._users)
        for number in range(missing):
            await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
            self._add_user()
        while len(self._ready) < people:
            self.check()
            await asyncio.sleep(_BEAT_S)

    async def hold(self, seconds: float) -> None:
        """Let them act for a while; raises as `check` does."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            await asyncio.sleep(min(left, 0.25))
            self.check()

    def start_record(self) -> None:
        """Begin a new step."""
        self._events_before, self._lost_before = self._count_events(), self._count_lost()
        self.record = LoadRecord()

    def finish_record(self) -> LoadRecord:
        """Return the step's record; what comes after belongs to nobody until the next one begins."""
        record, self.record = self.record, LoadRecord()
        record.events = self._count_events() - self._events_before
        record.streams_lost = self._count_lost() - self._lost_before
        return record

    def _count_events(self) -> int:
        return sum(stream.events for stream in self._streams)

    def _count_lost(self) -> int:
        return sum(len(stream.failures) for stream in self._streams)

    def _add_user(self) -> None:
        client = httpx.AsyncClient(
            base_url=self._url,
            trust_env=not is_loopback(self._url),
            timeout=ANSWER_LIMIT_S,
            verify=self._tls,
            limits=httpx.Limits(keepalive_expiry=_KEEP_IDLE_S),
        )
        self._clients.append(client)
        user = VirtualUser(len(self._users), client, record=lambda: self.record, seed=self._seed)
        self._users.append(user)
        self._spawn(self._live(user))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._note_end)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._problem = self._problem or error

    async def _live(self, user: VirtualUser) -> None:
        enter = self._workload.enter
        if enter is not None:
            while not await self._act(user, Activity(run=enter, weight=1)):
                await self._think(user)
        self._ready.append(user)
        if self._workload.stream is not None:
            for _ in range(self._workload.streams):
                stream = EventStream(self._url, self._workload.stream, user.headers, self._tls)
                self._streams.append(stream)
                self._spawn(stream.keep_open())
        chosen = [each for each in self._workload.activities if each.weight]
        while chosen:
            await self._think(user)
            await self._act(user, *user.random.choices(chosen, [each.weight for each in chosen]))

    async def _think(self, user: VirtualUser) -> None:
        await asyncio.sleep(user.random.uniform(*self._workload.think_s))

    async def _act(self, user: VirtualUser, activity: Activity) -> bool:
        try:
            await activity.run(user)
        except RequestFailed:
            return False
        except JourneysError:
            raise
        except Exception as error:
            raise UsageError(
                f"the workload's {name_of(activity)}: {type(error).__name__}: {one_line(str(error))}"
            ) from error
        return True

    async def _arrive(self, activity: Activity) -> None:
        """Have somebody do it so often, whether those before are done or not."""
        while True:
            # Arrivals of many people who know nothing of each other.
            await asyncio.sleep(self._random.expovariate(activity.per_second))
            if self._ready:
                self._spawn(self._arrival(self._random.choice(self._ready), activity))

    async def _arrival(self, user: VirtualUser, activity: Activity) -> None:
        await self._act(user, activity)

    async def _beat(self) -> None:
        while True:
            due = time.monotonic() + _BEAT_S
            await asyncio.sleep(_BEAT_S)
            self.record.lags.append(time.monotonic() - due)

    def begin(self) -> None:
        """Begin what goes on by itself: arrivals, and the look at one's own lateness."""
        self._spawn(self._beat())
        for activity in self._workload.activities:
            if activity.per_second:
                self._spawn(self._arrive(activity))

    async def end(self) -> None:
        """End all of it."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in self._clients:
            await client.aclose()


@asynccontextmanager
async def open_crowd(workload: Workload, url: str, *, seed: int = 0) -> AsyncIterator[Crowd]:
    """Open a crowd at a target, with nobody in it yet; all ends with the block."""
    crowd = Crowd(workload, url, seed=seed)
    crowd.begin()
    try:
        yield crowd
    finally:
        await crowd.end()
