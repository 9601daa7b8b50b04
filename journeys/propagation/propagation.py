"""Watches a change on its way to every surface that must show it, and certifies how long it took."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flutter_bridge import Interval
from journeys.commits import Commits
from journeys.errors import InfrastructureError, UsageError
from journeys.pictures import Picture, Recogniser
from journeys.propagation.expectation import Expectation, Moments
from journeys.propagation.name_expectation import NameExpectation
from journeys.propagation.observation import Observation
from journeys.propagation.observer import Observer
from journeys.propagation.picture_expectation import PictureExpectation
from journeys.propagation.reporting import Reporter
from journeys.propagation.verdict import Measured, raise_for
from journeys.propagation.waiting import NegativeControl, Wait, first_error, run_all
from journeys.surface import Surface
from journeys.timeline import Committed, StreamReopened, Timeline, VerdictReached

LONGEST_BUDGET_S = 3600
"""A change that may take longer is none that anybody watches for."""

_STARTING_S = 10.0
"""How long streams and listeners may take to start."""

_CLOSING_S = 2.0
"""How long a stream that did not start may take to end."""

_arming: ContextVar[bool] = ContextVar("arming", default=False)


class Propagation:
    """A change, the surfaces that must show it, and the budget within which they must.

        async with Propagation(within=1.0, …) as change:
            change.expect(picture, on=alice.header)
            await change.arm()
            change.record_action(await app.choose_file(…))

    `within` is the budget in seconds, from the commit or, where `of="tap"`, from the person's last action
    before it. `commits` reports commits; without it the commit lies somewhere after the action. `evidence` is
    the folder for deciding frames. A change must stay for `settle` seconds, and is awaited for `patience`
    seconds (twice the budget and one second more), so that one that comes late is timed too.

    Leaving the block raises `BudgetMissed`, `Inconclusive` or `ObserverError` with a line for every surface
    that did not pass. An error of the block itself passes through.
    """

    def __init__(
        self,
        *,
        within: float,
        commits: Commits | None,
        timeline: Timeline,
        recogniser: Recogniser,
        evidence: Path,
        of: Measured = "commit",
        settle: float = 0.3,
        patience: float | None = None,
    ) -> None:
        if not 0 < within <= LONGEST_BUDGET_S:
            raise ValueError(
                f"a budget is longer than 0 s, and {LONGEST_BUDGET_S:,} s at most, got within={within}"
            )
        self._commits = commits
        self._timeline = timeline
        self._recogniser = recogniser
        self._reporter = Reporter(timeline, evidence, budget=within, of=of)
        self._settle = settle
        self._patience = 2 * within + 1 if patience is None else patience
        if self._patience <= within:
            raise ValueError(f"a change is awaited for longer than its budget, got patience={patience}")
        self._wanted: list[tuple[Picture | str, Surface]] = []
        self._observers: list[Observer] = []
        self._expectations: list[Expectation] = []
        self._control = NegativeControl()
        self._moments = Moments()
        self._arm_once = asyncio.Lock()
        self._armed = False
        self._tasks: list[asyncio.Task[None]] = []
        self._group = asyncio.TaskGroup()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="frames")

    def expect(self, wanted: Picture | str, *, on: Surface) -> None:
        """Expect a picture, or a name, on a surface."""
        if self._armed:
            raise RuntimeError(
                "expect() comes before the first action of its block: what happened is not watched"
            )
        if not isinstance(on, Surface):
            raise TypeError(
                f"expect(…, on=…) takes a surface such as bob.feed.post_by(alice), not a {type(on).__name__}"
            )
        self._wanted.append((wanted, on))

    def record_action(self, received: Interval, *, step: object = None) -> None:
        """Record that an app received a person's action within this interval, in a step of the journey."""
        if self._armed:
            self._moments.record_action(received, step=step)

    async def arm(self) -> bool:
        """Show every expected surface and watch it; ends when each observer has recognised what it shows now.

        Called before the first action; whether it was the first call: further ones do nothing.
        """
        if _arming.get():
            return False  # what is done to show a surface is no action of the journey
        async with self._arm_once:
            if self._armed:
                return False
            within = _arming.set(True)
            try:
                await self._arm()
            finally:
                _arming.reset(within)
            self._armed = True
            return True

    async def __aenter__(self) -> Self:
        """Open the block in which changes are expected and actions done."""
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until everything is decided, stop watching, and raise what did not pass."""
        failure, seen = error, dict[Expectation, list[Observation]]()
        if error is None:
            try:
                seen = await self._wait()
            except BaseException as problem:  # noqa: BLE001 - raised again once everything is stopped
                failure = problem
        await self._stop(failure)
        if failure is None:
            raise_for(await self._report(seen))
        elif failure is not error:
            raise failure

    async def _stop(self, failure: BaseException | None) -> None:
        """Stop all that was started; a cancellation by one of these tasks' errors becomes that error."""
        for task in self._tasks:
            task.cancel()
        cancelled = failure if isinstance(failure, asyncio.CancelledError) else None
        try:
            await self._group.__aexit__(type(cancelled) if cancelled else None, cancelled, None)
        except BaseExceptionGroup as several:
            if failure is None or cancelled is not None:
                raise first_error(several) from None
        finally:
            self._worker.shutdown(cancel_futures=True)

    def _start(self, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        self._tasks.append(self._group.create_task(job))
        return self._tasks[-1]

    async def _arm(self) -> None:
        if not self._wanted:
            raise RuntimeError("nothing is expected of this change: call expect() before the first action")
        # The apps take their time to get there, so the pictures are compared meanwhile.
        await run_all(
            [self._tell_pictures_apart(), *(_show(surfaces) for surfaces in self._surfaces_by_actor())]
        )
        self._expectations = [await self._expectation(wanted, on) for wanted, on in self._wanted]
        by_app: dict[int, list[Expectation]] = {}
        for each in self._expectations:
            by_app.setdefault(id(each.surface.app), []).append(each)
        self._observers = [
            Observer(of_one[0].surface.app, of_one, worker=self._worker) for of_one in by_app.values()
        ]
        await self._start_watching()
        await self._control.take(self._observers)
        raise_for(
            [
                await self._reporter.report_error(each, self._observer_of(each), reason)
                for each, reason in self._control.missing.items()
            ]
        )
        for observer in self._observers:
            self._start(observer.follow())

    async def _start_watching(self) -> None:
        """Start streams and listeners; raises `InfrastructureError` where one doesn't begin.

        Streams hang at their start now and then. Nothing was done yet, so that another one hides nothing;
        once, and everyone is told.
        """
        streams = {each: self._collect(each) for each in self._observers}
        listening: list[asyncio.Event] = []
        if self._commits is not None:
            keys = {each.surface.key for each in self._expectations} - {None}
            for key in sorted(map(str, keys)):
                listening.append(asyncio.Event())
                self._start(self._listen(self._commits, key, listening[-1]))
        await _wait_for_all([*(begun for _, begun in streams.values()), *listening])
        for observer, (task, begun) in streams.items():
            if not begun.is_set():
                task.cancel()
                await asyncio.wait((task,), timeout=_CLOSING_S)
                actor, target = observer.expectations[0].surface.actor, observer.app.target
                why = f"none came within {_STARTING_S:g} s"
                self._timeline.emit(StreamReopened(actor=actor, target=target, why=why))
                streams[observer] = self._collect(observer)
        await _wait_for_all([begun for _, begun in streams.values()])
        late = [
            each.expectations[0].surface.actor for each, (_, begun) in streams.items() if not begun.is_set()
        ]
        what = f"frames of {', '.join(late)}" if late else ""
        if not all(event.is_set() for event in listening):
            what = f"{what} and no word of commits" if what else "word of commits"
        if what:
            raise InfrastructureError(f"no {what} came in time: the change was not attempted")

    def _collect(self, observer: Observer) -> tuple[asyncio.Task[None], asyncio.Event]:
        begun = asyncio.Event()
        return self._start(observer.collect(begun)), begun

    async def _tell_pictures_apart(self) -> None:
        """Make sure that each new picture can be told from the one before, at any size."""
        pairs = {
            (before, wanted): None
            for wanted, on in self._wanted
            # The same picture again is for the control to find out: it is there already.
            if isinstance(wanted, Picture) and (before := _picture_before(wanted, on)) is not wanted
        }
        for before, after in pairs:
            await asyncio.get_running_loop().run_in_executor(
                self._worker, self._recogniser.tell_apart, before, after
            )

    def _surfaces_by_actor(self) -> list[list[Surface]]:
        surfaces: dict[str, dict[str, Surface]] = {}
        for _, on in self._wanted:
            surfaces.setdefault(on.actor, {}).setdefault(on.name, on)
        return [list(of_one.values()) for of_one in surfaces.values()]

    async def _expectation(self, wanted: Picture | str, on: Surface) -> Expectation:
        if isinstance(wanted, Picture):
            before = _picture_before(wanted, on)
            return PictureExpectation(on, wanted, before=before, recogniser=self._recogniser)
        known = on.current(wanted)
        if not isinstance(known, str):
            known = (await on.app.find(on.finder_for(wanted))).text
        return NameExpectation(on, wanted, before=known, still=self._settle / 2)

    async def _listen(self, commits: Commits, key: str, ready: asyncio.Event) -> None:
        async with commits.listen(key) as reports:
            ready.set()
            async for commit in reports:
                self._moments.record_commit(key, commit)
                self._timeline.emit(
                    Committed(change=commit.change, committed=commit.committed, source=commit.source)
                )

    async def _wait(self) -> dict[Expectation, list[Observation]]:
        if not self._armed:
            raise RuntimeError("nothing was done inside the block, so there is no change to watch")
        wait = Wait(
            self._observers,
            self._moments,
            settle=self._settle,
            patience=self._patience,
            commits_reported=self._commits is not None,
        )
        return await wait.until_decided()

    async def _report(self, seen: dict[Expectation, list[Observation]]) -> list[VerdictReached]:
        return [
            await self._reporter.report(
                each,
                self._observer_of(each),
                [self._control.observations[each], *seen[each]],
                self._moments,
            )
            for each in self._expectations
        ]

    def _observer_of(self, expectation: Expectation) -> Observer:
        return next(each for each in self._observers if expectation in each.expectations)


async def _wait_for_all(events: Sequence[asyncio.Event]) -> None:
    """Wait until all are set, as long as streams may take to start."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_STARTING_S):
            for event in events:
                await event.wait()


async def _show(surfaces: Sequence[Surface]) -> None:
    for surface in surfaces:
        await surface.show()


def _picture_before(wanted: Picture, on: Surface) -> Picture:
    """Return what a surface shows before; raises `UsageError` where nobody knows."""
    before = on.current(wanted)
    if not isinstance(before, Picture):
        raise UsageError(
            f"{on.actor}'s {on.name} is to show {wanted.name}, and what it shows now isn't known: say it, "
            'as surface("…", finder, shows=picture)'
        )
    return before
