"""Where a slider's thumb is dragged to bring it to a value, played against sliders of several kinds."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import pytest

from flutter_bridge import Box, Node, Role
from flutter_bridge.slider import MAX_SILENT, SliderPlan, number_in

SCREEN = Box(0, 0, 400, 800)


def per_cent(share: float) -> str:
    return f"{share * 100:.0f}%"


@dataclass
class Slider:
    """A slider whose thumb goes from `first` to `last`, along a track at 100.

    `slop` is how far a finger moves before it takes the thumb with it; None where the thumb comes to the
    finger at once. `steps` is how many steps it has.
    """

    first: float
    last: float
    share: float
    slop: float | None = None
    steps: int | None = None
    is_upright: bool = False
    says: Callable[[float], str] = per_cent
    is_whole: bool = False
    drags: int = 0

    def node(self) -> Node:
        thumb = self.first + self.share * (self.last - self.first)
        if self.is_whole:
            box = Box(self.first - 24, 76, self.last - self.first + 48, 48)
        else:
            box = Box(76, thumb - 24, 48, 48) if self.is_upright else Box(thumb - 24, 76, 48, 48)
        return Node(Role.SLIDER, value=self.says(self.share), box=box)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.drags += 1
        along = 1 if self.is_upright else 0
        thumb = self.first + self.share * (self.last - self.first)
        assert abs(start[along] - thumb) < 10
        if start[along] == end[along]:
            return
        moved = end[along] - start[along]
        if self.slop is not None:
            moved -= self.slop if moved > 0 else -self.slop
        share = min(1.0, max(0.0, (thumb + moved - self.first) / (self.last - self.first)))
        self.share = share if self.steps is None else round(share * self.steps) / self.steps


def play(slider: Slider, wanted: float, lost: Collection[int] = ()) -> str:
    """Set a slider, as an app does that never gets the drags of those numbers."""
    plan = SliderPlan(SCREEN, wanted)
    for number in range(12):
        node = slider.node()
        way = plan.next_slide(node)
        if way is None:
            break
        if number not in lost:
            slider.drag(node.box.at(*way.anchor), way.end)
        if number_in(slider.node().value) == wanted:
            break
    return slider.node().value


@pytest.mark.parametrize("wanted", [0, 1, 37, 50, 75, 99, 100])
@pytest.mark.parametrize(("first", "last"), [(34, 378), (200, 302), (40, 130)])
def test_a_slider_of_any_length_is_set_by_few_drags(first: float, last: float, wanted: int) -> None:
    slider = Slider(first, last, 0.4)
    assert play(slider, wanted) == f"{wanted}%"
    assert slider.drags <= 4


@pytest.mark.parametrize("wanted", [0, 38, 39, 41, 60, 100])
def test_a_thumb_that_follows_late_is_dragged_further(wanted: int) -> None:
    assert play(Slider(34, 378, 0.4, slop=18), wanted) == f"{wanted}%"


@pytest.mark.parametrize("wanted", [0, 10, 80, 100])
def test_a_slider_from_right_to_left_is_set(wanted: int) -> None:
    assert play(Slider(378, 34, 0.4), wanted) == f"{wanted}%"


@pytest.mark.parametrize("wanted", [0, 25, 90])
def test_a_slider_that_goes_up_is_set(wanted: int) -> None:
    assert play(Slider(500, 200, 0.4, is_upright=True), wanted) == f"{wanted}%"


@pytest.mark.parametrize("lost", [{0}, {1}, {0, 1}])
@pytest.mark.parametrize("is_upright", [False, True])
def test_a_lost_drag_does_not_keep_a_slider_from_its_value(is_upright: bool, lost: set[int]) -> None:
    first, last = (500, 200) if is_upright else (34, 378)
    assert play(Slider(first, last, 0.4, is_upright=is_upright), 75, lost) == "75%"


@pytest.mark.parametrize("wanted", [-10, 5, 29, 30])
def test_a_slider_that_says_no_per_cent_is_set(wanted: int) -> None:
    slider = Slider(34, 378, 0.4, says=lambda share: f"{share * 40 - 10:.0f} °C")
    assert play(slider, wanted) == f"{wanted} °C"


@pytest.mark.parametrize("wanted", [0, 37, 100])
def test_an_older_engines_slider_is_set_at_once(wanted: int) -> None:
    slider = Slider(34, 378, 0.4, is_whole=True)
    assert play(slider, wanted) == f"{wanted}%"
    assert slider.drags == 1


def test_a_slider_with_steps_is_set_to_one_of_them() -> None:
    assert play(Slider(34, 378, 0.25, steps=4), 75) == "75%"


@pytest.mark.parametrize("wanted", [60, 65, 110])
def test_a_slider_is_given_up_that_comes_no_nearer(wanted: int) -> None:
    slider = Slider(34, 378, 0.25, steps=4)
    assert play(slider, wanted) in {"50%", "75%", "100%"}
    assert slider.drags < 8


def test_a_slider_that_says_no_number_can_not_be_set() -> None:
    assert SliderPlan(SCREEN, 5).next_slide(Node(Role.SLIDER, value="loud", box=Box(0, 0, 48, 48))) is None


def test_a_slider_that_says_nothing_is_touched_a_few_times_to_have_it_speak() -> None:
    silent = Node(Role.SLIDER, box=Box(100, 100, 48, 48))
    plan = SliderPlan(SCREEN, 5)
    for _ in range(MAX_SILENT):
        way = plan.next_slide(silent)
        assert way is not None
        assert way.end == silent.box.centre
    assert plan.next_slide(silent) is None


def test_a_slider_that_speaks_after_a_touch_is_set() -> None:
    plan = SliderPlan(SCREEN, 75)
    plan.next_slide(Node(Role.SLIDER, box=Box(100, 100, 48, 48)))
    way = plan.next_slide(Slider(34, 378, 0.4).node())
    assert way is not None
    assert way.end[0] > Slider(34, 378, 0.4).node().box.centre[0]


def test_the_end_of_a_drag_stays_on_the_screen() -> None:
    thumb = Node(Role.SLIDER, value="5 of 9", box=Box(340, 0, 48, 48))
    way = SliderPlan(SCREEN, 9).next_slide(thumb)
    assert way is not None
    assert way.end == (399, 24)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("40%", 40),
        ("Volume 7", 7),
        ("-2,5 °C", -2.5),
        ("\u22123", -3),
        ("12.75", 12.75),
        ("none", None),
        ("", None),
    ],
)
def test_the_number_in_what_a_slider_says(said: str, number: float | None) -> None:
    assert number_in(said) == number
