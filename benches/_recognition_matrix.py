"""Counts what the recogniser and a naive perceptual hash make of drawings, right and wrong, cell by cell."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benches._renderings import FORMS, WRONG, Cell, Renderings
from journeys.pictures import Picture, Recogniser, Shape
from journeys.pictures.alignment import Look, align
from journeys.pictures.limits import APART, MOST_BITS
from journeys.pictures.recogniser import LOOKED_AT, drawings_at

_NEAR: Final = 0.35
"""Likeness at the best whole pixel from which on two pictures are asked whether they can be told apart."""
_BITS: Final = 65


@dataclass
class Tally:
    """What came of the drawings of one cell."""

    drawn: int = 0
    compared: int = 0
    """Comparisons with other pictures."""
    missed: int = 0
    false: int = 0
    most_same: int = 0
    least_other: int = 64
    naive_same: NDArray[np.int64] = field(default_factory=lambda: np.zeros(_BITS, dtype=np.int64))
    """How many drawings were so many bits from their own picture, by the plain perceptual hash of the box."""
    naive_other: NDArray[np.int64] = field(default_factory=lambda: np.zeros(_BITS, dtype=np.int64))

    def naive(self, threshold: int) -> tuple[int, int]:
        """Return what the plain hash misses and takes for another, if so many bits may differ."""
        return int(self.naive_same[threshold + 1 :].sum()), int(self.naive_other[: threshold + 1].sum())

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            drawn=self.drawn + other.drawn,
            compared=self.compared + other.compared,
            missed=self.missed + other.missed,
            false=self.false + other.false,
            most_same=max(self.most_same, other.most_same),
            least_other=min(self.least_other, other.least_other),
            naive_same=self.naive_same + other.naive_same,
            naive_other=self.naive_other + other.naive_other,
        )


def best_threshold(tally: Tally) -> int:
    """Return at how many bits the plain hash errs least."""
    return min(range(_BITS), key=lambda bits: sum(tally.naive(bits)))


@dataclass
class WrongTally:
    """What came of one kind of wrong drawing."""

    refused: int = 0
    accepted: int = 0
    not_shown: int = 0
    """The picture said beforehand that it can't show this at that size."""
    not_shown_accepted: int = 0


class Pictures:
    """The pictures of a benchmark, and which of them the recogniser refuses to tell apart."""

    def __init__(self, pictures: Sequence[Picture]) -> None:
        self.all = list(pictures)
        hashes = [imagehash.phash(picture.image).hash.ravel() for picture in self.all]
        self._naive = np.array(hashes, dtype=np.bool_)

    def __len__(self) -> int:
        return len(self.all)

    def naive_distances(self, crop_hash: imagehash.ImageHash) -> NDArray[np.int64]:
        """Return how many bits a box's plain hash is from each picture's."""
        return np.asarray((self._naive ^ crop_hash.hash.ravel()).sum(axis=1))

    @cached_property
    def too_alike(self) -> NDArray[np.bool_]:
        """Which pairs `Recogniser.tell_apart` refuses, so that no journey compares them.

        Those that are far from one another wherever they are moved are not asked about.
        """
        refused = np.zeros((len(self), len(self)), dtype=np.bool_)
        for size in LOOKED_AT:
            views = [picture.fingerprint.at(size) for picture in self.all]
            lumas = np.stack([view.luma.ravel() for view in views])
            for one, picture in enumerate(self.all):
                for crop in (Look(drawing, "circle") for drawing in drawings_at(picture, size)):
                    for other in np.flatnonzero(crop.nearness(lumas) >= _NEAR):
                        if other != one and not refused[one, other]:
                            bits = views[other].bits_from(align(crop, views[other]).hash)
                            refused[one, other] = refused[other, one] = bits <= MOST_BITS + APART
        return refused

    def others(self, index: int) -> NDArray[np.int64]:
        """Return which pictures one can be told apart from."""
        kept = ~self.too_alike[index]
        kept[index] = False
        return np.flatnonzero(kept)

    @property
    def pairs_refused(self) -> int:
        """How many pairs are refused as too alike."""
        return int(self.too_alike.sum()) // 2


def look(
    pictures: Pictures,
    index: int,
    crop: Image.Image,
    shape: Shape,
    tally: Tally,
    where: str,
    note: Callable[[str], None],
) -> float:
    """Look for a picture, and for all it can be told apart from, in a drawing of it.

    Returns the seconds that its own recognition took, without what is prepared once for a picture and a size;
    `note` is told of each error.
    """
    picture, recogniser = pictures.all[index], Recogniser(shape)
    picture.fingerprint.at(min(crop.size), shape)
    picture.blind_to(min(crop.size), shape)
    before = time.perf_counter()
    seen = recogniser.recognise(crop, picture)
    taken = time.perf_counter() - before
    tally.drawn += 1
    tally.most_same = max(tally.most_same, seen.distance)
    if not seen.same:
        tally.missed += 1
        note(f"missed, {where}: {seen.reason}")
    others = pictures.others(index)
    tally.compared += len(others)
    for _, answer in recogniser.nearest(crop, [pictures.all[other] for other in others]):
        tally.least_other = min(tally.least_other, answer.distance)
        if answer.same:
            tally.false += 1
            note(f"false, {where}, {picture.name}: {answer.reason}")
    bits = pictures.naive_distances(imagehash.phash(crop))
    tally.naive_same[bits[index]] += 1
    np.add.at(tally.naive_other, bits[others], 1)
    return taken


def right_drawings(
    pictures: Pictures, cells: Sequence[Cell], note: Callable[[str], None]
) -> tuple[dict[Cell, Tally], list[float]]:
    """Draw every picture in every cell and look for it, and for all others, in each drawing.

    Returns a tally of each cell and the seconds that each recognition took.
    """
    tallies = {cell: Tally() for cell in cells}
    seconds = []
    for index, picture in enumerate(pictures.all):
        drawings = Renderings(picture, index)
        for cell in cells:
            crop = drawings.draw(cell)
            seconds.append(look(pictures, index, crop, cell.shape, tallies[cell], str(cell), note))
    return tallies, seconds


def wrong_drawings(
    pictures: Iterable[Picture], groups: dict[str, Sequence[Cell]], note: Callable[[str], None]
) -> dict[tuple[str, str], WrongTally]:
    """Draw every picture wrongly in every way, in a size and shape of each group, drawn by lot, in any form.

    Returns a tally by way and group.
    """
    tallies = {(way, group): WrongTally() for way, _, _ in WRONG for group in groups}
    for number, picture in enumerate(pictures):
        draw = Renderings(picture, number)
        lots = np.random.default_rng([number, len(WRONG)])
        for group, cells in groups.items():
            # One size and shape a picture, for it keeps its wrong drawings by them.
            size = cells[int(lots.integers(len(cells)))]
            for way, defect, change in WRONG:
                cell = replace(size, form=FORMS[int(lots.integers(len(FORMS)))])
                tally = tallies[way, group]
                blind = defect in picture.blind_to(cell.pixels, cell.shape)
                seen = Recogniser(cell.shape).recognise(draw.draw(cell, change), picture)
                if blind:
                    tally.not_shown += 1
                    tally.not_shown_accepted += seen.same
                elif seen.same:
                    tally.accepted += 1
                    note(f"accepted, {way}, {cell}: {seen.reason}")
                else:
                    tally.refused += 1
    return tallies
