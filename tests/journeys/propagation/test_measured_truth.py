"""The whole chain from frames, reads and commits to the verdict: whatever the world does, the truth is kept.

A small world is drawn: one surface that shows a picture or a name, a person who acts, a backend that
commits by a clock of its own. It is seen through everything that makes a measurement hard: frames dropped,
late and in any order; reads of the semantics that take their time and run ahead of the pixels; boxes that
move, neighbours that change, fades, flashes, several commits. What really happened is known.
"""

from __future__ import annotations

import io
import random
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from flutter_bridge import Box, Frame, Interval, Node, Role, Tree, by
from journeys.commits import Commit
from journeys.pictures import Overlay, Picture, Recogniser, Recognition
from journeys.propagation import Assessment, Fault
from journeys.propagation.expectation import DecodedFrame, Expectation
from journeys.propagation.kinds import text_expectation
from journeys.propagation.moments import Moments
from journeys.propagation.observer import Observer
from journeys.propagation.picture_expectation import PictureExpectation
from journeys.propagation.reporting import Reporter
from journeys.remote_clock import DRIFT, RemoteClock
from journeys.surface import Onlooker, Surface
from journeys.timeline import SurfaceState, Timeline, Verdict

BUDGET = 1.0
TAPPED = 10.0
STILL = 0.15
ROUNDING = 1e-6
NAMES = ["Al", "Alice", "Alicf", "Alice B", "Bo", "bo", "B Alice"]
PAPER, INK = 220, 40
GLYPH = (10, 6)
SIDE = 12

# How long an example takes depends on what else the machine does, and says nothing.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
Grey = NDArray[np.int16]
seconds = st.floats(0, 1)


@cache
def drawn(text: str) -> Grey:
    """Draw a text in letters that differ in many pixels, on paper."""
    letters = [np.full((GLYPH[0], 0), PAPER, dtype=np.int16)]
    for letter in text:
        dots = np.random.default_rng(ord(letter)).random((GLYPH[0] - 4, GLYPH[1] - 2)) < 0.5
        glyph = np.full(GLYPH, PAPER, dtype=np.int16)
        if letter != " ":
            glyph[2:-2, 1:-1][dots] = INK
        letters.append(glyph)
    return np.hstack(letters)


@dataclass(frozen=True)
class Flash:
    """The new look for a moment, and the old one again."""

    begin: float
    end: float


@dataclass(frozen=True)
class DrawnWorld:
    """What really happens; all moments on one clock."""

    old: str
    new: str
    is_picture: bool
    flashes: tuple[Flash, ...]
    begun: float
    """From here on the old look fades; until `visible` neither is there."""
    visible: float
    fade: str
    said: float
    moves: tuple[tuple[float, int], ...]
    """From when on the surface is so far down."""
    ahead: float
    """By how much the semantics know of a move before the pixels show it."""
    right: bool
    """Whether a name ends where it ends, or begins where it begins."""
    restless: float
    """When the neighbour changes."""

    def top(self, moment: float) -> int:
        return [top for since, top in self.moves if since <= moment][-1]

    def shows_new(self, moment: float) -> bool:
        return moment >= self.visible or any(flash.begin <= moment < flash.end for flash in self.flashes)

    def left(self, text: str) -> int:
        return 60 - GLYPH[1] * len(text) if self.right else 16

    def pixels(self, moment: float, noise: int) -> Grey:
        """Return the screen at a moment, with a little noise as compression makes it."""
        screen = np.full((60, 70), PAPER, dtype=np.int16)
        fading = self.begun <= moment < self.visible and not self.shows_new(moment)
        text = self.new if self.shows_new(moment) else self.old
        top, left = self.top(moment), self.left(text)
        patch = drawn(text)
        if fading and self.fade == "blank":
            patch = np.full_like(patch, PAPER)
        elif fading and self.fade == "blend":
            width = max(len(self.old), len(self.new)) * GLYPH[1]
            # A cross-fade never stands still.
            new = 0.1 + 0.8 * (moment - self.begun) / (self.visible - self.begun)
            mixed = _wide(drawn(self.old), width) * (1 - new) + _wide(drawn(self.new), width) * new
            patch = mixed.astype(np.int16)
            left = min(left, 70 - width)
        screen[top : top + GLYPH[0], left : left + patch.shape[1]] = patch
        # The neighbour on the left is pushed along.
        beside = np.random.default_rng(2 if moment >= self.restless else 1).integers(0, 255, (8, 8))
        screen[top + 1 : top + 9, left - 10 : left - 2] = beside
        screen += np.random.default_rng(noise).integers(-3, 4, screen.shape, dtype=np.int16)
        return screen.clip(0, 255)

    def tree(self, moment: float) -> Tree:
        """Return what the semantics say at a moment."""
        text = self.new if moment >= self.said else self.old
        box = Box(self.left(text), self.top(moment + self.ahead), GLYPH[1] * len(text), GLYPH[0])
        return Tree(Node(children=(Node(Role.TEXT, "it", text, box=box),)), Box(0, 0, 70, 60))


