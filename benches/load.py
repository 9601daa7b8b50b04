"""How many people the reference backend holds while what is seen stays within a second, and what stops it.

`journeys load` with the workload of the reference app: people read, post and look each other up, one picture
a second is uploaded, each person holds `--streams` event streams open; one more looks on in a browser. The
crowd grows in steps until one is not held. All is on the same cores.

`bench-results/load.json`: `people_held` (the most with the whole p95 of what is seen within the budget; 0
where none were; goal: 500), `streams_held`, `seen_ms_p95` (`[low, high]` of the step with the most that were
held, else of the first; `high` null where something was never seen; goal: under 1000), `bottleneck` and
`bottleneck_reason` (of the last step), `ratio_to_reference` (of the same p95 for one person, in the same
run), `steps` (`people`, `streams`, `verdict`, `reason`, `requests_per_s`, `cores`). Takes about a minute for
starting, a minute for the reference and for each step, and as long as people join: at most 8 minutes as it
is.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benches._results import FOLDER, write_results
from journeys.documents import decode_any_json, read_document

WORKLOAD = """
from dataclasses import replace
from journeys.profile.load import workload as one
workload = replace(one, streams={streams})
"""
SETTINGS = {
    "APP_BACKEND_PASSWORD_HASHING": "cheap",
    "APP_BACKEND_EVENT_STREAMS_PER_ADDRESS": "1000000",
    "APP_BACKEND_REGISTRATIONS_PER_ADDRESS": "1000000 per minute",
}
JOINING = 10
MOST_S = 480


def run(people: int, steps: int, minutes: float, streams: int) -> dict[str, Any]:
    """Put the load on; return what the command has written."""
    with tempfile.TemporaryDirectory() as folder:
        file, output = Path(folder) / "crowd.py", Path(folder) / "results"
        file.write_text(WORKLOAD.format(streams=streams), encoding="utf-8")
        words = ["--people", str(people), "--steps", str(steps), "--minutes", str(minutes)]
        command = [sys.executable, "-m", "journeys.cli", "load", "--scenario", str(file), *words]
        began = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--joining", str(JOINING), "--watchers", "1", "--output", str(output)],
            cwd=FOLDER.parent,
            env={**os.environ, **SETTINGS},
        )
        try:
            code = began.wait(MOST_S)
        except subprocess.TimeoutExpired:
            raise SystemExit(f"not done within {MOST_S} s: fewer --steps or --minutes") from None
        finally:
            # As Ctrl-C does: what it has started ends with it.
            began.send_signal(signal.SIGINT)
            began.wait()
        # 1 is a verdict, which is a figure as well.
        if code not in {0, 1}:
            raise SystemExit(code)
        found: dict[str, Any] = decode_any_json(read_document(output / "load.json"))
        return found


def figures_of(result: dict[str, Any]) -> dict[str, object]:
    """Return the figures of a run by key."""
    held = [step for step in result["steps"][1:] if step["people"] == result["people_held"]]
    chosen = (held or result["steps"][1:])[0]
    seen = chosen["seen"].get("p95")
    return {
        "people_held": result["people_held"] or 0,
        "streams_held": chosen["streams"] if held else 0,
        "seen_ms_p95": seen and [_milliseconds(seen["low"]), _milliseconds(seen["high"])],
        "bottleneck": result["bottleneck"],
        "bottleneck_reason": result["bottleneck_reason"],
        "ratio_to_reference": result["ratio"],
        "steps": [
            {
                **{key: step[key] for key in ("people", "streams", "verdict", "reason", "cores")},
                "requests_per_s": step["rate"],
            }
            for step in result["steps"]
        ],
    }


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=500, help="in the last step (default: 500)")
    parser.add_argument("--steps", type=int, default=4, help="how many steps (default: 4)")
    parser.add_argument("--minutes", type=float, default=0.75, help="of each (default: 0.75)")
    parser.add_argument("--streams", type=int, default=10, help="of each person (default: 10)")
    given = parser.parse_args()
    try:
        write_results("load", figures_of(run(given.people, given.steps, given.minutes, given.streams)))
    except KeyboardInterrupt:
        sys.exit(130)
