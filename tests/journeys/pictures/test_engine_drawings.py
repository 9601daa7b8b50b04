"""What the Flutter engine draws of a picture, in its own way of scaling, is recognised."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing

import pytest

from benches import _gallery
from journeys.pictures import Picture, Recogniser


async def test_the_engine_s_drawings_are_recognised_and_taken_for_no_other(pictures: list[Picture]) -> None:
    shown = pictures[:6]
    cells: Counter[tuple[int, int, str]] = Counter()
    drawings = _gallery.engine_drawings(
        shown, sizes=(24, 40), ratios=(1, 3), shapes=("circle", "rounded", "square")
    )
    async with aclosing(drawings):
        async for drawing in drawings:
            pixels = drawing.size * drawing.ratio
            assert drawing.crop.size == (pixels, pixels)
            for picture in shown:
                seen = Recogniser().recognise(drawing.crop, picture)
                assert seen.same == (picture is drawing.picture), (drawing, seen)
            cells[drawing.size, drawing.ratio, drawing.shape] += 1
    assert len(cells) == 12
    assert set(cells.values()) == {6}


async def test_a_picture_the_engine_can_t_show_is_named(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Picture(name="broken", image=picture.image, encoded=b"no picture", media_type="image/png")
    monkeypatch.setattr(_gallery._Gallery, "choice", lambda *_: "original")
    monkeypatch.setattr(_gallery, "_SHOWN_WITHIN", 2.0)
    drawings = _gallery.engine_drawings([broken], sizes=[40], ratios=[1], shapes=["circle"])
    with pytest.raises(TimeoutError, match="broken at 40 px was not drawn within 2 s"):
        await anext(drawings)
