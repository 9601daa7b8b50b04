"""What a frame at a surface's place counts for while the surface may not be there: something may cover it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from flutter_bridge import Box, Frame, Interval
from journeys.pictures import Recogniser
from journeys.propagation.expectation import DecodedFrame
from journeys.propagation.observer import Observer
from journeys.propagation.picture_expectation import PictureExpectation
from journeys.timeline import SurfaceState

if TYPE_CHECKING:
    from journeys.propagation import Observation
    from tests.journeys.propagation.conftest import Rig, Scene

HERE = Box(20, 10, 48, 48)
OLD, NEW, OTHER, ABSENT = SurfaceState.OLD, SurfaceState.NEW, SurfaceState.OTHER, SurfaceState.ABSENT


class Covered:
    """A header whose picture is watched; each frame and each read of the semantics comes when a test says."""

    def __init__(self, rig: Rig, worker: ThreadPoolExecutor) -> None:
        self._stage = rig
        self._expectation = PictureExpectation(rig.place(), rig.new, before=rig.old, recogniser=Recogniser())
        self._observer = Observer(self._expectation.surface.app, [self._expectation], worker=worker)
        self.shows_old = rig.scene("header", rig.old, box=HERE)
        self.shows_new = rig.scene("header", rig.new, box=HERE)
        # A picker over the app, whose thumbnails lie where they like.
        self.covered = rig.scene("elsewhere", rig.other, box=Box(30, 5, 60, 60))

    def said(self, *moments: float) -> None:
        """Reads that find the surface."""
        for moment in moments:
            self._expectation.note(Interval.at(moment), self.shows_old.said())

    def not_said(self, *moments: float) -> None:
        """Reads that don't."""
        for moment in moments:
            self._expectation.note(Interval.at(moment), self.covered.said())

    def noted(self, moment: float, scene: Scene) -> None:
        """A read that finds what a scene has."""
        self._expectation.note(Interval.at(moment), scene.said())

    def drawn(self, moment: float, scene: Scene) -> None:
        self._observer.buffer.add(Frame(scene.drawn(), Interval.at(moment)))

    def seen(self) -> list[tuple[float, SurfaceState]]:
        frames = self._observer.buffer.frames_since(0)
        return [(look.shown.low, look.state) for look in self._expectation.observe_all(frames)]

    def observe(self, scene: Scene, moment: float) -> Observation | None:
        return self._expectation.observe(DecodedFrame(Frame(scene.drawn(), Interval.at(moment))))


@pytest.fixture
def surface(rig: Rig) -> Iterator[Covered]:
    with ThreadPoolExecutor(1) as pool:
        yield Covered(rig, pool)


def test_a_surface_that_comes_back_is_timed_by_its_pixels_and_not_by_the_reads(
    surface: Covered,
) -> None:
    """It was covered until 3.0, as reads at 2.8 and 3.4 tell only roughly."""
    surface.said(1.0)
    surface.not_said(2.0, 2.8)
    surface.said(3.4, 4.0)
    surface.drawn(1.2, surface.shows_old)
    surface.drawn(2.5, surface.covered)
    for moment, scene in ((3.0, surface.shows_old), (3.1, surface.shows_new), (3.2, surface.shows_new)):
        surface.drawn(moment, scene)
    surface.drawn(3.7, surface.shows_new)
    assert surface.seen() == [(1.2, OLD), (2.5, ABSENT), (3.0, OLD), (3.1, NEW), (3.2, NEW), (3.7, NEW)]


def test_a_surface_that_goes_is_old_as_long_as_its_pixels_are(surface: Covered) -> None:
    surface.said(1.0)
    surface.drawn(1.4, surface.shows_old)
    surface.drawn(1.5, surface.covered)
    surface.not_said(2.0)
    surface.drawn(2.5, surface.covered)
    assert surface.seen() == [(1.4, OLD), (2.5, ABSENT), (2.0, ABSENT)]


