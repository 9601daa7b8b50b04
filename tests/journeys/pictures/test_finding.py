"""Where a picture is on a whole screenshot, with no help from semantics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from journeys import pictures as package
from journeys.pictures import Match, Picture, PictureBook, Recogniser, Shape, find, search
from tests.journeys.pictures.conftest import RenderedScreen

SHAPES: tuple[Shape, ...] = ("circle", "rounded", "square")
THEME = (103, 80, 164)
Box = tuple[int, int, int, int]
Change = Callable[[Image.Image], Image.Image]


@dataclass
class Wall:
    """A screenshot with words and panels on it, on which pictures are hung at some distance."""

    width: int = 412
    height: int = 915
    theme: tuple[int, int, int] = THEME
    hung: list[Box] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", (self.width, self.height), self.theme)

    def write(self, random: np.random.Generator, lines: int) -> None:
        draw = ImageDraw.Draw(self.image)
        for _ in range(lines):
            place = (int(random.integers(self.width)), int(random.integers(self.height)))
            ink = tuple(int(value) for value in random.integers(0, 256, 3))
            draw.text(
                place, "Weaves patterns, counts stars", fill=ink, font_size=int(random.integers(10, 40))
            )
            draw.rectangle((*place, place[0] + 60, place[1] + 9), fill=ink)

    def hang(
        self, picture: Picture, size: int, place: tuple[int, int], shape: Shape = "circle", **change: Change
    ) -> Box:
        screen = RenderedScreen(theme=self.theme, shape=shape, rendition=96 if size <= 96 else 512)
        self.image.paste(screen(picture, size, **change), place)
        self.hung.append((*place, size, size))
        return self.hung[-1]

    def hang_anywhere(self, random: np.random.Generator, picture: Picture, size: int) -> Box | None:
        for _ in range(100):
            left, top = int(random.integers(self.width - size)), int(random.integers(self.height - size))
            if all(
                left + size < x or x + width < left or top + size < y or y + height < top
                for x, y, width, height in self.hung
            ):
                return self.hang(picture, size, (left, top), SHAPES[int(random.integers(3))])
        return None


def at(place: Match, box: Box) -> bool:
    """Whether a place is a box, give or take what the picture's own offset and the rounding make of it."""
    give = 2 + 0.04 * box[2]
    return all(abs(one - other) <= give for one, other in zip(place.box, box, strict=True))


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(min_value=0, max_value=2**32),
    small=st.integers(min_value=24, max_value=60),
    large=st.integers(min_value=61, max_value=240),
    theme=st.tuples(*[st.integers(min_value=0, max_value=255)] * 3),
    wanted=st.integers(min_value=0, max_value=11),
)
def test_every_place_of_a_picture_is_found_among_others_and_nothing_else(
    seed: int, small: int, large: int, theme: tuple[int, int, int], wanted: int, pictures: list[Picture]
) -> None:
    random = np.random.default_rng(seed)
    wall = Wall(theme=theme)
    wall.write(random, 30)
    boxes = [wall.hang_anywhere(random, pictures[wanted], size) for size in (large, small, 24)]
    for index in range(12):
        if index != wanted:
            wall.hang_anywhere(random, pictures[index], int(random.integers(24, 120)))
    found = find(pictures[wanted], wall.image)
    assert len(found) == 3
    for box in boxes:
        assert box is not None
        (place,) = [place for place in found if at(place, box)]
        left, top, width, height = place.box
        assert Recogniser().recognise(
            wall.image.crop((left, top, left + width, top + height)), pictures[wanted]
        )
        assert place.recognition.same
    likeness = [place.recognition.likeness for place in found]
    assert likeness[0] >= likeness[-1] - 0.1


def test_pictures_are_found_on_a_phone_s_full_resolution(pictures: list[Picture]) -> None:
    random = np.random.default_rng(5)
    wall = Wall(1236, 2745)
    wall.write(random, 60)
    boxes = [wall.hang_anywhere(random, pictures[2], size) for size in (72, 120, 360, 500)]
    for index in (0, 1, 3, 4):
        wall.hang_anywhere(random, pictures[index], 144)
    found = find(pictures[2], wall.image)
    assert len(found) == 4
    for box in boxes:
        assert box is not None
        assert any(at(place, box) for place in found)


def test_all_of_a_feed_s_many_are_found(pictures: list[Picture]) -> None:
    wall = Wall()
    for row in range(14):
        for column, index in enumerate((3, 4, 3, 5)):
            wall.hang(pictures[index], 40, (20 + 90 * column, 10 + 64 * row), SHAPES[row % 3])
    found = find(pictures[3], wall.image)
    assert len(found) == 28
    wanted = wall.hung[0::4] + wall.hung[2::4]
    assert all(any(at(place, box) for place in found) for box in wanted)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_place_says_how_the_picture_is_clipped(pictures: list[Picture], shape: Shape) -> None:
    for picture in pictures[:4]:
        wall = Wall(height=300, theme=(255, 0, 255))
        wall.hang(picture, 120, (100, 100), shape)
        (place,) = find(picture, wall.image)
        assert place.shape == shape


