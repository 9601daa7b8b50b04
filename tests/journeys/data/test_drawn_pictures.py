"""Pictures that are described are drawn as they are described, and are recognised again."""

from __future__ import annotations

import io
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from journeys.data import DrawnPicture, read_scenario
from journeys.pictures import Recogniser
from journeys.profile.scenarios import FORMAT

DATA = Path(__file__).parents[3] / "e2e" / "data"


@pytest.mark.parametrize(
    ("described", "form", "mode", "size"),
    [
        ({}, "PNG", "RGB", (512, 512)),
        ({"format": "jpeg", "size": (2000, 100)}, "JPEG", "RGB", (2000, 100)),
        ({"size": (100, 2000)}, "PNG", "RGB", (100, 2000)),
        ({"format": "jpeg", "mode": "CMYK"}, "JPEG", "CMYK", (512, 512)),
        ({"mode": "grey-16"}, "PNG", "I;16", (512, 512)),
        ({"format": "jpeg", "mode": "grey"}, "JPEG", "L", (512, 512)),
        ({"format": "gif", "mode": "palette"}, "GIF", "P", (512, 512)),
        ({"transparent": True}, "PNG", "RGBA", (512, 512)),
        ({"format": "webp", "transparent": True}, "WEBP", "RGBA", (512, 512)),
        ({"format": "jpeg", "size": (300, 200), "orientation": 6}, "JPEG", "RGB", (200, 300)),
        ({"format": "jpeg", "size": (300, 200), "orientation": 3}, "JPEG", "RGB", (300, 200)),
    ],
    ids=str,
)
def test_the_file_is_what_the_description_says(
    described: dict[str, Any], form: str, mode: str, size: tuple[int, int]
) -> None:
    picture = DrawnPicture("tiles", seed=5, **described)
    assert list(picture.problems()) == []
    with Image.open(io.BytesIO(picture.encode())) as stored:
        assert (stored.format, stored.mode, stored.size) == (form, mode, size)
        assert stored.getexif().get(0x0112, 1) == described.get("orientation", 1)
    assert picture.encode() == picture.encode()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_shows_the_same_upright(orientation: int) -> None:
    upright = DrawnPicture("landscape", seed=3, size=(300, 200)).draw("upright").image
    turned = DrawnPicture("landscape", seed=3, size=(300, 200), orientation=orientation).draw("turned").image
    assert np.array_equal(np.asarray(turned), np.asarray(upright))


def test_one_sees_white_through_a_transparent_band() -> None:
    image = DrawnPicture("tiles", seed=5, transparent=True).draw("band").image
    assert image.getpixel((256, 332)) == (255, 255, 255)
    assert image.getpixel((256, 100)) == DrawnPicture("tiles", seed=5).draw("whole").image.getpixel(
        (256, 100)
    )


@pytest.mark.parametrize(
    ("described", "field"),
    [
        ({"format": "jpeg", "mode": "grey-16"}, "mode"),
        ({"format": "png", "mode": "CMYK"}, "mode"),
        ({"format": "jpeg", "transparent": True}, "transparent"),
        ({"format": "gif", "mode": "palette", "orientation": 6}, "orientation"),
    ],
    ids=str,
)
def test_what_no_file_can_be_is_named(described: dict[str, Any], field: str) -> None:
    assert [name for name, _ in DrawnPicture("tiles", **described).problems()] == [field]


def test_those_of_the_odd_people_are_recognised_and_not_taken_for_each_other() -> None:
    people = read_scenario(DATA / "odd-people.toml", FORMAT).content.people
    drawn = [person.picture.draw(person.id) for person in people if person.picture is not None]
    assert len(drawn) >= 10
    recogniser = Recogniser()
    for picture in drawn:
        assert picture.shortcoming is None, picture.name
        assert recogniser.recognise(picture.image.resize((96, 96)), picture).same, picture.name
    for one, other in combinations(drawn, 2):
        assert not recogniser.recognise(one.image.resize((96, 96)), other).same, (one.name, other.name)
