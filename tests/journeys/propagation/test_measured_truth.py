"""The whole chain from frames, reads and commits to the verdict: whatever the world does, the truth is kept.

A small world is drawn (`drawn_world`): one surface that shows a picture, a name or a state, or that comes or
goes; a person who acts, a backend that commits by a clock of its own. It is seen through everything that
makes a measurement hard: frames dropped, late and in any order; reads of the semantics that take their time
and run ahead of the pixels; boxes that move, neighbours that change, fades, flashes, several commits. What
really happened is known.
"""

from __future__ import annotations

import io
import random
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from PIL import Image

from flutter_bridge import Frame, Interval
from journeys.commits import Commit
from journeys.expectations import State, appears, checked, disappears
from journeys.propagation import Assessment, Fault
from journeys.propagation.expectation import DecodedFrame, Expectation
from journeys.propagation.kinds import text_expectation
from journeys.propagation.moments import Moments
from journeys.propagation.observer import Observer
from journeys.propagation.picture_expectation import PictureExpectation
from journeys.propagation.reading import NumberReading, StateReading
from journeys.propagation.reporting import Reporter
from journeys.propagation.semantic_expectation import SemanticExpectation
from journeys.remote_clock import DRIFT, RemoteClock
from journeys.surface import Surface
from journeys.timeline import SurfaceState, Timeline, Verdict
from tests.journeys.propagation.drawn_world import (
    STILL,
    TAPPED,
    DrawnWorld,
    Grey,
    TextReader,
    likeness,
    seconds,
    surface_of,
    worlds,
)

BUDGET = 1.0
ROUNDING = 1e-6

# How long an example takes depends on what else the machine does, and says nothing.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@dataclass(frozen=True)
class Look:
    """One frame as it was made: at one moment, known within an interval, arriving some time later."""

    moment: float
    shown: Interval
    arrived: float


class Measurement:
    """A world, what came of it to the measurement, and what that made of it."""

    def __init__(
        self, world: DrawnWorld, committed: float | None, looks: list[Look], finding: Assessment
    ) -> None:
        self.world, self.looks, self.finding = world, looks, finding
        # A commit that nobody reports may be as early as the tap: that is what is known of it.
        self.committed = TAPPED if committed is None else committed

    def __repr__(self) -> str:
        return (
            f"<{self.world}, committed at {self.committed}, {len(self.looks)} frames; "
            f"{self.finding.verdict}: {self.finding.reason}>"
        )

    @property
    def latency(self) -> float:
        return self.onset - self.committed

    @property
    def onset(self) -> float:
        """When the new look came to stay; a relapse that no frame shows is none."""
        for flash in self.world.flashes:
            if not any(flash.end <= look.moment < self.world.visible for look in self.looks):
                return flash.begin
        return self.world.visible

    @property
    def flashed(self) -> bool:
        """Whether a frame shows a flash, and one that came later the old look again."""
        for flash in self.world.flashes:
            inside = [look for look in self.looks if flash.begin <= look.moment < flash.end]
            after = [look for look in self.looks if flash.end <= look.moment < self.world.begun]
            if inside and after:
                return True
        return False


@st.composite
def frames(draw: st.DrawFn, *, until: float) -> list[Look]:
    """Draw the frames up to a moment; they come in any order, and their intervals may overlap."""
    chance = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311 - hypothesis draws its seed
    tick, late, lost = (
        draw(st.sampled_from([1 / 60, 0.05, 0.13])),
        draw(st.floats(0, 0.1)),
        draw(st.floats(0, 0.6)),
    )
    moment, looks = TAPPED - 0.5, list[Look]()
    before = moment - 0.03
    while moment <= until:
        if moment < TAPPED - 0.45 or chance.random() >= lost:
            low = moment - chance.random() * min(0.03, moment - before)
            high = moment + chance.random() * late
            looks.append(Look(moment, Interval(low, high), high + chance.random() * late))
        before, moment = moment, moment + tick * chance.uniform(0.9, 1.1)
    return looks


@st.composite
def reads(draw: st.DrawFn, *, until: float) -> list[tuple[Interval, float]]:
    """Draw when the semantics are read: from when until when, and the moment in between that they tell of."""
    chance = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311 - hypothesis draws its seed
    pause, slow = draw(st.floats(0.01, 0.25)), draw(st.floats(0, 0.4))
    moment, found = TAPPED - 0.6, [(Interval.at(TAPPED - 0.7), TAPPED - 0.7)]
    while moment <= until:
        taken = chance.random() * slow
        found.append((Interval(moment, moment + taken), moment + chance.random() * taken))
        moment += taken + pause
    last = Interval(max(moment, until), max(moment, until) + slow)
    return [*found, (last, chance.uniform(last.low, last.high))]


@st.composite
def clocks(draw: st.DrawFn) -> tuple[RemoteClock, float, float]:
    """Draw the backend's clock as it was read before: with its lead in seconds, and its drift."""
    ahead, drift = draw(st.floats(-1e5, 1e5)), draw(st.floats(-DRIFT, DRIFT)) * 0.99
    clock = RemoteClock()
    for number in range(3):
        sent, there, back = TAPPED - 3 + number, draw(st.floats(0, 0.1)), draw(st.floats(0, 0.1))
        asked = sent + there
        clock.note(sent=sent, remote=asked * (1 + drift) + ahead, received=asked + back)
    return clock, ahead, drift


