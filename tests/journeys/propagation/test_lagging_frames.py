"""Frames that stand still while the semantics go on are told as that: nobody has to guess."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import pytest

from flutter_bridge import FlutterApp, Frame, FrameSource, Interval, now
from journeys.propagation import BudgetMissed, ObserverError
from journeys.propagation.kinds import text_expectation
from journeys.propagation.observer import Observer
from tests.journeys.propagation.conftest import ScriptedApp

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig


class StandingDisplay:
    """A display that takes one picture, `age` seconds old when it comes, and then no more."""

    kind = "standing"

    def __init__(self, app: ScriptedApp, age: float) -> None:
        self._app = app
        self._age = age

    async def __aiter__(self) -> AsyncIterator[Frame]:
        moment = now()
        yield Frame(self._app.frame(moment), Interval.at(moment - self._age))
        await asyncio.Event().wait()


class StandingApp(ScriptedApp):
    """An app whose display stands still."""

    age = 0.0

    @asynccontextmanager
    async def frames(self) -> AsyncIterator[FrameSource]:
        yield StandingDisplay(self, self.age)


@pytest.fixture
def standing(rig: Rig) -> StandingApp:
    app = StandingApp()
    app.play(now() - 9, rig.scene("header", rig.old))
    return app


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (Interval(6.5, 6.6), "no new frame has come for 3.4 s, while its semantics were read"),
        (Interval(7.5, 9.9), "its newest frame may be 2.5 s old"),
        (Interval(9.4, 9.5), ""),
    ],
    ids=["silent", "late", "in step"],
)
async def test_it_says_how_old_the_newest_frame_is(
    rig: Rig, standing: StandingApp, shown: Interval, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    observer = _observer(rig, standing)
    observer.buffer.add(Frame(standing.frame(now()), shown))
    monkeypatch.setattr("journeys.propagation.observer.now", lambda: 10.0)
    await observer.read()
    assert observer.lag == said


@pytest.mark.parametrize(
    ("renamed", "said"),
    [(11.0, "its semantics changed 3.0 s ago, and no pixel has since"), (10.1, "")],
    ids=["long after", "with them"],
)
async def test_pixels_that_stay_as_they_were_long_before_the_semantics_changed_are_told(
    rig: Rig, standing: StandingApp, renamed: float, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    observer = _observer(rig, standing)
    picture = standing.frame(now())
    clock = 0.0
    monkeypatch.setattr("journeys.propagation.observer.now", lambda: clock)
    for clock, text in ((10.0, "Alice"), (renamed, "Bob"), (14.0, "Bob")):
        standing.play(now(), rig.scene("header", rig.old, said=text))
        observer.buffer.add(Frame(picture, Interval.at(clock)))
        await observer.read()
    assert observer.lag == said
    observer.buffer.add(Frame(rig.scene("header", rig.new).drawn(), Interval.at(14.0)))
    assert observer.lag == ""


async def test_a_control_that_fails_by_an_old_frame_says_so(
    rig: Rig, standing: StandingApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.propagation.waiting.CONTROL_PATIENCE_S", 0.1)
    standing.play(now() - 1, rig.scene("header", rig.other))
    standing.age = 3.0
    told = (
        r"alice's header could not be seen as it is by now: no new frame has come for 3\.\d s.* not attempted"
    )
    with pytest.raises(ObserverError, match=told):
        async with rig.change() as change:
            change.expect(rig.new, on=rig.place(app=standing))
            await change.arm()


async def test_a_change_that_no_frame_could_show_is_told_as_that(
    rig: Rig, standing: StandingApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.propagation.observer._LAG_S", 0.05)
    with pytest.raises(AssertionError, match=r"never showed the new picture .*; no new frame has come for"):
        async with rig.change(within=0.1, patience=0.3) as change:
            change.expect(rig.new, on=rig.place(app=standing))
            await change.arm()
            rig.act(change)


async def test_an_app_that_is_watched_well_is_not_said_to_lag(rig: Rig) -> None:
    with pytest.raises(BudgetMissed) as raised:
        async with rig.change(within=0.1, patience=0.3) as change:
            change.expect(rig.new, on=rig.place())
            await change.arm()
            rig.act(change)
    assert "frame has come" not in str(raised.value)


def _observer(rig: Rig, app: ScriptedApp) -> Observer:
    expected = text_expectation(rig.place(app=app), "Bo", before="Alice", still=0.0)
    return Observer(cast(FlutterApp, app), [expected], worker=ThreadPoolExecutor(max_workers=1))
