"""The second opinion: what looks the same to a person although its pixels differ, and what does not."""

from __future__ import annotations

from PIL import Image, ImageDraw

from journeys.snapshots.comparison.likeness import UNLIKE, likeness
from journeys.snapshots.record import PixelBox
from tests.journeys.snapshots.drawn import button, disc, screen

WHOLE = PixelBox(0, 0, 100, 100)


def test_an_edge_drawn_a_bit_further_looks_the_same() -> None:
    found = likeness(disc((50.25, 50), 30), disc((50, 50), 30), PixelBox(10, 10, 70, 70))
    assert found.alike


def test_another_shape_does_not() -> None:
    ring = disc((50, 50), 30, width=4)
    found = likeness(ring, disc((50, 50), 30), WHOLE)
    assert not found.same_shapes
    assert found.distance > 10


def test_the_same_shapes_in_another_colour_are_the_same_shapes_but_not_alike() -> None:
    found = likeness(
        screen(button(colour="#6750a4")), screen(button(colour="#00696b")), PixelBox(100, 80, 100, 60)
    )
    assert found.same_shapes
    assert not found.alike


def test_what_is_plain_has_no_shapes_that_noise_could_make_up() -> None:
    plain = Image.new("RGB", (100, 100), "#808080")
    shade = Image.new("RGB", (100, 100), "#828282")
    assert likeness(plain, shade, WHOLE).distance == 0
    assert likeness(plain, shade, WHOLE).alike
    assert likeness(plain, disc((50, 50), 30), WHOLE).distance == UNLIKE


def test_a_dot_is_seen_with_what_is_around_it() -> None:
    with_dot = disc((50, 50), 30)
    ImageDraw.Draw(with_dot).point((50, 50), fill="white")
    assert likeness(with_dot, disc((50, 50), 30), PixelBox(50, 50, 1, 1)).distance <= UNLIKE
    corner = disc((50, 50), 30)
    ImageDraw.Draw(corner).point((99, 99), fill="black")
    assert likeness(corner, disc((50, 50), 30), PixelBox(99, 99, 1, 1)).shade < 2
