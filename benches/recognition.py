"""How often pictures are missed, taken for others or accepted though drawn wrongly, beside perceptual hashes.

`bench-results/recognition.json`: `missed_24px`, `false_24px`, `missed_40px_up`, `false_40px_up` (right
drawings by Pillow not recognised, and comparisons with another picture that were accepted, by the size in
logical pixels), `margin_bits_40px_up` (the least, over those cells, of the bits between the most that differ
from the same picture and the cell's threshold, and between it and the fewest that differ from another),
`most_bits_same_24px`, `least_bits_other_24px`, `most_bits_same_40px_up`, `least_bits_other_40px_up`,
`pictures` (how many), `from_book`, `photographs`, `pictures_refused` (reasons), `pairs_refused` and `pairs`
(that can't be told apart, of how many), `drawings`, `comparisons`, `ms_per_recognition_p50`,
`ms_per_recognition_p95`, `rivals` (a list of {`hash`, `bits`, `threshold_24px`, `missed_24px`,
`false_24px`, `threshold_40px_up`, `missed_40px_up`, `false_40px_up`}, at the thresholds at which each hash
errs least), `cells` (a list of {`size`, `ratio`, `shape`, `form`, `drawn`, `missed`, `false`,
`threshold_bits`, `most_bits_same`, `least_bits_other`}), `overlays` (a list of {`overlay`, `size`, `drawn`,
`missed`, `compared`, `false`, `missed_after_control`}), `wrong` (a list of
{`drawing`, `size`, `refused`, `accepted`, `not_shown`, `not_shown_accepted`}), `wrong_accepted_24px`,
`wrong_accepted_40px_up`, `engine` (null with `--engine 0`: {`pictures`, `drawn`, `missed`, `false`,
`most_bits_same`, `least_bits_other`, `errors`}), `errors` (each miss, each false acceptance and each wrong
drawing accepted, in a line), `seed`, `seconds`.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path

from benches._gallery import engine_drawings
from benches._photographs import UnusableFile, photographs, scikit_image_photographs
from benches._recognition_matrix import (
    CellTally,
    Pictures,
    best_threshold,
    covered_drawings,
    right_drawings,
    tally_drawing,
    wrong_drawings,
)
from benches._renderings import CELLS, FORMS, RATIOS, SHAPES, SIZES, Variant
from benches._results import print_table, write_results
from benches._rivals import RIVALS, Rival
from journeys.pictures import Picture, PictureBook, PictureError
from journeys.pictures.recognition import Limits

SMALL = min(SIZES)


def collect_pictures(
    folder: Path | None, *, book: int, crops: int, seed: int
) -> tuple[list[Picture], list[Picture], list[UnusableFile]]:
    """Return the pictures of a book, the photographs, and what was refused."""
    found, refused = (
        scikit_image_photographs(crops=crops) if folder is None else photographs(folder, crops=crops)
    )
    return PictureBook(seed).take(book), found, refused


async def draw_by_engine(pictures: Pictures, sample: Sequence[int], notes: list[str]) -> CellTally:
    """Have the real engine draw some of the pictures and look for all of them in each drawing."""
    tally = CellTally()
    chosen = [pictures.all[index] for index in sample]
    async with aclosing(engine_drawings(chosen)) as drawings:
        async for drawing in drawings:
            where = f"engine, {drawing.size} px x {drawing.ratio}, {drawing.shape}, served {drawing.served}"
            index = pictures.all.index(drawing.picture)
            tally_drawing(pictures, index, drawing.crop, drawing.shape, tally, where, notes.append)
    return tally


def bench(arguments: argparse.Namespace) -> None:
    """Draw, tally, count, print and write."""
    began = time.monotonic()
    errors: list[str] = []
    painted, found, refused = collect_pictures(
        arguments.pictures, book=arguments.book, crops=arguments.crops, seed=arguments.seed
    )
    pictures = Pictures([*painted, *found])
    cells = CELLS[:: arguments.every]
    pairs_refused = pictures.pairs_refused
    print(
        f"{len(painted)} of a book and {len(found)} photographs, {len(refused)} refused; "
        f"{pairs_refused} pairs too alike; {time.monotonic() - began:.0f} s"
    )
    tallies, seconds = right_drawings(pictures, cells, errors.append)
    small = sum((tally for cell, tally in tallies.items() if cell.size == SMALL), CellTally())
    large = sum((tally for cell, tally in tallies.items() if cell.size > SMALL), CellTally())
    print_cells(tallies)
    rivals = [rival_row(rival, small, large) for rival in RIVALS]
    print_table(list(rivals[0]), [[str(value) for value in row.values()] for row in rivals])
    print(f"right drawings: {time.monotonic() - began:.0f} s")

    groups: dict[str, Sequence[Variant]] = {
        f"{SMALL} px": [cell for cell in CELLS if cell.pixels == SMALL],
        "40 px up": [cell for cell in CELLS if cell.size > SMALL],
    }
    overlays = overlay_rows(pictures, min(9 * arguments.every, 45), errors.append)
    print_table(list(overlays[0]), [[str(value) for value in row.values()] for row in overlays])
    print(f"overlays: {time.monotonic() - began:.0f} s")
    wrong_errors: list[str] = []
    wrong = wrong_drawings(pictures.all[:: arguments.every], groups, wrong_errors.append)
    rows = []
    for (way, group), tally in wrong.items():
        rows.append(
            [
                f"{way}, {group}",
                *map(str, (tally.refused, tally.accepted, tally.not_shown, tally.not_shown_accepted)),
            ]
        )
    print_table(["wrong drawing", "refused", "accepted", "could not be shown", "of these accepted"], rows)
    for line in (*errors, *wrong_errors):
        print(f"  {line}")

    engine: CellTally | None = None
    engine_errors: list[str] = []
    if arguments.engine:
        step = max(1, len(pictures) // arguments.engine)
        sample = range(0, len(pictures), step)[: arguments.engine]
        engine = asyncio.run(draw_by_engine(pictures, sample, engine_errors))
        print(
            f"engine: {engine.drawn} drawings, {engine.missed} missed, {engine.false} false of "
            f"{engine.compared}; same at most {engine.most_same} bits, other at least {engine.least_other}"
        )
        for line in engine_errors:
            print(f"  {line}")

    milliseconds = [1000 * each for each in seconds]
    margin = min(margin_bits(cell, tally) for cell, tally in tallies.items() if cell.size > SMALL)
    print(
        f"{SMALL} px: {small.missed} missed of {small.drawn}, {small.false} false of {small.compared}; "
        f"40 px up: {large.missed} of {large.drawn}, {large.false} of {large.compared}, "
        f"{margin} bits of margin"
    )
    write_results(
        "recognition",
        {
            "missed_24px": small.missed,
            "false_24px": small.false,
            "missed_40px_up": large.missed,
            "false_40px_up": large.false,
            "margin_bits_40px_up": margin,
            "pictures": len(pictures),
            "ms_per_recognition_p50": round(statistics.median(milliseconds), 3),
            "ms_per_recognition_p95": round(statistics.quantiles(milliseconds, n=20)[-1], 3),
            "rivals": rivals,
            "overlays": overlays,
            "most_bits_same_24px": small.most_same,
            "least_bits_other_24px": small.least_other,
            "most_bits_same_40px_up": large.most_same,
            "least_bits_other_40px_up": large.least_other,
            "from_book": len(painted),
            "photographs": len(found),
            "pictures_refused": [each.reason for each in refused],
            "pairs": len(pictures) * (len(pictures) - 1) // 2,
            "pairs_refused": pairs_refused,
            "drawings": small.drawn + large.drawn,
            "comparisons": small.compared + large.compared,
            "wrong_accepted_24px": sum(t.accepted for (_, g), t in wrong.items() if g == f"{SMALL} px"),
            "wrong_accepted_40px_up": sum(t.accepted for (_, g), t in wrong.items() if g != f"{SMALL} px"),
            "cells": [
                {
                    "size": cell.size,
                    "ratio": cell.ratio,
                    "shape": cell.shape,
                    "form": cell.form,
                    "drawn": tally.drawn,
                    "missed": tally.missed,
                    "false": tally.false,
                    "threshold_bits": Limits.at(cell.pixels).bits,
                    "most_bits_same": tally.most_same,
                    "least_bits_other": tally.least_other,
                }
                for cell, tally in tallies.items()
            ],
            "wrong": [
                {
                    "drawing": way,
                    "size": group,
                    "refused": tally.refused,
                    "accepted": tally.accepted,
                    "not_shown": tally.not_shown,
                    "not_shown_accepted": tally.not_shown_accepted,
                }
                for (way, group), tally in wrong.items()
            ],
            "engine": None
            if engine is None
            else {
                "pictures": arguments.engine,
                "drawn": engine.drawn,
                "missed": engine.missed,
                "false": engine.false,
                "most_bits_same": engine.most_same,
                "least_bits_other": engine.least_other,
                "errors": engine_errors,
            },
            "errors": [*errors, *wrong_errors],
            "seed": arguments.seed,
            "seconds": round(time.monotonic() - began, 1),
        },
    )


def overlay_rows(pictures: Pictures, every: int, note: Callable[[str], None]) -> list[dict[str, str | int]]:
    """Return what came of drawings with something over them, as they are and after the control."""
    rows: list[dict[str, str | int]] = []
    for (dress, group), tally in covered_drawings(pictures, every, note).items():
        rows.append(
            {
                "overlay": dress,
                "size": group,
                "drawn": tally.drawn,
                "missed": tally.missed,
                "compared": tally.compared,
                "false": tally.false,
                "missed_after_control": tally.missed_after_control,
            }
        )
    return rows


def margin_bits(cell: Variant, tally: CellTally) -> int:
    """Return how many bits lie between a cell's threshold and what came nearest to it, from either side."""
    threshold = Limits.at(cell.pixels).bits
    return min(threshold - tally.most_same, tally.least_other - threshold)


