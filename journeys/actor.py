"""Actors and their screens: who has the app open, and what they can do and see in each place of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, Protocol, Self, TypeVar, cast

from flutter_bridge import AppRequest, Finder, FlutterApp, Interval, NotFound
from journeys.chaos import Device, Network
from journeys.errors import UsageError
from journeys.pictures import Picture, Recogniser
from journeys.surface import Surface
from journeys.timeline import Acted, Requested, Timeline

_P = ParamSpec("_P")
_S = TypeVar("_S", bound="Screen")


@dataclass
class _Step:
    """A step on a screen; once it has begun it may lead away from there."""

    screen: Screen
    has_begun: bool = False


_current_step: ContextVar[_Step | None] = ContextVar("journeys_step_on_screen", default=None)
_navigating: ContextVar[bool] = ContextVar("journeys_navigating", default=False)


class Ensemble(Protocol):
    """What an actor needs of the cast they belong to."""

    recogniser: Recogniser
    timeline: Timeline

    def step(self, title: str) -> AbstractContextManager[None]:
        """Record what happens inside as a step."""
        ...

    async def arm(self) -> bool:
        """Get every observer of the open propagation ready; whether that had to be done."""
        ...

    def record_action(self, action: Acted, *, is_cause: bool) -> None:
        """Record an action; one that is a cause may have led to the change that is watched."""
        ...

    async def expect_screen(
        self, actor: Actor, name: str, *, mask: Sequence[Finder], region: Finder | None
    ) -> None:
        """Hold an actor's screen against its baseline."""
        ...


class Actor:
    """Someone with the app open before them.

    `app` is what they use: what they do in it is recorded, and sets off what an open propagation watches. A
    kit gives its own subclass to its `Cast`, with what people of that app are and do.
    """

    def __init__(self, ensemble: Ensemble, name: str, app: FlutterApp) -> None:
        self._ensemble = ensemble
        self._screens: dict[object, Screen] = {}
        self.current_screen: Screen | None = None
        """Where they went last, as far as that is known."""
        self.name = name
        self.app = app
        app.listener = self

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} on {self.app.target}>"

    @property
    def recogniser(self) -> Recogniser:
        """What recognises pictures in their app."""
        return self._ensemble.recogniser

    @property
    def network(self) -> Network:
        """Their network, to be made worse: `async with alice.network.offline(): …`."""
        emit = self._ensemble.timeline.emit
        return Network(self.name, self.app.driver, target=self.app.target, emit=emit)

    @property
    def device(self) -> Device:
        """What they hold: `async with alice.device.in_background(): …`."""
        emit = self._ensemble.timeline.emit
        return Device(self.name, self.app.driver, target=self.app.target, emit=emit)

    def on(self, screen: Callable[Concatenate[Self, _P], _S], *args: _P.args, **kwargs: _P.kwargs) -> _S:
        """Return what they can do and see on a screen, the same one each time: `bob.on(Chat, "Alice")`.

        What comes after the screen's class is given to it.
        """
        key = (screen, args, tuple(sorted(kwargs.items())))
        if key not in self._screens:
            self._screens[key] = screen(self, *args, **kwargs)
        return cast(_S, self._screens[key])

    def surface(
        self, name: str, finder: Finder, *, key: str | None = None, shows: Picture | None = None
    ) -> Surface:
        """Return a place in their app that is looked at wherever they are; see `Surface`."""
        return Surface(self, name, finder, key=key, shows=shows)

    async def restart_app(self) -> None:
        """Start the app again: a reload on the web, a relaunch on a device."""
        with self.step(f"{self.name} restarts the app"):
            self.current_screen = None
            await self.app.restart()

    async def go_back(self) -> None:
        """Go back as people do on this platform."""
        with self.step(f"{self.name} goes back"):
            self.current_screen = None
            await self.app.back()

    async def expect_screen(
        self, name: str, *, mask: Sequence[Finder] = (), region: Finder | None = None
    ) -> None:
        """Hold what is on screen against its baseline, once it has settled; a difference fails the journey.

        The journey goes on all the same, and fails at its end, so that one run finds all differences. `mask`
        finds what is to be left out, besides what is new in each run; `region` picks one node's box instead
        of the whole screen.
        """
        with self.step(f"{self.name}'s screen is the baseline {name}"):
            await self._ensemble.expect_screen(self, name, mask=mask, region=region)

    def step(self, title: str) -> AbstractContextManager[None]:
        """Record what happens inside as a step."""
        return self._ensemble.step(title)

    @contextmanager
    def navigation(self) -> Iterator[None]:
        """Have what is done inside be no action of the journey: they only go somewhere."""
        token = _navigating.set(True)
        try:
            yield
        finally:
            _navigating.reset(token)

    async def arm_observers(self) -> None:
        """Get every observer of an open propagation ready, before the change is set off."""
        await self._ensemble.arm()

    # What their app calls

    async def before_action(self, action: str) -> None:
        """Go where the action is done, and have everything watched that is expected of it."""
        if _navigating.get():
            return
        step = _current_step.get()
        screen = None if step is None or step.has_begun or step.screen.actor is not self else step.screen
        if step is not None and screen is not None:
            step.has_begun = True
            await screen.show()
        # What is watched may have led elsewhere in this very app.
        if await self._ensemble.arm() and screen is not None and not await screen.is_shown():
            raise UsageError(
                f"{self.name} {action} in {screen.name}, and another screen is watched in the same app: "
                "watch that in the app of another actor"
            )

    def action_received(self, action: str, received: Interval) -> None:
        """Record when the app received an action."""
        self._ensemble.record_action(
            Acted(actor=self.name, action=action, received=received), is_cause=not _navigating.get()
        )

    def request_answered(self, request: AppRequest) -> None:
        """Record what the app asked a server for."""
        answer = "no answer" if request.status is None else str(request.status)
        words = f"{request.method} {request.address}: {answer}"
        self._ensemble.timeline.emit(Requested(actor=self.name, request=words, taken=request.taken))


