"""Observes one app for all the surfaces watched on it: one stream of frames, one reader of its semantics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from typing import TypeVar

from flutter_bridge import FlutterApp, Frame, Interval, SemanticsMissing, now
from journeys.propagation.errors import ObserverError
from journeys.propagation.reel import Reel
from journeys.propagation.sighting import Sighting
from journeys.propagation.watch import Screen, Watch

_Seen = TypeVar("_Seen")
_Found = TypeVar("_Found")

# How often boxes are read again, and names, whose semantics are timed by these reads.
_PICTURE_PACE = 0.2
_NAME_PACE = 0.04
# The share of an app's time that reading it again and again may take: a device reads its screen in the very
# thread that draws what is waited for, and an observer that slows the app would measure its own doing.
_SHARE = 0.2
# How long after their pixels the boxes may follow in the semantics.
_BEHIND = 0.2


class Observer:
    """One app, its frames and the watches on its surfaces."""

    def __init__(self, app: FlutterApp, watches: Sequence[Watch], *, worker: Executor) -> None:
        self.app = app
        self.watches = tuple(watches)
        self.reel = Reel()
        self.kind = ""
        self._worker = worker
        self._looked_at: set[bytes] = set()
        self._names = any(watch.subject == "name" for watch in watches)
        self._pace = _NAME_PACE if self._names else _PICTURE_PACE
        self._read_at = float("-inf")

    @property
    def actor(self) -> str:
        """Who looks."""
        return self.watches[0].on.actor

    async def collect(self, streaming: asyncio.Event) -> None:
        """Keep every frame until cancelled; sets `streaming` with the first one."""
        async with self.app.frames() as source:
            self.kind = source.kind
            async for frame in source:
                self.reel.add(frame)
                streaming.set()
        raise ObserverError(f"{self.actor}'s stream of frames ({self.kind}) ended while it was watched")

    async def follow(self) -> None:
        """Read the semantics again and again until cancelled."""
        while True:
            await self._until_it_may_have_moved()
            began = now()
            await self.read()
            # No platform tells when its semantics change; each read costs the app time, so not all the time.
            await asyncio.sleep(max(self._pace, (now() - began) * (1 / _SHARE - 1)))

    async def _until_it_may_have_moved(self) -> None:
        """Wait while every frame since the last read looks the same: nothing moves, so no box does."""
        while self._read_at > self.reel.changed + _BEHIND and self._pixels_tell():
            await self.reel.next()

    def _pixels_tell(self) -> bool:
        """Whether another read could say nothing new as long as the pixels stay as they are.

        A name may be said anew without one that changes, and what wasn't found may come late.
        """
        return not self._names and all(watch.on_screen for watch in self.watches)

    async def read(self) -> None:
        """Read the semantics once, for every watch."""
        began = now()
        try:
            tree = await self.app.semantics()
        except SemanticsMissing:
            return  # an app that is just starting anew says nothing of its surfaces
        self._read_at = began
        read = Interval(began, now())
        for watch in self.watches:
            watch.note(read, tree)

    async def next_frame(self, *, within: float) -> None:
        """Wait for one more frame, so many seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.reel.next()

    async def glance(self) -> dict[Watch, Sighting | None]:
        """Judge the newest frame only; None where it leaves unclear what a surface shows."""
        newest = self.reel.latest
        if newest is None:
            return dict.fromkeys(self.watches)
        return await self._in_worker(self._glance, newest)

    async def catch_up(self, since: float, *, at_most: int) -> None:
        """Look at a few of the frames from `since` on ahead of `examine`, while there is time to."""
        ahead = [frame for frame in self.reel.since(since) if frame.encoded not in self._looked_at][:at_most]
        self._looked_at.update(frame.encoded for frame in ahead)
        await self._in_worker(self._look, ahead)

    async def examine(self, since: float) -> dict[Watch, list[Sighting]]:
        """Judge every frame from `since` on, and the one before, where the surfaces have been until now."""
        frames = self.reel.since(since)
        await self.read()
        return await self._in_worker(self._judge, frames)

    async def _in_worker(self, work: Callable[[_Seen], _Found], seen: _Seen) -> _Found:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work, seen)

    def _glance(self, frame: Frame) -> dict[Watch, Sighting | None]:
        screen = Screen(frame)
        return {watch: watch.glance(screen) for watch in self.watches}

    def _look(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            screen = Screen(frame)
            for watch in self.watches:
                watch.look(screen)

    def _judge(self, frames: Sequence[Frame]) -> dict[Watch, list[Sighting]]:
        self._look(frames)
        return {watch: watch.sightings(frames) for watch in self.watches}
