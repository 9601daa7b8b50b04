"""Real people with real browsers: a journey measured again and again while a crowd is there."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from flutter_bridge import Interval
from journeys.documents import UnreadableDocument, decode_any_json, one_line, read_document
from journeys.load.records import PERCENTS
from journeys.report import quantile

MEASURED = "measure.json"
_GRACE_S = 60.0
"""How long a measurement may take to end, and to write what it has."""

_START_S = 120.0
"""How long it may take to start."""

_LOOK_S = 0.1
_MOST_RUNS = 10_000
_SHORTEST_RUN_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What people saw: an interval for each look, in seconds; `error` where nothing was measured."""

    looks: tuple[Interval, ...] = ()
    budget_s: float = 1.0
    error: str = ""

    def quantiles(self) -> dict[int, Interval]:
        """Return each quantile that is reported, as the interval that holds it; none without looks."""
        return {percent: quantile(self.looks, percent) for percent in PERCENTS} if self.looks else {}


class Watchers:
    """A measurement in a process of its own, as it would be without a crowd: `journeys measure`."""

    def __init__(
        self,
        journey: str,
        *,
        app_url: str,
        backend_url: str,
        observers: int | None,
        seconds: float,
        folder: Path,
        root: Path,
    ) -> None:
        # More than there is time for; not many more, for each of them is collected as a test.
        runs = min(_MOST_RUNS, 2 + int(seconds / _SHORTEST_RUN_S))
        self._words = [
            *("measure", journey, "--repeat", str(runs), "--output", str(folder)),
            *("--app-url", app_url, "--backend-url", backend_url),
            *([] if observers is None else ["--observers", str(observers)]),
        ]
        self._folder = folder
        self._root = root
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The measurement's process, while there is one."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Begin to measure; return once it has found its journey, or has ended."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        log = self._folder.with_suffix(".log")
        with log.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "journeys.cli", *self._words),
                cwd=self._root,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        # Its first line comes once all is collected: starting is no part of what is measured.
        for _ in range(int(_START_S / _LOOK_S)):
            if log.stat().st_size or self._process.returncode is not None:
                break
            await asyncio.sleep(_LOOK_S)

    async def finish(self) -> Seen:
        """End the measurement and return what was seen until then."""
        await self.stop()
        return read_seen(self._folder)

    async def stop(self) -> None:
        """End the measurement, as Ctrl-C does; whatever does not end is killed."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _GRACE_S)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            self._process = None


def read_seen(folder: Path) -> Seen:
    """Return what a measurement has written."""
    log = folder.with_suffix(".log")
    try:
        document = decode_any_json(read_document(folder / MEASURED))
        return _seen_in(document, log)
    except (OSError, UnreadableDocument, KeyError, TypeError) as error:
        return Seen(error=f"nothing was measured: {one_line(str(error))} (log: {log})")


def _seen_in(document: Any, log: Path) -> Seen:
    looks, budgets = [], []
    for surface in document["distributions"]:
        budgets.append(surface["budget_s"])
        for sample in surface["samples"]:
            # From the commit where there is one: as the journey's own budget runs.
            reach = sample["commit_to_visible_s"] or sample["tap_to_visible_s"]
            if reach is not None and sample["verdict"] != "error":
                looks.append(Interval(reach["low"], inf if reach["high"] is None else reach["high"]))
    error = "" if looks else f"no look was measured (log: {log})"
    return Seen(looks=tuple(looks), budget_s=min(budgets, default=1.0), error=error)
