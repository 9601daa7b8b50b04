"""One name, judged frame by frame: the semantics say which name is where, the pixels when it is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from flutter_bridge import Box, Frame, Interval
from journeys.propagation.expectation import DecodedFrame
from journeys.propagation.kinds import text_expectation
from journeys.timeline import SurfaceState

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig, Scene

STEP = 0.05
FAINT = "#bbbbc1"
LETTERS = {SurfaceState.OLD: "o", SurfaceState.NEW: "n", SurfaceState.OTHER: "x", SurfaceState.ABSENT: "."}

COLOURS = [
    ("#747474", "oooooooooo", ""),
    ("#ff4400", "oooooo", "too little to tell"),
]


class ObservedName:
    """A watch on the header's name, fed with frames and reads every 50 ms."""

    def __init__(self, rig: Rig, old: str, new: str) -> None:
        place = rig.place(called=old)
        self.rig = rig
        self.old, self.new = old, new
        self.expectation = text_expectation(place, new, before=old, still=0.1)
        self.frames: list[Frame] = []
        self.clock = 0.0

    def scene(self, said: str, drawn: str, at: tuple[float, float] = (80, 20)) -> Scene:
        return self.rig.scene("header", self.rig.old, said=said, drawn=drawn, name_at=at)

    def see(self, scene: Scene, times: int = 1) -> None:
        """Take a frame and read the semantics, one after the other, some times."""
        for _ in range(times):
            self.frames.append(Frame(scene.drawn(), Interval.at(self.clock), number=len(self.frames)))
            self.clock += STEP / 2
            self.expectation.note(Interval.at(self.clock), scene.said())
            self.clock += STEP / 2

    def says(self, said: str, drawn: str | None = None, times: int = 1) -> None:
        self.see(self.scene(said, said if drawn is None else drawn), times)

    @property
    def seen(self) -> str:
        return "".join(LETTERS[one.state] for one in self.expectation.observe_all(self.frames))


def watched(rig: Rig, old: str = "Alice", new: str = "Bob Dylan") -> ObservedName:
    return ObservedName(rig, old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Alice", "Bob Dylan"),
        ("Alice", "Alice Liddell"),
        ("Alice Liddell", "Alice"),
        ("Alice Liddell", "Alice Liddeil"),
        ("Alice", "Alice."),
        ("Alice.", "Alice"),
        ("Bo", "bo"),
    ],
)
def test_a_frame_is_new_when_its_pixels_are_whatever_is_said(rig: Rig, old: str, new: str) -> None:
    it = watched(rig, old, new)
    it.says(old, times=3)
    it.says(new, drawn=old, times=4)
    it.says(new, times=4)
    assert it.seen == "ooooooonnnn"
    assert it.expectation.doubt == ""


def test_pixels_may_be_ahead_of_what_is_said(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=3)
    it.says(it.old, drawn=it.new, times=2)
    it.says(it.new, times=4)
    assert it.seen == "ooonnnnnn"


def test_the_semantics_are_timed_by_their_reads(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=2)
    assert it.expectation.announcement is None
    it.says(it.new, times=2)
    said = it.expectation.announcement
    assert said is not None
    assert (said.low, said.high) == (pytest.approx(0.075), pytest.approx(0.125))
    it.says(it.old)
    assert it.expectation.announcement is None


def test_pixels_that_never_change_are_old_whatever_is_said(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=3)
    it.says(it.new, drawn=it.old, times=10)
    assert it.seen == "o" * 13
    assert it.expectation.doubt == ""
    assert "its pixels are as they were" in it.expectation.observe_all(it.frames)[-1].reason


def test_a_place_where_nothing_is_drawn_is_not_new(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=3)
    it.says(it.new, drawn="", times=10)
    assert it.seen[-1] == "x"
    assert it.expectation.doubt == ""
    assert "nothing is drawn" in it.expectation.observe_all(it.frames)[-1].reason


def test_an_old_name_that_is_not_drawn_is_no_control(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, drawn="")
    look = it.expectation.observe(DecodedFrame(it.frames[-1]))
    assert look is not None
    assert look.state is SurfaceState.OTHER
    it.says(it.old)
    look = it.expectation.observe(DecodedFrame(it.frames[-1]))
    assert look is not None
    assert look.state is SurfaceState.OLD


def test_what_is_drawn_and_not_said_may_be_something_that_lies_over_it(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=3)
    it.says(it.old, drawn="Sign in again", times=8)
    assert "n" not in it.seen
    assert it.expectation.doubt == (
        "its pixels changed, and its semantics say that it is as before: something may lie over it"
    )


def test_a_flash_of_a_single_frame_is_seen(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=3)
    it.says(it.old, drawn=it.new)
    it.says(it.old, times=2)
    it.says(it.new, times=4)
    assert it.seen == "ooonoonnnn"


def test_a_name_that_is_taken_back_has_reverted(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=3)
    it.says(it.new, times=3)
    it.says(it.old, times=3)
    assert it.seen == "ooonnnooo"


def test_another_name_is_neither(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=3)
    it.says("Somebody Else", times=6)
    assert it.seen[:3] + it.seen[-1] == "ooox"
    assert "it said 'Somebody Else'" in it.expectation.observe_all(it.frames)[-1].reason


