"""Pictures that can't be told from all others: what does not agree with them is ruled out all the same."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from benches._renderings import CELLS, Renderings
from journeys.pictures import Picture, Recogniser, TooAlike


def picture_of(name: str, image: Image.Image) -> Picture:
    stored = io.BytesIO()
    image.save(stored, "PNG")
    return Picture.from_bytes(name, stored.getvalue())


def plain(colour: str) -> Picture:
    return picture_of(f"{colour}.png", Image.new("RGB", (256, 256), colour))


def code(seed: int) -> Picture:
    modules = np.random.default_rng(seed).integers(0, 2, (61, 61), dtype=np.uint8) * 255
    large = Image.fromarray(modules).resize((610, 610), Image.Resampling.NEAREST)
    return picture_of(f"code-{seed}.png", large)


@pytest.fixture(scope="module")
def uncertain() -> list[Picture]:
    return [plain("teal"), plain("crimson"), plain("#f4f4f4"), code(1), code(2)]


def test_such_a_picture_says_what_it_lacks(uncertain: list[Picture]) -> None:
    assert all(picture.shortcoming for picture in uncertain)


def test_every_right_drawing_agrees_and_says_what_is_not_certified(uncertain: list[Picture]) -> None:
    for number, picture in enumerate(uncertain):
        for cell in CELLS[number::11]:
            seen = Recogniser(cell.shape).recognise(Renderings(picture, number).draw(cell), picture)
            assert seen.same, (cell, seen)
            assert seen.reservation.endswith(f"is this picture is not certified: {picture.shortcoming}")


def test_what_is_of_another_colour_or_has_shapes_does_not_agree(
    uncertain: list[Picture], pictures: list[Picture]
) -> None:
    for cell in CELLS[18:36:5]:
        for number, picture in enumerate(uncertain[:3]):
            others = [*uncertain[:number], *uncertain[number + 1 : 3], *uncertain[3:], *pictures[:4]]
            for other in others:
                assert not Recogniser().recognise(Renderings(other, number).draw(cell), picture).same


def test_one_code_drawn_large_does_not_agree_with_another(uncertain: list[Picture]) -> None:
    one, other = uncertain[3:]
    assert not Recogniser().recognise(one.image.resize((96, 96), Image.Resampling.LANCZOS), other).same


@pytest.mark.parametrize("shade", ["#0a8484", "teal"])
def test_two_that_agree_with_one_another_are_too_alike(shade: str) -> None:
    with pytest.raises(TooAlike, match="hardly told from"):
        Recogniser().tell_apart(plain("teal"), plain(shade))


def test_a_certain_picture_is_told_from_a_plain_one(uncertain: list[Picture], picture: Picture) -> None:
    for plain_one in uncertain:
        Recogniser().tell_apart(picture, plain_one)
