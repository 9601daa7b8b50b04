"""What thousands of tests leave behind: in random order, in two processes, on one PostgreSQL.

`bench-results/isolation.json`: `tests` (that passed; `--tests`, by default 2,000), `seed`, `seconds`, and
what was there afterwards and not before, for all of which the goal is 0: `rows` (in the databases of the test
processes, before those are removed, and tables in the one that `TEST_DATABASE_URL` names), `databases`,
`files` (of pictures) and `processes`. Keys in a bucket are not counted: tests of S3 take a prefix each.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys

from benches._results import print_table, write_results
from embedded_postgres import EmbeddedPostgres
from tests.isolation.leftovers import count_leftovers

TESTS = 2000
PROCESSES = 2


async def bench(tests: int, seed: int) -> int:
    """Run the tests, write what they left, and return how much that is."""
    with EmbeddedPostgres() as postgres:
        left = await count_leftovers(await postgres.url(), tests=tests, processes=PROCESSES, seed=seed)
    counts = {
        "rows": left.rows,
        "databases": len(left.databases),
        "files": left.files,
        "processes": left.processes,
    }
    rows = [(name, str(count)) for name, count in counts.items()]
    print_table(["left behind", f"after {left.tests:,} tests"], rows)
    print(f"seed {seed}, {left.seconds:.1f} s")
    write_results("isolation", {"tests": left.tests, "seed": seed, "seconds": left.seconds, **counts})
    return sum(counts.values())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tests", type=int, default=TESTS)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))  # noqa: S311 - not a secret
    options = parser.parse_args()
    sys.exit(1 if asyncio.run(bench(options.tests, options.seed)) else 0)
