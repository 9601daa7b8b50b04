"""A corner of the matrix that `./run bench recognition` draws: none missed, none taken for another."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from benches._overlays import CLIPS
from benches._recognition_matrix import (
    CellTally,
    Pictures,
    best_threshold,
    covered_drawings,
    right_drawings,
    wrong_drawings,
)
from benches._renderings import CELLS, FORMS, PAINTS, Renderings, Variant
from benches._rivals import RIVALS, Rival, pdq
from benches._wrong_drawings import WRONG
from journeys.pictures import Picture, PictureBook, Recogniser, TooAlike
from journeys.pictures.recognition import Limits

TINY = [Variant(24, 1, "circle", form) for form in FORMS]
SMALL = [
    Variant(40, 1, "square", "JPEG q60"),
    Variant(40, 3, "circle", "WebP"),
    Variant(64, 2, "circle", "PNG"),
]


@pytest.fixture(scope="module")
def book() -> list[Picture]:
    return PictureBook(seed=404).take(8, size=256)


@pytest.fixture
def similar(book: list[Picture]) -> list[Picture]:
    """Two pictures of the book and one that is nearly the first."""
    image = book[0].image.crop((3, 3, 250, 250))
    return [*book[:2], Picture(name="nearly", image=image, encoded=b"", media_type="image/png")]


def test_nothing_is_missed_and_nothing_taken_for_another(book: list[Picture]) -> None:
    errors: list[str] = []
    tallies, seconds = right_drawings(Pictures(book), [*TINY, *SMALL], errors.append)
    assert errors == []
    assert len(seconds) == len(book) * 6
    for cell, tally in tallies.items():
        assert (tally.drawn, tally.compared) == (8, 8 * 7)
        assert (tally.missed, tally.false) == (0, 0)
        if cell.size >= 40:
            assert tally.most_same <= Limits.at(cell.pixels).bits - 2
            assert tally.least_other >= Limits.at(cell.pixels).bits + 2


@pytest.mark.long
def test_no_wrong_drawing_is_accepted_and_all_could_be_shown(book: list[Picture]) -> None:
    errors: list[str] = []
    tallies = wrong_drawings(book, {"24 px": TINY, "40 px up": SMALL}, errors.append)
    assert errors == []
    assert len(tallies) == 2 * len(WRONG)
    assert {tally.refused for tally in tallies.values()} == {len(book)}


def test_a_recogniser_that_knows_no_picture_misses_all(
    book: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.pictures.recognition.MOST_BITS", -1)
    errors: list[str] = []
    tallies, _ = right_drawings(Pictures(book[:2]), TINY[:1], errors.append)
    assert [tally.missed for tally in tallies.values()] == [2]
    assert errors[0].startswith(f"missed, 24 px x 1, circle, JPEG q60: is not {book[0].name}")


def test_a_picture_taken_for_another_is_counted_as_false(
    book: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    same = Recogniser().recognise(book[0].image.resize((96, 96)), book[0])
    assert same
    monkeypatch.setattr("journeys.pictures.recogniser._compare", lambda *_: same)
    tallies, _ = right_drawings(Pictures(book[:2]), TINY[:1], lambda _: None)
    assert [(tally.missed, tally.false) for tally in tallies.values()] == [(0, 2)]


def test_pairs_left_out_are_those_that_cannot_be_told_apart(similar: list[Picture]) -> None:
    pictures = Pictures(similar)
    refused = set()
    for one, other in combinations(range(3), 2):
        try:
            Recogniser().tell_apart(similar[one], similar[other])
        except TooAlike:
            refused.add((one, other))
    assert refused == {(0, 2)}
    assert {
        (one, other) for one, other in combinations(range(3), 2) if pictures.too_alike[one, other]
    } == refused
    assert pictures.pairs_refused == 1
    assert list(pictures.others(0)) == [1]


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
def test_each_rival_gets_the_threshold_that_serves_it_best(rival: Rival) -> None:
    tally = CellTally()
    tally.same[rival][[4, 9]] = 1
    tally.other[rival][[8, 20]] = 1, 5
    assert best_threshold(tally, rival) in range(4, 8)
    assert tally.errors_of(rival, best_threshold(tally, rival)) == (1, 0)
    assert tally.errors_of(rival, 9) == (0, 1)


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
def test_a_rival_knows_a_picture_drawn_large_from_all_others(book: list[Picture], rival: Rival) -> None:
    pictures = Pictures(book)
    for index, picture in enumerate(book):
        bits = pictures.bits_off(rival, Renderings(picture, index).draw(Variant(240, 1, "square", "PNG")))
        assert int(np.argmin(bits)) == index


def test_pdq_is_the_sign_of_the_lowest_waves_against_their_median() -> None:
    across, down = np.meshgrid(np.arange(256), np.arange(256))
    # Five half waves across and three down: all but one coefficient are next to nothing.
    wave = np.cos(np.pi * 5 * (across + 0.5) / 256) * np.cos(np.pi * 3 * (down + 0.5) / 256)
    image = Image.fromarray((128 + 100 * wave).astype(np.uint8)).convert("RGB")
    bits = pdq(image).reshape(16, 16)
    assert bits[2, 4]
    assert bits.sum() == 128
    mirrored = pdq(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)).reshape(16, 16)
    assert not mirrored[2, 4]


@pytest.mark.parametrize("cell", CELLS[::7])
def test_a_drawing_is_as_large_as_its_box_and_the_same_in_every_run(
    book: list[Picture], cell: Variant
) -> None:
    one, again = (Renderings(book[0], 3).draw(cell) for _ in range(2))
    assert one.size == (cell.pixels, cell.pixels)
    assert np.array_equal(np.asarray(one), np.asarray(again))
    assert isinstance(one, Image.Image)


def test_drawings_with_something_over_them_are_counted_by_overlay_and_size(book: list[Picture]) -> None:
    errors: list[str] = []
    tallies = covered_drawings(Pictures(book[:3]), 23, errors.append)
    assert {dress for dress, _ in tallies} == {*PAINTS, *CLIPS}
    assert all(tally.compared == 2 * tally.drawn for tally in tallies.values())
    missed = sum(tally.missed for tally in tallies.values())
    assert len(errors) == missed
    # Nobody has told what covers more than a corner: the control does.
    assert tallies["pill below", "40 px up"].missed > 0
    assert sum(tally.missed_after_control for tally in tallies.values()) < missed
