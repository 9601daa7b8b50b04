"""How surely and fast `journeys plan bisect` finds which test breaks which: pollution put at known places.

Ten kinds of pollution, each in a suite of 16 to 256 tests in random order. `bench-results/plan.json`:
`found` (the right pair, of ten), `cases` (by kind: `size`, `before`: the tests that ran before the failing
one, `runs` of pytest, `log2`: of `before`, `seconds`, `is_found`), `together` (the same for two tests that
are needed together), `plan` (a plan of six seams, three at a time: `seconds`, and `alone_seconds`, the sum of
what each takes by itself).
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benches._results import print_table, write_results
from journeys.plan import PytestRunner, bisect, read_plan, run_plan
from tests.journeys.plan.polluted_suite import KINDS, names_of, pollute, write_suite

SIZES = (16, 32, 64, 128, 256)
SEAMS = 6


async def bench_kind(folder: Path, kind: str, size: int, polluters: int, seed: int) -> dict[str, object]:
    """Put pollution of a kind at random places of a suite, and have it found."""
    runner = PytestRunner(root=folder, logs=folder / "logs")
    write_suite(folder, size)
    order = [test.id for test in (await runner.run("order", ["."], seed=seed)).tests]
    # One of the later half fails, so that there is something to look through.
    at = random.Random(seed).randrange(size // 2, size)  # noqa: S311 - to repeat, not to hide
    chosen = sorted(random.Random(seed + 1).sample(range(at), polluters))  # noqa: S311 - likewise
    expected = tuple(order[index] for index in chosen)
    if polluters == 1:
        pollute(folder, size, kind, expected, order[at])
    else:
        bodies = {name: f"shop.TILL[{number}] = 1" for number, name in enumerate(expected)}
        write_suite(folder, size, bodies | {order[at]: f"assert len(shop.TILL) < {polluters}"})
    began = time.monotonic()
    found = await bisect(runner, ["."], seed=seed)
    is_found = [(each.victim, each.cause, each.by) for each in found.findings] == [
        (order[at], "tests", expected)
    ]
    return {
        "size": size,
        "before": at,
        "runs": found.runs,
        "log2": round(math.log2(at), 1),
        "seconds": round(time.monotonic() - began, 1),
        "is_found": is_found,
    }


async def bench_plan(folder: Path) -> dict[str, object]:
    """Run a plan of seams that take half a second each, side by side and together."""
    write_suite(folder, 8 * SEAMS, dict.fromkeys(names_of(8 * SEAMS), "import time; time.sleep(0.06)"))
    rows = "".join(f"| seam-{number} | P0 | `test_{number:02}.py` |\n" for number in range(SEAMS))
    (folder / "PLAN.md").write_text(f"| id | priority | tests |\n| --- | --- | --- |\n{rows}")
    plan = read_plan("PLAN.md", folder)
    runner = PytestRunner(root=folder, logs=folder / "logs")
    record = await run_plan(plan, plan.seams, runner, batch=3, seed=1, say=lambda _: None)
    assert record["is_passed"], record["sessions"]
    return {
        "seams": SEAMS,
        "seconds": record["seconds"],
        "alone_seconds": round(sum(seam["seconds"] for seam in record["seams"]), 1),
    }


async def bench(seed: int, sizes: Sequence[int]) -> int:
    """Have all kinds found and return how many were not."""
    # The suites need no plugins, which take most of a start.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    cases: dict[str, Mapping[str, object]] = {}
    for number, kind in enumerate(KINDS):
        with tempfile.TemporaryDirectory() as folder:
            size = sizes[number % len(sizes)]
            cases[kind] = await bench_kind(Path(folder), kind, size, 1, seed + number)
    with tempfile.TemporaryDirectory() as folder:
        together = await bench_kind(Path(folder), "module state", 64, 2, seed)
    with tempfile.TemporaryDirectory() as folder:
        planned = await bench_plan(Path(folder))
    columns = ("size", "before", "log2", "runs", "seconds", "is_found")
    rows = [(kind, *(str(case[name]) for name in columns)) for kind, case in cases.items()]
    rows.append(("two together", *(str(together[name]) for name in columns)))
    print_table(("pollution", "tests", "before", "log2", "runs", "s", "found"), rows)
    found = sum(bool(case["is_found"]) for case in cases.values())
    print(f"found {found} of {len(cases)}; a plan of {SEAMS} seams: {planned['seconds']} s")
    write_results(
        "plan", {"seed": seed, "found": found, "cases": cases, "together": together, "plan": planned}
    )
    return len(cases) - found + (not together["is_found"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="./run bench plan", description="Find pollution that was put into suites of tests."
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other places (default: 1)")
    parser.add_argument(
        "--size", type=int, action="append", help="tests in a suite, may be repeated (default: 16 to 256)"
    )
    given = parser.parse_args()
    raise SystemExit(1 if asyncio.run(bench(given.seed, given.size or SIZES)) else 0)
