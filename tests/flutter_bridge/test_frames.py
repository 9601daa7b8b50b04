from __future__ import annotations

import io
import re
import struct
import zlib

import pytest
from PIL import Image

from flutter_bridge import Box, BridgeError, Frame, Interval
from flutter_bridge.frames import decode_base64, decode_picture, picture_size


def frame(*, scale: float = 1.0, encoding: str = "PNG") -> Frame:
    picture = Image.new("RGB", (100, 50), "white")
    picture.paste((255, 0, 0), (20, 10, 40, 30))
    encoded = io.BytesIO()
    picture.save(encoded, encoding)
    return Frame(encoded.getvalue(), Interval.at(1.0), scale=scale)


def stretched(side: int) -> bytes:
    """A PNG whose head claims so many pixels on each side."""
    encoded = frame().encoded
    head = b"IHDR" + struct.pack(">II", side, side) + encoded[24:29]
    return encoded[:12] + head + struct.pack(">I", zlib.crc32(head)) + encoded[33:]


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


@pytest.mark.parametrize("encoding", ["PNG", "JPEG", "WEBP"])
def test_a_reduced_picture_is_all_of_it_and_keeps_its_proportions(encoding: str) -> None:
    reduced = frame(encoding=encoding).reduce(20)
    assert (reduced.mode, reduced.size) == ("RGB", (20, 10))
    for place, colour in (((5, 3), (255, 0, 0)), ((15, 8), (255, 255, 255))):
        pixel = reduced.getpixel(place)
        assert isinstance(pixel, tuple)
        assert all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


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


@pytest.mark.parametrize(
    ("encoded", "problem"),
    [
        (b"", "is no picture: it has 0 bytes, b'' at first"),
        (
            b"<!doctype html><title>Sign in</title>",
            "is no picture: it has 37 bytes, b'<!doctype ht' at first",
        ),
        (frame().encoded[:-40], "is no whole picture: "),
        (frame(encoding="JPEG").encoded[:300], "is no whole picture: "),
        (frame(encoding="GIF").encoded, "is no picture: it has"),
        (stretched(9_450), "is no whole picture: 9450x9450 pixels, which no screen has"),
        (
            stretched(65_535),
            "is no whole picture: Image size (4294836225 pixels) exceeds limit of 178956970 pixels",
        ),
    ],
    ids=["nothing", "a web page", "half a PNG", "half a JPEG", "a GIF", "too large", "far too large"],
)
def test_what_is_no_whole_picture_is_said_in_one_line(encoded: bytes, problem: str) -> None:
    with pytest.raises(BridgeError, match=f"^it {re.escape(problem)}") as refused:
        decode_picture(encoded, "it")
    assert len(str(refused.value).splitlines()) == 1
    with pytest.raises(BridgeError, match=f"^frame 0 of the screen {re.escape(problem)}"):
        _ = Frame(encoded, Interval.at(1.0)).image
    with pytest.raises(BridgeError, match=f"^frame 0 of the screen {re.escape(problem)}"):
        Frame(encoded, Interval.at(1.0)).reduce(10)


def test_the_size_of_a_picture_is_in_its_head() -> None:
    assert picture_size(frame().encoded[:100], "it") == (100, 50)
    with pytest.raises(BridgeError, match="the screenshot is no picture"):
        picture_size(b"no", "the screenshot")


@pytest.mark.parametrize("answer", [None, 7, ["x"], {"a": 1}, "not/base64!="])
def test_what_is_no_base64_is_said(answer: object) -> None:
    with pytest.raises(BridgeError, match=r"^the screenshot is no picture"):
        picture_size(decode_base64(answer, "the screenshot"), "the screenshot")
