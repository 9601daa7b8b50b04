"""What is waited for before a change and after it: the negative control, and that everything is decided."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

from flutter_bridge import now
from journeys.commits import CommitOf
from journeys.propagation.expectation import Expectation
from journeys.propagation.machine import Machine
from journeys.propagation.moments import Moments
from journeys.propagation.observation import Observation, steady_time_s
from journeys.propagation.observer import Observer
from journeys.timeline import SurfaceState

CONTROL_PATIENCE_S = 5.0
"""How long the old state is waited for."""
_CONTROL_PACE_S = 0.2
"""How long a frame is waited for before the semantics are read again all the same."""

# Few enough to leave the machine to the app. Hence a pace, and no waiting for the next frame, which
# would judge as fast as frames come.
_PACE_S = 0.04
"""How often the newest frame is judged while the change is awaited."""
_FRAMES_PER_PACE = 4
"""How many older ones are prepared with it: enough to keep up with sixty frames a second."""
_UNREPORTED_S = 5.0
"""How long a change is awaited whose commit nobody reports."""
_LAST_LOOK_S = 0.1
"""How long a look at what must not change may come after its time is over."""
_MOST_LENIENT_S = 10.0
"""How much longer a change is awaited at most on a machine that is too busy."""
_REPORT_GRACE_S = 1.0
"""How long a commit's report may come after the change was seen everywhere."""


class NegativeControl:
    """Before anything is done, every observer must recognise what is there now.

    `observations` are those of the old state; `missing` has the reasons why there is none of other surfaces.
    """

    def __init__(self) -> None:
        self.observations: dict[Expectation, Observation] = {}
        self.missing: dict[Expectation, str] = {}

    async def take(self, observers: Sequence[Observer]) -> None:
        """Wait, within bounds, until the old state has been seen on every surface."""
        until = now() + CONTROL_PATIENCE_S
        while True:
            await run_all(observer.read() for observer in observers)
            for observer in observers:
                for expectation, seen in (await observer.observe_latest()).items():
                    self._note(expectation, seen, observer.lag)
            left = until - now()
            if not self.missing or left < 0:
                break
            await run_all(observer.next_frame(within=min(_CONTROL_PACE_S, left)) for observer in observers)
        # A frame's time may lie ahead of its receipt; what is done next must come after it.
        latest = max((seen.shown.high for seen in self.observations.values()), default=0.0)
        await asyncio.sleep(max(0.0, latest - now()))

    def _note(self, expectation: Expectation, seen: Observation | None, lag: str) -> None:
        if seen is not None and seen.state is SurfaceState.OLD:
            self.observations[expectation] = seen
            self.missing.pop(expectation, None)
        elif expectation not in self.observations:
            self.missing[expectation] = _explain(expectation, seen, lag)


def _explain(expectation: Expectation, seen: Observation | None, lag: str) -> str:
    unattempted = "the change was not attempted"
    if not expectation.is_on_screen:
        return (
            f"was not on screen ({expectation.finder}) once all that {expectation.surface.actor} must see "
            f"was shown: watch it in a block of its own, or through another actor; {unattempted}"
        )
    if seen is not None and seen.state is SurfaceState.NEW:
        return f"{expectation.wording.does} before anything was done; {unattempted}"
    why = seen.reason if seen is not None and seen.reason else "it does not stand still"
    if lag:
        return f"could not be seen as it is by now: {lag}; {unattempted} (what was seen last: {why})"
    return f"was not recognised as it is before the change: {why}; {unattempted}"


