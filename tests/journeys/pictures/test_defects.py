"""A wrong drawing of the right picture is named, and a picture says which ones it can't show."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from benches._wrong_drawings import (
    Change,
    blur,
    channel_swap,
    desaturated,
    enlargement,
    mirrored,
    partial_load,
)
from journeys.pictures import Defect, Picture, PictureBook, Recogniser, Shape
from journeys.pictures.recognition import add_defect

Drawing = Callable[..., Image.Image]
ScreenType = Callable[..., Drawing]


WRONG: dict[Defect, Change] = {
    "mirrored": mirrored,
    "stretched sideways": enlargement(1.2, 1.0),
    "stretched upwards": enlargement(1.0, 1.2),
    "over-cropped": enlargement(1.2, 1.2),
    "red and blue swapped": channel_swap(2, 1, 0),
    "grey": desaturated,
    "blurred": blur(0.07),
    "half loaded": partial_load(0.5, (128, 128, 128)),
}


def stored(image: Image.Image) -> Picture:
    data = io.BytesIO()
    image.save(data, "PNG")
    return Picture.from_bytes("picture.png", data.getvalue())


@pytest.fixture(scope="module")
def grey(pictures: list[Picture]) -> Picture:
    return stored(pictures[0].image.convert("L"))


@pytest.fixture(scope="module")
def symmetric(pictures: list[Picture]) -> Picture:
    # From a file it would be refused: half of what the hash looks at is missing.
    pixels = np.asarray(pictures[0].image)
    image = Image.fromarray(np.hstack([pixels[:, :256], pixels[:, 255::-1]]))
    return Picture(name="symmetric", image=image, encoded=b"", media_type="image/png")


@pytest.mark.parametrize("shape", ["circle", "square"])
@pytest.mark.parametrize("size", [24, 40, 120])
def test_a_picture_of_a_book_can_show_every_defect(size: int, shape: Shape) -> None:
    for picture in PictureBook(31).take(6):
        assert picture.blind_to(size, shape) == frozenset()


def test_a_grey_picture_cannot_show_a_channel_swap(grey: Picture) -> None:
    assert grey.blind_to(48) == {
        "red and blue swapped",
        "red and green swapped",
        "green and blue swapped",
        "grey",
    }


def test_a_symmetric_picture_cannot_show_that_it_is_mirrored(symmetric: Picture) -> None:
    assert symmetric.blind_to(48) == {"mirrored"}


def test_what_a_picture_cannot_show_is_taken_for_it(
    grey: Picture, symmetric: Picture, screen: ScreenType
) -> None:
    assert Recogniser().recognise(screen()(grey, 48, WRONG["red and blue swapped"]), grey).same
    assert Recogniser().recognise(screen()(symmetric, 48, WRONG["mirrored"]), symmetric).same


@pytest.mark.parametrize("size", [24, 40, 120])
@pytest.mark.parametrize("wrong", WRONG)
def test_what_a_picture_can_show_is_refused(
    pictures: list[Picture], screen: ScreenType, wrong: Defect, size: int
) -> None:
    for picture in pictures:
        assert not Recogniser().recognise(screen()(picture, size, WRONG[wrong]), picture).same


@pytest.mark.parametrize("wrong", WRONG)
def test_the_defect_lies_all_the_way_towards_its_own_wrong_drawing(picture: Picture, wrong: Defect) -> None:
    view = picture.fingerprint.defects(96)
    wrongly = stored(WRONG[wrong](picture.image)).fingerprint.draw(96)
    named, share = view.find_clearest(wrongly)
    assert named is not None
    assert share > 1.0


def test_a_right_drawing_lies_on_no_way_to_a_wrong_one(picture: Picture) -> None:
    _, share = picture.fingerprint.defects(96).find_clearest(picture.fingerprint.draw(96))
    assert share == pytest.approx(0.0, abs=0.05)


def test_the_verdict_names_the_defect_and_how_clearly_it_shows(picture: Picture, screen: ScreenType) -> None:
    accepted = Recogniser().recognise(screen()(picture, 80), picture)
    assert accepted.same
    assert 0.0 < accepted.defect_share < 1.0
    refused = add_defect(accepted, picture.name, "blurred", 1.3)
    assert not refused
    assert refused.refused_by == "defect"
    assert (
        refused.reason
        == f"is {picture.name}, but blurred (1.3 times as far that way as a right drawing may be)"
    )


def test_every_defect_has_a_name_that_pictures_may_use(grey: Picture) -> None:
    assert grey.blind_to(48) <= set(get_args(Defect))
