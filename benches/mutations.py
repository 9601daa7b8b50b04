"""How readers take damaged documents: all that somebody else may have written, damaged in 10,000 ways each.

`bench-results/mutations.json`: `count`, `seed`, `readers` (by name: `mutations`, `accepted`, `refused`,
`unexpected`, and `examples` of the last: the document's beginning, and what came of it). A reader either
takes a document or raises its own error, in one line; what else comes is unexpected, and ends this with 1.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from benches._results import print_table, write_results
from tests.mutations.reader import Tally, try_mutations
from tests.mutations.readers import READERS

PER_READER = 10_000


def tally_of(number: int, *, count: int, seed: int) -> Tally:
    """Try one reader, by its number, in a folder of its own."""
    # As in the tests: what warns there ends a test.
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as folder:
        return try_mutations(READERS[number], Path(folder), count=count, seed=seed)


def bench(count: int, seed: int, only: list[str], processes: int) -> int:
    """Try the readers side by side and return how many mutations came to what nobody expects."""
    chosen = [number for number, reader in enumerate(READERS) if not only or reader.name in only]
    with ProcessPoolExecutor(processes) as pool:
        tallies = pool.map(partial(tally_of, count=count, seed=seed), chosen)
        found = {READERS[number].name: tally for number, tally in zip(chosen, tallies, strict=True)}
    header = ("reader", "mutations", "accepted", "refused", "unexpected")
    rows = [
        (name, *(f"{figure:,}" for figure in (each.mutations, each.accepted, each.refused, each.unexpected)))
        for name, each in found.items()
    ]
    print_table(header, rows)
    for name, tally in found.items():
        for document, outcome in tally.examples[:3]:
            print(f"{name}: {outcome}\n    {document[:200]!r}")
    write_results(
        "mutations",
        {
            "count": count,
            "seed": seed,
            "readers": {
                name: {
                    "mutations": tally.mutations,
                    "accepted": tally.accepted,
                    "refused": tally.refused,
                    "unexpected": tally.unexpected,
                    "examples": [[repr(document), outcome] for document, outcome in tally.examples],
                }
                for name, tally in found.items()
            },
        },
    )
    return sum(tally.unexpected for tally in found.values())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="./run bench mutations", description="Try readers with damaged documents."
    )
    parser.add_argument(
        "--count", type=int, default=PER_READER, help="mutations for each reader (default: 10,000)"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed gives others (default: 1)")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="a reader; may be repeated"
    )
    parser.add_argument("--processes", type=int, default=2, help="how many readers at a time (default: 2)")
    given = parser.parse_args()
    raise SystemExit(1 if bench(given.count, given.seed, given.only, given.processes) else 0)
