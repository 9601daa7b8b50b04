"""The nightly job: what it gains side by side, what kills leave behind, how evenly and quickly it is planned.

`bench-results/farm.json`:

- `speedup`: six sessions on stand-ins, the sum of their seconds one after the other (`sum_s`) over the time
  from the first's start to the last's end with all six at once; `speedups` and `wall_s` by workers;
  `whole_s`: the whole commands.
- `kills` of runners, Appium servers and devices (`killed`), after which `busy_after_ttl` devices were not
  free when their lease's time to live (`ttl_s`) was over, and `results_lost` of the `cells` played were not
  in the history; `played_again`, `used_by_two`: devices that two had at once.
- a night of 2,000 journeys on 40 targets, made up: `night_cells`, `plan_s` and `merge_s`, `night_mb`;
  `packing_ratio`: the longest of 20 shards over their mean, `packing_ratio_equal`: of shards of equally many
  cells; `packing_ratio_workers`: of 20 workers of pytest-xdist that take the longest first,
  `packing_ratio_plain_xdist`: of 20 as pytest-xdist does it by itself.
- the nightly report of such a night, as `benches/_nightly_report.py` says.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable

from benches._nightly_leases import figures, kill_parts, print_kills
from benches._nightly_packing import measure_packing
from benches._nightly_report import report_figures
from benches._nightly_speedup import measure_speedup
from benches._results import print_table, write_results

Figures = dict[str, object]


def speedup(options: argparse.Namespace) -> Figures:
    """Play six sessions one after the other and side by side."""
    told = measure_speedup(options.workers)
    rows = [
        [f"{workers} at a time, first start to last end", f"{wall_s:.1f}", f"{told.speedup(workers):.2f}"]
        for workers, wall_s in told.wall_s.items()
    ]
    print_table(
        ["six sessions on stand-ins", "s", "speedup"],
        [["one after the other, summed", f"{told.sum_s:.1f}", ""], *rows],
    )
    return {
        "speedup": round(told.speedup(max(told.wall_s)), 3),
        "speedups": {workers: round(told.speedup(workers), 3) for workers in told.wall_s},
        "sum_s": round(told.sum_s, 3),
        "wall_s": {workers: round(seconds, 3) for workers, seconds in told.wall_s.items()},
        "whole_s": told.whole_s,
    }


def leases(options: argparse.Namespace) -> Figures:
    """Kill runners, Appium servers and devices."""
    told = asyncio.run(kill_parts(kills=options.kills))
    print_kills(told)
    return figures(told)


def night(_options: argparse.Namespace) -> Figures:
    """Plan and merge a large night."""
    told = measure_packing()
    print_table(
        [f"a night of {told.cells} cells", ""],
        [
            ["plan, s", f"{told.plan_s:.2f}"],
            [f"merge to {told.night_mb:.0f} MB, s", f"{told.merge_s:.2f}"],
            ["longest shard / mean", f"{told.ratio:.4f}"],
            ["longest shard / mean, as many cells in each", f"{told.ratio_equal:.4f}"],
            ["longest worker / mean, longest first", f"{told.ratio_workers:.4f}"],
            ["longest worker / mean, plain xdist", f"{told.ratio_plain:.4f}"],
        ],
    )
    return {
        "plan_s": round(told.plan_s, 3),
        "merge_s": round(told.merge_s, 3),
        "night_mb": round(told.night_mb, 1),
        "night_cells": told.cells,
        "packing_ratio": round(told.ratio, 5),
        "packing_ratio_equal": round(told.ratio_equal, 5),
        "packing_ratio_workers": round(told.ratio_workers, 5),
        "packing_ratio_plain_xdist": round(told.ratio_plain, 5),
    }


def report(_options: argparse.Namespace) -> Figures:
    """Write and open the nightly report of a large night."""
    return {**report_figures()}


PARTS: dict[str, Callable[[argparse.Namespace], Figures]] = {
    "night": night,
    "report": report,
    "leases": leases,
    "speedup": speedup,
}


def main() -> None:
    """Measure the parts asked for and write what came of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--kills", type=int, default=200, help="how many processes are killed (default: 200)")
    parser.add_argument(
        "--workers",
        type=int,
        nargs="+",
        default=[2, 3, 6],
        help="how many sessions at a time (default: 2 3 6)",
    )
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}: {', '.join(PARTS)}")
    results: Figures = {}
    for part in options.parts or PARTS:
        results |= PARTS[part](options)
    if not options.parts:
        write_results("farm", results)


if __name__ == "__main__":
    main()
