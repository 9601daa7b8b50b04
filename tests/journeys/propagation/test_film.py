"""What is kept of how an app looked while a change was watched."""

from __future__ import annotations

import io
import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageChops, ImageStat

from flutter_bridge import Frame, Interval
from journeys import BudgetMissed
from journeys.propagation.film import MOST_PICTURES, WIDTH_PX, choose_frames
from journeys.timeline import Filmed

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig


def frame(number: int, encoded: bytes) -> Frame:
    return Frame(encoded, Interval(number, number + 0.5), number=number)


async def test_a_strip_begins_before_the_action_and_ends_with_the_new_look(rig: Rig) -> None:
    header = rig.place()
    async with rig.change() as change:
        change.expect(rig.new, on=header)
        await change.arm()
        header.played_by.play(rig.act(change) + 0.05, rig.scene("header", rig.new))
    (film,) = rig.timeline.events_of(Filmed)
    sheet = Image.open(film.sheet).convert("RGB")
    assert sheet.size == (film.width * len(film.shown), film.height)
    for scene, left in (
        (rig.scene("header", rig.old), 0),
        (rig.scene("header", rig.new), sheet.width - WIDTH_PX),
    ):
        drawn = Image.open(io.BytesIO(scene.drawn())).convert("RGB").resize((film.width, film.height))
        kept = sheet.crop((left, 0, left + film.width, film.height))
        assert max(ImageStat.Stat(ImageChops.difference(drawn, kept)).mean) < 8
    assert [shown.low for shown in film.shown] == sorted(shown.low for shown in film.shown)
    assert json.loads(film.texts.read_text())[0]["text"]


async def test_a_change_that_fails_is_filmed_too(rig: Rig) -> None:
    header = rig.place()
    with pytest.raises(BudgetMissed, match="never showed"):  # noqa: PT012 - the block is what raises
        async with rig.change(within=0.05, patience=0.2) as change:
            change.expect(rig.new, on=header)
            await change.arm()
            rig.act(change)
    (film,) = rig.timeline.events_of(Filmed)
    assert film.sheet.exists()


def test_frames_that_look_alike_count_once() -> None:
    old, new = b"old", b"new"
    frames = [frame(number, old if number < 4 else new) for number in range(8)]
    assert [each.number for each in choose_frames(frames)] == [0, 4]


def test_many_frames_are_thinned_out_evenly_and_both_ends_stay() -> None:
    frames = [frame(number, str(number).encode()) for number in range(100)]
    chosen = [each.number for each in choose_frames(frames)]
    assert len(chosen) == MOST_PICTURES
    assert (chosen[0], chosen[-1]) == (0, 99)
    steps = [later - earlier for earlier, later in pairwise(chosen)]
    assert max(steps) - min(steps) <= 1
