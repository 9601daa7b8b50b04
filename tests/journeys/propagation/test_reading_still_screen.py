"""When a watched app is read again: not while its screen stands still, as no box moves on such a one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import pytest

from flutter_bridge import Box, FlutterApp, Frame, Interval, Node, SemanticsMissing, Tree
from journeys.propagation import observer
from journeys.propagation.observer import Observer

if TYPE_CHECKING:
    from journeys.propagation.expectation import Expectation

STARTED = 100.0


class CountedApp:
    """An app that counts how often it is read, on a clock that goes on while nobody does anything."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.time = STARTED
        self.reads = 0
        self.missing = 0
        self.is_on_screen = True
        self._pause = asyncio.sleep
        self.observer: Observer

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await self._pause(0)

    async def semantics(self, *, watched: bool = False) -> Tree:  # noqa: ARG002 - there is one page
        self.reads += 1
        if self.missing:
            self.missing -= 1
            raise SemanticsMissing("an app that is just starting")
        return Tree(Node(), Box(0, 0, 100, 100))

    def note(self, read: object, tree: object) -> None:
        """Take in what nobody asks for here."""

    def frame(self, pixels: bytes) -> None:
        self.observer.buffer.add(Frame(pixels, Interval.at(self.time)))

    async def shows(self, pixels: bytes, *, seconds: float) -> int:
        """Stream frames that look so for a while; returns how often the app was read meanwhile."""
        reads, end = self.reads, self.time + seconds
        while self.time < end:
            self.frame(pixels)
            self.time += 0.05
            for _ in range(5):
                await self._pause(0)
        return self.reads - reads


@asynccontextmanager
async def following(subject: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CountedApp]:
    watched = CountedApp(subject)
    monkeypatch.setattr(observer, "now", watched.now)
    monkeypatch.setattr("journeys.propagation.observer.asyncio.sleep", watched.sleep)
    with ThreadPoolExecutor() as worker:
        watched.observer = Observer(
            cast("FlutterApp", watched), [cast("Expectation", watched)], worker=worker
        )
        following = asyncio.create_task(watched.observer.follow())
        yield watched
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_a_screen_that_stands_still_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with following("picture", monkeypatch) as watched:
        assert await watched.shows(b"before", seconds=1.0) >= 1
        assert await watched.shows(b"before", seconds=10.0) == 0


async def test_a_screen_that_changed_is_read_once_more_when_its_semantics_have_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with following("picture", monkeypatch) as watched:
        await watched.shows(b"before", seconds=1.0)
        watched.frame(b"after")
        changed = watched.time
        assert await watched.shows(b"after", seconds=10.0) >= 1
        assert watched.observer._read_at > changed + observer._BEHIND_S


async def test_a_screen_that_moves_is_read_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async with following("picture", monkeypatch) as watched:
        reads = watched.reads
        for step in range(40):
            await watched.shows(b"%d" % step, seconds=0.05)
        assert watched.reads - reads >= 5


async def test_a_reading_that_found_no_semantics_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with following("picture", monkeypatch) as watched:
        await watched.shows(b"before", seconds=1.0)
        watched.missing = 3
        watched.frame(b"after")
        assert await watched.shows(b"after", seconds=10.0) >= 4


async def test_a_surface_that_was_not_found_is_looked_for_all_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with following("picture", monkeypatch) as watched:
        watched.is_on_screen = False
        await watched.shows(b"before", seconds=1.0)
        assert await watched.shows(b"before", seconds=10.0) >= 25
        watched.is_on_screen = True
        await watched.shows(b"before", seconds=1.0)
        assert await watched.shows(b"before", seconds=10.0) == 0


async def test_a_name_is_read_on_a_screen_that_stands_still_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be said anew, to those who hear it, without a pixel that changes."""
    async with following("semantics", monkeypatch) as watched:
        await watched.shows(b"before", seconds=1.0)
        assert await watched.shows(b"before", seconds=10.0) >= 100
