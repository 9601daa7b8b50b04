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
from journeys.commits import CommitOf, Commits, Tap, tap
from journeys.errors import InfrastructureError, UsageError
from journeys.expectations import Stillness
from journeys.pictures import Picture, Recogniser
from journeys.propagation.expectation import Expectation
from journeys.propagation.film import keep_film
from journeys.propagation.handle import Handle
from journeys.propagation.kinds import check_wanted, expectation_of, is_brought, picture_before, show
from journeys.propagation.machine import Machine
from journeys.propagation.moments import Moments
from journeys.propagation.observation import Observation
from journeys.propagation.observer import Observer
from journeys.propagation.reporting import Reporter
from journeys.propagation.verdict import raise_for
from journeys.propagation.waiting import NegativeControl, Wait, first_error, run_all
from journeys.surface import Surface
from journeys.timeline import Committed, CommitUnreported, StreamReopened, Timeline, VerdictReached

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
            sent = change.expect("Hello", on=alice_chat.last_message)
            sent.then("Hello", on=bob_chat.last_message)
            await change.arm()
            change.record_action(await app.choose_file(…))

    `within` is the budget in seconds. It runs from `since`: from `tap`, what the person does, or from a
    `commit("message", key="…")`. If not otherwise, from a commit about the surface's key where `commits`
    reports them, else from the tap. `evidence` is the folder for deciding
    frames. A change must stay for `settle` seconds, and is awaited for `patience`
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
        since: Tap | CommitOf | None = None,
        settle: float = 0.3,
        patience: float | None = None,
        machine: Machine | None = None,
    ) -> None:
        if not 0 < within <= LONGEST_BUDGET_S:
            raise ValueError(
                f"a budget is longer than 0 s, and {LONGEST_BUDGET_S:,} s at most, got within={within}"
            )
        self._commits = commits
        self._timeline = timeline
        self._recogniser = recogniser
        self._evidence = evidence
        self._machine = machine
        self._reporter = Reporter(timeline, evidence, budget=within, machine=machine)
        self._budget = within
        self._since = since
        self._check_since(since)
        self._settle = settle
        self._patience = 2 * within + 1 if patience is None else patience
        if self._patience <= within:
            raise ValueError(f"a change is awaited for longer than its budget, got patience={patience}")
        self._handles: list[Handle] = []
        self._observers: list[Observer] = []
        self._expectations: list[Expectation] = []
        self._control = NegativeControl()
        self._moments = Moments()
        self._arm_once = asyncio.Lock()
        self._armed = False
        self._tasks: list[asyncio.Task[None]] = []
        self._group = asyncio.TaskGroup()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="frames")

    def expect(
        self,
        wanted: object,
        *,
        on: Surface,
        since: Tap | CommitOf | Handle | None = None,
        after: Handle | None = None,
    ) -> Handle:
        """Expect something on a surface: a picture, a text or a pattern, or what `journeys.expectations` has.

        `since` is what its budget runs from, if not what the block's does; a handle stands for the moment at
        which that one appeared. What is given as `after` must have appeared before.
        """
        if self._armed:
            raise UsageError(
                "expect() comes before the first action of its block: what happened is not watched"
            )
        check_wanted(wanted)
        if not isinstance(on, Surface):
            raise TypeError(
                f"expect(…, on=…) takes a surface such as bob.feed.post_by(alice), not a {type(on).__name__}"
            )
        self._check_since(since)
        if after is not None:
            after.check_as_moment_for(self, "then()")
            if isinstance(wanted, Stillness):
                raise UsageError(
                    "what stays comes after nothing: say from when on it must, as stays(), since=…"
                )
        self._handles.append(Handle(self, wanted, on, since=since, after=after))
        return self._handles[-1]

    def _check_since(self, since: object) -> None:
        if isinstance(since, Handle):
            since.check_as_moment_for(self, "since=")
        elif isinstance(since, CommitOf):
            if self._commits is None:
                raise UsageError(
                    f"since= is the {since}, and there is no backend that reports commits: leave it out, or "
                    "give the cast one, as Cast(options, commits=…)"
                )
        elif not (since is None or isinstance(since, Tap)):
            raise TypeError(
                f'since= takes tap, commit("message", key="…") or what expect() returned, not {since!r}'
            )

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
            verdicts = await self._report(seen)
            await self._keep_film()
            raise_for(verdicts)
        elif failure is not error:
            if isinstance(failure, Exception):
                await self._keep_film()
            raise failure

    async def _keep_film(self) -> None:
        begins = [self._moments.begin(each) for each in self._expectations]
        since = min(begins, default=float("-inf"))
        await keep_film(self._observers, self._timeline, self._evidence, since=since)

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
        if not self._handles:
            raise UsageError("nothing is expected of this change: call expect() before the first action")
        # The apps and their streams take their time to get there, so the pictures are compared meanwhile.
        await run_all([self._tell_pictures_apart(), self._show_and_watch()])
        await self._control.take(self._observers)
        raise_for(
            [
                await self._reporter.report_error(each, self._observer_of(each), reason)
                for each, reason in self._control.missing.items()
            ]
        )
        for each in self._expectations:
            each.is_armed = True
        for observer in self._observers:
            self._start(observer.follow())
        if self._machine is not None:
            self._start(self._machine.follow())

    async def _show_and_watch(self) -> None:
        """Bring every surface on screen, and begin to watch the apps."""
        await run_all(_show_all(handles) for handles in self._handles_by_actor())
        self._expectations = await self._make_expectations()
        by_app: dict[int, list[Expectation]] = {}
        for each in self._expectations:
            by_app.setdefault(id(each.surface.app), []).append(each)
        self._observers = [
            Observer(of_one[0].surface.app, of_one, worker=self._worker) for of_one in by_app.values()
        ]
        await self._start_watching()

    async def _start_watching(self) -> None:
        """Start streams and listeners; raises `InfrastructureError` where one doesn't begin.

        Streams hang at their start now and then. Nothing was done yet, so that another one hides nothing;
        once, and everyone is told.
        """
        streams = {each: self._collect(each) for each in self._observers}
        listening: list[asyncio.Event] = []
        if self._commits is not None:
            sources = (each.since for each in self._expectations)
            keys = {each.key for each in sources if isinstance(each, CommitOf)}
            keys |= {each.surface.key for each in self._expectations if each.surface.key is not None}
            for key in sorted(keys):
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
            for wanted, before in (
                (each.wanted, picture_before(each.wanted, each.on))
                for each in self._handles
                if isinstance(each.wanted, Picture)
            )
            # The same picture again is for the control to find out: it is there already.
            if before is not None and before is not wanted
        }
        for before, after in pairs:
            await asyncio.get_running_loop().run_in_executor(
                self._worker, self._recogniser.tell_apart, before, after
            )

    def _handles_by_actor(self) -> list[list[Handle]]:
        handles: dict[str, dict[str, Handle]] = {}
        for handle in self._handles:
            by_name = handles.setdefault(handle.on.actor, {})
            # What is there already can be brought on screen whole, what is still to appear can't.
            if handle.on.name not in by_name or not is_brought(by_name[handle.on.name].wanted):
                by_name[handle.on.name] = handle
        return [list(of_one.values()) for of_one in handles.values()]

    async def _make_expectations(self) -> list[Expectation]:
        made: dict[Handle, Expectation] = {}
        for handle in self._handles:
            made[handle] = each = await expectation_of(
                handle.wanted,
                handle.on,
                recogniser=self._recogniser,
                still=self._settle / 2,
                budget=self._budget,
            )
            each.after = None if handle.after is None else made[handle.after]
            since = handle.since or self._since
            if isinstance(since, Handle):
                each.since = made[since]
            elif since is not None:
                each.since = since
            elif self._commits is None or isinstance(handle.wanted, Stillness):
                each.since = tap
        return list(made.values())

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
            raise UsageError("nothing was done inside the block, so there is no change to watch")
        wait = Wait(
            self._observers,
            self._moments,
            settle=self._settle,
            patience=self._patience,
            budget=self._budget,
            machine=self._machine,
        )
        return await wait.until_decided()

    async def _report(self, seen: dict[Expectation, list[Observation]]) -> list[VerdictReached]:
        unreported = [
            f"{each.title} (key {each.since.key!r})"
            for each in self._expectations
            if isinstance(each.since, CommitOf)
            and not each.since.change
            and self._moments.commit(each) is None
        ]
        if unreported:
            self._timeline.emit(CommitUnreported(surfaces=tuple(dict.fromkeys(unreported))))
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


async def _show_all(handles: Sequence[Handle]) -> None:
    for handle in handles:
        await show(handle.wanted, handle.on)
