"""When a watch may end: what the newest frames promise has to hold for all frames."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from flutter_bridge import Interval, now
from journeys.propagation import Commit, Sighting
from journeys.propagation.appearance import steady_for
from journeys.propagation.moments import Moments
from journeys.propagation.name_watch import NameWatch
from journeys.propagation.observer import Observer
from journeys.propagation.watch import Watch
from journeys.propagation.window import Window
from journeys.timeline import Sight

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Stage


class PromisingObserver:
    """An observer whose newest frame is always new; what all frames show is given."""

    def __init__(self, watch: Watch, examinations: list[list[Sight]]) -> None:
        self.watches = (watch,)
        self.examinations = examinations

    async def glance(self) -> dict[Watch, Sighting | None]:
        return {self.watches[0]: Sighting(shown=Interval.at(now()), sight=Sight.NEW)}

    async def catch_up(self, since: float, *, at_most: int) -> None:
        """Have nothing to do."""

    async def examine(self, since: float) -> dict[Watch, list[Sighting]]:  # noqa: ARG002 - as on Observer
        sights = self.examinations.pop(0)
        return {
            self.watches[0]: [
                Sighting(shown=Interval.at(number), sight=sight) for number, sight in enumerate(sights)
            ]
        }


@pytest.fixture
def watch(stage: Stage) -> NameWatch:
    return NameWatch(stage.place(), "Bo", still=0.0)


def window(observer: PromisingObserver, *, patience: float = 5.0) -> Window:
    moments = Moments()
    moments.committed("alice-id", Commit(change="name", committed=Interval.at(now()), source="event"))
    return Window([cast(Observer, observer)], moments, settle=0.02, patience=patience, commits_reported=True)


async def test_a_relapse_that_only_the_other_frames_show_keeps_the_watch_going(watch: NameWatch) -> None:
    relapsed, steady = [Sight.OLD, Sight.NEW, Sight.OLD, Sight.NEW], [Sight.OLD, Sight.NEW, Sight.NEW]
    observer = PromisingObserver(watch, [relapsed, steady])
    seen = await window(observer).until_decided()
    assert observer.examinations == []
    assert [look.sight for look in seen[watch]] == steady


async def test_a_relapse_ends_the_watch_once_it_is_too_late(watch: NameWatch) -> None:
    relapsed = [Sight.OLD, Sight.NEW, Sight.OLD, Sight.NEW]
    observer = PromisingObserver(watch, [relapsed] * 20)
    seen = await window(observer, patience=0.1).until_decided()
    assert [look.sight for look in seen[watch]] == relapsed


class BlurredObserver(PromisingObserver):
    """An observer whose frames say only within a tenth of a second when they were shown."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch, [])
        self.looks: list[Sighting] = []

    async def glance(self) -> dict[Watch, Sighting | None]:
        moment = now()
        self.looks.append(Sighting(shown=Interval(moment - 0.1, moment), sight=Sight.NEW))
        return {self.watches[0]: self.looks[-1]}

    async def examine(self, since: float) -> dict[Watch, list[Sighting]]:  # noqa: ARG002 - as on Observer
        self.examinations.append([look.sight for look in self.looks])
        old = Sighting(shown=Interval.at(self.looks[0].shown.low - 1), sight=Sight.OLD)
        return {self.watches[0]: [old, *self.looks]}


async def test_frames_are_judged_once_they_show_that_it_stayed_and_not_when_the_clock_says_so(
    watch: NameWatch,
) -> None:
    observer = BlurredObserver(watch)
    seen = await window(observer).until_decided()
    assert steady_for(seen[watch]) >= 0.02
    assert len(observer.examinations) == 1


class SilentObserver(PromisingObserver):
    """An observer whose stream ended with the frame that was new."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch, [])
        self.look = Sighting(shown=Interval.at(now()), sight=Sight.NEW)

    async def glance(self) -> dict[Watch, Sighting | None]:
        return {self.watches[0]: self.look}

    async def examine(self, since: float) -> dict[Watch, list[Sighting]]:  # noqa: ARG002 - as on Observer
        return {self.watches[0]: [self.look]}


async def test_a_stream_that_stands_still_is_waited_for_until_it_is_too_late(watch: NameWatch) -> None:
    async with asyncio.timeout(5):
        seen = await window(SilentObserver(watch), patience=0.1).until_decided()
    assert steady_for(seen[watch]) == 0
