"""Many candidates are compared at once, and none that could be the picture is left out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from journeys.pictures import Picture, PictureBook, Recogniser, TooAlike
from journeys.pictures.alignment import PreparedCrop, align
from journeys.pictures.recognition import LEAST_LIKENESS, LEAST_NEAR

Drawing = Callable[..., Image.Image]
ScreenType = Callable[..., Drawing]


@pytest.fixture(scope="module")
def many() -> list[Picture]:
    return PictureBook(seed=19).take(30, size=192)


@pytest.mark.parametrize("size", [24, 40, 120])
def test_the_answer_is_that_of_comparing_with_each(
    many: list[Picture], screen: ScreenType, size: int
) -> None:
    recogniser = Recogniser()
    for shown in many[::3]:
        crop = screen()(shown, size)
        one_by_one = [picture for picture in many if recogniser.recognise(crop, picture).same]
        assert one_by_one == [shown]
        assert [
            picture for picture, answer in recogniser.find_nearest(crop, many) if answer.same
        ] == one_by_one
        assert recogniser.find_best(crop, many)[0] is shown


@pytest.mark.parametrize("size", [24, 40, 120])
def test_what_is_left_out_is_too_unlike_even_where_it_is_aligned_best(
    many: list[Picture], screen: ScreenType, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the early end, the alignment goes on from where each candidate is likest.
    monkeypatch.setattr("journeys.pictures.alignment.LEAST_NEAR", -1.0)
    left_out = 0
    for shown in many[::5]:
        look = PreparedCrop(screen()(shown, size), "circle")
        for other in many:
            view = other.fingerprint.view_at(size)
            near = look.nearness(view.luma.reshape(1, -1))[0]
            if near < LEAST_NEAR:
                left_out += 1
                assert align(look, view).likeness < LEAST_LIKENESS
            assert other is not shown or near > LEAST_NEAR + 0.2
    assert left_out > len(many)


def test_nearness_is_that_of_the_best_whole_pixel(many: list[Picture], screen: ScreenType) -> None:
    look = PreparedCrop(screen()(many[0], 40), "circle")
    lumas = np.stack([picture.fingerprint.view_at(40).luma.ravel() for picture in many])
    near = look.nearness(lumas)
    assert int(np.argmax(near)) == 0
    assert near == pytest.approx([look.nearness(luma.reshape(1, -1))[0] for luma in lumas])


def test_at_least_three_are_compared_so_that_the_answer_says_why(
    many: list[Picture], screen: ScreenType
) -> None:
    answers = Recogniser().find_nearest(screen()(many[0], 40), many[1:])
    assert len(answers) >= 3
    assert not any(answer.same for _, answer in answers)
    distances = [answer.distance for _, answer in answers]
    assert distances == sorted(distances)


def test_a_crop_that_shows_nothing_is_near_to_nothing(many: list[Picture]) -> None:
    assert Recogniser().find_nearest(Image.new("RGB", (40, 40), "white"), many) == []
    assert Recogniser().find_nearest(many[0].image, []) == []


def test_pictures_that_differ_only_by_their_crop_are_too_alike(many: list[Picture]) -> None:
    image = many[0].image
    inside = image.crop((4, 4, image.width - 4, image.height - 4))
    closer = Picture(name="closer", image=inside, encoded=b"", media_type="image/png")
    with pytest.raises(TooAlike, match="hardly told from"):
        Recogniser().tell_apart(many[0], closer)
