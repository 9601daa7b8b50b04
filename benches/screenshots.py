"""How fast screens are compared beside others, and what a comparison catches, misses and makes up.

`bench-results/screenshots.json`, a part of it for each of `--only`; what was measured before is kept:

- `speed`: `ratio_to_fastest` (our time for all pairs of a size, of each kind as many, by that of the fastest
  other comparer; the worse of both sizes), `cpu_ratio_to_odiff` (the same by the processor's time),
  `ratios_to_fastest` (by size and kind), `pairs` (of each size and kind), `speed` (a list of {`size`, `kind`,
  `comparer`, `pairs`, `ms_per_pair`, `cpu_ms_per_pair`, `differing`}).
- `suite`: `suite` (a list of {`kind`, `ours_ms`, `odiff_ms`, `ratio_of_best`, `ratio_of_medians`}: pairs as
  odiff's own suite has them), `suite_worst_ratio` (of the medians).
- `seeded`: `seeded_caught`, `seeded_total`, `seeded_caught_by_pixelmatch`, `seeded_told_by_perception`,
  `seeded_told_by_semantics`, `seeded` (a list of {`kind`, `screen`, `what`, `pixels`, `perception`,
  `semantics`, `pixelmatch_pixels`, `summary`}).
- `captures`: `false_differences`, `captures` (of all screens together), `captures_of_each`, `false_lines`.
- `flags`: `flags` (a list of {`flags`, `screens`, `differing`, `pixels`, `tolerated`, `regions`,
  `regions_alike`}: a browser started with other flags, held against the first one's screens).
- `review`: `decision_ms_p50`, `decision_ms_p95` (from a key to the next screen's pictures), `first_paint_ms`,
  `first_picture_ms` (the best of `review_loads` loads), `review_differences`, `review_decisions`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from benches import _results
from benches._results import print_table, write_results
from benches._review_decisions import measure_review
from benches._screens_changes import CHANGES
from benches._screens_seeded import baselines, capture_again, judge_change, stage, with_flags
from benches._screens_speed import measure
from benches._screens_suite import measure_suite

NAME: Final = "screenshots"
FLAGS: Final = (
    ("--font-render-hinting=none",),
    ("--disable-lcd-text",),
    ("--disable-gpu",),
    ("--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    ("--force-color-profile=display-p3-d65",),
)

Figures = dict[str, Any]


def speed(arguments: argparse.Namespace) -> Figures:
    """Have all comparers compare the same pairs."""
    with tempfile.TemporaryDirectory() as folder:
        clocks = measure(Path(folder), arguments.pairs)
    rows, entries = [], []
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    cpu_sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    ratios: dict[str, float] = {}
    for (size, kind), of_kind in clocks.items():
        for comparer, clock in of_kind.items():
            sums[size][comparer] += clock.per_pair_ms()
            cpu_sums[size][comparer] += clock.cpu
            ms, cpu_ms = clock.per_pair_ms(), 1000 * clock.cpu / len(clock.wall)
            rows.append(
                [
                    f"{size}, {kind}, {comparer}",
                    f"{ms:.1f}",
                    f"{cpu_ms:.1f}",
                    f"{clock.differing}/{len(clock.wall)}",
                ]
            )
            entries.append(
                {
                    "size": size,
                    "kind": kind,
                    "comparer": comparer,
                    "pairs": len(clock.wall),
                    "ms_per_pair": round(ms, 2),
                    "cpu_ms_per_pair": round(cpu_ms, 2),
                    "differing": clock.differing,
                }
            )
        others = [clock.per_pair_ms() for comparer, clock in of_kind.items() if comparer != "ours"]
        ratios[f"{size}, {kind}"] = round(of_kind["ours"].per_pair_ms() / min(others), 3)
    print_table(["pairs", "ms per pair", "of a processor", "differing"], rows)
    for pairs, ratio in ratios.items():
        print(f"{pairs}: {ratio:.2f} of the fastest other's time")
    return {
        "ratio_to_fastest": round(max(_ratio(each) for each in sums.values()), 3),
        "cpu_ratio_to_odiff": round(max(each["ours"] / each["odiff-bin"] for each in cpu_sums.values()), 3),
        "ratios_to_fastest": ratios,
        "pairs": arguments.pairs,
        "speed": entries,
    }


def suite(arguments: argparse.Namespace) -> Figures:
    """Have ours and odiff compare pairs as its own suite has them, in turn."""
    rows, entries, worst = [], [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for timed in measure_suite(Path(folder), arguments.turns):
            ours, odiff, worst = min(timed.ours), min(timed.odiff), max(worst, timed.typical)
            rows.append(
                [timed.kind, f"{ours:.1f}", f"{odiff:.1f}", f"{timed.best:.2f}", f"{timed.typical:.2f}"]
            )
            entries.append(
                {
                    "kind": timed.kind,
                    "ours_ms": round(ours, 2),
                    "odiff_ms": round(odiff, 2),
                    "ratio_of_best": round(timed.best, 3),
                    "ratio_of_medians": round(timed.typical, 3),
                }
            )
    print_table(["pair", "ours, ms", "odiff, ms", "ratio of best", "ratio of medians"], rows)
    return {"suite": entries, "suite_worst_ratio": round(worst, 3)}


def _ratio(times: Mapping[str, float]) -> float:
    """Return our time by that of the fastest other comparer."""
    fastest = min(time for comparer, time in times.items() if comparer != "ours")
    return times["ours"] / fastest


def seeded(arguments: argparse.Namespace) -> Figures:  # noqa: ARG001 - a part as the others are
    """Make each seeded change on a real screen and see who notices."""

    async def all_of_them() -> list[Figures]:
        found = []
        async with stage() as on:
            known = await baselines(on)
            for change in CHANGES:
                each = await judge_change(on, known, change)
                found.append(
                    {
                        "kind": change.kind,
                        "screen": change.screen,
                        "what": change.what,
                        "pixels": each.pixels,
                        "perception": each.perception,
                        "semantics": each.semantics,
                        "pixelmatch_pixels": each.pixelmatch,
                        "summary": each.summary,
                    }
                )
        return found

    entries = asyncio.run(all_of_them())
    counts = {
        name: Counter(entry["kind"] for entry in entries if entry[name])
        for name in ("pixels", "perception", "semantics", "pixelmatch_pixels")
    }
    kinds = Counter(entry["kind"] for entry in entries)
    print_table(
        ["seeded", "of", "caught", "perception", "semantics", "plain pixelmatch"],
        [
            [kind, str(total), *(str(counts[name][kind]) for name in counts)]
            for kind, total in (*kinds.items(),)
        ],
    )
    for entry in entries:
        if not entry["pixels"]:
            print(f"  missed: {entry['kind']}, {entry['screen']}, {entry['what']}")
    return {
        "seeded_caught": counts["pixels"].total(),
        "seeded_total": len(entries),
        "seeded_told_by_perception": counts["perception"].total(),
        "seeded_told_by_semantics": counts["semantics"].total(),
        "seeded_caught_by_pixelmatch": counts["pixelmatch_pixels"].total(),
        "seeded": entries,
    }


def captures(arguments: argparse.Namespace) -> Figures:
    """Capture the same screens over and over."""

    async def again() -> tuple[int, int, list[str]]:
        async with stage() as on:
            return await capture_again(on, await baselines(on), arguments.captures)

    count, false, lines = asyncio.run(again())
    print(f"{count} captures, {false} differ")
    for line in lines:
        print(f"  {line}")
    return {
        "false_differences": false,
        "captures": count,
        "captures_of_each": arguments.captures,
        "false_lines": lines,
    }


def flags(arguments: argparse.Namespace) -> Figures:  # noqa: ARG001 - a part as the others are
    """Draw the screens in browsers started otherwise."""

    async def all_of_them() -> list[Figures]:
        async with stage() as on:
            known = await baselines(on)
        return [await with_flags(known, each) for each in FLAGS]

    entries = asyncio.run(all_of_them())
    columns = ("differing", "pixels", "tolerated", "regions", "regions_alike")
    print_table(
        ["flags", *columns],
        [[" ".join(entry["flags"]), *(str(entry[column]) for column in columns)] for entry in entries],
    )
    return {"flags": entries}


def review(arguments: argparse.Namespace) -> Figures:
    """Decide on many differences, one after the other, and say how long a person waits for the page."""
    times = asyncio.run(measure_review(differences=arguments.differences))
    figures = times.figures()
    print_table(["review page", "figure"], [[key, f"{figure:g}"] for key, figure in figures.items()])
    return {**figures}


PARTS: Final[dict[str, Callable[[argparse.Namespace], Figures]]] = {
    "speed": speed,
    "suite": suite,
    "seeded": seeded,
    "captures": captures,
    "flags": flags,
    "review": review,
}


def bench(arguments: argparse.Namespace) -> None:
    """Measure the parts that are wanted, and write each beside what was known."""
    for part in arguments.only or PARTS:
        figures = PARTS[part](arguments)
        write_results(NAME, known() | figures)


def known() -> Figures:
    """Return what was measured before."""
    stored = _results.FOLDER / f"{NAME}.json"
    if not stored.exists():
        return {}
    document = json.loads(stored.read_text(encoding="utf-8"))
    return {key: value for key, value in document.items() if key not in {"bench", "date", "machine"}}


def parsed() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", nargs="+", choices=PARTS, help="the parts to measure (default: all)")
    parser.add_argument("--pairs", type=int, default=100, help="pairs of each size and kind (default: 100)")
    parser.add_argument("--turns", type=int, default=7, help="of each pair of the suite (default: 7)")
    parser.add_argument("--captures", type=int, default=200, help="captures of each screen (default: 200)")
    parser.add_argument("--differences", type=int, default=500, help="on the review page (default: 500)")
    return parser.parse_args()


if __name__ == "__main__":
    bench(parsed())
