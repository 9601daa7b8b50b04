"""Counts what the recogniser and perceptual hashes make of drawings, right and wrong, cell by cell."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benches._overlays import CLIPS
from benches._renderings import CELLS, FORMS, PAINTS, SIZES, Renderings, Variant
from benches._rivals import RIVALS, Rival
from benches._wrong_drawings import WRONG
from journeys.pictures import Picture, Recogniser, Shape
from journeys.pictures.alignment import CORE, PreparedCrop
from journeys.pictures.recogniser import COMPARED_SIZES_PX, drawings_at, find_mistake

_NEAR: Final = 0.5
"""Likeness at the best whole pixel from which on two pictures are asked whether they can be told apart."""


def _counts() -> dict[Rival, NDArray[np.int64]]:
    return {rival: np.zeros(rival.bits + 1, dtype=np.int64) for rival in RIVALS}


@dataclass
class CellTally:
    """What came of the drawings of one cell."""

    drawn: int = 0
    compared: int = 0
    """Comparisons with other pictures."""
    missed: int = 0
    false: int = 0
    missed_after_control: int = 0
    """Of drawings with something over them: what is missed though it was seen over another picture before."""
    most_same: int = 0
    least_other: int = 64
    same: dict[Rival, NDArray[np.int64]] = field(default_factory=_counts)
    """How many drawings were so many bits from their own picture, by each rival's hash."""
    other: dict[Rival, NDArray[np.int64]] = field(default_factory=_counts)

    def errors_of(self, rival: Rival, threshold: int) -> tuple[int, int]:
        """Return what a rival misses and takes for another, if so many bits may differ."""
        return int(self.same[rival][threshold + 1 :].sum()), int(self.other[rival][: threshold + 1].sum())

    def __add__(self, other: CellTally) -> CellTally:
        return CellTally(
            drawn=self.drawn + other.drawn,
            compared=self.compared + other.compared,
            missed=self.missed + other.missed,
            false=self.false + other.false,
            most_same=max(self.most_same, other.most_same),
            least_other=min(self.least_other, other.least_other),
            same={rival: self.same[rival] + other.same[rival] for rival in RIVALS},
            other={rival: self.other[rival] + other.other[rival] for rival in RIVALS},
        )


def best_threshold(tally: CellTally, rival: Rival) -> int:
    """Return at how many bits a rival errs least."""
    return min(range(rival.bits + 1), key=lambda bits: sum(tally.errors_of(rival, bits)))


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
        self._hashes = {
            rival: np.array([rival.hash(_as_rendition(picture.image)) for picture in self.all])
            for rival in RIVALS
        }

    def __len__(self) -> int:
        return len(self.all)

    def bits_off(self, rival: Rival, crop: Image.Image) -> NDArray[np.int64]:
        """Return how many bits of a rival's hash a box is from each picture."""
        return np.asarray((self._hashes[rival] ^ rival.hash(crop)).sum(axis=1))

    @cached_property
    def too_alike(self) -> NDArray[np.bool_]:
        """Which pairs `Recogniser.tell_apart` refuses, so that no journey compares them.

        Those that are far from one another wherever they are moved are not asked about.
        """
        refused = np.zeros((len(self), len(self)), dtype=np.bool_)
        for size in COMPARED_SIZES_PX:
            views = [picture.fingerprint.view_at(size) for picture in self.all]
            lumas = np.stack([view.luma.ravel() for view in views])
            cores = np.stack([view.part(CORE).luma.ravel() for view in views])
            for one, picture in enumerate(self.all):
                looks = [PreparedCrop(drawing, "circle") for drawing in drawings_at(picture, size)]
                near = {
                    int(other)
                    for look in looks
                    for other in np.flatnonzero(
                        np.maximum(
                            look.nearness(lumas), (look.core @ cores.T).max(axis=0) / np.sqrt(CORE.sum())
                        )
                        >= _NEAR
                    )
                }
                for other in near - {one}:
                    if not refused[one, other] and find_mistake(looks, self.all[other]) is not None:
                        refused[one, other] = refused[other, one] = True
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


def _as_rendition(image: Image.Image) -> Image.Image:
    """Return a picture as large as a server keeps it at most, so that hashing it costs no more than that."""
    return image.resize((512, 512), Image.Resampling.LANCZOS) if image.width > 512 else image


def tally_drawing(
    pictures: Pictures,
    index: int,
    crop: Image.Image,
    shape: Shape,
    tally: CellTally,
    where: str,
    note: Callable[[str], None],
) -> float:
    """Look for a picture, and for all it can be told apart from, in a drawing of it.

    Returns the seconds that its own recognition took, without what is prepared once for a picture and a size;
    `note` is told of each error.
    """
    picture, recogniser = pictures.all[index], Recogniser(shape)
    picture.fingerprint.view_at(min(crop.size), shape)
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
    for _, answer in recogniser.find_nearest(crop, [pictures.all[other] for other in others]):
        tally.least_other = min(tally.least_other, answer.distance)
        if answer.same:
            tally.false += 1
            note(f"false, {where}, {picture.name}: {answer.reason}")
    for rival in RIVALS:
        bits = pictures.bits_off(rival, crop)
        tally.same[rival][bits[index]] += 1
        np.add.at(tally.other[rival], bits[others], 1)
    return taken


def right_drawings(
    pictures: Pictures, cells: Sequence[Variant], note: Callable[[str], None]
) -> tuple[dict[Variant, CellTally], list[float]]:
    """Draw every picture in every cell and look for it, and for all others, in each drawing.

    Returns a tally of each cell and the seconds that each recognition took.
    """
    tallies = {cell: CellTally() for cell in cells}
    seconds = []
    for index, picture in enumerate(pictures.all):
        drawings = Renderings(picture, index)
        for cell in cells:
            crop = drawings.draw(cell)
            seconds.append(tally_drawing(pictures, index, crop, cell.shape, tallies[cell], str(cell), note))
    return tallies, seconds


def covered_drawings(
    pictures: Pictures, every: int, note: Callable[[str], None]
) -> dict[tuple[str, str], CellTally]:
    """Draw every picture in some of the round cells with each overlay and shape, and look for all in it.

    Each picture has every so manieth cell, another one each. Then another picture is drawn so, and what lies
    over it learnt as a watch does. Returns a tally by overlay and group of sizes.
    """
    round_cells = [cell for cell in CELLS if cell.shape == "circle"]
    tallies: dict[tuple[str, str], CellTally] = {}
    for dress in (*PAINTS, *CLIPS):
        for index, picture in enumerate(pictures.all):
            other = (index + 1) % len(pictures)
            before = pictures.all[other]
            for cell in round_cells[index % every :: every]:
                group = "24 px" if cell.size == min(SIZES) else "40 px up"
                tally = tallies.setdefault((dress, group), CellTally())
                crop = Renderings(picture, index).draw(cell, dress=dress)
                missed = tally.missed
                tally_drawing(pictures, index, crop, "circle", tally, f"{dress}, {cell}", note)
                if tally.missed > missed:
                    worn = Renderings(before, other).draw(cell, dress=dress)
                    overlay = Recogniser().overlay_on(worn, before)
                    seen = overlay is not None and Recogniser().recognise(crop, picture, overlay=overlay).same
                    tally.missed_after_control += not seen
    return tallies


def wrong_drawings(
    pictures: Iterable[Picture], groups: dict[str, Sequence[Variant]], note: Callable[[str], None]
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
