"""When a wait may end: what the newest frames promise has to hold for all frames."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from flutter_bridge import Interval, now
from journeys.commits import Commit
from journeys.propagation import Machine, Observation
from journeys.propagation.expectation import Expectation
from journeys.propagation.kinds import text_expectation
from journeys.propagation.moments import Moments
from journeys.propagation.observation import steady_time_s
from journeys.propagation.observer import Observer
from journeys.propagation.waiting import Wait
from journeys.timeline import SurfaceState

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig


OLD, NEW = SurfaceState.OLD, SurfaceState.NEW


class PromisingObserver:
    """An observer whose newest frame is always new; what all frames show is given."""

    def __init__(self, expectation: Expectation, examinations: list[list[SurfaceState]]) -> None:
        self.expectations = (expectation,)
        self.examinations = examinations

    async def observe_latest(self) -> dict[Expectation, Observation | None]:
        return {self.expectations[0]: Observation(shown=Interval.at(now()), state=NEW)}

    async def catch_up(self, since: float, *, at_most: int) -> None:
        """Have nothing to do."""

    async def observe_since(self, since: float) -> dict[Expectation, list[Observation]]:  # noqa: ARG002 - as on Observer
        sights = self.examinations.pop(0)
        return {
            self.expectations[0]: [
                Observation(shown=Interval.at(number), state=sight) for number, sight in enumerate(sights)
            ]
        }


@pytest.fixture
def expectation(rig: Rig) -> Expectation:
    return text_expectation(rig.place(), "Bo", before="Alice", still=0.0)


def wait(
    observer: PromisingObserver,
    *,
    patience: float = 5.0,
    budget: float = 0.0,
    machine: Machine | None = None,
) -> Wait:
    moments = Moments()
    moments.record_commit("alice-id", Commit(change="name", committed=Interval.at(now()), source="event"))
    return Wait(
        [cast(Observer, observer)], moments, settle=0.02, patience=patience, budget=budget, machine=machine
    )


async def test_a_relapse_that_only_other_frames_show_keeps_the_wait_going(
    expectation: Expectation,
) -> None:
    relapsed, steady = (
        [OLD, NEW, OLD, NEW],
        [OLD, NEW, NEW],
    )
    observer = PromisingObserver(expectation, [relapsed, steady])
    seen = await wait(observer).until_decided()
    assert observer.examinations == []
    assert [look.state for look in seen[expectation]] == steady


async def test_a_relapse_ends_the_wait_once_it_is_too_late(expectation: Expectation) -> None:
    relapsed = [OLD, NEW, OLD, NEW]
    observer = PromisingObserver(expectation, [relapsed] * 20)
    seen = await wait(observer, patience=0.1).until_decided()
    assert [look.state for look in seen[expectation]] == relapsed


class BusyMachine(Machine):
    """A machine on which everything had to wait for the first fifth of a second."""

    def waited_s(self, since: float, until: float) -> float:
        return min(until - since, 0.2)


class OldObserver(PromisingObserver):
    """An observer that sees no change."""

    async def observe_latest(self) -> dict[Expectation, Observation | None]:
        return {self.expectations[0]: Observation(shown=Interval.at(now()), state=OLD)}


async def test_a_change_is_awaited_until_its_budget_would_be_over_on_a_machine_that_keeps_up(
    expectation: Expectation,
) -> None:
    observer = OldObserver(expectation, [[OLD]])
    began = now()
    await wait(observer, patience=0.1, budget=0.08, machine=BusyMachine()).until_decided()
    assert now() - began >= 0.28


class BlurredObserver(PromisingObserver):
    """An observer whose frames say only within a tenth of a second when they were shown."""

    def __init__(self, expectation: Expectation) -> None:
        super().__init__(expectation, [])
        self.looks: list[Observation] = []

    async def observe_latest(self) -> dict[Expectation, Observation | None]:
        moment = now()
        self.looks.append(Observation(shown=Interval(moment - 0.1, moment), state=NEW))
        return {self.expectations[0]: self.looks[-1]}

    async def observe_since(self, since: float) -> dict[Expectation, list[Observation]]:  # noqa: ARG002 - as on Observer
        self.examinations.append([look.state for look in self.looks])
        old = Observation(shown=Interval.at(self.looks[0].shown.low - 1), state=OLD)
        return {self.expectations[0]: [old, *self.looks]}


async def test_frames_are_judged_once_they_show_that_it_stayed_and_not_when_the_clock_says_so(
    expectation: Expectation,
) -> None:
    observer = BlurredObserver(expectation)
    seen = await wait(observer).until_decided()
    assert steady_time_s(seen[expectation]) >= 0.02
    assert len(observer.examinations) == 1


class SilentObserver(PromisingObserver):
    """An observer whose stream ended with the frame that was new."""

    def __init__(self, expectation: Expectation) -> None:
        super().__init__(expectation, [])
        self.look = Observation(shown=Interval.at(now()), state=NEW)

    async def observe_latest(self) -> dict[Expectation, Observation | None]:
        return {self.expectations[0]: self.look}

    async def observe_since(self, since: float) -> dict[Expectation, list[Observation]]:  # noqa: ARG002 - as on Observer
        return {self.expectations[0]: [self.look]}


async def test_a_stream_that_stands_still_is_awaited_until_it_is_too_late(
    expectation: Expectation,
) -> None:
    async with asyncio.timeout(5):
        seen = await wait(SilentObserver(expectation), patience=0.1).until_decided()
    assert steady_time_s(seen[expectation]) == 0
