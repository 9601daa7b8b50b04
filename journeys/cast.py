"""The cast: who takes part in a journey, and on which target each of them is played."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from contextvars import ContextVar
from pathlib import Path
from typing import Self

from flutter_bridge import BridgeError, Finder, FlutterApp, Interval, NoAnswer, by, now
from journeys.backend import Backend, NoBackend, fresh_email
from journeys.errors import UsageError
from journeys.failures import first_cause, message_of
from journeys.identifiers import Identifiers
from journeys.pictures import Picture, Recogniser
from journeys.propagation import Propagation
from journeys.snapshots import Snapshots
from journeys.stage import Stage
from journeys.staleness import watch_for_stale
from journeys.surface import Person, Surface
from journeys.surfaces import Author, Feed, Header, ProfileScreen, PublicProfile
from journeys.timeline import (
    Acted,
    ActorJoined,
    AppReopened,
    HostUnreached,
    StepEnded,
    StepStarted,
    Timeline,
)

# The names that examples of this kind have had for long; those who come later are numbered.
_ONLOOKERS = ("bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan")
_AT_A_TIME = 4

EVIDENCE_S = 12.0
"""How long all apps of a journey that failed have to write down why."""

# Depth belongs to the task, not to the timeline: people act at the same time.
_depth: ContextVar[int] = ContextVar("journeys_step_depth", default=0)


class Actor:
    """Someone with the app open before them.

    `header`, `profile_screen` and `feed` are where they look and act; `profile_of(someone)` is another
    person's public profile. `person` is who they are to the backend.
    """

    def __init__(self, cast: Cast, name: str, app: FlutterApp, person: Person | None) -> None:
        self._cast = cast
        self._person = person
        self.name = name
        self.app = app
        self.identifiers: Identifiers = cast.identifiers
        self.recogniser: Recogniser = cast.recogniser
        self.feed = Feed(self)

    def __repr__(self) -> str:
        return f"<Actor {self.name} on {self.app.target}>"

    @property
    def person(self) -> Person:
        """Who they are to the backend; raises `UsageError` for a visitor, who is nobody to it."""
        if self._person is None:
            raise UsageError(f"{self.name} has no account: only a member has a header, a profile and posts")
        return self._person

    @property
    def header(self) -> Header:
        """Their own picture and name at the top of every screen."""
        return Header(self, self.person)

    @property
    def profile_screen(self) -> ProfileScreen:
        """Their own profile, where they change it."""
        return ProfileScreen(self, self.person)

    def profile_of(self, someone: Author) -> PublicProfile:
        """Return another person's public profile."""
        return PublicProfile(self, someone.person)

    async def sign_in(self) -> None:
        """Sign in with their e-mail address and password."""
        ids, person = self.identifiers, self.person
        with self.step(f"{self.name} signs in"):
            await self.app.tap(by.identifier(ids.header_sign_in))
            await self.app.enter_text(by.identifier(ids.sign_in_email), person.email)
            await self.app.enter_text(by.identifier(ids.sign_in_password), person.password)
            await self.app.tap(by.identifier(ids.sign_in_submit))
            await self.app.find(by.identifier(ids.header_avatar))

    async def open_sign_in(self) -> None:
        """Go to where one signs in."""
        with self.step(f"{self.name} opens the sign-in"):
            await self.app.tap(by.identifier(self.identifiers.header_sign_in))
            await self.app.find(by.identifier(self.identifiers.sign_in_submit))

    async def open_registration(self) -> None:
        """Go from the sign-in to where one creates an account."""
        with self.step(f"{self.name} opens the registration"):
            await self.app.tap(by.identifier(self.identifiers.sign_in_register))
            await self.app.find(by.identifier(self.identifiers.register_submit))

    async def create_account(self, display_name: str) -> None:
        """Create an account in the app, as a newcomer does, and be signed in with it."""
        ids = self.identifiers
        with self.step(f"{self.name} creates an account"):
            email, password = fresh_email(self.name), secrets.token_urlsafe(12)
            await self.app.tap(by.identifier(ids.header_sign_in))
            await self.app.tap(by.identifier(ids.sign_in_register))
            await self.app.enter_text(by.identifier(ids.register_name), display_name)
            await self.app.enter_text(by.identifier(ids.register_email), email)
            await self.app.enter_text(by.identifier(ids.register_password), password)
            await self.app.tap(by.identifier(ids.register_submit))
            await self.app.find(by.identifier(ids.header_avatar))
            self._person = await self._cast.backend.find_person(email, password)

    async def restart_app(self) -> None:
        """Start the app again: a reload on the web, a relaunch on a device."""
        with self.step(f"{self.name} restarts the app"):
            await self.app.restart()

    async def go_back(self) -> None:
        """Go back as people do on this platform."""
        with self.step(f"{self.name} goes back"):
            await self.app.back()

    async def expect_screen(
        self, name: str, *, mask: Sequence[Finder] = (), region: Finder | None = None
    ) -> None:
        """Hold what is on screen against its baseline, once it has settled; a difference fails the journey.

        The journey goes on all the same, and fails at its end, so that one run finds all differences. `mask`
        finds what is to be left out, besides people's pictures and what is new in each run; `region` picks
        one node's box instead of the whole screen.
        """
        with self.step(f"{self.name}'s screen is the baseline {name}"):
            await self._cast.expect_screen(self, name, mask=mask, region=region)

    def step(self, title: str) -> AbstractContextManager[None]:
        """Record what happens inside as a step."""
        return self._cast.step(title)

    async def arm_observers(self) -> None:
        """Get every observer of an open propagation ready, before the change is set off."""
        await self._cast.arm()

    def record_action(self, action: str, received: Interval) -> None:
        """Say when the app received an action."""
        self._cast.record_action(Acted(actor=self.name, action=action, received=received))


