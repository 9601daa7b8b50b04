"""When pieces of a screen look the same: through JPEG, beside what changes, in brightness and in colour."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from journeys.propagation.looks import Patch

FONT = ImageFont.load_default(14)
BOX = (40, 30, 90, 60)


def screen(
    fill: str = "#3060c0", beside: str = "#f4f4f8", text: str = "Hello", *, quality: int = 85
) -> Image.Image:
    image = Image.new("RGB", (160, 96), "#f4f4f8")
    pen = ImageDraw.Draw(image)
    pen.rectangle((40, 30, 89, 59), fill=fill)
    pen.text((46, 36), text, fill="white", font=FONT)
    pen.rectangle((90, 30, 120, 59), fill=beside)
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=quality)
    return Image.open(encoded)


def patch(image: Image.Image, *, in_colour: bool = True) -> Patch:
    return Patch.of(image.crop(BOX), in_colour=in_colour)


@pytest.mark.parametrize("beside", ["#d03030", "#000000", "#30c040", "#ffee00"])
def test_a_neighbour_that_changes_changes_nothing(beside: str) -> None:
    assert patch(screen(beside=beside)).is_same_as(patch(screen()))


def test_colours_of_the_same_brightness_are_told_apart_where_they_matter() -> None:
    grey, pink = screen("#808080"), screen("#e63cda")
    assert patch(grey).is_apart_from(patch(pink))
    assert not patch(grey, in_colour=False).is_apart_from(patch(pink, in_colour=False))


def test_one_letter_makes_another_look() -> None:
    assert patch(screen(text="Hello")).is_apart_from(patch(screen(text="Hallo")))


def drawn(text: str, at: tuple[int, int], size: tuple[int, int]) -> Patch:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text(at, text, fill="black", font=FONT)
    return Patch.of(image)


@pytest.mark.parametrize(
    ("size", "at"),
    [((60, 20), (0, 0)), ((60, 20), (1, 2)), ((90, 20), (30, 0)), ((40, 20), (0, 0)), ((90, 30), (15, 5))],
)
def test_a_text_is_found_at_another_place_a_little_off_or_cut(
    size: tuple[int, int], at: tuple[int, int]
) -> None:
    assert drawn("Alice B", (0, 0), (60, 20)).may_be_drawn_in(drawn("Alice B", at, size))


@pytest.mark.parametrize("text", ["Bob", "Alicf B", "Alice C"])
def test_another_text_is_not_it(text: str) -> None:
    assert not drawn("Alice B", (0, 0), (60, 20)).may_be_drawn_in(drawn(text, (0, 0), (60, 20)))
