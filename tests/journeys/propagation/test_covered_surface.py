"""Surfaces that draw something over a picture: learnt from the old one, left out, and said in the verdict."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw

from flutter_bridge import now
from journeys.pictures import Picture
from journeys.propagation import BudgetMissed
from journeys.timeline import Verdict, VerdictReached

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig


def dotted(picture: Picture) -> Image.Image:
    """Draw a presence dot over the lower right corner."""
    image = picture.image.copy()
    side = image.width
    pen = ImageDraw.Draw(image)
    pen.ellipse((0.66 * side, 0.66 * side, side, side), fill="white")
    pen.ellipse((0.69 * side, 0.69 * side, 0.97 * side, 0.97 * side), fill=(40, 170, 70))
    return image


def titled(picture: Picture) -> Image.Image:
    """Darken what is beneath a name, as a profile screen does."""
    image = picture.image.copy()
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0.7 * image.height, image.width, image.height), fill=(24, 24, 24))
    pen.rectangle(
        (0.2 * image.width, 0.8 * image.height, 0.7 * image.width, 0.86 * image.height), fill="white"
    )
    return image


@pytest.mark.parametrize("dress", [dotted, titled])
async def test_a_new_picture_is_seen_beneath_what_lay_over_the_old_one(
    rig: Rig, dress: Callable[[Picture], Image.Image]
) -> None:
    header = rig.place()
    header.played_by.play(now() - 1, rig.scene("header", dress(rig.old)))
    async with rig.change() as change:
        change.expect(rig.new, on=header)
        await change.arm()
        header.played_by.play(rig.act(change) + 0.05, rig.scene("header", dress(rig.new)))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.verdict is Verdict.PASSED
    assert "% of it is covered and was not judged" in verdict.reason


async def test_a_dot_that_goes_with_the_old_picture_is_no_obstacle(rig: Rig) -> None:
    header = rig.place()
    header.played_by.play(now() - 1, rig.scene("header", dotted(rig.old)))
    async with rig.change() as change:
        change.expect(rig.new, on=header)
        await change.arm()
        header.played_by.play(rig.act(change) + 0.05, rig.scene("header", rig.new))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.verdict is Verdict.PASSED
    assert "covered" not in verdict.reason


async def test_another_picture_beneath_the_same_title_is_not_the_new_one(rig: Rig) -> None:
    header = rig.place()
    header.played_by.play(now() - 1, rig.scene("header", titled(rig.old)))
    with pytest.raises(BudgetMissed, match="neither the old one nor the new picture"):
        async with rig.change(within=0.2, patience=0.4) as change:
            change.expect(rig.new, on=header)
            await change.arm()
            header.played_by.play(rig.act(change) + 0.05, rig.scene("header", titled(rig.other)))


async def test_a_title_that_comes_with_the_new_picture_is_not_left_out(rig: Rig) -> None:
    header = rig.place()
    with pytest.raises(BudgetMissed, match="neither the old one nor the new picture"):
        async with rig.change(within=0.2, patience=0.4) as change:
            change.expect(rig.new, on=header)
            await change.arm()
            header.played_by.play(rig.act(change) + 0.05, rig.scene("header", titled(rig.new)))


async def test_a_change_to_a_plain_picture_is_certified_as_no_more_than_that(rig: Rig) -> None:
    stored = io.BytesIO()
    Image.new("RGB", (256, 256), "teal").save(stored, "PNG")
    plain = Picture.from_bytes("plain.png", stored.getvalue())
    header = rig.place()
    async with rig.change() as change:
        change.expect(plain, on=header)
        await change.arm()
        header.played_by.play(rig.act(change) + 0.05, rig.scene("header", plain))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.verdict is Verdict.PASSED
    assert verdict.reason.endswith(
        "; it agrees with plain.png, but that it is this picture is not certified: "
        "its middle is nearly one colour"
    )