class Cast:
    """Everyone who takes part in one journey; opened and closed with it.

    `stages` say, for an actor's name, on which target they are played. `evidence` is the folder for frames.
    `screens` hold what is on screen against its baseline, where that is wanted.
    """

    def __init__(
        self,
        *,
        backend: Backend,
        stage_for: Callable[[str], Stage],
        timeline: Timeline,
        evidence: Path,
        recogniser: Recogniser | None = None,
        identifiers: Identifiers | None = None,
        screens: Snapshots | None = None,
    ) -> None:
        self.backend = backend
        self.timeline = timeline
        self.evidence = evidence
        self.recogniser = recogniser or Recogniser()
        self.identifiers = identifiers or Identifiers()
        self._stage_for = stage_for
        self._apps = AsyncExitStack()
        self._opened: list[tuple[str, FlutterApp]] = []
        self._unreached: set[tuple[str, str]] = set()
        self._open: Propagation | None = None
        self._screens = screens
        self._themes: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
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
                    group.create_task(keep(app, _file_name(actor, taken)))

    def step(self, title: str) -> AbstractContextManager[None]:
        """Record everything inside as one step of the journey."""
        return step(self.timeline, title)

    async def member(self, name: str, *, picture: Picture | None = None, posts: Sequence[str] = ()) -> Actor:
        """Bring in someone who has an account, signed in on their target.

        `picture` and `posts` are what they have from before; without a picture they have the default avatar.
        """
        with self.step(f"{name} joins"):
            async with asyncio.TaskGroup() as group:
                person = group.create_task(self._create_account(name, picture, posts))
                app = group.create_task(self._open_app(name))
            actor = Actor(self, name, app.result(), person.result())
            await actor.sign_in()
            return actor

    async def members(self, *names: str) -> list[Actor]:
        """Bring in several people with accounts at once."""
        async with asyncio.TaskGroup() as group:
            joining = [group.create_task(self.member(name)) for name in names]
        return [task.result() for task in joining]

    async def crowd(self, number: int) -> list[Actor]:
        """Bring in so many people with accounts who look on: bob, carol, dave ... and then onlooker-9.

        A few at a time: a machine that opens dozens of apps at once lets each of them wait too long.
        """
        if number < 1:
            raise UsageError(f"a crowd has at least 1 person, got {number}")
        names = [
            *_ONLOOKERS[:number],
            *(f"onlooker-{each}" for each in range(len(_ONLOOKERS) + 1, number + 1)),
        ]
        people: list[Actor] = []
        for first in range(0, number, _AT_A_TIME):
            people += await self.members(*names[first : first + _AT_A_TIME])
        return people

    async def another_device_of(self, actor: Actor) -> Actor:
        """Bring in a second app in which the same person is signed in."""
        name = f"{actor.name}'s other device"
        with self.step(f"{name} joins"):
            other = Actor(self, name, await self._open_app(name), actor.person)
            await other.sign_in()
            return other

    async def visitor(self, name: str) -> Actor:
        """Bring in someone without an account, or not signed in."""
        with self.step(f"{name} joins"):
            return Actor(self, name, await self._open_app(name), None)

    async def default_picture(self) -> Picture:
        """Return what every surface shows for people without a picture of their own."""
        return await self.backend.default_picture()

    @asynccontextmanager
    async def propagation(self, *, within: float = 1.0) -> AsyncIterator[Propagation]:
        """Watch a change on its way to every expected surface, and hold each against a budget in seconds.

        async with cast.propagation(within=1.0) as change:
            change.expect(picture, on=bob.feed.post_by(alice))
            await alice.profile_screen.upload(picture)
        """
        self._note_unreached()
        if self._open is not None:
            raise UsageError("a propagation is open already: close it before opening the next one")
        watching = Propagation(
            within=within,
            commits=None if isinstance(self.backend, NoBackend) else self.backend,
            timeline=self.timeline,
            recogniser=self.recogniser,
            evidence=self.evidence,
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
        if self._screens is None:
            raise UsageError(f"there is nothing to hold {name!r} against: this cast was given no screens")
        await self._screens.check(
            actor.app,
            name,
            actor=actor.name,
            theme=self._themes[actor.name],
            mask=(*self.identifiers.changing_places(), *mask),
            region=region,
        )

    async def arm(self) -> None:
        """Get every observer of the open propagation ready, if there is one."""
        if self._open is not None:
            await self._open.arm()

    def record_action(self, action: Acted) -> None:
        """Record an action, and hand its moment to the open propagation."""
        self.timeline.emit(action)
        if self._open is not None:
            self._open.record_action(action.received)

    async def _create_account(self, name: str, picture: Picture | None, posts: Sequence[str]) -> Person:
        person = await self.backend.create_person(name[:1].upper() + name[1:])
        if picture is not None:
            await self.backend.set_picture(person, picture)
        for text in posts:
            await self.backend.write_post(person, text)
        return person

    def _note_unreached(self) -> None:
        """Record what apps have asked for in vain since they were last looked at: a missing font, say."""
        for name, app in self._opened:
            for address in app.unreached_addresses:
                if (name, address) not in self._unreached:
                    self._unreached.add((name, address))
                    self.timeline.emit(HostUnreached(actor=name, target=app.target, address=address))

    async def _open_app(self, name: str) -> FlutterApp:
        stage = self._stage_for(name)
        try:
            app = await self._apps.enter_async_context(stage.open(name))
        except NoAnswer as error:
            # Browsers and devices hang at their start now and then. Nothing was done there yet, so that
            # another one hides nothing; once, and everyone is told.
            self.timeline.emit(AppReopened(actor=name, target=stage.target, why=str(error)))
            app = await self._apps.enter_async_context(stage.open(name))
        self._opened.append((name, app))
        self._note_unreached()
        self._themes[name] = stage.theme
        self.timeline.emit(ActorJoined(actor=name, target=app.target))
        return app


@contextmanager
def step(timeline: Timeline, title: str) -> Iterator[None]:
    """Record everything inside as one step, a step inside a step one level deeper."""
    depth = _depth.get()
    token = _depth.set(depth + 1)
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
        timeline.emit(StepEnded(title=title, depth=depth, duration_s=now() - started, error=error))


def _file_name(actor: str, taken: set[str]) -> str:
    """Return an actor's name as a file's, another one than those that are taken."""
    plain = name = re.sub(r"\W+", "-", actor).strip("-") or "someone"
    number = 1
    while name in taken:
        number += 1
        name = f"{plain}-{number}"
    taken.add(name)
    return name
