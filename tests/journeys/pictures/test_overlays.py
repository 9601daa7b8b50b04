"""What apps draw over an avatar is left out, and nothing is taken for the picture that was not before."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benches._overlays import CLIPS, COVERS, OVERLAYS
from benches._renderings import Renderings, Variant
from benches._wrong_drawings import Change, channel_swap, enlargement, mirrored, partial_load, thumbnail
from journeys.pictures import Overlay, Picture, Recogniser
from journeys.pictures.overlay import MOST_LEARNT, MOST_LEFT_OUT

SMALL, LARGE = Variant(40, 1, "circle", "JPEG q60"), Variant(64, 3, "circle", "WebP")


@pytest.fixture(scope="module")
def few(pictures: list[Picture]) -> list[Picture]:
    return pictures[:6]


def drawn(pictures: list[Picture], cell: Variant, dress: str) -> list[Image.Image]:
    return [Renderings(picture, number).draw(cell, dress=dress) for number, picture in enumerate(pictures)]


@pytest.mark.parametrize("dress", [*OVERLAYS, *CLIPS])
def test_a_picture_is_recognised_beneath_what_apps_draw_over_it_and_no_other_is(
    few: list[Picture], dress: str
) -> None:
    for crop, shown in zip(drawn(few, LARGE, dress), few, strict=True):
        seen = Recogniser().recognise(crop, shown)
        assert seen.same, (dress, shown, seen)
        assert seen.left_out <= MOST_LEFT_OUT
        assert not any(Recogniser().recognise(crop, other).same for other in few if other is not shown)


def test_the_answer_says_how_much_was_left_out(few: list[Picture]) -> None:
    plain = Recogniser().recognise(Renderings(few[0], 0).draw(LARGE), few[0])
    assert plain.left_out == 0
    assert "left out" not in plain.reason
    dotted = Recogniser().recognise(drawn(few[:1], LARGE, "camera button")[0], few[0])
    assert 0 < dotted.left_out <= MOST_LEFT_OUT
    assert f"what lies over {dotted.left_out:.0%} of it left out" in dotted.reason


@pytest.mark.parametrize("dress", COVERS)
def test_what_covers_more_is_learnt_from_the_picture_before(few: list[Picture], dress: str) -> None:
    recogniser = Recogniser()
    crops = drawn(few, LARGE, dress)
    for number, (crop, shown) in enumerate(zip(crops, few, strict=True)):
        before = number - 1
        overlay = recogniser.overlay_on(crops[before], few[before])
        assert overlay is not None
        assert 0 < overlay.share <= MOST_LEARNT
        assert recogniser.recognise(crop, shown, overlay=overlay).same
        assert not recogniser.recognise(crop, few[before], overlay=overlay).same


def test_nothing_is_learnt_from_a_picture_that_is_not_shown(few: list[Picture]) -> None:
    crops = drawn(few, LARGE, "scrim, lower third")
    for crop, other in zip(crops, [*few[1:], few[0]], strict=True):
        assert Recogniser().overlay_on(crop, other) is None


def test_an_overlay_that_comes_with_the_new_picture_or_goes_is_no_obstacle(few: list[Picture]) -> None:
    bare, dotted = (Renderings(few[0], 0).draw(LARGE, dress=dress) for dress in (None, "number on a badge"))
    overlay = Recogniser().overlay_on(dotted, few[0])
    assert Recogniser().recognise(bare, few[0], overlay=overlay).same
    nothing = Overlay(np.zeros((32, 32), dtype=np.bool_))
    assert Recogniser().recognise(dotted, few[0], overlay=nothing).same


@pytest.mark.parametrize(
    "wrong",
    [
        mirrored,
        enlargement(1.15, 1.15),
        channel_swap(2, 1, 0),
        partial_load(0.7, (128, 128, 128)),
        partial_load(0.6, (0, 0, 0)),
        thumbnail(8),
    ],
    ids=["mirrored", "over-cropped", "swapped", "70 % loaded", "60 % loaded", "thumbnail"],
)
@pytest.mark.parametrize("dress", ["dot, 8 % of the box", "ring, 3 px"])
def test_a_wrong_drawing_is_refused_beneath_an_overlay_too(
    few: list[Picture], dress: str, wrong: Change
) -> None:
    for number, picture in enumerate(few):
        for cell in (SMALL, LARGE):
            seen = Recogniser().recognise(Renderings(picture, number).draw(cell, wrong, dress), picture)
            assert not seen.same, (picture, seen)


def blot(box: tuple[float, float, float, float]) -> Callable[[Image.Image], Image.Image]:
    """Return what covers a part of a crop in one colour, its edges given in parts of its side."""

    def draw(crop: Image.Image) -> Image.Image:
        marred = crop.copy()
        edges = [round(edge * crop.width) for edge in box]
        ImageDraw.Draw(marred).rectangle(edges, fill=(255, 255, 255), outline=(0, 0, 0))
        return marred

    return draw


@pytest.mark.parametrize(
    "box",
    [(0.35, 0.35, 0.65, 0.65), (0.0, 0.6, 1.0, 1.0), (0.0, 0.0, 0.4, 1.0), (0.45, 0.45, 1.0, 1.0)],
    ids=["in the middle", "the lower part", "a side", "a whole quarter"],
)
def test_what_covers_more_than_a_corner_is_not_left_out_unless_it_was_there_before(
    few: list[Picture], box: tuple[float, float, float, float]
) -> None:
    for number, picture in enumerate(few):
        crop = blot(box)(Renderings(picture, number).draw(LARGE))
        assert not Recogniser().recognise(crop, picture).same
