"""The cast: who takes part in a journey, and on which target each of them is played."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Self, cast

from flutter_bridge import BridgeError, CommandRefused, Finder, FlutterApp, NoAnswer, now
from journeys.actor import Actor
from journeys.chaos import Fault, Faults, Recovery
from journeys.commits import CommitOf, Commits, Tap
from journeys.errors import UsageError
from journeys.failures import first_cause, message_of
from journeys.fonts import require_drawn_texts
from journeys.output import file_name_of
from journeys.pictures import Picture, Recogniser
from journeys.propagation import Machine, Propagation
from journeys.snapshots import Snapshots
from journeys.stage import Stage
from journeys.staleness import watch_for_stale
from journeys.surface import Surface
from journeys.timeline import (
    Acted,
    ActorJoined,
    AppReopened,
    HostUnreached,
    StepEnded,
    StepStarted,
    Timeline,
)

EVIDENCE_S = 12.0
"""How long all apps of a journey that failed have to write down why."""

# Depth belongs to the task, not to the timeline: people act at the same time.
_depth: ContextVar[int] = ContextVar("journeys_step_depth", default=0)
_outermost: ContextVar[object] = ContextVar("journeys_outermost_step", default=None)
"""The step of the journey itself that is going on, whatever steps are inside it."""


if TYPE_CHECKING:
    from typing_extensions import TypeVar

    ActorT = TypeVar("ActorT", bound=Actor, default=Actor)
else:
    from typing import TypeVar

    ActorT = TypeVar("ActorT", bound=Actor)


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class CastOptions:
    """What every cast is given by the run: the fixture `cast_options` is one of these.

    `stage_for` says, for an actor's name, on which target they are played. `evidence` is the folder for
    frames. `screens` hold what is on screen against its baseline, where that is wanted. `has_failed` says how
    the journey ended: one that failed has its apps asked for what tells why. Where it is `strict` what is
    late has failed, however busy the machine was. `faults` are those of the run's servers.
    """

    stage_for: Callable[[str], Stage]
    timeline: Timeline
    evidence: Path
    recogniser: Recogniser = field(default_factory=Recogniser)
    screens: Snapshots | None = None
    has_failed: Callable[[], bool] = _never
    strict: bool = False
    faults: Mapping[str, Fault] = field(default_factory=dict)


class Cast(Generic[ActorT]):
    """Everyone who takes part in one journey; opened and closed with it.

    A kit whose people are more than someone with an app has a subclass: `class ChatCast(Cast[Chatter])` with
    `actor_class = Chatter`. Where they need more to be made, such as an account, it brings them in itself:
    `open_app` opens their app. `commits` reports what a backend has made durable, where there is one that
    does.
    """

    actor_class: type[Actor] = Actor
    """What the people are who are brought in."""

    def __init__(
        self,
        options: CastOptions,
        *,
        commits: Commits | None = None,
        faults: Mapping[str, Fault] | None = None,
    ) -> None:
        self.faults = Faults({**options.faults, **(faults or {})}, timeline=options.timeline)
        """What can go wrong on purpose: `async with cast.faults.storage_slow(): …`."""
        self.recovery = Recovery(options.timeline, options.evidence)
        """What is noted of a fault: what people saw, how soon all was well again, what was kept."""
        self.commits = commits
        self.timeline = options.timeline
        self.evidence = options.evidence
        self.recogniser = options.recogniser
        self._options = options
        self._apps = AsyncExitStack()
        self._opened: list[tuple[str, FlutterApp]] = []
        self._scopes: dict[FlutterApp, AsyncExitStack] = {}
        self._unreached: set[tuple[str, str]] = set()
        self._open: Propagation | None = None
        self._themes: dict[str, str] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._options.has_failed():
            await self.keep_evidence()
        await self._apps.aclose()

    async def keep_evidence(self) -> None:
        """Have every open app write down what tells why the journey failed, in files called by its actor.

        What can't be had in time is left out. The journey's own error is what matters: nothing is raised that
        could come in its place.
        """

        async def keep(app: FlutterApp, name: str) -> None:
            with suppress(BridgeError, OSError):
                await app.keep_evidence(self.evidence, name)

        taken: set[str] = set()
        with suppress(TimeoutError):
            async with asyncio.timeout(EVIDENCE_S), asyncio.TaskGroup() as group:
                for actor, app in self._opened:
                    group.create_task(keep(app, file_name_of(actor, taken)))

    @property
    def changing_places(self) -> Sequence[Finder]:
        """What finds the places that look other in every run: no baseline is held against them."""
        return ()

    def step(self, title: str) -> AbstractContextManager[None]:
        """Record everything inside as one step of the journey."""
        return step(self.timeline, title)

    async def actor(self, name: str) -> ActorT:
        """Bring in someone with the app open before them, where it begins."""
        with self.step(f"{name} joins"):
            return cast(ActorT, self.actor_class(self, name, await self.open_app(name)))

    async def actors(self, *names: str) -> list[ActorT]:
        """Bring in several people at once."""
        async with asyncio.TaskGroup() as group:
            joining = [group.create_task(self.actor(name)) for name in names]
        return [task.result() for task in joining]

    @asynccontextmanager
    async def propagation(
        self, *, within: float = 1.0, since: Tap | CommitOf | None = None
    ) -> AsyncIterator[Propagation]:
        """Watch a change on its way to every expected surface, and hold each against a budget in seconds.

        The budget runs from `since`, which is `tap` or a `commit("message", key="…")`. If not otherwise, from
        the commit about a surface's key where the backend reports it, else from the tap.

        async with cast.propagation(within=1.0) as change:
            change.expect("Hello Bob", on=bob.on(Chat).last_message)
            await alice.on(Chat).send("Hello Bob")
        """
        self._note_unreached()
        if self._open is not None:
            raise UsageError("a propagation is open already: close it before opening the next one")
        for _, app in self._opened:
            await require_drawn_texts(app)
        watching = Propagation(
            within=within,
            since=since,
            commits=self.commits,
            timeline=self.timeline,
            recogniser=self.recogniser,
            evidence=self.evidence,
            machine=None if self._options.strict else Machine(),
        )
        async with watching as change:
            self._open = change
            try:
                yield change
            finally:
                self._open = None

    @asynccontextmanager
    async def expect_never(self, stale: Picture, *surfaces: Surface) -> AsyncIterator[None]:
        """Check that not one frame painted inside shows a picture that has been replaced."""
        if not surfaces:
            raise UsageError(f"expect_never({stale.name}) watches nothing: name surfaces after the picture")
        actors = ", ".join(sorted({surface.actor for surface in surfaces}))
        with self.step(f"no frame of {actors} shows the picture that was replaced"):
            async with watch_for_stale(stale, surfaces, recogniser=self.recogniser, evidence=self.evidence):
                yield

    async def expect_screen(
        self, actor: Actor, name: str, *, mask: Sequence[Finder], region: Finder | None
    ) -> None:
        """Hold an actor's screen against its baseline."""
        screens = self._options.screens
        if screens is None:
            raise UsageError(f"there is nothing to hold {name!r} against: this cast was given no screens")
        await require_drawn_texts(actor.app)
        await screens.check(
            actor.app,
            name,
            actor=actor.name,
            theme=self._themes[actor.name],
            mask=(*self.changing_places, *mask),
            region=region,
        )

    async def arm(self) -> bool:
        """Get every observer of the open propagation ready; whether that had to be done."""
        return self._open is not None and await self._open.arm()

    def record_action(self, action: Acted, *, is_cause: bool) -> None:
        """Record an action; the moment of one that is a cause is handed to the open propagation."""
        self.timeline.emit(action)
        if self._open is not None and is_cause:
            self._open.record_action(action.received, step=_outermost.get())

    def _note_unreached(self) -> None:
        """Record what apps have asked for in vain since they were last looked at: a missing font, say."""
        for name, app in self._opened:
            for address in app.unreached_addresses:
                if (name, address) not in self._unreached:
                    self._unreached.add((name, address))
                    self.timeline.emit(HostUnreached(actor=name, target=app.target, address=address))

    async def open_app(self, name: str) -> FlutterApp:
        """Open the app on someone's target; it is closed with the cast."""
        if self._loop not in {None, asyncio.get_running_loop()}:
            # An app would be closed in a loop that it doesn't live in, which never ends.
            raise UsageError(
                "the cast was made in another event loop than the journey runs in: "
                'give its fixture the session\'s, @pytest_asyncio.fixture(loop_scope="session")'
            )
        stage = self._options.stage_for(name)
        try:
            app = await self._enter(stage, name)
        except (NoAnswer, CommandRefused) as error:
            # Browsers and devices hang at their start now and then, or refuse all they are asked for. Nothing
            # was done there yet, so that another one hides nothing; once, and everyone is told.
            self.timeline.emit(AppReopened(actor=name, target=stage.target, why=str(error)))
            app = await self._enter(stage, name)
        self._opened.append((name, app))
        self._note_unreached()
        self._themes[name] = stage.theme
        self.timeline.emit(ActorJoined(actor=name, target=app.target))
        return app

    async def open_anew(self, name: str, hung: FlutterApp, error: BridgeError) -> FlutterApp:
        """Open someone's app in the place of one that stopped answering while they joined.

        For kits in whose `actor` more is done than to open it: of what a journey does later nothing may be
        done a second time.
        """
        self.timeline.emit(AppReopened(actor=name, target=hung.target, why=str(error)))
        self._opened.remove((name, hung))
        with suppress(BridgeError):
            await self._scopes.pop(hung).__aexit__(type(error), error, error.__traceback__)
        return await self.open_app(name)

    async def _enter(self, stage: Stage, name: str) -> FlutterApp:
        """Open an app in a scope of its own, which may end before the cast does."""
        scope = await self._apps.enter_async_context(AsyncExitStack())
        app = await scope.enter_async_context(stage.open(name))
        self._scopes[app] = scope
        return app


@contextmanager
def step(timeline: Timeline, title: str) -> Iterator[None]:
    """Record everything inside as one step, a step inside a step one level deeper."""
    depth = _depth.get()
    token = _depth.set(depth + 1)
    outermost = _outermost.set(_outermost.get() if depth else object())
    started = now()
    timeline.emit(StepStarted(title=title, depth=depth, at=started))
    error = ""
    try:
        yield
    except BaseException as failure:
        error = message_of(first_cause(failure)).splitlines()[0]
        raise
    finally:
        _depth.reset(token)
        _outermost.reset(outermost)
        timeline.emit(StepEnded(title=title, depth=depth, duration_s=now() - started, error=error))
