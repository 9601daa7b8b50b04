"""How long a person waits: from `./run web`, set up before, to the first step and to each verdict.

`bench-results/startup.json`: `first_step_s` and `verdict_s` (medians over runs, all journeys), `journeys` (by
id: medians of the seconds to its first step, to its verdict, and of its own duration, when it runs alone),
`samples` (a list of {`journey`, `first_step_s`, `verdict_s`, `duration_s`, `total_s`}).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path

import journeys.profile
from benches._results import print_table, write_results
from journeys import registered_journeys

ROOT = Path(journeys.profile.__file__).resolve().parent.parent.parent


def measure(journey: str) -> dict[str, float | str]:
    """Run one journey by itself, as a person would, and take its times from its report."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "results")
        began = time.time()
        done = subprocess.run(  # noqa: S603 - our own script
            [ROOT / "run", "web", journey, "--output", str(output)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        total = time.time() - began
        if done.returncode != 0:
            raise SystemExit(f"./run web {journey} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        entry = json.loads((output / "journeys.json").read_text())["journeys"][0]
    started = datetime.fromisoformat(entry["started_at"]).timestamp() - began
    return {
        "journey": journey,
        "first_step_s": started + entry["steps"][0]["started_s"],
        "verdict_s": started + entry["duration_s"],
        "duration_s": entry["duration_s"],
        "total_s": total,
    }


def bench(runs: int) -> None:
    """Run every journey by itself, several times over, and write what came of it."""
    ids = [journey.id for journey in registered_journeys()]
    samples = []
    for _ in range(runs):
        for journey in ids:
            samples.append(measure(journey))
            print(f"  {journey}: {samples[-1]['verdict_s']:.2f} s to the verdict")

    def median(key: str, journey: str | None = None) -> float:
        return statistics.median(
            float(sample[key]) for sample in samples if journey in {None, sample["journey"]}
        )

    keys = ("first_step_s", "verdict_s", "duration_s", "total_s")
    by_journey = {journey: {key: median(key, journey) for key in keys} for journey in ids}
    rows = [[journey, *(f"{figures[key]:.2f}" for key in keys)] for journey, figures in by_journey.items()]
    rows.append(["all", *(f"{median(key):.2f}" for key in keys)])
    print_table(["journey", "first step, s", "verdict, s", "journey alone, s", "command, s"], rows)
    write_results(
        "startup",
        {
            "first_step_s": median("first_step_s"),
            "verdict_s": median("verdict_s"),
            "journeys": by_journey,
            "samples": samples,
        },
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=3, help="how often each journey is run (default: 3)")
    bench(parser.parse_args().runs)
