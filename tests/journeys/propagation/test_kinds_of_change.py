"""Every kind of change through frames and reads of known moments: what came of it is never told wrongly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from flutter_bridge import Box, Finder, Frame, Interval, Role, by
from journeys import (
    appears,
    checked,
    contains,
    count,
    disappears,
    enabled,
    exactly,
    expanded,
    selected,
    value,
)
from journeys.pictures import Recogniser
from journeys.propagation import Assessment, Fault
from journeys.propagation.expectation import DecodedFrame, Expectation
from journeys.propagation.kinds import expectation_of
from journeys.propagation.moments import Moments
from journeys.propagation.observer import Observer
from journeys.propagation.reporting import Reporter
from journeys.timeline import SurfaceState, Timeline, Verdict
from tests.journeys.propagation.conftest import PlainSurface, Scene, ScriptedApp, Thing

STEP = 0.05
BUDGET = 1.0
THING = by.identifier("thing")
OFF, ON = "#b0b0b0", "#2050d0"
Things = tuple[Thing, ...]


def rows(number: int) -> Things:
    return tuple(Thing(box=Box(20, 100 + 30 * at, 80, 24), colour=ON) for at in range(number))


def states(**given: object) -> Thing:
    return Thing(states=given)


@dataclass(frozen=True)
class Kind:
    """A kind of change: what is wanted, and what is there before and after it."""

    name: str
    wanted: object
    before: Things
    after: Things
    finder: Finder = THING

    def __str__(self) -> str:
        return self.name


def of_state(name: str, wanted: object, before: object, after: object, **others: object) -> Kind:
    return Kind(
        name,
        wanted,
        (replace(states(**{name: before}, **others), colour=OFF),),
        (replace(states(**{name: after}, **others), colour=ON),),
    )


KINDS = [
    Kind("appears", appears(), (), (Thing(),)),
    Kind("disappears", disappears(), (Thing(),), ()),
    Kind("disappears, two of them", disappears(), rows(2), ()),
    Kind("count, more", count(3), rows(2), rows(3)),
    Kind("count, fewer", count(1), rows(2), rows(1)),
    Kind("count, none", count(0), rows(2), ()),
    of_state("checked", checked(), False, True),
    of_state("checked", checked(False), True, False),
    Kind(
        "checked, as bright as before",
        checked(),
        (Thing(colour="#808080", states={"checked": False}),),
        (Thing(colour="#e63cda", states={"checked": True}),),
    ),
    of_state("selected", selected(), False, True),
    of_state("enabled", enabled(False), True, False),
    of_state("expanded", expanded(), False, True),
    of_state("value", value("7"), "6", "7", role=Role.SLIDER),
    of_state("value", value(""), "6", "", role=Role.TEXT_FIELD),
]
kinds = pytest.mark.parametrize("kind", KINDS, ids=str)


class Watched:
    """A change that is watched by frames and reads every 50 ms; the action lies at 1.0."""

    TAP = 1.0

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.app = ScriptedApp()
        self.frames: list[Frame] = []
        self.clock = self.TAP - 6 * STEP
        self.scenes: list[Scene] = []

    def shows(self, drawn: Things, *, said: Things | None = None, times: int = 1) -> Watched:
        """Show some things for so many frames; `said` where other ones are said meanwhile."""
        scene = Scene(things=drawn)
        if said is not None:
            scene = Scene(
                things=(
                    *(replace(thing, said=False) for thing in drawn),
                    *(replace(thing, drawn=False) for thing in said),
                )
            )
        self.scenes += [scene] * times
        return self

    @property
    def elapsed(self) -> float:
        """How long after the action what is shown next begins."""
        return STEP * len(self.scenes)

    async def verdict(self, *, before: Things | None = None) -> Assessment:
        """Return what comes of it; the old state comes first."""
        first = Scene(things=self.kind.before if before is None else before)
        self.app.play(0, first)
        surface = PlainSurface("place", self.app, self.kind.finder)
        expectation = await expectation_of(
            self.kind.wanted, surface, recogniser=Recogniser(), still=0.1, budget=BUDGET
        )
        return self._judge(expectation, [first] * 6 + self.scenes)

    def _judge(self, expectation: Expectation, scenes: Sequence[Scene]) -> Assessment:
        observer = Observer(expectation.surface.app, [expectation], worker=cast(Executor, None))
        control = None
        for number, scene in enumerate(scenes):
            frame = Frame(scene.drawn(), Interval.at(self.clock), number=number)
            observer.buffer.add(frame)
            self.clock += STEP / 2
            expectation.note(Interval.at(self.clock), scene.said())
            self.clock += STEP / 2
            if control is None:
                control = expectation.observe(DecodedFrame(frame))
        assert control is not None
        assert control.state is SurfaceState.OLD
        moments = Moments()
        moments.record_action(Interval.at(self.TAP))
        expectation.is_armed = True
        seen = observer._observe_all(observer.buffer.frames_since(self.TAP))[expectation]
        reporter = Reporter(Timeline(), Path("unused"), budget=BUDGET)
        return reporter._find(expectation, observer, [control, *seen], moments)


def holds(finding: Assessment, truth: float, *, width: float = 2 * STEP) -> bool:
    """Whether the true latency is in the interval, and that is about as narrow as frames are apart."""
    measured = finding.measured
    assert measured is not None, finding.reason
    return measured.low - 1e-9 <= truth <= measured.high + 1e-9 and measured.width <= width


@kinds
async def test_what_comes_in_time_passes(kind: Kind) -> None:
    it = Watched(kind).shows(kind.before, times=4)
    came = it.elapsed
    finding = await it.shows(kind.after, times=8).verdict()
    assert (finding.verdict, finding.fault) == (Verdict.PASSED, None), finding.reason
    assert holds(finding, came)


@kinds
async def test_what_comes_late_fails_and_is_timed(kind: Kind) -> None:
    it = Watched(kind).shows(kind.before, times=30)
    came = it.elapsed
    finding = await it.shows(kind.after, times=8).verdict()
    assert (finding.verdict, finding.fault) == (Verdict.FAILED, None), finding.reason
    assert holds(finding, came)


@kinds
async def test_what_never_comes_fails(kind: Kind) -> None:
    finding = await Watched(kind).shows(kind.before, times=40).verdict()
    assert (finding.verdict, finding.fault) == (Verdict.FAILED, Fault.NEVER), finding.reason


@kinds
async def test_what_has_not_come_within_the_budget_decides_nothing_yet(kind: Kind) -> None:
    finding = await Watched(kind).shows(kind.before, times=10).verdict()
    assert finding.verdict is Verdict.INCONCLUSIVE, finding.reason


@kinds
async def test_what_comes_and_goes_again_has_reverted(kind: Kind) -> None:
    it = Watched(kind).shows(kind.before, times=4).shows(kind.after, times=6)
    finding = await it.shows(kind.before, times=30).verdict()
    assert (finding.verdict, finding.fault) == (Verdict.FAILED, Fault.REVERTED), finding.reason


@kinds
async def test_what_comes_goes_and_comes_again_has_alternated(kind: Kind) -> None:
    it = Watched(kind).shows(kind.before, times=4).shows(kind.after, times=4)
    finding = await it.shows(kind.before, times=4).shows(kind.after, times=8).verdict()
    assert (finding.verdict, finding.fault) == (Verdict.FAILED, Fault.ALTERNATED), finding.reason


@kinds
async def test_a_flash_of_one_frame_never_passes(kind: Kind) -> None:
    it = Watched(kind).shows(kind.before, times=4).shows(kind.after, said=kind.before)
    finding = await it.shows(kind.before, times=3).shows(kind.after, times=8).verdict()
    assert (finding.verdict, finding.fault) == (Verdict.FAILED, Fault.ALTERNATED), finding.reason


@kinds
async def test_semantics_that_are_ahead_of_the_pixels_tell_no_moment(kind: Kind) -> None:
    it = Watched(kind).shows(kind.before, times=2).shows(kind.before, said=kind.after, times=14)
    came = it.elapsed
    finding = await it.shows(kind.after, times=8).verdict()
    assert finding.verdict is Verdict.PASSED, finding.reason
    assert holds(finding, came)


@kinds
async def test_semantics_without_pixels_are_seen_by_nobody(kind: Kind) -> None:
    finding = await Watched(kind).shows(kind.before, said=kind.after, times=40).verdict()
    assert (finding.verdict, finding.fault) == (Verdict.FAILED, Fault.NEVER), finding.reason
    assert "its pixels are as they were" in finding.reason


@kinds
async def test_pixels_without_semantics_are_not_what_is_wanted(kind: Kind) -> None:
    finding = await Watched(kind).shows(kind.after, said=kind.before, times=40).verdict()
    assert (finding.verdict, finding.fault) == (Verdict.FAILED, Fault.NEVER), finding.reason


@kinds
async def test_other_pixels_long_before_the_semantics_do_not_pass_for_it(kind: Kind) -> None:
    ring = tuple(replace(thing, colour="#ffcc00") for thing in kind.before or kind.after)
    it = Watched(kind).shows(ring, said=kind.before, times=12)
    finding = await it.shows(ring, said=kind.after, times=12).verdict()
    assert finding.verdict is not Verdict.PASSED, finding.reason


@kinds
async def test_what_moves_before_it_comes_widens_nothing_wrongly(kind: Kind) -> None:
    """A ripple over it, say, while the semantics say the old state still, and then the new one."""
    it = Watched(kind).shows(kind.before, times=3)
    places = kind.before or kind.after
    for number in range(4):
        ripple = tuple(replace(each, colour=f"#ff{number * 3:x}000") for each in places)
        it.shows(ripple, said=kind.before if number < 2 else kind.after)
    came = it.elapsed
    finding = await it.shows(kind.after, times=8).verdict()
    assert finding.verdict is Verdict.PASSED, finding.reason
    assert holds(finding, came, width=6 * STEP)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.before], ids=str)
async def test_what_moves_all_the_time_is_old_until_the_semantics_say_otherwise(kind: Kind) -> None:
    """A spinner that goes away late is late, and one that never does has failed."""
    spins = [
        tuple(replace(each, colour=f"#{80 + 50 * at:02x}4080") for each in kind.before) for at in range(3)
    ]
    it = Watched(kind)
    for number in range(30):
        it.shows(spins[number % 3], said=kind.before)
    forever = Watched(kind)
    forever.scenes = list(it.scenes)
    came = it.elapsed
    finding = await it.shows(kind.after, times=8).verdict(before=spins[0])
    assert finding.verdict is Verdict.FAILED, finding.reason
    assert holds(finding, came, width=6 * STEP)
    finding = await forever.verdict(before=spins[0])
    assert (finding.verdict, finding.fault) == (Verdict.FAILED, Fault.NEVER), finding.reason


MOVING = Kind("appears, and moves", appears(), (), (Thing(),))


def phases(number: int) -> list[Things]:
    """Return so many frames of something that turns all the time, in five colours."""
    return [(Thing(colour=f"#{40 + 40 * (at % 5):02x}4080"),) for at in range(number)]


@pytest.mark.parametrize("ahead", [0, 4, 12])
@pytest.mark.parametrize("late", [0, 30])
async def test_what_comes_and_never_stands_still_is_timed(ahead: int, late: int) -> None:
    """A spinner, say, whatever its semantics say before it is drawn."""
    it = Watched(MOVING).shows((), times=3 + late).shows((), said=(Thing(),), times=ahead)
    came = it.elapsed
    for phase in phases(40):
        it.shows(phase)
    finding = await it.verdict()
    assert finding.fault is None, finding.reason
    assert finding.verdict is (Verdict.FAILED if late else Verdict.PASSED), finding.reason
    assert holds(finding, came)


async def test_what_moved_before_is_not_what_came() -> None:
    """Semantics of something that is not drawn, over a background that moves all the time."""
    it = Watched(MOVING)
    for phase in phases(60):
        it.shows(phase, said=() if len(it.scenes) < 20 else (Thing(),))
    finding = await it.verdict()
    assert finding.verdict is Verdict.ERROR, finding.reason


async def test_what_moves_and_is_gone_in_the_end_has_reverted() -> None:
    it = Watched(MOVING).shows((), times=3)
    for phase in phases(40):
        it.shows(phase)
    finding = await it.shows((), times=12).verdict()
    assert (finding.verdict, finding.fault) == (Verdict.FAILED, Fault.REVERTED), finding.reason


@pytest.mark.parametrize(
    ("wanted", "old", "new"),
    [
        ("Hello Bob", "Hi", "Hello Bob"),
        ("Hello Bob", "Hi\nAlice", "Hello Bob\nAlice"),
        (contains("lo Bo"), "Hi", "Hello Bob"),
        (exactly("Hello Bob"), "Hello Bobby", "Hello Bob"),
        (re.compile(r"^\d+ unread$"), "none unread", "3 unread"),
    ],
    ids=str,
)
async def test_a_text_is_expected_in_several_ways(wanted: object, old: str, new: str) -> None:
    before, after = (
        Thing(box=Box(100, 100, 120, 44), states={"label": text}, colour="#ffffff") for text in (old, new)
    )
    kind = Kind("text", wanted, (before,), (after,))
    it = Watched(kind).shows((before,), times=4)
    came = it.elapsed
    finding = await it.shows((after,), times=8).verdict()
    assert finding.verdict is Verdict.PASSED, finding.reason
    assert holds(finding, came)