@st.composite
def measured(draw: st.DrawFn, *, calm: bool = False, flashes: bool = False) -> Measurement:
    """Draw a world and measure it."""
    world = draw(worlds(calm=calm, flashes=flashes))
    longer = st.just(0.5) if calm else st.one_of(st.floats(0.3, 0.6), st.floats(-0.5, 0.6))
    until = max(TAPPED + 0.1, world.visible + draw(longer))
    if any(flash.begin <= until <= flash.end for flash in world.flashes):
        until = world.begun
    looks = draw(frames(until=until))
    committed = TAPPED + draw(seconds) * min(0.5, world.begun - TAPPED)
    if world.flashes:
        committed = min(committed, world.flashes[0].begin)
    clock, ahead, drift = draw(clocks())
    moments = Moments()
    moments.record_action(Interval(TAPPED - 1, TAPPED - 0.9), step="sends")
    moments.record_action(
        Interval(TAPPED - draw(seconds) * 0.02, TAPPED + draw(seconds) * 0.02), step="sends"
    )
    reported = calm or draw(st.integers(0, 3)) > 0
    others = [] if calm else draw(st.lists(st.floats(TAPPED, TAPPED + 2), max_size=2))
    for moment in [committed, *others] if reported else []:
        stamp = moment * (1 + drift) + ahead
        offset = clock.offset(moment + draw(seconds))
        moments.record_commit(
            "alice-id", Commit(change="", committed=Interval.at(stamp) + offset, source="event")
        )
    finding = _assess(world, looks, draw(reads(until=until)), moments)
    return Measurement(world, committed if reported else None, looks, finding)


def _assess(
    world: DrawnWorld, looks: list[Look], told: list[tuple[Interval, float]], moments: Moments
) -> Assessment:
    surface = surface_of(world)
    expectation = _expectation(world, surface)
    observer = Observer(surface.app, [expectation], worker=cast(Executor, None))
    made = {
        look: Frame(_encoded(world.pixels(look.moment, number)), look.shown, number=number)
        for number, look in enumerate(looks)
    }
    for look in sorted(looks, key=lambda one: one.arrived):
        observer.buffer.add(made[look])
    control = None
    for read, moment in told:
        expectation.note(read, world.tree(moment))
        if control is None:
            control = expectation.observe(DecodedFrame(made[looks[0]]))
    assert control is not None
    assert control.state is SurfaceState.OLD
    seen = observer._observe_all(observer.buffer.frames_since(moments.begin(expectation)))[expectation]
    reporter = Reporter(Timeline(), Path("unused"), budget=BUDGET)
    return reporter._find(expectation, observer, [control, *seen], moments)


def _expectation(world: DrawnWorld, surface: Surface) -> Expectation:
    if world.kind == "picture":
        old, new = likeness(world.old), likeness(world.new)
        return PictureExpectation(surface, new, before=old, recogniser=TextReader())
    if world.kind == "text":
        return text_expectation(surface, world.new, before=world.old, still=STILL)
    asked = checked() if world.kind == "state" else appears() if world.kind == "appears" else disappears()
    reading = (
        StateReading(surface.finder, asked, before=False)
        if isinstance(asked, State)
        else NumberReading(surface.finder, asked, before=0 if world.kind == "appears" else 1)
    )
    return SemanticExpectation(
        surface,
        asked,
        wanted=str(asked),
        wording=asked.wording(surface.finder),
        reading=reading,
        still=STILL,
    )


def _encoded(pixels: Grey) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(encoded, "PNG", compress_level=0)
    return encoded.getvalue()


@unhurried
@given(measured())
def test_the_true_latency_lies_in_the_interval(seen: Measurement) -> None:
    interval = seen.finding.commit_to_visible
    event(f"{seen.world.kind}: {seen.finding.verdict}, {seen.finding.fault}")
    if interval is None:
        return
    assert interval.low - ROUNDING <= seen.latency <= interval.high + ROUNDING


@unhurried
@given(measured())
def test_nothing_passes_that_is_late_and_nothing_fails_that_is_in_time(seen: Measurement) -> None:
    verdict = seen.finding.verdict
    assume(abs(seen.latency - BUDGET) > ROUNDING)
    assert not (verdict is Verdict.PASSED and seen.latency > BUDGET)
    assert not (verdict is Verdict.FAILED and seen.latency < BUDGET and not seen.flashed)


@unhurried
@given(measured())
def test_frames_and_clocks_within_their_bounds_are_never_mistrusted(seen: Measurement) -> None:
    assert seen.finding.fault not in {
        Fault.CONTRADICTION,
        Fault.TOO_EARLY,
        Fault.NO_CONTROL,
        Fault.NO_ACTION,
        Fault.FRAMES_LOST,
    }


@unhurried
@given(measured(flashes=True))
def test_a_flash_that_a_frame_shows_never_passes(seen: Measurement) -> None:
    assume(seen.flashed)
    assert seen.finding.verdict is not Verdict.PASSED


@unhurried
@given(measured(calm=True))
def test_what_stands_still_is_timed_between_two_frames(seen: Measurement) -> None:
    """Nothing is left open that two neighbouring frames tell."""
    looks, interval = seen.looks, seen.finding.commit_to_visible
    new = sorted((look.shown for look in looks if look.moment > seen.world.visible), key=lambda one: one.low)
    # Else the watch ends, or frames are lost, before anybody could say that it stood still.
    assume(len(new) >= 3 and new[-1].low - new[0].high >= STILL)
    assert interval is not None, seen.finding.reason
    assert seen.finding.fault is None