class Wait:
    """Waits until every surface shows its change and has kept it for `settle` seconds, or is too late.

    A surface is too late `patience` seconds after its commit; on a busy `machine` later, once its `budget`
    would be over on one that keeps up.
    """

    def __init__(
        self,
        observers: Sequence[Observer],
        moments: Moments,
        *,
        settle: float,
        patience: float,
        budget: float = 0.0,
        machine: Machine | None = None,
    ) -> None:
        self._observers = observers
        self._moments = moments
        self._settle = settle
        self._patience = patience
        self._budget = budget
        self._machine = machine
        self._new_since: dict[Expectation, float] = {}
        self._new_until: dict[Expectation, float] = {}
        self._began = now()

    async def until_decided(self) -> dict[Expectation, list[Observation]]:
        """Return, for every expectation, what all frames show since the action before the change."""
        while True:
            await self._observe_latest()
            remaining = max(
                self._remaining_s(expectation)
                for observer in self._observers
                for expectation in observer.expectations
            )
            if remaining > 0:
                for observer in self._observers:
                    await observer.catch_up(self._begin(observer), at_most=_FRAMES_PER_PACE)
                # Frames are kept as they come; this only paces how often they are judged.
                await asyncio.sleep(min(remaining, _PACE_S))
                continue
            found: dict[Expectation, list[Observation]] = {}
            for observer in self._observers:
                found |= await observer.observe_since(self._begin(observer))
            if all(self._is_decided(expectation, seen) for expectation, seen in found.items()):
                return found
            await asyncio.sleep(_PACE_S)  # as above

    def _is_decided(self, expectation: Expectation, seen: Sequence[Observation]) -> bool:
        if expectation.stays_s is None and steady_time_s(seen) >= self._settle:
            return True
        return self._is_over(expectation)

    async def _observe_latest(self) -> None:
        """Learn which surfaces show their change by now, from the newest frames alone."""
        for observer in self._observers:
            for expectation, seen in (await observer.observe_latest()).items():
                if seen is not None and seen.state is SurfaceState.NEW:
                    self._new_since.setdefault(expectation, min(now(), seen.shown.high))
                    self._new_until[expectation] = seen.shown.low
                else:
                    self._new_since.pop(expectation, None)

    def _begin(self, observer: Observer) -> float:
        return min(self._moments.begin(expectation) for expectation in observer.expectations)

    def _remaining_s(self, expectation: Expectation) -> float:
        """Return for how long a surface may still have to be observed; 0 or less where it can be judged."""
        new_since = self._new_since.get(expectation)
        left = self._deadline(expectation) - now()
        if new_since is None or expectation.stays_s is not None:
            return left
        # Steady by the frames, as it will be judged; a stream that stands still is waited for no longer.
        steady = min(new_since - self._new_until[expectation], left) + self._settle
        if isinstance(expectation.since, CommitOf) and self._moments.commit(expectation) is None:
            return min(steady + _REPORT_GRACE_S, left)
        return steady

    def _is_over(self, expectation: Expectation) -> bool:
        """Whether it is too late for a surface: a change that came at the last moment may still settle."""
        extra = self._settle if expectation in self._new_since and expectation.stays_s is None else 0.0
        return now() >= self._deadline(expectation) + extra

    def _deadline(self, expectation: Expectation) -> float:
        commit, tap = self._moments.commit(expectation), self._moments.tap(expectation)
        acted = self._began if tap is None else tap.high
        since = expectation.since
        if isinstance(since, Expectation):
            # It is timed from another one, and that may come as late as it may.
            began = max(acted, self._new_since.get(since, self._deadline(since) + self._settle))
        elif isinstance(since, CommitOf) and commit is not None:
            began = commit.high
        else:
            began = acted
        if expectation.stays_s is not None:
            return began + expectation.stays_s + _LAST_LOOK_S
        unreported = isinstance(since, CommitOf) and commit is None
        deadline = began + max(self._patience, _UNREPORTED_S if unreported else 0.0)
        if self._machine is None:
            return deadline
        moment = now()
        spared_s = moment - began - self._machine.waited_s(began, moment)
        return max(deadline, min(moment + self._budget - spared_s, deadline + _MOST_LENIENT_S))


async def run_all(jobs: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all at once; when one fails the others are cancelled and its error is raised, not a group."""
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job)
    except BaseExceptionGroup as several:
        raise first_error(several) from None


def first_error(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error inside a group of errors."""
    first = several.exceptions[0]
    return first_error(first) if isinstance(first, BaseExceptionGroup) else first