def test_the_new_picture_in_its_place_is_not_the_surface_where_something_changes_before_it_is_there(
    surface: Covered,
) -> None:
    """A preview lies just where the surface comes: it isn't what is there later."""
    surface.not_said(1.0)
    surface.said(2.0)
    surface.drawn(1.2, surface.shows_new)
    surface.drawn(1.6, surface.covered)
    surface.drawn(1.8, surface.shows_new)
    surface.drawn(2.5, surface.shows_new)
    assert surface.seen() == [(1.8, NEW), (2.5, NEW)]


def test_the_new_picture_in_another_look_is_not_the_surface(surface: Covered, rig: Rig) -> None:
    """It is recognised, but on another ground: a dialog over the page, say."""
    preview = rig.scene("elsewhere", rig.new, box=Box(21, 10, 48, 48))
    surface.not_said(1.0)
    surface.said(2.0)
    surface.drawn(1.5, preview)
    surface.drawn(2.5, surface.shows_new)
    assert surface.seen() == [(2.5, NEW)]
    recognised = surface.observe(preview, 2.6)
    assert recognised is not None
    assert recognised.state is NEW, "else this test is of nothing"


def test_the_new_picture_in_the_place_of_a_surface_that_never_comes_back_is_not_the_surface(
    surface: Covered,
) -> None:
    surface.said(1.0)
    surface.drawn(1.1, surface.shows_old)
    surface.drawn(1.6, surface.shows_new)
    surface.not_said(2.0, 3.0)
    surface.drawn(2.5, surface.covered)
    assert surface.seen() == [(1.1, OLD), (2.5, ABSENT), (3.0, ABSENT)]


@pytest.mark.parametrize("certain", [True, False])
def test_the_old_picture_after_the_new_one_is_no_relapse_of_what_may_be_gone(
    surface: Covered, *, certain: bool
) -> None:
    """A picker that shows the old picture just there, or the page before."""
    surface.said(1.0)
    surface.drawn(0.8 if certain else 1.2, surface.shows_new)
    surface.not_said(2.0)
    surface.drawn(1.5, surface.shows_old)
    surface.said(3.0)
    surface.drawn(3.5, surface.shows_new)
    moments = [0.8, 3.5] if certain else [3.5]
    assert surface.seen() == [(moment, NEW) for moment in moments]


def test_a_relapse_of_a_surface_that_is_there_is_seen_all_the_same(surface: Covered) -> None:
    surface.not_said(1.0)
    surface.said(2.0)
    surface.drawn(1.8, surface.shows_new)
    surface.drawn(2.5, surface.shows_new)
    surface.drawn(2.6, surface.shows_old)
    assert surface.seen() == [(1.8, NEW), (2.5, NEW), (2.6, OLD)]


def test_what_shows_neither_on_its_way_between_two_looks_at_the_new_picture_counts_as_neither(
    surface: Covered, rig: Rig
) -> None:
    """It may have been a flash: left out, the new picture would seem to have stayed since."""
    there = rig.scene("header", rig.new, box=Box(20, 60, 48, 48))
    surface.said(1.0)
    surface.noted(2.0, there)
    surface.drawn(0.8, surface.shows_new)
    surface.drawn(1.5, rig.scene("header", rig.other, box=Box(20, 35, 48, 48)))
    surface.drawn(2.5, there)
    assert surface.seen() == [(0.8, NEW), (1.5, OTHER), (2.5, NEW)]


def test_neither_is_seen_where_the_pixels_show_neither(surface: Covered, rig: Rig) -> None:
    surface.said(1.0)
    surface.not_said(2.0)
    surface.said(3.0)
    surface.drawn(1.5, rig.scene("header", rig.other, box=HERE))
    surface.drawn(2.5, surface.covered)
    assert surface.seen() == []


def test_a_glance_takes_only_what_is_certain(surface: Covered) -> None:
    """What the control accepts, before anything is done, has to be the surface."""
    surface.not_said(1.0)
    surface.said(2.0)
    assert surface.observe(surface.shows_old, 1.9) is None
    look = surface.observe(surface.shows_old, 2.5)
    assert look is not None
    assert look.state is OLD
