"""Times how soon all is well again after a fault, and notes what people saw and what was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from flutter_bridge import ActionFailed, Finder, FlutterApp, Interval, now
from journeys.errors import UsageError
from journeys.propagation import Inconclusive
from journeys.timeline import DataChecked, FaultEnded, Noticed, Recovered, Timeline, format_milliseconds

LOOK_S = 0.05
"""The pause between two looks."""

PATIENCE = 4.0
"""For how many times the budget it is waited, so that a late recovery has a figure, too."""


class Recovery:
    """What is found out about one fault, on the journey's timeline."""

    def __init__(self, timeline: Timeline, evidence: Path) -> None:
        self._timeline = timeline
        self._evidence = evidence

    async def expect(self, what: str, is_well: Callable[[], Awaitable[bool]], *, within: float) -> Interval:
        """Look until all is well, and hold the seconds since the last fault's end against a budget.

        Raises `ActionFailed` where it took longer for sure, `Inconclusive` where the budget lies inside the
        interval: between the last look that found it wrong, and the end of the first that didn't.
        """
        ended = [event.at for event in self._timeline.events_of(FaultEnded)]
        if not ended:
            raise UsageError(f"{what}: no fault has ended, so there is nothing to recover from")
        since = ended[-1]
        low = 0.0
        while True:
            begun = now() - since
            if await is_well():
                took = Interval(low, now() - since)
                break
            low = max(0.0, begun)
            if begun > within * PATIENCE:
                raise ActionFailed(
                    f"{what}: not within {begun:.1f} s after the fault ({within:g} s are allowed)"
                )
            # What is looked at tells nobody: any question may be asked, of an app or of a backend.
            await asyncio.sleep(LOOK_S)
        self._timeline.emit(Recovered(what=what, took=took, within_s=within))
        words = f"{what}: after {format_milliseconds(took.low, took.high)}, {within:g} s are allowed"
        if took.low > within:
            raise ActionFailed(words)
        if took.high > within:
            raise Inconclusive(words)
        return took

    async def see(self, actor: str, app: FlutterApp, finder: Finder, *, timeout: float | None = None) -> str:
        """Find what the app tells someone of the fault, keep a picture of it, and return the words."""
        node = await app.find(finder, timeout=timeout)
        number = len(self._timeline.events_of(Noticed)) + 1
        self._evidence.mkdir(parents=True, exist_ok=True)
        picture = self._evidence / f"saw-{number}.png"
        screen = await app.screenshot()
        await asyncio.to_thread(screen.save, picture)
        self._timeline.emit(Noticed(actor=actor, words=node.text, picture=picture))
        return node.text

    def check_data(self, what: str, *, is_kept: bool) -> None:
        """Note whether something saved is still there; raises `ActionFailed` where it isn't."""
        self._timeline.emit(DataChecked(what=what, is_kept=is_kept))
        if not is_kept:
            raise ActionFailed(f"{what}: lost")
