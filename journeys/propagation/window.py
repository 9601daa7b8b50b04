"""The time during which surfaces are watched after an action: it ends as soon as everything is decided."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from flutter_bridge import now
from journeys.propagation.appearance import steady_for
from journeys.propagation.moments import Moments
from journeys.propagation.observer import Observer
from journeys.propagation.sighting import Sighting
from journeys.propagation.watch import Watch
from journeys.timeline import Sight

# How often the newest frame is judged while the change is awaited, and how many older ones with it: enough to
# keep up with sixty frames a second, few enough to leave the machine to the app. Hence a pace, and no waiting
# for the next frame, which would judge as fast as frames come.
_PACE = 0.04
_FRAMES_PER_PACE = 4
# How long a change is awaited whose commit nobody reports.
_UNREPORTED = 5.0
# How long a commit's report may come after the change was seen everywhere.
_REPORT_GRACE = 1.0


class Window:
    """Waits until every surface shows its change and has kept it for `settle` seconds, or is too late.

    A surface is too late `patience` seconds after its commit.
    """

    def __init__(
        self,
        observers: Sequence[Observer],
        moments: Moments,
        *,
        settle: float,
        patience: float,
        commits_reported: bool,
    ) -> None:
        self._observers = observers
        self._moments = moments
        self._settle = settle
        self._patience = patience
        self._commits_reported = commits_reported
        self._new_since: dict[Watch, float] = {}
        self._new_until: dict[Watch, float] = {}
        self._opened = now()

    async def until_decided(self) -> dict[Watch, list[Sighting]]:
        """Return, for every watch, the looks at all frames since the action before the change."""
        while True:
            await self._glance()
            remaining = max(
                self._remaining(watch) for observer in self._observers for watch in observer.watches
            )
            if remaining > 0:
                for observer in self._observers:
                    await observer.catch_up(self._begin(observer), at_most=_FRAMES_PER_PACE)
                # Frames are kept as they come; this only paces how often they are looked at.
                await asyncio.sleep(min(remaining, _PACE))
                continue
            seen = await self._examine()
            if all(
                steady_for(looks) >= self._settle or self._is_over(watch) for watch, looks in seen.items()
            ):
                return seen
            await asyncio.sleep(_PACE)  # as above

    async def _glance(self) -> None:
        """Learn which surfaces show their change by now, from the newest frames alone."""
        for observer in self._observers:
            for watch, look in (await observer.glance()).items():
                if look is not None and look.sight is Sight.NEW:
                    self._new_since.setdefault(watch, min(now(), look.shown.high))
                    self._new_until[watch] = look.shown.low
                else:
                    self._new_since.pop(watch, None)

    async def _examine(self) -> dict[Watch, list[Sighting]]:
        seen: dict[Watch, list[Sighting]] = {}
        for observer in self._observers:
            seen |= await observer.examine(self._begin(observer))
        return seen

    def _begin(self, observer: Observer) -> float:
        return min(self._moments.begin(watch) for watch in observer.watches)

    def _lacks_commit(self, watch: Watch) -> bool:
        return self._commits_reported and self._moments.commit(watch) is None

    def _remaining(self, watch: Watch) -> float:
        """Return for how long a surface may still have to be watched; 0 or less where it can be judged."""
        new_since = self._new_since.get(watch)
        left = self._deadline(watch) - now()
        if new_since is None:
            return left
        # Steady by the frames, as it will be judged; a stream that stands still is waited for no longer.
        steady = min(new_since - self._new_until[watch], left) + self._settle
        if self._lacks_commit(watch):
            return min(steady + _REPORT_GRACE, left)
        return steady

    def _is_over(self, watch: Watch) -> bool:
        """Whether it is too late for a surface: a change that came at the last moment may still settle."""
        extra = self._settle if watch in self._new_since else 0.0
        return now() >= self._deadline(watch) + extra

    def _deadline(self, watch: Watch) -> float:
        commit, tap = self._moments.commit(watch), self._moments.tap(watch)
        if commit is not None:
            return commit.high + self._patience
        acted = self._opened if tap is None else tap.high
        return acted + max(self._patience, _UNREPORTED)