def rival_row(rival: Rival, small: CellTally, large: CellTally) -> dict[str, str | int]:
    """Return what a hash misses and takes for another, small and large, where it errs least."""
    row: dict[str, str | int] = {"hash": rival.name, "bits": rival.bits}
    for group, tally in (("24px", small), ("40px_up", large)):
        threshold = best_threshold(tally, rival)
        missed, false = tally.errors_of(rival, threshold)
        row |= {f"threshold_{group}": threshold, f"missed_{group}": missed, f"false_{group}": false}
    return row


def print_cells(tallies: dict[Variant, CellTally]) -> None:
    """Print what came of each cell, the encodings beside one another."""
    rows = []
    for size in SIZES:
        for ratio in RATIOS:
            for shape in SHAPES:
                mine = [
                    tallies[cell] for form in FORMS if (cell := Variant(size, ratio, shape, form)) in tallies
                ]
                if not mine:
                    continue
                whole = sum(mine, CellTally())
                rows.append(
                    [
                        f"{size} px x {ratio}, {shape}",
                        " ".join(str(tally.missed) for tally in mine),
                        " ".join(str(tally.false) for tally in mine),
                        f"{whole.most_same}",
                        f"{whole.least_other}",
                        f"{whole.drawn}",
                    ]
                )
    print(f"missed and false: {', '.join(FORMS)}")
    header = ["cell", "missed", "false", "same, most bits", "other, least"]
    print_table([*header, "drawings"], rows)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pictures", type=Path, help="a folder of photographs, instead of scikit-image's")
    parser.add_argument("--crops", type=int, default=11, help="crops of each photograph (default: 11)")
    parser.add_argument("--book", type=int, default=165, help="pictures of a picture book (default: 165)")
    parser.add_argument("--seed", type=int, default=20261122, help="the book's seed (default: 20261122)")
    parser.add_argument("--engine", type=int, default=20, help="pictures the real engine draws (default: 20)")
    parser.add_argument(
        "--every", type=int, default=1, help="draw in one of so many cells only, and of wrong drawings"
    )
    parser.add_argument("--quick", action="store_true", help="a small part of it all, in half a minute")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.every, arguments.book, arguments.crops, arguments.engine = 7, 40, 2, 0
    return arguments


if __name__ == "__main__":
    try:
        bench(parse_arguments())
    except PictureError as problem:
        raise SystemExit(f"error: {problem}") from problem
