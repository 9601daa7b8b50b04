from __future__ import annotations

import io

import pytest
from PIL import Image

from flutter_bridge import Box, Frame, Interval


def frame(*, scale: float = 1.0, encoding: str = "PNG") -> Frame:
    picture = Image.new("RGB", (100, 50), "white")
    picture.paste((255, 0, 0), (20, 10, 40, 30))
    encoded = io.BytesIO()
    picture.save(encoded, encoding)
    return Frame(encoded.getvalue(), Interval.at(1.0), scale=scale)


@pytest.mark.parametrize("encoding", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_decoded_to_rgb_once(encoding: str) -> None:
    shown = frame(encoding=encoding)
    assert (shown.image.mode, shown.image.size) == ("RGB", (100, 50))
    assert shown.image is shown.image


def test_a_crop_is_the_box_on_whole_pixels() -> None:
    cropped = frame().crop(Box(19.6, 10.4, 20, 20))
    assert cropped.size == (20, 20)
    assert cropped.getcolors() == [(400, (255, 0, 0))]


def test_a_crop_of_a_finer_picture_takes_more_pixels() -> None:
    assert frame(scale=2).crop(Box(10, 5, 10, 10)).getcolors() == [(400, (255, 0, 0))]


def test_a_crop_ends_where_the_picture_does() -> None:
    assert frame().crop(Box(-10, 40, 200, 50)).size == (100, 10)


@pytest.mark.parametrize("box", [Box(150, 10, 20, 20), Box(-50, 10, 20, 20), Box(10, 80, 20, 20)])
def test_a_crop_beside_the_picture_is_empty(box: Box) -> None:
    assert 0 in frame().crop(box).size


@pytest.mark.parametrize("mode", ["RGBA", "P", "L"])
def test_a_picture_of_another_kind_is_decoded_to_rgb_too(mode: str) -> None:
    encoded = io.BytesIO()
    Image.new("RGB", (4, 4), (255, 0, 0)).convert(mode).save(encoded, "PNG")
    shown = Frame(encoded.getvalue(), Interval.at(1.0)).image
    assert shown.mode == "RGB"
    assert shown.getpixel((0, 0)) == ((76, 76, 76) if mode == "L" else (255, 0, 0))


def test_pixels_stay_when_the_source_they_came_from_is_gone() -> None:
    shown = frame(encoding="JPEG")
    picture = shown.image
    del shown
    assert picture.copy().size == (100, 50)
