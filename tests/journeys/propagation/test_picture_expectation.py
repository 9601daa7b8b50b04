"""One surface, judged frame by frame: no frame is skipped, and what is unclear is left out."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from flutter_bridge import Box, Frame, Interval
from journeys.pictures import Overlay, Picture, Recogniser, Recognition
from journeys.propagation.history import BoxHistory
from journeys.propagation.observer import FrameBuffer, Observer
from journeys.propagation.picture_expectation import PictureExpectation
from journeys.propagation.reading import read_name
from journeys.timeline import SurfaceState

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig, Scene

OLD, NEW, OTHER, ABSENT = SurfaceState.OLD, SurfaceState.NEW, SurfaceState.OTHER, SurfaceState.ABSENT
HERE, THERE = Box(20, 10, 48, 48), Box(20, 200, 48, 48)


class Counting(Recogniser):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def recognise(
        self, crop: Image.Image, picture: Picture, *, overlay: Overlay | None = None
    ) -> Recognition:
        self.calls += 1
        return super().recognise(crop, picture, overlay=overlay)


@pytest.fixture
def worker() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


class Probe:
    """A picture watch on the header, fed with frames and reads at chosen times."""

    def __init__(self, rig: Rig, worker: ThreadPoolExecutor) -> None:
        self.recogniser = Counting()
        self.expectation = PictureExpectation(
            rig.place(), rig.new, before=rig.old, recogniser=self.recogniser
        )
        self.observer = Observer(self.expectation.surface.app, [self.expectation], worker=worker)

    def frame(self, moment: float, scene: Scene) -> None:
        self.observer.buffer.add(Frame(scene.drawn(), Interval.at(moment), number=round(moment * 60)))

    def read(self, moment: float, scene: Scene) -> None:
        self.expectation.note(Interval.at(moment), scene.said())

    def seen(self, since: float = 0.0) -> list[SurfaceState]:
        frames = self.observer.buffer.frames_since(since)
        looks = self.observer._observe_all(frames)[self.expectation]
        return [look.state for look in looks]


@pytest.fixture
def watched(rig: Rig, worker: ThreadPoolExecutor) -> Probe:
    return Probe(rig, worker)


def test_a_flash_of_a_single_frame_is_seen(rig: Rig, watched: Probe) -> None:
    old, new = rig.scene("header", rig.old), rig.scene("header", rig.new)
    watched.read(0, old)
    for number, scene in enumerate([old, old, new, old, old]):
        watched.frame(1 + number / 60, scene)
    assert watched.seen() == [
        OLD,
        OLD,
        NEW,
        OLD,
        OLD,
    ]


def test_a_screen_at_rest_is_recognised_once(rig: Rig, watched: Probe) -> None:
    old = rig.scene("header", rig.old)
    watched.read(0, old)
    for number in range(60):
        watched.frame(1 + number / 60, old)
    assert watched.seen() == [OLD] * 60
    assert watched.recogniser.calls == 2


def test_what_moves_elsewhere_costs_no_recognition(rig: Rig, watched: Probe) -> None:
    watched.read(0, rig.scene("header", rig.old))
    for number in range(10):
        scene = rig.scene("header", rig.old)
        scene.pictures["elsewhere"] = (rig.other.image, Box(100 + number, 200, 48, 48))
        watched.frame(1 + number / 60, scene)
    assert watched.seen() == [OLD] * 10
    assert watched.recogniser.calls == 2


async def test_what_was_judged_ahead_is_not_judged_again(rig: Rig, watched: Probe) -> None:
    watched.read(0, rig.scene("header", rig.old))
    for number, picture in enumerate([rig.old, rig.other, rig.new]):
        watched.frame(1 + number / 60, rig.scene("header", picture))
    await watched.observer.catch_up(0, at_most=2)
    assert watched.recogniser.calls == 4
    await watched.observer.catch_up(0, at_most=2)
    assert watched.recogniser.calls == 6
    assert watched.seen() == [OLD, OTHER, NEW]
    assert watched.recogniser.calls == 6


def test_frames_before_the_moment_that_matters_are_not_judged_but_for_one(rig: Rig, watched: Probe) -> None:
    old = rig.scene("header", rig.old)
    watched.read(0, old)
    for moment in (1, 2, 3, 4):
        watched.frame(moment, old)
    assert len(watched.seen(since=3)) == 3


def test_between_two_reads_that_differ_both_places_are_looked_at(rig: Rig, watched: Probe) -> None:
    before, after = rig.scene("header", rig.old, box=HERE), rig.scene("header", rig.new, box=THERE)
    watched.read(1.0, before)
    watched.frame(1.1, before)
    watched.frame(1.2, after)
    watched.read(1.4, after)
    assert watched.seen() == [OLD, NEW]


def test_what_is_at_neither_place_while_it_moves_is_left_out(rig: Rig, watched: Probe) -> None:
    on_the_way = rig.scene("header", rig.old, box=Box(20, 100, 48, 48))
    watched.read(1.0, rig.scene("header", rig.old, box=HERE))
    watched.frame(1.2, on_the_way)
    watched.read(1.4, rig.scene("header", rig.old, box=THERE))
    assert watched.seen() == []


def test_what_is_old_at_one_place_and_new_at_the_other_is_left_out(rig: Rig, watched: Probe) -> None:
    both = rig.scene("header", rig.old, box=HERE)
    both.pictures["second"] = (rig.new.image, THERE)
    watched.read(1.0, rig.scene("header", rig.old, box=HERE))
    watched.frame(1.2, both)
    watched.read(1.4, rig.scene("header", rig.new, box=THERE))
    assert watched.seen() == []


def test_a_surface_that_is_gone_is_absent_whatever_lies_in_its_place(rig: Rig, watched: Probe) -> None:
    watched.read(1.0, rig.scene("header", rig.old))
    watched.read(1.2, rig.scene("elsewhere", rig.new))
    watched.frame(1.25, rig.scene("elsewhere", rig.new))
    watched.frame(1.8, rig.scene("elsewhere", rig.new))
    watched.read(2.0, rig.scene("elsewhere", rig.new))
    assert watched.seen() == [ABSENT, ABSENT]


def test_a_picture_cut_off_by_the_edge_of_the_screen_is_not_recognised(rig: Rig, watched: Probe) -> None:
    cut = rig.scene("header", rig.new, box=Box(20, 300, 48, 48))
    watched.read(1.0, cut)
    watched.frame(1.1, cut)
    assert watched.seen() == [OTHER]


def test_a_place_counts_from_the_last_read_of_another_one_to_the_next() -> None:
    track = BoxHistory()
    for moment, box in ((1.0, HERE), (2.0, HERE), (3.0, THERE), (4.0, THERE), (5.0, None)):
        track.note(Interval.at(moment), box)
    assert track.candidates(Interval.at(1.5)) == [HERE]
    assert track.candidates(Interval.at(2.5)) == [HERE, THERE]
    assert track.candidates(Interval.at(3.5)) == [THERE]
    assert track.candidates(Interval.at(4.5)) == [THERE, None]
    assert track.candidates(Interval.at(6.0)) == [None]
    assert track.candidates(Interval(1.5, 4.5)) == [HERE, THERE, None]
    assert track.absence == Interval.at(5.0)


def test_a_box_that_trembles_has_not_moved() -> None:
    track = BoxHistory()
    track.note(Interval.at(1), Box(20, 10, 48, 48))
    track.note(Interval.at(2), Box(20.1, 10, 48, 47.9))
    assert len(track.candidates(Interval.at(1.5))) == 1


def test_a_reel_keeps_one_copy_of_what_looks_the_same() -> None:
    buffer = FrameBuffer()
    for number in range(3):
        buffer.add(Frame(bytes([1] * 1000), Interval.at(number)))
    assert len({id(frame.encoded) for frame in buffer.frames_since(0)}) == 1


def test_a_full_reel_forgets_the_oldest_frames_and_says_so() -> None:
    buffer = FrameBuffer(capacity=2500)
    for number in range(4):
        buffer.add(Frame(bytes([number] * 1000), Interval.at(number)))
    assert [frame.shown.low for frame in buffer.frames_since(0)] == [2, 3]
    assert buffer.lost_until == 1


@pytest.mark.parametrize(
    ("said", "sight"),
    [
        ("Alice", OLD),
        ("Ali", NEW),
        ("Alice\nOnline", OLD),
        ("View Ali", NEW),
        ("Alison", OTHER),
        ("", OTHER),
    ],
)
def test_a_name_is_read_as_a_whole(said: str, sight: SurfaceState) -> None:
    assert read_name(said, new="Ali", old="Alice") is sight


@pytest.mark.parametrize(("said", "sight"), [("View Alice B.", NEW), ("View Alice", OLD)])
def test_a_name_that_begins_with_the_other_one_is_told_apart(said: str, sight: SurfaceState) -> None:
    assert read_name(said, new="Alice B.", old="Alice") is sight
    opposite = {NEW: OLD, OLD: NEW}[sight]
    assert read_name(said, new="Alice", old="Alice B.") is opposite


def test_a_name_is_read_as_people_see_it() -> None:
    assert read_name("By \u2068Zoe\u0308\u00a0B.\u2069", new="Zo\u00eb B.", old="Ada") is NEW
    assert read_name("Ada", new="Zo\u00eb", old="A\u00adda") is OLD
