"""Which photo of a grid is the one that was put on the device, and that no stranger's ever is."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageOps

from flutter_bridge import Box
from flutter_bridge.appium.photos import Photo
from tests.flutter_bridge.appium.album import encoded, photo, thumbnail

SCREEN = Box(0, 0, 400, 800)
BOXES = [Box(4 + 132 * column, 100 + 132 * row, 128, 128) for row in range(3) for column in range(3)]


def grid(*pictures: Image.Image, ratio: float = 2.0, chosen: bool = False) -> bytes:
    """Return a screenshot of a picker with some pictures in it."""
    shot = Image.new("RGB", (round(400 * ratio), round(800 * ratio)), "#f4f1f8")
    for picture, box in zip(pictures, BOXES, strict=False):
        cell = thumbnail(picture, round(128 * ratio), chosen=chosen)
        shot.paste(cell, (round(box.left * ratio), round(box.top * ratio)))
    return encoded(shot)


@pytest.mark.parametrize("ratio", [1.0, 2.625, 3.5])
@pytest.mark.parametrize("chosen", [False, True], ids=["free", "chosen"])
def test_it_is_found_wherever_it_is(ratio: float, *, chosen: bool) -> None:
    pictures = [photo(number) for number in range(9)]
    shot = grid(*pictures, ratio=ratio, chosen=chosen)
    for place, picture in enumerate(pictures):
        assert Photo(encoded(picture)).find(shot, BOXES, screen=SCREEN) == place


def test_strangers_photos_are_never_taken_for_it() -> None:
    mine = [Photo(encoded(photo(number))) for number in range(10)]
    for first in range(100, 190, 9):
        shot = grid(*(photo(number) for number in range(first, first + 9)))
        assert [each.find(shot, BOXES, screen=SCREEN) for each in mine] == [None] * 10


@pytest.mark.parametrize("size", [(900, 300), (300, 900), (40, 40)], ids=["wide", "tall", "small"])
def test_grids_show_the_middle_of_it(size: tuple[int, int]) -> None:
    mine = photo(1, size)
    assert Photo(encoded(mine)).find(grid(photo(7), mine), BOXES, screen=SCREEN) == 1


def test_a_phone_turns_a_photo_as_its_exif_says() -> None:
    upright = photo(3)
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = encoded(upright.rotate(90, expand=True), "JPEG", quality=95, exif=exif)
    assert Photo(lying).find(grid(photo(7), photo(8), upright), BOXES, screen=SCREEN) == 2


@pytest.mark.parametrize("ground", ["white", "black"])
def test_what_can_be_seen_through_may_have_any_ground(ground: str) -> None:
    clear = photo(4).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    drawn = Image.alpha_composite(Image.new("RGBA", clear.size, ground), clear).convert("RGB")
    assert Photo(encoded(clear)).find(grid(drawn, photo(7)), BOXES, screen=SCREEN) == 0


def test_a_mirrored_or_a_darker_one_is_another() -> None:
    mine = photo(5)
    others = (ImageOps.mirror(mine), ImageOps.flip(mine), mine.point(lambda level: level // 2))
    assert Photo(encoded(mine)).find(grid(*others), BOXES, screen=SCREEN) is None


def test_without_photos_there_is_none() -> None:
    assert Photo(encoded(photo(1))).find(grid(), [], screen=SCREEN) is None


@pytest.mark.parametrize(
    "content", [b"", b"no picture", encoded(photo(1))[:60]], ids=["empty", "text", "cut"]
)
def test_a_file_that_can_not_be_read_tells_why(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cat.png").write_bytes(content)
    with pytest.raises(ValueError, match=r".+"):
        Photo.read(tmp_path / "cat.png")
