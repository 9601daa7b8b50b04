"""A picture is recognised however an app draws it, and nothing else is taken for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image, ImageChops

from benches._wrong_drawings import (
    Change,
    blur,
    channel_swap,
    desaturated,
    enlargement,
    mirrored,
    partial_load,
    quarter_turns,
    thumbnail,
    upside_down,
)
from journeys.pictures import Check, Picture, PictureBook, Recogniser, Recognition, Shape, TooAlike
from journeys.pictures.recognition import judge

Drawing = Callable[..., Image.Image]
ScreenType = Callable[..., Drawing]

WHITE, NIGHT, VIOLET, LIME = (255, 255, 255), (18, 18, 18), (103, 80, 164), (190, 255, 0)


def shrunk(image: Image.Image) -> Image.Image:
    sheet = Image.new("RGB", image.size, (200, 200, 200))
    edge = round(image.width * 0.08)
    sheet.paste(image.resize((image.width - 2 * edge,) * 2, Image.Resampling.LANCZOS), (edge, edge))
    return sheet


def faded(share: float) -> Change:
    return lambda image: Image.blend(image, Image.new("RGB", image.size, (238, 238, 238)), share)


WRONG: dict[str, Change] = {
    "mirrored": mirrored,
    "upside down": upside_down,
    "turned by 90": quarter_turns(1),
    "turned by 180": quarter_turns(2),
    "turned by 270": quarter_turns(3),
    "stretched 4:3": enlargement(4 / 3, 1),
    "stretched 3:4": enlargement(1, 4 / 3),
    "stretched a little": enlargement(1.15, 1),
    "over-cropped": enlargement(1.25, 1.25),
    "over-cropped a little": enlargement(1.15, 1.15),
    "shrunk": shrunk,
    "red and blue swapped": channel_swap(2, 1, 0),
    "red and green swapped": channel_swap(1, 0, 2),
    "grey": desaturated,
    "inverted": ImageChops.invert,
    "blurred": blur(0.05),
    "an enlarged thumbnail": thumbnail(8),
    "half loaded, grey": partial_load(0.5, (128, 128, 128)),
    "half loaded, white": partial_load(0.5, WHITE),
    "two thirds loaded": partial_load(0.66, (128, 128, 128)),
    "half faded": faded(0.5),
    "a third faded": faded(0.3),
}


@pytest.mark.parametrize("theme", [WHITE, NIGHT, VIOLET, LIME])
@pytest.mark.parametrize(
    ("size", "rendition"), [(24, 48), (24, 96), (40, 96), (48, 96), (80, 96), (120, 192)]
)
def test_a_picture_is_recognised_at_every_size_on_every_theme(
    pictures: list[Picture], screen: ScreenType, size: int, rendition: int, theme: tuple[int, int, int]
) -> None:
    draw = screen(theme=theme, rendition=rendition)
    for picture in pictures:
        seen = Recogniser().recognise(draw(picture, size), picture)
        assert seen.same, seen
        assert seen.refused_by is None
        assert seen.distance <= 9


@pytest.mark.parametrize("size", [120, 144, 360, 512])
def test_a_large_drawing_of_a_small_rendition_is_recognised(
    pictures: list[Picture], screen: ScreenType, size: int
) -> None:
    for picture in pictures[:6]:
        seen = Recogniser().recognise(screen(rendition=96)(picture, size), picture)
        assert seen.same, seen


@pytest.mark.parametrize("shape", ["circle", "rounded", "square"])
def test_every_shape_is_recognised_as_itself_and_as_a_circle(
    pictures: list[Picture], screen: ScreenType, shape: Shape
) -> None:
    for picture in pictures:
        crop = screen(shape=shape, theme=NIGHT)(picture, 48)
        assert Recogniser(shape).recognise(crop, picture).same
        assert Recogniser("circle").recognise(crop, picture).same


@pytest.mark.parametrize("size", [24, 40, 120])
def test_no_picture_is_taken_for_another(pictures: list[Picture], screen: ScreenType, size: int) -> None:
    for shown in pictures:
        crop = screen()(shown, size)
        for other in pictures:
            if other is not shown:
                seen = Recogniser().recognise(crop, other)
                assert not seen.same, (shown, seen)
                assert seen.distance >= 16


@pytest.mark.parametrize("size", [40, 120])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_drawing_of_the_right_picture_is_refused(
    pictures: list[Picture], screen: ScreenType, wrong: str, size: int
) -> None:
    for picture in pictures:
        seen = Recogniser().recognise(screen()(picture, size, WRONG[wrong]), picture)
        assert not seen.same, seen
        assert picture.name in seen.reason


@pytest.mark.parametrize(
    ("wrong", "check"),
    [
        ("mirrored", "distance"),
        ("stretched a little", "scale"),
        ("half faded", "contrast"),
        ("grey", "colour"),
    ],
)
def test_the_answer_names_what_is_wrong(
    pictures: list[Picture], screen: ScreenType, wrong: str, check: Check
) -> None:
    drawn = ((picture, screen()(picture, 120, WRONG[wrong])) for picture in pictures)
    named = [Recogniser().recognise(crop, picture).refused_by for picture, crop in drawn]
    assert named.count(check) > len(named) / 2


def test_a_blurred_drawing_is_called_so_whichever_check_refuses(
    pictures: list[Picture], screen: ScreenType
) -> None:
    for picture in pictures:
        seen = Recogniser().recognise(screen()(picture, 120, WRONG["blurred"]), picture)
        assert seen.defect == "blurred"
        assert seen.reason.endswith("; it looks blurred") or seen.refused_by == "defect"


MEASURED = Recognition(
    same=False,
    distance=2,
    colour_distance=1.0,
    alignment=(0.2, -0.1),
    refused_by=None,
    reason="",
    likeness=0.98,
    unlike=0.4,
    unlike_part=0.8,
    scale=(1.0, 1.01),
    contrast=0.97,
    detail=0.95,
    colour_part=2.0,
    tint=0.98,
)


def test_what_passes_every_check_is_the_picture() -> None:
    verdict = judge(MEASURED, "ada.png", 48)
    assert verdict
    assert verdict.reason == "is ada.png: 2 bits and 1.0 of colour off"


@pytest.mark.parametrize(
    ("figures", "check", "why"),
    [
        ({"distance": 12}, "distance", "12 bits differ (at most 11 may)"),
        ({"likeness": 0.6}, "likeness", "its shapes are 0.60 alike (at least 0.65)"),
        ({"unlike": 2.5}, "likeness", "its shapes are 2.50 off (at most 2.00 is the drawing's)"),
        ({"scale": (1.0, 1.2)}, "scale", "1.00 times as wide and 1.20 times as high as its box"),
        ({"scale": (0.8, 1.0)}, "scale", "0.80 times as wide"),
        ({"contrast": 0.5}, "contrast", "it has 50% of the picture's contrast"),
        ({"contrast": 1.5}, "contrast", "it has 150% of the picture's contrast"),
        ({"detail": 0.3}, "detail", "it has 30% of the picture's finer detail"),
        ({"unlike_part": 6.0}, "part", "a part of it is 6.0 off"),
        ({"colour_distance": 20.0}, "colour", "its colours are 20.0 off (at most 8.6)"),
        ({"colour_part": 60.0}, "colour", "a part's colour is 60.0 off (at most 30.7)"),
        ({"tint": 0.1}, "colour", "it has 10% of the picture's colourfulness"),
    ],
)
def test_each_check_refuses_by_itself_and_says_why(figures: dict[str, Any], check: Check, why: str) -> None:
    verdict = judge(replace(MEASURED, **figures), "ada.png", 48)
    assert not verdict
    assert verdict.refused_by == check
    assert verdict.reason.startswith("is not ada.png: ")
    assert why in verdict.reason


def test_a_colour_cast_is_refused_by_its_colour_only(picture: Picture, screen: ScreenType) -> None:
    cast = screen()(picture, 120, lambda image: Image.blend(image, Image.new("RGB", image.size, "blue"), 0.2))
    seen = Recogniser().recognise(cast, picture)
    assert seen.refused_by == "colour"
    assert seen.distance <= 13


@pytest.mark.parametrize("crop_size", [(19, 19), (40, 30), (120, 100)])
def test_a_crop_that_is_cut_off_or_tiny_is_refused_by_size(
    picture: Picture, screen: ScreenType, crop_size: tuple[int, int]
) -> None:
    crop = screen()(picture, max(crop_size)).crop((0, 0, *crop_size))
    seen = Recogniser().recognise(crop, picture)
    assert seen.refused_by == "size"
    assert f"{crop_size[0]} x {crop_size[1]}" in seen.reason


@pytest.mark.parametrize("colour", ["white", "black", "red", (128, 128, 128)])
def test_a_plain_crop_is_refused_by_structure(picture: Picture, colour: Any) -> None:
    assert Recogniser().recognise(Image.new("RGB", (48, 48), colour), picture).refused_by == "structure"


@pytest.mark.parametrize("off", [(0.0, 0.0), (0.5, -0.5), (-1.25, 0.75), (1.5, 1.5)])
def test_the_alignment_says_where_in_the_box_the_picture_lies(
    pictures: list[Picture], screen: ScreenType, off: tuple[float, float]
) -> None:
    for picture in pictures:
        seen = Recogniser().recognise(screen(off=off)(picture, 80), picture)
        assert seen.same, seen
        assert seen.alignment == pytest.approx(off, abs=0.4)


def test_a_crop_one_pixel_wider_than_high_is_no_obstacle(pictures: list[Picture], screen: ScreenType) -> None:
    for picture in pictures:
        crop = screen()(picture, 48).crop((0, 0, 47, 48))
        assert Recogniser().recognise(crop, picture).same


def test_a_drawing_enlarged_by_a_tenth_says_so(pictures: list[Picture], screen: ScreenType) -> None:
    for picture in pictures:
        seen = Recogniser().recognise(screen(off=(0.0, 0.0))(picture, 120, enlargement(1.1, 1.1)), picture)
        assert seen.refused_by in {"scale", "likeness"}
        if seen.refused_by == "scale":
            assert seen.scale == pytest.approx((1.1, 1.1), abs=0.03)


def test_the_best_of_many_is_the_one_that_is_shown(pictures: list[Picture], screen: ScreenType) -> None:
    for shown in pictures:
        found, seen = Recogniser().find_best(screen()(shown, 40), pictures)
        assert found is shown
        assert seen.same


def test_none_is_best_when_none_is_shown(pictures: list[Picture], screen: ScreenType) -> None:
    found, seen = Recogniser().find_best(screen()(pictures[0], 40), pictures[1:])
    assert found is None
    assert seen.refused_by == "distance"


def test_two_alike_are_ambiguous(picture: Picture, screen: ScreenType) -> None:
    twin = Picture(name="twin", image=picture.image, encoded=picture.encoded, media_type=picture.media_type)
    found, seen = Recogniser().find_best(screen()(picture, 40), [picture, twin])
    assert found is None
    assert seen.refused_by == "ambiguous"
    assert "twin" in seen.reason


def test_without_candidates_there_is_no_best(picture: Picture, screen: ScreenType) -> None:
    assert Recogniser().find_best(screen()(picture, 40), [])[0] is None


def test_pictures_too_alike_are_refused_by_name(picture: Picture) -> None:
    brighter = picture.image.point(lambda value: min(255, value + 12))
    twin = Picture(name="brighter", image=brighter, encoded=b"", media_type="image/png")
    with pytest.raises(TooAlike, match=f"{picture.name} and brighter are too alike"):
        Recogniser().tell_apart(picture, twin)


def test_pictures_of_a_book_can_be_told_apart() -> None:
    one, other = PictureBook(seed=3).take(2)
    Recogniser().tell_apart(one, other)


@pytest.mark.parametrize("share", [0.05, 0.1])
def test_what_the_recogniser_never_confuses_can_be_told_apart(pictures: list[Picture], share: float) -> None:
    for picture in pictures[:3]:
        side = picture.image.width
        edge = round(share * side)
        closer = Picture(
            name="closer",
            image=picture.image.crop((edge, edge, side - edge, side - edge)),
            encoded=b"",
            media_type="image/png",
        )
        for size in (24, 40, 96):
            drawing = closer.image.resize((size, size), Image.Resampling.LANCZOS)
            assert not Recogniser().recognise(drawing, picture).same
        Recogniser().tell_apart(picture, closer)


def test_what_the_recogniser_takes_for_the_picture_at_one_size_only_is_too_alike(picture: Picture) -> None:
    side = picture.image.width
    hardly = Picture(
        name="hardly", image=picture.image.crop((10, 10, side - 10, side - 10)), encoded=b"", media_type=""
    )
    assert Recogniser().recognise(hardly.image.resize((24, 24), Image.Resampling.LANCZOS), picture).same
    with pytest.raises(TooAlike, match=r"drawn in (24|40|64|96) px"):
        Recogniser().tell_apart(picture, hardly)