class Screen:
    """A place in the app as one actor has it before them; subclass it for each place of an app of your own.

    `alice.on(Chat)` is the one that Alice has; a screen of something takes more (`alice.on(Chat, "Bob")`).
    What is done or looked at there goes there first, by `open`, unless one is there: where `landmark` is on
    screen, or without one where one has gone nowhere else since.
    """

    landmark: Finder | None = None
    """What is on screen here and nowhere else; a screen that is given more may make it of that."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.actor.name}>"

    @property
    def name(self) -> str:
        """What reports call it; the class's name if not otherwise."""
        return type(self).__name__

    @property
    def app(self) -> FlutterApp:
        """The app that the actor uses."""
        return self.actor.app

    async def open(self) -> None:
        """Go there, from wherever one is; does nothing for a screen that the app begins with."""

    async def show(self) -> None:
        """Go there unless one is there, and wait until it is."""
        with self.actor.navigation():
            if not await self.is_shown():
                await self.open()
                if self.landmark is not None:
                    await self._wait(self.landmark, None)
        self.actor.current_screen = self

    async def arrive(self, *, timeout: float | None = None) -> None:
        """Wait until one is here, as what was done elsewhere leads here: `await bob.on(Call).arrive()`.

        Raises `NotFound`, with what is on screen instead, after `timeout` seconds.
        """
        if self.landmark is None:
            raise UsageError(f"nothing tells when {self.actor.name} is in {self.name}: give it a landmark")
        with self.actor.step(f"{self.actor.name} arrives in {self.name}"):
            await self._wait(self.landmark, timeout)
        self.actor.current_screen = self

    async def _wait(self, landmark: Finder, timeout: float | None) -> None:
        try:
            await self.app.find(landmark, timeout=timeout)
        except NotFound as error:
            others = [
                each.name for each in self.actor._screens.values() if each.landmark and await each.is_shown()
            ]
            instead = f", but is in {' and '.join(others)}" if others else ""
            message = f"{self.actor.name} is not in {self.name}{instead}: {error}"
            raise NotFound(message, nearest=error.nearest, screenshot=error.screenshot) from error

    async def is_shown(self) -> bool:
        """Whether the actor is there."""
        if self.landmark is None:
            return self.actor.current_screen is self
        node = self.landmark.first_match_in(await self.app.semantics())
        return node is not None and node.visible

    def surface(
        self, name: str, finder: Finder, *, key: str | None = None, shows: Picture | None = None
    ) -> Surface:
        """Return a place on this screen that is looked at; see `Surface`."""
        return Surface(self.actor, name, finder, screen=self, key=key, shows=shows)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Record what happens inside as one thing that the actor does here: `with self.step("sends it")`."""
        token = _current_step.set(_Step(self))
        try:
            with self.actor.step(f"{self.actor.name} {title}"):
                yield
        finally:
            _current_step.reset(token)

    async def expect_baseline(self, name: str = "", *, mask: Sequence[Finder] = ()) -> None:
        """Go there and hold the whole screen against its baseline, called like it if not otherwise.

        A difference fails the journey at its end.
        """
        await self.show()
        await self.actor.expect_screen(name or self.name, mask=mask)
