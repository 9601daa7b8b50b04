"""Plays six sessions on stand-ins one by one, then side by side: what a night gains by workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benches import _nightly_sessions
from journeys.nightly.record import AttemptRecord, NightRecord

SESSIONS = 6
ROOT = Path(_nightly_sessions.__file__).resolve().parent.parent

_NIGHT = """
[night]
journeys = ["{file}"]
evidence = []

[targets.phone]
platform = "android"
stand_in = true
stand_ins = {count}
"""


@dataclass(frozen=True)
class Speedup:
    """Seconds of six sessions: summed one after the other; from first start to last end, by workers."""

    sum_s: float
    wall_s: dict[int, float]
    whole_s: dict[int, float]
    """The whole command with its servers, by workers; with 1, one after the other."""

    def speedup(self, workers: int) -> float:
        """How many times as fast they are with so many at a time."""
        return self.sum_s / self.wall_s[workers]


def measure_speedup(at_a_time: Sequence[int]) -> Speedup:
    """Play a night with one worker, and one with each number of them."""
    nights = {workers: _night(workers) for workers in dict.fromkeys((1, *at_a_time))}
    return Speedup(
        sum_s=sum(each["duration_s"] for each in _attempts(nights[1])),
        wall_s={workers: _wall_s(nights[workers]) for workers in at_a_time},
        whole_s={workers: night["duration_s"] for workers, night in nights.items()},
    )


def _wall_s(night: NightRecord) -> float:
    ends = [_began(each) + each["duration_s"] for each in _attempts(night)]
    return max(ends) - min(_began(each) for each in _attempts(night))


def _night(workers: int) -> NightRecord:
    with tempfile.TemporaryDirectory() as folder:
        nightly = Path(folder, "nightly.toml")
        nightly.write_text(_NIGHT.format(file=_nightly_sessions.__file__, count=max(4, workers)))
        environment = {name: value for name, value in os.environ.items() if name != "JOURNEYS_STORE"}
        words = ["run", "--targets", str(nightly), "--workers", str(workers), "--retries", "0"]
        output = Path(folder, "night")
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "journeys.cli", "farm", *words, "--output", str(output)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(
                f"a night with {workers} workers ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        night: NightRecord = json.loads((output / "night.json").read_text())
    assert len(_attempts(night)) == SESSIONS
    return night


def _attempts(night: NightRecord) -> list[AttemptRecord]:
    return [attempt for cell in night["cells"] for attempt in cell["attempts"]]


def _began(attempt: AttemptRecord) -> float:
    return datetime.fromisoformat(attempt["started_at"]).timestamp()
