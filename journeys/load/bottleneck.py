"""What holds a system back: named by who has the processor, and by where the requests' time goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from journeys.load.processes import BACKEND, ENGINE
from journeys.load.records import LoadRecord

TOTAL = "total"
"""The part of `Server-Timing` that holds all others."""

BUSY_LOOP = 0.85
"""Of a core: a process with one event loop that uses so much has no more to give."""

BUSY_MACHINE = 0.9
"""Of all cores."""

LATE_S = 0.1
"""By so much the load engine may be late: more, and it measures itself."""


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """What holds back most, and the figures that say so."""

    name: str
    reason: str


def engine_lag(record: LoadRecord) -> float:
    """Return how late the load engine's own loop was: the 95th percentile, in seconds."""
    lags = sorted(record.lags)
    return lags[int(len(lags) * 0.95)] if lags else 0.0


def time_by_part(record: LoadRecord) -> dict[str, float]:
    """Return how the time of requests is shared out, from 0 to 1; nothing where no server tells.

    `before the backend` is what passed outside of its own account: the network, and the queue of its loop.
    `backend's code` is what its account has and no part of it explains.
    """
    if record.timed_s <= 0:
        return {}
    parts = {name: seconds for name, seconds in record.parts.items() if name != TOTAL}
    total = max(record.parts.get(TOTAL, 0.0), sum(parts.values()))
    seconds = {
        **parts,
        "backend's code": total - sum(parts.values()),
        "before the backend": max(0.0, record.timed_s - total),
    }
    whole = max(record.timed_s, total)
    ordered = sorted(seconds.items(), key=lambda pair: -pair[1])
    return {name: round(value / whole, 3) for name, value in ordered if value > 0}


def name_bottleneck(record: LoadRecord, cores: Mapping[str, float], *, machine_cores: int) -> Bottleneck:
    """Return what holds back most in one step.

    `cores` are those used by each role. First whether the load engine itself is what is slow; then whether a
    loop, or the machine, has no processor left; then where the requests' time goes.
    """
    lag, used = engine_lag(record), sum(cores.values())
    if lag > LATE_S:
        return Bottleneck(ENGINE, f"its own loop was {lag * 1000:.0f} ms late (p95): use fewer people")
    if cores.get(BACKEND, 0.0) >= BUSY_LOOP:
        return Bottleneck("backend's event loop", f"its process used {cores[BACKEND]:.2f} of one core")
    if used >= BUSY_MACHINE * machine_cores:
        most = max(cores, key=lambda role: cores[role])
        return Bottleneck(
            f"processor: {most}",
            f"{used:.2f} of {machine_cores} cores are used, {cores[most]:.2f} of them by {most}",
        )
    parts = time_by_part(record)
    if parts:
        most = next(iter(parts))
        return Bottleneck(most, f"{parts[most]:.0%} of the requests' time; {used:.2f} cores are used")
    return Bottleneck("unknown", "the target sends no Server-Timing, and no processor is busy")
