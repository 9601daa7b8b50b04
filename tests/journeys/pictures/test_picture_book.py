"""A book's pictures are far apart, the same for the same seed, and fit for being recognised."""

from __future__ import annotations

import io
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from journeys.pictures import Picture, PictureBook, Recogniser, TooAlike


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_the_same_seed_gives_the_same_pictures_far_apart(seed: int) -> None:
    pictures = PictureBook(seed).take(5)
    again = PictureBook(seed)
    assert [picture.encoded for picture in pictures] == [again.fresh().encoded for _ in pictures]
    assert [picture.name for picture in pictures] == [picture.name for picture in PictureBook(seed).take(5)]
    for one, other in combinations(pictures, 2):
        assert one.fingerprint - other.fingerprint >= 20


def test_another_seed_gives_other_pictures() -> None:
    assert PictureBook(1).fresh().encoded != PictureBook(2).fresh().encoded


def test_every_pair_is_as_far_apart_as_asked() -> None:
    for one, other in combinations(PictureBook(5, minimum_distance=24).take(12), 2):
        assert one.fingerprint - other.fingerprint >= 24


def test_a_book_keeps_away_from_pictures_that_are_already_there() -> None:
    first = PictureBook(9).fresh()
    book = PictureBook(9)
    book.avoid(first)
    assert book.fresh().fingerprint - first.fingerprint >= 20


def test_a_book_says_when_it_has_no_further_picture(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.pictures.book._MOST_TRIES", 20)
    book = PictureBook(minimum_distance=56)
    book.avoid(picture)
    with pytest.raises(TooAlike, match="no further picture is 56 bits from 1 other"):
        book.fresh()


def test_a_picture_can_be_uploaded_in_each_of_three_formats(pictures: list[Picture]) -> None:
    formats = []
    for picture in pictures[:6]:
        with Image.open(io.BytesIO(picture.encoded)) as uploaded:
            assert uploaded.get_format_mimetype() == picture.media_type
            assert uploaded.size == picture.image.size == (512, 512)
            formats.append(uploaded.format)
            assert Recogniser().recognise(uploaded.convert("RGB"), picture).same
    assert set(formats) == {"JPEG", "PNG", "WEBP"}


@pytest.mark.parametrize("size", [200, 1024])
def test_a_picture_is_as_large_as_asked(size: int) -> None:
    small, asked = PictureBook(4).fresh(), PictureBook(4).fresh(size=size)
    assert asked.image.size == (size, size)
    # The size is no other picture: it is recognised as the one of the usual size.
    assert Recogniser().recognise(asked.image.resize((120, 120)), small).same


def test_a_book_has_photo_like_and_flat_pictures(pictures: list[Picture]) -> None:
    def shades(picture: Picture) -> int:
        return len(picture.image.resize((128, 128), Image.Resampling.NEAREST).getcolors(128 * 128) or [])

    kinds = {picture.name.rpartition("-")[0].rpartition("-")[0] for picture in pictures}
    assert kinds == {"landscape", "geometry", "still-life", "tiles", "relief", "ribbons"}
    assert min(map(shades, pictures[::2])) > 2 * max(map(shades, pictures[1::2]))


def test_a_picture_read_back_from_its_file_is_fit_and_recognised(pictures: list[Picture]) -> None:
    for picture in pictures[:6]:
        read = Picture.from_bytes(picture.name, picture.encoded)
        assert Recogniser().recognise(read.image, picture).same


def test_photographs_come_first_then_painted_ones_far_from_them() -> None:
    photographs = PictureBook(21).take(2)
    book = PictureBook(5, photographs=photographs)
    first, second, painted = book.take(3)
    assert [first, second] == photographs
    assert painted.name.endswith("-5-1")
    for one, other in combinations([first, second, painted], 2):
        assert one.fingerprint - other.fingerprint >= 20


def test_a_photograph_too_near_to_what_was_handed_out_is_left_out() -> None:
    first, second = PictureBook(21).take(2)
    twin = Picture(name="twin", image=first.image, encoded=first.encoded, media_type=first.media_type)
    assert PictureBook(5, photographs=[first, twin, second]).take(2) == [first, second]

    avoiding = PictureBook(5, photographs=[first, second])
    avoiding.avoid(first)
    assert avoiding.fresh() is second
