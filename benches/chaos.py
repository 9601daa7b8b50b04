"""What people get through when things break: all chaos journeys of the reference app, on the web.

`bench-results/chaos.json`: `faults` (how many kinds of fault there were), `journeys`, `survived` (in how many
of them all was as it must be), `data_lost`, `recovery_s_p50` and `recovery_s_p95` (seconds from a fault's end
until all was well, low and high), `rows` (`journey`, `status`, `faults`, `recovered_s`, `lost`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benches._results import print_table, write_results
from flutter_bridge import Interval
from journeys.report import quantile

ROOT = Path(__file__).resolve().parent.parent


def bench() -> None:
    """Play the journeys, and write what came of them."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "results")
        command = [sys.executable, "-m", "journeys.cli", "chaos", "--output", str(output)]
        done = subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603 - our own command
        if not (output / "journeys.json").is_file():
            raise SystemExit(f"journeys chaos ended with {done.returncode}, and without a report")
        played = json.loads((output / "journeys.json").read_text())["journeys"]
    rows = []
    for journey in played:
        chaos = journey.get("chaos", {"faults": [], "recovered": [], "lost": []})
        took = [[each["took_s"]["low"], each["took_s"]["high"]] for each in chaos["recovered"]]
        rows.append(
            {
                "journey": journey["id"],
                "status": journey["status"],
                "faults": chaos["faults"],
                "recovered_s": took,
                "lost": chaos["lost"],
            }
        )
    recovered = [Interval(low, high) for row in rows for low, high in row["recovered_s"]]
    figures = {
        "faults": len({fault for row in rows for fault in row["faults"]}),
        "journeys": len(rows),
        "survived": sum(row["status"] == "passed" for row in rows),
        "data_lost": sum(len(row["lost"]) for row in rows),
        "recovery_s_p50": _bounds(recovered, 50),
        "recovery_s_p95": _bounds(recovered, 95),
    }
    print_table(["figure", "value"], [[name, str(value)] for name, value in figures.items()])
    write_results("chaos", {**figures, "rows": rows})


def _bounds(recovered: list[Interval], percent: int) -> list[float] | None:
    if not recovered:
        return None
    found = quantile(recovered, percent)
    return [found.low, found.high]


if __name__ == "__main__":
    bench()