def test_a_picture_that_is_nowhere_is_told_by_what_comes_nearest(pictures: list[Picture]) -> None:
    wall = Wall()
    wall.hang(pictures[0], 120, (100, 100), change=ImageOps.mirror)
    done = search(pictures[0], wall.image)
    assert not done
    assert done.found == ()
    assert done.nearest is None or not done.nearest.recognition.same
    assert done.reason.startswith(
        (f"{pictures[0].name} is not on the 412 x 915 px", "nothing on the 412 x 915 px")
    )
    assert "\n" not in done.reason


def test_a_search_says_where_the_picture_is(picture: Picture) -> None:
    wall = Wall()
    wall.hang(picture, 48, (200, 300))
    done = search(picture, wall.image)
    assert done
    assert done.nearest is done.found[0]
    left, top, width, _ = done.found[0].box
    assert done.reason == f"{picture.name} is on the 412 x 915 px screenshot: {width} px at ({left}, {top})"


def faded(image: Image.Image) -> Image.Image:
    return Image.blend(image, Image.new("RGB", image.size, (238, 238, 238)), 0.5)


def test_the_nearest_says_which_check_refused(picture: Picture) -> None:
    wall = Wall()
    box = wall.hang(picture, 96, (200, 300), change=faded)
    done = search(picture, wall.image)
    assert done.nearest is not None
    assert at(done.nearest, box)
    assert done.nearest.recognition.refused_by == "contrast"
    assert "of the picture's contrast" in done.reason


@pytest.mark.parametrize("size", [(412, 915), (30, 30), (8, 8), (500, 12)])
def test_nothing_is_found_where_there_is_nothing(picture: Picture, size: tuple[int, int]) -> None:
    done = search(picture, Image.new("RGB", size, THEME))
    assert done.found == ()
    assert done.nearest is None
    assert done.reason == (
        f"nothing on the {size[0]} x {size[1]} px screenshot is anything like {picture.name}"
    )


def swapped(image: Image.Image) -> Image.Image:
    red, green, blue = image.split()
    return Image.merge("RGB", (blue, green, red))


def half_loaded(image: Image.Image) -> Image.Image:
    half = image.copy()
    half.paste((128, 128, 128), (0, image.height // 2, image.width, image.height))
    return half


def stretched(image: Image.Image) -> Image.Image:
    width, height = image.size
    return image.resize(image.size, Image.Resampling.BICUBIC, box=(width / 8, 0, width * 7 / 8, height))


@pytest.mark.parametrize("size", [40, 120])
@pytest.mark.parametrize(
    "wrong", [ImageOps.mirror, ImageOps.flip, ImageOps.invert, swapped, half_loaded, stretched, faded]
)
def test_a_wrong_drawing_of_the_picture_is_not_found(pictures: list[Picture], wrong: Any, size: int) -> None:
    for picture in pictures[:4]:
        wall = Wall(height=300)
        wall.hang(picture, size, (100, 100), "square", change=wrong)
        assert not find(picture, wall.image)


def enlarged(image: Image.Image) -> Image.Image:
    side, edge = image.width, image.width / 10
    return image.resize(image.size, Image.Resampling.BICUBIC, box=(edge, edge, side - edge, side - edge))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_picture_clipped_too_far_in_is_not_found_in_a_larger_box(
    pictures: list[Picture], shape: Shape
) -> None:
    for picture in pictures[:4]:
        wall = Wall(height=300, theme=(255, 0, 255))
        wall.hang(picture, 120, (100, 100), shape, change=enlarged)
        assert not find(picture, wall.image)


def test_a_badge_on_its_rim_is_no_obstacle(pictures: list[Picture]) -> None:
    for picture in pictures[:4]:
        wall = Wall(height=300)
        box = wall.hang(picture, 80, (100, 100))
        ImageDraw.Draw(wall.image).ellipse((168, 168, 182, 182), fill="#00c853", outline="white", width=2)
        (place,) = find(picture, wall.image)
        assert at(place, box)


def test_a_picture_cut_off_by_the_screen_s_edge_is_not_found(picture: Picture) -> None:
    wall = Wall()
    wall.hang(picture, 120, (330, 100))
    assert not find(picture, wall.image)
    assert not find(picture, wall.image.crop((0, 0, 400, 915)))


def test_only_the_sizes_asked_for_are_found(picture: Picture) -> None:
    wall = Wall()
    small, large = wall.hang(picture, 32, (20, 20)), wall.hang(picture, 128, (200, 200))
    (place,) = find(picture, wall.image, sizes=(24, 64))
    assert at(place, small)
    (place,) = find(picture, wall.image, sizes=(100, 160))
    assert at(place, large)


def test_it_is_called_by_the_package_s_name() -> None:
    picture = PictureBook(2).fresh()
    wall = Wall()
    box = wall.hang(picture, 48, (10, 10))
    (place,) = package.find(picture, wall.image)
    assert place
    assert at(place, box)


def test_sizes_the_wrong_way_round_are_refused(picture: Picture) -> None:
    with pytest.raises(ValueError, match=r"the smallest and the largest in pixels, got \(140, 40\)"):
        find(picture, Image.new("RGB", (412, 915)), sizes=(140, 40))
