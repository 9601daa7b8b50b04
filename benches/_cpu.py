"""What the runner and all it started cost, in percent of a core, by whose process it is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import psutil  # type: ignore[import-untyped]  # it ships no types

from flutter_bridge import now


class CpuMeter:
    """Reads the processor time of this process and its children: `runner`, `driver` and `browser`."""

    async def over(self, seconds: float) -> dict[str, float]:
        """Return percent of a core spent during the next so many seconds."""
        before, began = _spent(), now()
        await asyncio.sleep(seconds)
        after, took = _spent(), now() - began
        return {whose: round((after[whose] - before[whose]) / took * 100, 1) for whose in sorted(after)}


def _spent() -> Counter[str]:
    """Return seconds of processor time so far."""
    ours = psutil.Process()
    spent: Counter[str] = Counter(runner=0, driver=0, browser=0)
    for process in (ours, *ours.children(recursive=True)):
        try:
            whose = "runner" if process.pid == ours.pid else _whose(process.cmdline())
            times = process.cpu_times()
        except psutil.Error:
            continue  # it has ended
        if whose is not None:
            spent[whose] += times.user + times.system
    return spent


def _whose(command: Sequence[str]) -> str | None:
    name = command[0].rpartition("/")[2] if command else ""
    if name.startswith("node"):
        return "driver"
    return "browser" if name.startswith(("chrom", "headless_shell", "Google")) else None
