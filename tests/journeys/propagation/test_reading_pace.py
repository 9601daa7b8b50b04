"""How often a watched app is asked what it says: often, and never so often that it is slowed by it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import pytest

from flutter_bridge import Box, FlutterApp, Node, Tree
from journeys.propagation import observer
from journeys.propagation.observer import Observer

if TYPE_CHECKING:
    from journeys.propagation.expectation import Expectation


class ReadClock:
    """A clock that goes on only while the app is read."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time


class SlowApp:
    """An app of which a reading takes so many seconds."""

    def __init__(self, clock: ReadClock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds

    async def semantics(self, *, watched: bool = False) -> Tree:
        assert watched, "the app's page, whatever window is in front of it"
        self._clock.time += self._seconds
        return Tree(Node(), Box(0, 0, 100, 100))


class Noting:
    subject = "picture"

    def note(self, read: object, tree: object) -> None:
        """Take in what nobody asks for here."""


async def pause_after(seconds: float, monkeypatch: pytest.MonkeyPatch) -> float:
    """Return how long an observer pauses after a reading that took so long."""
    clock, pauses = ReadClock(), list[float]()

    async def pause(length: float) -> Any:
        pauses.append(length)
        raise asyncio.CancelledError

    monkeypatch.setattr(observer, "now", clock.now)
    monkeypatch.setattr("journeys.propagation.observer.asyncio.sleep", pause)
    app, expectation = cast("FlutterApp", SlowApp(clock, seconds)), cast("Expectation", Noting())
    with ThreadPoolExecutor() as worker, pytest.raises(asyncio.CancelledError):
        await Observer(app, [expectation], worker=worker).follow()
    return pauses[0]


async def test_an_app_that_answers_at_once_is_read_five_times_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await pause_after(0.0, monkeypatch) == pytest.approx(0.2)


async def test_reading_takes_a_fifth_of_an_apps_time_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await pause_after(0.3, monkeypatch) == pytest.approx(1.2)
