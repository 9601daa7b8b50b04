"""An observer that can't tell the old picture from the new one stops the change before it is attempted."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from flutter_bridge import now
from journeys.pictures import TooAlike
from journeys.propagation import ObserverError
from journeys.timeline import Verdict, VerdictReached

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig


def brightened(image: Image.Image) -> Image.Image:
    return image.point(lambda level: min(255, level + 4))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journeys.propagation.waiting.CONTROL_PATIENCE_S", 0.1)


async def test_an_observer_that_does_not_recognise_the_old_picture_stops_the_change(
    rig: Rig,
) -> None:
    header = rig.place()
    header.played_by.play(now(), rig.scene("header", rig.other))
    acted = False
    with pytest.raises(ObserverError, match=r"alice's header was not recognised as it is .* not attempted"):
        async with rig.change() as change:
            change.expect(rig.new, on=header)
            await change.arm()
            acted = True
    assert not acted
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.verdict is Verdict.ERROR
    # What it did show instead is kept, for a person to look at.
    assert verdict.last_old_frame is not None
    assert verdict.last_old_frame.is_file()
    assert header.played_by.streaming == 0


async def test_what_is_no_surface_is_refused_at_once(rig: Rig) -> None:
    with pytest.raises(TypeError, match=r"takes a surface such as bob\.feed\.post_by\(alice\), not a str"):
        async with rig.change() as change:
            change.expect(rig.new, on="feed")  # type: ignore[arg-type]  # which is the mistake


async def test_pictures_that_could_be_taken_for_one_another_stop_the_change(rig: Rig) -> None:
    header = rig.place()
    hardly_other = replace(rig.old, name="hardly-other.png", image=brightened(rig.old.image))
    acted = False
    with pytest.raises(TooAlike, match=r"old\.png and hardly-other\.png are too alike"):
        async with rig.change() as change:
            change.expect(hardly_other, on=header)
            await change.arm()
            acted = True
    assert not acted


async def test_a_surface_that_shows_the_new_picture_already_stops_the_change(rig: Rig) -> None:
    header = rig.place()
    header.played_by.play(now(), rig.scene("header", rig.new))
    with pytest.raises(ObserverError, match="shows the new picture before anything was done"):
        async with rig.change() as change:
            change.expect(rig.new, on=header)
            await change.arm()


async def test_pictures_that_are_one_and_the_same_stop_the_change(rig: Rig) -> None:
    header = rig.place()
    with pytest.raises(ObserverError, match="can't be told apart"):
        async with rig.change() as change:
            change.expect(rig.old, on=header)
            await change.arm()


async def test_a_surface_that_another_one_hides_stops_the_change(rig: Rig) -> None:
    header = rig.place()
    feed = rig.place("feed", app=header.played_by)
    with pytest.raises(ObserverError, match="alice's feed was not on screen"):
        async with rig.change() as change:
            change.expect(rig.new, on=header)
            change.expect(rig.new, on=feed)
            await change.arm()


async def test_an_old_picture_that_is_still_on_its_way_is_waited_for(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.propagation.waiting.CONTROL_PATIENCE_S", 5.0)
    header = rig.place()
    header.played_by.play(now(), rig.scene("header", rig.other))
    header.played_by.play(now() + 0.1, rig.scene("header", rig.old))
    async with rig.change() as change:
        change.expect(rig.new, on=header)
        await change.arm()
        header.played_by.play(rig.act(change) + 0.05, rig.scene("header", rig.new))


async def test_an_action_right_after_comes_after_the_control_though_frames_are_stamped_ahead(
    rig: Rig,
) -> None:
    header = rig.place()
    header.played_by.ahead = 0.1
    async with rig.change() as change:
        change.expect(rig.new, on=header)
        await change.arm()
        header.played_by.play(rig.act(change) + 0.05, rig.scene("header", rig.new))