def test_a_name_that_goes_away_is_absent(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=3)
    elsewhere = rig.scene("elsewhere", rig.old, drawn="")
    it.see(elsewhere, times=6)
    assert it.seen.endswith("..")


def test_what_is_neither_while_a_name_is_said_is_left_out(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=3)
    it.says(it.new, drawn="~~~~~", times=3)
    it.says(it.new, times=4)
    assert it.seen == "ooonnnn"


def test_what_is_neither_in_between_keeps_the_new_name_from_having_stayed(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=3)
    it.says(it.new, times=2)
    it.says(it.new, drawn="~~~~~", times=2)
    it.says(it.new, times=4)
    assert it.seen == "ooonnxxnnnn"


def test_pixels_that_do_not_settle_cannot_be_judged(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=3)
    for number in range(8):
        it.says(it.new, drawn=it.new[: 2 + number % 3])
    assert "n" not in it.seen
    assert "did not settle" in it.expectation.doubt


def test_a_name_that_grows_around_its_middle_has_not_moved(rig: Rig) -> None:
    it = watched(rig, "Bo", "Bob Dylan")
    it.see(it.scene(it.old, it.old, at=(110, 20)), times=3)
    left = 110 - (it.scene("", "").box_of(it.new).width - it.scene("", "").box_of(it.old).width) / 2
    it.see(it.scene(it.new, it.new, at=(left, 20)), times=4)
    assert it.seen == "ooonnnn"


def test_a_name_that_moves_on_is_new_from_where_it_rests(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=5)
    it.see(it.scene(it.new, it.new, at=(80, 120)), times=3)
    it.says(it.new, times=4)
    seen = it.expectation.observe_all(it.frames)
    assert [one.number for one in seen if one.state is SurfaceState.NEW] == [8, 9, 10, 11]
    # What lies close to the first move, and between both, is left out.
    assert [one.number for one in seen if one.state is not SurfaceState.NEW] == [0, 1, 2]


def test_a_place_that_is_told_of_after_the_last_frame_shows_no_new_name_yet(rig: Rig) -> None:
    it = watched(rig)
    it.says(it.old, times=3)
    it.see(it.scene(it.new, it.old, at=(80, 28)), times=6)
    it.expectation.note(Interval.at(it.clock), it.scene(it.new, it.new).said())
    assert "n" not in it.seen
    assert it.expectation.doubt != ""


@pytest.mark.parametrize("off", [0, 1])
@pytest.mark.parametrize("new", ["Bob Dylan", "Bo", "Alice in Wonderland"])
def test_a_name_that_is_moved_and_not_changed_passes_for_no_new_one(rig: Rig, new: str, off: int) -> None:
    it = watched(rig, new=new)
    it.says(it.old, times=5)
    moved = it.scene(it.new, it.old, at=(90 + off, 120 + off))
    it.see(replace(moved, said_at=(90, 120)), times=6)
    assert "n" not in it.seen
    assert "its place moved" in it.expectation.doubt


@pytest.mark.parametrize("stays", [True, False])
def test_a_name_that_comes_at_another_place_is_new_there(rig: Rig, *, stays: bool) -> None:
    """As the newest message does, whether the one before it stays where it is or not."""
    it = watched(rig)
    it.says(it.old, times=5)
    below = it.scene(it.new, it.new, at=(90, 120))
    if stays:
        below.names["before"] = it.old
        below = replace(below, places={"before": (80, 20)})
    it.see(below, times=6)
    assert it.seen == "ooooonnnnnn"
    assert it.expectation.doubt == ""


def test_neighbours_that_take_the_old_names_place_do_not_matter(rig: Rig) -> None:
    it = watched(rig, "Alice Liddell", "Bob")
    it.says(it.old, times=3)
    for number in range(4):
        scene = it.scene(it.new, it.new)
        scene.pictures["neighbour"] = (rig.other.image.rotate(90 * number), Box(130, 16, 24, 24))
        it.see(scene)
    assert it.seen.startswith("ooo")
    assert it.seen.endswith("n")
    assert set(it.seen) == {"o", "n"}


def test_what_changes_too_little_cannot_be_told_apart(rig: Rig) -> None:
    it = watched(rig, "Alice", "Aiice")
    it.see(replace(it.scene(it.old, it.old), ink=FAINT), times=3)
    it.see(replace(it.scene(it.new, it.new), ink=FAINT), times=6)
    assert "n" not in it.seen
    assert "too little" in it.expectation.doubt


@pytest.mark.parametrize(("colour", "seen", "doubt"), COLOURS)
def test_a_text_that_changes_its_colour_alone_is_no_failure(
    rig: Rig, colour: str, seen: str, doubt: str
) -> None:
    """It is drawn as bright as before; strokes are too thin for more to be said."""
    it = watched(rig, "Delivered", "Read")

    def tick(said: str, ink: str) -> Scene:
        return replace(it.scene(said, "Delivered"), ink=ink)

    it.see(tick("Delivered", "#747474"), 3)
    it.see(tick("Read", "#747474"), 3)
    it.see(tick("Read", colour), 4)
    assert it.seen == seen
    assert doubt in it.expectation.doubt
