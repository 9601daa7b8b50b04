"""The second opinion: what looks the same to a person although its pixels differ, and what does not."""

from __future__ import annotations

from PIL import Image, ImageDraw

from journeys.snapshots import PixelBox
from journeys.snapshots.comparison.regions import SAME_SHAPES, UNLIKE, hash_distance
from tests.journeys.snapshots.drawn import button, disc, screen

WHOLE = PixelBox(0, 0, 100, 100)


def test_an_edge_drawn_a_bit_further_looks_the_same() -> None:
    assert hash_distance(disc((50.25, 50), 30), disc((50, 50), 30), PixelBox(10, 10, 70, 70)) <= SAME_SHAPES


def test_another_shape_does_not() -> None:
    ring = disc((50, 50), 30, width=4)
    assert hash_distance(ring, disc((50, 50), 30), WHOLE) > 10 > SAME_SHAPES


def test_the_same_shapes_in_another_colour_are_the_same_shapes() -> None:
    violet, green = screen(button(colour="#6750a4")), screen(button(colour="#00696b"))
    assert hash_distance(violet, green, PixelBox(100, 80, 100, 60)) <= SAME_SHAPES


def test_what_is_plain_has_no_shapes_that_noise_could_make_up() -> None:
    plain = Image.new("RGB", (100, 100), "#808080")
    shade = Image.new("RGB", (100, 100), "#828282")
    assert hash_distance(plain, shade, WHOLE) == 0
    assert hash_distance(plain, disc((50, 50), 30), WHOLE) == UNLIKE


def test_a_dot_is_seen_with_what_is_around_it() -> None:
    with_dot = disc((50, 50), 30)
    ImageDraw.Draw(with_dot).point((50, 50), fill="white")
    assert hash_distance(with_dot, disc((50, 50), 30), PixelBox(50, 50, 1, 1)) <= UNLIKE
    corner = disc((50, 50), 30)
    ImageDraw.Draw(corner).point((99, 99), fill="black")
    assert hash_distance(corner, disc((50, 50), 30), PixelBox(99, 99, 1, 1)) == UNLIKE