def _wide(patch: Grey, width: int) -> Grey:
    return np.pad(patch, ((0, 0), (0, width - patch.shape[1])), constant_values=PAPER)


def surface_of(world: DrawnWorld) -> Surface:
    """Return the surface, as an expectation wants it."""
    onlooker = cast(Onlooker, SimpleNamespace(name="alice", app=SimpleNamespace(target="drawn")))
    return Surface(onlooker, "header", by.identifier("it"), key="alice-id")


def likeness(name: str) -> Picture:
    """Return a picture that is a drawn text: its name is enough for one who compares pixels."""
    return cast(Picture, SimpleNamespace(name=name))


class TextReader(Recogniser):
    """A recogniser that knows drawn texts, noise or not, and nothing that is only a part of one."""

    def recognise(
        self, crop: Image.Image, picture: Picture, *, overlay: Overlay | None = None
    ) -> Recognition:
        assert overlay is None
        seen, wanted = np.asarray(crop.convert("L"), dtype=np.int16), drawn(picture.name)
        same = seen.shape == wanted.shape and bool(np.abs(seen - wanted).max() <= 6)
        return Recognition(
            same, 0, colour_distance=0.0, alignment=(0.0, 0.0), refused_by=None, reason="it is another"
        )

    def overlay_on(self, crop: Image.Image, picture: Picture) -> None:
        """Nothing lies over a text."""


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
def worlds(draw: st.DrawFn, *, calm: bool, flashes: bool) -> DrawnWorld:
    """Draw a world; one that is `calm` only changes, one with `flashes` does not move."""
    old, new = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True))
    is_picture = draw(st.booleans())
    if is_picture:
        old, new = "Old", "New"
    begun = TAPPED + draw(st.floats(0.05, 2))
    fade = "none" if calm else draw(st.sampled_from(["none", "blank", "blend"]))
    # What stands still for as long as a change must is taken for it: so nothing in between does.
    longest = {"none": 0.0, "blank": 0.9 * STILL, "blend": 0.4}[fade]
    visible = begun + draw(seconds) * longest
    flash: tuple[Flash, ...] = ()
    if flashes or (not calm and draw(st.booleans())):
        begin = draw(st.floats(TAPPED + 0.01, begun - 0.03))
        flash = (Flash(begin, min(begun - 0.01, begin + draw(st.floats(0.001, 0.2)))),)
    moves = [(0.0, 5)]
    if not calm and not flashes and draw(st.integers(0, 2)) == 0:
        # Often with the change itself, which may push its own place.
        since = st.one_of(st.sampled_from([begun, visible]), st.floats(TAPPED - 0.3, visible + 0.3))
        moves += sorted(draw(st.lists(st.tuples(since, st.sampled_from([5, 9, 30, 48])), max_size=3)))
    restless = float("inf") if calm else draw(st.floats(TAPPED - 0.3, visible + 1))
    if old in new or new in old:
        # Then its neighbour alone, painted anew, can't be told from the rest of the longer name: a canvas
        # that is painted as a whole, as Flutter's is, has both or none. Nor is a flash told for the new name
        # where the neighbour that stands in for the rest looks otherwise then.
        restless = float("inf") if flash else max(restless, visible)
    return DrawnWorld(
        old,
        new,
        is_picture,
        flash,
        begun,
        visible,
        fade,
        # Ahead of the pixels by up to a second, or behind them by a little.
        said=draw(st.floats(max(TAPPED, visible - 1), visible + 0.05)),
        moves=tuple(moves),
        ahead=0.0 if calm else draw(st.floats(0, 0.09)),
        right=draw(st.booleans()),
        restless=restless,
    )


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
    expectation: Expectation = (
        PictureExpectation(surface, likeness(world.new), before=likeness(world.old), recogniser=TextReader())
        if world.is_picture
        else text_expectation(surface, world.new, before=world.old, still=STILL)
    )
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


def _encoded(pixels: Grey) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(encoded, "PNG", compress_level=0)
    return encoded.getvalue()


@unhurried
@given(measured())
def test_the_true_latency_lies_in_the_interval(seen: Measurement) -> None:
    interval = seen.finding.commit_to_visible
    event(f"{'picture' if seen.world.is_picture else 'name'}: {seen.finding.verdict}, {seen.finding.fault}")
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
